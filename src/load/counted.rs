//! Counting the training records of a load, and what is stored of it: all of them, or only those of persons the load touches,
//! since every rule looks at the records of one person (CONTRACT Q28–Q30).

use super::Error;
use super::frames::{Placed, boolean, texts};
use super::publish::{Piece, Publication, ahead};
use crate::counting::{
    self, COLUMNS, Column, Many, Outcomes, Reason, Records, RecordsBuilder, Rules,
};
use crate::intake::batch::{Batch, Values};
use crate::intake::days;
use crate::lake::Snapshot;
use crate::programme::{Contract, Programme};
use foldhash::fast::RandomState;
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ops::Range;

/// Table of findings of the counting rules.
pub const FINDINGS: &str = "findings";
/// Note of the rules by which the newest snapshot was counted.
pub(super) const NOTE: &str = "counted_by";

/// A load that changes fewer than one record in so many leaves most persons as they were counted.
const FEW: usize = 8;

/// Columns that hold what they said.
const SAID: [&str; 3] = ["counted", "reason", "own_line"];

/// The parameters of the counting rules.
pub(super) fn rules(programme: &Programme) -> Rules {
    let config = &programme.config;
    let rule = |id: &str| config.rule(id);
    let types = programme
        .list("training_types")
        .iter()
        .filter(|code| programme.type_counts(code));
    Rules {
        statuses: rule("status")
            .map(|rule| rule.statuses.clone())
            .unwrap_or_default(),
        types: types.map(|code| code.code.clone()).collect(),
        own_line_types: rule("type")
            .map(|rule| rule.types_on_own_line.clone())
            .unwrap_or_default(),
        funding_sources: rule("funding")
            .map(|rule| rule.funding_sources.clone())
            .unwrap_or_default(),
        start: days(config.programme.start),
        end: days(config.programme.end),
        per_year_max: rule("R008")
            .and_then(|rule| rule.per_year_max)
            .unwrap_or(u32::MAX),
        months_max: rule("R009")
            .and_then(|rule| rule.months_max)
            .unwrap_or(u32::MAX),
    }
}

/// What tells one way of counting from another.
pub(super) fn fingerprint(programme: &Programme) -> String {
    let text = format!("{} {:?}", counting::VERSION, rules(programme));
    hex::encode(Sha256::digest(text))
}

/// What the rules said of a record, as it is stored.
type Stored = (bool, Option<Reason>, bool);

/// Persons by the first half of their ids: one too many is counted in vain, none is left out.
type Touched = HashSet<u64, RandomState>;

/// Which rows of a piece were counted.
struct Taken {
    /// Where they stand among the records.
    records: Range<usize>,
    /// Their rows in the piece; `None` for all current ones.
    rows: Option<Vec<usize>>,
    /// Whether something else was said of one of them before.
    differs: bool,
}

/// What counting gave.
pub(super) struct Counted {
    records: Records,
    outcomes: Outcomes,
    taken: Vec<Taken>,
    /// Records whose findings of before no longer stand, by department and record number; `None` for all.
    recounted: Option<HashSet<(String, String)>>,
}

/// Counts the current records of the pieces: those of touched persons where what was counted before stands.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn count(publication: &mut Publication<'_>, pieces: &[Piece]) -> Result<Counted, Error> {
    let rows: usize = pieces.iter().map(Piece::rows).sum();
    let appended = pieces.iter().take_while(|piece| !piece.published).count();
    let few = publication.changes.len().saturating_mul(FEW) < rows;
    let partial = few && publication.counts_stand;
    let mut counter = Counter {
        before: Vec::new(),
        taken: Vec::with_capacity(pieces.len()),
        records: Records::default(),
        recounted: partial.then(HashSet::new),
    };
    match publication.appended.take() {
        Some(records) => counter.take_kept(records, &pieces[..appended]),
        None => {
            counter.records = Records::with_capacity(if partial { 0 } else { rows });
            counter.take_all(&pieces[..appended])?;
        }
    }
    match &counter.recounted {
        None => counter.take_all(&pieces[appended..])?,
        Some(_) => counter.take_touched(&pieces[appended..])?,
    }
    let outcomes = counting::count(&counter.records, &rules(publication.programme));
    for taken in &mut counter.taken {
        let before = &counter.before;
        taken.differs = taken.records.clone().any(|row| {
            before
                .get(row)
                .is_some_and(|before| *before != stored(&outcomes, row))
        });
    }
    Ok(Counted {
        records: counter.records,
        outcomes,
        taken: counter.taken,
        recounted: counter.recounted,
    })
}

