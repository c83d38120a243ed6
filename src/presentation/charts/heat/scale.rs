//! Shades: classes with round borders, each painted as so much of the accent, so that they follow the page into the dark.

use super::grid::{Cell, Grid, Measure};
use crate::presentation::charts::parts::{SMALL, Voice, count, measured, small};
use crate::presentation::charts::scene::{Anchor, Mark};
use crate::presentation::charts::theme;
use crate::presentation::numbers;
use crate::programme::{Decimal, Language, Text};
use plotters::style::RGBColor;

/// How much of the accent each shade has, the lightest first. On paper and in the dark, the number stands in ink on the first
/// ones and in the colour of the paper on the last ones; the shades in which neither can be read are left out.
pub const SHADES: [f64; 7] = [0.05, 0.16, 0.28, 0.40, 0.51, 0.82, 1.0];
/// The first shade on which numbers have the colour of the paper.
pub const DARK_FROM: usize = 5;

/// The classes of a table.
pub(super) struct Scale {
    /// Where each class but the first begins, ascending.
    borders: Vec<f64>,
}

impl Scale {
    /// Classes for `values`: amounts from 0, finer below, since a few cells are much larger than the others; shares at even
    /// distances from the smallest to the largest.
    pub fn of(values: &[f64], measure: Measure) -> Self {
        let (least, most) = values
            .iter()
            .fold((f64::INFINITY, 0.0), |(least, most), value| {
                (f64::min(least, *value), f64::max(most, *value))
            });
        let mut borders: Vec<f64> = match measure {
            Measure::Amount => (1..SHADES.len())
                .map(|class| round(most * (count(class) / count(SHADES.len())).powi(2)))
                .collect(),
            Measure::Share => {
                let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
                let fine = |step: &f64| (most - least) / step <= count(SHADES.len() - 1);
                let step = steps.into_iter().find(fine).unwrap_or(100.0);
                let first = (least / step).floor() + 1.0;
                let border = |at: usize| (first + count(at)) * step;
                let all = (0..SHADES.len() - 1).map(border);
                all.take_while(|border| *border <= most).collect()
            }
        };
        borders.retain(|border| *border > 0.0 && *border <= most);
        borders.dedup();
        Self { borders }
    }

    /// The shade of a value, from the lightest (0) to the deepest; `None` for what is not shaded.
    pub fn shade(&self, value: f64) -> Option<usize> {
        let class = self
            .borders
            .iter()
            .filter(|border| **border <= value + 1e-12)
            .count();
        (value > 0.0).then(|| self.shade_of(class))
    }

    /// A few classes are spread over all shades.
    fn shade_of(&self, class: usize) -> usize {
        match self.borders.len() {
            0 => 2,
            last => class * (SHADES.len() - 1) / last,
        }
    }

    /// Paints the ground of a cell and gives the ink its number is to be read in.
    pub fn fill(
        &self,
        cell: Option<&Cell>,
        (left, top, right, bottom): (f64, f64, f64, f64),
        marks: &mut Vec<Mark>,
    ) -> RGBColor {
        let Some(shade) = cell
            .and_then(|cell| cell.size)
            .and_then(|size| self.shade(size))
        else {
            return theme::MUTED;
        };
        let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
        marks.push(Mark::Area(corners, theme::ACCENT, SHADES[shade]));
        match shade < DARK_FROM {
            true => theme::INK,
            false => theme::PAPER,
        }
    }

    /// The key: the shades in a row with the numbers at which they begin. Gives back its lower edge.
    pub fn key(
        &self,
        grid: &Grid,
        voice: Voice<'_>,
        (left, right): (f64, f64),
        top: f64,
        marks: &mut Vec<Mark>,
    ) -> f64 {
        let texts: Vec<String> = self
            .borders
            .iter()
            .map(|border| grid.border_text(*border, voice.language))
            .collect();
        let classes = self.borders.len() + 1;
        let widest = texts
            .iter()
            .map(|text| measured(text, SMALL, false))
            .fold(0.0, f64::max);
        let wanted = (widest + 12.0).max(44.0);
        let step = wanted.min((right - left) / count(classes));
        for class in 0..classes {
            let x = left + count(class) * step;
            let corners = [
                (x, top),
                (x + step, top),
                (x + step, top + 8.0),
                (x, top + 8.0),
            ];
            let opaque = SHADES[self.shade_of(class)];
            marks.push(Mark::Area(corners.to_vec(), theme::ACCENT, opaque));
        }
        // Where there is no room for all of them, every second one.
        let every = if widest + 6.0 > step { 2 } else { 1 };
        for (at, text) in texts.iter().enumerate().step_by(every) {
            let x = left + count(at + 1) * step;
            marks.push(Mark::Label(
                small(text, x, top + 18.0).anchored(Anchor::Middle),
            ));
        }
        top + 26.0
    }
}

