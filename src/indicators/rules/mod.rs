//! Rule files: what looks doubtful and is worth a second look (疑点). A TOML header in a leading comment, then one SELECT of the
//! records it names.

mod parameters;
mod tables;
mod worklist;

pub use worklist::{About, Finding, Wanted, Worklist};

use super::header;
use super::sql::{self, Division};
use crate::engine;
use crate::programme::config::Effect;
use crate::programme::definitions::below;
use crate::programme::{Files, Problem, Programme, Text};
use chrono::NaiveDate;
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, LazyFrame, NamedFrom, PolarsError, Series,
};
use serde::Deserialize;
use sqlparser::ast::Query;
use std::collections::{BTreeMap, BTreeSet};

/// Folder of the rule files.
pub const RULES: &str = "queries/rules/";

/// Columns a rule must give.
const COLUMNS: [&str; 4] = ["department", "record_no", "division", "date"];
/// Column a rule may give besides: what was found, as a number or a short text.
const DETAIL: &str = "detail";

/// One rule: what it looks for and its query.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Id, the name of its file.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Clause of the policy.
    pub clause: String,
    /// The dataset whose records it names.
    pub dataset: String,
    /// What it looks for.
    pub note: Text,
    /// What looks the same and is in order.
    pub false_positive: Text,
    /// Where the rule comes from.
    pub provenance: String,
    /// The SELECT of the records it names, its parameters put in.
    query: Query,
    /// Tables it reads.
    tables: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    title: Text,
    clause: String,
    effect: Effect,
    dataset: String,
    note: Text,
    false_positive: Text,
    provenance: String,
    #[serde(default)]
    parameters: parameters::Given,
}

/// The rules by id.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: BTreeMap<String, Rule>,
}

impl Rules {
    /// Reads every rule file and runs it over empty tables. All problems are returned; rules with a problem are left out.
    pub fn parse(files: &Files, programme: &Programme) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut rules = Self::default();
        let known = tables::names(programme);
        let empty = tables::empty(programme, programme.config.programme.start);
        for (path, stem, source) in below(files, RULES, ".sql") {
            let before = problems.len();
            let Some(rule) = Rule::parse(path, stem, source, programme, &known, &mut problems)
            else {
                continue;
            };
            if problems.len() == before {
                rule.check_columns(&empty, path, source, &mut problems);
            }
            if problems.len() == before {
                rules.rules.insert(rule.id.clone(), rule);
            }
        }
        (rules, problems)
    }

    /// The rule with this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// All rules in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// What all rules find in the published tables of a snapshot of `day`: the columns of the table of findings, and `detail`.
    ///
    /// # Errors
    /// When a query fails.
    pub fn run(
        &self,
        programme: &Programme,
        published: &BTreeMap<String, LazyFrame>,
        day: NaiveDate,
    ) -> Result<DataFrame, engine::Error> {
        let mut all = tables::empty(programme, day);
        all.extend(
            published
                .iter()
                .map(|(name, rows)| (name.clone(), rows.clone())),
        );
        let mut found: Option<DataFrame> = None;
        for rule in self.iter() {
            let part = rule.run(&all)?;
            found = Some(match found {
                None => part,
                Some(found) => found.vstack(&part).map_err(|source| rule.failed(source))?,
            });
        }
        Ok(found.unwrap_or_else(nothing))
    }
}

/// What rules find where there is nothing: no rows.
fn nothing() -> DataFrame {
    let names = ["rule", "effect", "dataset"].iter().chain(&COLUMNS);
    let columns = names.chain([&DETAIL]).map(|name| {
        let data_type = if *name == "date" {
            DataType::Date
        } else {
            DataType::String
        };
        Series::new_empty((*name).into(), &data_type).into_column()
    });
    DataFrame::new_infer_height(columns.collect()).expect("no rows")
}

impl Rule {
    fn parse(
        file: &str,
        stem: &str,
        source: &str,
        programme: &Programme,
        known: &BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let (header, start): (Header, usize) = header::read(file, source, problems)?;
        let mut report = |needle: &str, zh: String, en: String| {
            problems.push(Problem::at(file, source, needle, Text::new(zh, en)));
        };
        if header.id != stem {
            report(
                "id =",
                "编号与文件名不一致".into(),
                "the id differs from the file name".into(),
            );
        }
        if programme.config.rule(&header.id).is_some() {
            let id = &header.id;
            report(
                "id =",
                format!("{id} 已是计数规则 (dabiao.toml)"),
                format!("{id} is a counting rule already (dabiao.toml)"),
            );
        }
        if header.effect != Effect::Flag {
            report(
                "effect",
                "规则文件只作提示 (effect = \"flag\")；剔除由计数规则决定".into(),
                "a rule file flags (effect = \"flag\"); counting rules decide what is excluded"
                    .into(),
            );
        }
        if !programme.contracts.contains_key(&header.dataset) {
            let datasets = programme
                .contracts
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            report(
                "dataset",
                format!("没有数据集 {}；可用: {datasets}", header.dataset),
                format!("there is no dataset {}; known: {datasets}", header.dataset),
            );
        }
        let mut query = sql::select(file, source, start, Division::Refused, problems)?;
        parameters::fill(&mut query, &header.parameters, file, source, problems);
        let tables = sql::relations(&query);
        for table in tables.iter().filter(|table| !known.contains(*table)) {
            let known = known.iter().cloned().collect::<Vec<_>>().join(", ");
            let message = Text::new(
                format!("没有表 {table}，可用: {known}"),
                format!("there is no table {table}; known: {known}"),
            );
            problems.push(Problem::at(file, source, table, message));
        }
        Some(Self {
            id: header.id,
            title: header.title,
            clause: header.clause,
            dataset: header.dataset,
            note: header.note,
            false_positive: header.false_positive,
            provenance: header.provenance,
            query,
            tables,
        })
    }

