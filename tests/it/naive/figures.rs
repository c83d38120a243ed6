//! Figures by plain loops: CONTRACT §5 and §6.

use super::books::{Books, Record};
use super::check::{birth, years};
use crate::support::Counts;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// What a figure covers: a scope's units and the days from … to, both included.
pub(crate) struct Span {
    pub(crate) scope: &'static str,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

impl Span {
    pub(crate) fn new(scope: &'static str, from: &str, to: &str) -> Self {
        let day = |text: &str| text.parse().expect("a day");
        Self {
            scope,
            from: day(from),
            to: day(to),
        }
    }

    /// The programme's period in its default scope (Q50, Q51).
    pub(crate) fn whole() -> Self {
        Self::new("CC2019", "2019-01-01", "2021-12-31")
    }

    /// CC2019 is every reporting unit without Gongzhuling, CC2020 with it (DESIGN §2).
    pub(super) fn covers(&self, books: &Books, division: &str) -> bool {
        let unit = books.forms.lists["divisions"].code(division);
        unit.is_some_and(|unit| unit["reporting"] == "yes")
            && (self.scope == "CC2020" || division != "220184")
    }
}

/// The code of a record in a dimension; `unknown` where it has none (Q52).
pub(crate) fn code(record: &Record, dimension: &str) -> String {
    let end = || record.day("end_date").expect("a counted record has ended");
    let start = || record.day("start_date").expect("it is required");
    let number = record.get("id_number");
    let checked = ["resident_id", "hmt_residence"].contains(&record.get("id_type"));
    let code = match dimension {
        "department" => record.department.clone(),
        "group" => record.get("primary_group").to_owned(),
        "sex" if checked => {
            let odd = number.as_bytes()[16] % 2 == 1;
            (if odd { "male" } else { "female" }).to_owned()
        }
        "age_band" if checked => match years(birth(number), start()) {
            ..16 => "under-16",
            16..=24 => "16-24",
            25..=34 => "25-34",
            35..=44 => "35-44",
            45..=54 => "45-54",
            55..=59 => "55-59",
            60.. => "60+",
        }
        .to_owned(),
        "month" => end().format("%Y-%m").to_string(),
        "quarter" => format!("{}Q{}", end().year(), end().month0() / 3 + 1),
        "year" => end().year().to_string(),
        column => record.get(column).to_owned(),
    };
    if code.is_empty() {
        "unknown".to_owned()
    } else {
        code
    }
}

/// `trained_person_times` by some dimensions (none gives one cell with an empty code).
pub(crate) fn person_times(books: &Books, span: &Span, by: &[&str]) -> Counts {
    let mut counts = Counts::new();
    for (record, reason) in books.counted() {
        let end = record.day("end_date");
        let inside = end.is_some_and(|end| span.from <= end && end <= span.to);
        if reason.is_none() && inside && span.covers(books, record.get("division")) {
            let codes: Vec<String> = by.iter().map(|name| code(record, name)).collect();
            *counts.entry(codes.join("|")).or_default() += 1;
        }
    }
    counts
}

/// A ratio's parts, and whether it is marked `[e]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) numerator: i128,
    pub(crate) denominator: i128,
    pub(crate) estimated: bool,
}

/// The ratio of two stocks at the span's end by `division` or `sector` (Q46, Q46b); blank `by` gives the total.
pub(crate) fn stock_ratio(
    books: &Books,
    span: &Span,
    numerator: &str,
    denominator: &str,
    by: &str,
) -> BTreeMap<String, Parts> {
    // Rows with both parts, known at the end. A blank sector or the city's code is a total of its day.
    let rows: Vec<(NaiveDate, &str, &str, &Record)> = books
        .current("workforce")
        .filter(|row| !row.get(numerator).is_empty() && !row.get(denominator).is_empty())
        .map(|row| {
            (
                row.day("as_of").expect("required"),
                row.get("division"),
                row.get("sector"),
                row,
            )
        })
        .filter(|(day, division, _, _)| {
            *day <= span.to && (*division == "220100" || span.covers(books, division))
        })
        .collect();
    assert!(
        rows.iter().all(|(_, division, _, _)| *division != "220100"),
        "the samples hold no row for the whole city; this loop knows none"
    );
    let mut sums: BTreeMap<String, Parts> = BTreeMap::new();
    let divisions: BTreeSet<&str> = rows.iter().map(|(_, division, _, _)| *division).collect();
    for division in divisions {
        let of_division = || rows.iter().filter(|(_, other, _, _)| *other == division);
        let sectors_on =
            |day| of_division().any(|(other, _, sector, _)| *other == day && !sector.is_empty());
        let latest_total = of_division()
            .filter(|(day, _, sector, _)| sector.is_empty() && !sectors_on(*day))
            .max_by_key(|(day, _, _, _)| *day);
        let mut latest_parts: BTreeMap<&str, &(NaiveDate, &str, &str, &Record)> = BTreeMap::new();
        for row in of_division().filter(|(_, _, sector, _)| !sector.is_empty()) {
            let held = latest_parts.entry(row.2).or_insert(row);
            if held.0 < row.0 {
                *held = row;
            }
        }
        // Q46b: a total is never added to parts, so the more recent of the two stands.
        let newest_part = latest_parts.values().map(|row| row.0).max();
        let standing: Vec<_> = match latest_total {
            Some(total) if newest_part.is_none_or(|day| day < total.0) => vec![total],
            _ => latest_parts.into_values().collect(),
        };
        for (day, division, sector, row) in standing {
            let key = match by {
                "division" => *division,
                "sector" if sector.is_empty() => "unknown",
                "sector" => *sector,
                _ => "",
            };
            let number = |name: &str| row.get(name).parse::<i128>().expect("a number");
            let sum = sums.entry(key.to_owned()).or_default();
            sum.numerator += number(numerator);
            sum.denominator += number(denominator);
            sum.estimated |= *day < span.from || row.get("basis") == "estimated";
        }
    }
    sums
}
