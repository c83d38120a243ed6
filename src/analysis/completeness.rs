//! 报送完整性: which expected returns are in, on time or late, and which are missing (DESIGN §7).
//!
//! A return is in when submissions whose names cover it were loaded: the dataset and department are its own, the division is its
//! own or `ALL`, and the periods together cover all its months (a quarter's file covers three months, three months' files cover
//! a quarter). A file covers no month that had not begun when it was loaded. A file without rows is an explicit zero, and so is
//! a row of the dataset `returns` with the value 0.

use crate::programme::config::Frequency;
use crate::programme::workdays::HOLIDAYS;
use crate::programme::{Period, Programme, Workdays};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Division of a submission that speaks for all of them.
pub const EVERY_DIVISION: &str = "ALL";

/// A return that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Dataset.
    pub dataset: String,
    /// Department that reports.
    pub department: String,
    /// Division it reports for.
    pub division: String,
    /// How often.
    pub frequency: Frequency,
    /// What for.
    pub period: Period,
    /// Last day on which it is on time.
    pub due: NaiveDate,
}

/// Something that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Dataset.
    pub dataset: String,
    /// Department that sent it.
    pub department: String,
    /// Division, or [`EVERY_DIVISION`].
    pub division: String,
    /// Period it covers.
    pub period: Period,
    /// Day of its load.
    pub day: NaiveDate,
    /// Whether it says that there was nothing.
    pub zero: bool,
}

/// What became of an expected return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// 按时: in by its due day.
    OnTime,
    /// 迟报: in after its due day.
    Late,
    /// 缺报: not in, and the due day is over.
    Missing,
    /// 未到期: not in, and there is time left.
    NotDue,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OnTime, Self::Late, Self::Missing, Self::NotDue];

    /// The code in JSON and CSV.
    pub fn code(self) -> &'static str {
        match self {
            Self::OnTime => "on_time",
            Self::Late => "late",
            Self::Missing => "missing",
            Self::NotDue => "not_due",
        }
    }
}

/// An expected return and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// What is expected.
    pub expected: Expected,
    /// Day on which the last of what covers it was loaded.
    pub received: Option<NaiveDate>,
    /// Whether all that covers it says that there was nothing.
    pub zero: bool,
    /// What became of it.
    pub status: Status,
}

impl Return {
    /// Whether it is for days up to `day` and not in: what it will bring is in no figure yet, due or not.
    pub fn is_outstanding(&self, day: NaiveDate) -> bool {
        self.received.is_none() && self.expected.period.end() <= day
    }
}

/// The completeness of reporting in a snapshot.
#[derive(Debug, Clone)]
pub struct Completeness {
    /// The snapshot.
    pub snapshot: String,
    /// Its day.
    pub day: NaiveDate,
    /// The period asked for.
    pub period: Option<Period>,
    /// The expected returns in order of dataset, department, division and period.
    pub returns: Vec<Return>,
}

impl Completeness {
    /// Number of returns of each status.
    pub fn counts<'a>(returns: impl IntoIterator<Item = &'a Return>) -> BTreeMap<Status, usize> {
        let mut counts: BTreeMap<Status, usize> = Status::ALL.map(|status| (status, 0)).into();
        for each in returns {
            *counts.entry(each.status).or_default() += 1;
        }
        counts
    }
}

/// The returns a programme expects for periods that began by `day`, each once. A unit reports for periods at whose end it exists.
pub fn expected(programme: &Programme, day: NaiveDate) -> Vec<Expected> {
    let workdays = Workdays::of(programme.list(HOLIDAYS));
    let plan = &programme.config.programme;
    let mut known = BTreeSet::new();
    let mut returns = Vec::new();
    for each in &programme.config.expected_return {
        let named = |name: &String| Period::parse(name);
        let first = named(&each.from).map_or(plan.start, |period| period.start());
        let last = each.to.as_ref().and_then(named);
        let last = last.map_or(plan.end, |period| period.end());
        if last < first {
            continue;
        }
        for period in Period::of_days(first, last).parts(each.frequency.months()) {
            if period.start() > day {
                break;
            }
            let due = match (each.due_workdays, each.due_days) {
                (Some(count), _) => workdays.after(period.end(), count),
                (None, count) => period.end() + Days::new(u64::from(count.unwrap_or(0))),
            };
            for (department, division) in each
                .departments
                .iter()
                .flat_map(|department| each.divisions.iter().map(move |unit| (department, unit)))
            {
                let unit = programme.divisions().get(division);
                let exists = unit.is_none_or(|unit| unit.valid_on(period.end()));
                let key = (&each.dataset, department, division, period.clone());
                if exists && known.insert(key) {
                    returns.push(Expected {
                        dataset: each.dataset.clone(),
                        department: department.clone(),
                        division: division.clone(),
                        frequency: each.frequency,
                        period: period.clone(),
                        due,
                    });
                }
            }
        }
    }
    returns
}