/// Training records that are current with what the counting rules say of them, for a table that is not of a load.
///
/// # Errors
/// When a column is missing.
pub(super) fn of(mut frame: DataFrame, programme: &Programme) -> Result<DataFrame, Error> {
    let rows: Vec<usize> = (0..frame.height()).collect();
    let mut counter = Counter {
        before: Vec::new(),
        taken: Vec::new(),
        records: Records::with_capacity(rows.len()),
        recounted: None,
    };
    counter.take_rows(&frame, &rows, false)?;
    let outcomes = counting::count(&counter.records, &rules(programme));
    let said = || rows.iter().map(|row| stored(&outcomes, *row));
    let columns = [
        boolean("counted", said().map(|(counted, _, _)| counted)),
        texts(
            "reason",
            said().map(|(_, reason, _)| reason.map(Reason::code)),
        ),
        boolean("own_line", said().map(|(_, _, own_line)| own_line)),
    ];
    for column in columns {
        frame.with_column(column)?;
    }
    Ok(frame)
}

/// Records as they are taken in, piece by piece.
struct Counter {
    records: Records,
    /// What was said before, of every record up to the last that was published.
    before: Vec<Stored>,
    taken: Vec<Taken>,
    recounted: Option<HashSet<(String, String)>>,
}

impl Counter {
    /// Takes the rows a load appended, all of them current, as they were kept.
    fn take_kept(&mut self, records: Records, pieces: &[Piece]) {
        let mut first = 0;
        for piece in pieces {
            self.note(first..first + piece.rows(), None);
            first += piece.rows();
        }
        assert_eq!(first, records.len(), "every appended row was kept");
        self.records = records;
    }

    fn note(&mut self, records: Range<usize>, rows: Option<Vec<usize>>) {
        self.taken.push(Taken {
            records,
            rows,
            differs: false,
        });
    }

    /// Takes all current records.
    fn take_all(&mut self, pieces: &[Piece]) -> Result<(), Error> {
        let jobs = pieces
            .iter()
            .map(|piece| move || piece.current(piece.read(Some(&columns(piece.published)))?));
        let mut at = 0;
        ahead(jobs, |frame| {
            let (frame, first) = (frame?, self.records.len());
            let rows: Vec<usize> = (0..frame.height()).collect();
            self.take_rows(&frame, &rows, pieces[at].published)?;
            self.note(first..self.records.len(), None);
            at += 1;
            Ok(())
        })
    }

