//! From the rows of one sheet to chunks of data rows: header, totals, blanks and repetitions told apart.

use std::ops::ControlFlow;

use super::chunk::{Chunk, ChunkBuilder};
use super::header::{self, HEADER_WITHIN_ROWS, Header, HeldRow};
use super::layout::{FoundColumn, SheetLayout, SkippedRow};
use super::names::{ColumnNames, Match};
use super::unreadable::Named;
use super::{Kind, Limits, RowFault, Unreadable};

/// The cells of one row; text is valid UTF-8.
pub(super) trait Cells {
    /// Cells, trailing empty ones included or not.
    fn len(&self) -> usize;
    /// Text and kind; empty beyond the end.
    fn cell(&self, position: usize) -> (&[u8], Kind);
}

impl Cells for [(String, Kind)] {
    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn cell(&self, position: usize) -> (&[u8], Kind) {
        self.get(position)
            .map_or((&[], Kind::Empty), |(text, kind)| (text.as_bytes(), *kind))
    }
}

/// Takes chunks; `Break` when the consumer wants no more.
pub(super) type Each<'a> = dyn FnMut(Chunk) -> ControlFlow<()> + 'a;

/// What does not change from sheet to sheet.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) names: &'a ColumnNames,
    pub(super) limits: &'a Limits,
    /// Whether filled cells right of the header mean a separator too many (text) or a note in the margin (workbook).
    pub(super) ragged_is_fault: bool,
}

/// Reads the rows of one sheet.
pub(super) struct TableReader<'a> {
    terms: Terms<'a>,
    sheet: usize,
    layout: SheetLayout,
    state: State,
    blanks_pending: u64,
}

enum State {
    /// The first rows, until the header can be told.
    Searching(Vec<HeldRow>),
    Reading(Box<Plan>),
    /// No header: notes or instructions.
    PassedOver,
}

/// How to read the rows below the header.
struct Plan {
    builder: ChunkBuilder,
    /// Positions to take, in the order of the file.
    positions: Vec<usize>,
    width: usize,
    /// Positions of the columns that make a row a record: required ones that hold no numbers.
    identifying: Vec<usize>,
    /// Titles and header rows, to recognise their repetition.
    above: Vec<Vec<(String, Kind)>>,
}

impl<'a> TableReader<'a> {
    pub(super) fn new(terms: Terms<'a>, sheet: usize, layout: SheetLayout) -> Self {
        Self {
            terms,
            sheet,
            layout,
            state: State::Searching(Vec::new()),
            blanks_pending: 0,
        }
    }

    /// Takes the next row.
    pub(super) fn row<C: Cells + ?Sized>(
        &mut self,
        number: u32,
        cells: &C,
        fault: Option<RowFault>,
        each: &mut Each<'_>,
    ) -> Result<ControlFlow<()>, Unreadable> {
        if number > self.terms.limits.rows_max {
            let sheet = self.layout.name.clone();
            return Err(Unreadable::TooManyRows {
                sheet,
                rows_max: self.terms.limits.rows_max,
            });
        }
        let Some((first, text)) = first_filled(cells) else {
            self.blanks_pending += 1;
            return Ok(ControlFlow::Continue(()));
        };
        match &mut self.state {
            State::PassedOver => {
                self.layout.rows_passed_over += 1;
                Ok(ControlFlow::Continue(()))
            }
            State::Searching(held) => {
                held.push(HeldRow {
                    number,
                    cells: owned(cells),
                    fault,
                });
                self.blanks_pending = 0;
                if held.len() < HEADER_WITHIN_ROWS {
                    Ok(ControlFlow::Continue(()))
                } else {
                    self.settle(each)
                }
            }
            State::Reading(plan) => {
                self.layout.blank_rows += std::mem::take(&mut self.blanks_pending);
                if is_total(text) && !plan.is_record(first, cells) {
                    let text = String::from_utf8_lossy(text).trim().to_owned();
                    self.layout.totals.push(|| SkippedRow { row: number, text });
                    return Ok(ControlFlow::Continue(()));
                }
                if plan.repeats_what_is_above(first, text, cells) {
                    self.layout.repeated_headers.push(|| number);
                    return Ok(ControlFlow::Continue(()));
                }
                self.layout.rows += 1;
                Ok(plan.take(number, cells, fault, self.terms, each))
            }
        }
    }

