//! Answers with a strong ETag from their content; rendered once per snapshot and address.

use super::problem::Problem;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A rendered answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    body: Bytes,
    content_type: &'static str,
    etag: HeaderValue,
    /// Name under which a browser saves it, where it is a download.
    file: Option<HeaderValue>,
}

impl Answer {
    pub(super) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
        let etag = HeaderValue::from_str(&etag).expect("hexadecimal digits are a header value");
        Self {
            body,
            content_type,
            etag,
            file: None,
        }
    }

    /// As a download under this name (ASCII).
    pub(super) fn named(mut self, name: &str) -> Self {
        self.file = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok();
        self
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
        if let Some(file) = self.file.as_ref().filter(|_| !known) {
            sent.insert(header::CONTENT_DISPOSITION, file.clone());
        }
        response
    }
}

/// Answers kept; an answer of a snapshot is right for ever, so they are only dropped for room.
const KEPT_MAX: usize = 1024;

/// Rendered answers by snapshot and address.
#[derive(Debug, Default)]
pub(super) struct Kept {
    answers: Mutex<HashMap<(String, String), Answer>>,
}

impl Kept {
    /// The kept answer, or the one `render` makes.
    ///
    /// # Errors
    /// As `render`.
    pub(super) fn get(
        &self,
        snapshot: &str,
        address: &str,
        render: impl FnOnce() -> Result<Answer, Problem>,
    ) -> Result<Answer, Problem> {
        let key = (snapshot.to_owned(), address.to_owned());
        if let Some(answer) = self
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return Ok(answer.clone());
        }
        let answer = render()?;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT_MAX {
            answers.clear();
        }
        answers.insert(key, answer.clone());
        Ok(answer)
    }
}
