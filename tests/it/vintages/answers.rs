//! The same answer on every way: the bridge as the server and the command line tell it and the figures at both its ends; and the
//! answers of an older snapshot, byte for byte, whatever was loaded since.

use super::history::workforce;
use super::laws::{exact, lines};
use super::{History, Night, PARTS};
use crate::server::get;
use crate::support::{Row, array, dabiao, text};
use axum::http::{StatusCode, header};
use dabiao::app::App;
use dabiao::programme::Decimal;
use serde_json::Value;
use std::ffi::OsStr;

/// The number-th record, with the division, level and end that follow from its number.
fn record(number: u32) -> Row {
    Row {
        division: ["220102", "220103", "220182"][number as usize % 3].to_owned(),
        level: ["初级工", "中级工", "无等级"][number as usize % 3],
        start: format!("2020-{:02}-01", 1 + number % 5),
        end: format!("2020-{:02}-{:02}", 1 + number % 5, 2 + number % 26),
        ..Row::new(number)
    }
}

/// Five nights with records of every fate; in the third another definition and another scope.
fn history() -> History {
    let mut history = History::new();
    let first: Vec<Row> = (1..=12).map(record).collect();
    let stocks =
        |rows: &[(&str, &str, i64, i64)]| vec![("workforce__DP01__ALL__2020.csv", workforce(rows))];
    history.load(&Night {
        day: "2020-05-20",
        training: &first,
        others: &stocks(&[("2019-12-31", "220102", 1000, 200)]),
    });
    for (night, day) in ["2020-05-27", "2020-06-10", "2020-06-20", "2020-07-05"]
        .into_iter()
        .enumerate()
    {
        let night = u32::try_from(night).expect("few");
        if night == 1 {
            history.edit("queries/indicators/trained_person_times.sql", |sql| {
                sql.replace("WHERE counted", "WHERE counted AND level <> 'LN'")
            });
            history.edit("dabiao.toml", |toml| toml.replacen("\"220182\", ", "", 1));
        }
        let rows = [
            record(20 + night),
            Row {
                end: day.to_owned(),
                ..record(30 + night)
            },
            Row {
                action: "撤销",
                ..record(1 + night)
            },
            Row {
                action: "更正",
                division: "220104".to_owned(),
                ..record(6 + night)
            },
            // Earlier than the record of the same person, occupation and level that counted so far.
            Row {
                record_no: format!("R9{night:04}"),
                end: "2020-01-02".to_owned(),
                start: "2020-01-01".to_owned(),
                ..record(11 + night % 2)
            },
        ];
        let employed = 1100 + i64::from(night);
        history.load(&Night {
            day,
            training: &rows[..4 + usize::from(night < 2)],
            others: &stocks(&[
                ("2020-03-31", "220103", employed, 130),
                ("2019-12-31", "220102", employed, 200),
            ]),
        });
    }
    history
}

/// What is asked of a bridge: the indicators, and the selection as an address has it and as the command line has it.
const ASKED: [(&str, &str, &[&str]); 5] = [
    // The headlines.
    ("", "", &[]),
    (
        "trained_person_times",
        "&by=division&period=2020",
        &["--by", "division", "--period", "2020"],
    ),
    (
        "t_share",
        "&by=month&where=division=220102,220104",
        &["--by", "month", "--where", "division=220102,220104"],
    ),
    (
        "t_persons",
        "&by=division,level&view=as_is&period=2020H1&scope=CC2020",
        &[
            "--by",
            "division,level",
            "--view",
            "as_is",
            "--period",
            "2020H1",
            "--scope",
            "CC2020",
        ],
    ),
    (
        "t_employed",
        "&by=quarter&period=2020",
        &["--by", "quarter", "--period", "2020"],
    ),
];

/// What the command line prints in this project.
fn printed(history: &History, args: &[&str]) -> String {
    let root = history.root();
    let fixed = [
        "--project".as_ref(),
        root.as_os_str(),
        OsStr::new("--today"),
        OsStr::new("2020-07-05"),
    ];
    let done = dabiao(fixed.into_iter().chain(args.iter().map(OsStr::new)));
    assert_eq!(done.code, 0, "{args:?}: {}", done.err);
    done.out
}

