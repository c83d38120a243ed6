//! The ledger as JSON (CONTRACT Q57).

use crate::indicators::ledger::Ledger;
use serde_json::{Map, Value, json};

/// `{period, scope, snapshot, rows: [{<dim>…, step, rule, clause, count}]}`, ended by a line break.
pub fn json(ledger: &Ledger) -> String {
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
    let told = json!({ "period": ledger.period, "scope": ledger.scope, "snapshot": ledger.snapshot, "rows": rows });
    format!("{told}\n")
}
