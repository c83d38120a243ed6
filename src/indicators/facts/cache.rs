//! Facts by indicator and piece, and the numbers of persons.

use super::{Facts, NOBODY};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Facts that were made, within a limit of memory: what was used longest ago goes first. Cheap to share.
pub struct FactsCache {
    held: Mutex<Held>,
    /// Persons are numbered as they are met: 4 bytes a fact, and a number is all that counting asks for.
    persons: Mutex<Numbers>,
    bytes_max: usize,
}

/// The numbers of persons. An id of the vault is 32 hexadecimal digits and needs no text kept.
#[derive(Default)]
struct Numbers {
    ids: HashMap<u128, u32, RandomState>,
    others: HashMap<Box<str>, u32, RandomState>,
}

impl Numbers {
    fn of(&mut self, person: &str) -> u32 {
        let next = self.given();
        let number = match id(person) {
            Some(id) => *self
                .ids
                .entry(id)
                .or_insert(u32::try_from(next).unwrap_or(NOBODY)),
            None => match self.others.get(person) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(next).unwrap_or(NOBODY);
                    self.others.insert(person.into(), number);
                    number
                }
            },
        };
        assert!(number < NOBODY, "fewer than 2^32 - 1 persons");
        number
    }

    fn given(&self) -> usize {
        self.ids.len() + self.others.len()
    }
}

/// A person's id as a number, where it is written as the vault writes it.
fn id(person: &str) -> Option<u128> {
    let plain = person.len() == 32
        && person
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain
        .then(|| u128::from_str_radix(person, 16).ok())
        .flatten()
}

#[derive(Default)]
struct Held {
    facts: HashMap<(String, Arc<str>), Entry>,
    bytes: usize,
    clock: u64,
}

struct Entry {
    facts: Arc<Facts>,
    used: u64,
}

impl FactsCache {
    /// A cache of at most `bytes_max` bytes of facts (the numbers of persons, about 60 bytes each, come on top).
    pub fn new(bytes_max: usize) -> Self {
        Self {
            held: Mutex::default(),
            persons: Mutex::default(),
            bytes_max,
        }
    }

    /// How many facts are held: one for every indicator and piece.
    pub fn held(&self) -> usize {
        self.lock().facts.len()
    }

    pub(in crate::indicators) fn get(
        &self,
        definition: &str,
        piece: &Arc<str>,
    ) -> Option<Arc<Facts>> {
        let mut held = self.lock();
        held.clock += 1;
        let now = held.clock;
        let entry = held
            .facts
            .get_mut(&(definition.to_owned(), Arc::clone(piece)))?;
        entry.used = now;
        Some(Arc::clone(&entry.facts))
    }

    pub(in crate::indicators) fn put(
        &self,
        definition: &str,
        piece: &Arc<str>,
        facts: Facts,
    ) -> Arc<Facts> {
        let facts = Arc::new(facts);
        let mut held = self.lock();
        held.clock += 1;
        let entry = Entry {
            facts: Arc::clone(&facts),
            used: held.clock,
        };
        held.bytes += facts.bytes();
        let before = held
            .facts
            .insert((definition.to_owned(), Arc::clone(piece)), entry);
        held.bytes -= before.map_or(0, |entry| entry.facts.bytes());
        while held.bytes > self.bytes_max && held.facts.len() > 1 {
            let oldest = held.facts.iter().min_by_key(|(_, entry)| entry.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            let gone = held.facts.remove(&key);
            held.bytes -= gone.map_or(0, |entry| entry.facts.bytes());
        }
        facts
    }

    /// The numbers of persons, [`NOBODY`] for none; the same person always has the same one.
    pub(in crate::indicators) fn number<'a>(
        &self,
        persons: impl Iterator<Item = Option<&'a str>>,
    ) -> Vec<u32> {
        let mut numbers = self.numbers();
        persons
            .map(|person| person.map_or(NOBODY, |person| numbers.of(person)))
            .collect()
    }

    /// Numbers given so far.
    pub(in crate::indicators) fn persons(&self) -> usize {
        self.numbers().given()
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.persons.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
