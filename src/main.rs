//! The `dabiao` binary.

use std::process::ExitCode;

use dabiao::intake::reading::{READ_WORKBOOK, child_main};

fn main() -> ExitCode {
    // The process that parses a workbook is this binary again; see `intake::reading`.
    if std::env::args().nth(1).as_deref() == Some(READ_WORKBOOK) {
        return child_main();
    }
    ExitCode::SUCCESS
}