    /// Takes the current records of persons the load touches: whose records it appended, replaced or took back.
    fn take_touched(&mut self, pieces: &[Piece]) -> Result<(), Error> {
        let mut touched: Touched = self
            .records
            .persons()
            .iter()
            .map(|person| half(*person))
            .collect();
        let mut persons = Vec::with_capacity(pieces.len());
        let jobs = pieces
            .iter()
            .map(|piece| move || piece.read(Some(&["person"])));
        ahead(jobs, |frame| {
            let frame = frame?;
            let halves: Vec<u64> = frame
                .column("person")?
                .str()?
                .iter()
                .map(|person| person.map_or(0, half_of))
                .collect();
            let live = pieces[persons.len()].live.as_deref().unwrap_or_default();
            let gone = halves.iter().zip(live).filter(|(_, live)| !**live);
            touched.extend(gone.map(|(half, _)| *half));
            persons.push(halves);
            Ok(())
        })?;
        let sieve = Sieve::new(&touched);
        let rows: Vec<Vec<usize>> = persons
            .iter()
            .map(|halves| {
                let all = halves.iter().enumerate();
                let found = all.filter(|(_, half)| sieve.passes(**half) && touched.contains(half));
                found.map(|(row, _)| row).collect()
            })
            .collect();
        drop(persons);
        let jobs = pieces.iter().zip(&rows).map(|(piece, rows)| {
            move || match rows[..] {
                [] => Ok(DataFrame::empty()),
                _ => piece.read(Some(&columns(true))),
            }
        });
        let mut at = 0;
        ahead(jobs, |frame| {
            self.take_some(&frame?, &pieces[at], &rows[at])?;
            at += 1;
            Ok(())
        })
    }

    /// Takes the current ones of some rows; the findings of all of them no longer stand.
    fn take_some(&mut self, frame: &DataFrame, piece: &Piece, rows: &[usize]) -> Result<(), Error> {
        let first = self.records.len();
        let mut current = rows.to_vec();
        if !rows.is_empty() {
            let (department, record_no) = (
                frame.column("department")?.str()?,
                frame.column("record_no")?.str()?,
            );
            let name = |row: &usize| {
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                (text(department.get(*row)), text(record_no.get(*row)))
            };
            self.recounted
                .get_or_insert_default()
                .extend(rows.iter().map(name));
            if let Some(live) = &piece.live {
                current.retain(|row| live[*row]);
            }
            self.take_rows(frame, &current, true)?;
        }
        self.note(first..self.records.len(), Some(current));
        Ok(())
    }

    fn take_rows(
        &mut self,
        frame: &DataFrame,
        rows: &[usize],
        published: bool,
    ) -> Result<(), Error> {
        let text = |name: &str| frame.column(name).and_then(|column| column.str());
        let date = |name: &str| {
            frame
                .column(name)
                .and_then(|column| column.date().map(|dates| &dates.phys))
        };
        let (person, department, record_no) =
            (text("person")?, text("department")?, text("record_no")?);
        let (occupation, level, status) = (text("occupation")?, text("level")?, text("status")?);
        let (training_type, funding_source, employer) = (
            text("training_type")?,
            text("funding_source")?,
            text("employer_uscc")?,
        );
        let (start, end) = (date("start_date")?, date("end_date")?);
        for row in rows.iter().copied() {
            self.records.push(RecordsBuilder {
                person: number(person.get(row).expect("every training record has a person")),
                department: department.get(row).unwrap_or_default(),
                record_no: record_no.get(row).unwrap_or_default(),
                occupation: occupation.get(row).unwrap_or_default(),
                level: level.get(row).unwrap_or_default(),
                start: start.get(row).unwrap_or_default(),
                end: end.get(row),
                status: status.get(row).unwrap_or_default(),
                training_type: training_type.get(row).unwrap_or_default(),
                funding_source: funding_source.get(row).unwrap_or_default(),
                employer: employer.get(row).unwrap_or_default(),
            });
        }
        if published {
            // Of appended records nothing was said; they never differ, being published for the first time.
            self.before
                .resize(self.records.len() - rows.len(), Stored::default());
            let said = said_in(frame)?;
            self.before.extend(rows.iter().map(|row| said[*row]));
        }
        Ok(())
    }
}

fn columns(published: bool) -> Vec<&'static str> {
    let said: &[&str] = if published { &SAID } else { &[] };
    COLUMNS.iter().chain(said).copied().collect()
}

/// A person's id from its 32 hexadecimal digits.
fn number(person: &str) -> u128 {
    let mut bytes = [0; 16];
    hex::decode_to_slice(person, &mut bytes).expect("a person's id has 32 digits");
    u128::from_be_bytes(bytes)
}

