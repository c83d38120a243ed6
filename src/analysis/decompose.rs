//! Decomposition of targets: city → divisions, departments or sectors, and programme → years → quarters → months. What the parts
//! do not carry is said, never spread (DESIGN §7, CONTRACT Q60, Q68).

use super::assess::{Context, finest_period};
use crate::indicators::UNALLOCATED;
use crate::indicators::table::{Compared, Kind, Row, Table};
use crate::programme::{Decimal, Period, Target, Targets};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A target and the sum of what it is decomposed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The target above.
    pub parent: Target,
    /// What the parts are: `division`, `department`, `sector`, or `year`, `half`, `quarter`, `month`.
    pub parts: String,
    /// Number of parts with a target.
    pub count: usize,
    /// Sum of their targets.
    pub sum: Decimal,
    /// The target above less the sum: what is not allocated, negative where too much is.
    pub difference: Decimal,
}

/// A target in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The target.
    pub target: Target,
    /// The one decided first, where its value was another one.
    pub original: Option<Target>,
    /// Name of its pace curve.
    pub curve: &'static str,
}

/// The targets in force in a snapshot and how far their parts add up.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The snapshot.
    pub snapshot: String,
    /// Its day.
    pub day: NaiveDate,
    /// The targets.
    pub targets: Vec<Held>,
    /// Every target that is decomposed.
    pub reconciled: Vec<Reconciled>,
}

/// Lengths of the parts of a period in months.
const SPANS: [(&str, u32); 4] = [("year", 12), ("half", 6), ("quarter", 3), ("month", 1)];

/// Every target that is decomposed, with the sum of its parts: the city's into each kind of unit, and a unit's into each
/// shorter length of period. `kind` tells how an indicator adds up: ratios over nothing, stocks and distinct persons over units
/// only.
pub fn reconcile(
    targets: &Targets,
    unit_kinds: &[&str],
    kind: impl Fn(&str) -> Option<Kind>,
) -> Vec<Reconciled> {
    let mut found = Vec::new();
    for parent in targets.iter().filter(|target| !target.value.is_zero()) {
        let Some(kind) = kind(&parent.indicator).filter(|kind| *kind != Kind::Ratio) else {
            continue;
        };
        if parent.unit_kind == "city" {
            for unit_kind in unit_kinds.iter().filter(|kind| **kind != "city") {
                let parts = targets.of(&parent.indicator, unit_kind, &parent.period);
                found.extend(summed(parent, unit_kind, parts));
            }
        }
        if kind == Kind::Flow {
            found.extend(over_time(parent, targets));
        }
    }
    found
}

fn over_time(parent: &Target, targets: &Targets) -> Vec<Reconciled> {
    let Some(period) = Period::parse(&parent.period) else {
        return Vec::new();
    };
    let shorter = SPANS
        .into_iter()
        .filter(|(_, months)| *months < period.months());
    let sums = shorter.filter_map(|(name, months)| {
        let names: Vec<String> = period
            .parts(months)
            .iter()
            .map(ToString::to_string)
            .collect();
        let parts = targets.iter().filter(|target| {
            target.indicator == parent.indicator
                && (&target.unit_kind, &target.unit) == (&parent.unit_kind, &parent.unit)
                && names.contains(&target.period)
        });
        summed(parent, name, parts)
    });
    sums.collect()
}

fn summed<'a>(
    parent: &Target,
    name: &str,
    parts: impl Iterator<Item = &'a Target>,
) -> Option<Reconciled> {
    let values: Vec<Decimal> = parts.map(|target| target.value).collect();
    let sum = values
        .iter()
        .fold(Decimal::ZERO, |sum, value| sum.plus(*value));
    (!values.is_empty()).then(|| Reconciled {
        parent: parent.clone(),
        parts: name.to_owned(),
        count: values.len(),
        difference: parent.value.minus(sum),
        sum,
    })
}

