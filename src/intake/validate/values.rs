//! One filled cell to its value, by the column's reader.

use super::{Cell, Row, SEX, Validator};
use crate::intake::cells::{self, Fault};
use crate::intake::id_number::resident_ids;
use crate::intake::messages;
use crate::intake::plan::Reader;
use crate::intake::reading::{DayNumbers, Kind};
use crate::intake::value::Repairs;
use crate::programme::contract::Personal;
use crate::programme::definitions::CITY;

/// Age, in days, from which on a number in a free text is taken for somebody's: ten years.
const YOUNGEST_DAYS: i32 = 3_653;

impl Validator<'_> {
    /// The value of a cell that is not blank and no failed formula; flags are added to the row.
    ///
    /// # Errors
    /// The rule it breaks, when that rejects the row.
    pub(super) fn read_value<'c>(
        &mut self,
        raw: &'c str,
        (kind, counted): (Kind, DayNumbers),
        at: usize,
        row: &mut Row<'c>,
    ) -> cells::Read<Cell<'c>> {
        match &self.plan.readers[at] {
            Reader::Text { chars_max, name } => {
                let (text, repairs) = cells::text(raw, kind, *chars_max, *name)?;
                let vault = self.plan.contract.columns[at].personal == Personal::Vault;
                if !vault && self.names_a_person(&text) {
                    return Err(Fault::reject("V-PRIVATE", messages::private()));
                }
                Ok((Cell::Text(text), repairs))
            }
            Reader::Number { scale, min, max } => cells::scaled(raw, kind, *scale, *min, *max)
                .map(|(value, repairs)| (Cell::Number(value), repairs)),
            Reader::Day => {
                cells::day(raw, kind, counted).map(|(day, repairs)| (Cell::Day(day), repairs))
            }
            Reader::Code(reader) | Reader::Codes(reader) => {
                let many = matches!(self.plan.readers[at], Reader::Codes(_));
                let list = self.plan.contract.columns[at]
                    .kind
                    .list()
                    .unwrap_or_default();
                let read = self.caches[at].read(raw, reader, list, many);
                match read.fault {
                    Some(fault) if !fault.flag => return Err(fault),
                    Some(fault) => row.faults.push((at, fault)),
                    None => {}
                }
                Ok((Cell::Code(read.id), read.repairs))
            }
            Reader::IdNumber => {
                let id_type = self.plan.id_type.map(|at| row.cells[at].clone());
                let checked = match id_type {
                    Some(Cell::Code(id)) => self.plan.checked_id_types.contains(&id),
                    // The type itself is wrong and reported: nothing can be said of the number.
                    Some(_) => false,
                    None => true,
                };
                let ((number, facts), repairs) = cells::id_number(raw, kind, checked)?;
                if let Some(facts) = facts {
                    row.birth = facts.birth;
                    row.sex = SEX[usize::from(facts.male)];
                }
                Ok((Cell::Text(number.into()), repairs))
            }
            Reader::Uscc => {
                // One ID number in thirty passes for a credit code; codes of enterprises begin with 9, ID numbers do not.
                let (text, repairs) = cells::uscc(raw, kind)?;
                if !text.starts_with('9') && self.names_a_person(&text) {
                    return Err(Fault::reject("V-PRIVATE", messages::private()));
                }
                Ok((Cell::Text(text), repairs))
            }
            Reader::Phone => {
                let (text, repairs, fault) = cells::phone(raw);
                row.faults.extend(fault.map(|fault| (at, fault)));
                Ok((Cell::Text(text), repairs))
            }
            Reader::Period => {
                cells::period(raw).map(|(text, repairs)| (Cell::Text(text.into()), repairs))
            }
            Reader::Unit { kind } => self.read_unit(raw, *kind, row),
        }
    }

    /// Whether a text that goes to the lake as it is holds somebody's resident ID number. Numbers composed of an area, a date
    /// of these years and a running number look like the ID of a small child, and one in eleven has its check digit.
    fn names_a_person(&self, text: &str) -> bool {
        let born_by = self.today - YOUNGEST_DAYS;
        resident_ids(text)
            .iter()
            .any(|found| found.facts.birth <= born_by)
    }

    fn read_unit<'c>(&self, raw: &str, kind_at: usize, row: &Row<'_>) -> cells::Read<Cell<'c>> {
        let Reader::Code(kinds) = &self.plan.readers[kind_at] else {
            unreachable!("the kind of a unit is a code");
        };
        let kind = match row.cells[kind_at] {
            Cell::Code(id) if (id as usize) < kinds.known.len() => {
                kinds.known[id as usize].as_str()
            }
            // The kind itself is wrong and reported.
            _ => return Ok((Cell::Empty, Repairs::NONE)),
        };
        let unit = self.plan.units.get(kind).and_then(|list| {
            let (position, repairs) = cells::find(list, raw.trim())?;
            let code = list.iter().nth(position as usize)?;
            let taken = match kind {
                CITY => code.code == self.plan.city,
                "division" => code.has("reporting"),
                _ => true,
            };
            taken.then(|| (code.code.clone(), repairs))
        });
        match unit {
            Some((code, repairs)) => Ok((Cell::Text(code.into()), repairs)),
            None => {
                let divisions = self.plan.units.get(kind).filter(|_| kind == "division");
                let message = divisions
                    .and_then(|list| cells::whole_of(list, raw.trim()))
                    .map_or_else(
                        || messages::code(kind, None),
                        |whole| messages::part_of(&whole),
                    );
                Err(Fault::reject("V-CODE", message))
            }
        }
    }
}
