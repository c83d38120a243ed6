//! Answers that were made and are kept: those of a snapshot never change.

use super::figures::{Origin, figures, pieces};
use super::{App, Error};
use crate::engine::schema;
use crate::indicators::table::{Request, Table};
use crate::lake::Snapshot;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of the answers that are kept, a hundred more for each of them; they are only dropped for room.
const ROWS_MAX: usize = 200_000;
const ROWS_OF_ONE: usize = 100;

/// Answers by snapshot and request.
#[derive(Default)]
pub(super) struct Answers(Mutex<Held>);

#[derive(Default)]
struct Held {
    tables: HashMap<(String, Request), Arc<Table>>,
    rows: usize,
}

impl Held {
    /// Drops what is not of the newest snapshot, of which most is asked; ids sort in the order of publication.
    fn keep_newest(&mut self) {
        let newest = self.tables.keys().map(|(id, _)| id.clone()).max();
        self.tables.retain(|(id, _), _| Some(id) == newest.as_ref());
        let rows = self
            .tables
            .values()
            .map(|table| table.rows.len() + ROWS_OF_ONE);
        self.rows = rows.sum();
    }
}

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
        if let Some(answer) = answers().tables.get(&key) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(make()?);
        let rows = answer.rows.len() + ROWS_OF_ONE;
        // One that takes all the room by itself is made again when it is asked for again.
        if rows <= ROWS_MAX {
            let mut held = answers();
            if held.rows + rows > ROWS_MAX {
                held.keep_newest();
            }
            if held.rows + rows > ROWS_MAX {
                *held = Held::default();
            }
            if held.tables.insert(key, Arc::clone(&answer)).is_none() {
                held.rows += rows;
            }
        }
        Ok(answer)
    }
}
