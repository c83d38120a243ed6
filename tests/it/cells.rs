//! Every cell of every table of every page, in every selection and both languages, against the answer to the same question
//! asked another way: one breakdown by all dimensions of a cell's address, in place of the page's own filters.

use crate::dashboards::{and, between, is_rounding, page, plain, request, unescaped};
use crate::server::{app, get};
use crate::support::Project;
use axum::http::{StatusCode, header};
use dabiao::app::App;
use dabiao::indicators::table::{Request, Row};
use dabiao::presentation::verdict;
use dabiao::programme::Language;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every page with the dimensions it can be filtered by.
pub(crate) fn pages(app: &App) -> Vec<(String, bool)> {
    use dabiao::presentation::dashboard::Page;
    let mut pages = Vec::new();
    for page in app.dashboards().iter() {
        let Page::Ready(dashboard) = page else {
            panic!("{} has mistakes", page.id());
        };
        let by_division = dashboard.filters.iter().any(|name| name == "division");
        match (&dashboard.focus, pages.is_empty()) {
            (_, true) => pages.push(("/".to_owned(), by_division)),
            (Some(_), _) => {
                for code in ["220182", "CC-LHS"] {
                    let address = format!("/dashboards/{}?division={code}", dashboard.id);
                    pages.push((address, false));
                }
            }
            (None, _) => pages.push((format!("/dashboards/{}", dashboard.id), by_division)),
        }
    }
    pages
}

/// Every page in every selection, in one language.
fn addresses(app: &App, language: &str) -> Vec<String> {
    let snapshots = app.snapshots().expect("two nights");
    let older = format!("as_of={}", snapshots[0].id);
    let newest = app.freshness(None).expect("a snapshot").snapshot;
    assert_ne!(snapshots[0].id, newest);
    let mut addresses = Vec::new();
    for (path, by_division) in pages(app) {
        let selections = [
            "",
            "period=2020",
            "period=ytd:2021-06",
            "scope=CC2020",
            &older,
        ];
        for selection in selections {
            addresses.push(and(&and(&path, selection), language));
        }
        if by_division {
            addresses.push(and(&and(&path, "division=220182"), language));
        }
    }
    addresses
}

/// Answers by all dimensions of a cell at once, asked once for all cells of a kind.
struct Answers<'a> {
    app: &'a App,
    asked: BTreeMap<String, BTreeMap<Vec<String>, Row>>,
    /// Cells that stand in no breakdown: nothing was counted there.
    empty: usize,
}

impl Answers<'_> {
    /// The row an explanation's address asks for.
    fn row(&mut self, address: &str) -> Row {
        let (mut request, as_of) = request(address);
        let mut filters: Vec<(String, Vec<String>)> = std::mem::take(&mut request.filters);
        filters.sort();
        filters.dedup();
        let codes: Vec<String> = filters.iter().map(|(_, codes)| codes.join(",")).collect();
        let breakdown = Request {
            by: filters.iter().map(|(name, _)| name.clone()).collect(),
            ..request.clone()
        };
        let rows = self
            .asked
            .entry(format!("{breakdown:?} {as_of}"))
            .or_insert_with(|| {
                let table = self.app.figures(&breakdown, Some(&as_of));
                let table = table.unwrap_or_else(|error| panic!("{address}: {error}"));
                let rows = table.rows.iter().chain([&table.totals]);
                rows.map(|row| (row.codes.clone(), row.clone())).collect()
            });
        if let Some(row) = rows.get(&codes) {
            return row.clone();
        }
        self.empty += 1;
        let single = Request { filters, ..request };
        let table = self.app.figures(&single, Some(&as_of));
        table
            .unwrap_or_else(|error| panic!("{address}: {error}"))
            .totals
            .clone()
    }
}

/// The cells of a row by their class.
fn cells(row: &str) -> Vec<(&str, &str)> {
    let cells = between(row, "<td class=\"", "</td>");
    cells
        .map(|cell| {
            let (class, rest) = cell.split_once('"').expect("a class");
            (class, rest.split_once('>').expect("an element").1)
        })
        .collect()
}

