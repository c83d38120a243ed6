//! The completeness of reporting: one row per expected return for programs, one line per sender and place for people.

use super::csv::harmless;
use super::json::{object, quoted};
use super::text::columns;
use crate::analysis::completeness::{Completeness, Return, Status};
use crate::presentation::{labels, texts};
use crate::programme::{Language, Programme};
use std::collections::BTreeMap;

/// Columns of the CSV and keys of the JSON rows.
const COLUMNS: [&str; 9] = [
    "dataset",
    "department",
    "division",
    "frequency",
    "period",
    "due",
    "received",
    "zero",
    "status",
];

fn cells(each: &Return) -> [Option<String>; 9] {
    let expected = &each.expected;
    [
        Some(expected.dataset.clone()),
        Some(expected.department.clone()),
        Some(expected.division.clone()),
        Some(expected.frequency.dimension().to_owned()),
        Some(expected.period.to_string()),
        Some(expected.due.to_string()),
        each.received.map(|day| day.to_string()),
        Some(each.zero.to_string()),
        Some(each.status.code().to_owned()),
    ]
}

/// `{snapshot, day, period, rows, totals}`, ended by a line break.
pub fn json(completeness: &Completeness) -> String {
    let rows = completeness.returns.iter().map(|each| {
        let fields = COLUMNS.into_iter().zip(cells(each));
        object(fields.map(|(name, cell)| {
            let token = match cell {
                Some(yes_or_no) if name == "zero" => yes_or_no,
                Some(text) => quoted(&text),
                None => "null".to_owned(),
            };
            format!("\"{name}\": {token}")
        }))
    });
    let rows: Vec<String> = rows.collect();
    let counts = Completeness::counts(&completeness.returns);
    let counts = counts
        .iter()
        .map(|(status, count)| format!("\"{}\": {count}", status.code()));
    let expected = format!("\"expected\": {}", completeness.returns.len());
    let period = completeness.period.as_ref();
    format!(
        "{{\"snapshot\": {}, \"day\": {}, \"period\": {},\n \"rows\": [{}],\n \"totals\": {}}}\n",
        quoted(&completeness.snapshot),
        quoted(&completeness.day.to_string()),
        period.map_or_else(|| "null".to_owned(), |period| quoted(&period.to_string())),
        rows.join(",\n          "),
        object(std::iter::once(expected).chain(counts)),
    )
}

/// The rows of the JSON as UTF-8 CSV.
pub fn csv(completeness: &Completeness, bom: bool) -> Vec<u8> {
    let mut bytes = if bom {
        "\u{FEFF}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = ::csv::Writer::from_writer(&mut bytes);
    let heads = COLUMNS.map(str::to_owned).to_vec();
    let rows = completeness.returns.iter().map(|each| {
        let cells = cells(each).into_iter();
        let cells = cells.map(|cell| harmless(&cell.unwrap_or_default()));
        cells.collect::<Vec<String>>()
    });
    for row in std::iter::once(heads).chain(rows) {
        writer
            .write_record(row)
            .expect("writing to memory succeeds");
    }
    drop(writer);
    bytes
}

/// A line per dataset, department and division: how many were expected, on time, late, missing and not due, and which are
/// missing.
pub fn text(completeness: &Completeness, programme: &Programme, language: Language) -> String {
    if completeness.returns.is_empty() {
        return texts::say(language, "completeness_none").to_owned() + "\n";
    }
    let period = completeness.period.as_ref();
    let period = period.map(ToString::to_string).unwrap_or_default();
    let day = completeness.day.to_string();
    let values = [("period", period.as_str()), ("day", &day)];
    let mut out = texts::fill(language, "completeness_title", &values) + "\n";
    let say = |key: &str| texts::say(language, key).to_owned();
    let mut heads = vec![
        say("column_dataset"),
        labels::dimension(programme, "department", language).to_owned(),
        labels::dimension(programme, "division", language).to_owned(),
        say("column_expected"),
    ];
    let statuses = Status::ALL.map(|status| say(&format!("return_{}", status.code())));
    heads.extend(statuses);
    heads.push(say("column_missing_periods"));
    let mut lines = vec![heads];
    let mut senders: Vec<(&str, &str, &str)> = Vec::new();
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Return>> = BTreeMap::new();
    for each in &completeness.returns {
        let expected = &each.expected;
        let sender = (
            expected.dataset.as_str(),
            expected.department.as_str(),
            expected.division.as_str(),
        );
        let group = groups.entry(sender).or_default();
        if group.is_empty() {
            senders.push(sender);
        }
        group.push(each);
    }
    for sender in senders {
        let (dataset, department, division) = sender;
        let contract = programme.contracts.get(dataset);
        let names = vec![
            contract
                .map_or(dataset, |contract| contract.title.get(language))
                .to_owned(),
            labels::code(programme, "department", department, language),
            labels::code(programme, "division", division, language),
        ];
        lines.push(line(names, &groups[&sender]));
    }
    let total = vec![say("total"), String::new(), String::new()];
    lines.push(line(
        total,
        &completeness.returns.iter().collect::<Vec<_>>(),
    ));
    if let Some(last) = lines.last_mut().and_then(|line| line.last_mut()) {
        last.clear();
    }
    out.push_str(&columns(&lines, |column| column < 3 || column == 8));
    out
}

fn line(mut cells: Vec<String>, returns: &[&Return]) -> Vec<String> {
    cells.push(returns.len().to_string());
    let counts = Completeness::counts(returns.iter().copied());
    cells.extend(counts.values().map(ToString::to_string));
    let missing = returns.iter().filter(|each| each.status == Status::Missing);
    let missing: Vec<String> = missing
        .map(|each| each.expected.period.to_string())
        .collect();
    cells.push(missing.join(" "));
    cells
}
