//! One figure from published tables: the gate, then its targets, its returns and what it is compared with.

use super::Error;
use super::completeness::outlook;
use crate::analysis::compare::{Answer, Other, Terms, compare};
use crate::analysis::completeness::Return;
use crate::analysis::{Context, Pace, assess, run_rate};
use crate::engine::schema;
use crate::indicators::facts::{FactsCache, Piece};
use crate::indicators::table::{Compare, Kind, Request, Table, Value};
use crate::indicators::{self, Published, evaluate, evaluate_in};
use crate::lake::Snapshot;
use crate::programme::config::Scope;
use crate::programme::{Decimal, Period, Programme, Target, Targets};
use crate::project::Definitions;
use chrono::{DateTime, FixedOffset, NaiveDate};
use polars::prelude::{AnyValue, DataFrame, IntoLazy, LazyFrame};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn find_scope<'a>(
    programme: &'a Programme,
    id: Option<&str>,
) -> Result<&'a Scope, Error> {
    programme.scope(id).ok_or_else(|| {
        let known: Vec<&str> = programme
            .config
            .scope
            .iter()
            .map(|scope| scope.id.as_str())
            .collect();
        indicators::unknown("统计范围", "scope", id.unwrap_or_default(), &known).into()
    })
}

/// Where tables come from.
pub(super) struct Origin<'a> {
    pub(super) snapshot: &'a str,
    pub(super) published_at: DateTime<FixedOffset>,
    pub(super) day: NaiveDate,
    /// Pieces of the tables that never change, and where their facts are kept.
    pub(super) pieces: BTreeMap<String, Vec<Piece>>,
    pub(super) facts: Option<Arc<FactsCache>>,
    /// What became of the returns that are expected.
    pub(super) returns: Arc<Vec<Return>>,
}

/// The pieces of a table of a snapshot.
///
/// # Errors
/// When a piece cannot be scanned.
pub(super) fn pieces(snapshot: &Snapshot, table: &str) -> Result<Vec<Piece>, Error> {
    let pieces = snapshot.pieces(table)?.into_iter();
    Ok(pieces
        .map(|(id, rows)| Piece {
            id: id.into(),
            rows,
        })
        .collect())
}

impl<'a> Origin<'a> {
    /// A snapshot, for tables that may be others than its own.
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let info = snapshot.info();
        Self {
            snapshot: info.id.as_str(),
            published_at: info.published_at,
            day: info.day,
            pieces: BTreeMap::new(),
            facts: None,
            returns: Arc::default(),
        }
    }
}

/// The answer to `request` over `tables`, held against the targets in force on the day of `origin`.
///
/// # Errors
/// What the request names and is not there, or a table that cannot be read.
pub(super) fn figures(
    definitions: &Definitions,
    tables: BTreeMap<String, LazyFrame>,
    origin: &Origin<'_>,
    request: &Request,
) -> Result<Table, Error> {
    let programme = &definitions.programme;
    let scope = find_scope(programme, request.scope.as_deref())?;
    let published = published(definitions, tables, origin);
    let targets = targets(programme, &published.tables, origin.day)?;
    let gate = Gate {
        published: &published,
        scope,
        targets: &targets,
    };
    let mut table = evaluate(&published, request, scope)?;
    let outlook = outlook(&gate, request, &table, &origin.returns)?;
    assess(
        &mut table,
        &Context {
            programme,
            pace: &Pace::of(programme),
            targets: &targets,
            scope,
            day: origin.day,
            request,
            outlook: outlook.as_ref(),
        },
    );
    gate.add_run_rate(&mut table, request)?;
    for (position, which) in request.compare.iter().enumerate() {
        if !request.compare[..position].contains(which) {
            gate.add_comparison(&mut table, *which, request)?;
        }
    }
    Ok(table)
}

/// What the gate reads: `tables` under `definitions`; tables that are not there are empty ones.
pub(super) fn published(
    definitions: &Definitions,
    mut tables: BTreeMap<String, LazyFrame>,
    origin: &Origin<'_>,
) -> Published {
    for contract in definitions.programme.contracts.values() {
        tables
            .entry(contract.id.clone())
            .or_insert_with(|| schema::empty(contract).lazy());
    }
    for (name, schema) in schema::derived() {
        let empty = || DataFrame::empty_with_schema(&schema).lazy();
        tables.entry(name.to_owned()).or_insert_with(empty);
    }
    Published {
        snapshot: origin.snapshot.to_owned(),
        as_of: written(origin.published_at),
        day: origin.day,
        programme: Arc::clone(&definitions.programme),
        catalog: Arc::clone(&definitions.catalog),
        tables,
        pieces: origin.pieces.clone(),
        facts: origin.facts.clone(),
    }
}

