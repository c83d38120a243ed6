//! The generator: deterministic, marked, valid, and with the marginals it promises.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use dabiao::synthetic::{Plan, Reference, Shape, Summary, generate, id_check, uscc_check};
use sha2::{Digest, Sha256};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn plan(rows: u64, shape: Shape) -> Plan {
    Plan {
        rows,
        seed: 37,
        messy: 0.0,
        from: day("2019-01-01"),
        to: day("2021-06-30"),
        shape,
        programme_start: day("2019-01-01"),
        programme_end: day("2021-12-31"),
    }
}

fn reference() -> Reference {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
    let mut reference = Reference::default();
    for stem in Reference::NEEDED {
        let file = format!("{stem}.csv");
        let known = [
            samples.join("reference").join(&file),
            samples.join("synthetic").join(&file),
        ];
        let path = known
            .iter()
            .find(|path| path.exists())
            .expect("every needed table is in data-samples");
        reference.insert(
            stem,
            fs::read_to_string(path).expect("the table is readable"),
        );
    }
    reference
}

fn run(plan: &Plan) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().expect("a folder");
    let summary =
        generate(plan, &reference(), folder.path(), &mut |_| {}).expect("the plan is sound");
    (folder, summary)
}

/// SHA-256 over the names and contents of all files.
fn digest(folder: &Path, summary: &Summary) -> String {
    let mut hash = Sha256::new();
    for file in &summary.files {
        hash.update(file.as_bytes());
        hash.update(fs::read(folder.join(file)).expect("a written file"));
    }
    hex::encode(hash.finalize())
}

