//! Tables that are no tables of figures: the ledger, returns, findings, targets, definitions, snapshots.

use super::file::Panel;
use super::grid::{Cell, Column, Grid, number};
use super::material::lead_request;
use super::panels::{Maker, Shown, line};
use crate::analysis::completeness::{Completeness, Status};
use crate::presentation::encode::explain::Step;
use crate::presentation::{labels, numbers, texts};
use crate::programme::{Decimal, Language, Period, Programme, Ratio, Text};
use std::collections::BTreeMap;

/// The ledger, step by step.
pub(super) fn ledger(steps: &[Step], programme: &Programme, language: Language) -> Grid {
    let column = |key: &str, class: &'static str| Column {
        label: texts::say(language, key).to_owned(),
        class,
    };
    Grid {
        caption: texts::say(language, "ledger_heading").to_owned(),
        head: texts::say(language, "column_step").to_owned(),
        columns: vec![
            column("column_records", "n"),
            column("column_rule", "k"),
            column("column_clause", "k"),
        ],
        rows: steps
            .iter()
            .map(|step| {
                let count = Decimal::new(i128::from(step.count), 0);
                let cells = vec![
                    Cell {
                        exact: Some(step.count.to_string()),
                        ..Cell::text(numbers::plain(count))
                    },
                    Cell::text(step.rule.clone().unwrap_or_default()),
                    Cell::text(step.clause.clone().unwrap_or_default()),
                ];
                line(step_name(step.step, programme, language), cells)
            })
            .collect(),
        layout: "list",
        ..Grid::default()
    }
}

/// What a step of the ledger is called: the title of its rule, where a rule is the step.
fn step_name(step: &str, programme: &Programme, language: Language) -> String {
    let rules = &programme.config.counting_rule;
    let rule = rules
        .iter()
        .find(|rule| rule.id == step)
        .map(|rule| &rule.title);
    rule.or_else(|| texts::all().get(&format!("step_{step}")))
        .map_or_else(|| step.to_owned(), |text| text.get(language).to_owned())
}

/// Expected returns by department: how many, on time, late, missing.
pub(super) fn completeness(found: &Completeness, maker: &Maker<'_>) -> Grid {
    let language = maker.selection.language;
    let mut by: BTreeMap<(&str, &str), Vec<&crate::analysis::completeness::Return>> =
        BTreeMap::new();
    for each in &found.returns {
        let expected = &each.expected;
        by.entry((&expected.department, &expected.division))
            .or_default()
            .push(each);
    }
    let rows = by.into_iter().map(|((department, division), returns)| {
        let counts = Completeness::counts(returns.iter().copied());
        let due: usize = counts
            .iter()
            .filter(|(status, _)| **status != Status::NotDue)
            .map(|(_, n)| n)
            .sum();
        let received = counts[&Status::OnTime] + counts[&Status::Late];
        let share = Ratio::new(received as i128, due as i128);
        let missing: Vec<String> = returns
            .iter()
            .filter(|each| each.status == Status::Missing)
            .map(|each| each.expected.period.to_string())
            .collect();
        let name = format!(
            "{} · {}",
            labels::short(
                &maker.material.programme,
                "department",
                department,
                language
            ),
            labels::short(&maker.material.programme, "division", division, language)
        );
        let mut cells = vec![Cell::text(returns.len().to_string())];
        cells.extend(Status::ALL.map(|status| Cell::text(counts[&status].to_string())));
        cells.push(Cell::text(share.map_or_else(
            || "—".to_owned(),
            |share| numbers::percent_short(share, 0),
        )));
        cells.push(Cell::text(texts::listed(language, &missing)));
        line(name, cells)
    });
    Grid {
        caption: texts::say(language, "reporting_heading").to_owned(),
        head: texts::say(language, "column_reporter").to_owned(),
        rows: rows.collect(),
        columns: [
            ("column_expected", "n"),
            ("return_on_time", "n"),
            ("return_late", "n"),
            ("return_missing", "n"),
            ("return_not_due", "n"),
            ("column_returns", "n"),
            ("column_missing_periods", "w"),
        ]
        .map(|(key, class)| maker.column(key, class))
        .into(),
        layout: "list",
        ..Grid::default()
    }
}

