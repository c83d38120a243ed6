//! The texts of the picture, put where there is room: the most important ones first.

use super::draw::{Plot, TOP, WORDS};
use super::says::forecast_texts;
use super::{Cumulative, Milestone, Point};
use crate::presentation::charts::axis::{SMALL, day_said, end_said};
use crate::presentation::charts::place::{Placer, Spot, around, beside};
use crate::presentation::charts::scene::{Anchor, Label, Line, Mark};
use crate::presentation::charts::{Width, text, theme};
use crate::presentation::{numbers, texts};
use crate::programme::Language;

/// Size of the labels that matter.
const SIZE: f64 = 14.0;

/// Room right of the plot for what is said of its end.
pub(super) fn end_room(of: &Cumulative, language: Language, width: Width) -> f64 {
    let words = end_words(of, language);
    let widest = words
        .iter()
        .map(|(text, size, bold)| text::width(text, *size, *bold))
        .fold(0.0, f64::max);
    let closed = of.actual.last().filter(|last| last.date == of.span.1);
    let value = closed.map_or(0.0, |last| {
        let value = text::width(&numbers::plain(last.value), SIZE + 1.0, true);
        value.max(text::width(&until(last, language), SMALL, false))
    });
    (widest.max(value) + 18.0).clamp(14.0, width.pixels() * 0.34)
}

/// The day of the last point.
fn until(last: &Point, language: Language) -> String {
    let day = day_said(last.date, language);
    texts::fill(language, "label_until", &[("day", &day)])
}

/// The target, and the two lines of the forecast: text, size, bold.
fn end_words(of: &Cumulative, language: Language) -> Vec<(String, f64, bool)> {
    let mut words = Vec::new();
    if let Some(target) = of.target() {
        words.push((target_text(target, of, language), SIZE, true));
    }
    if let Some(last) = of.forecast.as_ref().and_then(|fan| fan.points.last()) {
        let [median, low, high] = forecast_texts(of, last, language);
        words.push((
            texts::fill(language, "label_forecast", &[("median", &median)]),
            SIZE,
            true,
        ));
        words.push((
            texts::fill(language, "label_band", &[("low", &low), ("high", &high)]),
            SMALL,
            false,
        ));
    }
    words
}

impl Plot<'_> {
    /// What stands beside a diamond on the way; on a phone the axis says when.
    fn target_text(&self, target: &Milestone) -> String {
        if self.width != Width::Phone {
            return target_text(target, self.of, self.language);
        }
        let value = numbers::spoken_exactly(target.value, self.language);
        texts::fill(self.language, "label_target", &[("value", &value)])
    }
}

/// What stands beside a diamond.
fn target_text(target: &Milestone, of: &Cumulative, language: Language) -> String {
    let value = numbers::spoken_exactly(target.value, language);
    let key = match (target.date == of.span.1, target.decided) {
        (true, _) => "label_target",
        (false, true) => "label_milestone",
        (false, false) => "label_milestone_interpolated",
    };
    let date = end_said(target.date, language);
    texts::fill(language, key, &[("date", &date), ("value", &value)])
}

/// The texts that are put where there is room.
pub(super) struct Texts<'p, 'a> {
    plot: &'p Plot<'a>,
    placer: Placer,
    pub(super) marks: Vec<Mark>,
}

