//! Figures of one project, timed in process: `benches/figures.py` runs it beside its peers on the same Parquet files.
//!
//! `cargo bench --bench figures -- PROJECT` prints one line of JSON per query: milliseconds with nothing held in memory, with the
//! facts held (a request never asked before), and from the cache of answers; the median of several runs each.

use dabiao::app::{App, Today};
use dabiao::indicators::table::Request;
use std::path::PathBuf;
use std::time::Instant;

/// Runs of which the median is told.
const RUNS: usize = 7;

/// Name, indicator and dimensions of every query.
const QUERIES: [(&str, &str, &[&str]); 3] = [
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
        "ratio by division and sector with totals",
        "certification_rate",
        &["division", "sector"],
    ),
];

fn main() {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    let project = PathBuf::from(words.next().expect("a project directory"));
    for (name, indicator, by) in QUERIES {
        let request = |period: Option<&str>| Request {
            indicator: indicator.to_owned(),
            by: by.iter().map(|dimension| (*dimension).to_owned()).collect(),
            period: period.map(str::to_owned),
            ..Request::default()
        };
        let first: Vec<f64> = (0..3)
            .map(|_| time(&open(&project), &request(None)))
            .collect();
        let app = open(&project);
        time(&app, &request(Some("2020")));
        // Every period is a request never asked before.
        let periods = [
            "2019..2021",
            "2019..2021Q4",
            "2019Q1..2021",
            "2019-01..2021",
            "2019H1..2021",
            "2019..2021H2",
            "2019..2021-12",
        ];
        let held: Vec<f64> = periods
            .iter()
            .take(RUNS)
            .map(|period| time(&app, &request(Some(period))))
            .collect();
        let cached: Vec<f64> = (0..RUNS)
            .map(|_| time(&app, &request(Some("2019..2021"))))
            .collect();
        println!(
            "{{\"query\": \"{name}\", \"first\": {:.3}, \"held\": {:.3}, \"cached\": {:.4}}}",
            median(first),
            median(held),
            median(cached)
        );
    }
}

fn open(project: &std::path::Path) -> App {
    App::open(
        project,
        None,
        Today::Day("2021-06-30".parse().expect("a day")),
    )
    .expect("the project opens")
}

/// Milliseconds one request takes.
fn time(app: &App, request: &Request) -> f64 {
    let start = Instant::now();
    let table = app.figures(request, None).expect("the request is answered");
    let time = start.elapsed().as_secs_f64() * 1e3;
    assert!(!table.rows.is_empty());
    time
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
