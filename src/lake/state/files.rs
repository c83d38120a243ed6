//! Tables, their versions and files, and archived files.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use crate::lake::Error;
use crate::lake::schema::TableSchema;
use crate::lake::snapshot::{FileInfo, TableState};

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
