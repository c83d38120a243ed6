//! What the picture shows, in one sentence made from its data.

use super::{Cumulative, FanPoint};
use crate::presentation::charts::axis::{day_said, end_said, month_named, said};
use crate::presentation::{figure, numbers, texts};
use crate::programme::{Decimal, Language};
use std::cmp::Ordering;

/// Months whose mean is held against what is needed.
const RECENT: u32 = 6;

/// What was done, how far that is from the pace, what is needed from now on and what is expected.
pub(super) fn summary(of: &Cumulative, language: Language) -> String {
    let stop = texts::say(language, "answer_stop").trim_end();
    let Some(last) = of.actual.last() else {
        return texts::say(language, "summary_nothing").to_owned() + stop;
    };
    let say = Saying { of, language };
    let target = of.target().map(|target| target.value);
    let expected = of.expected().map(|expected| expected.rounded(0));
    let borders: Vec<Decimal> = target.into_iter().chain(expected).collect();
    let mut parts = vec![say.fill(
        "curve_done",
        &[
            ("day", &day_said(last.date, language)),
            ("value", &said(last.value, &borders, language)),
            ("unit", of.unit.get(language)),
        ],
    )];
    match target {
        Some(target) => parts.extend(say.against(last.value, target)),
        None => parts.push(texts::say(language, "curve_no_target").to_owned()),
    }
    parts.extend(say.rate());
    parts.extend(say.forecast());
    if let Some((from, _)) = of.open {
        parts.push(say.fill("curve_open", &[("month", &month_named(from, language))]));
    }
    parts.concat() + stop
}

struct Saying<'a> {
    of: &'a Cumulative,
    language: Language,
}

impl Saying<'_> {
    fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        texts::fill(self.language, key, values)
    }

    /// The share of the target, and the gap to the pace in the unit and in percentage points.
    fn against(&self, value: Decimal, target: Decimal) -> Vec<String> {
        let figure = figure::Figure::of(&self.of.total, crate::indicators::table::Kind::Flow);
        let Some(progress) = figure.progress else {
            return vec![];
        };
        let of = self.fill(
            "curve_of_target",
            &[
                ("target", &numbers::spoken_exactly(target, self.language)),
                ("progress", &progress),
            ],
        );
        if value >= target {
            return vec![of, texts::say(self.language, "curve_reached").to_owned()];
        }
        let (Some(pace), Some(share), Some(points), Some(expected)) = (
            figure.pace,
            self.of.total.pace,
            figure.gap,
            self.of.expected(),
        ) else {
            return vec![of];
        };
        let distance = said(
            numbers::whole_distance(numbers::ratio(value), expected),
            &[],
            self.language,
        );
        let key = match self.of.total.progress.map(|progress| progress.cmp(&share)) {
            Some(Ordering::Less) => "curve_below",
            Some(Ordering::Greater) => "curve_above",
            _ => "curve_at",
        };
        let unit = self.of.unit.get(self.language);
        let gap = self.fill(
            key,
            &[
                ("pace", &pace),
                ("n", &distance),
                ("unit", unit),
                ("points", numbers::unsigned(&points)),
            ],
        );
        vec![of, gap]
    }

    /// What is needed each month from now on, beside what the last closed months brought.
    fn rate(&self) -> Option<String> {
        let rate = self.of.total.run_rate.as_ref()?;
        let closed = self.of.actual.len() - usize::from(self.of.open.is_some());
        let first = closed.checked_sub(RECENT as usize + 1)?;
        let recent = self.of.actual[closed - 1]
            .value
            .minus(self.of.actual[first].value);
        let mean = recent.over(Decimal::new(i128::from(RECENT), 0))?.rounded(0);
        let needed = rate.needed.rounded_up(0);
        Some(self.fill(
            "curve_rate",
            &[
                ("months", &RECENT.to_string()),
                ("recent", &said(mean, &[needed], self.language)),
                ("needed", &said(needed, &[mean], self.language)),
            ],
        ))
    }

    fn forecast(&self) -> Option<String> {
        let last = self.of.forecast.as_ref()?.points.last()?;
        let texts = forecast_texts(self.of, last, self.language);
        Some(self.fill(
            "curve_forecast",
            &[
                ("end", &end_said(last.date, self.language)),
                ("median", &texts[0]),
                ("low", &texts[1]),
                ("high", &texts[2]),
            ],
        ))
    }
}

/// Median, and the ends of the band of 80 %, rounded so that none crosses the target.
pub(super) fn forecast_texts(of: &Cumulative, last: &FanPoint, language: Language) -> [String; 3] {
    let borders: Vec<Decimal> = of.target().map(|target| target.value).into_iter().collect();
    let (low, high) = last.bands[1];
    let whole = |value: Decimal| numbers::ratio(value).rounded(0);
    [last.median, low, high].map(|value| said(whole(value), &borders, language))
}
