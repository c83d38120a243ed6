//! JSON schemas of the answers (CONTRACT §8), strict enough that a program may be generated from them.

use crate::indicators::table::{Incomparable, Verdict};
use crate::presentation::encode::bridge;
use serde_json::{Map, Value, json};

/// An object of these fields, each of which is there; `further` may be.
fn object(fields: &[(&str, Value)], further: &[(&str, Value)], others: Value) -> Value {
    let all = fields.iter().chain(further);
    let properties: Map<String, Value> = all
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": others })
}

/// A file that is text: CSV, SVG, HTML.
pub(super) fn text_of_a_file() -> Value {
    string()
}

/// A file that is none: workbooks, PNG.
pub(super) fn bytes_of_a_file() -> Value {
    json!({})
}

fn exactly(fields: &[(&str, Value)]) -> Value {
    object(fields, &[], json!(false))
}

fn string() -> Value {
    json!({ "type": "string" })
}

fn word(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn snapshot() -> Value {
    json!({ "type": "string", "pattern": "^S[0-9]{6,18}-[0-9a-f]{8}$" })
}

fn sha256() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

/// A text in both languages.
fn text() -> Value {
    json!({ "$ref": "#/components/schemas/Text" })
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn kind() -> (&'static str, Value) {
    ("kind", word(&["flow", "stock", "distinct", "ratio"]))
}

/// What other schemas refer to.
pub(super) fn components() -> Value {
    json!({
        "Text": exactly(&[("zh", string()), ("en", string())]),
        "Problem": exactly(&[
            ("type", json!({ "type": "string", "format": "uri-reference" })),
            ("title", string()),
            ("title_zh", string()),
            ("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 })),
            ("errors", list(exactly(&[("parameter", string()), ("message", text())]))),
        ]),
    })
}

fn defined() -> Vec<(&'static str, Value)> {
    vec![
        ("id", string()),
        ("title", text()),
        ("unit", text()),
        kind(),
        ("clause", string()),
        ("note", text()),
        ("definition", sha256()),
        ("dimensions", list(string())),
    ]
}

pub(super) fn indicators() -> Value {
    exactly(&[("indicators", list(exactly(&defined())))])
}

pub(super) fn indicator() -> Value {
    let mut fields = defined();
    let example = exactly(&[("title", text()), ("file", string()), ("line", count())]);
    fields.extend([
        ("time_dimensions", list(string())),
        ("tables", list(string())),
        ("denominator_of", or_null(string())),
        ("facts", string()),
        ("examples", list(example)),
    ]);
    exactly(&fields)
}

fn verdict() -> Value {
    let verdicts = [
        Verdict::Ahead,
        Verdict::OnTrack,
        Verdict::AtRisk,
        Verdict::Behind,
        Verdict::InsufficientData,
        Verdict::NoTarget,
    ];
    word(&verdicts.map(Verdict::code))
}

fn marks() -> Value {
    json!({ "type": "string", "pattern": "^(\\[(p|r|c|x|e|low)\\])*$" })
}

/// The figures of a cell: those that are always there but the parts of a ratio, the parts, and those that only some have.
type Fields = Vec<(&'static str, Value)>;

fn figures() -> (Fields, Fields, Fields) {
    let some = || or_null(number());
    let own = vec![
        ("value", some()),
        ("target", some()),
        ("progress", some()),
        ("pace", some()),
        ("verdict", verdict()),
        ("mark", marks()),
    ];
    let parts = vec![("numerator", some()), ("denominator", some())];
    let why = [Incomparable::Scope, Incomparable::Open, Incomparable::Base];
    let note = || or_null(word(&why.map(Incomparable::code)));
    let further = vec![
        ("yoy", some()),
        ("yoy_change", some()),
        ("yoy_note", note()),
        ("pop", some()),
        ("pop_change", some()),
        ("pop_note", note()),
        ("original_target", number()),
        ("low", number()),
        ("high", number()),
        ("missing", count()),
    ];
    (own, parts, further)
}

/// A cell: its codes by the names of the dimensions, and its figures.
fn row() -> Value {
    let (mut own, parts, further) = figures();
    own.extend(parts);
    object(&own, &further, string())
}

fn totals() -> Value {
    let (own, mut further, extra) = figures();
    further.extend(extra);
    let rate = exactly(&[
        ("needed_per_month", number()),
        ("months_left", number()),
        ("best_month", or_null(string())),
        ("best_value", or_null(number())),
    ]);
    further.push(("run_rate", rate));
    object(&own, &further, json!(false))
}

pub(super) fn data() -> Value {
    object(
        &[
            ("indicator", string()),
            ("unit", string()),
            kind(),
            ("period", string()),
            ("scope", string()),
            ("snapshot", snapshot()),
            ("as_of", instant()),
            ("definition", sha256()),
            ("dimensions", list(string())),
            ("rows", list(row())),
            ("totals", totals()),
        ],
        &[("view", string())],
        json!(false),
    )
}

fn step(codes: Value) -> Value {
    object(
        &[
            ("step", string()),
            ("rule", or_null(string())),
            ("clause", or_null(string())),
            ("count", integer()),
        ],
        &[],
        codes,
    )
}

pub(super) fn ledger() -> Value {
    exactly(&[
        ("period", or_null(string())),
        ("scope", string()),
        ("snapshot", snapshot()),
        ("rows", list(step(string()))),
    ])
}

pub(super) fn explanation() -> Value {
    let (mut own, parts, _) = figures();
    own.extend(parts);
    let definition = exactly(&[
        ("digest", sha256()),
        ("file", string()),
        ("title", text()),
        ("clause", string()),
        ("note", text()),
        ("denominator_of", or_null(string())),
    ]);
    let submission = exactly(&[
        ("file", or_null(string())),
        ("sha256", or_null(sha256())),
        ("department", string()),
        ("division", or_null(string())),
        ("period", or_null(string())),
        ("load", or_null(string())),
        ("facts", count()),
    ]);
    own.extend([
        ("indicator", string()),
        ("title", text()),
        ("unit", string()),
        kind(),
        ("target_provenance", or_null(string())),
        ("period", string()),
        ("from", date()),
        ("to", date()),
        ("scope", string()),
        ("view", string()),
        (
            "filters",
            json!({ "type": "object", "additionalProperties": list(string()) }),
        ),
        ("dimensions", list(string())),
        ("definition", definition),
        ("snapshot", snapshot()),
        ("as_of", instant()),
        ("day", date()),
        ("load", string()),
        ("definitions", sha256()),
        ("sql", string()),
        ("submissions", list(submission)),
        ("ledger", or_null(list(step(json!(false))))),
        (
            "records",
            json!({ "anyOf": [exactly(&[("unavailable", text())]), records()] }),
        ),
        ("command", string()),
    ]);
    object(&own, &[("rows", list(row()))], json!(false))
}

fn records() -> Value {
    let some = || or_null(number());
    let record = object(
        &[
            ("department", string()),
            ("record_no", string()),
            ("file", or_null(string())),
            ("row", or_null(integer())),
            ("date", or_null(date())),
        ],
        &[
            ("person", or_null(string())),
            ("value", some()),
            ("numerator", some()),
            ("denominator", some()),
        ],
        json!(false),
    );
    let counted = exactly(&[
        ("value", some()),
        ("numerator", some()),
        ("denominator", some()),
    ]);
    exactly(&[
        ("dataset", string()),
        ("total", count()),
        ("shown", count()),
        ("counted", counted),
        ("agrees", json!({ "type": "boolean" })),
        ("rows", list(record)),
    ])
}

pub(super) fn completeness() -> Value {
    let expected = exactly(&[
        ("dataset", string()),
        ("department", string()),
        ("division", string()),
        ("frequency", word(&["month", "quarter", "year"])),
        ("period", string()),
        ("due", date()),
        ("received", or_null(date())),
        ("zero", json!({ "type": "boolean" })),
        ("status", word(&["on_time", "late", "missing", "not_due"])),
    ]);
    let names = ["expected", "on_time", "late", "missing", "not_due"];
    let totals = names.map(|name| (name, count()));
    exactly(&[
        ("snapshot", snapshot()),
        ("day", date()),
        ("period", or_null(string())),
        ("rows", list(expected)),
        ("totals", exactly(&totals)),
    ])
}

pub(super) fn findings() -> Value {
    let effect = || word(&["exclude", "flag"]);
    let finding = exactly(&[
        ("rule", string()),
        ("department", string()),
        ("record_no", string()),
        ("division", string()),
        ("message", or_null(text())),
        ("effect", or_null(effect())),
        ("dataset", string()),
        ("date", or_null(date())),
        ("detail", or_null(string())),
    ]);
    let rule = exactly(&[
        ("id", string()),
        ("title", text()),
        ("clause", string()),
        ("effect", effect()),
        ("count", count()),
        ("note", or_null(text())),
        ("false_positive", or_null(text())),
        ("provenance", or_null(string())),
    ]);
    exactly(&[
        ("snapshot", snapshot()),
        ("rows", list(finding)),
        ("rules", list(rule)),
        ("day", date()),
    ])
}

pub(super) fn snapshots() -> Value {
    let listed = exactly(&[
        ("id", snapshot()),
        ("published_at", instant()),
        ("load", string()),
        ("records", count()),
        ("definitions", sha256()),
    ]);
    exactly(&[("snapshots", list(listed))])
}

pub(super) fn diff() -> Value {
    let parts = bridge::parts();
    let known = || exactly(&[("snapshot", snapshot()), ("as_of", instant())]);
    let mut figures = vec![
        ("from", or_null(number())),
        ("to", or_null(number())),
        ("change", number()),
    ];
    figures.extend(parts.map(|part| (part, number())));
    figures.push(("target", or_null(number())));
    let of_one = exactly(&[
        ("indicator", string()),
        ("unit", string()),
        kind(),
        ("period", string()),
        ("scope", string()),
        ("dimensions", list(string())),
        ("definition_from", sha256()),
        ("definition_to", sha256()),
        ("rows", list(object(&figures, &[], string()))),
        ("totals", exactly(&figures)),
    ]);
    exactly(&[
        ("from", known()),
        ("to", known()),
        ("parts", list(word(&parts))),
        ("indicators", list(of_one)),
    ])
}

pub(super) fn targets() -> Value {
    let named = || {
        vec![
            ("indicator", string()),
            ("unit_kind", string()),
            ("unit", string()),
            ("period", string()),
        ]
    };
    let set = vec![
        ("value", number()),
        ("provenance", string()),
        ("decision_ref", or_null(string())),
        ("valid_from", or_null(date())),
    ];
    let mut target = named();
    target.extend(set.clone());
    target.push(("pace", word(&["linear", "workdays", "milestones"])));
    target.push(("original", or_null(exactly(&set))));
    let mut sum = named();
    sum.extend([
        ("target", number()),
        ("parts", string()),
        ("count", count()),
        ("sum", number()),
        ("difference", number()),
    ]);
    exactly(&[
        ("snapshot", snapshot()),
        ("day", date()),
        ("targets", list(exactly(&target))),
        ("reconciliation", list(exactly(&sum))),
    ])
}
