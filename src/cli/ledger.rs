//! `dabiao ledger`.

use super::output::{self, Listing};
use super::{DONE, Place};
use crate::ledger::Ledger;
use serde_json::{Map, Value, json};

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
        Listing::Json => output::line(&json(&ledger).to_string())?,
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

/// The shape of CONTRACT Q57.
fn json(ledger: &Ledger) -> Value {
    let rows = ledger.lines.iter().map(|line| {
        let mut row = Map::new();
        if let Some(by) = &ledger.by {
            row.insert(by.clone(), json!(line.code));
        }
        row.insert("step".into(), json!(line.step));
        row.insert("rule".into(), json!(line.rule));
        row.insert("clause".into(), json!(line.clause));
        row.insert("count".into(), json!(line.count));
        Value::Object(row)
    });
    let rows: Vec<Value> = rows.collect();
    json!({ "period": ledger.period, "scope": ledger.scope, "snapshot": ledger.snapshot, "rows": rows })
}
