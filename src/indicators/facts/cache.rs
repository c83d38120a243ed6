//! Facts by indicator and piece, and the numbers of persons.

use super::{Facts, NOBODY};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Facts that were made, within a limit of memory: what was used longest ago goes first. Cheap to share.
pub struct FactsCache {
    held: Mutex<Held>,
    /// Persons are numbered as they are met: 4 bytes a fact, and a number is all that counting asks for.
    persons: Mutex<HashMap<Box<str>, u32, RandomState>>,
    bytes_max: usize,
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

    /// The number of a person; the same person always has the same one.
    pub(in crate::indicators) fn number(&self, person: &str) -> u32 {
        let mut persons = self.persons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = persons.get(person) {
            return *number;
        }
        let number = u32::try_from(persons.len())
            .ok()
            .filter(|number| *number < NOBODY);
        let number = number.expect("fewer than 2^32 - 1 persons");
        persons.insert(person.into(), number);
        number
    }

    /// Numbers given so far.
    pub(in crate::indicators) fn persons(&self) -> usize {
        self.persons
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    /// The facts of a frame with persons numbered by `cache` where `distinct`.
    ///
    /// # Errors
    /// As [`Facts::from_frame`].
    pub(in crate::indicators) fn read(
        frame: &polars::prelude::DataFrame,
        dimensions: &[String],
        measures: &[&'static str],
        distinct: Option<&FactsCache>,
    ) -> Result<Self, super::Unfit> {
        Self::from_frame(
            frame,
            dimensions,
            measures,
            distinct.map(|cache| |person: &str| cache.number(person)),
        )
    }
}
