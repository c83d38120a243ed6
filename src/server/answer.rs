//! Answers with a strong ETag from their content and coding.

use super::coding::Coding;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A rendered answer. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    body: Bytes,
    coding: Coding,
    content_type: &'static str,
    /// Of the bytes before they were coded, hexadecimal.
    digest: String,
    /// The digest, and the coding where there is one: two codings are two representations.
    etag: HeaderValue,
    /// Name under which a browser saves it, where it is a download.
    file: Option<HeaderValue>,
}

/// Below this nothing is won.
const CODED_MIN: usize = 256;

impl Answer {
    pub(super) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let digest = hex::encode(&Sha256::digest(&body)[..16]);
        Self {
            etag: etag(&digest, Coding::Identity),
            body,
            coding: Coding::Identity,
            content_type,
            digest,
            file: None,
        }
    }

    /// As a download under this name (ASCII).
    pub(super) fn named(mut self, name: &str) -> Self {
        self.file = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok();
        self
    }

    /// The same in a coding; as it is where nothing is won by it. Of an answer that is not coded yet.
    pub(super) fn coded(&self, coding: Coding) -> Self {
        if coding == Coding::Identity || self.body.len() < CODED_MIN || is_packed(self.content_type)
        {
            return self.clone();
        }
        let body = Bytes::from(coding.apply(&self.body));
        if body.len() >= self.body.len() {
            return self.clone();
        }
        Self {
            body,
            coding,
            etag: etag(&self.digest, coding),
            ..self.clone()
        }
    }

    /// Bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        self.body.len() + size_of::<Self>() + self.digest.len() + self.etag.len()
    }

    /// The answer, or 304 where the reader has it.
    pub(super) fn respond(&self, headers: &HeaderMap) -> Response {
        let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|sent| {
            let tags = sent.to_str().unwrap_or_default().split(',').map(str::trim);
            tags.into_iter().any(|tag| {
                tag == "*" || tag.trim_start_matches("W/").as_bytes() == self.etag.as_bytes()
            })
        });
        let mut response = match known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => (
                [(header::CONTENT_TYPE, self.content_type)],
                self.body.clone(),
            )
                .into_response(),
        };
        let sent = response.headers_mut();
        sent.insert(header::ETAG, self.etag.clone());
        sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(token) = self.coding.token().filter(|_| !known) {
            sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        if let Some(file) = self.file.as_ref().filter(|_| !known) {
            sent.insert(header::CONTENT_DISPOSITION, file.clone());
        }
        response
    }
}

fn etag(digest: &str, coding: Coding) -> HeaderValue {
    let tag = match coding.token() {
        None => format!("\"{digest}\""),
        Some(token) => format!("\"{digest}-{token}\""),
    };
    HeaderValue::from_str(&tag).expect("hexadecimal digits and a word are a header value")
}

/// Whether bytes of this type are compressed already.
fn is_packed(content_type: &str) -> bool {
    let plain = ["text/", "application/json", "image/svg+xml"];
    !plain.iter().any(|start| content_type.starts_with(start))
}
