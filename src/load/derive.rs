//! What publishing computes, for tables that are not of a load: those of worked examples.

use super::{Error, counted, register};
use crate::engine::schema::{CERTIFICATES, COUNTED_DATASET, REGISTER};
use crate::programme::Programme;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// Adds to tables of current records what a load would publish with them: which of them count, and the register
/// of skilled workers.
///
/// # Errors
/// When a table has not the columns of its dataset.
pub fn derive(
    tables: &mut BTreeMap<String, DataFrame>,
    programme: &Programme,
) -> Result<(), Error> {
    if let Some(records) = tables.remove(COUNTED_DATASET) {
        let records = counted::of(records, programme)?;
        tables.insert(COUNTED_DATASET.to_owned(), records);
    }
    if let Some(certificates) = tables.get(CERTIFICATES) {
        let changes = register::of(certificates, programme)?;
        tables.insert(REGISTER.to_owned(), changes);
    }
    Ok(())
}
