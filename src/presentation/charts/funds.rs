//! Funds: what was approved and, inside it, what was paid, with budget and money raised as ticks.

use super::parts::{self, SIZE, SMALL, Tick, Voice, measured, small, small_end};
use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::indicators::table::{Mark as DataMark, Row, Table, Value};
use crate::presentation::numbers;
use crate::programme::{Decimal, Language, Programme, Ratio};

/// Tables of amounts in yuan, all by the same one dimension; what a programme does not keep is absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Funds<'a> {
    /// 预算.
    pub budget: Option<&'a Table>,
    /// 筹集.
    pub raised: Option<&'a Table>,
    /// 审核.
    pub approved: Option<&'a Table>,
    /// 拨付.
    pub paid: Option<&'a Table>,
}

impl<'a> Funds<'a> {
    fn tables(&self) -> [Option<&'a Table>; 4] {
        [self.budget, self.raised, self.approved, self.paid]
    }
}

/// The bars of `funds`: the pale one is what was approved, the full one inside it what was paid. Amounts are in 万元 with one
/// decimal; the rate is paid ÷ approved of exactly that row. Years run in their order, units by what was approved.
pub fn funds(funds: Funds<'_>, programme: &Programme, language: Language, width: Width) -> Chart {
    let voice = Voice {
        programme,
        language,
    };
    let lines = lines(funds, voice);
    Chart {
        scene: Plan::new(funds, &lines, voice, width).scene(&lines, voice),
        summary: summary(&lines, voice),
    }
}

/// Places in the arrays below.
const BUDGET: usize = 0;
const RAISED: usize = 1;
const APPROVED: usize = 2;
const PAID: usize = 3;
/// Heads of the columns.
const HEADS: [&str; 4] = [
    "funds_budget",
    "funds_raised",
    "funds_approved",
    "funds_paid",
];

struct Line {
    name: String,
    homeless: bool,
    is_total: bool,
    amounts: [Option<Decimal>; 4],
    texts: [String; 4],
    rate: Option<String>,
    /// Its time is not over.
    open: bool,
}

impl Line {
    fn new(name: String, rows: [Option<&Row>; 4], is_total: bool) -> Self {
        let amounts = rows.map(|row| match row.and_then(|row| row.value) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        });
        Self {
            name,
            homeless: false,
            is_total,
            texts: amounts.map(|amount| amount.map_or_else(|| "—".to_owned(), wan)),
            rate: rate(amounts).map(|rate| numbers::percent(rate, 1)),
            amounts,
            open: false,
        }
    }

    fn length(&self, part: usize) -> f64 {
        self.amounts[part].map_or(0.0, Decimal::approximate)
    }
}

/// Paid ÷ approved of one row.
fn rate(amounts: [Option<Decimal>; 4]) -> Option<Ratio> {
    let (paid, approved) = amounts[PAID].zip(amounts[APPROVED])?;
    paid.over(approved).filter(|_| approved > Decimal::ZERO)
}

/// Yuan as 万元 with one decimal, with more where that would say 0 of what is something.
fn wan(yuan: Decimal) -> String {
    let amount = yuan
        .over(Decimal::new(10_000, 0))
        .expect("ten thousand is not zero");
    let shown = (1..=6)
        .map(|decimals| amount.rounded(decimals))
        .find(|shown| !shown.is_zero() || yuan.is_zero());
    numbers::plain(shown.unwrap_or(Decimal::ZERO))
}

