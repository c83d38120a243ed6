//! All indicators of a project, checked against the published tables.

use super::definition::{INDICATORS, Indicator};
use super::dimension::{DIMENSIONS, column};
use crate::engine::{self, schema};
use crate::programme::definitions::below;
use crate::programme::{Files, Problem, Programme, Text};
use polars::prelude::IntoLazy;
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
        let tables: BTreeSet<String> = programme.contracts.keys().cloned().collect();
        for (path, stem, source) in below(files, INDICATORS, ".sql") {
            let before = problems.len();
            let Some(indicator) = Indicator::parse(path, stem, source, &tables, &mut problems)
            else {
                continue;
            };
            if programme.list("indicators").get(&indicator.id).is_none() {
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
        (catalog, problems)
    }

    /// The indicator with this id.
    pub fn get(&self, id: &str) -> Option<&Indicator> {
        self.indicators.get(id).map(|entry| &entry.indicator)
    }

    /// All indicators in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.indicators.values().map(|entry| &entry.indicator)
    }

    /// Dimensions of the facts an indicator can be broken down by, besides those of time.
    pub fn dimensions(&self, id: &str) -> Vec<&'static str> {
        let Some(entry) = self.indicators.get(id) else {
            return Vec::new();
        };
        DIMENSIONS
            .iter()
            .map(|(name, _, _)| *name)
            .filter(|name| column(name).is_some_and(|column| entry.columns.contains(column)))
            .collect()
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
    let tables = programme
        .contracts
        .values()
        .map(|contract| (contract.id.clone(), schema::empty(contract).lazy()));
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
