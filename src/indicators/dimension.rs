//! Dimensions in a request: the columns they group by, the order of their codes, and the calendar.

use crate::engine::schema::CALENDAR;
use crate::programme::Programme;
use crate::programme::config::CalendarConfig;
use crate::programme::period::{quarter_code, statistical_month_code};
use chrono::{Datelike, NaiveDate};
use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, Series};

/// Dimensions that the calendar gives to every fact by its date.
pub const TIME_DIMENSIONS: [&str; 5] = ["month", "quarter", "half", "year", "stat_month"];

/// Code of a missing dimension value (CONTRACT Q52).
pub const UNKNOWN: &str = "unknown";

/// Code of what the targets of units leave over of the city's (CONTRACT Q68).
pub const UNALLOCATED: &str = "unallocated";

/// Whether the calendar gives the dimension.
pub(super) fn is_time(dimension: &str) -> bool {
    TIME_DIMENSIONS.contains(&dimension)
}

/// The column of the facts, or of the calendar, that a dimension groups by.
pub(super) fn column<'a>(programme: &'a Programme, dimension: &str) -> Option<&'a str> {
    match programme.dimension(dimension) {
        Some(listed) => Some(&listed.column),
        None => TIME_DIMENSIONS.into_iter().find(|name| *name == dimension),
    }
}

/// The place of a code among the rows of a breakdown: the order of its list, then text; unknown last.
pub fn place(programme: &Programme, dimension: &str, code: &str) -> (usize, String) {
    if code == UNKNOWN {
        return (usize::MAX, String::new());
    }
    let listed = programme
        .dimension(dimension)
        .is_some_and(|dimension| dimension.list.is_some());
    let position = match listed {
        true => programme
            .list_of(dimension)
            .position(code)
            .min(usize::MAX - 1),
        false => 0,
    };
    (position, code.to_owned())
}

/// The code of `day` in a time dimension. Months, and quarters, halves and years made of them, start on the day the programme says;
/// `stat_month` is the month of the ministry's forms.
pub fn time_code(calendar: CalendarConfig, dimension: &str, day: NaiveDate) -> String {
    if dimension == "stat_month" {
        return statistical_month_code(day, calendar.statistical_month_start_day);
    }
    let month = statistical_month_code(day, calendar.month_start_day);
    let first: NaiveDate = format!("{month}-01").parse().unwrap_or(day);
    match dimension {
        "month" => month,
        "quarter" => quarter_code(first),
        "half" => format!("{}H{}", first.year(), first.month0() / 6 + 1),
        _ => first.year().to_string(),
    }
}

/// The calendar over the days of `from`..=`to` as the table [`CALENDAR`]: `day` and one column per time dimension.
pub(super) fn calendar(
    programme: &Programme,
    from: NaiveDate,
    to: NaiveDate,
) -> (String, LazyFrame) {
    let days: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= to).collect();
    let config = programme.config.calendar;
    let epoch = NaiveDate::default();
    let numbers: Vec<i32> = days
        .iter()
        .map(|day| i32::try_from((*day - epoch).num_days()).unwrap_or(0))
        .collect();
    let day = Series::new("day".into(), numbers)
        .cast(&DataType::Date)
        .expect("day numbers are dates");
    let codes = TIME_DIMENSIONS.map(|dimension| {
        let codes: Vec<String> = days
            .iter()
            .map(|day| time_code(config, dimension, *day))
            .collect();
        Column::from(Series::new(dimension.into(), codes))
    });
    let columns = std::iter::once(Column::from(day)).chain(codes).collect();
    let frame = DataFrame::new_infer_height(columns).expect("columns of one length");
    (CALENDAR.to_owned(), frame.lazy())
}

/// A part of a period: its codes in the time dimensions asked for, its first and its last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) codes: Vec<String>,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
}

/// The parts of `from`..=`to` along time dimensions, of the days that time filters let through; one part without dimensions.
pub(super) fn parts(
    calendar: CalendarConfig,
    dimensions: &[&str],
    filters: &[(&str, &[String])],
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<Part> {
    let let_through = |day: &NaiveDate| {
        filters
            .iter()
            .all(|(dimension, codes)| codes.contains(&time_code(calendar, dimension, *day)))
    };
    let mut parts: Vec<Part> = Vec::new();
    for day in from
        .iter_days()
        .take_while(|day| *day <= to)
        .filter(let_through)
    {
        let codes: Vec<String> = dimensions
            .iter()
            .map(|dimension| time_code(calendar, dimension, day))
            .collect();
        match parts.iter_mut().find(|part| part.codes == codes) {
            Some(part) => part.last = day,
            None => parts.push(Part {
                codes,
                first: day,
                last: day,
            }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: CalendarConfig = CalendarConfig {
        month_start_day: 1,
        statistical_month_start_day: 21,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_statistical_month_ends_on_the_twentieth() {
        let parts = parts(
            CALENDAR,
            &["stat_month"],
            &[],
            day("2020-01-01"),
            day("2020-02-29"),
        );
        let told: Vec<(String, String)> = parts
            .iter()
            .map(|part| (part.codes[0].clone(), part.last.to_string()))
            .collect();
        assert_eq!(
            told,
            [
                ("2020-01", "2020-01-20"),
                ("2020-02", "2020-02-20"),
                ("2020-03", "2020-02-29")
            ]
            .map(|(code, last)| (code.to_owned(), last.to_owned()))
        );
    }

    #[test]
    fn several_time_dimensions_and_a_filter() {
        let half = ["2020H1".to_owned()];
        let parts = parts(
            CALENDAR,
            &["year", "quarter"],
            &[("half", &half)],
            day("2019-10-01"),
            day("2020-12-31"),
        );
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].codes, ["2020", "2020Q2"]);
        assert_eq!(
            (parts[1].first, parts[1].last),
            (day("2020-04-01"), day("2020-06-30"))
        );
    }
}
