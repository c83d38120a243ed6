//! Errors as problem+json (RFC 9457) for programs and as a short page for people.

use crate::app::Error;
use crate::programme::Text;
use axum::http::{HeaderValue, StatusCode, header};
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
    /// Seconds after which it is worth asking again.
    retry_after: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, title: Text) -> Self {
        Self {
            status,
            title,
            mistakes: vec![],
            retry_after: None,
        }
    }

    /// The request is wrong; 404 where the path names what is not there.
    pub(super) fn bad_request(mistakes: Vec<Mistake>) -> Self {
        let unknown = mistakes.iter().any(|mistake| mistake.parameter == "id");
        let status = match unknown {
            true => StatusCode::NOT_FOUND,
            false => StatusCode::BAD_REQUEST,
        };
        Self {
            mistakes,
            ..Self::new(status, Text::new("请求有误", "the request is wrong"))
        }
    }

    /// There is no such page.
    pub(super) fn not_found<S: AsRef<str>>(known: &[S]) -> Self {
        let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
        let known = known.join(" ");
        Self::new(
            StatusCode::NOT_FOUND,
            Text::new(
                format!("没有这个页面；可用: {known}"),
                format!("there is no such page; valid: {known}"),
            ),
        )
    }

    /// The address is not UTF-8 once it is decoded.
    pub(super) fn address_unreadable() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            Text::new(
                "地址中的百分号编码不是 UTF-8",
                "the percent-encoding of the address is not UTF-8",
            ),
        )
    }

    /// The page is there, and takes other methods.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Text::new(
                "这个地址只能读取；可用: GET、HEAD",
                "this address can only be read; valid: GET, HEAD",
            ),
        )
    }

    /// The address is longer than any of ours.
    pub(super) fn address_too_long(bytes_max: usize) -> Self {
        Self::new(
            StatusCode::URI_TOO_LONG,
            Text::new(
                format!("地址过长；最多 {bytes_max} 字节"),
                format!("the address is too long; at most {bytes_max} bytes"),
            ),
        )
    }

    /// There are more headers than any of our readers sends.
    pub(super) fn headers_too_large(bytes_max: usize) -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Text::new(
                format!("请求头过大；最多 {bytes_max} 字节"),
                format!("the headers are too large; at most {bytes_max} bytes"),
            ),
        )
    }

    /// The body is larger than any we take.
    pub(super) fn body_too_large(bytes_max: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Text::new(
                format!("请求体过大；最多 {bytes_max} 字节"),
                format!("the body is too large; at most {bytes_max} bytes"),
            ),
        )
    }

    /// Nothing can be served yet.
    pub(super) fn unavailable(title: Text) -> Self {
        Self {
            retry_after: Some(60),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, title)
        }
    }

    /// More readers wait than will be answered soon.
    pub(super) fn too_busy() -> Self {
        Self {
            retry_after: Some(2),
            ..Self::unavailable(Text::new(
                "正在计算的答复过多，请稍后再试",
                "too many answers are being made: try again shortly",
            ))
        }
    }

    /// The answer takes longer than a reader should wait.
    pub(super) fn too_slow() -> Self {
        Self {
            retry_after: Some(10),
            ..Self::unavailable(Text::new(
                "答复尚未算完，仍在计算，请稍后再试",
                "the answer takes long and is still being made: try again shortly",
            ))
        }
    }

    /// The reader learns that it failed; why is for the operator, who finds it in the log.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Text::new("内部错误，已记录", "an internal error; it was logged"),
        )
    }

    /// As a page for browsers or as problem+json.
    pub(super) fn respond(&self, html: bool) -> Response {
        let (kind, body) = match html {
            true => ("text/html; charset=utf-8", self.html()),
            false => ("application/problem+json", self.json()),
        };
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
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
            Error::Definitions { snapshot, .. } => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                Text::new(
                    format!("快照 {snapshot} 发布时的口径定义本版本无法读取"),
                    format!(
                        "this version cannot read the definitions snapshot {snapshot} was published with"
                    ),
                ),
            ),
            other => {
                tracing::error!(error = %other, "a request failed");
                Self::internal()
            }
        }
    }
}
