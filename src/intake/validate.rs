//! Raw rows to typed rows: every violation of a row is reported, not the first (DESIGN §4.3, CONTRACT §3).

mod across;
mod values;

use super::batch::{
    Action, Batch, Identities, NO_CODE, NO_DAY, NO_NUMBER, RecordKey, Strings, Values,
};
use super::cells::{CodeCache, Fault};
use super::messages;
use super::plan::{Plan, Reader};
use super::reading::{Chunk, Kind};
use super::receipt::{Repair, RowEffect, RowToCorrect, SHOWN_MAX, Violation};
use super::shown::{shown, without_numbers_of_persons};
use super::value::{Repairs, civil_from_days};
use crate::programme::contract::Personal;
use crate::programme::{Language, Text};
use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;
use std::sync::Arc;

/// Keyed functions that turn identities and contents into values that say nothing without the key.
pub struct Secrets<'a> {
    /// (ID type, canonical number) to the blind index.
    pub blind_index: &'a (dyn Fn(&str, &str) -> [u8; 16] + Sync),
    /// Key of record keys and content digests.
    pub digest_key: [u8; 16],
}

/// What a chunk gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rows received.
    pub received: u64,
    /// Rows that passed.
    pub batch: Batch,
    /// Repairs done, at most [`SHOWN_MAX`] listed.
    pub repairs: Vec<Repair>,
    /// Number of repairs.
    pub repairs_count: u64,
    /// Rules broken, at most [`SHOWN_MAX`] listed.
    pub violations: Vec<Violation>,
    /// Number of violations.
    pub violations_count: u64,
    /// Rows that were rejected, as sent.
    pub rejected: Vec<RowToCorrect>,
    /// The same rows with their columns as far as these are valid, without identities, keys and digests.
    pub refused: Batch,
    /// The first rule each of them broke.
    pub refused_rules: Vec<&'static str>,
}

/// Validates the chunks of one file in order.
pub struct Validator<'a> {
    plan: &'a Plan,
    secrets: &'a Secrets<'a>,
    department: &'a str,
    /// The day of the load, in days since 1970-01-01.
    today: i32,
    caches: Vec<CodeCache>,
    scratch: Vec<u8>,
}

/// One cell of the row at hand.
#[derive(Debug, Clone)]
enum Cell<'c> {
    Empty,
    Text(std::borrow::Cow<'c, str>),
    Code(u32),
    Day(i32),
    Number(i64),
}

/// The row at hand.
struct Row<'c> {
    number: u32,
    index: usize,
    cells: Vec<Cell<'c>>,
    faults: Vec<(usize, Fault)>,
    birth: i32,
    sex: &'static str,
    action: Action,
}

const SEX: [&str; 2] = ["female", "male"];
/// `A row fault` is reported at no column in particular.
const NO_COLUMN: usize = usize::MAX;

impl<'a> Validator<'a> {
    /// A validator for a file of `department`, read on `today` (days since 1970-01-01).
    pub fn new(plan: &'a Plan, secrets: &'a Secrets<'a>, department: &'a str, today: i32) -> Self {
        Self {
            plan,
            secrets,
            department,
            today,
            caches: plan.readers.iter().map(|_| CodeCache::default()).collect(),
            scratch: Vec::new(),
        }
    }

