//! A stand-in for the finished program that knows only the lake, so that the scripts in `power/` can be tried, and the
//! lake tested, without the rest. `power/stand_in.sh` calls it.

use std::io::Write;
use std::path::Path;

use dabiao::lake::{CommitFacts, Key, Lake, PERSONS, Snapshot, Vault};
use polars::prelude::*;
use sha2::{Digest, Sha256};

use super::{facts, submission};

/// Not a test of its own: does nothing unless the script calls it.
#[test]
fn command() {
    let Ok(line) = std::env::var("DABIAO_STAND_IN") else {
        return;
    };
    let words: Vec<&str> = line.split('\x1f').collect();
    let option = |name: &str| {
        let at = words.iter().position(|w| *w == name)?;
        words.get(at + 1).copied()
    };
    let project = Path::new(option("--project").unwrap_or("."));
    let lake = match words[0] {
        "init" => Lake::open(&Path::new(words[1]).join("lake")),
        _ => Lake::open(&project.join("lake")),
    };
    let answer = lake.map_err(Into::into).and_then(|lake| match words[0] {
        "init" => Ok(String::new()),
        "ingest" => ingest(&lake, project, Path::new(words[1])),
        "query" => query(&lake, option("--as-of")),
        "snapshots" => Ok(lake
            .snapshots()?
            .iter()
            .map(|s| format!("{}\n", s.id))
            .collect()),
        "verify" => verify(&lake),
        other => Err(format!("unknown command {other}").into()),
    });
    let (text, code) = match answer {
        Ok(text) => (text, 0),
        Err(e) => {
            eprintln!("{e}: {:?}", e.source());
            (String::new(), 1)
        }
    };
    // The test harness owns the standard output; the script has moved the caller's to number 3.
    let mut out = std::fs::OpenOptions::new()
        .append(true)
        .open("/dev/fd/3")
        .expect("output");
    let written = out.write_all(text.as_bytes());
    std::process::exit(if written.is_ok() { code } else { 1 });
}

type Answer = Result<String, Box<dyn std::error::Error>>;

fn ingest(lake: &Lake, project: &Path, file: &Path) -> Answer {
    let bytes = std::fs::read(file)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    if lake.submission_seen("training", "DP01", &sha256)? {
        return Ok(r#"{"load": null, "snapshot": null}"#.into());
    }
    lake.record_attempt(&sha256)?;
    let key = Key::load_or_create(&project.join("key"), lake)?;
    let vault = Vault::new(&key);
    let text = String::from_utf8(bytes)?;
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let mut load = lake.begin()?;
    let mut archiver = load.archiver(&key)?;
    archiver.write_all(text.as_bytes())?;
    load.archived(archiver.finish()?)?;
    let batch: Vec<_> = rows
        .iter()
        .map(|row| {
            let identity = dabiao::lake::Identity {
                id_type: "resident_id".into(),
                number: row[1].into(),
                name: row[2].into(),
                phone: None,
            };
            (vault.blind_index("resident_id", row[1]), identity)
        })
        .collect();
    let mut persons = vault.enrolment(&mut load, None)?;
    let ids: Vec<String> = persons
        .enrol(&batch)?
        .iter()
        .map(ToString::to_string)
        .collect();
    persons.finish()?;
    let records: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let frame = df!("record_no" => records, "person" => ids)?;
    load.append("training_log", &frame)?;
    load.compact("training_log")?;
    load.compact(PERSONS)?;
    let before = match load.base().filter(|base| base.has("training")) {
        Some(base) => base.scan("training")?.collect()?,
        None => frame.clear(),
    };
    load.replace("training", &before.vstack(&frame)?)?;
    let mut one = submission(&file.display().to_string(), &sha256);
    (one.received, one.new) = (rows.len() as u64 + 4, rows.len() as u64);
    let base = facts(load.id()[1..].parse()?);
    let info = load.commit(CommitFacts {
        submissions: vec![one],
        ..base
    })?;
    lake.clear_attempts(&sha256)?;
    Ok(format!(
        r#"{{"load": "{}", "snapshot": "{}"}}"#,
        info.load, info.id
    ))
}

fn query(lake: &Lake, as_of: Option<&str>) -> Answer {
    let snapshot: Option<Snapshot> = match as_of {
        Some(id) => Some(lake.snapshot(&dabiao::lake::SnapshotId::new(id))?),
        None => lake.latest()?,
    };
    let Some(snapshot) = snapshot else {
        return Ok(r#"{"rows": [], "totals": {"value": 0}}"#.into());
    };
    let distinct = |table: &str| -> Result<usize, Box<dyn std::error::Error>> {
        let rows = snapshot.scan(table)?.collect()?;
        let names = rows.column("record_no")?.n_unique()?;
        assert_eq!(names, rows.height(), "{table} has records twice");
        Ok(names)
    };
    let value = distinct("training")?;
    assert_eq!(
        value,
        distinct("training_log")?,
        "two tables of one load differ"
    );
    assert_eq!(
        value as u64,
        snapshot.rows(PERSONS),
        "the vault differs from the facts"
    );
    Ok(format!(
        r#"{{"snapshot": "{}", "rows": [], "totals": {{"value": {value}}}}}"#,
        snapshot.id()
    ))
}

fn verify(lake: &Lake) -> Answer {
    let findings = lake.verify()?;
    let bad: Vec<String> = findings
        .iter()
        .filter(|f| !f.is_harmless())
        .map(ToString::to_string)
        .collect();
    if bad.is_empty() {
        Ok(String::new())
    } else {
        Err(bad.join("; ").into())
    }
}
