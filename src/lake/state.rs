//! The lake's state in SQLite: the schema, the settings durability rests on, and every query.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::schema::TableSchema;
use super::snapshot::{FileInfo, SnapshotId, SnapshotInfo, Submission, TableState};
use super::{Error, disk};

/// Format of the state this program writes.
const FORMAT: u32 = 1;

/// Name of the state's file in the lake.
pub(crate) const FILE: &str = "state.sqlite";

/// Opens the state, makes it when absent, and checks that SQLite accepted what durability rests on.
pub(crate) fn open(root: &Path) -> Result<Connection, Error> {
    let path = root.join(FILE);
    let fresh = !path.exists();
    let mut state = Connection::open(&path).map_err(Error::state("open"))?;
    settings(&state)?;
    let found: u32 = state
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(Error::state("read the format"))?;
    match found {
        0 => create(&mut state)?,
        FORMAT => {}
        found => {
            return Err(Error::Version {
                found,
                known: FORMAT,
            });
        }
    }
    if fresh {
        disk::sync_dir(root)?;
    }
    Ok(state)
}

/// Opens a copy of a state that nobody writes, for reading.
pub(crate) fn open_copy(path: &Path) -> Result<Connection, Error> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(path, flags).map_err(Error::state("open a copy"))
}

fn settings(state: &Connection) -> Result<(), Error> {
    state
        .busy_timeout(Duration::from_secs(30))
        .map_err(Error::state("set a time-out"))?;
    let answer = |pragma: &'static str| -> Result<String, Error> {
        state
            .query_row(pragma, [], |row| {
                Ok(match row.get_ref(0)? {
                    ValueRef::Integer(n) => n.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    other => format!("{other:?}"),
                })
            })
            .map_err(Error::state("read a setting"))
    };
    let wanted = [
        ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"),
    ];
    for (set, read, expected) in wanted {
        state
            .execute_batch(set)
            .map_err(Error::state("change a setting"))?;
        let found = answer(read)?;
        if found != expected {
            return Err(Error::Durability { pragma: set, found });
        }
    }
    Ok(())
}

fn create(state: &mut Connection) -> Result<(), Error> {
    let transaction = state
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(Error::state("begin"))?;
    // Another process may have made it while this one waited.
    let found: u32 = transaction
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(Error::state("read the format"))?;
    if found == 0 {
        transaction
            .execute_batch(include_str!("state.sql"))
            .and_then(|()| transaction.pragma_update(None, "user_version", FORMAT))
            .map_err(Error::state("create the tables"))?;
    }
    transaction
        .commit()
        .map_err(Error::state("create the tables"))
}

const SNAPSHOT: &str = "SELECT s.seq, s.id, s.load, s.published_ms, s.offset_s, s.day, s.definitions, s.records, \
     s.totals, r.snapshot IS NULL FROM snapshots s LEFT JOIN retired r ON r.snapshot = s.seq ";

fn one_snapshot(
    state: &Connection,
    filter: &str,
    params: impl rusqlite::Params,
) -> Result<Option<SnapshotInfo>, Error> {
    state
        .query_row(&format!("{SNAPSHOT}{filter}"), params, raw_snapshot)
        .optional()
        .map_err(Error::state("read a snapshot"))?
        .map(snapshot_of)
        .transpose()
}

type RawSnapshot = (
    i64,
    String,
    String,
    i64,
    i32,
    String,
    String,
    i64,
    String,
    bool,
);

fn raw_snapshot(row: &Row<'_>) -> rusqlite::Result<RawSnapshot> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
        row.get(8)?,
        row.get(9)?,
    ))
}

fn snapshot_of(raw: RawSnapshot) -> Result<SnapshotInfo, Error> {
    let (seq, id, load, ms, offset, day, definitions_digest, records, totals, kept) = raw;
    let corrupt = |what: &'static str, value: String| Error::Corrupt { what, value };
    let published_at = FixedOffset::east_opt(offset)
        .zip(DateTime::from_timestamp_millis(ms))
        .map(|(offset, instant)| instant.with_timezone(&offset))
        .ok_or_else(|| corrupt("instant", format!("{ms} {offset}")))?;
    let day: NaiveDate = day.parse().map_err(|_| corrupt("day", day.clone()))?;
    let totals = serde_json::from_str(&totals).map_err(|_| corrupt("totals", totals.clone()))?;
    Ok(SnapshotInfo {
        seq,
        id: SnapshotId::new(id),
        load,
        published_at,
        day,
        definitions_digest,
        records: records.cast_unsigned(),
        totals,
        kept,
    })
}

