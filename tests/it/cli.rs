//! The command line as DESIGN §8 and CONTRACT §8 promise it: exit codes, messages, shapes, and figures as once known.

use crate::support::{Done, Project, Row, array, csv, dabiao, text};
use calamine::{Reader, Xlsx};
use serde_json::Value;

#[test]
fn exit_codes_say_what_happened() {
    // 0 done, 1 failed, 2 usage, 3 done with rejected rows (DESIGN §8).
    let project = Project::new();
    let code = |args: &[&str]| project.run(args).code;
    assert_eq!(code(&["check"]), 0);
    assert_eq!(
        code(&["query", "trained_person_times"]),
        1,
        "nothing was loaded"
    );
    assert_eq!(code(&["ingest"]), 0, "an empty inbox");
    assert_eq!(code(&["ingest", "/there/is/nothing"]), 1);
    for usage in [
        &["no-such-command"][..],
        &["query"],
        &["query", "trained_person_times", "--format", "pdf"],
        &["ingest", "--no-such-option"],
        &["query", "trained_person_times", "--today", "yesterday"],
    ] {
        assert_eq!(code(usage), 2, "{usage:?}");
    }
    project.put("training__DP01__220102__2020-05.csv", csv(&[Row::new(1)]));
    assert_eq!(code(&["ingest"]), 0);
    assert_eq!(code(&["query", "trained_person_times"]), 0);
    // Q04: only repeats.
    assert_eq!(code(&["ingest"]), 0);
    // A rejected row, and a file set aside whole (Q08), both in a dry run too.
    let rejected = Row {
        end: "never".to_owned(),
        ..Row::new(2)
    };
    project.put("training__DP01__220102__2020-06.csv", csv(&[rejected]));
    assert_eq!(code(&["ingest", "--dry-run"]), 3);
    assert_eq!(code(&["ingest"]), 3);
    project.put("training__DP99__220102__2020-06.csv", csv(&[Row::new(3)]));
    assert_eq!(code(&["ingest"]), 3);
    assert_eq!(
        code(&["init", project.root().to_str().expect("a path")]),
        1,
        "it exists"
    );
    std::fs::write(
        project.root().join("dabiao.toml"),
        "[programme]\nname = 1\n",
    )
    .expect("a config");
    assert_eq!(code(&["check"]), 1);
    assert_eq!(
        dabiao(["--project", "/proc", "snapshots"]).code,
        1,
        "no project"
    );
}

/// A failure in one line that names what was asked for and some of what there is.
fn assert_one_line(done: &Done, asked: &str, valid: &[&str]) {
    assert_eq!(done.code, 1, "{}", done.err);
    assert_eq!(done.out, "");
    let lines: Vec<&str> = done.err.lines().collect();
    assert_eq!(lines.len(), 1, "{}", done.err);
    for word in [asked].iter().chain(valid) {
        assert!(lines[0].contains(word), "{word} in {}", done.err);
    }
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let (project, _) = Project::samples();
    let query = |more: &[&str]| {
        let mut args = vec!["query", "trained_person_times"];
        args.extend(more);
        project.run(&args)
    };
    let indicators = [
        "highly_skilled_ratio",
        "skilled_ratio",
        "trained_person_times",
    ];
    assert_one_line(
        &project.run(&["query", "trainees"]),
        "trainees",
        &indicators,
    );
    assert_one_line(
        &query(&["--by", "moon"]),
        "moon",
        &["division", "age_band", "quarter"],
    );
    assert_one_line(
        &query(&["--where", "moon=full"]),
        "moon",
        &["division", "sector"],
    );
    assert_one_line(
        &query(&["--where", "division=南湖"]),
        "南湖",
        &["220102", "CC-XQ"],
    );
    assert_one_line(
        &query(&["--period", "2020-13"]),
        "2020-13",
        &["2020Q3", "ytd:2020-09"],
    );
    assert_one_line(
        &query(&["--scope", "CC2030"]),
        "CC2030",
        &["CC2019", "CC2020"],
    );
    assert_one_line(
        &query(&["--as-of", "1999-01-01"]),
        "1999-01-01",
        &["S000001-", "2021-06-30"],
    );
    assert_one_line(
        &project.run(&["ledger", "--by", "moon"]),
        "moon",
        &["division", "level"],
    );
    assert_one_line(
        &project.run(&["findings", "--rule", "R999"]),
        "R999",
        &["R007", "R009"],
    );
    let form = ["template", "trainings", "--out", "/dev/null"];
    assert_one_line(
        &project.run(&form),
        "trainings",
        &["certificates", "workforce"],
    );
}

