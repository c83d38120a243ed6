//! Verify, backup and restore.

use std::io::Write;
use std::path::{Path, PathBuf};

use dabiao::lake::{CommitFacts, Error, Key, Lake, restore};

use super::travel::Dice;
use super::{content, facts, frame, open, submission, tree};

/// A lake with every kind of file in it.
fn full(dir: &Path) -> Lake {
    let lake = open(dir);
    let key = Key::from_bytes([7; 32]);
    for n in 0..4 {
        let mut load = lake.begin().expect("a load");
        load.append("log", &frame(n, 120)).expect("append");
        load.replace("state", &frame(n, 40)).expect("replace");
        load.replace_partitions("parts", "month", &[(format!("m{n}"), frame(n, 9))])
            .expect("parts");
        load.append("vault/persons", &frame(n, 3)).expect("append");
        let mut archiver = load.archiver(&key).expect("an archiver");
        archiver.write_all(&[n as u8; 5000]).expect("written");
        let sha256 = load
            .archived(archiver.finish().expect("sealed"))
            .expect("archived");
        let submissions = vec![submission("a.csv", &sha256)];
        load.commit(CommitFacts {
            submissions,
            ..facts(n)
        })
        .expect("a commit");
    }
    lake
}

#[test]
fn one_flipped_bit_in_any_file_is_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = full(dir.path());
    assert_eq!(lake.verify().expect("verified"), []);
    let files: Vec<PathBuf> = tree(&lake)
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(p, _)| p)
        .collect();
    let mut dice = Dice(4711);
    for _ in 0..50 {
        let path = &files[dice.below(files.len() as u64) as usize];
        let good = std::fs::read(path).expect("read");
        let mut bad = good.clone();
        let at = dice.below(bad.len() as u64) as usize;
        bad[at] ^= 1 << dice.below(8);
        std::fs::write(path, &bad).expect("written");
        let findings = lake.verify().expect("verified");
        assert_eq!(
            findings.len(),
            1,
            "{} at {at}: {findings:?}",
            path.display()
        );
        assert!(
            findings[0]
                .to_string()
                .contains(&path.display().to_string())
        );
        std::fs::write(path, &good).expect("written");
    }
    std::fs::remove_file(&files[3]).expect("removed");
    assert!(matches!(
        lake.verify().expect("verified")[..],
        [dabiao::lake::Finding::Missing { .. }]
    ));
}

#[test]
fn a_changed_word_in_the_state_is_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = full(dir.path());
    let changes = [
        "UPDATE snapshots SET records = 1 WHERE seq = 2",
        "UPDATE submissions SET receipt = '{}' WHERE snapshot = 3",
        "UPDATE files SET partition = 'm9' WHERE partition = 'm1'",
        "UPDATE definitions SET archive = x'00'",
        "UPDATE files SET removed = NULL WHERE removed = 2",
        "UPDATE archive SET bytes = 1 WHERE snapshot = 1",
    ];
    for change in changes {
        let copy = tempfile::tempdir().expect("a directory");
        lake.backup(copy.path()).expect("a backup");
        let root = copy.path().join("r/lake");
        restore(copy.path(), &root).expect("restored");
        let state = rusqlite::Connection::open(root.join("state.sqlite")).expect("state");
        state.execute(change, []).expect(change);
        drop(state);
        let other = open(&copy.path().join("r"));
        assert!(!other.verify().expect("verified").is_empty(), "{change}");
    }
}

#[test]
fn a_backup_taken_beside_running_loads_restores_to_one_of_their_states() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = full(dir.path());
    let dest = dir.path().join("backup");
    std::thread::scope(|scope| {
        let loads = scope.spawn(|| {
            for n in 4..12 {
                let load = lake.begin().expect("a load");
                load.append("log", &frame(n, 120)).expect("append");
                load.compact("log").expect("compact");
                load.commit(facts(n)).expect("a commit");
            }
        });
        for round in 0..3 {
            let report = lake.backup(&dest).expect("a backup");
            assert_eq!(report.skipped > 0, round > 0, "{report:?}");
            let root = dir.path().join(format!("restored{round}"));
            let restored_report = restore(&dest, &root.join("lake")).expect("restored");
            assert_eq!(restored_report.snapshot, report.snapshot);
            let restored = open(&root);
            assert_eq!(restored.verify().expect("verified"), []);
            let latest = restored.latest().expect("state").expect("a snapshot");
            assert_eq!(Some(latest.id().to_string()), report.snapshot);
            assert_eq!(
                latest.rows("log"),
                restored.snapshots().expect("state").len() as u64 * 120
            );
            let original = lake.snapshot(latest.id()).expect("a snapshot");
            assert_eq!(content(&original, "log"), content(&latest, "log"));
        }
        loads.join().expect("no panic");
    });
    // A restored lake is a lake: it takes the next load.
    let restored = open(&dir.path().join("restored2"));
    let load = restored.begin().expect("a load");
    load.append("log", &frame(99, 1)).expect("append");
    load.commit(facts(99)).expect("a commit");
    assert_eq!(restored.verify().expect("verified"), []);
}

#[test]
fn a_damaged_backup_is_refused_and_so_is_a_full_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = full(dir.path());
    let dest = dir.path().join("backup");
    lake.backup(&dest).expect("a backup");
    let error = restore(&dest, lake.root()).expect_err("not empty");
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    let log = dest.join("tables/log/_delta_log/00000000000000000001.json");
    let mut bytes = std::fs::read(&log).expect("read");
    bytes[3] ^= 4;
    std::fs::write(&log, bytes).expect("written");
    let root = dir.path().join("restored");
    let error = restore(&dest, &root).expect_err("damaged");
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert!(
        !root.join("state.sqlite").exists(),
        "what was begun is no lake"
    );
}
