//! A headline figure: the number, what it is held against, and how far it is off.

use super::answer;
use super::grid::Judged;
use super::selection::Behind;
use crate::indicators::table::{Kind, Mark, Marks, Row, RunRate, Table, Value};
use crate::presentation::figure::Figure;
use crate::presentation::{charts, numbers, texts};
use crate::programme::Language;
use serde::Serialize;

/// Unit of amounts of money.
const MONEY: &str = "元";

/// A headline figure.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// Its title.
    pub title: String,
    /// The number.
    pub value: String,
    /// Where it leads.
    pub href: String,
    /// Its exact value.
    pub exact: Option<String>,
    /// Its unit, or the parts of a ratio.
    pub parts: Option<(String, String)>,
    /// Its unit where it is a count.
    pub unit: Option<String>,
    /// The target in words, where there is one.
    pub target: Option<String>,
    /// Bar, pace and target as SVG; empty without target.
    pub bullet: String,
    /// The verdict.
    pub verdict: Judged,
    /// The gap in the right unit, in words.
    pub gap: Option<String>,
    /// What it takes to reach the target, while there is time left.
    pub needed: Option<String>,
    /// Marks, each with what it means.
    pub marks: Vec<(String, String)>,
}

/// The headline figure of a table's total.
pub(super) fn tile(table: &Table, behind: &Behind<'_>, id: &str, language: Language) -> Tile {
    let total = &table.totals;
    let figure = Figure::of(total, table.kind);
    let title = table.title.get(language).to_owned();
    let parts = total
        .numerator
        .zip(total.denominator)
        .filter(|_| table.kind == Kind::Ratio);
    let target = figure
        .target
        .as_deref()
        .map(|target| texts::fill(language, "of_target", &[("target", target)]));
    let money = match (total.value, table.unit.zh.as_str()) {
        (Some(Value::Number(amount)), MONEY) => Some(numbers::money(amount, language)),
        _ => None,
    };
    let unit = match &money {
        Some((_, unit)) => *unit,
        None => table.unit.get(language),
    };
    let value = money.as_ref().map(|(text, _)| text.clone());
    Tile {
        bullet: charts::bullet(total, &figure, &format!("{id}-b"), &title, language),
        value: value
            .or_else(|| figure.value.clone())
            .unwrap_or_else(|| texts::say(language, "tile_no_value").to_owned()),
        href: behind.explanation(&[]),
        exact: total.value.map(|value| value.to_string()),
        parts: parts.map(|(numerator, denominator)| {
            (
                numbers::plain(numerator.shortest()),
                numbers::plain(denominator.shortest()),
            )
        }),
        unit: (table.kind != Kind::Ratio).then(|| unit.to_owned()),
        target,
        verdict: Judged::new(total.verdict, language),
        gap: gap(total, table, &figure, language),
        needed: total.run_rate.as_ref().map(|rate| needed(rate, language)),
        marks: marks(total.mark, language),
        title,
    }
}

/// The gap as a ratio's reader needs it, to the target; and as a count's reader does, to the pace.
fn gap(row: &Row, table: &Table, figure: &Figure, language: Language) -> Option<String> {
    if let (Some(Value::Share(share)), Some(target)) = (row.value, row.target.map(numbers::ratio)) {
        let points = numbers::points(share, target, 1);
        let key = match share.cmp(&target) {
            std::cmp::Ordering::Less => "short_to_target",
            std::cmp::Ordering::Equal => "at_target",
            std::cmp::Ordering::Greater => "over_target",
        };
        return Some(texts::fill(
            language,
            key,
            &[("gap", numbers::unsigned(&points))],
        ));
    }
    let (progress, pace) = row.progress.zip(row.pace)?;
    let shown = figure.gap.as_deref()?;
    let key = match progress.cmp(&pace) {
        std::cmp::Ordering::Less => "gap_below",
        std::cmp::Ordering::Equal => "gap_none",
        std::cmp::Ordering::Greater => "gap_above",
    };
    let done = texts::fill(
        language,
        "tile_done",
        &[("progress", figure.progress.as_deref()?)],
    );
    let gap = texts::fill(language, key, &[("gap", numbers::unsigned(shown))]);
    let mut parts = vec![done, gap];
    if answer::is_small(progress, pace) {
        let days = answer::days_behind(row, table, language);
        parts.push(texts::fill(language, "tiny_gap", &[("days", &days)]));
    }
    Some(parts.join(texts::say(language, "answer_then")))
}

/// What each of the remaining months must bring, and the best month there ever was.
fn needed(rate: &RunRate, language: Language) -> String {
    let months = numbers::plain(rate.months_left.rounded(1).shortest());
    let needed = numbers::plain(rate.needed.rounded_up(0));
    let values = [("months", months.as_str()), ("needed", &needed)];
    let mut text = texts::fill(language, "run_rate", &values);
    if let Some((month, value)) = &rate.best {
        let value = numbers::plain(*value);
        let values = [("month", month.as_str()), ("value", &value)];
        text += &texts::fill(language, "run_rate_best", &values);
    }
    text
}

fn marks(marks: Marks, language: Language) -> Vec<(String, String)> {
    Mark::ALL
        .into_iter()
        .filter(|mark| marks.has(*mark))
        .map(|mark| {
            (
                format!("[{}]", mark.code()),
                texts::mark(mark, language).to_owned(),
            )
        })
        .collect()
}
