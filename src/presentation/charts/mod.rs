//! Charts: plotters' SVG, laid out by us, with a sentence that says what each shows.

mod bullet;
mod districts;
pub mod scene;
pub mod summary;
pub mod text;
pub mod theme;

pub use bullet::bullet;
pub use districts::{Width, districts, scene as districts_scene};