/// Every snapshot in order of publication.
pub(crate) fn snapshots(state: &Connection) -> Result<Vec<SnapshotInfo>, Error> {
    let raw: Vec<RawSnapshot> = state
        .prepare(&format!("{SNAPSHOT}ORDER BY s.seq"))
        .and_then(|mut s| s.query_map([], raw_snapshot)?.collect())
        .map_err(Error::state("list snapshots"))?;
    raw.into_iter().map(snapshot_of).collect()
}

/// The newest snapshot.
pub(crate) fn latest(state: &Connection) -> Result<Option<SnapshotInfo>, Error> {
    one_snapshot(state, "ORDER BY s.seq DESC LIMIT 1", [])
}

/// The snapshot with an id.
pub(crate) fn snapshot_by_id(
    state: &Connection,
    id: &SnapshotId,
) -> Result<Option<SnapshotInfo>, Error> {
    one_snapshot(state, "WHERE s.id = ?1", [id.as_str()])
}

/// The newest snapshot published at or before an instant.
pub(crate) fn as_of(
    state: &Connection,
    instant: DateTime<FixedOffset>,
) -> Result<Option<SnapshotInfo>, Error> {
    one_snapshot(
        state,
        "WHERE s.published_ms <= ?1 ORDER BY s.seq DESC LIMIT 1",
        [instant.timestamp_millis()],
    )
}

/// Tables and their files as of a snapshot.
pub(crate) fn tables_of(
    state: &Connection,
    seq: i64,
) -> Result<BTreeMap<String, TableState>, Error> {
    let mut tables = BTreeMap::new();
    let mut names = BTreeMap::new();
    let raw: Vec<(i64, String, String, i64, String)> = state
        .prepare_cached(
            "SELECT t.id, t.name, t.uuid, v.version, v.schema FROM tables t JOIN versions v ON v.table_id = t.id \
             WHERE v.snapshot = (SELECT max(snapshot) FROM versions WHERE table_id = t.id AND snapshot <= ?1)",
        )
        .and_then(|mut s| {
            s.query_map([seq], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?.collect()
        })
        .map_err(Error::state("list tables"))?;
    for (id, name, uuid, version, schema) in raw {
        let schema: TableSchema = serde_json::from_str(&schema).map_err(|_| Error::Corrupt {
            what: "table schema",
            value: schema,
        })?;
        names.insert(id, name.clone());
        tables.insert(
            name,
            TableState {
                id,
                uuid,
                version: version.cast_unsigned(),
                schema,
                files: Vec::new(),
            },
        );
    }
    let files: Vec<FileInfo> = state
        .prepare_cached(&format!(
            "{FILES} WHERE added <= ?1 AND (removed IS NULL OR removed > ?1) ORDER BY id"
        ))
        .and_then(|mut s| s.query_map([seq], file_of)?.collect())
        .map_err(Error::state("list files"))?;
    for file in files {
        let table = names.get(&file.table_id).and_then(|n| tables.get_mut(n));
        if let Some(table) = table {
            table.files.push(file);
        }
    }
    Ok(tables)
}

const FILES: &str = "SELECT id, table_id, path, partition, bytes, rows, sha256 FROM files";

fn file_of(row: &Row<'_>) -> rusqlite::Result<FileInfo> {
    Ok(FileInfo {
        id: row.get(0)?,
        table_id: row.get(1)?,
        path: row.get(2)?,
        partition: row.get(3)?,
        bytes: row.get::<_, i64>(4)?.cast_unsigned(),
        rows: row.get::<_, i64>(5)?.cast_unsigned(),
        sha256: row.get(6)?,
    })
}

/// Every data file that a kept snapshot names.
pub(crate) fn kept_files(state: &Connection) -> Result<Vec<FileInfo>, Error> {
    state
        .prepare(&format!(
            "{FILES} WHERE EXISTS (SELECT 1 FROM snapshots s WHERE s.seq >= added \
             AND (removed IS NULL OR s.seq < removed) AND s.seq NOT IN (SELECT snapshot FROM retired)) ORDER BY id"
        ))
        .and_then(|mut s| s.query_map([], file_of)?.collect())
        .map_err(Error::state("list files"))
}

/// A table's name, by its id, with the newest version committed.
pub(crate) fn table_names(state: &Connection) -> Result<BTreeMap<i64, (String, u64)>, Error> {
    state
        .prepare(
            "SELECT t.id, t.name, max(v.version) FROM tables t JOIN versions v ON v.table_id = t.id GROUP BY t.id",
        )
        .and_then(|mut s| {
            s.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get::<_, i64>(2)?.cast_unsigned()))))?.collect()
        })
        .map_err(Error::state("list tables"))
}

