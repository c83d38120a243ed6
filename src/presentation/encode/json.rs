//! The JSON of CONTRACT §8: one row per line, numbers written from the exact value and never through binary fractions.

use super::{FIGURES, figures, has_parts};
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

fn row_object(table: &Table, row: &Row) -> String {
    let codes = table.dimensions.iter().zip(&row.codes);
    let fields = codes.map(|(name, code)| format!("{}: {}", quoted(name), quoted(code)));
    object(fields.chain(figure_fields(row, |_| true)))
}

/// The total has no codes, and the parts of a ratio only where the indicator is one.
fn totals(table: &Table) -> String {
    let part = |name: &str| name == "numerator" || name == "denominator";
    object(figure_fields(&table.totals, |name| {
        has_parts(table) || !part(name)
    }))
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
