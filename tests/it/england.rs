//! A second programme without code (tests/projects/england): the product opens, checks, loads, answers and serves a project
//! directory that has nothing of Changchun, by hand-made rows and by the real issues of the Department for Education.

mod real;
mod vintage;

use crate::support::{ROOT, dabiao};
use axum::http::StatusCode;
use dabiao::app::{App, Today};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The project in a folder of its own: nothing is loaded beside the files of the repository.
struct England {
    folder: tempfile::TempDir,
}

impl England {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(
            &Path::new(ROOT).join("tests/projects/england"),
            &folder.path().join("project"),
        );
        Self { folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Where a submission of this name is made, outside the project.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, today: &str, args: &[&str]) -> crate::support::Done {
        let root = self.root();
        let place = ["--project", root.to_str().unwrap(), "--today", today];
        dabiao(place.iter().chain(args))
    }

    /// Loads one submission on a day; every row must be taken.
    fn ingest(&self, today: &str, submission: &Path) -> Value {
        let path = submission.to_str().unwrap();
        self.run(today, &["ingest", path, "--format", "json"])
            .json(0)
    }

    fn app(&self, today: &str) -> App {
        App::open(&self.root(), None, Today::Day(today.parse().unwrap())).expect("it opens")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder of the repository") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

const HEADER: &str =
    "year,provider_name,learner_home_lad,delivery_lad,starts,enrolments,achievements\n";

/// Three rows of two academic years, by hand: 60 + 40 starts in 2023/24, 150,000 in 2024/25.
fn small() -> England {
    let england = England::new();
    let name = "apprenticeships__DFE__ALL__2023-08..2025-07.csv";
    let rows = "2023/24,A COLLEGE,Leeds,Leeds,60,100,30\n\
                2023/24 (Q3 Aug to Apr),B COLLEGE,York,Leeds,40,60,10\n\
                2024/25 (Aug to Jan),A COLLEGE,Leeds,York,150000,160000,0\n";
    std::fs::write(england.beside(name), [HEADER, rows].concat()).unwrap();
    england.ingest("2025-01-31", &england.beside(name));
    england
}

#[test]
fn the_project_has_no_problems() {
    let checked = England::new().run("2025-01-31", &["check"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
}

#[test]
fn what_the_files_name_must_be_there() {
    let england = England::new();
    let config = england.root().join("dabiao.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text
        .replace("id = \"home\"", "id = \"year\"")
        .replace("indicator = \"starts\"", "indicator = \"beginnings\"")
        .replace("[\"starts\", ", "[\"endings\", ");
    std::fs::write(&config, text).unwrap();
    let checked = england.run("2025-01-31", &["check"]);
    assert_eq!(checked.code, 1);
    for told in [
        "the calendar gives the dimension year",
        "there is no indicator beginnings",
        "there is no indicator endings",
        "3 problem(s)",
    ] {
        assert!(checked.out.contains(told), "{told}: {}", checked.out);
    }
}

#[test]
fn a_night_without_two_o_clock_is_loaded_at_three() {
    let england = England::new();
    let config = england.root().join("dabiao.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("Europe/London", "Europe/Berlin")).unwrap();
    let name = "apprenticeships__DFE__ALL__2023-08..2024-07.csv";
    let row = "2023/24,A COLLEGE,Leeds,Leeds,60,100,30\n";
    std::fs::write(england.beside(name), [HEADER, row].concat()).unwrap();
    england.ingest("2025-03-30", &england.beside(name));
    let asked = [
        "query",
        "starts",
        "--as-of",
        "2025-03-30",
        "--format",
        "json",
    ];
    let table = england.run("2025-04-01", &asked).json(0);
    assert_eq!(table["as_of"], "2025-03-30T03:00:00+02:00");
}

#[test]
fn figures_of_academic_years_and_their_own_dimensions() {
    let england = small();
    let query = |args: &[&str]| -> Value {
        let args = [&["query"], args, &["--format", "json"]].concat();
        england.run("2025-01-31", &args).json(0)
    };
    let by_year = query(&["starts", "--by", "academic_year"]);
    let told: Vec<Value> = crate::support::array(&by_year["rows"])
        .iter()
        .map(|row| json!([row["academic_year"], row["value"]]))
        .collect();
    assert_eq!(
        told,
        [json!(["2023/24", 100]), json!(["2024/25", 150_000])],
        "a label of the issue is the academic year"
    );
    let year = ["--period", "2023-08..2024-07"];
    // (30 + 10) / (100 + 60)
    let share = query(&[&["achievements_per_enrolment"], &year[..]].concat());
    assert_eq!(share["totals"]["value"], json!(0.25));
    let homes = query(&[&["starts", "--by", "home,delivery"], &year[..]].concat());
    assert_eq!(homes["rows"][1]["home"], "York");
    assert_eq!(homes["rows"][1]["delivery"], "Leeds");
    assert_eq!(homes["rows"][1]["value"], 40);
    let filtered = query(&["enrolments", "--where", "provider=A COLLEGE"]);
    assert_eq!(filtered["totals"]["value"], 160_100);
    let labelled = england.run("2025-01-31", &["query", "starts", "--by", "home"]);
    assert!(labelled.out.contains("学员居住地"), "{}", labelled.out);
}

#[test]
fn a_target_of_an_academic_year_has_its_pace() {
    let england = small();
    let asked = ["query", "starts", "--period", "2024-08..2025-07"];
    let table = england.run("2025-01-31", &[&asked[..], &["--format", "json"]].concat());
    let totals = &table.json(0)["totals"];
    // 150,000 of 300,000 after six of twelve months.
    let told = json!([totals["progress"], totals["pace"], totals["verdict"]]);
    assert_eq!(told, json!([0.5, 0.5, "on_track"]), "{totals}");
}

#[test]
fn what_the_programme_does_not_have_is_told() {
    let england = small();
    let ledger = england.run("2025-01-31", &["ledger"]);
    assert_eq!(ledger.code, 1);
    assert!(ledger.err.contains("there is no ledger"), "{}", ledger.err);
    let findings = england.run("2025-01-31", &["findings", "--format", "json"]);
    assert_eq!(findings.json(0)["rows"], json!([]));
    let form = england.beside("form.xlsx");
    let out = form.to_str().unwrap();
    let made = england.run("2025-01-31", &["template", "apprenticeships", "--out", out]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(std::fs::read(&form).unwrap().starts_with(b"PK"));
}

#[test]
fn a_dry_run_tells_its_effect_on_the_headlines() {
    let england = small();
    let name = "apprenticeships__DFE__ALL__2024-08..2025-07.csv";
    let rows = "2024/25 (Aug to Apr),A COLLEGE,Leeds,York,200000,210000,5\n";
    std::fs::write(england.beside(name), [HEADER, rows].concat()).unwrap();
    let path = england.beside(name);
    let args = ["ingest", path.to_str().unwrap(), "--dry-run"];
    let told = england.run("2025-07-08", &args);
    assert_eq!(told.code, 0, "{}", told.err);
    for (before, after) in [("150100", "200100"), ("160160", "210160"), ("40", "45")] {
        let line = told.out.lines().find(|line| line.contains(after));
        assert!(
            line.is_some_and(|line| line.contains(before)),
            "{}",
            told.out
        );
    }
}

#[test]
fn a_programme_without_dashboards_shows_its_headlines() {
    use crate::server::get;
    let england = small();
    let app = england.app("2025-01-31");
    let page = get(&app, "/", &[]);
    assert_eq!(page.status, StatusCode::OK);
    let printed = england
        .run("2025-01-31", &["query", "starts", "--format", "json"])
        .json(0);
    let value = format!("<data value=\"{}\">", printed["totals"]["value"]);
    assert!(page.text().contains(&value), "{}", page.text());
    let listed = get(&app, "/api/v1/indicators", &[]).json();
    let starts = crate::support::array(&listed["indicators"])
        .iter()
        .find(|indicator| indicator["id"] == "starts");
    assert_eq!(
        starts.unwrap()["dimensions"],
        json!(["academic_year", "home", "delivery", "provider"])
    );
    let printed = england.run(
        "2025-01-31",
        &["query", "starts", "--by", "home", "--format", "json"],
    );
    let served = get(&app, "/api/v1/indicators/starts/data?by=home", &[]);
    assert_eq!(served.json(), printed.json(0));
}
