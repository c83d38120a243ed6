//! Puts targets, progress, pace and verdict beside the cells of a table, and what missing returns could change.

use super::bounds::{Coverage, Outlook};
use super::compare::days_of;
use super::decompose::add_unallocated;
use super::{Pace, verdict};
use crate::indicators::table::{Kind, Mark, Request, Row, Table, Value, Verdict};
use crate::indicators::{self, TIME_DIMENSIONS};
use crate::programme::config::Scope;
use crate::programme::{Decimal, Period, Programme, Ratio, Target, Targets};
use chrono::NaiveDate;

/// What cells are held against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The programme.
    pub programme: &'a Programme,
    /// Its pace curves.
    pub pace: &'a Pace<'a>,
    /// Targets in force.
    pub targets: &'a Targets,
    /// The scope of the table; targets were set for some only (CONTRACT Q66).
    pub scope: &'a Scope,
    /// The snapshot's day.
    pub day: NaiveDate,
    /// What was asked.
    pub request: &'a Request,
    /// What is expected of those who report; `None` where nothing is.
    pub outlook: Option<&'a Outlook<'a>>,
}

impl<'a> Context<'a> {
    /// Code of the city as a unit.
    pub(super) fn city(&self) -> &'a str {
        &self.programme.config.programme.city
    }

    /// The one unit the request was filtered to, if it was filtered to nothing else.
    fn filtered_to(&self) -> Option<(&'a str, &'a str)> {
        match &self.request.filters[..] {
            [(dimension, codes)] if codes.len() == 1 => Some((dimension, &codes[0])),
            _ => None,
        }
    }

    /// Whether targets may be set for the units of a dimension.
    pub(super) fn is_unit_kind(&self, dimension: &str) -> bool {
        self.programme.unit_kinds().any(|kind| kind == dimension)
    }

    fn at_risk_from(&self) -> Decimal {
        self.programme.config.verdict.at_risk_from
    }
}

/// Fills target, progress, pace, bounds and verdict of every row and the total, and marks where returns are missing; units that
/// have a target and no facts get a row of 0, and what the units' targets leave over of the city's gets one without value.
pub fn assess(table: &mut Table, context: &Context<'_>) {
    if context.scope.targets {
        add_units_without_facts(table, context);
    }
    let dimensions = table.dimensions.clone();
    let (indicator, period) = (table.indicator.clone(), table.period.clone());
    let rows = table.rows.iter_mut().chain([&mut table.totals]);
    for row in rows {
        let dimensions = if row.codes.is_empty() {
            &[][..]
        } else {
            &dimensions
        };
        let cell = context.outlook.and_then(|outlook| {
            Some((outlook, coverage(dimensions, &row.codes, &period, context)?))
        });
        if let Some((outlook, cell)) = &cell {
            let missing = outlook.missing(cell);
            row.mark.add_if(Mark::Missing, !missing.is_empty());
        }
        let unit = unit_and_period(dimensions, &row.codes, &period, context);
        if let Some((kind, unit, period)) = unit.filter(|_| context.scope.targets) {
            let target = context
                .targets
                .find(&indicator, &kind, &unit, &period.target_name());
            if let Some(target) = target {
                fill(row, target, &period, cell.as_ref(), context);
            }
        }
    }
    if context.scope.targets {
        add_unallocated(table, context);
    }
}

/// The unit and period a cell stands for, where its dimensions name no more than these.
fn unit_and_period(
    dimensions: &[String],
    codes: &[String],
    period: &Period,
    context: &Context<'_>,
) -> Option<(String, String, Period)> {
    let filtered_to = context.filtered_to();
    let mut unit = match (filtered_to, context.request.filters.is_empty()) {
        (Some((kind, code)), _) => (kind.to_owned(), code.to_owned()),
        (None, true) => ("city".to_owned(), context.city().to_owned()),
        (None, false) => return None,
    };
    let mut units = 0;
    for (dimension, code) in dimensions.iter().zip(codes) {
        if context.is_unit_kind(dimension) {
            units += 1;
            if units > 1 || filtered_to.is_some_and(|(kind, _)| kind != dimension) {
                return None;
            }
            unit = (dimension.clone(), code.clone());
        } else if !TIME_DIMENSIONS.contains(&dimension.as_str()) {
            return None;
        }
    }
    let period = finest_period(dimensions, codes, period)?;
    Some((unit.0, unit.1, period))
}

