//! What auditors ask: the worklist of findings, and what stands behind a figure.

use super::answer::Answer;
use super::params::{self, Pairs};
use super::problem::{Mistake, Problem};
use super::{Desk, XLSX, accepted, rendered};
use crate::app::{App, Error};
use crate::indicators::rules::Wanted;
use crate::presentation::encode;
use crate::programme::Text;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

/// Parameters of the worklist.
const KNOWN: [&str; 7] = [
    "rule",
    "division",
    "department",
    "period",
    "as_of",
    "format",
    "bom",
];
/// Records an explanation lists where it is not told how many.
const RECORDS: usize = 50;

pub(super) async fn findings(
    State(desk): State<Desk>,
    uri: Uri,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let accepted = accepted(&headers);
    let address = format!("{uri} {accepted}");
    rendered(desk, Some(address), headers, move |app| {
        let value = |name: &str| {
            let found = pairs.iter().rev().find(|(known, _)| known == name);
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.is_empty())
        };
        let wanted = Wanted {
            rule: value("rule"),
            division: value("division"),
            department: value("department"),
            period: value("period"),
        };
        let format = value("format");
        let unknown = pairs
            .iter()
            .filter(|(name, _)| !KNOWN.contains(&name.as_str()));
        let mut mistakes: Vec<Mistake> = unknown
            .map(|(name, _)| Mistake {
                parameter: name.clone(),
                message: Text::new(
                    format!("没有参数 {name}；可用: {}", KNOWN.join("、")),
                    format!("there is no parameter {name}; valid: {}", KNOWN.join(", ")),
                ),
            })
            .collect();
        if let Some(format) = format
            .as_deref()
            .filter(|format| !["json", "csv", "xlsx"].contains(format))
        {
            mistakes.push(Mistake {
                parameter: "format".to_owned(),
                message: Text::new(
                    format!("没有格式 {format}；可用: json、csv、xlsx"),
                    format!("there is no format {format}; valid: json, csv, xlsx"),
                ),
            });
        }
        let as_of = value("as_of");
        mistakes.extend(mistaken(app, &wanted, as_of.as_deref())?);
        if !mistakes.is_empty() {
            return Err(Problem::bad_request(mistakes));
        }
        let list = app.findings(&wanted, as_of.as_deref())?;
        let name = format!("findings_{}", list.snapshot);
        Ok(match format.as_deref().unwrap_or(accepted) {
            "csv" => {
                let bom = value("bom").as_deref() != Some("0");
                Answer::new("text/csv; charset=utf-8", encode::findings::csv(&list, bom))
                    .named(&format!("{name}.csv"))
            }
            "xlsx" => Answer::new(XLSX, encode::findings::xlsx(&list, app.programme()))
                .named(&format!("{name}.xlsx")),
            _ => Answer::new("application/json", encode::findings::json(&list)),
        })
    })
    .await
}

/// What is wanted and not there: every parameter by itself, so that all mistakes are told at once.
fn mistaken(app: &App, wanted: &Wanted, as_of: Option<&str>) -> Result<Vec<Mistake>, Problem> {
    let only = |part: &dyn Fn(&mut Wanted)| {
        let mut only = Wanted::default();
        part(&mut only);
        only
    };
    let parts = [
        ("as_of", Wanted::default(), as_of),
        (
            "rule",
            only(&|only| only.rule.clone_from(&wanted.rule)),
            None,
        ),
        (
            "division",
            only(&|only| only.division.clone_from(&wanted.division)),
            None,
        ),
        (
            "department",
            only(&|only| only.department.clone_from(&wanted.department)),
            None,
        ),
        (
            "period",
            only(&|only| only.period.clone_from(&wanted.period)),
            None,
        ),
    ];
    let mut mistakes = Vec::new();
    for (parameter, wanted, as_of) in parts {
        match app.findings(&wanted, as_of) {
            Err(Error::Request(message)) => mistakes.push(Mistake {
                parameter: parameter.to_owned(),
                message,
            }),
            Err(other) => return Err(other.into()),
            Ok(_) => {}
        }
    }
    Ok(mistakes)
}

pub(super) async fn explain(
    State(desk): State<Desk>,
    uri: Uri,
    Path(id): Path<String>,
    Query(mut pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let told = pairs.iter().position(|(name, _)| name == "records");
    let told = told.map(|place| pairs.remove(place).1);
    // Lists without a limit are not kept: there may be millions of records.
    let address = (told.as_deref() != Some("all")).then(|| uri.to_string());
    rendered(desk, address, headers, move |app| {
        let most = match told.as_deref() {
            None | Some("") => Some(RECORDS),
            Some("all") => None,
            Some(number) => Some(number.parse().map_err(|_| {
                Problem::bad_request(vec![Mistake {
                    parameter: "records".to_owned(),
                    message: Text::new(
                        format!("records 应为条数或 all，不是 {number}"),
                        format!("records takes a number or all, not {number}"),
                    ),
                }])
            })?),
        };
        let asked = params::read(&id, &pairs)?;
        // Mistakes of the request are told as those of the figure are.
        params::figures(app, &asked)?;
        let explained = app.explain(&asked.request, asked.as_of.as_deref(), most)?;
        Ok(Answer::new(
            "application/json",
            encode::explain::json(&explained),
        ))
    })
    .await
}
