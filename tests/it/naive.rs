//! A second, naive implementation written from the contract alone; every figure of the sample is computed twice.
//!
//! It reads the raw files itself and shares no code with `dabiao::{intake, load, counting, indicators, engine, analysis}`.

mod books;
mod check;
mod figures;
mod form;
mod indicators;
mod raw;

use crate::support::{
    Counts, Project, TODAY, array, assert_identity, counts, dabiao, dispositions, samples, text,
};
use books::{Books, Fate};
use figures::{Parts, Span, person_times, stock_ratio};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All dimensions of DESIGN §2.
const DIMENSIONS: [&str; 16] = [
    "division",
    "department",
    "sector",
    "group",
    "training_type",
    "mode",
    "delivery",
    "programme_tag",
    "level",
    "certificate_type",
    "occupation",
    "sex",
    "age_band",
    "month",
    "quarter",
    "year",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn naive_samples() -> (Books, Vec<Fate>) {
    let mut books = Books::new();
    let fates = books.load(files(&samples()), TODAY.parse().expect("a day"));
    (books, fates)
}

/// What `ingest` said of each file, in the naive implementation's words.
fn told(report: &Value) -> Vec<Fate> {
    let status = |file: &Value| match text(&file["status"]) {
        "loaded" => "loaded",
        "duplicate" => "duplicate",
        "quarantined" => "quarantined",
        other => panic!("a status {other}"),
    };
    let violations = |file: &Value| -> Vec<(u64, String, String, bool)> {
        let listed = array(&file["violations"]).iter();
        let mut listed: Vec<_> = listed
            // Row 0 is the file as a whole.
            .filter(|violation| violation["row"].as_u64() != Some(0))
            .map(|violation| {
                (
                    violation["row"].as_u64().expect("a row"),
                    text(&violation["rule"]).to_owned(),
                    text(&violation["column"]).to_owned(),
                    text(&violation["effect"]) == "reject",
                )
            })
            .collect();
        listed.sort();
        listed
    };
    let files = array(&report["files"]).iter();
    files
        .map(|file| Fate {
            file: text(&file["file"]).to_owned(),
            status: status(file),
            counts: dispositions(file),
            violations: violations(file),
        })
        .collect()
}

/// Files, in order, with every count, rule, row and column.
fn assert_same_fates(report: &Value, naive: &[Fate]) {
    assert_identity(report);
    let told = told(report);
    assert_eq!(told.len(), naive.len(), "files");
    for (told, naive) in told.iter().zip(naive) {
        assert_eq!(told, naive);
    }
}

/// `trained_person_times` in a span, by one or several dimensions: rows and total (Q53).
fn assert_person_times(project: &Project, books: &Books, span: &Span, by: &str, more: &[&str]) {
    let dimensions: Vec<&str> = by.split(',').collect();
    let wanted = person_times(books, span, &dimensions);
    let mut args = vec!["--by", by];
    args.extend(more);
    let table = project.query("trained_person_times", &args);
    assert_eq!(counts(&table, by), wanted, "by {by} {more:?}");
    let total: i64 = wanted.values().sum();
    assert_eq!(table["totals"]["value"].as_i64(), Some(total), "by {by}");
}

#[test]
fn every_row_of_the_samples_gets_the_same_answer() {
    let (_, fates) = naive_samples();
    let (_, report) = Project::samples();
    assert_same_fates(report, &fates);
    // Not vacuous: the samples hold every kind of answer.
    let all = dispositions(&report["totals"]);
    assert!(all.iter().all(|count| *count > 0), "{all:?}");
    assert!(fates.iter().any(|fate| fate.status == "quarantined"));
}

#[test]
fn person_times_of_the_samples_are_the_same_by_every_dimension() {
    let (books, _) = naive_samples();
    let (project, _) = Project::samples();
    let whole = Span::whole();
    for by in DIMENSIONS {
        assert_person_times(project, &books, &whole, by, &[]);
    }
    assert_person_times(project, &books, &whole, "division,quarter", &[]);
    let sum: i64 = person_times(&books, &whole, &[]).values().sum();
    assert_eq!(sum, 193, "data-samples/README.md, worked by hand");
    assert_eq!(project.total("trained_person_times", &[]), sum);
}

#[test]
fn person_times_of_the_samples_are_the_same_in_periods_and_scopes() {
    let (books, _) = naive_samples();
    let (project, _) = Project::samples();
    let mut seen = 0;
    for (period, from, to) in [
        ("2019", "2019-01-01", "2019-12-31"),
        ("2020Q3", "2020-07-01", "2020-09-30"),
        ("2020H1", "2020-01-01", "2020-06-30"),
        ("2020-12", "2020-12-01", "2020-12-31"),
        ("ytd:2020-09", "2020-01-01", "2020-09-30"),
        ("2019..2021", "2019-01-01", "2021-12-31"),
    ] {
        for scope in ["CC2019", "CC2020"] {
            let span = Span::new(scope, from, to);
            let more = ["--period", period, "--scope", scope];
            assert_person_times(project, &books, &span, "division", &more);
            seen += person_times(&books, &span, &[]).len();
        }
    }
    assert!(seen >= 10, "most of the periods hold records");
}

/// The twelve decimals of a fraction, half up, by whole numbers (CONTRACT §8).
fn decimals(parts: &Parts) -> f64 {
    let scaled =
        (parts.numerator * 10i128.pow(12) * 2 + parts.denominator) / (parts.denominator * 2);
    format!("0.{scaled:012}").parse().expect("below one")
}

fn assert_parts(cell: &Value, wanted: &Parts, what: &str) {
    // The naive numbers carry six decimals, which stocks do not have.
    let part = |name: &str| {
        cell[name]
            .as_i64()
            .map(|value| i128::from(value) * 1_000_000)
    };
    assert_eq!(part("numerator"), Some(wanted.numerator), "{what}");
    assert_eq!(part("denominator"), Some(wanted.denominator), "{what}");
    assert_eq!(cell["value"].as_f64(), Some(decimals(wanted)), "{what}");
    // [p] is of the calendar, not of the stocks.
    let mark = text(&cell["mark"]).trim_start_matches("[p]");
    let wanted = if wanted.estimated { "[e]" } else { "" };
    assert_eq!(mark, wanted, "{what}");
}

#[test]
fn ratios_of_stocks_are_the_same_at_every_year_end() {
    let (books, _) = naive_samples();
    let (project, _) = Project::samples();
    let mut cells = 0;
    for (indicator, numerator, denominator) in [
        ("skilled_ratio", "skilled", "employed"),
        ("highly_skilled_ratio", "highly_skilled", "skilled"),
    ] {
        for (period, from, to) in [
            ("2018-12", "2018-12-01", "2018-12-31"),
            ("2019", "2019-01-01", "2019-12-31"),
            ("2020", "2020-01-01", "2020-12-31"),
            // The only month whose end finds a zone's sectors newer than its total (Q46b).
            ("2020-11", "2020-11-01", "2020-11-30"),
            ("2021", "2021-01-01", "2021-12-31"),
        ] {
            for scope in ["CC2019", "CC2020"] {
                let span = Span::new(scope, from, to);
                for by in ["division", "sector"] {
                    let args = ["--by", by, "--period", period, "--scope", scope];
                    let table = project.query(indicator, &args);
                    let wanted = stock_ratio(&books, &span, numerator, denominator, by);
                    let codes: Vec<&str> = array(&table["rows"])
                        .iter()
                        .map(|row| text(&row[by]))
                        .collect();
                    assert_eq!(codes.len(), wanted.len(), "{codes:?} {wanted:?}");
                    for row in array(&table["rows"]) {
                        let what = format!("{indicator} {period} {scope} {row}");
                        assert_parts(row, &wanted[text(&row[by])], &what);
                        cells += 1;
                    }
                    let total = stock_ratio(&books, &span, numerator, denominator, "");
                    let what = format!("{indicator} {period} {scope} total");
                    assert_parts(&table["totals"], &total[""], &what);
                }
            }
        }
    }
    assert!(cells > 300, "{cells} cells were compared");
}

/// Counts of the ledger's steps; the steps that a rule takes out are named by it.
fn steps(ledger: &Value) -> BTreeMap<String, i64> {
    let rows = array(&ledger["rows"]).iter();
    rows.map(|row| {
        let step = row["rule"].as_str().unwrap_or_else(|| text(&row["step"]));
        (step.to_owned(), row["count"].as_i64().expect("a count"))
    })
    .collect()
}

#[test]
fn the_ledger_leads_from_received_rows_to_the_figure() {
    let (books, fates) = naive_samples();
    let (project, _) = Project::samples();
    // One rejected row names Gongzhuling, which only this scope holds.
    let ledger = ["ledger", "--scope", "CC2020", "--format", "json"];
    let ledger = project.run(&ledger).json(0);
    let step = steps(&ledger);
    let training = fates
        .iter()
        .filter(|fate| fate.file.starts_with("training"));
    let mut sums = [0; 6];
    for fate in training {
        for (sum, count) in sums.iter_mut().zip(fate.counts) {
            *sum += i64::try_from(count).expect("small");
        }
    }
    let counted = books.counted();
    let of = |wanted: Option<&str>| {
        let all = counted.iter().filter(|(_, reason)| *reason == wanted);
        i64::try_from(all.count()).expect("small")
    };
    let accepted = i64::try_from(counted.len()).expect("small");
    // Q55.
    assert_eq!(step["received"], sums[0]);
    assert_eq!(step["rejected"], sums[5]);
    assert_eq!(step["unchanged"], sums[4]);
    assert_eq!(step["accepted"], accepted);
    let left = step["received"] - step["rejected"] - step["unchanged"];
    assert_eq!(left - step["superseded"] - step["withdrawn"], accepted);
    for rule in ["status", "type", "funding", "period", "R007"] {
        assert_eq!(step[rule], of(Some(rule)), "{rule}");
        assert!(step[rule] > 0, "the samples hold a case of {rule}");
    }
    assert_eq!(step["counted"], of(None));
    let all = project.total("trained_person_times", &["--scope", "CC2020"]);
    assert_eq!(step["counted"], all);
}

#[test]
fn findings_name_the_records_the_rules_name() {
    let (books, _) = naive_samples();
    let (project, _) = Project::samples();
    let found = project.run(&["findings", "--format", "json"]).json(0);
    let of = |rule: &str| -> Vec<String> {
        let rows = array(&found["rows"]).iter();
        let mut numbers: Vec<String> = rows
            .filter(|row| text(&row["rule"]) == rule)
            .map(|row| text(&row["record_no"]).to_owned())
            .collect();
        numbers.sort();
        numbers
    };
    assert_eq!(of("R008"), books.fourth_in_a_year());
    assert_eq!(of("R009"), books.over_six_months());
    assert_eq!(of("R008"), ["SYN-Q-011"], "data-samples/README.md");
    assert_eq!(of("R009"), ["SYN-Q-012"], "data-samples/README.md");
}

/// The generator's own programme: quarter by quarter, with late reports, corrections and withdrawals.
#[test]
fn a_generated_programme_counts_the_same_after_every_quarter() {
    let project = Project::new();
    let out = project.beside("generated");
    let args = [
        "--rows", "4000", "--seed", "5", "--messy", "0.0", "--shape", "quarters", "--out",
    ];
    let mut command: Vec<&std::ffi::OsStr> = vec!["generate".as_ref()];
    command.extend(args.iter().map(|arg| std::ffi::OsStr::new(*arg)));
    command.push(out.as_os_str());
    let summary = dabiao(command).json(0);
    let truth = &summary["truth"];

    let mut books = Books::new();
    let mut sums = [0; 6];
    let mut quarters = files(&out);
    quarters.retain(|path| path.is_dir());
    quarters.sort();
    assert_eq!(quarters.len(), 10, "2019Q1 to 2021Q2");
    for quarter in &quarters {
        let name = quarter
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let end = match &name[4..] {
            "Q1" => "03-31",
            "Q2" => "06-30",
            "Q3" => "09-30",
            _ => "12-31",
        };
        let today = format!("{}-{end}", &name[..4]);
        let fates = books.load(files(quarter), today.parse().expect("a day"));
        let report = project.ingest_paths(&today, std::slice::from_ref(quarter), 0);
        assert_same_fates(&report, &fates);
        for fate in fates
            .iter()
            .filter(|fate| fate.file.starts_with("training"))
        {
            for (sum, count) in sums.iter_mut().zip(fate.counts) {
                *sum += count;
            }
        }
    }

    let names = ["new", "correction", "withdrawal", "unchanged", "rejected"];
    for (name, count) in names.into_iter().zip(&sums[1..]) {
        assert_eq!(
            truth[name].as_u64(),
            Some(*count),
            "{name} of the generator"
        );
    }
    assert_eq!(
        truth["correction"].as_u64().map(|count| count > 0),
        Some(true)
    );
    let everything = Span::new("CC2020", "2019-01-01", "2021-12-31");
    let all = ["--scope", "CC2020"];
    for by in ["division", "month", "age_band", "level", "division,quarter"] {
        assert_person_times(&project, &books, &everything, by, &all);
        assert_person_times(&project, &books, &Span::whole(), by, &[]);
    }
    let by_division = person_times(&books, &everything, &["division"]);
    let of_generator: Counts = serde_json::from_value(truth["counted"]["by_division"].clone())
        .expect("counts by division");
    assert_eq!(
        by_division, of_generator,
        "the generator's truth by division"
    );
    let total = project.total("trained_person_times", &all);
    assert_eq!(truth["counted"]["counted"].as_i64(), Some(total));
}
