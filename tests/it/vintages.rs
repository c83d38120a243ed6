//! Vintages: what was published stays what it was, and why a figure differs since.

mod answers;
mod history;
mod laws;
mod marks;
mod parts;
mod render;

pub(crate) use history::{History, Night};

/// Names of the parts of a bridge, as they are told.
pub(crate) const PARTS: [&str; 8] = [
    "late",
    "new",
    "corrections",
    "withdrawals",
    "re_attribution",
    "rule_effects",
    "definition",
    "scope",
];
