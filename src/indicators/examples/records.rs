//! The records of an example as tables with the columns of the lake.

use super::{Cells, Reporter};
use crate::engine::schema;
use crate::programme::{Column, ColumnType, Contract, Decimal, Programme, Text};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame, DataType, Schema, Series};
use std::collections::{BTreeMap, HashMap};
use toml::{Spanned, Value};

/// Columns that say where a record came from; an example gives none of them.
const ORIGIN: [&str; 7] = [
    "load",
    "seq",
    "submission",
    "row",
    "key_high",
    "key_low",
    "digest",
];

/// The tables of all records; mistakes are reported where they stand.
pub(super) fn tables(
    records: &BTreeMap<String, Vec<Spanned<Cells>>>,
    defaults: &BTreeMap<String, Cells>,
    programme: &Programme,
    report: &mut Reporter<'_>,
) -> BTreeMap<String, DataFrame> {
    let mut persons = Persons::default();
    let mut tables = BTreeMap::new();
    for (dataset, cells) in defaults {
        if columns(dataset, programme).is_none() {
            report.at(offset_of(cells), no_dataset(dataset, programme));
        }
    }
    for (dataset, rows) in records {
        let Some(schema) = columns(dataset, programme) else {
            let offset = rows.first().map_or(0, |row| row.span().start);
            report.at(offset, no_dataset(dataset, programme));
            continue;
        };
        let rows: Vec<Cells> = rows
            .iter()
            .map(|row| {
                let mut cells = defaults.get(dataset).cloned().unwrap_or_default();
                for (name, cell) in row.get_ref() {
                    cells.remove(name.get_ref().as_str());
                    cells.insert(name.clone(), cell.clone());
                }
                cells
            })
            .collect();
        let contract = programme.contracts.get(dataset);
        let table = Rows {
            dataset,
            schema,
            contract,
            rows: &rows,
        };
        let table = table.frame(programme, &mut persons, report);
        tables.insert(dataset.clone(), table);
    }
    tables
}

/// Columns of a table that examples may fill: those of a dataset without what publishing computes, or those of the findings.
fn columns(dataset: &str, programme: &Programme) -> Option<Schema> {
    let Some(contract) = programme.contracts.get(dataset) else {
        let findings = schema::derived().into_iter();
        return findings
            .filter(|(name, _)| *name == dataset && *name == schema::FINDINGS)
            .map(|(_, schema)| schema)
            .next();
    };
    let mut columns = schema::published(contract);
    for (name, _) in schema::counting_columns() {
        columns.shift_remove(name);
    }
    Some(columns)
}

fn offset_of(cells: &Cells) -> usize {
    cells.keys().next().map_or(0, |name| name.span().start)
}

fn no_dataset(dataset: &str, programme: &Programme) -> Text {
    let known: Vec<&str> = programme.contracts.keys().map(String::as_str).collect();
    let known = known.join(", ");
    Text::new(
        format!("没有数据集 {dataset}，可用: {known}"),
        format!("there is no dataset {dataset}; known: {known}"),
    )
}

/// Ids of the persons an example names, and of those it does not.
#[derive(Default)]
struct Persons {
    named: HashMap<String, usize>,
    given: usize,
}

impl Persons {
    fn id(&mut self, name: Option<&str>) -> String {
        let fresh = self.given + 1;
        let number = match name {
            Some(name) => *self.named.entry(name.to_owned()).or_insert(fresh),
            None => fresh,
        };
        self.given = self.given.max(number);
        format!("{number:032x}")
    }
}

/// Rows that become a table.
struct Rows<'a> {
    dataset: &'a str,
    schema: Schema,
    contract: Option<&'a Contract>,
    rows: &'a [Cells],
}

