//! Errors as problem+json (RFC 9457) for programs and as a short page for people.

use crate::app::Error;
use crate::programme::Text;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// One mistake of a request.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    pub(super) parameter: String,
    pub(super) message: Text,
}

/// Why a request was not answered.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    title: Text,
    mistakes: Vec<Mistake>,
}

impl Problem {
    /// The request is wrong.
    pub(super) fn bad_request(mistakes: Vec<Mistake>) -> Self {
        let unknown = mistakes.iter().all(|mistake| mistake.parameter == "id");
        Self {
            status: if unknown {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::BAD_REQUEST
            },
            title: Text::new("请求有误", "the request is wrong"),
            mistakes,
        }
    }

    /// There is no such page.
    pub(super) fn not_found<S: AsRef<str>>(known: &[S]) -> Self {
        let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
        let known = known.join(" ");
        Self {
            status: StatusCode::NOT_FOUND,
            title: Text::new(
                format!("没有这个页面；可用: {known}"),
                format!("there is no such page; valid: {known}"),
            ),
            mistakes: vec![],
        }
    }

    /// Something of ours failed; it was logged.
    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "an answer could not be made");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: Text::new("内部错误，已记录", "an internal error; it was logged"),
            mistakes: vec![],
        }
    }

    /// Nothing can be served yet.
    pub(super) fn unavailable(title: Text) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title,
            mistakes: vec![],
        }
    }

    /// As a page for browsers or as problem+json.
    pub(super) fn respond(&self, html: bool) -> Response {
        match html {
            true => (
                self.status,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                self.html(),
            )
                .into_response(),
            false => (
                self.status,
                [(header::CONTENT_TYPE, "application/problem+json")],
                self.json(),
            )
                .into_response(),
        }
    }

    fn json(&self) -> String {
        let errors: Vec<_> = self
            .mistakes
            .iter()
            .map(|mistake| json!({ "parameter": mistake.parameter, "message": mistake.message }))
            .collect();
        json!({ "type": "about:blank", "title": self.title.en, "title_zh": self.title.zh, "status": self.status.as_u16(), "errors": errors }).to_string()
    }

    fn html(&self) -> String {
        let mistakes: String = self
            .mistakes
            .iter()
            .map(|mistake| {
                format!(
                    "<li><code>{}</code> {} / {}</li>",
                    escape(&mistake.parameter),
                    escape(&mistake.message.zh),
                    escape(&mistake.message.en)
                )
            })
            .collect();
        format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>达标</title><link rel=\"stylesheet\" href=\"/assets/dabiao.css\"></head><body><main><h1>{} / {}</h1><ul>{mistakes}</ul><p><a href=\"/\">总览 Overview</a></p></main></body></html>",
            escape(&self.title.zh),
            escape(&self.title.en),
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Empty => Self::unavailable(Text::new(
                "尚未入库，请先运行 dabiao ingest",
                "nothing has been loaded yet: run dabiao ingest",
            )),
            Error::Request(message) => Self::bad_request(vec![Mistake {
                parameter: String::new(),
                message,
            }]),
            Error::Definitions { snapshot, .. } => Self {
                status: StatusCode::NOT_IMPLEMENTED,
                title: Text::new(
                    format!("快照 {snapshot} 发布时的口径定义本版本无法读取"),
                    format!(
                        "this version cannot read the definitions snapshot {snapshot} was published with"
                    ),
                ),
                mistakes: vec![],
            },
            other => {
                // The reader learns that it failed; why is for the operator.
                tracing::error!(error = %other, "a request failed");
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    title: Text::new("内部错误，已记录", "an internal error; it was logged"),
                    mistakes: vec![],
                }
            }
        }
    }
}
