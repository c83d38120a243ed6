//! Checks across the columns of a row (CONTRACT Q17, Q20).

use super::{Cell, Row, Validator, years_between};
use crate::intake::batch::{NO_CODE, NO_DAY};
use crate::intake::cells::Fault;
use crate::intake::messages;
use crate::intake::plan::{PlannedCheck, Reader};

impl Validator<'_> {
    /// Adds what the row's filled cells say against each other.
    pub(super) fn check_across(&self, row: &mut Row<'_>) {
        let title = |at: usize| &self.plan.contract.columns[at].title;
        let day = |row: &Row<'_>, at: usize| match row.cells[at] {
            Cell::Day(day) => Some(day),
            _ => None,
        };
        for check in &self.plan.checks {
            match check {
                PlannedCheck::NotBefore { column, other } => {
                    if let (Some(later), Some(earlier)) = (day(row, *column), day(row, *other))
                        && later < earlier
                    {
                        let message = messages::not_before(&title(*other).zh, &title(*other).en);
                        row.faults
                            .push((*column, Fault::reject("V-CROSS", message)));
                    }
                }
                PlannedCheck::RequiredWhen { column, when, id } => {
                    let empty = matches!(row.cells[*column], Cell::Empty);
                    let reported = row.faults.iter().any(|(at, _)| at == column);
                    if empty
                        && !reported
                        && matches!(row.cells[*when], Cell::Code(code) if code == *id)
                    {
                        let Reader::Code(reader) = &self.plan.readers[*when] else {
                            continue;
                        };
                        let name = reader.list.name(&reader.known[*id as usize]).zh;
                        let message =
                            messages::required_when(&title(*when).zh, &title(*when).en, &name);
                        row.faults
                            .push((*column, Fault::reject("V-CROSS", message)));
                    }
                }
                PlannedCheck::NotAfterToday { columns } => {
                    for column in columns {
                        if day(row, *column).is_some_and(|day| day > self.today) {
                            row.faults
                                .push((*column, Fault::reject("V-CROSS", messages::after_today())));
                        }
                    }
                }
                PlannedCheck::Descending { columns } => self.check_descending(columns, row),
                PlannedCheck::DivisionValid {
                    column,
                    on,
                    validity,
                } => {
                    let on = on.iter().find_map(|at| day(row, *at));
                    if let (Cell::Code(code), Some(on)) = (&row.cells[*column], on) {
                        let valid = validity[*code as usize];
                        if *code != NO_CODE && !(valid.from <= on && on <= valid.to) {
                            row.faults.push((
                                *column,
                                Fault::reject("V-CODE", messages::division_not_valid()),
                            ));
                        }
                    }
                }
            }
        }
        self.check_age(row);
    }

    fn check_descending(&self, columns: &[usize], row: &mut Row<'_>) {
        let mut above: Option<(usize, i64)> = None;
        for column in columns {
            let Cell::Number(value) = row.cells[*column] else {
                continue;
            };
            if let Some((other, larger)) = above.filter(|(_, larger)| value > *larger) {
                let title = &self.plan.contract.columns[other].title;
                row.faults.push((
                    *column,
                    Fault::reject("V-CROSS", messages::descending(&title.zh, &title.en)),
                ));
                above = Some((other, larger));
            } else {
                above = Some((*column, value));
            }
        }
    }

    fn check_age(&self, row: &mut Row<'_>) {
        let (Some(at), Some(id)) = (self.plan.age_on, self.plan.id_number) else {
            return;
        };
        let Cell::Day(on) = row.cells[at] else { return };
        if row.birth == NO_DAY {
            return;
        }
        let age = years_between(row.birth, on);
        if !(16..=100).contains(&age) {
            row.faults
                .push((id, Fault::flag("R002", messages::age(age))));
        }
    }
}
