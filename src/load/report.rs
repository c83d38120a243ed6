//! What a load says of itself (CONTRACT Q58).

use crate::intake::reading::{DayNumbers, Layout, SheetLayout};
use crate::intake::receipt::{FileStatus, Receipt, Totals};
use crate::intake::shown::without_numbers_of_persons;
use crate::programme::Text;
use serde::Serialize;
use serde_json::{Value, json};

/// A load, as `ingest` prints it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Id of the load; `None` when there was nothing to load.
    pub load: Option<String>,
    /// Id of the snapshot it published; `None` for a dry run or when there was nothing to load.
    pub snapshot: Option<String>,
    /// Whether anything was written.
    pub dry_run: bool,
    /// One receipt per file, in the order of the load.
    pub files: Vec<Receipt>,
    /// Sums over the files.
    pub totals: Totals,
    /// Headline figures before and after; only in a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effect: Vec<Effect>,
}

/// A headline figure before and after a load.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    /// Indicator.
    pub indicator: String,
    /// Its title.
    pub title: Text,
    /// Value in the newest snapshot, `None` where there is none.
    pub before: Option<String>,
    /// Value as the load would leave it.
    pub after: Option<String>,
}

impl Report {
    /// Whether rows or files were set aside (exit code 3).
    pub fn has_rejections(&self) -> bool {
        self.totals.rejected > 0
            || self
                .files
                .iter()
                .any(|file| file.status == FileStatus::Quarantined)
    }
}

/// How a file was read, for its receipt.
pub(super) fn layout(layout: &Layout, rows_not_returned: u64) -> Value {
    let mut told = json!({
        "format": format!("{:?}", layout.format).to_lowercase(),
        "sheets": layout.sheets.iter().map(sheet).collect::<Vec<_>>(),
    });
    if let Some(encoding) = layout.encoding {
        told["encoding"] = json!(encoding);
    }
    if let Some(delimiter) = layout.delimiter {
        told["delimiter"] = json!(delimiter.to_string());
    }
    if layout.misnamed {
        told["misnamed"] = json!(true);
    }
    if rows_not_returned > 0 {
        told["rows_to_correct_not_listed"] = json!(rows_not_returned);
    }
    told
}

fn sheet(sheet: &SheetLayout) -> Value {
    let mut told = json!({ "read": sheet.read, "rows": sheet.rows });
    let ignored = sheet.ignored.iter();
    let ignored: Vec<String> = ignored
        .map(|title| without_numbers_of_persons(title))
        .collect();
    let mut tell = |name: &str, value: Value, worth: bool| {
        if worth {
            told[name] = value;
        }
    };
    let name = without_numbers_of_persons(&sheet.name);
    tell("name", json!(name), !name.is_empty());
    tell("hidden", json!(true), sheet.hidden);
    tell(
        "days_from_1904",
        json!(true),
        sheet.day_numbers == DayNumbers::From1904,
    );
    tell(
        "header_rows",
        json!(sheet.header_rows),
        !sheet.header_rows.is_empty(),
    );
    tell("ignored_columns", json!(ignored), !sheet.ignored.is_empty());
    tell(
        "hidden_columns",
        json!(sheet.hidden_columns),
        !sheet.hidden_columns.is_empty(),
    );
    tell(
        "hidden_rows",
        json!(sheet.hidden_rows.first),
        sheet.hidden_rows.count > 0,
    );
    let rows = |rows: &[crate::intake::reading::SkippedRow]| -> Vec<Value> {
        rows.iter()
            .map(|row| json!({ "row": row.row, "text": without_numbers_of_persons(&row.text) }))
            .collect()
    };
    tell(
        "title_rows",
        json!(rows(&sheet.titles)),
        !sheet.titles.is_empty(),
    );
    tell(
        "total_rows",
        json!(rows(&sheet.totals.first)),
        sheet.totals.count > 0,
    );
    tell(
        "total_rows_count",
        json!(sheet.totals.count),
        sheet.totals.count > 0,
    );
    tell(
        "rows_passed_over",
        json!(sheet.rows_passed_over),
        sheet.rows_passed_over > 0,
    );
    tell(
        "repeated_header_rows",
        json!(sheet.repeated_headers.first),
        sheet.repeated_headers.count > 0,
    );
    tell("blank_rows", json!(sheet.blank_rows), sheet.blank_rows > 0);
    told
}
