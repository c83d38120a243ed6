//! Targets: indicator × unit × period → value, with provenance (DESIGN §7, CONTRACT §7).

use super::number::Decimal;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Indicator.
    pub indicator: String,
    /// `city`, `division`, `department` or `sector`.
    pub unit_kind: String,
    /// Code of the unit.
    pub unit: String,
    /// Name of the period.
    pub period: String,
    /// The value; a fraction for ratios.
    pub value: Decimal,
    /// `policy`, `decomposed`, `interpolated` or `revised`.
    pub provenance: String,
    /// Document that decided it.
    pub decision_ref: Option<String>,
    /// Day from which it holds; `None` for those of `dabiao.toml`, which always do.
    pub valid_from: Option<NaiveDate>,
}

/// All targets in force on one day, each with the one that was decided first.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    by_key: BTreeMap<Key, Decided>,
}

/// Indicator, kind of unit, unit and period.
type Key = (String, String, String, String);

#[derive(Debug, Clone)]
struct Decided {
    first: Target,
    last: Target,
}

impl Targets {
    /// The targets in force on `day`: a reported one overrides the configured one for the same indicator, unit and period,
    /// and among reported ones the latest `valid_from` not after `day` wins (CONTRACT Q61). The first one stays known as the
    /// original.
    pub fn in_force(
        configured: impl IntoIterator<Item = Target>,
        reported: impl IntoIterator<Item = Target>,
        day: NaiveDate,
    ) -> Self {
        let mut targets = Self::default();
        let mut reported: Vec<Target> = reported
            .into_iter()
            .filter(|target| target.valid_from <= Some(day))
            .collect();
        reported.sort_by_key(|target| target.valid_from);
        for target in configured.into_iter().chain(reported) {
            targets
                .by_key
                .entry(key(&target))
                .and_modify(|decided| decided.last = target.clone())
                .or_insert_with(|| Decided {
                    first: target.clone(),
                    last: target,
                });
        }
        targets
    }

    /// The target of exactly this indicator, unit and period (CONTRACT Q60). A target of 0 is no target (Q67).
    pub fn find(
        &self,
        indicator: &str,
        unit_kind: &str,
        unit: &str,
        period: &str,
    ) -> Option<&Target> {
        let key = [indicator, unit_kind, unit, period].map(str::to_owned);
        self.by_key
            .get(&key.into())
            .map(|decided| &decided.last)
            .filter(|target| !target.value.is_zero())
    }

    /// The target that was decided first for what `target` is for, where its value was another one.
    pub fn original(&self, target: &Target) -> Option<&Target> {
        let first = &self.by_key.get(&key(target))?.first;
        (first.value != target.value).then_some(first)
    }

    /// All targets of an indicator for a kind of unit and a period, in the order of the units' codes.
    pub fn of<'a>(
        &'a self,
        indicator: &'a str,
        unit_kind: &'a str,
        period: &'a str,
    ) -> impl Iterator<Item = &'a Target> {
        self.iter().filter(move |target| {
            target.indicator == indicator
                && target.unit_kind == unit_kind
                && target.period == period
        })
    }

    /// All targets in the order of indicator, kind of unit, unit and period.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.by_key.values().map(|decided| &decided.last)
    }
}

fn key(target: &Target) -> Key {
    (
        target.indicator.clone(),
        target.unit_kind.clone(),
        target.unit.clone(),
        target.period.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(value: i128, provenance: &str, valid_from: Option<&str>) -> Target {
        Target {
            indicator: "trained_person_times".to_owned(),
            unit_kind: "city".to_owned(),
            unit: "220100".to_owned(),
            period: "2020".to_owned(),
            value: Decimal::new(value, 0),
            provenance: provenance.to_owned(),
            decision_ref: None,
            valid_from: valid_from.map(|day| day.parse().unwrap()),
        }
    }

    fn on(day: &str) -> (String, Option<String>) {
        let reported = [
            target(60_000, "revised", Some("2020-07-01")),
            target(65_000, "decomposed", Some("2019-09-04")),
            target(70_000, "revised", Some("2021-01-01")),
        ];
        let configured = [target(64_500, "interpolated", None)];
        let targets = Targets::in_force(configured, reported, day.parse().unwrap());
        let current = targets
            .find("trained_person_times", "city", "220100", "2020")
            .unwrap();
        let original = targets.original(current);
        (
            current.value.to_string(),
            original.map(|target| target.value.to_string()),
        )
    }

    #[test]
    fn the_latest_decision_holds_and_the_first_stays_known() {
        let said =
            |value: &str, original: Option<&str>| (value.to_owned(), original.map(str::to_owned));
        assert_eq!(on("2019-01-01"), said("64500", None));
        assert_eq!(on("2020-01-01"), said("65000", Some("64500")));
        assert_eq!(on("2020-07-01"), said("60000", Some("64500")));
        assert_eq!(on("2021-12-31"), said("70000", Some("64500")));
    }

    #[test]
    fn the_same_value_again_is_no_revision() {
        let again = [target(64_500, "decomposed", Some("2019-09-04"))];
        let day = "2020-01-01".parse().unwrap();
        let targets = Targets::in_force([target(64_500, "policy", None)], again, day);
        let current = targets.iter().next().unwrap();
        assert_eq!(current.provenance, "decomposed");
        assert_eq!(targets.original(current), None);
    }
}
