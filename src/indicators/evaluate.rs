//! The one gate: every figure on every path is made here.

use super::catalog::Catalog;
use super::compose::{DIVISION, Selection, compose};
use super::definition::{Indicator, Parts};
use super::dimension::{self, TIME_DIMENSIONS, UNKNOWN};
use super::facts::{FactsCache, Group, Piece};
use super::table::{Compare, Kind, Request, Row, Table, Value, View};
use crate::engine;
use crate::engine::schema::SNAPSHOT;
use crate::programme::config::Scope;
use crate::programme::text::nearest;
use crate::programme::{Decimal, Period, Programme, Text};
use chrono::{Datelike, NaiveDate};
use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, Series,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A published state: tables and the definitions it is read with.
#[derive(Clone)]
pub struct Published {
    /// Id of the snapshot.
    pub snapshot: String,
    /// When it was published, with its offset.
    pub as_of: String,
    /// The day it stands for.
    pub day: NaiveDate,
    /// The programme.
    pub programme: Arc<Programme>,
    /// The indicators.
    pub catalog: Arc<Catalog>,
    /// The published tables; every dataset has one, if only an empty one.
    pub tables: BTreeMap<String, LazyFrame>,
    /// The pieces of those tables that consist of pieces that never change.
    pub pieces: BTreeMap<String, Vec<Piece>>,
    /// Where the facts of pieces are kept; without it the engine makes every figure.
    pub facts: Option<Arc<FactsCache>>,
}

/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request names something that is not there.
    #[error("{}", .0.en)]
    Unknown(Text),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// A query gave a value that is no exact number.
    #[error("the query of {indicator} gave the value {value}, which is not an exact number")]
    Inexact {
        /// The indicator.
        indicator: String,
        /// What it gave.
        value: String,
    },
}

/// The table that answers `request` over the units of `scope`. Rows stand in the order of the code lists; totals are computed
/// from the facts at their own grain, never from the rows (CONTRACT Q53).
///
/// # Errors
/// [`Error::Unknown`] for an unknown indicator, dimension, period or code, with the valid ones; the others when the query fails.
pub fn evaluate(published: &Published, request: &Request, scope: &Scope) -> Result<Table, Error> {
    let period = period_of(&published.programme, request.period.as_deref())?;
    evaluate_in(published, request, scope, &period)
}

/// The period of this name; the programme's where none is named.
///
/// # Errors
/// [`Error::Unknown`] with the periods of the programme most like the name, and the forms there are.
pub fn period_of(programme: &Programme, name: Option<&str>) -> Result<Period, Error> {
    let Some(name) = name else {
        return Ok(programme.period());
    };
    Period::parse(name).ok_or_else(|| {
        let plan = &programme.config.programme;
        let near = Period::nearest(name, plan.start.year()..=plan.end.year());
        let forms = PERIODS.iter().map(|form| (*form).to_owned());
        let known: Vec<String> = near
            .iter()
            .cloned()
            .chain(forms.filter(|form| !near.contains(form)))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        unknown("期间", "period", name, &known)
    })
}

/// Forms of a period, for messages.
pub const PERIODS: [&str; 6] = [
    "2020",
    "2020H1",
    "2020Q3",
    "2020-09",
    "2019..2021",
    "ytd:2020-09",
];

/// [`evaluate`] in a period that may have no name: the days up to an evaluation date, the elapsed part of a year.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in(
    published: &Published,
    request: &Request,
    scope: &Scope,
    period: &Period,
) -> Result<Table, Error> {
    let indicator = published.catalog.get(&request.indicator).ok_or_else(|| {
        let known: Vec<&str> = published
            .catalog
            .iter()
            .map(|indicator| indicator.id.as_str())
            .collect();
        unknown("指标", "indicator", &request.indicator, &known)
    })?;
    check_dimensions(published, request)?;
    let gate = Gate {
        published,
        indicator,
        request,
        scope,
        period,
    };
    let (rows, totals) = match (indicator.kind, indicator.parts) {
        (Kind::Ratio, Parts::Stock) | (Kind::Stock, _) => gate.stocks()?,
        (Kind::Ratio, Parts::Events) => gate.events()?,
        _ => gate.flows()?,
    };
    Ok(Table {
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit.clone(),
        kind: indicator.kind,
        period: period.clone(),
        scope: scope.id.clone(),
        snapshot: published.snapshot.clone(),
        as_of: published.as_of.clone(),
        definition: indicator.digest.clone(),
        dimensions: request.by.clone(),
        compare: vec![],
        view: request.view,
        rows,
        totals,
    })
}