    /// Validates a chunk.
    pub fn check(&mut self, chunk: &Chunk) -> Checked {
        let mut checked = Checked {
            received: chunk.rows() as u64,
            ..Checked::default()
        };
        let mut columns = self.builders(chunk.rows());
        let mut refused = self.builders(0);
        let mut identities = self.plan.id_number.map(|_| Identities::default());
        checked.batch.sheet = chunk.sheet();
        let mut row = Row {
            number: 0,
            index: 0,
            cells: vec![Cell::Empty; self.plan.contract.columns.len()],
            faults: Vec::new(),
            birth: NO_DAY,
            sex: "",
            action: Action::New,
        };
        for index in 0..chunk.rows() {
            self.read_row(chunk, index, &mut row, &mut checked);
            let rejected = row.faults.iter().any(|(_, fault)| !fault.flag);
            self.report(chunk, &row, &mut checked);
            if rejected {
                checked.rejected.push(self.row_to_correct(chunk, &row));
                checked.refused.rows.push(row.number);
                let rule = row
                    .faults
                    .iter()
                    .find(|(_, fault)| !fault.flag)
                    .map_or("", |(_, fault)| fault.rule);
                checked.refused_rules.push(rule);
                self.push(&mut refused, &row.cells);
                continue;
            }
            let (key, digest) = self.hash(&row);
            if let Some(identities) = &mut identities {
                self.push_identity(&row, identities);
            }
            let batch = &mut checked.batch;
            batch.rows.push(row.number);
            batch
                .place
                .push(u32::try_from(index).expect("a chunk is small"));
            batch.actions.push(row.action);
            batch.keys.push(key);
            batch.digests.push(digest);
            self.push(&mut columns, &row.cells);
        }
        checked.batch.columns = self.seal(columns);
        checked.refused.columns = self.seal(refused);
        checked.batch.identities = identities;
        checked
    }

