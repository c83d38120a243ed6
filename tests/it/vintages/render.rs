//! What was published is rendered again byte for byte, whatever came since.

use super::history::workforce;
use super::{History, Night};
use crate::support::Row;
use dabiao::app::{App, Error};
use dabiao::indicators::rules::Wanted;
use dabiao::indicators::table::Request;
use dabiao::presentation::encode::{csv, findings, json, text, xlsx};
use dabiao::programme::Language;

/// Breakdowns of every kind of indicator.
const ASKED: [(&str, &[&str], Option<&str>); 14] = [
    ("trained_person_times", &[], None),
    ("trained_person_times", &["division"], Some("2020")),
    ("trained_person_times", &["month"], None),
    (
        "trained_person_times",
        &["quarter", "level"],
        Some("2020H1"),
    ),
    ("trained_person_times", &["department"], Some("ytd:2020-05")),
    ("t_records", &["division"], None),
    ("t_persons", &["division"], Some("2020")),
    ("t_persons", &["year"], None),
    ("t_share", &["division"], Some("2020Q2")),
    ("t_share", &["month"], Some("2020")),
    ("t_employed", &["division"], Some("2020")),
    ("t_employed", &["quarter"], Some("2020")),
    ("skilled_ratio", &["division"], Some("2020")),
    ("highly_skilled_ratio", &[], None),
];

/// Everything the snapshot says: tables as JSON, CSV, text and workbook, the ledger, the findings.
fn everything(app: &App, as_of: &str) -> Vec<(String, Vec<u8>)> {
    let mut said = Vec::new();
    for (indicator, by, period) in ASKED {
        let request = Request {
            indicator: indicator.to_owned(),
            by: by.iter().map(|by| (*by).to_owned()).collect(),
            period: period.map(str::to_owned),
            ..Request::default()
        };
        let table = app.figures(&request, Some(as_of)).expect("a figure");
        let programme = app.programme_of(&table.snapshot).expect("a programme");
        let name = |form: &str| format!("{form} {indicator} {by:?} {period:?}");
        said.push((name("json"), json::json(&table).into_bytes()));
        said.push((name("csv"), csv::csv(&table, false)));
        let printed = text::text(&table, &programme, Language::Zh);
        said.push((name("text"), printed.into_bytes()));
        said.push((name("xlsx"), xlsx::xlsx(&table, &programme)));
    }
    for by in [None, Some("division"), Some("level")] {
        let ledger = app.ledger(by, None, None, Some(as_of)).expect("a ledger");
        said.push((format!("ledger {by:?}"), format!("{ledger:?}").into_bytes()));
    }
    let found = app
        .findings(&Wanted::default(), Some(as_of))
        .expect("findings");
    assert!(!found.findings.is_empty(), "there is something to keep");
    said.push(("findings".to_owned(), findings::json(&found).into_bytes()));
    said
}

fn assert_same(before: &[(String, Vec<u8>)], after: &[(String, Vec<u8>)]) {
    assert_eq!(before.len(), after.len());
    for ((name, before), (_, after)) in before.iter().zip(after) {
        let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            before == after,
            "{name}\n{}\n{}",
            shown(before),
            shown(after)
        );
    }
}

/// The number-th record, with the division, level and end that follow from its number.
fn record(number: u32) -> Row {
    Row {
        division: ["220102", "220103", "220182"][number as usize % 3].to_owned(),
        level: ["初级工", "中级工", "无等级", "高级工"][number as usize % 4],
        start: format!("2020-{:02}-01", 1 + number % 5),
        end: format!("2020-{:02}-{:02}", 1 + number % 5, 2 + number % 26),
        ..Row::new(number)
    }
}

/// The definitions change on some nights.
fn redefine(history: &History, night: u32) {
    match night {
        3 => history.edit("queries/indicators/trained_person_times.sql", |sql| {
            sql.replace("WHERE counted", "WHERE counted AND level <> 'LN'")
        }),
        6 => history.edit("dabiao.toml", |toml| {
            toml.replace("value = \"64500\"", "value = \"64000\"")
        }),
        9 => history.edit("dabiao.toml", |toml| {
            toml.replacen("\"220182\", ", "", 1)
        }),
        12 => history.edit("dabiao.toml", |toml| {
            toml.replace("per_year_max = 3", "per_year_max = 1")
        }),
        15 => history.edit("data-samples/reference/divisions.csv", |list| {
            list.replace("220102,南关区,Nanguan District,", "220102,南关新区,New Nanguan,南关区|")
        }),
        18 => history.edit("dabiao.toml", |toml| {
            toml.replace("provisional_days = 15", "provisional_days = 40")
        }),
        21 => history.edit("data-samples/reference/levels.csv", |list| {
            list.replace("L5,初级工,Junior worker,", "L5,五级工,Grade five,初级工|")
        }),
        24 => history.write("queries/indicators/t_share.sql", &super::history::query(
            "t_share",
            "kind = \"ratio\"",
            "SELECT end_date AS date, division, department, level, CASE WHEN level = 'L4' THEN 1 ELSE 0 END AS numerator, 1 AS denominator FROM training WHERE counted",
        )),
        _ => {}
    }
}

