//! Synthetic submissions: what departments would have sent, with invented people and real code lists.
//!
//! Everything made here is marked SYNTHETIC: file names, record numbers, institutions and sources. The same plan gives
//! the same bytes on every machine. The story told (who is ahead, who is behind, the pause of 2020) is invented from
//! the SYNTHETIC weights of `data-samples/synthetic/`; only the employed persons are real (2020 census).

mod classes;
mod course;
mod damage;
mod events;
mod files;
mod identity;
mod labels;
mod member;
mod money;
mod other;
mod random;
mod render;
mod single;
mod stocks;
mod tables;
mod truth;
mod write;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

pub use identity::{id_check, uscc_check};
pub use tables::Reference;
pub use truth::{Summary, Truth};

/// The largest run for which no two people share a number.
pub const ROWS_MAX: u64 = 20_000_000;

/// What to generate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Rows of the dataset `training`, corrections and resends included. Other datasets keep their natural size.
    pub rows: u64,
    /// Another seed gives other people and classes with the same marginals.
    pub seed: u64,
    /// Share of training rows to damage, 0 to 1. Rows that other rows build on stay whole, so at most about 0.9 is reached.
    pub messy: f64,
    /// First month in which classes end.
    pub from: NaiveDate,
    /// Last day known to the reporters: nothing happens after it.
    pub to: NaiveDate,
    /// How the rows are spread over files.
    pub shape: Shape,
    /// First day that counts toward the target; used for the expected counts only.
    pub programme_start: NaiveDate,
    /// Last day that counts toward the target; used for the expected counts only.
    pub programme_end: NaiveDate,
}

/// How the rows are spread over files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// What a real inbox holds: one file per department, division and month or quarter, all in one folder.
    Returns,
    /// One clean CSV of training records for benchmarks, without damage, corrections or other datasets.
    SingleFile,
    /// As [`Shape::Returns`], in one folder per quarterly load (`2019Q1` …): late reports and corrections lie in the
    /// quarter in which they arrive.
    Quarters,
}

/// Why nothing, or not everything, was generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table was not handed in.
    #[error("table {name} is missing from the reference handed in")]
    MissingTable {
        /// File stem.
        name: &'static str,
    },
    /// A table is not well-formed CSV.
    #[error("cannot read table {name}")]
    Table {
        /// File stem.
        name: &'static str,
        /// What the CSV reader said.
        #[source]
        source: csv::Error,
    },
    /// The plan cannot be carried out.
    #[error("cannot generate {rows} rows from {from} to {to} with messy {messy}: {reason}")]
    Plan {
        /// Rows asked for.
        rows: u64,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Share of damaged rows.
        messy: f64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file or folder could not be written.
    #[error("cannot write {path}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A workbook could not be written.
    #[error("cannot write workbook {path}")]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        #[source]
        source: rust_xlsxwriter::XlsxError,
    },
    /// A Parquet file could not be written.
    #[error("cannot write Parquet file {path}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        #[source]
        source: polars::prelude::PolarsError,
    },
}

/// Writes the submissions of `plan` under `out`, which is made when absent; files of the same name are overwritten.
/// `progress` is told the number of training rows written so far.
///
/// # Errors
/// When a table of [`Reference::NEEDED`] is missing or malformed, when the plan is empty, too large or reaches outside
/// `period_calendar`, or when a file cannot be written.
pub fn generate(
    plan: &Plan,
    reference: &Reference,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Error> {
    let tables = tables::Tables::parse(reference)?;
    check(plan, &tables)?;
    write::make_folder(out)?;
    match plan.shape {
        Shape::SingleFile => single::write(plan, &tables, out, progress),
        Shape::Returns | Shape::Quarters => files::write(plan, &tables, out, progress),
    }
}

fn check(plan: &Plan, tables: &tables::Tables) -> Result<(), Error> {
    let fail = |reason| {
        Err(Error::Plan {
            rows: plan.rows,
            from: plan.from,
            to: plan.to,
            messy: plan.messy,
            reason,
        })
    };
    let months = classes::months(plan.from, plan.to);
    if plan.from > plan.to {
        return fail("it ends before it begins");
    }
    if plan.rows == 0 || plan.rows > ROWS_MAX {
        return fail("the number of rows must lie between 1 and 20,000,000");
    }
    if !(0.0..=1.0).contains(&plan.messy) {
        return fail("the share of damaged rows must lie between 0 and 1");
    }
    if plan.shape == Shape::SingleFile && plan.messy > 0.0 {
        return fail("the single file is always clean");
    }
    if months
        .iter()
        .any(|month| !tables.seasons.contains_key(month))
    {
        return fail("a month is not in period_calendar");
    }
    Ok(())
}
