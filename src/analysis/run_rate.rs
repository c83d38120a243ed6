//! What it takes to reach a target: so much a month from now on, beside the best month there ever was.

use crate::indicators::table::RunRate;
use crate::programme::{Decimal, Period, Ratio};
use chrono::NaiveDate;

use super::linear_pace;

/// What is still needed each month until the end of `period` for `value` to become `target`; `None` where it is reached, or the
/// period is over or has not begun. `months` are the months there were, by code.
pub fn run_rate(
    value: Decimal,
    target: Decimal,
    period: &Period,
    day: NaiveDate,
    months: impl IntoIterator<Item = (String, Decimal)>,
) -> Option<RunRate> {
    if value >= target || day < period.start() || day >= period.end() {
        return None;
    }
    let one = Ratio::new(1, 1)?;
    let all = Ratio::new(i128::from(period.months()), 1)?;
    let months_left = all.times(one.minus(linear_pace(period, day)));
    let remaining = target.minus(value).over(Decimal::new(1, 0))?;
    let best = months
        .into_iter()
        .reduce(|best, month| if month.1 > best.1 { month } else { best });
    Some(RunRate {
        needed: remaining.times(months_left.inverse()?),
        months_left,
        best,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: i128, target: i128, period: &str, day: &str) -> Option<(String, String, String)> {
        let months = [("2019-11", 3000), ("2019-12", 9000), ("2020-12", 9000)];
        let months = months.map(|(code, value)| (code.to_owned(), Decimal::new(value, 0)));
        let rate = run_rate(
            Decimal::new(value, 0),
            Decimal::new(target, 0),
            &Period::parse(period).unwrap(),
            day.parse().unwrap(),
            months,
        )?;
        let (month, _) = rate.best.unwrap();
        Some((rate.needed.to_string(), rate.months_left.to_string(), month))
    }

    #[test]
    fn what_is_left_is_divided_by_the_months_left() {
        let text = |needed: &str, left: &str| {
            Some((needed.to_owned(), left.to_owned(), "2019-12".to_owned()))
        };
        // 190,000 − 158,200 = 31,800 in the 6 months after June 2021: 5,300 a month; the best month was December 2019.
        assert_eq!(
            of(158_200, 190_000, "2019..2021", "2021-06-30"),
            text("5300", "6")
        );
        // domain.md §11.1: 4,515 − 3,200 = 1,315 in the last quarter of 2020.
        assert_eq!(
            of(3200, 4515, "2020", "2020-09-30"),
            text("438.333333333", "3")
        );
        // 15 of the 30 days of September are left, and three months.
        assert_eq!(
            of(3200, 4515, "2020", "2020-09-15"),
            text("375.714285714", "3.5")
        );
    }

    #[test]
    fn nothing_is_needed_where_nothing_can_be_done() {
        assert_eq!(of(4515, 4515, "2020", "2020-09-30"), None);
        assert_eq!(of(3200, 4515, "2020", "2020-12-31"), None);
        assert_eq!(of(0, 4515, "2020", "2019-12-31"), None);
    }
}
