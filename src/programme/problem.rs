//! What is wrong with a file a person wrote: collected, positioned, never stopping at the first.

use super::text::Text;
use std::fmt;

/// One mistake in a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the file below the project directory.
    pub file: String,
    /// 1-based line, where it is known.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub message: Text,
}

impl Problem {
    /// A problem of `file` at the line where `needle` first stands (no line when it does not).
    pub fn at(file: &str, source: &str, needle: &str, message: Text) -> Self {
        let line = source
            .lines()
            .position(|line| !needle.is_empty() && line.contains(needle))
            .map(|index| index + 1);
        Self {
            file: file.to_owned(),
            line,
            message,
        }
    }

    /// A problem of `file` at the byte offset a parser reported.
    pub fn at_offset(file: &str, source: &str, offset: Option<usize>, message: Text) -> Self {
        let line = offset.map(|offset| {
            let end = offset.min(source.len());
            source.as_bytes()[..end]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1
        });
        Self {
            file: file.to_owned(),
            line,
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: ", self.file)?,
            None => write!(f, "{}: ", self.file)?,
        }
        write!(f, "{} / {}", self.message.zh, self.message.en)
    }
}
