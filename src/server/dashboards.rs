//! Pages: a dashboard file, the reader's selection, the answers, the page. And the page behind a number.

use super::answer::Answer;
use super::params::{self, Asked, Pairs};
use super::problem::{Mistake, Problem};
use crate::app::{App, Error};
use crate::indicators;
use crate::presentation::charts::Width;
use crate::presentation::dashboard::{
    self, Dashboard, Dashboards, Page, Panel, Selection, Site, View, explanation, needs,
    panel_needs,
};
use crate::presentation::labels::UNKNOWN;
use crate::programme::{Language, Programme, Text};

const HTML: &str = "text/html; charset=utf-8";

/// Parameters every page takes; the filters of its file come on top.
const EVERY_PAGE: [&str; 4] = ["period", "scope", "as_of", "lang"];

/// The page `id`, or the first one.
///
/// # Errors
/// An unknown page, and every parameter that is unknown or names what is not there.
pub(super) fn page(app: &App, id: Option<&str>, pairs: &Pairs) -> Result<Answer, Problem> {
    let dashboards = app.dashboards();
    let found = match id {
        Some(id) => dashboards.get(id),
        None => dashboards.iter().next(),
    };
    let Some(found) = found else {
        return Err(Problem::not_found(&addresses(dashboards)));
    };
    let dashboard = match found {
        Page::Ready(dashboard) => dashboard,
        Page::Broken { id, problems } => {
            let selection = Selection {
                language: language(pairs),
                ..Selection::default()
            };
            let site = Site {
                dashboards,
                selection: &selection,
            };
            return Ok(Answer::new(
                HTML,
                site.mistakes(id, problems, app.programme()),
            ));
        }
    };
    let selection = select(app, dashboard, pairs)?;
    let snapshot = app.snapshot(selection.as_of.as_deref())?;
    let catalog = app.catalog_of(&snapshot)?;
    let material = app.material(&needs(dashboard, &selection, &catalog), &selection)?;
    let site = Site {
        dashboards,
        selection: &selection,
    };
    Ok(Answer::new(HTML, site.page(dashboard, &material)))
}

/// The addresses of all pages.
fn addresses(dashboards: &Dashboards) -> Vec<String> {
    let pages = dashboards
        .iter()
        .skip(1)
        .map(|page| format!("/dashboards/{}", page.id()));
    std::iter::once("/".to_owned()).chain(pages).collect()
}

fn language(pairs: &Pairs) -> Language {
    match pairs
        .iter()
        .any(|(name, value)| name == "lang" && value == "en")
    {
        true => Language::En,
        false => Language::Zh,
    }
}

/// What the parameters of a page select.
///
/// # Errors
/// Every parameter that is unknown or names what is not there.
fn select(app: &App, dashboard: &Dashboard, pairs: &Pairs) -> Result<Selection, Problem> {
    let mut selection = Selection::default();
    let mut mistakes = Vec::new();
    let own: Vec<&str> = dashboard
        .focus
        .iter()
        .chain(&dashboard.filters)
        .map(String::as_str)
        .collect();
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    for (name, value) in given {
        let mut refuse = |message: Text| {
            mistakes.push(Mistake {
                parameter: name.clone(),
                message,
            });
        };
        match name.as_str() {
            "period" => selection.period = Some(value.clone()),
            "scope" => selection.scope = Some(value.clone()),
            "as_of" => selection.as_of = Some(value.clone()),
            "lang" if value == "en" => selection.language = Language::En,
            "lang" if value.starts_with("zh") => selection.language = Language::Zh,
            "lang" => refuse(Text::new(
                format!("没有语言 {value}；可用: zh、en"),
                format!("there is no language {value}; valid: zh, en"),
            )),
            name if own.contains(&name) => {
                let other = selection.with(name, Some(value));
                selection = other;
            }
            _ => {
                let known: Vec<&str> = EVERY_PAGE.into_iter().chain(own.iter().copied()).collect();
                refuse(Text::new(
                    format!("没有参数 {name}；可用: {}", known.join("、")),
                    format!("there is no parameter {name}; valid: {}", known.join(", ")),
                ));
            }
        }
    }
    mistakes.extend(unknown(app, &selection)?);
    match mistakes.is_empty() {
        true => Ok(selection),
        false => Err(Problem::bad_request(mistakes)),
    }
}

/// What a selection names and is not there.
fn unknown(app: &App, selection: &Selection) -> Result<Vec<Mistake>, Problem> {
    let mut mistakes = Vec::new();
    let mut tell = |parameter: &str, error: Error| match error {
        Error::Request(message) => {
            mistakes.push(Mistake {
                parameter: parameter.to_owned(),
                message,
            });
            Ok(())
        }
        other => Err(Problem::from(other)),
    };
    let programme = match app.snapshot(selection.as_of.as_deref()) {
        Ok(snapshot) => app.programme_of(snapshot.id().as_str())?,
        Err(error) => {
            tell("as_of", error)?;
            return Ok(mistakes);
        }
    };
    let period = indicators::period_of(&programme, selection.period.as_deref());
    if let Err(error) = period {
        tell("period", error.into())?;
    }
    let known: Vec<&str> = programme
        .config
        .scope
        .iter()
        .map(|scope| scope.id.as_str())
        .collect();
    if let Some(scope) = selection
        .scope
        .as_deref()
        .filter(|scope| !known.contains(scope))
    {
        tell(
            "scope",
            indicators::unknown("统计范围", "scope", scope, &known).into(),
        )?;
    }
    for (dimension, code) in &selection.filters {
        if let Some(error) = unknown_code(&programme, dimension, code) {
            tell(dimension, error)?;
        }
    }
    Ok(mistakes)
}

