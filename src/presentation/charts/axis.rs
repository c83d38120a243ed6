//! Scales: round values up the side, months and years along the foot, and how both are written.

use super::scene::{Anchor, Label, Mark};
use super::{Width, text, theme};
use crate::presentation::{numbers, texts};
use crate::programme::period::months_between;
use crate::programme::{Decimal, Language};
use chrono::{Datelike, Days, Months, NaiveDate};

/// Months from which on years are named along the foot rather than months.
const YEARS_FROM: u32 = 18;
/// Size of the texts of a scale.
pub(super) const SMALL: f64 = 12.0;

/// What the values of a scale are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Counts, stocks and amounts.
    Number,
    /// Shares, shown in percent.
    Share,
}

/// Values from the lower edge of a plot to its upper one.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) ticks: Vec<f64>,
    low: f64,
    high: f64,
    step: f64,
    top: f64,
    bottom: f64,
}

impl Values {
    /// A scale that holds `low` to `high` between the pixels `top` and `bottom`, with about `wanted` round steps.
    pub(super) fn new(low: f64, high: f64, (top, bottom): (f64, f64), wanted: f64) -> Self {
        let span = if high > low { high - low } else { 1.0 };
        let rough = span / wanted;
        let ten = 10f64.powf(rough.log10().floor());
        let apart = |step: &f64| (step / rough).ln().abs();
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|nice| nice * ten)
            .into_iter()
            .min_by(|a, b| apart(a).total_cmp(&apart(b)))
            .unwrap_or(ten);
        // A round value just above the highest one gets its line.
        let next = (low + span).div_euclid(step).mul_add(step, step);
        let span = if next - (low + span) < step * 0.25 {
            next - low
        } else {
            span
        };
        let mut ticks = Vec::new();
        let mut at = (low / step).ceil();
        while at * step <= low + span * 1.001 {
            ticks.push(at * step);
            at += 1.0;
        }
        Self {
            ticks,
            low,
            high: low + span,
            step,
            top,
            bottom,
        }
    }

    /// The pixel of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        self.bottom - share * (self.bottom - self.top)
    }

    /// How a tick is written: in 万 where Chinese counts in them.
    pub(super) fn written(&self, tick: f64, unit: Unit, language: Language) -> String {
        let digits = |step: f64| {
            (0..6).find(|digits| {
                let scaled = step * 10f64.powi(*digits);
                (scaled - scaled.round()).abs() < 1e-6
            })
        };
        let plain = |value: f64, step: f64| {
            let digits = usize::try_from(digits(step).unwrap_or(0)).unwrap_or(0);
            format!("{value:.digits$}").replace('-', "−")
        };
        match (unit, language) {
            _ if tick.abs() < self.step / 2.0 && unit == Unit::Number => "0".to_owned(),
            (Unit::Share, _) => plain(tick * 100.0, self.step * 100.0) + "%",
            (Unit::Number, Language::Zh) if self.step >= 5000.0 => {
                plain(tick / 10_000.0, self.step / 10_000.0) + "万"
            }
            _ => plain(tick, self.step),
        }
    }

    /// Pixels of the widest tick.
    pub(super) fn widest(&self, unit: Unit, language: Language) -> f64 {
        let widths = self
            .ticks
            .iter()
            .map(|tick| text::width(&self.written(*tick, unit, language), SMALL, false));
        widths.fold(0.0, f64::max)
    }

    /// Hairlines from `left` to `right`, each with its value left of it.
    pub(super) fn grid(
        &self,
        (left, right): (f64, f64),
        unit: Unit,
        language: Language,
    ) -> Vec<Mark> {
        let mut marks = Vec::new();
        for tick in &self.ticks {
            let y = self.y(*tick);
            marks.push(Mark::Bar(left, y - 0.5, right, y + 0.5, theme::HAIRLINE));
            let written = self.written(*tick, unit, language);
            let label = Label::new(written, left - 8.0, y, SMALL).inked(theme::MUTED);
            marks.push(Mark::Label(label.anchored(Anchor::End)));
        }
        marks
    }
}

/// Days from the left edge of a plot to its right one; a day is over at its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    pub(super) left: f64,
    pub(super) right: f64,
}

impl Time {
    /// The pixel at which `day` is over.
    pub(super) fn x(&self, day: NaiveDate) -> f64 {
        self.left + self.share(day) * (self.right - self.left)
    }

