//! Every page in both languages, wide and narrow, light, dark and on paper.

use super::chromium::chromium;
use super::site::{Site, spoken};
use super::tab::{Medium, Tab};
use crate::support::ROOT;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// axe-core 4.14.1 (Deque Systems, MPL-2.0), unchanged from npm; it runs in tests only.
const AXE: &str = include_str!("axe.min.js");
/// What it judges by: WCAG 2.2 up to AA, and good practice.
const TAGS: [&str; 6] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
];
/// A desk and a phone.
const WIDTHS: [u32; 2] = [1440, 360];
/// A sheet of A4 between its margins.
const SHEET: u32 = 688;
/// 1280 pixels at 400 %.
const ENLARGED: u32 = 320;

/// Where pictures of all pages are left.
fn gallery() -> PathBuf {
    Path::new(ROOT).join("target/screenshots")
}

#[test]
fn every_page_fits_and_is_accessible_in_chinese() {
    every_page("zh");
}

#[test]
fn every_page_fits_and_is_accessible_in_english() {
    every_page("en");
}

fn every_page(language: &str) {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    let mut found = Vec::new();
    for (name, path) in site.pages() {
        tab.resize(WIDTHS[0]);
        tab.show_on(Medium::Light);
        tab.open(&site.at(&spoken(&path, language)));
        tab.eval(AXE);
        for medium in [Medium::Light, Medium::Dark] {
            tab.show_on(medium);
            for width in WIDTHS {
                tab.resize(width);
                let state = format!("{name} {language} {width} {medium:?}");
                found.extend(too_wide(&tab).map(|what| format!("{state}: {what}")));
                found.extend(violations(&tab).map(|what| format!("{state}: {what}")));
                let scheme = if medium == Medium::Light {
                    "light"
                } else {
                    "dark"
                };
                let file = format!("{name}-{language}-{width}-{scheme}.png");
                tab.photograph(&gallery().join(file));
            }
        }
        tab.resize(ENLARGED);
        found.extend(too_wide(&tab).map(|what| format!("{name} {language} at 400 %: {what}")));
        tab.show_on(Medium::Print);
        tab.resize(SHEET);
        found.extend(too_wide(&tab).map(|what| format!("{name} {language} on paper: {what}")));
        tab.print(&gallery().join(format!("{name}-{language}.pdf")));
        found.extend(tab.complaints(&site.origin));
    }
    let _ = writeln!(
        std::io::stderr(),
        "pictures of all pages: {}",
        gallery().display()
    );
    assert!(
        found.is_empty(),
        "{} faults:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn the_wall_is_legible() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    tab.show_on(Medium::Light);
    tab.resize(1920);
    let mut found = Vec::new();
    for (name, path) in site.pages() {
        tab.open(&site.at(&format!("{path}#wall")));
        tab.until("document.documentElement.classList.contains('wall')");
        tab.eval(AXE);
        found.extend(too_wide(&tab).map(|what| format!("{name}: {what}")));
        found.extend(violations(&tab).map(|what| format!("{name}: {what}")));
        tab.photograph(&gallery().join(format!("{name}-wall.png")));
    }
    assert!(
        found.is_empty(),
        "{} faults:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// How far a page is wider than its screen, and what makes it so.
fn too_wide(tab: &Tab) -> impl Iterator<Item = String> + use<> {
    let found = tab.eval(
        r#"(() => {
          const root = document.scrollingElement;
          if (root.scrollWidth <= innerWidth) return null;
          const wide = [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5)
            .map((each) => each.outerHTML.slice(0, 120));
          return `${root.scrollWidth} > ${innerWidth}: ${wide.slice(0, 3).join(" ")}`;
        })()"#,
    );
    found.as_str().map(str::to_owned).into_iter()
}

/// What axe-core finds against the page as it stands.
fn violations(tab: &Tab) -> impl Iterator<Item = String> + use<> {
    let options =
        json!({ "runOnly": { "type": "tag", "values": TAGS }, "resultTypes": ["violations"] });
    let found = tab.eval(&format!(
        "axe.run(document, {options}).then((done) => done.violations)"
    ));
    let found = found.as_array().expect("a list").clone();
    found.into_iter().map(|rule| {
        let places: Vec<&Value> = rule["nodes"]
            .as_array()
            .expect("a list")
            .iter()
            .take(2)
            .collect();
        let shown = |node: &&Value| format!("{} {}", node["html"], node["failureSummary"]);
        let places: Vec<String> = places.iter().map(shown).collect();
        format!("{}: {}", rule["id"], places.join(" | "))
    })
}
