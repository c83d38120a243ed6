//! The newest snapshot, asked for with every request and read only when something was committed.

use super::{App, Error};
use crate::lake::{SnapshotInfo, Watch};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::sync::{Arc, Mutex, PoisonError};

/// What every answer of now depends on besides its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Id of the newest snapshot.
    pub snapshot: String,
    /// The load that published it.
    pub load: String,
    /// When it was published.
    pub published_at: DateTime<FixedOffset>,
    /// The day its data stand at.
    pub day: NaiveDate,
    /// Current records in it.
    pub records: u64,
    /// When the next nightly load is due, where one is scheduled.
    pub next_load: Option<DateTime<FixedOffset>>,
}

/// What was seen last.
#[derive(Default)]
pub(super) struct Seen(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    watch: Option<Watch>,
    /// The version of the state, and what it said; no snapshot in an empty lake.
    last: Option<(i64, Option<Arc<Standing>>)>,
}

impl App {
    /// Where things stand now. It is never older than the last commit of any process, and costs microseconds where nothing was
    /// committed since it was last asked for.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Lake`] when the state cannot be read.
    pub fn standing(&self) -> Result<Arc<Standing>, Error> {
        let seen = &self.inner.newest;
        let mut seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Watched { watch, last } = &mut *seen;
        let watch = match watch {
            Some(watch) => watch,
            none => none.insert(self.inner.lake.watch()?),
        };
        // The version first: what is committed after it was read shows in the next one.
        let version = watch.version()?;
        let now = self.now();
        if let Some((known, standing)) = last
            && *known == version
        {
            match standing {
                None => return Err(Error::Empty),
                // A night without new files publishes nothing, and the next load is another one then.
                Some(standing) if standing.next_load.is_none_or(|next| now < next) => {
                    return Ok(Arc::clone(standing));
                }
                Some(_) => {}
            }
        }
        let newest = watch.newest()?;
        let standing = newest.map(|info| Arc::new(self.standing_at(&info)));
        *last = Some((version, standing.clone()));
        standing.ok_or(Error::Empty)
    }

    fn standing_at(&self, info: &SnapshotInfo) -> Standing {
        Standing {
            snapshot: info.id.as_str().to_owned(),
            load: info.load.clone(),
            published_at: info.published_at,
            day: info.day,
            records: info.records,
            next_load: self.next_load(),
        }
    }
}
