//! The completeness grid: who reported for which period, in grey and ink only. Not a verdict on anybody's performance, and never
//! in the colours of one.

use super::parts::{self, SIZE, SMALL, Tick, Voice, count, measured, small, small_end};
use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::analysis::completeness::{Completeness, Return, Status};
use crate::programme::{Decimal, Language, Programme};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Who the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The departments that report.
    Department,
    /// The divisions that they report for.
    Division,
}

/// What became of the expected returns, by row and by the period they are for: full boxes are in, half ones late, empty ones
/// missing, a dash is not due yet. Those who lack most come first.
pub fn reporting(
    completeness: &Completeness,
    by: By,
    programme: &Programme,
    language: Language,
    width: Width,
) -> Chart {
    let voice = Voice {
        programme,
        language,
    };
    let grid = Grid::of(completeness, by, voice);
    Chart {
        scene: Plan::new(&grid, voice, width).scene(&grid, voice),
        summary: grid.summary(completeness, voice),
    }
}

/// Returns by their status, in the order of [`Status::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts([usize; 4]);

impl Counts {
    fn of<'a>(returns: impl IntoIterator<Item = &'a Return>) -> Self {
        let counts = Completeness::counts(returns);
        Self(Status::ALL.map(|status| counts.get(&status).copied().unwrap_or_default()))
    }

    fn due(self) -> usize {
        self.0[..3].iter().sum()
    }

    fn missing(self) -> usize {
        self.0[2]
    }

    /// What is in, late or not, of what is due.
    fn share(self) -> Option<String> {
        let number = |n: usize| Decimal::new(i128::try_from(n).unwrap_or(0), 0);
        parts::share(number(self.due() - self.missing()), number(self.due()))
    }
}

struct Line {
    name: String,
    all: Counts,
    /// By the last day of the period.
    cells: BTreeMap<NaiveDate, Counts>,
}

impl Line {
    fn of(name: String, returns: &[&Return]) -> Self {
        let mut by_end: BTreeMap<NaiveDate, Vec<&Return>> = BTreeMap::new();
        for each in returns {
            by_end
                .entry(each.expected.period.end())
                .or_default()
                .push(each);
        }
        let cells = by_end.into_iter();
        Self {
            name,
            all: Counts::of(returns.iter().copied()),
            cells: cells
                .map(|(end, returns)| (end, Counts::of(returns)))
                .collect(),
        }
    }
}

struct Grid {
    /// The total first.
    lines: Vec<Line>,
    /// The periods by their last days; of several that end together the shortest gives the name.
    ticks: BTreeMap<NaiveDate, Tick>,
}

impl Grid {
    fn of(completeness: &Completeness, by: By, voice: Voice<'_>) -> Self {
        let dimension = match by {
            By::Department => "department",
            By::Division => "division",
        };
        let mut rows: Vec<(&str, Vec<&Return>)> = Vec::new();
        let mut ticks: BTreeMap<NaiveDate, Tick> = BTreeMap::new();
        for each in &completeness.returns {
            let code = match by {
                By::Department => &each.expected.department,
                By::Division => &each.expected.division,
            };
            match rows.iter_mut().find(|(own, _)| own == code) {
                Some((_, returns)) => returns.push(each),
                None => rows.push((code, vec![each])),
            }
            let period = &each.expected.period;
            let known = ticks.get(&period.end());
            if known.is_none_or(|known| period.months() < known.period.months()) {
                let period = period.clone();
                ticks.insert(period.end(), Tick { period });
            }
        }
        let all: Vec<&Return> = completeness.returns.iter().collect();
        let list = voice.programme.list_of(dimension);
        rows.sort_by_key(|(code, _)| list.position(code));
        let named = rows
            .into_iter()
            .map(|(code, returns)| Line::of(voice.name(dimension, code), &returns));
        let mut lines: Vec<Line> = named.collect();
        // The largest missing part of what is due first; compared crosswise, since nothing may be due.
        lines.sort_by(|a, b| {
            let (a, b) = (a.all, b.all);
            (b.missing() * a.due().max(1)).cmp(&(a.missing() * b.due().max(1)))
        });
        lines.insert(0, Line::of(voice.say("total").to_owned(), &all));
        Self { lines, ticks }
    }