impl<'p, 'a> Texts<'p, 'a> {
    pub(super) fn new(plot: &'p Plot<'a>) -> Self {
        let (width, height) = (plot.width.pixels(), plot.bottom + plot.time.foot());
        let mut placer = Placer::new(width, height);
        for mark in plot.ground() {
            if let Mark::Label(label) = mark {
                placer.take(label.extent());
            }
        }
        for line in [plot.actual(), plot.pace(), plot.path(|point| point.median)] {
            placer.avoid(&line);
        }
        if plot.of.forecast.is_some() {
            placer.avoid(&plot.path(|point| point.bands[2].0));
            placer.avoid(&plot.path(|point| point.bands[2].1));
        }
        let targets = plot
            .shown()
            .map(|target| plot.at(target.date, target.value.approximate()));
        for (x, y) in targets.chain(plot.actual().last().copied()) {
            placer.take((x - 6.0, y - 6.0, x + 6.0, y + 6.0));
        }
        let mut texts = Self {
            plot,
            placer,
            marks: Vec::new(),
        };
        let unit = plot.of.unit.get(plot.language);
        let unit = Label::new(unit, 0.0, WORDS, SMALL).inked(theme::MUTED);
        if let Some(unit) = texts.put(&unit, &[(0.0, WORDS, Anchor::Start, 0.0)]) {
            // Another word right beside it would seem to go on with it.
            let (left, top, right, bottom) = unit.extent();
            texts.placer.take((left, top, right + 14.0, bottom));
        }
        texts
    }

    fn put(&mut self, label: &Label, spots: &[Spot]) -> Option<Label> {
        let placed = self.placer.place(label, spots)?;
        self.marks.push(Mark::Halo(placed.clone()));
        Some(placed)
    }

    /// A word above each stripe.
    pub(super) fn stripes(&mut self) {
        for span in &self.plot.of.interruptions {
            let (left, right) = (self.plot.time.x(span.from), self.plot.time.x(span.to));
            let middle = f64::midpoint(left, right);
            let word =
                Label::new(span.title.get(self.plot.language), 0.0, 0.0, SMALL).inked(theme::MUTED);
            let row = WORDS;
            let spots = [
                (middle, row, Anchor::Middle, 0.0),
                (left, row, Anchor::Start, 1.0),
                (right, row, Anchor::End, 1.0),
                (middle, TOP + 12.0, Anchor::Middle, 3.0),
                (middle, TOP + 30.0, Anchor::Middle, 4.0),
                (right, TOP + 12.0, Anchor::End, 4.0),
            ];
            self.put(&word, &spots);
        }
    }

    /// The target, what was done, and the forecast.
    pub(super) fn end(&mut self) {
        let plot = self.plot;
        let words = end_words(plot.of, plot.language);
        let mut words = words
            .into_iter()
            .map(|(text, size, bold)| Label::new(text, 0.0, 0.0, size).weighted(bold));
        if let Some(target) = plot.of.target() {
            let at = plot.at(target.date, target.value.approximate());
            if let Some(placed) = words.next().and_then(|word| self.at_end(&word, at)) {
                self.provenance(target, &placed);
            }
        }
        self.done();
        let Some(last) = plot.of.forecast.as_ref().and_then(|fan| fan.points.last()) else {
            return;
        };
        let at = plot.at(last.date, last.median.approximate());
        let median = words.next().map(|word| word.inked(theme::ACCENT));
        let placed = median.and_then(|word| self.at_end(&word, at));
        let Some((placed, word)) = placed.zip(words.next()) else {
            return;
        };
        // The band belongs to its median: below it, or above.
        let lines = [17.0, -17.0, 34.0, -34.0];
        let mut spots: Vec<Spot> = lines
            .iter()
            .map(|dy| (placed.x, placed.y + dy, placed.anchor, dy.abs()))
            .collect();
        if plot.width != Width::Phone {
            spots.extend(beside(at.0 + 13.0, at.1));
        }
        self.put(&word.inked(theme::MUTED), &spots);
    }

    /// A target that nobody decided says so.
    fn provenance(&mut self, target: &Milestone, label: &Label) {
        if target.decided {
            return;
        }
        let word = texts::say(self.plot.language, "label_interpolated");
        let word = Label::new(word, 0.0, 0.0, SMALL).inked(theme::MUTED);
        let lines = [-17.0, 17.0].map(|dy| (label.x, label.y + dy, label.anchor, 0.0));
        self.put(&word, &lines);
    }

