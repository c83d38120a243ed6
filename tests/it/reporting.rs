//! Targets, completeness of reporting, verdicts with bounds and comparisons, through the real binary and the router.

use crate::server::get;
use crate::support::{Project, Row, array, csv, text};
use axum::http::StatusCode;
use dabiao::app::{App, Today};
use serde_json::{Value, json};

const TARGETS: &str = "指标,单位类别,单位,期间,目标值,来源性质,依据文号,生效日期\n";

/// A project whose programme file says `more`.
fn project(more: &str) -> Project {
    let project = Project::new();
    let file = project.root().join("dabiao.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config + more).unwrap();
    project
}

/// `count` records of a month, from number `first` on.
fn records(first: u32, count: u32, division: &str, month: &str) -> String {
    let rows: Vec<Row> = (first..first + count)
        .map(|number| Row {
            division: division.to_owned(),
            start: format!("{month}-03"),
            end: format!("{month}-20"),
            ..Row::new(number)
        })
        .collect();
    csv(&rows)
}

/// Loads one file on a day.
fn load(project: &Project, today: &str, name: &str, content: &str) {
    let folder = project.beside(today);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, content).unwrap();
    project.ingest_paths(today, &[file], 0);
}

fn answer(project: &Project, today: &str, args: &[&str]) -> Value {
    project.run_on(today, args).json(0)
}

const EXPECTED: &str = r#"
[[expected_return]]
dataset = "training"
departments = ["DP01"]
divisions = ["220102", "220103"]
frequency = "month"
due_days = 10
from = "2020-01"
"#;

