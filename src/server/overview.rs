//! The overview page: which figures it asks for.

use super::params::{self, Asked};
use super::problem::Problem;
use crate::app::App;
use crate::indicators::table::{Request, Table};
use crate::presentation::pages::{self, Inputs};
use std::sync::Arc;

/// The indicator the page leads with.
pub(super) const HEADLINE: &str = "trained_person_times";
/// The ratios beside it, in the order they are shown.
const RATIOS: [&str; 2] = ["skilled_ratio", "highly_skilled_ratio"];

/// The page as HTML.
///
/// # Errors
/// What the request names and is not there.
pub(super) fn page(app: &App, asked: &Asked) -> Result<String, Problem> {
    let of = |indicator: &str, by: &[&str], as_of: Option<&str>| {
        let by = by.iter().map(|dimension| (*dimension).to_owned()).collect();
        let request = Request {
            indicator: indicator.to_owned(),
            by,
            ..asked.request.clone()
        };
        params::figures(
            app,
            &Asked {
                request,
                as_of: as_of.map(str::to_owned),
                ..asked.clone()
            },
        )
    };
    let trained = of(HEADLINE, &["division"], asked.as_of.as_deref())?;
    // Everything on a page comes from one snapshot, also while a load publishes the next one.
    let snapshot = Some(trained.snapshot.as_str());
    let freshness = app.freshness(snapshot)?;
    let programme = app.programme_of(&trained.snapshot)?;
    let ratios = RATIOS
        .iter()
        .map(|ratio| of(ratio, &[], snapshot))
        .collect::<Result<Vec<Arc<Table>>, Problem>>()?;
    let ratios: Vec<&Table> = ratios.iter().map(AsRef::as_ref).collect();
    Ok(pages::overview(&Inputs {
        programme: &programme,
        freshness: &freshness,
        trained: &trained,
        ratios: &ratios,
        as_of: asked.as_of.as_deref(),
        language: asked.language,
        synthetic: freshness.synthetic,
    }))
}
