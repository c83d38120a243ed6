//! The committed state of a dataset, by record key.

use super::Error;
use crate::intake::batch::RecordKey;
use crate::intake::dispose::{Known, State};
use crate::lake::Snapshot;
use polars::prelude::{DataFrame, LazyFrame, col, lit};

/// Table of the keys of records that were taken back.
pub(super) const WITHDRAWN: &str = "withdrawn";

/// The state of `dataset` in a snapshot; empty without one.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn committed(base: Option<&Snapshot>, dataset: &str) -> Result<State, Error> {
    let mut state = State::default();
    let Some(base) = base else { return Ok(state) };
    if base.has(dataset) {
        state.reserve(usize::try_from(base.rows(dataset)).unwrap_or(0));
        let frame = base
            .scan(dataset)?
            .select([col("key_high"), col("key_low"), col("digest")])
            .collect()?;
        let digests = frame.column("digest")?.i64()?.into_no_null_iter();
        for (key, digest) in keys(&frame)?.zip(digests) {
            state.insert(key, Known::Live(digest.cast_unsigned()));
        }
    }
    if base.has(WITHDRAWN) {
        let frame = of_dataset(base.scan(WITHDRAWN)?, dataset).collect()?;
        state.extend(keys(&frame)?.map(|key| (key, Known::Withdrawn)));
    }
    Ok(state)
}

/// The rows of a frame as record keys.
///
/// # Errors
/// When the key columns are missing.
pub(super) fn keys(frame: &DataFrame) -> Result<impl Iterator<Item = RecordKey> + '_, Error> {
    let high = frame.column("key_high")?.i64()?.into_no_null_iter();
    let low = frame.column("key_low")?.i64()?.into_no_null_iter();
    Ok(high
        .zip(low)
        .map(|(high, low)| RecordKey::from_columns(high, low)))
}

fn of_dataset(frame: LazyFrame, dataset: &str) -> LazyFrame {
    frame.filter(col("dataset").eq(lit(dataset)))
}

/// The table of withdrawn keys as the changes of a load leave it.
///
/// # Errors
/// When the table cannot be read.
pub(super) fn withdrawn_after(
    base: Option<&Snapshot>,
    changes: &[(&str, &crate::intake::dispose::Changes)],
) -> Result<DataFrame, Error> {
    let mut rows: Vec<(String, RecordKey)> = Vec::new();
    if let Some(base) = base.filter(|base| base.has(WITHDRAWN)) {
        let frame = base.scan(WITHDRAWN)?.collect()?;
        let datasets = frame.column("dataset")?.str()?;
        for (dataset, key) in datasets.iter().flatten().zip(keys(&frame)?) {
            let changed = changes
                .iter()
                .any(|(name, changes)| *name == dataset && changes.contains_key(&key));
            if !changed {
                rows.push((dataset.to_owned(), key));
            }
        }
    }
    for (dataset, changes) in changes {
        let gone = changes
            .iter()
            .filter(|(_, change)| change.known() == Known::Withdrawn);
        rows.extend(gone.map(|(key, _)| ((*dataset).to_owned(), *key)));
    }
    rows.sort_unstable();
    let column = |values: Vec<i64>, name: &str| polars::prelude::Column::new(name.into(), values);
    let datasets: Vec<&str> = rows.iter().map(|(dataset, _)| dataset.as_str()).collect();
    let columns = vec![
        polars::prelude::Column::new("dataset".into(), datasets),
        column(
            rows.iter().map(|(_, key)| key.to_columns().0).collect(),
            "key_high",
        ),
        column(
            rows.iter().map(|(_, key)| key.to_columns().1).collect(),
            "key_low",
        ),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}
