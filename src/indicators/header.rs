//! The head of a query file: TOML in a leading comment, then SQL.

use crate::programme::{Problem, Text};
use serde::de::DeserializeOwned;

/// The head of `source` and the byte at which its SQL begins; what cannot be read is a problem of `file` with its line.
pub(super) fn read<T: DeserializeOwned>(
    file: &str,
    source: &str,
    problems: &mut Vec<Problem>,
) -> Option<(T, usize)> {
    let Some((header, sql)) = source
        .trim_start()
        .strip_prefix("/*")
        .and_then(|rest| rest.split_once("*/"))
    else {
        let message = Text::new(
            "文件应以 /* 开头的说明块开始",
            "the file must begin with a header in /* … */",
        );
        problems.push(Problem::at(file, source, "", message));
        return None;
    };
    match toml::from_str(header) {
        Ok(header) => Some((header, source.len() - sql.len())),
        Err(error) => {
            let offset = error
                .span()
                .map(|span| span.start + source.find("/*").unwrap_or(0) + 2);
            let message = Text::new(
                format!("说明块: {}", error.message()),
                format!("header: {}", error.message()),
            );
            problems.push(Problem::at_offset(file, source, offset, message));
            None
        }
    }
}
