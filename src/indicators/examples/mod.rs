//! Worked examples beside the indicators (`queries/indicators/ID.examples.toml`): a few records, a request, and the cells it must give.
//!
//! A file holds `[[example]]` tables and, in `[defaults.DATASET]`, the cells of every record that does not give them itself. A column
//! that is given nowhere is blank; a record without `person` is of a person of its own, and one without `record_no` is numbered by
//! its position. What publishing computes (whether a record is counted, the register) is never given, always computed.

mod expected;
mod records;

use super::catalog::Catalog;
use super::definition::INDICATORS;
use super::table::{Request, Table, View};
use crate::programme::definitions::below;
use crate::programme::{Files, Problem, Programme, Text};
use chrono::NaiveDate;
use expected::Expected;
use polars::prelude::DataFrame;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// End of the name of a file of examples, after the indicator's id.
const EXTENSION: &str = ".examples.toml";

/// One worked example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path of its file.
    pub file: String,
    /// Line on which it begins.
    pub line: usize,
    /// What it shows.
    pub title: Text,
    /// The day of the snapshot.
    pub day: NaiveDate,
    /// The records of every table that has some.
    pub tables: BTreeMap<String, DataFrame>,
    /// What is asked.
    pub request: Request,
    expected: Expected,
}

/// Cells of a record or a row, with where they stand.
type Cells = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    defaults: BTreeMap<String, Cells>,
    example: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: Text,
    day: Option<toml::value::Datetime>,
    #[serde(default)]
    by: Vec<String>,
    #[serde(default, rename = "where")]
    filters: BTreeMap<String, Vec<String>>,
    period: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    rows: Vec<Spanned<Cells>>,
    total: Spanned<Cells>,
    #[serde(default)]
    records: BTreeMap<String, Vec<Spanned<Cells>>>,
}

/// Reports the mistakes of one file.
struct Reporter<'a> {
    file: &'a str,
    source: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Reporter<'_> {
    fn at(&mut self, offset: usize, message: Text) {
        let problem = Problem::at_offset(self.file, self.source, Some(offset), message);
        // A default is looked at with every record it fills in.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Reads the examples of all indicators. All problems are returned; an example with a problem is left out. None of them is run.
pub fn parse(
    files: &Files,
    programme: &Programme,
    catalog: &Catalog,
) -> (Vec<Example>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut examples = Vec::new();
    for (path, id, source) in below(files, INDICATORS, EXTENSION) {
        let mut report = Reporter {
            file: path,
            source,
            problems: &mut problems,
        };
        if !files.contains_key(&format!("{INDICATORS}{id}.sql")) {
            let message = Text::new(
                format!("没有指标 {id}"),
                format!("there is no indicator {id}"),
            );
            report.problems.push(Problem::at(path, "", "", message));
            continue;
        }
        // An indicator with a problem of its own was reported; its examples wait.
        let Some(indicator) = catalog.get(id) else {
            continue;
        };
        let file: File = match toml::from_str(source) {
            Ok(file) => file,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                report.at(offset, Text::new(error.message(), error.message()));
                continue;
            }
        };
        for raw in &file.example {
            let before = report.problems.len();
            let example = read(raw, indicator, &file.defaults, programme, &mut report);
            if report.problems.len() == before {
                examples.push(example);
            }
        }
    }
    (examples, problems)
}

fn read(
    raw: &Spanned<Raw>,
    indicator: &super::Indicator,
    defaults: &BTreeMap<String, Cells>,
    programme: &Programme,
    report: &mut Reporter<'_>,
) -> Example {
    let offset = raw.span().start;
    let raw = raw.get_ref();
    let line = Problem::at_offset("", report.source, Some(offset), Text::default()).line;
    let day = raw.day.map(|day| day.to_string().parse());
    if matches!(day, Some(Err(_))) {
        let message = Text::new("day 应为日期", "day must be a date");
        report.at(offset, message);
    }
    Example {
        file: report.file.to_owned(),
        line: line.unwrap_or_default(),
        title: raw.title.clone(),
        day: day
            .and_then(Result::ok)
            .unwrap_or(programme.config.programme.end),
        tables: records::tables(&raw.records, defaults, programme, report),
        request: Request {
            indicator: indicator.id.clone(),
            by: raw.by.clone(),
            filters: raw.filters.clone().into_iter().collect(),
            period: raw.period.clone(),
            scope: raw.scope.clone(),
            compare: vec![],
            view: View::default(),
        },
        expected: Expected::read(raw, indicator.kind, report),
    }
}

impl Example {
    /// A problem at the example.
    pub fn problem(&self, message: &Text) -> Problem {
        Problem {
            file: self.file.clone(),
            line: Some(self.line),
            message: Text::new(
                format!("示例“{}”: {}", self.title.zh, message.zh),
                format!("example \"{}\": {}", self.title.en, message.en),
            ),
        }
    }

    /// Where `table` differs from what is expected: one problem for every cell, with what was found.
    pub fn compare(&self, table: &Table) -> Vec<Problem> {
        let differences = self.expected.compare(table);
        differences
            .iter()
            .map(|message| self.problem(message))
            .collect()
    }
}
