//! The bullet of one figure: bar = done, thick tick = pace, thin tick = target.

use super::scene::{Mark, Scene};
use super::theme;
use crate::indicators::table::Row;
use crate::presentation::figure::Figure;
use crate::presentation::texts;
use crate::programme::Language;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 20.0;
/// Width of a bullet in a table.
const NARROW: f64 = 150.0;

/// The bullet of `row` as SVG, empty where there is no target to hold it against.
pub fn bullet(row: &Row, figure: &Figure, id: &str, name: &str, language: Language) -> String {
    let (Some(progress), Some(shown)) = (row.progress, &figure.progress) else {
        return String::new();
    };
    let scene = scene(row, progress.approximate(), WIDTH);
    let pace = figure.pace.as_deref().unwrap_or("—");
    scene.svg(
        id,
        name,
        &texts::fill(
            language,
            "bullet_says",
            &[("progress", shown), ("pace", pace)],
        ),
    )
}

/// The bullet of `row` for a table whose cells say the same in words: no title, passed over by screen readers.
pub fn bare(row: &Row) -> String {
    match row.progress {
        Some(progress) => scene(row, progress.approximate(), NARROW).bare(),
        None => String::new(),
    }
}

fn scene(row: &Row, progress: f64, width: f64) -> Scene {
    // The target stands at the same place in every bullet, unless more than it was done.
    let scale = (width - 4.0) / progress.max(1.08);
    let mut marks = vec![
        Mark::Bar(0.0, 4.0, scale, 16.0, theme::TRACK),
        Mark::Bar(0.0, 6.5, progress * scale, 13.5, theme::bar(row.verdict)),
        Mark::Bar(scale - 0.5, 2.5, scale + 0.5, 17.5, theme::INK),
    ];
    if let Some(pace) = row.pace {
        let x = pace.approximate() * scale;
        // A light edge keeps the tick visible on the bar.
        marks.push(Mark::Bar(x - 2.5, 1.0, x + 2.5, 19.0, theme::PAPER));
        marks.push(Mark::Bar(x - 1.5, 1.0, x + 1.5, 19.0, theme::INK));
    }
    Scene {
        width,
        height: HEIGHT,
        marks,
    }
}
