//! A random history: the parts of every bridge add up to the last digit, lead from one published figure to the other, and are
//! those a naive count of the records gives.

use super::history::{query, workforce};
use super::{History, Night, PARTS};
use crate::support::Row;
use chrono::{Days, NaiveDate};
use dabiao::app::App;
use dabiao::indicators::table::Request;
use dabiao::presentation::encode::{bridge, csv};
use dabiao::programme::Decimal;
use std::collections::{BTreeMap, BTreeSet};

const NIGHTS: u64 = 12;
const PAIRS: usize = 1000;
const DIVISIONS: [&str; 4] = ["220102", "220103", "220104", "220182"];
const LEVELS: [&str; 3] = ["L5", "L4", "LN"];

/// Small numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("small")
    }

    fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len())]
    }
}

/// A night as the naive count sees it.
#[derive(Clone)]
struct Known {
    id: String,
    day: NaiveDate,
    /// Live records: what was last sent of them.
    records: BTreeMap<String, Row>,
    /// Whether records without a level are left out of `t_records`.
    levels_only: bool,
    /// Whether 榆树市 is in the scope.
    with_yushu: bool,
}

fn day_of(night: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 3, 1).expect("a day") + Days::new(9 * night)
}

fn new_record(dice: &mut Dice, number: u32, day: NaiveDate) -> Row {
    let end = day - Days::new(dice.below(40) as u64);
    Row {
        record_no: format!("R{number:05}"),
        division: dice.of(&DIVISIONS).to_owned(),
        level: dice.of(&LEVELS),
        start: (end - Days::new(3)).to_string(),
        end: end.to_string(),
        status: dice.of(&["结业", "结业", "结业", "退班"]),
        // Few persons, so that R007 has work.
        ..Row::new(u32::try_from(dice.below(14)).expect("small"))
    }
}

/// The rows of one night, and what they leave.
fn rows_of(
    dice: &mut Dice,
    records: &mut BTreeMap<String, Row>,
    gone: &mut Vec<Row>,
    number: &mut u32,
    day: NaiveDate,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut touched = BTreeSet::new();
    for _ in 0..2 + dice.below(4) {
        *number += 1;
        rows.push(new_record(dice, *number, day));
    }
    // One that was withdrawn comes again.
    if dice.below(3) == 0 && !gone.is_empty() {
        rows.push(gone.swap_remove(dice.below(gone.len())));
    }
    for row in &rows {
        touched.insert(row.record_no.clone());
        records.insert(row.record_no.clone(), row.clone());
    }
    for turn in 0..4 {
        let numbers: Vec<String> = records.keys().cloned().collect();
        let chosen = numbers[dice.below(numbers.len())].clone();
        if !touched.insert(chosen.clone()) {
            continue;
        }
        let old = records[&chosen].clone();
        if turn == 0 {
            records.remove(&chosen);
            gone.push(old.clone());
            rows.push(Row {
                action: "撤销",
                ..old
            });
            continue;
        }
        let mut new = old.clone();
        match dice.below(3) {
            0 => new.division = dice.of(&DIVISIONS).to_owned(),
            1 => new.level = dice.of(&LEVELS),
            _ => {
                new.status = if old.status == "结业" {
                    "退班"
                } else {
                    "结业"
                }
            }
        }
        records.insert(chosen, new.clone());
        rows.push(new);
    }
    rows
}

