//! What a reader does: keys, filters, sorting, links, the wall; and the same without the script.

use super::chromium::chromium;
use super::site::{Site, spoken};
use super::tab::{Medium, Tab};
use crate::support::Project;
use serde_json::Value;

/// Counts what can be reached, and notes what the focus comes to.
const FOLLOW: &str = r#"
(() => {
  const kinds = "a[href], button, select, input:not([type=hidden]), summary, [tabindex]:not([tabindex='-1'])";
  const shown = [...document.querySelectorAll(kinds)].filter((each) => each.checkVisibility());
  window.path = [];
  window.blind = [];
  document.addEventListener("focusin", (event) => {
    const at = shown.indexOf(event.target);
    window.path.push(at);
    const style = getComputedStyle(event.target);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (!outlined) window.blind.push(event.target.outerHTML.slice(0, 120));
  });
  // By the time the focus goes on, the page has followed it.
  document.addEventListener("focusout", (event) => {
    const box = event.target.getClientRects()[0];
    const inside = box && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    // The way past the head is on the screen only while it has the focus.
    if (!inside && !event.target.matches(".skip")) window.blind.push(`outside: ${event.target.outerHTML.slice(0, 120)}`);
  });
  return shown.length;
})()
"#;

#[test]
fn the_keyboard_reaches_everything_in_order_and_leaves_again() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    // Without motion the page follows at once.
    tab.prefer("screen", &[("prefers-reduced-motion", "reduce")]);
    for width in [1440, 360] {
        tab.resize(width);
        for (name, path) in site.pages() {
            tab.open(&site.at(&path));
            if width == 1440 {
                tab.eval(
                    "document.querySelectorAll('details').forEach((each) => { each.open = true; })",
                );
            }
            let many = tab.eval(FOLLOW).as_u64().expect("a number");
            assert!(many > 10, "{name}: {many} links and controls");
            for _ in 0..=many {
                tab.press("Tab");
            }
            let went: Vec<u64> = serde_json::from_value(tab.eval("window.path")).expect("places");
            let order: Vec<u64> = (0..many).collect();
            assert_eq!(went[..went.len().min(order.len())], order, "{name} {width}");
            assert_eq!(
                tab.eval("window.blind"),
                Value::Array(vec![]),
                "{name} {width}: focus not seen"
            );
        }
    }
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}

/// The content of the page, without what the script adds.
const CONTENT: &str = r#"
(() => {
  const copy = document.body.cloneNode(true);
  for (const button of copy.querySelectorAll(".sort")) button.replaceWith(...button.childNodes);
  for (const part of copy.querySelectorAll("[aria-busy]")) part.removeAttribute("aria-busy");
  return ["header", "main", "footer"].map((part) => copy.querySelector(part).innerHTML).join("\n");
})()
"#;

/// Chooses the first option of a list that differs from the one chosen, as a reader does by the arrow key.
fn choose_next(tab: &Tab, name: &str) {
    tab.eval(&format!(
        "document.querySelector('select[name={name}]').focus()"
    ));
    tab.press("ArrowDown");
}

#[test]
fn filters_change_the_page_in_place_and_back_leads_back() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    let fresh = chromium.tab();
    for page in site
        .pages()
        .iter()
        .filter(|(name, _)| !name.starts_with("explain"))
    {
        for language in ["zh", "en"] {
            let address = site.at(&spoken(&page.1, language));
            tab.open(&address);
            if tab.eval("document.querySelector('form.selection') === null") == true {
                continue; // a list of units to choose from
            }
            tab.eval("window.same = true");
            let (before, at) = (tab.eval(CONTENT), tab.eval("location.href"));
            let names = tab.eval(
                "[...document.querySelectorAll('.selection select')].map((each) => each.name)",
            );
            let names: Vec<String> = serde_json::from_value(names).expect("names");
            let filter = names.last().expect("a filter").clone();
            choose_next(&tab, &filter);
            tab.until(&format!(
                "location.href !== {at} && !document.querySelector('[aria-busy]')"
            ));
            assert_eq!(tab.eval("window.same"), true, "{address}: in place");
            let (changed, there) = (tab.eval(CONTENT), tab.eval("location.href"));
            assert_ne!(changed, before, "{address}: {filter} changed nothing");
            assert_eq!(
                tab.eval("document.activeElement.name"),
                *filter,
                "the focus stays"
            );
            fresh.open(there.as_str().expect("an address"));
            assert_eq!(fresh.eval(CONTENT), changed, "{there} opened anew");
            tab.eval("history.back()");
            tab.until(&format!(
                "location.href === {at} && !document.querySelector('[aria-busy]')"
            ));
            assert_eq!(tab.eval(CONTENT), before, "{address}: back");
        }
    }
    for tab in [&tab, &fresh] {
        assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
    }
}

