//! What the ledger (计数台账) tells once it is made (CONTRACT Q55–Q57).

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Code of the dimension, where the ledger is broken down.
    pub code: Option<String>,
    /// Name of the step.
    pub step: &'static str,
    /// Rule of the step, where it has one.
    pub rule: Option<String>,
    /// Clause of that rule.
    pub clause: Option<String>,
    /// Records.
    pub count: i64,
}

/// The ledger of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The period, where one was asked for.
    pub period: Option<String>,
    /// The scope.
    pub scope: String,
    /// The snapshot.
    pub snapshot: String,
    /// The dimension of the breakdown.
    pub by: Option<String>,
    /// Lines in the order of the steps, within the codes in the order of their list.
    pub lines: Vec<Line>,
}
