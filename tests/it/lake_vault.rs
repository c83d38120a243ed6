//! The vault, its key, and the archive.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use dabiao::lake::{Error, Identity, Key, Lake, PERSONS, PersonId, Vault};

use super::{facts, frame, open};

fn identity(n: usize) -> Identity {
    Identity {
        id_type: "居民身份证".into(),
        number: format!("22010219800101{n:04}"),
        name: format!("张测试{n}"),
        phone: Some(format!("1390431{n:04}")),
    }
}

fn keyed(vault: &Vault, identity: Identity) -> ([u8; 16], Identity) {
    (
        vault.blind_index(&identity.id_type, &identity.number),
        identity,
    )
}

fn enrol(lake: &Lake, vault: &Vault, n: i64, batch: &[([u8; 16], Identity)]) -> Vec<PersonId> {
    let mut load = lake.begin().expect("a load");
    let mut persons = vault.enrolment(&mut load, None).expect("an enrolment");
    let ids = persons.enrol(batch).expect("enrolled");
    persons.finish().expect("finished");
    load.commit(facts(n)).expect("a commit");
    ids
}

#[test]
fn a_person_stays_the_same_and_the_newest_name_wins() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let vault = Vault::new(&Key::from_bytes([3; 32]));
    let batch: Vec<_> = (0..5000).map(|n| keyed(&vault, identity(n))).collect();
    let first = enrol(&lake, &vault, 0, &batch);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 5000);
    let rows = |lake: &Lake| {
        lake.latest()
            .expect("state")
            .expect("a snapshot")
            .rows(PERSONS)
    };
    assert_eq!(rows(&lake), 5000);
    assert_eq!(
        enrol(&lake, &vault, 1, &batch),
        first,
        "known persons keep their ids"
    );
    assert_eq!(rows(&lake), 5000, "and get no further row");

    let mut renamed = identity(7);
    renamed.name = "李改名".into();
    renamed.phone = None;
    let mut other_type = identity(8);
    other_type.id_type = "护照".into();
    let changed = [keyed(&vault, renamed), keyed(&vault, other_type)];
    let second = enrol(&lake, &vault, 2, &changed);
    assert_eq!(second[0], first[7]);
    assert_ne!(
        second[1], first[8],
        "one number under two types is two persons"
    );
    assert_eq!(rows(&lake), 5002);
    let latest = lake.latest().expect("state").expect("a snapshot");
    let who = vault
        .open_identity(&latest, first[7])
        .expect("opened")
        .expect("known");
    assert_eq!(
        (who.name.as_str(), who.phone.as_deref()),
        ("李改名", Some("13904310007"))
    );
    let who = vault
        .open_identity(&latest, first[4999])
        .expect("opened")
        .expect("known");
    assert!(who == identity(4999));
    let nobody = PersonId::from_bytes([0; 16]);
    assert!(
        vault
            .open_identity(&latest, nobody)
            .expect("opened")
            .is_none()
    );
    let found = vault
        .lookup(&latest, &[batch[3].0, [0; 16]])
        .expect("looked up");
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [(batch[3].0, first[3])]
    );
    let text = first[3].to_string();
    assert_eq!((text.len(), text.parse::<PersonId>()), (32, Ok(first[3])));

    let stranger = Vault::new(&Key::from_bytes([4; 32]));
    let error = stranger
        .open_identity(&latest, first[0])
        .expect_err("another key");
    assert!(matches!(error, Error::Sealed { .. }), "{error}");
}

#[test]
fn an_enrolment_for_named_indexes_takes_no_others() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let vault = Vault::new(&Key::from_bytes([3; 32]));
    let batch: Vec<_> = (0..3).map(|n| keyed(&vault, identity(n))).collect();
    let first = enrol(&lake, &vault, 0, &batch[..2]);
    let mut load = lake.begin().expect("a load");
    let wanted = [batch[1].0, batch[2].0];
    let mut persons = vault
        .enrolment(&mut load, Some(&wanted))
        .expect("an enrolment");
    let ids = persons.enrol(&batch[1..]).expect("enrolled");
    assert_eq!(ids[0], first[1]);
    assert_eq!(persons.enrolled(), 1);
    assert!(
        persons.enrol(&batch[..1]).is_err(),
        "it could be a known person"
    );
}

