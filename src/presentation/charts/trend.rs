//! A ratio or a stock from span to span against its target.

use super::axis::{SMALL, Time, Unit, Values, day_said, end_said, said};
use super::place::{Placer, Spot, around, beside};
use super::scene::{Anchor, Label, Line, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::indicators::table::{Kind, Row, Table, Value};
use crate::presentation::figure::Figure;
use crate::presentation::{numbers, texts};
use crate::programme::{Decimal, Language, Period, Ratio};
use chrono::NaiveDate;

/// Middle of the row of words above the plot.
const WORDS: f64 = 10.0;
/// Upper edge of the plot.
const TOP: f64 = 26.0;
/// Points up to which each has its dot.
const DOTS: usize = 16;

/// What a table says at the end of one of its spans.
struct Stand<'a> {
    date: NaiveDate,
    row: &'a Row,
    value: Value,
}

/// The chart of `table`, a ratio or a stock by month, quarter or year, at the end of `day`. `None` where it is by something
/// else.
pub fn trend(table: &Table, day: NaiveDate, language: Language, width: Width) -> Option<Chart> {
    let by_time = ["month", "quarter", "year"].map(|time| vec![time.to_owned()]);
    if !by_time.contains(&table.dimensions) || table.kind == Kind::Flow {
        return None;
    }
    let trend = Trend::new(table, day, language, width);
    Some(Chart {
        scene: trend.scene(),
        summary: trend.summary(),
    })
}

struct Trend<'a> {
    table: &'a Table,
    language: Language,
    width: Width,
    stands: Vec<Stand<'a>>,
    /// The last span, where it is not over.
    open: Option<Period>,
    time: Time,
    values: Values,
    unit: Unit,
    bottom: f64,
}

impl<'a> Trend<'a> {
    fn new(table: &'a Table, day: NaiveDate, language: Language, width: Width) -> Self {
        let period = table.period.target_period();
        let mut stands: Vec<Stand<'a>> = Vec::new();
        let mut open = None;
        for row in &table.rows {
            let span = row.codes.first().and_then(|code| Period::parse(code));
            let Some(span) = span.filter(|span| span.start() <= day && period.contains(span.end()))
            else {
                continue;
            };
            if let Some(value) = row.value {
                let date = span.end().min(day);
                stands.push(Stand { date, row, value });
            }
            if span.end() > day {
                open = Some(span);
            }
        }
        stands.sort_by_key(|stand| stand.date);
        let unit = match table.kind {
            Kind::Ratio => Unit::Share,
            _ => Unit::Number,
        };
        let (height, ticks) = match width {
            Width::Wide => (250.0, 4.0),
            Width::Major => (230.0, 4.0),
            Width::Half => (210.0, 4.0),
            Width::Phone => (200.0, 4.0),
        };
        let bottom = TOP + height;
        let drawn: Vec<f64> = stands
            .iter()
            .map(|stand| stand.value.approximate())
            .chain(table.totals.target.map(Decimal::approximate))
            .collect();
        let (low, high) = (
            drawn.iter().copied().fold(f64::INFINITY, f64::min),
            drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        let (low, high) = if drawn.is_empty() {
            (0.0, 1.0)
        } else {
            (low, high)
        };
        // A line need not begin at zero: what counts is how far it is from the target.
        let air = if high > low {
            (high - low) * 0.22
        } else {
            (high.abs() * 0.1).max(0.01)
        };
        let floor = if low >= 0.0 {
            (low - air).max(0.0)
        } else {
            low - air
        };
        let values = Values::new(floor, high + air, (TOP, bottom), ticks);
        let left = values.widest(unit, language) + 12.0;
        let mut trend = Self {
            table,
            language,
            width,
            stands,
            open,
            time: Time {
                start: period.start(),
                end: period.end(),
                left,
                right: width.pixels() - 10.0,
            },
            values,
            unit,
            bottom,
        };
        if let Some(target) = trend.target_text().filter(|_| width != Width::Phone) {
            let room = text::width(&target, 14.0, true) + 18.0;
            trend.time.right = width.pixels() - room.min(width.pixels() * 0.34);
        }
        trend
    }

    fn target_text(&self) -> Option<String> {
        let target = self.table.totals.target?;
        let value = match self.unit {
            Unit::Share => numbers::percent_short(numbers::ratio(target), 12),
            Unit::Number => numbers::spoken_exactly(target, self.language),
        };
        Some(texts::fill(
            self.language,
            "label_target",
            &[("value", &value)],
        ))
    }

    fn value_text(&self, stand: &Stand<'_>) -> String {
        match stand.value {
            Value::Share(share) => {
                let borders: Vec<Ratio> = self
                    .table
                    .totals
                    .target
                    .map(numbers::ratio)
                    .into_iter()
                    .collect();
                numbers::percent(share, numbers::decimals_apart(share, &borders))
            }
            Value::Number(number) => numbers::plain(number),
        }
    }

    fn path(&self) -> Vec<(f64, f64)> {
        let at = |stand: &Stand<'_>| {
            (
                self.time.x(stand.date),
                self.values.y(stand.value.approximate()),
            )
        };
        self.stands.iter().map(at).collect()
    }

