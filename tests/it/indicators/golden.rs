//! The expected table of every indicator and request over the samples, checked in as `tests/it/golden/INDICATOR.csv`.
//!
//! `DABIAO_BLESS=1 cargo test golden` writes them anew; what changed then stands in the diff of the commit. That the tables are
//! right is shown by the cases worked by hand here, by the naive implementation (`naive`) and by the loops beside this file.

use super::sample::{Question, cell, dimensions, ids};
use crate::support::ROOT;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HEADER: &str = "scope,period,where,by,cell,value,numerator,denominator,mark\n";

fn file(id: &str) -> PathBuf {
    Path::new(ROOT).join(format!("tests/it/golden/{id}.csv"))
}

/// The questions of an indicator: by every dimension, some by two and three, in periods of every form, filtered, in both scopes.
pub(super) fn questions(id: &'static str) -> Vec<Question> {
    let dimensions = dimensions(id);
    let has = |name: &str| dimensions.contains(&name);
    let all = Question::of(id);
    let mut questions = vec![all.clone(), all.clone().scope("CC2019")];
    questions.extend(dimensions.iter().map(|name| all.clone().by(&[name])));
    for period in [
        "2019",
        "2020H2",
        "2020Q4",
        "2020-09",
        "ytd:2021-05",
        "2018..2020",
    ] {
        questions.push(all.clone().period(period));
        if has("division") {
            questions.push(all.clone().by(&["division"]).period(period).scope("CC2019"));
        }
    }
    let several: [&[&'static str]; 6] = [
        &["division", "quarter"],
        &["level", "sex"],
        &["group", "training_type", "year"],
        &["sector", "month"],
        &["department", "half"],
        &["delivery", "division"],
    ];
    for by in several {
        if by.iter().all(|name| has(name)) {
            questions.push(all.clone().by(by));
        }
    }
    let filters: [(&'static str, &[&'static str]); 6] = [
        ("division", &["220102", "220184"]),
        ("sector", &["unknown"]),
        ("delivery", &["TM03", "unknown"]),
        ("sex", &["female"]),
        ("quarter", &["2020Q4", "2021Q1"]),
        ("level", &["L3", "L2"]),
    ];
    for (name, codes) in filters {
        if has(name) {
            questions.push(all.clone().filter(name, codes));
            questions.push(all.clone().filter(name, codes).by(&["year"]));
        }
    }
    questions
}

fn table(id: &'static str) -> String {
    let mut text = HEADER.to_owned();
    for question in questions(id) {
        let answer = question.answer();
        let filters = question.filters.iter();
        let filters: Vec<String> = filters
            .map(|(name, codes)| format!("{name}={}", codes.join("|")))
            .collect();
        let head = [question.scope, question.period, &filters.join(";")].join(",");
        let by = question.by.join("|");
        // Without dimensions the only row is the total.
        let rows = match question.by.is_empty() {
            true => &[][..],
            false => &answer.rows,
        };
        for row in rows {
            let codes = row.codes.join("|");
            writeln!(text, "{head},{by},{codes},{}", cell(row).join(",")).expect("a text");
        }
        let total = cell(&answer.totals).join(",");
        writeln!(text, "{head},{by},total,{total}").expect("a text");
    }
    text
}

/// Lines that are only in one of two texts, as a reader wants them: what was expected, then what was found.
fn difference(expected: &str, found: &str) -> String {
    let only = |these: &str, those: &str, sign: char| {
        let lines = these
            .lines()
            .filter(|line| !those.lines().any(|other| other == *line));
        let lines: Vec<String> = lines.map(|line| format!("{sign} {line}")).collect();
        lines.join("\n")
    };
    format!(
        "{}\n{}",
        only(expected, found, '-'),
        only(found, expected, '+')
    )
}

