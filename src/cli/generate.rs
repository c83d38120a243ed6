//! `dabiao generate`.

use super::{DONE, output};
use crate::demo;
use crate::synthetic::{Plan, Shape, generate};
use chrono::NaiveDate;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Training rows in all
    #[arg(long)]
    rows: u64,
    /// Seed: the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of damaged rows, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    messy: f64,
    /// First and last day of the records
    #[arg(long, default_value = "2019-01-01")]
    from: NaiveDate,
    #[arg(long, default_value = "2021-06-30")]
    to: NaiveDate,
    /// How the rows are cut into files
    #[arg(long, value_enum, default_value = "returns")]
    shape: Cut,
    /// Directory to write to
    #[arg(long)]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Cut {
    /// What departments send: one file per department, division and period
    Returns,
    /// The same in one folder per quarter, with late reports and corrections in later ones
    Quarters,
    /// One CSV file of training records
    Single,
}

/// Makes submissions and prints what they hold.
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let plan = Plan {
        rows: args.rows,
        seed: args.seed,
        messy: args.messy,
        from: args.from,
        to: args.to,
        shape: match args.shape {
            Cut::Returns => Shape::Returns,
            Cut::Quarters => Shape::Quarters,
            Cut::Single => Shape::SingleFile,
        },
        ..demo::plan()
    };
    let bar = output::bar(args.rows);
    let summary = generate(&plan, &demo::reference(), &args.out, &mut |done| {
        bar.set_position(done)
    })?;
    bar.finish_and_clear();
    output::line(&serde_json::to_string_pretty(&summary)?)?;
    Ok(DONE)
}
