//! axum: routes, each one call into the library, each answer a value that was rendered elsewhere.

mod answer;
mod audit;
mod dashboards;
mod diff;
mod params;
mod problem;
mod reporting;
pub mod schedule;

use crate::app::App;
use crate::presentation::{SCRIPT, STYLESHEET, encode};
use answer::{Answer, Kept};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Body};
use params::{Asked, Pairs};
use problem::Problem;
use std::sync::Arc;

/// What handlers share.
#[derive(Clone)]
struct Desk {
    app: App,
    kept: Arc<Kept>,
}

/// Pages and answers there are, for those who ask for another.
const PATHS: [&str; 14] = [
    "/",
    "/dashboards/{id}",
    "/explain/{id}",
    "/api/v1/indicators/{id}/chart.svg",
    "/api/v1/indicators/{id}/chart.png",
    "/api/v1/indicators",
    "/api/v1/indicators/{id}/data",
    "/api/v1/diff",
    "/api/v1/completeness",
    "/api/v1/targets",
    "/api/v1/indicators/{id}/explain",
    "/api/v1/findings",
    "/healthz",
    "/readyz",
];

/// All routes over `app`.
pub fn router(app: App) -> Router {
    let desk = Desk {
        app,
        kept: Arc::default(),
    };
    Router::new()
        .route("/", get(first_page))
        .route("/dashboards/{id}", get(page))
        .route("/explain/{id}", get(explained))
        .route("/api/v1/indicators/{id}/chart.svg", get(svg))
        .route("/api/v1/indicators/{id}/chart.png", get(png))
        .route("/api/v1/indicators", get(indicators))
        .route("/api/v1/indicators/{id}/data", get(data))
        .route("/api/v1/diff", get(diff::diff))
        .route("/api/v1/completeness", get(reporting::completeness))
        .route("/api/v1/targets", get(reporting::targets))
        .route("/api/v1/indicators/{id}/explain", get(audit::explain))
        .route("/api/v1/findings", get(audit::findings))
        .route("/assets/dabiao.css", get(stylesheet))
        .route("/assets/dabiao.js", get(script))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .fallback(|headers: HeaderMap| async move {
            Problem::not_found(&PATHS).respond(wants_html(&headers))
        })
        .layer(middleware::from_fn(harden))
        .with_state(desk)
}

/// Serves until `shutdown` is done; requests under way are answered first.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    app: App,
    listener: tokio::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(app))
        .with_graceful_shutdown(shutdown)
        .await
}

async fn first_page(
    State(desk): State<Desk>,
    uri: Uri,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    rendered(desk, Some(uri.to_string()), headers, move |app| {
        dashboards::page(app, None, &pairs)
    })
    .await
}

async fn page(
    State(desk): State<Desk>,
    uri: Uri,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    rendered(desk, Some(uri.to_string()), headers, move |app| {
        dashboards::page(app, Some(&id), &pairs)
    })
    .await
}

async fn explained(
    State(desk): State<Desk>,
    uri: Uri,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    answer(
        desk,
        uri.to_string(),
        &id,
        pairs,
        headers,
        dashboards::explained,
    )
    .await
}

async fn svg(
    desk: State<Desk>,
    uri: Uri,
    id: Path<String>,
    pairs: Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    chart(desk, uri, id, pairs, headers, false).await
}

async fn png(
    desk: State<Desk>,
    uri: Uri,
    id: Path<String>,
    pairs: Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    chart(desk, uri, id, pairs, headers, true).await
}

async fn chart(
    State(desk): State<Desk>,
    uri: Uri,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
    png: bool,
) -> Response {
    let (own, pairs): (Pairs, Pairs) = pairs
        .into_iter()
        .partition(|(name, _)| ["view", "width"].contains(&name.as_str()));
    answer(
        desk,
        uri.to_string(),
        &id,
        pairs,
        headers,
        move |app, asked| {
            let of = |wanted: &str| {
                let given = own
                    .iter()
                    .find(|(name, value)| name == wanted && !value.is_empty());
                given.map(|(_, value)| value.as_str())
            };
            dashboards::chart(app, asked, of("view"), of("width"), png)
        },
    )
    .await
}