#[test]
fn every_page_works_without_the_script() {
    let Some(chromium) = chromium() else { return };
    let (site, tab, scripted) = (Site::nights(), chromium.tab(), chromium.tab());
    tab.scripts(false);
    for (name, path) in site.pages() {
        tab.open(&site.at(&path));
        scripted.open(&site.at(&path));
        assert_eq!(tab.eval(CONTENT), scripted.eval(CONTENT), "{name}");
        assert_eq!(
            tab.eval("document.querySelector('.sort') === null"),
            true,
            "{name}"
        );
        if tab.eval("document.querySelector('form.selection') === null") == true {
            continue;
        }
        let before = tab.eval(CONTENT);
        choose_next(&tab, "period");
        assert_eq!(
            tab.eval(CONTENT),
            before,
            "{name}: nothing happens before the form is sent"
        );
        tab.arrive(|| tab.click(".selection button"));
        let there = tab.eval("new URL(location.href).searchParams.get('period')");
        assert!(
            there.as_str().is_some_and(|period| !period.is_empty()),
            "{name}: {there}"
        );
        let chosen = tab.eval("document.querySelector('select[name=period]').value");
        assert_eq!(chosen, there, "{name}");
        scripted.open(tab.eval("location.href").as_str().expect("an address"));
        assert_eq!(tab.eval(CONTENT), scripted.eval(CONTENT), "{name} {there}");
    }
}

/// Sorts every table of the page by every heading, downwards and upwards; what went wrong.
const SORT: &str = r#"
(() => {
  const wrong = [];
  let sorted = 0;
  const read = (cell) => {
    const exact = cell.querySelector("data");
    const text = (exact ? exact.value : cell.textContent).trim();
    if (["", "—", "·"].includes(text)) return null;
    const number = Number(text.replace("−", "-").replace(/[+%,\s]/g, ""));
    return Number.isNaN(number) ? text : number;
  };
  for (const table of document.querySelectorAll("table.grid")) {
    const total = table.querySelector("tr.total");
    const before = [...table.tBodies[0].rows].map((row) => row.textContent).sort().join();
    for (const button of table.querySelectorAll(".sort")) {
      const heading = button.closest("th");
      for (const way of ["descending", "ascending"]) {
        button.click();
        sorted += 1;
        const say = (what) => wrong.push(`${table.caption.textContent} / ${heading.textContent} ${way}: ${what}`);
        if (heading.getAttribute("aria-sort") !== way) say("not told");
        if (table.querySelectorAll("[aria-sort]").length !== 1) say("two are told");
        if (total && table.tBodies[0].rows[0] !== total) say("the total left its place");
        const rows = [...table.tBodies[0].rows];
        if (rows.map((row) => row.textContent).sort().join() !== before) say("rows were lost");
        const values = rows.filter((row) => row !== total).map((row) => read(row.cells[heading.cellIndex]));
        const given = values.filter((value) => value !== null);
        if (values.slice(0, given.length).includes(null)) say("a gap among values");
        if (!given.every((value) => typeof value === "number")) continue;
        for (let at = 1; at < given.length; at += 1) {
          if (way === "ascending" ? given[at - 1] > given[at] : given[at - 1] < given[at]) say(`${given[at - 1]}, ${given[at]}`);
        }
      }
    }
  }
  return [sorted, wrong];
})()
"#;

