//! For those who run the program: is it alive, is it ready, what does it do, and its nightly load.

use super::answer::Answer;
use super::desk::{Desk, off_thread, wants_html};
use super::meters::{Loaded, Told};
use super::openapi;
use super::problem::Problem;
use crate::app::{Error, Standing};
use crate::load::{self, Progress};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Instant;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/livez", get(|| async { "ok" }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(meters))
}

async fn document(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let render = |app: &_| Ok(Answer::new("application/json", openapi::document(app)));
    desk.fixed("/openapi.json", headers, render).await
}

async fn ready(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    match desk.app.standing() {
        Ok(standing) => standing.snapshot.clone().into_response(),
        Err(error) => Problem::from(error).respond(wants_html(&headers)),
    }
}

async fn meters(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let told = off_thread(move || {
        let snapshot = match desk.app.standing() {
            Ok(standing) => Some(told(&desk, &standing)?),
            Err(Error::Empty) => None,
            Err(other) => return Err(other.into()),
        };
        let (kept, waiting) = (desk.kept.size(), desk.gate.waiting());
        Ok(desk.meters.told(snapshot.as_ref(), kept, waiting))
    });
    match told.await {
        Ok(text) => {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(problem) => problem.respond(wants_html(&headers)),
    }
}

fn told(desk: &Desk, standing: &Standing) -> Result<Told, Problem> {
    Ok(Told {
        age: (desk.app.now() - standing.published_at).num_seconds(),
        records: standing.records,
        missing_returns: desk.app.missing_returns(&standing.snapshot)?,
    })
}

/// Makes what pages ask for on a thread of its own, which neither readers nor the end of the process wait for.
pub(super) fn warm(desk: &Desk) {
    let app = desk.app.clone();
    let work = move || match app.page_requests().and_then(|asked| app.warm(&asked)) {
        Ok(warmed) => {
            for (request, error) in &warmed.failed {
                tracing::warn!(indicator = request.indicator, by = ?request.by, %error, "not answered ahead");
            }
            tracing::info!(
                snapshot = warmed.snapshot,
                answers = warmed.answered,
                "answers made ahead"
            );
        }
        Err(Error::Empty) => {}
        Err(error) => tracing::warn!(%error, "no answers were made ahead"),
    };
    let thread = std::thread::Builder::new().name("warm".to_owned());
    if let Err(error) = thread.spawn(work) {
        tracing::warn!(%error, "no answers were made ahead");
    }
}

/// The nightly load; gives back whether there is a new snapshot.
pub(super) fn load(desk: &Desk) -> bool {
    let mut progress = |progress: Progress<'_>| {
        if let Progress::File(at, of, file) = progress {
            tracing::debug!(at, of, file, "reading");
        }
    };
    let begun = Instant::now();
    let loaded = desk.app.ingest(&[], false, &mut progress);
    let took = begun.elapsed();
    let ended = desk.app.now().timestamp();
    let noted = |outcome, rows| {
        desk.meters.loaded(&Loaded {
            outcome,
            ended,
            took,
            rows,
        });
    };
    match loaded {
        Ok(report) => {
            let (snapshot, totals) = (report.snapshot.as_deref(), &report.totals);
            tracing::info!(
                load = report.load.as_deref().unwrap_or("-"),
                snapshot = snapshot.unwrap_or("-"),
                files = report.files.len(),
                received = totals.received,
                rejected = totals.rejected,
                seconds = took.as_secs_f64(),
                "nightly load"
            );
            let outcome = if snapshot.is_some() {
                "published"
            } else {
                "unchanged"
            };
            noted(outcome, [totals.received, totals.rejected]);
            snapshot.is_some()
        }
        Err(Error::Load(load::Error::Stopped)) => {
            tracing::info!("the nightly load was stopped; nothing of it remains");
            noted("stopped", [0, 0]);
            false
        }
        Err(error) => {
            tracing::error!(%error, "the nightly load failed; the last snapshot stays");
            noted("failed", [0, 0]);
            false
        }
    }
}
