//! `/api/v1/completeness` and `/api/v1/targets`, as the command line tells them.

use super::answer::Answer;
use super::params::{self, Pairs};
use super::{Desk, accepted, answer};
use crate::presentation::encode::{completeness, targets};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

pub(super) async fn completeness(
    State(desk): State<Desk>,
    uri: Uri,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let accepted = accepted(&headers);
    let address = format!("{uri} {accepted}");
    answer(desk, address, "", pairs, headers, move |app, asked| {
        params::only(asked, &["period", "as_of", "format"])?;
        let period = asked.request.period.as_deref();
        let found = app.completeness(period, asked.as_of.as_deref())?;
        match asked.format.as_deref().unwrap_or(accepted) {
            "csv" => Ok(Answer::new(
                "text/csv; charset=utf-8",
                completeness::csv(&found, asked.bom),
            )
            .named(&format!("completeness_{}.csv", found.snapshot))),
            _ => Ok(Answer::new("application/json", completeness::json(&found))),
        }
    })
    .await
}

pub(super) async fn targets(
    State(desk): State<Desk>,
    uri: Uri,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    answer(desk, uri.to_string(), "", pairs, headers, |app, asked| {
        params::only(asked, &["as_of"])?;
        let standing = app.targets(asked.as_of.as_deref())?;
        Ok(Answer::new("application/json", targets::json(&standing)))
    })
    .await
}
