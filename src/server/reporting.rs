//! Figures and what they are held against: data, completeness, targets, definitions and snapshots, as the command line tells them.

use super::answer::Answer;
use super::ask::{Ask, always, trial};
use super::desk::Desk;
use super::limits::Limits;
use super::operations::{COMPLETENESS, DATA, DEFINITION, Format, INDICATORS, SNAPSHOTS, TARGETS};
use super::problem::{Mistake, Problem};
use crate::indicators::table::Table;
use crate::presentation::encode;
use crate::presentation::encode::{completeness as encode_completeness, targets as encode_targets};
use crate::programme::Text;
use axum::extract::State;
use axum::response::Response;

pub(super) async fn indicators(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&INDICATORS, ask, always, |app, read| {
        let as_of = read.value("as_of");
        let listed = read.answered(
            || app.indicators(as_of),
            &[trial("as_of", move || app.indicators(as_of))],
        )?;
        let media_type = read.format.media_type();
        Ok(Answer::new(media_type, encode::catalog::list(&listed)))
    })
    .await
}

pub(super) async fn indicator(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&DEFINITION, ask, always, |app, read| {
        let (id, as_of) = (read.id(), read.value("as_of"));
        let known = as_of.filter(|as_of| app.snapshot(Some(as_of)).is_ok());
        let found = read.answered(
            || app.indicator(id, as_of),
            &[
                trial("id", move || app.indicator(id, known)),
                trial("as_of", move || app.indicators(as_of)),
            ],
        )?;
        let media_type = read.format.media_type();
        Ok(Answer::new(media_type, encode::catalog::json(&found)))
    })
    .await
}

pub(super) async fn data(State(desk): State<Desk>, ask: Ask) -> Response {
    let limits = desk.limits;
    desk.api(&DATA, ask, always, move |app, read| {
        let request = read.request(read.id());
        let as_of = read.value("as_of");
        let trials = read.of_figure(app, &request, as_of);
        let table = read.answered(|| app.figures(&request, as_of), &trials)?;
        table_fits(&table, &limits)?;
        let name = format!("{}_{}_{}", table.indicator, table.period, table.snapshot)
            .replace([':', '/'], "-");
        let media_type = read.format.media_type();
        Ok(match read.format {
            Format::Csv => Answer::new(media_type, encode::csv::csv(&table, read.bom()))
                .named(&format!("{name}.csv")),
            Format::Xlsx => {
                let programme = app.programme_of(&table.snapshot)?;
                Answer::new(media_type, encode::xlsx::xlsx(&table, &programme))
                    .named(&format!("{name}.xlsx"))
            }
            _ => Answer::new(media_type, encode::json::json(&table)),
        })
    })
    .await
}

/// Refuses a breakdown that no page or program takes at once.
///
/// # Errors
/// When it has more rows than the limit.
pub(super) fn table_fits(table: &Table, limits: &Limits) -> Result<(), Problem> {
    let (rows, most) = (table.rows.len(), limits.rows);
    if rows <= most {
        return Ok(());
    }
    Err(Problem::bad_request(vec![Mistake {
        parameter: "by".to_owned(),
        message: Text::new(
            format!(
                "共 {rows} 行，超过 {most} 行；请少分几个维度，或用 where 限定，或用命令行 dabiao query"
            ),
            format!(
                "{rows} rows, more than {most}: name fewer dimensions, narrow it by where, or use dabiao query"
            ),
        ),
    }]))
}

pub(super) async fn completeness(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&COMPLETENESS, ask, always, |app, read| {
        let [period, as_of] = ["period", "as_of"].map(|name| read.value(name));
        let known = as_of.filter(|as_of| app.snapshot(Some(as_of)).is_ok());
        let found = read.answered(
            || app.completeness(period, as_of),
            &[
                trial("period", move || app.completeness(period, known)),
                trial("as_of", move || app.snapshot(as_of)),
            ],
        )?;
        let media_type = read.format.media_type();
        Ok(match read.format {
            Format::Csv => Answer::new(media_type, encode_completeness::csv(&found, read.bom()))
                .named(&format!("completeness_{}.csv", found.snapshot)),
            _ => Answer::new(media_type, encode_completeness::json(&found)),
        })
    })
    .await
}

pub(super) async fn targets(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&TARGETS, ask, always, |app, read| {
        let as_of = read.value("as_of");
        let standing = read.answered(
            || app.targets(as_of),
            &[trial("as_of", move || app.snapshot(as_of))],
        )?;
        let media_type = read.format.media_type();
        Ok(Answer::new(media_type, encode_targets::json(&standing)))
    })
    .await
}

pub(super) async fn snapshots(State(desk): State<Desk>, ask: Ask) -> Response {
    desk.api(&SNAPSHOTS, ask, always, |app, read| {
        let listed = read.answered(|| app.snapshots(), &[])?;
        let media_type = read.format.media_type();
        Ok(Answer::new(media_type, encode::snapshots::json(&listed)))
    })
    .await
}
