//! The overview page: which figures it asks for.

use super::params::{self, Asked};
use super::problem::Problem;
use crate::app::App;
use crate::indicators::table::{Request, Table};
use crate::presentation::pages::{self, Inputs};
use std::sync::Arc;

/// What the page breaks its first figure down by.
pub(super) const BY: &str = "division";

/// The indicator the page leads with, and those beside it in the order they are shown, as the snapshot asked for has them.
///
/// # Errors
/// When the programme names none that can be broken down by [`BY`]: the page would have nothing to show.
pub(super) fn headlines(app: &App, as_of: Option<&str>) -> Result<(String, Vec<String>), Problem> {
    // A snapshot that is not there is told with the other mistakes of the request, where its figures are asked for.
    let definitions = app
        .snapshot(as_of)
        .and_then(|snapshot| app.definitions(&snapshot))
        .unwrap_or_else(|_| app.project().definitions.clone());
    let mut headlines = definitions.programme.config.dashboard.headlines.iter();
    let by = |lead: &&String| {
        let dimensions = definitions.catalog.dimensions(&definitions.programme, lead);
        dimensions.contains(&BY)
    };
    match headlines.next().filter(by) {
        Some(lead) => Ok((lead.clone(), headlines.cloned().collect())),
        None => Err(Problem::nothing_to_show()),
    }
}

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
    let (lead, beside) = headlines(app, asked.as_of.as_deref())?;
    let trained = of(&lead, &[BY], asked.as_of.as_deref())?;
    // Everything on a page comes from one snapshot, also while a load publishes the next one.
    let snapshot = Some(trained.snapshot.as_str());
    let freshness = app.freshness(snapshot)?;
    let programme = app.programme_of(&trained.snapshot)?;
    let ratios = beside
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