async fn data(
    State(desk): State<Desk>,
    uri: Uri,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let accepted = accepted(&headers);
    let address = format!("{uri} {accepted}");
    answer(
        desk,
        address,
        &id.clone(),
        pairs,
        headers,
        move |app, asked| {
            let table = params::figures(app, asked)?;
            let name = format!("{}_{}_{}", table.indicator, table.period, table.snapshot)
                .replace([':', '/'], "-");
            Ok(match asked.format.as_deref().unwrap_or(accepted) {
                "csv" => Answer::new(
                    "text/csv; charset=utf-8",
                    encode::csv::csv(&table, asked.bom),
                )
                .named(&format!("{name}.csv")),
                "xlsx" => {
                    let programme = app.programme_of(&table.snapshot)?;
                    Answer::new(XLSX, encode::xlsx::xlsx(&table, &programme))
                        .named(&format!("{name}.xlsx"))
                }
                _ => Answer::new("application/json", encode::json::json(&table)),
            })
        },
    )
    .await
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The format a reader's program asks for.
fn accepted(headers: &HeaderMap) -> &'static str {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    match accept {
        accept if accept.contains("text/csv") => "csv",
        accept if accept.contains(XLSX) => "xlsx",
        _ => "json",
    }
}

async fn indicators(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let catalog = &desk.app.project().definitions.catalog;
    let programme = desk.app.programme();
    let listed: Vec<_> = catalog
        .iter()
        .map(|indicator| {
            serde_json::json!({
                "id": indicator.id, "title": indicator.title, "unit": indicator.unit, "kind": indicator.kind.to_string(),
                "clause": indicator.clause, "note": indicator.note, "definition": indicator.digest,
                "dimensions": catalog.dimensions(programme, &indicator.id),
            })
        })
        .collect();
    Answer::new(
        "application/json",
        serde_json::json!({ "indicators": listed }).to_string(),
    )
    .respond(&headers)
}

async fn stylesheet(headers: HeaderMap) -> Response {
    Answer::new("text/css; charset=utf-8", STYLESHEET).respond(&headers)
}

async fn script(headers: HeaderMap) -> Response {
    Answer::new("text/javascript; charset=utf-8", SCRIPT).respond(&headers)
}

async fn ready(State(desk): State<Desk>) -> Response {
    let checked = tokio::task::spawn_blocking(move || desk.app.freshness(None));
    match checked.await {
        Ok(Ok(freshness)) => freshness.snapshot.into_response(),
        Ok(Err(error)) => Problem::from(error).respond(false),
        Err(_) => {
            Problem::unavailable(crate::programme::Text::new("正在停止", "stopping")).respond(false)
        }
    }
}

/// [`rendered`] with the parameters of a figure.
async fn answer(
    desk: Desk,
    address: String,
    indicator: &str,
    pairs: Pairs,
    headers: HeaderMap,
    render: impl FnOnce(&App, &Asked) -> Result<Answer, Problem> + Send + 'static,
) -> Response {
    let indicator = indicator.to_owned();
    rendered(desk, Some(address), headers, move |app| {
        render(app, &params::read(&indicator, &pairs)?)
    })
    .await
}

/// Renders off the async threads, keeps the answer by snapshot and address (where it has one), and tells problems in the reader's
/// form.
async fn rendered(
    desk: Desk,
    address: Option<String>,
    headers: HeaderMap,
    render: impl FnOnce(&App) -> Result<Answer, Problem> + Send + 'static,
) -> Response {
    let rendered = tokio::task::spawn_blocking(move || {
        let Some(address) = address else {
            return render(&desk.app);
        };
        let freshness = desk.app.freshness(None)?;
        // The page tells when the next load is due, and a night without new files publishes no snapshot.
        let state = format!("{} {:?}", freshness.snapshot, freshness.next_load);
        desk.kept.get(&state, &address, || render(&desk.app))
    });
    match rendered.await {
        Ok(Ok(answer)) => answer.respond(&headers),
        Ok(Err(problem)) => problem.respond(wants_html(&headers)),
        Err(error) => {
            tracing::error!(%error, "a request panicked");
            Problem::unavailable(crate::programme::Text::new(
                "内部错误，已记录",
                "an internal error; it was logged",
            ))
            .respond(wants_html(&headers))
        }
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
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
