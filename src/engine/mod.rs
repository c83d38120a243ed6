//! Runs one composed SQL string over the tables of a snapshot (embedded Polars).

pub mod schema;

use polars::prelude::{DataFrame, LazyFrame, PolarsError};
use polars::sql::SQLContext;

/// Why a query could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused the query or failed while running it.
    #[error("the engine cannot run the query: {source}; query: {sql}")]
    Query {
        /// The composed query.
        sql: String,
        /// What the engine said.
        #[source]
        source: PolarsError,
    },
}

/// The rows `sql` gives over `tables` (name and rows); column names and order are those of its outermost SELECT.
///
/// # Errors
/// [`Error::Query`] when the query names what the tables do not have, or when a table cannot be read.
pub fn run(
    tables: impl IntoIterator<Item = (String, LazyFrame)>,
    sql: &str,
) -> Result<DataFrame, Error> {
    let mut context = SQLContext::new();
    for (name, table) in tables {
        context.register(&name, table);
    }
    context
        .execute(sql)
        .and_then(LazyFrame::collect)
        .map_err(|source| Error::Query {
            sql: sql.to_owned(),
            source,
        })
}
