//! Ratios of stocks that are kept as changes: the sum of all changes up to the end of the period, or of every part of it.

use super::Selection;
use super::dimension::{Part, UNKNOWN};
use super::evaluate::{Error, Gate, evaluate_in, fill_ratio};
use super::table::{Request, Row};
use crate::programme::Decimal;
use polars::prelude::{AnyValue, DataFrame};
use std::collections::BTreeMap;

/// Changes of one day.
struct Change {
    /// Days since 1970-01-01.
    day: i32,
    codes: Vec<String>,
    numerator: Decimal,
    denominator: Decimal,
}

impl Gate<'_> {
    /// The rows of the breakdown and the total.
    pub(super) fn events(&self) -> Result<(Vec<Row>, Row), Error> {
        let whole = self.parts(&[], self.period.end());
        let mut totals = Row::default();
        if let Some(part) = whole.first() {
            let changes = self.changes(&[])?;
            let sums = sums_until(&changes, part);
            totals = self
                .event_rows(sums, part, &[])?
                .into_iter()
                .next()
                .unwrap_or_default();
        }
        if self.request.by.is_empty() {
            return Ok((vec![totals.clone()], totals));
        }
        let (times, others) = self.split();
        let changes = self.changes(&others)?;
        let mut rows = Vec::new();
        for part in self.parts(&times, self.period.end().min(self.published.day)) {
            for mut row in self.event_rows(sums_until(&changes, &part), &part, &others)? {
                row.codes = self.ordered(&part, row.codes);
                rows.push(row);
            }
        }
        self.sort(&mut rows);
        Ok((rows, totals))
    }

    /// All changes up to the end of the period by day and `others`.
    fn changes(&self, others: &[&str]) -> Result<Vec<Change>, Error> {
        let columns: Vec<String> = others.iter().map(|name| self.column(name)).collect();
        let frame = self.run(&Selection {
            by: std::iter::once("date".to_owned())
                .chain(columns.iter().cloned())
                .collect(),
            to: Some(self.period.end()),
            ..self.selection(false)
        })?;
        (0..frame.height())
            .map(|index| self.change(&frame, index, &columns))
            .collect()
    }

    fn change(&self, frame: &DataFrame, index: usize, columns: &[String]) -> Result<Change, Error> {
        let cell = |name: &str| {
            let column = frame
                .column(name)
                .ok()
                .and_then(|column| column.get(index).ok());
            column.unwrap_or(AnyValue::Null)
        };
        let codes = columns.iter().map(|column| match cell(column) {
            AnyValue::Null => UNKNOWN.to_owned(),
            value => value.str_value().into_owned(),
        });
        Ok(Change {
            day: match cell("date") {
                AnyValue::Date(day) => day,
                // A change that nobody dated stands from the beginning.
                _ => i32::MIN,
            },
            codes: codes.collect(),
            numerator: self.exact(&cell("numerator"))?.unwrap_or(Decimal::ZERO),
            denominator: self.exact(&cell("denominator"))?.unwrap_or(Decimal::ZERO),
        })
    }

    fn event_rows(
        &self,
        sums: BTreeMap<Vec<String>, (Decimal, Decimal)>,
        part: &Part,
        others: &[&str],
    ) -> Result<Vec<Row>, Error> {
        let denominators = self.denominators(part, others)?;
        let mut rows = Vec::with_capacity(sums.len());
        for (codes, (numerator, denominator)) in sums {
            let mut row = Row::default();
            match &denominators {
                None => fill_ratio(&mut row, numerator, denominator),
                Some(of) => {
                    let other = of.get(&codes);
                    fill_ratio(
                        &mut row,
                        numerator,
                        other
                            .and_then(|row| row.denominator)
                            .unwrap_or(Decimal::ZERO),
                    );
                    row.denominator = other.and_then(|row| row.denominator);
                    row.stock_day = other.and_then(|row| row.stock_day);
                    row.mark = other.map(|row| row.mark).unwrap_or_default();
                }
            }
            row.codes = codes;
            rows.push(row);
        }
        Ok(rows)
    }

    /// The cells of the ratio whose denominators this one takes, at the end of `part`.
    fn denominators(
        &self,
        part: &Part,
        others: &[&str],
    ) -> Result<Option<BTreeMap<Vec<String>, Row>>, Error> {
        let Some(other) = &self.indicator.denominator_of else {
            return Ok(None);
        };
        let request = Request {
            indicator: other.clone(),
            by: others.iter().map(|name| (*name).to_owned()).collect(),
            filters: self
                .request
                .filters
                .iter()
                .filter(|(dimension, _)| !super::dimension::is_time(dimension))
                .cloned()
                .collect(),
            period: None,
            scope: None,
            compare: vec![],
            view: self.request.view,
        };
        let period = crate::programme::Period::of_days(part.first, part.last);
        let table = evaluate_in(self.published, &request, self.scope, &period)?;
        let rows = match others.is_empty() {
            true => vec![table.totals],
            false => table.rows,
        };
        Ok(Some(
            rows.into_iter()
                .map(|row| (row.codes.clone(), row))
                .collect(),
        ))
    }
}

fn sums_until(changes: &[Change], part: &Part) -> BTreeMap<Vec<String>, (Decimal, Decimal)> {
    let last =
        i32::try_from((part.last - chrono::NaiveDate::default()).num_days()).unwrap_or(i32::MAX);
    let mut sums: BTreeMap<Vec<String>, (Decimal, Decimal)> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.day <= last) {
        let sum = sums
            .entry(change.codes.clone())
            .or_insert((Decimal::ZERO, Decimal::ZERO));
        *sum = (sum.0.plus(change.numerator), sum.1.plus(change.denominator));
    }
    sums
}
