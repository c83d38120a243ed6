//! What the curves are made of: sums by hand.

use super::samples;
use crate::presentation::sample;
use dabiao::indicators::table::{Kind, Row};
use dabiao::presentation::charts::scene::Mark;
use dabiao::presentation::charts::{Courses, Cumulative, Width, sparkline, trend};
use dabiao::programme::Language;

fn said(curve: &Cumulative) -> Vec<(String, String, bool)> {
    let targets = curve.targets.iter();
    targets
        .map(|target| {
            (
                target.date.to_string(),
                target.value.to_string(),
                target.decided,
            )
        })
        .collect()
}

#[test]
fn months_add_up_and_targets_follow_each_other() {
    let curve = samples::curve(
        &samples::three_years(),
        &samples::city_targets(),
        "2021-06-30",
    );
    assert_eq!(curve.actual.len(), 30);
    // 400 + 300 + 900 by the end of March 2019; everything by June 2021.
    assert_eq!(
        (
            curve.actual[2].date.to_string(),
            curve.actual[2].value.to_string()
        ),
        ("2019-03-31".into(), "1600".into())
    );
    assert_eq!(curve.actual[29].value.to_string(), "158214");
    assert_eq!(curve.open, None);
    // 61000 are the policy's; 61000 + 64500 are in part interpolated; the whole is the policy's again.
    let expected = [
        ("2019-12-31", "61000", true),
        ("2020-12-31", "125500", false),
        ("2021-12-31", "190000", true),
    ];
    assert_eq!(
        said(&curve),
        expected.map(|(date, value, decided)| (date.to_owned(), value.to_owned(), decided))
    );
    // 24 of 36 months by the end of 2020: 126666.67, not the 125500 of the targets between.
    let end_of_2020 = curve
        .pace
        .iter()
        .find(|(date, _)| date.to_string() == "2020-12-31")
        .unwrap();
    assert_eq!(end_of_2020.1.rounded(2).to_string(), "126666.67");
    assert_eq!(curve.pace[0].1.to_string(), "0");
    assert_eq!(curve.pace.last().unwrap().1.to_string(), "190000");
    assert_eq!(curve.interruptions[0].from.to_string(), "2020-01-24");
}

#[test]
fn an_open_month_ends_with_the_data_and_is_hatched() {
    let curve = samples::curve(
        &samples::three_years(),
        &samples::city_targets(),
        "2021-06-17",
    );
    assert_eq!(curve.actual.last().unwrap().date.to_string(), "2021-06-17");
    let open = curve
        .open
        .map(|(from, to)| (from.to_string(), to.to_string()));
    assert_eq!(
        open,
        Some(("2021-06-01".to_owned(), "2021-06-30".to_owned()))
    );
    let hatched = |curve: &Cumulative| {
        let scene = curve.chart(Language::Zh, Width::Wide).scene;
        scene
            .marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Hatch(..)))
            .count()
    };
    assert_eq!(hatched(&curve), 1);
    assert_eq!(hatched(&samples::curves()[0].1), 0);
}

#[test]
fn a_month_without_facts_brings_nothing_and_a_later_one_counts() {
    let mut table = samples::by_month("2021", &[10, 20, 30], Row::default());
    table.rows.remove(1);
    let curve = samples::curve(&table, &[], "2021-04-10");
    let values: Vec<String> = curve
        .actual
        .iter()
        .map(|point| point.value.to_string())
        .collect();
    assert_eq!(values, ["10", "10", "40", "40"]);
    assert!(curve.pace.is_empty() && curve.targets.is_empty());
}

#[test]
fn a_scope_without_targets_is_held_against_none() {
    let table = samples::by_month("2019..2021", &samples::MONTHS, Row::default());
    let curve = samples::curve(&table, &samples::city_targets(), "2021-06-30");
    assert!(curve.pace.is_empty() && curve.targets.is_empty());
}

#[test]
fn months_of_persons_or_ratios_are_not_added_up() {
    let of = |kind| {
        let mut table = samples::three_years();
        table.kind = kind;
        let day = "2021-06-30".parse().unwrap();
        Cumulative::of(&table, &[], samples::pace(), day, sample::programme()).is_some()
    };
    assert!(of(Kind::Flow) && !of(Kind::Distinct) && !of(Kind::Ratio) && !of(Kind::Stock));
    let day = "2021-06-30".parse().unwrap();
    assert!(trend(&samples::three_years(), day, Language::Zh, Width::Wide).is_none());
}

#[test]
fn a_forecast_begins_where_the_data_end_and_bands_hold_each_other() {
    let curve = samples::curve(
        &samples::three_years(),
        &samples::city_targets(),
        "2021-06-30",
    );
    let scene = curve
        .with_forecast(Some(samples::fan(158_214, 196_000, 1700)))
        .chart(Language::Zh, Width::Wide)
        .scene;
    let bands: Vec<&Vec<(f64, f64)>> = scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Area(points, ink, _) if *ink == dabiao::presentation::charts::theme::ACCENT => {
                Some(points)
            }
            _ => None,
        })
        .collect();
    assert_eq!(bands.len(), 3);
    // The last actual point, six months of the upper end, and back.
    let high = |band: usize| bands[band][6].1;
    let low = |band: usize| bands[band][7].1;
    assert!(high(0) < high(1) && high(1) < high(2) && low(2) < low(1) && low(1) < low(0));
    let first = bands[0][0];
    assert!(
        bands
            .iter()
            .all(|band| band[0] == first && *band.last().unwrap() == first)
    );
}

#[test]
fn units_go_their_way_in_shares_of_their_targets() {
    let units = sample::districts();
    let (table, targets) = (samples::unit_months(&units), samples::unit_targets(&units));
    let courses = Courses {
        table: &table,
        units: &units,
        targets: &targets,
        pace: samples::pace(),
        day: "2021-06-30".parse().unwrap(),
        programme: sample::programme(),
    };
    let all = courses.all();
    assert_eq!(all.len(), 16);
    // 双阳区 lags most.
    assert_eq!(all[0].code, "220112");
    let (share, done) = *all[0].points.last().unwrap();
    // 912 of 1096 days, and about 5120 of 7817 (a month was taken out).
    assert!(
        (share - 912.0 / 1096.0).abs() < 1e-9 && (done - 0.65).abs() < 0.01,
        "{share} {done}"
    );
    assert_eq!(all[0].pace.first(), Some(&(0.0, 0.0)));
    assert_eq!(all[0].pace.last(), Some(&(1.0, 1.0)));
    assert_eq!(all[0].below_since, Some("2019-01-01".parse().unwrap()));
    let spark = sparkline(&all[0].points, &all[0].pace);
    assert!(spark.contains("width=\"90\" height=\"22\"") && spark.contains("aria-hidden=\"true\""));
    assert!(
        !spark.contains("<text") && spark.len() < 1500,
        "{}",
        spark.len()
    );
    assert_eq!(sparkline(&[], &[]), "");
}
