//! 序时进度: what a target curve expects by a day.

use crate::programme::config::{CurveKind, Milestone, PaceConfig};
use crate::programme::period::months_between;
use crate::programme::workdays::HOLIDAYS;
use crate::programme::{Decimal, Period, Programme, Ratio, Target, Workdays};
use chrono::{Datelike, Days, NaiveDate};

/// The curves of a programme's targets.
#[derive(Debug, Clone)]
pub struct Pace<'a> {
    curves: &'a [PaceConfig],
    workdays: Workdays,
}

impl<'a> Pace<'a> {
    /// The curves a programme declares.
    pub fn of(programme: &'a Programme) -> Self {
        Self {
            curves: &programme.config.pace,
            workdays: Workdays::of(programme.list(HOLIDAYS)),
        }
    }

    /// The share of `target`, which is for `period`, that is expected by `day`: 0 before the period, 1 from its last day on, and
    /// in between what the first curve declared for such a target says, else the straight line.
    pub fn expected(&self, target: &Target, period: &Period, day: NaiveDate) -> Ratio {
        if day >= period.end() || day < period.start() {
            return linear_pace(period, day);
        }
        match self.curve(target) {
            Some(config) => match config.curve {
                CurveKind::Linear => linear_pace(period, day),
                CurveKind::Workdays => workdays_pace(&self.workdays, period, day),
                CurveKind::Milestones => milestones_pace(&config.points, period, day),
            },
            None => linear_pace(period, day),
        }
    }

    /// The name of the curve of `target`: `linear`, `workdays` or `milestones`.
    pub fn name(&self, target: &Target) -> &'static str {
        match self.curve(target).map(|config| config.curve) {
            None | Some(CurveKind::Linear) => "linear",
            Some(CurveKind::Workdays) => "workdays",
            Some(CurveKind::Milestones) => "milestones",
        }
    }

    fn curve(&self, target: &Target) -> Option<&'a PaceConfig> {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let period = |wanted: &Option<String>| {
            let named = wanted.as_ref().and_then(|name| Period::parse(name));
            wanted.is_none() || named.is_some_and(|named| named.to_string() == target.period)
        };
        self.curves.iter().find(|config| {
            config.indicator == target.indicator
                && period(&config.period)
                && is(&config.unit_kind, &target.unit_kind)
                && is(&config.unit, &target.unit)
        })
    }
}

/// Working days from the period's beginning to `day` over those of the whole period.
fn workdays_pace(workdays: &Workdays, period: &Period, day: NaiveDate) -> Ratio {
    let elapsed = workdays.between(period.start(), day);
    let all = workdays.between(period.start(), period.end());
    Ratio::new(i128::from(elapsed), i128::from(all)).unwrap_or_else(|| linear_pace(period, day))
}

/// The straight line between the points around `day`; the curve begins with 0 on the eve of the period and ends with 1 on its
/// last day.
fn milestones_pace(points: &[Milestone], period: &Period, day: NaiveDate) -> Ratio {
    let eve = (period.start() - Days::new(1), Decimal::ZERO);
    let end = (period.end(), Decimal::new(1, 0));
    let inside = points
        .iter()
        .filter(|point| eve.0 < point.date && point.date < end.0)
        .map(|point| (point.date, point.share));
    let (before, after): (Vec<_>, Vec<_>) = std::iter::once(eve)
        .chain(inside)
        .chain([end])
        .partition(|(date, _)| *date <= day);
    let (from, low) = before.last().copied().unwrap_or(eve);
    let (to, high) = after.first().copied().unwrap_or(end);
    let gone = Decimal::new(i128::from((day - from).num_days()), 0);
    let span = Decimal::new(i128::from((to - from).num_days()), 0);
    // low + (high − low) · gone / span, over one denominator.
    low.times(span)
        .plus(high.minus(low).times(gone))
        .over(span)
        .unwrap_or_else(|| linear_pace(period, day))
}

/// The share of a target for `period` that the straight line expects by `day`: complete months over the months of the period,
/// and inside a month its days in proportion; 1 for a finished period, 0 before it begins.
///
/// # Source
/// CONTRACT Q62; domain.md §8 (month m of a year: m/12).
pub fn linear_pace(period: &Period, day: NaiveDate) -> Ratio {
    let months = i128::from(period.months());
    let ratio = |numerator: i128, denominator: i128| {
        Ratio::new(numerator, denominator).expect("periods have at least one month")
    };
    if day >= period.end() {
        return ratio(1, 1);
    }
    if day < period.start() {
        return ratio(0, 1);
    }
    let complete = i128::from(months_between(period.start(), day));
    let length = i128::from(days_in_month(day));
    ratio(complete * length + i128::from(day.day()), months * length)
}

