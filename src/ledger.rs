//! 计数台账: received → accepted → started → completed → counted, with the rule and clause of every step (CONTRACT Q55–Q57).

use crate::counting::Reason;
use crate::engine::schema::COUNTED_DATASET;
use crate::indicators::UNKNOWN;
pub use crate::indicators::ledger::{Ledger, Line};
use crate::lake::Snapshot;
use crate::programme::config::Scope;
use crate::programme::{Period, Programme};
use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, Expr, LazyFrame, PolarsError, SortMultipleOptions, coalesce, col, len,
    lit, when,
};
use std::collections::BTreeMap;

/// Why a ledger could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table could not be read.
    #[error(transparent)]
    Lake(#[from] crate::lake::Error),
    /// A table could not be summed.
    #[error("a table cannot be summed: {0}")]
    Frame(#[from] PolarsError),
}

/// Steps in their order; with a period only those from `accepted` on.
const STEPS: [&str; 10] = [
    "received",
    "rejected",
    "unchanged",
    "superseded",
    "withdrawn",
    "accepted",
    "started",
    "not_completed",
    "completed",
    "excluded",
];

/// The ledger of the training records of a snapshot, by the column `by` (all together without).
///
/// `received − rejected − unchanged − superseded − withdrawn = accepted`, `accepted − not_completed = completed`, and
/// `completed` less what the rules exclude is `counted`; `started` (any status but 报名) stands beside the subtraction.
///
/// # Errors
/// When the tables cannot be read.
pub fn ledger(
    snapshot: &Snapshot,
    programme: &Programme,
    by: Option<&str>,
    period: Option<&Period>,
    scope: &Scope,
) -> Result<Ledger, Error> {
    let column = by
        .and_then(|by| programme.dimension(by))
        .map(|dimension| dimension.column.as_str());
    let mut counts: BTreeMap<(Option<String>, usize, Option<String>), i64> = BTreeMap::new();
    let mut add = |frame: DataFrame| -> Result<(), Error> {
        for (key, count) in read_counts(&frame)? {
            *counts.entry(key).or_default() += count;
        }
        Ok(())
    };
    if period.is_none() {
        for part in intake_steps(snapshot, scope)? {
            add(grouped(part, column)?)?;
        }
    }
    if snapshot.has(COUNTED_DATASET) {
        let current = snapshot.scan(COUNTED_DATASET)?.filter(in_scope(scope));
        let current = match period {
            Some(period) => current.filter(within(period)),
            None => current,
        };
        for part in counting_steps(&current) {
            add(grouped(part, column)?)?;
        }
    }
    Ok(Ledger {
        period: period.map(ToString::to_string),
        scope: scope.id.clone(),
        snapshot: snapshot.id().as_str().to_owned(),
        by: by.map(str::to_owned),
        lines: lines(counts, programme, by, period.is_none()),
    })
}

/// A selection of current records: by column with the values let through (an empty text is a missing value), and by day.
#[derive(Debug, Clone, Copy, Default)]
pub struct Narrow<'a> {
    /// Columns and values.
    pub columns: &'a [(String, Vec<String>)],
    /// Days, where not every day of the period counts.
    pub days: Option<&'a [NaiveDate]>,
}

/// The ledger of the training records that `narrow` lets through, from `accepted` on, in a period; `None` where the records do
/// not have a column it names.
///
/// # Errors
/// As [`ledger`].
pub fn narrowed(
    snapshot: &Snapshot,
    programme: &Programme,
    period: &Period,
    scope: &Scope,
    narrow: Narrow<'_>,
) -> Result<Option<Vec<Line>>, Error> {
    if !snapshot.has(COUNTED_DATASET) {
        return Ok(None);
    }
    let mut current = snapshot.scan(COUNTED_DATASET)?;
    let known = current.collect_schema()?;
    if narrow
        .columns
        .iter()
        .any(|(column, _)| !known.contains(column))
    {
        return Ok(None);
    }
    let mut current = current.filter(in_scope(scope)).filter(within(period));
    for (column, values) in narrow.columns {
        let mut one_of = lit(false);
        for value in values {
            one_of = one_of.or(match value.as_str() {
                "" => col(column.as_str()).is_null(),
                value => col(column.as_str()).eq(lit(value.to_owned())),
            });
        }
        current = current.filter(one_of.fill_null(lit(false)));
    }
    if let Some(days) = narrow.days {
        let mut one_of = lit(false);
        for (first, last) in runs(days) {
            one_of = one_of.or(between(first, last));
        }
        current = current.filter(one_of);
    }
    let mut counts: BTreeMap<CountKey, i64> = BTreeMap::new();
    for part in counting_steps(&current) {
        for (key, count) in read_counts(&grouped(part, None)?)? {
            *counts.entry(key).or_default() += count;
        }
    }
    Ok(Some(lines(counts, programme, None, false)))
}