#[test]
fn headings_sort_their_tables_and_say_so() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    let mut sorted = 0;
    for (name, path) in site.pages() {
        tab.open(&site.at(&path));
        let done = tab.eval(SORT);
        assert_eq!(done[1], Value::Array(vec![]), "{name}");
        sorted += done[0].as_u64().expect("a number");
    }
    assert!(sorted > 100, "{sorted} times sorted");
    // By key and by pointer, not by the script alone.
    tab.open(&site.at("/"));
    let heading = ".panel > table th:has(.sort)";
    let told = format!("document.querySelector('{heading}').getAttribute('aria-sort')");
    tab.click(&format!("{heading} .sort"));
    assert_eq!(tab.eval(&told), "descending");
    tab.press("Enter");
    assert_eq!(tab.eval(&told), "ascending");
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}

#[test]
fn links_lead_to_what_they_say() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    let pages = site.app.dashboards().iter().count();
    for at in 0..pages {
        tab.open(&site.at("/?period=2020"));
        let link = format!("nav.pages a:nth-of-type({})", at + 1);
        let name = tab.eval(&format!("document.querySelector('{link}').textContent"));
        tab.arrive(|| tab.click(&link));
        let here = tab.eval("document.querySelector('nav.pages a[aria-current]').textContent");
        assert_eq!(here, name);
        let title = tab.eval("document.title");
        let (title, name) = (
            title.as_str().expect("a text"),
            name.as_str().expect("a text"),
        );
        assert!(title.starts_with(name), "{title}: {name}");
        assert_eq!(
            tab.eval("new URL(location.href).searchParams.get('period')"),
            "2020",
            "{name}"
        );
    }
    for (name, path) in site.pages() {
        tab.open(&site.at(&path));
        let main = |tab: &Tab| tab.eval("document.getElementById('main').textContent");
        let (chinese, snapshot) = (main(&tab), "document.querySelector('.fresh')?.textContent");
        let shown = tab.eval(snapshot);
        tab.arrive(|| tab.click(".language"));
        assert_eq!(tab.eval("document.documentElement.lang"), "en", "{name}");
        assert_ne!(main(&tab), chinese, "{name}");
        tab.arrive(|| tab.click(".language"));
        assert_eq!(tab.eval("document.documentElement.lang"), "zh-CN", "{name}");
        assert_eq!(main(&tab), chinese, "{name}");
        if name.starts_with("explain") {
            continue;
        }
        tab.arrive(|| tab.click("footer .links a:nth-of-type(2)"));
        let pinned = tab.eval("new URL(location.href).searchParams.get('as_of')");
        assert!(
            shown
                .as_str()
                .expect("a text")
                .contains(pinned.as_str().expect("a snapshot"))
        );
        assert_eq!(main(&tab), chinese, "{name}: pinned");
        tab.arrive(|| tab.click("footer .links a:nth-of-type(1)"));
        assert_eq!(
            tab.eval("location.pathname + location.search"),
            *path,
            "{name}: live"
        );
    }
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}

#[test]
fn an_older_night_says_so_and_leads_to_the_newest() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    tab.open(&site.at("/dashboards/reviews"));
    let older = "main table.grid tbody tr:last-child th a";
    tab.arrive(|| tab.click(older));
    let notice = tab.eval("document.querySelector('header .notice a').closest('p').textContent");
    let pinned = tab.eval("new URL(location.href).searchParams.get('as_of')");
    assert!(
        notice
            .as_str()
            .expect("a text")
            .contains(pinned.as_str().expect("a snapshot")),
        "{notice}"
    );
    // The choice of a filter keeps the night.
    choose_next(&tab, "period");
    tab.until("location.search.includes('period') && !document.querySelector('[aria-busy]')");
    assert_eq!(
        tab.eval("new URL(location.href).searchParams.get('as_of')"),
        pinned
    );
    tab.arrive(|| tab.click("header .notice a"));
    assert_eq!(
        tab.eval("new URL(location.href).searchParams.get('as_of')"),
        Value::Null
    );
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}

