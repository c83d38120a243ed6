//! The overview: the answer, three figures against their targets, the picture of the units and its table.

use super::answer::{self, Phrase};
use super::links::Links;
use super::small_print;
use super::tile::{self, Tile};
use crate::indicators::table::Freshness;
use crate::indicators::table::{Row, Table, Verdict};
use crate::presentation::charts::{self, Width, summary};
use crate::presentation::figure::Figure;
use crate::presentation::{labels, numbers, ranking, texts, verdict};
use crate::programme::{Language, Programme, Text};
use chrono::Datelike;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What the page is made from.
pub struct Inputs<'a> {
    /// The programme.
    pub programme: &'a Programme,
    /// How fresh the snapshot shown is.
    pub freshness: &'a Freshness,
    /// `trained_person_times` by division.
    pub trained: &'a Table,
    /// The ratios, without dimensions, in the order they are shown.
    pub ratios: &'a [&'a Table],
    /// The snapshot that was asked for by name, where one was.
    pub as_of: Option<&'a str>,
    /// The language.
    pub language: Language,
    /// Whether the snapshot's sources say that they are made up.
    pub synthetic: bool,
}

/// The page as values; other formats can print the same.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// `zh-CN` or `en`.
    pub lang: &'static str,
    /// Title of the programme.
    pub programme: String,
    /// Number of the policy document.
    pub policy: String,
    /// Link to the same page in the other language.
    pub other_language: String,
    /// Data as of, loaded at, next load, snapshot.
    pub fresh: Fresh,
    /// The data are made up.
    pub synthetic: bool,
    /// Periods to choose from.
    pub periods: Vec<Choice>,
    /// Scopes to choose from.
    pub scopes: Vec<Choice>,
    /// The first sentence.
    pub answer: Vec<Phrase>,
    /// The headline figures.
    pub tiles: Vec<Tile>,
    /// What the picture shows.
    pub summary: String,
    /// The picture for wide screens, as SVG.
    pub chart_wide: String,
    /// The picture for phones, as SVG.
    pub chart_phone: String,
    /// Whether any unit has a target.
    pub judged: bool,
    /// Whether any row of the table has one, the total included.
    pub targets: bool,
    /// Whether any row has a mark.
    pub marked: bool,
    /// The rows, total first.
    pub rows: Vec<Line>,
    /// Downloads of the table: name and address.
    pub downloads: Vec<Choice>,
    /// Meaning and source: name and text.
    pub small_print: Vec<(String, String)>,
    /// Address pinned to this snapshot.
    pub pinned: String,
}

/// How fresh the page is.
#[derive(Debug, Clone, Serialize)]
pub struct Fresh {
    /// Day the data stand at.
    pub as_of: String,
    /// When they were loaded.
    pub loaded: String,
    /// When the next load is due.
    pub next: Option<String>,
    /// The snapshot shown.
    pub snapshot: String,
    /// A sentence where an older snapshot is shown, and the address of the newest.
    pub pinned: Option<(String, String)>,
}

/// One of several links.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What it is called.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is what is shown.
    pub current: bool,
}

/// A verdict for a template.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// Its word.
    pub word: &'static str,
    /// Its class.
    pub class: &'static str,
}