    fn summary(&self, completeness: &Completeness, voice: Voice<'_>) -> String {
        let total = self.lines[0].all;
        if completeness.returns.is_empty() {
            return voice.say("reporting_nothing").to_owned() + voice.stop();
        }
        let [on_time, late, missing, not_due] = total.0.map(|n| n.to_string());
        let values = [
            ("day", completeness.day.to_string()),
            ("due", total.due().to_string()),
            ("on_time", on_time),
            ("late", late),
            ("missing", missing),
        ];
        let values = values.each_ref().map(|(key, text)| (*key, text.as_str()));
        let mut said = vec![voice.fill("reporting_says", &values)];
        if total.0[3] > 0 {
            said.push(voice.fill("reporting_not_due", &[("n", &not_due)]));
        }
        let lacking: Vec<&Line> = self.lines[1..]
            .iter()
            .filter(|line| line.all.missing() > 0)
            .collect();
        if let [first, ..] = lacking[..] {
            let (n, due) = (first.all.missing(), first.all.due());
            let values = [
                ("name", first.name.clone()),
                ("n", n.to_string()),
                ("due", due.to_string()),
            ];
            let values = values.each_ref().map(|(key, text)| (*key, text.as_str()));
            said.push(voice.fill("reporting_worst", &values));
        }
        voice.sentence(&said)
    }
}

const HEAD: f64 = 40.0;
const AFTER_TOTAL: f64 = 8.0;
/// Narrowest and widest a column may be.
const COLUMN: (f64, f64) = (14.0, 34.0);
/// Half the height of a box.
const HALF: f64 = 7.0;
/// Periods a phone shows.
const PHONE: usize = 6;
/// Least width of a part of a box: one missing return of many is seen.
const LEAST: f64 = 3.5;

/// Where things stand.
struct Plan {
    width: f64,
    name_width: f64,
    left: f64,
    column: f64,
    /// The periods that are shown.
    shown: Vec<NaiveDate>,
    /// Right ends of missing returns and of shares.
    columns: [f64; 2],
    row: f64,
}

impl Plan {
    fn new(grid: &Grid, voice: Voice<'_>, screen: Width) -> Self {
        let width = screen.pixels();
        let is_phone = screen == Width::Phone;
        let head = |key: &str| text::width(voice.say(key), SMALL, false);
        let shares = head("reporting_share").max(text::width("100.0%", SIZE, true));
        let missing = width - shares - 14.0;
        let names = grid
            .lines
            .iter()
            .map(|line| measured(&line.name, SIZE, true));
        let most = if is_phone { 128.0 } else { 0.28 * width };
        let name_width = names.fold(0.0, f64::max).min(most);
        let left = name_width + 14.0;
        let right = missing - head("return_missing").max(28.0) - 10.0;
        let fitting = (1..).take_while(|n| (right - left) / count(*n) >= COLUMN.0);
        let fitting = fitting.last().unwrap_or(1);
        let most = if is_phone {
            fitting.min(PHONE)
        } else {
            fitting
        };
        let ends: Vec<NaiveDate> = grid.ticks.keys().copied().collect();
        let shown = ends[ends.len().saturating_sub(most)..].to_vec();
        Self {
            width,
            name_width,
            left,
            column: ((right - left) / count(shown.len().max(1))).min(COLUMN.1),
            shown,
            columns: [missing, width],
            row: if is_phone { 28.0 } else { 26.0 },
        }
    }

    fn scene(&self, grid: &Grid, voice: Voice<'_>) -> Scene {
        let mut marks = Vec::new();
        let [missing, share] = self.columns;
        for (key, x) in [("return_missing", missing), ("reporting_share", share)] {
            marks.push(Mark::Label(small_end(voice.say(key), x, HEAD - 12.0)));
        }
        let ticks = self.shown.iter().enumerate();
        let ticks = ticks.map(|(at, end)| (self.middle(at), &grid.ticks[end]));
        parts::time_heads(
            &ticks.collect::<Vec<_>>(),
            self.column,
            HEAD - 12.0,
            voice,
            &mut marks,
        );
        let mut y = HEAD;
        for (position, line) in grid.lines.iter().enumerate() {
            self.line(line, position == 0, y, &mut marks);
            y += self.row;
            if position == 0 {
                marks.push(parts::rule(0.0, self.width, y + AFTER_TOTAL / 2.0));
                y += AFTER_TOTAL;
            }
        }
        y += 10.0;
        if grid.lines.len() == 1 {
            marks.push(Mark::Label(small(voice.say("reporting_nothing"), 0.0, y)));
            y += 20.0;
        } else {
            y = self.key(voice, y, &mut marks);
        }
        let hidden = grid.ticks.len() - self.shown.len();
        if hidden > 0 {
            let note = voice.fill("reporting_earlier", &[("n", &hidden.to_string())]);
            marks.push(Mark::Label(small(note, 0.0, y + 4.0)));
            y += 16.0;
        }
        Scene {
            width: self.width,
            height: y + 4.0,
            marks,
        }
    }

