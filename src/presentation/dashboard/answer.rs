//! The first sentence of the page: the answer a leader can repeat, with every number a link to where it comes from.

use super::file::Panel;
use super::panels::Maker;
use super::selection::period_name;
use crate::indicators::table::{Row, Table, Value, Verdict};
use crate::presentation::figure::{self, Figure};
use crate::presentation::{charts::summary, labels, numbers, texts};
use crate::programme::{Decimal, Language, Ratio};
use serde::Serialize;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phrase {
    /// What it says.
    pub text: String,
    /// Where a number leads.
    pub href: Option<String>,
    /// The exact value of a number.
    pub exact: Option<String>,
}

/// Percentage points below the pace up to which a gap is called small: half a point, or two days of a year.
const SMALL_GAP: (i128, i128) = (1, 200);

/// The sentence for the table of a panel: its total against target and pace, then who lags.
pub(super) fn answer(maker: &Maker<'_>, panel: &Panel, table: &Table) -> Vec<Phrase> {
    let language = maker.selection.language;
    let href = maker.behind(table).explanation(&[]);
    let text = |text: &str| Phrase {
        text: text.to_owned(),
        href: None,
        exact: None,
    };
    let link = |text: &str, exact: String| Phrase {
        text: text.to_owned(),
        href: Some(href.clone()),
        exact: Some(exact),
    };
    let say = |key| text(texts::say(language, key));
    let total = &table.totals;
    let Some(Value::Number(value)) = total.value.filter(|_| !table.rows.is_empty()) else {
        return vec![say("answer_nothing"), say("answer_stop")];
    };
    let borders: Vec<Decimal> = total.target.into_iter().collect();
    let unit = table.unit.get(language);
    let mut phrases = vec![
        text(&lead(maker, panel, table)),
        link(
            &numbers::spoken(value, &borders, language),
            value.to_string(),
        ),
        text(&texts::fill(language, "answer_unit", &[("unit", unit)])),
    ];
    match total.target {
        None => phrases.push(say("answer_no_target")),
        Some(target) => {
            let figure = Figure::of(total, table.kind);
            let target = numbers::spoken_exactly(target, language);
            let values = [("target", target.as_str()), ("unit", unit)];
            phrases.push(text(&texts::fill(language, "answer_of_target", &values)));
            let exact = total.progress.map(|progress| progress.to_string());
            phrases.push(link(
                figure.progress.as_deref().unwrap_or("—"),
                exact.unwrap_or_default(),
            ));
            phrases.push(text(&texts::fill(
                language,
                "answer_of_target_after",
                &values,
            )));
            phrases.push(text(&against_pace(table, &figure, language)));
        }
    }
    phrases.push(say("answer_stop"));
    if let Some(wrong) = summary::wrong(table, &maker.material.programme, language) {
        phrases.extend([say("answer_units_lead"), text(&wrong), say("answer_stop")]);
    }
    phrases.retain(|phrase| !phrase.text.is_empty());
    phrases
}

/// What the sentence is about: the units selected, the period, and what is counted.
fn lead(maker: &Maker<'_>, panel: &Panel, table: &Table) -> String {
    let language = maker.selection.language;
    let programme = &maker.material.programme;
    let selected: Vec<String> = maker
        .selection
        .filters
        .iter()
        .map(|(dimension, code)| labels::short(programme, dimension, code, language))
        .collect();
    let selected = match selected.is_empty() {
        true => String::new(),
        false => {
            let names = texts::listed(language, &selected);
            texts::fill(language, "answer_selected", &[("names", &names)])
        }
    };
    let period = period_name(&table.period.to_string(), language);
    let lead = match &panel.lead {
        Some(lead) => lead.get(language).to_owned(),
        None => texts::say(language, "answer_lead").to_owned(),
    };
    let title = table.title.get(language);
    selected + &lead.replace("{period}", &period).replace("{title}", title)
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
    let unit = table.unit.get(language);
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
        return texts::fill(language, "answer_missed", &[("n", &short), ("unit", unit)]);
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
        &[
            ("pace", shown),
            ("n", &short),
            ("unit", unit),
            ("days", &days),
        ],
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