fn history(dice: &mut Dice) -> (History, Vec<Known>) {
    let mut history = History::new();
    let mut nights: Vec<Known> = Vec::new();
    let (mut records, mut gone, mut number) = (BTreeMap::new(), Vec::new(), 0);
    let (mut levels_only, mut with_yushu) = (false, true);
    let records_query = |more: &str| {
        let facts =
            "SELECT start_date AS date, division, department, level, 1 AS value FROM training";
        query("t_records", "kind = \"flow\"", &format!("{facts}{more}"))
    };
    for night in 0..NIGHTS {
        match night {
            3 | 9 => {
                levels_only = night == 3;
                let more = if levels_only {
                    " WHERE level <> 'LN'"
                } else {
                    ""
                };
                history.write("queries/indicators/t_records.sql", &records_query(more));
            }
            5 => {
                with_yushu = false;
                history.edit("dabiao.toml", |toml| toml.replacen("\"220182\", ", "", 1));
            }
            7 => history.edit("queries/indicators/t_share.sql", |sql| {
                sql.replace("level = 'L5'", "level <> 'LN'")
            }),
            _ => {}
        }
        let day = day_of(night);
        let rows = rows_of(dice, &mut records, &mut gone, &mut number, day);
        let division = dice.of(&DIVISIONS[..3]);
        // Some days are reported twice: a correction.
        let recently = (day - Days::new(dice.below(20) as u64)).to_string();
        let as_of = dice.of(&["2020-01-31", "2020-02-29", recently.as_str()]);
        let employed = 1000 + i64::try_from(dice.below(500)).expect("small");
        let stocks = workforce(&[(as_of, division, employed, employed / 4)]);
        let id = history.load(&Night {
            day: &day.to_string(),
            training: &rows,
            others: &[("workforce__DP01__ALL__2020.csv", stocks)],
        });
        nights.push(Known {
            id,
            day,
            records: records.clone(),
            levels_only,
            with_yushu,
        });
    }
    (history, nights)
}

/// A decimal fraction of any length; what is not there is 0.
pub(super) fn exact(token: &str) -> Decimal {
    if token.is_empty() {
        return Decimal::ZERO;
    }
    let (sign, digits) = match token.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, token),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let units: i128 = format!("{whole}{fraction}").parse().expect("digits");
    Decimal::new(sign * units, u32::try_from(fraction.len()).expect("short"))
}

/// Records of `t_records` by division after every step, as the parts tell it; `None` for the total.
fn naive(older: &Known, newer: &Known, division: Option<&str>) -> Vec<Decimal> {
    let mut states = vec![older.records.clone()];
    let mut next = older.records.clone();
    next.retain(|number, _| newer.records.contains_key(number));
    states.push(next.clone());
    for (number, row) in &mut next {
        *row = Row {
            division: row.division.clone(),
            ..newer.records[number].clone()
        };
    }
    states.push(next.clone());
    for (number, row) in &mut next {
        row.division.clone_from(&newer.records[number].division);
    }
    states.push(next.clone());
    for late in [true, false] {
        let added = newer.records.iter().filter(|(number, row)| {
            let dated: NaiveDate = row.start.parse().expect("a day");
            !older.records.contains_key(*number) && (dated <= older.day) == late
        });
        next.extend(added.map(|(number, row)| (number.clone(), row.clone())));
        states.push(next.clone());
    }
    let count = |records: &BTreeMap<String, Row>, levels_only: bool, with_yushu: bool| {
        let counted = records.values().filter(|row| {
            division.is_none_or(|division| row.division == division)
                && !(levels_only && row.level == "LN")
                && (with_yushu || row.division != "220182")
        });
        i128::try_from(counted.count()).expect("few")
    };
    let mut values: Vec<i128> = states
        .iter()
        .map(|records| count(records, older.levels_only, older.with_yushu))
        .collect();
    // No rule has a say here.
    values.push(values[5]);
    values.push(count(&next, newer.levels_only, older.with_yushu));
    values.push(count(&next, newer.levels_only, newer.with_yushu));
    let step = |at: usize| Decimal::new(values[at + 1] - values[at], 0);
    // withdrawals, corrections, re_attribution, late, new, rule_effects, definition, scope.
    [3, 4, 1, 0, 2, 5, 6, 7].map(step).into()
}

/// Rows of a CSV file as they are printed: cells by the names of the columns.
pub(super) fn lines(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(bytes);
    let rows = reader.deserialize();
    rows.map(|row| row.expect("a row")).collect()
}

