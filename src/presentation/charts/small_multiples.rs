//! One small picture for every unit: its way to its own target, all on one scale.

use super::axis::{SMALL, Time, Unit, Values, month_named};
use super::course::{Course, Courses};
use super::scene::{Anchor, Label, Line, Mark, Scene};
use super::{Chart, Width, key, summary, text, theme};
use crate::indicators::table::{Row, Verdict};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, texts};
use crate::programme::Language;
use chrono::Datelike;

/// Air between two panels.
const GAP: f64 = 20.0;
/// Height of the line with the unit's name.
const HEAD: f64 = 24.0;
/// Height of the plot.
const PLOT: f64 = 82.0;
/// Height of what stands below a plot.
const FOOT: f64 = 30.0;

/// The chart, the unit that lags its pace most first. Empty where there is nothing to draw.
pub fn small_multiples(of: &Courses<'_>, language: Language, width: Width) -> Chart {
    let courses = of.all();
    let grid = Grid::new(of, &courses, language, width);
    let mut said = summary::summary(of.units, of.programme, language);
    if let Some(since) = grid.since(&courses) {
        let stop = texts::say(language, "answer_stop").trim_end();
        said = said.trim_end_matches(stop).to_owned()
            + texts::say(language, "answer_then")
            + &since
            + stop;
    }
    Chart {
        scene: grid.scene(&courses),
        summary: said,
    }
}

struct Grid<'a> {
    of: &'a Courses<'a>,
    language: Language,
    width: Width,
    columns: usize,
    left: f64,
    /// Width of a plot.
    plot: f64,
    /// From the lower edge of a plot to its upper one.
    values: Values,
    /// Whether any unit has a target: then the scale is shares of it.
    judged: bool,
}

impl<'a> Grid<'a> {
    fn new(of: &'a Courses<'a>, courses: &[Course], language: Language, width: Width) -> Self {
        let columns = match width {
            Width::Wide => 6,
            Width::Major => 4,
            Width::Half => 3,
            Width::Phone => 2,
        };
        let judged = courses.iter().any(|course| !course.pace.is_empty());
        let drawn = courses
            .iter()
            .filter(|course| judged != course.pace.is_empty());
        let all: Vec<f64> = drawn
            .flat_map(|course| course.points.iter().chain(&course.pace))
            .map(|point| point.1)
            .collect();
        let high = all
            .iter()
            .copied()
            .fold(if judged { 1.0 } else { 0.0 }, f64::max);
        let low = all.iter().copied().fold(0.0, f64::min);
        let values = Values::new(
            low,
            if high > 0.0 { high * 1.06 } else { 2.0 },
            (0.0, PLOT),
            2.0,
        );
        let unit = if judged { Unit::Share } else { Unit::Number };
        let widest = match judged {
            true => text::width("100%", SMALL, false),
            false => values.widest(unit, language),
        };
        let left = widest + 10.0;
        let gaps = GAP * count(columns - 1);
        Self {
            of,
            language,
            width,
            columns,
            left,
            plot: (width.pixels() - left - gaps - 6.0) / count(columns),
            values,
            judged,
        }
    }

    fn scene(&self, courses: &[Course]) -> Scene {
        let verdicts = key::ORDER
            .into_iter()
            .filter(|_| self.judged)
            .filter_map(|verdict| {
                let count = courses
                    .iter()
                    .filter(|course| self.verdict(course) == verdict)
                    .count();
                (count > 0).then_some((verdict, count))
            });
        let (mut marks, top) = key::row(verdicts, self.width.pixels(), self.language);
        let top = if marks.is_empty() { 1.0 } else { top + 4.0 };
        let height = HEAD + PLOT + FOOT;
        for (position, course) in courses.iter().enumerate() {
            let x = self.left + count(position % self.columns) * (self.plot + GAP);
            let y = top + count(position / self.columns) * height;
            marks.extend(self.panel(course, x, y + HEAD, position % self.columns == 0));
        }
        let rows = courses.len().div_ceil(self.columns);
        Scene {
            width: self.width.pixels(),
            height: (top + count(rows) * height).max(24.0),
            marks,
        }
    }

