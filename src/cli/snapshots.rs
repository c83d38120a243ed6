//! `dabiao snapshots`.

use super::output::{self, Listing};
use super::{DONE, Place};
use serde_json::json;

#[derive(clap::Args)]
pub(super) struct Args {
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// Lists the snapshots in order of publication.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let snapshots = place.open()?.lake().snapshots()?;
    match args.format {
        Listing::Json => {
            let listed: Vec<_> = snapshots
                .iter()
                .map(|info| {
                    json!({
                        "id": info.id.as_str(),
                        "published_at": info.published_at.to_rfc3339(),
                        "load": info.load,
                        "records": info.records,
                        "definitions": info.definitions_digest,
                    })
                })
                .collect();
            output::line(&json!({ "snapshots": listed }).to_string())?;
        }
        Listing::Text => {
            for info in &snapshots {
                output::line(&format!(
                    "{}  {}  {}  {} 条记录 records",
                    info.id,
                    info.published_at.to_rfc3339(),
                    info.load,
                    info.records
                ))?;
            }
        }
    }
    Ok(DONE)
}
