//! Tables as bytes: JSON and CSV for programs, text for terminals, XLSX for offices.

pub mod bridge;
pub mod catalog;
pub mod completeness;
pub mod csv;
pub mod explain;
pub mod findings;
pub mod json;
pub mod ledger;
pub mod snapshots;
pub mod targets;
pub mod text;
pub mod xlsx;

use crate::indicators::table::{Bounds, Compare, Incomparable, Kind, Row, RunRate, Table};
use crate::presentation::figure::bounds_text;
use crate::presentation::{numbers, texts, verdict};
use crate::programme::{Language, Ratio};

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

/// A figure that only some answers have: comparisons where they were asked for, bounds where returns are missing, the original
/// target where it was revised.
struct Extra {
    name: String,
    /// The exact token; `None` where the row has none.
    token: Option<String>,
    /// Whether the token is text rather than a number.
    is_text: bool,
    /// Whether the column stands in every answer of its kind, with or without values.
    is_asked: bool,
}

/// The further figures of a row, in one order for all rows of a table.
fn extras(table: &Table, row: &Row) -> Vec<Extra> {
    let number = |name: &str, token: Option<String>| Extra {
        name: name.to_owned(),
        token,
        is_text: false,
        is_asked: false,
    };
    let mut extras = Vec::new();
    for (compare, compared) in table.compare.iter().zip(&row.compared) {
        let code = compare.code();
        let value = compared.value.map(|value| value.to_string());
        let change = compared.change.map(|change| change.to_string());
        let note = compared.incomparable.map(|why| why.code().to_owned());
        let names = ["", "_change", "_note"].map(|suffix| format!("{code}{suffix}"));
        for (name, token) in names.into_iter().zip([value, change, note]) {
            extras.push(Extra {
                is_text: name.ends_with("_note"),
                is_asked: true,
                ..number(&name, token)
            });
        }
    }
    let bound = |pick: fn(Bounds) -> Ratio| row.bounds.map(|bounds| pick(bounds).to_string());
    let missing = row.bounds.map(|bounds| bounds.missing.to_string());
    extras.push(number(
        "original_target",
        row.original_target.map(|target| target.to_string()),
    ));
    extras.push(number("low", bound(|bounds| bounds.low)));
    extras.push(number("high", bound(|bounds| bounds.high)));
    extras.push(number("missing", missing));
    extras
}

/// Rows and total of a table.
fn all_rows(table: &Table) -> impl Iterator<Item = &Row> {
    table.rows.iter().chain([&table.totals])
}

/// Whether a breakdown is by one kind of unit, some of which have targets: only then are there ranks.
fn is_ranked(table: &Table) -> bool {
    let by_unit = matches!(&table.dimensions[..], [one] if ["division", "department", "sector"].contains(&one.as_str()));
    by_unit && table.rows.iter().any(|row| row.progress.is_some())
}

/// The keys of the columns people see after the dimensions and before mark and verdict.
fn column_keys(table: &Table) -> Vec<&'static str> {
    let mut keys = vec!["column_value"];
    if has_parts(table) {
        keys.extend(["column_numerator", "column_denominator"]);
    }
    keys.push("column_target");
    if has_original(table) {
        keys.push("column_original_target");
    }
    keys.extend(["column_progress", "column_pace", "column_gap"]);
    if is_ranked(table) {
        keys.push("column_rank");
    }
    for compare in &table.compare {
        keys.extend(match (compare, table.kind) {
            (Compare::Yoy, Kind::Ratio) => ["column_yoy", "column_yoy_points"],
            (Compare::Yoy, _) => ["column_yoy", "column_yoy_change"],
            (Compare::Pop, Kind::Ratio) => ["column_pop", "column_pop_points"],
            (Compare::Pop, _) => ["column_pop", "column_pop_change"],
        });
    }
    keys
}

fn has_original(table: &Table) -> bool {
    all_rows(table).any(|row| row.original_target.is_some())
}

/// The verdict as people read it: shape, word, and the bounds where returns are missing.
fn verdict_text(row: &Row, decimals: u32, language: Language) -> String {
    let bounds = row.bounds.filter(|_| row.target.is_some());
    let bounds = bounds.map(|bounds| bounds_text(&bounds, decimals, language));
    format!(
        "{} {}{}",
        verdict::shape(row.verdict),
        verdict::word(row.verdict, language),
        bounds.unwrap_or_default()
    )
}

/// What a reader has to know of this table, each in one sentence.
fn notes(table: &Table, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(rate) = &table.totals.run_rate {
        notes.push(run_rate_text(rate, language));
    }
    let why = |wanted: Incomparable| {
        all_rows(table)
            .flat_map(|row| &row.compared)
            .any(|compared| compared.incomparable == Some(wanted))
    };
    let bounded = all_rows(table).any(|row| row.bounds.is_some());
    let said = [
        (why(Incomparable::Open), "note_open_period"),
        (why(Incomparable::Scope), "note_incomparable"),
        (bounded, "note_bounds"),
    ];
    let said = said.into_iter().filter(|(stands, _)| *stands);
    notes.extend(said.map(|(_, key)| texts::say(language, key).to_owned()));
    notes
}

fn run_rate_text(rate: &RunRate, language: Language) -> String {
    // What is needed is rounded up: with less the target would be missed.
    let needed = numbers::plain(rate.needed.rounded_up(0));
    let months = numbers::plain(rate.months_left.rounded(1).shortest());
    let values = [("needed", needed.as_str()), ("months", &months)];
    let mut text = texts::fill(language, "run_rate", &values);
    if let Some((month, value)) = &rate.best {
        let value = numbers::plain(*value);
        let values = [("month", month.as_str()), ("value", &value)];
        text += &texts::fill(language, "run_rate_best", &values);
    }
    text
}