/// The table [`SNAPSHOT`].
pub(super) fn snapshot_table(day: NaiveDate) -> (String, LazyFrame) {
    let days = i32::try_from((day - NaiveDate::default()).num_days()).unwrap_or(i32::MAX);
    let column = Series::new("day".into(), [days]).cast(&DataType::Date);
    let frame =
        DataFrame::new_infer_height(vec![Column::from(column.expect("day numbers are dates"))]);
    (SNAPSHOT.to_owned(), frame.expect("one column").lazy())
}

/// The comparisons of these names, each once; nothing for empty names.
///
/// # Errors
/// [`Error::Unknown`] with the ones there are.
pub fn comparisons<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Compare>, Error> {
    let mut found = Vec::new();
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        let known = Compare::ALL.map(Compare::code);
        let compare = Compare::ALL
            .into_iter()
            .find(|compare| compare.code() == name)
            .ok_or_else(|| unknown("比较方式", "comparison", name, &known))?;
        if !found.contains(&compare) {
            found.push(compare);
        }
    }
    Ok(found)
}

/// Names a message lists at most.
const NAMES_MAX: usize = 16;

/// "There is no X", with what there is: the names most like it first.
pub fn unknown(zh: &str, en: &str, found: &str, known: &[&str]) -> Error {
    let mut names = nearest(found, known);
    let more = if names.len() > NAMES_MAX { " …" } else { "" };
    names.truncate(NAMES_MAX);
    Error::Unknown(Text::new(
        format!("没有{zh}“{found}”；可用: {}{more}", names.join("、")),
        format!(
            "there is no {en} \"{found}\"; valid: {}{more}",
            names.join(", ")
        ),
    ))
}

pub(super) fn check_dimensions(published: &Published, request: &Request) -> Result<(), Error> {
    let programme = &published.programme;
    let mut known = published.catalog.dimensions(programme, &request.indicator);
    known.extend(TIME_DIMENSIONS);
    let named = request
        .by
        .iter()
        .chain(request.filters.iter().map(|(dimension, _)| dimension));
    for dimension in named {
        if !known.contains(&dimension.as_str()) {
            return Err(unknown("维度", "dimension", dimension, &known));
        }
    }
    for (at, dimension) in request.by.iter().enumerate() {
        let column = |name: &String| dimension::column(programme, name);
        let twice = |other: &&String| column(other) == column(dimension);
        if let Some(other) = request.by[..at].iter().find(twice) {
            return Err(Error::Unknown(Text::new(
                format!("维度“{dimension}”与“{other}”相同，只可用一次"),
                format!("the dimension \"{dimension}\" is the same as \"{other}\"; name it once"),
            )));
        }
    }
    for (dimension, codes) in &request.filters {
        // Codes met in the data but not in an open list (occupations) are valid filters.
        let listed = programme
            .dimension(dimension)
            .filter(|dimension| !dimension.open && dimension.list.is_some());
        if listed.is_none() {
            continue;
        }
        let list = programme.list_of(dimension);
        if let Some(code) = codes
            .iter()
            .find(|code| *code != UNKNOWN && list.get(code).is_none())
        {
            let known: Vec<&str> = list.iter().map(|entry| entry.code.as_str()).collect();
            return Err(unknown("代码", dimension, code, &known));
        }
    }
    Ok(())
}

