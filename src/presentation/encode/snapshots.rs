//! The list of snapshots as JSON.

use chrono::{DateTime, FixedOffset};
use serde_json::json;

/// A snapshot that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// When it was published.
    pub published_at: DateTime<FixedOffset>,
    /// The load that published it.
    pub load: String,
    /// Current records in it.
    pub records: u64,
    /// Digest of the definitions it was made with.
    pub definitions: String,
}

/// `{snapshots: [{id, published_at, load, records, definitions}]}` (CONTRACT §8), ended by a line break.
pub fn json(snapshots: &[Listed]) -> String {
    let listed: Vec<_> = snapshots
        .iter()
        .map(|each| {
            json!({
                "id": each.id, "published_at": each.published_at.to_rfc3339(), "load": each.load, "records": each.records,
                "definitions": each.definitions,
            })
        })
        .collect();
    format!("{}\n", json!({ "snapshots": listed }))
}