#[test]
fn compaction_keeps_the_newest_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let vault = Vault::new(&Key::from_bytes([3; 32]));
    let mut person = None;
    for n in 0..6 {
        let mut changed = identity(1);
        changed.name = format!("name {n}");
        person = enrol(&lake, &vault, n, &[keyed(&vault, changed)]).pop();
    }
    let load = lake.begin().expect("a load");
    assert_eq!(load.compact(PERSONS).expect("compacted"), 6);
    load.commit(facts(6)).expect("a commit");
    let latest = lake.latest().expect("state").expect("a snapshot");
    assert_eq!(latest.files(PERSONS).len(), 1);
    let who = vault
        .open_identity(&latest, person.expect("a person"))
        .expect("opened");
    assert_eq!(who.expect("known").name, "name 5");
}

#[test]
fn the_key_file_is_made_once_and_guarded_ever_after() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let path = dir.path().join("key");
    let inside = lake.root().join("key");
    let refused = Key::load_or_create(&inside, &lake).expect_err("inside");
    assert!(matches!(refused, Error::KeyInside { .. }) && !inside.exists());
    std::os::unix::fs::symlink(lake.root(), dir.path().join("link")).expect("a link");
    let refused = Key::load_or_create(&dir.path().join("link/key"), &lake).expect_err("inside");
    assert!(matches!(refused, Error::KeyInside { .. }));
    let key = Key::load_or_create(&path, &lake).expect("made");
    let mode = |p| fs::metadata(p).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o400);
    assert_eq!(fs::read_to_string(&path).expect("text").trim().len(), 64);
    let again = Key::load_or_create(&path, &lake).expect("read");
    let index = |key: &Key| Vault::new(key).blind_index("t", "n");
    assert_eq!(index(&key), index(&again));
    for open in [0o440, 0o404, 0o420, 0o401] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).expect("changed");
        let refused = Key::load_or_create(&path, &lake).expect_err("open to others");
        assert!(
            matches!(refused, Error::KeyMode { mode, .. } if mode == open),
            "{refused}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("changed");
    let vault = Vault::new(&key);
    enrol(&lake, &vault, 0, &[keyed(&vault, identity(1))]);
    let moved = dir.path().join("moved");
    fs::rename(&path, &moved).expect("moved");
    let refused = Key::load_or_create(&path, &lake).expect_err("missing");
    assert!(matches!(refused, Error::KeyMissing { .. }) && !path.exists());
    fs::write(&path, "00".repeat(32)).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("changed");
    let refused = Key::load_or_create(&path, &lake).expect_err("another key");
    assert!(matches!(refused, Error::KeyMismatch));
    let bad = dir.path().join("bad");
    fs::write(&bad, "not a key").expect("written");
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o400)).expect("changed");
    let refused = Key::load_or_create(&bad, &lake).expect_err("no key");
    assert!(matches!(refused, Error::KeyFormat { .. }));
}

