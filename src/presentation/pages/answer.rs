//! The first sentence of the page: the answer a leader can repeat, with every number a link to where it comes from.

use crate::indicators::table::{Row, Table, Value, Verdict};
use crate::presentation::figure::{self, Figure};
use crate::presentation::{charts::summary, numbers, texts};
use crate::programme::{Decimal, Language, Programme, Ratio};
use serde::Serialize;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phrase {
    /// What it says.
    pub text: String,
    /// Where a number leads.
    pub href: Option<String>,
}

/// Percentage points below the pace up to which a gap is called small: half a point, or two days of a year.
const SMALL_GAP: (i128, i128) = (1, 200);

/// The sentence for `table`; `href` is where its figures are.
pub(super) fn answer(
    table: &Table,
    programme: &Programme,
    period: &str,
    href: &str,
    language: Language,
) -> Vec<Phrase> {
    let text = |text: &str| Phrase {
        text: text.to_owned(),
        href: None,
    };
    let link = |text: &str| Phrase {
        text: text.to_owned(),
        href: Some(href.to_owned()),
    };
    let say = |key| text(texts::say(language, key));
    let total = &table.totals;
    let Some(Value::Number(value)) = total.value.filter(|_| !table.rows.is_empty()) else {
        return vec![say("answer_nothing"), say("answer_stop")];
    };
    let borders: Vec<Decimal> = total.target.into_iter().collect();
    let mut phrases = vec![
        text(&texts::fill(language, "answer_done", &[("period", period)])),
        link(&numbers::spoken(value, &borders, language)),
        say("answer_unit"),
    ];
    match total.target {
        None => phrases.push(say("answer_no_target")),
        Some(target) => {
            let figure = Figure::of(total, table.kind);
            let target = numbers::spoken_exactly(target, language);
            phrases.push(text(&texts::fill(
                language,
                "answer_of_target",
                &[("target", &target)],
            )));
            phrases.push(link(figure.progress.as_deref().unwrap_or("—")));
            phrases.push(text(&texts::fill(
                language,
                "answer_of_target_after",
                &[("target", &target)],
            )));
            phrases.push(text(&against_pace(table, &figure, language)));
        }
    }
    phrases.push(say("answer_stop"));
    if let Some(wrong) = summary::wrong(table, programme, language) {
        phrases.extend([say("answer_units_lead"), text(&wrong), say("answer_stop")]);
    }
    phrases.retain(|phrase| !phrase.text.is_empty());
    phrases
}

/// Where the total stands against its target or its pace, worded by the size of the gap and not by the verdict alone.
fn against_pace(table: &Table, figure: &Figure, language: Language) -> String {
    let total = &table.totals;
    let (Some(progress), Some(pace)) = (total.progress, total.pace) else {
        return String::new();
    };
    if total.verdict == Verdict::Ahead {
        return texts::say(language, "answer_reached").to_owned();
    }
    let shown = figure.pace.as_deref().unwrap_or("—");
    let short = figure::distance_to_pace(total)
        .map(numbers::plain)
        .unwrap_or_default();
    if progress >= pace {
        let key = if progress > pace {
            "answer_above_pace"
        } else {
            "answer_at_pace"
        };
        return texts::fill(language, key, &[("pace", shown)]);
    }
    if pace >= Ratio::new(1, 1).expect("one is not zero") {
        return texts::fill(language, "answer_missed", &[("n", &short)]);
    }
    let key = if is_small(progress, pace) {
        "answer_slightly_below"
    } else {
        "answer_below_pace"
    };
    let days = days_behind(total, table, language);
    texts::fill(
        language,
        key,
        &[("pace", shown), ("n", &short), ("days", &days)],
    )
}

/// Whether a gap is so small that the word of its verdict alone would mislead.
pub(super) fn is_small(progress: Ratio, pace: Ratio) -> bool {
    let small = Ratio::new(SMALL_GAP.0, SMALL_GAP.1).expect("not zero");
    progress < pace && numbers::ratio(numbers::difference(pace, progress)) <= small
}

/// The gap to the pace in days of the target's period: what it takes to be level again.
pub(super) fn days_behind(row: &Row, table: &Table, language: Language) -> String {
    let period = table.period.target_period();
    let days = (period.end() - period.start()).num_days() + 1;
    let gap = row
        .progress
        .zip(row.pace)
        .map(|(progress, pace)| numbers::difference(pace, progress));
    let behind = numbers::ratio(gap.unwrap_or(Decimal::ZERO))
        .times(Ratio::new(i128::from(days), 1).expect("one is not zero"));
    if behind < Ratio::new(1, 1).expect("one is not zero") {
        return texts::say(language, "days_less_than_one").to_owned();
    }
    texts::fill(
        language,
        "days_about",
        &[("n", &numbers::plain(behind.rounded(0)))],
    )
}