#[test]
fn the_wall_is_dark_and_turns_its_pages_until_it_is_held() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    // A hundred times as fast.
    tab.before_every_page(
        "const slow = setInterval; window.setInterval = (act, time) => { window.pace = time; return slow(act, time / 100); };",
    );
    tab.show_on(Medium::Light);
    tab.open(&site.at("/"));
    tab.click("footer a[href='#wall']");
    tab.until("document.documentElement.classList.contains('wall')");
    tab.press(" ");
    assert_eq!(tab.eval("window.pace"), 20_000);
    let ground = tab.eval("getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(17, 24, 30)");
    assert_eq!(
        tab.eval("getComputedStyle(document.querySelector('.selection')).display"),
        "none"
    );
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(tab.eval("location.pathname"), "/", "it is held");
    tab.press(" ");
    let pages: Vec<String> = site
        .app
        .dashboards()
        .iter()
        .map(|page| page.id().to_owned())
        .collect();
    // Script goes away with the page it runs in: look often.
    for id in &pages[1..3] {
        tab.until(&format!(
            "location.pathname === '/dashboards/{id}' && location.hash === '#wall'"
        ));
    }
    tab.press("Escape");
    tab.until("!document.documentElement.classList.contains('wall')");
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}

#[test]
fn keys_turn_pages_and_find_the_filters() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    tab.open(&site.at("/"));
    tab.press("/");
    assert_eq!(tab.eval("document.activeElement.name"), "period");
    tab.eval("document.activeElement.blur()");
    let last = site.app.dashboards().iter().last().expect("pages").id();
    tab.arrive(|| tab.press("["));
    assert_eq!(tab.eval("location.pathname"), format!("/dashboards/{last}"));
    tab.arrive(|| tab.press("]"));
    assert_eq!(tab.eval("location.pathname"), "/");
    // The first stop leads past the head.
    tab.press("Tab");
    tab.press("Enter");
    assert_eq!(tab.eval("document.activeElement.id"), "main");
}

#[test]
fn nothing_moves_for_those_who_want_no_motion() {
    let Some(chromium) = chromium() else { return };
    let (site, tab) = (Site::nights(), chromium.tab());
    for (wish, scroll) in [("reduce", "auto"), ("no-preference", "smooth")] {
        tab.prefer("screen", &[("prefers-reduced-motion", wish)]);
        tab.open(&site.at("/"));
        let behaviour = tab.eval("getComputedStyle(document.documentElement).scrollBehavior");
        assert_eq!(behaviour, scroll, "{wish}");
        let moving = tab.eval(
            r#"[...document.querySelectorAll("*")].filter((each) => {
              const style = getComputedStyle(each);
              return style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => time !== "0s");
            }).length"#,
        );
        assert_eq!(moving, 0, "{wish}");
    }
}

#[test]
fn a_page_with_mistakes_names_them_and_the_others_work() {
    let Some(chromium) = chromium() else { return };
    let site = Site::serve(&Project::nights_with_a_broken_page());
    let tab = chromium.tab();
    for language in ["zh", "en"] {
        tab.open(&site.at(&spoken("/dashboards/broken", language)));
        let told = tab.eval("document.getElementById('main').textContent");
        for word in ["dashboards/broken.toml", "pie", "trained_people"] {
            assert!(
                told.as_str().expect("a text").contains(word),
                "{word}: {told}"
            );
        }
        tab.arrive(|| tab.click("nav.pages a"));
        assert_eq!(tab.eval("location.pathname"), "/");
        assert_eq!(
            tab.eval("document.querySelectorAll('.answer a').length > 0"),
            true
        );
    }
    assert_eq!(tab.complaints(&site.origin), Vec::<String>::new());
}
