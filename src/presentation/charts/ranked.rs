//! Ranked bars: the parts of a total, the largest first, what nobody stated last.

use super::parts::{self, SIZE, SMALL, Voice, count, measured, small, small_end};
use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::indicators::table::{Kind, Row, Table, Value, Verdict};
use crate::presentation::figure::Figure;
use crate::presentation::{numbers, verdict};
use crate::programme::{Decimal, Language, Programme};

/// The parts of `table`, broken down by one dimension, as bars: the total, the `most` largest parts, one bar for the others, and
/// what is not stated. Parts that do not add up (persons, ratios) are never summed: how many are not shown is said instead.
pub fn ranked(
    table: &Table,
    programme: &Programme,
    language: Language,
    width: Width,
    most: usize,
) -> Chart {
    let voice = Voice {
        programme,
        language,
    };
    let parts = Parts::of(table, voice, most);
    let plan = Plan::new(&parts, voice, width);
    let mut marks = plan.heads(&parts, voice);
    for (position, line) in parts.lines.iter().enumerate() {
        plan.row(position, line, &mut marks);
    }
    plan.total_line(&parts, &mut marks);
    let mut height = plan.top(parts.lines.len()) + 4.0;
    if let Some(note) = parts.note(voice) {
        marks.push(Mark::Label(small(note, plan.left_of_notes(), height + 8.0)));
        height += 20.0;
    }
    Chart {
        scene: Scene {
            width: plan.width,
            height,
            marks,
        },
        summary: summary(&parts, voice),
    }
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Total,
    Part,
    Others,
    Homeless,
}

/// One line in words and lengths.
struct Line {
    role: Role,
    name: String,
    /// As it is shown, and for the length of the bar.
    shown: String,
    value: Option<Value>,
    share: Option<String>,
    progress: Option<String>,
    /// Where the target stands on the scale of values.
    target: Option<f64>,
    /// Where the pace does.
    pace: Option<f64>,
    verdict: Verdict,
    open: bool,
}

/// The parts of a table in their order.
struct Parts<'a> {
    table: &'a Table,
    lines: Vec<Line>,
    /// Parts that are summed up or left out.
    rest: usize,
    /// The part with the smallest value, shown or not.
    least: Option<Line>,
    /// Whether some part has a target.
    judged: bool,
}

impl<'a> Parts<'a> {
    fn of(table: &'a Table, voice: Voice<'_>, most: usize) -> Self {
        let is_homeless = |row: &&Row| row.codes.iter().any(|code| parts::is_homeless(code));
        let (homeless, mut known): (Vec<&Row>, Vec<&Row>) =
            table.rows.iter().partition(is_homeless);
        known.sort_by(|a, b| parts::descending(a.value, b.value));
        // One part more is as good as a line that says "1 other".
        let shown = if known.len() > most + 1 {
            most
        } else {
            known.len()
        };
        let rest = &known[shown..];
        let mut lines = vec![line(table, &table.totals, Role::Total, voice)];
        let own = known[..shown].iter();
        lines.extend(own.map(|row| line(table, row, Role::Part, voice)));
        if !rest.is_empty() && parts::adds_up(table.kind) {
            lines.push(others(table, rest, voice));
        }
        let homeless = homeless.into_iter();
        lines.extend(homeless.map(|row| line(table, row, Role::Homeless, voice)));
        Self {
            table,
            lines,
            rest: rest.len(),
            least: known
                .iter()
                .rfind(|row| row.value.is_some())
                .map(|row| line(table, row, Role::Part, voice)),
            judged: table.rows.iter().any(|row| row.progress.is_some()),
        }
    }

    /// What is said below the bars: that there are none, or how many are left out.
    fn note(&self, voice: Voice<'_>) -> Option<String> {
        if self.lines.len() == 1 {
            return Some(voice.say("summary_nothing").to_owned());
        }
        let left_out = self.rest > 0 && !parts::adds_up(self.table.kind);
        let number = self.rest.to_string();
        left_out.then(|| voice.fill("ranked_left_out", &[("n", &number)]))
    }

    /// Whether the total stands on the scale of its parts: the ratio of all lies between the others.
    fn total_has_bar(&self) -> bool {
        self.table.kind == Kind::Ratio
    }
}

