//! Which expected returns are in: submissions of all snapshots up to one, and explicit zeros.

use super::figures::Gate;
use super::{App, Error};
use crate::analysis::bounds::{Outlook, Reported, telling};
use crate::analysis::completeness::{
    Arrival, Completeness, Return, Status, completeness, expected,
};
use crate::indicators::table::{Kind, Request, Table, Value};
use crate::indicators::{self, Parts, TIME_DIMENSIONS};
use crate::lake::Snapshot;
use crate::programme::config::Frequency;
use crate::programme::{Decimal, Period};
use crate::project::Definitions;
use chrono::NaiveDate;
use polars::prelude::AnyValue;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Dataset of totals without names, in which a zero is a report.
const RETURNS: &str = "returns";

impl App {
    /// The completeness of reporting as of the newest snapshot, or of the one `as_of` names; of the returns for periods that
    /// overlap `period` where one is given.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for an unknown period or snapshot.
    pub fn completeness(
        &self,
        period: Option<&str>,
        as_of: Option<&str>,
    ) -> Result<Completeness, Error> {
        let snapshot = self.snapshot(as_of)?;
        let definitions = self.definitions(&snapshot)?;
        let period = period
            .map(|name| indicators::period_of(&definitions.programme, Some(name)))
            .transpose()?;
        let overlaps = |each: &&Return| {
            let span = &each.expected.period;
            period
                .as_ref()
                .is_none_or(|period| span.start() <= period.end() && period.start() <= span.end())
        };
        let returns = self.returns(&snapshot, &definitions)?;
        Ok(Completeness {
            snapshot: snapshot.id().as_str().to_owned(),
            day: snapshot.info().day,
            returns: returns.iter().filter(overlaps).cloned().collect(),
            period,
        })
    }

    /// How many expected returns are missing in a snapshot.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn missing_returns(&self, snapshot: &str) -> Result<usize, Error> {
        let snapshot = self.snapshot(Some(snapshot))?;
        let definitions = self.definitions(&snapshot)?;
        let returns = self.returns(&snapshot, &definitions)?;
        let missing = returns.iter().filter(|each| each.status == Status::Missing);
        Ok(missing.count())
    }

    /// What became of all expected returns by a snapshot; kept, since it never changes.
    pub(super) fn returns(
        &self,
        snapshot: &Snapshot,
        definitions: &Definitions,
    ) -> Result<Arc<Vec<Return>>, Error> {
        let programme = &definitions.programme;
        if programme.config.expected_return.is_empty() {
            return Ok(Arc::default());
        }
        let id = snapshot.id().as_str().to_owned();
        let kept = || {
            self.inner
                .returns
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(returns) = kept().get(&id) {
            return Ok(Arc::clone(returns));
        }
        let day = snapshot.info().day;
        let mut arrivals = Vec::new();
        for each in self.inner.lake.arrivals(snapshot)? {
            let accepted = each.received > each.rejected;
            let Some(period) =
                Period::parse(&each.period).filter(|_| accepted || each.received == 0)
            else {
                continue;
            };
            arrivals.push(Arrival {
                dataset: each.dataset,
                department: each.department,
                division: each.division,
                period,
                day: each.day,
                zero: each.received == 0,
            });
        }
        arrivals.extend(self.zeros(snapshot, definitions)?);
        let returns = Arc::new(completeness(expected(programme, day), &arrivals, day));
        kept().insert(id, Arc::clone(&returns));
        Ok(returns)
    }

    /// The rows of the dataset `returns` that say 0: each speaks for the datasets its indicator reads.
    fn zeros(&self, snapshot: &Snapshot, definitions: &Definitions) -> Result<Vec<Arrival>, Error> {
        if !snapshot.has(RETURNS) {
            return Ok(Vec::new());
        }
        let loads: HashMap<String, NaiveDate> = self
            .inner
            .lake
            .snapshots()?
            .into_iter()
            .map(|info| (info.load, info.day))
            .collect();
        let frame = snapshot.scan(RETURNS)?.collect()?;
        let mut zeros = Vec::new();
        for row in 0..frame.height() {
            let cell = |name: &str| frame.column(name).and_then(|column| column.get(row));
            let text = |name: &str| match cell(name) {
                Ok(AnyValue::Null) | Err(_) => None,
                Ok(value) => Some(value.str_value().into_owned()),
            };
            let is_zero = matches!(cell("value")?, AnyValue::Decimal(0, _, _));
            let load = match cell("load")? {
                AnyValue::Int64(number) => format!("L{number:06}"),
                _ => continue,
            };
            let (Some(department), Some(division), Some(period), Some(indicator), Some(day)) = (
                text("department"),
                text("division"),
                text("period").and_then(|name| Period::parse(&name)),
                text("indicator").and_then(|id| definitions.catalog.get(&id)),
                loads.get(&load),
            ) else {
                continue;
            };
            let datasets = indicator
                .tables
                .iter()
                .filter(|table| definitions.programme.contracts.contains_key(*table));
            zeros.extend(datasets.filter(|_| is_zero).map(|dataset| Arrival {
                dataset: dataset.clone(),
                department: department.clone(),
                division: division.clone(),
                period: period.clone(),
                day: *day,
                zero: true,
            }));
        }
        Ok(zeros)
    }
}

