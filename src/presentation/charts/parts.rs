//! What the charts of parts share: names, small print, rules, hatching, and figures in the words of the language.

use super::scene::{Anchor, Label, Mark};
use super::{text, theme};
use crate::indicators::TIME_DIMENSIONS;
use crate::indicators::table::{self, Kind, Row, Table, Value};
use crate::presentation::{labels, numbers, texts};
use crate::programme::{Decimal, Language, Period, Programme, Ratio};
use chrono::Datelike;
use plotters::style::RGBColor;
use std::cmp::Ordering;

/// Size of names and numbers.
pub(super) const SIZE: f64 = 14.0;
/// Size of heads and notes.
pub(super) const SMALL: f64 = 12.0;
/// Room a group of three digits takes beside the digits themselves, in em (see `scene`).
const GROUP: f64 = 0.17;

/// Who speaks: the programme's names in one language.
#[derive(Clone, Copy)]
pub(super) struct Voice<'a> {
    pub programme: &'a Programme,
    pub language: Language,
}

impl Voice<'_> {
    /// The text of `key`.
    pub fn say(self, key: &str) -> &'static str {
        texts::say(self.language, key)
    }

    /// The text of `key` with its values.
    pub fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        texts::fill(self.language, key, values)
    }

    /// What `code` of `dimension` is called in a chart.
    pub fn name(self, dimension: &str, code: &str) -> String {
        match Tick::of(dimension, code) {
            Some(tick) => tick.full(self),
            None => labels::short(self.programme, dimension, code, self.language),
        }
    }

    /// Names in a row; those that hold what a row is separated by stand in quotes.
    pub fn listed(self, names: &[&str]) -> String {
        let quoted = names.iter().map(|name| match self.language {
            Language::Zh if name.contains('、') => format!("“{name}”"),
            Language::En if name.contains(',') => format!("“{name}”"),
            _ => (*name).to_owned(),
        });
        texts::listed(self.language, &quoted.collect::<Vec<_>>())
    }

    /// Parts of a sentence as one.
    pub fn sentence(self, parts: &[String]) -> String {
        parts.join(self.say("answer_then")) + self.stop()
    }

    /// The full stop of a sentence that ends a text.
    pub fn stop(self) -> &'static str {
        self.say("answer_stop").trim_end()
    }

    /// `name` and what stands behind it: `双阳区（65.5%）`.
    pub fn noted(self, name: &str, note: &str) -> String {
        match self.language {
            Language::Zh => format!("{name}（{note}）"),
            Language::En => format!("{name} ({note})"),
        }
    }
}

/// A month, quarter or year that is a code of a time dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    /// What it stands for.
    pub period: Period,
}

impl Tick {
    /// The span of `code`; `None` where `dimension` is not one of time, or the code says no time.
    pub fn of(dimension: &str, code: &str) -> Option<Self> {
        let is_time = TIME_DIMENSIONS.contains(&dimension);
        let period = Period::parse(code).filter(|_| is_time)?;
        Some(Self { period })
    }

    /// Its name inside its year: `3月`, `2季`; years have only their own.
    pub fn short(&self, voice: Voice<'_>) -> String {
        let start = self.period.start();
        let month = start.month0() as usize;
        match self.period.months() {
            1 => voice
                .say("chart_months")
                .split(' ')
                .nth(month)
                .unwrap_or_default()
                .to_owned(),
            3 => voice.fill("chart_quarter", &[("n", &(month / 3 + 1).to_string())]),
            12 => self.year(),
            _ => self.period.to_string(),
        }
    }

    /// Its name with its year.
    pub fn full(&self, voice: Voice<'_>) -> String {
        let year = self.year();
        match self.period.months() {
            1 | 3 => voice.fill(
                "chart_part_of_year",
                &[("part", &self.short(voice)), ("year", &year)],
            ),
            _ => self.short(voice),
        }
    }

    /// The year it begins in.
    pub fn year(&self) -> String {
        self.period.start().year().to_string()
    }

    /// Whether the year is to be said with it: at the first one, and at the first of each year.
    pub fn tells_year(&self, first: bool) -> bool {
        self.period.months() < 12 && (first || self.period.start().month() == 1)
    }
}

