//! The expected table of every indicator and request over the samples, checked in as `tests/it/golden/INDICATOR.csv`.
//!
//! `DABIAO_BLESS=1 cargo test golden` writes them anew; what changed then stands in the diff of the commit. That the tables are
//! right is shown by the cases worked by hand here, by the naive implementation (`naive`) and by the loops beside this file.

use super::sample::{Question, cell, dimensions, ids};
use crate::support::ROOT;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HEADER: &str = "scope,period,where,by,cell,value,numerator,denominator,mark\n";

fn file(id: &str) -> PathBuf {
    Path::new(ROOT).join(format!("tests/it/golden/{id}.csv"))
}

/// The questions of an indicator: by every dimension, some by two and three, in periods of every form, filtered, in both scopes.
pub(super) fn questions(id: &'static str) -> Vec<Question> {
    let dimensions = dimensions(id);
    let has = |name: &str| dimensions.contains(&name);
    let all = Question::of(id);
    let mut questions = vec![all.clone(), all.clone().scope("CC2019")];
    questions.extend(dimensions.iter().map(|name| all.clone().by(&[name])));
    for period in [
        "2019",
        "2020H2",
        "2020Q4",
        "2020-09",
        "ytd:2021-05",
        "2018..2020",
    ] {
        questions.push(all.clone().period(period));
        if has("division") {
            questions.push(all.clone().by(&["division"]).period(period).scope("CC2019"));
        }
    }
    let several: [&[&'static str]; 6] = [
        &["division", "quarter"],
        &["level", "sex"],
        &["group", "training_type", "year"],
        &["sector", "month"],
        &["department", "half"],
        &["delivery", "division"],
    ];
    for by in several {
        if by.iter().all(|name| has(name)) {
            questions.push(all.clone().by(by));
        }
    }
    let filters: [(&'static str, &[&'static str]); 6] = [
        ("division", &["220102", "220184"]),
        ("sector", &["unknown"]),
        ("delivery", &["TM03", "unknown"]),
        ("sex", &["female"]),
        ("quarter", &["2020Q4", "2021Q1"]),
        ("level", &["L3", "L2"]),
    ];
    for (name, codes) in filters {
        if has(name) {
            questions.push(all.clone().filter(name, codes));
            questions.push(all.clone().filter(name, codes).by(&["year"]));
        }
    }
    questions
}

fn table(id: &'static str) -> String {
    let mut text = HEADER.to_owned();
    for question in questions(id) {
        let answer = question.answer();
        let filters = question.filters.iter();
        let filters: Vec<String> = filters
            .map(|(name, codes)| format!("{name}={}", codes.join("|")))
            .collect();
        let head = [question.scope, question.period, &filters.join(";")].join(",");
        let by = question.by.join("|");
        // Without dimensions the only row is the total.
        let rows = match question.by.is_empty() {
            true => &[][..],
            false => &answer.rows,
        };
        for row in rows {
            let codes = row.codes.join("|");
            writeln!(text, "{head},{by},{codes},{}", cell(row).join(",")).expect("a text");
        }
        let total = cell(&answer.totals).join(",");
        writeln!(text, "{head},{by},total,{total}").expect("a text");
    }
    text
}

/// Lines that are only in one of two texts, as a reader wants them: what was expected, then what was found.
fn difference(expected: &str, found: &str) -> String {
    let only = |these: &str, those: &str, sign: char| {
        let lines = these
            .lines()
            .filter(|line| !those.lines().any(|other| other == *line));
        let lines: Vec<String> = lines.map(|line| format!("{sign} {line}")).collect();
        lines.join("\n")
    };
    format!(
        "{}\n{}",
        only(expected, found, '-'),
        only(found, expected, '+')
    )
}

#[test]
fn every_answer_is_the_one_that_was_checked_in() {
    let bless = std::env::var_os("DABIAO_BLESS").is_some();
    let mut wrong = Vec::new();
    for id in ids() {
        let found = table(id);
        if bless {
            std::fs::write(file(id), &found).expect("the table can be written");
            continue;
        }
        let expected = std::fs::read_to_string(file(id)).unwrap_or_default();
        if expected != found {
            wrong.push(format!("{id}\n{}", difference(&expected, &found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nDABIAO_BLESS=1 takes these answers over",
        wrong.join("\n\n")
    );
}

#[test]
fn there_is_a_table_for_every_indicator_and_no_other() {
    let folder = std::fs::read_dir(Path::new(ROOT).join("tests/it/golden")).expect("the tables");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut wanted: Vec<PathBuf> = ids().into_iter().map(file).collect();
    wanted.sort();
    assert_eq!(files, wanted);
}
