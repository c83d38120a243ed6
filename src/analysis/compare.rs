//! 同比, 环比: every cell held against the same cell of another period (DESIGN §7, CONTRACT Q59b).
//!
//! The other period is a request like any other and passes the same gate; here is which one it is, and what the two values say.
//!
//! - `yoy` is the same period a year before, `pop` the one of the same length just before.
//! - Where a breakdown has time dimensions, a cell is held against the same cell a year before, or one step of the finest time
//!   dimension before: 2020-03 against 2019-03, or 2020-02.
//! - A year-to-date period that is still open is held against the same elapsed days. Its `pop` is the to-date of the month
//!   before; January has none.
//! - Any other open period has no growth, since a part would be held against a whole.

use crate::indicators::table::{Compare, Compared, Incomparable, Table, Value};
use crate::programme::config::CalendarConfig;
use crate::programme::period::{month_code, quarter_code};
use crate::programme::{Decimal, Period, Ratio};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::collections::HashMap;

/// Filters of a request: dimensions and the codes let through.
type Filters = Vec<(String, Vec<String>)>;

/// The request a table is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its period, which may have no name.
    pub period: Period,
    /// Its filters: those on time moved along.
    pub filters: Filters,
    /// Months that codes of time dimensions are moved by.
    months: u32,
}

/// What decides whether two cells may be compared.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The snapshot's day.
    pub day: NaiveDate,
    /// Day from which the scope describes the city.
    pub scope_from: Option<NaiveDate>,
    /// When months begin.
    pub calendar: CalendarConfig,
}

/// Months a time dimension's codes stand for; `None` for other dimensions.
fn months_of(dimension: &str) -> Option<u32> {
    match dimension {
        "month" | "stat_month" => Some(1),
        "quarter" => Some(3),
        "half" => Some(6),
        "year" => Some(12),
        _ => None,
    }
}

impl Other {
    /// What `compare` holds a table of `period` against; `None` where there is nothing before: January to date, and filters on
    /// time that cannot be moved by as much.
    pub fn of(
        compare: Compare,
        period: &Period,
        dimensions: &[String],
        filters: &Filters,
        day: NaiveDate,
    ) -> Option<Self> {
        let step = step(dimensions);
        let months = match (compare, step) {
            (Compare::Yoy, _) => 12,
            (Compare::Pop, Some(step)) => step,
            (Compare::Pop, None) if period.is_year_to_date() => 1,
            (Compare::Pop, None) => period.months(),
        };
        let elapsed = period.end().min(day);
        let is_open = elapsed < period.end();
        let back = |day: NaiveDate| day - Months::new(months);
        let whole_year = compare == Compare::Pop && step.is_none() && period.is_year_to_date();
        let other = match (period.is_year_to_date(), is_open) {
            _ if whole_year && period.months() == 1 => return None,
            (true, true) if whole_year => Period::of_days(period.start(), back(elapsed)),
            (true, true) => Period::of_days(back(period.start()), back(elapsed)),
            (true, false) if step.is_some() => {
                Period::of_span(period.start(), period.end()).earlier(months)
            }
            _ => period.earlier(months),
        };
        let moved = filters.iter().map(|(dimension, codes)| {
            let codes = codes.iter().map(|code| match months_of(dimension) {
                // Filters stay where they are when only the end of the period moves.
                Some(_) if whole_year => None,
                Some(_) => earlier_code(dimension, code, months),
                None => Some(code.clone()),
            });
            Some((dimension.clone(), codes.collect::<Option<Vec<String>>>()?))
        });
        Some(Self {
            period: other,
            filters: moved.collect::<Option<Filters>>()?,
            months,
        })
    }
}

/// The months from one cell of a breakdown to the next: those of its finest time dimension. Statistical months do not nest into
/// quarters, halves and years, so beside these the coarsest decides.
fn step(dimensions: &[String]) -> Option<u32> {
    let months = dimensions.iter().filter_map(|name| months_of(name));
    match dimensions.iter().any(|name| name == "stat_month") {
        true => months.max(),
        false => months.min(),
    }
}

/// The code that lies `months` before `code`; `None` where the dimension's codes cannot be moved by as much.
fn earlier_code(dimension: &str, code: &str, months: u32) -> Option<String> {
    let size = months_of(dimension)?;
    let first = Period::parse(code)?.start() - Months::new(months);
    (months.is_multiple_of(size)).then(|| code_of(dimension, first))
}

/// The code of a time dimension for the month that begins on `first`.
fn code_of(dimension: &str, first: NaiveDate) -> String {
    match dimension {
        "quarter" => quarter_code(first),
        "half" => format!("{}H{}", first.year(), first.month0() / 6 + 1),
        "year" => first.year().to_string(),
        _ => month_code(first),
    }
}