fn line(table: &Table, row: &Row, role: Role, voice: Voice<'_>) -> Line {
    let figure = Figure::of(row, table.kind);
    let dimension = table.dimensions.first().map_or("", String::as_str);
    let name = match row.codes.first() {
        None => voice.say("total").to_owned(),
        Some(code) => voice.name(dimension, code),
    };
    let share = match (row.value, table.totals.value) {
        (Some(Value::Number(part)), Some(Value::Number(whole)))
            if parts::adds_up(table.kind) && role != Role::Total =>
        {
            parts::share(part, whole)
        }
        _ => None,
    };
    Line {
        role,
        name,
        shown: figure.value.unwrap_or_else(|| "—".to_owned()),
        value: row.value,
        share,
        progress: figure.progress,
        target: row.target.map(Decimal::approximate),
        pace: row
            .target
            .zip(row.pace)
            .map(|(target, pace)| target.approximate() * pace.approximate()),
        verdict: row.verdict,
        open: parts::is_open(table, row),
    }
}

/// The sum of `rest`, of a kind that adds up.
fn others(table: &Table, rest: &[&Row], voice: Voice<'_>) -> Line {
    let sum = rest
        .iter()
        .filter_map(|row| match row.value {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        })
        .fold(Decimal::ZERO, Decimal::plus);
    let row = Row {
        value: Some(Value::Number(sum)),
        codes: vec![String::new()],
        ..Row::default()
    };
    Line {
        name: voice.fill("ranked_others", &[("n", &rest.len().to_string())]),
        ..line(table, &row, Role::Others, voice)
    }
}

/// Where things stand.
struct Plan {
    screen: Width,
    language: Language,
    width: f64,
    name_width: f64,
    /// Ends of the room for bars.
    left: f64,
    right: f64,
    /// The place of 0, and pixels of one unit.
    zero: f64,
    scale: f64,
    judged: bool,
    total_has_bar: bool,
    /// Right end of the values, right end of shares or progress, left end of verdicts.
    columns: [f64; 3],
    row_height: f64,
    total_height: f64,
}

/// Room above the first line.
const HEAD: f64 = 24.0;
/// Air below the total.
const AFTER_TOTAL: f64 = 8.0;
/// Widest a name may be, as a share of the width.
const NAMES_MAX: f64 = 0.3;

impl Plan {
    fn new(parts: &Parts<'_>, voice: Voice<'_>, screen: Width) -> Self {
        let (width, lines) = (screen.pixels(), &parts.lines);
        let bold = |line: &Line| line.role == Role::Total;
        let widest = |text: fn(&Line) -> &str| {
            let widths = lines
                .iter()
                .map(|line| measured(text(line), SIZE, bold(line)));
            widths.fold(0.0, f64::max)
        };
        let values = widest(|line| &line.shown).max(36.0);
        let second = match parts.judged {
            true => widest(|line| line.progress.as_deref().unwrap_or_default()),
            false => widest(|line| line.share.as_deref().unwrap_or_default()),
        };
        let heads = second_head(parts).map_or(0.0, |key| text::width(voice.say(key), SMALL, false));
        let second = if second > 0.0 { second.max(heads) } else { 0.0 };
        let words = lines
            .iter()
            .map(|line| text::width(verdict::word(line.verdict, voice.language), SIZE, false));
        let words = 20.0 + words.fold(0.0, f64::max);
        let verdict = if parts.judged { width - words } else { width };
        let second_end = verdict - if parts.judged { 16.0 } else { 0.0 };
        let value = second_end - second - if second > 0.0 { 18.0 } else { 0.0 };
        let names = widest(|line| &line.name);
        let (name_width, left, right) = match screen {
            Width::Phone => (value - values - 12.0, 0.0, width),
            _ => {
                let names = names.min(NAMES_MAX * width);
                (names, names + 18.0, value - values - 22.0)
            }
        };
        let total_has_bar = parts.total_has_bar();
        let drawn = lines
            .iter()
            .filter(|line| line.role != Role::Total || total_has_bar);
        let ends = drawn.flat_map(|line| [line.value.map(Value::approximate), line.target]);
        let (least, largest) = ends.flatten().fold((0.0, 0.0), |(least, most), end| {
            (f64::min(least, end), f64::max(most, end))
        });
        let scale = match largest - least {
            span if span > 0.0 => (right - left - 3.0) / span,
            _ => 0.0,
        };
        Self {
            screen,
            language: voice.language,
            width,
            name_width,
            left,
            right,
            zero: left - least * scale,
            scale,
            judged: parts.judged,
            total_has_bar,
            columns: [value, second_end, verdict],
            row_height: if screen == Width::Phone { 42.0 } else { 28.0 },
            total_height: match (screen, total_has_bar) {
                (Width::Phone, true) => 42.0,
                (Width::Phone, false) => 24.0,
                _ => 28.0,
            },
        }
    }

    fn top(&self, position: usize) -> f64 {
        match position {
            0 => HEAD,
            _ => HEAD + self.total_height + AFTER_TOTAL + count(position - 1) * self.row_height,
        }
    }

