//! What rules found in a snapshot: the findings of the counting rules, which stand in it, and those of the rule files, which are
//! made when they are first asked for.

use super::{App, Error};
use crate::engine::schema::{self, COUNTED_DATASET, FINDINGS};
use crate::indicators::rules::{Wanted, Worklist};
use crate::lake::Snapshot;
use crate::programme::Programme;
use crate::project::Definitions;
use polars::prelude::{
    DataFrame, DataType, IntoLazy, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, coalesce, col,
    concat, lit, when,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Snapshots whose findings are kept.
const KEPT_MAX: usize = 8;

/// Findings by snapshot.
#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<String, Arc<DataFrame>>>);

impl App {
    /// The findings (疑点) of the newest snapshot, or of the one `as_of` names.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for anything unknown, or when a table cannot be read.
    pub fn findings(&self, wanted: &Wanted, as_of: Option<&str>) -> Result<Worklist, Error> {
        let snapshot = self.snapshot(as_of)?;
        let definitions = self.definitions(&snapshot)?;
        let found = self.found(&snapshot, &definitions)?;
        Ok(definitions.rules.worklist(
            &found,
            wanted,
            &definitions.programme,
            snapshot.id().as_str(),
            snapshot.info().day,
        )?)
    }

    /// The published tables an indicator may read, by name.
    pub(super) fn tables(
        &self,
        snapshot: &Snapshot,
        definitions: &Definitions,
        indicator: &str,
    ) -> Result<BTreeMap<String, LazyFrame>, Error> {
        let mut tables = published(snapshot, &definitions.programme)?;
        let indicator = definitions.catalog.get(indicator);
        if indicator.is_some_and(|indicator| indicator.tables.contains(FINDINGS)) {
            let found = self.found(snapshot, definitions)?;
            tables.insert(FINDINGS.to_owned(), (*found).clone().lazy());
        }
        Ok(tables)
    }

    /// All findings of a snapshot: the columns of the table of findings, and `detail`.
    fn found(
        &self,
        snapshot: &Snapshot,
        definitions: &Definitions,
    ) -> Result<Arc<DataFrame>, Error> {
        let id = snapshot.id().as_str();
        let kept = || {
            self.inner
                .found
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = kept().get(id) {
            return Ok(Arc::clone(found));
        }
        let programme = &definitions.programme;
        let tables = published(snapshot, programme)?;
        let mut found = definitions
            .rules
            .run(programme, &tables, snapshot.info().day)
            .map_err(crate::indicators::Error::from)?;
        if let Some(counting) = of_counting_rules(snapshot, programme)? {
            found.vstack_mut(&counting)?;
        }
        let found = Arc::new(found);
        let mut kept = kept();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(id.to_owned(), Arc::clone(&found));
        Ok(found)
    }
}

/// The datasets and the register as published.
fn published(
    snapshot: &Snapshot,
    programme: &Programme,
) -> Result<BTreeMap<String, LazyFrame>, Error> {
    let datasets = programme.contracts.keys().map(String::as_str);
    datasets
        .chain([schema::REGISTER])
        .filter(|table| snapshot.has(table))
        .map(|table| Ok((table.to_owned(), snapshot.scan(table)?)))
        .collect()
}

/// The findings of the counting rules, with the effect of their rule and the day of their record.
fn of_counting_rules(
    snapshot: &Snapshot,
    programme: &Programme,
) -> Result<Option<DataFrame>, Error> {
    if !snapshot.has(FINDINGS) || !snapshot.has(COUNTED_DATASET) {
        return Ok(None);
    }
    let mut effect = lit(NULL).cast(DataType::String);
    for rule in &programme.config.counting_rule {
        effect = when(col("rule").eq(lit(rule.id.clone())))
            .then(lit(rule.effect.code()))
            .otherwise(effect);
    }
    let key = [col("department"), col("record_no")];
    let records = snapshot.scan(COUNTED_DATASET)?.select([
        col("department"),
        col("record_no"),
        coalesce(&[col("end_date"), col("start_date")]).alias("date"),
    ]);
    let found = snapshot
        .scan(FINDINGS)?
        .select(["rule", "department", "record_no", "division"].map(col))
        .join(records, key.clone(), key, JoinArgs::new(JoinType::Left))
        .select([
            col("rule"),
            effect.alias("effect"),
            lit(COUNTED_DATASET).alias("dataset"),
            col("department"),
            col("record_no"),
            col("division"),
            col("date"),
            lit(NULL).cast(DataType::String).alias("detail"),
        ]);
    Ok(Some(found.collect()?))
}

/// Findings with the submission, row and load of the record each names, where its dataset numbers its records.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn sources_of_findings(
    found: LazyFrame,
    snapshot: &Snapshot,
    programme: &Programme,
) -> Result<DataFrame, Error> {
    let key = || ["dataset", "department", "record_no"].map(col).to_vec();
    let numbered = programme.contracts.values().filter(|contract| {
        contract.keyed_by_department && contract.key == ["record_no"] && snapshot.has(&contract.id)
    });
    let mut records = Vec::new();
    for contract in numbered {
        records.push(snapshot.scan(&contract.id)?.select([
            lit(contract.id.clone()).alias("dataset"),
            col("department"),
            col("record_no"),
            col("submission"),
            col("row"),
            col("load"),
        ]));
    }
    if records.is_empty() {
        let none = |name: &str, kind: DataType| lit(NULL).cast(kind).alias(name);
        let columns = [
            none("submission", DataType::String),
            none("row", DataType::Int64),
            none("load", DataType::Int64),
        ];
        return Ok(found.with_columns(columns).collect()?);
    }
    let records = concat(records, UnionArgs::default())?;
    Ok(found
        .join(records, key(), key(), JoinArgs::new(JoinType::Left))
        .collect()?)
}