fn lines(funds: Funds<'_>, voice: Voice<'_>) -> Vec<Line> {
    let tables = funds.tables();
    let Some(any) = tables.into_iter().flatten().next() else {
        return Vec::new();
    };
    let dimension = any.dimensions.first().map_or("division", String::as_str);
    let mut codes: Vec<&str> = Vec::new();
    for row in tables.into_iter().flatten().flat_map(|table| &table.rows) {
        if let Some(code) = row
            .codes
            .first()
            .filter(|code| !codes.contains(&code.as_str()))
        {
            codes.push(code);
        }
    }
    let of = |code: &str| tables.map(|table| row_of(table, code));
    let time = |code: &str| Tick::of(dimension, code).map(|tick| tick.period);
    let weight = |code: &str| {
        of(code)[APPROVED]
            .or(of(code)[PAID])
            .and_then(|row| row.value)
    };
    codes.sort_by(|a, b| {
        let homeless = parts::is_homeless(a).cmp(&parts::is_homeless(b));
        let order = time(a).cmp(&time(b));
        homeless
            .then(order)
            .then_with(|| parts::descending(weight(a), weight(b)))
    });
    let total = tables.map(|table| table.map(|table| &table.totals));
    let mut lines = vec![Line::new(voice.say("total").to_owned(), total, true)];
    for code in codes {
        let rows = of(code);
        let open = |row: &Row| row.mark.has(DataMark::Provisional);
        lines.push(Line {
            homeless: parts::is_homeless(code),
            open: time(code).is_some() && rows.into_iter().flatten().any(open),
            ..Line::new(voice.name(dimension, code), rows, false)
        });
    }
    lines
}

fn row_of<'a>(table: Option<&'a Table>, code: &str) -> Option<&'a Row> {
    let mut rows = table?.rows.iter();
    rows.find(|row| row.codes.first().is_some_and(|own| own == code))
}

const HEAD: f64 = 26.0;
const AFTER_TOTAL: f64 = 8.0;

/// Where things stand.
struct Plan {
    width: f64,
    is_phone: bool,
    name_width: f64,
    left: f64,
    zero: f64,
    scale: f64,
    /// The columns that are shown with their right ends.
    columns: Vec<(usize, f64)>,
    row: f64,
}

impl Plan {
    fn new(funds: Funds<'_>, lines: &[Line], voice: Voice<'_>, screen: Width) -> Self {
        let (width, is_phone) = (screen.pixels(), screen == Width::Phone);
        let given = funds.tables().map(|table| table.is_some());
        // A narrow screen has no room for four columns: budget and money raised are ticks there.
        let wanted: Vec<usize> = (0..4)
            .filter(|part| given[*part] && (screen == Width::Wide || *part >= APPROVED))
            .collect();
        let rates = text::width(voice.say("funds_rate"), SMALL, false);
        let rates = rates.max(text::width("1000.0%", SIZE, false));
        let mut end = width - rates - 14.0;
        let mut columns = Vec::new();
        for part in wanted.into_iter().rev() {
            columns.push((part, end));
            let texts = lines
                .iter()
                .map(|line| measured(&line.texts[part], SIZE, true));
            let head = text::width(voice.say(HEADS[part]), SMALL, false);
            end -= texts.fold(head, f64::max) + 14.0;
        }
        columns.reverse();
        let names = lines
            .iter()
            .map(|line| measured(&line.name, SIZE, line.is_total));
        let names = names.fold(0.0, f64::max);
        let (name_width, left, right) = match is_phone {
            true => (end, 0.0, width - 2.0),
            false => {
                let names = names.min(0.26 * width);
                (names, names + 18.0, end - 8.0)
            }
        };
        let drawn = lines.iter().filter(|line| !line.is_total);
        let lengths = drawn.flat_map(|line| (0..4).map(|part| line.length(part)));
        let (least, most) = lengths.fold((0.0, 0.0), |(least, most), length| {
            (f64::min(least, length), f64::max(most, length))
        });
        let scale = match most - least {
            span if span > 0.0 => (right - left) / span,
            _ => 0.0,
        };
        Self {
            width,
            is_phone,
            name_width,
            left,
            zero: left - least * scale,
            scale,
            columns,
            row: if is_phone { 46.0 } else { 30.0 },
        }
    }

