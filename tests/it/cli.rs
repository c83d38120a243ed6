//! The binary on the command line: exit codes, clear refusals, shapes of CONTRACT §8.

use crate::support::{Project, array, dabiao, text};
use calamine::{Reader, Xlsx};
use serde_json::Value;

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn exit_codes_say_how_it_ended() {
    let (project, _) = Project::samples();
    assert_eq!(project.run(&["check"]).code, 0);
    assert_eq!(dabiao(["query"]).code, 2, "usage");
    assert_eq!(dabiao(["no-such-command"]).code, 2, "usage");
    assert_eq!(project.run(&["ingest", "/nowhere/at/all"]).code, 1);
    let empty = Project::new();
    let none = empty.run(&["query", "trained_person_times"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("dabiao ingest"), "{}", none.err);
    empty.put("notes.csv", "x\n");
    assert_eq!(empty.run(&["ingest"]).code, 3, "a misnamed file");
}

#[test]
fn what_is_unknown_is_named_in_one_line_with_what_is_valid() {
    let (project, _) = Project::samples();
    for (args, found, valid) in [
        (
            vec!["query", "trained_person"],
            "trained_person",
            "trained_person_times",
        ),
        (
            vec!["query", "trained_person_times", "--by", "colour"],
            "colour",
            "division",
        ),
        (
            vec!["query", "trained_person_times", "--period", "2020Q5"],
            "2020Q5",
            "2020Q3",
        ),
        (
            vec!["query", "trained_person_times", "--scope", "CC1999"],
            "CC1999",
            "CC2020",
        ),
        (
            vec![
                "query",
                "trained_person_times",
                "--where",
                "division=999999",
            ],
            "999999",
            "220102",
        ),
        (
            vec!["query", "trained_person_times", "--as-of", "2001-01-01"],
            "2001-01-01",
            "S000001",
        ),
        (vec!["ledger", "--by", "colour"], "colour", "division"),
        (vec!["findings", "--rule", "R999"], "R999", "R007"),
        (
            vec!["template", "nothing", "--out", "/dev/null"],
            "nothing",
            "training",
        ),
    ] {
        let refused = project.run(&args);
        assert_eq!(refused.code, 1, "{args:?}");
        assert_eq!(refused.err.lines().count(), 1, "{}", refused.err);
        assert!(
            refused.err.contains(found) && refused.err.contains(valid),
            "{}",
            refused.err
        );
    }
}

#[test]
fn json_has_the_shapes_of_the_contract() {
    let (project, report) = Project::samples();
    assert_eq!(
        keys(report),
        ["load", "snapshot", "dry_run", "files", "totals"]
    );
    let file = array(&report["files"])
        .iter()
        .find(|file| file["rejected"] != 0 && !array(&file["repairs"]).is_empty());
    let first = [
        "file",
        "sha256",
        "status",
        "received",
        "new",
        "correction",
        "withdrawal",
        "unchanged",
        "rejected",
        "repairs",
        "violations",
    ];
    for file in file.into_iter().chain(array(&report["files"])) {
        assert_eq!(keys(file)[..first.len()], first);
        for violation in array(&file["violations"]) {
            assert!(
                violation["message"]["zh"].is_string() && violation["message"]["en"].is_string()
            );
            assert!(["reject", "flag"].contains(&text(&violation["effect"])));
        }
    }
    let table = project.query(
        "trained_person_times",
        &["--by", "division", "--period", "2020"],
    );
    let head = [
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
    assert_eq!(keys(&table), head);
    let cell = [
        "value",
        "numerator",
        "denominator",
        "target",
        "progress",
        "pace",
        "verdict",
        "mark",
    ];
    for row in array(&table["rows"]) {
        assert_eq!(keys(row), [&["division"][..], &cell].concat());
    }
    // A total has the fields of a row; parts only where the indicator has them, as the contract's example prints it.
    let total: Vec<&str> = cell
        .into_iter()
        .filter(|name| !name.ends_with("ator"))
        .collect();
    assert_eq!(keys(&table["totals"]), total);
    let ratio = project.query("skilled_ratio", &["--period", "2020"]);
    assert_eq!(keys(&ratio["totals"]), cell);
    assert_eq!(table["totals"]["target"], 64_500);
    let ledger = project
        .run(&["ledger", "--by", "division", "--format", "json"])
        .json(0);
    assert_eq!(keys(&ledger), ["period", "scope", "snapshot", "rows"]);
    assert_eq!(
        keys(&ledger["rows"][0]),
        ["division", "step", "rule", "clause", "count"]
    );
    let listed = project.run(&["snapshots", "--format", "json"]).json(0);
    assert_eq!(
        keys(&listed["snapshots"][0]),
        ["id", "published_at", "load", "records", "definitions"]
    );
    assert_eq!(listed["snapshots"][0]["id"], table["snapshot"]);
    let findings = project.run(&["findings", "--format", "json"]).json(0);
    assert_eq!(keys(&findings)[..2], ["snapshot", "rows"]);
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
