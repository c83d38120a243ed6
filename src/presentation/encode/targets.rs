//! The targets in force and how far their parts add up, as JSON.

use super::json::{object, quoted};
use crate::analysis::decompose::{Reconciled, Standing};
use crate::programme::Target;

/// `{snapshot, day, targets, reconciliation}`, ended by a line break.
pub fn json(standing: &Standing) -> String {
    let targets: Vec<String> = standing
        .targets
        .iter()
        .map(|held| {
            let original = held.original.as_ref().map(|first| {
                let fields = [
                    format!("\"value\": {}", first.value),
                    format!("\"provenance\": {}", quoted(&first.provenance)),
                    format!("\"decision_ref\": {}", text(first.decision_ref.as_deref())),
                    format!("\"valid_from\": {}", day(first)),
                ];
                object(fields.into_iter())
            });
            let target = &held.target;
            let own = [
                format!("\"value\": {}", target.value),
                format!("\"provenance\": {}", quoted(&target.provenance)),
                format!("\"decision_ref\": {}", text(target.decision_ref.as_deref())),
                format!("\"valid_from\": {}", day(target)),
                format!("\"pace\": {}", quoted(held.curve)),
                format!(
                    "\"original\": {}",
                    original.unwrap_or_else(|| "null".to_owned())
                ),
            ];
            object(named(target).into_iter().chain(own))
        })
        .collect();
    let sums: Vec<String> = standing.reconciled.iter().map(reconciled).collect();
    format!(
        "{{\"snapshot\": {}, \"day\": {},\n \"targets\": [{}],\n \"reconciliation\": [{}]}}\n",
        quoted(&standing.snapshot),
        quoted(&standing.day.to_string()),
        targets.join(",\n             "),
        sums.join(",\n                    "),
    )
}

fn reconciled(sum: &Reconciled) -> String {
    let own = [
        format!("\"target\": {}", sum.parent.value),
        format!("\"parts\": {}", quoted(&sum.parts)),
        format!("\"count\": {}", sum.count),
        format!("\"sum\": {}", sum.sum),
        format!("\"difference\": {}", sum.difference),
    ];
    object(named(&sum.parent).into_iter().chain(own))
}

/// What a target is for.
fn named(target: &Target) -> [String; 4] {
    [
        format!("\"indicator\": {}", quoted(&target.indicator)),
        format!("\"unit_kind\": {}", quoted(&target.unit_kind)),
        format!("\"unit\": {}", quoted(&target.unit)),
        format!("\"period\": {}", quoted(&target.period)),
    ]
}

fn text(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quoted)
}

fn day(target: &Target) -> String {
    let day = target.valid_from.map(|day| day.to_string());
    text(day.as_deref())
}
