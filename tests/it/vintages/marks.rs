//! 初步数 `[p]` and 修订数 `[r]`.

use super::history::workforce;
use super::{History, Night};
use crate::support::Row;
use dabiao::app::App;
use dabiao::indicators::table::{Request, Table};
use std::sync::Arc;

fn asked(app: &App, indicator: &str, by: &[&str], period: &str, as_of: Option<&str>) -> Arc<Table> {
    let request = Request {
        indicator: indicator.to_owned(),
        by: by.iter().map(|by| (*by).to_owned()).collect(),
        period: Some(period.to_owned()),
        ..Request::default()
    };
    app.figures(&request, as_of).expect("a figure")
}

/// `code mark` of every row, then the total.
fn marks(table: &Table) -> Vec<String> {
    let rows = table.rows.iter().chain([&table.totals]);
    rows.map(|row| {
        format!("{} {}", row.codes.join("|"), row.mark)
            .trim()
            .to_owned()
    })
    .collect()
}

fn row(number: u32, end: &str) -> Row {
    Row {
        start: "2020-03-02".to_owned(),
        end: end.to_owned(),
        ..Row::new(number)
    }
}

fn load(history: &mut History, day: &str, rows: &[Row]) -> String {
    history.load(&Night {
        day,
        training: rows,
        others: &[],
    })
}

#[test]
fn figures_are_provisional_until_their_period_is_closed() {
    let mut history = History::new();
    let rows = [
        row(1, "2020-04-30"),
        row(2, "2020-05-10"),
        row(3, "2020-05-11"),
    ];
    // April is closed on 15 May, May on 15 June.
    let may = load(&mut history, "2020-05-14", &rows);
    let app = history.app("2020-05-14");
    let by_month = asked(&app, "trained_person_times", &["month"], "2020", None);
    assert_eq!(marks(&by_month), ["2020-04 [p]", "2020-05 [p]", "[p]"]);
    load(&mut history, "2020-05-15", &[row(4, "2020-05-12")]);
    let app = history.app("2020-05-15");
    let of = |by: &[&str], period: &str, as_of: Option<&str>| {
        marks(&asked(&app, "trained_person_times", by, period, as_of))
    };
    // Rows go by their own period, the total by that of the whole; what several dimensions name goes by the shortest.
    assert_eq!(
        of(&["month"], "2020", None),
        ["2020-04", "2020-05 [p]", "[p]"]
    );
    assert_eq!(
        of(&["quarter", "month"], "2020", None),
        ["2020Q2|2020-04", "2020Q2|2020-05 [p]", "[p]"]
    );
    // The ministry counts a month from the 21st: 30 April belongs to that of May, which ends on the 20th.
    assert_eq!(of(&["stat_month"], "2020", None), ["2020-05 [p]", "[p]"]);
    assert_eq!(of(&["division"], "2020-04", None), ["220102", ""]);
    assert_eq!(of(&["division"], "2020-05", None), ["220102 [p]", "[p]"]);
    // The elapsed part of a year is closed with its last month.
    assert_eq!(of(&[], "ytd:2020-04", None), ["", ""]);
    // As known a day earlier April was open.
    assert_eq!(of(&[], "2020-04", Some(&may)), ["[p]", "[p]"]);
    // A filter on time makes the total one of that time.
    let filtered = Request {
        indicator: "trained_person_times".to_owned(),
        filters: vec![("month".to_owned(), vec!["2020-04".to_owned()])],
        period: Some("2020".to_owned()),
        ..Request::default()
    };
    assert_eq!(marks(&app.figures(&filtered, None).unwrap()), ["", ""]);
    // Another project decides otherwise.
    history.edit("dabiao.toml", |toml| {
        toml.replace("provisional_days = 15", "provisional_days = 16")
    });
    load(&mut history, "2020-05-16", &[row(5, "2020-05-12")]);
    let app = history.app("2020-05-16");
    assert_eq!(
        marks(&asked(&app, "trained_person_times", &[], "2020-04", None)),
        ["", ""]
    );
    assert_eq!(
        marks(&asked(
            &app,
            "trained_person_times",
            &[],
            "2020-04",
            Some("2020-05-15")
        )),
        ["", ""],
        "15 days by the definitions of the day before"
    );
}

