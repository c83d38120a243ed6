//! The real issues of the Department for Education, each loaded on the day it was published: published totals, every vintage as
//! of its day, and what became of the rows from one issue to the next. Skipped where the shared material is not present.

use super::England;
use super::vintage::{Counts, Difference, Held, Homes, MEASURES, Vintage, folder};
use crate::support::{array, text};
use dabiao::app::App;
use dabiao::indicators::table::{Request, Table};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// An issue that was loaded.
struct Loaded {
    day: &'static str,
    vintage: Vintage,
    difference: Difference,
}

/// Loads the issues of an academic year in their order, those of some home districts where these are named, and holds every
/// receipt against the rows themselves.
fn load(
    england: &England,
    year: &str,
    issues: &[(&str, &'static str)],
    homes: Option<&Homes>,
) -> Option<Vec<Loaded>> {
    let folder = folder()?;
    let mut held = Held::default();
    let (mut rows, mut seconds) = (0, 0.0);
    let mut loaded = Vec::new();
    for (issue, day) in issues {
        let vintage = Vintage::read(&folder, &format!("{issue}_published_{day}"), year, homes);
        let path = england.beside(&format!(
            "apprenticeships__DFE__ALL__{}__{issue}.parquet",
            period(year)
        ));
        let difference = held.take(&vintage, &path);
        let began = Instant::now();
        let report = england.ingest(day, &path);
        seconds += began.elapsed().as_secs_f64();
        rows += report["totals"]["received"].as_u64().unwrap();
        let told = ["new", "correction", "unchanged", "rejected"]
            .map(|name| report["totals"][name].as_u64().unwrap());
        let Difference {
            new,
            corrected,
            unchanged,
        } = &difference;
        assert_eq!(told, [new.0, corrected.0, *unchanged, 0], "{issue}");
        println!("{issue}: {difference:?}");
        loaded.push(Loaded {
            day,
            vintage,
            difference,
        });
    }
    println!(
        "{year}: {rows} rows in {seconds:.1} s, {:.0} rows a second",
        f64::from(u32::try_from(rows).unwrap()) / seconds
    );
    Some(loaded)
}

/// `2023-08..2024-07` for 2023/24.
fn period(year: &str) -> String {
    let first: u32 = year[..4].parse().unwrap();
    format!("{first}-08..{}-07", first + 1)
}

fn ask(app: &App, indicator: &str, year: &str, day: &str, by: &[&str]) -> Arc<Table> {
    let request = Request {
        indicator: indicator.to_owned(),
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        period: Some(period(year)),
        ..Request::default()
    };
    app.figures(&request, Some(day)).expect("a figure")
}

fn whole(row: &dabiao::indicators::table::Row) -> i64 {
    let value = row.value.expect("a value").to_string();
    value.parse().expect("a whole number")
}

/// Every vintage as of its day says what its issue says: in all, and in its ten largest home districts.
fn assert_vintages(app: &App, year: &str, loaded: &[Loaded]) {
    for Loaded { day, vintage, .. } in loaded {
        let homes = vintage.by_home();
        let largest = vintage.largest();
        assert_eq!(largest.len(), 10);
        for (at, measure) in MEASURES.into_iter().enumerate() {
            let table = ask(app, measure, year, day, &["home"]);
            assert_eq!(
                whole(&table.totals),
                vintage.totals()[at],
                "{measure} {day}"
            );
            for home in &largest {
                let row = table.rows.iter().find(|row| row.codes[0] == *home);
                let told = whole(row.expect("a row for every district"));
                assert_eq!(told, homes[home.as_str()][at], "{measure} {day} {home}");
            }
        }
    }
}

/// `dabiao diff` of an academic year between the days of two issues, by the learner's home district.
fn bridge(england: &England, year: &str, ends: [&Loaded; 2], indicators: &[&str]) -> Value {
    let period = period(year);
    let [from, to] = ends.map(|end| end.day);
    let asked = ["diff", from, to];
    let more = ["--by", "home", "--period", &period, "--format", "json"];
    england
        .run(to, &[&asked[..], indicators, &more].concat())
        .json(0)
}

/// The parts of a bridge between two issues are those that the rows of the issues give, they add up to the change in every home
/// district, and there are no others. `added` is the part of rows that were not there before.
fn assert_bridge(told: &Value, [older, newer]: [&Loaded; 2], added: &str) {
    let parts: Vec<&str> = array(&told["parts"]).iter().map(text).collect();
    let counted = |bridge: &Value| {
        MEASURES
            .iter()
            .position(|measure| bridge["indicator"] == *measure)
    };
    for bridge in array(&told["indicators"]) {
        let Some(at) = counted(bridge) else { continue };
        let measure = MEASURES[at];
        let totals = &bridge["totals"];
        let Difference { new, corrected, .. } = &newer.difference;
        for part in &parts {
            let expected = match *part {
                "corrections" => corrected.1[at],
                part if part == added => new.1[at],
                _ => 0,
            };
            assert_eq!(totals[*part], expected, "{measure} {part}");
        }
        let (before, after) = (older.vintage.by_home(), newer.vintage.by_home());
        let rows = array(&bridge["rows"]);
        assert!(rows.len() >= after.len());
        for row in rows {
            let count = |homes: &BTreeMap<&str, Counts>| {
                homes.get(text(&row["home"])).map_or(0, |counts| counts[at])
            };
            let part = |name: &str| row[name].as_i64().expect("a whole number");
            let sum: i64 = parts.iter().map(|name| part(name)).sum();
            assert_eq!(sum, part("change"), "{row}");
            assert_eq!(sum, count(&after) - count(&before), "{row}");
        }
    }
}

#[test]
fn the_published_totals_of_2023_24() {
    let england = England::new();
    let issues = [("2023-24_Q3", "2024-09-12"), ("2023-24_Q4", "2024-12-05")];
    let Some(loaded) = load(&england, "2023/24", &issues, None) else {
        return;
    };
    let app = england.app("2024-12-05");
    let told = MEASURES.map(|measure| {
        let table = ask(&app, measure, "2023/24", "2024-12-05", &[]);
        whole(&table.totals)
    });
    assert_eq!(told, [339_582, 781_662, 178_224]);
    assert_vintages(&app, "2023/24", &loaded);
    // The academic year had ended before the first of these issues: rows that came with the second are late.
    let told = bridge(&england, "2023/24", [&loaded[0], &loaded[1]], &["starts"]);
    assert_eq!(array(&told["indicators"]).len(), 1);
    assert_bridge(&told, [&loaded[0], &loaded[1]], "late");
}

/// The ten largest home districts of the first issue of 2024/25 and a fifth of the others: four issues in full take minutes with
/// the tests' unoptimised build.
fn sample() -> Option<Homes> {
    let issue = "2024-25_Q1_published_2025-02-07";
    let first = Vintage::read(&folder()?, issue, "2024/25", None);
    let mut homes = first.largest();
    let fifths = first.by_home().into_keys().step_by(5);
    homes.extend(fifths.map(str::to_owned));
    Some(homes)
}

#[test]
fn the_vintages_of_2024_25() {
    let england = England::new();
    let issues = [
        ("2024-25_Q1", "2025-02-07"),
        ("2024-25_Q2", "2025-04-04"),
        ("2024-25_Q3a", "2025-07-08"),
        ("2024-25_Q3b", "2025-07-17"),
    ];
    let Some(homes) = sample() else { return };
    let Some(loaded) = load(&england, "2024/25", &issues, Some(&homes)) else {
        return;
    };
    let app = england.app("2025-07-17");
    assert_vintages(&app, "2024/25", &loaded);
    // The re-issue of July 2025 adds the provider's number to every name: each row is a new one, and each old one gone.
    let [.., first, second] = &loaded[..] else {
        unreachable!("four issues")
    };
    let Difference { new, corrected, .. } = &second.difference;
    assert_eq!(first.vintage.totals(), second.vintage.totals());
    assert_eq!(new.1, first.vintage.totals());
    assert_eq!(corrected.1, first.vintage.totals().map(|count| -count));
    // The academic year runs until the end of July: rows that came meanwhile are new.
    let told = bridge(&england, "2024/25", [first, second], &[]);
    assert_eq!(array(&told["indicators"]).len(), 4, "the headlines");
    assert_bridge(&told, [first, second], "new");
}
