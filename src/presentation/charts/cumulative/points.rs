//! The points of the target curve and what lies on the way.

use super::{Milestone, next_month};
use crate::analysis::Pace;
use crate::presentation::numbers::ratio;
use crate::programme::config::Interruption;
use crate::programme::{Decimal, Period, Programme, Ratio, Target};
use chrono::{Days, NaiveDate};

type Span = (NaiveDate, NaiveDate);

/// Where targets come from that nobody decided.
const INTERPOLATED: &str = "interpolated";

/// A target at `date` that is made of `parts`.
pub(super) fn milestone(date: NaiveDate, value: Decimal, parts: &[&Target]) -> Milestone {
    Milestone {
        date,
        value,
        decided: parts.iter().all(|part| part.provenance != INTERPOLATED),
    }
}

/// The targets on the way to the end of `span`: of shorter periods that begin with it, and sums of such that follow each
/// other.
pub(super) fn milestones(targets: &[&Target], span: Span, whole: &str) -> Vec<Milestone> {
    let inside = |target: &&&Target| target.period != whole;
    let parts: Vec<(Period, &Target)> = targets
        .iter()
        .filter(inside)
        .filter_map(|target| Some((Period::parse(&target.period)?, *target)))
        .filter(|(period, _)| span.0 <= period.start() && period.end() < span.1)
        .collect();
    let mut found: Vec<Milestone> = Vec::new();
    let begins = parts.iter().filter(|(period, _)| period.start() == span.0);
    for (period, target) in begins {
        found.push(milestone(period.end(), target.value, &[target]));
    }
    let (mut from, mut sum, mut used) = (span.0, Decimal::ZERO, Vec::new());
    let longest = |from: NaiveDate| {
        let next = parts.iter().filter(|(period, _)| period.start() == from);
        next.max_by_key(|(period, _)| period.end())
    };
    while let Some((period, target)) = longest(from) {
        sum = sum.plus(target.value);
        used.push(*target);
        if !found.iter().any(|known| known.date == period.end()) {
            found.push(milestone(period.end(), sum, &used));
        }
        from = period.end() + Days::new(1);
    }
    found.sort_by_key(|milestone| milestone.date);
    found
}

/// The days at which a curve over `span` is looked at: its eve, the ends of its months, and where a declared curve turns.
pub(super) fn days(span: Span, turns: impl Iterator<Item = NaiveDate>) -> Vec<NaiveDate> {
    let mut days = vec![span.0 - Days::new(1), span.1];
    let mut next = next_month(span.0);
    while next <= span.1 {
        days.push(next - Days::new(1));
        next = next_month(next);
    }
    days.extend(turns.filter(|day| span.0 <= *day && *day <= span.1));
    days.sort_unstable();
    days.dedup();
    days
}

/// What the curve of `target` expects on each of `days`.
pub(super) fn pace(
    target: &Target,
    period: &Period,
    pace: &Pace<'_>,
    days: &[NaiveDate],
) -> Vec<(NaiveDate, Ratio)> {
    let of = |day: &NaiveDate| {
        (
            *day,
            ratio(target.value).times(pace.expected(target, period, *day)),
        )
    };
    days.iter().map(of).collect()
}

/// The interruptions of a programme as far as they lie in `span`.
pub(super) fn interruptions(programme: &Programme, span: Span) -> Vec<Interruption> {
    let inside = programme
        .config
        .interruption
        .iter()
        .filter(|known| known.from <= span.1 && span.0 <= known.to);
    inside
        .map(|known| Interruption {
            from: known.from.max(span.0),
            to: known.to.min(span.1),
            title: known.title.clone(),
        })
        .collect()
}
