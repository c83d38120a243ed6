//! The `dabiao` binary.

use dabiao::intake::reading::{READ_WORKBOOK, child_main};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The binary runs itself to parse workbooks, under limits that a parser gone wild cannot escape.
    if std::env::args().nth(1).as_deref() == Some(READ_WORKBOOK) {
        return child_main();
    }
    dabiao::cli::run()
}
