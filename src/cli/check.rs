//! `dabiao check`.

use super::{DONE, FAILED, output};
use crate::app;
use crate::project::Project;
use std::path::Path;

/// Prints every problem of the project's files, and every worked example that gives something else, with file and line; where
/// there is none, what is worth knowing of them.
pub(super) fn run(folder: &Path) -> anyhow::Result<u8> {
    let (files, problems) = app::check(folder)?;
    for problem in &problems {
        output::line(&problem.to_string())?;
    }
    if problems.is_empty() {
        for note in Project::open(folder)?.definitions.notes() {
            output::line(&format!("注 note: {note}"))?;
        }
    }
    match problems.len() {
        0 => output::line(&format!(
            "{files} 个文件，没有问题 / {files} files, no problems"
        ))?,
        count => output::line(&format!(
            "{count} 个问题 / {count} problem(s) in {files} files"
        ))?,
    }
    Ok(if problems.is_empty() { DONE } else { FAILED })
}
