//! Loads that die: at any step, by dropping, by planted debris, by SIGKILL.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dabiao::lake::{Error, Key, Lake};
use polars::prelude::*;
use std::io::Write;

use super::{content, facts, frame, instant, open, tree};

#[test]
fn a_dropped_load_leaves_nothing_behind_at_any_step() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 500)).expect("append");
    load.commit(facts(0)).expect("a commit");
    let before = tree(&lake);
    let rows = content(&lake.latest().expect("state").expect("a snapshot"), "t");
    let key = Key::from_bytes([1; 32]);
    for steps in 0..7 {
        let mut load = lake.begin().expect("a load");
        let mut appender = None;
        for step in 0..steps {
            match step {
                0 => load.append("t", &frame(2, 400)).expect("append"),
                1 => load.append("fresh", &frame(2, 10)).expect("append"),
                2 => load.replace("t", &frame(3, 10)).expect("replace"),
                3 => load
                    .replace_partitions("p", "period", &[("x".into(), frame(1, 3))])
                    .expect("parts"),
                4 => {
                    let mut archiver = load.archiver(&key).expect("an archiver");
                    archiver.write_all(b"bytes").expect("written");
                    load.archived(archiver.finish().expect("sealed"))
                        .expect("archived");
                }
                _ => {
                    let mut open = load.appender("t").expect("an appender");
                    open.write(&frame(4, 1000)).expect("written");
                    appender = Some(open);
                }
            }
        }
        drop(load);
        drop(appender);
        let load = lake.begin().expect("a load");
        drop(load);
        assert_eq!(tree(&lake), before, "after {steps} steps");
    }
    let latest = lake.latest().expect("state").expect("a snapshot");
    assert_eq!(content(&latest, "t"), rows);
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn an_unfinished_appender_stops_the_commit() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    let before = tree(&lake);
    let mut appender = load.appender("t").expect("an appender");
    appender.write(&frame(1, 1000)).expect("written");
    drop(appender);
    let error = load.commit(facts(0)).expect_err("rows are missing");
    assert!(matches!(error, Error::Unfinished { .. }), "{error}");
    assert!(lake.latest().expect("state").is_none());
    assert_eq!(tree(&lake), before);
}

#[test]
fn planted_debris_is_removed_and_what_is_committed_stays() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    for n in 0..3 {
        let load = lake.begin().expect("a load");
        load.append("t", &frame(n, 100)).expect("append");
        load.replace_partitions("p", "period", &[(format!("m{n}"), frame(n, 5))])
            .expect("parts");
        load.commit(facts(n)).expect("a commit");
    }
    let before = tree(&lake);
    let debris = [
        "tables/t/_delta_log/00000000000000000003.json",
        "tables/t/_delta_log/00000000000000000002.json#1",
        "tables/t/_delta_log/00000000000000000009.checkpoint.parquet",
        "tables/t/.tmp-0011223344556677",
        "tables/t/L000004-00000-00000000.parquet",
        "tables/p/period=m1/L000004-00000-00000000.parquet",
        "tables/p/period=m9/x.parquet",
        "tables/unknown/_delta_log/00000000000000000000.json",
        "vault/persons/x.parquet",
        "archive/ab/abcdef",
        "archive/.tmp-00",
    ];
    for path in debris {
        let path = lake.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, "debris").expect("written");
    }
    let harmless = lake.verify().expect("verified");
    assert_eq!(harmless.len(), debris.len());
    assert!(harmless.iter().all(dabiao::lake::Finding::is_harmless));
    let load = lake.begin().expect("a load");
    assert_eq!(tree(&lake), before);
    assert!(!lake.root().join("tables/unknown").exists());
    load.append("t", &frame(4, 1)).expect("append");
    load.commit(facts(4)).expect("a commit");
    assert_eq!(
        lake.latest().expect("state").expect("a snapshot").rows("t"),
        301
    );
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn a_failed_write_fails_the_load_and_the_next_one_succeeds() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 10)).expect("append");
    // Where the Delta version should go stands something else, as after a disk error.
    let log = lake.root().join("tables/t/_delta_log");
    std::fs::create_dir_all(log.join("00000000000000000000.json")).expect("a directory");
    let error = load
        .commit(facts(0))
        .expect_err("no version can be written");
    assert!(matches!(error, Error::Delta { .. }), "{error}");
    std::fs::remove_dir_all(&log).expect("removed");
    let load = lake.begin().expect("a load");
    load.append("t", &frame(1, 10)).expect("append");
    load.commit(facts(0)).expect("a commit");
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn a_second_writer_is_busy_or_waits() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = lake.begin().expect("a load");
    let start = Instant::now();
    let error = lake
        .begin_within(Duration::from_millis(100))
        .expect_err("locked");
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    assert!(start.elapsed() >= Duration::from_millis(100));
    let other = open(dir.path());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| other.begin().map(|load| load.id().to_owned()));
        std::thread::sleep(Duration::from_millis(100));
        load.append("t", &frame(1, 1)).expect("append");
        load.commit(facts(0)).expect("a commit");
        let id = waiting.join().expect("no panic").expect("a load");
        assert_eq!(id, "L000002", "it starts from what the first one committed");
    });
}

