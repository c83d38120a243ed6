//! Facts by indicator and piece, and the numbers of persons.

use super::Facts;
use super::numbers::Numbers;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Facts that were made, within a limit of memory: what was used longest ago goes first. Cheap to share.
pub struct FactsCache {
    held: Mutex<Held>,
    persons: Numbers,
    /// Facts that are being made: who else wants them waits instead of making them too.
    making: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
    /// Whether all columns are read at once.
    whole: AtomicBool,
    bytes_max: usize,
}

/// Indicator and piece.
type Key = (String, Arc<str>);

#[derive(Default)]
struct Held {
    facts: HashMap<Key, Entry>,
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
            persons: Numbers::default(),
            making: Mutex::default(),
            whole: AtomicBool::new(false),
            bytes_max,
        }
    }

    /// How many facts are held: one for every indicator and piece.
    pub fn held(&self) -> usize {
        self.lock().facts.len()
    }

    /// From now on facts are read with all their columns, whatever the first question about them is: many more will come.
    pub fn expect_many_questions(&self) {
        self.whole.store(true, Ordering::Relaxed);
    }

    /// Facts that cover `columns` (which their query gives): those that are held, or what `make` gives, once for all who ask at the
    /// same time; `None` where they do not fit into memory.
    ///
    /// `make` is told whether to read all columns. The first question about facts reads only what it looks at, the next that looks
    /// at more reads them all: a process that answers once need not read what nobody asks for, and none reads more than twice.
    pub(in crate::indicators) fn get_or_make<E>(
        &self,
        definition: &str,
        piece: &Arc<str>,
        columns: &BTreeSet<&str>,
        make: impl FnOnce(bool) -> Result<Option<Facts>, E>,
    ) -> Result<Option<Arc<Facts>>, E> {
        let key = (definition.to_owned(), Arc::clone(piece));
        let covering = |held: &Option<Arc<Facts>>| {
            let covering = held.as_ref().filter(|facts| facts.covers(columns));
            covering.cloned()
        };
        if let Some(facts) = covering(&self.get(&key)) {
            return Ok(Some(facts));
        }
        let making = || self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Arc::clone(making().entry(key.clone()).or_default());
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.get(&key);
        if let Some(facts) = covering(&held) {
            return Ok(Some(facts));
        }
        let whole = held.is_some() || self.whole.load(Ordering::Relaxed);
        let made = make(whole).map(|made| made.map(|facts| self.put(&key, facts)));
        making().remove(&key);
        made
    }

    fn get(&self, key: &Key) -> Option<Arc<Facts>> {
        let mut held = self.lock();
        held.clock += 1;
        let now = held.clock;
        let entry = held.facts.get_mut(key)?;
        entry.used = now;
        Some(Arc::clone(&entry.facts))
    }

    fn put(&self, key: &Key, facts: Facts) -> Arc<Facts> {
        let facts = Arc::new(facts);
        let mut held = self.lock();
        held.clock += 1;
        let entry = Entry {
            facts: Arc::clone(&facts),
            used: held.clock,
        };
        held.bytes += facts.bytes();
        let before = held.facts.insert(key.clone(), entry);
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

    /// The numbers of persons, [`NOBODY`](super::NOBODY) for none; the same person always has the same one.
    pub(in crate::indicators) fn number<'a>(
        &self,
        persons: impl Iterator<Item = Option<&'a str>>,
    ) -> Vec<u32> {
        self.persons.of(persons)
    }

    /// Numbers given so far.
    pub(in crate::indicators) fn persons(&self) -> usize {
        self.persons.given()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{Column, DataFrame, DataType, NamedFrom, PolarsError, Series};
    use std::sync::atomic::AtomicUsize;

    /// One fact with a column `a`, and `b` where all are read.
    fn facts(whole: bool) -> Facts {
        let date = Series::new("date".into(), [18_000]);
        let text = |name: &str| Column::from(Series::new(name.into(), ["x"]));
        let date = date.cast(&DataType::Date).unwrap();
        let columns = vec![Column::from(date), text("a"), text("b")];
        let frame = DataFrame::new(1, columns).unwrap();
        let wanted: &[&str] = if whole { &["a", "b"] } else { &["a"] };
        Facts::read(&frame, wanted, whole, &[], None).unwrap()
    }

    /// What was asked of `make`, if it was.
    fn asked(cache: &FactsCache, columns: &[&str]) -> Option<bool> {
        let mut asked = None;
        let columns = columns.iter().copied().collect();
        let found = cache.get_or_make("definition", &"piece".into(), &columns, |whole| {
            asked = Some(whole);
            Ok::<_, PolarsError>(Some(facts(whole)))
        });
        assert!(found.unwrap().unwrap().covers(&columns));
        asked
    }

    #[test]
    fn facts_are_read_twice_at_most() {
        let cache = FactsCache::new(1 << 20);
        assert_eq!(asked(&cache, &["a"]), Some(false));
        assert_eq!(asked(&cache, &[]), None);
        assert_eq!(asked(&cache, &["a", "b"]), Some(true));
        assert_eq!(asked(&cache, &["b"]), None);
        assert_eq!(cache.held(), 1);
        let serving = FactsCache::new(1 << 20);
        serving.expect_many_questions();
        assert_eq!(asked(&serving, &["a"]), Some(true));
        assert_eq!(asked(&serving, &["b"]), None);
    }

    #[test]
    fn who_asks_at_the_same_time_waits_for_the_first() {
        let cache = FactsCache::new(1 << 20);
        let made = AtomicUsize::new(0);
        let columns = BTreeSet::from(["a"]);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let make = |whole| {
                        made.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok::<_, PolarsError>(Some(facts(whole)))
                    };
                    let found = cache.get_or_make("definition", &"piece".into(), &columns, make);
                    assert!(found.unwrap().is_some());
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
        assert!(cache.making.lock().unwrap().is_empty());
    }

    #[test]
    fn facts_that_cannot_be_made_are_asked_for_again() {
        let cache = FactsCache::new(1 << 20);
        let columns = BTreeSet::new();
        let failed = cache.get_or_make("definition", &"piece".into(), &columns, |_| {
            Err(PolarsError::NoData("no file".into()))
        });
        assert!(failed.is_err());
        assert_eq!(asked(&cache, &["a"]), Some(false));
    }
}
