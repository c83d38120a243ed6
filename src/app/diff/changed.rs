//! The records of one dataset that are other ones in a newer snapshot, and the tables on the way from the older to it.
//!
//! A file that both snapshots have holds the same records in both, so only the others are looked at.

use crate::analysis::bridge::Step;
use crate::app::Error;
use crate::engine;
use crate::engine::schema::counting_columns;
use crate::lake::Snapshot;
use crate::programme::{ColumnType, Contract};
use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, JoinArgs, JoinType, LazyFrame, NULL, Schema, UnionArgs,
    col, concat, lit,
};
use std::collections::HashSet;
use std::path::PathBuf;

/// The record.
const KEYS: [&str; 2] = ["key_high", "key_low"];
/// What its content is compared by.
const DIGEST: &str = "digest";
/// Whom it is attributed to.
const PLACES: [&str; 2] = ["division", "department"];
/// Suffix of columns of the newer snapshot (or of the older one's places) in a join.
const OTHER: &str = "_other";

/// What became of the records of one dataset.
pub(super) struct Changed {
    /// Records in files that both snapshots have.
    shared: LazyFrame,
    /// The other records of the older snapshot.
    older: LazyFrame,
    /// The other records of the newer one.
    newer: LazyFrame,
    /// Keys of records that are in the older snapshot only.
    withdrawn: DataFrame,
    /// Keys of records with other content now, with the places they had.
    corrected: DataFrame,
    /// Places a record has.
    places: Vec<&'static str>,
    /// Whether one of them has another place now.
    moved: bool,
    /// Keys of records in the newer snapshot only, dated on or before the older one's day, or not at all.
    late: DataFrame,
    /// Keys of those dated later.
    new: DataFrame,
    /// Whether the rules say something else of a record that is the same in both.
    pub(super) ruled: bool,
}

impl Changed {
    /// What changed in the dataset of `contract` between two snapshots; `None` where nothing did. `dates` asks for the dates of
    /// records; without it, the first date a record must have is taken.
    pub(super) fn between(
        older: &Snapshot,
        newer: &Snapshot,
        contract: &Contract,
        dates: Option<String>,
    ) -> Result<Option<Self>, Error> {
        let dataset = contract.id.as_str();
        let Some(schema) = newer.schema(dataset)? else {
            return Ok(None);
        };
        let (old_files, new_files) = (older.files(dataset), newer.files(dataset));
        let [in_old, in_new]: [HashSet<&PathBuf>; 2] =
            [old_files.iter().collect(), new_files.iter().collect()];
        if in_old == in_new {
            return Ok(None);
        }
        let some = |files: &[PathBuf], wanted: &dyn Fn(&PathBuf) -> bool| -> Vec<PathBuf> {
            files.iter().filter(|file| wanted(file)).cloned().collect()
        };
        let scan = |snapshot: &Snapshot, files: &[PathBuf]| -> Result<LazyFrame, Error> {
            let Some(own) = snapshot.schema(dataset)? else {
                return Ok(DataFrame::empty_with_schema(&schema).lazy());
            };
            Ok(widened(snapshot.scan_files(dataset, files)?, &own, &schema))
        };
        let shared = scan(newer, &some(&new_files, &|file| in_old.contains(file)))?;
        let old = scan(older, &some(&old_files, &|file| !in_new.contains(file)))?;
        let new = scan(newer, &some(&new_files, &|file| !in_old.contains(file)))?;
        let has = |name: &&str| schema.contains(name);
        let places: Vec<&str> = PLACES.into_iter().filter(has).collect();
        let ruled = counting_columns().map(|(name, _)| name);
        let ruled: Vec<&str> = ruled.into_iter().filter(|name| has(&name)).collect();
        let compared = [&KEYS[..], &[DIGEST], &places, &ruled].concat();
        let narrow = |frame: &LazyFrame| -> Result<DataFrame, Error> {
            Ok(frame.clone().select(columns(&compared)).collect()?)
        };
        let (before, after) = (narrow(&old)?, narrow(&new)?);
        let both =
            joined(before.clone().lazy(), after.clone().lazy(), JoinType::Inner).collect()?;
        let same = || col(DIGEST).eq(other(DIGEST));
        let corrected = both.clone().lazy().filter(same().not());
        let ruled = any_differs(both.lazy().filter(same()), &ruled)?;
        let moved = any_differs(corrected.clone(), &places)?;
        let corrected = corrected.select(columns(&[&KEYS[..], &places].concat()));
        let added = keys(joined(
            after.clone().lazy(),
            before.clone().lazy(),
            JoinType::Anti,
        ))?;
        let withdrawn = keys(joined(before.lazy(), after.lazy(), JoinType::Anti))?;
        let (late, new_keys) = by_date(&new, added, contract, dates, older.info().day)?;
        Ok(Some(Self {
            shared,
            older: old,
            newer: new,
            withdrawn,
            corrected: corrected.collect()?,
            places,
            moved,
            late,
            new: new_keys,
            ruled,
        }))
    }

