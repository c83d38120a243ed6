//! Columns of a table, in the words of Delta and of Polars.

use std::sync::Arc;

use polars::prelude::{
    Column, DataFrame, DataType, Field, IntoColumn, Schema, SchemaExt, SchemaRef, Series, TimeUnit,
    TimeZone,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Error;

/// Columns of a table version in order, each with its Delta type name, and the partition column if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableSchema {
    /// Columns that are in the files: name and Delta type.
    pub(crate) columns: Vec<(String, String)>,
    /// A text column that is not in the files but in their directory names.
    pub(crate) partition: Option<String>,
}

impl TableSchema {
    /// The schema of a frame that [`plain`] has been applied to, or of a block.
    pub(crate) fn of(table: &str, frame: &Schema, partition: Option<&str>) -> Result<Self, Error> {
        let mut columns = Vec::with_capacity(frame.len());
        for (name, kind) in frame.iter() {
            let delta = delta_type(kind).ok_or_else(|| Error::Type {
                table: table.to_owned(),
                column: name.to_string(),
                found: kind.to_string(),
            })?;
            columns.push((name.to_string(), delta));
        }
        Ok(Self {
            columns,
            partition: partition.map(ToOwned::to_owned),
        })
    }

    /// The schema that holds the columns of both: the table's own first, then what is new.
    pub(crate) fn widened(&self, table: &str, frame: &Self) -> Result<Self, Error> {
        let missing = self
            .columns
            .iter()
            .find(|(name, _)| !frame.columns.iter().any(|(n, _)| n == name));
        match missing {
            Some((name, expected)) => Err(Error::Schema {
                table: table.to_owned(),
                column: name.clone(),
                expected: expected.clone(),
                found: "missing".into(),
            }),
            None => self.joined(table, frame),
        }
    }

    /// The schema of two writers to one table in one load: each may have columns the other lacks.
    pub(crate) fn joined(&self, table: &str, other: &Self) -> Result<Self, Error> {
        let mut all = self.clone();
        for (name, found) in &other.columns {
            match self.columns.iter().find(|(n, _)| n == name) {
                Some((_, expected)) if expected == found => {}
                Some((_, expected)) => {
                    return Err(Error::Schema {
                        table: table.to_owned(),
                        column: name.clone(),
                        expected: expected.clone(),
                        found: found.clone(),
                    });
                }
                None => all.columns.push((name.clone(), found.clone())),
            }
        }
        Ok(all)
    }

    /// Polars' schema of the files, without the partition column.
    pub(crate) fn files(&self) -> Result<SchemaRef, Error> {
        let mut schema = Schema::with_capacity(self.columns.len() + 1);
        for (name, delta) in &self.columns {
            let dtype = polars_type(delta).ok_or_else(|| Error::Corrupt {
                what: "column type",
                value: delta.clone(),
            })?;
            schema.insert(name.as_str().into(), dtype);
        }
        Ok(Arc::new(schema))
    }

    /// Polars' schema of a scan: the files' columns, then the partition column.
    pub(crate) fn scan(&self) -> Result<SchemaRef, Error> {
        let mut schema = self.files()?;
        if let Some(column) = &self.partition {
            Arc::make_mut(&mut schema).insert(column.as_str().into(), DataType::String);
        }
        Ok(schema)
    }

    /// The `schemaString` of a Delta metadata action.
    pub(crate) fn delta(&self) -> String {
        let partition = self.partition.iter().map(|name| (name.as_str(), "string"));
        let fields: Vec<Value> = self
            .columns
            .iter()
            .map(|(name, delta)| (name.as_str(), delta.as_str()))
            .chain(partition)
            .map(
                |(name, delta)| json!({"name": name, "type": delta, "nullable": true, "metadata": {}}),
            )
            .collect();
        json!({"type": "struct", "fields": fields}).to_string()
    }
}

/// The frame with every column in a type that any Delta reader knows: unsigned integers become wider signed ones,
/// instants become microseconds.
///
/// # Errors
/// When a value does not fit (an unsigned 64-bit number above 2⁶³ − 1).
pub(crate) fn plain(table: &str, frame: &DataFrame) -> Result<DataFrame, Error> {
    let columns = frame
        .columns()
        .iter()
        .map(|column| {
            let target = match column.dtype() {
                DataType::UInt8 => DataType::Int32,
                DataType::UInt32 | DataType::UInt64 => DataType::Int64,
                DataType::Null => DataType::String,
                DataType::Datetime(unit, Some(zone))
                    if *unit != TimeUnit::Microseconds && zone.as_str() == "UTC" =>
                {
                    DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                }
                _ => return Ok(column.clone()),
            };
            column
                .strict_cast(&target)
                .map_err(Error::frame("convert", table))
        })
        .collect::<Result<Vec<Column>, Error>>()?;
    DataFrame::new(frame.height(), columns).map_err(Error::frame("convert", table))
}

/// A frame with the table's columns in the table's order; columns the frame lacks are null.
pub(crate) fn conform(table: &str, frame: &DataFrame, to: &Schema) -> Result<DataFrame, Error> {
    let columns = to
        .iter_fields()
        .map(|Field { name, dtype }| match frame.column(name.as_str()) {
            Ok(column) => column.clone(),
            Err(_) => Series::full_null(name, frame.height(), &dtype).into_column(),
        })
        .collect();
    DataFrame::new(frame.height(), columns).map_err(Error::frame("convert", table))
}

fn delta_type(dtype: &DataType) -> Option<String> {
    Some(match dtype {
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "byte".into(),
        DataType::Int16 => "short".into(),
        DataType::Int32 => "integer".into(),
        DataType::Int64 => "long".into(),
        DataType::Float32 => "float".into(),
        DataType::Float64 => "double".into(),
        DataType::String => "string".into(),
        DataType::Binary => "binary".into(),
        DataType::Date => "date".into(),
        DataType::Datetime(TimeUnit::Microseconds, Some(zone)) if zone.as_str() == "UTC" => {
            "timestamp".into()
        }
        DataType::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
        _ => return None,
    })
}

fn polars_type(delta: &str) -> Option<DataType> {
    Some(match delta {
        "boolean" => DataType::Boolean,
        "byte" => DataType::Int8,
        "short" => DataType::Int16,
        "integer" => DataType::Int32,
        "long" => DataType::Int64,
        "float" => DataType::Float32,
        "double" => DataType::Float64,
        "string" => DataType::String,
        "binary" => DataType::Binary,
        "date" => DataType::Date,
        "timestamp" => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        _ => {
            let inner = delta.strip_prefix("decimal(")?.strip_suffix(')')?;
            let (precision, scale) = inner.split_once(',')?;
            DataType::Decimal(precision.parse().ok()?, scale.parse().ok()?)
        }
    })
}
