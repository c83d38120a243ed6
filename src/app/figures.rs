//! One figure from published tables: the gate, then its targets.

use super::Error;
use crate::analysis::{Context, assess};
use crate::engine::schema;
use crate::indicators::facts::{FactsCache, Piece};
use crate::indicators::table::{Request, Table};
use crate::indicators::{self, Published, evaluate};
use crate::lake::Snapshot;
use crate::programme::config::Scope;
use crate::programme::{Decimal, Programme, Target, Targets};
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
    let mut table = evaluate(&published, request, scope)?;
    let filtered_to = match &request.filters[..] {
        [(dimension, codes)] if codes.len() == 1 => Some((dimension.as_str(), codes[0].as_str())),
        _ => None,
    };
    let context = Context {
        targets: &targets,
        scope_has_targets: scope.targets,
        city: &programme.config.programme.city,
        day: origin.day,
        at_risk_from: programme.config.verdict.at_risk_from,
        filtered_to,
        filtered: !request.filters.is_empty(),
    };
    assess(&mut table, &context);
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

/// The targets in force on `day`: those of the project's file and those that were reported.
fn targets(
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
