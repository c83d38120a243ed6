//! The overview page: which figures it asks for.

use super::params::{self, Asked};
use super::problem::Problem;
use crate::app::App;
use crate::indicators::table::{Request, Table};
use crate::presentation::pages::{self, Inputs};
use std::sync::Arc;

/// What the page breaks its first figure down by.
pub(super) const BY: &str = "division";

/// The indicator the page leads with, and those beside it in the order they are shown.
///
/// # Errors
/// When the programme names none that can be broken down by [`BY`]: the page would have nothing to show.
pub(super) fn headlines(app: &App) -> Result<(&str, &[String]), Problem> {
    let definitions = &app.project().definitions;
    let headlines = &definitions.programme.config.dashboard.headlines;
    let by = |lead: &&String| {
        let dimensions = definitions.catalog.dimensions(&definitions.programme, lead);
        dimensions.contains(&BY)
    };
    match headlines.first().filter(by) {
        Some(lead) => Ok((lead, &headlines[1..])),
        None => Err(Problem::nothing_to_show()),
    }
}

/// The page as HTML.
///
/// # Errors
/// What the request names and is not there.
pub(super) fn page(app: &App, asked: &Asked) -> Result<String, Problem> {
    let freshness = app.freshness()?;
    let of = |indicator: &str, by: &[&str]| {
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
                ..asked.clone()
            },
        )
    };
    let (lead, beside) = headlines(app)?;
    let trained = of(lead, &[BY])?;
    let ratios = beside
        .iter()
        .map(|ratio| of(ratio, &[]))
        .collect::<Result<Vec<Arc<Table>>, Problem>>()?;
    let ratios: Vec<&Table> = ratios.iter().map(AsRef::as_ref).collect();
    Ok(pages::overview(&Inputs {
        programme: app.programme(),
        freshness: &freshness,
        trained: &trained,
        ratios: &ratios,
        as_of: asked.as_of.as_deref(),
        language: asked.language,
        synthetic: freshness.synthetic,
    }))
}
