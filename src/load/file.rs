//! One submission: read, validate, pseudonymise, dispose and stage its rows. Reading, validating and writing run side by side.

use super::Error;
use super::counted;
use super::frames::{self, Origin, Placed};
use crate::counting::Records;
use crate::engine::schema::COUNTED_DATASET;
use crate::intake::batch::RecordKey;
use crate::intake::dispose::{Changes, Disposition, FileDisposer, Refusal, State};
use crate::intake::reading::{self, Chunk, ColumnNames, Layout, Limits, Source, Unreadable};
use crate::intake::receipt::{FileStatus, Receipt, RowEffect, RowToCorrect, SHOWN_MAX, Violation};
use crate::intake::shown::{shown, without_numbers_of_persons};
use crate::intake::validate::{Checked, Secrets, Validator};
use crate::intake::{Plan, refusal};
use crate::lake::{Appender, Block, Candidate, Load, PersonId, Persons};
use crate::programme::contract::Personal;
use crate::programme::{Language, Text};
use polars::prelude::DataFrame;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Chunks of a file that are held back until it is known to be right as a whole; larger files are staged as they come.
const HELD_CHUNKS_MAX: usize = 8;
/// Rejected rows that go back in one workbook.
const ROWS_TO_CORRECT_MAX: usize = 200_000;

/// What a file is read with.
pub(super) struct Desk<'a> {
    pub(super) plan: &'a Plan,
    pub(super) names: &'a ColumnNames,
    pub(super) limits: &'a Limits,
    pub(super) secrets: &'a Secrets<'a>,
    /// Days since 1970-01-01.
    pub(super) today: i32,
    pub(super) load: &'a Load,
    pub(super) load_number: i64,
}

/// The file at hand.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) extension: &'a str,
    pub(super) path: &'a Path,
    pub(super) department: &'a str,
    pub(super) sha256: &'a str,
}

/// What a file gave, not yet part of the load's state.
pub(super) struct Passed {
    pub(super) receipt: Receipt,
    pub(super) changes: Changes,
    pub(super) rows: u32,
    pub(super) log: Vec<Block>,
    pub(super) aside: Vec<DataFrame>,
    pub(super) appenders: Vec<Appender>,
    /// The rows for the log as they are counted, where they were kept.
    pub(super) kept: Option<Records>,
}

impl Passed {
    /// Gives up what the file gave; the load goes on without it.
    pub(super) fn abandon(self) {
        self.appenders.into_iter().for_each(Appender::abandon);
    }
}

/// Why a file gave nothing.
pub(super) enum Stopped {
    /// It cannot be read as a whole.
    Unreadable(Unreadable),
    /// A key stands in it with different contents: it must be passed again, knowing these.
    Conflicts(HashSet<RecordKey>),
    /// We failed.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Passes a file: once more where its first pass finds a key with different contents, and once more where its parser died, since
/// that may have been the machine's fault; a file whose parser dies twice is unreadable.
pub(super) fn pass(
    desk: &Desk<'_>,
    file: &File<'_>,
    base: &State,
    changes: &Changes,
    seq: u32,
    persons: &mut Option<Persons>,
) -> Result<Passed, Stopped> {
    let mut conflicts = HashSet::new();
    let mut died = false;
    loop {
        match pass_once(desk, file, base, changes, &conflicts, seq, persons) {
            Err(Stopped::Conflicts(found)) => conflicts.extend(found),
            Err(Stopped::Unreadable(Unreadable::ParserDied { .. })) if !died => died = true,
            other => return other,
        }
    }
}

fn pass_once(
    desk: &Desk<'_>,
    file: &File<'_>,
    base: &State,
    changes: &Changes,
    conflicts: &HashSet<RecordKey>,
    seq: u32,
    persons: &mut Option<Persons>,
) -> Result<Passed, Stopped> {
    let mut sink = Sink::new(desk, file, persons);
    let mut disposer = FileDisposer::new(base, changes, conflicts, seq);
    disposer.expect_rows(rows_expected(file.path));
    let outcome = std::thread::scope(|scope| {
        let (to_validator, chunks) = sync_channel::<Chunk>(2);
        let (to_sink, checked) = sync_channel::<(Chunk, Checked)>(2);
        let reader = scope.spawn(move || {
            let source = Source {
                name: file.name,
                extension: file.extension,
                path: file.path,
            };
            reading::read(
                &source,
                desk.names,
                desk.limits,
                &mut |chunk| match to_validator.send(chunk) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                },
            )
        });
        scope.spawn(move || validate(desk, file, &chunks, &to_sink));
        let taken = checked
            .iter()
            .try_for_each(|(chunk, checked)| sink.take(chunk, checked, &mut disposer));
        drop(checked);
        let layout = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.map(|()| layout)
    });
    match outcome
        .map_err(Stopped::Failed)
        .and_then(|layout| layout.map_err(Stopped::Unreadable))
    {
        Ok(layout) => match disposer.finish() {
            Ok(changes) => sink.finish(&layout, changes).map_err(Stopped::Failed),
            Err(found) => {
                sink.abandon();
                Err(Stopped::Conflicts(found))
            }
        },
        Err(stopped) => {
            sink.abandon();
            Err(stopped)
        }
    }
}