fn days_in_month(day: NaiveDate) -> u32 {
    let first = day.with_day(1).expect("every month has a first day");
    let next = first + chrono::Months::new(1);
    (next - Days::new(1)).day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(period: &str, day: &str) -> String {
        linear_pace(&Period::parse(period).unwrap(), day.parse().unwrap()).to_string()
    }

    #[test]
    fn quarters_are_exact() {
        assert_eq!(pace("2020", "2020-03-31"), "0.25");
        assert_eq!(pace("2020", "2020-06-30"), "0.5");
        assert_eq!(pace("2020", "2020-09-30"), "0.75");
        assert_eq!(pace("2020", "2020-12-31"), "1");
        assert_eq!(pace("2020", "2021-06-30"), "1");
        assert_eq!(pace("2020", "2019-12-31"), "0");
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn programme(curves: &str) -> Programme {
        let mut files = crate::programme::Files::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        files.insert("dabiao.toml".into(), read("dabiao.toml") + curves);
        for name in [
            "divisions",
            "departments",
            "sectors",
            "indicators",
            "provenances",
            "holidays",
            "statuses",
            "training_types",
            "funding_sources",
        ] {
            let path = format!("data-samples/reference/{name}.csv");
            files.insert(path.clone(), read(&path));
        }
        let (programme, problems) = Programme::parse(&files);
        programme.unwrap_or_else(|| panic!("{problems:#?}"))
    }

    fn target(period: &str, unit: &str) -> Target {
        Target {
            indicator: "trained_person_times".into(),
            unit_kind: if unit == "220100" {
                "city".into()
            } else {
                "division".into()
            },
            unit: unit.into(),
            period: period.into(),
            value: Decimal::new(1000, 0),
            provenance: "policy".into(),
            decision_ref: None,
            valid_from: None,
        }
    }

    #[test]
    fn working_days_are_counted_by_the_list_of_holidays() {
        let programme = programme(
            "\n[[pace]]\nindicator = \"trained_person_times\"\nperiod = \"2019\"\ncurve = \"workdays\"\n",
        );
        let pace = Pace::of(&programme);
        let of = |on: &str| {
            pace.expected(
                &target("2019", "220102"),
                &Period::parse("2019").unwrap(),
                day(on),
            )
        };
        // January to March 2019 had 22 + 17 + 21 = 60 of the year's 250 working days: 24 % (domain/period_calendar).
        assert_eq!(of("2019-03-31"), Ratio::new(60, 250).unwrap());
        // New Year's Day was off.
        assert_eq!(of("2019-01-01"), Ratio::new(0, 1).unwrap());
        assert_eq!(of("2019-12-31"), Ratio::new(1, 1).unwrap());
        // Another period of the same indicator keeps the straight line.
        let year = Period::parse("2020").unwrap();
        assert_eq!(
            pace.expected(&target("2020", "220102"), &year, day("2020-03-31")),
            Ratio::new(1, 4).unwrap()
        );
    }

    #[test]
    fn milestones_are_joined_by_straight_lines() {
        let programme = programme(concat!(
            "\n[[pace]]\nindicator = \"trained_person_times\"\nunit_kind = \"city\"\ncurve = \"milestones\"\n",
            "points = [{ date = 2020-06-30, share = \"0.2\" }, { date = 2020-10-31, share = \"0.70\" }]\n",
        ));
        let pace = Pace::of(&programme);
        let year = Period::parse("2020").unwrap();
        let of = |on: &str| {
            pace.expected(&target("2020", "220100"), &year, day(on))
                .to_string()
        };
        assert_eq!(of("2020-06-30"), "0.2");
        assert_eq!(of("2020-10-31"), "0.7");
        // 91 of the 182 days to the end of June: half of 0.2.
        assert_eq!(of("2020-03-31"), "0.1");
        // 62 of the 123 days from July to October: 0.2 + 0.5 · 62/123 = 55.6/123.
        assert_eq!(of("2020-08-31"), "0.452032520325");
        // 30 of the 61 days from November to December: 0.7 + 0.3 · 30/61 = 51.7/61.
        assert_eq!(of("2020-11-30"), "0.847540983607");
        assert_eq!(of("2020-12-31"), "1");
        assert_eq!(of("2019-12-31"), "0");
        // The curve is the city's; a district keeps the straight line.
        let district = pace.expected(&target("2020", "220102"), &year, day("2020-03-31"));
        assert_eq!(district.to_string(), "0.25");
        assert_eq!(pace.name(&target("2020", "220100")), "milestones");
        assert_eq!(pace.name(&target("2020", "220102")), "linear");
    }

    #[test]
    fn days_count_inside_a_month() {
        // 15 February 2020: 1 month and 15 of 29 days, of 12: (1 + 15/29) / 12 = 44/348.
        assert_eq!(pace("2020", "2020-02-15"), "0.126436781609");
        // 30 June 2021 in three years: 30/36.
        assert_eq!(pace("2019..2021", "2021-06-30"), "0.833333333333");
    }
}
