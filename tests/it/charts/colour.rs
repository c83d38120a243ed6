//! Verdicts without colour: the rendered pixels of every chart that shows them, in grey and as colour-blind people see them.

use super::{LANGUAGES, samples};
use crate::presentation::sample;
use dabiao::indicators::table::Verdict;
use dabiao::presentation::charts::scene::Mark;
use dabiao::presentation::charts::{self, Chart, Width, png};
use dabiao::presentation::verdict;
use dabiao::programme::Language;
use resvg::tiny_skia::Pixmap;
use std::collections::BTreeMap;

const SCALE: f32 = 4.0;
/// Pixels from the middle of a shape to the edge of what is compared.
const REACH: i32 = 26;

type Matrix = [[f64; 3]; 3];

/// What an eye makes of linear red, green and blue: as it is, in grey, and without one kind of cones (Machado, Oliveira and
/// Fernandes 2009, severity 1).
const EYES: [(&str, Matrix); 5] = [
    (
        "colour",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    ("grey", [[0.2126, 0.7152, 0.0722]; 3]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

fn linear(channel: u8) -> f64 {
    let share = f64::from(channel) / 255.0;
    if share <= 0.04045 {
        share / 12.92
    } else {
        ((share + 0.055) / 1.055).powf(2.4)
    }
}

/// Contrast of a pixel to white paper for an eye.
fn contrast(picture: &Pixmap, x: u32, y: u32, eye: &Matrix) -> f64 {
    let pixel = picture.pixel(x, y).unwrap();
    let colour = [pixel.red(), pixel.green(), pixel.blue()].map(linear);
    let seen = eye.map(|row| {
        (0..3)
            .map(|at| row[at] * colour[at])
            .sum::<f64>()
            .clamp(0.0, 1.0)
    });
    1.05 / (0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2] + 0.05)
}

/// The pixels around a shape that an eye tells from paper (3:1), row by row.
fn silhouette(picture: &Pixmap, (x, y): (f64, f64), eye: &Matrix) -> Vec<bool> {
    let at = |place: f64, off: i32| {
        u32::try_from((place * f64::from(SCALE)).round() as i32 + off).unwrap()
    };
    let mut seen = Vec::new();
    for dy in -REACH..REACH {
        for dx in -REACH..REACH {
            seen.push(contrast(picture, at(x, dx), at(y, dy), eye) >= 3.0);
        }
    }
    seen
}

/// Where each verdict's shape stands first, away from the edges.
fn shapes(chart: &Chart) -> BTreeMap<&'static str, (f64, f64)> {
    let mut places = BTreeMap::new();
    for mark in &chart.scene.marks {
        if let Mark::Shape(verdict, x, y, half) = mark
            && *half <= 5.0
            && *x > 7.0
            && *y > 24.0
        {
            places.entry(verdict.code()).or_insert((*x, *y));
        }
    }
    places
}

fn charts(language: Language, width: Width) -> [(&'static str, Chart); 2] {
    let table = samples::all_verdicts();
    [
        (
            "map",
            charts::tile_map(&table, sample::programme(), language, width),
        ),
        ("multiples", samples::multiples(&table, language, width)),
    ]
}

#[test]
fn verdicts_are_told_apart_by_every_eye() {
    for width in [Width::Major, Width::Phone] {
        for (name, chart) in charts(Language::Zh, width) {
            let picture = Pixmap::decode_png(&png(&chart.svg("a", "b"), SCALE).unwrap()).unwrap();
            let places = shapes(&chart);
            assert_eq!(
                places.len(),
                verdict::ALL.len(),
                "{name} {width:?}: {places:?}"
            );
            for (eye, matrix) in EYES {
                let seen: Vec<(&str, Vec<bool>)> = places
                    .iter()
                    .map(|(verdict, place)| (*verdict, silhouette(&picture, *place, &matrix)))
                    .collect();
                for (at, (verdict, silhouette)) in seen.iter().enumerate() {
                    let inked = silhouette.iter().filter(|pixel| **pixel).count();
                    assert!(
                        inked > 120,
                        "{name} {width:?} {eye}: {verdict} has {inked} pixels"
                    );
                    for (other, its) in &seen[at + 1..] {
                        let differ = silhouette.iter().zip(its).filter(|(a, b)| a != b).count();
                        // Of the two shapes' pixels at least an eighth is not shared.
                        let both = inked + its.iter().filter(|pixel| **pixel).count();
                        assert!(
                            differ * 8 >= both,
                            "{name} {width:?} {eye}: {verdict} and {other} differ in {differ} of {both}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_shape_has_its_word_in_the_same_picture() {
    for language in LANGUAGES {
        for width in [Width::Wide, Width::Major, Width::Half, Width::Phone] {
            for (name, chart) in charts(language, width) {
                for verdict in verdict::ALL {
                    let word = verdict::word(verdict, language);
                    let has = chart
                        .scene
                        .labels()
                        .any(|label| label.text.starts_with(word));
                    assert!(has, "{name} {language:?} {width:?}: {word}");
                }
            }
        }
    }
}

#[test]
fn without_targets_nothing_is_judged() {
    let table = sample::untargeted();
    let map = charts::tile_map(&table, sample::programme(), Language::Zh, Width::Wide);
    let multiples = samples::multiples(&table, Language::Zh, Width::Wide);
    for chart in [map, multiples] {
        let shapes = chart
            .scene
            .marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Shape(..)));
        assert_eq!(shapes.count(), 0);
        let verdicts = [
            Verdict::Behind,
            Verdict::AtRisk,
            Verdict::OnTrack,
            Verdict::Ahead,
        ]
        .map(charts::theme::verdict);
        for mark in &chart.scene.marks {
            if let Mark::Bar(_, _, _, _, ink) | Mark::Dot(_, _, _, ink) = mark {
                assert!(!verdicts.contains(ink), "{mark:?}");
            }
        }
    }
}
