//! `dabiao explain`: the listed records count to the figure, the submissions' rows add up, the printed command gives it again.

use crate::support::{Project, TODAY, array, dabiao, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Indicators of every kind, written here so that the test does not depend on what else is shipped.
const INDICATORS: [(&str, &str, &str); 5] = [
    (
        "trained_persons",
        "kind = \"distinct\"",
        "SELECT end_date AS date, division, department, training_type, level, sex, person FROM training WHERE counted",
    ),
    (
        "online_share",
        "kind = \"ratio\"",
        "SELECT end_date AS date, division, department, CASE WHEN delivery = 'TM03' THEN 1 ELSE 0 END AS numerator, 1 AS denominator FROM training WHERE counted",
    ),
    (
        // A window in a subquery: the records are named through it.
        "new_skilled_persons",
        "kind = \"flow\"",
        "SELECT issued_on AS date, division, department, level, 1 AS value FROM (SELECT issued_on, division, department, level, \
         ROW_NUMBER() OVER (PARTITION BY person ORDER BY issued_on NULLS LAST, department NULLS LAST, record_no NULLS LAST) AS place \
         FROM certificates WHERE certificate_type IN ('CT01', 'CT02')) AS ranked WHERE place = 1",
    ),
    (
        "skilled_ratio_register",
        "kind = \"ratio\"\nparts = \"events\"\ndenominator_of = \"skilled_ratio\"",
        "SELECT date, division, sector, skilled AS numerator FROM register",
    ),
    (
        "suspicions",
        "kind = \"flow\"",
        "SELECT date, division, department, 1 AS value FROM findings WHERE effect = 'flag'",
    ),
];

struct Generated {
    project: Project,
    folder: PathBuf,
    /// The snapshot before the last loads.
    first: String,
}

/// A generated programme in two loads.
fn generated() -> &'static Generated {
    static SHARED: OnceLock<Generated> = OnceLock::new();
    SHARED.get_or_init(|| {
        let project = Project::new();
        for (id, kind, sql) in INDICATORS {
            let head = format!(
                "/*\nid = \"{id}\"\ntitle = {{ zh = \"{id}\", en = \"{id}\" }}\nunit = {{ zh = \"个\", en = \"units\" }}\n{kind}\n\
                 clause = \"一\"\nnote = {{ zh = \"{id}\", en = \"{id}\" }}\n*/\n{sql}\n"
            );
            let folder = project.root().join("queries/indicators");
            fs::write(folder.join(format!("{id}.sql")), head).expect("the project can be written");
            // Worked examples of the shipped definition are none of this one.
            let _ = fs::remove_file(folder.join(format!("{id}.examples.toml")));
        }
        let folder = project.beside("generated");
        let made = dabiao([
            "generate", "--rows", "5000", "--seed", "11", "--messy", "0", "--shape", "quarters", "--out",
            folder.to_str().expect("a path"),
        ]);
        assert_eq!(made.code, 0, "{}", made.err);
        let mut quarters: Vec<PathBuf> = fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_dir())
            .collect();
        quarters.sort();
        let (early, late) = quarters.split_at(8);
        let report = project.ingest_paths("2020-12-31", early, 0);
        let first = text(&report["snapshot"]).to_owned();
        project.ingest_paths(TODAY, late, 0);
        Generated {
            project,
            folder,
            first,
        }
    })
}

/// The total of a query as text: numbers as they are printed.
fn total(table: &Value, part: &str) -> String {
    table["totals"][part].to_string()
}

fn sum(rows: &[Value], part: &str) -> i64 {
    rows.iter()
        .map(|row| row[part].as_i64().expect("a whole number"))
        .sum()
}