impl Judged {
    pub(super) fn new(of: Verdict, language: Language) -> Self {
        Self {
            word: verdict::word(of, language),
            class: verdict::class(of),
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// The unit's full name.
    pub name: String,
    /// Its short name.
    pub short: String,
    /// Texts of the figures.
    pub value: String,
    /// Target.
    pub target: Option<String>,
    /// 完成率.
    pub progress: Option<String>,
    /// 序时进度.
    pub pace: Option<String>,
    /// Gap in points.
    pub gap: Option<String>,
    /// The verdict.
    pub verdict: Judged,
    /// Marks.
    pub mark: String,
    /// Whether it is the total.
    pub total: bool,
}

/// The page as HTML.
pub fn overview(inputs: &Inputs<'_>) -> String {
    Overview::of(inputs).html(inputs.language)
}

impl Overview {
    /// The page's values.
    pub fn of(inputs: &Inputs<'_>) -> Self {
        let Inputs {
            programme,
            trained,
            language,
            ..
        } = *inputs;
        let links = Links::new(inputs);
        let plan = &programme.config.programme;
        let data = links.data(trained, "json");
        Self {
            lang: match language {
                Language::Zh => "zh-CN",
                Language::En => "en",
            },
            programme: plan.title.get(language).to_owned(),
            policy: plan.policy.clone(),
            other_language: links.other_language(),
            fresh: fresh(inputs, &links),
            synthetic: inputs.synthetic,
            periods: links.periods(),
            scopes: links.scopes(),
            answer: answer::answer(trained, programme, &links.period_name(), &data, language),
            tiles: std::iter::once(trained)
                .chain(inputs.ratios.iter().copied())
                .map(|table| tile::tile(table, &links, language))
                .collect(),
            summary: summary::summary(trained, programme, language),
            chart_wide: charts::districts(trained, programme, language, Width::Wide),
            chart_phone: charts::districts(trained, programme, language, Width::Phone),
            judged: trained.rows.iter().any(|row| row.progress.is_some()),
            targets: trained
                .rows
                .iter()
                .chain([&trained.totals])
                .any(|row| row.target.is_some()),
            marked: trained
                .rows
                .iter()
                .chain([&trained.totals])
                .any(|row| !row.mark.is_empty()),
            rows: rows(trained, programme, language),
            downloads: ["csv", "xlsx", "json"]
                .map(|format| Choice {
                    name: format.to_uppercase(),
                    href: links.data(trained, format),
                    current: false,
                })
                .into(),
            small_print: small_print::lines(inputs),
            pinned: links.pinned(),
        }
    }

    /// The page as HTML.
    pub fn html(&self, language: Language) -> String {
        static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
            let mut pages = Environment::new();
            pages.set_undefined_behavior(UndefinedBehavior::Strict);
            pages.add_filter("grouped", grouped);
            pages
                .add_template("overview.html", include_str!("../templates/overview.html"))
                .expect("embedded, tested");
            pages
        });
        let words: BTreeMap<&str, &str> = texts::all()
            .iter()
            .map(|(key, text): (&String, &Text)| (key.as_str(), text.get(language)))
            .collect();
        let page = PAGES.get_template("overview.html").expect("it was added");
        page.render(
            context! { page => minijinja::Value::from(minijinja::value::Serde(self)), t => words },
        )
        .expect("the template is tested with this model")
    }
}

/// Numbers of five digits and more in groups of three, set apart by the stylesheet: for the eye only, a copied number
/// stays one number.
fn grouped(text: &str) -> minijinja::Value {
    let escaped = charts::scene::escaped(text);
    minijinja::Value::from_safe_string(numbers::grouped(&escaped, "<span class=\"g\">", "</span>"))
}

fn fresh(inputs: &Inputs<'_>, links: &Links<'_>) -> Fresh {
    let Inputs {
        freshness,
        trained,
        language,
        ..
    } = *inputs;
    let minute = "%Y-%m-%d %H:%M";
    let is_old = trained.snapshot != freshness.newest;
    let values = [
        ("snapshot", trained.snapshot.as_str()),
        ("as_of", trained.as_of.as_str()),
    ];
    Fresh {
        as_of: freshness.data_as_of.to_string(),
        loaded: freshness.loaded_at.format(minute).to_string(),
        next: freshness
            .next_load
            .map(|next| next.format(minute).to_string()),
        snapshot: trained.snapshot.clone(),
        pinned: is_old.then(|| {
            (
                texts::fill(language, "fresh_pinned", &values),
                links.latest(),
            )
        }),
    }
}

fn rows(table: &Table, programme: &Programme, language: Language) -> Vec<Line> {
    let total = std::iter::once(&table.totals);
    total
        .chain(ranking::by_gap(table))
        .map(|row| line(row, table, programme, language))
        .collect()
}

fn line(row: &Row, table: &Table, programme: &Programme, language: Language) -> Line {
    let figure = Figure::of(row, table.kind);
    let (name, short) = match row.codes.first() {
        None => (
            texts::say(language, "total_city").to_owned(),
            texts::say(language, "total_city").to_owned(),
        ),
        Some(code) => (
            labels::code(programme, "division", code, language),
            labels::short(programme, "division", code, language),
        ),
    };
    Line {
        name,
        short,
        value: figure.value.unwrap_or_else(|| "—".to_owned()),
        target: figure.target,
        progress: figure.progress,
        pace: figure.pace,
        gap: figure.gap,
        verdict: Judged::new(row.verdict, language),
        mark: row.mark.to_string(),
        total: row.codes.is_empty(),
    }
}

/// The years of a programme.
pub(super) fn years(programme: &Programme) -> std::ops::RangeInclusive<i32> {
    programme.config.programme.start.year()..=programme.config.programme.end.year()
}