    /// Ends the sheet: delivers what is left.
    pub(super) fn finish(
        mut self,
        each: &mut Each<'_>,
    ) -> Result<(SheetLayout, ControlFlow<()>), Unreadable> {
        let mut flow = ControlFlow::Continue(());
        if matches!(self.state, State::Searching(_)) {
            flow = self.settle(each)?;
        }
        if let State::Reading(plan) = &mut self.state
            && flow.is_continue()
            && !plan.builder.is_empty()
        {
            flow = each(plan.builder.seal());
        }
        Ok((self.layout, flow))
    }

    /// Decides where the header is and replays the rows below it.
    fn settle(&mut self, each: &mut Each<'_>) -> Result<ControlFlow<()>, Unreadable> {
        let State::Searching(held) = std::mem::replace(&mut self.state, State::PassedOver) else {
            return Ok(ControlFlow::Continue(()));
        };
        let Some(header) = header::find(&held, self.terms.names) else {
            self.layout.rows_passed_over = held.len() as u64;
            return Ok(ControlFlow::Continue(()));
        };
        self.note_header(&held, &header)?;
        let below = header.first + header.rows;
        self.state = State::Reading(Box::new(self.plan(&held[..below], &header)));
        // Blank rows are not held; the gaps in the numbers show them.
        let mut last = *self.layout.header_rows.last().expect("a header has a row");
        for row in held.into_iter().skip(below) {
            self.blanks_pending = u64::from(row.number.saturating_sub(last + 1));
            last = row.number;
            let cells = row.cells.as_slice();
            if self.row(row.number, cells, row.fault, each)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Writes the header into the layout.
    ///
    /// # Errors
    /// When it names a column twice or in another unit, or lacks a required one.
    fn note_header(&mut self, held: &[HeldRow], header: &Header) -> Result<(), Unreadable> {
        let names = self.terms.names;
        let rows = &held[header.first..header.first + header.rows];
        let row = rows[rows.len() - 1].number;
        self.layout.read = true;
        self.layout.header_rows = rows.iter().map(|row| row.number).collect();
        for (position, text, found) in &header.columns {
            let column = match found {
                Match::None => {
                    self.layout.ignored.push(text.clone());
                    continue;
                }
                Match::OtherUnit(column) => {
                    let column = named(names, *column);
                    return Err(Unreadable::OtherUnit {
                        sheet: self.layout.name.clone(),
                        column,
                        header: text.clone(),
                    });
                }
                Match::Column(column) => *column as usize,
            };
            if let Some(other) = self
                .layout
                .columns
                .iter()
                .find(|other| other.column == column)
            {
                return Err(Unreadable::DuplicateHeader {
                    sheet: self.layout.name.clone(),
                    row,
                    column: named(names, column as u32),
                    headers: Box::new([other.header.clone(), text.clone()]),
                });
            }
            self.layout.columns.push(FoundColumn {
                column,
                header: text.clone(),
                position: *position,
            });
        }
        let lacks = |column: &u32| {
            !self
                .layout
                .columns
                .iter()
                .any(|found| found.column == *column as usize)
        };
        let missing: Vec<Named> = names
            .required()
            .filter(lacks)
            .map(|column| named(names, column))
            .collect();
        if !missing.is_empty() {
            return Err(Unreadable::NoHeader {
                sheet: Some(self.layout.name.clone()),
                row: Some(row),
                missing,
            });
        }
        let titles = held[..header.first].iter();
        self.layout.titles = titles
            .filter_map(|title| {
                Some(SkippedRow {
                    row: title.number,
                    text: title.first_filled()?.to_owned(),
                })
            })
            .collect();
        Ok(())
    }

    fn plan(&self, above: &[HeldRow], header: &Header) -> Plan {
        let columns = self
            .layout
            .columns
            .iter()
            .map(|found| found.column as u32)
            .collect();
        let (names, limits) = (self.terms.names, self.terms.limits);
        Plan {
            builder: ChunkBuilder::new(
                (self.sheet, self.layout.day_numbers),
                columns,
                names.len(),
                limits.cell_chars_max,
            ),
            positions: self
                .layout
                .columns
                .iter()
                .map(|found| found.position)
                .collect(),
            width: header.width,
            identifying: self
                .layout
                .columns
                .iter()
                .filter(|found| names.is_identifying(found.column))
                .map(|found| found.position)
                .collect(),
            above: above.iter().map(|row| row.cells.clone()).collect(),
        }
    }
}

impl Plan {
    fn take<C: Cells + ?Sized>(
        &mut self,
        number: u32,
        cells: &C,
        mut fault: Option<RowFault>,
        terms: Terms<'_>,
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        if terms.ragged_is_fault && cells.len() > self.width && fault.is_none() {
            let last = (self.width..cells.len())
                .rev()
                .find(|position| !is_blank(cells.cell(*position).0));
            fault = last.map(|last| RowFault::Ragged {
                expected: self.width as u32,
                found: last as u32 + 1,
            });
        }
        self.builder.begin_row(number, fault);
        for position in &self.positions {
            let (text, kind) = cells.cell(*position);
            self.builder.push(text, kind);
        }
        if self.builder.end_row() {
            each(self.builder.seal())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Whether a row that begins with the word of a total is a record all the same (Q07): more than half of the columns
    /// that a record must have are filled, numbers and the cell with the word left out. 合计001 may be a record's number,
    /// 总计划 a remark.
    fn is_record<C: Cells + ?Sized>(&self, word_at: usize, cells: &C) -> bool {
        let others = || self.identifying.iter().filter(|at| **at != word_at);
        let filled = others().filter(|at| !is_blank(cells.cell(**at).0)).count();
        filled * 2 > others().count()
    }

    /// Whether the row equals a title or header row; `first` and `text` are its first filled cell.
    fn repeats_what_is_above<C: Cells + ?Sized>(
        &self,
        first: usize,
        text: &[u8],
        cells: &C,
    ) -> bool {
        self.above.iter().any(|above| {
            let above = above.as_slice();
            above.cell(first).0 == text
                && (0..above.len().max(cells.len())).all(|position| {
                    above.cell(position).0.trim_ascii() == cells.cell(position).0.trim_ascii()
                })
        })
    }
}

/// The contract column as messages name it.
pub(super) fn named(names: &ColumnNames, column: u32) -> Named {
    (
        names.zh(column as usize).to_owned(),
        names.en(column as usize).to_owned(),
    )
}

/// All required columns, for the message that no header was found.
pub(super) fn no_header(names: &ColumnNames) -> Unreadable {
    let missing = names
        .required()
        .map(|column| named(names, column))
        .collect();
    Unreadable::NoHeader {
        sheet: None,
        row: None,
        missing,
    }
}

fn owned<C: Cells + ?Sized>(cells: &C) -> Vec<(String, Kind)> {
    let cell = |position| {
        let (text, kind) = cells.cell(position);
        (String::from_utf8_lossy(text).into_owned(), kind)
    };
    (0..cells.len()).map(cell).collect()
}

/// Position and text of the first cell that is not blank.
#[inline]
fn first_filled<C: Cells + ?Sized>(cells: &C) -> Option<(usize, &[u8])> {
    (0..cells.len())
        .map(|position| (position, cells.cell(position).0))
        .find(|(_, text)| !is_blank(text))
}

/// Whether a cell shows nothing: empty, or only spaces of any width.
#[inline]
fn is_blank(text: &[u8]) -> bool {
    match text.first() {
        None => true,
        // Leading bytes of all white space there is: ASCII, NEL and NBSP, U+1680, U+2000…, U+3000.
        Some(0x09..=0x0D | 0x20 | 0xC2 | 0xE1..=0xE3) => {
            std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty())
        }
        Some(_) => false,
    }
}

/// Whether the first filled cell has the word of a total row (Q07), spaced and traditional spellings included.
#[inline]
fn is_total(text: &[u8]) -> bool {
    // 合 总 小 共 總 or a space: anything else is decided by its first byte.
    if !matches!(text.first(), Some(0xE5 | 0xE6 | 0xE7 | 0xE3 | 0x20 | 0xC2)) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let mut characters = text.chars().filter(|character| !character.is_whitespace());
    matches!(characters.next(), Some('合' | '总' | '小' | '共' | '總'))
        && matches!(characters.next(), Some('计' | '計'))
}
