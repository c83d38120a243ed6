//! Heat tables: two dimensions, a number in every cell, and one hue that is the deeper the more there is.

mod grid;
mod phone;
mod scale;

pub use scale::{DARK_FROM, SHADES};

use super::parts::{self, SMALL, Voice, count, measured, small, small_end};
use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::indicators::table::Table;
use crate::programme::{Language, Programme};
use grid::{Cell, Grid};
use scale::Scale;

/// The totals of a heat table, computed from the facts like any figure: never by adding up cells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Margins<'a> {
    /// The same figure by the first dimension alone.
    pub first: Option<&'a Table>,
    /// The same figure by the second dimension alone.
    pub second: Option<&'a Table>,
}

/// The cells of `table`, broken down by two dimensions. Time runs across; otherwise the dimension with the longer names runs
/// down. A phone shows each row with its largest (or latest) three cells.
pub fn heat(
    table: &Table,
    margins: Margins<'_>,
    programme: &Programme,
    language: Language,
    width: Width,
) -> Chart {
    let voice = Voice {
        programme,
        language,
    };
    let grid = Grid::of(table, margins, voice);
    let summary = grid.summary(voice);
    let scene = match width {
        _ if grid.is_empty() => nothing(voice, width),
        Width::Phone => phone::scene(&grid, voice),
        _ => Plan::new(&grid, voice, width.pixels()).scene(&grid, voice),
    };
    Chart { scene, summary }
}

fn nothing(voice: Voice<'_>, width: Width) -> Scene {
    Scene {
        width: width.pixels(),
        height: 24.0,
        marks: vec![Mark::Label(small(voice.say("summary_nothing"), 0.0, 12.0))],
    }
}

/// Size of names in the grid.
const NAMES: f64 = 13.0;
const ROW: f64 = 26.0;
/// Narrowest and widest a column may be.
const COLUMN: (f64, f64) = (34.0, 92.0);
/// Paper between two cells.
const GAP: f64 = 1.5;
/// Height of a line of heads.
const LINE: f64 = 14.0;
/// Lines a head may have.
const LINES: usize = 2;

/// Where things stand on a wide screen.
struct Plan {
    width: f64,
    name_width: f64,
    /// Right end of the totals of rows.
    totals: Option<f64>,
    left: f64,
    column: f64,
    /// The columns that are shown.
    columns: Vec<usize>,
    /// Whether heads stand in two tiers, each with the room of two columns.
    staggered: bool,
    /// Where the first row begins.
    top: f64,
    /// By how much numbers are divided, and what that is called.
    unit: scale::Unit,
    has_total_row: bool,
}

impl Plan {
    fn new(grid: &Grid, voice: Voice<'_>, width: f64) -> Self {
        let names = grid.down.names.iter().map(String::as_str);
        let names = parts::widest(names, NAMES, false);
        let least = text::width(voice.say("total"), NAMES, true);
        let name_width = names.min(0.2 * width).max(least);
        let total_texts = grid.down.totals.iter().chain([&grid.all]);
        let totals = total_texts
            .map(|cell| measured(&cell.text, SMALL, true))
            .fold(0.0, f64::max);
        let has_totals = grid.down.has_totals;
        let totals_end = name_width + 14.0 + totals.max(28.0);
        let left = if has_totals { totals_end } else { name_width } + 14.0;
        let room = width - left;
        let most = grid.across.codes.len();
        let fitting = (1..=most).rev().find(|n| room / count(*n) >= COLUMN.0);
        let columns = grid.across.chosen(fitting.unwrap_or(1));
        let column = (room / count(columns.len())).min(COLUMN.1);
        let in_cells = grid.cells.values().chain(&grid.across.totals);
        let unit = scale::Unit::fitting(in_cells, column - 6.0, voice.language);
        let names = columns
            .iter()
            .map(|column| grid.across.names[*column].as_str());
        let names: Vec<&str> = names.collect();
        let fits = |name: &&str| parts::wraps(name, SMALL, column - 4.0, LINES);
        let is_time = grid.across.is_time();
        let staggered = !is_time && columns.len() > 1 && !names.iter().all(fits);
        let tiers = if staggered { 2.0 } else { 1.0 };
        let has_total_row = grid.across.has_totals || has_totals;
        Self {
            width,
            name_width,
            totals: has_totals.then_some(totals_end),
            left,
            column,
            columns,
            staggered,
            top: tiers * LINE * count(LINES) + 10.0,
            unit,
            has_total_row,
        }
    }

    fn scene(&self, grid: &Grid, voice: Voice<'_>) -> Scene {
        let mut marks = Vec::new();
        self.heads(grid, voice, &mut marks);
        let mut y = self.top;
        if self.has_total_row {
            self.total_row(grid, voice, y, &mut marks);
            y += ROW + 8.0;
        }
        for row in 0..grid.down.codes.len() {
            self.row(grid, row, y, &mut marks);
            y += ROW;
        }
        y += 14.0;
        let note = grid.left_out(&grid.across, self.columns.len(), voice);
        let place = (self.left, self.width);
        let mut height = grid.scale.key(grid, voice, place, y, &mut marks);
        if let Some(note) = note {
            marks.push(Mark::Label(small(note, self.left, height + 8.0)));
            height += 18.0;
        }
        Scene {
            width: self.width,
            height: height + 4.0,
            marks,
        }
    }

