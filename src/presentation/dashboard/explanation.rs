//! The page behind a number: what it is, what it is made from, which files, and how to compute it again.

use super::file::Dashboards;
use super::grid::Column;
use super::grid::{Cell, Grid, Judged};
use super::page::{Frame, Site};
use super::panels::line;
use super::selection::{Behind, Selection, period_name};
use super::{lists, print};
use crate::indicators::table::Kind;
use crate::presentation::encode::explain::Explanation;
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, texts, verdict};
use crate::programme::{Decimal, Language, Programme};
use serde::Serialize;

/// Submissions listed on the page; the file has all of them.
const FILES_MAX: usize = 40;

/// What stands behind a figure, as values.
#[derive(Debug, Clone, Serialize)]
pub struct Sheet {
    /// Head and foot.
    pub frame: Frame,
    /// The number.
    pub value: String,
    /// Its exact value.
    pub exact: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// Its verdict.
    pub verdict: Judged,
    /// What the verdict means.
    pub verdict_means: String,
    /// Name and value of what belongs to the figure.
    pub facts: Vec<(String, String)>,
    /// The definition in words.
    pub note: String,
    /// The composed query.
    pub sql: String,
    /// The command that computes it again.
    pub command: String,
    /// Whether the records count to the figure, in a sentence; or why they cannot be listed.
    pub records: String,
    /// Whether they do.
    pub agrees: bool,
    /// The submissions.
    pub sources: Grid,
    /// The ledger of the same selection.
    pub ledger: Option<Grid>,
    /// Downloads.
    pub links: Vec<(String, String)>,
}

/// The page for `explained` as HTML.
pub fn explanation(
    explained: &Explanation,
    programme: &Programme,
    dashboards: &Dashboards,
    selection: &Selection,
) -> String {
    let site = Site {
        dashboards,
        selection,
    };
    let language = selection.language;
    let table = &explained.table;
    let total = &table.totals;
    let figure = Figure::of(total, table.kind);
    let address = Behind { table, selection }.explanation(&[]);
    let mut frame = site.frame(
        "",
        table.title.get(language).to_owned(),
        address.split('?').next().unwrap_or_default(),
        None,
        programme,
    );
    let other = match language {
        Language::Zh => format!("{address}&lang=en"),
        Language::En => address.replace("&lang=en", ""),
    };
    frame.other_language = other;
    let (records, agrees) = records(explained, language);
    let page = Sheet {
        frame,
        value: figure.value.clone().unwrap_or_else(|| "—".to_owned()),
        exact: total.value.map(|value| value.to_string()),
        unit: (table.kind != Kind::Ratio).then(|| table.unit.get(language).to_owned()),
        verdict: Judged::new(total.verdict, language),
        verdict_means: verdict::explained(total.verdict, programme, language),
        facts: facts(explained, &figure, programme, language),
        note: explained.note.get(language).to_owned(),
        sql: explained.sql.clone(),
        command: explained.command.clone(),
        records,
        agrees,
        sources: sources(explained, programme, language),
        ledger: explained
            .ledger
            .as_ref()
            .map(|steps| lists::ledger(steps, programme, language)),
        links: vec![(
            "JSON".to_owned(),
            address
                .replacen("/explain/", "/api/v1/indicators/", 1)
                .replacen('?', "/explain?", 1),
        )],
    };
    print::page("explanation.html", &page, language)
}

fn facts(
    explained: &Explanation,
    figure: &Figure,
    programme: &Programme,
    language: Language,
) -> Vec<(String, String)> {
    let table = &explained.table;
    let total = &table.totals;
    let say = |key: &str| texts::say(language, key).to_owned();
    let mut facts = Vec::new();
    let mut add = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push((say(key), text));
        }
    };
    add("explain_numerator", total.numerator.map(numbers::plain));
    add("explain_denominator", total.denominator.map(numbers::plain));
    add("column_target", figure.target.clone());
    add("column_progress", figure.progress.clone());
    add("column_pace", figure.pace.clone());
    add(
        "explain_period",
        Some(period_name(&table.period.to_string(), language)),
    );
    let scope = programme.config.scope(&table.scope);
    add(
        "explain_scope",
        scope.map(|scope| scope.title.get(language).to_owned()),
    );
    let filters: Vec<String> = explained
        .filters
        .iter()
        .map(|(dimension, codes)| {
            let named: Vec<String> = codes
                .iter()
                .map(|code| labels::code(programme, dimension, code, language))
                .collect();
            format!(
                "{}: {}",
                labels::dimension(programme, dimension, language),
                texts::listed(language, &named)
            )
        })
        .collect();
    add("explain_filters", Some(filters.join("; ")));
    add("explain_marks", Some(total.mark.to_string()));
    add("explain_clause", Some(explained.clause.clone()));
    add(
        "explain_snapshot",
        Some(format!("{} · {}", table.snapshot, table.as_of)),
    );
    add(
        "explain_definition",
        Some(format!("{} · {}", explained.file, table.definition)),
    );
    facts
}

fn records(explained: &Explanation, language: Language) -> (String, bool) {
    match &explained.records {
        Ok(listed) => {
            let counted = Figure::of(&listed.counted, explained.table.kind);
            let value = counted.value.unwrap_or_else(|| "—".to_owned());
            let key = match listed.agrees {
                true => "explain_agrees",
                false => "explain_differs",
            };
            let total = listed.total.to_string();
            let count = texts::fill(language, "explain_count", &[("n", &total)]);
            (
                count + &texts::fill(language, key, &[("value", &value)]),
                listed.agrees,
            )
        }
        Err(why) => (why.get(language).to_owned(), true),
    }
}

fn sources(explained: &Explanation, programme: &Programme, language: Language) -> Grid {
    let mut sources: Vec<_> = explained.sources.iter().collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.facts));
    let left = sources.len().saturating_sub(FILES_MAX);
    let rows = sources.into_iter().take(FILES_MAX).map(|source| {
        let number = Decimal::new(source.facts as i128, 0);
        line(
            source.file.clone().unwrap_or_else(|| "—".to_owned()),
            vec![
                Cell::text(labels::short(
                    programme,
                    "department",
                    &source.department,
                    language,
                )),
                Cell::text(source.load.clone().unwrap_or_default()),
                Cell::text(numbers::plain(number)),
                Cell::text(
                    source
                        .sha256
                        .as_deref()
                        .and_then(|sha| sha.get(..12))
                        .unwrap_or_default(),
                ),
            ],
        )
    });
    let column = |key: &str, class: &'static str| Column {
        label: texts::say(language, key).to_owned(),
        class,
    };
    Grid {
        caption: texts::say(language, "explain_submissions").to_owned(),
        head: texts::say(language, "column_file").to_owned(),
        rows: rows.collect(),
        columns: vec![
            column("dimension_department", "w"),
            column("column_load", "k"),
            column("column_facts", "n"),
            column("column_digest", "k"),
        ],
        layout: "list",
        left,
    }
}