/// The answer to an address.
fn asked(app: &App, address: &str) -> String {
    let answer = get(app, address, &[(header::ACCEPT, "*/*")]);
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{address}: {}",
        answer.text()
    );
    answer.text().to_owned()
}

/// The figures of an indicator as a snapshot has them.
fn figures(app: &App, indicator: &str, selection: &str, as_of: &str) -> Value {
    let address = format!("/api/v1/indicators/{indicator}/data?as_of={as_of}{selection}");
    serde_json::from_str(&asked(app, &address)).expect("JSON")
}

/// The value of the cell that a line of a bridge is about; a cell that is not printed has none.
fn cell<'a>(figures: &'a Value, dimensions: &[&str], line: &Value) -> &'a Value {
    let same = |row: &&Value| dimensions.iter().all(|name| row[name] == line[name]);
    let row = match dimensions.iter().all(|name| line[name].is_null()) {
        true => Some(&figures["totals"]),
        false => array(&figures["rows"]).iter().find(same),
    };
    row.map_or(&Value::Null, |row| &row["value"])
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_f64() == Some(0.0)
}

/// Both ends of every line of a bridge are what `data` says of the two snapshots; gives the number of lines.
fn assert_ends(app: &App, told: &Value, selection: &str) -> usize {
    let mut lines = 0;
    for bridge in array(&told["indicators"]) {
        let indicator = text(&bridge["indicator"]);
        let dimensions: Vec<&str> = array(&bridge["dimensions"]).iter().map(text).collect();
        for end in ["from", "to"] {
            let as_of = text(&told[end]["snapshot"]);
            let figures = figures(app, indicator, selection, as_of);
            let totals = std::iter::once(&bridge["totals"]);
            for line in array(&bridge["rows"]).iter().chain(totals) {
                let said = cell(&figures, &dimensions, line);
                let same = *said == line[end] || is_nothing(said) && is_nothing(&line[end]);
                assert!(same, "{indicator} {as_of} {end}: {said} and {line}");
                lines += 1;
            }
            // And no cell of the figures is without a line.
            let rows = array(&figures["rows"]).iter();
            let known = |row: &&Value| {
                let mut lines = array(&bridge["rows"]).iter();
                lines.any(|line| dimensions.iter().all(|name| line[name] == row[name]))
            };
            let unknown: Vec<&Value> = rows.filter(|row| !known(row)).collect();
            assert!(
                unknown
                    .iter()
                    .all(|row| dimensions.is_empty() || is_nothing(&row["value"])),
                "{unknown:?}"
            );
        }
    }
    lines
}

#[test]
fn server_and_command_line_tell_the_same_bridge_between_the_figures_of_both_snapshots() {
    let history = history();
    let app = history.app("2020-07-05");
    let snapshots = &history.snapshots;
    let (mut compared, mut changed) = (0, 0);
    for (older, newer) in [(0, 4), (1, 2)] {
        let (from, to) = (&snapshots[older], &snapshots[newer]);
        for (indicator, selection, args) in ASKED {
            let named = match indicator {
                "" => String::new(),
                id => format!("&indicator={id}"),
            };
            let address = format!("/api/v1/diff?from={from}&to={to}{named}{selection}");
            let command = |format: &str| {
                let mut all = vec!["diff", from, to, "--format", format];
                all.splice(3..3, (!indicator.is_empty()).then_some(indicator));
                printed(&history, &[&all, args].concat())
            };
            let answered = asked(&app, &address);
            assert_eq!(answered, command("json"), "{address}");
            let table = asked(&app, &format!("{address}&format=csv"));
            if older == 0 {
                assert_eq!(table, command("csv"), "{address}");
            }
            let told: Value = serde_json::from_str(&answered).expect("JSON");
            compared += assert_ends(&app, &told, selection);
            for line in lines(table.as_bytes()) {
                let parts = PARTS.iter().map(|part| exact(&line[*part]));
                let sum = parts.fold(Decimal::ZERO, Decimal::plus);
                assert_eq!(sum, exact(&line["change"]), "{line:?}");
                assert_eq!(
                    exact(&line["from"]).plus(sum),
                    exact(&line["to"]),
                    "{line:?}"
                );
                changed += usize::from(!sum.is_zero());
            }
        }
    }
    assert!(compared > 80, "{compared} ends were compared");
    assert!(changed > 20, "{changed} lines told a change");
}

