//! The lake: what is committed stays, what is not leaves nothing, and every snapshot stays what it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use dabiao::lake::{CommitFacts, Lake, Options, Snapshot, Submission, SubmissionStatus};
use polars::prelude::*;

#[path = "lake_backup.rs"]
mod backup;
#[path = "lake_block.rs"]
mod block;
#[path = "lake_crash.rs"]
mod crash;
#[path = "lake_readers.rs"]
mod readers;
#[path = "lake_travel.rs"]
mod travel;
#[path = "lake_vault.rs"]
mod vault;

/// The instant of the `n`th load: one a day.
pub(crate) fn instant(n: i64) -> DateTime<FixedOffset> {
    let first = DateTime::parse_from_rfc3339("2020-01-01T02:00:00+08:00").expect("an instant");
    first + chrono::TimeDelta::days(n)
}

pub(crate) fn facts(n: i64) -> CommitFacts {
    CommitFacts {
        published_at: instant(n),
        day: instant(n).date_naive(),
        definitions_digest: "d0".into(),
        definitions: b"definitions".to_vec(),
        records: 0,
        submissions: Vec::new(),
        totals: serde_json::json!({"received": n}),
    }
}

pub(crate) fn open(dir: &Path) -> Lake {
    let options = Options {
        lock_wait: Duration::from_secs(5),
        small_files_max: 3,
        row_group_rows: 100,
        file_rows: 300,
        ..Options::default()
    };
    Lake::open_with(&dir.join("lake"), options).expect("a lake")
}

/// `rows` rows that tell `tag` apart.
pub(crate) fn frame(tag: i64, rows: usize) -> DataFrame {
    let ids: Vec<i64> = (0..rows as i64).map(|i| tag * 1_000_000 + i).collect();
    let names: Vec<String> = ids.iter().map(|id| format!("record {id}")).collect();
    df!("id" => ids, "name" => names).expect("a frame")
}

/// The rows of a table in one canonical text, whatever their order.
pub(crate) fn content(snapshot: &Snapshot, table: &str) -> Vec<String> {
    if !snapshot.has(table) {
        return vec!["no table".into()];
    }
    let frame = snapshot
        .scan(table)
        .expect("a scan")
        .collect()
        .expect("rows");
    assert_eq!(frame.height() as u64, snapshot.rows(table));
    let mut rows: Vec<String> = (0..frame.height())
        .map(|i| {
            let values = frame.columns().iter();
            let texts = values.map(|c| format!("{}={}", c.name(), c.get(i).expect("a value")));
            texts.collect::<Vec<_>>().join("|")
        })
        .collect();
    rows.sort();
    rows
}

/// Every file below the lake with its size, without SQLite's own.
pub(crate) fn tree(lake: &Lake) -> BTreeMap<PathBuf, u64> {
    let mut files = BTreeMap::new();
    let mut open = vec![lake.root().to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a directory") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                open.push(entry.path());
            } else if !name.starts_with("state.sqlite") {
                files.insert(entry.path(), entry.metadata().expect("metadata").len());
            }
        }
    }
    files
}

pub(crate) fn submission(file: &str, sha256: &str) -> Submission {
    Submission {
        file: file.into(),
        sha256: sha256.into(),
        dataset: "training".into(),
        department: "DP01".into(),
        division: "220102".into(),
        period: "2019-09".into(),
        status: SubmissionStatus::Loaded,
        received: 5,
        new: 1,
        correction: 1,
        withdrawal: 1,
        unchanged: 1,
        rejected: 1,
        receipt: serde_json::json!({"rows": 5}),
    }
}

