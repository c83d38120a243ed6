//! The command line: one file per command, each a few lines over the library.

mod check;
mod completeness;
mod demo;
mod diff;
mod explain;
mod findings;
mod generate;
mod ingest;
mod init;
mod ledger;
mod log;
mod output;
mod query;
mod serve;
mod snapshots;
mod template;
mod upkeep;

use crate::app::{App, Today};
use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Done.
const DONE: u8 = 0;
/// Failed.
const FAILED: u8 = 1;
/// Done, with rejected rows or files.
const REJECTED: u8 = 3;

/// Dabiao 达标: from real-name records to figures that leaders act on, auditors retrace and the public trusts.
#[derive(Parser)]
#[command(name = "dabiao", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which project, and what day it is.
#[derive(clap::Args)]
struct Place {
    /// Project directory (default: this folder or the nearest above it with a dabiao.toml)
    #[arg(long, global = true, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The day to take as today (default: the clock)
    #[arg(long, global = true, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// The vault's key file (default: as in dabiao.toml)
    #[arg(long, global = true, value_name = "FILE", env = "DABIAO_KEY_FILE")]
    key_file: Option<PathBuf>,
}

impl Place {
    fn folder(&self) -> PathBuf {
        self.project.clone().unwrap_or_else(|| PathBuf::from("."))
    }

    fn open(&self) -> Result<App, crate::app::Error> {
        let today = self.today.map_or(Today::Clock, Today::Day);
        App::open(&self.folder(), self.key_file.clone(), today)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Unpack the Changchun project, load made-up records of the whole programme, and serve it
    Demo(demo::Args),
    /// Make a new project directory
    Init(init::Args),
    /// Check config, contracts, code lists and queries; all problems at once
    Check,
    /// Blank XLSX form of a dataset for reporters
    Template(template::Args),
    /// Load submissions (default: the project's inbox)
    Ingest(ingest::Args),
    /// Print a figure
    Query(query::Args),
    /// Why a figure is what it is: definition, query, submissions, ledger, records
    Explain(explain::Args),
    /// What became of every record: received, accepted, completed, counted
    Ledger(ledger::Args),
    /// Which expected returns are in: on time, late, missing
    Completeness(completeness::Args),
    /// Findings (疑点) of all rules: a worklist for checking
    Findings(findings::Args),
    /// List snapshots
    Snapshots(snapshots::Args),
    /// Why figures differ between two snapshots: late, new, corrected, withdrawn, moved, rules, definitions, scope
    Diff(diff::Args),
    /// Serve the dashboard, and load the inbox every night
    Serve(serve::Args),
    /// Re-hash everything that is kept
    Verify,
    /// Copy the lake, also during a load (the key file is not copied)
    Backup(upkeep::Backup),
    /// Make a lake from a backup
    Restore(upkeep::Restore),
    /// Retire snapshots older than the project keeps them
    Retain(upkeep::Retain),
    /// Make synthetic submissions, marked SYNTHETIC
    Generate(generate::Args),
}

/// Runs the command line and gives its exit code: 0 done, 1 failed, 2 usage, 3 done with rejected rows.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Check => check::run(&cli.place.folder()),
        Command::Ingest(args) => ingest::run(&cli.place, &args),
        Command::Query(args) => query::run(&cli.place, &args),
        Command::Explain(args) => explain::run(&cli.place, &args),
        Command::Demo(args) => demo::run(&args),
        Command::Template(args) => template::run(&cli.place, &args),
        Command::Ledger(args) => ledger::run(&cli.place, &args),
        Command::Completeness(args) => completeness::run(&cli.place, &args),
        Command::Findings(args) => findings::run(&cli.place, &args),
        Command::Diff(args) => diff::run(&cli.place, &args),
        Command::Serve(args) => serve::run(&cli.place, &args),
        Command::Verify => upkeep::verify(&cli.place),
        Command::Backup(args) => upkeep::backup(&cli.place, &args),
        Command::Restore(args) => upkeep::restore(&cli.place, &args),
        Command::Retain(args) => upkeep::retain(&cli.place, &args),
        Command::Snapshots(args) => snapshots::run(&cli.place, &args),
        Command::Generate(args) => generate::run(&args),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::error(&error);
            ExitCode::from(FAILED)
        }
    }
}
