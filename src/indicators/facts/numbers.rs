//! Persons as small numbers, given as they are met: 4 bytes a fact, and a number is all that counting asks for.

use super::NOBODY;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Tables the ids are spread over: small enough for a processor's cache, and two threads seldom want the same one.
const TABLES: usize = 64;
/// Facts whose persons are looked up together, table by table.
const BLOCK: usize = 1 << 16;

/// The numbers of persons; the same person always has the same one.
pub(super) struct Numbers {
    /// An id of the vault is 32 hexadecimal digits and needs no text kept.
    ids: Vec<Mutex<HashMap<u128, u32, RandomState>>>,
    others: Mutex<HashMap<Box<str>, u32, RandomState>>,
    given: AtomicU32,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            ids: (0..TABLES).map(|_| Mutex::default()).collect(),
            others: Mutex::default(),
            given: AtomicU32::new(0),
        }
    }
}

impl Numbers {
    /// The numbers of some persons, [`NOBODY`] for none.
    pub(super) fn of<'a>(&self, persons: impl Iterator<Item = Option<&'a str>>) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(persons.size_hint().0);
        let mut waiting: Vec<Vec<(usize, u128)>> = vec![Vec::new(); TABLES];
        for person in persons {
            let at = numbers.len();
            numbers.push(NOBODY);
            match person.map(|person| (person, id(person))) {
                None => {}
                // Ids are random: any of their bits spread them.
                Some((_, Some(id))) => waiting[id as usize % TABLES].push((at, id)),
                Some((other, None)) => numbers[at] = self.of_other(other),
            }
            if numbers.len().is_multiple_of(BLOCK) {
                self.look_up(&mut waiting, &mut numbers);
            }
        }
        self.look_up(&mut waiting, &mut numbers);
        numbers
    }

    /// Fills in the numbers of the ids that wait, by table.
    fn look_up(&self, waiting: &mut [Vec<(usize, u128)>], numbers: &mut [u32]) {
        for (waiting, table) in waiting.iter_mut().zip(&self.ids) {
            let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
            for (at, id) in waiting.drain(..) {
                numbers[at] = *table.entry(id).or_insert_with(|| self.next());
            }
        }
    }

    fn of_other(&self, person: &str) -> u32 {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        match others.get(person) {
            Some(number) => *number,
            None => {
                let number = self.next();
                others.insert(person.into(), number);
                number
            }
        }
    }

    fn next(&self) -> u32 {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        assert!(number < NOBODY, "fewer than 2^32 - 1 persons");
        number
    }

    /// How many were given so far.
    pub(super) fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed) as usize
    }
}

/// By bytes: what a lower-case hexadecimal digit stands for, [`NO_DIGIT`] for all others.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
const NO_DIGIT: u8 = 0x80;

/// A person's id as a number, where it is written as the vault writes it.
fn id(person: &str) -> Option<u128> {
    let written: &[u8; 32] = person.as_bytes().try_into().ok()?;
    let mut seen = 0;
    let half = |half: &[u8], seen: &mut u8| {
        half.iter().fold(0u64, |number, byte| {
            let digit = DIGITS[usize::from(*byte)];
            *seen |= digit;
            number << 4 | u64::from(digit)
        })
    };
    let (high, low) = written.split_at(16);
    let (high, low) = (half(high, &mut seen), half(low, &mut seen));
    (seen < NO_DIGIT).then_some(u128::from(high) << 64 | u128::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn only_what_the_vault_writes_is_an_id() {
        let written = "0123456789abcdef00000000000000ff";
        assert_eq!(id(written), u128::from_str_radix(written, 16).ok());
        assert_eq!(id(&"f".repeat(32)), Some(u128::MAX));
        for other in [
            &written[1..],
            &written.to_uppercase(),
            &written.replace('9', "g"),
            &written.replace('9', "+"),
            "",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }

    #[test]
    fn a_person_has_one_number_whoever_asks() {
        let numbers = Numbers::default();
        let persons: Vec<Option<String>> = (0..200_000_u32)
            .map(|at| match at % 1000 {
                0 => None,
                1 => Some(format!("other {}", at % 7)),
                _ => Some(format!("{:032x}", u128::from(at % 70_001) << 20)),
            })
            .collect();
        let of = |from: usize| numbers.of(persons[from..].iter().map(Option::as_deref));
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| of(100));
            (of(0), other.join().expect("no panic"))
        });
        assert_eq!(one[100..], other);
        let known: BTreeSet<&Option<String>> =
            persons.iter().filter(|person| person.is_some()).collect();
        let given: BTreeSet<u32> = one
            .iter()
            .copied()
            .filter(|number| *number != NOBODY)
            .collect();
        assert_eq!((given.len(), numbers.given()), (known.len(), known.len()));
        for (person, number) in persons.iter().zip(&one) {
            assert_eq!(person.is_none(), *number == NOBODY);
        }
        assert_eq!(
            given.last().map(|last| *last as usize + 1),
            Some(known.len())
        );
    }
}
