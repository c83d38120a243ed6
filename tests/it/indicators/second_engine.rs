//! Every query, as it stands in its file and as it is composed for the golden questions, gives the same rows on DuckDB as on Polars:
//! the files keep to what engines understand alike (DESIGN §10). Skipped, with the reason, where `python3` has no duckdb.

use super::golden::questions;
use super::loops::time_code;
use super::sample::{Question, ids, published};
use chrono::NaiveDate;
use dabiao::engine;
use dabiao::indicators::{Parts, Selection, TIME_DIMENSIONS, compose};
use dabiao::programme::Period;
use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, IntoLazy, NamedFrom, ParquetWriter, Series,
};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The tables queries read, with the snapshot's day and a calendar of 2018 to 2021.
fn tables() -> BTreeMap<String, DataFrame> {
    let published = published();
    let mut tables: BTreeMap<String, DataFrame> = published
        .tables
        .iter()
        .map(|(name, table)| (name.clone(), table.clone().collect().expect("a table")))
        .collect();
    tables.insert("snapshot".to_owned(), frame(&[published.day], &[]));
    let first = NaiveDate::from_ymd_opt(2018, 1, 1).expect("a day");
    let days: Vec<NaiveDate> = first.iter_days().take(4 * 365 + 1).collect();
    tables.insert("calendar".to_owned(), frame(&days, &TIME_DIMENSIONS));
    tables
}

fn frame(days: &[NaiveDate], times: &[&str]) -> DataFrame {
    let numbers: Vec<i32> = days.iter().map(NaiveDate::to_epoch_days).collect();
    let day = Series::new("day".into(), numbers).cast(&DataType::Date);
    let mut columns = vec![Column::from(day.expect("days"))];
    columns.extend(times.iter().map(|name| {
        let codes: Vec<String> = days.iter().map(|day| time_code(*day, name)).collect();
        Column::from(Series::new((*name).into(), codes))
    }));
    DataFrame::new(days.len(), columns).expect("columns of one length")
}

/// What is composed for a question: its breakdown and its total, or the facts that decide a stock.
fn composed(question: &Question) -> Vec<String> {
    let published = published();
    let indicator = published
        .catalog
        .get(question.indicator)
        .expect("it is there");
    let period = Period::parse(question.period).expect("a period");
    let column = |name: &str| match name {
        "group" => "primary_group".to_owned(),
        other => other.to_owned(),
    };
    let is_time = |name: &str| TIME_DIMENSIONS.contains(&name);
    let flow = indicator.parts == Parts::Flow;
    let wanted = |name: &&&str| flow || !is_time(name);
    let by = question.by.iter().filter(wanted).map(|name| column(name));
    let by: Vec<String> = by.collect();
    let filters = question
        .filters
        .iter()
        .filter(|(name, _)| flow || !is_time(name));
    let filters = filters.map(|(name, codes)| {
        let codes = codes.iter().map(|code| match *code {
            "unknown" => String::new(),
            code => code.to_owned(),
        });
        (column(name), codes.collect())
    });
    let named = || {
        question
            .by
            .iter()
            .chain(question.filters.iter().map(|(name, _)| name))
    };
    let dimensions = published
        .catalog
        .dimensions(&published.programme, question.indicator);
    let scope = published
        .programme
        .scope(Some(question.scope))
        .expect("a scope");
    let all = Selection {
        from: flow.then(|| period.start()),
        to: Some(period.end()),
        filters: filters.collect(),
        scope: dimensions
            .contains(&"division")
            .then(|| scope.units.clone()),
        calendar: flow && named().any(|name| is_time(name)),
        ..Selection::default()
    };
    let by = match indicator.parts {
        Parts::Flow => by,
        Parts::Events => [vec!["date".to_owned()], by].concat(),
        Parts::Stock => vec![],
    };
    let broken_down = Selection { by, ..all.clone() };
    [all, broken_down]
        .iter()
        .map(|selection| compose(indicator, selection))
        .collect()
}

