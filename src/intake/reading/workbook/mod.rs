//! Workbooks and Parquet files, always parsed in another process.
//!
//! A crafted workbook of 1,675 bytes makes the parser ask for 512 GiB, and the process abort: no `catch_unwind` helps.
//! So the binary executes itself with the argument [`READ_WORKBOOK`], the file as standard input and limits on memory
//! and time, and streams rows back over standard output.

mod archive;
mod cells;
mod child;
mod frames;
mod hidden;
mod parent;
mod parquet;
mod rlimit;
mod rows;
mod zip;

use std::path::PathBuf;
use std::sync::OnceLock;

pub use child::child_main;
pub(super) use parent::read;
pub(super) use zip::check as check_zip;

/// The first argument by which the binary knows that it is to parse a workbook.
pub const READ_WORKBOOK: &str = "__read-workbook";

static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();

/// Names the executable that parses workbooks; without this it is the running one. The first call counts.
///
/// For tests, which run in an executable of their own.
pub fn set_reader_executable(path: PathBuf) {
    EXECUTABLE.get_or_init(|| path);
}

fn executable() -> std::io::Result<PathBuf> {
    match EXECUTABLE.get() {
        Some(path) => Ok(path.clone()),
        None => std::env::current_exe(),
    }
}
