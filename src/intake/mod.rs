//! Submission files to typed rows: discover, decode, read, map headers, validate, dispose.
//!
//! Knows nothing of indicators or of how rows are stored; the vault's keyed functions are handed in.

pub mod discover;
pub mod reading;

pub mod batch;
mod cells;
pub mod id_number;
mod messages;
mod plan;
pub mod shown;
pub mod validate;
mod value;

pub mod dispose;
pub mod receipt;

pub use messages::refusal;
pub use plan::{Plan, days};