impl Rows<'_> {
    fn frame(
        &self,
        programme: &Programme,
        persons: &mut Persons,
        report: &mut Reporter<'_>,
    ) -> DataFrame {
        self.check_names(report);
        let columns = self.schema.iter().map(|(name, data_type)| {
            let column = self.contract.and_then(|contract| contract.column(name));
            let cells: Vec<AnyValue<'static>> = self
                .rows
                .iter()
                .enumerate()
                .map(|(at, row)| {
                    let cell = row.get(name.as_str());
                    match (name.as_str(), cell) {
                        ("person", cell) => {
                            let name = cell.and_then(|cell| cell.get_ref().as_str());
                            AnyValue::StringOwned(persons.id(name).into())
                        }
                        ("record_no", None) => {
                            AnyValue::StringOwned(format!("{:03}", at + 1).into())
                        }
                        (_, None) => AnyValue::Null,
                        (_, Some(cell)) => value(cell.get_ref(), data_type, column, programme)
                            .unwrap_or_else(|message| {
                                report.at(cell.span().start, message);
                                AnyValue::Null
                            }),
                    }
                })
                .collect();
            Series::from_any_values_and_dtype(name.clone(), &cells, data_type, true)
                .expect("every cell has the type of its column")
                .into()
        });
        let columns = columns.collect();
        DataFrame::new(self.rows.len(), columns).expect("columns of one length")
    }

    fn check_names(&self, report: &mut Reporter<'_>) {
        let names = self.schema.iter_names().map(|name| name.as_str());
        let known: Vec<&str> = names.filter(|name| !ORIGIN.contains(name)).collect();
        let given = self.rows.iter().flat_map(Cells::keys);
        for name in given.filter(|name| !known.contains(&name.get_ref().as_str())) {
            let (dataset, known) = (self.dataset, known.join(", "));
            let wrong = name.get_ref();
            let message = Text::new(
                format!("{dataset} 的示例记录不能有列 {wrong}，可用: {known}"),
                format!("a record of {dataset} cannot give the column {wrong}; known: {known}"),
            );
            report.at(name.span().start, message);
        }
    }
}

/// A cell with the type of its column.
fn value(
    cell: &Value,
    data_type: &DataType,
    column: Option<&Column>,
    programme: &Programme,
) -> Result<AnyValue<'static>, Text> {
    let value = match (data_type, cell) {
        (DataType::String, Value::String(text)) => {
            check_codes(text, column, programme)?;
            Some(AnyValue::StringOwned(text.as_str().into()))
        }
        (DataType::Date, Value::Datetime(day)) => {
            day.to_string().parse::<NaiveDate>().ok().map(|day| {
                let days = (day - NaiveDate::default()).num_days();
                AnyValue::Date(i32::try_from(days).unwrap_or_default())
            })
        }
        (DataType::Int64, Value::Integer(number)) => Some(AnyValue::Int64(*number)),
        (DataType::Decimal(precision, scale), _) => {
            let text = match cell {
                Value::String(text) => text.clone(),
                Value::Integer(number) => number.to_string(),
                _ => String::new(),
            };
            let scaled = Decimal::parse(&text)
                .and_then(|number| number.scaled_to(u32::try_from(*scale).unwrap_or_default()));
            scaled.map(|units| AnyValue::Decimal(units, *precision, *scale))
        }
        _ => None,
    };
    value.ok_or_else(|| {
        let wanted = match data_type {
            DataType::Date => Text::new("日期，如 2020-03-31", "a date such as 2020-03-31"),
            DataType::Int64 => Text::new("整数", "a whole number"),
            DataType::Decimal(..) => Text::new(
                "整数或带引号的小数，如 \"600.50\"",
                "a whole number or a decimal in quotes such as \"600.50\"",
            ),
            _ => Text::new("文本", "a text"),
        };
        Text::new(
            format!("{cell} 应为{}", wanted.zh),
            format!("{cell} must be {}", wanted.en),
        )
    })
}

fn check_codes(text: &str, column: Option<&Column>, programme: &Programme) -> Result<(), Text> {
    let Some((column, list)) = column.and_then(|column| Some((column, column.kind.list()?))) else {
        return Ok(());
    };
    let codes: Vec<&str> = match column.kind {
        ColumnType::Codes(_) => text.split(';').collect(),
        _ => vec![text],
    };
    let unknown = codes
        .into_iter()
        .find(|code| programme.list(list).get(code).is_none());
    // A well-formed code outside the list stands where the contract only flags it.
    match unknown.filter(|_| column.pattern.is_none()) {
        None => Ok(()),
        Some(code) => Err(Text::new(
            format!("代码表 {list} 中没有 {code}"),
            format!("{code} is not in the code list {list}"),
        )),
    }
}