/// The names of an object's fields, in order.
fn names(object: &Value) -> Vec<&str> {
    let object = object
        .as_object()
        .unwrap_or_else(|| panic!("an object, not {object}"));
    object.keys().map(String::as_str).collect()
}

const FIGURE: [&str; 8] = [
    "value",
    "numerator",
    "denominator",
    "target",
    "progress",
    "pace",
    "verdict",
    "mark",
];

#[test]
fn the_answer_to_a_query_has_the_shape_of_the_contract() {
    let (project, report) = Project::samples();
    let heads = [
        "indicator",
        "unit",
        "kind",
        "period",
        "scope",
        "snapshot",
        "as_of",
        "definition",
        "dimensions",
        "rows",
        "totals",
    ];
    let table = project.query(
        "trained_person_times",
        &["--by", "division", "--period", "2020"],
    );
    assert_eq!(names(&table), heads);
    for (name, wanted) in [
        ("indicator", "trained_person_times"),
        ("unit", "person-times"),
        ("kind", "flow"),
        ("period", "2020"),
        ("scope", "CC2019"),
        ("snapshot", text(&report["snapshot"])),
        ("as_of", "2021-06-30T02:00:00+08:00"),
    ] {
        assert_eq!(table[name], wanted, "{name}");
    }
    assert_eq!(text(&table["definition"]).len(), 64, "a SHA-256");
    assert_eq!(table["dimensions"], serde_json::json!(["division"]));
    assert!(array(&table["rows"]).len() > 5);
    for row in array(&table["rows"]) {
        assert_eq!(names(row)[0], "division");
        assert_eq!(names(row)[1..], FIGURE);
        assert!(row["value"].is_u64() && row["numerator"].is_null(), "{row}");
        assert!(
            row["verdict"].is_string() && row["mark"].is_string(),
            "{row}"
        );
    }
    // Q53: the totals have the row's fields; a flow has no parts. Q63: a finished year this far off is behind.
    let total = &table["totals"];
    assert_eq!(
        names(total),
        ["value", "target", "progress", "pace", "verdict", "mark"]
    );
    let value = total["value"].as_u64().expect("a count");
    assert_eq!(
        (&total["target"], &total["pace"]),
        (&64_500.into(), &1.into())
    );
    let progress = format!("{:.11e}", value as f64 / 64_500.0);
    assert_eq!(
        total["progress"].as_f64(),
        progress.parse().ok(),
        "Q65, §8: a fraction of 12 significant digits"
    );
    assert_eq!(total["verdict"], "behind");

    let ratio = project.query("skilled_ratio", &["--period", "2020"]);
    assert_eq!(ratio["kind"], "ratio");
    assert_eq!(names(&ratio["totals"]), FIGURE);
    assert!(ratio["totals"]["numerator"].is_u64() && ratio["totals"]["value"].is_f64());
    // Q66: targets belong to CC2019.
    let other = project.query("trained_person_times", &["--scope", "CC2020"]);
    for name in ["target", "progress", "pace"] {
        assert!(other["totals"][name].is_null(), "{name}");
    }
    assert_eq!(other["totals"]["verdict"], "no_target");
    // Q54: nothing happened before the programme; a flow is 0, without rows.
    let none = project.query(
        "trained_person_times",
        &["--period", "2018", "--by", "level"],
    );
    assert_eq!(
        (&none["rows"], &none["totals"]["value"]),
        (&serde_json::json!([]), &0.into())
    );
}

