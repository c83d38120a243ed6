//! The commit: directories synced, Delta versions written and synced, then one SQLite transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta};
use rusqlite::{Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::delta::{self, Change, Stamp};
use super::disk::{self, Written};
use super::load::{self, CommitFacts, Load, Stage};
use super::schema::TableSchema;
use super::snapshot::{SnapshotId, SnapshotInfo};
use super::{Error, state};

/// Publishes what a load staged.
pub(crate) fn run(load: &mut Load, facts: CommitFacts) -> Result<SnapshotInfo, Error> {
    let stages = std::mem::take(&mut *load::lock(&load.stages));
    let changes = changes(load, stages)?;
    let published_at = publication(load, facts.published_at);
    let stamp = Stamp {
        load: &load.shop.load,
        seq: load.seq,
        published_ms: published_at.timestamp_millis(),
    };
    load.shop.sync_dirs()?;
    let logs = delta::write(load.lake.root(), &changes, &stamp)?;
    let info = SnapshotInfo {
        seq: load.seq,
        id: snapshot_id(load, &changes, &facts.definitions_digest),
        load: load.shop.load.clone(),
        published_at,
        day: facts.day,
        definitions_digest: facts.definitions_digest.clone(),
        records: facts.records,
        totals: facts.totals.clone(),
        kept: true,
    };
    publish(load, &info, &changes, &logs, &facts)?;
    Ok(info)
}

/// The given instant to the millisecond, moved after the last publication where it is not.
fn publication(load: &Load, given: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    let floor = load.base.as_ref().map(|base| {
        let last = base.info().published_at.timestamp_millis();
        last + TimeDelta::milliseconds(1).num_milliseconds()
    });
    let ms = given.timestamp_millis().max(floor.unwrap_or(i64::MIN));
    DateTime::from_timestamp_millis(ms).map_or(given, |at| at.with_timezone(given.offset()))
}

fn changes(load: &Load, stages: BTreeMap<String, Stage>) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for (name, stage) in stages {
        let base = load.base_state(&name);
        let schema = stage.schema.or_else(|| base.map(|t| t.schema.clone()));
        let schema = schema.unwrap_or(TableSchema {
            columns: Vec::new(),
            partition: None,
        });
        let schema_changed = base.is_some_and(|t| t.schema != schema);
        let nothing = stage.removed.is_empty() && stage.added.is_empty() && !schema_changed;
        if nothing && (base.is_some() || schema.columns.is_empty()) {
            continue;
        }
        let files = base.map_or(&[][..], |t| &t.files);
        let removed = files
            .iter()
            .filter_map(|f| stage.removed.get(&f.id).map(|change| (f.clone(), *change)))
            .collect();
        changes.push(Change {
            known: base.map(|t| t.id),
            uuid: match base {
                Some(table) => table.uuid.clone(),
                None => uuid::Uuid::from_bytes(disk::random()?).to_string(),
            },
            version: base.map_or(0, |t| t.version + 1),
            name,
            schema,
            schema_changed,
            removed,
            added: stage.added,
        });
    }
    Ok(changes)
}

fn snapshot_id(load: &Load, changes: &[Change], definitions: &str) -> SnapshotId {
    let mut sha = Sha256::new();
    let mut feed = |text: &str| {
        sha.update((text.len() as u64).to_le_bytes());
        sha.update(text);
    };
    feed(load.base.as_ref().map_or("", |base| base.id().as_str()));
    feed(definitions);
    for change in changes {
        feed(&format!("{}@{}", change.name, change.version));
        for (file, _) in &change.removed {
            feed(&format!("-{}", file.sha256));
        }
        for file in &change.added {
            feed(&format!("+{}", file.sha256));
        }
    }
    let digest = hex::encode(&sha.finalize()[..4]);
    SnapshotId::new(format!("S{:06}-{digest}", load.seq))
}

