//! Reading submissions: every format, encoding and layout, hostile files included.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use dabiao::intake::reading::{
    ColumnNames, Kind, Layout, Limits, RowFault, Source, Unreadable, read, set_reader_executable,
};
mod arbitrary;
mod hostile;
pub(crate) mod support;
mod text;
mod workbooks;

const COLUMNS: [(&str, &str, bool); 6] = [
    ("记录编号", "record_no", true),
    ("姓名", "name", true),
    ("证件号码", "id_number", true),
    ("开班日期", "start_date", true),
    ("结业日期", "end_date", false),
    ("补贴金额", "subsidy", false),
];

fn columns() -> ColumnNames {
    ColumnNames::new(
        COLUMNS.map(|(zh, en, required)| (vec![zh.to_owned(), en.to_owned()], required)),
    )
}

/// One delivered row: number, cells, fault.
#[derive(Debug, PartialEq)]
struct Row {
    sheet: usize,
    number: u32,
    cells: Vec<(String, Kind)>,
    fault: Option<RowFault>,
}

impl Row {
    fn texts(&self) -> Vec<&str> {
        self.cells.iter().map(|(text, _)| text.as_str()).collect()
    }
}

fn read_path(
    path: &Path,
    columns: &ColumnNames,
    limits: &Limits,
) -> Result<(Layout, Vec<Row>), Unreadable> {
    set_reader_executable(PathBuf::from(env!("CARGO_BIN_EXE_dabiao")));
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("");
    let mut rows = Vec::new();
    let layout = read(
        &Source {
            name,
            extension,
            path,
        },
        columns,
        limits,
        &mut |chunk| {
            for row in 0..chunk.rows() {
                rows.push(Row {
                    sheet: chunk.sheet(),
                    number: chunk.row_number(row),
                    cells: (0..columns.len())
                        .map(|column| chunk.cell(row, column))
                        .map(|(text, kind)| (text.to_owned(), kind))
                        .collect(),
                    fault: chunk.fault(row).cloned(),
                });
            }
            ControlFlow::Continue(())
        },
    )?;
    Ok((layout, rows))
}

fn read_bytes(extension: &str, bytes: &[u8]) -> Result<(Layout, Vec<Row>), Unreadable> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("file.{extension}"));
    fs::write(&path, bytes).expect("the file can be written");
    read_path(&path, &columns(), &Limits::default())
}

#[track_caller]
fn rows(extension: &str, bytes: &[u8]) -> (Layout, Vec<Row>) {
    match read_bytes(extension, bytes) {
        Ok(read) => read,
        Err(unreadable) => panic!("{} / {}", unreadable.zh(), unreadable),
    }
}

#[track_caller]
fn refused(extension: &str, bytes: &[u8]) -> Unreadable {
    match read_bytes(extension, bytes) {
        Ok((layout, rows)) => panic!("read {} rows: {layout:?}", rows.len()),
        Err(unreadable) => {
            assert!(!unreadable.zh().is_empty() && !unreadable.en().is_empty());
            unreadable
        }
    }
}

const HEADER: &str = "记录编号,姓名,证件号码,开班日期,结业日期,补贴金额\n";