#[test]
fn csv_has_the_same_cells_and_a_total_row_without_code() {
    let (project, _) = Project::samples();
    let args = [
        "query",
        "trained_person_times",
        "--by",
        "division,quarter",
        "--format",
        "csv",
    ];
    let done = project.run(&args);
    assert_eq!(done.code, 0, "{}", done.err);
    let text = done.out.trim_start_matches('\u{FEFF}');
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let headers: Vec<String> = reader
        .headers()
        .expect("headers")
        .iter()
        .map(str::to_owned)
        .collect();
    let wanted: Vec<&str> = ["division", "quarter"].into_iter().chain(FIGURE).collect();
    assert_eq!(headers, wanted);
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect())
        .collect();
    let (total, cells) = rows.split_last().expect("rows");
    assert_eq!(
        (&total[0][..], &total[1][..], &total[2][..]),
        ("", "", "187")
    );
    let json = project.breakdown("trained_person_times", "division,quarter", &[]);
    assert_eq!(cells.len(), json.len());
    for row in cells {
        assert_eq!(json[&format!("{}|{}", row[0], row[1])].to_string(), row[2]);
    }
}

#[test]
fn reports_and_lists_have_the_shape_of_the_contract() {
    let (project, report) = Project::samples();
    // Q58.
    for name in ["load", "snapshot", "dry_run", "files", "totals"] {
        assert!(names(report).contains(&name), "{name}");
    }
    let counts = [
        "received",
        "new",
        "correction",
        "withdrawal",
        "unchanged",
        "rejected",
    ];
    assert_eq!(names(&report["totals"]), counts);
    for file in array(&report["files"]) {
        let first = ["file", "sha256", "status"]
            .iter()
            .chain(&counts)
            .chain(&["repairs", "violations"]);
        assert!(
            names(file)
                .iter()
                .zip(first)
                .all(|(name, wanted)| name == wanted),
            "{file}"
        );
        for repair in array(&file["repairs"]) {
            assert!(
                repair["row"].is_u64()
                    && repair["column"].is_string()
                    && repair["rule"].is_string()
            );
        }
        for violation in array(&file["violations"]) {
            assert!(
                ["reject", "flag"].contains(&text(&violation["effect"])),
                "{violation}"
            );
            assert!(
                violation["row"].is_u64() && violation["value"].is_string(),
                "{violation}"
            );
            for language in ["zh", "en"] {
                assert!(
                    !text(&violation["message"][language]).is_empty(),
                    "{violation}"
                );
            }
        }
    }
    // Q57.
    let ledger = project
        .run(&["ledger", "--by", "division", "--format", "json"])
        .json(0);
    assert_eq!(names(&ledger), ["period", "scope", "snapshot", "rows"]);
    for row in array(&ledger["rows"]) {
        assert_eq!(names(row), ["division", "step", "rule", "clause", "count"]);
        assert!(
            row["division"].is_string() && row["count"].is_u64(),
            "{row}"
        );
    }
    // Q59.
    let findings = project.run(&["findings", "--format", "json"]).json(0);
    assert_eq!(names(&findings), ["snapshot", "rows"]);
    assert!(array(&findings["rows"]).len() > 2);
    for row in array(&findings["rows"]) {
        assert_eq!(
            names(row)[..5],
            ["rule", "department", "record_no", "division", "message"]
        );
    }
    let snapshots = project.run(&["snapshots", "--format", "json"]).json(0);
    let only = &array(&snapshots["snapshots"])[0];
    assert_eq!(
        names(only),
        ["id", "published_at", "load", "records", "definitions"]
    );
    assert_eq!(
        only["id"], report["snapshot"],
        "snapshots lists what query prints"
    );
    assert_eq!(only["load"], report["load"]);
}

