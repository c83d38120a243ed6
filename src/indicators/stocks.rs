//! Stocks and ratios of stocks: what stands at the end of the period, or of every part of it that a time dimension names.

use super::dimension::{self, Part, UNKNOWN};
use super::evaluate::{Error, Gate, fill_ratio};
use super::stock::{Stock, standing};
use super::table::{Kind, Mark, Row, Value};
use crate::programme::Decimal;
use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame};
use std::collections::BTreeMap;

/// What a cell sums up.
struct Sum {
    numerator: Decimal,
    denominator: Decimal,
    estimated: bool,
    oldest: NaiveDate,
}

impl Gate<'_> {
    /// The rows of the breakdown and the total.
    pub(super) fn stocks(&self) -> Result<(Vec<Row>, Row), Error> {
        let stocks = self.read_stocks()?;
        let totals = match self.parts(&[], self.period.end()).first() {
            Some(part) => self
                .stock_rows(&stocks, part, &[])
                .into_iter()
                .next()
                .unwrap_or_default(),
            None => Row::default(),
        };
        if self.request.by.is_empty() {
            return Ok((vec![totals.clone()], totals));
        }
        let (times, others) = self.split();
        let mut rows = Vec::new();
        for part in self.parts(&times, self.period.end().min(self.published.day)) {
            for mut row in self.stock_rows(&stocks, &part, &others) {
                row.codes = self.ordered(&part, row.codes);
                rows.push(row);
            }
        }
        self.sort(&mut rows);
        Ok((rows, totals))
    }

    /// Time dimensions of the breakdown, and the others.
    pub(super) fn split(&self) -> (Vec<&str>, Vec<&str>) {
        let by = self.request.by.iter().map(String::as_str);
        by.partition(|name| dimension::is_time(name))
    }

    /// The parts of the period up to `last` along `times`, of the days the request's filters on time let through. Without time
    /// dimensions the period is one part up to its end, since a stock is carried forward.
    pub(super) fn parts(&self, times: &[&str], last: NaiveDate) -> Vec<Part> {
        let filters: Vec<(&str, &[String])> = self
            .request
            .filters
            .iter()
            .filter(|(dimension, _)| dimension::is_time(dimension))
            .map(|(dimension, codes)| (dimension.as_str(), codes.as_slice()))
            .collect();
        let last = if times.is_empty() {
            self.period.end()
        } else {
            last
        };
        dimension::parts(
            self.published.programme.config.calendar,
            times,
            &filters,
            self.period.start(),
            last,
        )
    }

    /// The codes of a row in the order of the request: those of its part and `others`.
    pub(super) fn ordered(&self, part: &Part, others: Vec<String>) -> Vec<String> {
        let (mut times, mut others) = (part.codes.iter().cloned(), others.into_iter());
        let codes = self
            .request
            .by
            .iter()
            .map(|name| match dimension::is_time(name) {
                true => times.next(),
                false => others.next(),
            });
        codes
            .map(|code| code.expect("a code for every dimension"))
            .collect()
    }

    fn read_stocks(&self) -> Result<Vec<Stock>, Error> {
        let frame = self.run(&super::Selection {
            to: Some(self.period.end()),
            ..super::Selection::default()
        })?;
        let stocks = self.stocks_of(&frame)?.into_iter();
        Ok(stocks.map(|(_, stock)| stock).collect())
    }

    /// The stocks inside the scope, each with its place in the frame.
    pub(super) fn stocks_of(&self, frame: &DataFrame) -> Result<Vec<(usize, Stock)>, Error> {
        let city = &self.published.programme.config.programme.city;
        let mut stocks = Vec::with_capacity(frame.height());
        for index in 0..frame.height() {
            let cell = |name: &str| {
                let column = frame.column(name).and_then(|column| column.get(index));
                column.unwrap_or(AnyValue::Null)
            };
            let text = |name: &str| match cell(name) {
                AnyValue::Null => None,
                value => Some(value.str_value().into_owned()),
            };
            let AnyValue::Date(day) = cell("date") else {
                continue;
            };
            let division = text("division").filter(|division| division != city);
            let outside = division
                .as_ref()
                .is_some_and(|division| !self.scope.covers(division));
            let Some(numerator) = self.exact(&cell("numerator"))?.filter(|_| !outside) else {
                continue;
            };
            let stock = Stock {
                day: NaiveDate::default() + chrono::Duration::days(i64::from(day)),
                division,
                sector: text("sector"),
                numerator,
                denominator: self.exact(&cell("denominator"))?,
                estimated: cell("estimated") == AnyValue::Boolean(true),
            };
            stocks.push((index, stock));
        }
        Ok(stocks)
    }

    /// The code of a stock in the dimension division or sector.
    fn stock_code(&self, recoded: &[(String, String)], stock: &Stock, dimension: &str) -> String {
        let now = |division: &String| {
            let found = recoded.iter().find(|(old, _)| old == division);
            found.map_or_else(|| division.clone(), |(_, new)| new.clone())
        };
        let value = match dimension {
            "division" => stock.division.as_ref().map(now),
            _ => stock.sector.clone(),
        };
        value.unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// The stocks that stand at the end of `part` and pass the filters of the request.
    pub(super) fn stocks_at(&self, stocks: &[Stock], part: &Part) -> Vec<Stock> {
        let recoded = self.recoded();
        let let_through = |stock: &Stock| {
            let mut filters = self
                .request
                .filters
                .iter()
                .filter(|(dimension, _)| !dimension::is_time(dimension));
            filters.all(|(dimension, codes)| {
                codes.contains(&self.stock_code(&recoded, stock, dimension))
            })
        };
        // What a unit reported before it ceased to be is in the reports of its successor.
        let divisions = self.published.programme.divisions();
        let valid = |stock: &&Stock| {
            let unit = stock
                .division
                .as_ref()
                .and_then(|division| divisions.get(division));
            unit.and_then(|unit| unit.date("valid_to"))
                .is_none_or(|last| part.last <= last)
        };
        let known: Vec<Stock> = stocks.iter().filter(valid).cloned().collect();
        let cover = self.published.programme.config.stock.parts_cover;
        let mut stocks = standing(&known, part.last, cover);
        stocks.retain(let_through);
        stocks
    }

    /// The rows of a breakdown by division and sector at the end of `part`; one row without dimensions where any stock stands.
    fn stock_rows(&self, stocks: &[Stock], part: &Part, by: &[&str]) -> Vec<Row> {
        let recoded = self.recoded();
        let mut groups: BTreeMap<Vec<String>, Sum> = BTreeMap::new();
        for stock in self.stocks_at(stocks, part) {
            let codes = by
                .iter()
                .map(|dimension| self.stock_code(&recoded, &stock, dimension))
                .collect();
            let sum = groups.entry(codes).or_insert(Sum {
                numerator: Decimal::ZERO,
                denominator: Decimal::ZERO,
                estimated: false,
                oldest: stock.day,
            });
            sum.numerator = sum.numerator.plus(stock.numerator);
            sum.denominator = sum
                .denominator
                .plus(stock.denominator.unwrap_or(Decimal::ZERO));
            sum.estimated |= stock.estimated || stock.day < part.first;
            sum.oldest = sum.oldest.min(stock.day);
        }
        groups
            .into_iter()
            .map(|(codes, sum)| self.stock_row(codes, &sum))
            .collect()
    }

    fn stock_row(&self, codes: Vec<String>, sum: &Sum) -> Row {
        let mut row = Row {
            codes,
            stock_day: Some(sum.oldest),
            ..Row::default()
        };
        match self.indicator.kind {
            Kind::Ratio => fill_ratio(&mut row, sum.numerator, sum.denominator),
            _ => row.value = Some(Value::Number(sum.numerator)),
        }
        row.mark.add_if(Mark::Estimated, sum.estimated);
        row
    }
}
