//! One published issue as rows, and the submission that makes the lake say what the issue says.

use polars::prelude::{Column, DataFrame, ParquetReader, ParquetWriter, PolarsResult, SerReader};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What the datasets call a row: provider, learner's home district, district of delivery.
pub(super) type Key = [String; 3];
/// Starts, enrolments, achievements.
pub(super) type Counts = [i64; 3];
/// Learners' home districts.
pub(super) type Homes = BTreeSet<String>;
/// The indicators of the counts.
pub(super) const MEASURES: [&str; 3] = ["starts", "enrolments", "achievements"];

/// The rows of one academic year in one issue.
pub(super) struct Vintage {
    /// The year as the issue labels it, e.g. `2024/25 (Aug to Jan)`.
    pub(super) label: String,
    /// In the order of the file.
    pub(super) rows: Vec<(Key, Counts)>,
}

/// The folder of the issues, where the material shared beside the repository is present.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = Path::new(crate::support::ROOT).join("../shared/data/england_apprenticeships");
    let there = folder.is_dir();
    if !there {
        println!("skipped: {} is not there", folder.display());
    }
    there.then_some(folder)
}

impl Vintage {
    /// The rows of `year` in an issue; those of some home districts where these are named.
    pub(super) fn read(folder: &Path, issue: &str, year: &str, homes: Option<&Homes>) -> Self {
        let path = folder.join(format!("{issue}_lad_map_data_0.parquet"));
        let frame = ParquetReader::new(File::open(path).expect("an issue"))
            .finish()
            .expect("a Parquet file");
        Self::of(&frame, year, homes).expect("the columns are there")
    }

    fn of(frame: &DataFrame, year: &str, homes: Option<&Homes>) -> PolarsResult<Self> {
        let text = |name: &str| frame.column(name).and_then(|column| column.str());
        let [years, provider, home, delivery] = [
            text("year")?,
            text("provider_name")?,
            text("learner_home_lad")?,
            text("delivery_lad")?,
        ];
        let mut counts = Vec::new();
        for measure in MEASURES {
            counts.push(frame.column(measure)?.i32()?);
        }
        let mut vintage = Self {
            label: String::new(),
            rows: Vec::new(),
        };
        for row in 0..frame.height() {
            let Some(label) = years.get(row).filter(|label| label.starts_with(year)) else {
                continue;
            };
            let asked = |home: &str| homes.is_none_or(|homes| homes.contains(home));
            if !home.get(row).is_some_and(asked) {
                continue;
            }
            if vintage.label.is_empty() {
                label.clone_into(&mut vintage.label);
            }
            let named = |column: &polars::prelude::StringChunked| {
                column.get(row).expect("no blank names").to_owned()
            };
            let count = |at: usize| i64::from(counts[at].get(row).expect("no blank counts"));
            let key = [named(provider), named(home), named(delivery)];
            vintage.rows.push((key, [count(0), count(1), count(2)]));
        }
        Ok(vintage)
    }

    /// The ten home districts with the most starts.
    pub(super) fn largest(&self) -> Homes {
        let mut homes: Vec<(&str, Counts)> = self.by_home().into_iter().collect();
        homes.sort_by_key(|(home, counts)| (Reverse(counts[0]), *home));
        let ten = homes.iter().take(10);
        ten.map(|(home, _)| (*home).to_owned()).collect()
    }

    /// The sums of all counts.
    pub(super) fn totals(&self) -> Counts {
        sum(self.rows.iter().map(|(_, counts)| counts))
    }

    /// The sums of all counts by the learner's home district.
    pub(super) fn by_home(&self) -> BTreeMap<&str, Counts> {
        let mut homes: BTreeMap<&str, Counts> = BTreeMap::new();
        for ([_, home, _], counts) in &self.rows {
            let sums = homes.entry(home).or_default();
            *sums = sum([&*sums, counts]);
        }
        homes
    }
}

/// Counts added up.
pub(super) fn sum<'a>(counts: impl IntoIterator<Item = &'a Counts>) -> Counts {
    counts.into_iter().fold([0; 3], |sums, counts| {
        std::array::from_fn(|at| sums[at] + counts[at])
    })
}

/// What the lake holds of an academic year, and how it came from one issue to the next.
#[derive(Default)]
pub(super) struct Held {
    rows: HashMap<Key, Counts>,
}

/// How an issue differs from what was held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Rows and counts that were not held.
    pub(super) new: (u64, Counts),
    /// Rows held with other counts, and the change of these.
    pub(super) corrected: (u64, Counts),
    /// Rows held as they are.
    pub(super) unchanged: u64,
}

impl Held {
    /// Takes an issue in: writes it as a submission, with a row of zeros for every row the issue no longer has, since a dataset
    /// without an action has no withdrawals.
    pub(super) fn take(&mut self, issue: &Vintage, submission: &Path) -> Difference {
        let mut rows = issue.rows.clone();
        let stated: HashSet<&Key> = issue.rows.iter().map(|(key, _)| key).collect();
        let mut gone: Vec<Key> = self
            .rows
            .iter()
            .filter(|(key, counts)| **counts != [0; 3] && !stated.contains(key))
            .map(|(key, _)| key.clone())
            .collect();
        gone.sort();
        rows.extend(gone.into_iter().map(|key| (key, [0; 3])));
        let mut difference = Difference::default();
        for (key, counts) in &rows {
            match self.rows.insert(key.clone(), *counts) {
                None => {
                    difference.new.0 += 1;
                    difference.new.1 = sum([&difference.new.1, counts]);
                }
                Some(held) if held == *counts => difference.unchanged += 1,
                Some(held) => {
                    let change = std::array::from_fn(|at| counts[at] - held[at]);
                    difference.corrected.0 += 1;
                    difference.corrected.1 = sum([&difference.corrected.1, &change]);
                }
            }
        }
        write(&issue.label, &rows, submission).expect("a Parquet file can be written");
        difference
    }
}

fn write(label: &str, rows: &[(Key, Counts)], path: &Path) -> PolarsResult<()> {
    let names = ["provider_name", "learner_home_lad", "delivery_lad"];
    let mut columns = vec![Column::new("year".into(), vec![label; rows.len()])];
    for (at, name) in names.into_iter().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|(key, _)| key[at].as_str()).collect();
        columns.push(Column::new(name.into(), cells));
    }
    for (at, name) in MEASURES.into_iter().enumerate() {
        let cells: Vec<i64> = rows.iter().map(|(_, counts)| counts[at]).collect();
        columns.push(Column::new(name.into(), cells));
    }
    let mut frame = DataFrame::new(rows.len(), columns)?;
    ParquetWriter::new(File::create(path)?).finish(&mut frame)?;
    Ok(())
}
