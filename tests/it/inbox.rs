//! The tables of data-samples/README.md against what `ingest` says: the README cannot lie.

use crate::support::{
    DISPOSITIONS, Project, ROOT, array, assert_identity, counts, dispositions, text,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The body of the README's table that begins with these columns: its cells without markup.
fn table(first_columns: &str) -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(format!("{ROOT}/data-samples/README.md"));
    let readme = readme.expect("the README is there");
    let mut lines = readme
        .lines()
        .skip_while(|line| !line.starts_with(first_columns));
    let width = cells(lines.next().expect("the table is there")).len();
    let rows: Vec<Vec<String>> = lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .collect();
    assert!(rows.iter().all(|row| row.len() == width), "{first_columns}");
    rows
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|')
        .map(|cell| cell.trim().trim_matches(['`', '*']).to_owned())
        .collect()
}

fn files() -> BTreeMap<String, &'static Value> {
    let (_, report) = Project::samples();
    let files = array(&report["files"]).iter();
    files
        .map(|file| (text(&file["file"]).to_owned(), file))
        .collect()
}

#[test]
fn every_file_gives_the_counts_the_readme_says() {
    let (_, report) = Project::samples();
    assert_identity(report);
    let files = files();
    let mut listed = BTreeSet::new();
    for row in table("| file | shows | status |") {
        let numbers: Vec<u64> = row[3..]
            .iter()
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        if row[0] == "all" {
            assert_eq!(dispositions(&report["totals"])[..], numbers, "all files");
            continue;
        }
        let file = files
            .get(&row[0])
            .unwrap_or_else(|| panic!("{} was not read", row[0]));
        assert_eq!(text(&file["status"]), row[2], "{}", row[0]);
        assert_eq!(dispositions(file)[..], numbers, "{}", row[0]);
        listed.insert(row[0].clone());
    }
    let read: BTreeSet<String> = files.into_keys().collect();
    assert_eq!(listed, read, "the README lists every file, and no other");
}

/// File, row, rule, column.
type Place = (String, u64, String, String);

/// What the report lists of one kind, without what concerns a file as a whole.
fn told(list: &str, effect: Option<&str>) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (name, file) in files() {
        for entry in array(&file[list]) {
            let row = entry["row"].as_u64().expect("a row");
            if row > 0 && effect.is_none_or(|effect| entry["effect"] == effect) {
                let part = |name: &str| text(&entry[name]).to_owned();
                places.insert((name.clone(), row, part("rule"), part("column")));
            }
        }
    }
    places
}

#[test]
fn every_defect_is_answered_where_the_readme_says_and_nowhere_else() {
    let mut wanted: BTreeMap<&str, BTreeSet<Place>> = BTreeMap::new();
    let mut flagged = BTreeSet::new();
    let mut answers: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in table("| file | row | rule |") {
        let place = (
            row[0].clone(),
            row[1].parse().expect("a row"),
            row[2].clone(),
            row[3].clone(),
        );
        match row[4].as_str() {
            "rejected" => drop(wanted.entry("rejected").or_default().insert(place)),
            "repaired" => drop(wanted.entry("repaired").or_default().insert(place)),
            "flagged" => drop(flagged.insert((place.0, place.1, place.3))),
            answer => {
                assert!(DISPOSITIONS.contains(&answer), "an answer {answer}");
                *answers
                    .entry((row[0].clone(), answer.to_owned()))
                    .or_default() += 1;
            }
        }
    }
    assert_eq!(told("violations", Some("reject")), wanted["rejected"]);
    assert_eq!(told("repairs", None), wanted["repaired"]);
    let flags = told("violations", Some("flag")).into_iter();
    let flags: BTreeSet<_> = flags
        .map(|(file, row, _, column)| (file, row, column))
        .collect();
    assert_eq!(flags, flagged);
    // Rows that the README names for another answer are no more than the file has of it.
    let files = files();
    for ((file, answer), rows) in answers {
        let count = files[&file][&answer].as_u64().expect("a count");
        assert!(count >= rows, "{file}: {count} {answer}");
    }
}

#[test]
fn quarantined_files_say_why_in_both_languages() {
    // Q08 and the "bad input gets": a message in zh and en for the file as a whole, and no row received.
    let mut quarantined = 0;
    for (name, file) in files() {
        if file["status"] == "quarantined" {
            quarantined += 1;
            let why = &file["violations"][0];
            assert_eq!(why["row"], 0, "{name}");
            assert!(!text(&why["message"]["zh"]).is_empty(), "{name}");
            assert!(!text(&why["message"]["en"]).is_empty(), "{name}");
            assert_eq!(dispositions(file), [0; 6], "{name}");
        }
    }
    assert_eq!(quarantined, 5);
}

#[test]
fn the_division_table_worked_by_hand_is_the_figure() {
    let (project, _) = Project::samples();
    let answer = project.query("trained_person_times", &["--by", "division"]);
    let mut by_code = counts(&answer, "division");
    let labels = std::fs::read_to_string(format!("{ROOT}/data-samples/reference/divisions.csv"));
    let labels = labels.expect("the code list is there");
    let mut sum = 0;
    for row in table("| division | worked out |") {
        let value: i64 = row[2].parse().expect("a count");
        if row[0] == "all" {
            assert_eq!(answer["totals"]["value"], value);
            assert_eq!(sum, value);
            continue;
        }
        // The README uses short names.
        let entry = labels
            .lines()
            .find(|line| line.split(',').nth(7) == Some(&row[0]));
        let code = entry
            .and_then(|line| line.split(',').next())
            .expect("a unit");
        assert_eq!(by_code.remove(code), Some(value), "{}", row[0]);
        sum += value;
    }
    assert_eq!(by_code, BTreeMap::new(), "divisions the README leaves out");
}
