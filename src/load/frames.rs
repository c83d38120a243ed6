//! Validated rows as frames of the lake's columns.

use crate::engine::schema::{DECIMAL_PRECISION, data_type, record_columns};
use crate::intake::batch::{Batch, NO_DAY, NO_NUMBER, Values};
use crate::intake::dispose::Disposition;
use crate::intake::validate::years_between;
use crate::lake::PersonId;
use crate::programme::contract::Personal;
use crate::programme::{ColumnType, Contract};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Int64Chunked, NamedFrom, NewChunkedArray,
    PolarsError, Series, StringChunked,
};

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
///
/// # Errors
/// When Polars refuses a column, which would be a bug of ours.
pub(super) fn log(
    contract: &Contract,
    batch: &Batch,
    placed: &[Placed],
    origin: Origin<'_>,
) -> Result<DataFrame, PolarsError> {
    let mut columns = record_frame(contract, batch, placed, origin);
    let dispositions = placed.iter().map(|row| Some(row.disposition.code()));
    columns.push(text("disposition", dispositions));
    for (at, column) in contract.columns.iter().enumerate() {
        if column.personal != Personal::Vault && column.name != "action" {
            columns.push(values(
                &column.name,
                &data_type(column),
                &batch.columns[at],
                placed,
            )?);
        }
    }
    DataFrame::new(placed.len(), columns)
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

fn record_frame(
    contract: &Contract,
    batch: &Batch,
    placed: &[Placed],
    origin: Origin<'_>,
) -> Vec<Column> {
    let keys = || placed.iter().map(|row| batch.keys[row.index].to_columns());
    let mut columns = vec![
        whole("load", placed.iter().map(|_| Some(origin.load))),
        whole("seq", placed.iter().map(|row| Some(i64::from(row.seq)))),
        text("submission", placed.iter().map(|_| Some(origin.submission))),
        whole(
            "row",
            placed
                .iter()
                .map(|row| Some(i64::from(batch.rows[row.index]))),
        ),
        text(
            sender_column(contract),
            placed.iter().map(|_| Some(origin.department)),
        ),
        whole("key_high", keys().map(|(high, _)| Some(high))),
        whole("key_low", keys().map(|(_, low)| Some(low))),
        whole(
            "digest",
            placed
                .iter()
                .map(|row| Some(batch.digests[row.index].cast_signed())),
        ),
    ];
    if let Some(identities) = &batch.identities {
        let age_on = contract
            .position("start_date")
            .or_else(|| contract.position("issued_on"));
        let persons: Vec<Option<String>> = placed
            .iter()
            .map(|row| row.person.map(|person| person.to_string()))
            .collect();
        columns.push(text("person", persons.iter().map(Option::as_deref)));
        columns.push(text(
            "sex",
            placed
                .iter()
                .map(|row| Some(identities.sex[row.index]).filter(|sex| !sex.is_empty())),
        ));
        columns.push(text(
            "age_band",
            placed.iter().map(|row| {
                let birth = Some(identities.birth[row.index]).filter(|birth| *birth != NO_DAY)?;
                let on = batch.columns[age_on?].day(row.index)?;
                Some(age_band(years_between(birth, on)))
            }),
        ));
    }
    columns
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
