//! The records of one dataset that are other ones in a newer snapshot, and the tables on the way from the older to it.
//!
//! A file that both snapshots have holds the same records in both, so only the others are looked at. The states of the table are
//! put together from pieces (records that stay, corrected ones as they were and are, late ones …), so that facts are made once
//! for each piece and not for each state.

use crate::analysis::bridge::Step;
use crate::app::Error;
use crate::engine;
use crate::engine::schema::counting_columns;
use crate::indicators::facts::Piece;
use crate::lake::Snapshot;
use crate::programme::{Column, ColumnType, Contract};
use chrono::NaiveDate;
use polars::prelude::{
    BooleanChunked, ChunkCompareEq, DataFrame, DataType, Expr, IntoLazy, JoinArgs, JoinType,
    LazyFrame, NULL, Schema, UnionArgs, col, concat, lit,
};
use std::collections::HashSet;
use std::sync::Arc;

/// The record.
const KEYS: [&str; 2] = ["key_high", "key_low"];
/// What its content is compared by.
const DIGEST: &str = "digest";
/// Whom it is attributed to.
const PLACES: [&str; 2] = ["division", "department"];
/// Suffix of the newer snapshot's columns in a join.
const OTHER: &str = "_other";

/// Tables of at most so many rows are read into memory once (a few columns: some hundred bytes a row).
const IN_MEMORY_ROWS_MAX: u64 = 1 << 20;

/// What an indicator asks of a dataset.
pub(super) struct Facts {
    /// Its query, and that of its denominator.
    pub(super) text: String,
    /// The query for the dates of records; without it, the first date a record must have is taken.
    pub(super) dates: Option<String>,
}

/// What became of the records of one dataset, as pieces of its table.
pub(super) struct Changed {
    /// Columns of the table.
    schema: Arc<Schema>,
    /// Files that both snapshots have, and what the older one's others hold of records that are the same in both.
    kept: Vec<Piece>,
    /// Corrected records as they were, as they are at the place they had, and as they are.
    corrected: Option<[Piece; 3]>,
    /// Records that are in the newer snapshot only, dated on or before the older one's day, or not at all.
    late: Option<Piece>,
    /// Those dated later.
    new: Option<Piece>,
    /// Whether records were withdrawn.
    withdrawn: bool,
    /// Whether a corrected record has another place now.
    moved: bool,
    /// Whether the rules say something else of a record that is the same in both.
    pub(super) ruled: bool,
}

/// The rows of both snapshots in files that only one of them has.
struct Sides {
    schema: Arc<Schema>,
    /// Name of the pieces made of these.
    name: String,
    /// The older one's by file.
    older: Vec<Piece>,
    newer: LazyFrame,
    /// Columns of places and of rules.
    places: Vec<&'static str>,
    ruled: Vec<&'static str>,
}

impl Changed {
    /// What changed in the dataset of `contract` between two snapshots, as far as `facts` look at it; `None` where nothing did.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub(super) fn between(
        older: &Snapshot,
        newer: &Snapshot,
        contract: &Contract,
        facts: &Facts,
    ) -> Result<Option<Self>, Error> {
        let dataset = contract.id.as_str();
        let Some(all) = newer.schema(dataset)? else {
            return Ok(None);
        };
        let own = older.schema(dataset)?.unwrap_or_else(|| all.clone());
        let schema = Arc::new(needed(&all, contract, facts));
        let files = |snapshot: &Snapshot, own: &Schema| -> Result<Vec<Piece>, Error> {
            if !snapshot.has(dataset) {
                return Ok(Vec::new());
            }
            let pieces = snapshot.pieces(dataset)?.into_iter();
            Ok(pieces
                .map(|(id, rows)| Piece {
                    id: id.into(),
                    rows: conformed(rows, own, &schema),
                })
                .collect())
        };
        let (old, new) = (files(older, &own)?, files(newer, &all)?);
        let ids = |pieces: &[Piece]| -> HashSet<Arc<str>> {
            pieces.iter().map(|piece| piece.id.clone()).collect()
        };
        let (in_old, in_new) = (ids(&old), ids(&new));
        if in_old == in_new {
            return Ok(None);
        }
        let (kept, new): (Vec<Piece>, Vec<Piece>) = new
            .into_iter()
            .partition(|piece| in_old.contains(&piece.id));
        let old = old.into_iter().filter(|piece| !in_new.contains(&piece.id));
        let has = |name: &&str| schema.contains(name);
        let mut sides = Sides {
            name: format!("{} {} {dataset}", older.id(), newer.id()),
            older: old.collect(),
            newer: union(&new, &schema)?,
            schema: Arc::clone(&schema),
            places: PLACES.into_iter().filter(has).collect(),
            ruled: counting_columns()
                .map(|(name, _)| name)
                .into_iter()
                .filter(has)
                .collect(),
        };
        if older.rows(dataset).max(newer.rows(dataset)) <= IN_MEMORY_ROWS_MAX {
            sides.take_into_memory()?;
        }
        let both = sides.compared()?;
        let mut changed = sides.sorted(&both, kept)?;
        let added = both.filter(&both.column(KEYS[0])?.is_null())?;
        if added.height() > 0 {
            let added = keys(&added, OTHER)?;
            let records = joined(sides.newer.clone(), added, JoinType::Semi);
            let (late, later) =
                by_date(&records, contract, facts.dates.as_deref(), older.info().day)?;
            let some = |keys: DataFrame, what: &str| {
                (keys.height() > 0).then(|| sides.piece(what, &sides.newer, keys, JoinType::Semi))
            };
            changed.late = some(late, "late");
            changed.new = some(later, "new");
        }
        Ok(Some(changed))
    }

    /// Whether a step changes the table.
    pub(super) fn touches(&self, step: Step) -> bool {
        match step {
            Step::Withdrawals => self.withdrawn,
            Step::Corrections => self.corrected.is_some(),
            Step::ReAttribution => self.moved,
            Step::Late => self.late.is_some(),
            Step::New => self.new.is_some(),
            Step::RuleEffects => self.ruled,
            Step::Definition | Step::Scope => false,
        }
    }

    /// The pieces of the table after a step of records. What the rules say of a record is that of the older snapshot where the
    /// record is the same in both, else that of the newer one.
    pub(super) fn after(&self, step: Step) -> Vec<Piece> {
        let mut pieces = self.kept.clone();
        if let Some(corrected) = &self.corrected {
            let state = match step {
                Step::Withdrawals => 0,
                Step::Corrections => 1,
                _ => 2,
            };
            pieces.push(corrected[state].clone());
        }
        let until = |of: Step| Step::CHAIN.iter().position(|step| *step == of);
        for (of, piece) in [(Step::Late, &self.late), (Step::New, &self.new)] {
            if until(of) <= until(step) {
                pieces.extend(piece.clone());
            }
        }
        pieces
    }

    /// The rows of some pieces of the table.
    pub(super) fn rows(&self, pieces: &[Piece]) -> Result<LazyFrame, Error> {
        union(pieces, &self.schema)
    }
}

