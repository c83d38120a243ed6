//! Why a whole file was set aside.

use std::fmt;

use super::Death;

/// A contract column as messages name it: (zh header, English name).
pub type Named = (String, String);

/// Why a file gives no rows. Rows delivered before this came are void.
#[derive(Debug)]
pub enum Unreadable {
    /// No bytes, or nothing but blanks.
    Empty,
    /// More bytes than the limit.
    TooLarge {
        /// Bytes found.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// A format that is not read.
    UnknownFormat {
        /// What it seems to be, in zh and en.
        found: (&'static str, &'static str),
    },
    /// Protected by a password.
    Encrypted,
    /// Bytes that are no character of the encoding.
    Decode {
        /// The encoding it was taken for.
        encoding: &'static str,
        /// 1-based line.
        line: u64,
        /// 0-based byte of the file.
        byte: u64,
    },
    /// A NUL byte in a text file.
    Nul {
        /// 0-based byte of the file.
        byte: u64,
    },
    /// The file ends before its format does.
    Truncated,
    /// No header with the contract's columns, or one without a required column.
    NoHeader {
        /// The sheet whose header lacks columns; none when no header was found at all.
        sheet: Option<String>,
        /// The header's row number.
        row: Option<u32>,
        /// Required columns that were not found.
        missing: Vec<Named>,
    },
    /// Two headers name the same contract column.
    DuplicateHeader {
        /// The sheet; empty where the file has none.
        sheet: String,
        /// The header's row number.
        row: u32,
        /// The column.
        column: Named,
        /// Both headers as found.
        headers: Box<[String; 2]>,
    },
    /// A header names a column in another unit (万元 for 元).
    OtherUnit {
        /// The sheet; empty where the file has none.
        sheet: String,
        /// The column.
        column: Named,
        /// The header as found.
        header: String,
    },
    /// More rows than the limit.
    TooManyRows {
        /// The sheet; empty where the file has none.
        sheet: String,
        /// The limit.
        rows_max: u32,
    },
    /// A row with more columns than the limit.
    TooManyColumns {
        /// The sheet; empty where the file has none.
        sheet: String,
        /// The row.
        row: u32,
        /// The limit.
        columns_max: u32,
    },
    /// A row so long that its end was not looked for.
    RowTooLong {
        /// The row.
        row: u32,
        /// The limit.
        bytes_max: usize,
    },
    /// More sheets than the limit.
    TooManySheets {
        /// Sheets found.
        sheets: u32,
        /// The limit.
        sheets_max: u32,
    },
    /// A quotation mark that is never closed, or one whose cell swallowed further lines.
    Quote {
        /// 1-based line where it opens.
        line: u64,
    },
    /// A JSON file of which nothing, or not the rest, could be parsed.
    Json {
        /// 1-based line.
        line: u64,
        /// What was found.
        problem: super::JsonProblem,
    },
    /// A workbook or Parquet file that is packed beyond the limits.
    Bomb {
        /// What is too much, in zh and en.
        found: (&'static str, &'static str),
        /// The value declared.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// A Parquet file that could not be parsed.
    Parquet {
        /// The parser's words.
        message: String,
    },
    /// A workbook that could not be parsed.
    Workbook {
        /// The parser's words.
        message: String,
    },
    /// The process that parsed the file ended before it was done.
    ParserDied {
        /// What it ran into.
        cause: Death,
    },
    /// The process that parses the file could not be started or spoken with.
    Parser {
        /// What failed.
        source: std::io::Error,
    },
    /// The file could not be read from disk.
    Io(std::io::Error),
}

impl Unreadable {
    /// The message in Chinese: what was found and where.
    pub fn zh(&self) -> String {
        match self {
            Self::Empty => "文件是空的".to_owned(),
            Self::TooLarge { bytes, bytes_max } => {
                format!("文件有 {bytes} 字节，超过上限 {bytes_max} 字节")
            }
            Self::UnknownFormat { found } => format!("不能读取这种文件：{}", found.0),
            Self::Encrypted => "文件有密码保护，请去掉密码后重新报送".to_owned(),
            Self::Decode {
                encoding,
                line,
                byte,
            } => {
                format!("第 {line} 行（第 {byte} 字节）不是有效的 {encoding} 编码")
            }
            Self::Nul { byte } => format!("第 {byte} 字节是 NUL，这不是文本文件或文件已损坏"),
            Self::Truncated => "文件不完整，可能在传输中被截断".to_owned(),
            Self::NoHeader {
                sheet,
                row,
                missing,
            } => {
                let place = place_zh(sheet.as_deref().unwrap_or(""), *row);
                let what = if row.is_some() {
                    "表头缺少必填列"
                } else {
                    "没有找到表头，必填列"
                };
                format!("{place}{what}：{}", join(missing, |name| &name.0, "、"))
            }
            Self::DuplicateHeader {
                sheet,
                row,
                column,
                headers,
            } => {
                format!(
                    "{}“{}”和“{}”两列都是“{}”",
                    place_zh(sheet, Some(*row)),
                    headers[0],
                    headers[1],
                    column.0
                )
            }
            Self::OtherUnit {
                sheet,
                column,
                header,
            } => {
                format!(
                    "{}列“{header}”的单位与规范“{}”不同，请换算后重新报送",
                    place_zh(sheet, None),
                    column.0
                )
            }
            Self::TooManyRows { sheet, rows_max } => {
                format!("{}超过 {rows_max} 行", place_zh(sheet, None))
            }
            Self::TooManyColumns {
                sheet,
                row,
                columns_max,
            } => {
                format!("{}超过 {columns_max} 列", place_zh(sheet, Some(*row)))
            }
            Self::RowTooLong { row, bytes_max } => format!("第 {row} 行超过 {bytes_max} 字节"),
            Self::TooManySheets { sheets, sheets_max } => {
                format!("有 {sheets} 个工作表，超过上限 {sheets_max}")
            }
            Self::Quote { line } => format!("第 {line} 行的引号没有正确闭合，其后各行无法划分"),
            Self::Json { line, problem } => {
                format!("第 {line} 行不是正确的 JSON：{}", problem.zh())
            }
            Self::Bomb {
                found,
                declared,
                limit,
            } => format!("{}为 {declared}，超过上限 {limit}", found.0),
            Self::Parquet { message } => format!("Parquet 文件无法解析：{message}"),
            Self::Workbook { message } => format!("工作簿无法解析：{message}"),
            Self::ParserDied { cause } => format!("解析进程中止：{}", cause.zh()),
            Self::Parser { source } => format!("无法启动解析进程：{source}"),
            Self::Io(source) => format!("文件读取失败：{source}"),
        }
    }

    /// The message in English: what was found and where.
    pub fn en(&self) -> String {
        match self {
            Self::Empty => "the file is empty".to_owned(),
            Self::TooLarge { bytes, bytes_max } => {
                format!("the file has {bytes} bytes, more than {bytes_max}")
            }
            Self::UnknownFormat { found } => format!("this kind of file is not read: {}", found.1),
            Self::Encrypted => "the file is protected by a password".to_owned(),
            Self::Decode {
                encoding,
                line,
                byte,
            } => format!("line {line} (byte {byte}) is not valid {encoding}"),
            Self::Nul { byte } => format!("byte {byte} is NUL: not a text file, or a damaged one"),
            Self::Truncated => "the file ends too early: perhaps its transfer was cut".to_owned(),
            Self::NoHeader {
                sheet,
                row,
                missing,
            } => {
                let place = place_en(sheet.as_deref().unwrap_or(""), *row);
                let what = if row.is_some() {
                    "the header lacks required columns"
                } else {
                    "no header found; required are"
                };
                format!("{place}{what}: {}", join(missing, |name| &name.1, ", "))
            }
            Self::DuplicateHeader {
                sheet,
                row,
                column,
                headers,
            } => {
                format!(
                    "{}the columns {:?} and {:?} are both {}",
                    place_en(sheet, Some(*row)),
                    headers[0],
                    headers[1],
                    column.1
                )
            }
            Self::OtherUnit {
                sheet,
                column,
                header,
            } => {
                format!(
                    "{}the column {header:?} has another unit than {}",
                    place_en(sheet, None),
                    column.1
                )
            }
            Self::TooManyRows { sheet, rows_max } => {
                format!("{}more than {rows_max} rows", place_en(sheet, None))
            }
            Self::TooManyColumns {
                sheet,
                row,
                columns_max,
            } => {
                format!(
                    "{}more than {columns_max} columns",
                    place_en(sheet, Some(*row))
                )
            }
            Self::RowTooLong { row, bytes_max } => {
                format!("row {row} has more than {bytes_max} bytes")
            }
            Self::TooManySheets { sheets, sheets_max } => {
                format!("{sheets} sheets, more than {sheets_max}")
            }
            Self::Quote { line } => {
                format!(
                    "the quotation mark opened in line {line} is not closed properly; the rest cannot be divided"
                )
            }
            Self::Json { line, problem } => format!("line {line} is not JSON: {}", problem.en()),
            Self::Bomb {
                found,
                declared,
                limit,
            } => format!("{} is {declared}, more than {limit}", found.1),
            Self::Parquet { message } => format!("the Parquet file cannot be parsed: {message}"),
            Self::Workbook { message } => format!("the workbook cannot be parsed: {message}"),
            Self::ParserDied { cause } => format!("the parsing process ended: {}", cause.en()),
            Self::Parser { source } => format!("the parsing process could not be run: {source}"),
            Self::Io(source) => format!("the file could not be read: {source}"),
        }
    }
}

fn place_zh(sheet: &str, row: Option<u32>) -> String {
    let sheet = if sheet.is_empty() {
        String::new()
    } else {
        format!("工作表“{sheet}”")
    };
    let row = row.map_or_else(String::new, |row| format!("第 {row} 行"));
    if sheet.is_empty() && row.is_empty() {
        String::new()
    } else {
        format!("{sheet}{row}：")
    }
}

fn place_en(sheet: &str, row: Option<u32>) -> String {
    match (sheet.is_empty(), row) {
        (true, None) => String::new(),
        (true, Some(row)) => format!("row {row}: "),
        (false, None) => format!("sheet {sheet:?}: "),
        (false, Some(row)) => format!("sheet {sheet:?}, row {row}: "),
    }
}

fn join(names: &[Named], language: fn(&Named) -> &String, separator: &str) -> String {
    names
        .iter()
        .map(|name| language(name).as_str())
        .collect::<Vec<_>>()
        .join(separator)
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(source) | Self::Parser { source } => Some(source),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Unreadable {
    fn from(source: std::io::Error) -> Self {
        Self::Io(source)
    }
}
