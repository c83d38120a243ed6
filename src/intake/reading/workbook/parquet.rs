//! Parquet as one sheet whose first row is the header, in the parsing process.

use std::fs::File;

use polars::prelude::{Column, DataType, ParquetReader, PolarsError, SerReader};

use super::super::{Kind, Limits};
use super::cells;
use super::child::{Out, Stop};
use super::frames::{Failure, SheetHead};
use super::rows::SheetWriter;

/// Rows in memory at once.
const SLICE_ROWS: usize = 16_384;

/// Writes the whole file.
pub(super) fn write(file: File, limits: &Limits, out: &mut Out) -> Result<(), Stop> {
    let failure = |error: PolarsError| {
        let message: String = error.to_string().chars().take(500).collect();
        Stop::Failure(Failure::Parquet(message))
    };
    let rows = ParquetReader::new(file.try_clone()?)
        .num_rows()
        .map_err(failure)?;
    if rows >= limits.rows_max as usize {
        return Err(Stop::Failure(Failure::TooManyRows {
            sheet: String::new(),
        }));
    }
    let mut sheet = SheetWriter::begin(out, limits, &SheetHead::default(), Vec::new())?;
    let mut first = 0;
    while first == 0 || first < rows {
        let reader = ParquetReader::new(file.try_clone()?).with_slice(Some((first, SLICE_ROWS)));
        let frame = reader.finish().map_err(failure)?;
        if first == 0 {
            for (column, name) in frame.get_column_names().iter().enumerate() {
                sheet.cell((0, column as u32), Kind::Text, name)?;
            }
        }
        let columns: Vec<Texts> = frame
            .columns()
            .iter()
            .map(Texts::of)
            .collect::<Result<_, _>>()
            .map_err(failure)?;
        for row in 0..frame.height() {
            for (column, texts) in columns.iter().enumerate() {
                let Some((kind, text)) = texts.cell(row) else {
                    continue;
                };
                sheet.cell(((first + row + 1) as u32, column as u32), kind, &text)?;
            }
        }
        first += SLICE_ROWS;
    }
    sheet.end()
}

/// A column as text.
enum Texts {
    Written(Kind, Column),
    Float(Column),
    /// Lists and structs have no cell; whoever needs the column must refuse it.
    Nested,
}

impl Texts {
    fn of(column: &Column) -> Result<Self, PolarsError> {
        let kind = match column.dtype() {
            DataType::Float32 | DataType::Float64 => {
                return Ok(Self::Float(column.cast(&DataType::Float64)?));
            }
            DataType::Boolean => Kind::Boolean,
            // An instant of another time zone may lie on another day here; as text it is refused.
            DataType::Date | DataType::Datetime(_, None) => Kind::Date,
            DataType::Datetime(..) | DataType::String | DataType::Time | DataType::Duration(_) => {
                Kind::Text
            }
            dtype if dtype.is_primitive_numeric() || dtype.is_decimal() => Kind::Number,
            _ => return Ok(Self::Nested),
        };
        Ok(Self::Written(kind, column.cast(&DataType::String)?))
    }

    fn cell(&self, row: usize) -> Option<(Kind, String)> {
        match self {
            Self::Nested => Some((Kind::Error, "#NESTED".to_owned())),
            Self::Float(column) => {
                let (kind, text) = cells::of_float(column.f64().ok()?.get(row)?);
                Some((kind, text.into_owned()))
            }
            Self::Written(kind, column) => {
                let text = column.str().ok()?.get(row)?;
                Some((
                    *kind,
                    if *kind == Kind::Date {
                        iso(text)
                    } else {
                        text.to_owned()
                    },
                ))
            }
        }
    }
}

/// `2020-03-05 00:00:00.000000` as a date, other times of day with a `T`.
fn iso(text: &str) -> String {
    match text.split_once(' ') {
        Some((day, time))
            if time
                .chars()
                .all(|character| matches!(character, '0' | ':' | '.')) =>
        {
            day.to_owned()
        }
        Some((day, time)) => format!("{day}T{}", time.trim_end_matches('0').trim_end_matches('.')),
        None => text.to_owned(),
    }
}