/// Adds to a breakdown by one kind of unit, for every period it shows, the row of what the units' targets leave over of the
/// city's. It has no value and is part of no total.
pub(super) fn add_unallocated(table: &mut Table, context: &Context<'_>) {
    let kinds = |name: &&String| context.is_unit_kind(name);
    let mut units = table.dimensions.iter().filter(kinds);
    let (Some(kind), None) = (units.next(), units.next()) else {
        return;
    };
    if table.kind == Kind::Ratio || !context.request.filters.is_empty() {
        return;
    }
    let at = table.dimensions.iter().position(|name| name == kind);
    let at = at.expect("the dimension is one of them");
    // Every cell of time that is shown, under the code of no unit.
    let mut cells: BTreeMap<Vec<String>, Period> = BTreeMap::new();
    let none: Vec<String> = vec![UNALLOCATED.to_owned()];
    let shown = table.rows.iter().map(|row| row.codes.clone());
    for mut codes in shown.chain((table.dimensions.len() == 1).then_some(none)) {
        UNALLOCATED.clone_into(&mut codes[at]);
        if let Some(period) = finest_period(&table.dimensions, &codes, &table.period) {
            cells.insert(codes, period);
        }
    }
    for (codes, period) in cells {
        let name = period.target_name();
        let city = context
            .targets
            .find(&table.indicator, "city", context.city(), &name);
        let left = city
            .and_then(|city| summed(city, "", context.targets.of(&table.indicator, kind, &name)));
        if let Some(left) = left.filter(|left| !left.difference.is_zero()) {
            table.rows.push(Row {
                codes,
                target: Some(left.difference),
                compared: vec![Compared::default(); table.compare.len()],
                ..Row::default()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn target(unit_kind: &str, unit: &str, period: &str, value: i128) -> Target {
        Target {
            indicator: "trained_person_times".into(),
            unit_kind: unit_kind.into(),
            unit: unit.into(),
            period: period.into(),
            value: Decimal::new(value, 0),
            provenance: "decomposed".into(),
            decision_ref: None,
            valid_from: None,
        }
    }

    fn reconciled(targets: Vec<Target>, kind: Kind) -> Vec<(String, String, usize, String)> {
        let targets = Targets::in_force(targets, [], NaiveDate::MAX);
        let found = reconcile(&targets, &["city", "division"], |_| Some(kind)).into_iter();
        found
            .map(|each| {
                let parent = format!("{} {}", each.parent.unit, each.parent.period);
                (parent, each.parts, each.count, each.difference.to_string())
            })
            .collect()
    }

    #[test]
    fn years_make_the_programme_and_units_the_city() {
        // 61,000 + 64,500 + 64,500 = 190,000 (domain.md §12.3); two units of three carry 40,000 of the 61,000 of 2019.
        let targets = vec![
            target("city", "220100", "2019..2021", 190_000),
            target("city", "220100", "2019", 61_000),
            target("city", "220100", "2020", 64_500),
            target("city", "220100", "2021", 64_500),
            target("division", "220102", "2019", 25_000),
            target("division", "220103", "2019", 15_000),
            target("division", "220102", "2019Q1", 5000),
            target("division", "220102", "2019Q2", 21_000),
        ];
        let text = |text: &str| text.to_owned();
        assert_eq!(
            reconciled(targets.clone(), Kind::Flow),
            [
                (text("220100 2019"), text("division"), 2, text("21000")),
                (text("220100 2019..2021"), text("year"), 3, text("0")),
                (text("220102 2019"), text("quarter"), 2, text("-1000")),
            ]
        );
        // Persons add up over units as quotas do, but one person may come in two years; shares add up over nothing.
        let distinct = reconciled(targets.clone(), Kind::Distinct);
        assert_eq!(distinct.len(), 1);
        assert_eq!(distinct[0].1, "division");
        assert_eq!(reconciled(targets, Kind::Ratio), []);
    }

    proptest! {
        #[test]
        fn what_is_left_and_the_parts_make_the_whole(
            whole in 1i128..1_000_000, parts in proptest::collection::vec(1i128..100_000, 1..20),
        ) {
            let units = parts.iter().enumerate().map(|(unit, value)| {
                target("division", &unit.to_string(), "2020", *value)
            });
            let all: Vec<Target> = units.chain([target("city", "220100", "2020", whole)]).collect();
            let targets = Targets::in_force(all, [], NaiveDate::MAX);
            let found = reconcile(&targets, &["city", "division"], |_| Some(Kind::Flow));
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].count, parts.len());
            prop_assert_eq!(found[0].sum, Decimal::new(parts.iter().sum(), 0));
            prop_assert_eq!(found[0].sum.plus(found[0].difference), Decimal::new(whole, 0));
        }
    }
}
