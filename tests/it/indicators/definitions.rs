//! What the indicator files say twice is said alike: code lists in their queries, names in the code list, examples that are run.

use super::sample::{ids, published};
use crate::support::{Project, dabiao};
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// The codes in quotes that follow `words` in the query of an indicator, up to the next closing bracket or line.
fn codes(id: &str, words: &str) -> BTreeSet<String> {
    let facts = published()
        .catalog
        .get(id)
        .expect("it is there")
        .facts
        .to_string();
    let rest = facts
        .split_once(words)
        .unwrap_or_else(|| panic!("{id}: {words} in {facts}"))
        .1;
    let list = rest.split(')').next().unwrap_or_default();
    let quoted = list.split('\'').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// The codes of a list that have (or have not) an attribute.
fn listed(list: &str, attribute: &str, has: bool) -> BTreeSet<String> {
    let codes = published().programme.list(list).iter();
    let codes = codes.filter(|code| code.has(attribute) == has);
    codes.map(|code| code.code.clone()).collect()
}

#[test]
fn queries_name_the_codes_that_the_rules_and_lists_say() {
    let programme = &published().programme;
    let rule = |id: &str| programme.config.rule(id).expect("a rule");
    let own_line: BTreeSet<String> = rule("type").types_on_own_line.iter().cloned().collect();
    let money: BTreeSet<String> = rule("funding").funding_sources.iter().cloned().collect();
    let started = "started_person_times";
    assert_eq!(
        codes(started, "COALESCE(funding_source, '') NOT IN ("),
        money
    );
    // Types that do not count by their list are those with a line of their own.
    assert_eq!(listed("training_types", "counts", false), own_line);
    assert_eq!(codes(started, "training_type NOT IN ("), own_line);
    let highly = listed("levels", "highly_skilled", true);
    assert_eq!(codes("highly_skilled_person_times", "level IN ("), highly);
    let new = "new_skilled_persons";
    assert_eq!(codes(new, "level IN ("), listed("levels", "skilled", true));
    let kinds = listed("certificate_types", "skilled_stock", true);
    assert_eq!(codes(new, "certificate_type IN ("), kinds);
}

#[test]
fn names_are_those_of_the_code_list_and_both_languages_speak() {
    let list = published().programme.list("indicators");
    let mut codes: Vec<&str> = list.iter().map(|code| code.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(ids(), codes);
    for indicator in published().catalog.iter() {
        let named = list.get(&indicator.id).expect("it is there");
        assert_eq!(named.name, indicator.title, "{}", indicator.id);
        for text in [&indicator.title, &indicator.unit, &indicator.note] {
            assert!(
                !text.zh.is_empty() && !text.en.is_empty(),
                "{}",
                indicator.id
            );
        }
        assert!(!indicator.clause.is_empty(), "{}", indicator.id);
    }
}

#[test]
fn check_runs_the_examples_and_tells_what_it_found() {
    let project = Project::new();
    let check = || {
        let root = project.root();
        let args = [
            OsStr::new("--project"),
            root.as_os_str(),
            OsStr::new("check"),
        ];
        dabiao(args)
    };
    let done = check();
    assert_eq!(done.code, 0, "{}", done.out);
    let file = project
        .root()
        .join("queries/indicators/trained_persons.examples.toml");
    let examples = std::fs::read_to_string(&file).expect("it was unpacked");
    // One person more than there is in the city, and a row that is not there.
    let wrong = examples.replacen("total = { value = 2 }", "total = { value = 3 }", 1);
    let wrong = wrong.replacen(
        "{ division = \"220103\", value = 1 }",
        "{ division = \"220104\", value = 1 }",
        1,
    );
    std::fs::write(&file, wrong).expect("it can be changed");
    let done = check();
    assert_eq!(done.code, 1);
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", done.out);
    let line = 1 + examples
        .lines()
        .position(|line| line == "[[example]]")
        .expect("one");
    for told in &lines[..3] {
        let place = format!("queries/indicators/trained_persons.examples.toml:{line}: ");
        assert!(told.starts_with(&place), "{told}");
    }
    assert!(lines[0].ends_with("expected division=220104 value=1, found no such row"));
    assert!(lines[1].ends_with("expected no such row, found division=220103 value=1"));
    assert!(lines[2].ends_with("expected total value=3, found total value=2"));
}

#[test]
fn the_document_lists_every_indicator_as_it_is() {
    let path = std::path::Path::new(crate::support::ROOT).join("docs/indicators.md");
    let document = std::fs::read_to_string(path).expect("it is there");
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let mut rows: Vec<String> = rows.map(str::to_owned).collect();
    for indicator in published().catalog.iter() {
        let (id, title, clause) = (&indicator.id, &indicator.title.zh, &indicator.clause);
        let begins = format!("| `{id}` | {title} | {}", indicator.kind);
        let clause = format!(" | {clause} | ");
        let at = rows
            .iter()
            .position(|row| row.starts_with(&begins) && row.contains(&clause));
        rows.remove(at.unwrap_or_else(|| panic!("{begins}{clause}")));
    }
    assert_eq!(rows, Vec::<String>::new(), "rows of no indicator");
}