/// The rows of a clean single file, by header.
fn single(plan: &Plan) -> (Vec<HashMap<String, String>>, Summary) {
    let (folder, summary) = run(plan);
    let path: PathBuf = folder.path().join(&summary.files[0]);
    let mut reader = csv::Reader::from_path(path).expect("a CSV");
    (
        reader
            .deserialize()
            .map(|row| row.expect("a row"))
            .collect(),
        summary,
    )
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_does_not() {
    let messy = Plan {
        messy: 0.2,
        ..plan(3_000, Shape::Quarters)
    };
    let (one, first) = run(&messy);
    let (two, second) = run(&messy);
    assert_eq!(first, second);
    assert_eq!(digest(one.path(), &first), digest(two.path(), &second));
    let (other, third) = run(&Plan { seed: 38, ..messy });
    assert_ne!(digest(one.path(), &first), digest(other.path(), &third));
}

#[test]
fn every_shape_holds_the_rows_asked_for() {
    for shape in [Shape::Returns, Shape::Quarters, Shape::SingleFile] {
        for rows in [1, 50, 4_000] {
            let (_folder, summary) = run(&plan(rows, shape));
            assert_eq!(summary.rows["training"], rows, "{shape:?}");
            assert_eq!(summary.truth.received(), rows, "{shape:?}");
        }
    }
}

#[test]
fn everything_is_marked_synthetic() {
    let (_folder, summary) = run(&plan(2_000, Shape::Returns));
    assert!(
        summary
            .files
            .iter()
            .all(|file| file.contains("__SYNTHETIC."))
    );
    let (rows, _) = single(&plan(2_000, Shape::SingleFile));
    assert!(
        rows.iter()
            .all(|row| row["记录编号"].starts_with("SYN-")
                && row["培训机构编码"].starts_with("SYN-I"))
    );
}

#[test]
fn people_have_valid_numbers_that_nobody_can_own() {
    let (rows, _) = single(&plan(40_000, Shape::SingleFile));
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut women = 0;
    for row in &rows {
        let id = row["证件号码"].as_str();
        assert_eq!(id_check(&id.as_bytes()[..17]), id.as_bytes()[17], "{id}");
        let female = &id[14..17] == "000";
        assert!(
            female || (&id[14..17] == "001" && id.starts_with("2299")),
            "{id}"
        );
        women += u32::from(female);
        let name = names.entry(id).or_insert(&row["姓名"]);
        assert_eq!(*name, row["姓名"], "one number, one name");
        let age = row["开班日期"][..4].parse::<i32>().expect("a year")
            - id[6..10].parse::<i32>().expect("a year");
        assert!((16..=71).contains(&age), "{id} is {age}");
        let employer = row["用人单位统一社会信用代码"].as_bytes();
        assert!(employer.is_empty() || uscc_check(&employer[..17]) == employer[17]);
    }
    let share = f64::from(women) / rows.len() as f64;
    assert!((0.38..0.52).contains(&share), "women {share}");
    let each = rows.len() as f64 / names.len() as f64;
    assert!(
        (1.12..1.33).contains(&each),
        "{each} person-times per person"
    );
}

#[test]
fn the_programme_looks_like_the_one_it_stands_for() {
    let (_folder, summary) = run(&plan(20_000, Shape::Quarters));
    // Twenty thousand rows stand for 200,000: the targets shrink by ten.
    let counted = summary
        .truth
        .counted
        .expect("a clean run knows what counts");
    assert!((15_200..16_800).contains(&counted.counted), "{counted:?}");
    let progress = counted.by_year[&2019] as f64 / 6_100.0;
    assert!((1.0..1.15).contains(&progress), "2019 reached {progress}");
    let share = |code: &str, target: f64| counted.by_division[code] as f64 / target;
    // Targets up to mid-2021 of Shuangyang and the automotive zone, divided by ten.
    assert!(
        share("220112", 547.5) < 0.87,
        "Shuangyang is behind: {}",
        share("220112", 547.5)
    );
    assert!(
        share("220174", 1_174.0) > 1.08,
        "the automotive zone is ahead: {}",
        share("220174", 1_174.0)
    );
    let completed = 1.0 - counted.not_completed as f64 / counted.accepted as f64;
    assert!((0.90..0.95).contains(&completed), "completed {completed}");
    assert!(
        counted.r007 > 100 && counted.by_type > 200 && counted.by_funding > 300,
        "{counted:?}"
    );
    let late = summary.truth.correction as f64 / 20_000.0;
    assert!((0.02..0.09).contains(&late), "corrections {late}");
    assert!(
        (50..140).contains(&summary.truth.apprentices),
        "{} apprentices",
        summary.truth.apprentices
    );
}

#[test]
fn nothing_is_known_before_it_happens() {
    let (folder, summary) = run(&plan(6_000, Shape::Quarters));
    for file in summary
        .files
        .iter()
        .filter(|file| file.ends_with(".csv") && file.contains("/training__DP01"))
    {
        let bytes = fs::read(folder.path().join(file)).expect("a written file");
        let text = encoding_rs::UTF_8.decode_without_bom_handling_and_without_replacement(&bytes);
        let Some(text) = text else { continue };
        let delimiter = if text.contains(',') { b',' } else { b'\t' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let year: i32 = file[..4].parse().expect("a year");
        let quarter: u32 = file[5..6].parse().expect("a quarter");
        let next = NaiveDate::from_ymd_opt(year + (quarter / 4) as i32, quarter % 4 * 3 + 1, 1)
            .expect("a date");
        for row in reader.deserialize::<HashMap<String, String>>() {
            let row = row.expect("a row");
            for column in ["结业日期", "发证日期", "审核通过日期", "拨付日期"] {
                assert!(
                    row[column].is_empty() || day(&row[column]) < next,
                    "{file}: {column} {}",
                    row[column]
                );
            }
        }
    }
}

#[test]
fn damage_adds_up() {
    let (_folder, summary) = run(&Plan {
        messy: 0.3,
        ..plan(10_000, Shape::Returns)
    });
    let truth = &summary.truth;
    let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    assert_eq!(sum(&truth.rejected_by), truth.rejected);
    assert_eq!(truth.received(), 10_000);
    let damaged = sum(&truth.repaired) + sum(&truth.flagged) + truth.rejected;
    assert!((2_800..3_250).contains(&damaged), "{damaged} damaged rows");
    for rule in [
        "R001",
        "R002",
        "R006",
        "V-CODE",
        "V-CROSS",
        "V-DATE",
        "V-KEY",
        "V-RANGE",
        "V-REQUIRED",
        "V-TYPE",
        "V-USCC",
    ] {
        assert!(truth.rejected_by.contains_key(rule), "{rule} is missing");
    }
    assert_eq!(truth.counted, None);
}

#[test]
fn stocks_follow_the_series_and_every_row_descends() {
    let (folder, summary) = run(&plan(500, Shape::Returns));
    for (period, skilled, highly) in [
        ("2018Q4", 0.209, 0.272),
        ("2019Q4", 0.223, 0.281),
        ("2020Q4", 0.239, 0.291),
    ] {
        let file = summary
            .files
            .iter()
            .find(|file| file.contains(&format!("workforce__DP01__ALL__{period}")));
        let text = fs::read_to_string(folder.path().join(file.expect("a file per quarter")))
            .expect("a written file");
        let mut sums = [0f64; 3];
        let mut keys = HashSet::new();
        for row in
            csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes()).records()
        {
            let row = row.expect("a row");
            let values: Vec<f64> = (3..6)
                .map(|at| row[at].parse().expect("a number"))
                .collect();
            assert!(values[0] >= values[1] && values[1] >= values[2], "{row:?}");
            assert!(
                keys.insert((row[1].to_owned(), row[2].to_owned())),
                "{row:?} twice"
            );
            if &row[1] != "公主岭市" {
                sums.iter_mut()
                    .zip(values)
                    .for_each(|(sum, value)| *sum += value);
            }
        }
        assert!(
            (sums[1] / sums[0] - skilled).abs() < 0.0005,
            "{period}: {}",
            sums[1] / sums[0]
        );
        assert!(
            (sums[2] / sums[1] - highly).abs() < 0.0005,
            "{period}: {}",
            sums[2] / sums[1]
        );
    }
}

#[test]
fn a_senseless_plan_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |plan: &Plan| generate(plan, &reference(), folder.path(), &mut |_| {}).is_err();
    assert!(refused(&plan(0, Shape::Returns)));
    assert!(refused(&Plan {
        messy: 1.5,
        ..plan(10, Shape::Returns)
    }));
    assert!(refused(&Plan {
        from: day("2022-01-01"),
        ..plan(10, Shape::Returns)
    }));
    assert!(refused(&Plan {
        to: day("2023-01-31"),
        ..plan(10, Shape::Returns)
    }));
    assert!(
        generate(
            &plan(10, Shape::Returns),
            &Reference::default(),
            folder.path(),
            &mut |_| {}
        )
        .is_err()
    );
}

#[test]
fn the_readme_names_every_file_of_the_inbox() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
    let readme = fs::read_to_string(samples.join("README.md")).expect("the README");
    let table = readme.split("## Row by row").next().expect("a first part");
    let named: HashSet<String> = table
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `")?
                .split('`')
                .next()
                .map(str::to_owned)
        })
        .collect();
    let present: HashSet<String> = fs::read_dir(samples.join("inbox"))
        .expect("the inbox")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            // One name holds an invented ID number, which the README hides as every message does.
            dabiao::intake::shown::shown_name(&name.to_string_lossy())
        })
        .collect();
    assert_eq!(named, present);
}
