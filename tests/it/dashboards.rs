//! Every number of every page equals the answer to the same question, and every link of every page leads somewhere.

use crate::server::get;
use crate::support::{Project, TODAY};
use axum::http::{StatusCode, header};
use dabiao::app::{App, Today};
use dabiao::indicators::table::Request;
use std::collections::BTreeSet;
use url::form_urlencoded;

const PAGES: [&str; 11] = [
    "/",
    "/dashboards/division?division=220102",
    "/dashboards/sector",
    "/dashboards/groups",
    "/dashboards/skills",
    "/dashboards/apprentices",
    "/dashboards/funds",
    "/dashboards/reporting",
    "/dashboards/findings",
    "/dashboards/reviews",
    "/dashboards/definitions",
];

fn app() -> App {
    let (project, _) = Project::samples();
    App::open(&project.root(), None, Today::Day(TODAY.parse().unwrap())).expect("the project opens")
}

pub(crate) fn page(app: &App, address: &str) -> String {
    let answer = get(app, address, &[(header::ACCEPT, "text/html")]);
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{address}: {}",
        answer.text()
    );
    answer.text().to_owned()
}

pub(crate) fn and(address: &str, more: &str) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{more}")
}

/// What stands between each `start` and the `end` after it.
pub(crate) fn between<'a>(
    html: &'a str,
    start: &'a str,
    end: &'a str,
) -> impl Iterator<Item = &'a str> {
    html.split(start)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
}

pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The text of a piece of a page, without its elements.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    unescaped(&text)
}

/// What the address of an explanation asks for.
pub(crate) fn request(address: &str) -> (Request, String) {
    let (path, query) = address.split_once('?').expect("a selection");
    let mut request = Request {
        indicator: path.trim_start_matches("/explain/").to_owned(),
        ..Request::default()
    };
    let mut as_of = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        match name.as_str() {
            "where" => {
                let (dimension, codes) = value.split_once('=').expect("a filter");
                let codes = codes.split(',').map(str::to_owned).collect();
                request.filters.push((dimension.to_owned(), codes));
            }
            "period" => request.period = Some(value),
            "scope" => request.scope = Some(value),
            "as_of" => as_of = value,
            "lang" => {}
            other => panic!("{other} in {address}"),
        }
    }
    (request, as_of)
}

/// Whether a shown number is what `exact` rounds to, half up, in the unit it is shown in.
pub(crate) fn is_rounding(shown: &str, exact: &str) -> bool {
    let digits: String = shown
        .replace('−', "-")
        .chars()
        .filter(|c| c.is_ascii_digit() || ".-".contains(*c))
        .collect();
    let unit = match shown {
        shown if shown.contains('%') => 100.0,
        shown if shown.contains('万') => 1e-4,
        _ => 1.0,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let (Ok(shown), Ok(exact)) = (digits.parse::<f64>(), exact.parse::<f64>()) else {
        return false;
    };
    let half = 0.5 * 10f64.powi(-i32::try_from(decimals).unwrap());
    // Headlines say money in 万元 or million yuan, with the unit beside the number.
    [unit, unit * 1e-4, unit * 1e-6]
        .into_iter()
        .any(|unit| (shown - exact * unit).abs() <= half * (1.0 + 1e-9))
}

#[test]
fn every_number_of_every_page_equals_the_query() {
    let app = app();
    let mut compared = 0;
    for address in PAGES {
        for more in [
            "",
            "period=2020",
            "period=ytd:2021-06&lang=en",
            "scope=CC2020",
        ] {
            let html = page(&app, &and(address, more));
            for link in between(&html, "<a href=\"/explain/", "</a>") {
                let Some((rest, inside)) = link.split_once('>') else {
                    continue;
                };
                let Some(exact) = between(inside, "<data value=\"", "\"").next() else {
                    continue;
                };
                let href = unescaped(&format!("/explain/{}", rest.split('"').next().unwrap()));
                let (request, as_of) = request(&href);
                let table = app
                    .figures(&request, Some(&as_of))
                    .unwrap_or_else(|error| panic!("{href}: {error}"));
                let total = &table.totals;
                let figures = [
                    total.value.map(|value| value.to_string()),
                    total.progress.map(|progress| progress.to_string()),
                ];
                assert!(
                    figures.iter().flatten().any(|figure| figure == exact),
                    "{address} {more}: {href} shows {exact}, the query says {figures:?}"
                );
                let shown = plain(inside);
                assert!(is_rounding(&shown, exact), "{href}: {shown} is not {exact}");
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "{compared} numbers compared");
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let app = app();
    let mut links = BTreeSet::new();
    for address in PAGES {
        for more in ["", "lang=en"] {
            let html = page(&app, &and(address, more));
            links.extend(between(&html, "href=\"", "\"").map(unescaped));
        }
    }
    let mut asked = 0;
    // Explanations of single cells are asked in the test above; here, one of each indicator.
    let mut explained = BTreeSet::new();
    for link in links {
        if !link.starts_with('/') {
            assert!(link.starts_with('#') || link.starts_with("data:"), "{link}");
            continue;
        }
        if link.starts_with("/explain/")
            && !explained.insert(link.split('?').next().unwrap().to_owned())
        {
            continue;
        }
        let answer = get(&app, &link, &[]);
        assert_eq!(answer.status, StatusCode::OK, "{link}: {}", answer.text());
        asked += 1;
    }
    assert!(asked > 150, "{asked} links followed");
    assert_eq!(explained.len(), 26, "definitions link to every indicator");
}

#[test]
fn a_picture_can_be_had_by_itself() {
    let app = app();
    let base = "/api/v1/indicators/trained_person_times/chart";
    for view in ["bullets", "ranked", "map"] {
        let svg = get(
            &app,
            &format!("{base}.svg?by=division&view={view}&width=phone"),
            &[],
        );
        assert_eq!(svg.status, StatusCode::OK, "{view}");
        assert!(
            svg.text().starts_with("<svg") && svg.text().contains("<desc"),
            "{view}"
        );
    }
    // Either of two districts: the picture is of both, as the figures are.
    let both = format!("{base}.svg?by=division&where=division=220102,220103");
    let both = get(&app, &both, &[]);
    assert_eq!(both.status, StatusCode::OK, "{}", both.text());
    assert!(both.text().contains("南关区") && both.text().contains("宽城区"));
    assert!(!both.text().contains("朝阳区"));
    let png = get(
        &app,
        &format!("{base}.png?by=division&width=phone&lang=en"),
        &[],
    );
    assert!(png.bytes().starts_with(b"\x89PNG"));
    for wrong in [
        "view=pie",
        "width=huge",
        "view=heat&by=division",
        "by=colour",
    ] {
        let answer = get(&app, &format!("{base}.svg?{wrong}"), &[]);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let answer = get(
        &app,
        "/api/v1/indicators/skilled_ratio/chart.svg?view=cumulative",
        &[],
    );
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "a ratio has no sum over time"
    );
}

#[test]
fn a_page_names_every_mistake_of_its_address() {
    let app = app();
    let wrong = "/?period=2020Q9&scope=CC1999&colour=red";
    let answer = get(&app, wrong, &[(header::ACCEPT, "text/html")]);
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for word in ["2020Q9", "CC1999", "colour"] {
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
    let wrong = get(&app, "/dashboards/division?division=999999", &[]);
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let unknown = get(&app, "/dashboards/nothing", &[]);
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown.text().contains("/dashboards/funds"),
        "the pages there are"
    );
}
