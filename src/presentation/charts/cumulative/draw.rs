//! Where everything of the picture stands.

use super::labels::{Texts, end_room};
use super::{Cumulative, Milestone};
use crate::presentation::charts::axis::{Time, Unit, Values};
use crate::presentation::charts::scene::{Line, Mark, Scene};
use crate::presentation::charts::{Width, theme};
use crate::programme::{Decimal, Language};

/// Middle of the row of words above the plot.
pub(super) const WORDS: f64 = 10.0;
/// Upper edge of the plot.
pub(super) const TOP: f64 = 26.0;
/// Opacity of the bands of 95, 80 and 50 %, one over the other.
const BANDS: [f64; 3] = [0.08, 0.1, 0.14];

pub(super) fn scene(of: &Cumulative, language: Language, width: Width) -> Scene {
    let plot = Plot::new(of, language, width);
    let mut marks = plot.ground();
    marks.extend(plot.lines());
    let labels = plot.labels();
    marks.extend(labels);
    Scene {
        width: width.pixels(),
        height: plot.bottom + plot.time.foot(),
        marks,
    }
}

pub(super) struct Plot<'a> {
    pub(super) of: &'a Cumulative,
    pub(super) language: Language,
    pub(super) width: Width,
    pub(super) time: Time,
    pub(super) values: Values,
    pub(super) bottom: f64,
}

impl<'a> Plot<'a> {
    fn new(of: &'a Cumulative, language: Language, width: Width) -> Self {
        let (height, ticks) = match width {
            Width::Wide => (330.0, 4.0),
            Width::Major => (300.0, 4.0),
            Width::Half => (262.0, 4.0),
            Width::Phone => (250.0, 3.0),
        };
        let bottom = TOP + height;
        let drawn = drawn_values(of);
        let high = drawn.iter().copied().fold(0.0, f64::max);
        let low = drawn.iter().copied().fold(0.0, f64::min);
        // Labels above the last point need air.
        let air = if width == Width::Phone { 1.16 } else { 1.05 };
        // Nothing done and nothing to do: a scale of whole things.
        let high = if high > 0.0 { high * air } else { 4.0 };
        let values = Values::new(low * 1.05, high, (TOP, bottom), ticks);
        let left = values.widest(Unit::Number, language) + 12.0;
        let right = match width {
            Width::Phone => width.pixels() - 10.0,
            _ => width.pixels() - end_room(of, language, width),
        };
        let time = Time {
            start: of.span.0,
            end: of.span.1,
            left,
            right,
        };
        Self {
            of,
            language,
            width,
            time,
            values,
            bottom,
        }
    }

    pub(super) fn at(&self, date: chrono::NaiveDate, value: f64) -> (f64, f64) {
        (self.time.x(date), self.values.y(value))
    }

    fn zero(&self) -> (f64, f64) {
        self.at(self.time.eve(), 0.0)
    }

    /// Stripes, grid and what is not closed yet.
    pub(super) fn ground(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for span in &self.of.interruptions {
            let (left, right) = (
                self.time.x(span.from.pred_opt().unwrap_or(span.from)),
                self.time.x(span.to),
            );
            let stripe = vec![
                (left, TOP),
                (right, TOP),
                (right, self.bottom),
                (left, self.bottom),
            ];
            marks.push(Mark::Area(stripe, theme::NEUTRAL, 0.14));
        }
        marks.extend(
            self.time
                .grid((TOP, self.bottom), self.width, self.language),
        );
        let sides = (self.time.left, self.time.right);
        marks.extend(self.values.grid(sides, Unit::Number, self.language));
        let zero = self.zero().1;
        marks.push(Mark::Bar(
            sides.0,
            zero - 0.5,
            sides.1,
            zero + 0.5,
            theme::NEUTRAL,
        ));
        if let Some((from, to)) = self.of.open {
            let left = self.time.x(from.pred_opt().unwrap_or(from));
            marks.push(Mark::Hatch(
                left,
                TOP,
                self.time.x(to),
                self.bottom,
                theme::HAIRLINE,
            ));
        }
        marks
    }

    pub(super) fn actual(&self) -> Vec<(f64, f64)> {
        let points = self
            .of
            .actual
            .iter()
            .map(|point| self.at(point.date, point.value.approximate()));
        std::iter::once(self.zero()).chain(points).collect()
    }

