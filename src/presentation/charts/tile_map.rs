//! Units as tiles where they lie: name, progress, verdict and a small bullet.

use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, key, summary, text, theme};
use crate::indicators::table::{Kind, Row, Table, Verdict};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, ranking, texts, verdict};
use crate::programme::{Language, Programme};
use std::collections::BTreeSet;

/// Air between two tiles.
const GAP: f64 = 6.0;
/// Tiles narrower than this have their shape beside the number, so that the name has the whole first line.
const NARROW: f64 = 100.0;
/// Widest a tile is drawn: wider ones would be bars, not places.
const TILE_MAX: f64 = 164.0;
/// Names in the key beside the map before the rest is counted.
const NAMES: usize = 3;

/// The chart of `table`, broken down by units, with tiles placed by the programme's map. Units of the scope without a place
/// stand in rows below it, what belongs to no unit at the end.
pub fn tile_map(table: &Table, programme: &Programme, language: Language, width: Width) -> Chart {
    Chart {
        scene: scene(table, programme, language, width),
        summary: summary::summary(table, programme, language),
    }
}

fn scene(table: &Table, programme: &Programme, language: Language, width: Width) -> Scene {
    let places = places(table, programme);
    let columns = places.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let has_key_beside = matches!(width, Width::Wide | Width::Major) && !places.is_empty();
    let room = width.pixels() * if has_key_beside { 0.72 } else { 1.0 };
    let columns = count(columns);
    let tile = ((room + GAP) / columns - GAP).min(TILE_MAX);
    let map = Map::new(table, programme, language, tile, &places);
    let mut marks = Vec::new();
    let mut y = 1.0;
    let mut key = Vec::new();
    if !has_key_beside {
        let verdicts = map.verdicts(&places);
        (key, y) = key::row(
            verdicts
                .iter()
                .map(|(verdict, names)| (*verdict, names.len())),
            width.pixels(),
            language,
        );
    }
    for row in &places {
        for (column, code) in row.iter().enumerate() {
            if let Some(code) = code {
                let left = 0.5 + count(column) * (tile + GAP);
                marks.extend(map.tile(code, left, y));
            }
        }
        y += map.height + GAP;
    }
    if has_key_beside {
        let left = columns * (tile + GAP) + 26.0;
        let (beside, end) = map.key_beside(left, width.pixels(), &places);
        key = beside;
        y = y.max(end);
    }
    marks.extend(key);
    Scene {
        width: width.pixels(),
        height: y.max(24.0),
        marks,
    }
}

fn count(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

/// Rows of codes: the programme's map as far as the table or its scope knows the units, then those it gives no place.
fn places(table: &Table, programme: &Programme) -> Vec<Vec<Option<String>>> {
    let is_division = table
        .dimensions
        .first()
        .is_some_and(|dimension| dimension == "division");
    let scope = programme.config.scope(&table.scope).filter(|_| is_division);
    let in_scope = scope.map_or(&[][..], |scope| &scope.units);
    let in_table: Vec<&str> = table
        .rows
        .iter()
        .filter_map(|row| row.codes.first())
        .map(String::as_str)
        .collect();
    let known = |code: &str| in_table.contains(&code) || in_scope.iter().any(|unit| unit == code);
    let tiles = &programme.config.map.tiles;
    let mut placed = BTreeSet::new();
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    for row in tiles {
        let row: Vec<Option<String>> = row
            .iter()
            .map(|tile| Some(tile.get_ref().clone()).filter(|code| known(code)))
            .collect();
        placed.extend(row.iter().flatten().cloned());
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(Option::is_some));
    let columns = rows.iter().map(Vec::len).max().unwrap_or(4);
    let mut rest: Vec<Option<String>> = Vec::new();
    let units = ranking::by_gap(table)
        .into_iter()
        .filter_map(|row| row.codes.first());
    for code in in_scope.iter().chain(units) {
        if placed.insert(code.clone()) {
            rest.push(Some(code.clone()));
        }
    }
    rows.extend(rest.chunks(columns).map(<[Option<String>]>::to_vec));
    rows
}

struct Map<'a> {
    table: &'a Table,
    programme: &'a Programme,
    language: Language,
    /// Width of a tile.
    tile: f64,
    /// Its height.
    height: f64,
    /// Air inside it.
    pad: f64,
    /// Most lines of a name.
    lines: usize,
    /// Share of the target at the right end of a bullet.
    longest: f64,
    /// Whether any unit has a target.
    judged: bool,
}

