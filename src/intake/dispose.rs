//! Dispositions: what becomes of a validated row given the state the rows before it left (CONTRACT Q09–Q14).

use super::batch::{Action, RecordKey};
use foldhash::fast::RandomState;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// No live record before.
    New,
    /// Replaces a live record of other content.
    Correction,
    /// Takes a live record back.
    Withdrawal,
    /// Says what is already known.
    Unchanged,
    /// Set aside for the named rule.
    Rejected(Refusal),
}

/// Why the key or the action of a row refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The same key stands in the file with other contents, and nobody can know which is right (Q11).
    KeyTwice,
    /// A correction of a record that is not there (Q10).
    NothingToCorrect,
    /// A withdrawal of a record that was never there (Q10).
    NothingToWithdraw,
}

impl Disposition {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Correction => "correction",
            Self::Withdrawal => "withdrawal",
            Self::Unchanged => "unchanged",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A live record with this content.
    Live(u64),
    /// A record that was taken back.
    Withdrawn,
}

/// The state of a dataset's records by key, as committed.
pub type State = HashMap<RecordKey, Known, RandomState>;

/// What the rows of a load left of one key. One small entry per record, because a load may hold millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    digest: u64,
    /// Content of the first row of the file at hand that came with blank or 新增, where `has_first`.
    first: u64,
    /// Position in the load of the row that left it so.
    pub seq: u32,
    live: bool,
    has_first: bool,
}

impl Change {
    fn new(known: Known, seq: u32, first: Option<u64>) -> Self {
        let (digest, live) = match known {
            Known::Live(digest) => (digest, true),
            Known::Withdrawn => (0, false),
        };
        Self {
            digest,
            first: first.unwrap_or_default(),
            seq,
            live,
            has_first: first.is_some(),
        }
    }

    /// The record as it now stands.
    pub fn known(&self) -> Known {
        match self.live {
            true => Known::Live(self.digest),
            false => Known::Withdrawn,
        }
    }

    fn first(&self) -> Option<u64> {
        self.has_first.then_some(self.first)
    }
}

/// What a load changed so far.
pub type Changes = HashMap<RecordKey, Change, RandomState>;

/// Disposes the rows of one file against a state, without touching it until the whole file is known to be right.
#[derive(Debug)]
pub struct FileDisposer<'a> {
    base: &'a State,
    load: &'a Changes,
    /// Keys that stand in the file with different contents.
    conflicts: &'a HashSet<RecordKey>,
    file: Changes,
    found: HashSet<RecordKey>,
    seq: u32,
}

impl<'a> FileDisposer<'a> {
    /// Begins a file whose first row has position `seq` in the load. `base` is the committed state, `load` what earlier files
    /// of the load changed, `conflicts` the keys an earlier pass over the same file found (empty in the first pass).
    pub fn new(
        base: &'a State,
        load: &'a Changes,
        conflicts: &'a HashSet<RecordKey>,
        seq: u32,
    ) -> Self {
        Self {
            base,
            load,
            conflicts,
            file: Changes::default(),
            found: HashSet::new(),
            seq,
        }
    }

    /// Makes room for as many rows: what grows step by step is copied again and again.
    pub fn expect_rows(&mut self, rows: usize) {
        self.file.reserve(rows);
    }

    /// The disposition of the next row and its position in the load.
    pub fn dispose(&mut self, key: RecordKey, digest: u64, action: Action) -> (Disposition, u32) {
        let seq = self.seq;
        self.seq += 1;
        let entry = self.file.entry(key);
        let change = match &entry {
            Entry::Occupied(held) => Some(*held.get()),
            Entry::Vacant(_) => None,
        };
        let mut first = change.and_then(|change| change.first());
        if action == Action::New {
            if self.conflicts.contains(&key) {
                return (Disposition::Rejected(Refusal::KeyTwice), seq);
            }
            if *first.get_or_insert(digest) != digest {
                self.found.insert(key);
            }
        }
        let in_load = change.or_else(|| self.load.get(&key).copied());
        let before = in_load
            .map(|change| change.known())
            .or_else(|| self.base.get(&key).copied());
        let (disposition, after) = decide(action, before, digest);
        if let Some(known) = after {
            entry.insert_entry(Change::new(known, seq, first));
        } else if first.is_some()
            && change.is_none_or(|change| !change.has_first)
            && let Some(known) = before
        {
            // The row changes nothing, but another content under its key must still be noticed.
            let seq = in_load.map_or(NOT_IN_LOAD, |change| change.seq);
            entry.insert_entry(Change::new(known, seq, first));
        }
        (disposition, seq)
    }

    /// Ends the file: what it changed, or the keys that stand in it with different contents; the file is then disposed once
    /// more with these.
    ///
    /// # Errors
    /// The conflicting keys found in this pass.
    pub fn finish(self) -> Result<Changes, HashSet<RecordKey>> {
        if self.found.is_empty() {
            Ok(self.file)
        } else {
            Err(self.found)
        }
    }
}

