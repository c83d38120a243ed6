//! Laws of intake as properties: how rows are cut into files and loads must not change what is known.

use crate::support::{
    Project, Row, TODAY, array, assert_identity, csv, dispositions, person, text, tree,
};
use dabiao::app::{App, Today};
use polars::prelude::{AnyValue, Column};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Each case runs the real binary several times, so cases are few.
fn few(cases: u32) -> Config {
    Config {
        cases,
        max_shrink_iters: 16,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Rows with distinct keys: few persons and occupations, so that R007 has work; some that no rule counts, some rejected.
fn rows(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0u32..12,
        0usize..3,
        0usize..4,
        0usize..6,
        1u32..28,
        0u32..10,
    );
    prop::collection::vec(row, count).prop_map(|drawn| {
        let rows = (0..).zip(drawn);
        rows.map(|(at, (who, occupation, division, status, day, fault))| {
            let mut row = Row::new(at);
            row.id_number = person(who);
            row.name = format!("测试{who}");
            row.occupation = ["6-18-02-04", "4-10-01-05", ""][occupation];
            row.division = ["南关区", "220103", "高新区", "公主岭市"][division].to_owned();
            row.status = ["结业", "结业", "结业", "completed", "在训", "退班"][status];
            row.start = format!("2020-{:02}-01", status + 7);
            row.end = format!("2020-{:02}-{day:02}", status + 7);
            match fault {
                0 => row.end = "2020-02-30".to_owned(),
                1 => row.id_number.push('1'),
                2 => row.funding = "企业职工教育经费",
                _ => {}
            }
            row
        })
        .collect()
    })
}

/// The current records without where they came from; a person is named by the first record that is theirs.
fn current(project: &Project) -> Vec<BTreeMap<String, String>> {
    let today = Today::Day(TODAY.parse().expect("a day"));
    let app = App::open(&project.root(), None, today).expect("the project opens");
    let snapshot = app.snapshot(None).expect("a snapshot");
    let frame = snapshot
        .scan("training")
        .and_then(|table| Ok(table.collect().expect("it is read")))
        .expect("the table is there");
    let shown = |column: &Column, row: usize| match column.get(row).expect("a row") {
        AnyValue::Null => String::new(),
        value => value.str_value().into_owned(),
    };
    let mut records: Vec<BTreeMap<String, String>> = (0..frame.height())
        .map(|row| {
            let cells = frame.columns().iter();
            // Keys and digests depend on the vault's key, places on the files.
            let kept = cells.filter(|column| {
                ![
                    "load",
                    "seq",
                    "submission",
                    "row",
                    "part",
                    "key_high",
                    "key_low",
                    "digest",
                ]
                .contains(&column.name().as_str())
            });
            kept.map(|column| (column.name().to_string(), shown(column, row)))
                .collect()
        })
        .collect();
    records.sort_by_key(|record| record["record_no"].clone());
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for record in &mut records {
        let number = record["record_no"].clone();
        let person = record.get_mut("person").expect("a record has a person");
        *person = first.entry(person.clone()).or_insert(number).clone();
    }
    records
}

/// The figures of a project in every way they may go wrong.
fn figures(project: &Project) -> Vec<Value> {
    let by = ["division,month,level", "department", "sex,age_band"];
    let scope = ["--scope", "CC2020"];
    by.iter()
        .map(|by| {
            let table = project.query("trained_person_times", &["--by", by, scope[0], scope[1]]);
            serde_json::json!([table["rows"], table["totals"]])
        })
        .collect()
}

/// Rows as they were cut: by load, then by file.
type Cut = Vec<Vec<Vec<Row>>>;

/// Writes every load's files into a folder of its own and loads one after the other; the reports.
fn load(project: &Project, cut: &Cut, twice: bool) -> Vec<Value> {
    let mut reports = Vec::new();
    for (at, files) in cut.iter().enumerate() {
        let folder = project.beside(&format!("load{at}"));
        std::fs::create_dir(&folder).expect("a folder");
        for (number, rows) in files.iter().enumerate() {
            let name = format!("training__DP01__ALL__2020__{number:03}.csv");
            std::fs::write(folder.join(name), csv(rows)).expect("a file");
        }
        for round in 0..=u8::from(twice) {
            let paths = [folder.clone()];
            let report = ingest(project, &paths);
            assert_identity(&report);
            if round == 1 {
                // Q03, Q04: only repeats.
                assert_eq!(report["totals"]["received"], 0);
                assert!(report["snapshot"].is_null() && report["load"].is_null());
                let files = array(&report["files"]);
                assert!(
                    files
                        .iter()
                        .all(|file| text(&file["status"]) == "duplicate")
                );
            }
            reports.push(report);
        }
    }
    reports
}

/// `ingest` that may end with 0 or, where rows were rejected, 3.
fn ingest(project: &Project, paths: &[PathBuf]) -> Value {
    let mut args = vec!["ingest".into(), "--format".into(), "json".into()];
    args.extend(paths.iter().map(|path| path.clone().into_os_string()));
    let done = project.run::<std::ffi::OsString>(&args);
    let report: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{}", done.err));
    let rejected = report["totals"]["rejected"].as_u64().expect("a count");
    assert_eq!(done.code, if rejected > 0 { 3 } else { 0 }, "{}", done.err);
    report
}

fn sum(reports: &[Value]) -> [u64; 6] {
    let mut sum = [0; 6];
    for report in reports {
        for (total, count) in sum.iter_mut().zip(dispositions(&report["totals"])) {
            *total += count;
        }
    }
    sum
}

proptest! {
    #![proptest_config(few(5))]

    /// Issue 2: split over more files, merged into fewer, in another order, in one load or several, once or twice.
    #[test]
    fn the_same_rows_give_the_same_figures_however_they_are_cut(
        rows in rows(20..50),
        places in prop::collection::vec((0usize..3, 0usize..3), 50),
        order in prop::collection::vec(any::<u32>(), 50),
        twice in any::<bool>(),
    ) {
        let whole = Project::new();
        let as_one = load(&whole, &vec![vec![rows.clone()]], false);

        let mut shuffled: Vec<(u32, Row)> = order.into_iter().zip(rows.iter().cloned()).collect();
        shuffled.sort_by_key(|(place, _)| *place);
        let mut cut: Cut = vec![vec![Vec::new(); 3]; 3];
        for ((_, row), (load, file)) in shuffled.into_iter().zip(places) {
            cut[load][file].push(row);
        }
        cut.iter_mut().for_each(|files| files.retain(|rows| !rows.is_empty()));
        cut.retain(|files| !files.is_empty());
        let apart = Project::new();
        let in_parts = load(&apart, &cut, twice);

        prop_assert_eq!(sum(&as_one), sum(&in_parts));
        let records = current(&whole);
        let accepted = sum(&as_one)[1];
        prop_assert_eq!(records.len() as u64, accepted);
        prop_assert!(accepted > 0);
        let others = current(&apart);
        let different = records.iter().zip(&others).find(|(one, other)| one != other);
        prop_assert_eq!(different, None);
        prop_assert_eq!(records.len(), others.len());
        prop_assert_eq!(figures(&whole), figures(&apart));
    }
}

/// Every file of a project. Of the state file what its tables say: a load that begins notes there that it looked for
/// leavings of an interrupted one (`meta.cleaned`), which says nothing of any record.
fn kept(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(&project.root());
    let name = "lake/state.sqlite";
    let path = project.root().join(name);
    let state =
        rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let state = state.expect("the state opens");
    let texts = |sql: &str| -> Vec<String> {
        let mut rows = state.prepare(sql).expect("a query");
        let width = rows.column_count();
        let rows = rows.query_map([], |row| {
            (0..width)
                .map(|at| row.get_ref(at).map(|cell| format!("{cell:?}")))
                .collect::<Result<Vec<_>, _>>()
        });
        rows.expect("rows")
            .map(|row| row.expect("a row").join("|"))
            .collect()
    };
    let tables = state
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
    let tables: Vec<String> = tables.expect("names of tables");
    assert!(tables.len() > 3, "{tables:?}");
    let said: Vec<String> = tables
        .iter()
        .flat_map(|table| texts(&format!("SELECT * FROM \"{table}\"")))
        .filter(|row| {
            !row.starts_with(&format!(
                "{:?}|",
                rusqlite::types::ValueRef::Text(b"cleaned")
            ))
        })
        .collect();
    files.insert(name.to_owned(), said.join("\n").into_bytes());
    files
}

proptest! {
    #![proptest_config(few(4))]

    /// DESIGN §4: a dry run shows all of it and writes nothing.
    #[test]
    fn a_dry_run_says_what_the_load_says_and_writes_nothing(
        before in rows(5..15),
        after in rows(5..25),
    ) {
        let project = Project::new();
        project.put("training__DP01__ALL__2020__0.csv", csv(&before));
        ingest(&project, &[]);
        project.put("training__DP01__ALL__2020__1.csv", csv(&after));
        project.put("工伤台账.csv", "x");
        let lake = kept(&project);
        let dry = project.run(&["ingest", "--dry-run", "--format", "json"]);
        let dry: Value = serde_json::from_str(&dry.out).expect("a report");
        let left = kept(&project);
        let changed: Vec<&String> = left.keys().filter(|file| lake.get(*file) != left.get(*file)).collect();
        prop_assert_eq!(changed, Vec::<&String>::new());
        prop_assert_eq!(lake.len(), left.len());
        prop_assert!(dry["load"].is_null() && dry["snapshot"].is_null());
        prop_assert_eq!(&dry["dry_run"], true);
        let real = project.run(&["ingest", "--format", "json"]).json(3);
        prop_assert_eq!(&dry["files"], &real["files"]);
        prop_assert_eq!(&dry["totals"], &real["totals"]);
        prop_assert_eq!(&real["dry_run"], false);
    }
}

#[test]
fn the_same_bytes_under_another_name_are_a_repeat() {
    let project = Project::new();
    let rows = [Row::new(1), Row::new(2)];
    project.put("training__DP01__220102__2020-05.csv", csv(&rows));
    let first = project.ingest(0);
    assert_eq!(dispositions(&first["totals"]), [2, 2, 0, 0, 0, 0]);
    let snapshots = || project.run(&["snapshots", "--format", "json"]).json(0);
    let before = snapshots();
    // Q03: another name of the same department is a repeat, also in a load of its own.
    project.put("training__DP01__ALL__2020Q2__again.csv", csv(&rows));
    let second = project.ingest(0);
    let statuses: Vec<&str> = array(&second["files"])
        .iter()
        .map(|file| text(&file["status"]))
        .collect();
    assert_eq!(statuses, ["duplicate", "duplicate"]);
    // Q04: no new load, no new snapshot.
    assert!(second["load"].is_null() && second["snapshot"].is_null());
    assert_eq!(snapshots(), before);
    // Q03: the same bytes of another department are its own records.
    project.put("training__DP05__220102__2020-05.csv", csv(&rows));
    let third = project.ingest(0);
    assert_eq!(dispositions(&third["totals"]), [2, 2, 0, 0, 0, 0]);
    // Q28: the same persons, occupation and level count once, whoever reports them.
    assert_eq!(project.total("trained_person_times", &[]), 2);
}

#[test]
fn corrections_and_withdrawals_come_in_the_order_of_the_rows() {
    // Q10, Q11: what a row does depends on what the rows before it left, across files and inside one.
    let project = Project::new();
    let base = Row::new(1);
    let with = |action: &'static str, subsidy: &str| Row {
        action,
        subsidy: subsidy.to_owned(),
        ..base.clone()
    };
    let one = [
        with("", "1"),
        with("更正", "2"),
        with("撤销", "2"),
        with("撤销", "2"),
    ];
    project.put("training__DP01__220102__2020-05__a.csv", csv(&one));
    // Withdrawn before, so new again; then 更正 without a difference; a blank with a difference corrects (one blank only).
    let two = [with("更正", "3"), with("新增", "4"), with("更正", "4")];
    project.put("training__DP01__220102__2020-05__b.csv", csv(&two));
    project.put(
        "training__DP01__220102__2020-05__c.csv",
        csv(&[with("", "5")]),
    );
    let report = project.ingest(3);
    let of = |at: usize| dispositions(&report["files"][at]);
    assert_eq!(of(0), [4, 1, 1, 1, 1, 0]);
    assert_eq!(of(1), [3, 1, 0, 0, 1, 1]);
    assert_eq!(of(2), [1, 0, 1, 0, 0, 0]);
    assert_identity(&report);
    let records = current(&project);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["subsidy"], "5.00");
}