/// Whether the codes of the dimension are names for nothing in particular: what nobody stated or nobody split.
pub(super) fn is_homeless(code: &str) -> bool {
    [labels::UNKNOWN, labels::UNALLOCATED].contains(&code)
}

/// Whether the row stands for a time that is not over: its figure will still grow.
pub(super) fn is_open(table: &Table, row: &Row) -> bool {
    let is_time = |name: &String| TIME_DIMENSIONS.contains(&name.as_str());
    table.dimensions.iter().any(is_time) && row.mark.has(table::Mark::Provisional)
}

/// Whether parts of a measure of this kind may be summed into a larger part.
pub(super) fn adds_up(kind: Kind) -> bool {
    matches!(kind, Kind::Flow | Kind::Stock)
}

/// A number of a table as the exact ratio that it is.
pub(super) fn exact(value: Value) -> Ratio {
    match value {
        Value::Number(number) => numbers::ratio(number),
        Value::Share(share) => share,
    }
}

/// Largest first; what has no value comes last.
pub(super) fn descending(a: Option<Value>, b: Option<Value>) -> Ordering {
    b.map(exact).cmp(&a.map(exact))
}

/// `part` of `whole` in percent, `<0.1%` where it would print as none; `None` where there is nothing to be a part of.
pub(super) fn share(part: Decimal, whole: Decimal) -> Option<String> {
    let share = part.over(whole).filter(|_| whole > Decimal::ZERO)?;
    let smallest = Ratio::new(1, 2000)?;
    let is_tiny = part > Decimal::ZERO && share < smallest;
    Some(match is_tiny {
        true => "<0.1%".to_owned(),
        false => numbers::percent(share, 1),
    })
}

/// The room `text` takes once it is painted: long numbers are set in groups.
pub(super) fn measured(text: &str, size: f64, bold: bool) -> f64 {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let groups = match text.len() {
        digits if is_number && digits >= 5 => (digits - 1) / 3,
        _ => 0,
    };
    let groups = u32::try_from(groups).unwrap_or(0);
    text::width(text, size, bold) + f64::from(groups) * GROUP * size
}

/// The widest of `texts`.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f64, bold: bool) -> f64 {
    let widths = texts.into_iter().map(|text| measured(text, size, bold));
    widths.fold(0.0, f64::max)
}

/// A muted text of the small print; `y` is its middle.
pub(super) fn small(text: impl Into<String>, x: f64, y: f64) -> Label {
    Label::new(text, x, y, SMALL).inked(theme::MUTED)
}

/// The same, ending at `x`.
pub(super) fn small_end(text: impl Into<String>, x: f64, y: f64) -> Label {
    small(text, x, y).anchored(Anchor::End)
}

/// A hairline from `left` to `right`.
pub(super) fn rule(left: f64, right: f64, y: f64) -> Mark {
    Mark::Bar(left, y - 0.5, right, y + 0.5, theme::HAIRLINE)
}

/// A bar of something that is not over: pale and hatched, which no greyscale print takes for a filled one.
pub(super) fn hatched(
    (left, top, right, bottom): (f64, f64, f64, f64),
    ink: RGBColor,
    marks: &mut Vec<Mark>,
) {
    let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
    marks.push(Mark::Area(corners, ink, 0.25));
    marks.push(Mark::Hatch(left, top, right, bottom, ink));
}

/// A box of hairlines, `thick` pixels wide, inside a rectangle.
pub(super) fn outlined(
    (left, top, right, bottom): (f64, f64, f64, f64),
    thick: f64,
    ink: RGBColor,
    marks: &mut Vec<Mark>,
) {
    marks.push(Mark::Bar(left, top, right, top + thick, ink));
    marks.push(Mark::Bar(left, bottom - thick, right, bottom, ink));
    marks.push(Mark::Bar(left, top, left + thick, bottom, ink));
    marks.push(Mark::Bar(right - thick, top, right, bottom, ink));
}

