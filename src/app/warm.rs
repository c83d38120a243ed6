//! Answers that are made before anybody asks, so that the first reader of a new snapshot waits no longer than the next.

use super::{App, Error};
use crate::indicators::table::Request;
use crate::presentation::dashboard::{Need, Page, Selection, needs};

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

    /// What the pages ask of a snapshot when nothing is selected, each question once, in the order of the pages.
    ///
    /// # Errors
    /// As [`App::snapshot`] and [`App::definitions`].
    pub fn page_requests(&self) -> Result<Vec<Request>, Error> {
        let catalog = self.definitions(&self.snapshot(None)?)?.catalog;
        let selection = Selection::default();
        let pages = self.dashboards().iter().filter_map(|page| match page {
            Page::Ready(dashboard) => Some(needs(dashboard, &selection, &catalog)),
            Page::Broken { .. } => None,
        });
        let mut requests: Vec<Request> = Vec::new();
        for need in pages.flatten() {
            if let Need::Figures(request) | Need::History(request) = need
                && !requests.contains(&request)
            {
                requests.push(request);
            }
        }
        Ok(requests)
    }
}
