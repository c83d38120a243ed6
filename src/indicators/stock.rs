//! Which stock stands at a day, and which rows are totals rather than parts (CONTRACT Q46, Q46b).

use crate::programme::Decimal;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One stock as it was reported: a value, or both parts of a ratio, never one without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// The day it stands for.
    pub day: NaiveDate,
    /// Division; `None` for the city as a whole.
    pub division: Option<String>,
    /// Sector; `None` for all sectors together.
    pub sector: Option<String>,
    /// The value, or the numerator.
    pub numerator: Decimal,
    /// The denominator of a ratio.
    pub denominator: Option<Decimal>,
    /// Whether it is an estimate.
    pub estimated: bool,
}

/// The stocks that stand at `end`: for every division and sector the latest row, without any row that sums up others.
///
/// A row for the city (or for all sectors of a division) is a total. It stands only where no divisions (or sectors) were
/// reported for its day, and is never added to parts. Newer parts stand for an older total once they make up `cover` of it
/// (in denominators, or values): one district that reports anew is not the city.
pub fn standing(rows: &[Stock], end: NaiveDate, cover: Decimal) -> Vec<Stock> {
    let known: Vec<&Stock> = rows.iter().filter(|row| row.day <= end).collect();
    let with_divisions: HashSet<NaiveDate> = known
        .iter()
        .filter(|row| row.division.is_some())
        .map(|row| row.day)
        .collect();
    let with_sectors: HashSet<(NaiveDate, &Option<String>)> = known
        .iter()
        .filter(|row| row.sector.is_some())
        .map(|row| (row.day, &row.division))
        .collect();
    let parts = known.into_iter().filter(|row| {
        let sums_divisions = row.division.is_none() && with_divisions.contains(&row.day);
        let sums_sectors = row.sector.is_none() && with_sectors.contains(&(row.day, &row.division));
        !sums_divisions && !sums_sectors
    });
    let mut latest: BTreeMap<(&Option<String>, &Option<String>), &Stock> = BTreeMap::new();
    for row in parts {
        let held = latest.entry((&row.division, &row.sector)).or_insert(row);
        if held.day < row.day {
            *held = row;
        }
    }
    let rows: Vec<&Stock> = latest.into_values().collect();
    let rows = newer_of(
        rows,
        cover,
        |row| row.sector.is_none(),
        |row| row.division.clone(),
    );
    let rows = newer_of(rows, cover, |row| row.division.is_none(), |_| None);
    rows.into_iter().cloned().collect()
}

/// The total or the parts of one group.
struct Side {
    newest: NaiveDate,
    size: Decimal,
}

/// Within every group, either the totals or the parts: whichever has the more recent row, the parts when equal; but parts that
/// make up less than `cover` of an older total leave it standing.
fn newer_of(
    rows: Vec<&Stock>,
    cover: Decimal,
    is_total: impl Fn(&Stock) -> bool,
    group: impl Fn(&Stock) -> Option<String>,
) -> Vec<&Stock> {
    let mut sides: HashMap<(Option<String>, bool), Side> = HashMap::new();
    for row in &rows {
        let side = sides.entry((group(row), is_total(row))).or_insert(Side {
            newest: row.day,
            size: Decimal::ZERO,
        });
        side.newest = row.day.max(side.newest);
        side.size = side.size.plus(row.denominator.unwrap_or(row.numerator));
    }
    let total_stands = |group: &Option<String>| {
        let (Some(total), Some(parts)) = (
            sides.get(&(group.clone(), true)),
            sides.get(&(group.clone(), false)),
        ) else {
            return sides.contains_key(&(group.clone(), true));
        };
        total.newest > parts.newest || parts.size < total.size.times(cover)
    };
    rows.into_iter()
        .filter(|row| is_total(row) == total_stands(&group(row)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(day: &str, division: &str, sector: &str, numerator: i128) -> Stock {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Stock {
            day: day.parse().unwrap(),
            division: text(division),
            sector: text(sector),
            numerator: Decimal::new(numerator, 0),
            denominator: Some(Decimal::new(100, 0)),
            estimated: false,
        }
    }

    fn sum(rows: &[Stock], end: &str) -> i128 {
        standing(rows, end.parse().unwrap(), Decimal::new(9, 1))
            .iter()
            .map(|row| row.numerator.scaled_to(0).unwrap())
            .sum()
    }

    #[test]
    fn the_latest_row_of_every_part_stands() {
        let rows = [
            stock("2019-12-31", "A", "C", 1),
            stock("2020-12-31", "A", "C", 10),
            stock("2019-12-31", "A", "E", 2),
            stock("2019-12-31", "B", "C", 4),
        ];
        assert_eq!(sum(&rows, "2019-12-31"), 7);
        assert_eq!(sum(&rows, "2020-12-31"), 16);
        assert_eq!(sum(&rows, "2018-12-31"), 0);
    }

    #[test]
    fn totals_are_never_added_to_their_parts() {
        let rows = [
            stock("2019-12-31", "", "", 100),
            stock("2020-06-30", "A", "", 40),
            stock("2020-06-30", "A", "C", 30),
            stock("2020-06-30", "", "", 999),
        ];
        // Only the city was reported in 2019; in 2020 the sectors of A stand, and the two sums beside them do not.
        assert_eq!(sum(&rows, "2019-12-31"), 100);
        assert_eq!(sum(&rows, "2020-12-31"), 30);
    }

    #[test]
    fn a_newer_total_stands_for_older_parts() {
        let rows = [
            stock("2019-12-31", "A", "C", 30),
            stock("2019-12-31", "A", "E", 5),
            stock("2020-12-31", "A", "", 50),
        ];
        assert_eq!(sum(&rows, "2020-12-31"), 50);
    }

    #[test]
    fn one_district_is_not_the_city() {
        let city = Stock {
            denominator: Some(Decimal::new(1000, 0)),
            ..stock("2019-12-31", "", "", 250)
        };
        let mut rows = vec![city, stock("2020-06-30", "A", "", 20)];
        // 100 of 1,000: the older total stands.
        assert_eq!(sum(&rows, "2020-12-31"), 250);
        let others = (0..8).map(|unit| stock("2020-06-30", &format!("B{unit}"), "", 20));
        rows.extend(others);
        // 900 of 1,000: the nine parts stand, 9 × 20.
        assert_eq!(sum(&rows, "2020-12-31"), 180);
    }
}
