//! `dabiao completeness`.

use super::{DONE, Place, output};
use crate::presentation::encode::completeness;
use crate::programme::Language;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Only returns for this period: 2020, 2020H1, 2020Q3, 2020-09, 2019..2021, ytd:2020-09
    #[arg(long)]
    period: Option<String>,
    /// As known at: a snapshot id, a day or an instant
    #[arg(long)]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

/// Prints which expected returns are in.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let found = app.completeness(args.period.as_deref(), args.as_of.as_deref())?;
    let bytes = match args.format {
        Format::Table => {
            let programme = app.programme_of(&found.snapshot)?;
            completeness::text(&found, &programme, Language::Zh).into_bytes()
        }
        Format::Csv => completeness::csv(&found, false),
        Format::Json => completeness::json(&found).into_bytes(),
    };
    output::out(&bytes)?;
    Ok(DONE)
}