/// Runs of days that follow each other.
fn runs(days: &[NaiveDate]) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(*day) => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    runs
}

/// Columns every part has: `step`, `rule` and the dimension's column.
fn tagged(frame: LazyFrame, step: &str, rule: Expr) -> LazyFrame {
    let place = STEPS
        .iter()
        .position(|known| *known == step)
        .expect("steps are listed");
    let place = i64::try_from(place).expect("a short list");
    // A literal has the smallest type that holds it until it is cast.
    frame.with_columns([
        lit(place).cast(DataType::Int64).alias("step"),
        rule.cast(DataType::String).alias("step_rule"),
    ])
}

fn none() -> Expr {
    lit(polars::prelude::NULL)
}

/// Records that name a unit of the scope, or none at all: what cannot be placed is never left out.
fn in_scope(scope: &Scope) -> Expr {
    if scope.units.is_empty() {
        return lit(true);
    }
    let mut inside = col("division").is_null();
    for unit in &scope.units {
        inside = inside.or(col("division").eq(lit(unit.clone())));
    }
    inside
}

/// By end date, or by start date while a record is open (Q56).
fn within(period: &Period) -> Expr {
    between(period.start(), period.end())
}

fn between(first: NaiveDate, last: NaiveDate) -> Expr {
    let days = |day: NaiveDate| lit(crate::intake::days(day)).cast(DataType::Date);
    let day = coalesce(&[col("end_date"), col("start_date")]);
    day.clone().gt_eq(days(first)).and(day.lt_eq(days(last)))
}

/// Received rows and what became of those that are no current records.
fn intake_steps(snapshot: &Snapshot, scope: &Scope) -> Result<Vec<LazyFrame>, Error> {
    let mut parts = Vec::new();
    let table = |kind: &str| format!("{COUNTED_DATASET}_{kind}");
    if snapshot.has(&table("aside")) {
        let aside = snapshot.scan(&table("aside"))?.filter(in_scope(scope));
        let of = |disposition: &str| {
            aside
                .clone()
                .filter(col("disposition").eq(lit(disposition.to_owned())))
        };
        parts.push(tagged(aside.clone(), "received", none()));
        parts.push(tagged(of("rejected"), "rejected", col("rule")));
        parts.push(tagged(of("unchanged"), "unchanged", none()));
    }
    if snapshot.has(&table("log")) {
        let log = snapshot.scan(&table("log"))?;
        let order = ["key_high", "key_low", "load", "seq"];
        let next = |name: &str| col(name).shift(lit(-1));
        let same = next("key_high")
            .eq(col("key_high"))
            .and(next("key_low").eq(col("key_low")))
            .fill_null(lit(false));
        let log = log
            .sort(order, SortMultipleOptions::default())
            .with_column(
                when(same)
                    .then(next("disposition"))
                    .otherwise(none())
                    .alias("next"),
            )
            .filter(in_scope(scope));
        let withdrawal = || col("disposition").eq(lit("withdrawal"));
        parts.push(tagged(log.clone(), "received", none()));
        parts.push(tagged(
            log.clone()
                .filter(withdrawal().not().and(col("next").eq(lit("correction")))),
            "superseded",
            none(),
        ));
        parts.push(tagged(
            log.filter(withdrawal().or(col("next").eq(lit("withdrawal")))),
            "withdrawn",
            none(),
        ));
    }
    Ok(parts)
}

