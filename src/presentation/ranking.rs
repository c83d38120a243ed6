//! The order in which units are shown: the one that lags its pace most comes first, then units without target, the largest
//! first.

use super::labels;
use crate::indicators::table::{Row, Table, Verdict};
use crate::programme::Ratio;
use std::cmp::Ordering;

/// The rows of `table` by their gap to the pace, those without target behind them by their value, and
/// what belongs to no unit (未填报, 未分解) at the end.
pub fn by_gap(table: &Table) -> Vec<&Row> {
    let mut rows: Vec<&Row> = table.rows.iter().collect();
    rows.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| gap(a, b)));
    rows
}

/// The rows with one of `verdicts`, in the order of [`by_gap`].
pub fn with<'a>(rows: &[&'a Row], verdict: Verdict) -> Vec<&'a Row> {
    rows.iter()
        .copied()
        .filter(|row| row.verdict == verdict && place(row) < 2)
        .collect()
}

/// Whether the row stands for a unit, not for what has none.
pub fn is_unit(row: &Row) -> bool {
    place(row) < 2
}

/// The rank of every row of `table` by its exact progress: equal ones share a rank, and the next one counts them all (1, 2, 2,
/// 4). Units without target have none.
///
/// # Source
/// domain.md §8 (ranking on unrounded values).
pub fn ranks(table: &Table) -> Vec<Option<usize>> {
    let progress = |row: &Row| row.progress.filter(|_| is_unit(row));
    let rank = |own: Ratio| {
        let all = table.rows.iter().filter_map(progress);
        1 + all.filter(|other| *other > own).count()
    };
    table
        .rows
        .iter()
        .map(|row| progress(row).map(rank))
        .collect()
}

fn place(row: &Row) -> u8 {
    let homeless = [labels::UNKNOWN, labels::UNALLOCATED];
    match row.progress {
        _ if row
            .codes
            .iter()
            .any(|code| homeless.contains(&code.as_str())) =>
        {
            2
        }
        None => 1,
        Some(_) => 0,
    }
}

fn gap(a: &Row, b: &Row) -> Ordering {
    match (a.progress, b.progress, a.pace, b.pace) {
        (Some(a), Some(b), Some(pace_a), Some(pace_b)) => {
            difference(a, pace_a).cmp(&difference(b, pace_b))
        }
        (Some(a), Some(b), _, _) => a.cmp(&b),
        (None, None, _, _) => value(b).total_cmp(&value(a)),
        _ => Ordering::Equal,
    }
}

fn difference(progress: Ratio, pace: Ratio) -> crate::programme::Decimal {
    super::numbers::difference(progress, pace)
}

/// Only for the order of rows that nobody judges.
fn value(row: &Row) -> f64 {
    row.value
        .map_or(f64::NEG_INFINITY, |value| value.approximate())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::table::{Kind, View};
    use crate::presentation::numbers;
    use crate::programme::{Period, Text};

    fn ranked(progress: &[Option<(i128, i128)>]) -> Vec<Option<usize>> {
        let rows = progress.iter().enumerate().map(|(unit, progress)| Row {
            codes: vec![unit.to_string()],
            progress: progress.and_then(|(done, of)| Ratio::new(done, of)),
            ..Row::default()
        });
        ranks(&Table {
            indicator: String::new(),
            title: Text::default(),
            unit: Text::default(),
            kind: Kind::Flow,
            period: Period::parse("2020").unwrap(),
            scope: String::new(),
            snapshot: String::new(),
            as_of: String::new(),
            definition: String::new(),
            dimensions: vec!["division".to_owned()],
            compare: vec![],
            view: View::AsWas,
            rows: rows.collect(),
            totals: Row::default(),
        })
    }

    #[test]
    fn ranks_are_of_exact_values_and_ties_share_them() {
        // domain.md §11.11: 0.9500, 0.9499, 0.9500 print alike and rank 1, 3, 1.
        let progress = [(9500, 10_000), (9499, 10_000), (9500, 10_000)];
        let shown = progress.map(|(done, of)| numbers::percent(Ratio::new(done, of).unwrap(), 1));
        assert_eq!(shown, ["95.0%", "95.0%", "95.0%"]);
        assert_eq!(ranked(&progress.map(Some)), [Some(1), Some(3), Some(1)]);
        // domain.md §8: 1, 2, 2, 4; units without target are unranked.
        let progress = [
            Some((9, 10)),
            Some((1, 2)),
            None,
            Some((2, 4)),
            Some((1, 10)),
        ];
        assert_eq!(
            ranked(&progress),
            [Some(1), Some(2), None, Some(2), Some(4)]
        );
    }
}
