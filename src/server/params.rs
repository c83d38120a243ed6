//! Query parameters to requests; every mistake is told, not the first.

use super::problem::{Mistake, Problem};
use crate::app::{App, Error};
use crate::indicators;
use crate::indicators::table::{Request, Table, View};
use crate::programme::{Language, Text};
use std::sync::Arc;

/// The parameters of a request in order, percent-decoded.
pub(super) type Pairs = Vec<(String, String)>;

/// What a reader asks of a page or an answer besides figures.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) as_of: Option<String>,
    pub(super) format: Option<String>,
    pub(super) language: Language,
    pub(super) bom: bool,
}

/// Parameters every path takes.
const KNOWN: [&str; 11] = [
    "by", "where", "period", "scope", "view", "compare", "as_of", "format", "lang", "bom", "width",
];

/// Reads the parameters.
///
/// # Errors
/// Every parameter that is unknown or cannot be read.
pub(super) fn read(indicator: &str, pairs: &Pairs) -> Result<Asked, Problem> {
    let mut asked = Asked {
        bom: true,
        ..Asked::default()
    };
    asked.request.indicator = indicator.to_owned();
    let mut mistakes = Vec::new();
    for (name, value) in pairs {
        let mut refuse = |zh: String, en: String| {
            mistakes.push(Mistake {
                parameter: name.clone(),
                message: Text::new(zh, en),
            })
        };
        match name.as_str() {
            _ if value.is_empty() && KNOWN.contains(&name.as_str()) => {}
            "by" => asked.request.by.extend(value.split(',').map(str::to_owned)),
            "where" => match value.split_once('=') {
                Some((dimension, codes)) => {
                    asked.request.filters.push((
                        dimension.to_owned(),
                        codes.split(',').map(str::to_owned).collect(),
                    ));
                }
                None => refuse(
                    format!("应写作 where=维度=代码，不是 {value}"),
                    format!("write where=DIM=CODE, not {value}"),
                ),
            },
            "period" => asked.request.period = Some(value.clone()),
            "scope" => asked.request.scope = Some(value.clone()),
            "view" => match View::ALL
                .into_iter()
                .find(|view| view.code() == value.as_str())
            {
                Some(view) => asked.request.view = view,
                None => refuse(
                    format!("没有视角 {value}；可用: as_was、as_is"),
                    format!("there is no view {value}; valid: as_was, as_is"),
                ),
            },
            "compare" => match indicators::comparisons(value.split(',')) {
                Ok(compare) => asked.request.compare.extend(compare),
                Err(error) => {
                    if let Error::Request(message) = Error::from(error) {
                        refuse(message.zh, message.en);
                    }
                }
            },
            "as_of" => asked.as_of = Some(value.clone()),
            "format" if ["json", "csv", "xlsx"].contains(&value.as_str()) => {
                asked.format = Some(value.clone())
            }
            "format" => refuse(
                format!("没有格式 {value}；可用: json、csv、xlsx"),
                format!("there is no format {value}; valid: json, csv, xlsx"),
            ),
            "lang" if value == "en" => asked.language = Language::En,
            "lang" if value.starts_with("zh") => asked.language = Language::Zh,
            "lang" => refuse(
                format!("没有语言 {value}；可用: zh、en"),
                format!("there is no language {value}; valid: zh, en"),
            ),
            "bom" => asked.bom = value != "0",
            "width" => {}
            _ => refuse(
                format!("没有参数 {name}；可用: {}", KNOWN.join("、")),
                format!("there is no parameter {name}; valid: {}", KNOWN.join(", ")),
            ),
        }
    }
    match mistakes.is_empty() {
        true => Ok(asked),
        false => Err(Problem::bad_request(mistakes)),
    }
}

/// The figures asked for.
///
/// # Errors
/// What the request names and is not there, each thing by its parameter.
pub(super) fn figures(app: &App, asked: &Asked) -> Result<Arc<Table>, Problem> {
    app.figures(&asked.request, asked.as_of.as_deref())
        .map_err(|error| match error {
            Error::Request(message) => Problem::bad_request(mistakes(app, asked, message)),
            other => Problem::from(other),
        })
}

/// Tries every parameter by itself, so that all mistakes of a request are told at once.
fn mistakes(app: &App, asked: &Asked, first: Text) -> Vec<Mistake> {
    let base = Request {
        indicator: asked.request.indicator.clone(),
        ..Request::default()
    };
    let alone = [
        (
            "period",
            Request {
                period: asked.request.period.clone(),
                ..base.clone()
            },
            None,
        ),
        (
            "scope",
            Request {
                scope: asked.request.scope.clone(),
                ..base.clone()
            },
            None,
        ),
        (
            "by",
            Request {
                by: asked.request.by.clone(),
                ..base.clone()
            },
            None,
        ),
        (
            "where",
            Request {
                filters: asked.request.filters.clone(),
                ..base.clone()
            },
            None,
        ),
        ("as_of", base.clone(), asked.as_of.as_deref()),
    ];
    let missing_indicator = matches!(app.figures(&base, None), Err(Error::Request(_)));
    if missing_indicator {
        return vec![Mistake {
            parameter: "id".to_owned(),
            message: first,
        }];
    }
    let found = alone.into_iter().filter_map(|(parameter, request, as_of)| {
        match app.figures(&request, as_of) {
            Err(Error::Request(message)) => Some(Mistake {
                parameter: parameter.to_owned(),
                message,
            }),
            _ => None,
        }
    });
    let found: Vec<Mistake> = found.collect();
    match found.is_empty() {
        true => vec![Mistake {
            parameter: String::new(),
            message: first,
        }],
        false => found,
    }
}
