//! One run of ingestion over the submissions found, from the inbox to a published snapshot: all or nothing (DESIGN §4).

mod arrive;
mod counted;
mod derive;
mod discover;
mod file;
mod frames;
mod publish;
mod register;
pub mod report;
mod state;

pub use counted::FINDINGS;
pub use derive::derive;
pub use report::{Effect, Report};

use crate::counting::Records;
use crate::engine::schema::{CERTIFICATES, COUNTED_DATASET};
use crate::intake::discover::FileName;
use crate::intake::dispose::{self, Changes, State};
use crate::intake::reading::ColumnNames;
use crate::intake::receipt::{FileStatus, Totals};
use crate::intake::shown::shown_name;
use crate::intake::validate::Secrets;
use crate::intake::{Plan, days};
use crate::lake::{
    Appender, CommitFacts, FileStamp, Key, Lake, Load, Persons, Snapshot, Submission, Vault,
};
use crate::programme::{ColumnType, Contract, Programme, Text};
use crate::project::Definitions;
use chrono::{DateTime, FixedOffset};
use discover::Found;
use polars::prelude::{LazyFrame, PolarsError};
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a load failed; nothing of it remains.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lake refused or failed.
    #[error(transparent)]
    Lake(#[from] crate::lake::Error),
    /// A frame could not be made or read.
    #[error("a frame cannot be made or read: {0}")]
    Frame(#[from] PolarsError),
    /// A file could not be read.
    #[error("cannot read {}: {source}", shown_name(&path.to_string_lossy()))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Nothing lies at a path that was named.
    #[error("there is nothing at {}", shown_name(&path.to_string_lossy()))]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The counts of a file do not add up, which is a bug of ours; the load is not committed.
    #[error("the dispositions of {file} do not add up: {totals:?}")]
    Unbalanced {
        /// The file.
        file: String,
        /// Its counts.
        totals: Totals,
    },
    /// The program was told to stop.
    #[error("the load was told to stop")]
    Stopped,
}

/// Told while a load runs.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A file is begun: its position, their number, its name.
    File(usize, usize, &'a str),
    /// All files are in; tables are published.
    Publishing,
}

/// What a load is asked to do.
pub struct Order<'a> {
    /// Files and folders to take.
    pub paths: &'a [PathBuf],
    /// Folders inside these that are not inboxes (receipts lie there).
    pub leave: &'a [PathBuf],
    /// Write nothing.
    pub dry_run: bool,
    /// The instant of the load; its day decides what lies in the future.
    pub now: DateTime<FixedOffset>,
    /// Ends the load before its next file once it is true.
    pub stopping: Option<&'a AtomicBool>,
}

/// The lake and the key a load works with.
pub struct Store<'a> {
    /// The lake.
    pub lake: &'a Lake,
    /// The vault's key.
    pub key: &'a Key,
}

/// Tables a load would leave, handed to whoever computes its effect before it is dropped.
pub type Preview<'a> = &'a mut dyn FnMut(BTreeMap<String, LazyFrame>) -> Vec<Effect>;

/// Runs one load. A dry run goes the same way up to the commit, hands the tables it would leave to `preview`, and drops them.
///
/// # Errors
/// When a path does not exist or the lake fails; mistakes in files are never errors but part of the report.
pub fn run(
    store: &Store<'_>,
    definitions: &Definitions,
    order: &Order<'_>,
    preview: Preview<'_>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Report, Error> {
    let found = discover::find(order.paths, order.leave)?;
    let programme = &definitions.programme;
    let load = store.lake.begin()?;
    let base = load.base().cloned();
    let vault = Vault::new(store.key);
    let mut digest_key = [0; 16];
    for (half, label) in digest_key
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .zip([b"records", b"content"])
    {
        let mut hasher = vault.digest64();
        hasher.write(label);
        *half = hasher.finish().to_le_bytes();
    }
    let blind_index = |id_type: &str, number: &str| vault.blind_index(id_type, number);
    let mut run = Run {
        store,
        programme,
        order,
        secrets: Secrets {
            blind_index: &blind_index,
            digest_key,
        },
        vault: &vault,
        base,
        datasets: BTreeMap::new(),
        persons: None,
        submissions: Vec::new(),
        hashed: Vec::new(),
        report: Report {
            load: None,
            snapshot: None,
            dry_run: order.dry_run,
            files: vec![],
            totals: Totals::default(),
            effect: vec![],
        },
        load,
    };
    let stopping = || {
        order
            .stopping
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    };
    for (position, file) in found.iter().enumerate() {
        if stopping() {
            return Err(Error::Stopped);
        }
        let name = shown_name(&file.name);
        progress(Progress::File(position + 1, found.len(), &name));
        run.take(file)?;
    }
    if stopping() {
        return Err(Error::Stopped);
    }
    progress(Progress::Publishing);
    run.finish(definitions, preview)
}

