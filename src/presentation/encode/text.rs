//! A table for terminals: aligned by the width of what is shown, verdicts as word and shape.

use super::{column_keys, has_original, has_parts, is_ranked, notes, verdict_text};
use crate::indicators::table::{Kind, Row, Table};
use crate::presentation::figure::{Figure, compared_texts};
use crate::presentation::{labels, numbers, ranking, texts};
use crate::programme::{Language, Programme};

const GAP: &str = "  ";

/// The table with a title line above, and its snapshot below.
pub fn text(table: &Table, programme: &Programme, language: Language) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(heads(table, programme, language))
        .chain(
            table
                .rows
                .iter()
                .zip(ranking::ranks(table))
                .map(|(row, rank)| cells(table, row, rank, programme, language)),
        )
        .chain([cells(table, &table.totals, None, programme, language)])
        .collect();
    let mut out = format!(
        "{} ({})  {}  {}\n",
        table.title.get(language),
        table.unit.get(language),
        table.period,
        table.scope
    );
    let (names, last) = (table.dimensions.len().max(1), lines[0].len() - 2);
    out.push_str(&columns(&lines, |column| column < names || column >= last));
    let values = [
        ("snapshot", table.snapshot.as_str()),
        ("as_of", &table.as_of),
        ("definition", &table.definition),
    ];
    for note in notes(table, language) {
        out.push_str(&note);
        out.push('\n');
    }
    out.push_str(&texts::fill(language, "text_source", &values));
    out.push('\n');
    out
}

fn heads(table: &Table, programme: &Programme, language: Language) -> Vec<String> {
    let dimensions = table
        .dimensions
        .iter()
        .map(|name| labels::dimension(programme, name, language));
    let keys = column_keys(table)
        .into_iter()
        .chain(["column_mark", "column_verdict"]);
    let mut heads: Vec<String> = dimensions.map(str::to_owned).collect();
    if heads.is_empty() {
        heads.push(String::new());
    }
    heads.extend(keys.map(|key| texts::say(language, key).to_owned()));
    heads
}

fn cells(
    table: &Table,
    row: &Row,
    rank: Option<usize>,
    programme: &Programme,
    language: Language,
) -> Vec<String> {
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
    cells.push(figure.target.unwrap_or_default());
    if has_original(table) {
        let original = row.original_target.map(|target| match table.kind {
            Kind::Ratio => numbers::percent_short(numbers::ratio(target), 12),
            _ => numbers::plain(target),
        });
        cells.push(original.unwrap_or_default());
    }
    cells.extend([figure.progress, figure.pace, figure.gap].map(Option::unwrap_or_default));
    if is_ranked(table) {
        cells.push(rank.map(|rank| rank.to_string()).unwrap_or_default());
    }
    for compared in &row.compared {
        cells.extend(compared_texts(compared, language));
    }
    cells.push(row.mark.to_string());
    cells.push(verdict_text(row, figure.decimals, language));
    cells
}

/// Lines of cells under their heads in columns as wide as their widest cell, `left` ones to the left and the others to the right.
pub(super) fn columns(lines: &[Vec<String>], left: impl Fn(usize) -> bool) -> String {
    let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max();
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| widest(column).unwrap_or(0))
        .collect();
    let aligned = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, wanted))| {
            let air = " ".repeat(wanted - width(cell));
            match left(column) {
                true => format!("{cell}{air}"),
                false => format!("{air}{cell}"),
            }
        });
        cells.collect::<Vec<_>>().join(GAP)
    };
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut written: Vec<String> = lines.iter().map(aligned).collect();
    written.insert(1, rules.join(GAP));
    let written = written.iter().map(|line| line.trim_end().to_owned() + "\n");
    written.collect()
}

/// Lines of cells with every column as wide as its widest cell, all to the left.
pub(super) fn lined_up(lines: &[Vec<String>]) -> String {
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
