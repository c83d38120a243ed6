//! A line without words for the row of a table, whose numbers say the same.

use super::scene::{Line, Mark, Scene};
use super::small_multiples::simplified;
use super::theme;

const WIDTH: f64 = 90.0;
const HEIGHT: f64 = 22.0;
/// Air at the edges, so that neither line nor dot is cut.
const PAD: f64 = 3.0;

/// The way `points` (shares of the period, 0 to 1, and values) and what `pace` expects, as an SVG that readers of screens pass
/// over; empty where there is no way.
pub fn sparkline(points: &[(f64, f64)], pace: &[(f64, f64)]) -> String {
    if points.len() < 2 {
        return String::new();
    }
    // The pace ahead is no part of the way so far.
    let last = points.last().map_or(0.0, |point| point.0);
    let pace: Vec<(f64, f64)> = pace
        .iter()
        .copied()
        .filter(|point| point.0 <= last + 1e-9)
        .collect();
    let values = || points.iter().chain(&pace).map(|point| point.1);
    let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let span = if high > low { high - low } else { 1.0 };
    let at = |(share, value): &(f64, f64)| {
        let x = PAD + share.clamp(0.0, 1.0) * (WIDTH - 2.0 * PAD);
        (
            x,
            HEIGHT - PAD - (value - low) / span * (HEIGHT - 2.0 * PAD),
        )
    };
    let mut marks = Vec::new();
    if pace.len() > 1 {
        let pace = simplified(&pace.iter().map(at).collect::<Vec<_>>());
        marks.push(Mark::Line(
            Line::new(pace, 1.0, theme::NEUTRAL).dashed(2.5, 2.5),
        ));
    }
    let way: Vec<_> = points.iter().map(at).collect();
    marks.extend(
        way.last()
            .map(|(x, y)| Mark::Dot(*x, *y, 2.25, theme::ACCENT)),
    );
    marks.push(Mark::Line(Line::new(simplified(&way), 1.5, theme::ACCENT)));
    let scene = Scene {
        width: WIDTH,
        height: HEIGHT,
        marks,
    };
    scene.decoration("spark")
}
