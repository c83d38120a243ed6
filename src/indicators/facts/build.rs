//! Facts from the frame a facts query gives.

use super::{Coded, Facts, FactsCache, Measure, NO_DAY};
use polars::prelude::{Column, DataFrame, DataType, PolarsError};
use std::collections::{BTreeMap, HashMap};

/// Why facts are not held in memory and are left to the engine.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The frame is not what the query promised.
    #[error(transparent)]
    Frame(#[from] PolarsError),
    /// A column has more codes than a small number counts.
    #[error("the column {0} has more than 65,535 codes")]
    Codes(String),
    /// A measure is no whole number or decimal of 18 digits.
    #[error("the column {0} holds other numbers than whole ones and decimals")]
    Numbers(String),
}

impl Facts {
    /// The facts in `frame`: its dates, the columns named in `dimensions` (which are all there are where they are the `whole`) and
    /// in `measures`, and its persons as `distinct` numbers them.
    ///
    /// # Errors
    /// [`Unfit`] where they do not fit; the engine answers then.
    pub(in crate::indicators) fn read(
        frame: &DataFrame,
        dimensions: &[&str],
        whole: bool,
        measures: &[&'static str],
        distinct: Option<&FactsCache>,
    ) -> Result<Self, Unfit> {
        let dates = frame.column("date")?.cast(&DataType::Date)?;
        let days: Vec<i32> = dates
            .date()?
            .phys
            .iter()
            .map(|day| day.unwrap_or(NO_DAY))
            .collect();
        let dated = || days.iter().copied().filter(|day| *day != NO_DAY);
        let mut facts = Self {
            first: dated().min().unwrap_or(0),
            last: dated().max().unwrap_or(-1),
            days,
            columns: BTreeMap::new(),
            whole,
            measures: BTreeMap::new(),
            persons: Vec::new(),
        };
        for name in dimensions {
            let column = coded(name, frame.column(name)?)?;
            facts.columns.insert((*name).to_owned(), column);
        }
        for name in measures {
            facts
                .measures
                .insert(*name, measure(name, frame.column(name)?)?);
        }
        if let Some(cache) = distinct {
            let persons = frame.column("person")?.cast(&DataType::String)?;
            facts.persons = cache.number(persons.str()?.iter());
        }
        Ok(facts)
    }
}

fn coded(name: &str, column: &Column) -> Result<Coded, Unfit> {
    let column = column.cast(&DataType::String)?;
    let texts = column.str()?;
    let mut values: Vec<Option<Box<str>>> = vec![None];
    let mut known: HashMap<&str, u16, foldhash::fast::RandomState> = HashMap::default();
    let mut codes = Vec::with_capacity(texts.len());
    let mut last: (Option<&str>, u16) = (None, 0);
    for text in texts.iter() {
        if text != last.0 {
            let code = match text {
                None => 0,
                Some(text) => match known.get(text) {
                    Some(code) => *code,
                    None => {
                        let code = u16::try_from(values.len())
                            .map_err(|_| Unfit::Codes(name.to_owned()))?;
                        known.insert(text, code);
                        values.push(Some(text.into()));
                        code
                    }
                },
            };
            last = (text, code);
        }
        codes.push(last.1);
    }
    Ok(Coded { codes, values })
}

fn measure(name: &str, column: &Column) -> Result<Measure, Unfit> {
    let series = column.as_materialized_series();
    let refused = || Unfit::Numbers(name.to_owned());
    let (units, scale): (Vec<i64>, u32) = match series.dtype() {
        DataType::Decimal(_, scale) => {
            let units = series.decimal()?.physical().iter();
            let units = units
                .map(|units| i64::try_from(units.unwrap_or(0)).ok())
                .collect::<Option<_>>();
            (
                units.ok_or_else(refused)?,
                u32::try_from(*scale).map_err(|_| refused())?,
            )
        }
        data_type if data_type.is_integer() => {
            let wide = series.strict_cast(&DataType::Int64)?;
            (
                wide.i64()?.iter().map(|units| units.unwrap_or(0)).collect(),
                0,
            )
        }
        DataType::Null => (vec![0; series.len()], 0),
        _ => return Err(refused()),
    };
    let same = units
        .first()
        .filter(|first| scale == 0 && units.iter().all(|units| units == *first));
    Ok(match same {
        Some(same) => Measure::Same(*same),
        None => Measure::Each { units, scale },
    })
}