/// An instant as answers write it.
pub(super) fn written(instant: DateTime<FixedOffset>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}

/// What every figure of an answer is made from.
pub(super) struct Gate<'a> {
    pub(super) published: &'a Published,
    pub(super) scope: &'a Scope,
    pub(super) targets: &'a Targets,
}

impl Gate<'_> {
    /// The answer to the same question with other dimensions, filters or days.
    pub(super) fn also(
        &self,
        request: &Request,
        by: Vec<String>,
        period: &Period,
    ) -> Result<Table, Error> {
        let request = Request {
            by,
            compare: vec![],
            ..request.clone()
        };
        Ok(evaluate_in(self.published, &request, self.scope, period)?)
    }

    /// What it takes to reach the target of the total, where it adds up over time and is still open.
    fn add_run_rate(&self, table: &mut Table, request: &Request) -> Result<(), Error> {
        let (Kind::Flow, Some(Value::Number(value)), Some(target)) =
            (table.kind, table.totals.value, table.totals.target)
        else {
            return Ok(());
        };
        let period = table.period.target_period();
        let day = self.published.day;
        let open = |months| run_rate(value, target, &period, day, months);
        if open(vec![]).is_none() {
            return Ok(());
        }
        let start = self.published.programme.config.programme.start;
        let so_far = Period::of_days(start, day);
        let months = self.also(request, vec!["month".to_owned()], &so_far)?;
        let months = months.rows.into_iter().filter_map(|row| match row.value {
            Some(Value::Number(value)) => Some((row.codes.into_iter().next()?, value)),
            _ => None,
        });
        table.totals.run_rate = open(months.collect());
        Ok(())
    }

    fn add_comparison(
        &self,
        table: &mut Table,
        which: Compare,
        request: &Request,
    ) -> Result<(), Error> {
        let day = self.published.day;
        let of = |by: &[String]| Other::of(which, &table.period, by, &request.filters, day);
        let answered = |other: &Other, by: &[String]| {
            let request = Request {
                filters: other.filters.clone(),
                ..request.clone()
            };
            self.also(&request, by.to_vec(), &other.period)
        };
        let other = of(&request.by);
        let rows = other
            .as_ref()
            .map(|other| answered(other, &request.by))
            .transpose()?;
        // A step of a month moves the rows by a month; the total is still held against the whole period before.
        let apart = of(&[]).filter(|apart| Some(apart) != other.as_ref());
        let total = apart
            .as_ref()
            .map(|apart| answered(apart, &[]))
            .transpose()?;
        let answer = |other, table| Answer { other, table };
        let rows = other.as_ref().zip(rows.as_ref());
        let rows = rows.map(|(other, table)| answer(other, table));
        let total = match apart.as_ref().zip(total.as_ref()) {
            Some((other, table)) => Some(answer(other, table)),
            None => rows.filter(|rows| of(&[]).as_ref() == Some(rows.other)),
        };
        let terms = Terms {
            day,
            scope_from: self.scope.valid_from,
            calendar: self.published.programme.config.calendar,
        };
        compare(table, which, rows, total, &terms);
        Ok(())
    }
}

/// The targets in force on `day`: those of the project's file and those that were reported.
pub(super) fn targets(
    programme: &Programme,
    tables: &BTreeMap<String, LazyFrame>,
    day: NaiveDate,
) -> Result<Targets, Error> {
    let frame = match tables.get("targets") {
        Some(table) => table.clone().collect()?,
        None => DataFrame::default(),
    };
    let reported = (0..frame.height()).filter_map(|row| reported_target(&frame, row));
    Ok(Targets::in_force(
        programme.configured_targets(),
        reported,
        day,
    ))
}

fn reported_target(frame: &DataFrame, row: usize) -> Option<Target> {
    let cell = |name: &str| frame.column(name).ok()?.get(row).ok();
    let text = |name: &str| match cell(name)? {
        AnyValue::Null => None,
        value => Some(value.str_value().into_owned()),
    };
    let value = match cell("value")? {
        AnyValue::Decimal(units, _, scale) => {
            Decimal::new(units, u32::try_from(scale).ok()?).shortest()
        }
        _ => return None,
    };
    let valid_from = match cell("valid_from")? {
        AnyValue::Date(days) => NaiveDate::default() + chrono::Duration::days(i64::from(days)),
        _ => return None,
    };
    Some(Target {
        indicator: text("indicator")?,
        unit_kind: text("unit_kind")?,
        unit: text("unit")?,
        period: text("period")?,
        value,
        provenance: text("provenance")?,
        decision_ref: text("decision_ref"),
        valid_from: Some(valid_from),
    })
}
