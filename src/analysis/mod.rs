//! Pure functions over tables: pace and verdict against targets.

mod assess;
mod pace;
mod verdict;

pub use assess::{Context, assess};
pub use pace::linear_pace;
pub use verdict::verdict;