/// Two districts, January to March 2020: 南关区 reports two months (the second late), 宽城区 has nothing to say in January, nothing
/// said in February, and a zero in March. 南关区 says that there was nothing in March.
fn reported() -> Project {
    let project = project(EXPECTED);
    let put = |today: &str, name: &str, content: &str| load(&project, today, name, content);
    put(
        "2020-02-05",
        "training__DP01__220102__2020-01.csv",
        &records(0, 6, "南关区", "2020-01"),
    );
    let empty = records(0, 0, "宽城区", "2020-01");
    put("2020-02-06", "training__DP01__220103__2020-01.csv", &empty);
    put(
        "2020-03-20",
        "training__DP01__220102__2020-02.csv",
        &records(6, 4, "南关区", "2020-02"),
    );
    // The same empty form as in January, under its own name, beside a zero in a return without names.
    let folder = project.beside("2020-04-09");
    std::fs::create_dir_all(&folder).unwrap();
    let zero = "期间,地区,指标,数值\n2020-03,宽城区,补贴性培训人次,0\n";
    for (name, content) in [
        ("training__DP01__220102__2020-03.csv", empty.as_str()),
        ("returns__DP01__220103__2020-03.csv", zero),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    project.ingest_paths("2020-04-09", &[folder], 0);
    project
}

#[test]
fn returns_are_on_time_late_missing_zero_or_not_due() {
    let project = reported();
    let told = answer(
        &project,
        "2020-04-09",
        &["completeness", "--format", "json"],
    );
    let rows: Vec<(String, String, String, bool)> = array(&told["rows"])
        .iter()
        .map(|row| {
            (
                text(&row["division"]).to_owned(),
                text(&row["period"]).to_owned(),
                text(&row["status"]).to_owned(),
                row["zero"].as_bool().unwrap(),
            )
        })
        .collect();
    let row = |division: &str, period: &str, status: &str, zero| {
        (division.into(), period.into(), status.into(), zero)
    };
    assert_eq!(
        rows,
        [
            row("220102", "2020-01", "on_time", false),
            row("220102", "2020-02", "late", false),
            row("220102", "2020-03", "on_time", true),
            row("220102", "2020-04", "not_due", false),
            row("220103", "2020-01", "on_time", true),
            row("220103", "2020-02", "missing", false),
            row("220103", "2020-03", "on_time", true),
            row("220103", "2020-04", "not_due", false),
        ]
    );
    assert_eq!(
        told["totals"],
        json!({"expected": 8, "on_time": 4, "late": 1, "missing": 1, "not_due": 2})
    );
    // A period, as it was known, and as a table.
    let args = ["completeness", "--period", "2020-02", "--format", "json"];
    let february = answer(&project, "2020-04-09", &args);
    assert_eq!(array(&february["rows"]).len(), 2);
    assert_eq!(february["period"], "2020-02");
    let args = ["completeness", "--as-of", "2020-02-06", "--format", "json"];
    let early = answer(&project, "2020-04-09", &args);
    assert_eq!(early["totals"]["on_time"], 2);
    assert_eq!(early["totals"]["not_due"], 2);
    let table = project.run_on("2020-04-09", &["completeness"]);
    assert!(
        table.out.contains("宽城区") && table.out.contains("缺报"),
        "{}",
        table.out
    );
    assert!(table.out.contains("2020-02"), "{}", table.out);
    let refused = project.run_on("2020-04-09", &["completeness", "--period", "2020Q5"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("2020Q4"), "{}", refused.err);
}

#[test]
fn a_fresh_project_expects_nothing() {
    let (project, _) = Project::samples();
    let told = project.run(&["completeness", "--format", "json"]).json(0);
    assert_eq!(told["totals"]["expected"], 0);
    assert!(
        project
            .run(&["completeness"])
            .out
            .contains("[[expected_return]]")
    );
}

#[test]
fn what_is_missing_takes_the_verdict_away_where_it_could_change_it() {
    let project = project(EXPECTED);
    let targets = format!(
        "{TARGETS}补贴性培训人次,县(市)区,南关区,2020,120,分解,,2019-09-04\n\
         补贴性培训人次,县(市)区,宽城区,2020,60,分解,,2019-09-04\n"
    );
    load(
        &project,
        "2020-01-02",
        "targets__DP01__ALL__2020.csv",
        &targets,
    );
    let mut first = 0;
    for (month, day) in [
        ("2020-01", "2020-01-31"),
        ("2020-02", "2020-02-29"),
        ("2020-03", "2020-03-31"),
    ] {
        for (code, name, count) in [("220102", "南关区", 10), ("220103", "宽城区", 5)] {
            if (code, month) != ("220103", "2020-03") {
                let file = format!("training__DP01__{code}__{month}.csv");
                load(&project, day, &file, &records(first, count, name, month));
            }
            first += count;
        }
    }
    let args = [
        "query",
        "trained_person_times",
        "--by",
        "division",
        "--period",
        "2020",
        "--format",
    ];
    let table = answer(&project, "2020-03-31", &[&args[..], &["json"]].concat());
    let row = |code: &str| {
        let mut rows = array(&table["rows"]).iter();
        rows.find(|row| row["division"] == code).unwrap().clone()
    };
    // 30 of 120 at a pace of 25 %: on track, and nothing is missing.
    assert_eq!(row("220102")["verdict"], "on_track");
    assert!(row("220102").get("low").is_none());
    // 10 of 60 are 16.7 %, behind; with a March as good as every month so far (1/12 of the target) it would be on track.
    let open = row("220103");
    assert_eq!(open["verdict"], "insufficient_data");
    assert_eq!(open["missing"], 1);
    assert_eq!(open["low"].to_string(), "0.166666666667");
    assert_eq!(open["high"].to_string(), "0.25");
    assert!(text(&open["mark"]).contains("[x]"), "{open}");
    // The city is far behind whatever that one return brings, and says that it is missing.
    assert_eq!(table["totals"]["verdict"], "behind");
    assert!(text(&table["totals"]["mark"]).contains("[x]"));
    // 64,500 of the city less 180 of its two districts.
    let left = row("unallocated");
    assert_eq!(
        (&left["value"], &left["target"]),
        (&Value::Null, &json!(64_320))
    );
    assert_eq!(left["verdict"], "no_target");
    assert_eq!(table["totals"]["value"], 40);
    let printed = project
        .run_on("2020-03-31", &[&args[..], &["table"]].concat())
        .out;
    assert!(printed.contains("16.7%—25.0%，缺报1份"), "{printed}");
    assert!(printed.contains("未分解"), "{printed}");
    let printed = project
        .run_on("2020-03-31", &[&args[..], &["csv"]].concat())
        .out;
    assert!(
        printed
            .lines()
            .next()
            .unwrap()
            .ends_with("mark,low,high,missing"),
        "{printed}"
    );
    // The return comes: the verdict is back.
    let file = "training__DP01__220103__2020-03.csv";
    load(
        &project,
        "2020-04-02",
        file,
        &records(first, 5, "宽城区", "2020-03"),
    );
    let table = answer(&project, "2020-04-02", &[&args[..], &["json"]].concat());
    let mut rows = array(&table["rows"]).iter();
    let closed = rows.find(|row| row["division"] == "220103").unwrap();
    assert!(closed.get("low").is_none());
    assert_eq!(closed["value"], 15);
}

#[test]
fn a_revised_target_shows_the_original_and_its_history() {
    let project = project("");
    let targets = format!(
        "{TARGETS}补贴性培训人次,全市,长春市,2020,60000,调整,长府办发〔2020〕5号,2020-05-01\n\
         补贴性培训人次,县(市)区,南关区,2020,40000,分解,,2020-05-01\n\
         补贴性培训人次,县(市)区,宽城区,2020,25000,分解,,2020-05-01\n"
    );
    load(
        &project,
        "2020-04-30",
        "targets__DP01__ALL__2020.csv",
        &targets,
    );
    let args = [
        "query",
        "trained_person_times",
        "--period",
        "2020",
        "--format",
        "json",
    ];
    let before = answer(&project, "2020-04-30", &args);
    assert_eq!(before["totals"]["target"], 64_500);
    assert!(before["totals"].get("original_target").is_none());
    let file = "training__DP01__220102__2020-05.csv";
    load(
        &project,
        "2020-06-30",
        file,
        &records(0, 3, "南关区", "2020-05"),
    );
    let after = answer(&project, "2020-06-30", &args);
    assert_eq!(after["totals"]["target"], 60_000);
    assert_eq!(after["totals"]["original_target"], 64_500);
    // 59,997 in the six months left; the best month so far brought 3.
    assert_eq!(
        after["totals"]["run_rate"],
        json!({"needed_per_month": 9999.5, "months_left": 6, "best_month": "2020-05", "best_value": 3})
    );
    let app = App::open(
        &project.root(),
        None,
        Today::Day("2020-06-30".parse().unwrap()),
    )
    .unwrap();
    let told = get(&app, "/api/v1/targets", &[]).json();
    let of_city = array(&told["targets"]).iter().find(|target| {
        target["indicator"] == "trained_person_times"
            && target["unit_kind"] == "city"
            && target["period"] == "2020"
    });
    let of_city = of_city.unwrap();
    assert_eq!(of_city["provenance"], "revised");
    assert_eq!(of_city["decision_ref"], "长府办发〔2020〕5号");
    assert_eq!(of_city["valid_from"], "2020-05-01");
    assert_eq!(of_city["original"]["value"], 64_500);
    assert_eq!(of_city["original"]["provenance"], "interpolated");
    assert_eq!(of_city["pace"], "linear");
    let sums: Vec<(&str, &Value)> = array(&told["reconciliation"])
        .iter()
        .filter(|sum| sum["indicator"] == "trained_person_times" && sum["unit_kind"] == "city")
        .map(|sum| (text(&sum["parts"]), &sum["difference"]))
        .collect();
    // 190,000 − (61,000 + 60,000 + 64,500); 60,000 − 65,000: too much was handed down.
    assert_eq!(sums, [("year", &json!(4500)), ("division", &json!(-5000))]);
    let older = get(&app, "/api/v1/targets?as_of=2020-04-30", &[]).json();
    assert!(
        array(&older["targets"])
            .iter()
            .all(|target| target["provenance"] != "revised")
    );
    let refused = get(&app, "/api/v1/targets?by=division", &[]);
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[test]
fn completeness_over_http_is_that_of_the_command_line() {
    let project = reported();
    let app = App::open(
        &project.root(),
        None,
        Today::Day("2020-04-09".parse().unwrap()),
    )
    .unwrap();
    for (asked, args) in [
        ("", vec!["completeness", "--format", "json"]),
        (
            "?period=2020-02",
            vec!["completeness", "--period", "2020-02", "--format", "json"],
        ),
        ("?format=csv&bom=0", vec!["completeness", "--format", "csv"]),
        (
            "?as_of=2020-02-06",
            vec!["completeness", "--as-of", "2020-02-06", "--format", "json"],
        ),
    ] {
        let served = get(&app, &format!("/api/v1/completeness{asked}"), &[]);
        let printed = project.run_on("2020-04-09", &args);
        assert_eq!(served.text(), printed.out, "{asked}");
    }
    let refused = get(&app, "/api/v1/completeness?period=2020Q5", &[]);
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("2020Q4"), "{}", refused.text());
}

#[test]
fn check_tells_targets_that_do_not_add_up() {
    let quarter = |value: u32| {
        format!(
            "\n[[target]]\nindicator = \"trained_person_times\"\nperiod = \"2021Q1\"\nvalue = \"{value}\"\nprovenance = \"decomposed\"\n"
        )
    };
    let less = project(&quarter(10_000)).run(&["check"]);
    assert_eq!(less.code, 0, "{}", less.out);
    assert!(
        less.out.contains("64500") && less.out.contains("unallocated"),
        "{}",
        less.out
    );
    let more = project(&quarter(70_000)).run(&["check"]);
    assert_eq!(more.code, 1, "{}", more.out);
    assert!(
        more.out.contains("dabiao.toml:") && more.out.contains("70000"),
        "{}",
        more.out
    );
    // The programme as it ships adds up.
    let exact = project("").run(&["check"]);
    assert!(!exact.out.contains("note:"), "{}", exact.out);
}

#[test]
fn expectations_and_curves_are_checked() {
    let both = EXPECTED.replace("due_days = 10", "due_days = 10\ndue_workdays = 5");
    let curve = "\n[[pace]]\nindicator = \"trained_person_times\"\nperiod = \"2020\"\ncurve = \"milestones\"\n\
                 points = [{ date = 2020-06-30, share = \"0.5\" }, { date = 2020-03-31, share = \"1.2\" }]\n";
    for (more, said) in [
        (both.as_str(), "due_workdays"),
        (curve, "2020-03-31"),
        (
            "\n[[pace]]\nindicator = \"nothing\"\ncurve = \"linear\"\n",
            "nothing",
        ),
        (
            "\n[[pace]]\nindicator = \"apprentices\"\ncurve = \"milestones\"\n",
            "points",
        ),
    ] {
        let checked = project(more).run(&["check"]);
        assert_eq!(checked.code, 1, "{more}");
        assert!(checked.out.contains(said), "{}", checked.out);
    }
}

#[test]
fn comparisons_are_there_when_they_are_asked_for() {
    let (project, _) = Project::samples();
    let plain = project.query(
        "trained_person_times",
        &["--by", "quarter", "--period", "2020"],
    );
    assert!(array(&plain["rows"])[0].get("yoy").is_none());
    let asked = [
        "--by",
        "quarter",
        "--period",
        "2020",
        "--compare",
        "pop,yoy,pop",
    ];
    let table = project.query("trained_person_times", &asked);
    let quarter = |table: &Value, code: &str| {
        let mut rows = array(&table["rows"]).iter();
        rows.find(|row| row["quarter"] == code).unwrap().clone()
    };
    let before = project.query(
        "trained_person_times",
        &["--by", "quarter", "--period", "2019"],
    );
    for (code, other, earlier) in [("2020Q4", "2019Q4", &before), ("2020Q3", "2019Q3", &before)] {
        let (now, then) = (quarter(&table, code), quarter(earlier, other));
        assert_eq!(now["yoy"], then["value"], "{code}");
        let (value, base) = (
            now["value"].as_f64().unwrap(),
            then["value"].as_f64().unwrap(),
        );
        let change = now["yoy_change"].as_f64().unwrap();
        assert!((change - (value - base) / base).abs() < 1e-9, "{now}");
        assert_eq!(now["yoy_note"], Value::Null);
    }
    assert_eq!(
        quarter(&table, "2020Q4")["pop"],
        quarter(&table, "2020Q3")["value"]
    );
    // The total is held against the whole year before in both.
    assert_eq!(table["totals"]["pop"], before["totals"]["value"]);
    assert_eq!(table["totals"]["yoy"], before["totals"]["value"]);
    // Points for shares.
    let ratio = project.query("skilled_ratio", &["--period", "2020", "--compare", "yoy"]);
    let (now, then) = (&ratio["totals"]["value"], &ratio["totals"]["yoy"]);
    let points = ratio["totals"]["yoy_change"].as_f64().unwrap();
    assert!((now.as_f64().unwrap() - then.as_f64().unwrap() - points).abs() < 1e-9);
    // Before Gongzhuling joined, its scope cannot be compared, and no number says otherwise.
    let scope = [
        "--scope",
        "CC2020",
        "--by",
        "division",
        "--period",
        "2020",
        "--compare",
        "yoy",
    ];
    let table = project.query("trained_person_times", &scope);
    for row in array(&table["rows"]).iter().chain([&table["totals"]]) {
        assert_eq!(row["yoy_note"], "incomparable");
        assert_eq!(
            (&row["yoy"], &row["yoy_change"]),
            (&Value::Null, &Value::Null)
        );
    }
    let args = [&["query", "trained_person_times"][..], &scope].concat();
    assert!(project.run(&args).out.contains("不可比"));
    let csv = project.run(&[&args[..], &["--format", "csv"]].concat()).out;
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .ends_with(",mark,yoy,yoy_change,yoy_note")
    );
    // An open year has none, unless to date.
    let open = project.query(
        "trained_person_times",
        &["--period", "2021", "--compare", "yoy"],
    );
    assert_eq!(open["totals"]["yoy_note"], "open_period");
    assert_eq!(open["totals"]["yoy_change"], Value::Null);
    let to_date = project.query(
        "trained_person_times",
        &["--period", "ytd:2021-06", "--compare", "yoy"],
    );
    assert!(to_date["totals"]["yoy_change"].is_number());
    let refused = project.run(&["query", "trained_person_times", "--compare", "yoyo"]);
    assert_eq!((refused.code, refused.err.lines().count()), (1, 1));
    assert!(
        refused.err.contains("yoyo") && refused.err.contains("pop"),
        "{}",
        refused.err
    );
}
