//! One line of log, one number of the request and one count for every request.

use super::desk::Desk;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Header that names a request, in the question and in the answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an address in the log.
const SHOWN_MAX: usize = 200;

pub(super) async fn observe(
    State(desk): State<Desk>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let id = request_id(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    let vary = HeaderValue::from_static("accept, accept-encoding");
    response.headers_mut().insert(header::VARY, vary);
    let status = response.status();
    let bytes = match method == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        true => 0,
        false => response.body().size_hint().exact().unwrap_or_default(),
    };
    let took = begun.elapsed();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    desk.meters
        .answered(route, word(&method), class(status), took);
    tracing::info!(
        method = word(&method),
        route,
        path = shown(uri.path()),
        query = shown(uri.query().unwrap_or_default()),
        status = status.as_u16(),
        ms = format_args!("{:.3}", took.as_secs_f64() * 1000.0),
        bytes,
        id = id.to_str().unwrap_or_default(),
        "request"
    );
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The id a reader gave its request, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    const LENGTH_MAX: usize = 64;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let given = headers.get(REQUEST_ID).filter(|id| {
        let bytes = id.as_bytes();
        !bytes.is_empty() && bytes.len() <= LENGTH_MAX && bytes.iter().all(|byte| plain(*byte))
    });
    given.cloned().unwrap_or_else(|| {
        let id = uuid::Uuid::now_v7().simple().to_string();
        HeaderValue::from_str(&id).expect("hexadecimal digits are a header value")
    })
}

/// The beginning of what was sent; it is percent-encoded, so that no line can be made up by it.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN_MAX)]
}

/// The method; what readers make up is one word.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