#[test]
fn a_stock_reported_inside_the_period_is_not_provisional() {
    let mut history = History::new();
    let text = workforce(&[
        ("2019-12-31", "220102", 100, 10),
        ("2020-03-31", "220103", 50, 5),
    ]);
    history.load(&Night {
        day: "2020-04-02",
        training: &[],
        others: &[("workforce__DP01__ALL__2020.csv", text)],
    });
    let app = history.app("2020-04-02");
    let table = asked(&app, "t_employed", &["division"], "2020", None);
    // 南关区 is carried forward from the year before: an estimate, and the period is open.
    assert_eq!(marks(&table), ["220102 [p][e]", "220103", "[p][e]"]);
    // Before the period is closed the last month is reported for its own day.
    let table = asked(&app, "t_employed", &["division"], "2020-03", None);
    assert_eq!(marks(&table), ["220102 [p][e]", "220103", "[p][e]"]);
}

#[test]
fn a_figure_that_was_published_otherwise_is_revised() {
    let mut history = History::new();
    let may: Vec<Row> = (1..=3).map(|number| row(number, "2020-05-10")).collect();
    load(&mut history, "2020-05-20", &may[..2]);
    // May is closed on 15 June; 16 June is the first to publish it.
    let published = load(&mut history, "2020-06-16", &may[2..]);
    let other = Row {
        division: "220103".to_owned(),
        ..row(4, "2020-04-10")
    };
    let late = load(&mut history, "2020-06-20", &[other]);
    let of = |history: &History, by: &[&str], period: &str, as_of: Option<&str>| {
        let app = history.app("2020-07-20");
        marks(&asked(&app, "trained_person_times", by, period, as_of))
    };
    // May as it was; April has one record more than the snapshots of 20 May and later said.
    assert_eq!(
        of(&history, &["month"], "2020", None),
        ["2020-04 [r]", "2020-05", "[p]"]
    );
    assert_eq!(
        of(&history, &["division"], "2020-04", None),
        ["220103 [r]", "[r]"]
    );
    assert_eq!(
        of(&history, &["month"], "2020-05", Some(&published)),
        ["2020-05", ""]
    );
    // A correction that moves a record between units revises both units and not the city.
    let moved = Row {
        action: "更正",
        division: "220103".to_owned(),
        ..row(3, "2020-05-10")
    };
    load(&mut history, "2020-06-21", &[moved]);
    assert_eq!(
        of(&history, &["division"], "2020-05", None),
        ["220102 [r]", "220103 [r]", ""]
    );
    // Back again: what was published stands.
    let back = Row {
        action: "更正",
        ..row(3, "2020-05-10")
    };
    load(&mut history, "2020-06-22", &[back]);
    assert_eq!(of(&history, &["division"], "2020-05", None), ["220102", ""]);
    assert_eq!(
        of(&history, &["month"], "2020-04", Some(&late)),
        ["2020-04 [r]", "[r]"]
    );
    // Another definition says otherwise of the same records, and is compared with what was said.
    history.edit("queries/indicators/trained_person_times.sql", |sql| {
        sql.replace("WHERE counted", "WHERE counted AND level = 'L4'")
    });
    load(&mut history, "2020-06-23", &[row(6, "2020-06-01")]);
    assert_eq!(of(&history, &[], "2020-05", None), ["[r]", "[r]"]);
    // A snapshot that is gone says nothing.
    history.edit("dabiao.toml", |toml| {
        toml.replace("snapshot_days = 0", "snapshot_days = 30")
    });
    let removed = history.app("2020-07-20").retain(false).expect("retired");
    assert!(removed.snapshots.iter().any(|id| id.as_str() == published));
    assert_eq!(of(&history, &[], "2020-05", None), ["", ""]);
}
