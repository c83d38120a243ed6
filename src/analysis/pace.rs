//! 序时进度: what a target curve expects by a day.

use crate::programme::period::months_between;
use crate::programme::{Period, Ratio};
use chrono::{Datelike, Days, NaiveDate};

/// The share of a target for `period` that the straight line expects by `day`: complete months over the months of the period,
/// and inside a month its days in proportion; 1 for a finished period, 0 before it begins.
///
/// # Source
/// CONTRACT Q62; domain.md §8 (month m of a year: m/12).
pub fn linear_pace(period: &Period, day: NaiveDate) -> Ratio {
    let months = i128::from(period.months());
    let ratio = |numerator: i128, denominator: i128| {
        Ratio::new(numerator, denominator).expect("periods have at least one month")
    };
    if day >= period.end() {
        return ratio(1, 1);
    }
    if day < period.start() {
        return ratio(0, 1);
    }
    let complete = i128::from(months_between(period.start(), day));
    let length = i128::from(days_in_month(day));
    ratio(complete * length + i128::from(day.day()), months * length)
}

fn days_in_month(day: NaiveDate) -> u32 {
    let first = day.with_day(1).expect("every month has a first day");
    let next = first + chrono::Months::new(1);
    (next - Days::new(1)).day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(period: &str, day: &str) -> String {
        linear_pace(&Period::parse(period).unwrap(), day.parse().unwrap()).to_string()
    }

    #[test]
    fn quarters_are_exact() {
        assert_eq!(pace("2020", "2020-03-31"), "0.25");
        assert_eq!(pace("2020", "2020-06-30"), "0.5");
        assert_eq!(pace("2020", "2020-09-30"), "0.75");
        assert_eq!(pace("2020", "2020-12-31"), "1");
        assert_eq!(pace("2020", "2021-06-30"), "1");
        assert_eq!(pace("2020", "2019-12-31"), "0");
    }

    #[test]
    fn days_count_inside_a_month() {
        // 15 February 2020: 1 month and 15 of 29 days, of 12: (1 + 15/29) / 12 = 44/348.
        assert_eq!(pace("2020", "2020-02-15"), "0.126436781609");
        // 30 June 2021 in three years: 30/36.
        assert_eq!(pace("2019..2021", "2021-06-30"), "0.833333333333");
    }
}
