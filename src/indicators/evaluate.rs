//! The one gate: every figure on every path is made here.

use super::catalog::Catalog;
use super::compose::{Selection, compose};
use super::definition::{Indicator, Parts};
use super::dimension::{self, TIME_DIMENSIONS, UNKNOWN};
use super::stock::{Stock, standing};
use super::table::{Kind, Mark, Request, Row, Table, Value};
use crate::engine;
use crate::programme::config::Scope;
use crate::programme::{Decimal, Period, Programme, Text};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame, LazyFrame};
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
    let programme = &published.programme;
    let indicator = published.catalog.get(&request.indicator).ok_or_else(|| {
        let known: Vec<&str> = published
            .catalog
            .iter()
            .map(|indicator| indicator.id.as_str())
            .collect();
        unknown("指标", "indicator", &request.indicator, &known)
    })?;
    let period = match &request.period {
        None => programme.period(),
        Some(text) => Period::parse(text).ok_or_else(|| {
            unknown(
                "期间",
                "period",
                text,
                &[
                    "2020",
                    "2020H1",
                    "2020Q3",
                    "2020-09",
                    "2019..2021",
                    "ytd:2020-09",
                ],
            )
        })?,
    };
    check_dimensions(published, request)?;
    let gate = Gate {
        published,
        indicator,
        request,
        scope,
        period: &period,
    };
    let (rows, totals) = match (indicator.kind, indicator.parts) {
        (Kind::Ratio, Parts::Stock) => gate.stocks()?,
        (Kind::Stock, _) => {
            return Err(unknown(
                "计量类型",
                "measure kind",
                "stock",
                &["flow", "distinct", "ratio"],
            ));
        }
        _ => gate.flows()?,
    };
    Ok(Table {
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit.clone(),
        kind: indicator.kind,
        period,
        scope: scope.id.clone(),
        snapshot: published.snapshot.clone(),
        as_of: published.as_of.clone(),
        definition: indicator.digest.clone(),
        dimensions: request.by.clone(),
        compare: vec![],
        rows,
        totals,
    })
}

/// "There is no X", with what there is.
pub fn unknown(zh: &str, en: &str, found: &str, known: &[&str]) -> Error {
    Error::Unknown(Text::new(
        format!("没有{zh}“{found}”；可用: {}", known.join("、")),
        format!("there is no {en} \"{found}\"; valid: {}", known.join(", ")),
    ))
}

fn check_dimensions(published: &Published, request: &Request) -> Result<(), Error> {
    let mut known = published.catalog.dimensions(&request.indicator);
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
    for (dimension, codes) in &request.filters {
        let Some((_, _, list)) = super::DIMENSIONS
            .iter()
            .find(|(name, _, _)| name == dimension)
        else {
            continue;
        };
        let list = published.programme.list(list);
        for code in codes
            .iter()
            .filter(|code| *code != UNKNOWN && list.get(code).is_none())
        {
            // Occupations met in the data but not in the list are valid filters.
            if dimension != "occupation" {
                let known: Vec<&str> = list
                    .iter()
                    .map(|entry| entry.code.as_str())
                    .take(40)
                    .collect();
                return Err(unknown("代码", dimension, code, &known));
            }
        }
    }
    Ok(())
}

/// One request on its way.
struct Gate<'a> {
    published: &'a Published,
    indicator: &'a Indicator,
    request: &'a Request,
    scope: &'a Scope,
    period: &'a Period,
}