/// The commit point.
fn publish(
    load: &mut Load,
    info: &SnapshotInfo,
    changes: &[Change],
    logs: &[Written],
    facts: &CommitFacts,
) -> Result<(), Error> {
    let mut connection = state::open(load.lake.root())?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(Error::state("begin the commit"))?;
    insert_definitions(&transaction, facts)?;
    let write = Error::state("write the commit");
    insert_snapshot(&transaction, info)
        .and_then(|()| insert_changes(&transaction, info.seq, changes, logs))
        .and_then(|()| insert_submissions(&transaction, info.seq, facts))
        .and_then(|()| insert_archive(&transaction, info.seq, load))
        .map_err(write)?;
    if let Some(check) = &load.key_check {
        state::set_meta(&transaction, super::key::CHECK, check)?;
    }
    for (key, value) in &load.notes {
        state::set_meta(&transaction, key, value)?;
    }
    let digest = state::digest(&transaction, info.seq)?;
    transaction
        .execute(
            "UPDATE snapshots SET digest = ?2 WHERE seq = ?1",
            params![info.seq, digest],
        )
        .map_err(Error::state("write the commit"))?;
    // From here on only the state can tell whether the load stands, so nothing of it may be removed.
    load.settled = true;
    transaction.commit().map_err(|source| Error::CommitUnknown {
        load: info.load.clone(),
        source,
    })
}

fn insert_definitions(transaction: &Transaction<'_>, facts: &CommitFacts) -> Result<(), Error> {
    match state::definitions(transaction, &facts.definitions_digest)? {
        Some(stored) if stored == facts.definitions => Ok(()),
        Some(_) => Err(Error::Definitions {
            digest: facts.definitions_digest.clone(),
        }),
        None => transaction
            .execute(
                "INSERT INTO definitions VALUES (?1, ?2, ?3)",
                params![
                    facts.definitions_digest,
                    facts.definitions,
                    hex::encode(Sha256::digest(&facts.definitions))
                ],
            )
            .map(|_| ())
            .map_err(Error::state("store definitions")),
    }
}

fn insert_snapshot(transaction: &Transaction<'_>, info: &SnapshotInfo) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO snapshots (seq, id, load, published_ms, offset_s, day, definitions, records, totals) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                info.seq,
                info.id.as_str(),
                info.load,
                info.published_at.timestamp_millis(),
                info.published_at.offset().local_minus_utc(),
                info.day.to_string(),
                info.definitions_digest,
                info.records.cast_signed(),
                info.totals.to_string(),
            ],
        )
        .map(|_| ())
}

fn insert_changes(
    transaction: &Transaction<'_>,
    seq: i64,
    changes: &[Change],
    logs: &[Written],
) -> rusqlite::Result<()> {
    let mut version =
        transaction.prepare("INSERT INTO versions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut remove = transaction.prepare("UPDATE files SET removed = ?2 WHERE id = ?1")?;
    let mut add = transaction.prepare(
        "INSERT INTO files (table_id, path, partition, bytes, rows, sha256, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (change, log) in changes.iter().zip(logs) {
        let id = match change.known {
            Some(id) => id,
            None => {
                transaction.execute(
                    "INSERT INTO tables (name, uuid) VALUES (?1, ?2)",
                    params![change.name, change.uuid],
                )?;
                transaction.last_insert_rowid()
            }
        };
        let schema = serde_json::to_string(&change.schema)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        version.execute(params![
            id,
            change.version.cast_signed(),
            seq,
            schema,
            log.bytes.cast_signed(),
            log.sha256,
        ])?;
        for (file, _) in &change.removed {
            remove.execute(params![file.id, seq])?;
        }
        for file in &change.added {
            add.execute(params![
                id,
                file.path,
                file.partition,
                file.bytes.cast_signed(),
                file.rows.cast_signed(),
                file.sha256,
                seq,
            ])?;
        }
    }
    Ok(())
}

fn insert_submissions(
    transaction: &Transaction<'_>,
    seq: i64,
    facts: &CommitFacts,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO submissions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    for (position, one) in (0_i64..).zip(&facts.submissions) {
        insert.execute(params![
            seq,
            position,
            one.file,
            one.sha256,
            one.dataset,
            one.department,
            one.division,
            one.period,
            one.status.as_str(),
            one.received.cast_signed(),
            one.new.cast_signed(),
            one.correction.cast_signed(),
            one.withdrawal.cast_signed(),
            one.unchanged.cast_signed(),
            one.rejected.cast_signed(),
            one.receipt.to_string(),
        ])?;
    }
    Ok(())
}

fn insert_archive(transaction: &Transaction<'_>, seq: i64, load: &Load) -> rusqlite::Result<()> {
    let mut insert =
        transaction.prepare("INSERT OR IGNORE INTO archive VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for one in &load.archived {
        insert.execute(params![
            one.sha256,
            one.bytes.cast_signed(),
            one.stored.bytes.cast_signed(),
            one.stored.sha256,
            seq,
        ])?;
    }
    Ok(())
}