/// Explains a figure and holds everything in the answer against everything else.
fn explained(args: &[&str]) -> Value {
    let Generated { project, .. } = generated();
    let all = [
        &["explain"],
        args,
        &["--format", "json", "--records", "all"],
    ]
    .concat();
    let told = project.run(&all).json(0);
    let asked = project
        .run(&[&["query"], args, &["--format", "json"]].concat())
        .json(0);
    for part in ["value", "target", "verdict", "mark"] {
        assert_eq!(
            told[part].to_string(),
            total(&asked, part),
            "{part} of {args:?}"
        );
    }
    for part in ["snapshot", "as_of", "period", "scope"] {
        assert_eq!(told[part], asked[part], "{part} of {args:?}");
    }
    assert_eq!(told["definition"]["digest"], asked["definition"]);

    // The printed command gives the same figure.
    let command: Vec<&str> = text(&told["command"]).split(' ').collect();
    assert_eq!(command[..2], ["dabiao", "query"]);
    let again = project
        .run(&[&command[1..], &["--format", "json"]].concat())
        .json(0);
    assert_eq!(again["totals"], asked["totals"], "{command:?}");
    assert!(told["sql"].as_str().expect("a query").starts_with("SELECT"));
    let Some(rows) = told["records"]["rows"].as_array() else {
        return told;
    };

    // The records count to the figure.
    assert_eq!(told["records"]["agrees"], true, "{args:?}");
    assert_eq!(told["records"]["total"], rows.len());
    match text(&told["kind"]) {
        "distinct" => {
            let persons: BTreeSet<&str> = rows.iter().map(|row| text(&row["person"])).collect();
            assert_eq!(told["value"], persons.len());
        }
        "ratio" => {
            for part in ["numerator", "denominator"] {
                assert_eq!(told[part], sum(rows, part), "{part} of {args:?}");
            }
        }
        _ => assert_eq!(told["value"], sum(rows, "value"), "{args:?}"),
    }
    let records: BTreeSet<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["department"], row["record_no"]))
        .collect();
    assert_eq!(records.len(), rows.len(), "no record stands twice");

    // The submissions' rows add up.
    let submissions = array(&told["submissions"]);
    assert_eq!(
        sum(submissions, "facts"),
        i64::try_from(rows.len()).unwrap()
    );
    let mut by_file: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        *by_file.entry(row["file"].to_string()).or_default() += 1;
    }
    let mut listed: BTreeMap<String, i64> = BTreeMap::new();
    for submission in submissions {
        *listed.entry(submission["file"].to_string()).or_default() +=
            submission["facts"].as_i64().unwrap();
    }
    assert_eq!(listed, by_file, "{args:?}");

    // Without `all` the list is short and the rest is the same.
    let mut short = project
        .run(&[&["explain"], args, &["--format", "json"]].concat())
        .json(0);
    let shown = array(&short["records"]["rows"]).len();
    assert_eq!(shown, rows.len().min(50));
    short["records"] = told["records"].clone();
    assert_eq!(short, told);
    told
}

/// The count of a step of the ledger.
fn step(told: &Value, name: &str) -> i64 {
    let steps = array(&told["ledger"]).iter();
    let mut steps = steps.filter(|step| step["step"] == name);
    steps.next().expect("the step")["count"]
        .as_i64()
        .expect("a count")
}

#[test]
fn the_records_of_a_flow_count_to_it_from_the_city_to_a_class() {
    let Generated { project, first, .. } = generated();
    let month = project.query(
        "trained_person_times",
        &[
            "--by",
            "division,occupation,level,month",
            "--period",
            "2020",
        ],
    );
    // One course of one place in one month: a class, or two of a kind.
    let class = array(&month["rows"])
        .iter()
        .filter(|row| row["occupation"] != "unknown" && row["value"] != 0)
        .min_by_key(|row| row["value"].as_i64())
        .expect("a class");
    let class: Vec<String> = ["division", "occupation", "level", "month"]
        .map(|name| format!("{name}={}", text(&class[name])))
        .to_vec();
    let mut of_class = vec!["trained_person_times", "--period", "2020"];
    of_class.extend(class.iter().flat_map(|filter| ["--where", filter]));
    let figures: [&[&str]; 7] = [
        &["trained_person_times"],
        &[
            "trained_person_times",
            "--period",
            "2020",
            "--where",
            "division=220102",
        ],
        &[
            "trained_person_times",
            "--period",
            "2020Q3",
            "--where",
            "division=220102,220103",
            "--where",
            "training_type=TT01",
        ],
        &["trained_person_times", "--where", "month=2020-09,2019-10"],
        &["trained_person_times", "--as-of", first],
        &[
            "trained_person_times",
            "--scope",
            "CC2020",
            "--view",
            "as_is",
            "--period",
            "ytd:2021-03",
        ],
        &of_class,
    ];
    for args in figures {
        let told = explained(args);
        assert!(told["value"].as_i64().expect("a count") > 0, "{args:?}");
        // The ledger of the same selection ends with the figure, and subtracts to it.
        assert_eq!(told["value"], step(&told, "counted"), "{args:?}");
        let excluded: i64 = ["type", "funding", "period", "R007"]
            .map(|name| step(&told, name))
            .iter()
            .sum();
        assert_eq!(step(&told, "completed") - excluded, step(&told, "counted"));
        assert_eq!(
            step(&told, "accepted") - step(&told, "not_completed"),
            step(&told, "completed")
        );
    }
    // Another snapshot, other records.
    assert!(
        explained(figures[4])["records"]["total"].as_i64()
            < explained(figures[0])["records"]["total"].as_i64()
    );
}

