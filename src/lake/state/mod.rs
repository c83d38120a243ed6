//! The lake's state in SQLite: the schema, the settings durability rests on, and every query.

mod digest;
mod files;
mod hashed;
mod snapshots;
mod submissions;

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

pub(crate) use digest::digest;
pub(crate) use files::{archived, is_archived, kept_files, table_names, tables_of, versions};
pub use hashed::FileStamp;
pub(crate) use hashed::{digest_of, note};
pub(crate) use snapshots::{as_of, latest, pin, snapshot_by_id, snapshots, unpin};
pub(crate) use submissions::{arrivals, submission_seen, submissions};

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
    state
        .execute_batch(include_str!("hashed.sql"))
        .map_err(Error::state("create the tables"))?;
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

/// Opens a second connection to a state that is there, for reading.
pub(crate) fn open_watch(root: &Path) -> Result<Connection, Error> {
    // A reader of a log that others write needs write access to the memory they share.
    let flags =
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let state =
        Connection::open_with_flags(root.join(FILE), flags).map_err(Error::state("open"))?;
    state
        .busy_timeout(Duration::from_secs(1))
        .and_then(|()| state.pragma_update(None, "query_only", true))
        .map_err(Error::state("change a setting"))?;
    Ok(state)
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
            .execute_batch(include_str!("schema.sql"))
            .and_then(|()| transaction.pragma_update(None, "user_version", FORMAT))
            .map_err(Error::state("create the tables"))?;
    }
    transaction
        .commit()
        .map_err(Error::state("create the tables"))
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