/// One dataset of the load.
struct Dataset {
    plan: Plan,
    names: ColumnNames,
    base: State,
    changes: Changes,
    /// Rows disposed so far: the next row's position in the load.
    seq: u32,
    log: Option<Appender>,
    aside: Option<Appender>,
    /// Whether a record of before was replaced or taken back.
    replaces: bool,
    /// The rows for the log as they are counted: of files that were staged as they came, and, after these, of the others.
    kept: [Option<Records>; 2],
}

impl Dataset {
    /// Keeps a file's rows for counting, in the order in which they come to stand in the log.
    fn keep(&mut self, staged: bool, rows: Option<Records>) {
        let kept = &mut self.kept[usize::from(!staged)];
        *kept = kept.take().zip(rows).map(|(mut kept, rows)| {
            kept.append(rows);
            kept
        });
    }

    /// All rows kept, unless some were not.
    fn take_kept(&mut self) -> Option<Records> {
        let [staged, others] = std::mem::take(&mut self.kept);
        let (mut all, others) = staged.zip(others)?;
        all.append(others);
        Some(all)
    }
}

struct Run<'a> {
    store: &'a Store<'a>,
    programme: &'a Programme,
    order: &'a Order<'a>,
    secrets: Secrets<'a>,
    vault: &'a Vault,
    base: Option<Snapshot>,
    datasets: BTreeMap<String, Dataset>,
    persons: Option<Persons>,
    submissions: Vec<Submission>,
    /// Files that were read, as they looked before.
    hashed: Vec<(FileStamp, String)>,
    report: Report,
    load: Load,
}

