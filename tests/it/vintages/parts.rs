//! The parts of the revision bridge: one record for each by hand, and random histories.

use super::history::{query, workforce};
use super::{History, Night};
use crate::support::{Row, array, text};
use dabiao::app::App;
use dabiao::indicators::table::Request;
use dabiao::presentation::encode::{bridge, json};
use serde_json::Value;

/// The bridge of one indicator as JSON.
fn diff(app: &App, from: &str, to: &str, request: &Request) -> Value {
    let indicators = [request.indicator.clone()];
    let diff = app.diff(from, to, &indicators, request).expect("a bridge");
    let mut told: Value = serde_json::from_str(&bridge::json(&diff)).expect("JSON");
    told["indicators"][0].take()
}

fn request(indicator: &str, by: &[&str], period: &str) -> Request {
    Request {
        indicator: indicator.to_owned(),
        by: by.iter().map(|by| (*by).to_owned()).collect(),
        period: Some(period.to_owned()),
        ..Request::default()
    }
}

/// from, to, change, then the parts as they are told, then the target.
const NAMES: [&str; 12] = [
    "from",
    "to",
    "change",
    "late",
    "new",
    "corrections",
    "withdrawals",
    "re_attribution",
    "rule_effects",
    "definition",
    "scope",
    "target",
];

fn whole(line: &Value) -> Vec<Option<i64>> {
    NAMES.iter().map(|name| line[name].as_i64()).collect()
}

fn numbers(line: [i64; 11], target: Option<i64>) -> Vec<Option<i64>> {
    line.map(Some).into_iter().chain([target]).collect()
}

fn row(number: u32) -> Row {
    Row::new(number)
}

/// One record for every part, and what changes the figure without a record.
fn one_of_each() -> History {
    let mut history = History::new();
    let withdrawn = row(2);
    let completed_later = Row {
        status: "退班",
        ..row(3)
    };
    let excluded_later = Row {
        end: "2020-05-20".to_owned(),
        ..row(5)
    };
    let without_level = Row {
        level: "无等级",
        ..row(7)
    };
    let out_of_scope = Row {
        division: "220105".to_owned(),
        ..row(8)
    };
    let first = [
        row(1),
        withdrawn.clone(),
        completed_later.clone(),
        row(4),
        excluded_later.clone(),
        without_level,
        out_of_scope,
    ];
    history.load(&Night {
        day: "2020-06-01",
        training: &first,
        others: &[],
    });
    // From now on LN does not count (definition), 二道区 is out of the scope, and the target is smaller.
    history.edit("queries/indicators/trained_person_times.sql", |sql| {
        sql.replace("WHERE counted", "WHERE counted AND level <> 'LN'")
    });
    history.edit("dabiao.toml", |toml| {
        toml.replacen("\"220105\", ", "", 1)
            .replacen("value = \"64500\"", "value = \"60000\"", 1)
    });
    let second = [
        Row {
            action: "撤销",
            ..withdrawn
        },
        Row {
            action: "更正",
            status: "结业",
            ..completed_later
        },
        Row {
            action: "更正",
            division: "220103".to_owned(),
            ..row(4)
        },
        // Late, of the person of record 5, and earlier than it: R007 excludes record 5 now.
        Row {
            record_no: "R00050".to_owned(),
            end: "2020-05-10".to_owned(),
            ..excluded_later
        },
        // Late.
        Row {
            end: "2020-06-01".to_owned(),
            ..row(9)
        },
        // New.
        Row {
            end: "2020-06-02".to_owned(),
            ..row(10)
        },
        Row {
            end: "2020-06-15".to_owned(),
            ..row(11)
        },
    ];
    history.load(&Night {
        day: "2020-07-01",
        training: &second,
        others: &[],
    });
    history
}

#[test]
fn every_part_by_hand() {
    let history = one_of_each();
    let (from, to) = (&history.snapshots[0], &history.snapshots[1]);
    let app = history.app("2020-07-01");
    let told = diff(
        &app,
        from,
        to,
        &request("trained_person_times", &["division"], "2020"),
    );
    // Counted on 1 June: records 1, 2, 4, 5, 7, 8 = 6. On 1 July: 1, 3, 4, 50, 9, 10, 11 = 7, since 2 was withdrawn, 3 is
    // completed, 5 is a repetition of 50, 7 has no level and 8 lies outside.
    // late: 50 and 9; new: 10 and 11; corrections: 3; withdrawals: 2; re_attribution: 4 went from one unit to another;
    // rule_effects: 5; definition: 7; scope: 8. 2 + 2 + 1 − 1 + 0 − 1 − 1 − 1 = 1 = 7 − 6. Target 60,000 − 64,500.
    let wanted = numbers([6, 7, 1, 2, 2, 1, -1, 0, -1, -1, -1], Some(-4500));
    assert_eq!(whole(&told["totals"]), wanted, "{told}");
    let lines: Vec<(&str, Vec<Option<i64>>)> = array(&told["rows"])
        .iter()
        .map(|line| (text(&line["division"]), whole(line)))
        .collect();
    // 南关区 had 1, 2, 4, 5, 7 and has 1, 3, 50, 9, 10, 11; 宽城区 got 4; 二道区 lost 8. Units have no targets.
    let wanted = [
        (
            "220102",
            numbers([5, 6, 1, 2, 2, 1, -1, -1, -1, -1, 0], None),
        ),
        ("220103", numbers([0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0], None)),
        ("220105", numbers([1, 0, -1, 0, 0, 0, 0, 0, 0, 0, -1], None)),
    ];
    assert_eq!(lines, wanted);
    assert_ne!(told["definition_from"], told["definition_to"]);
}

