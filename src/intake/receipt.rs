//! What a reporter gets back: totals, repairs, violations and the rows to correct.

use crate::programme::Text;
use serde::{Deserialize, Serialize};

/// What became of a file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Its rows were disposed.
    Loaded,
    /// The same bytes were received before (CONTRACT Q03).
    Duplicate,
    /// It could not be read and was set aside whole (CONTRACT Q08).
    Quarantined,
}

/// What a rule does to the row that breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowEffect {
    /// The row is rejected.
    Reject,
    /// The row is accepted and flagged.
    Flag,
}

/// A repair that was done because it was certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// 1-based row as a spreadsheet shows it.
    pub row: u32,
    /// Sheet, for workbooks with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Column by its English name.
    pub column: String,
    /// Id of the repair.
    pub rule: String,
}

/// A rule a row breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// 1-based row as a spreadsheet shows it; 0 for the file as a whole.
    pub row: u32,
    /// Sheet, for workbooks with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Id of the rule.
    pub rule: String,
    /// Column by its English name; empty for the file as a whole.
    pub column: String,
    /// What it does.
    pub effect: RowEffect,
    /// The value found, masked where personal.
    pub value: String,
    /// What is wrong and what would be right.
    pub message: Text,
}

/// Counts of one file or load: received = new + correction + withdrawal + unchanged + rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows received (CONTRACT Q07).
    pub received: u64,
    /// Records not known before.
    pub new: u64,
    /// Records that replace another content.
    pub correction: u64,
    /// Records taken back.
    pub withdrawal: u64,
    /// Records already known with the same content.
    pub unchanged: u64,
    /// Rows set aside.
    pub rejected: u64,
}

impl Totals {
    /// Whether every received row has exactly one disposition.
    pub fn balance(&self) -> bool {
        self.received
            == self.new + self.correction + self.withdrawal + self.unchanged + self.rejected
    }

    /// Adds the counts of another file.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.new += other.new;
        self.correction += other.correction;
        self.withdrawal += other.withdrawal;
        self.unchanged += other.unchanged;
        self.rejected += other.rejected;
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What became of it as a whole.
    pub status: FileStatus,
    /// Counts.
    #[serde(flatten)]
    pub totals: Totals,
    /// Repairs done, in row order (at most [`SHOWN_MAX`]).
    pub repairs: Vec<Repair>,
    /// Violations, in row order (at most [`SHOWN_MAX`]; all rejected rows are in `rows_to_correct` whatever their number).
    pub violations: Vec<Violation>,
    /// Dataset, where the name told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Department, where the name told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// How the file was read: encoding, delimiter, sheets, header rows, ignored columns, skipped rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<serde_json::Value>,
    /// Where the bytes of a duplicate were received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// Further repairs that are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub repairs_not_listed: u64,
    /// Further violations that are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub violations_not_listed: u64,
    /// The rejected rows as they were sent, in the contract's columns. Holds personal data: only ever written into the
    /// workbook that goes back to the reporter.
    #[serde(skip)]
    pub rows_to_correct: Vec<RowToCorrect>,
}

/// The load in which the bytes of a duplicate were received; nothing of them is disposed again (CONTRACT Q03).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Id of the load.
    pub load: String,
    /// Name of the file then.
    pub file: String,
    /// Rows rejected then.
    pub rejected: u64,
    /// What this means for the reporter.
    pub message: Text,
}

impl Earlier {
    /// What is said of bytes that were received in `load` under the name `file`.
    pub fn new(load: String, file: String, rejected: u64) -> Self {
        let message = Text::new(
            format!(
                "完全相同的内容已在入库批次 {load} 中收到（文件 {file}），当时退回 {rejected} 行，本次不再处理；退回的行改正后须作为新文件报送"
            ),
            format!(
                "the same bytes were received in load {load} (file {file}), {rejected} rows of them were rejected then, and nothing is done again; corrected rows must be sent as a new file"
            ),
        );
        Self {
            load,
            file,
            rejected,
            message,
        }
    }
}

/// Violations and repairs listed per file; their number is always given in full.
pub const SHOWN_MAX: usize = 10_000;

/// One rejected row as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowToCorrect {
    /// 1-based row as a spreadsheet shows it.
    pub row: u32,
    /// Cells in the order of the contract's columns, as sent.
    pub cells: Vec<String>,
    /// Why it was rejected.
    pub reasons: Vec<Text>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
