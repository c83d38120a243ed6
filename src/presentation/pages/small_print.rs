//! The truth in small print: what the figures mean and where they come from.

use super::overview::Inputs;
use crate::indicators::table::Mark;
use crate::presentation::{texts, verdict};

/// Name and text of each line.
pub(super) fn lines(inputs: &Inputs<'_>) -> Vec<(String, String)> {
    let Inputs {
        programme,
        trained,
        language,
        ..
    } = *inputs;
    let say = |key: &str| texts::say(language, key).to_owned();
    let scope = programme.config.scope(&trained.scope).map_or_else(
        || trained.scope.clone(),
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
        let tables = std::iter::once(trained).chain(inputs.ratios.iter().copied());
        tables
            .flat_map(|table| table.rows.iter().chain([&table.totals]))
            .any(|row| row.mark.has(*mark))
    };
    let marks: Vec<String> = Mark::ALL
        .into_iter()
        .filter(shown)
        .map(|mark| format!("[{}] {}", mark.code(), texts::mark(mark, language)))
        .collect();
    let mut lines = vec![
        (say("small_caliber"), say("small_caliber_text")),
        (say("label_scope"), scope),
        (
            say("column_pace"),
            verdict::pace_explained(programme, &trained.indicator, language).to_owned(),
        ),
        (say("small_verdict"), verdicts.join(" · ")),
        (say("small_numbers"), say("explain_rounding")),
    ];
    if let Some(provenance) = trained
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
    let definitions: Vec<&str> = std::iter::once(trained)
        .chain(inputs.ratios.iter().copied())
        .map(|table| table.definition.get(..12).unwrap_or(&table.definition))
        .collect();
    let versions = format!(
        "{} {} · {} {}",
        say("label_snapshot"),
        trained.snapshot,
        say("label_definition"),
        texts::listed(language, &definitions)
    );
    lines.push((say("small_versions"), versions));
    lines
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
