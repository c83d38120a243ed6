//! Reading submissions: from a file as it was sent to rows of text under the contract's columns.
//!
//! What a cell means, and whether it is valid, is not decided here. Nothing is guessed: text is decoded strictly, a
//! number keeps its digits, a row that cannot be divided into cells with certainty carries a [`RowFault`], and a file
//! whose rest would be in doubt is [`Unreadable`] as a whole.

mod chunk;
mod death;
mod delimited;
mod detect;
mod encoding;
mod fault;
mod header;
mod json;
mod json_scan;
mod layout;
mod names;
mod split;
mod table;
mod unreadable;
mod workbook;

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::ops::ControlFlow;
use std::path::Path;

pub use crate::programme::config::Limits;
pub use chunk::{CHUNK_ROWS_MAX, Chunk, DayNumbers, Kind};
pub use death::Death;
pub use detect::Format;
pub use fault::{JsonProblem, RowFault};
pub use layout::{FoundColumn, Layout, List, SheetLayout, SkippedRow};
pub use names::ColumnNames;
pub use unreadable::{Named, Unreadable};
pub use workbook::{READ_WORKBOOK, child_main, set_reader_executable};

use detect::Magic;
use table::Terms;

/// What is known of a file before its bytes are read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name under which it was sent.
    pub name: &'a str,
    /// The name's extension, without dot, in any case.
    pub extension: &'a str,
    /// Where its bytes are.
    pub path: &'a Path,
}

/// Reads a file of any format and hands its data rows over, chunk by chunk, in file order.
///
/// `each` may answer `Break` to end the reading early; the layout is then what was seen until there.
///
/// # Errors
/// [`Unreadable`] when the file as a whole cannot be used. Chunks may have been handed over before that shows (an
/// unclosed quotation mark shows at the end): they are void then.
pub fn read(
    source: &Source<'_>,
    columns: &ColumnNames,
    limits: &Limits,
    each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
) -> Result<Layout, Unreadable> {
    let mut file = File::open(source.path)?;
    let mut head = Vec::new();
    (&file).take(16).read_to_end(&mut head)?;
    file.rewind()?;
    let bytes = file.metadata()?.len();
    if bytes == 0 {
        return Err(Unreadable::Empty);
    }
    let magic = detect::magic(&head)?;
    let bytes_max = if matches!(magic, Magic::Text) {
        limits.file_bytes_max
    } else {
        limits.workbook_bytes_max
    };
    if bytes > bytes_max {
        return Err(Unreadable::TooLarge { bytes, bytes_max });
    }
    let mut terms = Terms {
        names: columns,
        limits,
        ragged_is_fault: false,
    };
    let format = match magic {
        Magic::Zip => workbook::check_zip(&mut file, limits)?,
        Magic::Compound | Magic::Biff => Format::Xls,
        Magic::Parquet => Format::Parquet,
        Magic::Text => {
            terms.ragged_is_fault = true;
            return read_text(file, source, terms, each);
        }
    };
    let sheets = workbook::read(file, format, terms, each)?;
    Ok(Layout {
        format,
        misnamed: !format.suits(source.extension),
        encoding: None,
        delimiter: None,
        sheets,
    })
}

fn read_text(
    mut file: File,
    source: &Source<'_>,
    terms: Terms<'_>,
    each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
) -> Result<Layout, Unreadable> {
    let encoding = encoding::recognise(&mut file)?;
    let start = json::start_of(&file, encoding)?;
    if start.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let format = detect::text_format(&start, source.extension)?;
    let (delimiter, sheet) = match format {
        Format::JsonLines => (None, json::read_lines(file, encoding, terms, each)?),
        Format::JsonArray => (None, json::read_array(file, encoding, terms, each)?),
        _ => {
            let (delimiter, sheet) = delimited::read(file, encoding, terms, each)?;
            (Some(delimiter), sheet)
        }
    };
    Ok(Layout {
        format,
        misnamed: !format.suits(source.extension),
        encoding: Some(encoding.name()),
        delimiter,
        sheets: vec![sheet],
    })
}