impl Sides {
    /// Reads both sides once, instead of once for every piece.
    fn take_into_memory(&mut self) -> Result<(), Error> {
        if !self.older.is_empty() {
            self.older = vec![Piece {
                id: format!("{} older", self.name).into(),
                rows: union(&self.older, &self.schema)?.collect()?.lazy(),
            }];
        }
        self.newer = self.newer.clone().collect()?.lazy();
        Ok(())
    }

    /// Every record of either side once: keys, digest, places and what the rules say, in both.
    fn compared(&self) -> Result<DataFrame, Error> {
        let wanted = [&KEYS[..], &[DIGEST], &self.places, &self.ruled].concat();
        let narrow = |rows: LazyFrame| rows.select(columns(&wanted));
        let args = JoinArgs::new(JoinType::Full).with_suffix(Some(OTHER.into()));
        let both = narrow(union(&self.older, &self.schema)?).join(
            narrow(self.newer.clone()),
            columns(&KEYS),
            columns(&KEYS),
            args,
        );
        Ok(both.collect()?)
    }

    /// The records of the older side by what became of them.
    fn sorted(&self, both: &DataFrame, mut kept: Vec<Piece>) -> Result<Changed, Error> {
        let withdrawn = both.column(&format!("{}{OTHER}", KEYS[0]))?.is_null();
        let known = &!both.column(KEYS[0])?.is_null() & &!&withdrawn;
        let other_content = differs(both, DIGEST)?;
        let corrected = both.filter(&(&known & &other_content))?;
        let same = both.filter(&(&known & &!other_content))?;
        let any = |frame: &DataFrame, names: &[&str]| -> Result<bool, Error> {
            for name in names {
                if differs(frame, name)?.any() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let (moved, ruled) = (any(&corrected, &self.places)?, any(&same, &self.ruled)?);
        let gone = both.filter(&withdrawn)?;
        let (withdrawn, anything) = (gone.height() > 0, gone.height() + corrected.height() > 0);
        let leaving = keys(&gone.vstack(&corrected)?, "")?;
        for piece in &self.older {
            kept.push(match anything {
                true => Piece {
                    id: format!("{} kept {}", self.name, piece.id).into(),
                    rows: joined(piece.rows.clone(), leaving.clone(), JoinType::Anti),
                },
                false => piece.clone(),
            });
        }
        Ok(Changed {
            schema: Arc::clone(&self.schema),
            kept,
            corrected: (corrected.height() > 0)
                .then(|| self.corrected(&corrected))
                .transpose()?,
            late: None,
            new: None,
            withdrawn,
            moved,
            ruled,
        })
    }

    /// Corrected records as they were, as they are at the place they had, and as they are.
    fn corrected(&self, both: &DataFrame) -> Result<[Piece; 3], Error> {
        let older = union(&self.older, &self.schema)?;
        let numbers = keys(both, "")?;
        let wanted = [&KEYS[..], &self.places].concat();
        let had = both.select(wanted)?;
        let places = self.places.iter();
        let placed = places.map(|name| col(format!("{name}{OTHER}")).alias(*name));
        let all = self.schema.iter_names().map(|name| col(name.clone()));
        let there = joined(self.newer.clone(), had, JoinType::Inner)
            .with_columns(placed.collect::<Vec<Expr>>())
            .select(all.collect::<Vec<Expr>>());
        Ok([
            self.piece("as it was", &older, numbers.clone(), JoinType::Semi),
            Piece {
                id: format!("{} in its place", self.name).into(),
                rows: there,
            },
            self.piece("corrected", &self.newer, numbers, JoinType::Semi),
        ])
    }

    fn piece(&self, what: &str, rows: &LazyFrame, keys: DataFrame, how: JoinType) -> Piece {
        Piece {
            id: format!("{} {what}", self.name).into(),
            rows: joined(rows.clone(), keys, how),
        }
    }
}

/// The columns of the table that facts may look at, and those by which records are compared.
fn needed(all: &Schema, contract: &Contract, facts: &Facts) -> Schema {
    let compared = [&KEYS[..], &[DIGEST], &PLACES].concat();
    let dated = first_date(contract).map(|column| column.name.as_str());
    let everything = facts.text.contains('*');
    let ruled = counting_columns().map(|(name, _)| name);
    all.iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            everything
                || compared.contains(&name)
                || ruled.contains(&name)
                || dated == Some(name)
                || facts.text.contains(name)
        })
        .map(|(name, data_type)| (name.clone(), data_type.clone()))
        .collect()
}