/// The codes of the cell that lies `months` before the one of `codes`: the finest time dimension tells the coarser ones.
fn earlier_codes(dimensions: &[String], codes: &[String], months: u32) -> Option<Vec<String>> {
    let finest = finest(dimensions, codes);
    let first = finest.and_then(|(_, code)| Some(Period::parse(code)?.start()));
    dimensions
        .iter()
        .zip(codes)
        .map(|(dimension, code)| match months_of(dimension) {
            None => Some(code.clone()),
            Some(size) if months.is_multiple_of(size) => earlier_code(dimension, code, months),
            Some(_) => Some(code_of(dimension, first? - Months::new(months))),
        })
        .collect()
}

fn finest<'a>(dimensions: &'a [String], codes: &'a [String]) -> Option<(&'a str, &'a str)> {
    let times = dimensions.iter().zip(codes);
    times
        .filter_map(|(dimension, code)| Some((months_of(dimension)?, dimension, code)))
        .min_by_key(|(months, _, _)| *months)
        .map(|(_, dimension, code)| (dimension.as_str(), code.as_str()))
}

/// First and last day of a cell: of its finest time dimension inside `period`, or the whole period.
pub(super) fn days_of(
    dimensions: &[String],
    codes: &[String],
    period: &Period,
    calendar: CalendarConfig,
) -> (NaiveDate, NaiveDate) {
    let whole = (period.start(), period.end());
    let Some((dimension, code)) = finest(dimensions, codes) else {
        return whole;
    };
    let Some(named) = Period::parse(code) else {
        return whole;
    };
    let start_day = match dimension {
        "stat_month" => calendar.statistical_month_start_day,
        _ => calendar.month_start_day,
    };
    let (mut first, mut last) = (named.start(), named.end());
    if start_day > 1 {
        // A month that begins on the 21st takes the name of the one it ends in.
        let turn = |day: NaiveDate| day.with_day(start_day).unwrap_or(day);
        first = turn(first - Months::new(1));
        last = turn(last) - Days::new(1);
    }
    (first.max(period.start()), last.min(period.end()))
}

/// The answer to the request of an [`Other`].
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What was asked.
    pub other: &'a Other,
    /// What was answered.
    pub table: &'a Table,
}

/// Adds `compare` to every row, and to the total, which may have another period: it has no time dimensions. `None` where there
/// is nothing to compare with.
pub fn compare(
    table: &mut Table,
    compare: Compare,
    rows: Option<Answer<'_>>,
    total: Option<Answer<'_>>,
    terms: &Terms,
) {
    let (dimensions, period) = (table.dimensions.clone(), table.period.clone());
    let cells: HashMap<&[String], Option<Value>> = rows
        .iter()
        .flat_map(|answer| &answer.table.rows)
        .map(|row| (row.codes.as_slice(), row.value))
        .collect();
    for row in &mut table.rows {
        let said = rows.and_then(|Answer { other, .. }| {
            let codes = earlier_codes(&dimensions, &row.codes, other.months)?;
            let (first, _) = days_of(&dimensions, &codes, &other.period, terms.calendar);
            let (_, last) = days_of(&dimensions, &row.codes, &period, terms.calendar);
            let base = match dimensions.is_empty() {
                true => rows?.table.totals.value,
                false => cells.get(codes.as_slice()).copied().flatten(),
            };
            Some(terms.held(&period, (first, last), row.value, base))
        });
        row.compared
            .push(said.unwrap_or_else(|| compared(row.value, None)));
    }
    let value = table.totals.value;
    let said = total.map(|Answer { other, table }| {
        let days = (other.period.start(), period.end());
        terms.held(&period, days, value, table.totals.value)
    });
    table
        .totals
        .compared
        .push(said.unwrap_or_else(|| compared(value, None)));
    table.compare.push(compare);
}

impl Terms {
    /// A cell of `period` that ends on `last`, held against the value `base` of a cell that began on `first`.
    fn held(
        &self,
        period: &Period,
        (first, last): (NaiveDate, NaiveDate),
        value: Option<Value>,
        base: Option<Value>,
    ) -> Compared {
        if self.scope_from.is_some_and(|from| from > first) {
            return Compared {
                incomparable: Some(Incomparable::Scope),
                ..Compared::default()
            };
        }
        let to_date = period.is_year_to_date() && period.start() <= self.day;
        match last > self.day && !to_date {
            true => Compared {
                value: base,
                change: None,
                incomparable: Some(Incomparable::Open),
            },
            false => compared(value, base),
        }
    }
}

/// A value held against `base`: relative for counts, stocks and amounts, the difference for shares; no change from 0 or nothing.
///
/// # Source
/// CONTRACT Q59b; domain.md §8 (base 0 or missing → "—"; growth of a percentage is in percentage points).
fn compared(value: Option<Value>, base: Option<Value>) -> Compared {
    let change: Option<Ratio> = match (value, base) {
        (Some(Value::Number(value)), Some(Value::Number(base))) if base > Decimal::ZERO => {
            value.minus(base).over(base)
        }
        (Some(Value::Share(value)), Some(Value::Share(base))) => {
            (Some(base) != Ratio::new(0, 1)).then(|| value.minus(base))
        }
        _ => None,
    };
    Compared {
        value: base,
        change,
        incomparable: change.is_none().then_some(Incomparable::Base),
    }
}

#[cfg(test)]
mod tests;
