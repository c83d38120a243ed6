//! Everything behind one figure, as text and JSON.

use super::findings::record_no;
use super::{figures, has_parts, json, text};
use crate::indicators::records::Record;
use crate::indicators::table::{Kind, Row, Table, View};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, texts, verdict};
use crate::programme::{Decimal, Language, Programme, Text};
use serde_json::{Value, json};
use std::sync::Arc;

/// What stands behind one figure.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The figure (its total), and its breakdown where one was asked for.
    pub table: Arc<Table>,
    /// File of the definition.
    pub file: String,
    /// Clause of the policy.
    pub clause: String,
    /// The definition in words.
    pub note: Text,
    /// The indicator whose denominator it takes.
    pub denominator_of: Option<String>,
    /// Filters: dimension and codes.
    pub filters: Vec<(String, Vec<String>)>,
    /// The day the snapshot stands for.
    pub day: chrono::NaiveDate,
    /// The load that published it.
    pub load: String,
    /// Digest of all definitions it was made with.
    pub definitions: String,
    /// The composed query.
    pub sql: String,
    /// Where the records come from; their facts add up to the number of records.
    pub sources: Vec<Submitted>,
    /// The ledger of the same selection, where training records are read.
    pub ledger: Option<Vec<Step>>,
    /// The records, or why they cannot be listed.
    pub records: Result<Listed, Text>,
    /// A command that computes the figure again.
    pub command: String,
}

/// A submission that facts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Name of the file; `None` where the facts do not come from a submission.
    pub file: Option<String>,
    /// SHA-256 of its bytes.
    pub sha256: Option<String>,
    /// Department that sent it.
    pub department: String,
    /// Division in its name.
    pub division: Option<String>,
    /// Period in its name.
    pub period: Option<String>,
    /// The load that took it in.
    pub load: Option<String>,
    /// Facts of it in the figure.
    pub facts: usize,
}

/// A step of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Name.
    pub step: &'static str,
    /// Rule.
    pub rule: Option<String>,
    /// Clause of the rule.
    pub clause: Option<String>,
    /// Records.
    pub count: i64,
}

/// The records of a figure.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Their dataset.
    pub dataset: String,
    /// How many there are.
    pub total: usize,
    /// What they count to.
    pub counted: Row,
    /// Whether that is the figure.
    pub agrees: bool,
    /// Those that are shown.
    pub rows: Vec<ListedRecord>,
}

/// A record with the file it came from.
#[derive(Debug, Clone)]
pub struct ListedRecord {
    /// Name of the file.
    pub file: Option<String>,
    /// The record.
    pub record: Record,
}

/// As JSON: numbers written from the exact value, one record per line.
pub fn json(explained: &Explanation) -> String {
    let table = &explained.table;
    let quoted = |text: &str| Value::from(text).to_string();
    let total = &table.totals;
    let mut out = format!(
        "{{\"indicator\": {}, \"title\": {}, \"unit\": {}, \"kind\": {},\n ",
        quoted(&table.indicator),
        json!(table.title),
        quoted(&table.unit.en),
        quoted(&table.kind.to_string()),
    );
    for (name, token) in super::FIGURES.into_iter().zip(figures(total)) {
        let token = match (name, token) {
            ("verdict" | "mark", Some(word)) => quoted(&word),
            (_, token) => token.unwrap_or_else(|| "null".to_owned()),
        };
        out += &format!("\"{name}\": {token}, ");
    }
    out += &format!(
        "\"target_provenance\": {},\n ",
        json!(total.target_provenance)
    );
    let filters = explained
        .filters
        .iter()
        .map(|(name, codes)| (name.clone(), json!(codes)));
    let filters: serde_json::Map<String, Value> = filters.collect();
    out += &format!(
        "\"period\": {}, \"from\": {}, \"to\": {}, \"scope\": {}, \"view\": {}, \"filters\": {}, \"dimensions\": {},\n ",
        quoted(&table.period.to_string()),
        json!(table.period.start()),
        json!(table.period.end()),
        quoted(&table.scope),
        quoted(table.view.code()),
        Value::Object(filters),
        json!(table.dimensions),
    );
    if !table.dimensions.is_empty() {
        let rows: Vec<String> = table
            .rows
            .iter()
            .map(|row| json::row_object(table, row))
            .collect();
        out += &format!("\"rows\": [{}],\n ", rows.join(",\n          "));
    }
    out += &format!(
        "\"definition\": {},\n \"snapshot\": {}, \"as_of\": {}, \"day\": {}, \"load\": {}, \"definitions\": {},\n \"sql\": {},\n ",
        json!({ "digest": table.definition, "file": explained.file, "title": table.title, "clause": explained.clause,
            "note": explained.note, "denominator_of": explained.denominator_of }),
        quoted(&table.snapshot),
        quoted(&table.as_of),
        json!(explained.day),
        quoted(&explained.load),
        quoted(&explained.definitions),
        quoted(&explained.sql),
    );
    let submissions: Vec<String> = explained.sources.iter().map(submission).collect();
    out += &format!("\"submissions\": [{}],\n ", submissions.join(",\n  "));
    let ledger = explained.ledger.as_ref().map(|steps| {
        let steps = steps.iter().map(|step| {
            json!({ "step": step.step, "rule": step.rule, "clause": step.clause, "count": step.count })
        });
        steps.collect::<Vec<_>>()
    });
    out += &format!("\"ledger\": {},\n ", json!(ledger));
    out += &format!("\"records\": {},\n ", records(explained));
    out + &format!("\"command\": {}}}\n", quoted(&explained.command))
}

