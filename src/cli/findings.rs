//! `dabiao findings`.

use super::{DONE, Place, output};
use crate::indicators::rules::Wanted;
use crate::presentation::encode;
use crate::programme::Language;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Only this rule
    #[arg(long)]
    rule: Option<String>,
    /// Only records of this division (unknown: of none)
    #[arg(long)]
    division: Option<String>,
    /// Only records of this department
    #[arg(long)]
    department: Option<String>,
    /// Only records of this period: 2020, 2020H1, 2020Q3, 2020-09, 2019..2021, ytd:2020-09
    #[arg(long)]
    period: Option<String>,
    /// As known at: a snapshot id, a day or an instant
    #[arg(long)]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    #[value(alias = "text")]
    Table,
    Json,
    Csv,
    Xlsx,
}

/// Lists the findings of all rules.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let wanted = Wanted {
        rule: args.rule.clone(),
        division: args.division.clone(),
        department: args.department.clone(),
        period: args.period.clone(),
    };
    let list = app.findings(&wanted, args.as_of.as_deref())?;
    let bytes = match args.format {
        Format::Table => encode::findings::text(&list, app.programme(), Language::Zh).into_bytes(),
        Format::Json => encode::findings::json(&list).into_bytes(),
        Format::Csv => encode::findings::csv(&list, false),
        Format::Xlsx => encode::findings::xlsx(&list, app.programme()),
    };
    output::write(args.out.as_deref(), &bytes)?;
    Ok(DONE)
}
