//! Pages: a plain model built from tables, and a template that only prints it.

mod answer;
mod overview;

pub use overview::{Choice, Inputs, Overview, overview};