fn unknown_code(programme: &Programme, dimension: &str, code: &str) -> Option<Error> {
    let list = programme.list_of(dimension);
    let open = programme
        .dimension(dimension)
        .is_none_or(|dimension| dimension.open);
    if open || code == UNKNOWN || list.get(code).is_some() {
        return None;
    }
    let known: Vec<&str> = list.iter().map(|code| code.code.as_str()).collect();
    Some(indicators::unknown("代码", "code", code, &known).into())
}

/// The page behind a number.
///
/// # Errors
/// What the request names and is not there.
pub(super) fn explained(app: &App, asked: &Asked) -> Result<Answer, Problem> {
    // Told with all mistakes of the request, each by its parameter.
    params::figures(app, asked)?;
    let explained = app.explain(&asked.request, asked.as_of.as_deref(), Some(0))?;
    let programme = app.programme_of(&explained.table.snapshot)?;
    let filters = asked.request.filters.iter();
    let selection = Selection {
        period: asked.request.period.clone(),
        scope: asked.request.scope.clone(),
        as_of: asked.as_of.clone(),
        filters: filters
            .map(|(dimension, codes)| (dimension.clone(), codes.join(",")))
            .collect(),
        language: asked.language,
    };
    Ok(Answer::new(
        HTML,
        explanation(&explained, &programme, app.dashboards(), &selection),
    ))
}

/// The picture of an indicator: SVG, or PNG from the same SVG.
///
/// # Errors
/// What the request names and is not there, and a view that cannot show it.
pub(super) fn chart(
    app: &App,
    asked: &Asked,
    view: Option<&str>,
    width: Option<&str>,
    png: bool,
) -> Result<Answer, Problem> {
    let request = &asked.request;
    let table = params::figures(app, asked)?;
    let snapshot = app.snapshot(Some(&table.snapshot))?;
    let catalog = app.catalog_of(&snapshot)?;
    let refuse = |parameter: &str, message: Text| {
        Problem::bad_request(vec![Mistake {
            parameter: parameter.to_owned(),
            message,
        }])
    };
    let view = view.unwrap_or(match request.by.len() {
        0 => View::Cumulative.code(),
        1 => View::Bullets.code(),
        _ => View::Heat.code(),
    });
    let view = View::of(view)
        .filter(|view| view.is_drawn())
        .ok_or_else(|| {
            let known: Vec<&str> = View::ALL
                .into_iter()
                .filter(|view| view.is_drawn())
                .map(View::code)
                .collect();
            let text = Text::new(
                format!("没有视图 {view}；可用: {}", known.join("、")),
                format!("there is no view {view}; valid: {}", known.join(", ")),
            );
            refuse("view", text)
        })?;
    let width = match width.unwrap_or("wide") {
        "wide" => Width::Wide,
        "major" => Width::Major,
        "half" => Width::Half,
        "phone" => Width::Phone,
        other => {
            return Err(refuse(
                "width",
                Text::new(
                    format!("没有宽度 {other}；可用: wide、major、half、phone"),
                    format!("there is no width {other}; valid: wide, major, half, phone"),
                ),
            ));
        }
    };
    // A line by month needs no other dimension, and says so by asking for it itself.
    let by = match view {
        View::Cumulative => Vec::new(),
        _ => request.by.clone(),
    };
    view.takes(
        catalog
            .get(&request.indicator)
            .map(|indicator| indicator.kind),
        by.len(),
    )
    .map_err(|text| refuse("view", text))?;
    let filters = request.filters.iter();
    let selection = Selection {
        period: request.period.clone(),
        scope: request.scope.clone(),
        as_of: Some(table.snapshot.clone()),
        filters: filters
            .map(|(dimension, codes)| (dimension.clone(), codes.join(",")))
            .collect(),
        language: asked.language,
    };
    let panel = Panel::single(view, &request.indicator, by);
    let material = app.material(&panel_needs(&panel, &selection, &catalog), &selection)?;
    let title = table.title.get(asked.language).to_owned();
    let chart = dashboard::drawn(&panel, &selection, &material, width)
        .map_err(|text| refuse("view", text))?;
    let svg = chart.svg("chart", &title);
    match png {
        false => Ok(Answer::new("image/svg+xml", svg)),
        true => {
            let image = crate::presentation::charts::png(&svg, 2.0).map_err(|error| {
                tracing::error!(%error, "a chart could not be made into a picture");
                Problem::internal()
            })?;
            Ok(Answer::new("image/png", image))
        }
    }
}