    fn row(&self, course: &Course) -> Option<&Row> {
        self.of
            .units
            .rows
            .iter()
            .find(|row| row.codes.first() == Some(&course.code))
    }

    fn verdict(&self, course: &Course) -> Verdict {
        self.row(course)
            .map_or(Verdict::NoTarget, |row| row.verdict)
    }

    fn name(&self, course: &Course) -> String {
        let dimension = self
            .of
            .units
            .dimensions
            .first()
            .map_or("division", String::as_str);
        labels::short(self.of.programme, dimension, &course.code, self.language)
    }

    /// One picture with the upper left corner of its plot at `x`, `y`.
    fn panel(&self, course: &Course, x: f64, y: f64, first: bool) -> Vec<Mark> {
        let mut marks = self.head(course, x, y - 12.0);
        let (start, end) = self.of.span();
        let time = Time {
            start,
            end,
            left: x,
            right: x + self.plot,
        };
        marks.extend(self.ground(&time, y, first));
        if self.judged && course.pace.is_empty() {
            let word = Label::new(
                texts::say(self.language, "verdict_no_target"),
                x + self.plot / 2.0,
                y + PLOT / 2.0,
                SMALL,
            );
            marks.push(Mark::Halo(
                word.anchored(Anchor::Middle).inked(theme::MUTED),
            ));
            return marks;
        }
        let at = |(share, value): &(f64, f64)| (x + share * self.plot, y + self.values.y(*value));
        if !course.pace.is_empty() {
            let pace = simplified(&course.pace.iter().map(at).collect::<Vec<_>>());
            marks.push(Mark::Line(
                Line::new(pace, 1.0, theme::MUTED).dashed(3.0, 3.0),
            ));
        }
        let ink = theme::bar(self.verdict(course));
        let points: Vec<_> = course.points.iter().map(at).collect();
        if let Some((x, y)) = points.last().copied().filter(|_| points.len() > 1) {
            marks.push(Mark::Line(Line::new(points, 2.0, ink)));
            marks.push(Mark::Dot(x, y, 3.0, ink));
        }
        marks
    }

    /// Shape, name and number.
    fn head(&self, course: &Course, x: f64, y: f64) -> Vec<Mark> {
        let figure = self
            .row(course)
            .map(|row| Figure::of(row, self.of.units.kind))
            .unwrap_or_default();
        let shown = figure
            .progress
            .or(figure.value)
            .unwrap_or_else(|| "—".to_owned());
        let value = Label::new(shown, x + self.plot, y, 13.0)
            .weighted(true)
            .anchored(Anchor::End);
        let (left, _, _, _) = value.extent();
        let mut marks = Vec::new();
        let mut from = x;
        if self.judged {
            marks.push(Mark::Shape(self.verdict(course), x + 5.0, y, 4.5));
            from += 15.0;
        }
        let name = text::fitted(&self.name(course), 13.0, false, left - from - 8.0);
        marks.push(Mark::Label(Label::new(name, from, y, 13.0)));
        marks.push(Mark::Label(value));
        marks
    }

