//! A row as people read it: texts that agree with each other and with the verdict.

use super::numbers::{self, ratio};
use super::texts;
use crate::indicators::table::{Bounds, Compared, Incomparable, Kind, Row, Value};
use crate::programme::{Decimal, Language, Ratio};

/// The texts of one row; `None` where the row has no such figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// The value: a count, or a percentage for ratios.
    pub value: Option<String>,
    /// The target in the same unit.
    pub target: Option<String>,
    /// 完成率.
    pub progress: Option<String>,
    /// 序时进度, with as many digits as the progress.
    pub pace: Option<String>,
    /// Progress less pace, in percentage points with its sign.
    pub gap: Option<String>,
    /// Digits after the point that the progress needed.
    pub decimals: u32,
}

impl Figure {
    /// The texts of `row` in a table of `kind`.
    pub fn of(row: &Row, kind: Kind) -> Self {
        let mut figure = Self {
            value: row.value.map(value_text),
            target: row.target.map(numbers::plain),
            ..Self::default()
        };
        if let (Kind::Ratio, Some(Value::Share(share))) = (kind, row.value) {
            let target = row.target.map(ratio);
            let borders: Vec<Ratio> = target.into_iter().collect();
            let decimals = numbers::decimals_apart(share, &borders);
            figure.value = Some(numbers::percent(share, decimals));
            figure.target = target.map(|target| numbers::percent_short(target, 12));
        }
        let Some(progress) = row.progress else {
            return figure;
        };
        figure.decimals = decimals(row);
        figure.progress = Some(numbers::percent(progress, figure.decimals));
        figure.pace = row.pace.map(|pace| numbers::percent(pace, figure.decimals));
        figure.gap = row
            .pace
            .map(|pace| numbers::points(progress, pace, figure.decimals));
        figure
    }
}

/// Digits with which the progress of `row`, and what it may become, show on their own side of every border of the verdict: the
/// target, the pace and the share of it below which the row is behind.
fn decimals(row: &Row) -> u32 {
    let Some(progress) = row.progress else {
        return 1;
    };
    let mut borders = vec![Ratio::new(1, 1).expect("one is not zero")];
    borders.extend(row.pace);
    borders.extend(row.behind_below);
    let ends = row
        .bounds
        .iter()
        .flat_map(|bounds| [bounds.low, bounds.high]);
    let needed = ends.map(|end| numbers::decimals_apart(end, &borders));
    needed.fold(numbers::decimals_apart(progress, &borders), u32::max)
}

/// What the progress may become once all is reported, as text that follows the verdict.
pub fn bounds_text(bounds: &Bounds, decimals: u32, language: Language) -> String {
    let [low, high] = [bounds.low, bounds.high].map(|end| numbers::percent(end, decimals.max(1)));
    let missing = bounds.missing.to_string();
    let values = [("low", low.as_str()), ("high", &high), ("n", &missing)];
    texts::fill(language, "verdict_bounds", &values)
}

/// The other period's value and the change, as two cells: `—` where there is none, 不可比 where there can be none.
pub fn compared_texts(compared: &Compared, language: Language) -> [String; 2] {
    let none = || texts::say(language, "no_change").to_owned();
    if compared.incomparable == Some(Incomparable::Scope) {
        return [none(), texts::say(language, "incomparable").to_owned()];
    }
    let zero = Ratio::new(0, 1).expect("one is not zero");
    [
        compared.value.map_or_else(none, value_text),
        compared
            .change
            .map_or_else(none, |change| numbers::points(change, zero, 1)),
    ]
}

fn value_text(value: Value) -> String {
    match value {
        Value::Number(number) => numbers::plain(number),
        Value::Share(share) => numbers::percent(share, 1),
    }
}

