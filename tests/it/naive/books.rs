//! Dispositions and counting by plain loops: CONTRACT §2 and §4.

use super::check::{Checked, check, names_a_person};
use super::form::Forms;
use super::raw;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A current record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) dataset: String,
    pub(crate) department: String,
    pub(crate) values: BTreeMap<String, String>,
}

impl Record {
    pub(crate) fn get(&self, column: &str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    pub(crate) fn day(&self, column: &str) -> Option<NaiveDate> {
        self.values.get(column)?.parse().ok()
    }

    /// The person: Q18 makes type and number together one person.
    pub(crate) fn person(&self) -> (&str, &str) {
        (self.get("id_type"), self.get("id_number"))
    }

    /// Order of Q28.
    fn order(&self) -> (Option<NaiveDate>, &str, &str) {
        (
            self.day("end_date"),
            &self.department,
            self.get("record_no"),
        )
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) file: String,
    pub(crate) status: &'static str,
    /// Received, new, correction, withdrawal, unchanged, rejected.
    pub(crate) counts: [u64; 6],
    /// Row, rule, column, whether it rejects.
    pub(crate) violations: Vec<(u64, String, String, bool)>,
}

type Key = (String, Vec<String>);

/// Everything received so far.
pub(crate) struct Books {
    pub(crate) forms: Forms,
    /// The state by key: a live record, or `None` for a withdrawn one.
    pub(crate) state: BTreeMap<Key, Option<Record>>,
    seen: HashSet<(String, String, Vec<u8>)>,
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            forms: Forms::read(),
            state: BTreeMap::new(),
            seen: HashSet::new(),
        }
    }

    /// Takes one load of files, in byte order of their names (Q05).
    pub(crate) fn load(&mut self, mut paths: Vec<PathBuf>, today: NaiveDate) -> Vec<Fate> {
        paths.sort_by_key(|path| path.file_name().map(std::ffi::OsStr::to_owned));
        paths.iter().map(|path| self.take(path, today)).collect()
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one file from its name to its fate, told straight on as the contract does"
    )]
    fn take(&mut self, path: &Path, today: NaiveDate) -> Fate {
        let file = path.file_name().expect("a name").to_string_lossy();
        let mut fate = Fate {
            file: file.clone().into_owned(),
            status: "quarantined",
            counts: [0; 6],
            violations: Vec::new(),
        };
        let parts: Vec<&str> = file.split("__").collect();
        // A number of a person in the name: set aside, and hidden but for its last two characters.
        if let Some(number) = parts.iter().find(|part| names_a_person(part)) {
            fate.file = file.replace(&number[..16], &"*".repeat(16));
            return fate;
        }
        let (Some(form), true) = (self.forms.forms.get(parts[0]), parts.len() >= 4) else {
            return fate;
        };
        let department = parts[1].to_owned();
        if self.forms.lists["departments"].code(&department).is_none() {
            return fate;
        }
        // Q03: the same bytes for the same dataset and department.
        let bytes = std::fs::read(path).expect("the file is there");
        let mark = (form.id.clone(), department.clone(), bytes);
        if self.seen.contains(&mark) {
            fate.status = "duplicate";
            return fate;
        }
        let Ok(rows) = raw::read(path, form) else {
            return fate;
        };
        self.seen.insert(mark);
        fate.status = "loaded";
        let checked: Vec<Checked> = rows
            .iter()
            .map(|row| check(row, form, &self.forms, today))
            .collect();
        let key = |row: &Checked| -> Key {
            let mut key: Vec<String> = form
                .key
                .iter()
                .map(|name| row.get(name).to_owned())
                .collect();
            if form.keyed_by_department {
                key.insert(0, department.clone());
            }
            (form.id.clone(), key)
        };
        // Q11: a key with different contents among blank/新增 rows that passed validation.
        let mut contents: HashMap<Key, HashSet<&BTreeMap<String, String>>> = HashMap::new();
        for row in checked
            .iter()
            .filter(|row| !row.rejected() && row.action == "new")
        {
            contents.entry(key(row)).or_default().insert(&row.values);
        }
        for row in &checked {
            let mut faults = row.faults.clone();
            let disposition = if row.rejected() {
                5
            } else {
                let key = key(row);
                let before = self
                    .state
                    .get(&key)
                    .map(|held| held.as_ref().map(|held| &held.values));
                let twice = contents
                    .get(&key)
                    .is_some_and(|contents| contents.len() > 1);
                let answer = match (row.action.as_str(), before) {
                    ("new", _) if twice => Err(("V-KEY", form.key[0].as_str())),
                    ("new", None | Some(None)) => Ok(1),
                    ("new" | "correct", Some(Some(held))) => {
                        Ok(if *held == row.values { 4 } else { 2 })
                    }
                    ("withdraw", Some(Some(_))) => Ok(3),
                    ("withdraw", Some(None)) => Ok(4),
                    _ => Err(("V-ACTION", "action")),
                };
                match answer {
                    Ok(disposition @ (1 | 2)) => {
                        let record = Record {
                            dataset: form.id.clone(),
                            department: department.clone(),
                            values: row.values.clone(),
                        };
                        self.state.insert(key, Some(record));
                        disposition
                    }
                    Ok(3) => {
                        self.state.insert(key, None);
                        3
                    }
                    Ok(other) => other,
                    Err((rule, column)) => {
                        faults.push((rule, column.to_owned(), true));
                        5
                    }
                }
            };
            fate.counts[0] += 1;
            fate.counts[disposition] += 1;
            let listed = faults
                .into_iter()
                .map(|(rule, column, rejects)| (row.row, rule.to_owned(), column, rejects));
            fate.violations.extend(listed);
        }
        fate.violations.sort();
        fate
    }

    /// The current records of a dataset.
    pub(crate) fn current<'a>(&'a self, dataset: &'a str) -> impl Iterator<Item = &'a Record> {
        let live = self.state.values().flatten();
        live.filter(move |record| record.dataset == dataset)
    }

    /// Every current training record with the first reason why it is not counted (Q27–Q32).
    pub(crate) fn counted(&self) -> Vec<(&Record, Option<&'static str>)> {
        let types = &self.forms.lists["training_types"];
        let first_day = NaiveDate::from_ymd_opt(2019, 1, 1).expect("a day");
        let last_day = NaiveDate::from_ymd_opt(2021, 12, 31).expect("a day");
        let mut records: Vec<&Record> = self.current("training").collect();
        records.sort_by_key(|record| record.order());
        let mut before = HashSet::new();
        let mut outcomes = Vec::new();
        for record in records {
            let counts = types
                .code(record.get("training_type"))
                .expect("a listed type");
            let in_period = record
                .day("end_date")
                .is_some_and(|end| first_day <= end && end <= last_day);
            let reason = if record.get("status") != "completed" {
                Some("status")
            } else if counts["counts"] != "yes" {
                Some("type")
            } else if ["FS03", "FS05", "FS08", "FS09"].contains(&record.get("funding_source")) {
                Some("funding")
            } else if !in_period {
                Some("period")
            } else if !record.get("occupation").is_empty()
                && !before.insert((
                    record.person(),
                    record.get("occupation"),
                    record.get("level"),
                ))
            {
                Some("R007")
            } else {
                None
            };
            outcomes.push((record, reason));
        }
        outcomes
    }

    /// Completed work-for-training that exceeds six months per person and employer (Q30), by record number.
    pub(crate) fn over_six_months(&self) -> Vec<String> {
        let mut records: Vec<&Record> = self
            .current("training")
            .filter(|record| {
                record.get("training_type") == "TT09" && record.get("status") == "completed"
            })
            .filter(|record| {
                record
                    .day("end_date")
                    .is_some_and(|end| (2019..=2021).contains(&end.year()))
            })
            .filter(|record| !record.get("employer_uscc").is_empty())
            .collect();
        records.sort_by_key(|record| record.order());
        let mut sums: HashMap<_, i32> = HashMap::new();
        let mut over = Vec::new();
        for record in records {
            let month = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
            let (start, end) = (record.day("start_date"), record.day("end_date"));
            let months = month(end.expect("filtered")) - month(start.expect("required")) + 1;
            let sum = sums
                .entry((record.person(), record.get("employer_uscc")))
                .or_default();
            *sum += months;
            if *sum > 6 {
                over.push(record.get("record_no").to_owned());
            }
        }
        over
    }

    /// The fourth and later counted records of a person in a calendar year (Q29), by record number.
    pub(crate) fn fourth_in_a_year(&self) -> Vec<String> {
        let mut times: HashMap<_, u32> = HashMap::new();
        let mut found = Vec::new();
        // In the order of Q28 already.
        for (record, _) in self.counted().iter().filter(|(_, reason)| reason.is_none()) {
            let year = record.day("end_date").expect("it is counted").year();
            let times = times.entry((record.person(), year)).or_default();
            *times += 1;
            if *times > 3 {
                found.push(record.get("record_no").to_owned());
            }
        }
        found
    }
}
