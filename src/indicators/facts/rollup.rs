//! One pass over facts: filters by table look-up, groups by position.

use super::{Coded, Facts, NOBODY};
use crate::indicators::Selection;
use crate::indicators::compose::DIVISION;
use crate::indicators::dimension::{is_time, time_code};
use crate::programme::Decimal;
use crate::programme::config::CalendarConfig;
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Groups that are kept in a table; more are left to the engine.
const GROUPS_MAX: usize = 1 << 21;
/// Bytes of bit sets that count persons; beyond them pairs are sorted.
const BITS_MAX: usize = 64 << 20;
/// Facts below which a second thread is not worth starting.
const FACTS_PER_THREAD: usize = 100_000;

/// What is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::indicators) enum Sums {
    /// The column `value`.
    Value,
    /// The columns `numerator` and `denominator`.
    Parts,
    /// Distinct persons, of at most so many.
    Persons(usize),
}

/// One group with facts: its values (`None` where missing) and what they sum up to: the value or the number of persons, or the two
/// parts of a ratio.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::indicators) struct Group {
    pub(in crate::indicators) codes: Vec<Option<String>>,
    pub(in crate::indicators) sums: [Decimal; 2],
}

/// The groups of `selection` over all `pieces`, in no particular order; `None` where there are too many possible ones.
pub(in crate::indicators) fn roll_up(
    pieces: &[Arc<Facts>],
    selection: &Selection,
    calendar: CalendarConfig,
    sums: Sums,
) -> Option<Vec<Group>> {
    let plan = Plan::new(pieces, selection, calendar)?;
    let scales = scales(pieces, sums);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let facts: usize = pieces.iter().map(|piece| piece.days.len()).sum();
    let threads = threads.min(facts / FACTS_PER_THREAD + 1);
    let mut shares: Vec<Vec<&Facts>> = vec![Vec::new(); threads];
    for (at, piece) in pieces.iter().enumerate() {
        shares[at % threads].push(piece);
    }
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> = shares
            .iter()
            .map(|share| scope.spawn(|| tally(share, &plan, sums, scales)))
            .collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .map(|tally| tally.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut tallies = tallies.into_iter();
    let mut whole = tallies.next()?;
    for tally in tallies {
        whole.add(tally);
    }
    whole.count_pairs();
    Some(plan.groups(&whole, scales))
}

/// The scale every measure is summed in: the largest of its pieces.
fn scales(pieces: &[Arc<Facts>], sums: Sums) -> [u32; 2] {
    names(sums).map(|name| {
        let of_piece =
            |piece: &Arc<Facts>| piece.measures.get(name).map_or(0, super::Measure::scale);
        pieces.iter().map(of_piece).max().unwrap_or(0)
    })
}

fn names(sums: Sums) -> [&'static str; 2] {
    match sums {
        Sums::Value => ["value", ""],
        Sums::Parts => ["numerator", "denominator"],
        Sums::Persons(_) => ["", ""],
    }
}

/// One dimension of the breakdown: all its values, and how many groups one of them is away from the next.
struct Axis {
    column: String,
    values: Vec<Option<String>>,
    places: HashMap<Option<String>, usize>,
    stride: usize,
}

impl Axis {
    fn new(column: &str, stride: usize) -> Self {
        Self {
            column: column.to_owned(),
            values: Vec::new(),
            places: HashMap::new(),
            stride,
        }
    }

    fn take(&mut self, value: Option<String>) {
        if !self.places.contains_key(&value) {
            self.places.insert(value.clone(), self.values.len());
            self.values.push(value);
        }
    }
}

/// What a selection asks of every fact.
struct Plan<'a> {
    selection: &'a Selection,
    /// First and last day on which a fact may pass.
    from: i32,
    to: i32,
    axes: Vec<Axis>,
    groups: usize,
    /// By days from `from` on: what the calendar's columns add to the position of a group; empty where none is asked for.
    days: Vec<Option<usize>>,
}

impl<'a> Plan<'a> {
    /// `None` where the groups are too many.
    fn new(
        pieces: &[Arc<Facts>],
        selection: &'a Selection,
        calendar: CalendarConfig,
    ) -> Option<Self> {
        let bound = |day: Option<NaiveDate>, open: i32| match day {
            Some(day) => i32::try_from((day - NaiveDate::default()).num_days()).ok(),
            None => Some(open),
        };
        let first = pieces.iter().map(|piece| piece.first).min().unwrap_or(0);
        let last = pieces.iter().map(|piece| piece.last).max().unwrap_or(-1);
        let from = bound(selection.from, first)?.max(first);
        let to = bound(selection.to, last)?.min(last);
        let mut plan = Self {
            selection,
            from,
            to,
            axes: Vec::new(),
            groups: 1,
            days: Vec::new(),
        };
        let codes = plan.codes_of_days(calendar);
        for column in &selection.by {
            let mut axis = Axis::new(column, plan.groups);
            match codes.get(column.as_str()) {
                Some(codes) => codes.iter().for_each(|code| axis.take(Some(code.clone()))),
                None => pieces
                    .iter()
                    .flat_map(|piece| plan.values(piece, column))
                    .for_each(|value| axis.take(value)),
            }
            plan.groups = plan.groups.checked_mul(axis.values.len().max(1))?;
            if plan.groups > GROUPS_MAX {
                return None;
            }
            plan.axes.push(axis);
        }
        plan.days = plan.offsets_of_days(&codes);
        Some(plan)
    }

