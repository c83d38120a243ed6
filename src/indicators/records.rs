//! The records behind a figure, and whether they count to it.

use super::catalog::Catalog;
use super::compose::{Selection, compose, composed};
use super::definition::Parts;
use super::dimension;
use super::evaluate::{Error, Gate, Published, check_dimensions, fill_ratio, unknown};
use super::table::{Kind, Request, Row, Value};
use super::trace::{self, Carrying, carrying};
use crate::programme::config::Scope;
use crate::programme::{Decimal, Period, Text};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, Column, DataFrame, NamedFrom, Series, SortMultipleOptions};
use std::collections::{BTreeMap, HashMap};

/// What stands behind one figure: that of the total of a request.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The composed query of the figure.
    pub sql: String,
    /// Its records, or why they cannot be listed.
    pub records: Result<Records, Text>,
    /// Filters of the request by column of the facts, those on time left out; an empty text is a missing value.
    pub filters: Vec<(String, Vec<String>)>,
    /// The days of the period that filters on time let through; `None` without such filters.
    pub days: Option<Vec<NaiveDate>>,
}

/// The records of a figure in order of department, number and row.
#[derive(Debug, Clone)]
pub struct Records {
    /// Their dataset.
    pub dataset: String,
    /// What they count to.
    pub counted: Row,
    frame: DataFrame,
    key: Vec<String>,
}

/// Records of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// SHA-256 of the submission's bytes; `None` where the facts do not come from a submission.
    pub submission: Option<String>,
    /// The department that sent it: two may send the same bytes.
    pub department: String,
    /// Number of the load.
    pub load: Option<i64>,
    /// Facts of it in the figure.
    pub facts: usize,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The department that sent it.
    pub department: String,
    /// Its number, or its key in a dataset without numbers.
    pub record_no: String,
    /// SHA-256 of the submission's bytes.
    pub submission: Option<String>,
    /// Number of the load.
    pub load: Option<i64>,
    /// Row of the submission.
    pub row: Option<i64>,
    /// The day by which it falls into the period.
    pub date: Option<NaiveDate>,
    /// What it adds to the value.
    pub value: Option<Decimal>,
    /// What it adds to the numerator.
    pub numerator: Option<Decimal>,
    /// What it adds to the denominator.
    pub denominator: Option<Decimal>,
    /// The person, where persons are counted: a number that means nothing outside this answer.
    pub person: Option<usize>,
}

/// The query and the records behind the total that [`super::evaluate`] gives for `request` over `scope`.
///
/// # Errors
/// As [`super::evaluate`].
pub fn trace(
    published: &Published,
    request: &Request,
    scope: &Scope,
    period: &Period,
) -> Result<Trace, Error> {
    let catalog: &Catalog = &published.catalog;
    let indicator = catalog.get(&request.indicator).ok_or_else(|| {
        let known: Vec<&str> = catalog.iter().map(|known| known.id.as_str()).collect();
        unknown("指标", "indicator", &request.indicator, &known)
    })?;
    check_dimensions(published, request)?;
    let request = Request {
        by: vec![],
        ..request.clone()
    };
    let gate = Gate {
        published,
        indicator,
        request: &request,
        scope,
        period,
    };
    gate.trace()
}

