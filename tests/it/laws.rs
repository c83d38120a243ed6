//! Laws of intake: whatever way the same rows arrive, the figures are the same.

use crate::support::{Project, Row, TODAY, array, assert_identity, csv, dispositions, text, tree};
use proptest::prelude::*;
use serde_json::Value;

/// Figures that together see every record: the total and its breakdowns.
fn figures(project: &Project) -> Vec<Value> {
    ["division", "month", "department", "level,training_type"]
        .into_iter()
        .map(|by| {
            let mut table = project.query("trained_person_times", &["--by", by]);
            // What names the snapshot differs; the figures must not.
            for name in ["snapshot", "as_of"] {
                table.as_object_mut().expect("an object").remove(name);
            }
            table
        })
        .chain([{
            let ledger = project.run(&["ledger", "--format", "json"]).json(0);
            let accepted = array(&ledger["rows"])
                .iter()
                .filter(|row| row["step"] == "accepted" || row["step"] == "R007");
            accepted.cloned().collect()
        }])
        .collect()
}

/// Records of few persons and classes, so that R007 has work, in several divisions, months and statuses.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0..12u32,
        0..3usize,
        1..7u32,
        0..3usize,
        0..4usize,
        prop::bool::ANY,
    );
    prop::collection::vec(row, 3..40).prop_map(|drawn| {
        let draw = |(at, (person, division, month, level, kind, completed)): (
            usize,
            (u32, usize, u32, usize, usize, bool),
        )| {
            let mut row = Row::new(person);
            row.record_no = format!("R{at:05}");
            row.division = ["南关区", "220103", "公主岭市"][division].to_owned();
            row.start = format!("2020-{:02}-03", month + 6 - 3);
            row.end = format!("2020-{:02}-{:02}", month + 6, 1 + at % 28);
            row.level = ["初级工", "L4", "无等级"][level];
            row.training_type = ["就业技能培训", "TT04", "以工代训", "TT02"][kind];
            row.status = if completed { "结业" } else { "退班" };
            row
        };
        drawn.into_iter().enumerate().map(draw).collect()
    })
}

fn file(part: usize) -> String {
    format!("training__DP01__220102__2020__{part:03}.csv")
}

proptest! {
    // Each case loads real files with the real binary several times.
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splitting_merging_order_and_repetition_change_nothing(rows in rows(), cuts in 1..6usize, turn in 0..40usize) {
        let whole = Project::new();
        whole.put(&file(0), csv(&rows));
        let report = whole.ingest(0);
        assert_identity(&report);
        let wanted = figures(&whole);

        // Other order of rows, more files, in one load.
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let split = Project::new();
        for (part, some) in turned.chunks(rows.len().div_ceil(cuts)).enumerate() {
            split.put(&file(part), csv(some));
        }
        let report = split.ingest(0);
        assert_identity(&report);
        prop_assert_eq!(dispositions(&report["totals"])[1], rows.len() as u64);
        prop_assert_eq!(&figures(&split), &wanted);

        // Several loads, and every file once more under another name with a line of its own.
        let slow = Project::new();
        for (part, some) in turned.chunks(rows.len().div_ceil(cuts)).enumerate() {
            slow.put(&file(part), csv(some));
            slow.ingest(0);
        }
        slow.put(&file(900), csv(rows.iter().rev()));
        let again = slow.ingest(0);
        assert_identity(&again);
        // A file of one part has the very bytes of the first where nothing was turned.
        let [received, new, correction, ..] = dispositions(&again["totals"]);
        prop_assert!(received == 0 || received == rows.len() as u64);
        prop_assert_eq!((new, correction), (0, 0));
        prop_assert_eq!(&figures(&slow), &wanted);
    }
}

/// Findings in an order of their own.
fn findings(project: &Project) -> Vec<String> {
    let listed = project.run(&["findings", "--format", "json"]).json(0);
    let mut rows: Vec<String> = array(&listed["rows"])
        .iter()
        .map(Value::to_string)
        .collect();
    rows.sort();
    rows
}

#[test]
fn counting_the_persons_a_load_touches_is_counting_all() {
    // 400 records of 80 persons: up to five each, of two occupations, so that R007 and R008 have work everywhere.
    let record = |number: u32| {
        let mut row = Row::new(number % 80);
        row.record_no = format!("R{number:05}");
        row.occupation = ["6-18-02-04", "6-31-01-03", ""][(number / 80 % 3) as usize];
        row.start = format!("2020-{:02}-02", 1 + number % 5);
        row.end = format!("2020-{:02}-{:02}", 6 + number / 80, 1 + number % 28);
        row
    };
    let mut rows: Vec<Row> = (0..400).map(record).collect();
    let project = Project::new();
    project.put(&file(0), csv(&rows));
    project.ingest(0);
    for night in 1..5_u32 {
        let mut sent = Vec::new();
        // A correction that moves a record before another, one that gives it to another person, one taken back, a new one of a
        // person known and one of a new person; fewer than one in eight, so that only these persons are counted.
        for (at, step) in (0_u32..).zip([7, 31, 61]) {
            let row = &mut rows[(night * step + at) as usize];
            match at {
                0 => row.end = format!("2020-05-{:02}", 9 + night),
                1 => row.id_number = Row::new(40 + night).id_number,
                _ => row.status = "退班",
            }
            row.action = "更正";
            sent.push(row.clone());
        }
        let mut gone = rows.remove((night * 17) as usize);
        gone.action = "撤销";
        sent.push(gone);
        for person in [night, 900 + night] {
            let mut row = record(person % 400);
            row.id_number = Row::new(person).id_number;
            row.record_no = format!("N{person:05}");
            rows.push(row.clone());
            sent.push(row);
        }
        project.put(&file(night as usize), csv(&sent));
        let report = project.ingest(0);
        assert_identity(&report);
        assert_eq!(
            dispositions(&report["totals"]),
            [6, 2, 3, 1, 0, 0],
            "night {night}"
        );

        let mut whole: Vec<Row> = rows.clone();
        whole.iter_mut().for_each(|row| row.action = "");
        let fresh = Project::new();
        fresh.put(&file(0), csv(&whole));
        fresh.ingest(0);
        assert_eq!(figures(&project), figures(&fresh), "night {night}");
        assert_eq!(findings(&project), findings(&fresh), "night {night}");
        assert!(findings(&fresh).len() > 20, "the rules had work");
    }
}