impl Gate<'_> {
    fn run(&self, selection: &Selection) -> Result<DataFrame, Error> {
        let sql = compose(self.indicator, selection);
        let used = self
            .published
            .tables
            .iter()
            .filter(|(name, _)| self.indicator.tables.contains(*name));
        let tables = used.map(|(name, table)| (name.clone(), table.clone()));
        let calendar = selection.calendar.then(|| {
            dimension::calendar(
                &self.published.programme,
                self.period.start(),
                self.period.end(),
            )
        });
        Ok(engine::run(tables.chain(calendar), &sql)?)
    }

    fn filters(&self) -> Vec<(String, Vec<String>)> {
        let scope = ("division".to_owned(), self.scope.units.clone());
        let requested = self.request.filters.iter().map(|(dimension, codes)| {
            let column = dimension::column(dimension)
                .expect("dimensions were checked")
                .to_owned();
            let codes = codes.iter().map(|code| {
                if code == UNKNOWN {
                    String::new()
                } else {
                    code.clone()
                }
            });
            (column, codes.collect())
        });
        std::iter::once(scope).chain(requested).collect()
    }

    fn flows(&self) -> Result<(Vec<Row>, Row), Error> {
        let by: Vec<String> = self
            .request
            .by
            .iter()
            .map(|name| {
                dimension::column(name)
                    .expect("dimensions were checked")
                    .to_owned()
            })
            .collect();
        let named = || {
            self.request
                .by
                .iter()
                .chain(self.request.filters.iter().map(|(dimension, _)| dimension))
        };
        let selection = Selection {
            by,
            from: Some(self.period.start()),
            to: Some(self.period.end()),
            filters: self.filters(),
            calendar: named().any(|name| TIME_DIMENSIONS.contains(&name.as_str())),
        };
        let totals = self.run(&Selection {
            by: vec![],
            ..selection.clone()
        })?;
        let totals = self.row(&totals, 0, &[])?;
        if self.request.by.is_empty() {
            return Ok((vec![totals.clone()], totals));
        }
        let frame = self.run(&selection)?;
        let mut rows = (0..frame.height())
            .map(|index| self.row(&frame, index, &selection.by))
            .collect::<Result<Vec<Row>, Error>>()?;
        self.sort(&mut rows);
        Ok((rows, totals))
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
        let mut row = Row {
            codes,
            ..Row::default()
        };
        if self.indicator.kind == Kind::Ratio {
            let numerator = self.exact(&cell("numerator"))?.unwrap_or(Decimal::ZERO);
            let denominator = self.exact(&cell("denominator"))?.unwrap_or(Decimal::ZERO);
            fill_ratio(&mut row, numerator, denominator);
        } else {
            row.value = Some(Value::Number(
                self.exact(&cell("value"))?.unwrap_or(Decimal::ZERO),
            ));
        }
        Ok(row)
    }

    fn exact(&self, value: &AnyValue<'_>) -> Result<Option<Decimal>, Error> {
        exact(value).map_err(|value| Error::Inexact {
            indicator: self.indicator.id.clone(),
            value,
        })
    }

    fn sort(&self, rows: &mut [Row]) {
        rows.sort_by_cached_key(|row| {
            let dimensions = self.request.by.iter().zip(&row.codes);
            dimensions
                .map(|(dimension, code)| {
                    dimension::place(&self.published.programme, dimension, code)
                })
                .collect::<Vec<_>>()
        });
    }

    /// Ratios of stocks: at the end of the period, or of every part of it that a time dimension names.
    fn stocks(&self) -> Result<(Vec<Row>, Row), Error> {
        let stocks = self.read_stocks()?;
        let totals = self.stock_rows(&stocks, self.period.start(), self.period.end(), &[])?;
        let totals = totals.into_iter().next().unwrap_or_default();
        if self.request.by.is_empty() {
            return Ok((vec![totals.clone()], totals));
        }
        let time = self
            .request
            .by
            .iter()
            .position(|name| TIME_DIMENSIONS.contains(&name.as_str()));
        let mut rows = Vec::new();
        match time {
            None => {
                rows = self.stock_rows(
                    &stocks,
                    self.period.start(),
                    self.period.end(),
                    &self.request.by,
                )?
            }
            Some(at) => {
                let mut others = self.request.by.clone();
                let time = others.remove(at);
                let last = self.period.end().min(self.published.day);
                for (code, from, to) in dimension::ends(&time, self.period.start(), last) {
                    for mut row in self.stock_rows(&stocks, from, to, &others)? {
                        row.codes.insert(at, code.clone());
                        rows.push(row);
                    }
                }
            }
        }
        self.sort(&mut rows);
        Ok((rows, totals))
    }

    fn read_stocks(&self) -> Result<Vec<Stock>, Error> {
        let selection = Selection {
            to: Some(self.period.end()),
            ..Selection::default()
        };
        let frame = self.run(&selection)?;
        let city = &self.published.programme.config.programme.city;
        let mut stocks = Vec::with_capacity(frame.height());
        for index in 0..frame.height() {
            let cell = |name: &str| {
                frame
                    .column(name)
                    .and_then(|column| column.get(index))
                    .unwrap_or(AnyValue::Null)
            };
            let text = |name: &str| match cell(name) {
                AnyValue::Null => None,
                value => Some(value.str_value().into_owned()),
            };
            let whole = |name: &str| -> Result<i128, Error> {
                let number = self
                    .exact(&cell(name))?
                    .and_then(|number| number.scaled_to(0));
                number.ok_or_else(|| Error::Inexact {
                    indicator: self.indicator.id.clone(),
                    value: cell(name).to_string(),
                })
            };
            let AnyValue::Date(day) = cell("date") else {
                continue;
            };
            let division = text("division").filter(|division| division != city);
            if division
                .as_ref()
                .is_some_and(|division| !self.scope.units.contains(division))
            {
                continue;
            }
            stocks.push(Stock {
                day: NaiveDate::default() + chrono::Duration::days(i64::from(day)),
                division,
                sector: text("sector"),
                numerator: whole("numerator")?,
                denominator: whole("denominator")?,
                estimated: cell("estimated") == AnyValue::Boolean(true),
            });
        }
        Ok(stocks)
    }

    /// The rows of a breakdown by division and sector at `end`; one row without dimensions where any stock stands.
    fn stock_rows(
        &self,
        stocks: &[Stock],
        start: NaiveDate,
        end: NaiveDate,
        by: &[String],
    ) -> Result<Vec<Row>, Error> {
        let code = |stock: &Stock, dimension: &str| -> String {
            let value = match dimension {
                "division" => &stock.division,
                _ => &stock.sector,
            };
            value.clone().unwrap_or_else(|| UNKNOWN.to_owned())
        };
        let let_through = |stock: &Stock| {
            self.request
                .filters
                .iter()
                .all(|(dimension, codes)| codes.contains(&code(stock, dimension)))
        };
        let mut groups: BTreeMap<Vec<String>, (i128, i128, bool)> = BTreeMap::new();
        for stock in standing(stocks, end)
            .iter()
            .filter(|stock| let_through(stock))
        {
            let codes = by.iter().map(|dimension| code(stock, dimension)).collect();
            let group = groups.entry(codes).or_default();
            group.0 += stock.numerator;
            group.1 += stock.denominator;
            group.2 |= stock.estimated || stock.day < start;
        }
        Ok(groups
            .into_iter()
            .map(|(codes, (numerator, denominator, estimated))| {
                let mut row = Row {
                    codes,
                    ..Row::default()
                };
                fill_ratio(
                    &mut row,
                    Decimal::new(numerator, 0),
                    Decimal::new(denominator, 0),
                );
                row.mark.add_if(Mark::Estimated, estimated);
                row
            })
            .collect())
    }
}

fn fill_ratio(row: &mut Row, numerator: Decimal, denominator: Decimal) {
    row.value = numerator.over(denominator).map(Value::Share);
    row.numerator = Some(numerator);
    row.denominator = Some(denominator);
}

fn exact(value: &AnyValue<'_>) -> Result<Option<Decimal>, String> {
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