    /// Grid, scale and the years below.
    fn ground(&self, time: &Time, top: f64, first: bool) -> Vec<Mark> {
        let (left, right) = (time.left, time.right);
        let mut marks = Vec::new();
        let ticks: Vec<f64> = match self.judged {
            true => vec![0.0, 1.0],
            false => self.values.ticks.clone(),
        };
        if let Some((from, to)) = self.of.open() {
            let from = time.x(from.pred_opt().unwrap_or(from));
            marks.push(Mark::Hatch(
                from,
                top,
                time.x(to),
                top + PLOT,
                theme::HAIRLINE,
            ));
        }
        for tick in ticks {
            let y = top + self.values.y(tick);
            let ink = if tick == 0.0 {
                theme::NEUTRAL
            } else {
                theme::HAIRLINE
            };
            marks.push(Mark::Bar(left, y - 0.5, right, y + 0.5, ink));
            if first {
                let written = match (self.judged, tick == 0.0) {
                    (_, true) => "0".to_owned(),
                    (true, false) => "100%".to_owned(),
                    (false, false) => self.values.written(tick, Unit::Number, self.language),
                };
                let label = Label::new(written, left - 7.0, y, SMALL).inked(theme::MUTED);
                marks.push(Mark::Label(label.anchored(Anchor::End)));
            }
        }
        let foot = top + PLOT + 12.0;
        let (from, to) = (time.start.year(), time.end.year());
        if from == to {
            let month =
                |day: chrono::NaiveDate| super::axis::month_short(day, self.width, self.language);
            let label = |text: String, x: f64| Label::new(text, x, foot, SMALL).inked(theme::MUTED);
            marks.push(Mark::Label(label(month(time.start), left)));
            marks.push(Mark::Label(
                label(month(time.end), right).anchored(Anchor::End),
            ));
            return marks;
        }
        for year in time.years() {
            if year.1 < time.end {
                let x = time.x(year.1);
                marks.push(Mark::Bar(
                    x - 0.5,
                    top,
                    x + 0.5,
                    top + PLOT,
                    theme::HAIRLINE,
                ));
            }
            let before = time.x(year.0.pred_opt().unwrap_or(year.0));
            let (middle, room) = (
                f64::midpoint(before, time.x(year.1)),
                time.x(year.1) - before,
            );
            let name = year.1.year().to_string();
            if text::width(&name, SMALL, false) + 4.0 <= room {
                let label = Label::new(name, middle, foot, SMALL).inked(theme::MUTED);
                marks.push(Mark::Label(label.anchored(Anchor::Middle)));
            }
        }
        marks
    }

    /// Since when the unit that lags most is below its pace.
    fn since(&self, courses: &[Course]) -> Option<String> {
        let worst = courses.first()?;
        let since = worst.below_since?;
        let name = self.name(worst);
        if since == self.of.span().0 {
            return Some(texts::fill(
                self.language,
                "course_always",
                &[("name", &name)],
            ));
        }
        let since = month_named(since, self.language);
        Some(texts::fill(
            self.language,
            "course_since",
            &[("name", &name), ("month", &since)],
        ))
    }
}

fn count(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

/// The same line without points that lie less than a third of a pixel off it.
pub(super) fn simplified(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return vec![];
    };
    let length = (last.0 - first.0).hypot(last.1 - first.1).max(1e-9);
    let off = |point: &(f64, f64)| {
        ((last.0 - first.0) * (first.1 - point.1) - (first.0 - point.0) * (last.1 - first.1)).abs()
            / length
    };
    let inner = points
        .iter()
        .enumerate()
        .skip(1)
        .take(points.len().saturating_sub(2));
    let farthest = inner
        .map(|(at, point)| (at, off(point)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match farthest {
        Some((at, far)) if far > 0.33 => {
            let mut line = simplified(&points[..=at]);
            line.pop();
            line.extend(simplified(&points[at..]));
            line
        }
        _ if points.len() == 1 => vec![*first],
        _ => vec![*first, *last],
    }
}

#[cfg(test)]
mod tests {
    use super::simplified;

    #[test]
    fn a_straight_line_has_two_points_and_a_bent_one_keeps_its_bend() {
        let straight: Vec<_> = (0..30)
            .map(|x| (f64::from(x), f64::from(x) * 0.5))
            .collect();
        assert_eq!(simplified(&straight), [(0.0, 0.0), (29.0, 14.5)]);
        let bent = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 9.0)];
        assert_eq!(simplified(&bent), [(0.0, 0.0), (20.0, 0.0), (30.0, 9.0)]);
        assert_eq!(simplified(&[(1.0, 1.0)]), [(1.0, 1.0)]);
    }
}
