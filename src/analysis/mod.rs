//! Pure functions over tables: pace and verdict against targets, change between snapshots.

mod assess;
pub mod bridge;
mod pace;
mod verdict;

pub use assess::{Context, assess};
pub use pace::linear_pace;
pub use verdict::verdict;
