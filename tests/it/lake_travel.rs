//! Time travel: every snapshot stays what it was.

use dabiao::lake::{Lake, Retention, SnapshotId};

use super::{content, facts, frame, instant, open};

/// A small generator, so that a failure can be replayed from its seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

type Remembered = Vec<(SnapshotId, Vec<Vec<String>>)>;

fn tables(lake: &Lake, id: &SnapshotId) -> Vec<Vec<String>> {
    let snapshot = lake.snapshot(id).expect("a snapshot");
    ["log", "state", "parts"]
        .iter()
        .map(|t| content(&snapshot, t))
        .collect()
}

#[track_caller]
fn unchanged(lake: &Lake, remembered: &Remembered) {
    for (id, expected) in remembered {
        assert_eq!(&tables(lake, id), expected, "{id}");
    }
}

fn random_load(lake: &Lake, dice: &mut Dice, n: i64) -> SnapshotId {
    let load = lake.begin().expect("a load");
    for _ in 0..=dice.below(2) {
        let rows = usize::try_from(dice.below(350)).expect("small");
        match dice.below(5) {
            0 | 1 => load.append("log", &frame(n, rows)).expect("append"),
            2 => load.replace("state", &frame(n, rows)).expect("replace"),
            3 => {
                let parts: Vec<_> = (0..=dice.below(3))
                    .map(|_| (format!("m{}", dice.below(5)), frame(n, rows % 30)))
                    .collect();
                load.replace_partitions("parts", "month", &parts[..1])
                    .expect("parts");
            }
            _ => {
                for table in ["log", "state", "parts"] {
                    load.compact(table).expect("compact");
                }
            }
        }
    }
    load.commit(facts(n)).expect("a commit").id
}

#[test]
fn sixty_random_loads_leave_every_older_snapshot_as_it_was() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut lake = open(dir.path());
    let mut dice = Dice(20_201_123);
    let mut remembered: Remembered = Vec::new();
    for n in 0..60 {
        let id = random_load(&lake, &mut dice, n);
        remembered.push((id.clone(), tables(&lake, &id)));
        if n % 20 == 19 {
            unchanged(&lake, &remembered);
        }
    }
    drop(lake);
    lake = open(dir.path());
    unchanged(&lake, &remembered);
    assert_eq!(lake.verify().expect("verified"), []);

    let copy = dir.path().join("copy");
    lake.backup(&copy).expect("a backup");
    dabiao::lake::restore(&copy, &dir.path().join("restored/lake")).expect("restored");
    let restored = open(&dir.path().join("restored"));
    unchanged(&restored, &remembered);
    assert_eq!(restored.verify().expect("verified"), []);

    let pinned = remembered[7].0.clone();
    lake.pin(&pinned, "review 2019Q4").expect("pinned");
    let retention = Retention {
        days: 10,
        now: instant(59),
    };
    let listed = lake.retain(retention, true).expect("listed");
    unchanged(&lake, &remembered);
    let removed = lake.retain(retention, false).expect("removed");
    assert_eq!(listed, removed);
    assert!(!removed.files.is_empty() && removed.files.iter().all(|f| !f.exists()));
    assert_eq!(
        removed.snapshots.len(),
        48,
        "60 without the last 11 and the pinned one"
    );
    remembered.retain(|(id, _)| !removed.snapshots.contains(id));
    assert!(remembered.iter().any(|(id, _)| *id == pinned));
    unchanged(&lake, &remembered);
    let error = lake.snapshot(&removed.snapshots[0]).expect_err("retired");
    assert!(
        error.to_string().ends_with("were removed by retention"),
        "{error}"
    );
    assert!(
        lake.as_of(instant(3)).is_err(),
        "no other vintage is given instead"
    );
    assert_eq!(lake.verify().expect("verified"), []);
    let again = lake.retain(retention, false).expect("nothing left");
    assert!(again.snapshots.is_empty() && again.files.is_empty());
    lake.unpin(&pinned, "review 2019Q4").expect("unpinned");
    assert_eq!(
        lake.retain(retention, false).expect("removed").snapshots,
        [pinned]
    );
    random_load(&lake, &mut dice, 60);
    assert_eq!(lake.verify().expect("verified"), []);
}