    /// Whether a step changes the table.
    pub(super) fn touches(&self, step: Step) -> bool {
        match step {
            Step::Withdrawals => self.withdrawn.height() > 0,
            Step::Corrections => self.corrected.height() > 0,
            Step::ReAttribution => self.moved,
            Step::Late => self.late.height() > 0,
            Step::New => self.new.height() > 0,
            Step::RuleEffects => self.ruled,
            Step::Definition | Step::Scope => false,
        }
    }

    /// The table after a step of records. What the rules say of a record is that of the older snapshot where the record is the
    /// same in both, else that of the newer one.
    pub(super) fn after(&self, step: Step) -> Result<LazyFrame, Error> {
        let among = |of: &LazyFrame, keys: &DataFrame, how: JoinType| {
            joined(of.clone(), keys.clone().lazy(), how)
        };
        let mut parts = vec![self.shared.clone()];
        let kept = among(&self.older, &self.withdrawn, JoinType::Anti);
        if step == Step::Withdrawals {
            parts.push(kept);
            return Ok(concat(parts, UnionArgs::default())?);
        }
        parts.push(among(&kept, &self.corrected, JoinType::Anti));
        if step == Step::Corrections {
            let places = self.places.iter();
            let kept_places = places.map(|name| other(name).alias(*name));
            let corrected = among(&self.newer, &self.corrected, JoinType::Inner);
            let corrected = corrected.with_columns(kept_places.collect::<Vec<Expr>>());
            parts.push(corrected.drop(polars::prelude::by_name(
                self.places.iter().map(|name| format!("{name}{OTHER}")),
                true,
                false,
            )));
            return Ok(concat(parts, UnionArgs::default())?);
        }
        let taken = [
            (Step::ReAttribution, &self.corrected),
            (Step::Late, &self.late),
            (Step::New, &self.new),
        ];
        let steps = taken
            .iter()
            .position(|(of, _)| *of == step)
            .expect("later steps are not about records");
        for (_, keys) in &taken[..=steps] {
            parts.push(among(&self.newer, keys, JoinType::Semi));
        }
        Ok(concat(parts, UnionArgs::default())?)
    }
}

/// The frame with all columns of `to`; those it has not are null.
fn widened(frame: LazyFrame, own: &Schema, to: &Schema) -> LazyFrame {
    let all = to.iter().map(|(name, data_type)| match own.contains(name) {
        true => col(name.clone()),
        false => lit(NULL).cast(data_type.clone()).alias(name.clone()),
    });
    frame.select(all.collect::<Vec<Expr>>())
}

fn columns(names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| col(*name)).collect()
}

fn other(name: &str) -> Expr {
    col(format!("{name}{OTHER}"))
}

/// Two frames joined by the keys of records.
fn joined(left: LazyFrame, right: LazyFrame, how: JoinType) -> LazyFrame {
    let args = JoinArgs::new(how).with_suffix(Some(OTHER.into()));
    left.join(right, columns(&KEYS), columns(&KEYS), args)
}

fn keys(frame: LazyFrame) -> Result<DataFrame, Error> {
    Ok(frame.select(columns(&KEYS)).collect()?)
}

/// Whether any record of a join has another value in one of the columns.
fn any_differs(frame: LazyFrame, names: &[&str]) -> Result<bool, Error> {
    let differs = names
        .iter()
        .map(|name| col(*name).neq_missing(other(name)))
        .reduce(Expr::or);
    let Some(differs) = differs else {
        return Ok(false);
    };
    Ok(frame.filter(differs).limit(1).collect()?.height() > 0)
}

/// The keys of `added` whose records are dated up to `day`, and those dated later.
fn by_date(
    records: &LazyFrame,
    added: DataFrame,
    contract: &Contract,
    dates: Option<String>,
    day: NaiveDate,
) -> Result<(DataFrame, DataFrame), Error> {
    if added.height() == 0 {
        return Ok((added.clone(), added));
    }
    let records = joined(records.clone(), added.lazy(), JoinType::Semi);
    let dated = match dates {
        Some(sql) => {
            let table = (contract.id.clone(), records.clone());
            engine::run([table], &sql).ok()
        }
        None => None,
    };
    let dated = match dated {
        Some(dated) => dated.lazy(),
        None => records.select([
            col(KEYS[0]),
            col(KEYS[1]),
            first_date(contract).alias("date"),
        ]),
    };
    let dated = dated
        .with_column(col("date").cast(DataType::Date))
        .collect()?;
    let limit = lit(crate::intake::days(day)).cast(DataType::Date);
    let later = || col("date").gt(limit.clone()).fill_null(lit(false));
    Ok((
        keys(dated.clone().lazy().filter(later().not()))?,
        keys(dated.lazy().filter(later()))?,
    ))
}

/// The first date a record must have, else the first it may have.
fn first_date(contract: &Contract) -> Expr {
    let dates = || {
        let columns = contract.columns.iter();
        columns.filter(|column| column.kind == ColumnType::Date)
    };
    let first = dates().find(|column| column.required).or(dates().next());
    first.map_or(lit(NULL), |column| col(column.name.as_str()))
}