impl Run<'_> {
    /// Passes a file while its bytes are archived; the message where it cannot be read.
    fn pass(
        &mut self,
        found: &Found,
        name: &FileName,
        sha256: &str,
    ) -> Result<Result<file::Passed, Text>, Error> {
        self.open(&name.dataset)?;
        let archiver = (!self.order.dry_run)
            .then(|| self.load.archiver_of(self.store.key, sha256))
            .transpose()?;
        let dataset = &self.datasets[&name.dataset];
        let desk = file::Desk {
            plan: &dataset.plan,
            names: &dataset.names,
            limits: &self.programme.config.limits,
            secrets: &self.secrets,
            today: days(self.order.now.date_naive()),
            load: &self.load,
            load_number: load_number(&self.load),
        };
        let file = file::File {
            name: &found.name,
            extension: &name.extension,
            path: &found.path,
            department: &name.department,
            sha256,
        };
        let persons = &mut self.persons;
        let (passed, archived) = std::thread::scope(|scope| {
            let archiving = archiver
                .map(|archiver| scope.spawn(move || discover::archive(&found.path, archiver)));
            let passed = file::pass(
                &desk,
                &file,
                &dataset.base,
                &dataset.changes,
                dataset.seq,
                persons,
            );
            let archived = archiving.map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            (passed, archived)
        });
        if let Some(archived) = archived.transpose()? {
            self.load.archived(archived)?;
        }
        match passed {
            Ok(passed) => Ok(Ok(passed)),
            Err(file::Stopped::Unreadable(reason)) => Ok(Err(Text::new(reason.zh(), reason.en()))),
            Err(file::Stopped::Failed(error)) => Err(error),
            Err(file::Stopped::Conflicts(_)) => unreachable!("conflicts are passed again"),
        }
    }

    /// Reads what is known of a dataset's records and of persons, side by side.
    fn open(&mut self, dataset: &str) -> Result<(), Error> {
        let contract = &self.programme.contracts[dataset];
        let base = self.base.clone();
        let known = self.datasets.contains_key(dataset);
        let state = std::thread::scope(|scope| {
            let state = (!known).then(|| scope.spawn(|| state::committed(base.as_ref(), dataset)));
            if contract.has_persons() && self.persons.is_none() {
                self.persons = Some(self.vault.enrolment(&mut self.load, None)?);
            }
            state
                .map(|state| {
                    state
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .transpose()
        })?;
        let Some(base) = state else { return Ok(()) };
        let opened = Dataset {
            plan: Plan::new(self.programme, contract),
            names: column_names(contract),
            base,
            changes: Changes::default(),
            seq: 0,
            log: None,
            aside: None,
            replaces: false,
            kept: [Some(Records::default()), Some(Records::default())],
        };
        self.datasets.insert(dataset.to_owned(), opened);
        Ok(())
    }

    fn keep(&mut self, name: &FileName, passed: file::Passed) -> Result<(), Error> {
        if !passed.receipt.totals.balance() {
            return Err(Error::Unbalanced {
                file: name.name.clone(),
                totals: passed.receipt.totals,
            });
        }
        let dataset = self
            .datasets
            .get_mut(&name.dataset)
            .expect("it was opened for the file");
        for (slot, kind, staged) in [
            (&mut dataset.log, "log", passed.log.len()),
            (&mut dataset.aside, "aside", passed.aside.len()),
        ] {
            if slot.is_none() && staged > 0 {
                *slot = Some(self.load.appender(&format!("{}_{kind}", name.dataset))?);
            }
        }
        if let Some(log) = &mut dataset.log {
            passed
                .log
                .iter()
                .try_for_each(|rows| log.write_block(rows))?;
        }
        if let Some(aside) = &mut dataset.aside {
            passed.aside.iter().try_for_each(|rows| aside.write(rows))?;
        }
        let totals = passed.receipt.totals;
        dataset.replaces |= totals.correction + totals.withdrawal > 0;
        dataset.keep(!passed.appenders.is_empty(), passed.kept);
        for appender in passed.appenders {
            appender.finish()?;
        }
        dispose::merge(&mut dataset.changes, passed.changes);
        dataset.seq += passed.rows;
        self.note(Some(name), passed.receipt);
        Ok(())
    }

    /// Notes the digests of files that were settled before the load began, so that the next load need not read them again. Noted
    /// in vain where the load fails: a note alone makes no file a repeat.
    fn note_digests(&mut self) -> Result<(), Error> {
        if self.order.dry_run {
            return Ok(());
        }
        let begun = self.load.begun();
        let mut hashed = std::mem::take(&mut self.hashed);
        hashed.retain(|(file, _)| begun.is_some_and(|begun| file.is_settled(begun)));
        Ok(self.store.lake.note_digests(&hashed)?)
    }

    fn finish(mut self, definitions: &Definitions, preview: Preview<'_>) -> Result<Report, Error> {
        self.note_digests()?;
        let loaded = self
            .report
            .files
            .iter()
            .any(|file| file.status == FileStatus::Loaded);
        if !loaded {
            return Ok(self.report);
        }
        if !self.report.totals.balance() {
            return Err(Error::Unbalanced {
                file: self.load.id().to_owned(),
                totals: self.report.totals,
            });
        }
        for dataset in self.datasets.values_mut() {
            for appender in [dataset.log.take(), dataset.aside.take()]
                .into_iter()
                .flatten()
            {
                appender.finish()?;
            }
        }
        if self.counted_otherwise()? {
            self.open(COUNTED_DATASET)?;
        }
        if let Some(persons) = self.persons.take() {
            persons.finish()?;
        }
        self.publish()?;
        self.report.load = Some(self.load.id().to_owned());
        if self.order.dry_run {
            let tables = self
                .programme
                .contracts
                .keys()
                .filter_map(|dataset| Some((dataset.clone(), self.load.scan(dataset).ok()??)));
            self.report.effect = preview(tables.collect());
            self.report.load = None;
            return Ok(self.report);
        }
        for table in self
            .datasets
            .keys()
            .flat_map(|dataset| [format!("{dataset}_log"), format!("{dataset}_aside")])
        {
            self.load.compact(&table)?;
        }
        let records = self
            .programme
            .contracts
            .keys()
            .map(|dataset| self.load.rows(dataset))
            .sum();
        let facts = CommitFacts {
            published_at: self.order.now,
            day: self.order.now.date_naive(),
            definitions_digest: definitions.digest.clone(),
            definitions: definitions.archive(),
            records,
            submissions: self.submissions,
            totals: serde_json::to_value(self.report.totals).expect("totals are JSON"),
        };
        let info = self.load.commit(facts)?;
        self.report.snapshot = Some(info.id.as_str().to_owned());
        Ok(self.report)
    }

    /// Whether the published records were counted by other rules than those of now.
    fn counted_otherwise(&self) -> Result<bool, Error> {
        let published = |base: &Snapshot| base.has(COUNTED_DATASET);
        let counts = self.programme.contracts.contains_key(COUNTED_DATASET);
        Ok(counts && self.base.as_ref().is_some_and(published) && !self.counts_stand()?)
    }

    fn counts_stand(&self) -> Result<bool, Error> {
        let counted_by = counted::fingerprint(self.programme);
        Ok(self.store.lake.note(counted::NOTE)? == Some(counted_by))
    }

    /// Publishes the tables of every dataset that changed, and those that are made from them. Where the counting rules are others
    /// than those that were counted by, the records are counted anew even if none of them changed.
    fn publish(&mut self) -> Result<(), Error> {
        let counted_by = counted::fingerprint(self.programme);
        let counts_stand = self.counts_stand()?;
        let counted_otherwise = self.counted_otherwise()?;
        for (id, dataset) in &mut self.datasets {
            // The committed state is no longer needed, and publishing needs the room.
            dataset.base = State::default();
            let recounted = id == COUNTED_DATASET && counted_otherwise;
            if dataset.changes.is_empty() && !recounted {
                continue;
            }
            let appended = dataset.take_kept();
            publish::publish(publish::Publication {
                load: &self.load,
                programme: self.programme,
                contract: &self.programme.contracts[id],
                changes: &dataset.changes,
                replaces: dataset.replaces,
                base: self.base.as_ref(),
                appended,
                counts_stand,
            })?;
            if id == COUNTED_DATASET {
                self.load.note(counted::NOTE, &counted_by);
            }
        }
        let certified = self.datasets.get(CERTIFICATES);
        if certified.is_some_and(|dataset| !dataset.changes.is_empty()) {
            register::publish(&self.load, self.programme)?;
        }
        let changes: Vec<(&str, &Changes)> = self
            .datasets
            .iter()
            .map(|(id, dataset)| (id.as_str(), &dataset.changes))
            .collect();
        let withdrawn = state::withdrawn_after(self.base.as_ref(), &changes)?;
        let withdrawn_before = self
            .base
            .as_ref()
            .is_some_and(|base| base.rows(state::WITHDRAWN) > 0);
        if withdrawn.height() > 0 || withdrawn_before {
            self.load.replace(state::WITHDRAWN, &withdrawn)?;
        }
        Ok(())
    }
}

fn load_number(load: &Load) -> i64 {
    load.id()
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .parse()
        .unwrap_or(0)
}

/// The headers a contract's columns are found by.
pub fn column_names(contract: &Contract) -> ColumnNames {
    let measures = contract
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| matches!(column.kind, ColumnType::Integer | ColumnType::Decimal));
    ColumnNames::new(contract.columns.iter().map(|column| {
        let names = [
            column.title.zh.clone(),
            column.name.clone(),
            column.title.en.clone(),
        ];
        let spellings = names
            .into_iter()
            .chain(column.aliases.iter().cloned())
            .collect();
        (spellings, column.required)
    }))
    .with_measures(measures.map(|(at, _)| at))
}
