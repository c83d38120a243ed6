//! Pure functions over tables: targets and their decomposition, pace, verdict with its bounds, completeness, comparison, and change
//! between snapshots.

mod assess;
pub mod bounds;
pub mod bridge;
pub mod compare;
pub mod completeness;
pub mod decompose;
mod pace;
mod run_rate;
mod verdict;

pub use assess::{Context, assess};
pub use pace::{Pace, linear_pace};
pub use run_rate::run_rate;
pub use verdict::verdict;
