//! Texts stay apart and inside, marks stay on the canvas, at every width and in both languages.

use super::{LANGUAGES, samples};
use dabiao::presentation::charts::Width;
use dabiao::presentation::charts::scene::{Label, Mark, Scene};

pub const WIDTHS: [Width; 4] = [Width::Wide, Width::Major, Width::Half, Width::Phone];

fn every(mut check: impl FnMut(&str, &Scene)) {
    for (name, chart) in samples::all() {
        for language in LANGUAGES {
            for width in WIDTHS {
                let scene = chart(language, width).scene;
                assert!((scene.width - width.pixels()).abs() < 1e-9);
                check(&format!("{name} {language:?} {width:?}"), &scene);
            }
        }
    }
}

#[test]
fn texts_stay_apart_and_inside() {
    every(|name, scene| {
        let labels: Vec<&Label> = scene.labels().collect();
        for (position, label) in labels.iter().enumerate() {
            let (left, top, right, bottom) = label.extent();
            let inside =
                left >= -0.5 && top >= 0.0 && right <= scene.width + 0.5 && bottom <= scene.height;
            assert!(inside, "{name}: {label:?} is cut");
            for other in &labels[position + 1..] {
                let (l, t, r, b) = other.extent();
                let apart = r <= left || right <= l || b <= top || bottom <= t;
                assert!(apart, "{name}: {} meets {}", label.text, other.text);
            }
        }
    });
}

#[test]
fn shapes_keep_off_texts() {
    every(|name, scene| {
        for mark in &scene.marks {
            let Mark::Shape(_, x, y, half) = mark else {
                continue;
            };
            for label in scene.labels() {
                let (l, t, r, b) = label.extent();
                let apart = r <= x - half || x + half <= l || b <= y - half || y + half <= t;
                assert!(apart, "{name}: a shape meets {}", label.text);
            }
        }
    });
}

#[test]
fn marks_stay_on_the_canvas() {
    every(|name, scene| {
        let inside = |x: f64, y: f64| {
            assert!(x.is_finite() && y.is_finite(), "{name}");
            let inside =
                x >= -0.5 && x <= scene.width + 0.5 && y >= -0.5 && y <= scene.height + 0.5;
            assert!(
                inside,
                "{name}: {x}, {y} of {} x {}",
                scene.width, scene.height
            );
        };
        for mark in &scene.marks {
            match mark {
                Mark::Bar(left, top, right, bottom, _)
                | Mark::Hatch(left, top, right, bottom, _) => {
                    assert!(left <= right && top <= bottom, "{name}: {mark:?}");
                    inside(*left, *top);
                    inside(*right, *bottom);
                }
                Mark::Line(line) => line.points.iter().for_each(|(x, y)| inside(*x, *y)),
                Mark::Area(points, _, _) => points.iter().for_each(|(x, y)| inside(*x, *y)),
                Mark::Dot(x, y, _, _) | Mark::Shape(_, x, y, _) => inside(*x, *y),
                Mark::Label(_) | Mark::Halo(_) => {}
            }
        }
    });
}

#[test]
fn what_matters_is_always_written() {
    for (name, curve) in samples::curves() {
        for language in LANGUAGES {
            for width in WIDTHS {
                let scene = curve.chart(language, width).scene;
                let has = |wanted: &str| scene.labels().any(|label| label.text.contains(wanted));
                let named = format!("{name} {language:?} {width:?}");
                if let Some(last) = curve.actual.last() {
                    let value = last.value.to_string().replace('-', "−");
                    assert!(has(&value), "{named}: what was done");
                }
                let words = match language {
                    dabiao::programme::Language::Zh => ["目标", "序时进度", "预计", "线下停训"],
                    dabiao::programme::Language::En => ["Target", "Pace", "Forecast", "Offline"],
                };
                let due = [
                    !curve.targets.is_empty(),
                    !curve.pace.is_empty(),
                    curve.forecast.is_some(),
                    !curve.interruptions.is_empty(),
                ];
                for (word, due) in words.into_iter().zip(due) {
                    assert_eq!(has(word), due, "{named}: {word}");
                }
            }
        }
    }
}

#[test]
fn a_phone_has_its_own_drawing() {
    let curve = &samples::curves()[3].1;
    let texts = |width| {
        let scene = curve.chart(LANGUAGES[0], width).scene;
        scene
            .labels()
            .map(|label| label.text.clone())
            .collect::<Vec<_>>()
    };
    let (phone, major) = (texts(Width::Phone), texts(Width::Major));
    assert!(phone.len() < major.len(), "{phone:?} {major:?}");
    let scene = curve.chart(LANGUAGES[0], Width::Phone).scene;
    assert!(scene.labels().all(|label| label.size >= 12.0));
}