/// What became of `expected` by `day`, in order of dataset, department, division as expected first, and period.
pub fn completeness(expected: Vec<Expected>, arrivals: &[Arrival], day: NaiveDate) -> Vec<Return> {
    let mut by_sender: HashMap<(&str, &str), Vec<&Arrival>> = HashMap::new();
    for arrival in arrivals.iter().filter(|arrival| arrival.day <= day) {
        let sender = (arrival.dataset.as_str(), arrival.department.as_str());
        by_sender.entry(sender).or_default().push(arrival);
    }
    let mut divisions: Vec<String> = Vec::new();
    for each in &expected {
        if !divisions.contains(&each.division) {
            divisions.push(each.division.clone());
        }
    }
    let returns = expected.into_iter().map(|expected| {
        let sender = (expected.dataset.as_str(), expected.department.as_str());
        let sent = by_sender.get(&sender).map_or(&[][..], Vec::as_slice);
        let (received, zero) = match covered(&expected, sent) {
            Some((received, zero)) => (Some(received), zero),
            None => (None, false),
        };
        let status = match received {
            Some(received) if received <= expected.due => Status::OnTime,
            Some(_) => Status::Late,
            None if day > expected.due => Status::Missing,
            None => Status::NotDue,
        };
        Return {
            expected,
            received,
            zero,
            status,
        }
    });
    let mut returns: Vec<Return> = returns.collect();
    returns.sort_by_cached_key(|each| {
        let expected = &each.expected;
        let place = divisions.iter().position(|unit| *unit == expected.division);
        (
            expected.dataset.clone(),
            expected.department.clone(),
            place,
            expected.period.start(),
            expected.period.end(),
        )
    });
    returns
}

/// When the last month of `expected` was covered, and whether everything that covers it says zero.
fn covered(expected: &Expected, sent: &[&Arrival]) -> Option<(NaiveDate, bool)> {
    let speaks = |arrival: &&&Arrival| {
        arrival.division == expected.division || arrival.division == EVERY_DIVISION
    };
    let mut all_zero = true;
    let mut last = None;
    for month in expected.period.parts(1) {
        let covers = |arrival: &&&Arrival| {
            let period = &arrival.period;
            let whole = period.start() <= month.start() && month.end() <= period.end();
            whole && month.start() <= arrival.day
        };
        let covering = || sent.iter().filter(speaks).filter(covers);
        last = last.max(Some(covering().map(|arrival| arrival.day).min()?));
        all_zero &= covering().all(|arrival| arrival.zero);
    }
    last.map(|last| (last, all_zero))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    fn wanted(name: &str, due: &str) -> Expected {
        Expected {
            dataset: "training".into(),
            department: "DP01".into(),
            division: "220102".into(),
            frequency: Frequency::Month,
            period: period(name),
            due: day(due),
        }
    }

    fn arrival(division: &str, name: &str, on: &str, zero: bool) -> Arrival {
        Arrival {
            dataset: "training".into(),
            department: "DP01".into(),
            division: division.into(),
            period: period(name),
            day: day(on),
            zero,
        }
    }

    fn status(wanted: Expected, arrivals: &[Arrival], today: &str) -> (Status, Option<String>) {
        let returns = completeness(vec![wanted], arrivals, day(today));
        (
            returns[0].status,
            returns[0].received.map(|day| day.to_string()),
        )
    }

    #[test]
    fn the_due_day_is_on_time_and_the_day_after_is_late() {
        let september = || wanted("2019-09", "2019-10-10");
        let sent = |on| [arrival("220102", "2019-09", on, false)];
        let on = |text: &str| Some(text.to_owned());
        let of = |arrivals: &[Arrival], today| status(september(), arrivals, today);
        assert_eq!(
            of(&sent("2019-10-10"), "2019-12-31"),
            (Status::OnTime, on("2019-10-10"))
        );
        assert_eq!(
            of(&sent("2019-10-11"), "2019-12-31"),
            (Status::Late, on("2019-10-11"))
        );
        assert_eq!(of(&[], "2019-10-10"), (Status::NotDue, None));
        assert_eq!(of(&[], "2019-10-11"), (Status::Missing, None));
        // What was loaded later is not known yet.
        assert_eq!(
            of(&sent("2019-10-11"), "2019-10-10"),
            (Status::NotDue, None)
        );
        // The first of two counts.
        let twice = [sent("2019-10-09"), sent("2019-11-01")].concat();
        assert_eq!(of(&twice, "2019-12-31"), (Status::OnTime, on("2019-10-09")));
    }

    #[test]
    fn longer_files_cover_months_and_months_cover_a_quarter() {
        let quarter = [arrival("ALL", "2019Q3", "2019-10-05", false)];
        let month = wanted("2019-09", "2019-10-10");
        assert_eq!(status(month, &quarter, "2020-01-01").0, Status::OnTime);
        let months = |last: &str| {
            [
                arrival("220102", "2019-07", "2019-08-02", false),
                arrival("ALL", "2019-08", "2019-09-02", true),
                arrival("220102", last, "2019-10-12", false),
            ]
        };
        let third = || wanted("2019Q3", "2019-10-10");
        let late = (Status::Late, Some("2019-10-12".to_owned()));
        assert_eq!(status(third(), &months("2019-09"), "2020-01-01"), late);
        assert_eq!(
            status(third(), &months("2019-10"), "2020-01-01"),
            (Status::Missing, None)
        );
    }

    #[test]
    fn another_sender_or_place_is_no_return_and_the_future_is_not_covered() {
        let september = || wanted("2019-09", "2019-10-10");
        let mut other = arrival("220102", "2019-09", "2019-10-01", false);
        other.department = "DP03".into();
        let elsewhere = arrival("220103", "2019-09", "2019-10-01", false);
        let early = arrival("ALL", "2019..2021", "2019-08-31", false);
        for arrival in [other, elsewhere, early] {
            assert_eq!(
                status(september(), &[arrival], "2020-01-01").0,
                Status::Missing
            );
        }
    }

    #[test]
    fn an_empty_file_is_an_explicit_zero() {
        let zero = [arrival("220102", "2019-09", "2019-10-01", true)];
        let returns = completeness(
            vec![wanted("2019-09", "2019-10-10")],
            &zero,
            day("2020-01-01"),
        );
        assert!(returns[0].zero && returns[0].status == Status::OnTime);
        assert!(!returns[0].is_outstanding(day("2020-01-01")));
    }
}
