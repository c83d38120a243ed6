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

/// One column of many records.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    /// The same text in every record.
    One(&'a str),
    /// Places in `words`, then in `more`; a place beyond both is empty.
    Words {
        /// The places.
        ids: &'a [u32],
        /// Words.
        words: &'a [String],
        /// Further words.
        more: &'a [String],
    },
    /// A text by its row.
    Texts(&'a dyn Fn(usize) -> &'a str),
}

impl Interner {
    /// Adds the values in some rows of a column.
    fn extend(&mut self, column: Column<'_>, rows: &[usize]) {
        match column {
            Column::One(text) => rows.iter().for_each(|_| self.push(text)),
            Column::Texts(text) => rows.iter().for_each(|row| self.push(text(*row))),
            Column::Words { ids, words, more } => {
                // Every word is looked up once, not once per record.
                let word = |id: usize| words.get(id).or_else(|| more.get(id - words.len()));
                let mut known = vec![None; words.len() + more.len() + 1];
                for row in rows {
                    let place = (ids[*row] as usize).min(known.len() - 1);
                    let id = match known[place] {
                        Some(id) => id,
                        None => *known[place]
                            .insert(self.intern(word(place).map_or("", String::as_str))),
                    };
                    self.ids.push(id);
                }
            }
        }
    }

    fn intern(&mut self, text: &str) -> u32 {
        self.push(text);
        self.ids.pop().expect("it was just pushed")
    }

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

    fn column(&self) -> Column<'_> {
        Column::Words {
            ids: &self.ids,
            words: &self.values,
            more: &[],
        }
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
    pub(super) person: Vec<u128>,
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

/// Many records, column by column.
pub struct Many<'a> {
    /// Person of each record that is taken, in order.
    pub persons: Vec<u128>,
    /// Start dates of all rows in days since 1970-01-01.
    pub start: &'a [i32],
    /// End dates of all rows; the least number where a record is open.
    pub end: &'a [i32],
    /// Record numbers by row.
    pub record_no: &'a dyn Fn(usize) -> &'a str,
    /// Departments.
    pub department: Column<'a>,
    /// Statuses.
    pub status: Column<'a>,
    /// Training types.
    pub training_type: Column<'a>,
    /// Funding sources.
    pub funding_source: Column<'a>,
    /// Employers.
    pub employer: Column<'a>,
    /// Occupations.
    pub occupation: Column<'a>,
    /// Levels.
    pub level: Column<'a>,
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
        self.person.push(record.person);
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

    /// Adds many records at once, column by column: those in `rows` of the columns.
    pub fn extend(&mut self, rows: &[usize], many: &Many<'_>) {
        self.person.extend_from_slice(&many.persons);
        self.start.extend(rows.iter().map(|row| many.start[*row]));
        self.end.extend(rows.iter().map(|row| many.end[*row]));
        for (interner, column) in [
            (&mut self.department, many.department),
            (&mut self.status, many.status),
            (&mut self.training_type, many.training_type),
            (&mut self.funding_source, many.funding_source),
            (&mut self.employer, many.employer),
            (&mut self.occupation, many.occupation),
            (&mut self.level, many.level),
        ] {
            interner.extend(column, rows);
        }
        for row in rows {
            self.record_no.push_str((many.record_no)(*row));
            let end = u32::try_from(self.record_no.len()).expect("record numbers fit in 4 GiB");
            self.record_no_ends.push(end);
        }
    }

    /// Adds the records of another.
    pub fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let rows: Vec<usize> = (0..other.len()).collect();
        self.extend(
            &rows,
            &Many {
                persons: other.person.clone(),
                start: &other.start,
                end: &other.end,
                record_no: &|row| other.record_no(row),
                department: other.department.column(),
                status: other.status.column(),
                training_type: other.training_type.column(),
                funding_source: other.funding_source.column(),
                employer: other.employer.column(),
                occupation: other.occupation.column(),
                level: other.level.column(),
            },
        );
    }

    /// The person of every record.
    pub fn persons(&self) -> &[u128] {
        &self.person
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

    /// Rows in groups that hold all records of a person: where each group begins (and, last, where the last ends), and the rows.
    /// A group holds a few persons. Ids are random, so their first bits divide the records evenly.
    pub(super) fn by_person(&self) -> (Vec<u32>, Vec<u32>) {
        let bits = (self.len() / 2).max(1).ilog2();
        let group = |person: u128| usize::try_from((person >> 64) >> (64 - bits)).unwrap_or(0);
        let mut ends = vec![0; (1 << bits) + 1];
        for person in &self.person {
            ends[group(*person)] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut rows = vec![0; self.len()];
        for (row, person) in self.person.iter().enumerate() {
            // Every end moves down to its group's beginning.
            let end = &mut ends[group(*person)];
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