impl Gate<'_> {
    fn trace(&self) -> Result<Trace, Error> {
        let selection = self.traced();
        let records = match carrying(&self.indicator.facts, &self.published.programme) {
            Some(carrying) => Ok(self.records(&carrying, &selection)?),
            None => Err(Text::new(
                "此指标的事实不是单条记录（由汇总或登记表得出），不能逐条列出",
                "the facts of this indicator are no single records (they are summed up, or come from a register), so they cannot be listed one by one",
            )),
        };
        Ok(Trace {
            sql: compose(self.indicator, &selection),
            records,
            filters: self.selection(false).filters,
            days: self.days(),
        })
    }

    /// The selection whose facts make the total.
    fn traced(&self) -> Selection {
        match (self.indicator.kind, self.indicator.parts) {
            (Kind::Stock, _) | (Kind::Ratio, Parts::Stock) => Selection {
                to: Some(self.period.end()),
                ..Selection::default()
            },
            (Kind::Ratio, Parts::Events) => Selection {
                to: self
                    .parts(&[], self.period.end())
                    .first()
                    .map(|part| part.last),
                ..self.selection(false)
            },
            _ => self.flow_selection(),
        }
    }

    fn days(&self) -> Option<Vec<NaiveDate>> {
        let filters = self.request.filters.iter();
        let filters: Vec<_> = filters
            .filter(|(name, _)| dimension::is_time(name))
            .collect();
        let calendar = self.published.programme.config.calendar;
        let passes = |day: &NaiveDate| {
            filters
                .iter()
                .all(|(name, codes)| codes.contains(&dimension::time_code(calendar, name, *day)))
        };
        let days = self.period.start().iter_days();
        let days = days.take_while(|day| *day <= self.period.end());
        (!filters.is_empty()).then(|| days.filter(passes).collect())
    }

    fn records(&self, carrying: &Carrying, selection: &Selection) -> Result<Records, Error> {
        let measures: &[&str] = match (self.indicator.kind, self.indicator.parts) {
            (Kind::Distinct, _) => &["person"],
            (Kind::Flow, _) => &["value"],
            (Kind::Stock, _) => &["division", "sector", "value", "estimated"],
            (Kind::Ratio, Parts::Stock) => &[
                "division",
                "sector",
                "numerator",
                "denominator",
                "estimated",
            ],
            (Kind::Ratio, _) if self.indicator.denominator_of.is_some() => &["numerator"],
            (Kind::Ratio, _) => &["numerator", "denominator"],
        };
        let columns: Vec<&str> = std::iter::once("date")
            .chain(measures.iter().copied())
            .chain(carrying.columns.iter().map(String::as_str))
            .collect();
        let skeleton = ["SELECT ", &columns.join(", "), " FROM (SELECT 1) AS facts"].concat();
        let sql = composed(carrying.facts.clone(), &skeleton, selection);
        let mut frame = self.run_sql(&sql, selection.calendar)?;
        if self.indicator.kind == Kind::Stock || self.indicator.parts == Parts::Stock {
            frame = self.standing_rows(frame)?;
        }
        let order = std::iter::once(trace::DEPARTMENT)
            .chain(carrying.key.iter().map(String::as_str))
            .chain([trace::LOAD, trace::ROW]);
        let order: Vec<&str> = order.collect();
        let frame = frame
            .sort(order, SortMultipleOptions::default())
            .map_err(|source| failed(&sql, source))?;
        Ok(Records {
            counted: self.counted(&frame)?,
            dataset: carrying.dataset.clone(),
            key: carrying.key.clone(),
            frame,
        })
    }

    /// Of all stocks reported up to the end of the period those that stand at its end.
    fn standing_rows(&self, mut frame: DataFrame) -> Result<DataFrame, Error> {
        if self.indicator.kind == Kind::Stock
            && let Ok(value) = frame.column("value").cloned()
        {
            let mut numerator: Column = value;
            numerator.rename("numerator".into());
            frame
                .with_column(numerator)
                .map_err(|source| failed("", source))?;
        }
        let reported = self.stocks_of(&frame)?;
        let parts = self.parts(&[], self.period.end());
        let stocks: Vec<_> = reported.iter().map(|(_, stock)| stock.clone()).collect();
        let standing = parts.first().map(|part| self.stocks_at(&stocks, part));
        let mut rows: Vec<u32> = Vec::new();
        for stock in standing.into_iter().flatten() {
            let place = reported.iter().find(|(place, other)| {
                *other == stock && !rows.contains(&u32::try_from(*place).unwrap_or(u32::MAX))
            });
            rows.extend(place.and_then(|(place, _)| u32::try_from(*place).ok()));
        }
        let rows = Series::new("rows".into(), rows);
        let taken = rows.u32().and_then(|rows| frame.take(rows));
        taken.map_err(|source| failed("", source))
    }

    /// What the records count to, in the way of the indicator's kind.
    fn counted(&self, frame: &DataFrame) -> Result<Row, Error> {
        let sum = |name: &str| -> Result<Decimal, Error> {
            let mut sum = Decimal::ZERO;
            let Ok(column) = frame.column(name) else {
                return Ok(sum);
            };
            for row in 0..frame.height() {
                let value = column.get(row).unwrap_or(AnyValue::Null);
                sum = sum.plus(self.exact(&value)?.unwrap_or(Decimal::ZERO));
            }
            Ok(sum)
        };
        let mut row = Row::default();
        match self.indicator.kind {
            Kind::Flow | Kind::Stock => row.value = Some(Value::Number(sum("value")?)),
            Kind::Distinct => {
                let persons = i128::try_from(persons(frame).len()).unwrap_or(0);
                row.value = Some(Value::Number(Decimal::new(persons, 0)));
            }
            Kind::Ratio if self.indicator.denominator_of.is_some() => {
                row.numerator = Some(sum("numerator")?);
            }
            Kind::Ratio => fill_ratio(&mut row, sum("numerator")?, sum("denominator")?),
        }
        Ok(row)
    }
}

