//! Charts: plotters' SVG, laid out by us, with a sentence that says what each shows.

mod axis;
pub mod bullet;
mod bullets;
mod course;
mod cumulative;
pub mod face;
pub mod funds;
pub mod funnel;
pub mod heat;
mod key;
mod paint;
mod parts;
mod place;
mod png;
mod ranked;
pub mod reporting;
pub mod scene;
mod small_multiples;
mod sparkline;
pub mod summary;
pub mod text;
pub mod theme;
mod tile_map;
mod trend;

pub use bullet::bullet;
pub use bullets::bullets;
pub use course::{Course, Courses};
pub use cumulative::{Cumulative, Fan, FanPoint, Milestone, Point};
pub use funds::funds;
pub use funnel::funnel;
pub use heat::heat;
pub use png::{PngError, png};
pub use ranked::ranked;
pub use reporting::reporting;
pub use small_multiples::small_multiples;
pub use sparkline::sparkline;
pub use tile_map::tile_map;
pub use trend::trend;

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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wide, Self::Major, Self::Half, Self::Phone];

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Major => "major",
            Self::Half => "half",
            Self::Phone => "phone",
        }
    }

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