/// A row as texts; what no rows add up to is 0 in one engine and nothing in the other.
type Row = Vec<Option<String>>;

fn normal(cell: Option<String>, column: &str) -> Option<String> {
    let measure = ["value", "numerator", "denominator"].contains(&column);
    let Some(text) = cell else {
        return measure.then(|| "0".to_owned());
    };
    if !measure || !text.contains('.') {
        return Some(text);
    }
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

fn here(tables: &BTreeMap<String, DataFrame>, sql: &str) -> Vec<Row> {
    let tables = tables
        .iter()
        .map(|(name, table)| (name.clone(), table.clone().lazy()));
    let frame = engine::run(tables, sql).expect("a query of a file");
    let rows = 0..frame.height();
    rows.map(|row| {
        let columns = frame.columns().iter();
        let cells = columns.map(|column| {
            let text = match column.get(row).expect("a cell") {
                AnyValue::Null => None,
                AnyValue::Date(days) => NaiveDate::from_epoch_days(days).map(|day| day.to_string()),
                other => Some(other.str_value().into_owned()),
            };
            normal(text, column.name())
        });
        cells.collect()
    })
    .collect()
}

fn there(
    folder: &Path,
    tables: &BTreeMap<String, DataFrame>,
    queries: &[String],
) -> Vec<Result<Vec<Row>, String>> {
    let mut paths = BTreeMap::new();
    for (name, table) in tables {
        let path = folder.join(format!("{name}.parquet"));
        let file = std::fs::File::create(&path).expect("a file");
        ParquetWriter::new(file)
            .finish(&mut table.clone())
            .expect("a table");
        paths.insert(name, path);
    }
    let asked = serde_json::json!({ "tables": paths, "queries": queries });
    let mut child = Command::new("python3")
        .arg(Path::new(crate::support::ROOT).join("tests/it/indicators/second_engine.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut stdin = child.stdin.take().expect("it was piped");
    stdin
        .write_all(asked.to_string().as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{:?}", output.status);
    let answers: Vec<Answer> = serde_json::from_slice(&output.stdout).expect("answers");
    let answers = answers.into_iter();
    answers
        .map(|answer| match answer {
            Answer::Error { error } => Err(error),
            Answer::Rows { columns, rows } => Ok(rows
                .into_iter()
                .map(|row| {
                    row.into_iter()
                        .zip(&columns)
                        .map(|(cell, name)| normal(cell, name))
                        .collect()
                })
                .collect()),
        })
        .collect()
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Answer {
    Error {
        error: String,
    },
    Rows {
        columns: Vec<String>,
        rows: Vec<Row>,
    },
}

#[test]
fn a_second_engine_gives_the_same_rows() {
    let found = Command::new("python3")
        .args(["-c", "import duckdb"])
        .output();
    if !found.is_ok_and(|found| found.status.success()) {
        eprintln!("skipped: python3 cannot import duckdb");
        return;
    }
    let mut queries = Vec::new();
    for id in ids() {
        queries.push(
            published()
                .catalog
                .get(id)
                .expect("it is there")
                .facts
                .to_string(),
        );
        queries.extend(questions(id).iter().flat_map(composed));
    }
    queries.sort();
    queries.dedup();
    let tables = tables();
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for (sql, there) in queries.iter().zip(there(folder.path(), &tables, &queries)) {
        let mut here = here(&tables, sql);
        here.sort();
        rows += here.len();
        let there = there.map(|mut rows| {
            rows.sort();
            rows
        });
        if there.as_ref() != Ok(&here) {
            wrong.push(format!("{sql}\n  Polars {here:?}\n  DuckDB {there:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        queries.len(),
        wrong.join("\n")
    );
    eprintln!("{} queries, {rows} rows", queries.len());
    assert!(
        queries.len() > 500 && rows > 5000,
        "{} queries, {rows} rows",
        queries.len()
    );
}