#[test]
fn every_answer_is_the_one_that_was_checked_in() {
    let bless = std::env::var_os("DABIAO_BLESS").is_some();
    let mut wrong = Vec::new();
    for id in ids() {
        let found = table(id);
        if bless {
            std::fs::write(file(id), &found).expect("the table can be written");
            continue;
        }
        let expected = std::fs::read_to_string(file(id)).unwrap_or_default();
        if expected != found {
            wrong.push(format!("{id}\n{}", difference(&expected, &found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nDABIAO_BLESS=1 takes these answers over",
        wrong.join("\n\n")
    );
}

#[test]
fn there_is_a_table_for_every_indicator_and_no_other() {
    let folder = std::fs::read_dir(Path::new(ROOT).join("tests/it/golden")).expect("the tables");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut wanted: Vec<PathBuf> = ids().into_iter().map(file).collect();
    wanted.sort();
    assert_eq!(files, wanted);
}

/// Cases worked by hand from data-samples/README.md and the files it names: the question, then value or numerator/denominator.
fn worked_by_hand() -> Vec<(Question, &'static str)> {
    let of = Question::of;
    let gongzhuling = |id| of(id).filter("division", &["220184"]);
    vec![
        // 193 in the scope of 2019 (the README's table) + 10 of Gongzhuling.
        (of("trained_person_times").scope("CC2019"), "193"),
        (of("trained_person_times"), "203"),
        // 203 person-times − 3 (SYN-Q-008 to 011 are one person) − 1 (SYN-A-013 and SYN-B-002) − 1 (the passport, SYN-S-007 and
        // 008) − 1 (SYN-L-005 and SYN-S-012).
        (of("trained_persons"), "197"),
        // The ten of Gongzhuling are nine persons; the one who was trained in 农安县 too counts in both units.
        (gongzhuling("trained_persons"), "9"),
        // Current records 24 A + 16 B + 12 C + 15 D + 12 E + 24 F + 10 G + 12 H + 10 J + 12 K + 10 L + 10 M + 5 N + 8 P + 17 Q +
        // 13 S + 6 of 净月 = 216; − 3 TT09 (Q-012, Q-013, S-013) − 2 by money − 2 begun in 2018.
        (of("started_person_times"), "209"),
        // SYN-A-001 to 020 and three of Gongzhuling (S-001, S-002, S-005).
        (of("certified_person_times"), "23"),
        (of("certification_rate"), "23/203"),
        // S-005 (L3) and S-006 (L2).
        (of("highly_skilled_person_times"), "2"),
        // Q-014 (completed), Q-015 (in training, paid), S-009 (completed).
        (of("apprentices"), "3"),
        (of("apprentices").scope("CC2019"), "2"),
        // Q-013 (six months) and S-013; Q-012 has seven months and is out whole.
        (of("work_for_training_person_times"), "2"),
        // S-001.
        (of("entrepreneurship_person_times"), "1"),
        // S-002.
        (of("safety_person_times"), "1"),
        // S-003 by its primary, S-004 by its other groups.
        (of("poverty_person_times"), "2"),
        // The 24 of spring 2020 (F) and the two of the passport; blended (J, S-003) and blank (S-004) are not online.
        (of("online_share"), "26/203"),
        // Of the ten of Gongzhuling two have a passport; persons 400, 402, 404 and 234 are women (even numbers).
        (gongzhuling("women_share"), "4/8"),
        // 15.2 % of 450,719 employed of Gongzhuling, rounded, is what its row of 2020-12-31 says.
        (gongzhuling("skilled_ratio"), "68509/450719"),
        // 21 % of these.
        (gongzhuling("highly_skilled_ratio"), "14387/68509"),
        // Sixteen certificates of sixteen persons of 南关区 from 2019-09-20 on; the sixth retired on 2020-12-31. 南关区 has 287,921
        // employed.
        (
            of("skilled_ratio_register")
                .filter("division", &["220102"])
                .period("2020-11"),
            "16/287921",
        ),
        (
            of("skilled_ratio_register")
                .filter("division", &["220102"])
                .period("2020"),
            "15/287921",
        ),
        // The first, fifth, ninth and thirteenth have level 3.
        (of("highly_skilled_ratio_register").period("2019"), "4/16"),
        (of("highly_skilled_ratio_register").period("2021"), "4/15"),
        (of("new_skilled_persons"), "16"),
        (of("new_skilled_persons").period("2020"), "0"),
        // 600 (A-003) + 2,500 (Q-015) + 600 (Q-017) + 1,500.50 + 800.25 + 2,000.01 + 2,500 + 300 (S-001, 002, 005, 006, 011).
        (of("subsidy_approved"), "10800.76"),
        // 600 (A-003) + 2,500 (Q-015) + 1,500.50 (S-001) + 300 (S-011, who dropped out).
        (of("subsidy_paid"), "4900.50"),
        (of("payment_rate"), "4900.50/10800.76"),
        // Q-017 (2021-03-20), S-002 (2020-10-20), S-005 (2021-04-30, 61 days before 2021-06-30); S-006 has waited for 60 days.
        (of("unpaid_over_60_days"), "3"),
        // Four units, each 412,600.50 paid + 388,000 paid + 150,000 advanced − 12,400 recovered = 938,200.50.
        (of("funds_paid"), "3752802.00"),
        (
            of("funds_paid")
                .filter("division", &["220102"])
                .period("2020"),
            "525600.00",
        ),
        // 500,000 + 9 × 612,000.50 of 10 × 900,000.
        (of("frontline_share"), "6008004.50/9000000.00"),
        // 30 % of 150 + 80.5 hours at SYN-I0003, the third of four kinds of owner.
        (of("converted_workload"), "69.150"),
    ]
}

#[test]
fn cases_worked_by_hand() {
    let cases = worked_by_hand();
    for (question, expected) in &cases {
        for answer in [question.answer(), question.held_answer()] {
            let [value, numerator, denominator, _] = cell(&answer.totals);
            let found = match numerator.as_str() {
                "" => value,
                _ => format!("{numerator}/{denominator}"),
            };
            assert_eq!(&found, expected, "{question:?}");
        }
    }
    // Findings of the rules have their worked examples in suspicions.examples.toml.
    let mut missing = ids();
    missing.retain(|id| cases.iter().all(|(question, _)| question.indicator != *id));
    assert_eq!(missing, ["suspicions"]);
}
