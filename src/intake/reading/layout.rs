//! How a file was laid out, for its receipt.

use super::chunk::DayNumbers;
use super::detect::Format;

/// Entries that one list of a layout keeps; its counts go on.
const LIST_MAX: usize = 1_000;

/// What was recognised in a file that could be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The format its content has.
    pub format: Format,
    /// True when the extension of its name promised another format.
    pub misnamed: bool,
    /// The character encoding of a text file.
    pub encoding: Option<&'static str>,
    /// What separates the cells of a CSV-like file.
    pub delimiter: Option<char>,
    /// Its sheets in order; a file without sheets has one without name.
    pub sheets: Vec<SheetLayout>,
}

/// What was recognised in one sheet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SheetLayout {
    /// Its name; empty where the file has no sheets.
    pub name: String,
    /// True when the workbook hides it (it is read all the same).
    pub hidden: bool,
    /// How its bare day numbers are read.
    pub day_numbers: DayNumbers,
    /// False when no header was found, so that the sheet was passed over (notes, instructions).
    pub read: bool,
    /// Row numbers of the header, two where titles are grouped.
    pub header_rows: Vec<u32>,
    /// The contract columns found, in the order of the file.
    pub columns: Vec<FoundColumn>,
    /// Headers that no contract column has (序号, 备注).
    pub ignored: Vec<String>,
    /// Letters of hidden columns, which are read all the same.
    pub hidden_columns: Vec<String>,
    /// Numbers of hidden rows, which are read all the same.
    pub hidden_rows: List<u32>,
    /// Title rows above the header.
    pub titles: Vec<SkippedRow>,
    /// Filled rows of a sheet without header.
    pub rows_passed_over: u64,
    /// Total rows, which are not received (Q07).
    pub totals: List<SkippedRow>,
    /// Rows that repeat the header or a title for printing, which are not received.
    pub repeated_headers: List<u32>,
    /// Wholly empty rows below the header that a row follows.
    pub blank_rows: u64,
    /// Data rows delivered.
    pub rows: u64,
}

/// A contract column and where the file has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundColumn {
    /// Index into [`ColumnNames`](super::ColumnNames).
    pub column: usize,
    /// The header as the file spells it; of grouped titles, both with a slash between them.
    pub header: String,
    /// Its 0-based position in the file.
    pub position: usize,
}

/// A row that is not data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedRow {
    /// Its number.
    pub row: u32,
    /// Its first filled cell.
    pub text: String,
}

/// A list that keeps its first entries and counts them all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List<T> {
    /// The first entries.
    pub first: Vec<T>,
    /// How many there were.
    pub count: u64,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            count: 0,
        }
    }
}

impl<T> List<T> {
    pub(super) fn push(&mut self, entry: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < LIST_MAX {
            self.first.push(entry());
        }
    }
}
