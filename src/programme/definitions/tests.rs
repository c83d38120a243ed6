//! A programme reads as a whole, and all its problems are told at once.

use super::*;

fn repository() -> Files {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    files.insert(
        CONFIG_FILE.into(),
        std::fs::read_to_string(root.join(CONFIG_FILE)).unwrap(),
    );
    for folder in [CONTRACTS, REFERENCE] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{folder}{}", entry.file_name().to_string_lossy());
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

#[test]
fn the_repository_is_a_programme_without_problems() {
    let (programme, problems) = Programme::parse(&repository());
    assert_eq!(problems, vec![]);
    let programme = programme.unwrap();
    assert_eq!(programme.contracts.len(), 8);
    assert_eq!(programme.scope(None).unwrap().units.len(), 17);
}

#[test]
fn a_small_programme_needs_no_lists_scopes_rules_or_schedule() {
    let config = r#"
        [programme]
        id = "small"
        title = { zh = "小", en = "Small" }
        start = 2020-08-01
        end = 2021-07-31
        time_zone = "Europe/London"
        [[target]]
        indicator = "starts"
        period = "2020-08..2021-07"
        value = "10"
        provenance = "policy"
    "#;
    let contract = r#"
        id = "starts"
        title = { zh = "入学", en = "Starts" }
        grain = { zh = "学年", en = "Academic year" }
        key = ["year"]
        [[column]]
        name = "year"
        title = { zh = "学年", en = "Academic year" }
        type = "text"
    "#;
    let files = Files::from([
        (CONFIG_FILE.to_owned(), config.to_owned()),
        (format!("{CONTRACTS}starts.toml"), contract.to_owned()),
    ]);
    let (programme, problems) = Programme::parse(&files);
    assert_eq!(problems, vec![]);
    let programme = programme.unwrap();
    let scope = programme.scope(None).unwrap();
    assert!(scope.targets && scope.covers("anywhere"));
    assert_eq!(programme.period().to_string(), "2020-08..2021-07");
    assert_eq!(programme.configured_targets().next().unwrap().unit, "whole");
    let kinds: Vec<&str> = programme.unit_kinds().collect();
    assert_eq!(kinds, ["city", "division", "department", "sector"]);
}

#[test]
fn what_the_counting_rules_read_must_be_there() {
    let mut files = repository();
    let contract = files["data-samples/contracts/training.toml"]
        .replace("name = \"employer_uscc\"", "name = \"employer\"");
    files.insert("data-samples/contracts/training.toml".into(), contract);
    let config = files[CONFIG_FILE].clone() + "\n[[dimension]]\nid = \"home\"\nunit = true\n";
    files.insert(CONFIG_FILE.into(), config);
    let (_, problems) = Programme::parse(&files);
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 2, "{shown:#?}");
    assert!(
        shown
            .iter()
            .any(|line| line.contains("lacks the column employer_uscc"))
    );
    assert!(
        shown
            .iter()
            .any(|line| line.contains("home: unit = true needs a code list"))
    );
}

#[test]
fn all_problems_are_reported_at_once_with_their_lines() {
    let mut files = repository();
    let config = files[CONFIG_FILE]
        .replace("default_scope = \"CC2019\"", "default_scope = \"CC1999\"")
        .replace("funding_sources = [\"FS03\"", "funding_sources = [\"FS77\"");
    files.insert(CONFIG_FILE.into(), config);
    let contract =
        files["data-samples/contracts/funds.toml"].replace("code(fund_kinds)", "code(colours)");
    files.insert("data-samples/contracts/funds.toml".into(), contract);
    let (programme, problems) = Programme::parse(&files);
    assert!(programme.is_none());
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 3, "{shown:#?}");
    assert!(
        shown
            .iter()
            .any(|line| line.contains("funds.toml:") && line.contains("colours"))
    );
    assert!(
        shown
            .iter()
            .any(|line| line.starts_with("dabiao.toml:") && line.contains("FS77"))
    );
}
