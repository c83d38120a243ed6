//! Finding the header among a sheet's first rows.

use super::names::{ColumnNames, Match, is_remark};
use super::{Kind, RowFault};

/// Rows among which the header must stand; blank ones are not counted.
pub(super) const HEADER_WITHIN_ROWS: usize = 30;

/// A row kept until it is known where the header is.
pub(super) struct HeldRow {
    pub(super) number: u32,
    pub(super) cells: Vec<(String, Kind)>,
    pub(super) fault: Option<RowFault>,
}

impl HeldRow {
    fn text(&self, position: usize) -> &str {
        self.cells.get(position).map_or("", |(text, _)| text.trim())
    }

    /// Text and position of the first filled cell.
    pub(super) fn first_filled(&self) -> Option<&str> {
        (0..self.cells.len())
            .map(|position| self.text(position))
            .find(|text| !text.is_empty())
    }
}

/// The row, or the two rows, that name the columns.
pub(super) struct Header {
    /// Index of its first row among those held.
    pub(super) first: usize,
    /// 1, or 2 where titles are grouped.
    pub(super) rows: usize,
    /// What each position means, with the header as found; empty headers are left out.
    pub(super) columns: Vec<(usize, String, Match)>,
    /// Position after the last filled header.
    pub(super) width: usize,
}

impl Header {
    /// Different contract columns that it names: (all, required).
    fn matched(&self, names: &ColumnNames) -> (usize, usize) {
        let mut columns: Vec<u32> = self
            .columns
            .iter()
            .filter_map(|(_, _, found)| found.column())
            .collect();
        columns.sort_unstable();
        columns.dedup();
        let required = columns
            .iter()
            .filter(|column| names.is_required(**column))
            .count();
        (columns.len(), required)
    }
}

impl Match {
    pub(super) fn column(self) -> Option<u32> {
        match self {
            Self::Column(column) | Self::OtherUnit(column) => Some(column),
            Self::None => None,
        }
    }
}

/// The row that names most contract columns, the first of equals; two rows read together only where that names more.
///
/// None when no row names at least two columns and half of the required ones: then it is not this contract's table.
pub(super) fn find(held: &[HeldRow], names: &ColumnNames) -> Option<Header> {
    let singles = (0..held.len()).map(|row| single(held, row, names));
    let pairs = (0..held.len().saturating_sub(1)).map(|row| pair(held, row, names));
    let mut best: Option<(usize, Header)> = None;
    for header in singles.chain(pairs) {
        let (all, _) = header.matched(names);
        if all > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((all, header));
        }
    }
    let (all, header) = best?;
    let (_, required) = header.matched(names);
    let enough = all >= names.len().min(2) && required * 2 >= names.required().count();
    enough.then_some(header)
}

fn single(held: &[HeldRow], first: usize, names: &ColumnNames) -> Header {
    let row = &held[first];
    let columns = (0..row.cells.len())
        .filter(|position| !row.text(*position).is_empty())
        .map(|position| {
            (
                position,
                row.text(position).to_owned(),
                names.find(row.text(position)),
            )
        })
        .collect();
    finished(first, 1, columns)
}

/// Reads the row `first` as group titles over the sub-titles of the next one.
fn pair(held: &[HeldRow], first: usize, names: &ColumnNames) -> Header {
    let (groups, subs) = (&held[first], &held[first + 1]);
    let mut columns = Vec::new();
    // A merged group title stands in its leftmost cell only and holds for the empty ones to its right.
    let mut group = "";
    for position in 0..groups.cells.len().max(subs.cells.len()) {
        let (own, sub) = (groups.text(position), subs.text(position));
        if !own.is_empty() {
            group = own;
        }
        if sub.is_empty() || is_remark(sub) {
            if !own.is_empty() {
                columns.push((position, own.to_owned(), names.find(own)));
            }
            continue;
        }
        // The fuller name first: 结业 over 日期 is 结业日期, whatever 日期 alone may stand for.
        let joined = names.find(&format!("{group}{sub}"));
        let found = if joined == Match::None {
            names.find(sub)
        } else {
            joined
        };
        let text = if group.is_empty() {
            sub.to_owned()
        } else {
            format!("{group}/{sub}")
        };
        columns.push((position, text, found));
    }
    finished(first, 2, columns)
}

fn finished(first: usize, rows: usize, columns: Vec<(usize, String, Match)>) -> Header {
    let width = columns.last().map_or(0, |(position, _, _)| position + 1);
    Header {
        first,
        rows,
        columns,
        width,
    }
}