    fn scene(&self) -> Scene {
        let mut marks = self
            .time
            .grid((TOP, self.bottom), self.width, self.language);
        let sides = (self.time.left, self.time.right);
        marks.extend(self.values.grid(sides, self.unit, self.language));
        if let Some(open) = &self.open {
            let left = self.time.x(open.start().pred_opt().unwrap_or(open.start()));
            marks.push(Mark::Hatch(
                left,
                TOP,
                self.time.x(open.end()),
                self.bottom,
                theme::HAIRLINE,
            ));
        }
        let mut placer = Placer::new(self.width.pixels(), self.bottom + self.time.foot());
        for mark in &marks {
            if let Mark::Label(label) = mark {
                placer.take(label.extent());
            }
        }
        let path = self.path();
        placer.avoid(&path);
        let target = self
            .table
            .totals
            .target
            .map(|target| self.values.y(target.approximate()));
        if let Some(y) = target {
            let line = vec![(sides.0, y), (sides.1, y)];
            placer.avoid(&line);
            marks.push(Mark::Line(
                Line::new(line, 1.25, theme::INK).dashed(5.0, 4.0),
            ));
        }
        if path.len() > 1 {
            marks.push(Mark::Line(Line::new(path.clone(), 2.5, theme::ACCENT)));
        }
        let dots = if path.len() <= DOTS {
            0
        } else {
            path.len() - 1
        };
        for (at, (x, y)) in path.iter().enumerate().skip(dots) {
            let (radius, is_last) = if at + 1 == path.len() {
                (4.0, true)
            } else {
                (2.75, false)
            };
            marks.push(Mark::Dot(*x, *y, radius + 1.5, theme::PAPER));
            marks.push(Mark::Dot(*x, *y, radius, theme::ACCENT));
            if is_last {
                placer.take((x - 6.0, y - 6.0, x + 6.0, y + 6.0));
            }
        }
        self.labels(&mut placer, target, &mut marks);
        Scene {
            width: self.width.pixels(),
            height: self.bottom + self.time.foot(),
            marks,
        }
    }

