//! What one submission file may cost before it is set aside.

use serde::{Deserialize, Serialize};

/// The most that one file may hold, and the most its parser may use.
///
/// # Units
/// The last word before `_max` names the unit; every limit is inclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a text file (CSV, TSV, JSON lines).
    pub file_bytes_max: u64,
    /// Bytes of a workbook or Parquet file, as sent (packed).
    pub workbook_bytes_max: u64,
    /// Bytes that the parts of a packed workbook may declare to unpack to, together.
    pub inflated_bytes_max: u64,
    /// Parts inside a packed workbook.
    pub zip_entries_max: u64,
    /// Rows of one file or sheet, header and blank rows included.
    pub rows_max: u32,
    /// Filled columns of one row.
    pub columns_max: u32,
    /// Characters of one cell.
    pub cell_chars_max: u32,
    /// Sheets of one workbook.
    pub sheets_max: u32,
    /// Depth of a JSON value: 1 is a flat row, 2 a row with lists of scalars.
    pub nesting_max: u32,
    /// Address space of the process that parses a workbook, in bytes.
    pub child_memory_bytes_max: u64,
    /// Processor time of that process, in seconds.
    pub child_cpu_seconds_max: u64,
    /// Wall-clock time of that process, in seconds, not counting the time our side keeps it waiting.
    pub child_wall_seconds_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 8 << 30,
            workbook_bytes_max: 256 << 20,
            inflated_bytes_max: 1 << 30,
            zip_entries_max: 2_000,
            rows_max: 20_000_000,
            columns_max: 1_024,
            cell_chars_max: 32_767,
            sheets_max: 200,
            nesting_max: 2,
            child_memory_bytes_max: 768 << 20,
            child_cpu_seconds_max: 60,
            child_wall_seconds_max: 120,
        }
    }
}
