//! Ranked bullet rows: the total, then each unit, the one that lags its pace most first.

use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, summary, text, theme};
use crate::indicators::table::{Row, Table};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, ranking, texts, verdict};
use crate::programme::{Language, Programme};

/// Ranked bullet rows of `table`, broken down by one dimension.
pub fn bullets(table: &Table, programme: &Programme, language: Language, width: Width) -> Chart {
    let judged = table.rows.iter().any(|row| row.progress.is_some());
    let mut summary = summary::summary(table, programme, language);
    if judged {
        summary += texts::say(language, "bullets_key");
    }
    Chart {
        scene: scene(table, programme, language, width),
        summary,
    }
}

fn scene(table: &Table, programme: &Programme, language: Language, width: Width) -> Scene {
    let rows: Vec<Line> = std::iter::once(&table.totals)
        .chain(ranking::by_gap(table))
        .map(|row| Line::new(row, table, programme, language))
        .collect();
    let plan = Plan::new(&rows, width, language);
    let mut marks = plan.heads(&rows[0], table, language);
    for (position, line) in rows.iter().enumerate() {
        plan.row(position, line, &mut marks);
    }
    Scene {
        width: plan.width,
        height: plan.top(rows.len()) + 4.0,
        marks,
    }
}

/// One row in words and lengths.
struct Line<'a> {
    row: &'a Row,
    name: String,
    figure: Figure,
    word: &'static str,
    /// Share of the target, or the amount where no unit has a target.
    length: f64,
    is_total: bool,
}

impl<'a> Line<'a> {
    fn new(row: &'a Row, table: &Table, programme: &Programme, language: Language) -> Self {
        let is_total = row.codes.is_empty();
        let dimension = table.dimensions.first().map_or("division", String::as_str);
        let name = match row.codes.first() {
            None => labels::total(dimension, language).to_owned(),
            Some(code) => labels::short(programme, dimension, code, language),
        };
        let judged = table.rows.iter().any(|row| row.progress.is_some());
        let length = match judged {
            true => row.progress.map_or(0.0, |progress| progress.approximate()),
            // The total would dwarf its parts: it has its number, and no bar.
            false if is_total => 0.0,
            false => row.value.map_or(0.0, |value| value.approximate()),
        };
        Self {
            row,
            name,
            figure: Figure::of(row, table.kind),
            word: verdict::word(row.verdict, language),
            length,
            is_total,
        }
    }
}

/// Where things stand.
struct Plan {
    screen: Width,
    width: f64,
    size: f64,
    name_width: f64,
    left: f64,
    right: f64,
    /// Pixels of one unit of length.
    scale: f64,
    /// Whether lengths are shares of a target.
    judged: bool,
    /// Right ends of value and percent, left end of the verdict.
    columns: [f64; 3],
    row_height: f64,
    head: f64,
}

/// Widest a name may be on a wide screen, in pixels.
const NAMES_MAX: f64 = 230.0;
/// Air below the total.
const AFTER_TOTAL: f64 = 8.0;