#[test]
fn a_figure_is_told_as_it_was_known() {
    // DESIGN §2 vintage, §8 --as-of: an id, a day or an instant.
    let project = Project::new();
    let mut ids = Vec::new();
    for (day, number) in [("2020-06-01", 1), ("2020-07-01", 2), ("2020-07-01", 3)] {
        let name = format!("training__DP01__220102__2020-05__{number}.csv");
        std::fs::write(project.beside(&name), csv(&[Row::new(number)])).expect("a file");
        let report = project.ingest_paths(day, &[project.beside(&name)], 0);
        ids.push(text(&report["snapshot"]).to_owned());
    }
    // Ids sort in the order of publication.
    assert!(
        ids.is_sorted() && ids[0] != ids[1] && ids[1] != ids[2],
        "{ids:?}"
    );
    let known = |as_of: &str| project.total("trained_person_times", &["--as-of", as_of]);
    for (as_of, wanted) in [
        (ids[0].as_str(), 1),
        (&ids[1], 2),
        (&ids[2], 3),
        ("2020-06-01", 1),
        ("2020-06-30", 1),
        // A day means its end: its last snapshot.
        ("2020-07-01", 3),
        ("2021-01-01", 3),
        ("2020-06-30T23:59:59+08:00", 1),
        ("2020-06-01T02:00:00+08:00", 1),
        // Loads of one day are published one after the other: this is the instant of its first.
        ("2020-06-30T18:00:00Z", 2),
        ("2020-06-30T17:59:59Z", 1),
    ] {
        assert_eq!(known(as_of), wanted, "as of {as_of}");
    }
    assert_eq!(project.total("trained_person_times", &[]), 3);
    let early = project.run(&["query", "trained_person_times", "--as-of", "2020-05-31"]);
    assert_one_line(&early, "2020-05-31", &[&ids[2]]);
    let before = project.run(&[
        "query",
        "trained_person_times",
        "--as-of",
        "2020-05-31T23:00:00Z",
    ]);
    assert_eq!(
        before.code, 0,
        "an instant after two in the morning of 2020-06-01 in Changchun"
    );
}

#[test]
fn an_old_figure_keeps_its_old_definition() {
    // DESIGN §2: a snapshot is table versions and definitions.
    let project = Project::new();
    let rows: Vec<Row> = (1..=5)
        .map(|number| Row {
            level: if number > 3 { "中级工" } else { "初级工" },
            ..Row::new(number)
        })
        .collect();
    project.put("training__DP01__220102__2020-05.csv", csv(&rows));
    let old = project.ingest(0);
    let old = text(&old["snapshot"]);
    let first = project.query("trained_person_times", &[]);
    assert_eq!(first["totals"]["value"], 5);

    let query = project
        .root()
        .join("queries/indicators/trained_person_times.sql");
    let sql = std::fs::read_to_string(&query).expect("the indicator");
    let changed = sql.replacen("WHERE counted", "WHERE counted AND level = 'L5'", 1);
    assert_ne!(sql, changed);
    std::fs::write(&query, changed).expect("the project can be edited");
    project.put("training__DP01__220102__2020-06.csv", csv(&[Row::new(6)]));
    let new = project.ingest(0);
    assert_eq!(project.total("trained_person_times", &[]), 4);
    assert_eq!(
        project.total("trained_person_times", &["--as-of", text(&new["snapshot"])]),
        4
    );
    let again = project.query("trained_person_times", &["--as-of", old]);
    assert_eq!(again, first, "value, definition and all");
}

