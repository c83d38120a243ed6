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

pub use crate::programme::definitions::{CERTIFICATES, COUNTED_DATASET};

/// Table of the changes of the certificate register (CONTRACT Q47): persons who came to (+) or went from (−) a standing on a day.
pub const REGISTER: &str = "register";

/// Table of the findings (疑点) of all rules over a snapshot.
pub const FINDINGS: &str = "findings";

/// Table of one row: the day the snapshot stands for.
pub const SNAPSHOT: &str = "snapshot";

/// Tables queries may read besides the datasets, with their columns.
pub fn derived() -> [(&'static str, Schema); 3] {
    let text = DataType::String;
    let schema = |columns: &[(&str, DataType)]| {
        let columns = columns
            .iter()
            .map(|(name, data_type)| (PlSmallStr::from(*name), data_type.clone()));
        columns.collect::<Schema>()
    };
    let register = schema(&[
        ("date", DataType::Date),
        ("division", text.clone()),
        ("sector", text.clone()),
        ("level", text.clone()),
        ("skilled", DataType::Int64),
        ("highly_skilled", DataType::Int64),
    ]);
    let findings = schema(&[
        ("rule", text.clone()),
        ("effect", text.clone()),
        ("dataset", text.clone()),
        ("department", text.clone()),
        ("record_no", text.clone()),
        ("division", text.clone()),
        ("date", DataType::Date),
    ]);
    let snapshot = schema(&[("day", DataType::Date)]);
    [
        (REGISTER, register),
        (FINDINGS, findings),
        (SNAPSHOT, snapshot),
    ]
}

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
