//! Tables rules may read besides the published ones: the code lists, and the days of every period a return may name.

use crate::engine::schema::{self, SNAPSHOT};
use crate::programme::{CodeList, Period, Programme};
use chrono::{Datelike, NaiveDate};
use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, Series};
use std::collections::{BTreeMap, BTreeSet};

/// Before the name of a code list that is read as a table.
const LIST: &str = "ref_";
/// The periods by name, with their first and last day.
const PERIODS: &str = "periods";
/// Years before and after the programme whose periods are known.
const YEARS_AROUND: i32 = 1;

/// Names of all tables rules may read: datasets, the register, the day of the snapshot, code lists and periods. What rules found
/// is not among them.
pub(super) fn names(programme: &Programme) -> BTreeSet<String> {
    let lists = programme.lists.keys().map(|list| [LIST, list].concat());
    let derived = schema::derived().map(|(name, _)| name.to_owned());
    let derived = derived.into_iter().filter(|name| name != schema::FINDINGS);
    let contracts = programme.contracts.keys().cloned();
    contracts
        .chain(derived)
        .chain(lists)
        .chain([PERIODS.to_owned()])
        .collect()
}

/// All tables of [`names`] without rows where they are published, with their rows where they are part of the programme.
pub(super) fn empty(programme: &Programme, day: NaiveDate) -> BTreeMap<String, LazyFrame> {
    let datasets = programme
        .contracts
        .values()
        .map(|contract| (contract.id.clone(), schema::empty(contract).lazy()));
    let derived = schema::derived().into_iter().map(|(name, schema)| {
        let rows = DataFrame::empty_with_schema(&schema).lazy();
        (name.to_owned(), rows)
    });
    datasets
        .chain(derived)
        .filter(|(name, _)| name != schema::FINDINGS && name != SNAPSHOT)
        .chain(of_programme(programme, day))
        .collect()
}

/// The tables that the programme itself gives: code lists, periods, and the day.
pub(super) fn of_programme(programme: &Programme, day: NaiveDate) -> Vec<(String, LazyFrame)> {
    let lists = programme
        .lists
        .iter()
        .map(|(name, list)| ([LIST, name].concat(), codes(list).lazy()));
    lists
        .chain([
            (PERIODS.to_owned(), periods(programme).lazy()),
            super::super::evaluate::snapshot_table(day),
        ])
        .collect()
}

/// `code`, `name_zh`, `name_en` and the list's own further columns, all texts; a blank cell is null.
fn codes(list: &CodeList) -> DataFrame {
    let text =
        |name: &str, values: Vec<Option<&str>>| Column::from(Series::new(name.into(), values));
    let attributes: BTreeSet<&str> = list
        .iter()
        .flat_map(|code| code.attributes.keys().map(String::as_str))
        .collect();
    let mut columns = vec![
        text(
            "code",
            list.iter().map(|code| Some(code.code.as_str())).collect(),
        ),
        text(
            "name_zh",
            list.iter()
                .map(|code| Some(code.name.zh.as_str()))
                .collect(),
        ),
        text(
            "name_en",
            list.iter()
                .map(|code| Some(code.name.en.as_str()))
                .collect(),
        ),
    ];
    columns.extend(attributes.into_iter().map(|name| {
        let values = list
            .iter()
            .map(|code| code.attributes.get(name).map(String::as_str));
        text(name, values.collect())
    }));
    DataFrame::new_infer_height(columns).expect("columns of one length")
}

fn periods(programme: &Programme) -> DataFrame {
    let config = &programme.config.programme;
    let years = config.start.year() - YEARS_AROUND..=config.end.year() + YEARS_AROUND;
    let within = years.clone().flat_map(|year| {
        let months = (1..=12).flat_map(move |month| {
            let to_date = format!("{year}-01..{year}-{month:02}");
            [format!("{year}-{month:02}"), to_date]
        });
        let parts = ["", "H1", "H2", "Q1", "Q2", "Q3", "Q4"];
        months.chain(parts.map(|part| format!("{year}{part}")))
    });
    let across = years.clone().flat_map(|first| {
        let later = years.clone().filter(move |last| *last > first);
        later.map(move |last| format!("{first}..{last}"))
    });
    // A span has one name: January to June is the first half.
    let mut periods: BTreeMap<String, Period> = BTreeMap::new();
    for period in within.chain(across).filter_map(|name| Period::parse(&name)) {
        periods.insert(period.to_string(), period);
    }
    let periods: Vec<Period> = periods.into_values().collect();
    let days = |name: &str, day: fn(&Period) -> NaiveDate| {
        let epoch = NaiveDate::default();
        let numbers: Vec<i32> = periods
            .iter()
            .map(|period| i32::try_from((day(period) - epoch).num_days()).unwrap_or(0))
            .collect();
        let days = Series::new(name.into(), numbers).cast(&DataType::Date);
        Column::from(days.expect("day numbers are dates"))
    };
    let names: Vec<String> = periods.iter().map(ToString::to_string).collect();
    let columns = vec![
        Column::from(Series::new("period".into(), names)),
        days("first", Period::start),
        days("last", Period::end),
    ];
    DataFrame::new_infer_height(columns).expect("columns of one length")
}
