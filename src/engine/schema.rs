//! Columns of the published tables, from the contracts.

use crate::programme::{Column, ColumnType, Contract};
use polars::prelude::{DataFrame, DataType, PlSmallStr, Schema};

/// Digits a decimal of the lake holds in all.
pub const DECIMAL_PRECISION: usize = 18;

/// Name of the table that tells month, quarter and year of a day.
pub const CALENDAR: &str = "calendar";

/// Type of a contract's column in the lake.
pub fn data_type(column: &Column) -> DataType {
    match column.kind {
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal => DataType::Decimal(DECIMAL_PRECISION, column.scale as usize),
        ColumnType::Date => DataType::Date,
        _ => DataType::String,
    }
}

/// Columns every record has besides its contract's, in their order: where it came from and who it is about.
pub fn record_columns(contract: &Contract) -> Vec<(&'static str, DataType)> {
    let mut columns = vec![
        ("load", DataType::Int64),
        ("seq", DataType::Int64),
        ("submission", DataType::String),
        ("row", DataType::Int64),
        ("department", DataType::String),
        ("key_high", DataType::Int64),
        ("key_low", DataType::Int64),
        ("digest", DataType::Int64),
    ];
    if contract.column("department").is_some() {
        // The column of the contract stands for itself; the sender is kept beside it.
        columns[4] = ("sender", DataType::String);
    }
    if contract.has_persons() {
        columns.extend([
            ("person", DataType::String),
            ("sex", DataType::String),
            ("age_band", DataType::String),
        ]);
    }
    columns
}

/// Columns the counting rules add to the table of training records.
pub fn counting_columns() -> [(&'static str, DataType); 3] {
    [
        ("counted", DataType::Boolean),
        ("reason", DataType::String),
        ("own_line", DataType::Boolean),
    ]
}

/// Name of the dataset whose records are counted.
pub const COUNTED_DATASET: &str = "training";

/// Schema of a dataset's published table.
pub fn published(contract: &Contract) -> Schema {
    let mut schema = Schema::default();
    let mut add = |name: &str, data_type: DataType| {
        schema.insert(PlSmallStr::from(name), data_type);
    };
    for (name, data_type) in record_columns(contract) {
        add(name, data_type);
    }
    for column in contract.stored_columns() {
        add(&column.name, data_type(column));
    }
    if contract.id == COUNTED_DATASET {
        for (name, data_type) in counting_columns() {
            add(name, data_type);
        }
    }
    schema
}

/// A dataset's published table without rows.
pub fn empty(contract: &Contract) -> DataFrame {
    DataFrame::empty_with_schema(&published(contract))
}