/// The period a cell's codes name: the shortest of its time dimensions, else the table's. `None` for statistical months, for
/// which there are no targets.
pub(super) fn finest_period(
    dimensions: &[String],
    codes: &[String],
    period: &Period,
) -> Option<Period> {
    let times = dimensions
        .iter()
        .zip(codes)
        .filter(|(dimension, _)| TIME_DIMENSIONS.contains(&dimension.as_str()));
    let mut finest: Option<Period> = None;
    for (dimension, code) in times {
        let named = Period::parse(code).filter(|_| dimension != "stat_month")?;
        if finest
            .as_ref()
            .is_none_or(|known| named.months() < known.months())
        {
            finest = Some(named);
        }
    }
    Some(finest.unwrap_or_else(|| period.clone()))
}

/// Which returns speak of a cell. `None` for cells of no known unit.
fn coverage(
    dimensions: &[String],
    codes: &[String],
    period: &Period,
    context: &Context<'_>,
) -> Option<Coverage> {
    let one_of = |wanted: &str| -> Option<Vec<String>> {
        let cell = dimensions.iter().zip(codes);
        let cell = cell
            .filter(|(dimension, _)| *dimension == wanted)
            .map(|(_, code)| vec![code.clone()]);
        let filters = context.request.filters.iter();
        let filters = filters
            .filter(|(dimension, _)| dimension == wanted)
            .map(|(_, codes)| codes.clone());
        cell.chain(filters).next()
    };
    let calendar = context.programme.config.calendar;
    let (first, last) = days_of(dimensions, codes, period, calendar);
    let times = dimensions
        .iter()
        .zip(codes)
        .filter(|(dimension, _)| TIME_DIMENSIONS.contains(&dimension.as_str()));
    Some(Coverage {
        divisions: one_of("division"),
        departments: one_of("department"),
        first,
        last: last.min(context.day),
        times: times.map(|(_, code)| code.clone()).collect(),
    })
    .filter(|cell| cell.first <= cell.last)
}

fn add_units_without_facts(table: &mut Table, context: &Context<'_>) {
    let [dimension] = &table.dimensions[..] else {
        return;
    };
    let countable = matches!(table.kind, Kind::Flow | Kind::Distinct);
    let filtered = !context.request.filters.is_empty();
    if !context.is_unit_kind(dimension) || !countable || filtered {
        return;
    }
    let period = table.period.target_name();
    let missing: Vec<String> = context
        .targets
        .of(&table.indicator, dimension, &period)
        .filter(|target| !target.value.is_zero())
        .map(|target| target.unit.clone())
        .filter(|unit| table.rows.iter().all(|row| row.codes[0] != *unit))
        .collect();
    table.rows.extend(missing.into_iter().map(|unit| Row {
        codes: vec![unit],
        value: Some(Value::Number(Decimal::ZERO)),
        ..Row::default()
    }));
    let dimension = dimension.clone();
    table
        .rows
        .sort_by_cached_key(|row| indicators::place(context.programme, &dimension, &row.codes[0]));
}

fn fill(
    row: &mut Row,
    target: &Target,
    period: &Period,
    cell: Option<&(&Outlook<'_>, Coverage)>,
    context: &Context<'_>,
) {
    let pace = context.pace.expected(
        target,
        &period.target_period(),
        context.day.min(period.end()),
    );
    row.target = Some(target.value);
    row.target_provenance = Some(target.provenance.clone());
    row.original_target = context.targets.original(target).map(|target| target.value);
    row.pace = Some(pace);
    let limit = context.at_risk_from().over(Decimal::new(1, 0));
    row.behind_below = limit.map(|limit| pace.times(limit));
    row.progress = match row.value {
        Some(Value::Number(number)) => number.over(target.value),
        Some(Value::Share(share)) => {
            let one = Decimal::new(1, 0);
            one.over(target.value).map(|inverse| share.times(inverse))
        }
        None => None,
    };
    row.bounds = cell.and_then(|(outlook, cell)| outlook.bounds(row, target.value, cell));
    let said = |progress: Ratio| verdict(progress, pace, context.at_risk_from());
    row.verdict = match (row.progress, row.bounds) {
        (None, _) => Verdict::InsufficientData,
        (Some(_), Some(bounds)) if said(bounds.low) != said(bounds.high) => {
            Verdict::InsufficientData
        }
        (Some(progress), _) => said(progress),
    };
}