    fn read_row<'c>(
        &mut self,
        chunk: &'c Chunk,
        index: usize,
        row: &mut Row<'c>,
        checked: &mut Checked,
    ) {
        row.number = chunk.row_number(index);
        row.index = index;
        row.cells.fill(Cell::Empty);
        row.faults.clear();
        (row.birth, row.sex, row.action) = (NO_DAY, "", Action::New);
        if let Some(fault) = chunk.fault(index) {
            // A fault may quote a key of the file.
            let message = Text::new(
                without_numbers_of_persons(&fault.zh()),
                without_numbers_of_persons(&fault.en()),
            );
            row.faults.push((
                fault.column().unwrap_or(NO_COLUMN),
                Fault::reject("V-TYPE", message),
            ));
            return;
        }
        if let Some(at) = self.plan.action {
            self.read_cell(chunk, at, row, checked);
            row.action = match row.cells[at] {
                Cell::Code(id) if Some(id) == self.plan.correct => Action::Correct,
                Cell::Code(id) if Some(id) == self.plan.withdraw => Action::Withdraw,
                _ => Action::New,
            };
        }
        for at in 0..row.cells.len() {
            let withdrawn = row.action == Action::Withdraw && !self.plan.key.contains(&at);
            if Some(at) != self.plan.action && !withdrawn {
                self.read_cell(chunk, at, row, checked);
            }
        }
        if row.action != Action::Withdraw {
            self.check_across(row);
        }
    }

    fn read_cell<'c>(
        &mut self,
        chunk: &'c Chunk,
        at: usize,
        row: &mut Row<'c>,
        checked: &mut Checked,
    ) {
        let (raw, kind) = chunk.cell(row.index, at);
        let column = &self.plan.contract.columns[at];
        if is_blank(raw) {
            if column.required {
                row.faults
                    .push((at, Fault::reject("V-REQUIRED", messages::required())));
            } else if let Reader::Code(reader) = &self.plan.readers[at] {
                row.cells[at] = reader.default.map_or(Cell::Empty, Cell::Code);
            }
            return;
        }
        if kind == Kind::Error {
            let message = messages::wrong_type(
                "有效内容（单元格是公式错误）",
                "a value (the cell is a formula error)",
            );
            row.faults.push((at, Fault::reject("V-TYPE", message)));
            return;
        }
        match self.read_value(raw, (kind, chunk.day_numbers()), at, row) {
            // A lone apostrophe leaves nothing.
            Ok((Cell::Text(text), _)) if text.is_empty() && column.required => {
                row.faults
                    .push((at, Fault::reject("V-REQUIRED", messages::required())));
            }
            Ok((cell, repairs)) => {
                row.cells[at] = cell;
                self.note_repairs(at, row.number, repairs, checked);
            }
            Err(fault) => row.faults.push((at, fault)),
        }
    }

    fn note_repairs(&self, at: usize, row: u32, repairs: Repairs, checked: &mut Checked) {
        if repairs.is_empty() {
            return;
        }
        for id in repairs.ids() {
            checked.repairs_count += 1;
            if checked.repairs.len() < SHOWN_MAX {
                checked.repairs.push(Repair {
                    row,
                    sheet: None,
                    column: self.plan.contract.columns[at].name.clone(),
                    rule: id.to_owned(),
                });
            }
        }
    }

    fn report(&self, chunk: &Chunk, row: &Row<'_>, checked: &mut Checked) {
        for (at, fault) in &row.faults {
            checked.violations_count += 1;
            if checked.violations.len() >= SHOWN_MAX {
                continue;
            }
            let column = self.plan.contract.columns.get(*at);
            let raw = if column.is_some() {
                chunk.cell(row.index, *at).0
            } else {
                ""
            };
            checked.violations.push(Violation {
                row: row.number,
                sheet: None,
                rule: fault.rule.to_owned(),
                column: column.map(|column| column.name.clone()).unwrap_or_default(),
                effect: if fault.flag {
                    RowEffect::Flag
                } else {
                    RowEffect::Reject
                },
                value: shown(raw, column.map_or(Personal::None, |column| column.personal)),
                message: fault.message.clone(),
            });
        }
    }

    fn row_to_correct(&self, chunk: &Chunk, row: &Row<'_>) -> RowToCorrect {
        let cells = 0..self.plan.contract.columns.len();
        RowToCorrect {
            row: row.number,
            cells: cells
                .map(|at| chunk.cell(row.index, at).0.to_owned())
                .collect(),
            reasons: row
                .faults
                .iter()
                .filter(|(_, fault)| !fault.flag)
                .map(|(at, fault)| {
                    let title = self
                        .plan
                        .contract
                        .columns
                        .get(*at)
                        .map(|column| &column.title);
                    let named = |language| match title {
                        Some(title) => {
                            format!("{}: {}", title.get(language), fault.message.get(language))
                        }
                        None => fault.message.get(language).to_owned(),
                    };
                    Text::new(named(Language::Zh), named(Language::En))
                })
                .collect(),
        }
    }

    /// The record's key and the digest of its content, over canonical values (CONTRACT Q09, Q12).
    fn hash(&mut self, row: &Row<'_>) -> (RecordKey, u64) {
        self.scratch.clear();
        self.scratch
            .extend_from_slice(self.plan.contract.id.as_bytes());
        self.scratch.push(0x1f);
        if self.plan.contract.keyed_by_department {
            self.scratch.extend_from_slice(self.department.as_bytes());
        }
        for at in &self.plan.key {
            feed(
                &mut self.scratch,
                &row.cells[*at],
                &self.plan.readers[*at],
                &self.caches[*at],
            );
        }
        let mut hasher = SipHasher24::new_with_key(&self.secrets.digest_key);
        hasher.write(&self.scratch);
        let key = hasher.finish128();
        self.scratch.clear();
        for (at, cell) in row.cells.iter().enumerate() {
            if Some(at) != self.plan.action {
                feed(
                    &mut self.scratch,
                    cell,
                    &self.plan.readers[at],
                    &self.caches[at],
                );
            }
        }
        let mut hasher = SipHasher13::new_with_key(&self.secrets.digest_key);
        hasher.write(&self.scratch);
        (RecordKey(key.h1, key.h2), hasher.finish())
    }

    fn push_identity(&self, row: &Row<'_>, identities: &mut Identities) {
        let text = |at: Option<usize>| {
            at.map_or("", |at| match &row.cells[at] {
                Cell::Text(text) => text.as_ref(),
                _ => "",
            })
        };
        let id_type = match self
            .plan
            .id_type
            .map(|at| (&row.cells[at], &self.plan.readers[at]))
        {
            Some((Cell::Code(id), Reader::Code(reader))) if (*id as usize) < reader.known.len() => {
                &reader.known[*id as usize]
            }
            _ => "",
        };
        let number = text(self.plan.id_number);
        let index = if number.is_empty() {
            [0; 16]
        } else {
            (self.secrets.blind_index)(id_type, number)
        };
        identities.index.push(index);
        identities.id_type.push(id_type);
        identities.number.push(number);
        identities.name.push(text(self.plan.name));
        identities.phone.push(text(self.plan.phone));
        identities.birth.push(row.birth);
        identities.sex.push(row.sex);
    }

    fn builders(&self, rows: usize) -> Vec<Builder> {
        self.plan
            .readers
            .iter()
            .map(|reader| match reader {
                Reader::Day => Builder::Day(Vec::with_capacity(rows)),
                Reader::Number { .. } => Builder::Number(Vec::with_capacity(rows)),
                Reader::Code(_) | Reader::Codes(_) => Builder::Code(Vec::with_capacity(rows)),
                _ => Builder::Text(Strings::default()),
            })
            .collect()
    }

    fn push(&self, builders: &mut [Builder], cells: &[Cell<'_>]) {
        for (at, (builder, cell)) in builders.iter_mut().zip(cells).enumerate() {
            let vault = self.plan.contract.columns[at].personal == Personal::Vault;
            match (builder, cell) {
                (Builder::Text(strings), Cell::Text(text)) if !vault => strings.push(text),
                (Builder::Text(strings), _) => strings.push(""),
                (Builder::Code(ids), Cell::Code(id)) => ids.push(*id),
                (Builder::Code(ids), _) => ids.push(NO_CODE),
                (Builder::Day(days), Cell::Day(day)) => days.push(*day),
                (Builder::Day(days), _) => days.push(NO_DAY),
                (Builder::Number(values), Cell::Number(value)) => values.push(*value),
                (Builder::Number(values), _) => values.push(NO_NUMBER),
            }
        }
    }

    fn seal(&self, builders: Vec<Builder>) -> Vec<Values> {
        builders
            .into_iter()
            .zip(&self.plan.readers)
            .zip(&self.caches)
            .map(|((builder, reader), cache)| match (builder, reader) {
                (Builder::Code(ids), Reader::Code(reader) | Reader::Codes(reader)) => {
                    Values::Code {
                        ids,
                        known: Arc::clone(&reader.known),
                        extra: Arc::new(cache.extra.clone()),
                    }
                }
                (Builder::Day(days), _) => Values::Day(days),
                (Builder::Number(values), Reader::Number { scale, .. }) => Values::Number {
                    values,
                    scale: *scale,
                },
                (Builder::Text(strings), _) => Values::Text(strings),
                _ => unreachable!("builders are made from the readers"),
            })
            .collect()
    }
}

