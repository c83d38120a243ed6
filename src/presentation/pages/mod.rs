//! Pages: a plain model built from tables, and a template that only prints it.

mod answer;
mod links;
mod overview;

pub use answer::Phrase;
pub use overview::{Choice, Fresh, Inputs, Judged, Line, Overview, Tile, overview};