/// The first half of a person's id, and of the digits of one.
fn half(person: u128) -> u64 {
    u64::try_from(person >> 64).expect("half of it")
}

fn half_of(person: &str) -> u64 {
    let mut bytes = [0; 8];
    hex::decode_to_slice(&person[..16], &mut bytes).expect("a person's id has 32 digits");
    u64::from_be_bytes(bytes)
}

/// Lets few pass that are not in a set, and looks at little memory for it.
struct Sieve(Vec<bool>);

impl Sieve {
    const HOLES: usize = 1 << 16;

    fn new(touched: &Touched) -> Self {
        let mut holes = vec![false; Self::HOLES];
        #[expect(clippy::iter_over_hash_type, reason = "holes are made in any order")]
        for half in touched {
            holes[Self::hole(*half)] = true;
        }
        Self(holes)
    }

    fn hole(half: u64) -> usize {
        usize::try_from(half).unwrap_or_default() % Self::HOLES
    }

    fn passes(&self, half: u64) -> bool {
        self.0[Self::hole(half)]
    }
}

fn stored(outcomes: &Outcomes, row: usize) -> Stored {
    let reason = outcomes.reasons[row];
    (reason.is_none(), reason, outcomes.own_line[row])
}

/// What is stored of every row of a frame.
fn said_in(frame: &DataFrame) -> Result<Vec<Stored>, Error> {
    let yes = |name: &str| frame.column(name).and_then(|column| column.bool());
    let (counted, own_line) = (yes("counted")?, yes("own_line")?);
    let reason = frame.column("reason")?.str()?;
    let rows = counted.iter().zip(reason.iter()).zip(own_line.iter());
    let said = rows.map(|((counted, reason), own_line)| {
        let reason =
            reason.and_then(|code| Reason::ALL.into_iter().find(|reason| reason.code() == code));
        (counted.unwrap_or(false), reason, own_line.unwrap_or(false))
    });
    Ok(said.collect())
}

impl Counted {
    /// Whether something else is said of a record of the piece than before.
    pub(super) fn differs(&self, piece: usize) -> bool {
        self.taken[piece].differs
    }

    /// What is said of every row of a piece, as columns; nothing in particular of rows that are not current. `frame` is what was
    /// read of the piece; without it all its rows are current and were counted.
    pub(super) fn columns_of(
        &self,
        at: usize,
        piece: &Piece,
        frame: Option<&DataFrame>,
    ) -> Result<DataFrame, Error> {
        let taken = &self.taken[at];
        let mut counted = taken.records.clone().map(|row| stored(&self.outcomes, row));
        let said: Vec<Stored> = match (&taken.rows, frame) {
            (Some(rows), Some(frame)) => {
                let mut said = said_in(frame)?;
                rows.iter()
                    .zip(counted)
                    .for_each(|(row, now)| said[*row] = now);
                said
            }
            _ => match &piece.live {
                None => counted.collect(),
                Some(live) => live
                    .iter()
                    .map(|live| live.then(|| counted.next()).flatten().unwrap_or_default())
                    .collect(),
            },
        };
        let columns = vec![
            boolean(SAID[0], said.iter().map(|(counted, _, _)| *counted)),
            texts(
                SAID[1],
                said.iter().map(|(_, reason, _)| reason.map(Reason::code)),
            ),
            boolean(SAID[2], said.iter().map(|(_, _, own_line)| *own_line)),
        ];
        Ok(DataFrame::new(said.len(), columns)?)
    }

