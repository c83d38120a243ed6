//! `/api/v1/diff?from=…&to=…[&indicator=…]`: the revision bridge, as `dabiao diff` prints it.

use super::answer::Answer;
use super::params::Pairs;
use super::problem::{Mistake, Problem};
use super::{Desk, accepted, answer};
use crate::presentation::encode::bridge;
use crate::programme::Text;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

/// What is asked for besides a selection of figures.
const OWN: [&str; 3] = ["from", "to", "indicator"];

pub(super) async fn diff(
    State(desk): State<Desk>,
    uri: Uri,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let accepted = accepted(&headers);
    let address = format!("{uri} {accepted}");
    let (own, pairs): (Pairs, Pairs) = pairs
        .into_iter()
        .partition(|(name, _)| OWN.contains(&name.as_str()));
    answer(desk, address, "", pairs, headers, move |app, asked| {
        let [from, to] = ["from", "to"].map(|end| {
            let given = own.iter().find(|(name, _)| name == end);
            given.map_or("", |(_, value)| value.as_str())
        });
        let named = own.iter().filter(|(name, _)| name == "indicator");
        let indicators: Vec<String> = named
            .flat_map(|(_, value)| value.split(','))
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect();
        refuse_what_is_missing(from, to, asked.as_of.is_some())?;
        let diff = app.diff(from, to, &indicators, &asked.request)?;
        let name = format!("diff_{}_{}", diff.from.snapshot, diff.to.snapshot);
        match asked.format.as_deref().unwrap_or(accepted) {
            "csv" => Ok(Answer::new("text/csv; charset=utf-8", bridge::csv(&diff))
                .named(&format!("{name}.csv"))),
            _ => Ok(Answer::new("application/json", bridge::json(&diff))),
        }
    })
    .await
}

/// Both snapshots are named by `from` and `to`, and by nothing else.
fn refuse_what_is_missing(from: &str, to: &str, as_of: bool) -> Result<(), Problem> {
    let missing = [("from", from), ("to", to)]
        .into_iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(name, _)| Mistake {
            parameter: name.to_owned(),
            message: Text::new(
                "应为快照编号、日期或时刻",
                "name a snapshot by its id, a day or an instant",
            ),
        });
    let superfluous = as_of.then(|| Mistake {
        parameter: "as_of".to_owned(),
        message: Text::new("请用 from 和 to", "use from and to"),
    });
    let mistakes: Vec<Mistake> = missing.chain(superfluous).collect();
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(Problem::bad_request(mistakes)),
    }
}
