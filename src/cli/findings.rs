//! `dabiao findings`.

use super::output::{self, Listing};
use super::{DONE, Place};
use serde_json::json;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Only this rule
    #[arg(long)]
    rule: Option<String>,
    /// As known at: a snapshot id, a day or an instant
    #[arg(long)]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: Listing,
}

/// Lists the findings of the counting rules.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    let app = place.open()?;
    let snapshot = app.snapshot(args.as_of.as_deref())?;
    let findings = app.findings(args.rule.as_deref(), args.as_of.as_deref())?;
    match args.format {
        Listing::Json => {
            let rows: Vec<_> = findings
                .iter()
                .map(|finding| {
                    json!({
                        "rule": finding.rule,
                        "department": finding.department,
                        "record_no": finding.record_no,
                        "division": finding.division,
                        "message": finding.message,
                    })
                })
                .collect();
            output::line(&json!({ "snapshot": snapshot.id().as_str(), "rows": rows }).to_string())?;
        }
        Listing::Text => {
            for finding in &findings {
                let message = &finding.message;
                output::line(&format!(
                    "{}  {}  {}  {}  {} / {}",
                    finding.rule,
                    finding.department,
                    finding.record_no,
                    finding.division,
                    message.zh,
                    message.en
                ))?;
            }
        }
    }
    Ok(DONE)
}