    fn x(&self, value: f64) -> f64 {
        self.zero + value * self.scale
    }

    fn left_of_notes(&self) -> f64 {
        match self.screen {
            Width::Phone => 0.0,
            _ => self.left,
        }
    }

    fn heads(&self, parts: &Parts<'_>, voice: Voice<'_>) -> Vec<Mark> {
        let [value, second, verdict] = self.columns;
        let mut labels = Vec::new();
        let unit = parts.table.unit.get(voice.language);
        // Where no line has a second figure, its column has no room, and no head.
        if let Some(key) = second_head(parts).filter(|_| value < second) {
            labels.push(small_end(voice.say(key), second, 9.0));
        }
        if self.judged {
            labels.push(small(voice.say("column_verdict"), verdict, 9.0));
        }
        let room = match self.screen {
            Width::Phone => value,
            _ => value - self.right + 40.0,
        };
        // Percentages carry their sign.
        if parts.table.kind != Kind::Ratio {
            let unit = text::fitted(unit, SMALL, false, room);
            labels.push(small_end(unit, value, 9.0));
        }
        labels.into_iter().map(Mark::Label).collect()
    }

    /// The line at the ratio of all, which is what a ratio of a part is to be compared with.
    fn total_line(&self, parts: &Parts<'_>, marks: &mut Vec<Mark>) {
        let total = &parts.lines[0];
        let Some(value) = total.value.filter(|_| self.total_has_bar) else {
            return;
        };
        if parts.lines.len() == 1 {
            return;
        }
        let x = self.x(value.approximate());
        let top = self.top(1) - AFTER_TOTAL - 6.0;
        let bottom = self.top(parts.lines.len()) - 6.0;
        marks.push(Mark::Bar(x - 1.5, top, x + 1.5, bottom, theme::PAPER));
        marks.push(Mark::Bar(x - 0.5, top, x + 0.5, bottom, theme::INK));
    }

    fn row(&self, position: usize, line: &Line, marks: &mut Vec<Mark>) {
        let top = self.top(position);
        let (words, bars) = match self.screen {
            Width::Phone => (top + 11.0, top + 28.0),
            _ => (top + 14.0, top + 14.0),
        };
        self.words(line, words, marks);
        if line.role != Role::Total || self.total_has_bar {
            self.bars(line, bars, marks);
        }
        if line.role == Role::Total {
            let below = top + self.total_height + AFTER_TOTAL / 2.0;
            marks.push(parts::rule(0.0, self.width, below));
        }
    }

    fn words(&self, line: &Line, y: f64, marks: &mut Vec<Mark>) {
        let [value, second, at] = self.columns;
        let bold = line.role == Role::Total;
        let ink = match line.role {
            Role::Total | Role::Part => theme::INK,
            Role::Others | Role::Homeless => theme::MUTED,
        };
        let label = |text: &str, x: f64| Label::new(text, x, y, SIZE).weighted(bold).inked(ink);
        let name = text::fitted(&line.name, SIZE, bold, self.name_width);
        marks.push(Mark::Label(label(&name, 0.0)));
        marks.push(Mark::Label(label(&line.shown, value).anchored(Anchor::End)));
        let own = if self.judged {
            &line.progress
        } else {
            &line.share
        };
        if let Some(own) = own {
            let own = label(own, second).anchored(Anchor::End);
            marks.push(Mark::Label(match self.judged {
                true => own,
                false => own.inked(theme::MUTED),
            }));
        }
        if self.judged && matches!(line.role, Role::Total | Role::Part) {
            let word = verdict::word(line.verdict, self.language);
            let ink = theme::verdict(line.verdict);
            marks.push(Mark::Shape(line.verdict, at + 6.0, y, 5.0));
            marks.push(Mark::Label(label(word, at + 18.0).inked(ink)));
        }
    }