fn exact(cell: &str) -> Option<&str> {
    between(cell, "<data value=\"", "\"").next()
}

fn explained(cell: &str) -> Option<String> {
    let address = between(cell, "<a href=\"/explain/", "\"").next()?;
    Some(format!("/explain/{}", unescaped(address)))
}

/// A figure of the query as a page writes it behind the shown one; a dash where there is none.
fn assert_cell(place: &str, cell: &str, expected: Option<String>) {
    let shown = plain(cell);
    let Some(expected) = expected else {
        assert_eq!(shown, "—", "{place}: nothing was expected");
        return;
    };
    assert_eq!(exact(cell), Some(expected.as_str()), "{place}: {cell}");
    assert!(
        is_rounding(&shown, &expected),
        "{place}: {shown} is not {expected}"
    );
}

/// A cell without an exact value behind it: a rounding of the query's.
fn assert_shown(place: &str, cell: &str, expected: Option<f64>) {
    let shown = plain(cell);
    match expected {
        Some(expected) => assert!(
            is_rounding(&shown, &expected.to_string()),
            "{place}: {shown} is not {expected}"
        ),
        None => assert_eq!(shown, "—", "{place}: nothing was expected"),
    }
}

/// Holds a row of a table of figures against the query; how many of its cells were compared.
fn compare(place: &str, row: &str, answers: &mut Answers<'_>, language: Language) -> usize {
    let cells = cells(row);
    let lead = cells.first().and_then(|(_, cell)| explained(cell));
    let lead = lead.map(|address| answers.row(&address));
    let mut parts = 0;
    for (class, cell) in &cells {
        let place = format!("{place} {class} {cell:.120}");
        let class = class.split(' ').find(|class| class.starts_with("c-"));
        if let Some(address) = explained(cell) {
            let value = answers.row(&address).value.map(|value| value.to_string());
            assert_cell(&place, cell, value);
            continue;
        }
        let Some(lead) = &lead else {
            assert!(
                !cell.contains("<data"),
                "{place}: a number that leads nowhere"
            );
            continue;
        };
        let ratio =
            |ratio: dabiao::programme::Ratio| ratio.to_string().parse::<f64>().expect("a number");
        match class {
            Some("c-target") => {
                assert_cell(&place, cell, lead.target.map(|target| target.to_string()))
            }
            Some("c-progress") => {
                assert_cell(
                    &place,
                    cell,
                    lead.progress.map(|progress| progress.to_string()),
                );
            }
            Some("c-gap") => {
                let gap = lead.progress.zip(lead.pace);
                let gap = gap.map(|(progress, pace)| 100.0 * (ratio(progress) - ratio(pace)));
                assert_shown(&place, cell, gap);
            }
            Some("c-part") => {
                let part = if parts == 0 {
                    lead.numerator
                } else {
                    lead.denominator
                };
                parts += 1;
                assert_shown(&place, cell, part.map(|part| part.approximate()));
            }
            Some("c-verdict") => {
                assert_eq!(plain(cell).trim(), verdict::word(lead.verdict, language))
            }
            Some("c-mark") => assert_eq!(plain(cell), lead.mark.to_string(), "{place}"),
            _ => assert!(!cell.contains("<data"), "{place}: what is it?"),
        }
    }
    cells.len()
}