/// The heads of columns that are times, at `y`: their names as far as there is room for them, and above them each year where it
/// begins.
pub(super) fn time_heads(
    ticks: &[(f64, &Tick)],
    column: f64,
    y: f64,
    voice: Voice<'_>,
    marks: &mut Vec<Mark>,
) {
    let names: Vec<String> = ticks.iter().map(|(_, tick)| tick.short(voice)).collect();
    let room = widest(names.iter().map(String::as_str), SMALL, false) + 3.0;
    // Each, or the first of each quarter, or the first of each year.
    let month = |tick: &Tick| tick.period.start().month0();
    let every = [1, 3, 12].into_iter().find(|every| {
        let months = ticks.first().map_or(1, |(_, tick)| tick.period.months());
        let columns = (f64::from(*every) / f64::from(months)).max(1.0);
        room <= columns * column
    });
    let mut year_from = f64::NEG_INFINITY;
    for (position, (middle, tick)) in ticks.iter().enumerate() {
        if every.is_some_and(|every| month(tick).is_multiple_of(every)) {
            let name = small(&names[position], *middle, y);
            marks.push(Mark::Label(name.anchored(Anchor::Middle)));
        }
        let left = middle - column / 2.0;
        if tick.tells_year(position == 0) {
            // The first year may have one column only.
            let year = small(tick.year(), left.max(year_from), y - SMALL - 3.0);
            year_from = year.extent().2 + 4.0;
            marks.push(Mark::Label(year));
        }
    }
}

/// `text` broken into at most `lines` lines that fit into `room`, the last one cut where it must be. Latin text breaks between
/// words, Chinese text anywhere.
pub(super) fn wrapped(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let pieces: Vec<String> = match text.contains(' ') {
        true => text.split_inclusive(' ').map(str::to_owned).collect(),
        false if text.is_ascii() => vec![text.to_owned()],
        false => text.chars().map(String::from).collect(),
    };
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let longer = format!("{line}{piece}");
        let fits = text::width(longer.trim_end(), size, false) <= room;
        if fits || line.is_empty() {
            line = longer;
            continue;
        }
        if out.len() + 1 == lines {
            line.push_str(&pieces[at..].concat());
            break;
        }
        out.push(std::mem::take(&mut line));
        line.clone_from(piece);
    }
    out.push(line);
    let fitted = |line: &String| text::fitted(line.trim_end(), size, false, room);
    out.iter().map(fitted).collect()
}

/// Whether `text` fits into `lines` lines of `room` without being cut.
pub(super) fn wraps(text: &str, size: f64, room: f64, lines: usize) -> bool {
    let plain = |text: &str| text.replace(' ', "");
    let kept: String = wrapped(text, size, room, lines).concat();
    plain(&kept) == plain(text)
}

/// A place in a list as a length.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{share, wrapped, wraps};
    use crate::programme::Decimal;

    #[test]
    fn a_part_that_is_something_is_never_shown_as_none() {
        let of = |part, whole| share(Decimal::new(part, 0), Decimal::new(whole, 0));
        assert_eq!(of(1, 4).as_deref(), Some("25.0%"));
        assert_eq!(of(1, 100_000).as_deref(), Some("<0.1%"));
        assert_eq!(of(0, 4).as_deref(), Some("0.0%"));
        assert_eq!(of(-1, 4).as_deref(), Some("−25.0%"));
        assert_eq!(of(1, 0), None);
    }

    #[test]
    fn long_names_break_between_words_and_are_cut_only_at_the_end() {
        assert_eq!(wrapped("净月高新区", 10.0, 32.0, 2), ["净月高", "新区"]);
        assert_eq!(
            wrapped("Nanguan District", 10.0, 50.0, 2),
            ["Nanguan", "District"]
        );
        assert_eq!(wrapped("南关区", 10.0, 40.0, 2), ["南关区"]);
        assert_eq!(
            wrapped("信息传输软件和信息", 10.0, 30.0, 2),
            ["信息传", "输软…"]
        );
        assert!(wraps("净月高新区", 10.0, 32.0, 2) && !wraps("Shuangyang", 10.0, 32.0, 2));
    }
}
