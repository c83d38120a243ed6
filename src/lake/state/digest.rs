//! One digest per snapshot over everything it added to the state, so that a change shows.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::lake::Error;

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
