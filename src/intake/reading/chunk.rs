//! Rows in file order, many at a time, with one arena for their text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fault::{self, RowFault};

/// Rows in one chunk, at most.
pub const CHUNK_ROWS_MAX: usize = 16_384;
/// Bytes of text after which a chunk is delivered early, so that long cells cannot pile up.
const CHUNK_BYTES_MAX: usize = 16 << 20;

/// What a cell was in the file, before anybody interpreted its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// No content, or no such column in the file.
    Empty,
    /// Text; every filled CSV cell is text.
    Text,
    /// A number; the text is its shortest exact decimal, without exponent.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A cell the workbook formats as a date: `2020-03-05`, or `2020-03-05T13:45:00` if it has a time of day.
    Date,
    /// A failed formula; the text is the error's name, such as `#N/A`.
    Error,
}

/// Which day a file's bare day numbers are counted from: a cell that holds a day without a date's format says only how many
/// days have passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum DayNumbers {
    /// The file does not say: JSON, Parquet, an unusual ODS.
    #[default]
    Unknown,
    /// The usual system of spreadsheets: 43895 is 2020-03-05.
    From1900,
    /// The system of old Macintosh workbooks: 42433 is 2020-03-05.
    From1904,
}

/// A run of data rows in file order.
#[derive(Debug)]
pub struct Chunk {
    sheet: usize,
    day_numbers: DayNumbers,
    /// Contract column to stored column.
    places: Arc<[Option<u32>]>,
    stored: usize,
    row_numbers: Vec<u32>,
    text: String,
    /// End of every stored cell in `text`, row-major; a cell starts where the one before it ends.
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    /// Rows with a fault, ascending.
    faults: Vec<(u32, RowFault)>,
}

impl Chunk {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.row_numbers.len()
    }

    /// The sheet's index into [`Layout::sheets`](super::Layout::sheets); 0 where a file has no sheets.
    pub fn sheet(&self) -> usize {
        self.sheet
    }

    /// How bare day numbers of the file are to be read.
    pub fn day_numbers(&self) -> DayNumbers {
        self.day_numbers
    }

    /// The 1-based number of row `row` of this chunk, as a spreadsheet shows it (Q06).
    pub fn row_number(&self, row: usize) -> u32 {
        self.row_numbers[row]
    }

    /// Text and kind of one cell; `column` is the index the column has in
    /// [`ColumnNames`](super::ColumnNames). Empty where the file has no such column.
    pub fn cell(&self, row: usize, column: usize) -> (&str, Kind) {
        let Some(place) = self.places[column] else {
            return ("", Kind::Empty);
        };
        let index = row * self.stored + place as usize;
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        (
            &self.text[start..self.ends[index] as usize],
            self.kinds[index],
        )
    }

    /// Whether the file has this contract column at all.
    pub fn has_column(&self, column: usize) -> bool {
        self.places[column].is_some()
    }

    /// Why this row cannot be used, if it cannot; its cells then serve for display only.
    pub fn fault(&self, row: usize) -> Option<&RowFault> {
        let at = self
            .faults
            .binary_search_by_key(&(row as u32), |(row, _)| *row)
            .ok()?;
        Some(&self.faults[at].1)
    }
}

/// Collects rows until a chunk is full.
pub(super) struct ChunkBuilder {
    sheet: usize,
    day_numbers: DayNumbers,
    places: Arc<[Option<u32>]>,
    /// Stored column to contract column, for faults.
    columns: Vec<u32>,
    cell_chars_max: usize,
    row_numbers: Vec<u32>,
    text: Vec<u8>,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    faults: Vec<(u32, RowFault)>,
    fault: Option<RowFault>,
}

impl ChunkBuilder {
    /// A builder whose stored columns are the contract columns `columns`, in this order, of `contract` in all.
    pub(super) fn new(
        (sheet, day_numbers): (usize, DayNumbers),
        columns: Vec<u32>,
        contract: usize,
        cell_chars_max: u32,
    ) -> Self {
        let mut places = vec![None; contract];
        for (place, column) in columns.iter().enumerate() {
            places[*column as usize] = Some(place as u32);
        }
        Self {
            sheet,
            day_numbers,
            places: places.into(),
            columns,
            cell_chars_max: cell_chars_max as usize,
            row_numbers: Vec::new(),
            text: Vec::new(),
            ends: Vec::new(),
            kinds: Vec::new(),
            faults: Vec::new(),
            fault: None,
        }
    }

