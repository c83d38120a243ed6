//! The embedded face: it has every character we write, and texts are as wide as they are measured.

use super::{LANGUAGES, samples};
use ab_glyph::{Font, FontRef};
use dabiao::presentation::charts::scene::{Label, Mark, Scene};
use dabiao::presentation::charts::{PngError, Width, face, png, text};
use resvg::tiny_skia::Pixmap;
use std::path::{Path, PathBuf};

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

#[test]
fn every_character_we_may_write_is_in_the_embedded_faces() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![
        root.join("dabiao.toml"),
        root.join("src/presentation/texts.toml"),
    ];
    paths.extend(files("data-samples/reference", "csv"));
    paths.extend(files("data-samples/contracts", "toml"));
    paths.extend(files("queries/indicators", "sql"));
    paths.extend(files("queries/rules", "sql"));
    assert!(paths.len() > 50, "{}", paths.len());
    for bytes in [face::REGULAR, face::BOLD] {
        let face = FontRef::try_from_slice(bytes).unwrap();
        for path in &paths {
            let source = std::fs::read_to_string(path).unwrap();
            let missing: String = source
                .chars()
                .filter(|c| !c.is_control() && face.glyph_id(*c).0 == 0)
                .collect();
            assert_eq!(missing, "", "{}", path.display());
        }
    }
}

#[test]
fn every_character_of_a_chart_is_in_the_embedded_faces() {
    let face = FontRef::try_from_slice(face::REGULAR).unwrap();
    for (name, chart) in samples::all() {
        for language in LANGUAGES {
            let chart = chart(language, Width::Wide);
            for label in chart.scene.labels() {
                assert!(
                    label.text.chars().all(|c| face.glyph_id(c).0 != 0),
                    "{name}: {}",
                    label.text
                );
            }
        }
    }
}

/// First and last column of `picture` with ink.
fn inked(picture: &Pixmap) -> (u32, u32) {
    let is_inked =
        |x: &u32| (0..picture.height()).any(|y| picture.pixel(*x, y).unwrap().red() < 160);
    let first = (0..picture.width()).find(is_inked).unwrap();
    let last = (0..picture.width()).rev().find(is_inked).unwrap();
    (first, last)
}

#[test]
fn texts_are_painted_as_wide_as_they_are_measured() {
    for bold in [false, true] {
        for said in [
            "目标完成率累计",
            "Hamburgefonstiv",
            "158214",
            "HH 83.3% HH",
            "预计 196000（80% 区间）H",
        ] {
            let scene = Scene {
                width: 400.0,
                height: 40.0,
                marks: vec![Mark::Label(
                    Label::new(said, 10.0, 20.0, 20.0).weighted(bold),
                )],
            };
            let picture =
                Pixmap::decode_png(&png(&scene.svg("a", "b", "c"), 4.0).unwrap()).unwrap();
            let (first, last) = inked(&picture);
            let painted = f64::from(last - first + 1) / 4.0;
            let measured = text::width(said, 20.0, bold);
            // What is missing is the air beside the first and the last letter.
            assert!(
                painted <= measured + 0.5 && painted >= measured - 5.0,
                "{said} {bold}: {painted} of {measured}"
            );
            assert!(first >= 40, "{said} begins at {first}");
        }
    }
}

#[test]
fn a_png_has_the_size_asked_for_and_is_the_same_every_time() {
    let (_, chart) = &samples::all()[0];
    let chart = chart(LANGUAGES[0], Width::Phone);
    let svg = chart.svg("a", "b");
    let picture = png(&svg, 2.0).unwrap();
    let decoded = Pixmap::decode_png(&picture).unwrap();
    assert_eq!(f64::from(decoded.width()), Width::Phone.pixels() * 2.0);
    assert_eq!(
        f64::from(decoded.height()),
        (chart.scene.height * 2.0).round()
    );
    assert_eq!(picture, png(&svg, 2.0).unwrap());
    assert!(matches!(png("no picture", 2.0), Err(PngError::Svg(_))));
    assert!(matches!(png(&svg, 1000.0), Err(PngError::Size(..))));
    assert!(matches!(png(&svg, 0.0), Err(PngError::Size(..))));
    assert!(matches!(png(&svg, f32::NAN), Err(PngError::Size(..))));
}
