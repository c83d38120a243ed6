//! Answers that are made before anybody asks, so that the first reader of a new snapshot waits no longer than the next.

use super::{App, Error};
use crate::indicators::table::Request;

/// What pages break headlines down by.
const BREAKDOWNS: [&[&str]; 3] = [&[], &["division"], &["month"]];

/// What became of the requests that were asked ahead.
#[derive(Debug)]
pub struct Warmed {
    /// The snapshot they were asked of.
    pub snapshot: String,
    /// How many were answered.
    pub answered: usize,
    /// Those that could not be, each with the reason.
    pub failed: Vec<(Request, Error)>,
}

impl App {
    /// Answers `requests` from the newest snapshot, so that it and the facts it is made from are in memory. All of them are asked of
    /// one snapshot, also while a load publishes the next, and one that fails does not stop the others.
    ///
    /// It works on the calling thread and holds nobody up: who asks meanwhile gets an answer that is there, or makes it with what
    /// has been read so far. From now on facts are read with all their columns.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Lake`] when the state cannot be read.
    pub fn warm(&self, requests: &[Request]) -> Result<Warmed, Error> {
        self.inner.facts.expect_many_questions();
        let snapshot = self.snapshot(None)?.id().as_str().to_owned();
        let mut failed = Vec::new();
        for request in requests {
            if let Err(error) = self.figures(request, Some(&snapshot)) {
                failed.push((request.clone(), error));
            }
        }
        Ok(Warmed {
            snapshot,
            answered: requests.len() - failed.len(),
            failed,
        })
    }

    /// What readers of a snapshot ask for first: its headlines as totals, by division and by month.
    ///
    /// # Errors
    /// As [`App::snapshot`] and [`App::definitions`].
    pub fn headline_requests(&self) -> Result<Vec<Request>, Error> {
        let definitions = self.definitions(&self.snapshot(None)?)?;
        let programme = &definitions.programme;
        let headlines = programme.config.dashboard.headlines.iter();
        let requests = headlines.flat_map(|indicator| {
            let known = definitions.catalog.dimensions(programme, indicator);
            let fits =
                move |by: &&&[&str]| !by.contains(&"division") || known.contains(&"division");
            BREAKDOWNS.iter().filter(fits).map(|by| Request {
                indicator: indicator.clone(),
                by: by.iter().map(|name| (*name).to_owned()).collect(),
                ..Request::default()
            })
        });
        Ok(requests.collect())
    }
}