/// About how many rows a file has: as many as rows of all columns take that many bytes of text.
fn rows_expected(path: &Path) -> usize {
    const ROW_BYTES: u64 = 320;
    const ROWS_MAX: usize = 8_000_000;
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    usize::try_from(bytes / ROW_BYTES).map_or(ROWS_MAX, |rows| rows.min(ROWS_MAX))
}

fn validate(
    desk: &Desk<'_>,
    file: &File<'_>,
    chunks: &Receiver<Chunk>,
    to_sink: &SyncSender<(Chunk, Checked)>,
) {
    let mut validator = Validator::new(desk.plan, desk.secrets, file.department, desk.today);
    for chunk in chunks {
        let checked = validator.check(&chunk);
        if to_sink.send((chunk, checked)).is_err() {
            return;
        }
    }
}

/// A checked chunk with the disposition and position of every row of its batch.
type Held = (Chunk, Checked, Vec<(Disposition, u32)>);

/// Takes checked chunks in order and keeps what the receipt and the lake need of them.
struct Sink<'a, 'p> {
    desk: &'a Desk<'a>,
    file: &'a File<'a>,
    persons: &'p mut Option<Persons>,
    receipt: Receipt,
    repairs: u64,
    violations: u64,
    /// Sheet of every listed repair and violation, until the sheets' names are known.
    repair_sheets: Vec<usize>,
    violation_sheets: Vec<usize>,
    held: Vec<Held>,
    /// Where frames go once the file is staged as it comes.
    streaming: Option<Stream>,
    rows: u32,
    rejected_rows: u64,
    kept: Option<Records>,
}

impl<'a, 'p> Sink<'a, 'p> {
    fn new(desk: &'a Desk<'a>, file: &'a File<'a>, persons: &'p mut Option<Persons>) -> Self {
        Self {
            desk,
            file,
            persons,
            receipt: Receipt {
                file: file.name.to_owned(),
                sha256: file.sha256.to_owned(),
                status: FileStatus::Loaded,
                totals: crate::intake::receipt::Totals::default(),
                repairs: Vec::new(),
                violations: Vec::new(),
                dataset: Some(desk.plan.contract.id.clone()),
                department: Some(file.department.to_owned()),
                reading: None,
                earlier: None,
                repairs_not_listed: 0,
                violations_not_listed: 0,
                rows_to_correct: Vec::new(),
            },
            repairs: 0,
            violations: 0,
            repair_sheets: Vec::new(),
            violation_sheets: Vec::new(),
            held: Vec::new(),
            streaming: None,
            rows: 0,
            rejected_rows: 0,
            kept: (desk.plan.contract.id == COUNTED_DATASET).then(Records::default),
        }
    }

    fn take(
        &mut self,
        chunk: Chunk,
        mut checked: Checked,
        disposer: &mut FileDisposer<'_>,
    ) -> Result<(), Error> {
        self.count(&chunk, &mut checked);
        let batch = &checked.batch;
        let dispositions: Vec<(Disposition, u32)> = (0..batch.len())
            .map(|row| disposer.dispose(batch.keys[row], batch.digests[row], batch.actions[row]))
            .collect();
        self.rows += u32::try_from(batch.len()).expect("a chunk is small");
        for (row, (disposition, _)) in dispositions.iter().enumerate() {
            self.tally(*disposition);
            if let Disposition::Rejected(refused) = disposition {
                self.refuse(&chunk, batch.place[row], batch.rows[row], *refused);
            }
        }
        self.held.push((chunk, checked, dispositions));
        if self.streaming.is_none() && self.held.len() > HELD_CHUNKS_MAX {
            self.streaming = Some(Stream::begin(self.desk.load, &self.desk.plan.contract.id)?);
        }
        if self.streaming.is_some() {
            for (_, checked, dispositions) in std::mem::take(&mut self.held) {
                let frames = self.frames(checked, &dispositions)?;
                self.streaming
                    .as_ref()
                    .expect("it was just begun")
                    .send(frames);
            }
        }
        Ok(())
    }