#[test]
fn archived_bytes_come_back_whole_and_only_under_the_key() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let key = Key::from_bytes([5; 32]);
    let mut dice = super::travel::Dice(99);
    let noise: Vec<u8> = (0..1_000_003).map(|_| dice.below(256) as u8).collect();
    let samples: [&[u8]; 4] = [b"", b"one", &noise, &noise[..1 << 18]];
    let mut digests = Vec::new();
    for round in 0..2 {
        let mut load = lake.begin().expect("a load");
        for sample in samples {
            let mut archiver = load.archiver(&key).expect("an archiver");
            archiver.write_all(sample).expect("written");
            let archived = std::thread::spawn(|| archiver.finish())
                .join()
                .expect("no panic");
            digests.push(load.archived(archived.expect("sealed")).expect("archived"));
        }
        load.commit(facts(round)).expect("a commit");
    }
    assert_eq!(digests[..4], digests[4..], "the same bytes are stored once");
    assert_eq!(
        super::tree(&lake)
            .keys()
            .filter(|p| p.starts_with(lake.root().join("archive")))
            .count(),
        4
    );
    for (sample, sha256) in samples.iter().zip(&digests) {
        let mut back = Vec::new();
        lake.unarchive(&key, sha256, &mut back).expect("opened");
        assert!(back == *sample);
        let stranger = Key::from_bytes([6; 32]);
        assert!(lake.unarchive(&stranger, sha256, &mut Vec::new()).is_err());
    }
    assert!(lake.unarchive(&key, "00", &mut Vec::new()).is_err());
    // A file cut at a chunk's end does not pass for a shorter one.
    let path = lake
        .root()
        .join("archive")
        .join(&digests[2][..2])
        .join(&digests[2]);
    let whole = fs::read(&path).expect("read");
    for cut in [20, 24 + (1 << 18) + 16, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).expect("written");
        assert!(
            lake.unarchive(&key, &digests[2], &mut Vec::new()).is_err(),
            "cut at {cut}"
        );
    }
    fs::write(&path, &whole).expect("written");
    assert_eq!(lake.verify().expect("verified"), []);
}

#[test]
fn nothing_in_the_lake_shows_a_number_a_name_or_a_phone() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let key = Key::from_bytes([9; 32]);
    let vault = Vault::new(&key);
    let batch: Vec<_> = (0..5000).map(|n| keyed(&vault, identity(n))).collect();
    let mut load = lake.begin().expect("a load");
    let mut persons = vault.enrolment(&mut load, None).expect("an enrolment");
    let ids = persons.enrol(&batch).expect("enrolled");
    persons.finish().expect("finished");
    let text: Vec<String> = ids.iter().map(PersonId::to_string).collect();
    let facts_frame = polars::prelude::df!("person" => text).expect("a frame");
    load.append("training", &facts_frame).expect("append");
    load.append("log", &frame(1, 10)).expect("append");
    let mut archiver = load.archiver(&key).expect("an archiver");
    for (_, who) in &batch {
        writeln!(archiver, "{},{},{:?}", who.number, who.name, who.phone).expect("written");
    }
    load.archived(archiver.finish().expect("sealed"))
        .expect("archived");
    load.commit(facts(0)).expect("a commit");

    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|u| {
                if big {
                    u.to_be_bytes()
                } else {
                    u.to_le_bytes()
                }
            })
            .collect()
    };
    let mut needles: BTreeSet<Vec<u8>> = BTreeSet::new();
    for (_, who) in &batch {
        for text in [&who.number, &who.name, who.phone.as_ref().expect("a phone")] {
            needles.insert(text.clone().into_bytes());
            needles.insert(utf16(text, false));
            needles.insert(utf16(text, true));
            needles.insert(encoding_rs::GB18030.encode(text).0.into_owned());
        }
    }
    let hits = |haystack: &[u8]| -> usize {
        let lengths: BTreeSet<usize> = needles.iter().map(Vec::len).collect();
        let windows = lengths.iter().flat_map(|n| haystack.windows(*n));
        windows.filter(|w| needles.contains(*w)).count()
    };
    assert_eq!(
        hits(identity(77).number.as_bytes()),
        1,
        "the scan itself finds what is there"
    );
    let mut scanned = 0;
    let mut open = vec![lake.root().to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).expect("read");
            scanned += bytes.len();
            assert_eq!(hits(&bytes), 0, "{}", path.display());
        }
    }
    assert!(scanned > 100_000);
}
