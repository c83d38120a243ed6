//! The counting rules over all records of a snapshot: which record is one person-time, and which rule kept the others out.
//!
//! Pure: columns are handed in, outcomes come back. Order of the rows does not matter.

use foldhash::fast::RandomState;
use std::collections::HashMap;

mod records;
pub mod register;
pub use records::{Interner, Records, RecordsBuilder};

/// Why a record is not counted: the first of the rules in this order (CONTRACT Q27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its status is not one that counts.
    Status,
    /// Its training type does not count toward the target.
    Type,
    /// Its money is not subsidised training (Q31).
    Funding,
    /// It ended outside the programme's period (Q32).
    Period,
    /// Same person, occupation and level counted before (Q28).
    R007,
}

impl Reason {
    /// All reasons in their order.
    pub const ALL: [Self; 5] = [
        Self::Status,
        Self::Type,
        Self::Funding,
        Self::Period,
        Self::R007,
    ];

    /// The id of the counting rule.
    pub fn code(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Type => "type",
            Self::Funding => "funding",
            Self::Period => "period",
            Self::R007 => "R007",
        }
    }
}

/// What the rules need to know of the programme.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Statuses that count.
    pub statuses: Vec<String>,
    /// Training types that count toward the target.
    pub types: Vec<String>,
    /// Training types on a line of their own.
    pub own_line_types: Vec<String>,
    /// Funding sources that are not subsidised training.
    pub funding_sources: Vec<String>,
    /// First day of the programme, in days since 1970-01-01.
    pub start: i32,
    /// Last day, included.
    pub end: i32,
    /// Counted trainings per person and calendar year that raise no finding (R008).
    pub per_year_max: u32,
    /// Months of work-for-training per person and employer that count (R009).
    pub months_max: u32,
}

/// What the rules say of every record, in the order of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// Why a record is not counted; `None` where it is one person-time.
    pub reasons: Vec<Option<Reason>>,
    /// Whether a record counts on the line of its own training type (work-for-training).
    pub own_line: Vec<bool>,
    /// Findings: position of the record and the rule (`R007`, `R008` or `R009`), in the order of the records.
    pub findings: Vec<(u32, &'static str)>,
}

/// Applies the counting rules to all current records (DESIGN §5 end, CONTRACT §4).
pub fn count(records: &Records, rules: &Rules) -> Outcomes {
    let mut reasons = first_reasons(records, rules);
    let mut findings = exclude_repeats(records, &mut reasons);
    findings.extend(flag_many_in_a_year(records, &reasons, rules));
    let (own_line, excess) = own_line(records, rules);
    findings.extend(excess);
    findings.sort_unstable();
    Outcomes {
        reasons,
        own_line,
        findings,
    }
}

fn first_reasons(records: &Records, rules: &Rules) -> Vec<Option<Reason>> {
    let statuses = records.status.mask(&rules.statuses);
    let types = records.training_type.mask(&rules.types);
    let excluded_money = records.funding_source.mask(&rules.funding_sources);
    (0..records.len())
        .map(|row| {
            if !statuses[records.status.id(row)] {
                Some(Reason::Status)
            } else if !types[records.training_type.id(row)] {
                Some(Reason::Type)
            } else if excluded_money[records.funding_source.id(row)] {
                Some(Reason::Funding)
            } else if !(rules.start..=rules.end).contains(&records.end[row]) {
                Some(Reason::Period)
            } else {
                None
            }
        })
        .collect()
}

/// R007: of the records of one person, occupation and level the first by (end date, department, record number) counts.
fn exclude_repeats(records: &Records, reasons: &mut [Option<Reason>]) -> Vec<(u32, &'static str)> {
    let mut first: HashMap<(u32, u32), u32, RandomState> = HashMap::default();
    let mut repeats = Vec::new();
    let eligible = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| reason.is_none());
    for (row, _) in eligible {
        let Some(class) = records.occupation_level(row) else {
            continue;
        };
        let position = u32::try_from(row).expect("fewer than 2^32 records");
        let held = first
            .entry((records.person[row], class))
            .or_insert(position);
        if *held != position {
            let later = if records.order(row, *held as usize).is_lt() {
                std::mem::replace(held, position)
            } else {
                position
            };
            repeats.push(later);
        }
    }
    for row in &repeats {
        reasons[*row as usize] = Some(Reason::R007);
    }
    repeats.into_iter().map(|row| (row, "R007")).collect()
}

/// R008: every counted record of a person and calendar year after the third, in the same order.
fn flag_many_in_a_year(
    records: &Records,
    reasons: &[Option<Reason>],
    rules: &Rules,
) -> Vec<(u32, &'static str)> {
    let counted = || (0..records.len()).filter(|row| reasons[*row].is_none());
    let mut totals: HashMap<(u32, i32), u32, RandomState> = HashMap::default();
    for row in counted() {
        *totals
            .entry((records.person[row], records.year(row)))
            .or_default() += 1;
    }
    totals.retain(|_, total| *total > rules.per_year_max);
    if totals.is_empty() {
        return Vec::new();
    }
    let mut groups: HashMap<(u32, i32), Vec<usize>> = HashMap::new();
    for row in counted() {
        let key = (records.person[row], records.year(row));
        if totals.contains_key(&key) {
            groups.entry(key).or_default().push(row);
        }
    }
    after_the_first(records, groups, rules.per_year_max as usize)
}

fn after_the_first<K>(
    records: &Records,
    groups: HashMap<K, Vec<usize>>,
    kept: usize,
) -> Vec<(u32, &'static str)> {
    let mut findings = Vec::new();
    for mut rows in groups.into_values() {
        rows.sort_unstable_by(|a, b| records.order(*a, *b));
        let excess = rows.into_iter().skip(kept);
        findings.extend(
            excess.map(|row| (u32::try_from(row).expect("fewer than 2^32 records"), "R008")),
        );
    }
    findings
}

/// R009: completed work-for-training in the period, per person and employer in the same order; a record whose running sum of
/// calendar months exceeds the limit is excluded whole.
fn own_line(records: &Records, rules: &Rules) -> (Vec<bool>, Vec<(u32, &'static str)>) {
    let statuses = records.status.mask(&rules.statuses);
    let types = records.training_type.mask(&rules.own_line_types);
    let mut own_line = vec![false; records.len()];
    let mut groups: HashMap<(u32, usize), Vec<usize>> = HashMap::new();
    for row in 0..records.len() {
        let in_period = (rules.start..=rules.end).contains(&records.end[row]);
        if !(statuses[records.status.id(row)] && types[records.training_type.id(row)] && in_period)
        {
            continue;
        }
        own_line[row] = true;
        let employer = records.employer.id(row);
        if !records.employer.is_blank(employer) {
            groups
                .entry((records.person[row], employer))
                .or_default()
                .push(row);
        }
    }
    let mut findings = Vec::new();
    for mut rows in groups.into_values() {
        rows.sort_unstable_by(|a, b| records.order(*a, *b));
        let mut months = 0;
        for row in rows {
            months += records.months(row);
            if months > rules.months_max {
                own_line[row] = false;
                findings.push((u32::try_from(row).expect("fewer than 2^32 records"), "R009"));
            }
        }
    }
    (own_line, findings)
}

#[cfg(test)]
mod tests;