    fn middle(&self, position: usize) -> f64 {
        self.left + (count(position) + 0.5) * self.column
    }

    fn line(&self, line: &Line, bold: bool, top: f64, marks: &mut Vec<Mark>) {
        let y = top + self.row / 2.0;
        let name = text::fitted(&line.name, SIZE, bold, self.name_width);
        let label = |text: &str, x: f64| Label::new(text, x, y, SIZE).weighted(bold);
        marks.push(Mark::Label(label(&name, 0.0)));
        let [missing, share] = self.columns;
        if line.all.missing() > 0 {
            let text = line.all.missing().to_string();
            marks.push(Mark::Label(label(&text, missing).anchored(Anchor::End)));
        }
        let text = line.all.share().unwrap_or_else(|| "—".to_owned());
        marks.push(Mark::Label(label(&text, share).anchored(Anchor::End)));
        let half = ((self.column - 4.0) / 2.0).min(11.0);
        for (position, end) in self.shown.iter().enumerate() {
            if let Some(counts) = line.cells.get(end) {
                cell(*counts, (self.middle(position), y), half, marks);
            }
        }
    }

    /// What the boxes mean, in a row that breaks where the canvas ends.
    fn key(&self, voice: Voice<'_>, top: f64, marks: &mut Vec<Mark>) -> f64 {
        let keys = [
            "return_on_time",
            "return_late",
            "return_missing",
            "return_not_due",
        ];
        let (mut x, mut y) = (0.0, top);
        for (position, key) in keys.into_iter().enumerate() {
            let word = voice.say(key);
            let room = 20.0 + text::width(word, SMALL, false);
            if x + room > self.width {
                (x, y) = (0.0, y + 20.0);
            }
            let mut counts = Counts::default();
            counts.0[position] = 1;
            cell(counts, (x + 7.0, y), 7.0, marks);
            marks.push(Mark::Label(small(word, x + 20.0, y)));
            x += room + 20.0;
        }
        y + 12.0
    }
}

/// A box in as many parts as there are returns of different status: in, late, missing; a dash where none is due.
fn cell(counts: Counts, (x, y): (f64, f64), half: f64, marks: &mut Vec<Mark>) {
    if counts.due() == 0 {
        if counts.0[3] > 0 {
            marks.push(Mark::Bar(
                x - 4.0,
                y - 0.8,
                x + 4.0,
                y + 0.8,
                theme::NEUTRAL,
            ));
        }
        return;
    }
    let (top, bottom) = (y - HALF, y + HALF);
    let parts = Status::ALL.into_iter().zip(counts.0).take(3);
    let parts: Vec<(Status, usize)> = parts.filter(|(_, n)| *n > 0).collect();
    // Each part has its least width; what is left is divided as the returns are.
    let spare = (2.0 * half - LEAST * count(parts.len())).max(0.0);
    let mut left = x - half;
    for (status, n) in parts {
        let right = left + LEAST + spare * count(n) / count(counts.due());
        match status {
            Status::OnTime => marks.push(Mark::Bar(left, top, right, bottom, theme::NEUTRAL)),
            Status::Late => {
                parts::outlined((left, top, right, bottom), 1.0, theme::NEUTRAL, marks);
                marks.push(Mark::Bar(left, y, right, bottom, theme::NEUTRAL));
            }
            Status::Missing | Status::NotDue => {
                parts::outlined((left, top, right, bottom), 1.5, theme::INK, marks);
            }
        }
        left = right;
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, cell};
    use crate::presentation::charts::scene::Mark;

    fn ends(counts: [usize; 4]) -> (f64, f64) {
        let mut marks = Vec::new();
        cell(Counts(counts), (50.0, 20.0), 10.0, &mut marks);
        marks
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), mark| match mark {
                Mark::Bar(left, _, right, _, _) => (least.min(*left), most.max(*right)),
                _ => (least, most),
            })
    }

    #[test]
    fn a_box_is_as_wide_whatever_is_in_it() {
        for counts in [[1, 0, 0, 0], [16, 0, 1, 3], [5, 5, 5, 0], [0, 0, 1, 0]] {
            let (left, right) = ends(counts);
            assert!(
                (left - 40.0).abs() < 1e-9 && (right - 60.0).abs() < 1e-9,
                "{counts:?}"
            );
        }
        assert_eq!(ends([0, 0, 0, 2]), (46.0, 54.0));
    }

    #[test]
    fn what_is_late_is_in() {
        assert_eq!(Counts([7, 2, 1, 4]).share().as_deref(), Some("90.0%"));
        assert_eq!(Counts([0, 0, 0, 4]).share(), None);
    }
}