enum Builder {
    Text(Strings),
    Code(Vec<u32>),
    Day(Vec<i32>),
    Number(Vec<i64>),
}

/// Whether a cell shows nothing: empty, or only spaces of any width.
#[inline]
fn is_blank(raw: &str) -> bool {
    match raw.as_bytes().first() {
        None => true,
        Some(0x21..=0x7E) => false,
        Some(_) => raw.trim().is_empty(),
    }
}

/// Appends a cell's canonical form, so that no two different rows have the same bytes.
fn feed(scratch: &mut Vec<u8>, cell: &Cell<'_>, reader: &Reader, cache: &CodeCache) {
    let text = match (cell, reader) {
        (Cell::Day(day), _) => {
            scratch.push(b'd');
            scratch.extend_from_slice(&day.to_le_bytes());
            return;
        }
        (Cell::Number(value), _) => {
            scratch.push(b'n');
            scratch.extend_from_slice(&value.to_le_bytes());
            return;
        }
        (Cell::Text(text), _) => text.as_bytes(),
        (Cell::Code(id), Reader::Code(reader) | Reader::Codes(reader)) => match *id as usize {
            id if id < reader.known.len() => reader.known[id].as_bytes(),
            id => cache
                .extra
                .get(id - reader.known.len())
                .map_or(&[][..], |code| code.as_bytes()),
        },
        _ => &[],
    };
    scratch.push(b't');
    scratch.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    scratch.extend_from_slice(text);
}

/// Full years from one day to another, both in days since 1970-01-01.
pub fn years_between(from: i32, to: i32) -> i32 {
    let (from, to) = (civil_from_days(from), civil_from_days(to));
    let birthday_to_come = (to.1, to.2) < (from.1, from.2);
    to.0 - from.0 - i32::from(birthday_to_come)
}