/// What rules found, by rule: how many, what it looks for, what may be in order.
pub(super) fn findings(maker: &Maker<'_>, base: Shown) -> Result<Shown, Text> {
    let Some(worklist) = &maker.material.findings else {
        unreachable!("the view needs the findings");
    };
    let worklist = worklist.as_ref().map_err(Clone::clone)?;
    let language = maker.selection.language;
    let total = worklist.findings.len().to_string();
    let mut rules: Vec<_> = worklist.rules.iter().collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rows = rules.into_iter().map(|(rule, count)| {
        let maybe = |text: &Option<Text>| {
            text.as_ref()
                .map_or_else(Cell::default, |text| maker.said(text))
        };
        line(
            format!("{} {}", rule.id, rule.title.get(language)),
            vec![
                Cell {
                    exact: Some(count.to_string()),
                    href: (*count > 0).then(|| findings_address(maker, &rule.id)),
                    ..Cell::text(count.to_string())
                },
                Cell::text(rule.clause.clone()),
                maybe(&rule.note),
                maybe(&rule.false_positive),
            ],
        )
    });
    let grid = Grid {
        caption: texts::say(language, "findings_title").to_owned(),
        head: texts::say(language, "column_rule").to_owned(),
        rows: rows.collect(),
        columns: [
            ("column_count", "n"),
            ("column_clause", "k"),
            ("column_note", "w"),
            ("column_false_positive", "w"),
        ]
        .map(|(key, class)| maker.column(key, class))
        .into(),
        layout: "list",
        ..Grid::default()
    };
    let say = texts::fill(language, "findings_say", &[("n", &total)]);
    Ok(Shown {
        say: Some(say),
        grid: Some(grid),
        links: ["csv", "xlsx", "json"]
            .map(|format| (format.to_uppercase(), findings_file(maker, None, format)))
            .into(),
        ..base
    })
}

fn findings_address(maker: &Maker<'_>, rule: &str) -> String {
    findings_file(maker, Some(rule), "csv")
}

fn findings_file(maker: &Maker<'_>, rule: Option<&str>, format: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(rule) = rule {
        query.append_pair("rule", rule);
    }
    for (dimension, code) in &maker.selection.filters {
        query.append_pair(dimension, code);
    }
    if let Some(period) = &maker.selection.period {
        query.append_pair("period", period);
    }
    query.append_pair("as_of", &maker.material.freshness.snapshot);
    query.append_pair("format", format);
    format!("/api/v1/findings?{}", query.finish())
}

/// The targets in force, each with where it comes from and how far its parts add up.
pub(super) fn targets(maker: &Maker<'_>, base: Shown) -> Result<Shown, Text> {
    let Some(standing) = &maker.material.targets else {
        unreachable!("the view needs the targets");
    };
    let standing = standing.as_ref().map_err(Clone::clone)?;
    let language = maker.selection.language;
    let programme = &maker.material.programme;
    let city = |kind: &str| kind == "city";
    let rows = standing
        .targets
        .iter()
        .filter(|held| city(&held.target.unit_kind))
        .map(|held| {
            let target = &held.target;
            let title = maker.material.catalog.get(&target.indicator).map_or_else(
                || target.indicator.clone(),
                |indicator| indicator.title.get(language).to_owned(),
            );
            let is_ratio = maker
                .material
                .catalog
                .get(&target.indicator)
                .is_some_and(|indicator| indicator.kind == crate::indicators::table::Kind::Ratio);
            let value = match is_ratio {
                true => numbers::percent_short(numbers::ratio(target.value), 4),
                false => numbers::plain(target.value),
            };
            let parts: Vec<String> = standing
                .reconciled
                .iter()
                .filter(|sum| {
                    sum.parent.indicator == target.indicator
                        && sum.parent.period == target.period
                        && city(&sum.parent.unit_kind)
                })
                .map(|sum| {
                    let values = [
                        (
                            "by",
                            labels::dimension(programme, &sum.parts, language).to_owned(),
                        ),
                        ("n", sum.count.to_string()),
                        ("sum", numbers::plain(sum.sum)),
                        ("rest", numbers::signed(sum.difference)),
                    ];
                    texts::fill(
                        language,
                        "targets_parts",
                        &values.each_ref().map(|(name, text)| (*name, text.as_str())),
                    )
                })
                .collect();
            let provenance = format!("targets_{}", target.provenance);
            let provenance = texts::all().get(&provenance).map_or_else(
                || target.provenance.clone(),
                |text| text.get(language).to_owned(),
            );
            line(
                title,
                vec![
                    Cell::text(super::selection::period_name(&target.period, language)),
                    Cell {
                        exact: Some(target.value.to_string()),
                        ..Cell::text(value)
                    },
                    Cell::text(provenance),
                    Cell::text(target.decision_ref.clone().unwrap_or_default()),
                    Cell::text(parts.join(texts::say(language, "answer_then"))),
                ],
            )
        });
    let grid = Grid {
        caption: base.title.clone(),
        head: texts::say(language, "label_indicator").to_owned(),
        rows: rows.collect(),
        columns: [
            ("label_period", "k"),
            ("column_target", "n"),
            ("column_provenance", "w"),
            ("label_policy", "w"),
            ("column_decomposition", "w"),
        ]
        .map(|(key, class)| maker.column(key, class))
        .into(),
        layout: "list",
        ..Grid::default()
    };
    Ok(Shown {
        grid: Some(grid),
        ..base
    })
}