    fn count(&mut self, chunk: &Chunk, checked: &mut Checked) {
        let totals = &mut self.receipt.totals;
        totals.received += checked.received;
        totals.rejected += checked.rejected.len() as u64;
        self.repairs += checked.repairs_count;
        self.violations += checked.violations_count;
        let room = SHOWN_MAX.saturating_sub(self.receipt.repairs.len());
        let listed = checked.repairs.drain(..).take(room);
        self.receipt.repairs.extend(listed);
        self.repair_sheets
            .resize(self.receipt.repairs.len(), chunk.sheet());
        let room = SHOWN_MAX.saturating_sub(self.receipt.violations.len());
        let listed = checked.violations.drain(..).take(room);
        self.receipt.violations.extend(listed);
        self.violation_sheets
            .resize(self.receipt.violations.len(), chunk.sheet());
        self.rejected_rows += checked.rejected.len() as u64;
        let room = ROWS_TO_CORRECT_MAX.saturating_sub(self.receipt.rows_to_correct.len());
        self.receipt
            .rows_to_correct
            .extend(checked.rejected.drain(..).take(room));
    }

    fn tally(&mut self, disposition: Disposition) {
        let totals = &mut self.receipt.totals;
        match disposition {
            Disposition::New => totals.new += 1,
            Disposition::Correction => totals.correction += 1,
            Disposition::Withdrawal => totals.withdrawal += 1,
            Disposition::Unchanged => totals.unchanged += 1,
            Disposition::Rejected(_) => totals.rejected += 1,
        }
    }

    fn refuse(&mut self, chunk: &Chunk, place: u32, row: u32, refused: Refusal) {
        let contract = &self.desk.plan.contract;
        let (rule, column) = match refused {
            Refusal::KeyTwice => ("V-KEY", contract.key[0].as_str()),
            Refusal::NothingToCorrect | Refusal::NothingToWithdraw => ("V-ACTION", "action"),
        };
        let message = refusal(refused);
        let at = contract.position(column).unwrap_or(0);
        self.violations += 1;
        if self.receipt.violations.len() < SHOWN_MAX {
            self.receipt.violations.push(Violation {
                row,
                sheet: None,
                rule: rule.to_owned(),
                column: column.to_owned(),
                effect: RowEffect::Reject,
                value: shown(chunk.cell(place as usize, at).0, Personal::None),
                message: message.clone(),
            });
            self.violation_sheets.push(chunk.sheet());
        }
        self.rejected_rows += 1;
        if self.receipt.rows_to_correct.len() < ROWS_TO_CORRECT_MAX {
            let title = &contract.columns[at].title;
            let named = |language| format!("{}: {}", title.get(language), message.get(language));
            let cells = 0..contract.columns.len();
            self.receipt.rows_to_correct.push(RowToCorrect {
                row,
                cells: cells
                    .map(|at| chunk.cell(place as usize, at).0.to_owned())
                    .collect(),
                reasons: vec![Text::new(named(Language::Zh), named(Language::En))],
            });
        }
    }