fn failed(sql: &str, source: polars::prelude::PolarsError) -> Error {
    Error::Engine(crate::engine::Error::Query {
        sql: sql.to_owned(),
        source,
    })
}

/// Persons by their number in the answer: in the order in which the records name them.
fn persons(frame: &DataFrame) -> HashMap<String, usize> {
    let mut numbers = HashMap::new();
    let column = frame.column("person").and_then(|column| column.str());
    for person in column
        .into_iter()
        .flat_map(|column| column.iter().flatten())
    {
        let next = numbers.len() + 1;
        numbers.entry(person.to_owned()).or_insert(next);
    }
    numbers
}

impl Records {
    /// How many there are.
    pub fn total(&self) -> usize {
        self.frame.height()
    }

    /// Where they come from, in order of load and submission.
    pub fn sources(&self) -> Vec<Source> {
        let mut facts: BTreeMap<(Option<i64>, Option<String>, String), usize> = BTreeMap::new();
        for row in 0..self.frame.height() {
            let department = self.text(trace::DEPARTMENT, row).unwrap_or_default();
            let from = (
                self.whole(trace::LOAD, row),
                self.text(trace::SUBMISSION, row),
            );
            *facts.entry((from.0, from.1, department)).or_insert(0) += 1;
        }
        facts
            .into_iter()
            .map(|((load, submission, department), facts)| Source {
                submission,
                department,
                load,
                facts,
            })
            .collect()
    }

    /// The first `most` of them, or all.
    pub fn list(&self, most: Option<usize>) -> Vec<Record> {
        let persons = persons(&self.frame);
        let shown = most.map_or(self.total(), |most| most.min(self.total()));
        (0..shown)
            .map(|row| {
                let key = self
                    .key
                    .iter()
                    .map(|name| self.text(name, row).unwrap_or_default());
                Record {
                    department: self.text(trace::DEPARTMENT, row).unwrap_or_default(),
                    record_no: key.collect::<Vec<_>>().join(" "),
                    submission: self.text(trace::SUBMISSION, row),
                    load: self.whole(trace::LOAD, row),
                    row: self.whole(trace::ROW, row),
                    date: match self.cell("date", row) {
                        AnyValue::Date(day) => {
                            Some(NaiveDate::default() + chrono::Duration::days(i64::from(day)))
                        }
                        _ => None,
                    },
                    value: self.number("value", row),
                    numerator: self.number("numerator", row),
                    denominator: self.number("denominator", row),
                    person: self
                        .text("person", row)
                        .and_then(|person| persons.get(&person).copied()),
                }
            })
            .collect()
    }

    fn cell(&self, name: &str, row: usize) -> AnyValue<'_> {
        let column = self.frame.column(name);
        column
            .and_then(|column| column.get(row))
            .unwrap_or(AnyValue::Null)
    }

    fn text(&self, name: &str, row: usize) -> Option<String> {
        match self.cell(name, row) {
            AnyValue::Null => None,
            value => Some(value.str_value().into_owned()),
        }
    }

    fn whole(&self, name: &str, row: usize) -> Option<i64> {
        match self.cell(name, row) {
            AnyValue::Int64(number) => Some(number),
            _ => None,
        }
    }

    fn number(&self, name: &str, row: usize) -> Option<Decimal> {
        super::evaluate::exact(&self.cell(name, row)).ok().flatten()
    }
}
