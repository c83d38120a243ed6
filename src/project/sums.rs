//! Whether the targets `dabiao.toml` declares add up.

use crate::analysis::decompose::{Reconciled, reconcile};
use crate::indicators::Catalog;
use crate::programme::definitions::CONFIG_FILE;
use crate::programme::{Decimal, Problem, Programme, Targets, Text};
use chrono::NaiveDate;

/// Parts that together exceed what they are parts of: nobody can have decided both.
pub(super) fn exceeded(programme: &Programme, catalog: &Catalog, source: &str) -> Vec<Problem> {
    let sums = differing(programme, catalog);
    sums.iter()
        .filter(|sum| sum.difference < Decimal::ZERO)
        .map(|sum| told(sum, source, "超过上级目标", "more than the target above"))
        .collect()
}

/// Parts that do not make up what they are parts of: the rest is shown as unallocated.
pub(super) fn unallocated(programme: &Programme, catalog: &Catalog, source: &str) -> Vec<Problem> {
    let sums = differing(programme, catalog);
    sums.iter()
        .filter(|sum| sum.difference > Decimal::ZERO)
        .map(|sum| {
            told(
                sum,
                source,
                "其余显示为未分解",
                "the rest shows as unallocated",
            )
        })
        .collect()
}

fn differing(programme: &Programme, catalog: &Catalog) -> Vec<Reconciled> {
    let targets = Targets::in_force(programme.configured_targets(), [], NaiveDate::MIN);
    let kind = |id: &str| catalog.get(id).map(|indicator| indicator.kind);
    let unit_kinds: Vec<&str> = programme.unit_kinds().collect();
    let mut sums = reconcile(&targets, &unit_kinds, kind);
    sums.retain(|sum| !sum.difference.is_zero());
    sums
}

fn told(sum: &Reconciled, source: &str, zh: &str, en: &str) -> Problem {
    let Reconciled {
        parent,
        parts,
        count,
        sum,
        ..
    } = sum;
    let (indicator, unit, period, value) = (
        &parent.indicator,
        &parent.unit,
        &parent.period,
        parent.value,
    );
    let message = Text::new(
        format!(
            "{indicator} {unit} {period} 目标 {value}: 按 {parts} 分解的 {count} 项合计 {sum}，{zh}"
        ),
        format!(
            "{indicator} {unit} {period}, target {value}: its {count} parts by {parts} sum to {sum}, {en}"
        ),
    );
    Problem::at(CONFIG_FILE, source, &format!("\"{value}\""), message)
}
