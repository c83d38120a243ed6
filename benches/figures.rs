//! Figures of one project, timed in process: `benches/figures.py` runs it beside its peers on the same Parquet files.
//!
//! `cargo bench --bench figures -- PROJECT` prints one line of JSON per query: milliseconds with nothing held in memory, with the
//! facts held (a request never asked before), and from the cache of answers, the median of several runs each; and the numbers the
//! answer comes to, by which it is compared with the peers'. With `--bridge` it asks for the bridge between the two newest snapshots
//! instead.

use dabiao::app::{App, Today};
use dabiao::counting::COLUMNS;
use dabiao::engine::schema::COUNTED_DATASET;
use dabiao::indicators::table::Request;
use dabiao::load::derive;
use polars::prelude::col;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs of which the median is told.
const RUNS: usize = 7;

/// Every one names the days of the programme, and is a request never asked before.
const PERIODS: [&str; RUNS] = [
    "2019..2021",
    "2019..2021Q4",
    "2019Q1..2021",
    "2019-01..2021",
    "2019H1..2021",
    "2019..2021H2",
    "2019..2021-12",
];

/// Name, indicator and dimensions of every query. That of a person's records for one occupation and level only the first counts was
/// decided by the load (R007), so that it is a count of what stands in the table.
const QUERIES: [(&str, &str, &[&str]); 4] = [
    (
        "count by division and month",
        "trained_person_times",
        &["division", "month"],
    ),
    (
        "distinct persons by division and sector",
        "trained_persons",
        &["division", "sector"],
    ),
    (
        "first of person, occupation and level, by both",
        "trained_person_times",
        &["occupation", "level"],
    ),
    (
        "ratio by division and sector with totals",
        "certification_rate",
        &["division", "sector"],
    ),
];
const DECIDED: &str = "the same decided anew, with all counting rules";
const BRIDGE: &str = "revision bridge of two snapshots by division";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let project = words.iter().find(|word| !word.starts_with("--"));
    let project = PathBuf::from(project.expect("a project directory"));
    match words.iter().any(|word| word == "--bridge") {
        true => bridge(&project),
        false => {
            for query in QUERIES {
                figures(&project, query);
            }
            decided(&project);
        }
    }
}

fn figures(project: &Path, (name, indicator, by): (&str, &str, &[&str])) {
    let request = |period: Option<&str>| Request {
        indicator: indicator.to_owned(),
        by: by.iter().map(|dimension| (*dimension).to_owned()).collect(),
        period: period.map(str::to_owned),
        ..Request::default()
    };
    let ask = |app: &App, request: &Request| {
        let table = app.figures(request, None).expect("the request is answered");
        assert!(!table.rows.is_empty());
        let totals = &table.totals;
        match (totals.numerator, totals.denominator) {
            (Some(numerator), Some(denominator)) => format!("[{numerator}, {denominator}]"),
            _ => format!("[{}]", totals.value.expect("a total")),
        }
    };
    let first = median(3, |_| {
        let app = open(project);
        time(|| ask(&app, &request(None))).0
    });
    let app = open(project);
    ask(&app, &request(Some("2020..2021")));
    let held = median(RUNS, |run| {
        time(|| ask(&app, &request(Some(PERIODS[run])))).0
    });
    let cached = median(RUNS, |_| time(|| ask(&app, &request(Some(PERIODS[0])))).0);
    let total = ask(&app, &request(Some(PERIODS[0])));
    tell(name, Some(first), Some(held), Some(cached), &total);
}

/// The counting pass of a load over the whole published table, its columns read from the files: R007 and every rule before and
/// after it.
fn decided(project: &Path) {
    let app = open(project);
    let snapshot = app.snapshot(None).expect("a snapshot");
    let scope = app.programme().scope(None).expect("a scope");
    let pass = || {
        let wanted = COLUMNS.iter().chain(&["division"]);
        let columns: Vec<_> = wanted.map(|name| col(*name)).collect();
        let records = snapshot.scan(COUNTED_DATASET).expect("a table");
        let records = records.select(columns).collect().expect("its columns");
        let mut tables = BTreeMap::from([(COUNTED_DATASET.to_owned(), records)]);
        derive(&mut tables, app.programme()).expect("it is counted");
        let table = &tables[COUNTED_DATASET];
        let (counted, division) = (table.column("counted"), table.column("division"));
        let counted = counted.and_then(|column| column.bool()).expect("flags");
        let division = division.and_then(|column| column.str()).expect("codes");
        let inside = counted
            .iter()
            .zip(division.iter())
            .filter(|(counted, division)| {
                *counted == Some(true)
                    && division.is_some_and(|unit| scope.units.iter().any(|known| known == unit))
            });
        inside.count()
    };
    let counted = pass();
    let first = median(3, |_| time(pass).0);
    tell(DECIDED, Some(first), None, None, &format!("[{counted}]"));
}

fn bridge(project: &Path) {
    let ends = open(project).lake().snapshots().expect("the snapshots");
    let [.., from, to] = &ends[..] else {
        panic!("two snapshots");
    };
    let indicators = ["trained_person_times".to_owned()];
    let ask = |app: &App, period: &str| {
        let selection = Request {
            by: vec!["division".to_owned()],
            period: Some(period.to_owned()),
            ..Request::default()
        };
        let told = app.diff(from.id.as_str(), to.id.as_str(), &indicators, &selection);
        told.expect("a bridge").bridges.remove(0)
    };
    let first = median(3, |_| {
        let app = open(project);
        time(|| ask(&app, PERIODS[0])).0
    });
    let app = open(project);
    ask(&app, "2020..2021");
    let held = median(RUNS, |run| time(|| ask(&app, PERIODS[run])).0);
    let cached = median(RUNS, |_| time(|| ask(&app, PERIODS[0])).0);
    let parts = dabiao::analysis::bridge::Step::TOLD.map(|step| {
        let totals = &ask(&app, PERIODS[0]).totals;
        totals.part(step).to_string()
    });
    let total = format!("[{}]", parts[..6].join(", "));
    tell(BRIDGE, Some(first), Some(held), Some(cached), &total);
}

fn open(project: &Path) -> App {
    let today = Today::Day("2021-06-30".parse().expect("a day"));
    App::open(project, None, today).expect("the project opens")
}

/// Milliseconds that some work takes, and what it gives.
fn time<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed().as_secs_f64() * 1e3, done)
}

fn median(runs: usize, time: impl FnMut(usize) -> f64) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(time).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn tell(name: &str, first: Option<f64>, held: Option<f64>, cached: Option<f64>, total: &str) {
    let number = |time: Option<f64>| time.map_or("null".to_owned(), |time| format!("{time:.4}"));
    println!(
        "{{\"query\": \"{name}\", \"first\": {}, \"held\": {}, \"cached\": {}, \"total\": {total}}}",
        number(first),
        number(held),
        number(cached)
    );
}
