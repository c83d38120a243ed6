//! `dabiao diff`.

use super::query::{View, filters};
use super::{DONE, Place, output};
use crate::indicators::table::Request;
use crate::presentation::encode::bridge;
use crate::programme::Language;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The older snapshot: an id, a day or an instant
    from: String,
    /// The newer snapshot
    to: String,
    /// Ids of the indicators (default: the headline ones)
    indicators: Vec<String>,
    /// Dimensions to break down by, separated by commas
    #[arg(long, value_delimiter = ',')]
    by: Vec<String>,
    /// Keep only facts with this code: DIM=CODE (several: comma or repeated)
    #[arg(long = "where", value_name = "DIM=CODE")]
    filters: Vec<String>,
    /// Period: 2020, 2020H1, 2020Q3, 2020-09, 2019..2021, ytd:2020-09
    #[arg(long)]
    period: Option<String>,
    /// Scope of units
    #[arg(long)]
    scope: Option<String>,
    /// Units under the code of their own time (as_was) or of today (as_is)
    #[arg(long, value_enum, default_value = "as_was")]
    view: View,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

/// Prints why figures differ between two snapshots.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let selection = Request {
        by: args.by.clone(),
        filters: filters(&args.filters)?,
        period: args.period.clone(),
        scope: args.scope.clone(),
        view: args.view.into(),
        ..Request::default()
    };
    let diff = app.diff(&args.from, &args.to, &args.indicators, &selection)?;
    let bytes = match args.format {
        Format::Table => {
            let programme = app.programme_of(&diff.to.snapshot)?;
            bridge::text(&diff, &programme, Language::Zh).into_bytes()
        }
        Format::Csv => bridge::csv(&diff),
        Format::Json => bridge::json(&diff).into_bytes(),
    };
    output::out(&bytes)?;
    Ok(DONE)
}
