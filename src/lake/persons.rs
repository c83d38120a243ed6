//! From blind indexes to persons: looking them up, and enrolling the new ones in a load.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::thread;

use polars::prelude::{DataFrame, ParquetReader, SerReader};
use zeroize::Zeroizing;

use super::block::{Block, Cells, Strip};
use super::identity::{Candidate, PersonId};
use super::vault::PERSONS;
use super::{Appender, Error, Load, Snapshot, Vault};

/// Fewer identities than this are sealed on the calling thread.
const PARALLEL_FROM: usize = 4096;

/// Takes the first bytes of a blind index as they are: they are a keyed digest already.
#[derive(Default)]
pub struct Prefix(u64);

impl Hasher for Prefix {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Rows of the table read at once.
const STEP_ROWS: usize = 1 << 17;

type Index<T> = HashMap<[u8; 16], T, BuildHasherDefault<Prefix>>;

#[derive(Clone, Copy)]
struct Known {
    /// None for an index that was asked for and is not known.
    person: Option<PersonId>,
    name_mark: u32,
    phone_mark: u32,
}

/// Persons known before a load and enrolled in it.
///
/// Memory: about 45 bytes per person (2.6 million persons: 190 MB with the table's slack), or per index asked for.
pub struct Persons {
    vault: Vault,
    index: Index<Known>,
    /// Whether `index` holds only what was asked for.
    partial: bool,
    appender: Appender,
    load: i64,
    enrolled: u64,
}

impl Vault {
    /// The persons behind some blind indexes as of a snapshot; unknown ones are left out.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn lookup(
        &self,
        snapshot: &Snapshot,
        wanted: &[[u8; 16]],
    ) -> Result<HashMap<[u8; 16], PersonId>, Error> {
        let index = read(Some(snapshot), Some(wanted))?;
        let known = |blind: &[u8; 16]| Some((*blind, index.get(blind)?.person?));
        Ok(wanted.iter().filter_map(known).collect())
    }

    /// Begins to enrol persons in a load. With `wanted` only these indexes are kept in memory and may be enrolled;
    /// without, all persons of the vault.
    ///
    /// # Errors
    /// When the vault's table cannot be read or begun.
    pub fn enrolment(
        &self,
        load: &mut Load,
        wanted: Option<&[[u8; 16]]>,
    ) -> Result<Persons, Error> {
        load.key_check = Some(self.key_check.clone());
        Ok(Persons {
            vault: self.clone(),
            index: read(load.base(), wanted)?,
            partial: wanted.is_some(),
            appender: load.appender(PERSONS)?,
            load: load.seq,
            enrolled: 0,
        })
    }
}

/// What is to be sealed.
struct Pending<'a> {
    person: PersonId,
    marks: i64,
    candidate: Candidate<'a>,
}

impl Persons {
    /// The person of each candidate, in order: the known one, or a new one. New persons, and known ones with another
    /// name or a phone they did not have, get a sealed row in the vault.
    ///
    /// # Errors
    /// [`Error::Sealed`] for an index that was not among those asked for in [`Vault::enrolment`] (it could be a known
    /// person) or an identity that is too long; or when the rows cannot be written.
    pub fn enrol<'a, I>(&mut self, batch: I) -> Result<Vec<PersonId>, Error>
    where
        I: IntoIterator,
        I::Item: Into<Candidate<'a>>,
    {
        let batch: Vec<Candidate<'a>> = batch.into_iter().map(Into::into).collect();
        let mut random = vec![0; batch.len() * 16];
        getrandom::fill(&mut random).map_err(|source| Error::Random { source })?;
        let mut persons = Vec::with_capacity(batch.len());
        let mut pending = Vec::new();
        for (candidate, fresh) in batch.into_iter().zip(random.as_chunks::<16>().0) {
            let blind = &candidate.blind_index;
            let name_mark = self.vault.mark(candidate.name);
            let phone_mark = candidate.phone.map_or(0, |p| self.vault.mark(p));
            let entry = self.index.entry(*blind);
            let known = match &entry {
                Entry::Occupied(known) => Some(*known.get()),
                Entry::Vacant(_) if self.partial => {
                    return Err(Error::Sealed {
                        what: "a person that was not looked up".into(),
                    });
                }
                Entry::Vacant(_) => None,
            };
            let before = known.and_then(|k| Some((k.person?, k)));
            let person = before.map_or(PersonId::from_bytes(*fresh), |(person, _)| person);
            persons.push(person);
            let same = before.is_some_and(|(_, k)| {
                k.name_mark == name_mark && (phone_mark == 0 || k.phone_mark == phone_mark)
            });
            if same {
                continue;
            }
            let phone_mark = match phone_mark {
                0 => before.map_or(0, |(_, k)| k.phone_mark),
                given => given,
            };
            entry.insert_entry(Known {
                person: Some(person),
                name_mark,
                phone_mark,
            });
            self.enrolled += u64::from(before.is_none());
            pending.push(Pending {
                person,
                marks: ((u64::from(name_mark) << 32) | u64::from(phone_mark)).cast_signed(),
                candidate,
            });
        }
        self.append(&pending)?;
        Ok(persons)
    }

    /// Persons enrolled so far that were not known before.
    #[must_use]
    pub fn enrolled(&self) -> u64 {
        self.enrolled
    }

    /// Makes the rows part of the load; gives their number.
    ///
    /// # Errors
    /// When they cannot be written or synced.
    pub fn finish(self) -> Result<u64, Error> {
        self.appender.finish()
    }

