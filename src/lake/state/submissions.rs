//! What became of submitted files.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::lake::{Arrived, Error, Submission, SubmissionStatus};

/// Where these bytes were loaded before: load, name of the file, and how many rows were rejected then.
pub(crate) fn submission_seen(
    state: &Connection,
    dataset: &str,
    department: &str,
    sha256: &str,
) -> Result<Option<(String, String, u64)>, Error> {
    state
        .query_row(
            "SELECT s.load, b.file, b.rejected FROM submissions b JOIN snapshots s ON s.seq = b.snapshot \
             WHERE dataset = ?1 AND department = ?2 AND sha256 = ?3 AND status = 'loaded'",
            [dataset, department, sha256],
            |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, i64>(2)?.cast_unsigned())),
        )
        .optional()
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

/// Submissions up to a snapshot that brought rows, or said that there are none.
pub(crate) fn arrivals(state: &Connection, seq: i64) -> Result<Vec<Arrived>, Error> {
    let raw: Vec<(Arrived, String)> = state
        .prepare(
            "SELECT b.dataset, b.department, b.division, b.period, b.received, b.rejected, s.day \
             FROM submissions b JOIN snapshots s ON s.seq = b.snapshot \
             WHERE b.snapshot <= ?1 AND (b.status = 'loaded' OR b.status = 'duplicate' AND EXISTS ( \
                 SELECT 1 FROM submissions o WHERE o.dataset = b.dataset AND o.department = b.department \
                 AND o.sha256 = b.sha256 AND o.status = 'loaded' AND o.received = 0)) \
             ORDER BY b.snapshot, b.position",
        )
        .and_then(|mut s| s.query_map([seq], arrived_of)?.collect())
        .map_err(Error::state("list what arrived"))?;
    raw.into_iter()
        .map(|(mut arrived, day)| {
            arrived.day = day.parse().map_err(|_| Error::Corrupt {
                what: "day",
                value: day,
            })?;
            Ok(arrived)
        })
        .collect()
}

fn arrived_of(row: &Row<'_>) -> rusqlite::Result<(Arrived, String)> {
    let count =
        |name: &str| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(name)?.cast_unsigned()) };
    let arrived = Arrived {
        dataset: row.get("dataset")?,
        department: row.get("department")?,
        division: row.get("division")?,
        period: row.get("period")?,
        day: chrono::NaiveDate::default(),
        received: count("received")?,
        rejected: count("rejected")?,
    };
    Ok((arrived, row.get("day")?))
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
        status: SubmissionStatus::Loaded,
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
