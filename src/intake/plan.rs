//! A contract made ready for validating millions of rows: lists resolved, positions instead of names.

use super::value::days_from_civil;
use crate::programme::contract::{Check, DivisionKinds, Unlisted};
use crate::programme::{Code, CodeList, ColumnType, Contract, Programme};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the cells of a column are read.
#[derive(Debug)]
pub(super) enum Reader {
    Text {
        chars_max: usize,
        name: bool,
    },
    Number {
        scale: u32,
        min: Option<i64>,
        max: Option<i64>,
    },
    Day,
    Code(CodeReader),
    Codes(CodeReader),
    IdNumber,
    Uscc,
    Phone,
    Period,
    /// A code of the list that the column at this position chooses.
    Unit {
        kind: usize,
    },
}

/// A code list as a column uses it.
#[derive(Debug)]
pub(super) struct CodeReader {
    pub(super) list: CodeList,
    pub(super) known: Arc<Vec<String>>,
    /// By position in the list: whether the column takes the code.
    pub(super) taken: Vec<bool>,
    pub(super) default: Option<u32>,
    pub(super) pattern: Option<String>,
    /// By position: the position of the division it is counted with.
    pub(super) merged_into: Vec<Option<u32>>,
    /// Whether such a division is taken as the one it is counted with: a record of a person is, but a total of a part must not
    /// stand for the whole.
    pub(super) merges: bool,
    pub(super) kind: ListKind,
}

/// Lists with rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Plain,
    Divisions,
    Occupations,
}

/// Days (included) on which a code may be used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity {
    pub(super) from: i32,
    pub(super) to: i32,
}

/// A cross-column check with positions.
#[derive(Debug)]
pub(super) enum PlannedCheck {
    NotBefore {
        column: usize,
        other: usize,
    },
    RequiredWhen {
        column: usize,
        when: usize,
        id: u32,
    },
    NotAfterToday {
        columns: Vec<usize>,
    },
    Descending {
        columns: Vec<usize>,
    },
    /// A division must be valid on the first filled of these dates.
    DivisionValid {
        column: usize,
        on: Vec<usize>,
        validity: Vec<Validity>,
    },
}

/// A contract ready for validation.
#[derive(Debug)]
pub struct Plan {
    /// The contract.
    pub contract: Contract,
    pub(super) readers: Vec<Reader>,
    pub(super) checks: Vec<PlannedCheck>,
    pub(super) key: Vec<usize>,
    pub(super) action: Option<usize>,
    /// Positions of correction and withdrawal in the list of actions.
    pub(super) correct: Option<u32>,
    pub(super) withdraw: Option<u32>,
    pub(super) id_type: Option<usize>,
    pub(super) id_number: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) phone: Option<usize>,
    /// The date at which a person's age is taken.
    pub(super) age_on: Option<usize>,
    pub(super) units: BTreeMap<String, CodeList>,
    /// Code of the city as a unit.
    pub(super) city: String,
    /// Position of the resident identity card and the residence permit in the list of ID types: numbers with a check digit.
    pub(super) checked_id_types: Vec<u32>,
}

impl Plan {
    /// Prepares `contract`, whose lists the programme has checked.
    pub fn new(programme: &Programme, contract: &Contract) -> Self {
        let position = |name: &str| contract.position(name);
        let readers: Vec<Reader> = contract
            .columns
            .iter()
            .map(|column| reader(programme, contract, column))
            .collect();
        let checked_id_types = ["resident_id", "hmt_residence"]
            .iter()
            .filter_map(|code| u32::try_from(programme.list("id_types").position(code)).ok())
            .collect();
        let action = |code: &str| u32::try_from(programme.list("actions").position(code)).ok();
        let units = programme
            .unit_kinds()
            .filter_map(|kind| Some((kind.to_owned(), unit_list(programme, kind)?)))
            .collect();
        Self {
            checks: checks(programme, contract, &readers),
            key: contract
                .key
                .iter()
                .filter_map(|name| position(name))
                .collect(),
            action: position("action"),
            correct: action("correct"),
            withdraw: action("withdraw"),
            id_type: position("id_type"),
            id_number: position("id_number"),
            name: contract.has_persons().then(|| position("name")).flatten(),
            phone: position("phone"),
            age_on: position("start_date").or_else(|| position("issued_on")),
            units,
            city: programme.config.programme.city.clone(),
            checked_id_types,
            contract: contract.clone(),
            readers,
        }
    }
}