impl Plan {
    fn new(rows: &[Line<'_>], screen: Width, language: Language) -> Self {
        let (width, size, row_height, head) = match screen {
            Width::Phone => (screen.pixels(), 14.0, 45.0, 28.0),
            _ => (screen.pixels(), 14.0, 29.0, 30.0),
        };
        let judged = rows.iter().skip(1).any(|line| line.row.progress.is_some());
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let names = widest(
            &mut rows
                .iter()
                .map(|line| text::width(&line.name, size, line.is_total)),
        );
        let words = widest(&mut rows.iter().map(|line| text::width(line.word, size, false))) + 20.0;
        let verdicts = text::width(texts::say(language, "column_verdict"), 12.0, false);
        let shown = |figure: fn(&Figure) -> Option<&String>| {
            rows.iter()
                .map(move |line| measured(figure(&line.figure), size))
        };
        let percents = widest(&mut shown(|figure| figure.progress.as_ref()));
        let values = widest(&mut shown(|figure| figure.value.as_ref()));
        // Where nothing is judged there is neither percent nor verdict, and the bars get their room.
        let [value, percent, verdict] = match judged {
            true => {
                let verdict = width - words.max(verdicts) - 2.0;
                let percent = verdict - 18.0;
                [percent - percents.max(40.0) - 18.0, percent, verdict]
            }
            false => [width; 3],
        };
        let (name_width, left, right) = match screen {
            Width::Phone => (percent - percents - values - 22.0, 0.0, width),
            _ => {
                let names = names.min(NAMES_MAX);
                (names, names + 18.0, value - values.max(40.0) - 22.0)
            }
        };
        let longest = rows
            .iter()
            .map(|line| line.length)
            .fold(if judged { 1.04 } else { 0.0 }, f64::max);
        let scale = if longest > 0.0 {
            (right - left - 3.0) / longest
        } else {
            0.0
        };
        Self {
            screen,
            width,
            size,
            name_width,
            left,
            right,
            scale,
            judged,
            columns: [value, percent, verdict],
            row_height,
            head,
        }
    }

    fn top(&self, position: usize) -> f64 {
        let rows = f64::from(u32::try_from(position).unwrap_or(u32::MAX));
        self.head + rows * self.row_height + if position > 0 { AFTER_TOTAL } else { 0.0 }
    }

    fn x(&self, length: f64) -> f64 {
        self.left + length * self.scale
    }

    fn heads(&self, total: &Line<'_>, table: &Table, language: Language) -> Vec<Mark> {
        let small = |text: &str, x: f64| Label::new(text, x, 10.0, 12.0).inked(theme::MUTED);
        let mut marks = Vec::new();
        if self.judged {
            marks.extend(
                self.tick_heads(total, table, language)
                    .into_iter()
                    .map(Mark::Label),
            );
        }
        if self.screen != Width::Phone {
            let [value, percent, verdict] = self.columns;
            let unit = table.unit.get(language);
            // A long unit would run into the heads of the ticks.
            let room = value - self.right + 60.0;
            marks.push(Mark::Label(
                small(&text::fitted(unit, 12.0, false, room), value).anchored(Anchor::End),
            ));
            if self.judged {
                let head = texts::say(language, "column_progress");
                marks.push(Mark::Label(small(head, percent).anchored(Anchor::End)));
                let head = texts::say(language, "column_verdict");
                marks.push(Mark::Label(small(head, verdict)));
            }
        }
        marks
    }

    /// The names of the two ticks above the first row, kept apart from each other and inside the canvas.
    fn tick_heads(&self, total: &Line<'_>, table: &Table, language: Language) -> Vec<Label> {
        let target = self.x(1.0);
        let first = table
            .rows
            .iter()
            .find_map(|row| row.pace.map(|pace| (row, pace)));
        let pace = total.row.pace.map(|pace| (total.row, pace)).or(first);
        let label = |text: String| Label::new(text, 0.0, 10.0, 12.0).inked(theme::MUTED);
        let place = |mut label: Label, x: f64, left: f64, right: f64| {
            let width = text::width(&label.text, label.size, label.bold);
            label.x = (x - width / 2.0).min(right - width).max(left);
            label
        };
        let Some((row, share)) = pace else {
            return vec![place(
                label(texts::say(language, "chart_target").to_owned()),
                target,
                self.left,
                self.right,
            )];
        };
        if share.approximate() >= 1.0 {
            let both = label(texts::say(language, "chart_pace_is_target").to_owned());
            return vec![place(both, target, self.left, self.right)];
        }
        let shown = Figure::of(row, table.kind).pace.unwrap_or_default();
        let pace = label(texts::fill(language, "chart_pace", &[("pace", &shown)]));
        let target = place(
            label(texts::say(language, "chart_target").to_owned()),
            target,
            self.left,
            self.right,
        );
        let pace = place(
            pace,
            self.x(share.approximate()),
            self.left,
            target.x - 12.0,
        );
        vec![pace, target]
    }

    fn row(&self, position: usize, line: &Line<'_>, marks: &mut Vec<Mark>) {
        let top = self.top(position);
        let (words, bars) = match self.screen {
            Width::Phone => (top + 11.0, top + 30.0),
            _ => (top + self.row_height / 2.0, top + self.row_height / 2.0),
        };
        self.words(line, words, marks);
        self.bars(line, bars, marks);
        if line.is_total && self.screen != Width::Phone {
            let rule = top + self.row_height + AFTER_TOTAL / 2.0;
            marks.push(Mark::Bar(
                0.0,
                rule - 0.5,
                self.width,
                rule + 0.5,
                theme::HAIRLINE,
            ));
        }
    }

    fn words(&self, line: &Line<'_>, y: f64, marks: &mut Vec<Mark>) {
        let [value, percent, verdict] = self.columns;
        let label = |text: &str, x: f64| Label::new(text, x, y, self.size).weighted(line.is_total);
        let name = text::fitted(&line.name, self.size, line.is_total, self.name_width);
        let after_name = text::width(&name, self.size, line.is_total) + 10.0;
        marks.push(Mark::Label(label(&name, 0.0)));
        let shown = line.figure.value.as_deref().unwrap_or("—");
        marks.push(Mark::Label(match self.screen {
            Width::Phone => label(shown, after_name).inked(theme::MUTED),
            _ => label(shown, value).anchored(Anchor::End),
        }));
        if !self.judged {
            return;
        }
        if let Some(progress) = &line.figure.progress {
            marks.push(Mark::Label(label(progress, percent).anchored(Anchor::End)));
        }
        marks.push(Mark::Shape(line.row.verdict, verdict + 6.0, y, 5.0));
        let ink = theme::verdict(line.row.verdict);
        marks.push(Mark::Label(label(line.word, verdict + 18.0).inked(ink)));
    }

    fn bars(&self, line: &Line<'_>, y: f64, marks: &mut Vec<Mark>) {
        let has_target = line.row.progress.is_some();
        if self.judged && !has_target {
            return;
        }
        let half = if line.is_total { 6.5 } else { 5.0 };
        if self.judged {
            marks.push(Mark::Bar(
                self.left,
                y - half - 2.5,
                self.x(1.0),
                y + half + 2.5,
                theme::TRACK,
            ));
        }
        let ink = theme::bar(line.row.verdict);
        marks.push(Mark::Bar(
            self.left,
            y - half,
            self.x(line.length),
            y + half,
            ink,
        ));
        if !self.judged {
            return;
        }
        let target = self.x(1.0);
        marks.push(Mark::Bar(
            target - 0.6,
            y - half - 3.5,
            target + 0.6,
            y + half + 3.5,
            theme::INK,
        ));
        if let Some(pace) = line.row.pace.map(|pace| self.x(pace.approximate())) {
            // A light edge keeps the tick visible on the bar.
            marks.push(Mark::Bar(
                pace - 2.4,
                y - half - 4.5,
                pace + 2.4,
                y + half + 4.5,
                theme::PAPER,
            ));
            marks.push(Mark::Bar(
                pace - 1.4,
                y - half - 4.5,
                pace + 1.4,
                y + half + 4.5,
                theme::INK,
            ));
        }
    }
}

fn measured(text: Option<&String>, size: f64) -> f64 {
    text.map_or(0.0, |text| text::width(text, size, true))
}
