//! What one request, and all of them together, may take.

use super::desk::{Desk, wants_html};
use super::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, header};
use axum::middleware::Next;
use axum::response::Response;
use std::num::NonZero;
use std::time::Duration;

/// Sizes, numbers and times; the defaults suit an office on one machine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of an address.
    pub address_bytes: usize,
    /// Bytes of all headers.
    pub header_bytes: usize,
    /// Bytes of a body.
    pub body_bytes: u64,
    /// Rows of a breakdown.
    pub rows: usize,
    /// Answers rendered at the same time.
    pub renders: usize,
    /// Answers that wait to be rendered; further ones are refused.
    pub waiting: usize,
    /// How long a reader waits for an answer, waiting for others included.
    pub render_time: Duration,
    /// Bytes of answers that are kept.
    pub kept_bytes: usize,
    /// Connections open at the same time.
    pub connections: usize,
    /// How long a connection may take to send the head of a request, or lie idle.
    pub head_time: Duration,
    /// How long requests under way may take once the program is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
        Self {
            address_bytes: 8 << 10,
            header_bytes: 32 << 10,
            body_bytes: 64 << 10,
            rows: 100_000,
            renders: cores.max(2),
            waiting: 64,
            render_time: Duration::from_secs(30),
            kept_bytes: 128 << 20,
            connections: 1024,
            head_time: Duration::from_secs(30),
            grace: Duration::from_secs(30),
        }
    }
}

/// Refuses requests that are larger than any of ours.
pub(super) async fn guard(
    State(desk): State<Desk>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let refused = refused(&desk.limits, &request);
    match refused {
        Some(problem) => problem.respond(wants_html(request.headers())),
        None => next.run(request).await,
    }
}

fn refused(limits: &Limits, request: &Request<Body>) -> Option<Problem> {
    let uri = request.uri();
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > limits.address_bytes {
        return Some(Problem::address_too_long(limits.address_bytes));
    }
    let headers = request.headers();
    let bytes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if bytes.sum::<usize>() > limits.header_bytes {
        return Some(Problem::headers_too_large(limits.header_bytes));
    }
    (body_bytes(headers) > limits.body_bytes).then(|| Problem::body_too_large(limits.body_bytes))
}

/// The length a body is said to have; one that is not said is read by nobody.
fn body_bytes(headers: &HeaderMap) -> u64 {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    length
        .and_then(|length| length.parse().ok())
        .unwrap_or_default()
}
