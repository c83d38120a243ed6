//! Runs the worked examples of the indicators: counting rules, query and roll-up as in production.

use super::{Error, figures};
use crate::engine::schema;
use crate::indicators::{Example, Published, evaluate};
use crate::load;
use crate::programme::{Problem, Text};
use crate::project::{Definitions, Project};
use polars::prelude::{DataFrame, IntoLazy};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// All problems of the project at `start`, without opening it, and the number of files read. The worked examples are run once
/// the files have no problems.
///
/// # Errors
/// When there is no project or its files cannot be read.
pub fn check(start: &Path) -> Result<(usize, Vec<Problem>), Error> {
    let (files, definitions) = Project::check(start)?;
    let problems = match definitions {
        Ok(definitions) => run(&definitions),
        Err(problems) => problems,
    };
    Ok((files, problems))
}

fn run(definitions: &Definitions) -> Vec<Problem> {
    let examples = definitions.examples.iter();
    examples
        .flat_map(|example| match answer(definitions, example) {
            Ok(table) => example.compare(&table),
            Err(Error::Request(message)) => vec![example.problem(&message)],
            Err(error) => {
                let error = error.to_string();
                vec![example.problem(&Text::new(error.clone(), error))]
            }
        })
        .collect()
}

fn answer(
    definitions: &Definitions,
    example: &Example,
) -> Result<crate::indicators::table::Table, Error> {
    let programme = &definitions.programme;
    let scope = figures::find_scope(programme, example.request.scope.as_deref())?;
    let mut tables = example.tables.clone();
    load::derive(&mut tables, programme)?;
    for contract in programme.contracts.values() {
        tables
            .entry(contract.id.clone())
            .or_insert_with(|| schema::empty(contract));
    }
    for (name, schema) in schema::derived() {
        let empty = || DataFrame::empty_with_schema(&schema);
        tables.entry(name.to_owned()).or_insert_with(empty);
    }
    let published = Published {
        snapshot: String::new(),
        as_of: String::new(),
        day: example.day,
        programme: Arc::clone(programme),
        catalog: Arc::clone(&definitions.catalog),
        tables: tables
            .into_iter()
            .map(|(name, table)| (name, table.lazy()))
            .collect(),
        pieces: BTreeMap::new(),
        facts: None,
    };
    Ok(evaluate(&published, &example.request, scope)?)
}
