//! Tables as bytes: JSON and CSV for programs, text for terminals, XLSX for offices.

pub mod bridge;
pub mod csv;
pub mod json;
pub mod text;
pub mod xlsx;

use crate::indicators::table::{Kind, Row, Table};

/// Columns after the dimensions, in JSON and CSV alike (CONTRACT §8).
pub const FIGURES: [&str; 8] = [
    "value",
    "numerator",
    "denominator",
    "target",
    "progress",
    "pace",
    "verdict",
    "mark",
];

/// The figures of a row in the order of [`FIGURES`], as exact tokens; `None` where there is none.
fn figures(row: &Row) -> [Option<String>; 8] {
    [
        row.value.map(|value| value.to_string()),
        row.numerator.map(|number| number.to_string()),
        row.denominator.map(|number| number.to_string()),
        row.target.map(|number| number.to_string()),
        row.progress.map(|ratio| ratio.to_string()),
        row.pace.map(|ratio| ratio.to_string()),
        Some(row.verdict.code().to_owned()),
        Some(row.mark.to_string()),
    ]
}

/// Whether the indicator has numerators and denominators at all.
fn has_parts(table: &Table) -> bool {
    table.kind == Kind::Ratio
}