    /// The part of the whole span that is over with `day`.
    pub(super) fn share(&self, day: NaiveDate) -> f64 {
        share(self.start, self.end, day)
    }

    /// The eve of the first day.
    pub(super) fn eve(&self) -> NaiveDate {
        self.start - Days::new(1)
    }

    /// Height of what stands below the plot, in pixels.
    pub(super) fn foot(&self) -> f64 {
        match self.in_years() {
            true => 26.0,
            false => 44.0,
        }
    }

    fn in_years(&self) -> bool {
        months_between(self.start, self.end) + 1 >= YEARS_FROM
    }

    /// Hairlines between years or quarters from `top` to `bottom`, and what stands below.
    pub(super) fn grid(
        &self,
        (top, bottom): (f64, f64),
        width: Width,
        language: Language,
    ) -> Vec<Mark> {
        let mut marks = Vec::new();
        let years = self.years();
        let lines = if self.in_years() {
            years.clone()
        } else {
            self.spans(3)
        };
        for (_, end) in &lines {
            let x = self.x(*end);
            if *end < self.end {
                marks.push(Mark::Bar(x - 0.5, top, x + 0.5, bottom, theme::HAIRLINE));
            }
        }
        let mut name = |from: NaiveDate, to: NaiveDate, y: f64, said: String| {
            let left = self.x(from - Days::new(1));
            let label =
                Label::new(said, f64::midpoint(left, self.x(to)), y, SMALL).inked(theme::MUTED);
            let room = self.x(to) - left - 2.0;
            // A part of a year at the edge has no room for its name.
            if text::width(&label.text, SMALL, false) <= room {
                marks.push(Mark::Label(label.anchored(Anchor::Middle)));
            }
        };
        let mut below = bottom + 14.0;
        if !self.in_years() {
            for (from, to) in self.spans(1) {
                let is_first = from.month0().is_multiple_of(3);
                if is_first || matches!(width, Width::Wide | Width::Major) {
                    // On a small screen the name of a quarter's first month has the quarter's room.
                    name(from, to, below, month_short(from, width, language));
                }
            }
            below += 18.0;
        }
        for (from, to) in years {
            name(
                from,
                to,
                below,
                texts::fill(
                    language,
                    "period_year",
                    &[("year", &from.year().to_string())],
                ),
            );
        }
        marks
    }

    /// First and last day of the years, cut at the edges.
    pub(super) fn years(&self) -> Vec<(NaiveDate, NaiveDate)> {
        self.spans(12)
    }

    /// The parts of so many months, cut at the edges.
    fn spans(&self, months: u32) -> Vec<(NaiveDate, NaiveDate)> {
        let mut spans = Vec::new();
        let mut from = self.start;
        while from <= self.end {
            let begun = from.month0() % months;
            let first = from.with_day(1).unwrap_or(from) - Months::new(begun);
            let to = (first + Months::new(months) - Days::new(1)).min(self.end);
            spans.push((from, to));
            from = to + Days::new(1);
        }
        spans
    }
}

/// The part of the span from `start` to `end` that is over with `day`.
pub(super) fn share(start: NaiveDate, end: NaiveDate, day: NaiveDate) -> f64 {
    let days = |from: NaiveDate, to: NaiveDate| {
        f64::from(i32::try_from((to - from).num_days()).unwrap_or(0))
    };
    let eve = start - Days::new(1);
    days(eve, day) / days(eve, end).max(1.0)
}

/// A month along a foot: `6月`, on a phone `6`; `Jun`.
pub(super) fn month_short(month: NaiveDate, width: Width, language: Language) -> String {
    const SHORT: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    match language {
        Language::Zh if width == Width::Phone => month.month().to_string(),
        Language::Zh => format!("{}月", month.month()),
        Language::En => SHORT[month.month0() as usize].to_owned(),
    }
}

/// A day in a sentence: `2021年6月30日`, `30 June 2021`.
pub(super) fn day_said(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => day.format("%-d %B %Y").to_string(),
    }
}

/// A month in a sentence: `2021年6月`, `June 2021`.
pub(super) fn month_named(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Zh => format!("{}年{}月", day.year(), day.month()),
        Language::En => day.format("%B %Y").to_string(),
    }
}

