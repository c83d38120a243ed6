//! Validated rows as frames of the lake's columns.

use crate::engine::schema::{DECIMAL_PRECISION, data_type, record_columns};
use crate::intake::batch::{Batch, NO_CODE, NO_DAY, NO_NUMBER, Values};
use crate::intake::dispose::Disposition;
use crate::intake::validate::years_between;
use crate::lake::{Block, Cells, PersonId, Strip};
use crate::programme::contract::Personal;
use crate::programme::{ColumnType, Contract};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Int64Chunked, NamedFrom, NewChunkedArray,
    PlSmallStr, PolarsError, Series, StringChunked,
};
use std::sync::Arc;

/// Where the rows of a batch come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) load: i64,
    pub(super) submission: &'a str,
    pub(super) department: &'a str,
}

/// One row of a batch that goes into a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    /// Index in the batch.
    pub(super) index: usize,
    /// Position in the load.
    pub(super) seq: u32,
    pub(super) disposition: Disposition,
    pub(super) person: Option<PersonId>,
}

/// The rows `placed` of a batch with the columns of the dataset's log: record columns, `disposition`, then the contract's.
pub(super) fn log(
    contract: &Contract,
    batch: Batch,
    placed: &[Placed],
    origin: Origin<'_>,
) -> Block {
    let mut columns = record_cells(contract, &batch, placed, origin);
    let dispositions = placed.iter().map(|row| row.disposition.code());
    columns.push(("disposition".into(), words(dispositions)));
    // In order and without a gap: then columns are taken as they are.
    let all = placed.len() == batch.len();
    let stored = contract.columns.iter().zip(batch.columns);
    let stored = stored.filter(|(column, _)| is_stored(column));
    columns.extend(stored.map(|(column, values)| {
        let picked = (!all).then_some(placed);
        (column.name.as_str().into(), cells(column, values, picked))
    }));
    Block {
        rows: placed.len(),
        columns,
    }
}

fn is_stored(column: &crate::programme::Column) -> bool {
    column.personal != Personal::Vault && column.name != "action"
}

/// What rows set aside say: where they stood, what became of them and by which rule, and their columns as far as valid.
///
/// # Errors
/// As [`log`].
pub(super) fn aside(
    contract: &Contract,
    batch: &Batch,
    rows: &[(usize, &str, &str)],
    origin: Origin<'_>,
) -> Result<DataFrame, PolarsError> {
    let placed: Vec<Placed> = rows
        .iter()
        .map(|(index, _, _)| Placed {
            index: *index,
            seq: 0,
            disposition: Disposition::Unchanged,
            person: None,
        })
        .collect();
    let mut columns = vec![
        whole("load", rows.iter().map(|_| Some(origin.load))),
        text("submission", rows.iter().map(|_| Some(origin.submission))),
        whole(
            "row",
            rows.iter()
                .map(|(index, _, _)| Some(i64::from(batch.rows[*index]))),
        ),
        text(
            sender_column(contract),
            rows.iter().map(|_| Some(origin.department)),
        ),
        text(
            "disposition",
            rows.iter().map(|(_, disposition, _)| Some(*disposition)),
        ),
        text(
            "rule",
            rows.iter()
                .map(|(_, _, rule)| Some(*rule).filter(|rule| !rule.is_empty())),
        ),
    ];
    for (at, column) in contract.columns.iter().enumerate() {
        let identifying = column.personal != Personal::None
            || column.name == "record_no"
            || column.name == "action";
        if !identifying && !matches!(column.kind, ColumnType::Text) {
            columns.push(values(
                &column.name,
                &data_type(column),
                &batch.columns[at],
                &placed,
            )?);
        }
    }
    DataFrame::new(placed.len(), columns)
}

/// The name of the column that holds the sending department.
pub(super) fn sender_column(contract: &Contract) -> &'static str {
    record_columns(contract)[4].0
}

fn record_cells(
    contract: &Contract,
    batch: &Batch,
    placed: &[Placed],
    origin: Origin<'_>,
) -> Vec<(PlSmallStr, Cells)> {
    let whole = |of: &dyn Fn(&Placed) -> i64| Cells::Whole(placed.iter().map(of).collect());
    let key = |row: &Placed| batch.keys[row.index].to_columns();
    let mut columns = vec![
        ("load", whole(&|_| origin.load)),
        ("seq", whole(&|row| i64::from(row.seq))),
        ("submission", Cells::One(origin.submission.to_owned())),
        ("row", whole(&|row| i64::from(batch.rows[row.index]))),
        (
            sender_column(contract),
            Cells::One(origin.department.to_owned()),
        ),
        ("key_high", whole(&|row| key(row).0)),
        ("key_low", whole(&|row| key(row).1)),
        (
            "digest",
            whole(&|row| batch.digests[row.index].cast_signed()),
        ),
    ];
    if let Some(identities) = &batch.identities {
        let age_on = contract
            .position("start_date")
            .or_else(|| contract.position("issued_on"));
        columns.push(("person", persons(placed)));
        let sexes = placed.iter().map(|row| identities.sex[row.index]);
        columns.push(("sex", words(sexes)));
        let bands = placed.iter().map(|row| {
            let birth = Some(identities.birth[row.index]).filter(|birth| *birth != NO_DAY);
            let on = age_on.and_then(|at| batch.columns[at].day(row.index));
            birth
                .zip(on)
                .map_or("", |(birth, on)| age_band(years_between(birth, on)))
        });
        columns.push(("age_band", words(bands)));
    }
    columns
        .into_iter()
        .map(|(name, cells)| (name.into(), cells))
        .collect()
}