    fn scene(&self, lines: &[Line], voice: Voice<'_>) -> Scene {
        let mut marks = Vec::new();
        let head = |key: &str, x: f64| Mark::Label(small_end(voice.say(key), x, 9.0));
        for (part, end) in &self.columns {
            marks.push(head(HEADS[*part], *end));
        }
        marks.push(head("funds_rate", self.width));
        let room = match self.is_phone {
            true => self.name_width,
            false => self
                .columns
                .first()
                .map_or(self.width, |_| self.left + 60.0),
        };
        let unit = text::fitted(voice.say("funds_unit"), SMALL, false, room);
        marks.push(Mark::Label(small(unit, 0.0, 9.0)));
        let mut y = HEAD;
        for line in lines {
            self.line(line, y, &mut marks);
            y += match (line.is_total, self.is_phone) {
                (true, true) => 24.0,
                _ => self.row,
            };
            if line.is_total {
                marks.push(parts::rule(0.0, self.width, y + AFTER_TOTAL / 2.0));
                y += AFTER_TOTAL;
            }
        }
        if lines.len() < 2 {
            marks.push(Mark::Label(small(
                voice.say("summary_nothing"),
                0.0,
                y + 10.0,
            )));
            y += 20.0;
        } else {
            y = self.key(lines, voice, y + 12.0, &mut marks);
        }
        Scene {
            width: self.width,
            height: y + 4.0,
            marks,
        }
    }

    fn x(&self, amount: f64) -> f64 {
        self.zero + amount * self.scale
    }

    fn line(&self, line: &Line, top: f64, marks: &mut Vec<Mark>) {
        let (words, bar) = match self.is_phone {
            true => (top + 12.0, top + 31.0),
            false => (top + self.row / 2.0, top + self.row / 2.0),
        };
        let ink = if line.homeless {
            theme::MUTED
        } else {
            theme::INK
        };
        let label = |text: &str, x: f64| {
            let label = Label::new(text, x, words, SIZE);
            label.weighted(line.is_total).inked(ink)
        };
        let name = text::fitted(&line.name, SIZE, line.is_total, self.name_width);
        marks.push(Mark::Label(label(&name, 0.0)));
        for (part, end) in &self.columns {
            let text = label(&line.texts[*part], *end).anchored(Anchor::End);
            marks.push(Mark::Label(text));
        }
        let rate = line.rate.as_deref().unwrap_or("—");
        marks.push(Mark::Label(label(rate, self.width).anchored(Anchor::End)));
        // The total would dwarf its parts: it has its numbers, and no bar.
        if !line.is_total {
            self.bars(line, bar, marks);
        }
    }

    fn bars(&self, line: &Line, y: f64, marks: &mut Vec<Mark>) {
        let half = if self.is_phone { 6.0 } else { 8.0 };
        let place = |amount: f64, half: f64| {
            let (from, to) = (self.zero, self.x(amount));
            // What is there is seen, however small beside the largest.
            let to = match amount {
                0.0 => to,
                _ if (to - from).abs() < 1.0 => from + amount.signum(),
                _ => to,
            };
            (from.min(to), y - half, from.max(to), y + half)
        };
        let ink = if line.homeless {
            theme::NEUTRAL
        } else {
            theme::ACCENT
        };
        if line.amounts[APPROVED].is_some() {
            let (left, top, right, bottom) = place(line.length(APPROVED), half);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
            marks.push(Mark::Area(corners.to_vec(), ink, PALE));
            if line.open {
                marks.push(Mark::Hatch(left, top, right, bottom, ink));
            }
        }
        if line.amounts[PAID].is_some() {
            let (left, top, right, bottom) = place(line.length(PAID), half - 3.5);
            marks.push(Mark::Bar(left, top, right, bottom, ink));
        }
        for (part, thick) in [(BUDGET, 0.6), (RAISED, 1.4)] {
            if line.amounts[part].is_some() {
                let x = self.x(line.length(part));
                let (top, bottom) = (y - half - 2.5, y + half + 2.5);
                marks.push(Mark::Bar(
                    x - thick - 1.0,
                    top,
                    x + thick + 1.0,
                    bottom,
                    theme::PAPER,
                ));
                marks.push(Mark::Bar(x - thick, top, x + thick, bottom, theme::INK));
            }
        }
    }

