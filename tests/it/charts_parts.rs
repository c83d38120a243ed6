//! Charts of parts: nothing overlaps or is cut, and totals are told in the measure of what they are totals of.

use crate::presentation::sample;
use dabiao::indicators::table::{Kind, Row, Table, Value, Verdict};
use dabiao::presentation::charts::funds::Funds;
use dabiao::presentation::charts::heat::Margins;
use dabiao::presentation::charts::{self, Chart, Width};
use dabiao::presentation::encode::explain::Step;
use dabiao::programme::{Decimal, Language};

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

fn row(codes: &[&str], value: i128) -> Row {
    Row {
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        value: Some(Value::Number(Decimal::new(value, 0))),
        ..Row::default()
    }
}

fn by(dimensions: &[&str], rows: Vec<Row>, total: i128) -> Table {
    Table {
        dimensions: dimensions.iter().map(|name| (*name).to_owned()).collect(),
        rows,
        totals: row(&[], total),
        ..sample::untargeted()
    }
}

fn sectors() -> Table {
    let amounts = [
        ("A", 25_525),
        ("C", 43_203),
        ("E", 13_325),
        ("F", 17_736),
        ("O", 7),
        ("unknown", 3),
    ];
    let rows: Vec<Row> = amounts
        .iter()
        .map(|(code, value)| row(&[code], *value))
        .collect();
    let total = amounts.iter().map(|(_, value)| value).sum();
    by(&["sector"], rows, total)
}

fn crossed() -> Table {
    let mut rows = Vec::new();
    for (at, division) in ["220102", "220174", "CC-XQ", "CC-LHS"].iter().enumerate() {
        for (other, sector) in ["A", "C", "F"].iter().enumerate() {
            // One cell has no records.
            if (at, other) != (3, 1) {
                let value = 10_i128.pow(u32::try_from(at + other).unwrap()) + 7;
                rows.push(row(&[division, sector], value));
            }
        }
    }
    let total = rows.len() as i128;
    by(&["division", "sector"], rows, total)
}

/// Every label lies inside, and no two meet.
fn check(name: &str, chart: &Chart) {
    assert!(!chart.summary.is_empty(), "{name} says nothing");
    let scene = &chart.scene;
    let labels: Vec<_> = scene.labels().collect();
    for (position, label) in labels.iter().enumerate() {
        let (left, top, right, bottom) = label.extent();
        let inside = left >= -0.5
            && top >= -0.5
            && right <= scene.width + 0.5
            && bottom <= scene.height + 0.5;
        assert!(inside, "{name}: {} is cut", label.text);
        for other in &labels[position + 1..] {
            let (l, t, r, b) = other.extent();
            let apart = r <= left || right <= l || b <= top || bottom <= t;
            assert!(apart, "{name}: {} meets {}", label.text, other.text);
        }
    }
}

fn every(name: &str, draw: impl Fn(Language, Width) -> Chart) {
    for language in LANGUAGES {
        for width in Width::ALL {
            check(
                &format!("{name} {language:?} {width:?}"),
                &draw(language, width),
            );
        }
    }
}

#[test]
fn texts_stay_apart_and_inside() {
    let programme = sample::programme();
    let (sectors, crossed, targeted) = (sectors(), crossed(), sample::districts());
    let empty = by(&["sector"], vec![], 0);
    for (name, table) in [
        ("sectors", &sectors),
        ("targeted", &targeted),
        ("empty", &empty),
    ] {
        for most in [1, 3, 20] {
            every(&format!("ranked {name} {most}"), |language, width| {
                charts::ranked(table, programme, language, width, most)
            });
        }
    }
    every("heat", |language, width| {
        let margins = Margins {
            first: Some(&targeted),
            second: Some(&sectors),
        };
        charts::heat(&crossed, margins, programme, language, width)
    });
    let steps = [
        ("received", None, 195_942),
        ("rejected", None, 0),
        ("unchanged", None, 1950),
        ("superseded", None, 7402),
        ("withdrawn", None, 894),
        ("accepted", None, 185_696),
        ("started", None, 184_337),
        ("not_completed", Some("status"), 14_499),
        ("completed", None, 171_197),
        ("R007", Some("R007"), 1183),
        ("counted", None, 170_014),
    ];
    let steps: Vec<Step> = steps
        .iter()
        .map(|(step, rule, count)| Step {
            step,
            rule: rule.map(str::to_owned),
            clause: rule.map(|_| "四(二)".to_owned()),
            count: *count,
        })
        .collect();
    every("funnel", |language, width| {
        charts::funnel(&steps, programme, language, width)
    });
    every("funds", |language, width| {
        let funds = Funds {
            budget: None,
            raised: None,
            approved: Some(&targeted),
            paid: Some(&targeted),
        };
        charts::funds(funds, programme, language, width)
    });
}

#[test]
fn totals_of_a_heat_table_are_told_in_the_measure_of_its_cells() {
    // Units have targets, their cells by sector have none: the totals are numbers, not shares of the targets.
    let (crossed, units) = (crossed(), sample::districts());
    let margins = Margins {
        first: Some(&units),
        second: None,
    };
    let chart = charts::heat(
        &crossed,
        margins,
        sample::programme(),
        Language::Zh,
        Width::Wide,
    );
    let texts: Vec<&str> = chart
        .scene
        .labels()
        .map(|label| label.text.as_str())
        .collect();
    // 南关区 did 12640 of 15567, 81.2%.
    assert!(texts.contains(&"12640"), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains('%')), "{texts:?}");
}

#[test]
fn the_others_of_a_ranking_add_up_only_where_the_kind_does() {
    let programme = sample::programme();
    let texts = |table: &Table| -> Vec<String> {
        let chart = charts::ranked(table, programme, Language::Zh, Width::Wide, 2);
        chart
            .scene
            .labels()
            .map(|label| label.text.clone())
            .collect()
    };
    let flow = texts(&sectors());
    // C and A are shown; E + F + O = 13325 + 17736 + 7 less F, the third: two largest are C 43203 and A 25525.
    assert!(flow.iter().any(|text| text == "31068"), "{flow:?}");
    let persons = Table {
        kind: Kind::Distinct,
        ..sectors()
    };
    let persons = texts(&persons);
    assert!(
        !persons
            .iter()
            .any(|text| text == "31068" || text.contains('%')),
        "{persons:?}"
    );
    assert_eq!(sectors().totals.verdict, Verdict::NoTarget);
}