    fn append(&mut self, pending: &[Pending<'_>]) -> Result<(), Error> {
        if pending.is_empty() {
            return Ok(());
        }
        let threads = match pending.len() {
            0..PARALLEL_FROM => 1,
            _ => thread::available_parallelism().map_or(1, usize::from),
        };
        let vault = &self.vault;
        let sealed = thread::scope(|scope| {
            let parts: Vec<_> = pending
                .chunks(pending.len().div_ceil(threads))
                .map(|part| scope.spawn(move || seal(vault, part)))
                .collect();
            let mut sealed = Strip::<Vec<u8>>::default();
            for part in parts {
                let rows = part.join();
                let rows = rows.unwrap_or_else(|p| std::panic::resume_unwind(p))?;
                let shift = end(&sealed.joined);
                sealed.ends.extend(rows.ends.iter().map(|end| shift + end));
                sealed.joined.extend_from_slice(&rows.joined);
            }
            Ok::<_, Error>(sealed)
        })?;
        let fixed = |of: &dyn Fn(&Pending<'_>) -> [u8; 16]| {
            let mut strip = Strip::<Vec<u8>>::default();
            for one in pending {
                strip.joined.extend_from_slice(&of(one));
                strip.ends.push(end(&strip.joined));
            }
            Cells::Bytes(strip)
        };
        let columns = vec![
            (
                "blind_index".into(),
                fixed(&|one| one.candidate.blind_index),
            ),
            ("person".into(), fixed(&|one| *one.person.as_bytes())),
            (
                "marks".into(),
                Cells::Whole(pending.iter().map(|one| one.marks).collect()),
            ),
            ("load".into(), Cells::Whole(vec![self.load; pending.len()])),
            ("sealed".into(), Cells::Bytes(sealed)),
        ];
        let block = Block {
            rows: pending.len(),
            columns,
        };
        self.appender.write_block(&block)
    }
}

impl fmt::Debug for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persons")
            .field("enrolled", &self.enrolled)
            .finish_non_exhaustive()
    }
}

fn end(joined: &[u8]) -> u32 {
    u32::try_from(joined.len()).expect("what is sealed at once is below 4 GiB")
}

fn seal(vault: &Vault, part: &[Pending<'_>]) -> Result<Strip<Vec<u8>>, Error> {
    let mut salts = vec![0; part.len() * 16];
    getrandom::fill(&mut salts).map_err(|source| Error::Random { source })?;
    let mut sealed = Strip::<Vec<u8>>::default();
    let mut plain = Zeroizing::new(Vec::new());
    for (one, salt) in part.iter().zip(salts.as_chunks::<16>().0) {
        one.candidate.encode(&mut plain)?;
        vault.seal(one.person, salt, &plain, &mut sealed.joined)?;
        sealed.ends.push(end(&sealed.joined));
    }
    Ok(sealed)
}

/// Reads the index piece by piece, so that little else is in memory beside it.
fn read(snapshot: Option<&Snapshot>, wanted: Option<&[[u8; 16]]>) -> Result<Index<Known>, Error> {
    const UNKNOWN: Known = Known {
        person: None,
        name_mark: 0,
        phone_mark: 0,
    };
    let mut index: Index<Known> = match wanted {
        Some(wanted) => wanted.iter().map(|blind| (*blind, UNKNOWN)).collect(),
        None => Index::default(),
    };
    let Some(snapshot) = snapshot else {
        return Ok(index);
    };
    if wanted.is_none() {
        index.reserve(usize::try_from(snapshot.rows(PERSONS)).unwrap_or(0));
    }
    if !snapshot.has(PERSONS) {
        return Ok(index);
    }
    let dir = snapshot.dir(PERSONS);
    for file in &snapshot.state(PERSONS)?.files {
        let path = dir.join(&file.path);
        let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
        for offset in (0..rows).step_by(STEP_ROWS) {
            let file = File::open(&path).map_err(|e| Error::io("open", &path, e))?;
            let columns = ["blind_index", "person", "marks"].map(str::to_owned);
            let frame = ParquetReader::new(file)
                .with_columns(Some(columns.to_vec()))
                .with_slice(Some((offset, STEP_ROWS)))
                .finish()
                .map_err(Error::frame("read", PERSONS))?;
            take(&frame, wanted.is_some(), &mut index).map_err(Error::frame("read", PERSONS))?;
        }
    }
    Ok(index)
}

fn take(
    frame: &DataFrame,
    partial: bool,
    index: &mut Index<Known>,
) -> polars::prelude::PolarsResult<()> {
    let blinds = frame.column("blind_index")?.binary()?;
    let persons = frame.column("person")?.binary()?;
    let marks = frame.column("marks")?.i64()?;
    for ((blind, person), marks) in blinds.iter().zip(persons.iter()).zip(marks.iter()) {
        let (Some(Ok(blind)), Some(Ok(person))) = (
            blind.map(<[u8; 16]>::try_from),
            person.map(<[u8; 16]>::try_from),
        ) else {
            continue;
        };
        let marks = marks.unwrap_or(0).cast_unsigned();
        let known = Known {
            person: Some(PersonId::from_bytes(person)),
            name_mark: u32::try_from(marks >> 32).unwrap_or(0),
            phone_mark: u32::try_from(marks & 0xffff_ffff).unwrap_or(0),
        };
        if !partial {
            index.insert(blind, known);
        } else if let Some(entry) = index.get_mut(&blind) {
            *entry = known;
        }
    }
    Ok(())
}