    pub(super) fn pace(&self) -> Vec<(f64, f64)> {
        self.of
            .pace
            .iter()
            .map(|(date, value)| self.at(*date, value.approximate()))
            .collect()
    }

    /// One path of the forecast, from the last actual point on.
    pub(super) fn path(&self, value: impl Fn(&super::FanPoint) -> Decimal) -> Vec<(f64, f64)> {
        let Some(fan) = &self.of.forecast else {
            return vec![];
        };
        let points = fan
            .points
            .iter()
            .map(|point| self.at(point.date, value(point).approximate()));
        self.actual()
            .last()
            .copied()
            .into_iter()
            .chain(points)
            .collect()
    }

    fn lines(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        if self.of.forecast.is_some() {
            for (band, opaque) in [2, 1, 0].into_iter().zip(BANDS) {
                let mut outline = self.path(|point| point.bands[band].1);
                outline.extend(self.path(|point| point.bands[band].0).into_iter().rev());
                marks.push(Mark::Area(outline, theme::ACCENT, opaque));
            }
        }
        if !self.of.pace.is_empty() {
            marks.push(Mark::Line(
                Line::new(self.pace(), 1.25, theme::MUTED).dashed(5.0, 4.0),
            ));
        }
        if self.of.forecast.is_some() {
            let median = self.path(|point| point.median);
            marks.push(Mark::Line(
                Line::new(median, 2.0, theme::ACCENT).dashed(2.0, 3.5),
            ));
        }
        let actual = self.actual();
        if actual.len() > 1 {
            marks.push(Mark::Line(Line::new(actual.clone(), 2.5, theme::ACCENT)));
        }
        for target in self.shown() {
            marks.extend(self.diamond(target));
        }
        if let Some((x, y)) = actual.last().copied().filter(|_| actual.len() > 1) {
            let near = |target: &Milestone| {
                let (to_x, to_y) = self.at(target.date, target.value.approximate());
                (to_x - x).hypot(to_y - y) < 9.0
            };
            // In a diamond the dot is its core.
            if self.shown().any(near) {
                marks.push(Mark::Dot(x, y, 2.75, theme::ACCENT));
            } else {
                marks.push(Mark::Dot(x, y, 5.5, theme::PAPER));
                marks.push(Mark::Dot(x, y, 4.0, theme::ACCENT));
            }
        }
        marks
    }

    /// The targets that are drawn: on a phone only those that somebody decided, and the last.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Milestone> {
        let targets = self.of.targets.iter();
        targets.filter(|target| {
            self.width != Width::Phone || target.decided || target.date == self.of.span.1
        })
    }

    /// A target: large and in ink where it was decided, small and muted where it is interpolated.
    fn diamond(&self, target: &Milestone) -> [Mark; 2] {
        let (x, y) = self.at(target.date, target.value.approximate());
        let (half, ink) = match target.decided {
            true => (6.0, theme::INK),
            false => (4.5, theme::MUTED),
        };
        let corners = vec![
            (x, y - half),
            (x + half, y),
            (x, y + half),
            (x - half, y),
            (x, y - half),
        ];
        let edge = Line::new(
            corners.clone(),
            if target.decided { 1.75 } else { 1.25 },
            ink,
        );
        [Mark::Area(corners, theme::PAPER, 1.0), Mark::Line(edge)]
    }

    /// All texts in the plot, the most important ones first.
    fn labels(&self) -> Vec<Mark> {
        let mut texts = Texts::new(self);
        texts.stripes();
        texts.end();
        texts.milestones();
        texts.pace();
        texts.marks
    }
}

/// Everything that must lie on the scale.
fn drawn_values(of: &Cumulative) -> Vec<f64> {
    let mut values: Vec<f64> = of
        .actual
        .iter()
        .map(|point| point.value.approximate())
        .collect();
    values.extend(of.targets.iter().map(|target| target.value.approximate()));
    values.extend(of.pace.iter().map(|(_, value)| value.approximate()));
    let fan = of.forecast.iter().flat_map(|fan| &fan.points);
    values.extend(fan.flat_map(|point| {
        point
            .bands
            .into_iter()
            .flat_map(|(low, high)| [low.approximate(), high.approximate()])
    }));
    values
}
