//! Charts: plotters' SVG, laid out by us, with a sentence that says what each shows.

mod bullet;
mod districts;
pub mod funds;
pub mod funnel;
pub mod heat;
mod paint;
mod parts;
mod ranked;
pub mod reporting;
pub mod scene;
pub mod summary;
pub mod text;
pub mod theme;

pub use bullet::bullet;
pub use districts::{districts, scene as districts_scene};
pub use funds::funds;
pub use funnel::funnel;
pub use heat::heat;
pub use ranked::ranked;
pub use reporting::reporting;

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
