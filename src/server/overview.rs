//! The overview page: which figures it asks for.

use super::params::{self, Asked};
use super::problem::Problem;
use crate::app::App;

/// The indicator the page leads with.
pub(super) const HEADLINE: &str = "trained_person_times";

/// The page as HTML.
pub(super) fn page(app: &App, asked: &Asked) -> Result<String, Problem> {
    let mut asked = asked.clone();
    asked.request.indicator = HEADLINE.to_owned();
    let table = params::figures(app, &asked)?;
    Ok(format!("{:?}", table.totals))
}