#[test]
fn a_reader_beside_a_running_load_sees_only_whole_states() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    /// Ends the reader also when the writer panics.
    struct End<'a>(&'a AtomicBool);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut seen, mut last) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let Some(snapshot) = lake.latest().expect("state") else {
                    continue;
                };
                // Both tables are written by every load, so they must always tell the same.
                let sum = |table: &str| {
                    let rows = snapshot
                        .scan(table)
                        .expect("scan")
                        .select([col("id").max()])
                        .collect();
                    rows.expect("rows")
                        .column("id")
                        .expect("id")
                        .i64()
                        .expect("whole")
                        .get(0)
                };
                let load = sum("current").expect("a value") / 1_000_000;
                assert_eq!(snapshot.info().load, format!("L{load:06}"));
                assert_eq!(snapshot.rows("log"), load.cast_unsigned() * 20);
                assert_eq!(sum("log").expect("a value") / 1_000_000, load);
                assert!(load >= last, "time runs backwards");
                (seen, last) = (seen + 1, load);
            }
            seen
        });
        let end = End(&done);
        for n in 1..=15 {
            let load = lake.begin().expect("a load");
            load.append("log", &frame(n, 20)).expect("append");
            load.compact("log").expect("compact");
            load.replace("current", &frame(n, 10)).expect("replace");
            load.commit(facts(n)).expect("a commit");
        }
        drop(end);
        assert!(reader.join().expect("no panic") > 0);
    });
    assert_eq!(lake.verify().expect("verified"), []);
}

/// Not a test of its own: the process that [`killed_loads_lose_nothing_acknowledged`] kills.
#[test]
fn child_loads_for_ever() {
    let Some(root) = std::env::var_os("DABIAO_TEST_LAKE") else {
        return;
    };
    let lake = Lake::open(root.as_ref()).expect("a lake");
    loop {
        let load = lake.begin().expect("a load");
        let n: i64 = load.id()[1..].parse().expect("a number");
        load.append("log", &frame(n, 20)).expect("append");
        load.compact("log").expect("compact");
        load.replace("current", &frame(n, 10)).expect("replace");
        load.commit(facts(n)).expect("a commit");
        println!("ack {n}");
    }
}

#[test]
fn killed_loads_lose_nothing_acknowledged() {
    use std::io::{BufRead, BufReader};
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().join("lake");
    let mut acknowledged = 0;
    for kill in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args([
                "lake::crash::child_loads_for_ever",
                "--exact",
                "--nocapture",
            ])
            .env("DABIAO_TEST_LAKE", &root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let output = child.stdout.take().expect("its output");
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            let acks = lines.filter_map(|l| l.split("ack ").nth(1)?.trim().parse::<i64>().ok());
            acks.max().unwrap_or(0)
        });
        std::thread::sleep(Duration::from_millis(150 + kill * 37 % 400));
        child.kill().expect("killed");
        child.wait().expect("gone");
        acknowledged = acknowledged.max(reader.join().expect("no panic"));
        let lake = Lake::open(&root).expect("a lake");
        drop(lake.begin().expect("a load"));
        let Some(latest) = lake.latest().expect("state") else {
            assert_eq!(acknowledged, 0);
            continue;
        };
        let loads = lake.snapshots().expect("state").len();
        assert!(
            loads as i64 >= acknowledged,
            "{loads} of {acknowledged} acknowledged"
        );
        assert!(loads as i64 <= acknowledged + 1, "more than were begun");
        assert_eq!(latest.rows("log"), loads as u64 * 20);
        assert_eq!(lake.verify().expect("verified"), []);
        assert_eq!(latest.info().published_at, instant(loads as i64));
        acknowledged = loads as i64;
    }
    assert!(acknowledged > 0, "no load ever finished");
}
