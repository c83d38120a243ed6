//! The truth in small print: what the figures mean and where they come from.

use crate::indicators::Catalog;
use crate::indicators::table::{Mark, Table};
use crate::presentation::{texts, verdict};
use crate::programme::{Language, Programme};

/// Name and text of each line, for a page made from `tables`, the one that leads first.
pub(super) fn lines(
    programme: &Programme,
    catalog: &Catalog,
    tables: &[&Table],
    language: Language,
) -> Vec<(String, String)> {
    let say = |key: &str| texts::say(language, key).to_owned();
    let Some(lead) = tables.first() else {
        return Vec::new();
    };
    let scope = programme.config.scope(&lead.scope).map_or_else(
        || lead.scope.clone(),
        |scope| {
            format!(
                "{} · {}",
                scope.title.get(language),
                scope.note.get(language)
            )
        },
    );
    let verdicts: Vec<String> = verdict::ALL
        .into_iter()
        .map(|each| {
            let explained = verdict::explained(each, programme, language);
            format!(
                "{} {} {explained}",
                verdict::shape(each),
                verdict::word(each, language)
            )
        })
        .collect();
    let shown = |mark: &Mark| {
        tables
            .iter()
            .flat_map(|table| table.rows.iter().chain([&table.totals]))
            .any(|row| row.mark.has(*mark))
    };
    let marks: Vec<String> = Mark::ALL
        .into_iter()
        .filter(shown)
        .map(|mark| format!("[{}] {}", mark.code(), texts::mark(mark, language)))
        .collect();
    let mut lines = vec![
        (say("small_caliber"), calibers(catalog, tables, language)),
        (say("label_scope"), scope),
        (
            say("column_pace"),
            verdict::pace_explained(programme, &lead.indicator, language).to_owned(),
        ),
        (say("small_verdict"), verdicts.join(" · ")),
        (say("small_numbers"), say("explain_rounding")),
    ];
    if let Some(provenance) = lead
        .totals
        .target_provenance
        .as_deref()
        .and_then(provenance_key)
    {
        lines.insert(2, (say("small_targets"), say(provenance)));
    }
    if !marks.is_empty() {
        lines.push((say("small_marks"), marks.join(" · ")));
    }
    let mut definitions: Vec<&str> = Vec::new();
    for table in tables {
        let digest = table.definition.get(..12).unwrap_or(&table.definition);
        if !definitions.contains(&digest) {
            definitions.push(digest);
        }
    }
    let versions = format!(
        "{} {} · {} {}",
        say("label_snapshot"),
        lead.snapshot,
        say("label_definition"),
        texts::listed(language, &definitions)
    );
    lines.push((say("small_versions"), versions));
    lines
}

/// What each indicator of the page counts, in the words of its definition.
fn calibers(catalog: &Catalog, tables: &[&Table], language: Language) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for table in tables {
        if !ids.contains(&table.indicator.as_str()) {
            ids.push(&table.indicator);
        }
    }
    let notes = ids
        .into_iter()
        .filter_map(|id| catalog.get(id))
        .map(|indicator| {
            let values = [
                ("title", indicator.title.get(language)),
                ("note", indicator.note.get(language)),
            ];
            texts::fill(language, "small_caliber_text", &values)
        });
    notes.collect::<Vec<_>>().join("\n")
}

fn provenance_key(provenance: &str) -> Option<&'static str> {
    Some(match provenance {
        "policy" => "targets_policy",
        "decomposed" => "targets_decomposed",
        "interpolated" => "targets_interpolated",
        "revised" => "targets_revised",
        _ => return None,
    })
}