#[test]
fn thirty_nights_later_a_snapshot_says_the_same() {
    let mut history = History::new();
    // Person 900 has four trainings in one year: a finding.
    let busy = (0..4).map(|at| Row {
        id_number: Row::new(900).id_number,
        occupation: ["6-18-02-04", "4-03-02-01", "4-14-02-04", "6-29-02-06"][at as usize],
        ..record(90 + at)
    });
    let first: Vec<Row> = (1..=12).map(record).chain(busy).collect();
    let stocks = workforce(&[
        ("2019-12-31", "220102", 1000, 200),
        ("2019-12-31", "220103", 500, 130),
        ("2020-03-31", "220103", 510, 140),
    ]);
    history.load(&Night {
        day: "2020-05-31",
        training: &first,
        others: &[("workforce__DP01__ALL__2020.csv", stocks)],
    });
    // April is closed, so that some figures have a mark and some a snapshot they are compared with.
    let late = record(13);
    let kept = history.load(&Night {
        day: "2020-06-10",
        training: &[late],
        others: &[],
    });
    let lasting = history.app("2020-06-10");
    let before = everything(&lasting, &kept);
    let mut stocks = 0;
    for night in 1..=30u32 {
        redefine(&history, night);
        let withdrawn = Row {
            action: "撤销",
            ..record(night % 12 + 1)
        };
        let corrected = Row {
            action: "",
            division: "220104".to_owned(),
            ..record((night + 5) % 12 + 1)
        };
        let rows = [withdrawn, corrected, record(100 + night)];
        let others: Vec<(&str, String)> = match night % 10 {
            0 => {
                stocks += 10;
                let text = workforce(&[("2020-03-31", "220103", 510 + stocks, 140)]);
                vec![("workforce__DP01__ALL__2020.csv", text)]
            }
            _ => vec![],
        };
        let day =
            chrono::NaiveDate::from_ymd_opt(2020, 6, 10).unwrap() + chrono::Days::new(night.into());
        // A record that was withdrawn before is not withdrawn again.
        let rows = &rows[usize::from(night > 12)..];
        history.load(&Night {
            day: &day.to_string(),
            training: rows,
            others: &others,
        });
    }
    // A process that saw every night, one that starts now, and by the day instead of the id.
    assert_same(&before, &everything(&lasting, &kept));
    let now = history.app("2020-07-10");
    assert_same(&before, &everything(&now, &kept));
    assert_same(&before, &everything(&now, "2020-06-10"));
    // All of that changed something.
    let today = everything(&now, history.snapshots.last().unwrap());
    let same = before.iter().zip(&today).filter(|(old, new)| old == new);
    assert_eq!(same.count(), 0);
}

#[test]
fn a_dimension_that_is_declared_later_is_asked_of_the_same_records() {
    let dimension = |id: &str, list: &str| {
        format!("\n[[dimension]]\nid = \"{id}\"\ncolumn = \"{id}\"\nlist = \"{list}\"\n")
    };
    let mut history = History::new();
    history.edit("dabiao.toml", |toml| {
        toml.to_owned() + &dimension("division", "divisions")
    });
    history.load(&Night {
        day: "2020-06-01",
        training: &[record(1)],
        others: &[],
    });
    history.edit("dabiao.toml", |toml| {
        toml.to_owned() + &dimension("level", "levels")
    });
    // Nothing of training comes in the second night: both snapshots have the same file of it.
    history.load(&Night {
        day: "2020-06-02",
        training: &[],
        others: &[(
            "workforce__DP01__ALL__2020.csv",
            workforce(&[("2020-03-31", "220103", 510, 140)]),
        )],
    });
    let app = history.app("2020-06-02");
    let of = |by: &str, as_of: &str| {
        let request = Request {
            indicator: "t_records".to_owned(),
            by: vec![by.to_owned()],
            ..Request::default()
        };
        let table = app.figures(&request, Some(as_of))?;
        Ok::<_, Error>(table.rows[0].codes[0].clone())
    };
    let [older, newer] = &history.snapshots[..] else {
        panic!("two nights");
    };
    assert_eq!(of("division", older).expect("a figure"), "220103");
    assert!(matches!(of("level", older), Err(Error::Request(_))));
    assert_eq!(of("level", newer).expect("a figure"), "L4");
}

#[test]
fn definitions_of_another_version_are_told_apart() {
    use dabiao::lake::CommitFacts;
    let mut history = History::new();
    history.load(&Night {
        day: "2020-06-01",
        training: &[record(1)],
        others: &[],
    });
    let app = history.app("2020-06-02");
    // As a later version would: a key this one does not know.
    let files = std::collections::BTreeMap::from([(
        "dabiao.toml",
        "[programme]\nfrom_the_future = true\n",
    )]);
    let archive = zstd::encode_all(&serde_json::to_vec(&files).unwrap()[..], 1).unwrap();
    let info = app.lake().begin().expect("a load").commit(CommitFacts {
        published_at: "2020-06-02T02:00:00+08:00".parse().unwrap(),
        day: "2020-06-02".parse().unwrap(),
        definitions_digest: "another".to_owned(),
        definitions: archive,
        records: 1,
        submissions: vec![],
        totals: serde_json::json!({}),
    });
    let future = info.expect("a snapshot").id;
    let request = Request {
        indicator: "t_records".to_owned(),
        ..Request::default()
    };
    let error = app
        .figures(&request, Some(future.as_str()))
        .expect_err("unreadable");
    let wanted = format!(
        "the definitions snapshot {future} was published with cannot be read by this version of dabiao"
    );
    assert_eq!(error.to_string(), wanted);
    let cause = std::error::Error::source(&error).expect("why").to_string();
    assert!(cause.contains("from_the_future"), "{cause}");
    // The older one is as readable as ever.
    assert!(app.figures(&request, Some(&history.snapshots[0])).is_ok());
}
