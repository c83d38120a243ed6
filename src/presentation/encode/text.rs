//! A table for terminals: aligned by the width of what is shown, verdicts as word and shape.

use super::has_parts;
use crate::indicators::table::{Row, Table};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, texts, verdict};
use crate::programme::{Language, Programme};

const GAP: &str = "  ";

/// The table with a title line above, and its snapshot below.
pub fn text(table: &Table, programme: &Programme, language: Language) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(heads(table, programme, language))
        .chain(
            table
                .rows
                .iter()
                .map(|row| cells(table, row, programme, language)),
        )
        .chain([cells(table, &table.totals, programme, language)])
        .collect();
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| {
            lines
                .iter()
                .map(|line| width(&line[column]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = format!(
        "{} ({})  {}  {}\n",
        table.title.get(language),
        table.unit.get(language),
        table.period,
        table.scope
    );
    for (number, line) in lines.iter().enumerate() {
        out.push_str(aligned(line, &widths, table.dimensions.len()).trim_end());
        out.push('\n');
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            out.push_str(&rules.join(GAP));
            out.push('\n');
        }
    }
    let values = [
        ("snapshot", table.snapshot.as_str()),
        ("as_of", &table.as_of),
        ("definition", &table.definition),
    ];
    out.push_str(&texts::fill(language, "text_source", &values));
    out.push('\n');
    out
}

fn heads(table: &Table, programme: &Programme, language: Language) -> Vec<String> {
    let dimensions = table
        .dimensions
        .iter()
        .map(|name| labels::dimension(programme, name, language));
    let mut keys = vec!["column_value"];
    if has_parts(table) {
        keys.extend(["column_numerator", "column_denominator"]);
    }
    keys.extend([
        "column_target",
        "column_progress",
        "column_pace",
        "column_gap",
        "column_mark",
        "column_verdict",
    ]);
    let mut heads: Vec<String> = dimensions.map(str::to_owned).collect();
    if heads.is_empty() {
        heads.push(String::new());
    }
    heads.extend(
        keys.into_iter()
            .map(|key| texts::say(language, key).to_owned()),
    );
    heads
}

fn cells(table: &Table, row: &Row, programme: &Programme, language: Language) -> Vec<String> {
    let names = table.dimensions.iter().zip(&row.codes);
    let mut cells: Vec<String> = names
        .map(|(dimension, code)| labels::code(programme, dimension, code, language))
        .collect();
    if row.codes.is_empty() {
        cells = vec![String::new(); table.dimensions.len().max(1)];
        cells[0] = texts::say(language, "total").to_owned();
    }
    let figure = Figure::of(row, table.kind);
    cells.push(figure.value.unwrap_or_default());
    if has_parts(table) {
        cells.push(row.numerator.map(numbers::plain).unwrap_or_default());
        cells.push(row.denominator.map(numbers::plain).unwrap_or_default());
    }
    cells.extend(
        [figure.target, figure.progress, figure.pace, figure.gap].map(Option::unwrap_or_default),
    );
    cells.push(row.mark.to_string());
    cells.push(format!(
        "{} {}",
        verdict::shape(row.verdict),
        verdict::word(row.verdict, language)
    ));
    cells
}

/// One line: names and the last two columns to the left, numbers to the right.
fn aligned(line: &[String], widths: &[usize], dimensions: usize) -> String {
    let names = dimensions.max(1);
    let cells = line
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, wanted))| {
            let air = " ".repeat(wanted - width(cell));
            let left = column < names || column + 2 >= line.len();
            if left {
                format!("{cell}{air}")
            } else {
                format!("{air}{cell}")
            }
        });
    cells.collect::<Vec<_>>().join(GAP)
}

/// Lines of cells, the first of them heads, with every column as wide as its widest cell.
pub(super) fn columns(lines: &[Vec<String>]) -> String {
    let count = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = lines.iter().map(|line| width(&line[column]));
            cells.max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, wanted)| {
            let air = " ".repeat(wanted - width(cell));
            format!("{cell}{air}")
        });
        out.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        out.push('\n');
    }
    out
}

/// Columns a terminal gives to `text`: two for Chinese characters and full-width forms.
pub fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFD}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}