/// Everything the server says of a snapshot, by address.
fn everything(app: &App, as_of: &str, before: &str) -> Vec<(String, String)> {
    let data = "/api/v1/indicators/trained_person_times";
    let addresses = [
        format!("/?as_of={as_of}"),
        format!("/?as_of={as_of}&lang=en&period=2020"),
        format!("/api/v1/indicators/trained_person_times/chart.svg?by=division&as_of={as_of}"),
        format!("{data}/data?as_of={as_of}&by=division,month"),
        format!(
            "{data}/data?as_of={as_of}&by=division&period=ytd:2020-05&format=csv&compare=yoy,pop"
        ),
        format!("{data}/explain?as_of={as_of}&where=division=220102&records=all"),
        format!("/api/v1/indicators/t_persons/data?as_of={as_of}&by=level"),
        format!("/api/v1/indicators/skilled_ratio/data?as_of={as_of}&by=division&period=2020"),
        format!("/api/v1/findings?as_of={as_of}"),
        format!("/api/v1/completeness?as_of={as_of}&period=2020"),
        format!("/api/v1/targets?as_of={as_of}"),
        format!("/api/v1/diff?from={before}&to={as_of}&by=division&period=2020"),
    ];
    let said = addresses.into_iter().map(|address| {
        let answer = asked(app, &address);
        (address, answer)
    });
    said.collect()
}

#[test]
fn answers_of_an_older_snapshot_stay_the_same_byte_for_byte_while_more_is_loaded() {
    let mut history = history();
    let [first, old, .., last] = &history.snapshots[..] else {
        panic!("five nights");
    };
    let (first, old, last) = (first.clone(), old.clone(), last.clone());
    let lasting = history.app("2020-07-05");
    let before = everything(&lasting, &old, &first);
    let newest = everything(&lasting, &last, &old);
    for night in 0..4u32 {
        match night {
            1 => history.edit("queries/indicators/t_persons.sql", |sql| {
                sql.replace("WHERE counted", "WHERE counted AND level = 'L4'")
            }),
            2 => history.edit("dabiao.toml", |toml| {
                toml.replace("value = \"64500\"", "value = \"64000\"")
                    .replace("provisional_days = 15", "provisional_days = 90")
            }),
            _ => {}
        }
        let moved = Row {
            action: "更正",
            division: ["220105", "220106"][night as usize % 2].to_owned(),
            ..record(12)
        };
        let day = format!("2020-07-{:02}", 8 + 7 * night);
        let stocks = workforce(&[("2020-03-31", "220103", 2000 + i64::from(night), 130)]);
        history.load(&Night {
            day: &day,
            training: &[record(40 + night), moved],
            others: &[("workforce__DP01__ALL__2020.csv", stocks)],
        });
    }
    let later = history.app("2020-09-01");
    for app in [&lasting, &later] {
        for (said, now) in before.iter().zip(everything(app, &old, &first)) {
            assert_eq!(said, &now);
        }
    }
    // What was the newest one is told as an older one now, and its figures are the same.
    let figures = |said: &[(String, String)]| -> Vec<(String, String)> {
        let of_data = said
            .iter()
            .filter(|(address, _)| address.starts_with("/api"));
        of_data.cloned().collect()
    };
    assert_eq!(figures(&newest), figures(&everything(&later, &last, &old)));
    // And the loads did change something.
    let now = history.snapshots.last().expect("many nights").clone();
    let now = everything(&later, &now, &first);
    let same = before.iter().zip(&now).filter(|(old, new)| old.1 == new.1);
    assert_eq!(same.count(), 0);
}