    fn labels(&self, placer: &mut Placer, target: Option<f64>, marks: &mut Vec<Mark>) {
        let mut put = |label: &Label, spots: &[Spot]| {
            let placed = placer.place(label, spots)?;
            marks.push(Mark::Halo(placed.clone()));
            Some(placed)
        };
        if self.unit == Unit::Number {
            let unit = Label::new(self.table.unit.get(self.language), 0.0, WORDS, SMALL)
                .inked(theme::MUTED);
            put(&unit, &[(0.0, WORDS, Anchor::Start, 0.0)]);
        }
        if let (Some(y), Some(said)) = (target, self.target_text()) {
            let label = Label::new(said, 0.0, 0.0, 14.0).weighted(true);
            let right = self.time.right;
            let spots = match self.width {
                Width::Phone => vec![
                    (self.time.left + 6.0, y - 12.0, Anchor::Start, 0.0),
                    (right, y - 12.0, Anchor::End, 1.0),
                    (self.time.left + 6.0, y + 13.0, Anchor::Start, 2.0),
                    (right, y + 13.0, Anchor::End, 3.0),
                ],
                _ => beside(right + 10.0, y),
            };
            put(&label, &spots);
        }
        let path = self.path();
        let (Some(last), Some((x, y))) = (self.stands.last(), path.last().copied()) else {
            return;
        };
        let value = Label::new(self.value_text(last), 0.0, 0.0, 15.0)
            .weighted(true)
            .inked(theme::ACCENT);
        let Some(value) = put(&value, &around(x, y, 8.0)) else {
            return;
        };
        if let Some(parts) = parts(last.row) {
            let label = Label::new(parts, 0.0, 0.0, SMALL).inked(theme::MUTED);
            put(
                &label,
                &[17.0, -17.0].map(|dy| (value.x, value.y + dy, value.anchor, 0.0)),
            );
        }
        if let (true, Some(first), Some((x, y))) =
            (path.len() > 1, self.stands.first(), path.first().copied())
        {
            let label = Label::new(self.value_text(first), 0.0, 0.0, SMALL).inked(theme::MUTED);
            put(&label, &around(x, y, 5.0));
        }
    }

    /// Where it stands, of what, how far from the target, and how it moved.
    fn summary(&self) -> String {
        let stop = texts::say(self.language, "answer_stop").trim_end();
        let Some(last) = self.stands.last() else {
            return texts::say(self.language, "summary_nothing").to_owned() + stop;
        };
        let fill = |key: &str, values: &[(&str, &str)]| texts::fill(self.language, key, values);
        let value = |stand: &Stand<'_>| match stand.value {
            Value::Share(_) => self.value_text(stand),
            Value::Number(number) => said(number, &[], self.language) + self.spaced_unit().as_str(),
        };
        let day = day_said(last.date, self.language);
        let mut parts = vec![match parts(last.row) {
            Some(of) => fill(
                "trend_ratio",
                &[("day", &day), ("value", &value(last)), ("parts", &of)],
            ),
            None => fill("trend_stock", &[("day", &day), ("value", &value(last))]),
        }];
        if let (Some(target), Value::Share(share)) =
            (self.table.totals.target.map(numbers::ratio), last.value)
        {
            let figure = Figure::of(
                &Row {
                    target: self.table.totals.target,
                    value: Some(last.value),
                    ..Row::default()
                },
                Kind::Ratio,
            );
            let gap = numbers::points(share, target, 1);
            let key = match share.cmp(&target) {
                std::cmp::Ordering::Less => "trend_short",
                std::cmp::Ordering::Equal => "trend_at",
                std::cmp::Ordering::Greater => "trend_over",
            };
            let target = figure.target.unwrap_or_default();
            parts.push(fill(
                key,
                &[("target", &target), ("gap", numbers::unsigned(&gap))],
            ));
        }
        if let Some(first) = self.stands.first().filter(|first| first.date < last.date) {
            let date = end_said(first.date, self.language);
            parts.push(fill(
                "trend_from",
                &[("date", &date), ("value", &value(first))],
            ));
        }
        if let Some(open) = &self.open {
            parts.push(fill(
                "trend_open",
                &[("day", &day_said(open.end(), self.language))],
            ));
        }
        parts.concat() + stop
    }

    fn spaced_unit(&self) -> String {
        let unit = self.table.unit.get(self.language);
        match self.language {
            Language::Zh => unit.to_owned(),
            Language::En => format!(" {unit}"),
        }
    }
}

/// Numerator and denominator, where a row has both.
fn parts(row: &Row) -> Option<String> {
    let (numerator, denominator) = (row.numerator?, row.denominator?);
    Some(format!(
        "{} / {}",
        numbers::plain(numerator),
        numbers::plain(denominator)
    ))
}
