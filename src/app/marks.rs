//! 初步数 `[p]` and 修订数 `[r]`: figures of periods that are not closed, and figures that were published otherwise once they were.

use super::diff::tables_of;
use super::{App, Error};
use crate::indicators::table::{Kind, Mark, Request, Row, Table, Value};
use crate::indicators::{TIME_DIMENSIONS, UNALLOCATED, time_code};
use crate::lake::{Error as LakeError, Snapshot, SnapshotInfo};
use crate::programme::{Decimal, Period, Programme};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

impl App {
    /// Puts `[p]` and `[r]` on the cells of an answer from `snapshot`.
    ///
    /// # Errors
    /// When an older snapshot cannot be read; one that was retired, or does not know the figure, is not compared with.
    pub(super) fn mark(
        &self,
        table: &mut Table,
        snapshot: &Snapshot,
        request: &Request,
    ) -> Result<(), Error> {
        let programme = self.definitions(snapshot)?.programme;
        let spans = Spans::new(&programme, request, &table.period);
        let closing = Closing(programme.config.marks.provisional_days);
        let day = snapshot.info().day;
        let kind = table.kind;
        let mut closed: BTreeMap<NaiveDate, Vec<&mut Row>> = BTreeMap::new();
        let rows = table.rows.iter_mut().chain([&mut table.totals]);
        for row in rows.filter(|row| row.codes.iter().all(|code| code != UNALLOCATED)) {
            let Some((first, last)) = spans.of(&row.codes) else {
                continue;
            };
            if closing.is_closed(last, day) {
                closed.entry(last).or_default().push(row);
                continue;
            }
            // A stock stands for its own day: reported inside the period, it is no figure that still grows.
            let reported = row.stock_day.is_some_and(|stock_day| first <= stock_day);
            row.mark.add_if(Mark::Provisional, !reported);
        }
        if closed.is_empty() {
            return Ok(());
        }
        let published = self.inner.lake.snapshots()?;
        for (last, rows) in closed {
            let first = published
                .iter()
                .find(|info| closing.is_closed(last, info.day));
            let Some(said) = self.said_by(first, snapshot, request)? else {
                continue;
            };
            let before: HashMap<&[String], Option<Value>> = said
                .rows
                .iter()
                .chain([&said.totals])
                .map(|row| (row.codes.as_slice(), row.value))
                .collect();
            for row in rows {
                let before = before.get(row.codes.as_slice()).copied().flatten();
                let revised = told(before, kind) != told(row.value, kind);
                row.mark.add_if(Mark::Revised, revised);
            }
        }
        Ok(())
    }

    /// What an earlier snapshot answers, under its own definitions; `None` where it cannot say anything else than `snapshot`, or
    /// nothing at all.
    fn said_by(
        &self,
        earlier: Option<&SnapshotInfo>,
        snapshot: &Snapshot,
        request: &Request,
    ) -> Result<Option<Arc<Table>>, Error> {
        let Some(earlier) = earlier.filter(|info| info.kept && info.seq < snapshot.info().seq)
        else {
            return Ok(None);
        };
        let earlier = match self.inner.lake.snapshot(&earlier.id) {
            Err(LakeError::Retired { .. }) => return Ok(None),
            other => other?,
        };
        let definitions = self.definitions(snapshot)?;
        let redefined = earlier.info().definitions_digest != definitions.digest;
        let read = tables_of(&definitions.catalog, &request.indicator);
        // Only a table of a snapshot's day differs without any change of files or definitions.
        let dated = read.contains(crate::engine::schema::SNAPSHOT);
        if !redefined && !dated && same_files(&earlier, snapshot, &read) {
            return Ok(None);
        }
        let request = Request {
            compare: vec![],
            ..request.clone()
        };
        match self.unmarked(&earlier, &request) {
            Err(Error::Request(_) | Error::Definitions { .. }) => Ok(None),
            other => other.map(Some),
        }
    }
}

/// Whether two snapshots have the same files of these tables, and so the same rows.
fn same_files(one: &Snapshot, other: &Snapshot, tables: &BTreeSet<String>) -> bool {
    tables.iter().all(|table| {
        let [mut one, mut other] = [one, other].map(|snapshot| snapshot.files(table));
        one.sort();
        other.sort();
        one == other
    })
}

/// A value that is compared: what was not counted is 0.
fn told(value: Option<Value>, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Flow | Kind::Distinct => value.or(Some(Value::Number(Decimal::ZERO))),
        Kind::Stock | Kind::Ratio => value,
    }
}

/// When a period is closed: so many days after its end.
#[derive(Debug, Clone, Copy)]
struct Closing(u32);

impl Closing {
    fn is_closed(self, end: NaiveDate, day: NaiveDate) -> bool {
        let closed = end.checked_add_days(Days::new(u64::from(self.0)));
        end < day && closed.is_some_and(|closed| closed <= day)
    }
}

/// First and last day of every cell.
struct Spans {
    /// Positions of the time dimensions among the codes.
    times: Vec<usize>,
    /// By the codes of these.
    spans: HashMap<Vec<String>, (NaiveDate, NaiveDate)>,
}

impl Spans {
    fn new(programme: &Programme, request: &Request, period: &Period) -> Self {
        let is_time = |dimension: &str| TIME_DIMENSIONS.contains(&dimension);
        let times: Vec<usize> = (0..request.by.len())
            .filter(|at| is_time(&request.by[*at]))
            .collect();
        let filters: Vec<_> = request
            .filters
            .iter()
            .filter(|(dimension, _)| is_time(dimension))
            .collect();
        let mut spans = HashMap::new();
        if filters.is_empty() {
            spans.insert(Vec::new(), (period.start(), period.end()));
        }
        let days = period.start().iter_days();
        let days = days.take_while(|day| *day <= period.end());
        let code = |dimension: &str, day| time_code(programme.config.calendar, dimension, day);
        let asked = |day: &NaiveDate| {
            filters
                .iter()
                .all(|(dimension, codes)| codes.contains(&code(dimension, *day)))
        };
        if times.is_empty() && filters.is_empty() {
            return Self { times, spans };
        }
        let mut widen = |codes: Vec<String>, day| {
            spans.entry(codes).or_insert((day, day)).1 = day;
        };
        for day in days.filter(asked) {
            let codes = times.iter().map(|at| code(&request.by[*at], day));
            widen(codes.collect(), day);
            widen(Vec::new(), day);
        }
        Self { times, spans }
    }

    /// The days of a cell; of the whole for a total.
    fn of(&self, codes: &[String]) -> Option<(NaiveDate, NaiveDate)> {
        let times = self.times.iter().filter_map(|at| codes.get(*at).cloned());
        self.spans.get(&times.collect::<Vec<String>>()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_closed_fifteen_days_after_its_end() {
        let closed = |end: &str, day: &str, days: u32| {
            Closing(days).is_closed(end.parse().unwrap(), day.parse().unwrap())
        };
        assert!(!closed("2020-12-31", "2020-12-31", 15));
        assert!(!closed("2020-12-31", "2021-01-14", 15));
        assert!(closed("2020-12-31", "2021-01-15", 15));
        // The last day itself is not over while it is reported.
        assert!(!closed("2020-12-31", "2020-12-31", 0));
        assert!(closed("2020-12-31", "2021-01-01", 0));
    }
}
