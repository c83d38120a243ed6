//! Vintages: what was published stays what it was, and why a figure differs since.

mod answers;
mod history;
mod laws;
mod marks;
mod parts;
mod render;

pub(crate) use history::{History, Night};