/// One request on its way.
pub(super) struct Gate<'a> {
    pub(super) published: &'a Published,
    pub(super) indicator: &'a Indicator,
    pub(super) request: &'a Request,
    pub(super) scope: &'a Scope,
    pub(super) period: &'a Period,
}

impl Gate<'_> {
    pub(super) fn run(&self, selection: &Selection) -> Result<DataFrame, Error> {
        self.run_sql(&compose(self.indicator, selection), selection.calendar)
    }

    /// Runs a query composed over the facts.
    pub(super) fn run_sql(&self, sql: &str, with_calendar: bool) -> Result<DataFrame, Error> {
        let used = self
            .published
            .tables
            .iter()
            .filter(|(name, _)| self.indicator.tables.contains(*name));
        let tables = used.map(|(name, table)| (name.clone(), table.clone()));
        let today = self
            .indicator
            .tables
            .contains(SNAPSHOT)
            .then(|| snapshot_table(self.published.day));
        let calendar = with_calendar.then(|| {
            dimension::calendar(
                &self.published.programme,
                self.period.start(),
                self.period.end(),
            )
        });
        Ok(engine::run(tables.chain(calendar).chain(today), sql)?)
    }

    /// The dimension's column.
    pub(super) fn column(&self, dimension: &str) -> String {
        dimension::column(&self.published.programme, dimension)
            .expect("dimensions were checked")
            .to_owned()
    }

    /// The selection of the request without days and breakdown; filters on time are left out where `times` says so.
    pub(super) fn selection(&self, times: bool) -> Selection {
        let filters = self
            .request
            .filters
            .iter()
            .filter(|(dimension, _)| times || !dimension::is_time(dimension));
        let filters = filters.map(|(dimension, codes)| {
            let codes = codes.iter().map(|code| {
                if code == UNKNOWN {
                    String::new()
                } else {
                    code.clone()
                }
            });
            (self.column(dimension), codes.collect())
        });
        let placed = self.published.catalog.gives(&self.indicator.id, DIVISION);
        Selection {
            filters: filters.collect(),
            scope: (placed && !self.scope.units.is_empty()).then(|| self.scope.units.clone()),
            recoded: self.recoded(),
            ..Selection::default()
        }
    }

    /// Divisions that are read under the code that stands for them on the snapshot's day.
    pub(super) fn recoded(&self) -> Vec<(String, String)> {
        if self.request.view == View::AsWas {
            return Vec::new();
        }
        let divisions = self.published.programme.divisions();
        let gone = divisions.iter().filter_map(|unit| {
            let mut now = unit.attributes.get("merged_into")?;
            // A successor may have a successor; a list that goes round in circles is left where it was met.
            for _ in 0..divisions.iter().count() {
                match divisions
                    .get(now)
                    .and_then(|next| next.attributes.get("merged_into"))
                {
                    Some(next) if next != &unit.code => now = next,
                    _ => break,
                }
            }
            Some((unit.code.clone(), now.clone()))
        });
        gone.collect()
    }

    fn flows(&self) -> Result<(Vec<Row>, Row), Error> {
        let selection = self.flow_selection();
        let whole = Selection {
            by: vec![],
            ..selection.clone()
        };
        // The breakdown is made first: it looks at every column that the total looks at.
        let mut rows = match self.request.by.is_empty() {
            true => vec![],
            false => self.rows(&selection)?,
        };
        let totals = self.rows(&whole)?.into_iter().next();
        let totals = totals.unwrap_or_else(|| self.row_of(Vec::new(), [Decimal::ZERO; 2]));
        if self.request.by.is_empty() {
            rows.push(totals.clone());
        }
        self.sort(&mut rows);
        Ok((rows, totals))
    }

    /// The selection of a request whose facts lie within its period.
    pub(super) fn flow_selection(&self) -> Selection {
        let by = self.request.by.iter().map(|name| self.column(name));
        let mut named = self
            .request
            .by
            .iter()
            .chain(self.request.filters.iter().map(|(dimension, _)| dimension));
        Selection {
            by: by.collect(),
            from: Some(self.period.start()),
            to: Some(self.period.end()),
            calendar: named.any(|name| dimension::is_time(name)),
            ..self.selection(true)
        }
    }

    /// The rows of a selection in no particular order: from the facts in memory, else from the engine.
    fn rows(&self, selection: &Selection) -> Result<Vec<Row>, Error> {
        if let Some(groups) = self.held(selection)? {
            return Ok(groups
                .into_iter()
                .map(|group| self.row_of_group(group))
                .collect());
        }
        let frame = self.run(selection)?;
        (0..frame.height())
            .map(|index| self.row(&frame, index, &selection.by))
            .collect()
    }

    fn row_of_group(&self, group: Group) -> Row {
        let codes = group
            .codes
            .into_iter()
            .map(|code| code.unwrap_or_else(|| UNKNOWN.to_owned()));
        self.row_of(codes.collect(), group.sums)
    }

    fn row_of(&self, codes: Vec<String>, sums: [Decimal; 2]) -> Row {
        let mut row = Row {
            codes,
            ..Row::default()
        };
        match self.indicator.kind {
            Kind::Ratio => fill_ratio(&mut row, sums[0], sums[1]),
            _ => row.value = Some(Value::Number(sums[0])),
        }
        row
    }

    fn row(&self, frame: &DataFrame, index: usize, by: &[String]) -> Result<Row, Error> {
        let cell = |name: &str| -> AnyValue<'_> {
            frame
                .column(name)
                .ok()
                .and_then(|column| column.get(index).ok())
                .unwrap_or(AnyValue::Null)
        };
        let codes = by
            .iter()
            .map(|column| match cell(column) {
                AnyValue::Null => UNKNOWN.to_owned(),
                value => value.str_value().into_owned(),
            })
            .collect();
        let number = |name: &str| Ok::<_, Error>(self.exact(&cell(name))?.unwrap_or(Decimal::ZERO));
        let sums = match self.indicator.kind {
            Kind::Ratio => [number("numerator")?, number("denominator")?],
            _ => [number("value")?, Decimal::ZERO],
        };
        Ok(self.row_of(codes, sums))
    }

    pub(super) fn exact(&self, value: &AnyValue<'_>) -> Result<Option<Decimal>, Error> {
        exact(value).map_err(|value| Error::Inexact {
            indicator: self.indicator.id.clone(),
            value,
        })
    }

    pub(super) fn sort(&self, rows: &mut [Row]) {
        rows.sort_by_cached_key(|row| {
            let dimensions = self.request.by.iter().zip(&row.codes);
            dimensions
                .map(|(dimension, code)| {
                    dimension::place(&self.published.programme, dimension, code)
                })
                .collect::<Vec<_>>()
        });
    }
}

pub(super) fn fill_ratio(row: &mut Row, numerator: Decimal, denominator: Decimal) {
    row.value = numerator.over(denominator).map(Value::Share);
    row.numerator = Some(numerator);
    row.denominator = Some(denominator);
}

pub(super) fn exact(value: &AnyValue<'_>) -> Result<Option<Decimal>, String> {
    let whole = |number: i128| Ok(Some(Decimal::new(number, 0)));
    match value {
        AnyValue::Null => Ok(None),
        AnyValue::Int8(number) => whole(i128::from(*number)),
        AnyValue::Int16(number) => whole(i128::from(*number)),
        AnyValue::Int32(number) => whole(i128::from(*number)),
        AnyValue::Int64(number) => whole(i128::from(*number)),
        AnyValue::UInt32(number) => whole(i128::from(*number)),
        AnyValue::UInt64(number) => whole(i128::from(*number)),
        AnyValue::Decimal(number, _, scale) => Ok(Some(Decimal::new(
            *number,
            u32::try_from(*scale).unwrap_or(0),
        ))),
        other => Err(other.to_string()),
    }
}