/// How many whole units `row` lies below (or above) its pace; `None` without target or for ratios.
pub fn distance_to_pace(row: &Row) -> Option<Decimal> {
    let Some(Value::Number(value)) = row.value else {
        return None;
    };
    let expected = ratio(row.target?).times(row.pace?);
    Some(numbers::whole_distance(ratio(value), expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::table::Verdict;
    use proptest::prelude::*;

    fn row(progress: (i128, i128), pace: (i128, i128), limit: (i128, i128)) -> Row {
        let of = |(numerator, denominator)| Ratio::new(numerator, denominator);
        Row {
            value: Some(Value::Number(Decimal::new(progress.0, 0))),
            target: Some(Decimal::new(progress.1, 0)),
            progress: of(progress),
            pace: of(pace),
            behind_below: of(pace)
                .zip(of(limit))
                .map(|(pace, limit)| pace.times(limit)),
            verdict: Verdict::Behind,
            ..Row::default()
        }
    }

    #[test]
    fn the_configured_limit_is_a_border() {
        // At 75 % with a limit of 0.9 a unit is behind below 67.5 %: 67.48 % may not print as 67.5 %.
        let behind = row((6748, 10_000), (3, 4), (9, 10));
        assert_eq!(Figure::of(&behind, Kind::Flow).progress.unwrap(), "67.48%");
        // With the usual limit of 0.8 (60 %) one digit is enough.
        let at_risk = row((6748, 10_000), (3, 4), (4, 5));
        assert_eq!(Figure::of(&at_risk, Kind::Flow).progress.unwrap(), "67.5%");
        assert_eq!(
            Figure::of(&row((5999, 10_000), (3, 4), (4, 5)), Kind::Flow)
                .progress
                .unwrap(),
            "59.99%"
        );
    }

    #[test]
    fn bounds_show_on_their_own_side_too() {
        let mut row = row((500, 1000), (3, 4), (4, 5));
        let bounds = Bounds {
            missing: 2,
            low: Ratio::new(500, 1000).unwrap(),
            high: Ratio::new(7496, 10_000).unwrap(),
        };
        row.bounds = Some(bounds);
        let figure = Figure::of(&row, Kind::Flow);
        assert_eq!(
            bounds_text(&bounds, figure.decimals, Language::Zh),
            "（50.00%—74.96%，缺报2份）"
        );
    }

    #[test]
    fn changes_have_a_sign_and_what_cannot_be_compared_has_a_word() {
        let number = |value| Some(Value::Number(Decimal::new(value, 0)));
        let mut compared = Compared {
            value: number(2560),
            change: Ratio::new(-32, 1000),
            incomparable: None,
        };
        assert_eq!(compared_texts(&compared, Language::Zh), ["2560", "−3.2"]);
        compared.change = None;
        compared.incomparable = Some(Incomparable::Base);
        assert_eq!(compared_texts(&compared, Language::Zh), ["2560", "—"]);
        compared.value = None;
        compared.incomparable = Some(Incomparable::Scope);
        assert_eq!(compared_texts(&compared, Language::Zh), ["—", "不可比"]);
    }

    proptest! {
        #[test]
        fn what_is_shown_never_contradicts_the_verdict(
            value in 0i128..200_000, target in 1i128..100_000, elapsed in 0i128..=36, limit in 1i128..=100, more in 0i128..50_000,
        ) {
            let limit = Decimal::new(limit, 2);
            let ratio = |numerator, denominator| Ratio::new(numerator, denominator).unwrap();
            let (progress, pace) = (ratio(value, target), ratio(elapsed, 36));
            let mut row = row((value, target), (elapsed, 36), (1, 1));
            row.behind_below = Some(pace.times(numbers::ratio(limit)));
            row.bounds = Some(Bounds { missing: 1, low: progress, high: ratio(value + more, target) });
            let decimals = Figure::of(&row, Kind::Flow).decimals;
            // Judged by what is shown, with the borders shown alike, every end of the figure gets the same word.
            let shown = |share: Ratio| {
                let text = numbers::percent(share, decimals);
                numbers::ratio(Decimal::parse(text.trim_end_matches('%')).unwrap())
            };
            let word = |shown: &dyn Fn(Ratio) -> Ratio, progress: Ratio| {
                let borders = [ratio(1, 1), pace, row.behind_below.unwrap()];
                borders.into_iter().position(|border| shown(progress) >= shown(border))
            };
            for end in [progress, ratio(value + more, target)] {
                prop_assert_eq!(word(&shown, end), word(&|exact| exact, end));
            }
        }
    }
}
