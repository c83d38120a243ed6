//! Pages: a plain model built from tables, and a template that only prints it.

mod answer;
mod links;
mod overview;
mod small_print;
mod tile;

pub use answer::Phrase;
pub use overview::{Choice, Fresh, Inputs, Judged, Line, Overview, overview};
pub use tile::Tile;
