//! `dabiao snapshots`.

use super::output::{self, Listing};
use super::{DONE, Place};
use crate::presentation::encode;

#[derive(clap::Args)]
pub(super) struct Args {
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// Lists the snapshots in order of publication.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let snapshots = place.open()?.snapshots()?;
    match args.format {
        Listing::Json => output::out(encode::snapshots::json(&snapshots).as_bytes())?,
        Listing::Text => {
            for each in &snapshots {
                output::line(&format!(
                    "{}  {}  {}  {} 条记录 records",
                    each.id,
                    each.published_at.to_rfc3339(),
                    each.load,
                    each.records
                ))?;
            }
        }
    }
    Ok(DONE)
}
