//! `dabiao ledger`.

use super::output::{self, Listing};
use super::{DONE, Place};
use crate::presentation::encode;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Period, by end date; without it everything from the received rows on
    #[arg(long)]
    period: Option<String>,
    /// Dimension to break down by
    #[arg(long)]
    by: Option<String>,
    /// Scope of units
    #[arg(long)]
    scope: Option<String>,
    /// As known at: a snapshot id, a day or an instant
    #[arg(long)]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// Prints what became of every record.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let ledger = app.ledger(
        args.by.as_deref(),
        args.period.as_deref(),
        args.scope.as_deref(),
        args.as_of.as_deref(),
    )?;
    match args.format {
        Listing::Json => output::out(encode::ledger::json(&ledger).as_bytes())?,
        Listing::Text => {
            for line in &ledger.lines {
                let code = line.code.as_deref().unwrap_or_default();
                let clause = line.clause.as_deref().unwrap_or_default();
                output::line(&format!(
                    "{code:<10} {:<14} {:>12}  {clause}",
                    line.step, line.count
                ))?;
            }
        }
    }
    Ok(DONE)
}
