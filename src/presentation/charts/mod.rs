//! Charts: plotters' SVG, laid out by us, with a sentence that says what each shows.

pub mod bullet;
mod bullets;
mod paint;
pub mod scene;
pub mod summary;
pub mod text;
pub mod theme;

pub use bullet::bullet;
pub use bullets::bullets;

use scene::Scene;

/// The room a chart is drawn for: small screens get their own drawing, not a shrunk one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// A whole row of a page on desks, walls and paper.
    Wide,
    /// Two thirds of a row.
    Major,
    /// Half a row.
    Half,
    /// A phone, and a third of a row.
    Phone,
}

impl Width {
    /// Pixels from side to side.
    pub fn pixels(self) -> f64 {
        match self {
            Self::Wide => 1080.0,
            Self::Major => 708.0,
            Self::Half => 522.0,
            Self::Phone => 344.0,
        }
    }
}

/// A chart before it is painted, and the sentence that says what it shows: made from its data, never its title repeated.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What is drawn.
    pub scene: Scene,
    /// What it shows.
    pub summary: String,
}

impl Chart {
    /// The chart as SVG under `title`; `id` keeps the charts of a page apart.
    pub fn svg(&self, id: &str, title: &str) -> String {
        self.scene.svg(id, title, &self.summary)
    }
}

// TEMP until the charts are merged
use crate::indicators::table::Table as T;
use crate::programme::{Language as L, Programme as P};
pub fn sparkline(_: &[f64], _: Option<f64>) -> String {
    String::new()
}
pub fn cumulative(
    t: &T,
    _: &[crate::programme::Target],
    _: &crate::analysis::Pace<'_>,
    p: &P,
    l: L,
    w: Width,
) -> Chart {
    bullets(t, p, l, w)
}
pub fn trend(t: &T, p: &P, l: L, w: Width) -> Chart {
    bullets(t, p, l, w)
}
pub fn tile_map(t: &T, p: &P, l: L, w: Width) -> Chart {
    bullets(t, p, l, w)
}
pub fn ranked(t: &T, p: &P, l: L, w: Width, _: Option<usize>) -> Chart {
    bullets(t, p, l, w)
}
pub fn heat(t: &T, _: Option<&T>, _: Option<&T>, p: &P, l: L, w: Width) -> Chart {
    bullets(t, p, l, w)
}
pub fn small_multiples(_: &T, t: &T, p: &P, l: L, w: Width) -> Chart {
    bullets(t, p, l, w)
}
pub fn funds(t: &T, _: &T, p: &P, l: L, w: Width) -> Chart {
    bullets(t, p, l, w)
}
pub fn funnel(_: &[crate::presentation::encode::explain::Step], _: &P, _: L, _: Width) -> Chart {
    Chart {
        scene: Scene {
            width: 10.0,
            height: 10.0,
            marks: vec![],
        },
        summary: "TEMP".into(),
    }
}
pub fn reporting(_: &crate::analysis::completeness::Completeness, _: &P, _: L, _: Width) -> Chart {
    Chart {
        scene: Scene {
            width: 10.0,
            height: 10.0,
            marks: vec![],
        },
        summary: "TEMP".into(),
    }
}
pub fn png(_: &str, _: f32) -> Result<Vec<u8>, String> {
    Ok(Vec::new())
}
