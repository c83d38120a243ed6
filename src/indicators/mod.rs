//! The query files: parse, check, compose, run, roll up by measure kind.

pub mod table;

mod catalog;
mod compose;
mod definition;
mod dimension;
mod evaluate;
pub mod examples;
pub mod stock;

pub use catalog::Catalog;
pub use compose::{Selection, compose};
pub use definition::{INDICATORS, Indicator, Parts};
pub use dimension::{DIMENSIONS, TIME_DIMENSIONS, UNKNOWN};
pub use evaluate::{Error, Published, evaluate, unknown};
pub use examples::Example;
