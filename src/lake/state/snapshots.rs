//! Snapshots and pins.

use chrono::{DateTime, FixedOffset, NaiveDate};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::lake::{Error, SnapshotId, SnapshotInfo};

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
