//! The certificate register as changes of a stock: who becomes, stays or stops being a skilled worker, and where (CONTRACT Q47).
//!
//! Pure: certificates are handed in, dated changes come back. Order of the rows does not matter.

use std::collections::{BTreeMap, BTreeSet};

/// One current record of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// Person.
    pub person: &'a str,
    /// Sending department and record number, which decide between records of one day.
    pub record: (&'a str, &'a str),
    /// Day of issue in days since 1970-01-01.
    pub issued_on: i32,
    /// Whether its type and level make a skilled worker.
    pub skilled: bool,
    /// Rank of its level; higher is more skilled.
    pub rank: i32,
    /// Level.
    pub level: &'a str,
    /// Place of employment.
    pub division: &'a str,
    /// Sector; empty where blank.
    pub sector: &'a str,
    /// Whether the person was in work; `None` where the record does not say.
    pub employed: Option<bool>,
    /// The day that is known of; the day of issue where the record does not say.
    pub status_on: Option<i32>,
}

/// Where a skilled worker stands, and at which level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing<'a> {
    /// Division of the latest certificate that makes a skilled worker.
    pub division: &'a str,
    /// Sector of it; empty where blank.
    pub sector: &'a str,
    /// Highest level held.
    pub level: &'a str,
}

/// Persons who came (positive) to or went (negative) from a standing on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// The day in days since 1970-01-01.
    pub day: i32,
    /// The standing.
    pub standing: Standing<'a>,
    /// Persons.
    pub persons: i64,
}

/// The changes of the stock of skilled workers, by day and standing, without those that cancel out: the sum of all changes up to a
/// day is the number of persons who then hold a certificate that makes a skilled worker and whose latest known status is in work.
pub fn changes<'a>(certificates: &[Certificate<'a>]) -> Vec<Change<'a>> {
    let mut of_person: BTreeMap<&str, Vec<&Certificate<'a>>> = BTreeMap::new();
    for certificate in certificates {
        of_person
            .entry(certificate.person)
            .or_default()
            .push(certificate);
    }
    let mut sums: BTreeMap<(i32, Standing<'a>), i64> = BTreeMap::new();
    for held in of_person.values() {
        for (day, standing, persons) in steps(held) {
            *sums.entry((day, standing)).or_default() += persons;
        }
    }
    sums.into_iter()
        .filter(|(_, persons)| *persons != 0)
        .map(|((day, standing), persons)| Change {
            day,
            standing,
            persons,
        })
        .collect()
}

/// The changes one person makes.
fn steps<'a>(held: &[&Certificate<'a>]) -> Vec<(i32, Standing<'a>, i64)> {
    let days: BTreeSet<i32> = held
        .iter()
        .flat_map(|certificate| [certificate.issued_on, status_day(certificate)])
        .collect();
    let mut steps = Vec::new();
    let mut before = None;
    for day in days {
        let after = standing(held, day);
        if before != after {
            steps.extend(before.map(|standing| (day, standing, -1)));
            steps.extend(after.map(|standing| (day, standing, 1)));
        }
        before = after;
    }
    steps
}

fn status_day(certificate: &Certificate<'_>) -> i32 {
    certificate.status_on.unwrap_or(certificate.issued_on)
}

/// Where the person stands on `day`; `None` where no certificate makes a skilled worker yet or the person is not in work.
fn standing<'a>(held: &[&Certificate<'a>], day: i32) -> Option<Standing<'a>> {
    let known = held
        .iter()
        .filter(|certificate| certificate.employed.is_some() && status_day(certificate) <= day);
    let latest = known.max_by_key(|certificate| (status_day(certificate), certificate.record));
    if latest.is_some_and(|certificate| certificate.employed == Some(false)) {
        return None;
    }
    let counted = || {
        held.iter()
            .filter(|certificate| certificate.skilled && certificate.issued_on <= day)
    };
    let place = counted().max_by_key(|certificate| (certificate.issued_on, certificate.record))?;
    let highest = counted().max_by_key(|certificate| (certificate.rank, certificate.level))?;
    Some(Standing {
        division: place.division,
        sector: place.sector,
        level: highest.level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate<'a>(
        person: &'a str,
        record: &'a str,
        issued_on: i32,
        level: &'a str,
    ) -> Certificate<'a> {
        Certificate {
            person,
            record: ("DP01", record),
            issued_on,
            skilled: true,
            rank: 6 - level[1..].parse::<i32>().unwrap(),
            level,
            division: "A",
            sector: "C",
            employed: None,
            status_on: None,
        }
    }

    fn stock(changes: &[Change<'_>], day: i32, level: Option<&str>) -> i64 {
        let until = changes.iter().filter(|change| change.day <= day);
        until
            .filter(|change| level.is_none_or(|level| change.standing.level == level))
            .map(|change| change.persons)
            .sum()
    }

    #[test]
    fn one_person_counts_once_at_the_highest_level() {
        let held = [
            certificate("p", "1", 10, "L5"),
            certificate("p", "2", 20, "L3"),
            // A lower one later changes the place, never the level.
            Certificate {
                division: "B",
                ..certificate("p", "3", 30, "L4")
            },
            certificate("q", "4", 15, "L4"),
        ];
        let changes = changes(&held);
        assert_eq!(stock(&changes, 9, None), 0);
        assert_eq!(stock(&changes, 10, None), 1);
        assert_eq!(stock(&changes, 20, None), 2);
        assert_eq!(
            (
                stock(&changes, 20, Some("L5")),
                stock(&changes, 20, Some("L3"))
            ),
            (0, 1)
        );
        let in_b: i64 = changes
            .iter()
            .filter(|change| change.standing.division == "B")
            .map(|change| change.persons)
            .sum();
        assert_eq!(
            (
                stock(&changes, 30, None),
                stock(&changes, 30, Some("L3")),
                in_b
            ),
            (2, 1, 1)
        );
    }

    #[test]
    fn who_is_known_to_have_left_does_not_count() {
        let held = [
            Certificate {
                employed: Some(true),
                ..certificate("p", "1", 10, "L5")
            },
            // Known on day 40 by a record of another certificate, which itself makes no skilled worker.
            Certificate {
                employed: Some(false),
                status_on: Some(40),
                skilled: false,
                ..certificate("p", "2", 25, "L5")
            },
            // Back in work on day 50.
            Certificate {
                employed: Some(true),
                status_on: Some(50),
                ..certificate("p", "3", 45, "L4")
            },
        ];
        let changes = changes(&held);
        let stocks: Vec<i64> = [9, 10, 39, 40, 49, 50]
            .map(|day| stock(&changes, day, None))
            .to_vec();
        assert_eq!(stocks, [0, 1, 1, 0, 0, 1]);
        assert_eq!(stock(&changes, 50, Some("L4")), 1);
    }

    #[test]
    fn a_status_known_before_the_first_certificate_stands() {
        let held = [
            Certificate {
                employed: Some(false),
                status_on: Some(5),
                ..certificate("p", "1", 10, "L5")
            },
            certificate("q", "1", 10, "L5"),
        ];
        assert_eq!(stock(&changes(&held), 99, None), 1);
    }

    #[test]
    fn changes_that_cancel_out_are_left_out() {
        // One moves from L5 to L4 on the day on which another moves the other way in the same place: the stock does not change.
        let held = [
            certificate("p", "1", 10, "L5"),
            certificate("p", "2", 20, "L4"),
        ];
        assert_eq!(changes(&held).len(), 3);
        assert!(changes(&[]).is_empty());
    }
}
