//! Flows, persons and ratios of flows from facts held in memory; what does not fit there is left to the engine.

use super::Selection;
use super::compose::{DIVISION, narrowed};
use super::definition::Parts;
use super::evaluate::{Error, Gate};
use super::facts::{Facts, FactsCache, Group, Piece, Sums, roll_up};
use super::table::Kind;
use crate::engine;
use crate::engine::schema::SNAPSHOT;
use polars::prelude::{DataFrame, LazyFrame};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Gate<'_> {
    /// The groups of a selection; `None` where the facts are not held.
    pub(super) fn held(&self, selection: &Selection) -> Result<Option<Vec<Group>>, Error> {
        let Some(cache) = &self.published.facts else {
            return Ok(None);
        };
        let Some(pieces) = self.held_facts(cache, selection)? else {
            return Ok(None);
        };
        let sums = match (self.indicator.kind, self.indicator.parts) {
            (Kind::Distinct, _) => Sums::Persons(cache.persons()),
            (Kind::Ratio, Parts::Flow) => Sums::Parts,
            (Kind::Flow, _) => Sums::Value,
            _ => return Ok(None),
        };
        Ok(roll_up(
            &pieces,
            selection,
            self.published.programme.config.calendar,
            sums,
        ))
    }

    /// The facts of all pieces of the indicator's tables, made where they are not held yet.
    fn held_facts(
        &self,
        cache: &FactsCache,
        selection: &Selection,
    ) -> Result<Option<Vec<Arc<Facts>>>, Error> {
        let mut tables = Vec::new();
        for table in self
            .indicator
            .tables
            .iter()
            .filter(|table| *table != SNAPSHOT)
        {
            match self.published.pieces.get(table) {
                Some(pieces) => tables.push((table, pieces)),
                None => return Ok(None),
            }
        }
        let wanted = Wanted::new(self, selection);
        match &tables[..] {
            [(table, pieces)] if self.indicator.one_record_at_a_time => {
                let of = |piece: &Piece| {
                    self.facts_of(cache, &wanted, &piece.id, || {
                        vec![((*table).clone(), piece.rows.clone())]
                    })
                };
                side_by_side(pieces, of)
            }
            _ => {
                let ids = tables
                    .iter()
                    .flat_map(|(_, pieces)| pieces.iter().map(|piece| &piece.id));
                let whole = || {
                    self.published
                        .tables
                        .iter()
                        .filter(|(name, _)| self.indicator.tables.contains(*name))
                };
                let facts = self.facts_of(cache, &wanted, &joined(ids), || {
                    whole()
                        .map(|(name, rows)| (name.clone(), rows.clone()))
                        .collect()
                })?;
                Ok(facts.map(|facts| vec![facts]))
            }
        }
    }

    fn facts_of(
        &self,
        cache: &FactsCache,
        wanted: &Wanted<'_>,
        piece: &Arc<str>,
        tables: impl FnOnce() -> Vec<(String, LazyFrame)>,
    ) -> Result<Option<Arc<Facts>>, Error> {
        cache.get_or_make(&wanted.definition, piece, &wanted.asked, |whole| {
            let columns: Vec<&str> = match whole {
                true => wanted.given.iter().copied().collect(),
                false => wanted.asked.iter().copied().collect(),
            };
            let frame = self.facts_frame(tables(), &columns)?;
            let measures: &[&str] = match (self.indicator.kind, self.indicator.parts) {
                (Kind::Flow, _) => &["value"],
                (Kind::Ratio, Parts::Flow) => &["numerator", "denominator"],
                _ => &[],
            };
            let distinct = (self.indicator.kind == Kind::Distinct).then_some(cache);
            let whole = columns.len() == wanted.given.len();
            Ok(Facts::read(&frame, &columns, whole, measures, distinct).ok())
        })
    }

    /// The facts over some tables: `columns`, and what every fact has.
    fn facts_frame(
        &self,
        tables: Vec<(String, LazyFrame)>,
        columns: &[&str],
    ) -> Result<DataFrame, Error> {
        let day = self
            .indicator
            .tables
            .contains(SNAPSHOT)
            .then(|| super::evaluate::snapshot_table(self.published.day));
        let columns = [self.indicator.measures(), columns].concat();
        Ok(engine::run(
            tables.into_iter().chain(day),
            &narrowed(&self.indicator.facts, &columns),
        )?)
    }
}

/// What a question wants of the facts.
struct Wanted<'a> {
    /// Names the facts: the query, the columns there are, and the day where they look at it.
    definition: String,
    /// The columns the query gives that a question may be about.
    given: BTreeSet<&'a str>,
    /// Those of them that this one is about.
    asked: BTreeSet<&'a str>,
}

impl<'a> Wanted<'a> {
    fn new(gate: &Gate<'a>, selection: &Selection) -> Self {
        let (indicator, published) = (gate.indicator, gate.published);
        let dimensions = published.programme.dimensions().iter();
        let columns = dimensions.map(|dimension| dimension.column.as_str());
        let given: BTreeSet<&str> = columns
            .chain([DIVISION])
            .filter(|column| published.catalog.gives(&indicator.id, column))
            .collect();
        // Dimensions are declared elsewhere and may be others in another snapshot.
        let names: Vec<&str> = given.iter().copied().collect();
        let mut definition = format!("{} {}", indicator.digest, names.join(" "));
        if indicator.tables.contains(SNAPSHOT) {
            definition += &format!(" {}", published.day);
        }
        let asked = selection.columns();
        let asked = given.iter().copied().filter(|name| asked.contains(name));
        Self {
            definition,
            asked: asked.collect(),
            given,
        }
    }
}

/// What `make` gives for every piece, in order; pieces are made on all processors.
fn side_by_side<T: Send>(
    pieces: &[Piece],
    make: impl Fn(&Piece) -> Result<Option<T>, Error> + Sync,
) -> Result<Option<Vec<T>>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = pieces.len().div_ceil(threads).max(1);
    let made: Vec<Vec<_>> = std::thread::scope(|scope| {
        let running: Vec<_> = pieces
            .chunks(share)
            .map(|share| scope.spawn(|| share.iter().map(&make).collect()))
            .collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    made.into_iter().flatten().collect()
}

/// One id for the content of several pieces together.
fn joined<'a>(ids: impl Iterator<Item = &'a Arc<str>>) -> Arc<str> {
    let mut ids: Vec<&str> = ids.map(AsRef::as_ref).collect();
    ids.sort_unstable();
    let mut sha = Sha256::new();
    for id in ids {
        sha.update(id.as_bytes());
        sha.update([0]);
    }
    hex::encode(sha.finalize()).into()
}