fn counting_steps(current: &LazyFrame) -> Vec<LazyFrame> {
    let status = Reason::Status.code();
    let excluded = || {
        col("reason")
            .is_not_null()
            .and(col("reason").neq(lit(status)))
    };
    let completed = col("reason").is_null().or(col("reason").neq(lit(status)));
    vec![
        tagged(current.clone(), "accepted", none()),
        tagged(
            current.clone().filter(col("status").neq(lit("enrolled"))),
            "started",
            none(),
        ),
        tagged(
            current.clone().filter(col("reason").eq(lit(status))),
            "not_completed",
            lit(status),
        ),
        tagged(current.clone().filter(completed), "completed", none()),
        tagged(
            current.clone().filter(excluded()),
            "excluded",
            col("reason"),
        ),
        current.clone().filter(col("counted")).with_columns([
            lit(COUNTED_PLACE).cast(DataType::Int64).alias("step"),
            none().cast(DataType::String).alias("step_rule"),
        ]),
    ]
}

/// Place of the last step.
const COUNTED_PLACE: i64 = 10;

fn grouped(mut part: LazyFrame, column: Option<&str>) -> Result<DataFrame, Error> {
    let code = match column {
        // Rows set aside hold nothing that was taken from an identity number.
        Some(column) if part.collect_schema()?.contains(column) => {
            col(column).fill_null(lit(UNKNOWN))
        }
        Some(_) => lit(UNKNOWN),
        None => none(),
    };
    let part = part.select([
        code.cast(DataType::String).alias("code"),
        col("step"),
        col("step_rule"),
    ]);
    let count = len().cast(DataType::Int64).alias("count");
    Ok(part
        .group_by([col("code"), col("step"), col("step_rule")])
        .agg([count])
        .collect()?)
}

type CountKey = (Option<String>, usize, Option<String>);

fn read_counts(frame: &DataFrame) -> Result<Vec<(CountKey, i64)>, Error> {
    let (code, rule) = (
        frame.column("code")?.str()?,
        frame.column("step_rule")?.str()?,
    );
    let (step, count) = (frame.column("step")?.i64()?, frame.column("count")?.i64()?);
    let row = |at: usize| {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let step = usize::try_from(step.get(at).unwrap_or(0)).unwrap_or(0);
        (
            (text(code.get(at)), step, text(rule.get(at))),
            count.get(at).unwrap_or(0),
        )
    };
    Ok((0..frame.height()).map(row).collect())
}

/// The lines in order; steps without records are told with 0, so that a reader can subtract down the list.
fn lines(
    counts: BTreeMap<CountKey, i64>,
    programme: &Programme,
    by: Option<&str>,
    whole: bool,
) -> Vec<Line> {
    let mut codes: Vec<Option<String>> = counts.keys().map(|(code, _, _)| code.clone()).collect();
    codes.dedup();
    if codes.is_empty() && by.is_none() {
        codes.push(None);
    }
    codes.sort_by_key(|code| {
        let place = by
            .zip(code.as_deref())
            .map(|(by, code)| programme.list_of(by).position(code));
        (place, code.clone())
    });
    let mut lines = Vec::new();
    for code in codes {
        let of = |step: usize, rule: Option<&str>| -> i64 {
            let matching = counts.iter().filter(|((at, place, of), _)| {
                *at == code && *place == step && rule.is_none_or(|rule| of.as_deref() == Some(rule))
            });
            matching.map(|(_, count)| *count).sum()
        };
        let clause = |rule: &str| programme.config.rule(rule).map(|rule| rule.clause.clone());
        let mut tell = |step: &'static str, rule: Option<&str>, count: i64| {
            lines.push(Line {
                code: code.clone(),
                step,
                rule: rule.map(str::to_owned),
                clause: rule.and_then(clause),
                count,
            });
        };
        for (place, step) in STEPS.iter().enumerate() {
            match *step {
                _ if place < 5 && !whole => {}
                "rejected" => {
                    tell("rejected", None, of(place, None));
                }
                "not_completed" => tell(
                    "not_completed",
                    Some(Reason::Status.code()),
                    of(place, None),
                ),
                "excluded" => {
                    for reason in Reason::ALL
                        .iter()
                        .filter(|reason| **reason != Reason::Status)
                    {
                        tell(
                            reason.code(),
                            Some(reason.code()),
                            of(place, Some(reason.code())),
                        );
                    }
                }
                step => tell(step, None, of(place, None)),
            }
        }
        tell(
            "counted",
            None,
            of(usize::try_from(COUNTED_PLACE).unwrap_or(0), None),
        );
    }
    lines
}
