//! A heat table on a phone: each row with its largest three cells, or the latest three.

use super::{Cell, Grid, nothing, scale};
use crate::presentation::charts::parts::{self, SIZE, SMALL, Voice, measured, small};
use crate::presentation::charts::scene::{Anchor, Label, Mark, Scene};
use crate::presentation::charts::{Width, text, theme};

/// Rows that are shown.
const ROWS: usize = 10;
/// Cells of a row that are shown.
const CELLS: usize = 3;
const GAP: f64 = 3.0;
const NAME: f64 = 24.0;
const HEIGHT: f64 = 28.0;
const ROW: f64 = NAME + HEIGHT + 8.0;

/// The drawing of a grid that is not empty.
pub(super) fn scene(grid: &Grid, voice: Voice<'_>) -> Scene {
    let width = Width::Phone.pixels();
    let rows = grid.down.codes.len().min(ROWS);
    if rows == 0 {
        return nothing(voice, Width::Phone);
    }
    let mut marks = Vec::new();
    let unit = grid.unit.get(voice.language);
    let latest = grid.across.is_time();
    let note = voice.say(if latest {
        "heat_latest_three"
    } else {
        "heat_largest_three"
    });
    let unit_room = width - text::width(note, SMALL, false) - 16.0;
    marks.push(Mark::Label(small(note, 0.0, 9.0)));
    let unit = small(text::fitted(unit, SMALL, false, unit_room), width, 9.0);
    marks.push(Mark::Label(unit.anchored(Anchor::End)));
    let mut y = 22.0;
    if grid.down.has_totals {
        let name = Label::new(voice.say("total"), 0.0, y + 12.0, SIZE).weighted(true);
        let all = Label::new(&grid.all.text, width, y + 12.0, SIZE).weighted(true);
        marks.push(Mark::Label(name));
        marks.push(Mark::Label(all.anchored(Anchor::End)));
        marks.push(parts::rule(0.0, width, y + NAME + 3.0));
        y += NAME + 8.0;
    }
    for row in 0..rows {
        head(grid, row, y, &mut marks);
        for (position, column) in chosen(grid, row).into_iter().enumerate() {
            let step = (width + GAP) / parts::count(CELLS);
            let left = parts::count(position) * step;
            let place = (left, y + NAME, left + step - GAP, y + NAME + HEIGHT);
            cell(grid, (row, column), place, &mut marks);
        }
        y += ROW;
    }
    let mut height = grid
        .scale
        .key(grid, voice, (0.0, width), y + 6.0, &mut marks);
    if let Some(note) = grid.left_out(&grid.down, rows, voice) {
        marks.push(Mark::Label(small(
            text::fitted(&note, SMALL, false, width),
            0.0,
            height + 8.0,
        )));
        height += 18.0;
    }
    Scene {
        width,
        height: height + 4.0,
        marks,
    }
}

/// The columns that a row shows.
fn chosen(grid: &Grid, row: usize) -> Vec<usize> {
    if grid.across.is_time() {
        return grid.across.chosen(CELLS);
    }
    let size = |column: &usize| {
        let cell = grid.cells.get(&(row, *column));
        cell.and_then(|cell| cell.size).unwrap_or(f64::NEG_INFINITY)
    };
    let mut columns: Vec<usize> = (0..grid.across.codes.len())
        .filter(|column| grid.cells.contains_key(&(row, *column)))
        .collect();
    columns.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    columns.truncate(CELLS);
    columns
}

fn head(grid: &Grid, row: usize, top: f64, marks: &mut Vec<Mark>) {
    let (y, width) = (top + 12.0, Width::Phone.pixels());
    let total = &grid.down.totals[row].text;
    let room = width - measured(total, SIZE, false) - 12.0;
    let name = text::fitted(&grid.down.names[row], SIZE, false, room);
    marks.push(Mark::Label(Label::new(name, 0.0, y, SIZE)));
    let total = Label::new(total, width, y, SIZE).anchored(Anchor::End);
    marks.push(Mark::Label(total.inked(theme::MUTED)));
}

fn cell(
    grid: &Grid,
    (row, column): (usize, usize),
    place: (f64, f64, f64, f64),
    marks: &mut Vec<Mark>,
) {
    let (left, top, right, bottom) = place;
    let blank = Cell {
        text: "·".to_owned(),
        ..Cell::default()
    };
    let cell = grid.cells.get(&(row, column)).unwrap_or(&blank);
    let ink = grid.scale.fill(Some(cell), place, marks);
    let y = f64::midpoint(top, bottom);
    let room = right - left - 12.0;
    // A number is whole or not there.
    let number = scale::whole(&cell.text, room);
    let rest = room - measured(&number, SMALL, false) - 6.0;
    let name = text::fitted(&grid.across.names[column], SMALL, false, rest);
    marks.push(Mark::Label(
        Label::new(name, left + 6.0, y, SMALL).inked(ink),
    ));
    let number = Label::new(number, right - 6.0, y, SMALL).inked(ink);
    marks.push(Mark::Label(number.anchored(Anchor::End)));
}
