//! The counting rules over all records of a snapshot: which record is one person-time, and which rule kept the others out.
//!
//! Pure: columns are handed in, outcomes come back. Order of the rows does not matter.

mod records;
pub mod register;
pub use records::{Column, Interner, Many, Records, RecordsBuilder};

/// Changes whenever [`count`] says something else of the same records and rules: what was counted before is then counted anew.
pub const VERSION: u32 = 1;

/// Columns the counting rules read.
pub const COLUMNS: [&str; 11] = [
    "person",
    "department",
    "record_no",
    "occupation",
    "level",
    "start_date",
    "end_date",
    "status",
    "training_type",
    "funding_source",
    "employer_uscc",
];

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

/// Applies the counting rules (DESIGN §5 end, CONTRACT §4). Every rule looks at the records of one person only, so the outcomes
/// of a person's records are right whenever all of that person's records are handed in.
pub fn count(records: &Records, rules: &Rules) -> Outcomes {
    let known = Known::new(records, rules);
    let mut outcomes = Outcomes {
        reasons: (0..records.len()).map(|row| known.reason(row)).collect(),
        own_line: (0..records.len())
            .map(|row| known.on_own_line(row))
            .collect(),
        findings: Vec::new(),
    };
    let (starts, mut rows) = records.by_person();
    let person_of = |row: &u32| records.person[*row as usize];
    let mut person = Person::default();
    for range in starts.windows(2) {
        let group = &mut rows[range[0] as usize..range[1] as usize];
        if group.len() > 1 {
            group.sort_unstable_by(|a, b| {
                let order = || records.order(*a as usize, *b as usize);
                person_of(a).cmp(&person_of(b)).then_with(order)
            });
        }
        for rows in group.chunk_by(|a, b| person_of(a) == person_of(b)) {
            person.exclude_repeats(rows, records, &mut outcomes);
            person.flag_many_in_a_year(rows, records, rules, &mut outcomes);
            person.limit_own_line(rows, records, rules, &mut outcomes);
        }
    }
    outcomes.findings.sort_unstable();
    outcomes
}

/// What the rules say of every value of a column, so that a record is decided without comparing texts.
struct Known<'a> {
    records: &'a Records,
    rules: &'a Rules,
    completed: Vec<bool>,
    counts: Vec<bool>,
    own_line: Vec<bool>,
    excluded_money: Vec<bool>,
}

impl<'a> Known<'a> {
    fn new(records: &'a Records, rules: &'a Rules) -> Self {
        Self {
            completed: records.status.mask(&rules.statuses),
            counts: records.training_type.mask(&rules.types),
            own_line: records.training_type.mask(&rules.own_line_types),
            excluded_money: records.funding_source.mask(&rules.funding_sources),
            records,
            rules,
        }
    }

    fn in_period(&self, row: usize) -> bool {
        (self.rules.start..=self.rules.end).contains(&self.records.end[row])
    }

    /// The first reason that the record alone gives.
    fn reason(&self, row: usize) -> Option<Reason> {
        let records = self.records;
        if !self.completed[records.status.id(row)] {
            Some(Reason::Status)
        } else if !self.counts[records.training_type.id(row)] {
            Some(Reason::Type)
        } else if self.excluded_money[records.funding_source.id(row)] {
            Some(Reason::Funding)
        } else if !self.in_period(row) {
            Some(Reason::Period)
        } else {
            None
        }
    }

    /// Completed work-for-training in the period.
    fn on_own_line(&self, row: usize) -> bool {
        self.completed[self.records.status.id(row)]
            && self.own_line[self.records.training_type.id(row)]
            && self.in_period(row)
    }
}

/// Room to count one person's records in, which are given by (end date, department, record number).
#[derive(Default)]
struct Person {
    classes: Vec<u32>,
    years: Vec<(i32, u32)>,
    employers: Vec<(usize, u32)>,
}

impl Person {
    /// R007: of the records of one occupation and level the first counts.
    fn exclude_repeats(&mut self, rows: &[u32], records: &Records, outcomes: &mut Outcomes) {
        self.classes.clear();
        for row in rows {
            let reason = &mut outcomes.reasons[*row as usize];
            let Some(class) = records
                .occupation_level(*row as usize)
                .filter(|_| reason.is_none())
            else {
                continue;
            };
            if self.classes.contains(&class) {
                *reason = Some(Reason::R007);
                outcomes.findings.push((*row, "R007"));
            } else {
                self.classes.push(class);
            }
        }
    }

    /// R008: every counted record of a calendar year after the third.
    fn flag_many_in_a_year(
        &mut self,
        rows: &[u32],
        records: &Records,
        rules: &Rules,
        outcomes: &mut Outcomes,
    ) {
        if rows.len() <= rules.per_year_max as usize {
            return;
        }
        self.years.clear();
        for row in rows {
            if outcomes.reasons[*row as usize].is_some() {
                continue;
            }
            if add(&mut self.years, records.year(*row as usize), 1) > rules.per_year_max {
                outcomes.findings.push((*row, "R008"));
            }
        }
    }

    /// R009: work-for-training per employer; a record whose running sum of calendar months exceeds the limit is excluded whole.
    fn limit_own_line(
        &mut self,
        rows: &[u32],
        records: &Records,
        rules: &Rules,
        outcomes: &mut Outcomes,
    ) {
        self.employers.clear();
        for row in rows {
            let employer = records.employer.id(*row as usize);
            let own_line = &mut outcomes.own_line[*row as usize];
            if !*own_line || records.employer.is_blank(employer) {
                continue;
            }
            let months = records.months(*row as usize);
            if add(&mut self.employers, employer, months) > rules.months_max {
                *own_line = false;
                outcomes.findings.push((*row, "R009"));
            }
        }
    }
}

/// Adds to the sum under a key and gives it; a person has few keys.
fn add<K: PartialEq + Copy>(sums: &mut Vec<(K, u32)>, key: K, more: u32) -> u32 {
    let at = match sums.iter().position(|(known, _)| *known == key) {
        Some(at) => at,
        None => {
            sums.push((key, 0));
            sums.len() - 1
        }
    };
    sums[at].1 += more;
    sums[at].1
}

#[cfg(test)]
mod tests;