/// Committed Delta versions: table id, version, bytes, digest.
pub(crate) fn versions(state: &Connection) -> Result<Vec<(i64, u64, u64, String)>, Error> {
    state
        .prepare("SELECT table_id, version, bytes, sha256 FROM versions ORDER BY table_id, version")
        .and_then(|mut s| {
            s.query_map([], |r| {
                let (version, bytes): (i64, i64) = (r.get(1)?, r.get(2)?);
                Ok((
                    r.get(0)?,
                    version.cast_unsigned(),
                    bytes.cast_unsigned(),
                    r.get(3)?,
                ))
            })?
            .collect()
        })
        .map_err(Error::state("list versions"))
}

/// Archived files: digest of the submitted bytes, stored bytes, digest of the stored file.
pub(crate) fn archived(state: &Connection) -> Result<BTreeMap<String, (u64, String)>, Error> {
    state
        .prepare("SELECT sha256, stored_bytes, stored_sha256 FROM archive ORDER BY sha256")
        .and_then(|mut s| {
            s.query_map([], |r| {
                Ok((r.get(0)?, (r.get::<_, i64>(1)?.cast_unsigned(), r.get(2)?)))
            })?
            .collect()
        })
        .map_err(Error::state("list the archive"))
}

/// Whether the archive has these bytes.
pub(crate) fn is_archived(state: &Connection, sha256: &str) -> Result<bool, Error> {
    state
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM archive WHERE sha256 = ?1)",
            [sha256],
            |r| r.get(0),
        )
        .map_err(Error::state("look into the archive"))
}

/// Stored definitions by digest.
pub(crate) fn definitions(state: &Connection, digest: &str) -> Result<Option<Vec<u8>>, Error> {
    state
        .query_row(
            "SELECT archive FROM definitions WHERE digest = ?1",
            [digest],
            |r| r.get(0),
        )
        .optional()
        .map_err(Error::state("read definitions"))
}

/// Whether these bytes were loaded before.
pub(crate) fn submission_seen(
    state: &Connection,
    dataset: &str,
    department: &str,
    sha256: &str,
) -> Result<bool, Error> {
    state
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM submissions WHERE dataset = ?1 AND department = ?2 AND sha256 = ?3 \
             AND status = 'loaded')",
            [dataset, department, sha256],
            |r| r.get(0),
        )
        .map_err(Error::state("look for a submission"))
}

/// Submissions of a load.
pub(crate) fn submissions(state: &Connection, load: &str) -> Result<Vec<Submission>, Error> {
    let raw: Vec<(Submission, String, String)> = state
        .prepare(
            "SELECT b.* FROM submissions b JOIN snapshots s ON s.seq = b.snapshot WHERE s.load = ?1 ORDER BY position",
        )
        .and_then(|mut s| s.query_map([load], submission_of)?.collect())
        .map_err(Error::state("list submissions"))?;
    raw.into_iter()
        .map(|(mut submission, status, receipt)| {
            submission.status = status.parse().map_err(|()| Error::Corrupt {
                what: "submission status",
                value: status,
            })?;
            submission.receipt = serde_json::from_str(&receipt).map_err(|_| Error::Corrupt {
                what: "receipt",
                value: receipt,
            })?;
            Ok(submission)
        })
        .collect()
}

fn submission_of(row: &Row<'_>) -> rusqlite::Result<(Submission, String, String)> {
    let count =
        |name: &str| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(name)?.cast_unsigned()) };
    let submission = Submission {
        file: row.get("file")?,
        sha256: row.get("sha256")?,
        dataset: row.get("dataset")?,
        department: row.get("department")?,
        division: row.get("division")?,
        period: row.get("period")?,
        status: super::SubmissionStatus::Loaded,
        received: count("received")?,
        new: count("new")?,
        correction: count("correction")?,
        withdrawal: count("withdrawal")?,
        unchanged: count("unchanged")?,
        rejected: count("rejected")?,
        receipt: serde_json::Value::Null,
    };
    Ok((submission, row.get("status")?, row.get("receipt")?))
}

/// Counts one more attempt, durably.
pub(crate) fn record_attempt(state: &Connection, sha256: &str) -> Result<u32, Error> {
    state
        .query_row(
            "INSERT INTO attempts VALUES (?1, 1) ON CONFLICT (sha256) DO UPDATE SET count = count + 1 RETURNING count",
            [sha256],
            |r| r.get(0),
        )
        .map_err(Error::state("record an attempt"))
}

