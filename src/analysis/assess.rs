//! Puts targets, progress, pace and verdict beside the cells of a table.

use super::{linear_pace, verdict};
use crate::indicators::table::{Kind, Row, Table, Value, Verdict};
use crate::programme::{Decimal, Period, Target, Targets};
use chrono::NaiveDate;

/// What cells are held against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Targets in force.
    pub targets: &'a Targets,
    /// Whether targets were set for the table's scope (CONTRACT Q66).
    pub scope_has_targets: bool,
    /// Kinds of units that targets are set for.
    pub unit_kinds: &'a [&'a str],
    /// Code of the city as a unit.
    pub city: &'a str,
    /// The snapshot's day.
    pub day: NaiveDate,
    /// Share of the pace from which a unit is at risk rather than behind.
    pub at_risk_from: Decimal,
    /// The one unit the request was filtered to, if it was filtered to nothing else; `None` where filters leave no unit.
    pub filtered_to: Option<(&'a str, &'a str)>,
    /// Whether the request was filtered at all.
    pub filtered: bool,
}

const TIMES: [&str; 4] = ["month", "quarter", "half", "year"];

/// Fills target, progress, pace and verdict of every row and the total; units that have a target and no facts get a row of 0.
pub fn assess(table: &mut Table, context: &Context<'_>) {
    if !context.scope_has_targets {
        return;
    }
    add_units_without_facts(table, context);
    let dimensions = table.dimensions.clone();
    let (indicator, period) = (table.indicator.clone(), table.period.clone());
    for row in &mut table.rows {
        if let Some((kind, unit, period)) =
            unit_and_period(&dimensions, &row.codes, &period, context)
        {
            fill(
                row,
                context
                    .targets
                    .find(&indicator, &kind, &unit, &period.target_name()),
                &period,
                context,
            );
        }
    }
    if let Some((kind, unit, period)) = unit_and_period(&[], &[], &period, context) {
        let target = context
            .targets
            .find(&indicator, &kind, &unit, &period.target_name());
        fill(&mut table.totals, target, &period, context);
    }
}

/// The unit and period a cell stands for, where its dimensions name no more than these.
fn unit_and_period(
    dimensions: &[String],
    codes: &[String],
    period: &Period,
    context: &Context<'_>,
) -> Option<(String, String, Period)> {
    let mut unit = match (context.filtered_to, context.filtered) {
        (Some((kind, code)), _) => (kind.to_owned(), code.to_owned()),
        (None, false) => ("city".to_owned(), context.city.to_owned()),
        (None, true) => return None,
    };
    let mut period = period.clone();
    let mut units = 0;
    for (dimension, code) in dimensions.iter().zip(codes) {
        if context.unit_kinds.contains(&dimension.as_str()) {
            units += 1;
            let same = context
                .filtered_to
                .is_none_or(|(kind, _)| kind == dimension);
            if units > 1 || !same {
                return None;
            }
            unit = (dimension.clone(), code.clone());
        } else if TIMES.contains(&dimension.as_str()) {
            period = Period::parse(code)?;
        } else {
            return None;
        }
    }
    Some((unit.0, unit.1, period))
}

fn add_units_without_facts(table: &mut Table, context: &Context<'_>) {
    let [dimension] = &table.dimensions[..] else {
        return;
    };
    let countable = matches!(table.kind, Kind::Flow | Kind::Distinct);
    if !context.unit_kinds.contains(&dimension.as_str()) || !countable || context.filtered {
        return;
    }
    let period = table.period.target_name();
    let mut missing: Vec<String> = context
        .targets
        .of(&table.indicator, dimension, &period)
        .filter(|target| !target.value.is_zero())
        .map(|target| target.unit.clone())
        .filter(|unit| table.rows.iter().all(|row| row.codes[0] != *unit))
        .collect();
    missing.sort();
    table.rows.extend(missing.into_iter().map(|unit| Row {
        codes: vec![unit],
        value: Some(Value::Number(Decimal::ZERO)),
        ..Row::default()
    }));
}

fn fill(row: &mut Row, target: Option<&Target>, period: &Period, context: &Context<'_>) {
    let Some(target) = target else { return };
    let pace = linear_pace(&period.target_period(), context.day.min(period.end()));
    row.target = Some(target.value);
    row.target_provenance = Some(target.provenance.clone());
    row.pace = Some(pace);
    let progress = match row.value {
        Some(Value::Number(number)) => number.over(target.value),
        Some(Value::Share(share)) => {
            let one = Decimal::new(1, 0);
            one.over(target.value).map(|inverse| share.times(inverse))
        }
        None => None,
    };
    row.progress = progress;
    row.verdict = match progress {
        Some(progress) => verdict(progress, pace, context.at_risk_from),
        None => Verdict::InsufficientData,
    };
}