#[test]
fn parts_of_persons_a_ratio_and_a_stock_by_hand() {
    let mut history = one_of_each();
    // Persons of counted records, by the definitions of both nights (t_persons did not change, the scope did):
    // 1, 2, 4, 5, 7, 8 → 1, 3, 4, 5 (by record 50), 7, 9, 10, 11: late 9 only (person 5 was there already), new 10 and 11,
    // corrections 3, withdrawals 2, scope 8; record 5 no longer counts and its person still does: 0.
    let (from, to) = (history.snapshots[0].clone(), history.snapshots[1].clone());
    let app = history.app("2020-07-01");
    let persons = diff(&app, &from, &to, &request("t_persons", &[], "2020"));
    let wanted = numbers([6, 8, 2, 1, 2, 1, -1, 0, 0, 0, -1], None);
    assert_eq!(whole(&persons["totals"]), wanted);

    // Share of L5 in counted records: all but 7 are L5. 5/6 → without 2: 4/5 → with 3: 5/6 → late 50, 9: 7/8 → new 10, 11: 9/10
    // → without 5: 8/9 → without 8 (scope): 7/8. As written, to 12 digits: 0.833333333333, 0.8, 0.833333333333, 0.875, 0.9,
    // 0.888888888889, 0.875.
    let share = diff(&app, &from, &to, &request("t_share", &[], "2020"));
    let figures: Vec<String> = NAMES[..11]
        .iter()
        .map(|name| share["totals"][name].to_string())
        .collect();
    let wanted = [
        "0.833333333333",
        "0.875",
        "0.041666666667",
        "0.041666666667",
        "0.025",
        "0.033333333333",
        "-0.033333333333",
        "0",
        "-0.011111111111",
        "0",
        "-0.013888888889",
    ];
    assert_eq!(figures, wanted);

    // Employed at the period's end: 100 in 南关区 and 40 in 二道区 at the end of 2019, known in July. In August 南关区 is corrected
    // to 110, 宽城区 reports 7 for the end of 2019 (late), and 南关区 120 for the end of July (new).
    let first = workforce(&[
        ("2019-12-31", "220102", 100, 10),
        ("2019-12-31", "220105", 40, 4),
    ]);
    history.load(&Night {
        day: "2020-07-02",
        training: &[],
        others: &[("workforce__DP01__ALL__2019.csv", first)],
    });
    let second = workforce(&[
        ("2019-12-31", "220102", 110, 10),
        ("2019-12-31", "220103", 7, 1),
        ("2020-07-31", "220102", 120, 10),
    ]);
    history.load(&Night {
        day: "2020-08-01",
        training: &[],
        others: &[("workforce__DP01__ALL__2020.csv", second)],
    });
    let [.., from, to] = &history.snapshots[..] else {
        panic!("four nights");
    };
    let app = history.app("2020-08-01");
    let stock = diff(
        &app,
        from,
        to,
        &request("t_employed", &["division"], "2020"),
    );
    // 二道区 is out of the scope since July: 100 → corrected 110 → with 宽城区 117 → 南关区 anew 127.
    let wanted = numbers([100, 127, 27, 7, 10, 10, 0, 0, 0, 0, 0], None);
    assert_eq!(whole(&stock["totals"]), wanted, "{stock}");
    // A stock that nobody reported is nothing, not 0.
    assert_eq!(
        whole(&array(&stock["rows"])[1])[..3],
        [None, Some(7), Some(7)]
    );
}

#[test]
fn a_bridge_is_refused_where_it_would_lie() {
    let mut history = one_of_each();
    let snapshots = history.snapshots.clone();
    let (from, to) = (&snapshots[0], &snapshots[1]);
    let app = history.app("2020-07-01");
    let asked = request("trained_person_times", &[], "2020");
    let refusal = |from: &str, to: &str, ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let error = app.diff(from, to, &ids, &asked).expect_err("refused");
        error.to_string()
    };
    assert!(refusal(to, from, &[]).starts_with("name the older snapshot first"));
    let unknown = refusal(from, to, &["nothing"]);
    assert!(
        unknown.starts_with(&format!("snapshot {from}: there is no indicator")),
        "{unknown}"
    );
    // The same snapshot, by its day and by its id, differs in nothing.
    let same = diff(&app, "2020-07-01", to, &asked);
    assert_eq!(
        whole(&same["totals"]),
        numbers([7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0], Some(0))
    );
    // Without an indicator the headline ones that both snapshots have.
    let all = app
        .diff(from, to, &[], &request("", &[], "2020"))
        .expect("bridges");
    let ids: Vec<&str> = all
        .bridges
        .iter()
        .map(|bridge| bridge.indicator.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "trained_person_times",
            "skilled_ratio",
            "highly_skilled_ratio"
        ]
    );
    // An indicator that came in between has no bridge.
    history.write(
        "queries/indicators/t_new.sql",
        &query(
            "t_new",
            "kind = \"flow\"",
            "SELECT end_date AS date, 1 AS value FROM training",
        ),
    );
    history.edit("data-samples/reference/indicators.csv", |list| {
        format!("{}\nt_new,t_new,t_new,\n", list.trim_end())
    });
    let later = history.load(&Night {
        day: "2020-07-02",
        training: &[row(12)],
        others: &[],
    });
    let app = history.app("2020-07-02");
    let error = app
        .diff(to, &later, &["t_new".to_owned()], &asked)
        .expect_err("refused");
    assert!(error.to_string().contains(to), "{error}");
    // `query` says the same of both ends.
    let table = app.figures(&asked, Some(to)).expect("a figure");
    let told: Value = serde_json::from_str(&json::json(&table)).expect("JSON");
    assert_eq!(told["totals"]["value"], 7);
}