/// Attempts counted.
pub(crate) fn attempts(state: &Connection, sha256: &str) -> Result<u32, Error> {
    let count = state
        .query_row(
            "SELECT count FROM attempts WHERE sha256 = ?1",
            [sha256],
            |r| r.get(0),
        )
        .optional()
        .map_err(Error::state("read attempts"))?;
    Ok(count.unwrap_or(0))
}

/// Forgets attempts.
pub(crate) fn clear_attempts(state: &Connection, sha256: &str) -> Result<(), Error> {
    state
        .execute("DELETE FROM attempts WHERE sha256 = ?1", [sha256])
        .map(|_| ())
        .map_err(Error::state("clear attempts"))
}

/// Pins a kept snapshot.
pub(crate) fn pin(state: &mut Connection, id: &SnapshotId, reason: &str) -> Result<(), Error> {
    let transaction = state
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(Error::state("begin"))?;
    let info =
        snapshot_by_id(&transaction, id)?.ok_or_else(|| Error::NoSnapshot { id: id.clone() })?;
    if !info.kept {
        return Err(Error::Retired { id: id.clone() });
    }
    transaction
        .execute(
            "INSERT OR IGNORE INTO pins VALUES (?1, ?2)",
            params![info.seq, reason],
        )
        .map_err(Error::state("pin"))?;
    transaction.commit().map_err(Error::state("pin"))
}

/// Takes a pin away.
pub(crate) fn unpin(state: &Connection, id: &SnapshotId, reason: &str) -> Result<(), Error> {
    state
        .execute(
            "DELETE FROM pins WHERE reason = ?2 AND snapshot = (SELECT seq FROM snapshots WHERE id = ?1)",
            [id.as_str(), reason],
        )
        .map(|_| ())
        .map_err(Error::state("unpin"))
}

/// A value kept beside the tables.
pub(crate) fn meta(state: &Connection, key: &str) -> Result<Option<String>, Error> {
    state
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
        .optional()
        .map_err(Error::state("read a note"))
}

/// Sets a value kept beside the tables, durably.
pub(crate) fn set_meta(state: &Connection, key: &str, value: &str) -> Result<(), Error> {
    state
        .execute(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )
        .map(|_| ())
        .map_err(Error::state("write a note"))
}

/// Digest over all that one snapshot added to the state, chained to the snapshot before it.
pub(crate) fn digest(state: &Connection, seq: i64) -> Result<String, Error> {
    const PARTS: [&str; 6] = [
        "SELECT seq, id, load, published_ms, offset_s, day, definitions, records, totals, \
         (SELECT sha256 FROM definitions d WHERE d.digest = s.definitions), \
         (SELECT digest FROM snapshots p WHERE p.seq = s.seq - 1) FROM snapshots s WHERE seq = ?1",
        "SELECT v.*, t.name, t.uuid FROM versions v JOIN tables t ON t.id = v.table_id WHERE v.snapshot = ?1 ORDER BY table_id",
        "SELECT id, table_id, path, partition, bytes, rows, sha256, added FROM files WHERE added = ?1 ORDER BY id",
        "SELECT id FROM files WHERE removed = ?1 ORDER BY id",
        "SELECT * FROM submissions WHERE snapshot = ?1 ORDER BY position",
        "SELECT * FROM archive WHERE snapshot = ?1 ORDER BY sha256",
    ];
    let mut sha = Sha256::new();
    for sql in PARTS {
        feed(state, sql, seq, &mut sha).map_err(Error::state("digest a snapshot"))?;
    }
    Ok(hex::encode(sha.finalize()))
}

fn feed(state: &Connection, sql: &str, seq: i64, sha: &mut Sha256) -> rusqlite::Result<()> {
    let mut statement = state.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query([seq])?;
    while let Some(row) = rows.next()? {
        for i in 0..width {
            let (tag, bytes): (u8, &[u8]) = match row.get_ref(i)? {
                ValueRef::Null => (0, &[]),
                ValueRef::Integer(n) => {
                    sha.update([1]);
                    sha.update(n.to_le_bytes());
                    continue;
                }
                ValueRef::Real(x) => {
                    sha.update([2]);
                    sha.update(x.to_le_bytes());
                    continue;
                }
                ValueRef::Text(text) => (3, text),
                ValueRef::Blob(blob) => (4, blob),
            };
            sha.update([tag]);
            sha.update((bytes.len() as u64).to_le_bytes());
            sha.update(bytes);
        }
        sha.update([5]);
    }
    sha.update([6]);
    Ok(())
}