    fn bars(&self, line: &Line, y: f64, marks: &mut Vec<Mark>) {
        let Some(value) = line.value.map(Value::approximate) else {
            return;
        };
        let half = match self.screen {
            Width::Phone => 5.0,
            _ => 6.5,
        };
        let ink = match line.role {
            Role::Others | Role::Homeless => theme::NEUTRAL,
            Role::Total | Role::Part if self.judged => theme::bar(line.verdict),
            Role::Total | Role::Part => theme::ACCENT,
        };
        if let Some(target) = line.target.map(|target| self.x(target)) {
            marks.push(Mark::Bar(
                self.zero,
                y - half - 2.0,
                target,
                y + half + 2.0,
                theme::TRACK,
            ));
        }
        let (from, to) = (self.zero, self.x(value));
        // What is there is seen, however small beside the largest.
        let to = match value {
            0.0 => to,
            _ if (to - from).abs() < 1.0 => from + value.signum(),
            _ => to,
        };
        let (left, right) = (from.min(to), from.max(to));
        match line.open {
            true => parts::hatched((left, y - half, right, y + half), ink, marks),
            false => marks.push(Mark::Bar(left, y - half, right, y + half, ink)),
        }
        if let Some(target) = line.target.map(|target| self.x(target)) {
            marks.push(Mark::Bar(
                target - 0.6,
                y - half - 3.0,
                target + 0.6,
                y + half + 3.0,
                theme::INK,
            ));
        }
        if let Some(pace) = line.pace.map(|pace| self.x(pace)) {
            // A light edge keeps the tick visible on the bar.
            for (edge, ink) in [(2.4, theme::PAPER), (1.4, theme::INK)] {
                let (top, bottom) = (y - half - 4.0, y + half + 4.0);
                marks.push(Mark::Bar(pace - edge, top, pace + edge, bottom, ink));
            }
        }
    }
}

/// What stands beside the values: the progress where there are targets, the share of the total where parts add up to it.
fn second_head(parts: &Parts<'_>) -> Option<&'static str> {
    match (parts.judged, parts.table.kind) {
        (true, _) => Some("column_progress"),
        (false, kind) if parts::adds_up(kind) => Some("ranked_share"),
        (false, _) => None,
    }
}

fn summary(parts: &Parts<'_>, voice: Voice<'_>) -> String {
    let of = |role: Role| parts.lines.iter().filter(move |line| line.role == role);
    let own: Vec<&Line> = of(Role::Part).filter(|line| line.value.is_some()).collect();
    let Some((first, rest)) = own.split_first() else {
        return voice.say("summary_nothing").to_owned() + voice.stop();
    };
    let known = own.len() + parts.rest;
    let mut said = Vec::new();
    match parts::adds_up(parts.table.kind) {
        true => {
            let unit = parts.table.unit.get(voice.language);
            let mut note = match voice.language {
                Language::Zh => format!("{}{unit}", first.shown),
                Language::En => format!("{} {unit}", first.shown),
            };
            if let Some(share) = &first.share {
                note = voice.fill("ranked_note", &[("value", &note), ("share", share)]);
            }
            let first = voice.noted(&first.name, &note);
            said.push(voice.fill("ranked_most", &[("name", &first)]));
            let next: Vec<&str> = rest.iter().take(2).map(|line| line.name.as_str()).collect();
            if !next.is_empty() {
                let names = voice.listed(&next);
                said.push(voice.fill("ranked_next", &[("names", &names)]));
            }
            said.extend(together(&own, parts, voice));
        }
        false => {
            let note = |line: &Line| voice.noted(&line.name, &line.shown);
            let least = parts.least.as_ref().map_or_else(String::new, note);
            let ends = [("best", note(first)), ("worst", least)];
            let ends = ends.each_ref().map(|(key, text)| (*key, text.as_str()));
            said.push(match known {
                1 => note(first),
                _ => voice.fill("summary_extremes", &ends),
            });
            let total = &parts.lines[0].shown;
            said.push(voice.fill("ranked_all", &[("value", total)]));
        }
    }
    let wrong = |verdict| own.iter().filter(|line| line.verdict == verdict).count();
    let counts = [Verdict::Behind, Verdict::AtRisk].map(|verdict| (verdict, wrong(verdict)));
    for (verdict, n) in counts.into_iter().filter(|(_, n)| parts.judged && *n > 0) {
        let word = verdict::word(verdict, voice.language);
        let values = [("n", &*n.to_string()), ("word", word)];
        said.push(voice.fill("ranked_wrong", &values));
    }
    for line in of(Role::Homeless) {
        if let Some(share) = &line.share {
            said.push(voice.fill("ranked_homeless", &[("name", &line.name), ("share", share)]));
        }
    }
    voice.sentence(&said)
}

/// What the three largest make up of all.
fn together(own: &[&Line], parts: &Parts<'_>, voice: Voice<'_>) -> Option<String> {
    let number = |line: &&Line| match line.value {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    };
    let whole = number(&&parts.lines[0])?;
    let three: Vec<Decimal> = own.iter().take(3).filter_map(number).collect();
    let sum = three.iter().copied().fold(Decimal::ZERO, Decimal::plus);
    let share = sum.over(whole).filter(|_| whole > Decimal::ZERO)?;
    let share = numbers::percent(share, 1);
    (own.len() > 3).then(|| voice.fill("ranked_together", &[("share", &share)]))
}
