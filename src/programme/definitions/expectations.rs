//! Checks of what `dabiao.toml` expects: returns, curves of the pace, and the working days both may count.

use super::{Programme, REFERENCE};
use crate::programme::config::{CurveKind, ExpectedReturn, PaceConfig};
use crate::programme::workdays::HOLIDAYS;
use crate::programme::{Decimal, Period, Problem, Text};
use chrono::NaiveDate;

impl Programme {
    pub(super) fn check_expected(&self, report: &mut impl FnMut(&str, String, String)) {
        for expected in &self.config.expected_return {
            if !self.contracts.contains_key(&expected.dataset) {
                report(
                    &expected.dataset,
                    format!("没有数据集 {}", expected.dataset),
                    format!("there is no dataset {}", expected.dataset),
                );
            }
            let lists = [
                ("departments", &expected.departments),
                ("divisions", &expected.divisions),
            ];
            for (list, codes) in lists {
                for code in codes
                    .iter()
                    .filter(|code| self.list(list).get(code).is_none())
                {
                    report(
                        code,
                        format!("{list} 中没有 {code}"),
                        format!("{code} is not in {list}"),
                    );
                }
            }
            if expected.due_days.is_some() == expected.due_workdays.is_some() {
                report(
                    "[[expected_return]]",
                    format!("{}: due_days 与 due_workdays 应写其一", expected.dataset),
                    format!("{}: give either due_days or due_workdays", expected.dataset),
                );
            }
            check_span(expected, report);
        }
    }

    pub(super) fn check_pace(&self, report: &mut impl FnMut(&str, String, String)) {
        for pace in &self.config.pace {
            if self.list("indicators").get(&pace.indicator).is_none() {
                report(
                    &format!("\"{}\"", pace.indicator),
                    format!("没有指标 {}", pace.indicator),
                    format!("there is no indicator {}", pace.indicator),
                );
            }
            let kind = pace.unit_kind.as_deref();
            if let Some(kind) = kind.filter(|kind| self.units_of(kind).is_none()) {
                report(
                    &format!("\"{kind}\""),
                    format!("没有单位类别 {kind}"),
                    format!("there is no kind of unit {kind}"),
                );
            }
            if let Some(unit) = &pace.unit {
                let units = kind.and_then(|kind| self.units_of(kind));
                if units.and_then(|units| units.get(unit)).is_none() {
                    let kind = kind.unwrap_or("unit_kind?");
                    report(
                        &format!("\"{unit}\""),
                        format!("没有单位 {kind} {unit}"),
                        format!("there is no {kind} {unit}"),
                    );
                }
            }
            check_curve(pace, report);
        }
    }

    /// Every entry of the list of holidays is a day and says whether it is worked.
    pub(super) fn check_holidays(&self, problems: &mut Vec<Problem>) {
        let file = format!("{REFERENCE}{HOLIDAYS}.csv");
        for entry in self.list(HOLIDAYS).iter() {
            let kind = entry.attributes.get("kind").map(String::as_str);
            let is_day = entry.code.parse::<NaiveDate>().is_ok();
            if !is_day || !matches!(kind, Some("holiday" | "workday_swap")) {
                let message = Text::new(
                    format!(
                        "{}: 应为日期，kind 应为 holiday 或 workday_swap",
                        entry.code
                    ),
                    format!(
                        "{}: the code is a day, kind is holiday or workday_swap",
                        entry.code
                    ),
                );
                problems.push(Problem::at(&file, "", "", message));
            }
        }
    }
}

fn check_span(expected: &ExpectedReturn, report: &mut impl FnMut(&str, String, String)) {
    for period in std::iter::once(&expected.from).chain(&expected.to) {
        if Period::parse(period).is_none() {
            report(
                period,
                format!("期间 {period} 无法识别"),
                format!("{period} is not a period"),
            );
        }
    }
}

fn check_curve(pace: &PaceConfig, report: &mut impl FnMut(&str, String, String)) {
    let indicator = &pace.indicator;
    let period = pace
        .period
        .as_deref()
        .map(|name| (name, Period::parse(name)));
    if let Some((name, None)) = &period {
        report(
            &format!("\"{name}\""),
            format!("期间 {name} 无法识别"),
            format!("{name} is not a period"),
        );
    }
    if (pace.curve == CurveKind::Milestones) == pace.points.is_empty() {
        report(
            "points",
            format!("{indicator}: points 与 curve = \"milestones\" 应同时给出"),
            format!("{indicator}: points go with curve = \"milestones\""),
        );
    }
    let one = Decimal::new(1, 0);
    let period = period.and_then(|(_, period)| period);
    for point in &pace.points {
        let inside = period
            .as_ref()
            .is_none_or(|period| period.contains(point.date));
        if point.share < Decimal::ZERO || point.share > one || !inside {
            report(
                &point.date.to_string(),
                format!(
                    "{indicator}: {} 应在期间内，份额应在 0 与 1 之间",
                    point.date
                ),
                format!(
                    "{indicator}: {} should lie in the period, its share between 0 and 1",
                    point.date
                ),
            );
        }
    }
    let falls = |pair: &&[_]| {
        let [before, after]: &[crate::programme::config::Milestone] = pair else {
            return false;
        };
        after.date <= before.date || after.share < before.share
    };
    if let Some(pair) = pace.points.windows(2).find(falls) {
        report(
            &pair[1].date.to_string(),
            format!("{indicator}: 各点应按日期递增，份额不减"),
            format!("{indicator}: points come in order of their dates, and shares never fall"),
        );
    }
}
