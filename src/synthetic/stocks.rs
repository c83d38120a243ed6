//! The dataset `workforce`: real employed persons (2020 census), SYNTHETIC stocks of skilled workers.

use chrono::{Datelike, NaiveDate};

use super::Plan;
use super::events::{last_day, quarter_name, quarter_of};
use super::files::Extra;
use super::tables::{Employed, Tables};
use super::write::{Format, Sheet};

const NAMES: [&str; 8] = [
    "as_of",
    "division",
    "sector",
    "employed",
    "skilled",
    "highly_skilled",
    "basis",
    "source",
];
const TITLES: [&str; 8] = [
    "统计日期",
    "地区",
    "行业",
    "就业人员",
    "技能劳动者",
    "高技能人才",
    "口径",
    "来源",
];
const SOURCE: &str = "就业人员:2020年第七次全国人口普查推算;技能劳动者、高技能人才:SYNTHETIC";

/// How densely skilled workers sit in a sector, and how many of them are highly skilled, both relative (SYNTHETIC).
const SECTORS: [(&str, u64, u64); 19] = [
    ("A", 40, 45),
    ("B", 170, 110),
    ("C", 210, 125),
    ("D", 190, 120),
    ("E", 150, 85),
    ("F", 70, 70),
    ("G", 130, 90),
    ("H", 110, 75),
    ("I", 150, 120),
    ("J", 60, 110),
    ("K", 80, 80),
    ("L", 90, 90),
    ("M", 140, 135),
    ("N", 90, 85),
    ("O", 140, 80),
    ("P", 60, 120),
    ("Q", 90, 100),
    ("R", 90, 90),
    ("S", 40, 100),
];

/// One file per quarter end, from the one before the plan begins to the last before it ends.
pub(super) fn workforce(plan: &Plan, tables: &Tables) -> Vec<Extra> {
    let first = quarter_of(plan.from);
    (first - 1..=quarter_of(plan.to))
        .map(|quarter| (quarter, last_day(quarter)))
        .filter(|(_, day)| *day <= plan.to)
        .map(|(quarter, day)| Extra {
            quarter: quarter.max(first),
            dataset: "workforce",
            department: "DP01",
            period: quarter_name(quarter),
            format: Format::BOM,
            sheet: Sheet {
                title: format!("SYNTHETIC 就业与技能人才存量 {day}"),
                names: &NAMES,
                titles: &TITLES,
                rows: rows(tables, day),
            },
        })
        .collect()
}

fn rows(tables: &Tables, day: NaiveDate) -> Vec<Vec<String>> {
    let city: Vec<&Employed> = tables
        .employed
        .iter()
        .filter(|one| one.division != "220184" && one.persons > 0)
        .collect();
    let (skilled_ratio, highly_ratio) = ratios(tables, day);
    let mut rows = part(tables, &city, day, skilled_ratio, highly_ratio);
    if day >= NaiveDate::from_ymd_opt(2020, 6, 19).unwrap_or_default() {
        let joined: Vec<&Employed> = tables
            .employed
            .iter()
            .filter(|one| one.division == "220184" && one.persons > 0)
            .collect();
        // What the two series of demo_stock_series_SYNTHETIC.csv leave for Gongzhuling at the end of 2020.
        rows.extend(part(tables, &joined, day, 15_200, 21_000));
    }
    rows
}

/// Both ratios of the city without Gongzhuling in hundred-thousandths, on a straight line between year ends.
fn ratios(tables: &Tables, day: NaiveDate) -> (u64, u64) {
    let year = day.year() - i32::from(day.month() < 12);
    let at = |year: i32| {
        tables
            .ratios
            .iter()
            .find(|one| one.0 == year)
            .or(tables.ratios.last())
    };
    let (Some(start), Some(end)) = (at(year), at(year + 1)) else {
        return (0, 0);
    };
    let quarters = u64::from(day.month() % 12 / 3);
    let line =
        |from: u32, to: u32| u64::from(from) * 25 * (4 - quarters) + u64::from(to) * 25 * quarters;
    (line(start.1, end.1), line(start.2, end.2))
}

fn part(
    tables: &Tables,
    employed: &[&Employed],
    day: NaiveDate,
    skilled: u64,
    highly: u64,
) -> Vec<Vec<String>> {
    let persons: Vec<u64> = employed.iter().map(|one| one.persons).collect();
    let weight = |one: &Employed, highly: bool| {
        let sector = SECTORS.iter().find(|sector| sector.0 == one.sector);
        let (place, place_highly) = place(&one.division);
        sector.map_or(10_000, |(_, dense, high)| {
            if highly {
                high * place_highly
            } else {
                dense * place
            }
        })
    };
    let dense: Vec<u64> = employed.iter().map(|one| weight(one, false)).collect();
    let skilled = shares(&persons, &dense, skilled);
    let high: Vec<u64> = employed.iter().map(|one| weight(one, true)).collect();
    let highly = shares(&skilled, &high, highly);
    employed
        .iter()
        .zip(skilled.iter().zip(&highly))
        .map(|(one, (skilled, highly))| {
            vec![
                day.to_string(),
                tables.label("divisions", &one.division).to_owned(),
                one.sector.clone(),
                one.persons.to_string(),
                skilled.to_string(),
                highly.to_string(),
                "估算".to_owned(),
                SOURCE.to_owned(),
            ]
        })
        .collect()
}

/// Density of a place relative to 100: skilled among the employed, highly skilled among the skilled (SYNTHETIC).
fn place(division: &str) -> (u64, u64) {
    match division {
        "220174" => (135, 118),
        "CC-XQ" => (120, 112),
        "220171" => (118, 108),
        "220172" => (108, 110),
        "220104" | "220102" => (105, 106),
        "220112" => (84, 90),
        "220122" | "220182" => (90, 86),
        "220183" => (88, 88),
        _ => (100, 100),
    }
}

/// Splits `ratio` (in hundred-thousandths) of the sum of `whole` over its parts by weight, exactly, none above 85 %.
fn shares(whole: &[u64], weights: &[u64], ratio: u64) -> Vec<u64> {
    let sum: u64 = whole.iter().sum();
    let wanted = sum * ratio / 100_000;
    let weighted: u128 = whole
        .iter()
        .zip(weights)
        .map(|(part, weight)| u128::from(part * weight))
        .sum();
    let mut shares: Vec<u64> = whole
        .iter()
        .zip(weights)
        .map(|(part, weight)| {
            let share = u128::from(wanted) * u128::from(part * weight) / weighted.max(1);
            (share as u64).min(part * 85 / 100)
        })
        .collect();
    // What rounding and the limit left over goes one by one to the parts with the most room.
    let mut left = wanted.saturating_sub(shares.iter().sum());
    let mut order: Vec<usize> = (0..whole.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(whole[*at] - shares[*at]));
    for at in order {
        let room = (whole[at] * 85 / 100)
            .saturating_sub(shares[at])
            .min(left / 8 + 1)
            .min(left);
        shares[at] += room;
        left -= room;
    }
    shares
}