    /// What the bars and ticks are, in a row that breaks where the canvas ends.
    fn key(&self, lines: &[Line], voice: Voice<'_>, top: f64, marks: &mut Vec<Mark>) -> f64 {
        let (mut x, mut y) = (0.0, top);
        let given = |part: usize| lines.iter().any(|line| line.amounts[part].is_some());
        for part in [APPROVED, PAID, BUDGET, RAISED] {
            if !given(part) {
                continue;
            }
            let word = voice.say(HEADS[part]);
            let sample = if part >= APPROVED { 22.0 } else { 6.0 };
            let room = sample + 7.0 + text::width(word, SMALL, false);
            if x + room > self.width {
                (x, y) = (0.0, y + 20.0);
            }
            let corners = [
                (x, y - 7.0),
                (x + sample, y - 7.0),
                (x + sample, y + 7.0),
                (x, y + 7.0),
            ];
            marks.push(match part {
                APPROVED => Mark::Area(corners.to_vec(), theme::ACCENT, PALE),
                PAID => Mark::Bar(x, y - 4.0, x + sample, y + 4.0, theme::ACCENT),
                BUDGET => Mark::Bar(x + 2.4, y - 8.0, x + 3.6, y + 8.0, theme::INK),
                _ => Mark::Bar(x + 1.6, y - 8.0, x + 4.4, y + 8.0, theme::INK),
            });
            marks.push(Mark::Label(small(word, x + sample + 7.0, y)));
            x += room + 20.0;
        }
        y + 12.0
    }
}

/// How much of its ink the bar of what was approved has.
const PALE: f64 = 0.28;

fn summary(lines: &[Line], voice: Voice<'_>) -> String {
    let nothing = || voice.say("summary_nothing").to_owned() + voice.stop();
    let Some((total, rows)) = lines.split_first().filter(|(_, rows)| !rows.is_empty()) else {
        return nothing();
    };
    let amounts = (APPROVED..=PAID)
        .filter(|part| total.amounts[*part].is_some())
        .map(|part| {
            let key = if part == APPROVED {
                "funds_says_approved"
            } else {
                "funds_says_paid"
            };
            voice.fill(key, &[("amount", &total.texts[part])])
        });
    let mut said: Vec<String> = amounts.collect();
    if let Some(rate) = &total.rate {
        said.push(voice.fill("funds_says_rate", &[("rate", rate)]));
    }
    let mut rated: Vec<(&Line, Ratio)> = rows
        .iter()
        .filter(|line| !line.homeless)
        .filter_map(|line| rate(line.amounts).map(|rate| (line, rate)))
        .collect();
    rated.sort_by_key(|(_, rate)| *rate);
    if let [(least, _), .., (most, _)] = &rated[..] {
        let named = |line: &Line| voice.noted(&line.name, line.rate.as_deref().unwrap_or_default());
        let ends = [("best", named(most)), ("worst", named(least))];
        let ends = ends.each_ref().map(|(key, text)| (*key, text.as_str()));
        said.push(voice.fill("funds_says_rates", &ends));
    }
    match said.is_empty() {
        true => nothing(),
        false => voice.sentence(&said),
    }
}

#[cfg(test)]
mod tests {
    use super::wan;
    use crate::programme::Decimal;

    #[test]
    fn amounts_are_in_wan_yuan_and_never_nothing() {
        let shown = [0, 499, 500, 12_345_678, -12_345_678, 9_876_543_210_000];
        let shown = shown.map(|yuan| wan(Decimal::new(yuan, 0)));
        let expected = ["0.0", "0.05", "0.1", "1234.6", "−1234.6", "987654321.0"];
        assert_eq!(shown, expected);
        assert_eq!(wan(Decimal::new(1, 2)), "0.000001");
    }
}