#[test]
fn the_ledger_subtracts_to_what_is_counted() {
    let (project, report) = Project::samples();
    let of = |args: &[&str]| -> Vec<(String, i64)> {
        let ledger = project
            .run(&[&["ledger", "--format", "json", "--scope", "CC2020"], args].concat())
            .json(0);
        array(&ledger["rows"])
            .iter()
            .map(|row| {
                (
                    text(&row["step"]).to_owned(),
                    row["count"].as_i64().unwrap(),
                )
            })
            .collect()
    };
    let sum = |lines: &[(String, i64)], steps: &[&str]| -> i64 {
        lines
            .iter()
            .filter(|(step, _)| steps.contains(&step.as_str()))
            .map(|(_, count)| count)
            .sum()
    };
    for lines in [
        of(&[]),
        of(&["--by", "division"]),
        of(&["--by", "level"]),
        of(&["--by", "sex"]),
    ] {
        // CONTRACT Q55.
        let left = sum(&lines, &["received"])
            - sum(
                &lines,
                &["rejected", "unchanged", "superseded", "withdrawn"],
            );
        assert_eq!(left, sum(&lines, &["accepted"]));
        assert_eq!(
            sum(&lines, &["accepted"]) - sum(&lines, &["not_completed"]),
            sum(&lines, &["completed"])
        );
        let counted =
            sum(&lines, &["completed"]) - sum(&lines, &["type", "funding", "period", "R007"]);
        assert_eq!(counted, sum(&lines, &["counted"]));
        assert_eq!(
            counted,
            project.total("trained_person_times", &["--scope", "CC2020"])
        );
    }
    let training = array(&report["files"])
        .iter()
        .filter(|file| text(&file["file"]).starts_with("training__"));
    let received: i64 = training
        .map(|file| file["received"].as_i64().unwrap())
        .sum();
    assert_eq!(sum(&of(&[]), &["received"]), received);
    let period = of(&["--period", "2020"]);
    assert_eq!(
        period[0].0, "accepted",
        "with a period the ledger begins at the current records (Q56)"
    );
}

#[test]
fn a_blank_form_has_the_contract_s_headers_and_is_read_again() {
    let project = Project::new();
    let form = project.beside("training__DP01__220102__2020-05.xlsx");
    let path = form.to_str().unwrap();
    assert_eq!(
        project.run(&["template", "training", "--out", path]).code,
        0
    );
    let mut book: Xlsx<_> = calamine::open_workbook(&form).expect("a workbook");
    let sheet = book
        .worksheet_range_at(0)
        .expect("a sheet")
        .expect("readable");
    let heads: Vec<String> = sheet
        .rows()
        .next()
        .expect("a header")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(heads.len(), 33);
    for head in ["记录编号", "证件号码", "姓名", "结业日期", "补贴金额"] {
        assert!(
            heads.iter().any(|found| found == head),
            "{head} in {heads:?}"
        );
    }
    let report = project.ingest_paths("2021-06-30", &[form], 0);
    assert_eq!(
        (
            &report["files"][0]["status"],
            &report["files"][0]["received"]
        ),
        (&Value::from("loaded"), &Value::from(0))
    );
}

#[test]
fn the_key_is_guarded() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.put(
        "training__DP01__220102__2020.csv",
        crate::support::csv(&[crate::support::Row::new(1)]),
    );
    project.ingest(0);
    let key = project.root().join("secrets/vault.key");
    let mode =
        |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    project.put(
        "training__DP01__220102__2021.csv",
        crate::support::csv(&[crate::support::Row::new(2)]),
    );
    mode(0o644);
    let refused = project.run(&["ingest"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("vault.key"), "{}", refused.err);
    mode(0o400);
    std::fs::rename(&key, project.beside("elsewhere.key")).unwrap();
    assert_eq!(
        project.run(&["ingest"]).code,
        1,
        "a vault without its key takes nothing in"
    );
    std::fs::rename(project.beside("elsewhere.key"), &key).unwrap();
    assert_eq!(project.run(&["ingest"]).code, 0);
}
