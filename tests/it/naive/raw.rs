//! Files to rows of cells by column name, as plainly as possible.

use super::form::Form;
use calamine::{Data, Reader};
use polars::prelude::{AnyValue, ParquetReader, SerReader};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A cell as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A number of a workbook, JSON or Parquet, not a text that looks like one.
    Number(String),
    /// The same of a workbook that counts its days from 1904.
    OldNumber(String),
}

impl Cell {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) | Self::OldNumber(text) => text,
        }
    }
}

/// A received row: its number as a spreadsheet shows it (Q06) and its filled cells by English column name.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) row: u64,
    pub(crate) cells: BTreeMap<String, Cell>,
}

type Line = (u64, Vec<Option<Cell>>);

/// The rows of a file; an error for what nobody can read (Q08).
pub(crate) fn read(path: &Path, form: &Form) -> Result<Vec<Raw>, String> {
    let extension = path.extension().and_then(|text| text.to_str());
    match extension.unwrap_or_default() {
        "csv" => csv(path, form),
        "jsonl" => jsonl(path, form),
        "parquet" => parquet(path, form),
        _ => workbook(path, form),
    }
}

fn csv(path: &Path, form: &Form) -> Result<Vec<Raw>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let text = decode(&bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| first.bytes().filter(|byte| byte == delimiter).count());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.expect("three were named"))
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let cells = record.iter().map(|cell| filled(cell).map(Cell::Text));
        lines.push((at as u64 + 1, cells.collect()));
    }
    table(&lines, form)
}

/// UTF-16 and UTF-8 by their marks, else UTF-8 where it is valid, else GB18030; never a replacement character.
fn decode(bytes: &[u8]) -> Result<String, String> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
        return Ok(text
            .ok_or("not in the encoding its mark names")?
            .into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    Ok(text.ok_or("in no encoding we know")?.into_owned())
}

fn filled(cell: &str) -> Option<String> {
    Some(cell.to_owned()).filter(|cell| !cell.trim().is_empty())
}

fn workbook(path: &Path, form: &Form) -> Result<Vec<Raw>, String> {
    let mut book = calamine::open_workbook_auto(path).map_err(|error| error.to_string())?;
    let old = matches!(&book, calamine::Sheets::Xls(book) if book.has_1904_epoch());
    let workbook_cell = |data: &Data| match workbook_cell(data) {
        Some(Cell::Number(text)) if old => Some(Cell::OldNumber(text)),
        other => other,
    };
    let mut rows = Vec::new();
    for name in book.sheet_names() {
        let range = book
            .worksheet_range(&name)
            .map_err(|error| error.to_string())?;
        let (top, left) = range.start().unwrap_or_default();
        let lines: Vec<Line> = range
            .rows()
            .enumerate()
            .map(|(at, cells)| {
                let before = std::iter::repeat_n(None, left as usize);
                let cells = before.chain(cells.iter().map(workbook_cell)).collect();
                (u64::from(top) + at as u64 + 1, cells)
            })
            .collect();
        rows.extend(table(&lines, form)?);
    }
    Ok(rows)
}

fn workbook_cell(data: &Data) -> Option<Cell> {
    match data {
        Data::Empty => None,
        Data::DateTime(day) => Some(Cell::Text(
            day.as_datetime()?.date().format("%Y-%m-%d").to_string(),
        )),
        Data::Float(_) | Data::Int(_) => Some(Cell::Number(data.to_string())),
        other => filled(&other.to_string()).map(Cell::Text),
    }
}

/// Rows below the header (one row, or two under merged titles), without blank and total rows (Q07).
fn table(lines: &[Line], form: &Form) -> Result<Vec<Raw>, String> {
    const HEADER_ROWS_MAX: usize = 20;
    let width = lines
        .iter()
        .map(|(_, cells)| cells.len())
        .max()
        .unwrap_or(0);
    let column = |line: usize, at: usize| -> Option<&str> {
        form.column(lines.get(line)?.1.get(at)?.as_ref()?.text())
    };
    let mut best: (usize, usize, Vec<Option<&str>>) = (0, 0, Vec::new());
    for top in 0..lines.len().min(HEADER_ROWS_MAX) {
        for height in 1..=2 {
            let names: Vec<Option<&str>> = (0..width)
                .map(|at| (0..height).rev().find_map(|down| column(top + down, at)))
                .collect();
            let matched = names.iter().flatten().count();
            if matched > best.0 {
                best = (matched, top + height, names);
            }
        }
    }
    let (matched, below, names) = best;
    if matched < 2 {
        return Err("no header".to_owned());
    }
    let rows = lines[below..].iter().filter_map(|(row, cells)| {
        let first = cells.iter().flatten().next()?;
        let has_word = ["合计", "总计", "小计", "共计"]
            .iter()
            .any(|word| first.text().trim().starts_with(word));
        // A record all the same where most of what a record must have, numbers aside, stands beside the word.
        let word_at = cells.iter().position(Option::is_some);
        let (mut filled, mut empty) = (0, 0);
        for (at, name) in names.iter().enumerate() {
            let column = form
                .column
                .iter()
                .find(|column| Some(&*column.name) == *name);
            let identifying = column.is_some_and(|column| {
                column.required && !["integer", "decimal"].contains(&&*column.kind)
            });
            if identifying && Some(at) != word_at {
                match cells.get(at).and_then(Option::as_ref) {
                    Some(_) => filled += 1,
                    None => empty += 1,
                }
            }
        }
        let is_total = has_word && filled <= empty;
        let cells = cells
            .iter()
            .zip(&names)
            .filter_map(|(cell, name)| Some(((*name)?.to_owned(), cell.clone()?)));
        (!is_total).then(|| Raw {
            row: *row,
            cells: cells.collect(),
        })
    });
    Ok(rows.collect())
}

fn jsonl(path: &Path, form: &Form) -> Result<Vec<Raw>, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        let cells = object.into_iter().filter_map(|(key, value)| {
            let cell = match value {
                serde_json::Value::Null => return None,
                serde_json::Value::String(text) => Cell::Text(filled(&text)?),
                other => Cell::Number(other.to_string()),
            };
            Some((form.column(&key)?.to_owned(), cell))
        });
        rows.push(Raw {
            row: at as u64 + 1,
            cells: cells.collect(),
        });
    }
    Ok(rows)
}

fn parquet(path: &Path, form: &Form) -> Result<Vec<Raw>, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let frame = ParquetReader::new(file)
        .finish()
        .map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for row in 0..frame.height() {
        let cells = frame.columns().iter().filter_map(|column| {
            let cell = match column.get(row).expect("a row of the frame") {
                AnyValue::Null => return None,
                value @ (AnyValue::String(_) | AnyValue::StringOwned(_)) => {
                    Cell::Text(filled(&value.str_value())?)
                }
                // Days print as ISO dates, decimals with all their digits.
                AnyValue::Date(days) => {
                    let day = chrono::NaiveDate::default() + chrono::Duration::days(days.into());
                    Cell::Text(day.to_string())
                }
                value => Cell::Number(value.str_value().into_owned()),
            };
            Some((form.column(column.name())?.to_owned(), cell))
        });
        rows.push(Raw {
            row: row as u64 + 2,
            cells: cells.collect(),
        });
    }
    Ok(rows)
}
