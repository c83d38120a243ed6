//! The facts of an indicator held compactly in memory, so that any breakdown of them is one pass over small integers.
//!
//! A published table consists of pieces that never change. Where an indicator looks at one record at a time, the facts of a piece
//! are made once and stay right for every snapshot that holds the piece: a nightly load makes anew only what it touched.

mod build;
mod cache;
mod numbers;
mod rollup;

pub use build::Unfit;
pub use cache::FactsCache;
pub(super) use rollup::{Group, Sums, roll_up};

use polars::prelude::LazyFrame;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A part of a published table that never changes.
#[derive(Clone)]
pub struct Piece {
    /// Names its content: another content has another id.
    pub id: Arc<str>,
    /// Its rows.
    pub rows: LazyFrame,
}

/// The facts of one indicator over one piece, or over a whole table.
#[derive(Debug)]
pub struct Facts {
    /// Days since 1970-01-01; [`NO_DAY`] where a fact has none.
    days: Vec<i32>,
    /// The first and the last of them.
    first: i32,
    last: i32,
    /// Columns of dimensions by name: those that were read.
    columns: BTreeMap<String, Coded>,
    /// Whether these are all that the facts' query gives.
    whole: bool,
    /// Measures by name: `value`, `numerator`, `denominator`.
    measures: BTreeMap<&'static str, Measure>,
    /// Persons by their number in the cache; [`NOBODY`] where a fact has none. Empty unless persons are counted.
    persons: Vec<u32>,
}

/// A fact without a date: it lies in no period.
const NO_DAY: i32 = i32::MIN;
/// A fact without a person.
const NOBODY: u32 = u32::MAX;

/// A text column as numbers into its own values; number 0 is a missing value.
#[derive(Debug)]
struct Coded {
    codes: Vec<u16>,
    values: Vec<Option<Box<str>>>,
}

/// A column of exact numbers.
#[derive(Debug)]
enum Measure {
    /// Every fact has the same number.
    Same(i64),
    /// `units / 10^scale`.
    Each { units: Vec<i64>, scale: u32 },
}

impl Measure {
    fn scale(&self) -> u32 {
        match self {
            Self::Same(_) => 0,
            Self::Each { scale, .. } => *scale,
        }
    }

    fn units(&self, row: usize) -> i64 {
        match self {
            Self::Same(units) => *units,
            Self::Each { units, .. } => units[row],
        }
    }
}

impl Facts {
    /// Whether a question about these columns, which the facts' query gives, can be answered.
    fn covers(&self, columns: &BTreeSet<&str>) -> bool {
        self.whole || columns.iter().all(|name| self.columns.contains_key(*name))
    }

    fn bytes(&self) -> usize {
        let columns: usize = self
            .columns
            .values()
            .map(|column| 2 * column.codes.len() + 32 * column.values.len())
            .sum();
        let measures: usize = self
            .measures
            .values()
            .map(|measure| match measure {
                Measure::Same(_) => 0,
                Measure::Each { units, .. } => 8 * units.len(),
            })
            .sum();
        4 * self.days.len() + columns + measures + 4 * self.persons.len()
    }
}
