//! Cells in file order to row frames, in the parsing process.

use std::ops::Range;

use calamine::Dimensions;

use super::super::{Kind, Limits};
use super::child::{Out, Stop};
use super::frames::{self, Failure, SheetHead};

/// Writes one sheet.
pub(super) struct SheetWriter<'a> {
    out: &'a mut Out,
    limits: &'a Limits,
    name: String,
    row: Option<u32>,
    text: String,
    cells: Vec<(u32, Kind, Range<usize>)>,
    merged: Merged,
    frame: Vec<u8>,
}

impl<'a> SheetWriter<'a> {
    /// Announces the sheet.
    pub(super) fn begin(
        out: &'a mut Out,
        limits: &'a Limits,
        head: &SheetHead,
        merged: Vec<Dimensions>,
    ) -> Result<Self, Stop> {
        frames::write(
            out,
            frames::SHEET,
            &serde_json::to_vec(head).map_err(std::io::Error::from)?,
        )?;
        Ok(Self {
            out,
            limits,
            name: head.name.clone(),
            row: None,
            text: String::new(),
            cells: Vec::new(),
            merged: Merged::new(merged),
            frame: Vec::new(),
        })
    }

    /// Takes the next cell; rows must ascend.
    pub(super) fn cell(
        &mut self,
        (row, column): (u32, u32),
        kind: Kind,
        text: &str,
    ) -> Result<(), Stop> {
        if kind == Kind::Empty {
            return Ok(());
        }
        if column >= self.limits.columns_max {
            let failure = Failure::TooManyColumns {
                sheet: self.name.clone(),
                row: row + 1,
            };
            return Err(Stop::Failure(failure));
        }
        if row >= self.limits.rows_max {
            return Err(Stop::Failure(Failure::TooManyRows {
                sheet: self.name.clone(),
            }));
        }
        if self.row != Some(row) {
            if self.row.is_some_and(|last| last > row) {
                return Err(Stop::Failure(Failure::Workbook(format!(
                    "row {} stands after a later one",
                    row + 1
                ))));
            }
            self.flush()?;
            self.row = Some(row);
        }
        let start = self.text.len();
        // One character beyond the limit shows our side that the cell is too long.
        let bytes_max = self.limits.cell_chars_max as usize * 4 + 4;
        let text = if text.len() > bytes_max {
            &text[..text.floor_char_boundary(bytes_max)]
        } else {
            text
        };
        self.text.push_str(text);
        self.cells.push((column, kind, start..self.text.len()));
        Ok(())
    }

    /// Ends the sheet.
    pub(super) fn end(mut self) -> Result<(), Stop> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Stop> {
        let Some(row) = self.row.take() else {
            return Ok(());
        };
        self.merged.fill(row, &mut self.cells, &mut self.text);
        self.cells.sort_by_key(|(column, _, _)| *column);
        self.frame.clear();
        self.frame.extend_from_slice(&row.to_le_bytes());
        for (column, kind, range) in &self.cells {
            frames::put_cell(&mut self.frame, *column, *kind, &self.text[range.clone()]);
        }
        self.cells.clear();
        self.text.clear();
        if self.frame.len() > frames::FRAME_BYTES_MAX {
            return Err(Stop::Failure(Failure::Workbook(format!(
                "row {} is too long",
                row + 1
            ))));
        }
        Ok(frames::write(self.out, frames::ROW, &self.frame)?)
    }
}

/// Cells merged over several rows: the value stands in the first and holds for all that have any content.
///
/// To the right nothing is filled: a value belongs to the column in which it stands, and grouped titles are joined
/// where the header is read.
struct Merged {
    /// By first row, the last first.
    waiting: Vec<Dimensions>,
    active: Vec<Active>,
}

struct Active {
    last_row: u32,
    column: u32,
    kind: Kind,
    text: String,
}

impl Merged {
    fn new(mut merged: Vec<Dimensions>) -> Self {
        merged.retain(|area| area.end.0 > area.start.0);
        merged.sort_by_key(|area| std::cmp::Reverse(area.start));
        Self {
            waiting: merged,
            active: Vec::new(),
        }
    }

    fn fill(&mut self, row: u32, cells: &mut Vec<(u32, Kind, Range<usize>)>, text: &mut String) {
        self.active.retain(|active| active.last_row >= row);
        for active in &self.active {
            if cells.iter().any(|(column, _, _)| *column == active.column) {
                continue;
            }
            let start = text.len();
            text.push_str(&active.text);
            cells.push((active.column, active.kind, start..text.len()));
        }
        while let Some(area) = self.waiting.pop_if(|area| area.start.0 <= row) {
            let first = cells
                .iter()
                .find(|(column, _, _)| area.start.0 == row && *column == area.start.1);
            if let Some((column, kind, range)) = first {
                let text = text[range.clone()].to_owned();
                self.active.push(Active {
                    last_row: area.end.0,
                    column: *column,
                    kind: *kind,
                    text,
                });
            }
        }
    }
}
