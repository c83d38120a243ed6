//! Working days: Monday to Friday without public holidays, and the weekends worked in exchange for them (调休).

use super::codes::CodeList;
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// Name of the code list of holidays: the code is the day, the column `kind` says `holiday` or `workday_swap`.
pub const HOLIDAYS: &str = "holidays";

/// What of the year is worked. A year without entries in the list has only its weekends off.
#[derive(Debug, Clone, Default)]
pub struct Workdays {
    /// Days that are not what their weekday says, and whether they are worked.
    special: BTreeMap<NaiveDate, bool>,
}

impl Workdays {
    /// Reads the list of holidays; entries whose code is no day are left out (the project's check tells of them).
    pub fn of(list: &CodeList) -> Self {
        let special = list.iter().filter_map(|entry| {
            let worked = entry.attributes.get("kind")? == "workday_swap";
            Some((entry.code.parse().ok()?, worked))
        });
        Self {
            special: special.collect(),
        }
    }

    /// Whether `day` is worked.
    pub fn is_worked(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.special.get(&day).copied().unwrap_or(!weekend)
    }

    /// The days worked from `first` to `last`, both included.
    pub fn between(&self, first: NaiveDate, last: NaiveDate) -> u32 {
        let days = first.iter_days().take_while(|day| *day <= last);
        let worked = days.filter(|day| self.is_worked(*day)).count();
        u32::try_from(worked).unwrap_or(u32::MAX)
    }

    /// The `count`-th day worked after `day`.
    pub fn after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let mut later = day.iter_days().skip(1).filter(|day| self.is_worked(*day));
        match count.checked_sub(1) {
            None => day,
            Some(before) => later.nth(before as usize).unwrap_or(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> Workdays {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("data-samples/reference/holidays.csv");
        let mut problems = Vec::new();
        let source = std::fs::read_to_string(file).unwrap();
        let list = CodeList::parse("holidays.csv", &source, &mut problems);
        assert_eq!(problems, vec![]);
        Workdays::of(&list)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn workdays_of_every_month_are_those_of_the_calendar() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let calendar = root.join("data-samples/synthetic/period_calendar.csv");
        let mut reader = csv::Reader::from_path(calendar).unwrap();
        let workdays = built_in();
        let mut months = 0;
        for row in reader.records() {
            let row = row.unwrap();
            let number = |column: usize| row[column].parse::<u32>().unwrap();
            let first = NaiveDate::from_ymd_opt(row[0].parse().unwrap(), number(2), 1).unwrap();
            let last = first + chrono::Months::new(1) - chrono::Days::new(1);
            assert_eq!(workdays.between(first, last), number(3), "{first}");
            months += 1;
        }
        assert_eq!(months, 36);
    }

    #[test]
    fn holidays_and_the_weekends_worked_for_them() {
        let workdays = built_in();
        // Spring Festival 2019: Saturday and Sunday before it were worked, Monday to Sunday were off.
        assert!(workdays.is_worked(day("2019-02-02")));
        assert!(!workdays.is_worked(day("2019-02-04")));
        assert_eq!(workdays.between(day("2019-02-02"), day("2019-02-11")), 3);
        assert_eq!(workdays.after(day("2019-02-03"), 1), day("2019-02-11"));
        assert_eq!(workdays.after(day("2019-02-03"), 0), day("2019-02-03"));
    }

    #[test]
    fn an_empty_list_knows_weekends_only() {
        let workdays = Workdays::default();
        assert_eq!(workdays.between(day("2025-09-01"), day("2025-09-07")), 5);
        // Friday, and the third working day after it.
        assert_eq!(workdays.after(day("2025-09-05"), 3), day("2025-09-10"));
    }
}