    /// The rows of a checked chunk for the log and what is set aside.
    fn frames(
        &mut self,
        checked: Checked,
        dispositions: &[(Disposition, u32)],
    ) -> Result<(Block, DataFrame), Error> {
        let contract = &self.desk.plan.contract;
        let origin = Origin {
            load: self.desk.load_number,
            submission: self.file.sha256,
            department: self.file.department,
        };
        let mut placed = Vec::with_capacity(dispositions.len());
        let mut aside = Vec::new();
        for (index, (disposition, seq)) in dispositions.iter().enumerate() {
            match disposition {
                Disposition::New | Disposition::Correction | Disposition::Withdrawal => {
                    placed.push(Placed {
                        index,
                        seq: *seq,
                        disposition: *disposition,
                        person: None,
                    });
                }
                Disposition::Unchanged => aside.push((index, "unchanged", "")),
                Disposition::Rejected(Refusal::KeyTwice) => {
                    aside.push((index, "rejected", "V-KEY"))
                }
                Disposition::Rejected(_) => aside.push((index, "rejected", "V-ACTION")),
            }
        }
        self.enrol(&checked, &mut placed)?;
        let mut set_aside = frames::aside(contract, &checked.batch, &aside, origin)?;
        let refused: Vec<(usize, &str, &str)> = checked
            .refused_rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (index, "rejected", *rule))
            .collect();
        set_aside.vstack_mut(&frames::aside(
            contract,
            &checked.refused,
            &refused,
            origin,
        )?)?;
        let keep = |kept: &mut Records| {
            let batch = &checked.batch;
            counted::keep(kept, contract, batch, &placed, origin.department)
        };
        self.kept = self
            .kept
            .take()
            .and_then(|mut kept| keep(&mut kept).then_some(kept));
        let log = frames::log(contract, checked.batch, &placed, origin);
        Ok((log, set_aside))
    }

    /// Gives every accepted row of a dataset about persons its person.
    fn enrol(&mut self, checked: &Checked, placed: &mut [Placed]) -> Result<(), Error> {
        let (Some(identities), Some(persons)) = (&checked.batch.identities, self.persons.as_mut())
        else {
            return Ok(());
        };
        // A withdrawal names its record by key only.
        let known = |row: &&mut Placed| identities.index[row.index] != [0; 16];
        let rows: Vec<&mut Placed> = placed.iter_mut().filter(known).collect();
        let candidates = rows.iter().map(|row| Candidate {
            blind_index: identities.index[row.index],
            id_type: identities.id_type.get(row.index),
            number: identities.number.get(row.index),
            name: identities.name.get(row.index),
            phone: Some(identities.phone.get(row.index)).filter(|phone| !phone.is_empty()),
        });
        let found: Vec<PersonId> = persons.enrol(candidates)?;
        for (row, person) in rows.into_iter().zip(found) {
            row.person = Some(person);
        }
        Ok(())
    }

    fn finish(mut self, layout: &Layout, changes: Changes) -> Result<Passed, Error> {
        let mut log = Vec::new();
        let mut aside = Vec::new();
        for (_, checked, dispositions) in std::mem::take(&mut self.held) {
            let (to_log, to_aside) = self.frames(checked, &dispositions)?;
            log.push(to_log);
            aside.push(to_aside);
        }
        self.name_sheets(layout);
        let mut receipt = self.receipt;
        receipt.violations.sort_by_key(|violation| violation.row);
        receipt.rows_to_correct.sort_by_key(|row| row.row);
        receipt.repairs_not_listed = self.repairs - receipt.repairs.len() as u64;
        receipt.violations_not_listed = self.violations - receipt.violations.len() as u64;
        receipt.reading = Some(super::report::layout(
            layout,
            self.rejected_rows - receipt.rows_to_correct.len() as u64,
        ));
        Ok(Passed {
            receipt,
            changes,
            rows: self.rows,
            kept: self.kept,
            log,
            aside,
            appenders: match self.streaming {
                Some(stream) => stream.end()?.into(),
                None => Vec::new(),
            },
        })
    }

    fn name_sheets(&mut self, layout: &Layout) {
        if layout.sheets.len() < 2 {
            return;
        }
        let name = |sheet: usize| {
            let sheet = layout.sheets.get(sheet)?;
            Some(without_numbers_of_persons(&sheet.name))
        };
        for (repair, sheet) in self.receipt.repairs.iter_mut().zip(&self.repair_sheets) {
            repair.sheet = name(*sheet);
        }
        for (violation, sheet) in self
            .receipt
            .violations
            .iter_mut()
            .zip(&self.violation_sheets)
        {
            violation.sheet = name(*sheet);
        }
    }

    fn abandon(self) {
        let ended = self.streaming.map(Stream::end);
        if let Some(Ok(appenders)) = ended {
            appenders.into_iter().for_each(Appender::abandon);
        }
    }
}

/// Writes frames for the log and for what is set aside on a thread of its own.
struct Stream {
    frames: SyncSender<(Block, DataFrame)>,
    thread: JoinHandle<Result<[Appender; 2], Error>>,
}

impl Stream {
    fn begin(load: &Load, dataset: &str) -> Result<Self, Error> {
        let appender = |kind: &str| load.appender(&format!("{dataset}_{kind}"));
        let mut appenders = [appender("log")?, appender("aside")?];
        let (frames, taken) = sync_channel::<(Block, DataFrame)>(2);
        let thread = std::thread::spawn(move || {
            let [log, aside] = &mut appenders;
            for (block, frame) in taken {
                log.write_block(&block)?;
                aside.write(&frame)?;
            }
            Ok(appenders)
        });
        Ok(Self { frames, thread })
    }

    /// Hands frames over. A writer that failed no longer takes any; [`Stream::end`] says why.
    fn send(&self, frames: (Block, DataFrame)) {
        let _ = self.frames.send(frames);
    }

    fn end(self) -> Result<[Appender; 2], Error> {
        drop(self.frames);
        self.thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