    /// The table of findings: those of before that still stand, and those found now.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub(super) fn findings(
        &self,
        pieces: &[Piece],
        base: Option<&Snapshot>,
    ) -> Result<DataFrame, Error> {
        let (records, found) = (&self.records, &self.outcomes.findings);
        let rows: Vec<usize> = found.iter().map(|(row, _)| *row as usize).collect();
        let divisions = self.divisions_of(pieces, &rows)?;
        let columns = vec![
            texts("rule", found.iter().map(|(_, rule)| Some(*rule))),
            texts(
                "department",
                rows.iter().map(|row| Some(records.department.get(*row))),
            ),
            texts(
                "record_no",
                rows.iter().map(|row| Some(records.record_no(*row))),
            ),
            texts(
                "division",
                divisions.iter().map(|division| Some(division.as_str())),
            ),
        ];
        let now = DataFrame::new(rows.len(), columns)?;
        let (Some(recounted), Some(base)) =
            (&self.recounted, base.filter(|base| base.has(FINDINGS)))
        else {
            return Ok(now);
        };
        let before = base.scan(FINDINGS)?.collect()?;
        let departments = before.column("department")?.str()?.iter();
        let names = departments.zip(before.column("record_no")?.str()?.iter());
        let stand: Vec<bool> = names
            .map(|(department, record_no)| {
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                !recounted.contains(&(text(department), text(record_no)))
            })
            .collect();
        let mut all = before.filter(&BooleanChunked::from_slice("stand".into(), &stand))?;
        all.vstack_mut(&now)?;
        Ok(all)
    }

    /// The divisions of some records, which are given in ascending order.
    fn divisions_of(&self, pieces: &[Piece], records: &[usize]) -> Result<Vec<String>, Error> {
        let mut divisions = Vec::with_capacity(records.len());
        let mut wanted = records.iter().copied().peekable();
        for (piece, taken) in pieces.iter().zip(&self.taken) {
            if wanted
                .peek()
                .is_none_or(|record| *record >= taken.records.end)
            {
                continue;
            }
            let mut frame = piece.read(Some(&["division"]))?;
            if taken.rows.is_none() {
                frame = piece.current(frame)?;
            }
            let column = frame.column("division")?.str()?;
            while let Some(record) = wanted.next_if(|record| *record < taken.records.end) {
                let at = record - taken.records.start;
                let row = taken.rows.as_ref().map_or(at, |rows| rows[at]);
                divisions.push(column.get(row).unwrap_or_default().to_owned());
            }
        }
        Ok(divisions)
    }
}

/// Keeps rows on their way into the log for counting. False where they cannot be counted from here: one takes a record back, or
/// the contract has no such column.
pub(super) fn keep(
    records: &mut Records,
    contract: &Contract,
    batch: &Batch,
    placed: &[Placed],
    department: &str,
) -> bool {
    let persons = placed.iter().map(|row| row.person);
    let persons: Option<Vec<u128>> = persons
        .map(|person| Some(u128::from_be_bytes(*person?.as_bytes())))
        .collect();
    let at = |name: &str| contract.position(name).map(|at| &batch.columns[at]);
    let (Some(persons), Some(Values::Day(start)), Some(Values::Day(end))) =
        (persons, at("start_date"), at("end_date"))
    else {
        return false;
    };
    let names = [
        "record_no",
        "status",
        "training_type",
        "funding_source",
        "employer_uscc",
        "occupation",
        "level",
    ];
    let Some(values) = names
        .iter()
        .map(|name| at(name))
        .collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    let text: Vec<_> = values
        .iter()
        .map(|values| |row: usize| values.text(row))
        .collect();
    let column = |at: usize| match values[at] {
        Values::Code { ids, known, extra } => Column::Words {
            ids,
            words: known,
            more: extra,
        },
        _ => Column::Texts(&text[at]),
    };
    let rows: Vec<usize> = placed.iter().map(|row| row.index).collect();
    records.extend(
        &rows,
        &Many {
            persons,
            start,
            end,
            record_no: &text[0],
            department: Column::One(department),
            status: column(1),
            training_type: column(2),
            funding_source: column(3),
            employer: column(4),
            occupation: column(5),
            level: column(6),
        },
    );
    true
}