fn submission(from: &Submitted) -> String {
    json!({ "file": from.file, "sha256": from.sha256, "department": from.department, "division": from.division,
        "period": from.period, "load": from.load, "facts": from.facts })
    .to_string()
}

fn records(explained: &Explanation) -> String {
    let listed = match &explained.records {
        Err(why) => return json!({ "unavailable": why }).to_string(),
        Ok(listed) => listed,
    };
    let number =
        |number: Option<Decimal>| number.map_or("null".to_owned(), |number| number.to_string());
    let rows = listed.rows.iter().map(|listed| {
        let record = &listed.record;
        let head = json!({ "department": record.department, "record_no": record_no(&record.record_no), "file": listed.file,
            "row": record.row, "date": record.date })
        .to_string();
        let mut line = head.trim_end_matches('}').to_owned();
        match explained.table.kind {
            Kind::Distinct => line += &format!(",\"person\":{}", json!(record.person.map(label))),
            _ if has_parts(&explained.table) => {
                line += &format!(",\"numerator\":{}", number(record.numerator));
                if explained.denominator_of.is_none() {
                    line += &format!(",\"denominator\":{}", number(record.denominator));
                }
            }
            _ => line += &format!(",\"value\":{}", number(record.value)),
        }
        line + "}"
    });
    let rows: Vec<String> = rows.collect();
    let counted = &listed.counted;
    format!(
        "{{\"dataset\": {}, \"total\": {}, \"shown\": {}, \"counted\": {{\"value\": {}, \"numerator\": {}, \"denominator\": {}}}, \"agrees\": {},\n  \"rows\": [{}]}}",
        Value::from(listed.dataset.as_str()),
        listed.total,
        rows.len(),
        counted
            .value
            .map_or("null".to_owned(), |value| value.to_string()),
        number(counted.numerator),
        number(counted.denominator),
        listed.agrees,
        rows.join(",\n   "),
    )
}

/// A person as a label of this answer.
fn label(number: usize) -> String {
    format!("P{number}")
}

/// For terminals.
pub fn text(explained: &Explanation, programme: &Programme, language: Language) -> String {
    let table = &explained.table;
    let mut told = figure(table, programme, language);
    told.extend(origin(explained, programme, language));
    let lines: Vec<Vec<String>> = told
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| vec![texts::say(language, key).to_owned(), value])
        .collect();
    let mut out = format!("{} ({})\n\n", table.title.get(language), table.indicator);
    out += &text::lined_up(&lines);
    if let Some(other) = &explained.denominator_of {
        out += &texts::fill(language, "explain_denominator_of", &[("indicator", other)]);
        out.push('\n');
    }
    out += &ledger(explained, language);
    out += &records_text(explained, language);
    let command = texts::say(language, "explain_command");
    out + &format!("\n{command}\n  {}\n", explained.command)
}

