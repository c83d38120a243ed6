//! Tables as files, in the formats and encodings that departments use.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use chrono::NaiveDate;
use polars::prelude::{Column, DataFrame, ParquetCompression, ParquetWriter};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook, XlsxError};

use super::Error;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Text with a delimiter and Chinese headers.
    Csv { encoding: Encoding, delimiter: u8 },
    /// A workbook with a title row and a total row.
    Xlsx,
    /// One JSON object per line with English names.
    Jsonl,
    /// Parquet with English names; all columns are text.
    Parquet,
}

/// How text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf8Bom,
    Gb18030,
}

impl Format {
    pub(super) const BOM: Self = Self::Csv {
        encoding: Encoding::Utf8Bom,
        delimiter: b',',
    };
    pub(super) const UTF8: Self = Self::Csv {
        encoding: Encoding::Utf8,
        delimiter: b',',
    };
    pub(super) const GB: Self = Self::Csv {
        encoding: Encoding::Gb18030,
        delimiter: b',',
    };

    /// The file name's extension.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Xlsx => "xlsx",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// A table to be written.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Title row of a workbook.
    pub(super) title: String,
    /// English names of the columns.
    pub(super) names: &'static [&'static str],
    /// Chinese headers of the columns.
    pub(super) titles: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// Makes a folder and those above it.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

/// Writes `sheet` to `path`.
pub(super) fn sheet(path: &Path, format: Format, sheet: &Sheet) -> Result<(), Error> {
    match format {
        Format::Csv {
            encoding,
            delimiter,
        } => bytes(path, &csv(sheet, encoding, delimiter)),
        Format::Jsonl => bytes(path, &jsonl(sheet)),
        Format::Xlsx => xlsx(path, sheet).map_err(|source| Error::Workbook {
            path: path.to_owned(),
            source,
        }),
        Format::Parquet => parquet(path, sheet),
    }
}

fn bytes(path: &Path, content: &[u8]) -> Result<(), Error> {
    fs::write(path, content).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

/// Opens a file for streaming.
pub(super) fn stream(path: &Path) -> Result<BufWriter<File>, Error> {
    let file = File::create(path).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// Adds one line of CSV.
pub(super) fn line<'a>(cells: impl Iterator<Item = &'a str>, delimiter: u8, out: &mut Vec<u8>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        let quote = cell
            .bytes()
            .any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
        if quote {
            out.push(b'"');
            out.extend(cell.replace('"', "\"\"").bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn csv(sheet: &Sheet, encoding: Encoding, delimiter: u8) -> Vec<u8> {
    let mut out = Vec::new();
    line(sheet.titles.iter().copied(), delimiter, &mut out);
    for row in &sheet.rows {
        line(row.iter().map(String::as_str), delimiter, &mut out);
    }
    match encoding {
        Encoding::Utf8 => out,
        Encoding::Utf8Bom => [b"\xef\xbb\xbf".as_slice(), &out].concat(),
        Encoding::Gb18030 => {
            let text = String::from_utf8_lossy(&out);
            encoding_rs::GB18030.encode(&text).0.into_owned()
        }
    }
}

fn jsonl(sheet: &Sheet) -> Vec<u8> {
    let mut out = Vec::new();
    for row in &sheet.rows {
        let mut object = serde_json::Map::new();
        for (name, cell) in sheet
            .names
            .iter()
            .zip(row)
            .filter(|(_, cell)| !cell.is_empty())
        {
            object.insert((*name).to_owned(), cell.as_str().into());
        }
        out.extend(serde_json::Value::Object(object).to_string().bytes());
        out.push(b'\n');
    }
    out
}

/// Columns that hold numbers, in whatever dataset.
const NUMBERS: [&str; 14] = [
    "hours",
    "fee",
    "subsidy",
    "employed",
    "skilled",
    "highly_skilled",
    "amount",
    "value",
    "standard",
    "min_hours",
    "payroll",
    "drawn",
    "used",
    "frontline",
];

fn is_date(name: &str) -> bool {
    name.ends_with("_date")
        || name.ends_with("_on")
        || matches!(name, "as_of" | "valid_from" | "valid_to")
}

fn xlsx(path: &Path, sheet: &Sheet) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed day of creation: the same plan gives the same bytes.
    let created = ExcelDateTime::from_ymd(2021, 1, 1)?;
    workbook.set_properties(
        &DocProperties::new()
            .set_author("SYNTHETIC")
            .set_creation_datetime(&created),
    );
    let day = CellFormat::new().set_num_format("yyyy-mm-dd");
    let bold = CellFormat::new().set_bold();
    let page = workbook.add_worksheet();
    page.set_name("台账")?;
    let last = sheet.titles.len().saturating_sub(1) as u16;
    page.merge_range(0, 0, 0, last, &sheet.title, &bold)?;
    for (at, title) in sheet.titles.iter().enumerate() {
        page.write_string_with_format(1, at as u16, *title, &bold)?;
    }
    for (at, row) in sheet.rows.iter().enumerate() {
        let line = at as u32 + 2;
        for (column, (name, cell)) in sheet.names.iter().zip(row).enumerate() {
            let column = column as u16;
            let date = if is_date(name) {
                cell.parse::<NaiveDate>().ok()
            } else {
                None
            };
            let number = if NUMBERS.contains(name) {
                cell.parse::<f64>().ok()
            } else {
                None
            };
            if cell.is_empty() {
                continue;
            } else if let Some(date) = date {
                page.write_datetime_with_format(line, column, date, &day)?;
            } else if let Some(number) = number {
                page.write_number(line, column, number)?;
            } else {
                page.write_string(line, column, cell)?;
            }
        }
    }
    let line = sheet.rows.len() as u32 + 2;
    page.write_string_with_format(line, 0, "合计", &bold)?;
    page.write_string(line, 1, format!("{}行", sheet.rows.len()))?;
    workbook.save(path)
}

fn parquet(path: &Path, sheet: &Sheet) -> Result<(), Error> {
    let failed = |source| Error::Parquet {
        path: path.to_owned(),
        source,
    };
    let columns: Vec<Column> = sheet
        .names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells: Vec<Option<&str>> = sheet
                .rows
                .iter()
                .map(|row| Some(row[at].as_str()).filter(|cell| !cell.is_empty()))
                .collect();
            Column::new((*name).into(), cells)
        })
        .collect();
    let mut frame = DataFrame::new_infer_height(columns).map_err(failed)?;
    let file = stream(path)?;
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Zstd(None))
        .set_parallel(false)
        .finish(&mut frame)
        .map_err(failed)?;
    Ok(())
}

/// Flushes a stream.
pub(super) fn finish(path: &Path, mut file: BufWriter<File>) -> Result<(), Error> {
    file.flush().map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}
