//! Dashboards (DESIGN §9): files that name panels, the questions they need answered, and the pages made from the answers.
//! A page is a plain model built from tables; a template only prints it.

mod answer;
pub mod explanation;
mod file;
mod grid;
mod lists;
pub mod material;
mod page;
mod panels;
mod pictures;
mod print;
mod selection;
mod small_print;
mod tile;
mod view;

pub use explanation::explanation;
pub use file::{Audience, DASHBOARDS, Dashboard, Dashboards, Page, Panel, Section};
pub use material::{Material, Need, Published, needs, panel_needs};
pub use page::{Sheet, Site};
pub use pictures::drawn;
pub use selection::{Selection, page as address};
pub use view::View;
