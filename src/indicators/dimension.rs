//! Dimensions: their names, their columns and the order of their codes.

use crate::engine::schema::CALENDAR;
use crate::programme::Programme;
use crate::programme::period::{month_code, quarter_code, statistical_month_code};
use chrono::{Datelike, Days, NaiveDate};
use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, Series};

/// A dimension of the facts: its name in requests and answers, and the column of the facts that holds it.
pub const DIMENSIONS: [(&str, &str, &str); 14] = [
    ("division", "division", "divisions"),
    ("department", "department", "departments"),
    ("sector", "sector", "sectors"),
    ("group", "primary_group", "groups"),
    ("training_type", "training_type", "training_types"),
    ("mode", "mode", "modes"),
    ("delivery", "delivery", "deliveries"),
    ("programme_tag", "programme_tag", "programmes"),
    ("level", "level", "levels"),
    ("certificate_type", "certificate_type", "certificate_types"),
    ("occupation", "occupation", "occupations"),
    ("sex", "sex", "sexes"),
    ("age_band", "age_band", "age_bands"),
    ("primary_group", "primary_group", "groups"),
];

/// Dimensions that the calendar gives to every fact by its date.
pub const TIME_DIMENSIONS: [&str; 5] = ["month", "quarter", "half", "year", "stat_month"];

/// Code of a missing dimension value (CONTRACT Q52).
pub const UNKNOWN: &str = "unknown";

/// The column of the facts, or of the calendar, that a dimension groups by.
pub(super) fn column(dimension: &str) -> Option<&'static str> {
    let listed = DIMENSIONS
        .iter()
        .find(|(name, _, _)| *name == dimension)
        .map(|(_, column, _)| *column);
    listed.or_else(|| TIME_DIMENSIONS.into_iter().find(|name| *name == dimension))
}

/// The place of a code among the rows of a breakdown: the order of its list, then text; unknown last.
pub(super) fn place(programme: &Programme, dimension: &str, code: &str) -> (usize, String) {
    if code == UNKNOWN {
        return (usize::MAX, String::new());
    }
    let list = DIMENSIONS
        .iter()
        .find(|(name, _, _)| *name == dimension)
        .map(|(_, _, list)| *list);
    let position = list.map_or(0, |list| {
        programme.list(list).position(code).min(usize::MAX - 1)
    });
    (position, code.to_owned())
}

/// The calendar over the days of `from`..=`to` as the table [`CALENDAR`]: `day` and one column per time dimension.
pub(super) fn calendar(
    programme: &Programme,
    from: NaiveDate,
    to: NaiveDate,
) -> (String, LazyFrame) {
    let days: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= to).collect();
    let start_day = programme.config.calendar;
    let text = |name: &str, code: &dyn Fn(NaiveDate) -> String| {
        let codes: Vec<String> = days.iter().map(|day| code(*day)).collect();
        Column::from(Series::new(name.into(), codes))
    };
    let epoch = NaiveDate::default();
    let numbers: Vec<i32> = days
        .iter()
        .map(|day| i32::try_from((*day - epoch).num_days()).unwrap_or(0))
        .collect();
    let day = Series::new("day".into(), numbers)
        .cast(&DataType::Date)
        .expect("day numbers are dates");
    let month = |day| statistical_month_code(day, start_day.month_start_day);
    let first_of_month =
        |day: NaiveDate| -> NaiveDate { format!("{}-01", month(day)).parse().unwrap_or(day) };
    let columns = vec![
        Column::from(day),
        text("month", &month),
        text("quarter", &|day| quarter_code(first_of_month(day))),
        text("half", &|day| {
            let first = first_of_month(day);
            format!("{}H{}", first.year(), first.month0() / 6 + 1)
        }),
        text("year", &|day| first_of_month(day).year().to_string()),
        text("stat_month", &|day| {
            statistical_month_code(day, start_day.statistical_month_start_day)
        }),
    ];
    let frame = DataFrame::new_infer_height(columns).expect("columns of one length");
    (CALENDAR.to_owned(), frame.lazy())
}

/// The parts of a period along a time dimension up to `day`, each with its code and its last day.
pub(super) fn ends(
    dimension: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<(String, NaiveDate, NaiveDate)> {
    let code = |day: NaiveDate| match dimension {
        "month" | "stat_month" => month_code(day),
        "quarter" => quarter_code(day),
        "half" => format!("{}H{}", day.year(), day.month0() / 6 + 1),
        _ => day.year().to_string(),
    };
    let mut parts: Vec<(String, NaiveDate, NaiveDate)> = Vec::new();
    let mut day = from;
    while day <= to {
        match parts.last_mut().filter(|(last, _, _)| *last == code(day)) {
            Some((_, _, end)) => *end = day,
            None => parts.push((code(day), day, day)),
        }
        day = day + Days::new(1);
    }
    parts
}
