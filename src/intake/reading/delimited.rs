//! CSV and its relatives: which character separates the cells, and the rows.

use std::fs::File;

use super::encoding::{Encoding, TextStream};
use super::header::{self, HEADER_WITHIN_ROWS, HeldRow};
use super::layout::SheetLayout;
use super::names::ColumnNames;
use super::split::{Delimiter, Record, Splitter, Step};
use super::table::{Cells, Each, TableReader, Terms, no_header};
use super::{Kind, RowFault, Unreadable};

/// Bytes of one row, at most: an unclosed quotation mark must not pull the whole file into memory.
const ROW_BYTES_MAX: usize = 16 << 20;
/// Text in which the separator is recognised.
const SAMPLE: usize = 256 << 10;

impl Cells for Record<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.fields()
    }

    #[inline]
    fn cell(&self, position: usize) -> (&[u8], Kind) {
        match self.field(position) {
            [] => (&[], Kind::Empty),
            text => (text, Kind::Text),
        }
    }
}

/// Reads all rows of a delimited text file.
///
/// # Errors
/// The structure of the file or of its header, see [`Unreadable`].
pub(super) fn read(
    file: File,
    encoding: Encoding,
    terms: Terms<'_>,
    each: &mut Each<'_>,
) -> Result<(char, SheetLayout), Unreadable> {
    let mut stream = TextStream::new(file, encoding)?;
    let mut buffer = Vec::with_capacity(4 << 20);
    while buffer.len() < SAMPLE && stream.fill(&mut buffer)? {}
    let delimiter = recognise(&buffer[..buffer.len().min(SAMPLE)], terms.names);
    let mut splitter = Splitter::new(delimiter);
    let mut table = TableReader::new(terms, 0, SheetLayout::default());
    let (mut position, mut at_end, mut number) = (0, false, 0_u32);
    loop {
        let step = splitter.next(&buffer[position..], at_end);
        let Step::Row {
            consumed,
            stray_quote,
        } = step
        else {
            if at_end {
                if matches!(step, Step::Unclosed) {
                    return Err(Unreadable::Quote {
                        line: splitter.line(),
                    });
                }
                break;
            }
            if buffer.len() - position > ROW_BYTES_MAX {
                return Err(if matches!(step, Step::Unclosed) {
                    Unreadable::Quote {
                        line: splitter.line(),
                    }
                } else {
                    Unreadable::RowTooLong {
                        row: number + 1,
                        bytes_max: ROW_BYTES_MAX,
                    }
                });
            }
            // What is left of the buffer is the start of a row; it moves to the front before more text follows.
            buffer.drain(..position);
            position = 0;
            at_end = !stream.fill(&mut buffer)?;
            continue;
        };
        number = number.saturating_add(1);
        let row = splitter.record(&buffer[position..]);
        check_width(&row, number, terms)?;
        let fault = match stray_quote {
            // The quotation mark swallowed a line break: rows may have been lost in one.
            Some(stray) if stray.spans_lines => {
                return Err(Unreadable::Quote {
                    line: splitter.line(),
                });
            }
            Some(stray) => Some(RowFault::StrayQuote {
                position: stray.field + 1,
            }),
            None => None,
        };
        let flow = table.row(number, &row, fault, each)?;
        splitter.advance();
        position += consumed;
        if flow.is_break() {
            break;
        }
    }
    let (layout, _) = table.finish(each)?;
    if !layout.read {
        return Err(if number == 0 {
            Unreadable::Empty
        } else {
            no_header(terms.names)
        });
    }
    Ok((delimiter.character(), layout))
}

fn check_width(row: &Record<'_>, number: u32, terms: Terms<'_>) -> Result<(), Unreadable> {
    let columns_max = terms.limits.columns_max;
    if row.fields() > columns_max as usize
        && (columns_max as usize..row.fields()).any(|position| !row.field(position).is_empty())
    {
        return Err(Unreadable::TooManyColumns {
            sheet: String::new(),
            row: number,
            columns_max,
        });
    }
    Ok(())
}

/// The separator under which the first rows name most contract columns; among equals the one that divides the rows
/// most evenly into most cells.
fn recognise(sample: &[u8], names: &ColumnNames) -> Delimiter {
    let score = |delimiter: Delimiter| {
        let rows = first_rows(sample, delimiter);
        let named = header::find(&rows, names).map_or(0, |header| {
            header
                .columns
                .iter()
                .filter(|(_, _, found)| found.column().is_some())
                .count()
        });
        let mut widths: Vec<usize> = rows.iter().map(|row| row.cells.len()).collect();
        widths.sort_unstable();
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(0);
        let even = widths.iter().filter(|width| **width == usual).count();
        (named, if usual > 1 { even } else { 0 }, usual)
    };
    // The last of equal maxima wins, so the commonest separator stands last.
    Delimiter::ALL
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(Delimiter::ALL[0])
}

fn first_rows(sample: &[u8], delimiter: Delimiter) -> Vec<HeldRow> {
    let mut splitter = Splitter::new(delimiter);
    let (mut rows, mut position) = (Vec::new(), 0);
    while rows.len() < HEADER_WITHIN_ROWS {
        let Step::Row { consumed, .. } = splitter.next(&sample[position..], true) else {
            break;
        };
        let row = splitter.record(&sample[position..]);
        let cells: Vec<(String, Kind)> = (0..row.fields())
            .map(|field| {
                (
                    String::from_utf8_lossy(row.field(field)).into_owned(),
                    Kind::Text,
                )
            })
            .collect();
        if cells.iter().any(|(text, _)| !text.trim().is_empty()) {
            rows.push(HeldRow {
                number: rows.len() as u32 + 1,
                cells,
                fault: None,
            });
        }
        splitter.advance();
        position += consumed;
    }
    rows
}
