//! Answers kept by the state they were made in, their address and their coding, within a bound of bytes; and made once however
//! many ask at the same time.

use super::answer::Answer;
use super::coding::Coding;
use super::problem::Problem;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What an answer is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The newest snapshot, and what else an answer of now depends on.
    pub(super) state: Arc<str>,
    /// The address in its one form.
    pub(super) address: Address,
    pub(super) coding: Coding,
}

/// Path and query in one form: the parameters in order of their names (those of one name in the order they were given in),
/// decoded and coded again, so that equal selections share an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Address(Arc<str>);

impl Address {
    /// The address of a path and its query as sent, and what was asked for beside it (the format a reader accepts).
    pub(super) fn new(path: &str, query: &str, beside: &str) -> Self {
        let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        // No path or query holds a blank.
        Self(format!("{path}?{query} {beside}").into())
    }
}

/// Pages hand in the address as it was sent.
impl From<String> for Address {
    fn from(sent: String) -> Self {
        let (path, query) = sent.split_once('?').unwrap_or((&sent, ""));
        Self::new(path, query, "")
    }
}

/// The kept answers.
#[derive(Debug)]
pub(super) struct Kept {
    bytes_max: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    answers: HashMap<Key, Held>,
    /// Keys by when they were asked for last, oldest first.
    ages: BTreeMap<u64, Key>,
    clock: u64,
    bytes: usize,
    /// What is being made now.
    under_way: HashMap<Key, watch::Receiver<Made>>,
}

#[derive(Debug)]
struct Held {
    answer: Answer,
    age: u64,
    weight: usize,
}

/// What became of an answer that is made; `None` until it is.
pub(super) type Made = Option<Result<Answer, Problem>>;

/// Whether one makes an answer or waits for the one who does.
pub(super) enum Turn {
    /// It is ours to make.
    Make(Maker),
    /// Someone makes it.
    Wait(watch::Receiver<Made>),
}

/// The one who makes an answer; whoever waits learns when it is dropped.
#[derive(Debug)]
pub(super) struct Maker {
    kept: Arc<Kept>,
    key: Key,
    told: watch::Sender<Made>,
}

impl Maker {
    /// Where the answer will be told.
    pub(super) fn told(&self) -> watch::Receiver<Made> {
        self.told.subscribe()
    }

    /// Keeps the answer and tells it to all who wait.
    pub(super) fn done(self, made: Result<Answer, Problem>) {
        if let Ok(answer) = &made {
            self.kept.keep(self.key.clone(), answer.clone());
        }
        self.told.send_replace(Some(made));
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.kept.shelf().under_way.remove(&self.key);
    }
}

impl Kept {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            shelf: Mutex::default(),
        }
    }

    /// The kept answer.
    pub(super) fn find(&self, key: &Key) -> Option<Answer> {
        let shelf = &mut *self.shelf();
        let held = shelf.answers.get_mut(key)?;
        shelf.clock += 1;
        if let Some(key) = shelf.ages.remove(&held.age) {
            shelf.ages.insert(shelf.clock, key);
        }
        held.age = shelf.clock;
        Some(held.answer.clone())
    }

    /// Whose turn it is to make the answer; [`Kept::find`] it first.
    pub(super) fn turn(self: &Arc<Self>, key: &Key) -> Turn {
        let mut shelf = self.shelf();
        if let Some(made) = shelf.under_way.get(key) {
            return Turn::Wait(made.clone());
        }
        let (told, made) = watch::channel(None);
        shelf.under_way.insert(key.clone(), made);
        Turn::Make(Maker {
            kept: Arc::clone(self),
            key: key.clone(),
            told,
        })
    }

    /// Answers and bytes that are kept.
    pub(super) fn size(&self) -> (usize, usize) {
        let shelf = self.shelf();
        (shelf.answers.len(), shelf.bytes)
    }

    fn keep(&self, key: Key, answer: Answer) {
        // The key stands in two maps.
        let key_weight = 2 * (key.address.0.len() + size_of::<Key>());
        let weight = answer.weight() + key_weight + size_of::<Held>();
        // One answer must not drive out all others.
        if weight > self.bytes_max / 4 {
            return;
        }
        let shelf = &mut *self.shelf();
        shelf.clock += 1;
        let age = shelf.clock;
        shelf.ages.insert(age, key.clone());
        shelf.bytes += weight;
        let held = Held {
            answer,
            age,
            weight,
        };
        if let Some(earlier) = shelf.answers.insert(key, held) {
            shelf.ages.remove(&earlier.age);
            shelf.bytes -= earlier.weight;
        }
        while shelf.bytes > self.bytes_max {
            let Some((_, oldest)) = shelf.ages.pop_first() else {
                break;
            };
            if let Some(gone) = shelf.answers.remove(&oldest) {
                shelf.bytes -= gone.weight;
            }
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        Key {
            state: "S".into(),
            address: Address::from(address.to_owned()),
            coding: Coding::Identity,
        }
    }

    fn make(kept: &Arc<Kept>, address: &str, bytes: usize) {
        let Turn::Make(maker) = kept.turn(&key(address)) else {
            panic!("nobody else makes it");
        };
        maker.done(Ok(Answer::new("text/plain", vec![b'x'; bytes])));
    }

    #[test]
    fn equal_selections_have_one_address() {
        let one = Address::new("/a", "period=2020&by=division&by=sector", "json");
        let other = Address::new("/a", "by=division&by=%73ector&period=2020", "json");
        assert_eq!(one, other);
        let order = Address::new("/a", "by=sector&by=division&period=2020", "json");
        assert_ne!(
            one, order,
            "the order of dimensions is part of the question"
        );
        // What is coded does not run into what stands between.
        let coded = Address::new("/a", "by=division%26by%3Dsector&period=2020", "json");
        assert_ne!(one, coded);
        assert_ne!(
            one,
            Address::new("/a", "period=2020&by=division&by=sector", "csv")
        );
    }

    #[test]
    fn the_one_that_was_not_asked_for_longest_goes_first_and_bytes_are_bounded() {
        let kept = Arc::new(Kept::new(10_000));
        for name in ["/a", "/b", "/c", "/d"] {
            make(&kept, name, 1_800);
        }
        assert!(kept.find(&key("/a")).is_some());
        make(&kept, "/e", 1_800);
        assert!(kept.find(&key("/b")).is_none(), "/a was asked for since");
        for name in ["/a", "/c", "/d", "/e"] {
            assert!(kept.find(&key(name)).is_some(), "{name}");
        }
        make(&kept, "/large", 9_000);
        assert!(kept.find(&key("/large")).is_none());
        for number in 0..500 {
            make(&kept, &format!("/?{number}"), 10);
        }
        let (answers, bytes) = kept.size();
        assert!(bytes <= 10_000 && answers > 3, "{answers} {bytes}");
        let shelf = kept.shelf();
        let weights = shelf.answers.values().map(|held| held.weight);
        assert_eq!(weights.sum::<usize>(), shelf.bytes);
        assert_eq!(shelf.ages.len(), shelf.answers.len());
        assert!(shelf.under_way.is_empty());
    }

    #[test]
    fn who_waits_learns_that_the_maker_is_gone() {
        let kept = Arc::new(Kept::new(10_000));
        let maker = kept.turn(&key("/a"));
        let Turn::Wait(made) = kept.turn(&key("/a")) else {
            panic!("it is being made");
        };
        drop(maker);
        assert!(made.has_changed().is_err(), "the sender is gone");
        assert!(matches!(kept.turn(&key("/a")), Turn::Make(_)));
    }
}
