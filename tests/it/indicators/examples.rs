//! Files of worked examples: what they become, and how strictly they are read.

use dabiao::indicators::{Catalog, Example, examples};
use dabiao::programme::{Files, Programme};
use dabiao::project::built_in;

const FILE: &str = "queries/indicators/online_share.examples.toml";

fn catalog(files: &Files) -> (Programme, Catalog) {
    let (programme, problems) = Programme::parse(files);
    assert_eq!(problems, []);
    let programme = programme.expect("it has no problem");
    let (catalog, problems) = Catalog::parse(files, &programme);
    assert_eq!(problems, []);
    (programme, catalog)
}

fn parsed(source: &str) -> (Vec<Example>, Vec<String>) {
    let mut files = built_in();
    files.retain(|path, _| !path.ends_with(".examples.toml"));
    files.insert(FILE.to_owned(), source.to_owned());
    let (programme, catalog) = catalog(&files);
    let (parsed, problems) = examples::parse(&files, &programme, &catalog);
    (parsed, problems.iter().map(ToString::to_string).collect())
}

const GOOD: &str = r#"
[defaults.training]
status = "completed"
[[example]]
title = { zh = "一", en = "one" }
by = ["delivery"]
rows = [{ delivery = "TM03", numerator = 1, denominator = 2, value = "0.5" }]
total = { numerator = 1, denominator = 2 }
[example.records]
training = [
    { person = "A", delivery = "TM03", end_date = 2020-03-13, subsidy = "600.05" },
    { delivery = "TM04" },
]
"#;

#[test]
fn the_repository_shows_every_indicator_at_least_three_times() {
    let files = built_in();
    let (programme, catalog) = catalog(&files);
    let (parsed, problems) = examples::parse(&files, &programme, &catalog);
    assert_eq!(problems, []);
    assert_eq!(catalog.iter().count(), 26);
    for indicator in catalog.iter() {
        let of = parsed
            .iter()
            .filter(|example| example.request.indicator == indicator.id);
        assert!(of.count() >= 3, "{}", indicator.id);
    }
}

#[test]
fn records_become_tables_with_the_types_of_the_lake() {
    let (examples, problems) = parsed(GOOD);
    assert_eq!(problems, Vec::<String>::new());
    let [example] = &examples[..] else {
        panic!("one example");
    };
    assert_eq!(example.line, 4);
    let training = &example.tables["training"];
    let cell = |name: &str, row| training.column(name).unwrap().get(row).unwrap();
    assert_eq!(training.height(), 2);
    assert_eq!(cell("status", 1).get_str(), Some("completed"));
    assert_eq!(cell("subsidy", 0).to_string(), "600.05");
    assert!(cell("end_date", 1).is_null());
    assert_ne!(cell("person", 0), cell("person", 1));
    assert_eq!(cell("record_no", 1).get_str(), Some("002"));
    assert!(training.column("counted").is_err(), "it is computed");
}

#[test]
fn every_mistake_is_told_with_its_line() {
    for (from, to, line, told) in [
        ("by = [", "bye = [", 6, "bye"),
        (
            "[defaults.training]",
            "[defaults.trainings]",
            3,
            "trainings",
        ),
        (
            "status = \"completed\"",
            "state = \"completed\"",
            3,
            "state",
        ),
        ("status = \"completed\"", "status = \"done\"", 3, "done"),
        ("status = \"completed\"", "counted = true", 3, "counted"),
        ("status = \"completed\"", "seq = 3", 3, "seq"),
        ("2020-03-13", "\"2020-03-13\"", 11, "a date"),
        ("\"600.05\"", "600.05", 11, "in quotes"),
        ("\"600.05\"", "\"600.051\"", 11, "a decimal"),
        (
            "delivery = \"TM04\"",
            "delivery = \"TM09\"",
            12,
            "deliveries",
        ),
        ("training = [", "trainings = [", 11, "trainings"),
        ("value = \"0.5\"", "value = \"0.6\"", 7, "\"0.5\""),
        ("value = \"0.5\"", "worth = \"0.5\"", 7, "worth"),
        ("total = { numerator = 1,", "total = {", 8, "numerator"),
        (
            "{ delivery = \"TM03\", numerator",
            "{ numerator",
            7,
            "delivery",
        ),
        ("zh = \"一\", en", "en", 5, "zh"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let (examples, problems) = parsed(&GOOD.replacen(from, to, 1));
        assert_eq!(problems.len(), 1, "{to}: {problems:#?}");
        assert!(
            problems[0].starts_with(&format!("{FILE}:{line}: ")),
            "{to}: {problems:#?}"
        );
        assert!(problems[0].contains(told), "{to}: {problems:#?}");
        assert!(examples.is_empty(), "{to}");
    }
}

#[test]
fn a_file_needs_its_indicator() {
    let mut files = built_in();
    files.insert(
        "queries/indicators/nothing.examples.toml".into(),
        GOOD.into(),
    );
    let (programme, catalog) = catalog(&files);
    let (_, problems) = examples::parse(&files, &programme, &catalog);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().contains("no indicator nothing"));
}