/// The frame with the columns of `to`; those it has not are null.
fn conformed(frame: LazyFrame, own: &Schema, to: &Schema) -> LazyFrame {
    let all = to.iter().map(|(name, data_type)| match own.contains(name) {
        true => col(name.clone()),
        false => lit(NULL).cast(data_type.clone()).alias(name.clone()),
    });
    frame.select(all.collect::<Vec<Expr>>())
}

/// The rows of several pieces; an empty table where there is none.
fn union(pieces: &[Piece], schema: &Schema) -> Result<LazyFrame, Error> {
    let rows: Vec<LazyFrame> = pieces.iter().map(|piece| piece.rows.clone()).collect();
    match rows.is_empty() {
        true => Ok(DataFrame::empty_with_schema(schema).lazy()),
        false => Ok(concat(rows, UnionArgs::default())?),
    }
}

fn columns(names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| col(*name)).collect()
}

/// Rows joined to some keys of records.
fn joined(rows: LazyFrame, keys: DataFrame, how: JoinType) -> LazyFrame {
    let args = JoinArgs::new(how).with_suffix(Some(OTHER.into()));
    rows.join(keys.lazy(), columns(&KEYS), columns(&KEYS), args)
}

/// The keys of some records, from the columns with `suffix`, under their own names.
fn keys(frame: &DataFrame, suffix: &str) -> Result<DataFrame, Error> {
    let named = KEYS.map(|name| {
        let column = frame.column(&format!("{name}{suffix}"))?;
        Ok(column.clone().with_name(name.into()))
    });
    let columns = named.into_iter().collect::<Result<Vec<_>, Error>>()?;
    Ok(DataFrame::new(frame.height(), columns)?)
}

/// Where a column differs from the newer side's, also by being filled on one side only.
fn differs(both: &DataFrame, name: &str) -> Result<BooleanChunked, Error> {
    let (one, other) = (both.column(name)?, both.column(&format!("{name}{OTHER}"))?);
    Ok(one
        .as_materialized_series()
        .not_equal_missing(other.as_materialized_series())?)
}

/// The keys of the records that are dated up to `day` or not at all, and of those dated later.
fn by_date(
    records: &LazyFrame,
    contract: &Contract,
    dates: Option<&str>,
    day: NaiveDate,
) -> Result<(DataFrame, DataFrame), Error> {
    let dated =
        dates.and_then(|sql| engine::run([(contract.id.clone(), records.clone())], sql).ok());
    let dated = match dated {
        Some(dated) => dated,
        None => {
            let date = first_date(contract).map_or(lit(NULL), |column| col(&*column.name));
            let date = date.alias("date");
            let records = records.clone();
            records
                .select([col(KEYS[0]), col(KEYS[1]), date])
                .collect()?
        }
    };
    let days = dated.column("date")?.cast(&DataType::Date)?;
    let limit = crate::intake::days(day);
    let later: BooleanChunked = days
        .date()?
        .phys
        .iter()
        .map(|days| days.is_some_and(|days| days > limit))
        .collect();
    Ok((
        keys(&dated.filter(&!&later)?, "")?,
        keys(&dated.filter(&later)?, "")?,
    ))
}

/// The first date a record must have, else the first it may have.
fn first_date(contract: &Contract) -> Option<&Column> {
    let dates = || {
        let columns = contract.columns.iter();
        columns.filter(|column| column.kind == ColumnType::Date)
    };
    dates().find(|column| column.required).or(dates().next())
}