type Told = Vec<(&'static str, String)>;

/// The figure against its target.
fn figure(table: &Table, programme: &Programme, language: Language) -> Told {
    let total = &table.totals;
    let figure = Figure::of(total, table.kind);
    let plain = |number: Option<Decimal>| number.map(numbers::plain).unwrap_or_default();
    let unit = table.unit.get(language);
    let exact = total.value.map(|value| value.to_string());
    let exact = exact.unwrap_or_default();
    let shown = figure.value.unwrap_or_default();
    let value = match exact == shown {
        true => format!("{shown} {unit}"),
        false => format!("{shown} {unit} ({exact})"),
    };
    let provenance = total.target_provenance.as_deref().map(|code| {
        let name = programme.list("provenances").name(code);
        name.get(language).to_owned()
    });
    let word = verdict::word(total.verdict, language);
    let verdict = format!("{} {word}", verdict::shape(total.verdict));
    let held = [figure.target, provenance, figure.progress, Some(verdict)];
    let held: Vec<String> = held.into_iter().flatten().collect();
    vec![
        ("explain_value", value),
        ("explain_numerator", plain(total.numerator)),
        ("explain_denominator", plain(total.denominator)),
        ("explain_target", held.join("  ")),
        ("explain_marks", total.mark.to_string()),
    ]
}

/// What was asked, and what the figure was made with.
fn origin(explained: &Explanation, programme: &Programme, language: Language) -> Told {
    let table = &explained.table;
    let period = &table.period;
    let scope = match table.view {
        View::AsWas => table.scope.clone(),
        view => format!("{} {}", table.scope, view.code()),
    };
    let filters = explained.filters.iter().map(|(name, codes)| {
        let codes = codes.iter();
        let codes = codes.map(|code| labels::code(programme, name, code, language));
        let codes: Vec<String> = codes.collect();
        let name = labels::dimension(programme, name, language);
        format!("{name} = {}", codes.join(", "))
    });
    let filters: Vec<String> = filters.collect();
    let snapshot = [
        table.snapshot.clone(),
        explained.load.clone(),
        explained.day.to_string(),
        explained.definitions.clone(),
    ];
    let note = explained.note.get(language);
    vec![
        (
            "explain_period",
            format!("{period} ({} — {})", period.start(), period.end()),
        ),
        ("explain_scope", scope),
        ("explain_filters", filters.join("; ")),
        (
            "explain_definition",
            format!("{} {}", explained.file, table.definition),
        ),
        ("explain_clause", format!("{}  {note}", explained.clause)),
        ("explain_snapshot", snapshot.join("  ")),
        ("explain_sql", explained.sql.clone()),
    ]
}

fn ledger(explained: &Explanation, language: Language) -> String {
    let Some(steps) = &explained.ledger else {
        return String::new();
    };
    let heads = ["column_step", "column_count", "column_clause"];
    let mut lines = vec![
        heads
            .map(|key| texts::say(language, key).to_owned())
            .to_vec(),
    ];
    lines.extend(steps.iter().map(|step| {
        let clause = step.clause.clone().unwrap_or_default();
        vec![step.step.to_owned(), step.count.to_string(), clause]
    }));
    format!(
        "\n{}\n{}",
        texts::say(language, "explain_ledger"),
        text::lined_up(&lines)
    )
}

fn records_text(explained: &Explanation, language: Language) -> String {
    let say = |key: &str| texts::say(language, key).to_owned();
    let listed = match &explained.records {
        Err(why) => return format!("\n{}: {}\n", say("explain_no_records"), why.get(language)),
        Ok(listed) => listed,
    };
    let heads = [
        "column_file",
        "dimension_department",
        "column_period",
        "column_load",
        "column_facts",
    ];
    let mut lines = vec![heads.map(&say).to_vec()];
    lines.extend(explained.sources.iter().map(|from| {
        vec![
            from.file.clone().unwrap_or_default(),
            from.department.clone(),
            from.period.clone().unwrap_or_default(),
            from.load.clone().unwrap_or_default(),
            from.facts.to_string(),
        ]
    }));
    let mut out = format!(
        "\n{}\n{}",
        say("explain_submissions"),
        text::lined_up(&lines)
    );
    let (total, shown) = (listed.total.to_string(), listed.rows.len().to_string());
    let values = [("total", total.as_str()), ("shown", shown.as_str())];
    out += &format!("\n{}\n", texts::fill(language, "explain_records", &values));
    let counted = match (listed.counted.value, listed.counted.numerator) {
        (Some(value), _) => value.to_string(),
        (None, numerator) => numerator
            .map(|number| number.to_string())
            .unwrap_or_default(),
    };
    let key = if listed.agrees {
        "explain_agrees"
    } else {
        "explain_differs"
    };
    out += &format!(
        "{}\n",
        texts::fill(language, key, &[("value", counted.as_str())])
    );
    let measures: &[&str] = match explained.table.kind {
        Kind::Distinct => &["column_person"],
        Kind::Ratio if explained.denominator_of.is_some() => &["explain_numerator"],
        Kind::Ratio => &["explain_numerator", "explain_denominator"],
        Kind::Flow | Kind::Stock => &["explain_value"],
    };
    let heads = [
        "dimension_department",
        "column_record_no",
        "column_file",
        "column_row",
        "column_date",
    ];
    let heads = heads.iter().chain(measures).map(|key| say(key));
    let mut lines = vec![heads.collect::<Vec<_>>()];
    let number = |number: Option<Decimal>| number.map(|number| number.to_string());
    lines.extend(listed.rows.iter().map(|listed| {
        let record = &listed.record;
        let mut line = vec![
            record.department.clone(),
            record_no(&record.record_no),
            listed.file.clone().unwrap_or_default(),
            record.row.map(|row| row.to_string()).unwrap_or_default(),
            record.date.map(|day| day.to_string()).unwrap_or_default(),
        ];
        line.extend(measures.iter().map(|measure| {
            let told = match *measure {
                "column_person" => record.person.map(label),
                "explain_numerator" => number(record.numerator),
                "explain_denominator" => number(record.denominator),
                _ => number(record.value),
            };
            told.unwrap_or_default()
        }));
        line
    }));
    out += &text::lined_up(&lines);
    if listed.rows.len() < listed.total {
        out += &format!("… {}\n", say("explain_all"));
    }
    out
}
