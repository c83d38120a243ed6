//! Targets: indicator × unit × period → value, with provenance (DESIGN §7, CONTRACT §7).

use super::number::Decimal;
use chrono::NaiveDate;
use std::collections::HashMap;

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

/// All targets in force on one day.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    by_key: HashMap<(String, String, String, String), Target>,
}

impl Targets {
    /// The targets in force on `day`: a reported one overrides the configured one for the same indicator, unit and period,
    /// and among reported ones the latest `valid_from` not after `day` wins (CONTRACT Q61).
    pub fn in_force(
        configured: impl IntoIterator<Item = Target>,
        reported: impl IntoIterator<Item = Target>,
        day: NaiveDate,
    ) -> Self {
        let mut targets = Self::default();
        for target in configured {
            targets.by_key.insert(key(&target), target);
        }
        for target in reported
            .into_iter()
            .filter(|target| target.valid_from <= Some(day))
        {
            let key = key(&target);
            let stands = targets.by_key.get(&key);
            if stands.is_none_or(|stands| stands.valid_from <= target.valid_from) {
                targets.by_key.insert(key, target);
            }
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
        let key = (
            indicator.to_owned(),
            unit_kind.to_owned(),
            unit.to_owned(),
            period.to_owned(),
        );
        self.by_key
            .get(&key)
            .filter(|target| !target.value.is_zero())
    }

    /// All targets of an indicator for a kind of unit and a period, in no particular order.
    pub fn of<'a>(
        &'a self,
        indicator: &'a str,
        unit_kind: &'a str,
        period: &'a str,
    ) -> impl Iterator<Item = &'a Target> {
        self.by_key.values().filter(move |target| {
            target.indicator == indicator
                && target.unit_kind == unit_kind
                && target.period == period
        })
    }
}

fn key(target: &Target) -> (String, String, String, String) {
    (
        target.indicator.clone(),
        target.unit_kind.clone(),
        target.unit.clone(),
        target.period.clone(),
    )
}