    fn middle(&self, position: usize) -> f64 {
        self.left + (count(position) + 0.5) * self.column
    }

    fn heads(&self, grid: &Grid, voice: Voice<'_>, marks: &mut Vec<Mark>) {
        let unit = self.unit.named(&grid.unit, voice.language);
        let unit = text::fitted(&unit, SMALL, false, self.left - 12.0);
        marks.push(Mark::Label(small(unit, 0.0, self.top - 12.0)));
        let mut ticks = Vec::new();
        for (position, column) in self.columns.iter().enumerate() {
            let middle = self.middle(position);
            let Some(tick) = &grid.across.ticks[*column] else {
                self.name_head(&grid.across.names[*column], position, marks);
                continue;
            };
            ticks.push((middle, tick));
            if grid.across.open[*column] {
                let half = self.column / 2.0 - GAP;
                let strip = (middle - half, self.top - 4.0, middle + half, self.top);
                parts::hatched(strip, theme::NEUTRAL, marks);
            }
        }
        parts::time_heads(&ticks, self.column, self.top - 12.0, voice, marks);
    }

    fn name_head(&self, name: &str, position: usize, marks: &mut Vec<Mark>) {
        let middle = self.middle(position);
        let upper = self.staggered && position % 2 == 1;
        let room = match self.staggered {
            // The last one may not leave the canvas.
            true => (2.0 * self.column - 8.0).min(2.0 * (self.width - middle)),
            false => self.column - 4.0,
        };
        let lines = parts::wrapped(name, SMALL, room, LINES);
        let bottom = match upper {
            true => self.top - 8.0 - LINE * count(LINES),
            false => self.top - 6.0,
        };
        for (at, line) in lines.iter().rev().enumerate() {
            let y = bottom - LINE / 2.0 - count(at) * LINE;
            marks.push(Mark::Label(small(line, middle, y).anchored(Anchor::Middle)));
        }
        if upper {
            let leader = (bottom + 2.0, self.top - 2.0);
            marks.push(Mark::Bar(
                middle - 0.5,
                leader.0,
                middle + 0.5,
                leader.1,
                theme::HAIRLINE,
            ));
        }
    }

    fn total_row(&self, grid: &Grid, voice: Voice<'_>, top: f64, marks: &mut Vec<Mark>) {
        let y = top + ROW / 2.0;
        let name = Label::new(voice.say("total"), 0.0, y, NAMES).weighted(true);
        marks.push(Mark::Label(name));
        if let Some(end) = self.totals {
            let all = Label::new(&grid.all.text, end, y, SMALL).weighted(true);
            marks.push(Mark::Label(all.anchored(Anchor::End)));
        }
        if grid.across.has_totals {
            for (position, column) in self.columns.iter().enumerate() {
                let text = self
                    .unit
                    .text(&grid.across.totals[*column], self.column - 3.0);
                let label = Label::new(text, self.middle(position), y, SMALL);
                marks.push(Mark::Label(label.anchored(Anchor::Middle)));
            }
        }
        let right = self.left + count(self.columns.len()) * self.column;
        marks.push(parts::rule(0.0, right, top + ROW + 3.0));
    }

    fn row(&self, grid: &Grid, row: usize, top: f64, marks: &mut Vec<Mark>) {
        let y = top + ROW / 2.0;
        let ink = match parts::is_homeless(&grid.down.codes[row]) {
            true => theme::MUTED,
            false => theme::INK,
        };
        let name = text::fitted(&grid.down.names[row], NAMES, false, self.name_width);
        marks.push(Mark::Label(Label::new(name, 0.0, y, NAMES).inked(ink)));
        if let Some(end) = self.totals {
            let total = small_end(&grid.down.totals[row].text, end, y).inked(ink);
            marks.push(Mark::Label(total));
        }
        for (position, column) in self.columns.iter().enumerate() {
            let left = self.left + count(position) * self.column;
            let place = (
                left + GAP / 2.0,
                top + GAP / 2.0,
                left + self.column - GAP / 2.0,
                top + ROW - GAP / 2.0,
            );
            let cell = grid.cells.get(&(row, *column));
            let text = match cell {
                Some(cell) => self.unit.text(cell, self.column - 3.0),
                None => "·".to_owned(),
            };
            let ink = grid.scale.fill(cell, place, marks);
            let label = Label::new(text, left + self.column / 2.0, y, SMALL).inked(ink);
            marks.push(Mark::Label(label.anchored(Anchor::Middle)));
        }
    }
}