impl<'a> Map<'a> {
    fn new(
        table: &'a Table,
        programme: &'a Programme,
        language: Language,
        tile: f64,
        places: &[Vec<Option<String>>],
    ) -> Self {
        let progress = table.rows.iter().filter_map(|row| row.progress);
        let longest = progress
            .map(|progress| progress.approximate())
            .fold(1.0, f64::max);
        let mut map = Self {
            table,
            programme,
            language,
            tile,
            height: 0.0,
            pad: if tile < NARROW { 6.0 } else { 9.0 },
            lines: 2,
            longest: longest * 1.02,
            judged: table.rows.iter().any(|row| row.progress.is_some()),
        };
        let codes = places.iter().flatten().flatten();
        map.lines = codes
            .map(|code| map.name(code).0.len())
            .max()
            .unwrap_or(1)
            .max(1);
        map.height = 17.0 * count(map.lines) + if map.judged { 50.0 } else { 36.0 };
        map
    }

    fn row(&self, code: &str) -> Option<&'a Row> {
        self.table
            .rows
            .iter()
            .find(|row| row.codes.first().is_some_and(|own| own == code))
    }

    fn short(&self, code: &str) -> String {
        let dimension = self
            .table
            .dimensions
            .first()
            .map_or("division", String::as_str);
        labels::short(self.programme, dimension, code, self.language)
    }

    fn verdict(&self, code: &str) -> Verdict {
        self.row(code).map_or(Verdict::NoTarget, |row| row.verdict)
    }

    /// The lines of a name and their size; in wide tiles the shape has its own room beside them. A name that nearly fits is set
    /// smaller rather than in two lines.
    fn name(&self, code: &str) -> (Vec<String>, f64) {
        let has_shape = self.judged && self.tile >= NARROW;
        let room = self.tile - 2.0 * self.pad - if has_shape { 16.0 } else { 0.0 };
        let name = self.short(code);
        let fits = |size: &f64| text::width(&name, *size, false) <= room;
        let size = [13.0, 12.5, 12.0, 11.5]
            .into_iter()
            .find(fits)
            .unwrap_or(13.0);
        (text::wrapped(&name, size, false, room, self.lines), size)
    }

    fn tile(&self, code: &str, left: f64, top: f64) -> Vec<Mark> {
        let (right, bottom) = (left + self.tile - 1.0, top + self.height);
        let mut marks = frame(left, top, right, bottom);
        let (lines, size) = self.name(code);
        for (line, text) in lines.into_iter().enumerate() {
            let y = top + 15.0 + count(line) * 17.0;
            marks.push(Mark::Label(Label::new(text, left + self.pad, y, size)));
        }
        let row = self.row(code);
        let figure = row
            .map(|row| Figure::of(row, self.table.kind))
            .unwrap_or_default();
        let is_amount = figure.progress.is_none();
        // A ratio is its own number; its share of the target would be a second percentage.
        let shown = match self.table.kind {
            Kind::Ratio => figure.value,
            _ => figure.progress.or(figure.value),
        };
        let shown = shown.unwrap_or_else(|| "—".to_owned());
        let y = top + 17.0 * count(self.lines) + 18.0;
        let mut room = self.tile - 2.0 * self.pad;
        if self.judged {
            let narrow = self.tile < NARROW;
            let beside = if narrow { y } else { top + 15.0 };
            let shape = Mark::Shape(self.verdict(code), right - self.pad - 4.5, beside, 5.0);
            marks.push(shape);
            room -= if narrow { 13.0 } else { 0.0 };
        }
        // A number is never cut: one with many digits is set smaller.
        let size = 16.0 * (room / text::width(&shown, 16.0, true)).min(1.0);
        let ink = if is_amount { theme::MUTED } else { theme::INK };
        marks.push(Mark::Label(
            Label::new(shown, left + self.pad, y, size)
                .weighted(true)
                .inked(ink),
        ));
        if let Some(row) = row {
            marks.extend(self.bullet(row, left, right, bottom));
        }
        marks
    }

    /// Done, pace and target along the lower edge.
    fn bullet(&self, row: &Row, left: f64, right: f64, bottom: f64) -> Vec<Mark> {
        let Some(progress) = row.progress else {
            return vec![];
        };
        let (from, to) = (left + self.pad, right - self.pad);
        let x = |share: f64| from + share.max(0.0) / self.longest * (to - from);
        let (top, low) = (bottom - 15.0, bottom - 8.0);
        let done = x(progress.approximate());
        let mut marks = vec![
            Mark::Bar(from, top, x(1.0), low, theme::TRACK),
            Mark::Bar(from, top, done, low, theme::bar(row.verdict)),
        ];
        if row.verdict == Verdict::InsufficientData {
            marks.push(Mark::Hatch(from, top, done, low, theme::PAPER));
        }
        let target = x(1.0);
        if done > target {
            marks.push(Mark::Bar(
                target - 1.5,
                top,
                target + 1.5,
                low,
                theme::PAPER,
            ));
        }
        marks.push(Mark::Bar(
            target - 0.5,
            top - 2.0,
            target + 0.5,
            low + 2.0,
            theme::INK,
        ));
        if let Some(pace) = row.pace.map(|pace| x(pace.approximate())) {
            // A light edge keeps the tick visible on the bar.
            marks.push(Mark::Bar(
                pace - 2.25,
                top - 3.0,
                pace + 2.25,
                low + 3.0,
                theme::PAPER,
            ));
            marks.push(Mark::Bar(
                pace - 1.25,
                top - 3.0,
                pace + 1.25,
                low + 3.0,
                theme::INK,
            ));
        }
        marks
    }

    /// The verdicts there are, with the names of their units.
    fn verdicts(&self, places: &[Vec<Option<String>>]) -> Vec<(Verdict, Vec<String>)> {
        if !self.judged {
            return vec![];
        }
        let ranked = ranking::by_gap(self.table);
        let ranked = ranked
            .iter()
            .filter_map(|row| row.codes.first())
            .map(String::as_str);
        let mut codes: Vec<&str> = ranked.collect();
        let placed = places.iter().flatten().flatten().map(String::as_str);
        let unranked: Vec<&str> = placed.filter(|code| self.row(code).is_none()).collect();
        codes.extend(unranked);
        let of = |verdict: Verdict| {
            let codes = codes.iter().filter(|code| self.verdict(code) == verdict);
            (
                verdict,
                codes.map(|code| self.short(code)).collect::<Vec<_>>(),
            )
        };
        key::ORDER
            .into_iter()
            .map(of)
            .filter(|(_, names)| !names.is_empty())
            .collect()
    }

    /// Shape, word and number of each verdict in a column beside the tiles, with the names of those where something is wrong.
    fn key_beside(
        &self,
        left: f64,
        right: f64,
        places: &[Vec<Option<String>>],
    ) -> (Vec<Mark>, f64) {
        let mut marks = Vec::new();
        let mut y = 12.0;
        for (verdict, names) in self.verdicts(places) {
            marks.push(Mark::Shape(verdict, left + 6.0, y, 5.5));
            let said = format!("{} {}", verdict::word(verdict, self.language), names.len());
            let label = Label::new(said, left + 18.0, y, 14.0).weighted(true);
            marks.push(Mark::Label(label.inked(theme::verdict(verdict))));
            y += 20.0;
            let listed = match names.len() <= NAMES + 1 {
                true => texts::listed(self.language, &names),
                false => texts::listed(self.language, &names[..NAMES]) + "…",
            };
            for line in text::wrapped(&listed, 13.0, false, right - left - 18.0, 2) {
                let label = Label::new(line, left + 18.0, y, 13.0).inked(theme::MUTED);
                marks.push(Mark::Label(label.anchored(Anchor::Start)));
                y += 18.0;
            }
            y += 10.0;
        }
        (marks, y)
    }
}

/// A hairline around a tile.
fn frame(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Mark> {
    vec![
        Mark::Bar(left, top, right, top + 1.0, theme::HAIRLINE),
        Mark::Bar(left, bottom - 1.0, right, bottom, theme::HAIRLINE),
        Mark::Bar(left, top, left + 1.0, bottom, theme::HAIRLINE),
        Mark::Bar(right - 1.0, top, right, bottom, theme::HAIRLINE),
    ]
}
