//! The JSON of CONTRACT §8: one row per line, numbers written from the exact value and never through binary fractions.

use super::{FIGURES, extras, figures, has_parts};
use crate::indicators::table::{Row, Table, View};

/// The table as JSON, ended by a line break.
pub fn json(table: &Table) -> String {
    let dimensions: Vec<String> = table.dimensions.iter().map(|name| quoted(name)).collect();
    let rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| row_object(table, row))
        .collect();
    format!(
        concat!(
            "{{\"indicator\": {}, \"unit\": {}, \"kind\": {}, \"period\": {}, \"scope\": {},{}\n",
            " \"snapshot\": {}, \"as_of\": {}, \"definition\": {}, \"dimensions\": [{}],\n",
            " \"rows\": [{}],\n",
            " \"totals\": {}}}\n",
        ),
        quoted(&table.indicator),
        quoted(&table.unit.en),
        quoted(&table.kind.to_string()),
        quoted(&table.period.to_string()),
        quoted(&table.scope),
        match table.view {
            View::AsWas => String::new(),
            view => format!(" \"view\": {},", quoted(view.code())),
        },
        quoted(&table.snapshot),
        quoted(&table.as_of),
        quoted(&table.definition),
        dimensions.join(", "),
        rows.join(",\n          "),
        totals(table),
    )
}

pub(super) fn row_object(table: &Table, row: &Row) -> String {
    let codes = table.dimensions.iter().zip(&row.codes);
    let fields = codes.map(|(name, code)| format!("{}: {}", quoted(name), quoted(code)));
    let further = extra_fields(table, row);
    object(fields.chain(figure_fields(row, |_| true)).chain(further))
}

/// The total has no codes, and the parts of a ratio only where the indicator is one.
fn totals(table: &Table) -> String {
    let part = |name: &str| name == "numerator" || name == "denominator";
    let fields = figure_fields(&table.totals, |name| has_parts(table) || !part(name));
    let further = extra_fields(table, &table.totals);
    object(fields.chain(further).chain(run_rate(&table.totals)))
}

/// What only some answers have: comparisons in every row once asked for, the rest where the row has it.
fn extra_fields(table: &Table, row: &Row) -> impl Iterator<Item = String> {
    let extras = extras(table, row).into_iter();
    extras
        .filter(|extra| extra.is_asked || extra.token.is_some())
        .map(|extra| {
            let token = match extra.token {
                Some(text) if extra.is_text => quoted(&text),
                Some(number) => number,
                None => "null".to_owned(),
            };
            format!("{}: {token}", quoted(&extra.name))
        })
}

/// What it takes to reach the total's target.
fn run_rate(row: &Row) -> Option<String> {
    let rate = row.run_rate.as_ref()?;
    let best = rate.best.as_ref();
    let fields = [
        format!("\"needed_per_month\": {}", rate.needed),
        format!("\"months_left\": {}", rate.months_left),
        format!(
            "\"best_month\": {}",
            best.map_or_else(|| "null".to_owned(), |(month, _)| quoted(month))
        ),
        format!(
            "\"best_value\": {}",
            best.map_or_else(|| "null".to_owned(), |(_, value)| value.to_string())
        ),
    ];
    Some(format!("\"run_rate\": {}", object(fields.into_iter())))
}

fn figure_fields(row: &Row, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
    let fields = FIGURES.into_iter().zip(figures(row));
    fields
        .filter(move |(name, _)| wanted(name))
        .map(|(name, token)| {
            let token = match (name, token) {
                ("verdict" | "mark", Some(text)) => quoted(&text),
                (_, Some(number)) => number,
                (_, None) => "null".to_owned(),
            };
            format!("\"{name}\": {token}")
        })
}

pub(super) fn object(fields: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
