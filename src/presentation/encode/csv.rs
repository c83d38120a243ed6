//! CSV with the names of the JSON as columns; the total is the last row, its dimensions are empty.

use super::{FIGURES, all_rows, extras, figures};
use crate::indicators::table::{Row, Table};

/// The table as UTF-8 CSV. `bom` is for spreadsheet programs, which take the file for the system's encoding without it.
pub fn csv(table: &Table, bom: bool) -> Vec<u8> {
    // A column that no row fills is left out, unless it was asked for.
    let columns = extras(table, &table.totals).into_iter().enumerate();
    let columns: Vec<(usize, String)> = columns
        .filter(|(position, extra)| {
            let filled = |row| extras(table, row)[*position].token.is_some();
            extra.is_asked || all_rows(table).any(filled)
        })
        .map(|(position, extra)| (position, extra.name))
        .collect();
    let heads = table.dimensions.iter().map(String::as_str).chain(FIGURES);
    let heads: Vec<&str> = heads
        .chain(columns.iter().map(|(_, name)| name.as_str()))
        .collect();
    let rows = all_rows(table).map(|row| {
        let mut extras = extras(table, row);
        let further = columns
            .iter()
            .map(|(position, _)| extras[*position].token.take());
        let mut cells = cells(table, row);
        cells.extend(further.map(Option::unwrap_or_default));
        cells
    });
    written(&heads, rows, bom)
}

/// Lines of texts as UTF-8 CSV, none of which a spreadsheet program takes for a formula.
pub(super) fn lines(heads: &[&str], rows: impl Iterator<Item = Vec<String>>, bom: bool) -> Vec<u8> {
    let rows = rows.map(|cells| cells.iter().map(|cell| harmless(cell)).collect());
    written(heads, rows, bom)
}

fn written(heads: &[&str], rows: impl Iterator<Item = Vec<String>>, bom: bool) -> Vec<u8> {
    let mut bytes = if bom {
        "\u{FEFF}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = ::csv::Writer::from_writer(&mut bytes);
    write(
        &mut writer,
        heads.iter().map(|head| (*head).to_owned()).collect(),
    );
    for row in rows {
        write(&mut writer, row);
    }
    drop(writer);
    bytes
}

fn cells(table: &Table, row: &Row) -> Vec<String> {
    let code = |position: usize| {
        row.codes
            .get(position)
            .map_or_else(String::new, |code| harmless(code))
    };
    let codes = (0..table.dimensions.len()).map(code);
    codes
        .chain(figures(row).into_iter().map(Option::unwrap_or_default))
        .collect()
}

/// A text that no spreadsheet program takes for a formula. Numbers are written as they are: `-1` is no formula.
pub(super) fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn write(writer: &mut ::csv::Writer<&mut Vec<u8>>, cells: Vec<String>) {
    writer
        .write_record(cells)
        .expect("writing to memory succeeds");
}