/// What the returns say of the cells of `table`; `None` where all that tell of its indicator are in.
///
/// # Errors
/// As the gate.
pub(super) fn outlook<'a>(
    gate: &Gate<'a>,
    request: &Request,
    table: &Table,
    returns: &'a [Return],
) -> Result<Option<Outlook<'a>>, Error> {
    let published = gate.published;
    let Some(indicator) = published.catalog.get(&table.indicator) else {
        return Ok(None);
    };
    let city = &published.programme.config.programme.city;
    let day = published.day;
    let last_only = table.kind == Kind::Stock || indicator.parts != Parts::Flow;
    let telling = telling(returns, &indicator.tables, gate.scope, city);
    let mut outlook = Outlook::new(telling, day, city, (table.kind, last_only));
    let outstanding = outlook.outstanding();
    if outstanding.is_empty() {
        return Ok(None);
    }
    let known = published
        .catalog
        .dimensions(&published.programme, &table.indicator);
    let whole = Request {
        filters: vec![],
        ..request.clone()
    };
    if table.kind == Kind::Ratio {
        if known.contains(&"division") {
            let times = request
                .by
                .iter()
                .filter(|name| TIME_DIMENSIONS.contains(&name.as_str()));
            let by = std::iter::once("division".to_owned()).chain(times.cloned());
            outlook.learn_shares(&gate.also(&whole, by.collect(), &table.period)?);
        }
        return Ok(Some(outlook));
    }
    let start = published.programme.config.programme.start;
    let mut reported = Vec::new();
    for frequency in outstanding {
        let units = ["department", "division"]
            .into_iter()
            .filter(|name| known.contains(name));
        let by = units.chain([frequency.dimension()]).map(str::to_owned);
        let so_far = Period::of_days(start, day);
        let brought = gate.also(&whole, by.collect(), &so_far)?;
        reported.extend(
            brought.rows.iter().filter_map(|row| {
                reported_of(&brought.dimensions, &row.codes, row.value, frequency)
            }),
        );
    }
    outlook.learn(&reported, &table.indicator, gate.targets);
    Ok(Some(outlook))
}

fn reported_of(
    dimensions: &[String],
    codes: &[String],
    value: Option<Value>,
    frequency: Frequency,
) -> Option<Reported> {
    let code = |wanted: &str| {
        let position = dimensions.iter().position(|name| name == wanted)?;
        codes.get(position).cloned()
    };
    let value: Decimal = match value? {
        Value::Number(value) => value,
        Value::Share(_) => return None,
    };
    Some(Reported {
        frequency,
        department: code("department"),
        division: code("division"),
        period: code(frequency.dimension())?,
        value,
    })
}
