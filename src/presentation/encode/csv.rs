//! CSV with the names of the JSON as columns; the total is the last row, its dimensions are empty.

use super::{FIGURES, figures};
use crate::indicators::table::{Row, Table};

/// The table as UTF-8 CSV. `bom` is for spreadsheet programs, which take the file for the system's encoding without it.
pub fn csv(table: &Table, bom: bool) -> Vec<u8> {
    let mut bytes = if bom {
        "\u{FEFF}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = ::csv::Writer::from_writer(&mut bytes);
    let heads = table.dimensions.iter().map(String::as_str).chain(FIGURES);
    write(&mut writer, heads.map(str::to_owned).collect());
    for row in &table.rows {
        write(&mut writer, cells(table, row));
    }
    write(&mut writer, cells(table, &table.totals));
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