#[test]
fn a_load_is_seen_as_a_whole_and_only_after_its_commit() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    assert!(lake.latest().expect("state").is_none());
    let load = lake.begin().expect("a load");
    assert_eq!(load.id(), "L000001");
    load.append("records", &frame(1, 250)).expect("append");
    load.replace("empty", &frame(1, 0)).expect("replace");
    assert!(lake.latest().expect("state").is_none());
    let info = load.commit(facts(0)).expect("a commit");
    assert!(info.id.as_str().starts_with("S000001-"), "{}", info.id);
    let load = lake.begin().expect("a load");
    load.append("records", &frame(2, 700)).expect("append");
    assert_eq!(load.rows("records"), 950);
    load.commit(facts(1)).expect("a commit");
    let latest = lake.latest().expect("state").expect("a snapshot");
    assert_eq!(latest.rows("records"), 950);
    assert_eq!(
        latest.files("records").len(),
        4,
        "one file of 250, then 300 + 300 + 100"
    );
    assert_eq!(content(&latest, "empty"), Vec::<String>::new());
    assert_eq!(latest.tables().collect::<Vec<_>>(), ["empty", "records"]);
    let first = lake.snapshot(&info.id).expect("a snapshot");
    assert_eq!(first.rows("records"), 250);
    assert_eq!(first.definitions().expect("definitions"), b"definitions");
    assert!(!first.has("nothing") && first.files("nothing").is_empty());
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn every_supported_type_comes_back_as_it_was() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let frame = df!(
        "text" => [Some("长春"), None], "whole" => [Some(1_i64), None], "part" => [0.5_f64, 1.5],
        "yes" => [Some(true), None], "small" => [1_u8, 255], "raw" => [&b"\x00\xff"[..], b""],
        "day" => [18_000_i32, 1], "money" => [1234_i64, -5], "at" => [1_600_000_000_000_000_i64, 0],
    )
    .expect("a frame")
    .lazy()
    .with_columns([
        col("day").cast(DataType::Date),
        col("money").cast(DataType::Decimal(12, 2)),
        col("at").cast(utc),
    ])
    .collect()
    .expect("a frame");
    let load = lake.begin().expect("a load");
    load.append("types", &frame).expect("append");
    load.commit(facts(0)).expect("a commit");
    let latest = lake.latest().expect("state").expect("a snapshot");
    let back = latest.scan("types").expect("scan").collect().expect("rows");
    let expected = frame
        .lazy()
        .with_column(col("small").cast(DataType::Int32))
        .collect()
        .expect("a frame");
    assert!(back.equals_missing(&expected), "{back} is not {expected}");
    let schema = latest.schema("types").expect("schema").expect("a table");
    assert_eq!(schema.as_ref(), back.schema().as_ref());
}

#[test]
fn a_frame_that_does_not_fit_is_refused_and_a_new_column_widens() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 3)).expect("append");
    load.commit(facts(0)).expect("a commit");
    let load = lake.begin().expect("a load");
    let other = df!("id" => ["text"], "name" => ["x"]).expect("a frame");
    let error = load.append("t", &other).expect_err("another type");
    assert_eq!(
        error.to_string(),
        "column id of table t is string, the table has long"
    );
    let fewer = df!("id" => [1_i64]).expect("a frame");
    assert!(load.append("t", &fewer).is_err(), "a column is missing");
    drop(load);
    let load = lake.begin().expect("a load");
    let wider = df!("name" => ["x"], "id" => [7_i64], "added" => [1.5]).expect("a frame");
    load.append("t", &wider).expect("append");
    load.commit(facts(1)).expect("a commit");
    let latest = lake.latest().expect("state").expect("a snapshot");
    let rows = content(&latest, "t");
    assert_eq!(rows[0], "id=1000000|name=\"record 1000000\"|added=null");
    assert_eq!(rows[3], "id=7|name=\"x\"|added=1.5");
    let load = lake.begin().expect("a load");
    let pruned = latest
        .scan("t")
        .expect("scan")
        .select([col("id")])
        .collect();
    load.replace("t", &pruned.expect("rows")).expect("replace");
    let info = load.commit(facts(2)).expect("a commit");
    let narrow = lake.snapshot(&info.id).expect("a snapshot");
    assert_eq!(content(&narrow, "t").len(), 4);
    assert_eq!(
        content(&latest, "t"),
        rows,
        "the older snapshot keeps its columns"
    );
}

#[test]
fn only_named_partitions_are_rewritten() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    let parts = ["2020-01", "a b/c%d=长春", "__none__"]
        .map(|value| (value.to_owned(), frame(1, 2)))
        .to_vec();
    load.replace_partitions("p", "period", &parts)
        .expect("parts");
    let first = load.commit(facts(0)).expect("a commit");
    let first = lake.snapshot(&first.id).expect("a snapshot");
    let load = lake.begin().expect("a load");
    let parts = [
        ("2020-01".to_owned(), frame(2, 1)),
        ("__none__".to_owned(), frame(2, 0)),
    ];
    load.replace_partitions("p", "period", &parts)
        .expect("parts");
    assert!(load.append("p", &frame(1, 1)).is_err(), "p is partitioned");
    load.commit(facts(1)).expect("a commit");
    let latest = lake.latest().expect("state").expect("a snapshot");
    assert_eq!(
        content(&latest, "p"),
        [
            "id=1000000|name=\"record 1000000\"|period=\"a b/c%d=长春\"",
            "id=1000001|name=\"record 1000001\"|period=\"a b/c%d=长春\"",
            "id=2000000|name=\"record 2000000\"|period=\"2020-01\"",
        ]
    );
    let kept: Vec<_> = latest
        .files("p")
        .into_iter()
        .filter(|f| first.files("p").contains(f))
        .collect();
    assert_eq!(kept.len(), 1, "the partition not named stays by reference");
    assert_eq!(first.rows("p"), 6);
    let one = latest
        .scan("p")
        .expect("scan")
        .filter(col("period").eq(lit("2020-01")));
    assert_eq!(one.collect().expect("rows").height(), 1);
    readers::same_as_delta(&latest);
}

