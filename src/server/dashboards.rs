//! Pages, the page behind a number, and pictures by themselves.

use super::answer::Answer;
use super::ask::{Ask, Pairs, Read, always};
use super::desk::Desk;
use super::operations::{CHART_PNG, CHART_SVG, EXPLANATION, Format};
use super::problem::{Mistake, Problem};
use crate::app::{App, Error};
use crate::presentation::charts::{Width, png as pixels};
use crate::presentation::dashboard::{
    self, Dashboard, Dashboards, Page, Selection, Site, View, needs,
};
use crate::programme::{Language, Text};
use axum::extract::State;
use axum::response::Response;

/// Parameters every page takes; the filters of its file come on top.
const EVERY_PAGE: [&str; 4] = ["period", "scope", "as_of", "lang"];
/// Pixels of a PNG for each of its SVG.
const SHARPNESS: f32 = 2.0;

/// The first page.
pub(super) async fn first(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.page(ask, |app, _, pairs| {
        page(app, app.dashboards().iter().next(), pairs)
    })
    .await
}

/// The page that the address names.
pub(super) async fn named(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.page(ask, |app, id, pairs| {
        page(app, app.dashboards().get(id), pairs)
    })
    .await
}

fn page(app: &App, found: Option<&Page>, pairs: &Pairs) -> Result<Answer, Problem> {
    let dashboards = app.dashboards();
    let html = |text: String| Ok(Answer::new(Format::Html.media_type(), text));
    match found {
        None => Err(Problem::not_found(&addresses(dashboards))),
        Some(Page::Broken { id, problems }) => {
            let selection = Selection {
                language: language(pairs),
                ..Selection::default()
            };
            let site = Site {
                dashboards,
                selection: &selection,
            };
            html(site.mistakes(id, problems, app.programme()))
        }
        Some(Page::Ready(dashboard)) => {
            let selection = select(app, dashboard, pairs)?;
            let questions = |catalog: &_| needs(dashboard, &selection, catalog);
            let material = app.material(&selection, questions)?;
            let site = Site {
                dashboards,
                selection: &selection,
            };
            html(site.page(dashboard, &material))
        }
    }
}

/// The addresses of all pages.
fn addresses(dashboards: &Dashboards) -> Vec<String> {
    let first = dashboards.iter().next().map_or("", Page::id);
    dashboards
        .iter()
        .map(|page| dashboard::address(page.id(), first))
        .collect()
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
    let mut selection = Selection {
        language: language(pairs),
        ..Selection::default()
    };
    let mut mistakes = Vec::new();
    let own: Vec<&str> = dashboard
        .focus
        .iter()
        .chain(&dashboard.filters)
        .map(String::as_str)
        .collect();
    // A form sends what is not chosen as nothing.
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    for (name, value) in given {
        let mut refuse = |zh: String, en: String| {
            mistakes.push(Mistake {
                parameter: name.clone(),
                message: Text::new(zh, en),
            });
        };
        match name.as_str() {
            "period" => selection.period = Some(value.clone()),
            "scope" => selection.scope = Some(value.clone()),
            "as_of" => selection.as_of = Some(value.clone()),
            "lang" if ["zh", "en"].contains(&value.as_str()) => {}
            "lang" => refuse(
                format!("没有语言 {value}；可用: zh、en"),
                format!("there is no language {value}; valid: zh, en"),
            ),
            name if own.contains(&name) => selection = selection.with(name, Some(value)),
            _ => {
                let known: Vec<&str> = EVERY_PAGE.into_iter().chain(own.iter().copied()).collect();
                refuse(
                    format!("没有参数 {name}；可用: {}", known.join("、")),
                    format!("there is no parameter {name}; valid: {}", known.join(", ")),
                );
            }
        }
    }
    let refused = app.refused(&selection)?.into_iter();
    mistakes.extend(refused.map(|(parameter, message)| Mistake { parameter, message }));
    match mistakes.is_empty() {
        true => Ok(selection),
        false => Err(Problem::bad_request(mistakes)),
    }
}

/// The page behind a number.
pub(super) async fn explanation(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&EXPLANATION, ask, always, |app, read| {
        let (request, as_of) = (read.request(read.id()), read.value("as_of"));
        let explained = read.answered(
            || app.explain(&request, as_of, Some(0)),
            &read.of_figure(app, &request, as_of),
        )?;
        let programme = app.programme_of(&explained.table.snapshot)?;
        let selection = Selection::of(&request, as_of, read.language());
        let page = dashboard::explanation(&explained, &programme, app.dashboards(), &selection);
        Ok(Answer::new(read.format.media_type(), page))
    })
    .await
}

/// The picture of an indicator.
pub(super) async fn svg(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&CHART_SVG, ask, always, |app, read| {
        Ok(Answer::new(read.format.media_type(), picture(app, read)?))
    })
    .await
}

/// The same picture as PNG.
pub(super) async fn png(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&CHART_PNG, ask, always, |app, read| {
        let image = pixels(&picture(app, read)?, SHARPNESS).map_err(|error| {
            tracing::error!(%error, "a chart could not be made into a picture");
            Problem::internal()
        })?;
        Ok(Answer::new(read.format.media_type(), image))
    })
    .await
}

fn picture(app: &App, read: &Read) -> Result<String, Problem> {
    let (request, as_of) = (read.request(read.id()), read.value("as_of"));
    let trials = read.of_figure(app, &request, as_of);
    let table = read.answered(|| app.figures(&request, as_of), &trials)?;
    let view = read.value("view").and_then(View::of);
    let view = view.unwrap_or_else(|| View::usual(request.by.len()));
    let width = Width::ALL
        .into_iter()
        .find(|width| Some(width.code()) == read.value("width"));
    let selection = Selection::of(&request, Some(&table.snapshot), read.language());
    let drawn = app.picture(&request, view, width.unwrap_or(Width::Wide), &selection);
    drawn.map_err(|error| match error {
        Error::Request(message) => Problem::bad_request(vec![Mistake {
            parameter: "view".to_owned(),
            message,
        }]),
        other => Problem::from(other),
    })
}
