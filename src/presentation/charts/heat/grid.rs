//! A table of two dimensions as rows and columns, in the order in which they are read.

use super::{Margins, Scale};
use crate::indicators::table::{Kind, Mark, Row, Table, Value};
use crate::presentation::charts::parts::{self, SMALL, Tick, Voice};
use crate::presentation::figure::Figure;
use crate::presentation::numbers;
use crate::programme::{Decimal, Language, Text};
use std::collections::HashMap;

/// What decides the shade of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// How much there is.
    Amount,
    /// A ratio, or how much of its target is done.
    Share,
}

/// One number of the grid.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// What decides its shade; none where there is nothing to judge.
    pub size: Option<f64>,
    /// As it is shown.
    pub text: String,
    /// What may be shown in thousands.
    pub amount: Option<Decimal>,
}

/// One of the two dimensions.
pub(super) struct Side {
    dimension: String,
    /// Its codes in the order in which they are shown.
    pub codes: Vec<String>,
    /// What they are called.
    pub names: Vec<String>,
    /// The times they stand for.
    pub ticks: Vec<Option<Tick>>,
    /// Whether that time is not over.
    pub open: Vec<bool>,
    /// Their totals.
    pub totals: Vec<Cell>,
    /// Whether totals were handed in.
    pub has_totals: bool,
}

impl Side {
    fn of(position: usize, table: &Table, margin: Option<&Table>, voice: Voice<'_>) -> Self {
        let dimension = table.dimensions[position].clone();
        let mut codes: Vec<&String> = Vec::new();
        for row in &table.rows {
            if let Some(code) = row.codes.get(position).filter(|code| !codes.contains(code)) {
                codes.push(code);
            }
        }
        let total = |code: &str| {
            let mut rows = margin.into_iter().flat_map(|margin| &margin.rows);
            rows.find(|row| row.codes.first().is_some_and(|own| own == code))
        };
        let value = |code: &str| total(code).and_then(|row| row.value);
        let time = |code: &str| Tick::of(&dimension, code).map(|tick| tick.period);
        // Time in its order, units by their totals, what belongs to none of them last.
        codes.sort_by(|a, b| {
            let homeless = |code: &str| parts::is_homeless(code);
            let times = time(a).cmp(&time(b));
            let totals = parts::descending(value(a), value(b));
            homeless(a).cmp(&homeless(b)).then(times).then(totals)
        });
        let is_open = |code: &str| {
            let mut rows = table.rows.iter();
            rows.any(|row| row.codes[position] == code && row.mark.has(Mark::Provisional))
        };
        // A total is told in the measure of its cells, also where only the total has a target.
        let progress = is_progress(table);
        let cell = |code: &&String| {
            let of = margin.zip(total(code));
            of.map_or_else(Cell::default, |(margin, row)| {
                cell(row, margin.kind, progress)
            })
        };
        Self {
            names: codes
                .iter()
                .map(|code| voice.name(&dimension, code))
                .collect(),
            ticks: codes
                .iter()
                .map(|code| Tick::of(&dimension, code))
                .collect(),
            open: codes.iter().map(|code| is_open(code)).collect(),
            totals: codes.iter().map(cell).collect(),
            has_totals: margin.is_some(),
            codes: codes.into_iter().cloned().collect(),
            dimension,
        }
    }

    /// Whether its codes are times.
    pub fn is_time(&self) -> bool {
        self.ticks.iter().any(Option::is_some)
    }

    /// The `most` codes that are shown: the latest times, the first of anything else.
    pub fn chosen(&self, most: usize) -> Vec<usize> {
        let all = 0..self.codes.len();
        match self.is_time() {
            true => all.skip(self.codes.len().saturating_sub(most)).collect(),
            false => all.take(most).collect(),
        }
    }

    fn widest(&self) -> f64 {
        parts::widest(self.names.iter().map(String::as_str), SMALL, false)
    }
}

/// The whole table.
pub(super) struct Grid {
    pub down: Side,
    pub across: Side,
    /// Cells by row and column; those without records are missing.
    pub cells: HashMap<(usize, usize), Cell>,
    /// The total of all.
    pub all: Cell,
    pub scale: Scale,
    pub unit: Text,
    measure: Measure,
}

