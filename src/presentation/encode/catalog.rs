//! Indicators and their definitions as JSON.

use crate::indicators::table::Kind;
use crate::programme::Text;
use serde_json::{Value, json};

/// An indicator as it is defined.
#[derive(Debug, Clone)]
pub struct Defined {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit.
    pub unit: Text,
    /// How it adds up.
    pub kind: Kind,
    /// Clause of the policy.
    pub clause: String,
    /// The definition in words.
    pub note: Text,
    /// Digest of its file.
    pub definition: String,
    /// Dimensions of its facts.
    pub dimensions: Vec<String>,
    /// Dimensions that the calendar gives.
    pub time_dimensions: Vec<String>,
    /// Tables its facts come from.
    pub tables: Vec<String>,
    /// The indicator whose denominator it takes.
    pub denominator_of: Option<String>,
    /// The SELECT of its facts.
    pub facts: String,
    /// Its worked examples.
    pub examples: Vec<WorkedExample>,
}

/// Where a worked example is written down.
#[derive(Debug, Clone)]
pub struct WorkedExample {
    /// What it shows.
    pub title: Text,
    /// Its file.
    pub file: String,
    /// The line on which it begins.
    pub line: usize,
}

fn head(defined: &Defined) -> Value {
    json!({
        "id": defined.id, "title": defined.title, "unit": defined.unit, "kind": defined.kind.to_string(),
        "clause": defined.clause, "note": defined.note, "definition": defined.definition, "dimensions": defined.dimensions,
    })
}

/// `{indicators: [{id, title, unit, kind, clause, note, definition, dimensions}]}`, ended by a line break.
pub fn list(all: &[Defined]) -> String {
    let listed: Vec<Value> = all.iter().map(head).collect();
    format!("{}\n", json!({ "indicators": listed }))
}

/// One of the list with `time_dimensions`, `tables`, `denominator_of`, `facts` and `examples`, ended by a line break.
pub fn json(defined: &Defined) -> String {
    let mut told = head(defined);
    let examples = defined.examples.iter();
    let examples =
        examples.map(|each| json!({ "title": each.title, "file": each.file, "line": each.line }));
    told["time_dimensions"] = json!(defined.time_dimensions);
    told["tables"] = json!(defined.tables);
    told["denominator_of"] = json!(defined.denominator_of);
    told["facts"] = json!(defined.facts);
    told["examples"] = examples.collect();
    format!("{told}\n")
}
