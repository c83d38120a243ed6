//! The cells an example must give, and how a table differs from them.

use super::{Cells, Raw, Reporter};
use crate::indicators::table::{Kind, Row, Table, Value as Figure};
use crate::programme::{Decimal, Ratio, Text};
use toml::{Spanned, Value};

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    codes: Vec<String>,
    /// `None` for a ratio without denominator.
    value: Option<Ratio>,
    numerator: Option<Decimal>,
    denominator: Option<Decimal>,
    mark: String,
}

/// All cells of the answer.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    dimensions: Vec<String>,
    rows: Vec<Cell>,
    total: Cell,
}

/// Keys of a cell besides its dimensions.
const KEYS: [&str; 4] = ["value", "numerator", "denominator", "mark"];

impl Expected {
    /// Reads the cells; mistakes are reported where they stand.
    pub(super) fn read(raw: &Raw, kind: Kind, report: &mut Reporter<'_>) -> Self {
        let rows = raw.rows.iter().map(|row| cell(row, &raw.by, kind, report));
        let rows = rows.collect();
        Self {
            dimensions: raw.by.clone(),
            rows,
            total: cell(&raw.total, &[], kind, report),
        }
    }

    /// What is expected and was not found, and what was found and not expected.
    pub(super) fn compare(&self, table: &Table) -> Vec<Text> {
        let mut differences = Vec::new();
        let mut differ = |expected: Option<&Cell>, found: Option<&Cell>| {
            if expected != found {
                let told = |cell: Option<&Cell>, zh: &str, en: &str| match cell {
                    Some(cell) => [self.told(cell), self.told(cell)],
                    None => [zh.to_owned(), en.to_owned()],
                };
                let expected = told(expected, "没有此行", "no such row");
                let found = told(found, "没有此行", "no such row");
                differences.push(Text::new(
                    format!("应为 {}，实为 {}", expected[0], found[0]),
                    format!("expected {}, found {}", expected[1], found[1]),
                ));
            }
        };
        // Without dimensions a table repeats its total as its only row.
        let found: Vec<Cell> = match self.dimensions.is_empty() {
            true => vec![],
            false => table.rows.iter().map(Cell::of).collect(),
        };
        for cell in &self.rows {
            differ(
                Some(cell),
                found.iter().find(|found| found.codes == cell.codes),
            );
        }
        for cell in &found {
            if self.rows.iter().all(|row| row.codes != cell.codes) {
                differ(None, Some(cell));
            }
        }
        differ(Some(&self.total), Some(&Cell::of(&table.totals)));
        differences
    }

    fn told(&self, cell: &Cell) -> String {
        let dimensions = self.dimensions.iter().zip(&cell.codes);
        let mut parts: Vec<String> = dimensions
            .map(|(dimension, code)| format!("{dimension}={code}"))
            .collect();
        if cell.codes.is_empty() {
            parts.push("total".to_owned());
        }
        let value = cell
            .value
            .map_or("none".to_owned(), |value| value.to_string());
        parts.push(format!("value={value}"));
        for (name, part) in [
            ("numerator", cell.numerator),
            ("denominator", cell.denominator),
        ] {
            parts.extend(part.map(|part| format!("{name}={part}")));
        }
        if !cell.mark.is_empty() {
            parts.push(format!("mark={}", cell.mark));
        }
        parts.join(" ")
    }
}

impl Cell {
    fn of(row: &Row) -> Self {
        Self {
            codes: row.codes.clone(),
            value: row.value.and_then(|value| match value {
                Figure::Number(number) => number.over(Decimal::new(1, 0)),
                Figure::Share(ratio) => Some(ratio),
            }),
            numerator: row.numerator,
            denominator: row.denominator,
            mark: row.mark.to_string(),
        }
    }
}

fn cell(cells: &Spanned<Cells>, by: &[String], kind: Kind, report: &mut Reporter<'_>) -> Cell {
    let offset = cells.span().start;
    let cells = cells.get_ref();
    for name in cells.keys() {
        if !KEYS.contains(&name.get_ref().as_str()) && !by.contains(name.get_ref()) {
            let known: Vec<&str> = KEYS
                .into_iter()
                .chain(by.iter().map(String::as_str))
                .collect();
            let known = known.join(", ");
            let name_offset = name.span().start;
            let name = name.get_ref();
            let message = Text::new(
                format!("结果不能有 {name}，可用: {known}"),
                format!("a result cannot give {name}; known: {known}"),
            );
            report.at(name_offset, message);
        }
    }
    let mut wanted = |name: &str, what: &Text| {
        let message = Text::new(
            format!("结果应有 {name}: {}", what.zh),
            format!("a result must give {name}: {}", what.en),
        );
        report.at(offset, message);
    };
    let text = |name: &str| cells.get(name).and_then(|cell| cell.get_ref().as_str());
    let codes = by.iter().map(|name| {
        text(name).map(str::to_owned).unwrap_or_else(|| {
            wanted(name, &Text::new("代码", "a code"));
            String::new()
        })
    });
    let codes = codes.collect();
    let number = Text::new(
        "整数或带引号的小数",
        "a whole number or a decimal in quotes",
    );
    let part = |name: &str| cells.get(name).and_then(|cell| decimal(cell.get_ref()));
    let (numerator, denominator) = (part("numerator"), part("denominator"));
    let value = if kind == Kind::Ratio {
        let both = numerator.zip(denominator);
        if both.is_none() {
            wanted("numerator, denominator", &number);
        }
        both.and_then(|(numerator, denominator)| numerator.over(denominator))
    } else {
        let value = part("value");
        if value.is_none() {
            wanted("value", &number);
        }
        value.and_then(|value| value.over(Decimal::new(1, 0)))
    };
    if kind == Kind::Ratio && cells.contains_key("value") && text("value") != Some(&shown(value)) {
        let what = format!("\"{}\"", shown(value));
        wanted("value", &Text::new(what.clone(), what));
    }
    Cell {
        codes,
        value,
        numerator,
        denominator,
        mark: text("mark").unwrap_or_default().to_owned(),
    }
}

/// A share as an example writes it.
fn shown(value: Option<Ratio>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Integer(number) => Some(Decimal::new(i128::from(*number), 0)),
        Value::String(text) => Decimal::parse(text),
        _ => None,
    }
}