/// What every indicator means.
pub(super) fn definitions(maker: &Maker<'_>, base: Shown) -> Shown {
    let language = maker.selection.language;
    let rows = maker.material.catalog.iter().map(|indicator| {
        let kind = texts::say(language, &format!("kind_{}", indicator.kind));
        let mut row = line(
            indicator.title.get(language),
            vec![
                Cell::text(indicator.id.clone()),
                maker.said(&indicator.unit),
                Cell::text(kind),
                Cell::text(indicator.clause.clone()),
                maker.said(&indicator.note),
                Cell::text(indicator.digest.get(..12).unwrap_or(&indicator.digest)),
            ],
        );
        row.href = Some(format!("/explain/{}?{}", indicator.id, explained(maker)));
        row
    });
    let grid = Grid {
        caption: base.title.clone(),
        head: texts::say(language, "label_indicator").to_owned(),
        rows: rows.collect(),
        columns: [
            ("column_id", "k"),
            ("column_unit", "w"),
            ("label_kind", "w"),
            ("column_clause", "k"),
            ("column_note_definition", "w"),
            ("label_definition", "k"),
        ]
        .map(|(key, class)| maker.column(key, class))
        .into(),
        layout: "list",
        ..Grid::default()
    };
    Shown {
        grid: Some(grid),
        ..base
    }
}

fn explained(maker: &Maker<'_>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(period) = &maker.selection.period {
        query.append_pair("period", period);
    }
    query.append_pair("as_of", &maker.material.freshness.snapshot);
    if maker.selection.language == Language::En {
        query.append_pair("lang", "en");
    }
    query.finish()
}

/// The snapshots, the newest first, with the figure each of them published.
pub(super) fn reviews(maker: &Maker<'_>, panel: &Panel, base: Shown) -> Shown {
    let language = maker.selection.language;
    let none = Vec::new();
    let history = maker
        .material
        .history
        .get(&lead_request(panel, maker.selection))
        .unwrap_or(&none);
    let rows = history.iter().enumerate().map(|(at, published)| {
        let figure = match &published.table {
            Some(table) => number(&table.totals, table, &maker.behind(table)),
            None => Cell::text("—"),
        };
        let older = history.get(at + 1).filter(|older| older.table.is_some());
        let bridge = older.map_or_else(Cell::default, |older| Cell {
            href: Some(bridge_address(
                maker,
                panel,
                &older.snapshot,
                &published.snapshot,
            )),
            ..Cell::text(texts::fill(
                language,
                "reviews_bridge",
                &[("from", &older.snapshot)],
            ))
        });
        let mut row = line(
            published.snapshot.clone(),
            vec![
                Cell::text(published.day.clone()),
                Cell::text(published.published_at.clone()),
                Cell::text(published.records.to_string()),
                figure,
                bridge,
            ],
        );
        let mut pinned = maker.selection.clone();
        pinned.as_of = Some(published.snapshot.clone());
        row.href = published
            .table
            .is_some()
            .then(|| pinned.href("/", &maker.material.programme));
        row
    });
    let grid = Grid {
        caption: base.title.clone(),
        head: texts::say(language, "label_snapshot").to_owned(),
        rows: rows.collect(),
        columns: vec![
            maker.column("fresh_as_of", "w"),
            maker.column("label_as_of", "w"),
            maker.column("column_records", "n"),
            Column {
                label: base.title.clone(),
                class: "n",
            },
            maker.column("column_bridge", "w"),
        ],
        layout: "list",
        ..Grid::default()
    };
    Shown {
        grid: Some(grid),
        ..base
    }
}

fn bridge_address(maker: &Maker<'_>, panel: &Panel, from: &str, to: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("from", from);
    query.append_pair("to", to);
    query.append_pair("indicator", &panel.indicators[0]);
    let period = maker.selection.period.as_deref().and_then(Period::parse);
    if let Some(period) = period {
        query.append_pair("period", &period.to_string());
    }
    format!("/api/v1/diff?{}", query.finish())
}
