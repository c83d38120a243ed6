//! What auditors ask: the worklist of findings, what stands behind a figure, the ledger and the bridge between two snapshots.

use super::answer::Answer;
use super::ask::{Ask, Read, Trial, always, trial};
use super::desk::Desk;
use super::operations::{DIFF, EXPLAIN, FINDINGS, Format, LEDGER};
use super::reporting::table_fits;
use crate::app::App;
use crate::indicators::rules::Wanted;
use crate::presentation::encode::{
    bridge, explain as encode_explanation, findings as encode_findings, ledger as encode_ledger,
};
use axum::extract::State;
use axum::response::Response;

/// Records an explanation lists where it is not told how many.
const RECORDS: usize = 50;

pub(super) async fn findings(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&FINDINGS, ask, always, |app, read| {
        let wanted = wanted(read, &["rule", "division", "department", "period"]);
        let as_of = read.value("as_of");
        let list = read.answered(
            || app.findings(&wanted, as_of),
            &of_findings(app, read, as_of),
        )?;
        let name = format!("findings_{}", list.snapshot);
        let media_type = read.format.media_type();
        Ok(match read.format {
            Format::Csv => Answer::new(media_type, encode_findings::csv(&list, read.bom()))
                .named(&format!("{name}.csv")),
            Format::Xlsx => {
                let programme = app.programme_of(&list.snapshot)?;
                Answer::new(media_type, encode_findings::xlsx(&list, &programme))
                    .named(&format!("{name}.xlsx"))
            }
            _ => Answer::new(media_type, encode_findings::json(&list)),
        })
    })
    .await
}

/// What is wanted of the worklist, of these parameters.
fn wanted(read: &Read, names: &[&str]) -> Wanted {
    let value = |name: &str| {
        let named = names.contains(&name);
        read.value(name).filter(|_| named).map(str::to_owned)
    };
    Wanted {
        rule: value("rule"),
        division: value("division"),
        department: value("department"),
        period: value("period"),
    }
}

fn of_findings<'a>(app: &'a App, read: &'a Read, as_of: Option<&'a str>) -> Vec<Trial<'a>> {
    let known = as_of.filter(|as_of| app.snapshot(Some(as_of)).is_ok());
    let names = ["rule", "division", "department", "period"];
    let mut trials = vec![trial("as_of", move || app.snapshot(as_of))];
    trials.extend(names.map(|name| {
        let wanted = wanted(read, &[name]);
        trial(name, move || app.findings(&wanted, known))
    }));
    trials
}

pub(super) async fn explain(State(desk): State<Desk>, ask: Ask) -> Response {
    // Lists without a limit are not kept: there may be millions of records.
    let limited = |read: &Read| read.value("records") != Some("all");
    let limits = desk.limits;
    desk.api(&EXPLAIN, ask, limited, move |app, read| {
        let most = match read.value("records") {
            Some("all") => None,
            number => Some(
                number
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(RECORDS),
            ),
        };
        let request = read.request(read.id());
        let as_of = read.value("as_of");
        let trials = read.of_figure(app, &request, as_of);
        // Mistakes of the request are told as those of the figure are.
        let table = read.answered(|| app.figures(&request, as_of), &trials)?;
        table_fits(&table, &limits)?;
        let explained = app.explain(&request, as_of, most)?;
        let media_type = read.format.media_type();
        Ok(Answer::new(
            media_type,
            encode_explanation::json(&explained),
        ))
    })
    .await
}

pub(super) async fn ledger(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&LEDGER, ask, always, |app, read| {
        let [by, period, scope, as_of] =
            ["by", "period", "scope", "as_of"].map(|name| read.value(name));
        let known = as_of.filter(|as_of| app.snapshot(Some(as_of)).is_ok());
        let trials = [
            trial("by", move || app.ledger(by, None, None, known)),
            trial("period", move || app.ledger(None, period, None, known)),
            trial("scope", move || app.ledger(None, None, scope, known)),
            trial("as_of", move || app.snapshot(as_of)),
        ];
        let ledger = read.answered(|| app.ledger(by, period, scope, as_of), &trials)?;
        let media_type = read.format.media_type();
        Ok(Answer::new(media_type, encode_ledger::json(&ledger)))
    })
    .await
}

pub(super) async fn diff(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&DIFF, ask, always, |app, read| {
        let [from, to] = ["from", "to"].map(|name| read.value(name));
        let indicators = read.values("indicator");
        let request = read.request("");
        let diff = read.answered(
            || {
                let [from, to] = [from, to].map(Option::unwrap_or_default);
                app.diff(from, to, &indicators, &request)
            },
            &of_diff(app, read, &indicators),
        )?;
        let name = format!("diff_{}_{}", diff.from.snapshot, diff.to.snapshot);
        let media_type = read.format.media_type();
        Ok(match read.format {
            Format::Csv => {
                Answer::new(media_type, bridge::csv(&diff)).named(&format!("{name}.csv"))
            }
            _ => Answer::new(media_type, bridge::json(&diff)),
        })
    })
    .await
}

/// The ends, the indicators, and what the first of these is asked with.
fn of_diff<'a>(app: &'a App, read: &'a Read, indicators: &[String]) -> Vec<Trial<'a>> {
    let [from, to] = ["from", "to"].map(|name| read.value(name));
    let is_known = |end: &&str| app.snapshot(Some(end)).is_ok();
    let newer = to.filter(is_known);
    let mut trials = vec![
        trial("from", move || app.snapshot(from)),
        trial("to", move || app.snapshot(to)),
    ];
    for id in indicators {
        let id = id.clone();
        trials.push(trial("indicator", move || app.indicator(&id, newer)));
    }
    // The rest is tried with an indicator that is there.
    let headlines = &app.programme().config.dashboard.headlines;
    let mut known = indicators.iter().chain(headlines);
    if let Some(first) = known.find(|id| app.indicator(id, newer).is_ok()) {
        let of_first = read.of_figure(app, &read.request(first), newer);
        // Its id and its snapshot have other names here.
        let own = |(name, _): &Trial<'_>| !["id", "as_of"].contains(name);
        trials.extend(of_first.into_iter().filter(own));
    }
    trials
}