    /// The codes of every day of the plan in the calendar's columns that the selection names.
    fn codes_of_days(&self, calendar: CalendarConfig) -> BTreeMap<&'a str, Vec<String>> {
        let filtered = self.selection.filters.iter().map(|(column, _)| column);
        let named = self
            .selection
            .by
            .iter()
            .chain(filtered)
            .filter(|column| is_time(column));
        let days = || {
            (self.from..=self.to).map(|day| NaiveDate::default() + TimeDelta::days(i64::from(day)))
        };
        named
            .map(|column| {
                (
                    column.as_str(),
                    days().map(|day| time_code(calendar, column, day)).collect(),
                )
            })
            .collect()
    }

    fn offsets_of_days(&self, codes: &BTreeMap<&str, Vec<String>>) -> Vec<Option<usize>> {
        if codes.is_empty() {
            return Vec::new();
        }
        let days = usize::try_from(i64::from(self.to) - i64::from(self.from) + 1).unwrap_or(0);
        (0..days)
            .map(|day| {
                let mut offset = 0;
                for (column, codes) in codes {
                    offset += self.offset(column, &Some(codes[day].clone()))?;
                }
                Some(offset)
            })
            .collect()
    }

    /// What a value of a column adds to the position of a group; `None` where a filter holds it back.
    fn offset(&self, column: &str, value: &Option<String>) -> Option<usize> {
        let text = value.as_deref().unwrap_or_default();
        let mut filters = self
            .selection
            .filters
            .iter()
            .filter(|(filter, _)| filter == column);
        if !filters.all(|(_, codes)| codes.iter().any(|code| code == text)) {
            return None;
        }
        let axes = self.axes.iter().filter(|axis| axis.column == column);
        Some(axes.map(|axis| axis.places[value] * axis.stride).sum())
    }

    /// The values of a column of a piece as they are read, in the order of its codes.
    fn values(&self, piece: &Facts, column: &str) -> Vec<Option<String>> {
        match piece.columns.get(column) {
            Some(coded) => coded
                .values
                .iter()
                .map(|value| self.read(column, value.as_deref()))
                .collect(),
            None => vec![None],
        }
    }

    /// A value as it is read: a division under the code that stands for it.
    fn read(&self, column: &str, value: Option<&str>) -> Option<String> {
        let recoded = self
            .selection
            .recoded
            .iter()
            .find(|(old, _)| column == DIVISION && Some(old.as_str()) == value);
        recoded
            .map(|(_, new)| new.as_str())
            .or(value)
            .map(str::to_owned)
    }

    /// Whether the scope holds a division, under the code the facts give.
    fn in_scope(&self, unit: Option<&str>) -> bool {
        let scope = self.selection.scope.as_ref();
        scope.is_none_or(|units| unit.is_some_and(|unit| units.iter().any(|known| known == unit)))
    }

    fn groups(&self, tally: &Tally, scales: [u32; 2]) -> Vec<Group> {
        let seen = tally
            .facts
            .iter()
            .enumerate()
            .filter(|(_, facts)| **facts > 0);
        let code = |axis: &Axis, group: usize| {
            axis.values[group / axis.stride % axis.values.len()].clone()
        };
        seen.map(|(group, _)| Group {
            codes: self.axes.iter().map(|axis| code(axis, group)).collect(),
            sums: [
                Decimal::new(tally.sums[0][group], scales[0]),
                Decimal::new(tally.sums[1].get(group).copied().unwrap_or(0), scales[1]),
            ],
        })
        .collect()
    }
}

/// What one thread has summed up, by group.
struct Tally {
    facts: Vec<u64>,
    sums: [Vec<i128>; 2],
    persons: Persons,
}

/// Who was met in which group.
enum Persons {
    None,
    /// One bit for every group and person.
    Bits {
        bits: Vec<u64>,
        words: usize,
    },
    /// Group and person in one number.
    Pairs(Vec<u64>),
}

impl Tally {
    fn new(groups: usize, sums: Sums) -> Self {
        let zeros = || vec![0; groups];
        Self {
            facts: vec![0; groups],
            sums: match sums {
                Sums::Parts => [zeros(), zeros()],
                Sums::Value | Sums::Persons(_) => [zeros(), Vec::new()],
            },
            persons: match sums {
                Sums::Persons(persons) => {
                    let words = persons / 64 + 1;
                    match words * 8 * groups <= BITS_MAX {
                        true => Persons::Bits {
                            bits: vec![0; words * groups],
                            words,
                        },
                        false => Persons::Pairs(Vec::new()),
                    }
                }
                Sums::Value | Sums::Parts => Persons::None,
            },
        }
    }