/// What `query` prints of a snapshot, by the codes of its rows; the total has none.
fn printed(app: &App, request: &Request, as_of: &str) -> BTreeMap<String, Decimal> {
    let table = app.figures(request, Some(as_of)).expect("a figure");
    let lines = lines(&csv::csv(&table, false));
    let values = lines
        .iter()
        .map(|line| (codes(line, request), exact(&line["value"])));
    // Without dimensions the only row is the total.
    values.collect()
}

fn codes(line: &BTreeMap<String, String>, request: &Request) -> String {
    let codes: Vec<&str> = request.by.iter().map(|by| line[by].as_str()).collect();
    codes.concat()
}

#[test]
fn parts_of_random_pairs_add_up_and_lead_from_figure_to_figure() {
    let mut dice = Dice(20_200_301);
    let (history, nights) = history(&mut dice);
    let app = history.app("2020-12-31");
    let mut seen: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for _ in 0..PAIRS {
        let (one, other) = (dice.below(nights.len()), dice.below(nights.len()));
        let (older, newer) = (&nights[one.min(other)], &nights[one.max(other)]);
        let indicator = dice.of(&["t_records", "t_persons", "t_share", "t_employed"]);
        let by = match indicator {
            "t_employed" => dice.of(&["", "division", "quarter"]),
            _ => dice.of(&["", "division", "level", "division,month"]),
        };
        let period = dice.of(&["2020", "2020", "2020Q1", "ytd:2020-04"]);
        let request = Request {
            indicator: indicator.to_owned(),
            by: by
                .split(',')
                .filter(|by| !by.is_empty())
                .map(str::to_owned)
                .collect(),
            period: Some(period.to_owned()),
            ..Request::default()
        };
        let diff = app
            .diff(&older.id, &newer.id, &[indicator.to_owned()], &request)
            .expect("a bridge");
        let told = lines(&bridge::csv(&diff));
        let (mut before, mut after) = (
            printed(&app, &request, &older.id),
            printed(&app, &request, &newer.id),
        );
        let what = format!("{} {} {request:?}\n{told:#?}", older.id, newer.id);
        for line in &told {
            let code = codes(line, &request);
            let parts = PARTS.map(|part| exact(&line[part]));
            let sum = parts
                .iter()
                .fold(Decimal::ZERO, |sum, part| sum.plus(*part));
            let [from, to] = ["from", "to"].map(|end| exact(&line[end]));
            assert_eq!(sum, exact(&line["change"]), "{what}");
            assert_eq!(from.plus(sum), to, "{what}");
            // A cell that `query` does not print is 0 here or nothing.
            for (end, printed) in [("from", &mut before), ("to", &mut after)] {
                let value = printed.remove(&code).unwrap_or(Decimal::ZERO);
                assert_eq!(exact(&line[end]), value, "{what}");
            }
            for (part, value) in PARTS.iter().zip(&parts) {
                *seen.entry((indicator, *part)).or_default() += u32::from(!value.is_zero());
            }
            if indicator == "t_records" && period == "2020" && ["", "division"].contains(&by) {
                let division = (!code.is_empty()).then_some(code.as_str());
                assert_eq!(parts.to_vec(), naive(older, newer, division), "{what}");
            }
        }
        let left: Vec<&String> = before.keys().chain(after.keys()).collect();
        assert_eq!(left, Vec::<&String>::new(), "cells without a line: {what}");
    }
    // Every part had something to say of records that count, and stocks have no withdrawals, rules or places.
    for part in PARTS {
        let told = |indicator| seen.get(&(indicator, part)).copied().unwrap_or(0);
        assert_eq!(told("t_records") > 0, part != "rule_effects", "{part}");
        assert!(told("t_share") > 0, "{part}");
        assert_eq!(told("t_persons") > 0, part != "definition", "{part}");
        let of_stocks = ["late", "new", "corrections"].contains(&part);
        assert_eq!(told("t_employed") > 0, of_stocks, "{part}");
    }
}
