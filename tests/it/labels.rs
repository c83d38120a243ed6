//! Numbers that stand in pictures: each is found in the table beside it, in its sentence, or on its axis.

use crate::cells::pages;
use crate::dashboards::{and, between, is_rounding, page, plain, request, unescaped};
use crate::server::{app, get};
use crate::support::Project;
use dabiao::app::App;
use std::collections::{BTreeMap, BTreeSet};

/// Pictures with an axis or a scale of colours: round numbers stand there that are nobody's.
const SCALED: [&str; 4] = ["cumulative", "trend", "multiples", "heat"];

/// The numbers of a text, each with the sign of its unit.
fn numbers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut number = String::new();
    let text = text.replace('\u{202F}', "");
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let inside = c == '.' && next.is_some_and(|next| next.is_ascii_digit());
        if c.is_ascii_digit() || (inside && !number.is_empty()) {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            found.push(match c {
                '%' | '万' => format!("{number}{c}"),
                _ => number.clone(),
            });
        }
        number.clear();
    }
    if !number.is_empty() {
        found.push(number);
    }
    found
}

/// A tick of an axis by its place and ink; or at most two digits that are not zero: a border of a class, a year.
fn is_scale(number: &str, attributes: &str) -> bool {
    let is_tick = |part: &str| attributes.contains(part);
    if is_tick("text-anchor=\"end\"") && is_tick("fill=\"#55626D\"") {
        return true;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_matches('0');
    digits.len() <= 2 || (number.len() == 4 && number.starts_with("20"))
}

/// The targets that stand in pictures of time: as they were set, and those of the years so far.
fn targets(app: &App, indicators: &BTreeSet<String>) -> Vec<f64> {
    let mut found = Vec::new();
    let mut years: BTreeMap<(String, String), f64> = BTreeMap::new();
    let answer = get(app, "/api/v1/targets", &[]).json();
    // In the order of their periods.
    for target in answer["targets"].as_array().expect("targets") {
        let text = |name: &str| target[name].as_str().expect("a text").to_owned();
        if !indicators.contains(&text("indicator")) {
            continue;
        }
        let value = target["value"].as_f64().expect("a number");
        found.push(value);
        if text("period").len() == 4 {
            let sum = years.entry((text("indicator"), text("unit"))).or_default();
            *sum += value;
            found.push(*sum);
        }
    }
    found
}

/// The exact numbers a picture may round: those of its table, and what is one step from them.
fn pool(app: &App, view: &str, table: &str) -> Vec<f64> {
    let mut pool = Vec::new();
    let read = |text: &str| text.parse::<f64>().ok();
    let mut indicators = BTreeSet::new();
    let mut total = None;
    for row in between(table, "<tr", "</tr>").skip(1) {
        let values: Vec<f64> = between(row, "<data value=\"", "\"")
            .filter_map(read)
            .collect();
        let first = values.first().copied();
        total = total.or(first);
        // Its share of the total; and one figure of a row by another, where it holds two amounts.
        pool.extend(first.zip(total).map(|(value, total)| value / total));
        if view == "funds" && values.len() > 1 {
            pool.push(values[1] / values[0]);
        }
        pool.extend(values);
        for link in between(row, "<a href=\"/explain/", "\"") {
            let (asked, as_of) = request(&unescaped(&format!("/explain/{link}")));
            if view == "multiples" && asked.filters.iter().all(|(name, _)| name != "month") {
                let figure = app.figures(&asked, Some(&as_of)).expect("it was shown");
                let progress = figure.totals.progress.map(|progress| progress.to_string());
                pool.extend(progress.as_deref().and_then(read));
            }
            indicators.insert(asked.indicator);
        }
    }
    if ["cumulative", "trend"].contains(&view) {
        pool.extend(targets(app, &indicators));
    }
    // What a picture sums up as others: all but the largest.
    if view == "ranked" {
        let mut rows: Vec<f64> = between(table, "<tr", "</tr>")
            .skip(2)
            .filter_map(|row| between(row, "<data value=\"", "\"").next().and_then(read))
            .collect();
        rows.sort_by(f64::total_cmp);
        let mut sum = 0.0;
        for value in rows {
            sum += value;
            pool.extend([sum, sum / total.unwrap_or(1.0)]);
        }
    }
    pool
}

#[test]
fn every_number_in_a_picture_is_found_beside_it() {
    let app = app(Project::nights());
    let (mut labels, mut pictures, mut lost) = (0, 0, Vec::new());
    for (path, _) in pages(&app) {
        for more in ["lang=zh", "lang=en", "period=2020", "scope=CC2020"] {
            let address = and(&path, more);
            let html = page(&app, &address);
            for panel in between(&html, "<section class=\"panel ", "</section>") {
                let view = panel
                    .split('"')
                    .next()
                    .and_then(|class| class.split(' ').nth(1))
                    .expect("a view");
                // Its rates are sums over the table's rows: charts_parts.rs holds them against the returns.
                let twin = between(panel, "<details class=\"twin\">", "</details>").next();
                let Some(twin) = twin.filter(|_| view != "reporting") else {
                    continue;
                };
                let pool = pool(&app, view, twin);
                let say = between(panel, "<p class=\"say\">", "</p>")
                    .next()
                    .map(plain);
                let said: BTreeSet<String> = [Some(plain(twin)), say]
                    .iter()
                    .flatten()
                    .flat_map(|text| numbers(text))
                    .collect();
                for figure in between(panel, "<figure", "</figure>") {
                    pictures += 1;
                    for label in between(figure, "<text", "</text>") {
                        let (attributes, label) = label.split_once('>').expect("an element");
                        let label = plain(label);
                        // How many are summed up is told by its words.
                        if label.contains("其他") || label.contains(" others") {
                            continue;
                        }
                        for number in numbers(label.trim()) {
                            labels += 1;
                            let known = said.contains(&number)
                                || pool
                                    .iter()
                                    .any(|exact| is_rounding(&number, &exact.abs().to_string()))
                                || (SCALED.contains(&view) && is_scale(&number, attributes));
                            if !known {
                                lost.push(format!(
                                    "{address} {view}: {number} in {}",
                                    label.trim()
                                ));
                            }
                        }
                    }
                }
            }
        }
    }
    lost.sort();
    lost.dedup();
    eprintln!("{labels} numbers in {pictures} pictures");
    assert!(
        lost.is_empty(),
        "{} of {labels}:\n{}",
        lost.len(),
        lost.join("\n")
    );
    assert!(
        pictures > 100 && labels > 2_000,
        "{labels} numbers in {pictures} pictures"
    );
}