    fn add(&mut self, other: Self) {
        for (mine, theirs) in self.facts.iter_mut().zip(other.facts) {
            *mine += theirs;
        }
        for (mine, theirs) in self.sums.iter_mut().zip(other.sums) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
        match (&mut self.persons, other.persons) {
            (Persons::Bits { bits, .. }, Persons::Bits { bits: theirs, .. }) => {
                for (mine, theirs) in bits.iter_mut().zip(theirs) {
                    *mine |= theirs;
                }
            }
            (Persons::Pairs(mine), Persons::Pairs(theirs)) => *mine = merged(mine, &theirs),
            _ => {}
        }
    }

    /// Writes the number of persons of every group where its sum stands.
    fn count_pairs(&mut self) {
        match &self.persons {
            Persons::None => {}
            Persons::Bits { bits, words } => {
                for (sum, bits) in self.sums[0].iter_mut().zip(bits.chunks(*words)) {
                    *sum = bits.iter().map(|word| i128::from(word.count_ones())).sum();
                }
            }
            Persons::Pairs(pairs) => {
                for pair in pairs {
                    self.sums[0][usize::try_from(pair >> 32).expect("a group of the table")] += 1;
                }
            }
        }
    }
}

/// Two ascending lists without repetitions as one.
fn merged(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let next = a[i].min(b[j]);
        all.push(next);
        i += usize::from(a[i] == next);
        j += usize::from(b[j] == next);
    }
    all.extend_from_slice(&a[i..]);
    all.extend_from_slice(&b[j..]);
    all
}

fn tally(share: &[&Facts], plan: &Plan<'_>, sums: Sums, scales: [u32; 2]) -> Tally {
    let mut tally = Tally::new(plan.groups, sums);
    for piece in share {
        tally_piece(piece, plan, sums, scales, &mut tally);
    }
    if let Persons::Pairs(pairs) = &mut tally.persons {
        pairs.sort_unstable();
        pairs.dedup();
    }
    tally
}

/// By the codes of a column: what they add to the position of a group; `None` where they are held back.
struct Lookup<'a> {
    coded: &'a Coded,
    offsets: Vec<Option<usize>>,
}

fn tally_piece(facts: &Facts, plan: &Plan<'_>, sums: Sums, scales: [u32; 2], tally: &mut Tally) {
    let Some(lookups) = lookups(facts, plan) else {
        return;
    };
    let measures = names(sums).map(|name| facts.measures.get(name));
    let factors =
        [0, 1].map(|at| measures[at].map_or(1, |measure| 10i128.pow(scales[at] - measure.scale())));
    'facts: for row in 0..facts.days.len() {
        let day = facts.days[row];
        if day < plan.from || day > plan.to {
            continue;
        }
        let mut group = 0;
        if !plan.days.is_empty() {
            match plan.days[(day - plan.from).unsigned_abs() as usize] {
                Some(offset) => group += offset,
                None => continue,
            }
        }
        for lookup in &lookups {
            match lookup.offsets[usize::from(lookup.coded.codes[row])] {
                Some(offset) => group += offset,
                None => continue 'facts,
            }
        }
        tally.facts[group] += 1;
        for at in 0..2 {
            if let Some(measure) = measures[at] {
                tally.sums[at][group] += i128::from(measure.units(row)) * factors[at];
            }
        }
        let Some(person) = facts.persons.get(row).filter(|person| **person != NOBODY) else {
            continue;
        };
        match &mut tally.persons {
            Persons::None => {}
            Persons::Bits { bits, words } => {
                bits[group * *words + *person as usize / 64] |= 1 << (person % 64)
            }
            Persons::Pairs(pairs) => pairs.push((group as u64) << 32 | u64::from(*person)),
        }
    }
}

/// The look-ups of a piece, one for every column that groups or filters; `None` where no fact of it can pass.
fn lookups<'a>(facts: &'a Facts, plan: &Plan<'_>) -> Option<Vec<Lookup<'a>>> {
    let columns = plan.selection.columns();
    let mut lookups = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(coded) = facts.columns.get(column) else {
            // A column that the facts do not give is missing everywhere.
            plan.offset(column, &None)?;
            continue;
        };
        let offsets = coded.values.iter().map(|value| {
            let inside = column != DIVISION || plan.in_scope(value.as_deref());
            plan.offset(column, &plan.read(column, value.as_deref()))
                .filter(|_| inside)
        });
        lookups.push(Lookup {
            coded,
            offsets: offsets.collect(),
        });
    }
    Some(lookups)
}
