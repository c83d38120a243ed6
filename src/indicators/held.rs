//! Flows, persons and ratios of flows from facts held in memory; what does not fit there is left to the engine.

use super::Selection;
use super::definition::Parts;
use super::evaluate::{Error, Gate};
use super::facts::{Facts, FactsCache, Group, Piece, Sums, roll_up};
use super::table::Kind;
use crate::engine;
use crate::engine::schema::SNAPSHOT;
use polars::prelude::{DataFrame, LazyFrame};
use sha2::{Digest, Sha256};
use std::sync::Arc;

impl Gate<'_> {
    /// The groups of a selection; `None` where the facts are not held.
    pub(super) fn held(&self, selection: &Selection) -> Result<Option<Vec<Group>>, Error> {
        let Some(cache) = &self.published.facts else {
            return Ok(None);
        };
        let Some(pieces) = self.held_facts(cache)? else {
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
    fn held_facts(&self, cache: &FactsCache) -> Result<Option<Vec<Arc<Facts>>>, Error> {
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
        match &tables[..] {
            [(table, pieces)] if self.indicator.one_record_at_a_time => {
                let of = |piece: &Piece| {
                    self.facts_of(cache, &piece.id, || {
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
                let facts = self.facts_of(cache, &joined(ids), || {
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
        piece: &Arc<str>,
        tables: impl FnOnce() -> Vec<(String, LazyFrame)>,
    ) -> Result<Option<Arc<Facts>>, Error> {
        let indicator = self.indicator;
        let columns: Vec<String> = self
            .published
            .programme
            .dimensions()
            .iter()
            .map(|dimension| dimension.column.clone())
            .collect();
        // Dimensions are declared elsewhere and may be others in another snapshot.
        let mut definition = format!("{} {}", indicator.digest, columns.join(" "));
        if indicator.tables.contains(SNAPSHOT) {
            definition += &format!(" {}", self.published.day);
        }
        if let Some(facts) = cache.get(&definition, piece) {
            return Ok(Some(facts));
        }
        let frame = self.facts_frame(tables())?;
        let measures: &[&str] = match (indicator.kind, indicator.parts) {
            (Kind::Flow, _) => &["value"],
            (Kind::Ratio, Parts::Flow) => &["numerator", "denominator"],
            _ => &[],
        };
        let distinct = (indicator.kind == Kind::Distinct).then_some(cache);
        Ok(Facts::read(&frame, &columns, measures, distinct)
            .ok()
            .map(|facts| cache.put(&definition, piece, facts)))
    }

    fn facts_frame(&self, tables: Vec<(String, LazyFrame)>) -> Result<DataFrame, Error> {
        let day = self
            .indicator
            .tables
            .contains(SNAPSHOT)
            .then(|| super::evaluate::snapshot_table(self.published.day));
        Ok(engine::run(
            tables.into_iter().chain(day),
            &self.indicator.facts.to_string(),
        )?)
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