#[test]
fn the_records_of_persons_ratios_and_stocks_count_to_them() {
    let Generated { first, .. } = generated();
    for args in [
        &["trained_persons"][..],
        &[
            "trained_persons",
            "--period",
            "2020",
            "--where",
            "level=L5",
            "--by",
            "sex",
        ],
        &["online_share", "--period", "2020"],
        &[
            "online_share",
            "--where",
            "department=DP01",
            "--where",
            "quarter=2020Q4",
        ],
        &["skilled_ratio", "--period", "2020"],
        &[
            "skilled_ratio",
            "--period",
            "2020",
            "--where",
            "division=220102",
        ],
        &[
            "highly_skilled_ratio",
            "--scope",
            "CC2020",
            "--as-of",
            first,
        ],
        &["new_skilled_persons", "--period", "2020"],
        &["suspicions", "--where", "division=220102"],
    ] {
        let told = explained(args);
        assert!(
            told["records"]["total"].as_i64().expect("a count") > 0,
            "{args:?}"
        );
    }
    let told = explained(&["trained_persons"]);
    let persons = array(&told["records"]["rows"]).len();
    assert!(
        told["value"].as_u64().unwrap() < persons as u64,
        "some came more than once"
    );
}

#[test]
fn every_record_lies_where_it_is_said_to() {
    let Generated { folder, .. } = generated();
    let told = explained(&["trained_person_times", "--period", "2020"]);
    let mut seen = 0;
    for row in array(&told["records"]["rows"]) {
        let file = text(&row["file"]);
        if !file.ends_with(".csv") {
            continue;
        }
        let quarters = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let path = quarters
            .map(|quarter| quarter.join(file))
            .find(|path| path.exists())
            .expect("the file");
        let bytes = fs::read(path).unwrap();
        let line = bytes
            .split(|byte| *byte == b'\n')
            .nth(row["row"].as_u64().unwrap() as usize - 1);
        let line = String::from_utf8_lossy(line.expect("the row"));
        assert!(line.contains(text(&row["record_no"])), "{row}: {line}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn what_cannot_be_listed_is_said_plainly() {
    let told = explained(&["skilled_ratio_register", "--period", "2020"]);
    assert!(told["records"]["unavailable"]["zh"].is_string());
    assert_eq!(told["definition"]["denominator_of"], "skilled_ratio");
    assert_eq!(told["ledger"], Value::Null);
    let Generated { project, .. } = generated();
    let plain = project.run(&["explain", "skilled_ratio_register", "--period", "2020"]);
    assert_eq!(plain.code, 0);
    assert!(plain.out.contains("不能逐条列出"), "{}", plain.out);
    for (args, found, valid) in [
        (
            vec!["trained_person"],
            "trained_person",
            "trained_person_times",
        ),
        (
            vec!["trained_person_times", "--where", "division=999999"],
            "999999",
            "220102",
        ),
        (
            vec!["trained_person_times", "--as-of", "2001-01-01"],
            "2001-01-01",
            "S000001",
        ),
    ] {
        let refused = project.run(&[&["explain"], &args[..]].concat());
        assert_eq!(refused.code, 1);
        assert_eq!(refused.err.lines().count(), 1, "{}", refused.err);
        assert!(
            refused.err.contains(found) && refused.err.contains(valid),
            "{}",
            refused.err
        );
    }
}

#[test]
fn nobody_is_recognisable_in_an_explanation() {
    let Generated { project, .. } = generated();
    let told = project.run(&[
        "explain",
        "trained_persons",
        "--records",
        "all",
        "--format",
        "json",
    ]);
    let plain = project.run(&["explain", "trained_persons", "--records", "all"]);
    for output in [&told.out, &plain.out] {
        // Digests have 64 digits; a person's key in the lake has 32, an identity number 18.
        let runs = output.split(|c: char| !c.is_ascii_hexdigit()).map(str::len);
        let odd: Vec<usize> = runs.filter(|length| (15..64).contains(length)).collect();
        assert!(odd.is_empty(), "{odd:?}");
        assert!(!output.contains("王"), "no names");
    }
    let told: Value = serde_json::from_str(&told.out).unwrap();
    for row in array(&told["records"]["rows"]) {
        let label = text(&row["person"]);
        assert!(
            label
                .strip_prefix('P')
                .is_some_and(|number| number.parse::<u32>().is_ok())
        );
    }
    assert!(plain.out.contains("与数值一致"));
}
