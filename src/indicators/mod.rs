//! The query files: parse, check, compose, run, roll up by measure kind.

pub mod table;

mod catalog;
mod compose;
mod dated;
mod definition;
mod dimension;
mod evaluate;
mod events;
pub mod examples;
pub mod facts;
mod header;
mod held;
pub mod ledger;
pub mod records;
pub mod rules;
pub mod sql;
pub mod stock;
mod stocks;
mod trace;

pub use catalog::Catalog;
pub use compose::{Selection, compose};
pub use definition::{INDICATORS, Indicator, Parts};
pub use dimension::{TIME_DIMENSIONS, UNALLOCATED, UNKNOWN, place, time_code};
pub use evaluate::{
    Error, PERIODS, Published, comparisons, evaluate, evaluate_in, period_of, unknown,
};
pub use examples::Example;
