//! The revision bridge as JSON, CSV and text for terminals.

use super::csv::harmless;
use super::json::{object, quoted};
use super::text::width;
use crate::analysis::bridge::{Bridge, Diff, Known, Line, Step};
use crate::indicators::table::{Kind, Value};
use crate::presentation::{labels, numbers, texts};
use crate::programme::{Decimal, Language, Programme};

const HUNDRED: Decimal = Decimal::new(100, 0);
/// Decimals of a percentage, in text for people.
const DECIMALS: u32 = 4;

/// Names of the parts of a change in the order in which they are told.
pub fn parts() -> [&'static str; 8] {
    Step::TOLD.map(Step::code)
}

/// Names of the figures of a line in the order in which JSON and CSV have them.
fn names() -> impl Iterator<Item = &'static str> {
    ["from", "to", "change"]
        .into_iter()
        .chain(parts())
        .chain(["target"])
}

/// The figures of a line in the order of [`names`], as exact tokens.
fn figures(line: &Line) -> Vec<Option<String>> {
    let written = |value: Option<Value>| value.map(|value| value.to_string());
    let mut figures = vec![
        written(line.from()),
        written(line.to()),
        Some(line.change().to_string()),
    ];
    let parts = Step::TOLD.into_iter();
    figures.extend(parts.map(|step| Some(line.part(step).to_string())));
    figures.push(line.target_change().map(|change| change.to_string()));
    figures
}

/// `{from, to, parts, indicators: [{indicator, unit, kind, period, scope, dimensions, definition_from, definition_to, rows, totals}]}`.
/// The parts of every row and total add up to its `change`, digit for digit; `target` is the change of the target beside it.
pub fn json(diff: &Diff) -> String {
    let known = |known: &Known| {
        object(
            [("snapshot", &known.snapshot), ("as_of", &known.as_of)]
                .into_iter()
                .map(|(name, text)| format!("\"{name}\": {}", quoted(text))),
        )
    };
    let parts: Vec<String> = parts().map(quoted).into();
    let bridges: Vec<String> = diff.bridges.iter().map(indicator).collect();
    format!(
        "{{\"from\": {}, \"to\": {},\n \"parts\": [{}],\n \"indicators\": [{}]}}\n",
        known(&diff.from),
        known(&diff.to),
        parts.join(", "),
        bridges.join(",\n  ")
    )
}

fn indicator(bridge: &Bridge) -> String {
    let dimensions: Vec<String> = bridge.dimensions.iter().map(|name| quoted(name)).collect();
    let row = |line: &Line| {
        let codes = bridge.dimensions.iter().zip(&line.codes);
        let codes = codes.map(|(name, code)| format!("{}: {}", quoted(name), quoted(code)));
        let figures = names().zip(figures(line)).map(|(name, token)| {
            format!("\"{name}\": {}", token.unwrap_or_else(|| "null".to_owned()))
        });
        object(codes.chain(figures))
    };
    let rows: Vec<String> = bridge.lines.iter().map(row).collect();
    format!(
        concat!(
            "{{\"indicator\": {}, \"unit\": {}, \"kind\": {}, \"period\": {}, \"scope\": {}, \"dimensions\": [{}],\n",
            "   \"definition_from\": {}, \"definition_to\": {},\n",
            "   \"rows\": [{}],\n",
            "   \"totals\": {}}}",
        ),
        quoted(&bridge.indicator),
        quoted(&bridge.unit.en),
        quoted(&bridge.kind.to_string()),
        quoted(&bridge.period.to_string()),
        quoted(&bridge.scope),
        dimensions.join(", "),
        quoted(&bridge.definitions[0]),
        quoted(&bridge.definitions[1]),
        rows.join(",\n            "),
        row(&bridge.totals),
    )
}

/// One line per cell and a total per indicator, whose dimensions are empty.
pub fn csv(diff: &Diff) -> Vec<u8> {
    let dimensions = diff.bridges.first().map(|bridge| bridge.dimensions.clone());
    let dimensions = dimensions.unwrap_or_default();
    let heads = std::iter::once("indicator".to_owned())
        .chain(dimensions.iter().cloned())
        .chain(names().map(str::to_owned));
    let mut bytes = Vec::new();
    let mut writer = ::csv::Writer::from_writer(&mut bytes);
    let mut write = |cells: Vec<String>| {
        writer
            .write_record(cells)
            .expect("writing to memory succeeds");
    };
    write(heads.collect());
    for bridge in &diff.bridges {
        for line in bridge.lines.iter().chain([&bridge.totals]) {
            let codes = (0..dimensions.len()).map(|at| {
                line.codes
                    .get(at)
                    .map_or_else(String::new, |code| harmless(code))
            });
            let figures = figures(line).into_iter().map(Option::unwrap_or_default);
            let id = std::iter::once(bridge.indicator.clone());
            write(id.chain(codes).chain(figures).collect());
        }
    }
    drop(writer);
    bytes
}