/// Ids of persons as the lake holds them: 32 hexadecimal digits, nothing where a row names nobody.
fn persons(placed: &[Placed]) -> Cells {
    let mut strip = Strip::<String>::default();
    strip.joined.reserve(placed.len() * 32);
    let mut digits = [0; 32];
    for row in placed {
        if let Some(person) = row.person {
            hex::encode_to_slice(person.as_bytes(), &mut digits).expect("32 digits are 16 bytes");
            strip
                .joined
                .push_str(std::str::from_utf8(&digits).expect("digits are text"));
        }
        strip.ends.push(end(&strip.joined));
    }
    Cells::Texts(strip)
}

/// Words of a handful, the same ones again and again; an empty one is null.
fn words(values: impl Iterator<Item = &'static str>) -> Cells {
    let mut known: Vec<&'static str> = Vec::new();
    let ids = values
        .map(|value| match known.iter().position(|word| *word == value) {
            _ if value.is_empty() => NO_CODE,
            Some(at) => at as u32,
            None => {
                known.push(value);
                known.len() as u32 - 1
            }
        })
        .collect();
    Cells::Words {
        ids,
        words: Arc::new(known.into_iter().map(str::to_owned).collect()),
        more: Arc::default(),
    }
}

fn end(text: &str) -> u32 {
    u32::try_from(text.len()).expect("a chunk's text is far below 4 GiB")
}

/// The code of an age band (code list `age_bands`).
fn age_band(age: i32) -> &'static str {
    match age {
        ..16 => "under-16",
        16..25 => "16-24",
        25..35 => "25-34",
        35..45 => "35-44",
        45..55 => "45-54",
        55..60 => "55-59",
        60.. => "60+",
    }
}

/// A column's values for the log: all of them, or those of the rows picked.
fn cells(column: &crate::programme::Column, values: Values, picked: Option<&[Placed]>) -> Cells {
    match values {
        Values::Text(strings) => Cells::Texts(match picked {
            None => {
                let (joined, ends) = strings.into_parts();
                Strip { joined, ends }
            }
            Some(placed) => {
                let mut strip = Strip::<String>::default();
                for row in placed {
                    strip.joined.push_str(strings.get(row.index));
                    strip.ends.push(end(&strip.joined));
                }
                strip
            }
        }),
        Values::Code { ids, known, extra } => Cells::Words {
            ids: pick(ids, picked),
            words: known,
            more: extra,
        },
        Values::Day(days) => Cells::Days(pick(days, picked)),
        Values::Number { values, scale } => {
            let values = pick(values, picked);
            match data_type(column) {
                DataType::Decimal(..) => Cells::Decimal {
                    values,
                    precision: DECIMAL_PRECISION,
                    scale: scale as usize,
                },
                _ => Cells::Whole(values),
            }
        }
    }
}

fn pick<T: Copy>(values: Vec<T>, picked: Option<&[Placed]>) -> Vec<T> {
    match picked {
        None => values,
        Some(placed) => placed.iter().map(|row| values[row.index]).collect(),
    }
}

fn values(
    name: &str,
    data_type: &DataType,
    values: &Values,
    placed: &[Placed],
) -> Result<Column, PolarsError> {
    Ok(match values {
        Values::Text(strings) => text(
            name,
            placed.iter().map(|row| filled(strings.get(row.index))),
        ),
        Values::Code { .. } => text(
            name,
            placed.iter().map(|row| filled(values.text(row.index))),
        ),
        Values::Day(days) => {
            let days: Vec<Option<i32>> = placed
                .iter()
                .map(|row| Some(days[row.index]).filter(|day| *day != NO_DAY))
                .collect();
            Column::from(Series::new(name.into(), days).cast(&DataType::Date)?)
        }
        Values::Number { values, scale } => {
            let numbers = placed
                .iter()
                .map(|row| Some(values[row.index]).filter(|number| *number != NO_NUMBER));
            match data_type {
                DataType::Decimal(..) => {
                    let numbers: Vec<Option<i128>> =
                        numbers.map(|number| number.map(i128::from)).collect();
                    let series = Series::new(name.into(), numbers);
                    let decimals = series
                        .i128()?
                        .clone()
                        .into_decimal_unchecked(DECIMAL_PRECISION, *scale as usize);
                    Column::from(polars::prelude::IntoSeries::into_series(decimals))
                }
                _ => whole(name, numbers),
            }
        }
    })
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn text<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    let values: Vec<Option<&str>> = values.collect();
    Column::from(polars::prelude::IntoSeries::into_series(
        StringChunked::from_slice_options(name.into(), &values),
    ))
}

fn whole(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    let values: Vec<Option<i64>> = values.collect();
    Column::from(polars::prelude::IntoSeries::into_series(
        Int64Chunked::from_slice_options(name.into(), &values),
    ))
}

/// A column of yes and no.
pub(super) fn boolean(name: &str, values: impl Iterator<Item = bool>) -> Column {
    let values: Vec<bool> = values.collect();
    Column::from(polars::prelude::IntoSeries::into_series(
        BooleanChunked::from_slice(name.into(), &values),
    ))
}

/// A column of texts.
pub(super) fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    text(name, values)
}