/// All pages of one language.
fn every_cell(language: Language) {
    let app = app(Project::nights());
    let mut answers = Answers {
        app: &app,
        asked: BTreeMap::new(),
        empty: 0,
    };
    let lang = match language {
        Language::Zh => "lang=zh",
        Language::En => "lang=en",
    };
    let (mut compared, mut numbers) = (0, 0);
    for address in addresses(&app, lang) {
        let html = page(&app, &address);
        // Lists are no figures by a dimension: they are held against the API below.
        let tables = between(&html, "<table class=\"grid ", "</table>");
        for table in tables.filter(|table| !table.starts_with("list")) {
            for row in between(table, "<tr", "</tr>").skip(1) {
                compared += compare(&address, row, &mut answers, language);
            }
        }
        // What stands outside of tables: sentences and headline figures.
        for link in between(&html, "<a href=\"/explain/", "</a>") {
            let Some(exact) = exact(link) else { continue };
            let href = unescaped(&format!(
                "/explain/{}",
                link.split('"').next().expect("it ends")
            ));
            let row = answers.row(&href);
            let figures = [
                row.value.map(|value| value.to_string()),
                row.progress.map(|progress| progress.to_string()),
            ];
            assert!(
                figures.iter().flatten().any(|figure| figure == exact),
                "{address}: {href} shows {exact}, the query says {figures:?}"
            );
            let shown = plain(link.split_once('>').expect("an element").1);
            assert!(
                is_rounding(&shown, exact),
                "{address}: {href}: {shown} is not {exact}"
            );
            numbers += 1;
        }
    }
    eprintln!(
        "{lang}: {compared} cells and {numbers} numbers against {} breakdowns, {} of nothing",
        answers.asked.len(),
        answers.empty
    );
    assert!(
        compared > 9_000 && numbers > 5_000,
        "{compared} cells, {numbers} numbers"
    );
}

#[test]
fn every_cell_of_every_chinese_page_equals_the_query() {
    every_cell(Language::Zh);
}

#[test]
fn every_cell_of_every_english_page_equals_the_query() {
    every_cell(Language::En);
}

/// One address of each indicator by each set of dimensions in each selection.
fn kinds(addresses: &BTreeSet<String>) -> BTreeMap<String, &String> {
    let mut kinds = BTreeMap::new();
    for address in addresses {
        let (request, as_of) = request(address);
        let dimensions: Vec<&String> = request.filters.iter().map(|(name, _)| name).collect();
        let kind = format!(
            "{} {dimensions:?} {:?} {as_of}",
            request.indicator, request.period
        );
        kinds.entry(kind).or_insert(address);
    }
    kinds
}

#[test]
fn the_page_behind_a_number_shows_that_number() {
    let app = app(Project::nights());
    let mut links = BTreeMap::new();
    for (path, _) in pages(&app) {
        let html = page(&app, &path);
        for link in between(&html, "<a href=\"/explain/", "</a>") {
            let href = unescaped(&format!(
                "/explain/{}",
                link.split('"').next().expect("it ends")
            ));
            // A sentence tells the progress too, under the same address.
            let value = exact(link).map(str::to_owned);
            links
                .entry(href)
                .or_insert_with(BTreeSet::new)
                .extend(value);
        }
    }
    let addresses: BTreeSet<String> = links.keys().cloned().collect();
    let kinds = kinds(&addresses);
    for address in kinds.values() {
        let html = page(&app, address);
        let big = between(&html, "<p class=\"big\">", "</p>")
            .next()
            .expect("a number");
        let shown = exact(big).map(str::to_owned);
        let expected = &links[*address];
        assert!(
            expected.is_empty() || shown.is_some_and(|shown| expected.contains(&shown)),
            "{address}: {big}, not {expected:?}"
        );
    }
    eprintln!(
        "{} of {} pages behind numbers",
        kinds.len(),
        addresses.len()
    );
    assert!(kinds.len() > 60);
}

/// The numbers of the first column of each row of the table under a caption.
fn listed(html: &str, caption: &str) -> Vec<Vec<String>> {
    let table = between(html, "<table class=\"grid list", "</table>");
    let mut table = table.filter(|table| table.contains(&format!("<caption>{caption}</caption>")));
    let table = table.next().unwrap_or_else(|| panic!("no table {caption}"));
    let rows = between(table, "<tr", "</tr>").skip(1);
    rows.map(|row| {
        cells(row)
            .into_iter()
            .map(|(_, cell)| plain(cell))
            .collect()
    })
    .collect()
}

fn json(app: &App, address: &str) -> Value {
    let answer = get(app, address, &[]);
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{address}: {}",
        answer.text()
    );
    answer.json()
}

