//! The way of each unit to its target: what small multiples and sparklines are drawn from.

use super::axis;
use crate::analysis::Pace;
use crate::indicators::table::{Kind, Row, Table, Value};
use crate::presentation::{numbers, ranking};
use crate::programme::period::statistical_month_code;
use crate::programme::{Decimal, Period, Programme, Target};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// First day, last day and code of a span of a table by time.
pub(super) type Step = (NaiveDate, NaiveDate, String);

/// The way of one unit. Places are shares of the period (0 to 1) and of the unit's target; amounts where it has none.
#[derive(Debug, Clone)]
pub struct Course {
    /// Code of the unit.
    pub code: String,
    /// Where it stood at the end of every month or quarter, from the eve of the period on.
    pub points: Vec<(f64, f64)>,
    /// What the curve of its target expects; empty without target.
    pub pace: Vec<(f64, f64)>,
    /// First day of the span since which it is below its pace without a break, if it is now.
    pub below_since: Option<NaiveDate>,
}

/// What a way is made of.
#[derive(Debug, Clone, Copy)]
pub struct Courses<'a> {
    /// A flow by unit and month, quarter or year.
    pub table: &'a Table,
    /// The same flow by unit, with targets and verdicts.
    pub units: &'a Table,
    /// Targets in force.
    pub targets: &'a [Target],
    /// Their curves.
    pub pace: &'a Pace<'a>,
    /// The day the data stand at.
    pub day: NaiveDate,
    /// The programme.
    pub programme: &'a Programme,
}

impl Courses<'_> {
    /// The ways of all units, the one that lags its pace most first; empty where the table is no flow by unit and time.
    pub fn all(&self) -> Vec<Course> {
        let [unit, time] = &self.table.dimensions[..] else {
            return vec![];
        };
        let Some(steps) = self.steps(time).filter(|_| self.table.kind == Kind::Flow) else {
            return vec![];
        };
        if self.units.dimensions.first() != Some(unit) {
            return vec![];
        }
        let mut values: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
        for row in &self.table.rows {
            if let ([unit, time], Some(Value::Number(value))) = (&row.codes[..], row.value) {
                values.insert((unit, time), value);
            }
        }
        let units = ranking::by_gap(self.units)
            .into_iter()
            .filter(|row| ranking::is_unit(row));
        units
            .filter_map(|row| self.course(unit, row, &steps, &values))
            .collect()
    }

    /// First and last day of the period.
    pub(super) fn span(&self) -> (NaiveDate, NaiveDate) {
        let period = self.table.period.target_period();
        (period.start(), period.end())
    }

    /// The last span, where it is not over.
    pub(super) fn open(&self) -> Option<(NaiveDate, NaiveDate)> {
        let steps = self.steps(self.table.dimensions.get(1)?)?;
        let (from, to, _) = steps.last()?;
        (*to > self.day).then_some((*from, *to))
    }

    fn steps(&self, time: &str) -> Option<Vec<Step>> {
        let start_day = self.programme.config.calendar.month_start_day;
        steps(time, self.span(), self.day, start_day)
    }

    fn course(
        &self,
        dimension: &str,
        row: &Row,
        steps: &[Step],
        values: &BTreeMap<(&str, &str), Decimal>,
    ) -> Option<Course> {
        let code = row.codes.first()?.clone();
        let (start, end) = self.span();
        let period = self.table.period.target_period();
        let target = self.targets.iter().find(|target| {
            target.indicator == self.table.indicator
                && target.unit_kind == dimension
                && target.unit == code
                && target.period == period.target_name()
        });
        let target =
            target.filter(|target| row.target == Some(target.value) && !target.value.is_zero());
        let share = |value: Decimal| match target {
            Some(target) => value.approximate() / target.value.approximate(),
            None => value.approximate(),
        };
        let mut sum = Decimal::ZERO;
        let mut points = vec![(0.0, 0.0)];
        let mut below_since = None;
        for (from, to, step) in steps {
            let brought = values.get(&(code.as_str(), step.as_str())).copied();
            sum = sum.plus(brought.unwrap_or(Decimal::ZERO));
            let day = (*to).min(self.day);
            points.push((axis::share(start, end, day), share(sum)));
            let below = target.is_some_and(|target| {
                let expected =
                    numbers::ratio(target.value).times(self.pace.expected(target, &period, day));
                numbers::ratio(sum) < expected
            });
            below_since = below_since.filter(|_| below).or(below.then_some(*from));
        }
        Some(Course {
            code,
            points,
            pace: target.map_or_else(Vec::new, |target| self.expected(target, &period)),
            below_since,
        })
    }

    /// The curve of a target, month by month.
    fn expected(&self, target: &Target, period: &Period) -> Vec<(f64, f64)> {
        let (start, end) = self.span();
        let months = steps("month", (start, end), end, 1).unwrap_or_default();
        let ends = months.into_iter().map(|(_, to, _)| to);
        std::iter::once(start - Days::new(1))
            .chain(ends)
            .map(|day| {
                let expected = self.pace.expected(target, period, day);
                (axis::share(start, end, day), expected.approximate())
            })
            .collect()
    }
}

/// The spans of a time dimension in `span` that have begun by `day`; `None` for a dimension that is none. Months begin on
/// `start_day`.
pub(super) fn steps(
    time: &str,
    span: (NaiveDate, NaiveDate),
    day: NaiveDate,
    start_day: u32,
) -> Option<Vec<Step>> {
    let months = match time {
        "month" => return Some(months(span, day, start_day)),
        "quarter" => 3,
        "year" => 12,
        _ => return None,
    };
    let parts = Period::of_span(span.0, span.1).parts(months).into_iter();
    let steps = parts.map(|part| (part.start(), part.end(), part.to_string()));
    Some(steps.filter(|(from, _, _)| *from <= day).collect())
}

fn months(span: (NaiveDate, NaiveDate), day: NaiveDate, start_day: u32) -> Vec<Step> {
    let mut months = Vec::new();
    let mut from = span.0;
    while from <= span.1 && from <= day {
        let code = statistical_month_code(from, start_day);
        let Some(named) = Period::parse(&code) else {
            break;
        };
        // A month named September that begins on the 21st of August ends on the 20th of September.
        let end = match start_day {
            0 | 1 => named.end(),
            _ => chrono::Datelike::with_day(&named.start(), start_day - 1).unwrap_or(named.end()),
        };
        months.push((from, end.min(span.1), code));
        from = end.max(from) + Days::new(1);
    }
    months
}
