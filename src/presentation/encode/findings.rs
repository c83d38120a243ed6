//! The worklist of findings (疑点) as text, JSON, CSV and XLSX.

use super::{csv, text};
use crate::indicators::UNKNOWN;
use crate::indicators::rules::{About, Finding, Worklist};
use crate::intake::id_number::check_18;
use crate::intake::shown::shown;
use crate::presentation::{labels, texts, workbook as style};
use crate::programme::config::Effect;
use crate::programme::contract::Personal;
use crate::programme::{Language, Programme, Text};
use rust_xlsxwriter::{Worksheet, XlsxError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A record's number as it may be shown: departments number records as they like, also by the ID of the person.
pub fn record_no(number: &str) -> String {
    match check_18(number) {
        Ok(_) => shown(number, Personal::Vault),
        Err(_) => number.to_owned(),
    }
}

/// The shape of CONTRACT §8: one row for every finding, then what the rules say.
pub fn json(list: &Worklist) -> String {
    let about = by_id(list);
    let rows = list.findings.iter().map(|finding| {
        let rule = about.get(finding.rule.as_str());
        json!({
            "rule": finding.rule,
            "department": finding.department,
            "record_no": record_no(&finding.record_no),
            "division": division(finding),
            "message": rule.map(|rule| &rule.title),
            "effect": rule.map(|rule| rule.effect.code()),
            "dataset": finding.dataset,
            "date": finding.date,
            "detail": finding.detail,
        })
        .to_string()
    });
    let rules = list.rules.iter().map(|(rule, count)| {
        json!({
            "id": rule.id, "title": rule.title, "clause": rule.clause, "effect": rule.effect.code(), "count": count,
            "note": rule.note, "false_positive": rule.false_positive, "provenance": rule.provenance,
        })
        .to_string()
    });
    let joined = |lines: Vec<String>| lines.join(",\n          ");
    format!(
        "{{\"snapshot\": {},\n \"rows\": [{}],\n \"rules\": [{}],\n \"day\": {}}}\n",
        Value::from(list.snapshot.as_str()),
        joined(rows.collect()),
        joined(rules.collect()),
        json!(list.day),
    )
}

fn by_id(list: &Worklist) -> BTreeMap<&str, &About> {
    list.rules
        .iter()
        .map(|(rule, _)| (rule.id.as_str(), rule))
        .collect()
}

fn division(finding: &Finding) -> &str {
    match finding.division.as_str() {
        "" => UNKNOWN,
        division => division,
    }
}

/// Columns of the CSV.
const COLUMNS: [&str; 10] = [
    "rule",
    "effect",
    "clause",
    "dataset",
    "department",
    "record_no",
    "division",
    "date",
    "message_zh",
    "detail",
];

/// One row for every finding. `bom` is for spreadsheet programs.
pub fn csv(list: &Worklist, bom: bool) -> Vec<u8> {
    let about = by_id(list);
    let rows = list.findings.iter().map(|finding| {
        let rule = about.get(finding.rule.as_str());
        let date = finding.date.map(|day| day.to_string());
        let record = record_no(&finding.record_no);
        [
            finding.rule.as_str(),
            rule.map_or("", |rule| rule.effect.code()),
            rule.map_or("", |rule| &rule.clause),
            &finding.dataset,
            &finding.department,
            &record,
            division(finding),
            date.as_deref().unwrap_or_default(),
            rule.map_or("", |rule| &rule.title.zh),
            finding.detail.as_deref().unwrap_or_default(),
        ]
        .map(str::to_owned)
        .to_vec()
    });
    csv::lines(&COLUMNS, rows, bom)
}

/// For terminals: what every rule found and what may be in order about it, then the findings.
pub fn text(list: &Worklist, programme: &Programme, language: Language) -> String {
    let say = |key: &str| texts::say(language, key).to_owned();
    let day = list.day.to_string();
    let source = texts::fill(
        language,
        "findings_source",
        &[("snapshot", list.snapshot.as_str()), ("day", &day)],
    );
    let mut out = format!("{}\n{source}\n\n", say("findings_title"));
    let summary = list.rules.iter().filter(|(_, count)| *count > 0);
    let mut lines = vec![
        [
            "column_rule",
            "column_count",
            "column_effect",
            "column_clause",
            "column_rule_title",
        ]
        .map(&say)
        .to_vec(),
    ];
    lines.extend(summary.clone().map(|(rule, count)| {
        vec![
            rule.id.clone(),
            count.to_string(),
            effect(rule.effect, language),
            rule.clause.clone(),
            rule.title.get(language).to_owned(),
        ]
    }));
    if lines.len() == 1 {
        return out + &say("findings_none") + "\n";
    }
    out += &text::lined_up(&lines);
    out.push('\n');
    for (rule, _) in summary {
        if let Some(note) = &rule.false_positive {
            let said = note.get(language);
            out += &format!("{}  {}: {said}\n", rule.id, say("column_false_positive"));
        }
    }
    out.push('\n');
    let mut lines = vec![
        [
            "column_rule",
            "dimension_department",
            "column_record_no",
            "dimension_division",
            "column_date",
            "column_rule_title",
            "column_detail",
        ]
        .map(say)
        .to_vec(),
    ];
    let about = by_id(list);
    lines.extend(list.findings.iter().map(|finding| {
        let title = about.get(finding.rule.as_str()).map(|rule| &rule.title);
        vec![
            finding.rule.clone(),
            labels::code(programme, "department", &finding.department, language),
            record_no(&finding.record_no),
            labels::code(programme, "division", division(finding), language),
            finding.date.map(|day| day.to_string()).unwrap_or_default(),
            title.map_or("", |title| title.get(language)).to_owned(),
            finding.detail.clone().unwrap_or_default(),
        ]
    }));
    out + &text::lined_up(&lines)
}

fn effect(effect: Effect, language: Language) -> String {
    let key = match effect {
        Effect::Exclude => "effect_exclude",
        Effect::Flag => "effect_flag",
    };
    texts::say(language, key).to_owned()
}

/// A workbook with the sheets 规则 and 疑点; the same list gives the same bytes.
pub fn xlsx(list: &Worklist, programme: &Programme) -> Vec<u8> {
    built(list, programme).expect("our sheets stay within the limits of the format")
}

/// Rows of a sheet.
const ROWS_MAX: usize = 1_048_576 - 4;

fn built(list: &Worklist, programme: &Programme) -> Result<Vec<u8>, XlsxError> {
    const ZH: Language = Language::Zh;
    let mut workbook = style::workbook(texts::say(ZH, "findings_title"));
    let text = |text: &Option<Text>| {
        text.as_ref()
            .map_or_else(String::new, |text| text.zh.clone())
    };
    let rules = list.rules.iter().map(|(rule, count)| {
        vec![
            rule.id.clone(),
            count.to_string(),
            effect(rule.effect, ZH),
            rule.clause.clone(),
            rule.title.zh.clone(),
            text(&rule.note),
            text(&rule.false_positive),
            rule.provenance.clone().unwrap_or_default(),
        ]
    });
    let heads = [
        ("column_rule", 8.0),
        ("column_count", 8.0),
        ("column_effect", 8.0),
        ("column_clause", 12.0),
        ("column_rule_title", 30.0),
        ("column_note", 50.0),
        ("column_false_positive", 50.0),
        ("column_provenance", 30.0),
    ];
    let sheet = workbook.add_worksheet();
    sheet.set_name(texts::say(ZH, "sheet_rules"))?;
    write(sheet, list, &heads, rules)?;
    let about = by_id(list);
    let findings = list.findings.iter().take(ROWS_MAX).map(|finding| {
        let title = about
            .get(finding.rule.as_str())
            .map(|rule| rule.title.zh.clone());
        vec![
            finding.rule.clone(),
            title.unwrap_or_default(),
            finding.dataset.clone(),
            labels::code(programme, "department", &finding.department, ZH),
            record_no(&finding.record_no),
            labels::code(programme, "division", division(finding), ZH),
            finding.date.map(|day| day.to_string()).unwrap_or_default(),
            finding.detail.clone().unwrap_or_default(),
        ]
    });
    let heads = [
        ("column_rule", 8.0),
        ("column_rule_title", 34.0),
        ("column_dataset", 14.0),
        ("dimension_department", 22.0),
        ("column_record_no", 28.0),
        ("dimension_division", 18.0),
        ("column_date", 12.0),
        ("column_detail", 30.0),
    ];
    let sheet = workbook.add_worksheet();
    sheet.set_name(texts::say(ZH, "sheet_findings"))?;
    write(sheet, list, &heads, findings)?;
    workbook.save_to_buffer()
}

fn write(
    sheet: &mut Worksheet,
    list: &Worklist,
    heads: &[(&str, f64)],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), XlsxError> {
    const HEAD_ROW: u32 = 2;
    let zh = Language::Zh;
    let title = texts::say(zh, "findings_title");
    sheet.write_with_format(0, 0, title, &style::title())?;
    let day = list.day.to_string();
    let values = [("snapshot", list.snapshot.as_str()), ("day", day.as_str())];
    let source = texts::fill(zh, "findings_source", &values);
    sheet.write_with_format(1, 0, source, &style::body())?;
    for (column, (key, width)) in (0u16..).zip(heads) {
        sheet.write_with_format(HEAD_ROW, column, texts::say(zh, key), &style::head())?;
        sheet.set_column_width(column, *width)?;
    }
    let (cell, long) = (style::as_text(), style::wrapped());
    for (row, cells) in (HEAD_ROW + 1..).zip(rows) {
        for (column, (value, (_, width))) in (0u16..).zip(cells.into_iter().zip(heads)) {
            let format = if *width > 40.0 { &long } else { &cell };
            sheet.write_with_format(row, column, value, format)?;
        }
    }
    sheet.set_freeze_panes(HEAD_ROW + 1, 1)?;
    style::for_print(sheet, HEAD_ROW)
}
