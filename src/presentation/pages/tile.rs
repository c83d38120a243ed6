//! A headline figure: the number, what it is held against, and how far it is off.

use super::answer;
use super::links::Links;
use super::overview::Judged;
use crate::indicators::table::{Kind, Mark, Marks, Row, Table, Value};
use crate::presentation::figure::Figure;
use crate::presentation::{charts, numbers, texts};
use crate::programme::Language;
use serde::Serialize;

/// A headline figure.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// Its title.
    pub title: String,
    /// The number.
    pub value: String,
    /// Where it leads.
    pub href: String,
    /// Its unit, or the parts of a ratio.
    pub parts: Option<(String, String)>,
    /// Its unit where it is a count.
    pub unit: Option<String>,
    /// The target in words.
    pub target: String,
    /// Bar, pace and target as SVG; empty without target.
    pub bullet: String,
    /// The verdict.
    pub verdict: Judged,
    /// The gap in the right unit, in words.
    pub gap: Option<String>,
    /// Marks, each with what it means.
    pub marks: Vec<(String, String)>,
}

pub(super) fn tile(table: &Table, links: &Links<'_>, language: Language) -> Tile {
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
    Tile {
        bullet: charts::bullet(
            total,
            &figure,
            &format!("bullet-{}", table.indicator),
            &title,
            language,
        ),
        value: figure
            .value
            .clone()
            .unwrap_or_else(|| texts::say(language, "tile_no_value").to_owned()),
        href: links.data(table, "json"),
        parts: parts.map(|(numerator, denominator)| {
            (numbers::plain(numerator), numbers::plain(denominator))
        }),
        unit: (table.kind != Kind::Ratio).then(|| table.unit.get(language).to_owned()),
        target: target.unwrap_or_else(|| texts::say(language, "no_target_here").to_owned()),
        verdict: Judged::new(total.verdict, language),
        gap: gap(total, table, &figure, language),
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