impl Grid {
    /// # Panics
    /// When the table has not two dimensions, which is a mistake of ours.
    pub fn of(table: &Table, margins: Margins<'_>, voice: Voice<'_>) -> Self {
        assert_eq!(table.dimensions.len(), 2, "a heat table has two dimensions");
        let first = Side::of(0, table, margins.first, voice);
        let second = Side::of(1, table, margins.second, voice);
        let turned = match (first.is_time(), second.is_time()) {
            (true, false) => true,
            (false, false) => second.widest() > first.widest(),
            _ => false,
        };
        let position = |side: &Side, code: &String| side.codes.iter().position(|own| own == code);
        let mut cells = HashMap::new();
        for row in &table.rows {
            let [one, other] = &row.codes[..] else {
                continue;
            };
            if let Some(at) = position(&first, one).zip(position(&second, other)) {
                let at = if turned { (at.1, at.0) } else { at };
                cells.insert(at, cell(row, table.kind, is_progress(table)));
            }
        }
        let measure = measure(table);
        let sizes: Vec<f64> = cells.values().filter_map(|cell| cell.size).collect();
        let (down, across) = if turned {
            (second, first)
        } else {
            (first, second)
        };
        Self {
            down,
            across,
            cells,
            all: cell(&table.totals, table.kind, is_progress(table)),
            scale: Scale::of(&sizes, measure),
            unit: match is_progress(table) || table.kind == Kind::Ratio {
                true => Text::new("%", "%"),
                false => table.unit.clone(),
            },
            measure,
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A border between two shades as text.
    pub fn border_text(&self, border: f64, language: Language) -> String {
        let scaled = |factor: f64, decimals: u32| {
            let text = format!(
                "{:.0}",
                border * factor * 10f64.powi(decimals.cast_signed())
            );
            Decimal::parse(&text)
                .map(|tenths| Decimal::new(tenths.scaled_to(0).unwrap_or(0), decimals))
        };
        match self.measure {
            Measure::Amount => scaled(1.0, 0).map_or_else(String::new, |border| {
                numbers::spoken_exactly(border, language)
            }),
            Measure::Share => scaled(100.0, 1)
                .map_or_else(String::new, |border| format!("{}%", border.shortest())),
        }
    }

    /// That not all of a side is shown.
    pub fn left_out(&self, side: &Side, shown: usize, voice: Voice<'_>) -> Option<String> {
        let hidden = side.codes.len() - shown.min(side.codes.len());
        let key = match side.is_time() {
            true => "heat_latest",
            false => "heat_left_out",
        };
        let values = [
            ("n", hidden.to_string()),
            ("shown", shown.to_string()),
            (
                "dimension",
                crate::presentation::labels::dimension(
                    voice.programme,
                    &side.dimension,
                    voice.language,
                )
                .to_owned(),
            ),
        ];
        let values = values.each_ref().map(|(key, text)| (*key, text.as_str()));
        (hidden > 0).then(|| voice.fill(key, &values))
    }

    /// The largest and the smallest cell, and how many are blank.
    pub fn summary(&self, voice: Voice<'_>) -> String {
        let mut sized: Vec<((usize, usize), &Cell, f64)> = self
            .cells
            .iter()
            .filter(|((row, column), _)| {
                let codes = [&self.down.codes[*row], &self.across.codes[*column]];
                !codes.into_iter().any(|code| parts::is_homeless(code))
            })
            .filter_map(|(at, cell)| cell.size.map(|size| (*at, cell, size)))
            .collect();
        sized.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let named = |((row, column), cell, _): &((usize, usize), &Cell, f64)| {
            let names = [&self.down.names[*row], &self.across.names[*column]];
            let name = voice.fill("heat_cell", &[("row", names[0]), ("column", names[1])]);
            let unit = match self.measure {
                Measure::Share => "",
                Measure::Amount => self.unit.get(voice.language),
            };
            let note = match voice.language {
                Language::Zh => format!("{}{unit}", cell.text),
                Language::En => format!("{} {unit}", cell.text),
            };
            voice.noted(&name, note.trim_end())
        };
        let Some((most, rest)) = sized.split_first() else {
            return voice.say("summary_nothing").to_owned() + voice.stop();
        };
        let mut said = match (self.measure, rest.last()) {
            (Measure::Share, Some(least)) => {
                let ends = [("best", named(most)), ("worst", named(least))];
                let ends = ends.each_ref().map(|(key, text)| (*key, text.as_str()));
                vec![voice.fill("summary_extremes", &ends)]
            }
            _ => vec![voice.fill("ranked_most", &[("name", &named(most))])],
        };
        if let (Measure::Amount, [second, third, ..]) = (self.measure, rest) {
            let next = [named(second), named(third)];
            let next = next.each_ref().map(String::as_str);
            said.push(voice.fill("ranked_next", &[("names", &voice.listed(&next))]));
        }
        let all = self.down.codes.len() * self.across.codes.len();
        let blank = (all - self.cells.len()).to_string();
        if all > self.cells.len() {
            let values = [("n", blank.as_str()), ("all", &all.to_string())];
            said.push(voice.fill("heat_blank", &values));
        }
        voice.sentence(&said)
    }
}

/// Whether cells are shown by how much of their targets is done.
fn is_progress(table: &Table) -> bool {
    table.kind != Kind::Ratio && table.rows.iter().any(|row| row.progress.is_some())
}

fn measure(table: &Table) -> Measure {
    match is_progress(table) || table.kind == Kind::Ratio {
        true => Measure::Share,
        false => Measure::Amount,
    }
}

fn cell(row: &Row, kind: Kind, progress: bool) -> Cell {
    let figure = Figure::of(row, kind);
    if progress {
        return Cell {
            size: row.progress.map(|progress| progress.approximate()),
            // Without target there is nothing to be a part of.
            text: figure.progress.unwrap_or_else(|| "–".to_owned()),
            amount: None,
        };
    }
    let hidden = match row.mark.has(Mark::Confidential) {
        true => "[c]".to_owned(),
        false => "·".to_owned(),
    };
    Cell {
        size: row.value.map(Value::approximate),
        text: figure.value.unwrap_or(hidden),
        amount: match row.value {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        },
    }
}