#[test]
fn publication_is_strictly_increasing_and_answers_as_of() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let mut ids = Vec::new();
    for n in [5, 5, 3] {
        let load = lake.begin().expect("a load");
        load.append("t", &frame(n, 1)).expect("append");
        ids.push(load.commit(facts(n)).expect("a commit"));
    }
    assert!(ids.is_sorted_by(|a, b| a.published_at < b.published_at && a.id < b.id));
    let at = |t| lake.as_of(t).expect("state").map(|s| s.id().clone());
    assert_eq!(at(instant(4)), None);
    assert_eq!(at(instant(5)), Some(ids[0].id.clone()));
    assert_eq!(at(instant(6)), Some(ids[2].id.clone()));
    let listed = lake.snapshots().expect("state");
    assert_eq!(listed, ids);
    assert!(lake.snapshot(&dabiao::lake::SnapshotId::new("S9")).is_err());
}

#[test]
fn submissions_are_remembered_and_the_same_bytes_cannot_be_loaded_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let with = |n, submissions| CommitFacts {
        submissions,
        ..facts(n)
    };
    let load = lake.begin().expect("a load");
    let first = load
        .commit(with(0, vec![submission("a.csv", "aa")]))
        .expect("a commit");
    assert_eq!(
        lake.submissions(&first.load).expect("state"),
        [submission("a.csv", "aa")]
    );
    let seen = |department| lake.submission_seen("training", department, "aa");
    let (load, file, _) = seen("DP01").expect("state").expect("it was loaded");
    assert_eq!((load, file.as_str()), (first.load, "a.csv"));
    assert_eq!(seen("DP02").expect("state"), None);
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 1)).expect("append");
    assert!(
        load.commit(with(1, vec![submission("b.csv", "aa")]))
            .is_err(),
        "loaded before"
    );
    let load = lake.begin().expect("a load");
    let mut wrong = submission("c.csv", "cc");
    wrong.received = 6;
    assert!(
        load.commit(with(1, vec![wrong])).is_err(),
        "the identity does not hold"
    );
    let duplicate = Submission {
        status: SubmissionStatus::Duplicate,
        ..submission("b.csv", "aa")
    };
    let load = lake.begin().expect("a load");
    load.commit(with(1, vec![duplicate.clone()]))
        .expect("a commit");
    assert_eq!(lake.submissions("L000002").expect("state"), [duplicate]);
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn table_names_cannot_leave_the_lake() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    for name in ["", "../x", "a/b", "A", "vault/../x", "a b", "_a"] {
        assert!(load.append(name, &frame(1, 1)).is_err(), "{name}");
    }
}

#[test]
fn a_running_load_can_be_previewed_and_an_appender_given_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 3)).expect("append");
    load.commit(facts(0)).expect("a commit");
    let load = lake.begin().expect("a load");
    load.append("t", &frame(2, 4)).expect("append");
    let mut given_up = load.appender("t").expect("an appender");
    given_up.write(&frame(3, 1000)).expect("written");
    given_up.abandon();
    let rows = |load: &dabiao::lake::Load, table: &str| {
        let scan = load.scan(table).expect("scan");
        scan.map(|rows| rows.collect().expect("rows").height())
    };
    assert_eq!((rows(&load, "t"), rows(&load, "nothing")), (Some(7), None));
    assert_eq!(load.staged_files("t").len(), 1);
    load.replace("t", &frame(4, 2)).expect("replace");
    assert_eq!(rows(&load, "t"), Some(2));
    load.commit(facts(1)).expect("a commit");
    assert_eq!(
        lake.latest().expect("state").expect("a snapshot").rows("t"),
        2
    );
    assert_eq!(lake.verify().expect("verified"), []);
}
