//! What was done so far, month after month, against what the target curve expects.

mod draw;
mod labels;
mod points;
mod says;

use super::{Chart, Width, course};
use crate::analysis::Pace;
use crate::indicators::table::{Kind, Row, Table, Value};
use crate::programme::config::Interruption;
use crate::programme::{Decimal, Language, Programme, Ratio, Target, Text};
use chrono::{Datelike, Months, NaiveDate};
use std::collections::BTreeMap;

/// What was done by the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub date: NaiveDate,
    /// All that was done since the first day.
    pub value: Decimal,
}

/// A target on the way or at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// By the end of this day.
    pub date: NaiveDate,
    /// All that is to be done since the first day.
    pub value: Decimal,
    /// Whether the policy or a decision sets it; otherwise it is interpolated.
    pub decided: bool,
}

/// What the forecast expects by the end of a day: the middle, and the bands of 50, 80 and 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanPoint {
    /// The day.
    pub date: NaiveDate,
    /// As likely to be exceeded as not.
    pub median: Decimal,
    /// Lower and upper ends of the bands of 50, 80 and 95 %, in this order.
    pub bands: [(Decimal, Decimal); 3],
}

/// A forecast that begins where the actual points end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fan {
    /// In order of their days.
    pub points: Vec<FanPoint>,
}

/// The picture of a flow over a period.
#[derive(Debug, Clone)]
pub struct Cumulative {
    /// Unit of the values.
    pub unit: Text,
    /// First and last day of the period.
    pub span: (NaiveDate, NaiveDate),
    /// The day the data stand at.
    pub day: NaiveDate,
    /// The end of every month, the last one at [`Self::day`] when it is open.
    pub actual: Vec<Point>,
    /// First and last day of a month that is not over.
    pub open: Option<(NaiveDate, NaiveDate)>,
    /// What the curve expects, from the eve of the first day on; empty without target.
    pub pace: Vec<(NaiveDate, Ratio)>,
    /// Name of the curve: `linear`, `workdays` or `milestones`.
    pub curve: &'static str,
    /// The target of the whole period, last, and those on the way to it.
    pub targets: Vec<Milestone>,
    /// Where one was made.
    pub forecast: Option<Fan>,
    /// Spans in which work could not go on as usual.
    pub interruptions: Vec<Interruption>,
    /// Value, target, progress, pace and verdict of the whole.
    pub total: Row,
}

impl Cumulative {
    /// The picture of `table`, a flow by month, at the end of `day`. `targets` are those in force of the unit the table is of;
    /// those of other indicators are passed over, and all of them where the table itself has none (another scope). `None`
    /// where months do not add up to the period, or the table is not by month.
    pub fn of(
        table: &Table,
        targets: &[Target],
        pace: &Pace<'_>,
        day: NaiveDate,
        programme: &Programme,
    ) -> Option<Self> {
        if table.kind != Kind::Flow || table.dimensions != ["month"] {
            return None;
        }
        let period = table.period.target_period();
        let span = (period.start(), period.end());
        let start_day = programme.config.calendar.month_start_day;
        let months = course::steps("month", span, day, start_day)?;
        let own: Vec<&Target> = targets
            .iter()
            .filter(|_| table.totals.target.is_some())
            .filter(|target| target.indicator == table.indicator && !target.value.is_zero())
            .collect();
        let name = period.target_name();
        let whole = own.iter().find(|target| target.period == name);
        let mut milestones = points::milestones(&own, span, &name);
        milestones.extend(whole.map(|target| points::milestone(span.1, target.value, &[target])));
        let turns = programme
            .config
            .pace
            .iter()
            .filter(|pace| pace.indicator == table.indicator);
        let turns = turns.flat_map(|pace| pace.points.iter().map(|point| point.date));
        let days = points::days(span, turns);
        Some(Self {
            unit: table.unit.clone(),
            span,
            day,
            actual: actual(table, &months, day),
            open: months
                .last()
                .map(|month| (month.0, month.1))
                .filter(|(_, end)| *end > day),
            pace: whole.map_or_else(Vec::new, |target| {
                points::pace(target, &period, pace, &days)
            }),
            curve: whole.map_or("linear", |target| pace.name(target)),
            targets: milestones,
            forecast: None,
            interruptions: points::interruptions(programme, span),
            total: table.totals.clone(),
        })
    }

    /// The same picture with a forecast.
    #[must_use]
    pub fn with_forecast(mut self, forecast: Option<Fan>) -> Self {
        self.forecast = forecast;
        self
    }

    /// The chart.
    pub fn chart(&self, language: Language, width: Width) -> Chart {
        Chart {
            scene: draw::scene(self, language, width),
            summary: says::summary(self, language),
        }
    }

    /// The target of the whole period.
    fn target(&self) -> Option<&Milestone> {
        self.targets
            .last()
            .filter(|target| target.date == self.span.1)
    }

    /// What the curve expects by the day of the data.
    fn expected(&self) -> Option<Ratio> {
        let (_, last) = self.pace.iter().rev().find(|(date, _)| *date <= self.day)?;
        match (self.total.target, self.total.pace) {
            (Some(target), Some(pace)) => {
                Some(crate::presentation::numbers::ratio(target).times(pace))
            }
            _ => Some(*last),
        }
    }
}

/// The sums up to the end of every month; a month without facts brought nothing.
fn actual(table: &Table, months: &[course::Step], day: NaiveDate) -> Vec<Point> {
    let values: BTreeMap<&str, Decimal> = table
        .rows
        .iter()
        .filter_map(|row| {
            let code = row.codes.first()?;
            match row.value {
                Some(Value::Number(value)) => Some((code.as_str(), value)),
                _ => None,
            }
        })
        .collect();
    let mut sum = Decimal::ZERO;
    months
        .iter()
        .map(|(_, end, code)| {
            sum = sum.plus(values.get(code.as_str()).copied().unwrap_or(Decimal::ZERO));
            Point {
                date: (*end).min(day),
                value: sum,
            }
        })
        .collect()
}

/// The month after the one of `day`, for those who go from month to month.
fn next_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day) + Months::new(1)
}