    /// The query with its parameters, as text.
    pub fn sql(&self) -> String {
        self.query.to_string()
    }

    /// The columns the query gives, found by running it over empty tables.
    fn check_columns(
        &self,
        empty: &BTreeMap<String, LazyFrame>,
        file: &str,
        source: &str,
        problems: &mut Vec<Problem>,
    ) {
        let frame = match self.frame(empty) {
            Ok(frame) => frame,
            Err(engine::Error::Query { source: cause, .. }) => {
                // The engine goes on to print its plan.
                let cause = cause.to_string();
                let cause = cause.lines().next().unwrap_or_default();
                let message = Text::new(
                    format!("查询无法执行: {cause}"),
                    format!("the query cannot be run: {cause}"),
                );
                problems.push(Problem::at(file, source, "SELECT", message));
                return;
            }
        };
        let mut report = |needle: &str, zh: String, en: String| {
            problems.push(Problem::at(file, source, needle, Text::new(zh, en)));
        };
        let given: BTreeMap<&str, &DataType> = frame
            .columns()
            .iter()
            .map(|column| (column.name().as_str(), column.dtype()))
            .collect();
        for name in COLUMNS.iter().filter(|name| !given.contains_key(**name)) {
            report(
                "SELECT",
                format!("规则的查询应给出列 {name}"),
                format!("a rule must give the column {name}"),
            );
        }
        for name in given
            .keys()
            .filter(|name| !COLUMNS.contains(*name) && **name != DETAIL)
        {
            let wanted = COLUMNS.join(", ");
            report(
                name,
                format!("规则的查询只给出 {wanted} 和 {DETAIL}，没有 {name}"),
                format!("a rule gives {wanted} and {DETAIL}, and no {name}"),
            );
        }
        for (name, kind) in &given {
            let wanted = match *name {
                "date" => **kind == DataType::Date,
                // The engine makes a list of what is put together from the columns a query groups by.
                _ => !kind.is_nested(),
            };
            if !wanted {
                report(
                    "SELECT",
                    format!(
                        "列 {name} 应为日期（date）或单个值；按列分组后再拼接的，请先在 WITH 中分组"
                    ),
                    format!(
                        "the column {name} must be a date (date) or a single value; group in a WITH before putting columns together"
                    ),
                );
            }
        }
    }

    fn frame(&self, all: &BTreeMap<String, LazyFrame>) -> Result<DataFrame, engine::Error> {
        let used = all.iter().filter(|(name, _)| self.tables.contains(*name));
        let used = used.map(|(name, rows)| (name.clone(), rows.clone()));
        engine::run(used, &self.sql())
    }

    /// What the rule finds, in the columns of [`nothing`].
    fn run(&self, all: &BTreeMap<String, LazyFrame>) -> Result<DataFrame, engine::Error> {
        let frame = self.frame(all)?;
        let height = frame.height();
        let same =
            |name: &str, value: &str| Series::new(name.into(), vec![value; height]).into_column();
        let own = |name: &str, data_type: &DataType| -> Result<Column, PolarsError> {
            frame.column(name)?.cast(data_type)
        };
        let columns = || -> Result<Vec<Column>, PolarsError> {
            let mut columns = vec![
                same("rule", &self.id),
                same("effect", "flag"),
                same("dataset", &self.dataset),
            ];
            for name in ["department", "record_no", "division"] {
                columns.push(own(name, &DataType::String)?);
            }
            columns.push(own("date", &DataType::Date)?);
            columns.push(match frame.get_column_index(DETAIL) {
                Some(_) => own(DETAIL, &DataType::String)?,
                None => Series::full_null(DETAIL.into(), height, &DataType::String).into_column(),
            });
            Ok(columns)
        };
        columns()
            .and_then(|columns| DataFrame::new(height, columns))
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: PolarsError) -> engine::Error {
        engine::Error::Query {
            sql: self.sql(),
            source,
        }
    }
}