fn reader(programme: &Programme, contract: &Contract, column: &crate::programme::Column) -> Reader {
    let code_reader = |list: &str| code_reader(programme, contract, column, list);
    match &column.kind {
        ColumnType::Text => Reader::Text {
            chars_max: column.max_chars,
            name: column.name == "name" && contract.has_persons(),
        },
        ColumnType::Integer => Reader::Number {
            scale: 0,
            min: column.min,
            max: column.max,
        },
        ColumnType::Decimal => Reader::Number {
            scale: column.scale,
            min: column.min.map(|min| min * 10i64.pow(column.scale)),
            max: column.max.map(|max| max * 10i64.pow(column.scale)),
        },
        ColumnType::Date => Reader::Day,
        ColumnType::Code(list) => Reader::Code(code_reader(list)),
        ColumnType::Codes(list) => Reader::Codes(code_reader(list)),
        ColumnType::Boolean => Reader::Code(code_reader("booleans")),
        ColumnType::IdNumber => Reader::IdNumber,
        ColumnType::Uscc => Reader::Uscc,
        ColumnType::Phone => Reader::Phone,
        ColumnType::Period => Reader::Period,
        ColumnType::Unit(kind) => Reader::Unit {
            kind: contract.position(kind).expect("the contract was checked"),
        },
    }
}

fn code_reader(
    programme: &Programme,
    contract: &Contract,
    column: &crate::programme::Column,
    name: &str,
) -> CodeReader {
    let list = programme.list(name);
    let kind = match name {
        "divisions" => ListKind::Divisions,
        "occupations" => ListKind::Occupations,
        _ => ListKind::Plain,
    };
    let position = |code: &str| {
        list.iter()
            .position(|entry| entry.code == code)
            .and_then(|at| u32::try_from(at).ok())
    };
    let taken = |code: &Code| {
        let allowed = column.allowed.is_empty() || column.allowed.contains(&code.code);
        allowed && (kind != ListKind::Divisions || takes_division(programme, column.units, code))
    };
    CodeReader {
        known: Arc::new(list.iter().map(|code| code.code.clone()).collect()),
        taken: list.iter().map(taken).collect(),
        default: column.default.as_deref().and_then(position),
        pattern: column
            .pattern
            .clone()
            .filter(|_| column.unlisted == Unlisted::Flag),
        merged_into: list
            .iter()
            .map(|code| {
                code.attributes
                    .get("merged_into")
                    .and_then(|target| position(target))
            })
            .collect(),
        merges: contract.has_persons(),
        kind,
        list: list.clone(),
    }
}

fn takes_division(programme: &Programme, units: DivisionKinds, code: &Code) -> bool {
    let merged = code.attributes.contains_key("merged_into");
    code.has("reporting")
        || merged
        || (units == DivisionKinds::Any && code.code == programme.config.programme.city)
}

/// The units a target of this kind may name.
fn unit_list(programme: &Programme, kind: &str) -> Option<CodeList> {
    programme.units_of(kind).cloned()
}

fn checks(programme: &Programme, contract: &Contract, readers: &[Reader]) -> Vec<PlannedCheck> {
    let position = |name: &String| contract.position(name).expect("the contract was checked");
    let mut planned: Vec<PlannedCheck> = contract
        .checks
        .iter()
        .map(|check| match check {
            Check::NotBefore { column, other } => PlannedCheck::NotBefore {
                column: position(column),
                other: position(other),
            },
            Check::RequiredWhen {
                column,
                when,
                equals,
            } => PlannedCheck::RequiredWhen {
                column: position(column),
                when: position(when),
                id: match &readers[position(when)] {
                    Reader::Code(reader) => {
                        u32::try_from(reader.list.position(equals)).unwrap_or(u32::MAX)
                    }
                    _ => u32::MAX,
                },
            },
            Check::NotAfterToday { columns } => PlannedCheck::NotAfterToday {
                columns: columns.iter().map(position).collect(),
            },
            Check::Descending { columns } => PlannedCheck::Descending {
                columns: columns.iter().map(position).collect(),
            },
        })
        .collect();
    for (at, column) in contract
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.valid_on.is_empty())
    {
        planned.push(PlannedCheck::DivisionValid {
            column: at,
            on: column.valid_on.iter().map(position).collect(),
            validity: programme.divisions().iter().map(validity).collect(),
        });
    }
    planned
}

fn validity(code: &Code) -> Validity {
    let day = |name, open| code.date(name).map_or(open, days);
    Validity {
        from: day("valid_from", i32::MIN),
        to: day("valid_to", i32::MAX),
    }
}

/// Days since 1970-01-01.
pub fn days(day: NaiveDate) -> i32 {
    let year = u32::try_from(day.year()).expect("days of the programme lie in our era");
    days_from_civil(year, day.month(), day.day()).expect("a real day")
}
