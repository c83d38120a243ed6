//! The plan as data: config, periods and calendar, code lists, contracts, targets.
//!
//! Knows nothing of files' formats on the way in, of HTTP or of the clock: texts are handed in, values come back.

pub mod number;
pub mod problem;
pub mod text;

pub mod codes;
pub mod config;
pub mod contract;
pub mod definitions;
pub mod dimension;
pub mod period;
pub mod target;
pub mod workdays;

pub use codes::{Code, CodeList};
pub use config::Config;
pub use contract::{Column, ColumnType, Contract};
pub use definitions::{Files, Programme};
pub use dimension::Dimension;
pub use number::{Decimal, Ratio};
pub use period::Period;
pub use problem::Problem;
pub use target::{Target, Targets};
pub use text::{Language, Text};
pub use workdays::Workdays;