/// Aligned tables, one per indicator, with only the parts that are not 0 everywhere.
pub fn text(diff: &Diff, programme: &Programme, language: Language) -> String {
    let mut out = String::new();
    for bridge in &diff.bridges {
        let points = match bridge.kind {
            Kind::Ratio => format!("  {}", texts::say(language, "bridge_points")),
            _ => String::new(),
        };
        out.push_str(&format!(
            "{} ({})  {}  {}{points}\n",
            bridge.title.get(language),
            bridge.unit.get(language),
            bridge.period,
            bridge.scope,
        ));
        out.push_str(&aligned(
            &cells(bridge, programme, language),
            bridge.dimensions.len(),
        ));
        out.push('\n');
    }
    let values = [
        ("from", diff.from.snapshot.as_str()),
        ("from_as_of", &diff.from.as_of),
        ("to", &diff.to.snapshot),
        ("to_as_of", &diff.to.as_of),
    ];
    out + &texts::fill(language, "bridge_rest", &values) + "\n"
}

/// A value as text shows it: percent for shares. What is shown is subtracted, so that what is shown adds up.
fn shown(value: Option<Value>) -> Decimal {
    match value {
        None => Decimal::ZERO,
        Some(Value::Number(number)) => number,
        Some(Value::Share(share)) => share.times(numbers::ratio(HUNDRED)).rounded(DECIMALS),
    }
}

fn cells(bridge: &Bridge, programme: &Programme, language: Language) -> Vec<Vec<String>> {
    let lines: Vec<&Line> = bridge.lines.iter().chain([&bridge.totals]).collect();
    let part = |line: &Line, step: Step| {
        let [before, after] = line.around(step);
        shown(after).minus(shown(before))
    };
    let told: Vec<Step> = Step::TOLD
        .into_iter()
        .filter(|step| lines.iter().any(|line| !part(line, *step).is_zero()))
        .collect();
    let targets = lines
        .iter()
        .any(|line| line.target_change().is_some_and(|change| !change.is_zero()));
    let say = |key: &str| texts::say(language, &format!("bridge_{key}")).to_owned();
    let mut heads: Vec<String> = bridge
        .dimensions
        .iter()
        .map(|name| labels::dimension(programme, name, language).to_owned())
        .collect();
    if heads.is_empty() {
        heads.push(String::new());
    }
    heads.extend(["from", "to", "change"].map(say));
    heads.extend(told.iter().map(|step| say(step.code())));
    heads.extend(targets.then(|| say("target")));
    let value = |value: Option<Value>| match value {
        None => "—".to_owned(),
        Some(Value::Number(number)) => numbers::plain(number),
        share => format!("{}%", numbers::plain(shown(share))),
    };
    let row = |line: &Line| {
        let names = bridge.dimensions.iter().zip(&line.codes);
        let mut cells: Vec<String> = names
            .map(|(dimension, code)| labels::code(programme, dimension, code, language))
            .collect();
        if line.codes.is_empty() {
            cells = vec![String::new(); bridge.dimensions.len().max(1)];
            texts::say(language, "total").clone_into(&mut cells[0]);
        }
        let change = shown(line.to()).minus(shown(line.from()));
        cells.extend([
            value(line.from()),
            value(line.to()),
            numbers::signed(change),
        ]);
        cells.extend(told.iter().map(|step| numbers::signed(part(line, *step))));
        let target = line.target_change().unwrap_or(Decimal::ZERO);
        cells.extend(targets.then(|| numbers::signed(target)));
        cells
    };
    std::iter::once(heads)
        .chain(lines.iter().map(|line| row(line)))
        .collect()
}

/// Names to the left, numbers to the right.
fn aligned(lines: &[Vec<String>], dimensions: usize) -> String {
    let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max();
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| widest(column).unwrap_or(0))
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, wanted))| {
            let air = " ".repeat(wanted - width(cell));
            match column < dimensions.max(1) {
                true => format!("{cell}{air}"),
                false => format!("{air}{cell}"),
            }
        });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}
