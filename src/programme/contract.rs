//! Contracts: what a dataset's columns are, how they are written and checked (DESIGN §5).

use super::problem::Problem;
use super::text::Text;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// A day.
    Date,
    /// One code of the named list.
    Code(String),
    /// Several codes of the named list.
    Codes(String),
    /// The number of an identity document.
    IdNumber,
    /// A unified social credit code (统一社会信用代码).
    Uscc,
    /// A mobile phone number.
    Phone,
    /// Yes or no.
    Boolean,
    /// A period of the calendar.
    Period,
    /// A code of the list that the named column of the same row chooses (city, division, department, sector).
    Unit(String),
}

impl ColumnType {
    fn parse(text: &str) -> Option<Self> {
        let (name, argument) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?.to_owned())),
            None => (text, None),
        };
        Some(match (name, argument) {
            ("text", None) => Self::Text,
            ("integer", None) => Self::Integer,
            ("decimal", None) => Self::Decimal,
            ("date", None) => Self::Date,
            ("code", Some(list)) => Self::Code(list),
            ("codes", Some(list)) => Self::Codes(list),
            ("id_number", None) => Self::IdNumber,
            ("uscc", None) => Self::Uscc,
            ("phone", None) => Self::Phone,
            ("boolean", None) => Self::Boolean,
            ("period", None) => Self::Period,
            ("unit", Some(column)) => Self::Unit(column),
            _ => return None,
        })
    }

    /// The code list the column draws on.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::Code(list) | Self::Codes(list) => Some(list),
            _ => None,
        }
    }
}

/// How personal a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// Not personal.
    #[default]
    None,
    /// Personal: shown masked.
    Masked,
    /// Identifies a person: kept in the identity vault only.
    Vault,
}

/// Which divisions a division column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKinds {
    /// Reporting units only, valid on the record's day (CONTRACT Q20).
    Reporting,
    /// Reporting units and the city as a whole.
    #[default]
    Any,
}

/// What happens to a code that is well formed but not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlisted {
    /// The row is rejected.
    #[default]
    Reject,
    /// The row is accepted and flagged (CONTRACT Q23).
    Flag,
}

/// One column of a dataset.
#[derive(Debug, Clone)]
pub struct Column {
    /// English name: the name in the lake, in SQL and in JSON.
    pub name: String,
    /// The headers reporters see.
    pub title: Text,
    /// Other accepted headers.
    pub aliases: Vec<String>,
    /// What it holds.
    pub kind: ColumnType,
    /// Whether it must be filled.
    pub required: bool,
    /// How personal it is.
    pub personal: Personal,
    /// Smallest allowed number.
    pub min: Option<i64>,
    /// Largest allowed number.
    pub max: Option<i64>,
    /// Digits after the point that are kept (decimals); more are a type error.
    pub scale: u32,
    /// Longest text in characters.
    pub max_chars: usize,
    /// The only codes of the list that are allowed here; empty for all.
    pub allowed: Vec<String>,
    /// Code stored where the cell is blank.
    pub default: Option<String>,
    /// What to do with codes that are not in the list.
    pub unlisted: Unlisted,
    /// Form of a well-formed code not in the list; `#` is a digit.
    pub pattern: Option<String>,
    /// Which divisions are taken.
    pub units: DivisionKinds,
    /// Date columns (first filled one counts) on which a division must be valid.
    pub valid_on: Vec<String>,
}

/// A check across the columns of a row (CONTRACT Q17).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// `column` is not before `other` where both are filled.
    NotBefore {
        /// The later date.
        column: String,
        /// The earlier date.
        other: String,
    },
    /// `column` is filled where `when` has the code `equals`.
    RequiredWhen {
        /// The column that must be filled.
        column: String,
        /// The code column that decides.
        when: String,
        /// The deciding code.
        equals: String,
    },
    /// No date of `columns` lies after the day of the load.
    NotAfterToday {
        /// Date columns.
        columns: Vec<String>,
    },
    /// Every filled number is at most the filled one before it.
    Descending {
        /// Number columns, largest first.
        columns: Vec<String>,
    },
}

impl Check {
    /// The columns the check names, the one a violation is reported at first.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::NotBefore { column, other } => vec![column, other],
            Self::RequiredWhen { column, when, .. } => vec![column, when],
            Self::NotAfterToday { columns } | Self::Descending { columns } => {
                columns.iter().map(String::as_str).collect()
            }
        }
    }
}

