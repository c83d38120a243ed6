//! One method per question anyone may ask; the server and the command line are encodings of its answers.

use crate::indicators::table::{Request, Table};
use crate::programme::Programme;
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::sync::Arc;

/// Why a question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was loaded yet.
    #[error("nothing has been loaded yet")]
    Empty,
    /// The request names something unknown; the text says what and the nearest valid ones.
    #[error("{0}")]
    Request(String),
}

/// How fresh the figures are.
#[derive(Debug, Clone)]
pub struct Freshness {
    /// Id of the newest snapshot.
    pub snapshot: String,
    /// The day its data stand at.
    pub data_as_of: NaiveDate,
    /// When it was published.
    pub loaded_at: DateTime<FixedOffset>,
    /// When the next nightly load is due, where one is scheduled.
    pub next_load: Option<DateTime<FixedOffset>>,
    /// Current records in it.
    pub records: u64,
}

/// A project that is open for questions. Cheap to clone.
#[derive(Clone)]
pub struct App {
    programme: Arc<Programme>,
}

impl App {
    /// The programme.
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// How fresh the newest snapshot is.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load.
    pub fn freshness(&self) -> Result<Freshness, Error> {
        Err(Error::Empty)
    }

    /// The answer to `request` from the newest snapshot, or from the one `as_of` names (id, day or instant).
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for anything unknown.
    pub fn figures(&self, request: &Request, as_of: Option<&str>) -> Result<Arc<Table>, Error> {
        let _ = (request, as_of);
        Err(Error::Empty)
    }
}
