//! axum: routes, each one call into the library, each answer a value that was rendered elsewhere.
//!
//! ```text
//! connection ─▶ observe ─▶ guard ─▶ handler ─▶ kept answer, or made once behind the gate ─▶ coded, 304
//!  listen       log, id,   limits              desk, kept                                   answer, coding
//!               meters
//! ```

mod answer;
mod ask;
mod audit;
mod coding;
mod dashboards;
mod desk;
mod gate;
mod kept;
mod limits;
mod listen;
mod meters;
mod observe;
mod openapi;
mod operations;
mod operators;
mod problem;
mod reporting;
pub mod schedule;
mod shapes;

use crate::app::App;
use crate::presentation::{SCRIPT, STYLESHEET};
use answer::Answer;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, body::Body};
use desk::{Desk, wants_html};
pub use limits::Limits;
use problem::Problem;

/// Pages there are, for those who ask for another; what else there is, [`operations`] lists.
const PAGES: [&str; 3] = ["/", "/dashboards/{id}", operations::EXPLANATION.path];
/// What there is for programs and for those who run this one.
const OTHERS: [&str; 5] = ["/openapi.json", "/livez", "/healthz", "/readyz", "/metrics"];

/// A project that is served.
#[derive(Clone)]
pub struct Service {
    desk: Desk,
}

impl Service {
    /// Over `app`, within `limits`.
    pub fn new(app: App, limits: Limits) -> Self {
        Self {
            desk: Desk::new(app, limits),
        }
    }

    /// All routes.
    pub fn router(&self) -> Router {
        let desk = self.desk.clone();
        Router::new()
            .merge(pages())
            .merge(api())
            .merge(operators::routes())
            .fallback(|headers: HeaderMap| async move {
                let known = PAGES.into_iter();
                let known = known.chain(operations::ALL.map(|operation| operation.path));
                let known: Vec<&str> = known.chain(OTHERS).collect();
                Problem::not_found(&known).respond(wants_html(&headers))
            })
            .method_not_allowed_fallback(|headers: HeaderMap| async move {
                Problem::method_not_allowed().respond(wants_html(&headers))
            })
            .layer(middleware::from_fn_with_state(desk.clone(), limits::guard))
            .layer(middleware::from_fn_with_state(
                desk.clone(),
                observe::observe,
            ))
            .layer(middleware::from_fn(harden))
            .with_state(desk)
    }

    /// Loads the inbox and notes what became of it; what goes wrong is logged, and yesterday's figures stay.
    /// Gives back whether there is a new snapshot.
    pub fn load(&self) -> bool {
        operators::load(&self.desk)
    }

    /// Makes what pages ask for ahead, aside from readers.
    pub fn warm(&self) {
        operators::warm(&self.desk);
    }

    /// Serves until `shutdown` is done; requests under way are answered first, and a load under way ends before its next file.
    pub async fn serve(
        &self,
        listener: tokio::net::TcpListener,
        shutdown: impl Future<Output = ()>,
    ) {
        let app = &self.desk.app;
        let stopping = async {
            shutdown.await;
            app.stop_loads();
        };
        listen::listen(listener, self.router(), &self.desk.limits, stopping).await;
    }
}

/// All routes over `app`, within the default limits.
pub fn router(app: App) -> Router {
    Service::new(app, Limits::default()).router()
}

/// Pages for people, and what stands on them.
fn pages() -> Router<Desk> {
    Router::new()
        .route("/", get(dashboards::first))
        .route("/dashboards/{id}", get(dashboards::named))
        .route(operations::EXPLANATION.path, get(dashboards::explanation))
        .route("/assets/dabiao.css", get(stylesheet))
        .route("/assets/dabiao.js", get(script))
}

/// Answers for programs: [`operations::ALL`].
fn api() -> Router<Desk> {
    Router::new()
        .route(operations::INDICATORS.path, get(reporting::indicators))
        .route(operations::DEFINITION.path, get(reporting::indicator))
        .route(operations::DATA.path, get(reporting::data))
        .route(operations::EXPLAIN.path, get(audit::explain))
        .route(operations::CHART_SVG.path, get(dashboards::svg))
        .route(operations::CHART_PNG.path, get(dashboards::png))
        .route(operations::LEDGER.path, get(audit::ledger))
        .route(operations::COMPLETENESS.path, get(reporting::completeness))
        .route(operations::FINDINGS.path, get(audit::findings))
        .route(operations::SNAPSHOTS.path, get(reporting::snapshots))
        .route(operations::DIFF.path, get(audit::diff))
        .route(operations::TARGETS.path, get(reporting::targets))
}

async fn stylesheet(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let render = |_: &App| Ok(Answer::new("text/css; charset=utf-8", STYLESHEET));
    desk.fixed("/assets/dabiao.css", headers, render).await
}

async fn script(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let render = |_: &App| Ok(Answer::new("text/javascript; charset=utf-8", SCRIPT));
    desk.fixed("/assets/dabiao.js", headers, render).await
}

/// Headers that keep a page to itself: nothing inline, nothing from elsewhere, no guessing of types.
async fn harden(request: Request<Body>, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 4] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
