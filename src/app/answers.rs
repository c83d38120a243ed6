//! Answers that were made and are kept: those of a snapshot never change.

use super::figures::{Origin, figures, pieces};
use super::{App, Error};
use crate::engine::schema;
use crate::indicators::table::{Request, Table};
use crate::lake::Snapshot;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers kept; they are only dropped for room.
const ANSWERS_MAX: usize = 512;

/// Answers by snapshot and request.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<(String, Request), Arc<Table>>>);

impl App {
    /// The answer to `request` from `snapshot`, without the marks that other snapshots or the calendar put on it.
    pub(super) fn unmarked(
        &self,
        snapshot: &Snapshot,
        request: &Request,
    ) -> Result<Arc<Table>, Error> {
        self.kept(&self.inner.answers, snapshot, request, || {
            let definitions = self.definitions(snapshot)?;
            let tables = self.tables(snapshot, &definitions, &request.indicator)?;
            let mut origin = Origin::of(snapshot);
            // Findings are made anew for every snapshot: they do not consist of pieces.
            for table in tables.keys().filter(|table| *table != schema::FINDINGS) {
                let pieces = pieces(snapshot, table)?;
                origin.pieces.insert(table.clone(), pieces);
            }
            origin.facts = Some(Arc::clone(&self.inner.facts));
            origin.returns = self.returns(snapshot, &definitions)?;
            figures(&definitions, tables, &origin, request)
        })
    }

    /// The answer that is kept, or the one `make` gives.
    pub(super) fn kept(
        &self,
        answers: &Answers,
        snapshot: &Snapshot,
        request: &Request,
        make: impl FnOnce() -> Result<Table, Error>,
    ) -> Result<Arc<Table>, Error> {
        let key = (snapshot.id().as_str().to_owned(), request.clone());
        let answers = || answers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers().get(&key) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(make()?);
        let mut answers = answers();
        if answers.len() >= ANSWERS_MAX {
            // What is asked most is asked of the newest snapshot; ids sort in the order of publication.
            let newest = answers.keys().map(|(id, _)| id.clone()).max();
            answers.retain(|(id, _), _| Some(id) == newest.as_ref());
        }
        if answers.len() >= ANSWERS_MAX {
            answers.clear();
        }
        answers.insert(key, Arc::clone(&answer));
        Ok(answer)
    }
}
