//! What the generator knows about the submissions it wrote, to compare with what an intake finds.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files written, relative to the output folder, in byte order.
    pub files: Vec<String>,
    /// Rows written by dataset, without title and total rows.
    pub rows: BTreeMap<String, u64>,
    /// What an intake of all files in order must find in `training`.
    pub truth: Truth,
}

/// Expected counts of the dataset `training`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Rows that bring a record for the first time.
    pub new: u64,
    /// Rows that change a live record.
    pub correction: u64,
    /// Rows that withdraw a live record.
    pub withdrawal: u64,
    /// Rows equal to the live record.
    pub unchanged: u64,
    /// Rows that must be rejected; always 0 when nothing was damaged.
    pub rejected: u64,
    /// Damaged rows that are repaired and accepted, by repair.
    pub repaired: BTreeMap<String, u64>,
    /// Damaged rows that are rejected, by rule.
    pub rejected_by: BTreeMap<String, u64>,
    /// Damaged rows that are accepted with a finding, by kind of damage.
    pub flagged: BTreeMap<String, u64>,
    /// Completions that no file reports: they would arrive after the end of the plan.
    pub not_yet_reported: u64,
    /// Distinct persons in the records.
    pub persons: u64,
    /// Distinct persons among apprentices with a completion or a payment.
    pub apprentices: u64,
    /// What counts toward the target once all files are loaded; `None` when rows were damaged, since a damaged row may
    /// no longer count.
    pub counted: Option<Counted>,
}

/// The ledger from the current records down to the counted ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Live records.
    pub accepted: u64,
    /// Of these: not completed.
    pub not_completed: u64,
    /// Of the rest: a type that does not count (TT09).
    pub by_type: u64,
    /// Of the rest: money that is not subsidised training.
    pub by_funding: u64,
    /// Of the rest: completed outside the programme.
    pub by_period: u64,
    /// Of the rest: same person, occupation and level counted before.
    pub r007: u64,
    /// What remains.
    pub counted: u64,
    /// What remains, by year of completion.
    pub by_year: BTreeMap<i32, u64>,
    /// What remains, by division.
    pub by_division: BTreeMap<String, u64>,
}

impl Truth {
    /// All rows: the identity of a load.
    pub fn received(&self) -> u64 {
        self.new + self.correction + self.withdrawal + self.unchanged + self.rejected
    }
}