    /// Starts a row, which [`Self::end_row`] must end.
    pub(super) fn begin_row(&mut self, number: u32, fault: Option<RowFault>) {
        self.row_numbers.push(number);
        self.fault = fault;
    }

    /// Appends the next stored cell of the row; `text` is valid UTF-8.
    #[inline]
    pub(super) fn push(&mut self, text: &[u8], kind: Kind) {
        let long = text.len() > self.cell_chars_max && self.is_too_long(text);
        if !long {
            self.text.extend_from_slice(text);
        }
        self.ends.push(self.text.len() as u32);
        self.kinds.push(kind);
    }

    /// Counts characters, since the limit is in characters and a Chinese one takes three bytes.
    #[cold]
    fn is_too_long(&mut self, text: &[u8]) -> bool {
        let chars = text.iter().filter(|byte| (**byte as i8) >= -0x40).count();
        let long = chars > self.cell_chars_max;
        if long {
            let column = self.columns[self.ends.len() % self.columns.len()];
            self.fault.get_or_insert(RowFault::CellTooLong {
                column,
                chars: chars as u64,
            });
        }
        long
    }

    /// Ends the row; true when the chunk should be delivered.
    pub(super) fn end_row(&mut self) -> bool {
        if let Some(fault) = self.fault.take() {
            self.faults.push((self.row_numbers.len() as u32 - 1, fault));
        }
        self.row_numbers.len() >= CHUNK_ROWS_MAX || self.text.len() >= CHUNK_BYTES_MAX
    }

    /// True when nothing waits for delivery.
    pub(super) fn is_empty(&self) -> bool {
        self.row_numbers.is_empty()
    }

    /// Hands over what was collected and starts anew, with room for as much again.
    pub(super) fn seal(&mut self) -> Chunk {
        let (rows, cells, bytes) = (self.row_numbers.len(), self.ends.len(), self.text.len());
        let bytes_taken = std::mem::replace(&mut self.text, Vec::with_capacity(bytes + bytes / 8));
        // Sources decode strictly; only a file that changes while it is read gets here with anything else.
        let text = String::from_utf8(bytes_taken)
            .unwrap_or_else(|damaged| self.blotted(damaged.as_bytes()));
        let mut chunk = Chunk {
            sheet: self.sheet,
            day_numbers: self.day_numbers,
            places: Arc::clone(&self.places),
            stored: self.columns.len(),
            row_numbers: std::mem::replace(&mut self.row_numbers, Vec::with_capacity(rows)),
            text,
            ends: std::mem::replace(&mut self.ends, Vec::with_capacity(cells)),
            kinds: std::mem::replace(&mut self.kinds, Vec::with_capacity(cells)),
            faults: std::mem::take(&mut self.faults),
        };
        if fault::holds_forbidden(chunk.text.as_bytes()) {
            self.find_forbidden(&mut chunk);
        }
        chunk
    }

    /// The text with every byte that is not UTF-8 made a `\u{1A}`, which keeps all offsets and faults the rows.
    #[cold]
    fn blotted(&self, bytes: &[u8]) -> String {
        let mut blotted = String::with_capacity(bytes.len());
        for part in bytes.utf8_chunks() {
            blotted.push_str(part.valid());
            blotted.extend(part.invalid().iter().map(|_| '\u{1A}'));
        }
        blotted
    }

    /// Marks rows that hold a character nobody can see or type on purpose.
    fn find_forbidden(&self, chunk: &mut Chunk) {
        let mut found: Vec<(u32, RowFault)> = Vec::new();
        let mut start = 0;
        for (index, end) in chunk.ends.iter().enumerate() {
            let cell = &chunk.text[start..*end as usize];
            start = *end as usize;
            let row = (index / chunk.stored) as u32;
            if found.last().is_some_and(|(last, _)| *last == row) {
                continue;
            }
            if let Some(character) = cell
                .chars()
                .find(|character| fault::is_forbidden(*character))
            {
                let column = self.columns[index % chunk.stored];
                found.push((row, RowFault::of_character(column, character)));
            }
        }
        // A row's first fault stays: it was found where the row was read, and explains the later one.
        found.retain(|(row, _)| {
            chunk
                .faults
                .binary_search_by_key(row, |(row, _)| *row)
                .is_err()
        });
        chunk.faults.append(&mut found);
        chunk.faults.sort_by_key(|(row, _)| *row);
    }
}
