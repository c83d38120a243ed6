//! The columns the counting rules look at, as compact as millions of records ask for.

use chrono::{Datelike, Days, NaiveDate};
use foldhash::fast::RandomState;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Texts of one column held once each.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    ids: Vec<u32>,
    values: Vec<String>,
    index: HashMap<String, u32, RandomState>,
    last: Option<u32>,
}

impl Interner {
    fn push(&mut self, text: &str) {
        let id = match self.last.filter(|last| self.values[*last as usize] == text) {
            Some(id) => id,
            None => match self.index.get(text) {
                Some(id) => *id,
                None => {
                    let id = u32::try_from(self.values.len()).expect("fewer than 2^32 values");
                    self.values.push(text.to_owned());
                    self.index.insert(text.to_owned(), id);
                    id
                }
            },
        };
        self.last = Some(id);
        self.ids.push(id);
    }

    /// Id of the text in a row.
    pub fn id(&self, row: usize) -> usize {
        self.ids[row] as usize
    }

    /// The text in a row.
    pub fn get(&self, row: usize) -> &str {
        &self.values[self.id(row)]
    }

    /// Whether the id stands for an empty cell.
    pub fn is_blank(&self, id: usize) -> bool {
        self.values[id].is_empty()
    }

    /// By id: whether the text is one of `codes`.
    pub fn mask(&self, codes: &[String]) -> Vec<bool> {
        self.values
            .iter()
            .map(|value| codes.contains(value))
            .collect()
    }
}

/// All current training records, column by column.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Persons, numbered as they are met: 4 bytes a record instead of 16.
    pub(super) person: Vec<u32>,
    persons: HashMap<u128, u32, RandomState>,
    persons_count: usize,
    /// Start dates in days since 1970-01-01.
    pub start: Vec<i32>,
    /// End dates; `i32::MIN` where a record is still open.
    pub end: Vec<i32>,
    /// Departments.
    pub department: Interner,
    /// Statuses.
    pub status: Interner,
    /// Training types.
    pub training_type: Interner,
    /// Funding sources; empty where blank.
    pub funding_source: Interner,
    /// Employers; empty where blank.
    pub employer: Interner,
    occupation: Interner,
    level: Interner,
    record_no: String,
    record_no_ends: Vec<u32>,
}

/// One record as it is handed in.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordsBuilder<'a> {
    /// Person id.
    pub person: u128,
    /// Department.
    pub department: &'a str,
    /// Record number.
    pub record_no: &'a str,
    /// Occupation; empty where blank.
    pub occupation: &'a str,
    /// Level.
    pub level: &'a str,
    /// Start date in days since 1970-01-01.
    pub start: i32,
    /// End date, `None` where the record is open.
    pub end: Option<i32>,
    /// Status.
    pub status: &'a str,
    /// Training type.
    pub training_type: &'a str,
    /// Funding source; empty where blank.
    pub funding_source: &'a str,
    /// Employer; empty where blank.
    pub employer: &'a str,
}

impl Records {
    /// Room for `rows` records, so that millions of them are not copied while they grow.
    pub fn with_capacity(rows: usize) -> Self {
        let mut records = Self::default();
        records.person.reserve_exact(rows);
        records.start.reserve_exact(rows);
        records.end.reserve_exact(rows);
        records.record_no_ends.reserve_exact(rows);
        for column in [
            &mut records.department,
            &mut records.status,
            &mut records.training_type,
            &mut records.funding_source,
            &mut records.employer,
            &mut records.occupation,
            &mut records.level,
        ] {
            column.ids.reserve_exact(rows);
        }
        records
    }

    /// Adds a record.
    pub fn push(&mut self, record: RecordsBuilder<'_>) {
        let next = u32::try_from(self.persons.len()).expect("fewer than 2^32 persons");
        let person = *self.persons.entry(record.person).or_insert(next);
        self.persons_count = self.persons.len();
        self.person.push(person);
        self.start.push(record.start);
        self.end.push(record.end.unwrap_or(i32::MIN));
        self.department.push(record.department);
        self.status.push(record.status);
        self.training_type.push(record.training_type);
        self.funding_source.push(record.funding_source);
        self.employer.push(record.employer);
        self.occupation.push(record.occupation);
        self.level.push(record.level);
        self.record_no.push_str(record.record_no);
        let end = u32::try_from(self.record_no.len()).expect("record numbers fit in 4 GiB");
        self.record_no_ends.push(end);
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }

    /// Occupation and level as one value; `None` where the occupation is blank, which never matches (Q28).
    pub(super) fn occupation_level(&self, row: usize) -> Option<u32> {
        const LEVELS_MAX: u32 = 64;
        let occupation = self.occupation.id(row);
        let blank = self.occupation.is_blank(occupation);
        let id = |id: usize| u32::try_from(id).expect("fewer than 2^32 codes");
        let level = id(self.level.id(row));
        assert!(level < LEVELS_MAX, "a level is a code of a short list");
        (!blank).then(|| id(occupation) * LEVELS_MAX + level)
    }

    /// Takes note that all records are in: what only adding needs is given back.
    pub fn complete(&mut self) {
        self.persons = HashMap::default();
    }

    /// The rows of every person: where each person's begin (and, last, where they end), and the rows.
    pub(super) fn by_person(&self) -> (Vec<u32>, Vec<u32>) {
        let mut ends = vec![0; self.persons_count + 1];
        for person in &self.person {
            ends[*person as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut rows = vec![0; self.len()];
        // Backwards, so that each end becomes a beginning and rows of a person stay in order.
        for (row, person) in self.person.iter().enumerate().rev() {
            let end = &mut ends[*person as usize];
            *end -= 1;
            rows[*end as usize] = u32::try_from(row).expect("fewer than 2^32 records");
        }
        (ends, rows)
    }

    /// The record number in a row.
    pub fn record_no(&self, row: usize) -> &str {
        let start = if row == 0 {
            0
        } else {
            self.record_no_ends[row - 1] as usize
        };
        &self.record_no[start..self.record_no_ends[row] as usize]
    }

    /// By (end date, department, record number as text).
    pub(super) fn order(&self, a: usize, b: usize) -> Ordering {
        self.end[a]
            .cmp(&self.end[b])
            .then_with(|| self.department.get(a).cmp(self.department.get(b)))
            .then_with(|| self.record_no(a).cmp(self.record_no(b)))
    }

    /// Calendar year of the end date.
    pub(super) fn year(&self, row: usize) -> i32 {
        day(self.end[row]).year()
    }

    /// Calendar months touched from start to end.
    pub(super) fn months(&self, row: usize) -> u32 {
        let (start, end) = (day(self.start[row]), day(self.end[row]));
        let months = (end.year() - start.year()) * 12 + end.month().cast_signed()
            - start.month().cast_signed()
            + 1;
        u32::try_from(months).unwrap_or(0)
    }
}

fn day(days: i32) -> NaiveDate {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a real day");
    match days {
        0.. => epoch + Days::new(u64::from(days.unsigned_abs())),
        _ => epoch - Days::new(u64::from(days.unsigned_abs())),
    }
}