#[test]
fn lists_equal_what_the_api_says() {
    let app = app(Project::nights());
    let html = page(&app, "/dashboards/reporting");
    let ledger = json(&app, "/api/v1/ledger");
    let counts: Vec<String> = listed(&html, "计数台账")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let steps = ledger["rows"].as_array().expect("steps");
    let expected: Vec<String> = steps.iter().map(|step| step["count"].to_string()).collect();
    assert_eq!(counts, expected);

    let mut by: BTreeMap<(String, String), [usize; 4]> = BTreeMap::new();
    for each in json(&app, "/api/v1/completeness")["rows"]
        .as_array()
        .expect("returns")
    {
        let text = |name: &str| each[name].as_str().expect("a text").to_owned();
        let at = ["on_time", "late", "missing", "not_due"];
        let at = at
            .iter()
            .position(|status| *status == text("status"))
            .expect("a status");
        by.entry((text("department"), text("division")))
            .or_default()[at] += 1;
    }
    let shown = listed(&html, "报送完整性");
    assert_eq!(shown.len(), by.len());
    for (row, counts) in shown.iter().zip(by.values()) {
        let mut expected = vec![counts.iter().sum::<usize>()];
        expected.extend(counts);
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(row[..5], expected);
        let due = counts[0] + counts[1] + counts[2];
        let share = (counts[0] + counts[1]) as f64 / due as f64;
        assert!(is_rounding(&row[5], &share.to_string()), "{row:?}: {share}");
        let missing = row[6]
            .split('、')
            .filter(|period| !period.is_empty())
            .count();
        assert_eq!(missing, counts[2], "{row:?}");
    }
    for selection in ["", "&period=2020", "&division=220182"] {
        let html = page(&app, &format!("/dashboards/findings?lang=zh{selection}"));
        let found = json(
            &app,
            &format!("/api/v1/findings?{}", selection.trim_start_matches('&')),
        );
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        for row in found["rows"].as_array().expect("findings") {
            *by.entry(row["rule"].as_str().expect("a rule")).or_default() += 1;
        }
        let mut rules = 0;
        for row in between(&html, "<tr", "</tr>") {
            let Some(rule) = between(row, "<th scope=\"row\">R", " ").next() else {
                continue;
            };
            let shown = exact(cells(row)[0].1).expect("a count").to_owned();
            let expected = by.remove(format!("R{rule}").as_str()).unwrap_or(0);
            assert_eq!(shown, expected.to_string(), "R{rule} {selection}");
            rules += 1;
        }
        assert!(rules > 20 && by.is_empty(), "{rules} rules, left: {by:?}");
    }
    let html = page(&app, "/dashboards/definitions");
    let shown: Vec<&str> = between(&html, "<td class=\"n\"", "</td>")
        .filter_map(exact)
        .collect();
    let targets = json(&app, "/api/v1/targets");
    let targets = targets["targets"].as_array().expect("targets").iter();
    let city: Vec<String> = targets
        .filter(|target| target["unit_kind"] == "city")
        .map(|target| target["value"].to_string())
        .collect();
    let number = |text: &str| text.parse::<f64>().expect("a number");
    assert_eq!(
        shown.iter().map(|text| number(text)).collect::<Vec<_>>(),
        city.iter().map(|text| number(text)).collect::<Vec<_>>()
    );
}

#[test]
fn a_page_with_all_it_needs_weighs_little() {
    /// Bytes on the way, all in all.
    const MAX: usize = 150_000;
    let app = app(Project::nights());
    let size = |address: &str, coding: &str| {
        let headers = [
            (header::ACCEPT_ENCODING, coding),
            (header::ACCEPT, "text/html"),
        ];
        let answer = get(&app, address, &headers);
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        assert_eq!(answer.header(header::CONTENT_ENCODING), coding, "{address}");
        answer.bytes().len()
    };
    for coding in ["zstd", "gzip"] {
        let assets = size("/assets/dabiao.css", coding) + size("/assets/dabiao.js", coding);
        let mut heaviest = (0, String::new());
        for lang in ["lang=zh", "lang=en"] {
            for (path, _) in pages(&app) {
                let address = and(&path, lang);
                let all = assets + size(&address, coding);
                assert!(all <= MAX, "{address}: {all} bytes as {coding}");
                heaviest = heaviest.max((all, address));
            }
        }
        eprintln!(
            "{coding}: the heaviest page is {} with {} bytes",
            heaviest.1, heaviest.0
        );
    }
}
