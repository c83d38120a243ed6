//! All indicators of a project, checked against the published tables.

use super::definition::{INDICATORS, Indicator, Parts};
use super::dimension::TIME_DIMENSIONS;
use super::table::Kind;
use crate::engine::{self, schema};
use crate::programme::definitions::{CONFIG_FILE, below};
use crate::programme::{Files, Problem, Programme, Text};
use polars::prelude::{DataFrame, IntoLazy};
use std::collections::{BTreeMap, BTreeSet};

/// The indicators by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    indicators: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    indicator: Indicator,
    columns: BTreeSet<String>,
}

impl Catalog {
    /// Reads every query file. All problems are returned; indicators with a problem are left out.
    pub fn parse(files: &Files, programme: &Programme) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut catalog = Self::default();
        let derived = schema::derived().map(|(name, _)| name.to_owned());
        let tables: BTreeSet<String> = programme.contracts.keys().cloned().chain(derived).collect();
        for (path, stem, source) in below(files, INDICATORS, ".sql") {
            let before = problems.len();
            let Some(indicator) = Indicator::parse(path, stem, source, &tables, &mut problems)
            else {
                continue;
            };
            let listed = programme.lists.get("indicators");
            if listed.is_some_and(|list| list.get(&indicator.id).is_none()) {
                let message = Text::new(
                    format!(
                        "代码表 indicators 中没有 {}，目标和汇总报送无法引用它",
                        indicator.id
                    ),
                    format!(
                        "{} is not in the code list indicators, so no target or return can name it",
                        indicator.id
                    ),
                );
                problems.push(Problem::at(path, source, "id =", message));
            }
            let columns = check_columns(&indicator, programme, path, source, &mut problems);
            if problems.len() == before {
                catalog
                    .indicators
                    .insert(indicator.id.clone(), Entry { indicator, columns });
            }
        }
        catalog.check_denominators(files, &mut problems);
        catalog.check_named(files, programme, &mut problems);
        check_dimensions(files, programme, &mut problems);
        (catalog, problems)
    }

    /// A denominator is taken from a ratio of stocks that is there.
    fn check_denominators(&self, files: &Files, problems: &mut Vec<Problem>) {
        for entry in self.indicators.values() {
            let Some(other) = &entry.indicator.denominator_of else {
                continue;
            };
            let found = self
                .get(other)
                .is_some_and(|other| (other.kind, other.parts) == (Kind::Ratio, Parts::Stock));
            if !found {
                let path = format!("{INDICATORS}{}.sql", entry.indicator.id);
                let message = Text::new(
                    format!("denominator_of: 没有存量比率 {other}"),
                    format!("denominator_of: there is no ratio of stocks {other}"),
                );
                let source = files.get(&path).map_or("", String::as_str);
                problems.push(Problem::at(&path, source, "denominator_of", message));
            }
        }
    }

    /// The headlines have query files; so have the targets, where no list of indicators says that one may yet come.
    fn check_named(&self, files: &Files, programme: &Programme, problems: &mut Vec<Problem>) {
        let config = &programme.config;
        let unlisted = !programme.lists.contains_key("indicators");
        let targets = config.target.iter().filter(|_| unlisted);
        let named = targets.map(|target| &target.indicator);
        for id in config.dashboard.headlines.iter().chain(named) {
            // A query file with a problem of its own has been told of.
            let path = format!("{INDICATORS}{id}.sql");
            if !files.contains_key(&path) {
                let source = files.get(CONFIG_FILE).map_or("", String::as_str);
                let message = Text::new(
                    format!("没有指标 {id}（应有文件 {path}）"),
                    format!("there is no indicator {id} (it would be the file {path})"),
                );
                let needle = format!("\"{id}\"");
                problems.push(Problem::at(CONFIG_FILE, source, &needle, message));
            }
        }
    }

    /// The indicator with this id.
    pub fn get(&self, id: &str) -> Option<&Indicator> {
        self.indicators.get(id).map(|entry| &entry.indicator)
    }

    /// All indicators in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.indicators.values().map(|entry| &entry.indicator)
    }

    /// Whether the facts of an indicator give a column.
    pub(super) fn gives(&self, id: &str, column: &str) -> bool {
        self.indicators
            .get(id)
            .is_some_and(|entry| entry.columns.contains(column))
    }

    /// Dimensions an indicator can be broken down by, besides those of time: those its facts (and the facts its denominator comes
    /// from) give.
    pub fn dimensions<'a>(&self, programme: &'a Programme, id: &str) -> Vec<&'a str> {
        let Some(entry) = self.indicators.get(id) else {
            return Vec::new();
        };
        let other = entry.indicator.denominator_of.as_deref();
        // Stocks are reported for divisions and sectors, and only these tell which of them are totals.
        let stock = entry.indicator.kind == Kind::Stock || entry.indicator.parts == Parts::Stock;
        programme
            .dimensions()
            .iter()
            .filter(|dimension| entry.columns.contains(&dimension.column))
            .filter(|dimension| {
                !stock || ["division", "sector"].contains(&dimension.column.as_str())
            })
            .filter(|dimension| other.is_none_or(|other| self.gives(other, &dimension.column)))
            .map(|dimension| dimension.id.as_str())
            .collect()
    }
}

/// A dimension of the programme has no name that the calendar's dimensions have.
fn check_dimensions(files: &Files, programme: &Programme, problems: &mut Vec<Problem>) {
    for id in TIME_DIMENSIONS {
        if programme.dimension(id).is_some() {
            let source = files.get(CONFIG_FILE).map_or("", String::as_str);
            let message = Text::new(
                format!("维度 {id} 由日历给出，请改用别的名称"),
                format!("the calendar gives the dimension {id}: use another name"),
            );
            let needle = format!("\"{id}\"");
            problems.push(Problem::at(CONFIG_FILE, source, &needle, message));
        }
    }
}

/// The columns the facts give, found by running them over empty tables; missing measures and unknown columns are problems.
fn check_columns(
    indicator: &Indicator,
    programme: &Programme,
    path: &str,
    source: &str,
    problems: &mut Vec<Problem>,
) -> BTreeSet<String> {
    let datasets = programme
        .contracts
        .values()
        .map(|contract| (contract.id.clone(), schema::empty(contract).lazy()));
    let derived = schema::derived().into_iter().map(|(name, schema)| {
        (
            name.to_owned(),
            DataFrame::empty_with_schema(&schema).lazy(),
        )
    });
    let tables = datasets.chain(derived);
    let columns: BTreeSet<String> = match engine::run(tables, &indicator.facts.to_string()) {
        Ok(frame) => frame
            .get_column_names()
            .iter()
            .map(ToString::to_string)
            .collect(),
        Err(engine::Error::Query { source: cause, .. }) => {
            let message = Text::new(
                format!("查询无法执行: {cause}"),
                format!("the query cannot be run: {cause}"),
            );
            problems.push(Problem::at(path, source, "SELECT", message));
            return BTreeSet::new();
        }
    };
    for measure in indicator
        .measures()
        .iter()
        .filter(|measure| !columns.contains(**measure))
    {
        let message = Text::new(
            format!("{} 类指标的查询应给出列 {measure}", indicator.kind),
            format!(
                "the facts of a {} must give the column {measure}",
                indicator.kind
            ),
        );
        problems.push(Problem::at(path, source, "SELECT", message));
    }
    columns
}