/// The end of a span in a label: `2019年底`, `2020年6月底`, `2020年6月15日`.
pub(super) fn end_said(day: NaiveDate, language: Language) -> String {
    let closes_month = (day + Days::new(1)).day() == 1;
    match (closes_month, day.month()) {
        (true, 12) => texts::fill(
            language,
            "end_of",
            &[(
                "span",
                &texts::fill(
                    language,
                    "period_year",
                    &[("year", &day.year().to_string())],
                ),
            )],
        ),
        (true, _) => texts::fill(language, "end_of", &[("span", &month_named(day, language))]),
        _ => day_said(day, language),
    }
}

/// A count in a label or a sentence, rounded to ten thousands where Chinese counts in them and it crosses none of `borders`.
pub(super) fn said(value: Decimal, borders: &[Decimal], language: Language) -> String {
    numbers::spoken(value.shortest(), borders, language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(low: f64, high: f64, unit: Unit, language: Language) -> Vec<String> {
        let values = Values::new(low, high, (0.0, 100.0), 4.0);
        values
            .ticks
            .iter()
            .map(|tick| values.written(*tick, unit, language))
            .collect()
    }

    #[test]
    fn ticks_are_round_and_said_as_the_language_counts() {
        assert_eq!(
            written(0.0, 204_000.0, Unit::Number, Language::Zh),
            ["0", "5万", "10万", "15万", "20万"]
        );
        assert_eq!(
            written(0.0, 180_000.0, Unit::Number, Language::Zh),
            ["0", "5万", "10万", "15万"]
        );
        assert_eq!(
            written(0.0, 10_000.0, Unit::Number, Language::Zh),
            ["0", "2000", "4000", "6000", "8000", "10000"]
        );
        assert_eq!(
            written(0.0, 199_000.0, Unit::Number, Language::En),
            ["0", "50000", "100000", "150000", "200000"]
        );
        assert_eq!(
            written(0.0, 900.0, Unit::Number, Language::Zh),
            ["0", "200", "400", "600", "800"]
        );
        assert_eq!(
            written(-300.0, 300.0, Unit::Number, Language::En),
            ["−200", "0", "200"]
        );
        assert_eq!(
            written(0.2, 0.26, Unit::Share, Language::En),
            ["20%", "22%", "24%", "26%"]
        );
        assert_eq!(
            written(0.24, 0.25, Unit::Share, Language::En),
            ["24.0%", "24.2%", "24.4%", "24.6%", "24.8%", "25.0%"]
        );
        // A span of nothing does not divide by it.
        let none = written(0.0, 0.0, Unit::Number, Language::Zh);
        assert_eq!(
            (
                none.first().unwrap().as_str(),
                none.last().unwrap().as_str()
            ),
            ("0", "1.0")
        );
    }

    #[test]
    fn years_are_named_when_they_are_many_and_months_when_they_are_few() {
        let names = |start: &str, end: &str, width: Width| {
            let time = Time {
                start: start.parse().unwrap(),
                end: end.parse().unwrap(),
                left: 0.0,
                right: 600.0,
            };
            let marks = time.grid((0.0, 100.0), width, Language::Zh);
            let texts = marks.into_iter().filter_map(|mark| match mark {
                Mark::Label(label) => Some(label.text),
                _ => None,
            });
            texts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            names("2019-01-01", "2021-12-31", Width::Wide),
            "2019年 2020年 2021年"
        );
        assert_eq!(
            names("2020-01-01", "2020-12-31", Width::Wide),
            "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月 2020年"
        );
        assert_eq!(
            names("2020-01-01", "2020-12-31", Width::Half),
            "1月 4月 7月 10月 2020年"
        );
        // The eleven days of 2018 are too few for their name.
        assert_eq!(
            names("2018-12-21", "2021-12-20", Width::Wide),
            "2019年 2020年 2021年"
        );
    }

    #[test]
    fn days_are_said_by_what_they_close() {
        let said = |day: &str, language| end_said(day.parse().unwrap(), language);
        assert_eq!(said("2019-12-31", Language::Zh), "2019年底");
        assert_eq!(said("2020-06-30", Language::Zh), "2020年6月底");
        assert_eq!(said("2020-06-15", Language::En), "15 June 2020");
        assert_eq!(said("2019-12-31", Language::En), "end of 2019");
    }
}