/// The nearest of the numbers people count in.
fn round(number: f64) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    let size = 10f64.powf(number.log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let distance = |step: &f64| (number / size - step).abs();
    let near = steps
        .into_iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    // Counts have no fractions.
    (near.unwrap_or(1.0) * size).round()
}

/// A number that fits into `room`, or nothing: a number that is cut is another number.
pub(super) fn whole(number: &str, room: f64) -> String {
    match measured(number, SMALL, false) <= room {
        true => number.to_owned(),
        false => String::new(),
    }
}

/// What the numbers in cells are divided by so that they fit.
pub(super) struct Unit {
    divisor: Decimal,
    name: &'static Text,
}

impl Unit {
    /// The smallest unit in which all of `cells` fit into `room`; numbers are never cut.
    pub fn fitting<'a>(
        cells: impl Iterator<Item = &'a Cell> + Clone,
        room: f64,
        language: Language,
    ) -> Self {
        let tenfold: &[(u32, &str)] = match language {
            Language::Zh => &[(0, "heat_unit"), (4, "heat_unit_wan"), (8, "heat_unit_yi")],
            Language::En => &[(0, "heat_unit"), (3, "heat_unit_k"), (6, "heat_unit_m")],
        };
        let units = tenfold.iter().map(|(zeros, key)| Self {
            divisor: Decimal::new(10i128.pow(*zeros), 0),
            name: &crate::presentation::texts::all()[*key],
        });
        let fits = |unit: &Self| {
            let mut texts = cells.clone().map(|cell| unit.shown(cell));
            texts.all(|text| measured(&text, SMALL, false) <= room)
        };
        let mut units: Vec<Self> = units.collect();
        let at = units.iter().position(fits).unwrap_or(0);
        units.swap_remove(at)
    }

    fn shown(&self, cell: &Cell) -> String {
        match cell.amount {
            Some(amount) if self.divisor != Decimal::new(1, 0) => {
                let divided = amount.over(self.divisor).expect("not zero");
                numbers::plain(divided.rounded(1))
            }
            _ => cell.text.clone(),
        }
    }

    /// The text of a cell, empty where it does not fit into `room`.
    pub fn text(&self, cell: &Cell, room: f64) -> String {
        whole(&self.shown(cell), room)
    }

    /// The unit of the table times what its numbers are divided by.
    pub fn named(&self, unit: &Text, language: Language) -> String {
        self.name
            .get(language)
            .replace("{unit}", unit.get(language))
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, SHADES, Scale};

    #[test]
    fn classes_begin_at_round_numbers() {
        // 49000 in sevenths squared: 1000, 4000, 9000, 16000, 25000, 36000, each to the nearest round number.
        let scale = Scale::of(&[0.0, 10.0, 49_000.0], Measure::Amount);
        let expected = [1000.0, 4000.0, 8000.0, 15_000.0, 25_000.0, 40_000.0];
        assert_eq!(scale.borders, expected);
        let shade = |value| scale.shade(value);
        assert_eq!(
            [0.0, -3.0, 1.0, 999.0, 1000.0, 49_000.0].map(shade),
            [None, None, Some(0), Some(0), Some(1), Some(6)]
        );
    }

    #[test]
    fn a_few_small_counts_have_a_few_classes() {
        let scale = Scale::of(&[1.0, 2.0, 3.0], Measure::Amount);
        assert_eq!(scale.borders, [1.0, 2.0]);
        assert_eq!(scale.shade(3.0), Some(SHADES.len() - 1));
        assert!(Scale::of(&[], Measure::Amount).borders.is_empty());
    }

    #[test]
    fn shares_are_cut_at_even_distances() {
        let scale = Scale::of(&[0.41, 0.55, 0.98], Measure::Share);
        let shown: Vec<String> = scale.borders.iter().map(|b| format!("{b:.1}")).collect();
        assert_eq!(shown, ["0.5", "0.6", "0.7", "0.8", "0.9"]);
    }
}