/// A dataset's declared columns.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Name of the dataset.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What one record is.
    pub grain: Text,
    /// Clause of the policy it serves.
    pub clause: String,
    /// Business key: columns that identify a record.
    pub key: Vec<String>,
    /// Whether the sending department is part of the key and the rows carry an action (CONTRACT Q09).
    pub keyed_by_department: bool,
    /// The columns in the order of the form.
    pub columns: Vec<Column>,
    /// Checks across columns.
    pub checks: Vec<Check>,
}

impl Contract {
    /// Position of a column by its English name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A column by its English name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Columns that go to the lake: all but the vault's and the action.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| column.personal != Personal::Vault && column.name != "action")
    }

    /// Whether the dataset names persons.
    pub fn has_persons(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.kind == ColumnType::IdNumber)
    }

    /// Reads a contract file; every mistake is added to `problems`, and `None` is returned when it cannot be used.
    pub fn parse(file: &str, source: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let raw: RawContract = match toml::from_str(source) {
            Ok(raw) => raw,
            Err(error) => {
                let offset = error.span().map(|span| span.start);
                let message = Text::new(
                    format!("数据规范无法读取: {}", error.message()),
                    format!("contract cannot be read: {}", error.message()),
                );
                problems.push(Problem::at_offset(file, source, offset, message));
                return None;
            }
        };
        let before = problems.len();
        let contract = raw.into_contract(file, source, problems);
        contract.check_names(file, source, problems);
        (problems.len() == before).then_some(contract)
    }

    fn check_names(&self, file: &str, source: &str, problems: &mut Vec<Problem>) {
        let mut seen = BTreeSet::new();
        for column in &self.columns {
            if !seen.insert(&column.name) {
                let message = Text::new(
                    format!("列 {} 重复", column.name),
                    format!("column {} is declared twice", column.name),
                );
                problems.push(Problem::at(
                    file,
                    source,
                    &format!("\"{}\"", column.name),
                    message,
                ));
            }
        }
        let from_checks = self.checks.iter().flat_map(Check::columns);
        let from_columns = self
            .columns
            .iter()
            .flat_map(|column| column.valid_on.iter());
        let mentioned = self
            .key
            .iter()
            .chain(from_columns)
            .map(String::as_str)
            .chain(from_checks);
        for name in mentioned {
            if self.column(name).is_none() {
                let message = Text::new(
                    format!("没有列 {name}"),
                    format!("there is no column {name}"),
                );
                problems.push(Problem::at(file, source, &format!("\"{name}\""), message));
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContract {
    id: String,
    title: Text,
    grain: Text,
    #[serde(default)]
    clause: String,
    key: Vec<String>,
    #[serde(default)]
    keyed_by_department: bool,
    column: Vec<RawColumn>,
    #[serde(default)]
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    name: String,
    title: Text,
    #[serde(default)]
    aliases: Vec<String>,
    r#type: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    personal: Personal,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default = "default_scale")]
    scale: u32,
    #[serde(default = "default_chars")]
    max_chars: usize,
    #[serde(default)]
    allowed: Vec<String>,
    default: Option<String>,
    #[serde(default)]
    unlisted: Unlisted,
    pattern: Option<String>,
    #[serde(default)]
    units: DivisionKinds,
    #[serde(default)]
    valid_on: Vec<String>,
}

fn default_scale() -> u32 {
    2
}

fn default_chars() -> usize {
    200
}

impl RawContract {
    fn into_contract(self, file: &str, source: &str, problems: &mut Vec<Problem>) -> Contract {
        let columns = self
            .column
            .into_iter()
            .filter_map(|raw| raw.into_column(file, source, problems))
            .collect();
        Contract {
            id: self.id,
            title: self.title,
            grain: self.grain,
            clause: self.clause,
            key: self.key,
            keyed_by_department: self.keyed_by_department,
            columns,
            checks: self.check,
        }
    }
}

impl RawColumn {
    fn into_column(self, file: &str, source: &str, problems: &mut Vec<Problem>) -> Option<Column> {
        let Some(kind) = ColumnType::parse(&self.r#type) else {
            let message = Text::new(
                format!("列 {} 的类型 {} 不存在", self.name, self.r#type),
                format!("column {} has the unknown type {}", self.name, self.r#type),
            );
            problems.push(Problem::at(
                file,
                source,
                &format!("\"{}\"", self.r#type),
                message,
            ));
            return None;
        };
        Some(Column {
            name: self.name,
            title: self.title,
            aliases: self.aliases,
            kind,
            required: self.required,
            personal: self.personal,
            min: self.min,
            max: self.max,
            scale: self.scale,
            max_chars: self.max_chars,
            allowed: self.allowed,
            default: self.default,
            unlisted: self.unlisted,
            pattern: self.pattern,
            units: self.units,
            valid_on: self.valid_on,
        })
    }
}