/// Position of a change that no row of the load made.
const NOT_IN_LOAD: u32 = u32::MAX;

/// Adds what a file changed to what the load changed.
pub fn merge(load: &mut Changes, mut file: Changes) {
    file.retain(|_, change| {
        change.has_first = false;
        change.seq != NOT_IN_LOAD
    });
    if load.is_empty() {
        // Taken as it is: a copy of millions of entries would double the memory of the load.
        *load = file;
    } else {
        load.extend(file);
    }
}

/// The table of CONTRACT Q10.
fn decide(action: Action, known: Option<Known>, digest: u64) -> (Disposition, Option<Known>) {
    match (action, known) {
        (Action::New, None | Some(Known::Withdrawn)) => {
            (Disposition::New, Some(Known::Live(digest)))
        }
        (Action::New | Action::Correct, Some(Known::Live(live))) if live == digest => {
            (Disposition::Unchanged, None)
        }
        (Action::New | Action::Correct, Some(Known::Live(_))) => {
            (Disposition::Correction, Some(Known::Live(digest)))
        }
        (Action::Correct, None | Some(Known::Withdrawn)) => {
            (Disposition::Rejected(Refusal::NothingToCorrect), None)
        }
        (Action::Withdraw, Some(Known::Live(_))) => {
            (Disposition::Withdrawal, Some(Known::Withdrawn))
        }
        (Action::Withdraw, Some(Known::Withdrawn)) => (Disposition::Unchanged, None),
        (Action::Withdraw, None) => (Disposition::Rejected(Refusal::NothingToWithdraw), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: RecordKey = RecordKey(1, 1);

    /// Runs one file to its end, a second pass included.
    fn run(base: &State, rows: &[(RecordKey, u64, Action)]) -> (Vec<Disposition>, State) {
        let mut conflicts = HashSet::new();
        loop {
            let none = Changes::default();
            let mut disposer = FileDisposer::new(base, &none, &conflicts, 0);
            let dispositions = rows
                .iter()
                .map(|(key, digest, action)| disposer.dispose(*key, *digest, *action).0)
                .collect();
            match disposer.finish() {
                Ok(file) => {
                    let mut changes = Changes::default();
                    merge(&mut changes, file);
                    let left = changes
                        .into_iter()
                        .map(|(key, change)| (key, change.known()));
                    return (dispositions, left.collect());
                }
                Err(found) => conflicts = found,
            }
        }
    }

    #[test]
    fn every_action_meets_every_state() {
        use Action::{Correct, New, Withdraw};
        let never = State::default();
        let live = State::from_iter([(KEY, Known::Live(7))]);
        let withdrawn = State::from_iter([(KEY, Known::Withdrawn)]);
        let refused = |why| Disposition::Rejected(why);
        for (state, action, digest, wanted) in [
            (&never, New, 7, Disposition::New),
            (&withdrawn, New, 7, Disposition::New),
            (&live, New, 7, Disposition::Unchanged),
            (&live, New, 8, Disposition::Correction),
            (&live, Correct, 8, Disposition::Correction),
            (&live, Correct, 7, Disposition::Unchanged),
            (&never, Correct, 7, refused(Refusal::NothingToCorrect)),
            (&withdrawn, Correct, 7, refused(Refusal::NothingToCorrect)),
            (&live, Withdraw, 0, Disposition::Withdrawal),
            (&withdrawn, Withdraw, 0, Disposition::Unchanged),
            (&never, Withdraw, 0, refused(Refusal::NothingToWithdraw)),
        ] {
            assert_eq!(
                run(state, &[(KEY, digest, action)]).0,
                [wanted],
                "{action:?} on {state:?}"
            );
        }
    }

    #[test]
    fn a_key_with_two_contents_is_rejected_wherever_it_stands() {
        let base = State::from_iter([(KEY, Known::Live(1))]);
        let other = RecordKey(2, 2);
        let rows = [
            (KEY, 2, Action::New),
            (other, 5, Action::New),
            (KEY, 3, Action::New),
            (other, 5, Action::New),
        ];
        let (dispositions, state) = run(&base, &rows);
        let twice = Disposition::Rejected(Refusal::KeyTwice);
        assert_eq!(
            dispositions,
            [twice, Disposition::New, twice, Disposition::Unchanged]
        );
        assert_eq!(state, State::from_iter([(other, Known::Live(5))]));
    }

    #[test]
    fn corrections_and_withdrawals_are_applied_in_order() {
        let rows = [
            (KEY, 1, Action::New),
            (KEY, 2, Action::Correct),
            (KEY, 0, Action::Withdraw),
            (KEY, 0, Action::Withdraw),
        ];
        let (dispositions, state) = run(&State::default(), &rows);
        use Disposition::{Correction, New, Unchanged, Withdrawal};
        assert_eq!(dispositions, [New, Correction, Withdrawal, Unchanged]);
        assert_eq!(state, State::from_iter([(KEY, Known::Withdrawn)]));
    }
}