#[test]
fn a_file_that_only_looks_like_the_one_before_is_read() {
    let project = Project::new();
    let rows: Vec<Row> = (0..3).map(Row::new).collect();
    project.put(&file(0), csv(&rows));
    let path = project.inbox().join(file(0));
    let written = std::fs::metadata(&path).and_then(|file| file.modified());
    // Its digest is noted only when it was left alone for two seconds.
    std::thread::sleep(std::time::Duration::from_millis(2_300));
    project.ingest(0);
    for _ in 0..2 {
        let again = project.ingest(0);
        assert_eq!(array(&again["files"])[0]["status"], "duplicate");
        assert_eq!(text(&array(&again["files"])[0]["sha256"]).len(), 64);
    }
    // As many bytes and the same time of writing, but another record.
    let mut other = rows.clone();
    other[2].record_no = "R00009".to_owned();
    project.put(&file(0), csv(&other));
    let opened = std::fs::File::options().write(true).open(&path);
    let opened = opened.expect("the file");
    opened
        .set_modified(written.expect("a time"))
        .expect("its time is set back");
    let report = project.ingest(0);
    assert_eq!(dispositions(&report["totals"]), [3, 1, 0, 0, 2, 0]);
}

#[test]
fn a_dry_run_says_what_a_run_does_and_writes_nothing() {
    let project = Project::new();
    project.copy_samples();
    let lake = project.root().join("lake");
    // The first run makes the key and the empty lake.
    project.run(&["snapshots"]);
    let before = tree(&lake);
    let dry = project
        .run(&["ingest", "--dry-run", "--format", "json"])
        .json(3);
    let names = |tree: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
        let data = tree.keys().filter(|name| {
            name.contains(".parquet") || name.contains("archive/") || name.contains("_delta_log")
        });
        data.cloned().collect()
    };
    assert_eq!(names(&tree(&lake)), names(&before), "no data file is left");
    assert!(
        array(&project.run(&["snapshots", "--format", "json"]).json(0)["snapshots"]).is_empty()
    );
    assert!(
        !project.inbox().join("returned").exists(),
        "no receipts either"
    );
    let trained = &array(&dry["effect"])[0];
    assert_eq!(
        (text(&trained["indicator"]), text(&trained["after"])),
        ("trained_person_times", "193")
    );
    let real = project.ingest(3);
    assert_eq!(dry["files"], real["files"]);
    assert_eq!(dry["totals"], real["totals"]);
}

#[test]
fn the_same_bytes_again_are_nothing() {
    let project = Project::new();
    let rows: Vec<Row> = (0..5).map(Row::new).collect();
    project.put(&file(0), csv(&rows));
    project.ingest(0);
    let first = project.run(&["snapshots", "--format", "json"]).out;
    project.put("training__DP01__220103__2021-01__copy.csv", csv(&rows));
    let report = project.ingest(0);
    assert_eq!(
        (&report["load"], &report["snapshot"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        array(&report["files"])
            .iter()
            .all(|file| file["status"] == "duplicate" && file["received"] == 0)
    );
    assert_eq!(project.run(&["snapshots", "--format", "json"]).out, first);
    // Another department may send the same bytes: its records are its own (Q03).
    project.put("training__DP07__220102__2020.csv", csv(&rows));
    let report = project.ingest(0);
    assert_eq!(dispositions(&report["totals"])[1], 5);
}

#[test]
fn an_old_figure_stays_when_data_and_definitions_change() {
    let project = Project::new();
    let rows: Vec<Row> = (0..6).map(Row::new).collect();
    project.put(&file(0), csv(&rows[..4]));
    let load = |today: &str| {
        project
            .run_on(today, &["ingest", "--format", "json"])
            .json(0)
    };
    let first = text(&load("2020-12-31")["snapshot"]).to_owned();
    let old = project
        .run_on(
            TODAY,
            &[
                "query",
                "trained_person_times",
                "--by",
                "division",
                "--as-of",
                &first,
                "--format",
                "json",
            ],
        )
        .out;
    // A new definition, which counts no one, and two more records.
    let path = project
        .root()
        .join("queries/indicators/trained_person_times.sql");
    let query = std::fs::read_to_string(&path).expect("the query");
    std::fs::write(
        &path,
        query.replace("WHERE counted", "WHERE counted AND level = 'L1'"),
    )
    .expect("it can be written");
    project.put(&file(1), csv(&rows[4..]));
    load(TODAY);
    assert_eq!(project.total("trained_person_times", &[]), 0);
    for as_of in [first.as_str(), "2020-12-31", "2021-01-15T12:00:00+08:00"] {
        let again = project
            .run(&[
                "query",
                "trained_person_times",
                "--by",
                "division",
                "--as-of",
                as_of,
                "--format",
                "json",
            ])
            .out;
        assert_eq!(again, old, "{as_of}");
    }
    assert_eq!(
        project.total("trained_person_times", &["--as-of", &first]),
        4
    );
}