    /// A label of the last day, with a hair to its point where it stands off.
    fn at_end(&mut self, label: &Label, at: (f64, f64)) -> Option<Label> {
        let placed = self.put(label, &beside_or_around(self.plot.width, at))?;
        if self.plot.width != Width::Phone && (placed.y - at.1).abs() > 9.0 {
            let hair = vec![(at.0 + 5.0, at.1), (placed.x - 3.0, placed.y)];
            self.marks
                .insert(0, Mark::Line(Line::new(hair, 0.75, theme::NEUTRAL)));
        }
        Some(placed)
    }

    /// What was done by the day of the data.
    fn done(&mut self) {
        let plot = self.plot;
        let (Some(last), Some((x, y))) = (plot.of.actual.last(), plot.actual().last().copied())
        else {
            return;
        };
        let mut spots = around(x, y, 8.0);
        // What lags is named below its line, not between it and the pace.
        let expected = plot
            .of
            .expected()
            .map(|value| plot.values.y(value.approximate()));
        if expected.is_some_and(|expected| expected < y - 8.0) {
            for spot in spots.iter_mut().filter(|spot| spot.1 < y) {
                spot.3 += 14.0;
            }
        }
        if last.date == plot.of.span.1 && plot.width != Width::Phone {
            spots.splice(0..0, beside(x + 12.0, y));
        }
        let value = Label::new(numbers::plain(last.value), 0.0, 0.0, SIZE + 1.0)
            .weighted(true)
            .inked(theme::ACCENT);
        let Some(value) = self.put(&value, &spots) else {
            return;
        };
        let day = Label::new(until(last, plot.language), 0.0, 0.0, SMALL).inked(theme::MUTED);
        let below = [17.0, -17.0].map(|dy| (value.x, value.y + dy, value.anchor, 0.0));
        self.put(&day, &below);
    }

    pub(super) fn milestones(&mut self) {
        let plot = self.plot;
        for target in plot.shown().filter(|target| target.date < plot.of.span.1) {
            let (x, y) = plot.at(target.date, target.value.approximate());
            let ink = if target.decided {
                theme::INK
            } else {
                theme::MUTED
            };
            let label = Label::new(plot.target_text(target), 0.0, 0.0, SMALL).inked(ink);
            self.put(&label, &around(x, y, 9.0));
        }
    }

    /// The name of the dashed line, along it.
    pub(super) fn pace(&mut self) {
        let plot = self.plot;
        let pace = plot.pace();
        let key = match plot.of.curve {
            "workdays" => "label_pace_workdays",
            "milestones" => "label_pace_milestones",
            _ => "label_pace_interpolated",
        };
        let name = Label::new(texts::say(plot.language, key), 0.0, 0.0, SMALL).inked(theme::MUTED);
        let mut spots = Vec::new();
        for (cost, share) in [0.72, 0.6, 0.5, 0.4, 0.3, 0.8, 0.2, 0.9]
            .into_iter()
            .enumerate()
        {
            let wanted = plot.time.left + (plot.time.right - plot.time.left) * share;
            let Some((x, y)) = pace.iter().copied().find(|(x, _)| *x >= wanted) else {
                continue;
            };
            let cost = f64::from(u8::try_from(cost).unwrap_or(u8::MAX));
            let near = around(x, y, 5.0).into_iter().take(16);
            spots.extend(near.map(|(x, y, anchor, off)| (x, y, anchor, off + cost)));
        }
        // So near to another label it would seem to belong to its point.
        self.placer.leading(9.0);
        self.put(&name, &spots);
    }
}

/// Where a word about the right edge may stand: beside the plot, or around the point where there is no room beside.
fn beside_or_around(width: Width, (x, y): (f64, f64)) -> Vec<Spot> {
    match width {
        Width::Phone => around(x, y, 8.0),
        _ => beside(x + 13.0, y),
    }
}
