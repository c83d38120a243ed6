//! One run of ingestion over the submissions found, from the inbox to a published snapshot: all or nothing (DESIGN §4).

mod derive;
mod discover;
mod file;
mod frames;
mod publish;
mod register;
pub mod report;
mod state;

pub use derive::derive;
pub use publish::FINDINGS;
pub use report::{Effect, Report};

use crate::engine::schema::CERTIFICATES;
use crate::intake::discover::FileName;
use crate::intake::dispose::{self, Changes, State};
use crate::intake::reading::ColumnNames;
use crate::intake::receipt::{Earlier, FileStatus, Receipt, RowEffect, Totals, Violation};
use crate::intake::shown::{shown_name, without_numbers_of_persons};
use crate::intake::validate::Secrets;
use crate::intake::{Plan, days};
use crate::lake::{
    Appender, CommitFacts, Key, Lake, Load, Persons, Snapshot, Submission, SubmissionStatus, Vault,
};
use crate::programme::{ColumnType, Contract, Programme, Text};
use crate::project::Definitions;
use chrono::{DateTime, FixedOffset};
use discover::Found;
use polars::prelude::{LazyFrame, PolarsError};
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::PathBuf;

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
    for (position, file) in found.iter().enumerate() {
        let name = shown_name(&file.name);
        progress(Progress::File(position + 1, found.len(), &name));
        run.take(file)?;
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
    report: Report,
    load: Load,
}

impl Run<'_> {
    fn take(&mut self, found: &Found) -> Result<(), Error> {
        let sha256 = match discover::sha256(&found.path) {
            Ok(sha256) => sha256,
            // What cannot be opened is set aside like any file that cannot be read; the others go on (Q08).
            Err(Error::Io { source, .. }) => {
                let name = FileName::parse(&found.name, self.programme).ok();
                let message = Text::new(
                    format!("文件无法打开: {source}"),
                    format!("the file cannot be opened: {source}"),
                );
                return self.quarantine(found, name.as_ref(), "", message);
            }
            Err(error) => return Err(error),
        };
        let name = match FileName::parse(&found.name, self.programme) {
            Ok(name) => name,
            Err(message) => {
                self.quarantine(found, None, &sha256, message)?;
                return Ok(());
            }
        };
        if let Some(earlier) = self.earlier(&name, &sha256)? {
            let status = FileStatus::Duplicate;
            let receipt = whole_file(&name.name, &sha256, status, Some(&name), vec![]);
            let receipt = Receipt {
                earlier: Some(earlier),
                ..receipt
            };
            self.note(Some(&name), receipt);
            return Ok(());
        }
        match self.pass(found, &name, &sha256)? {
            Ok(passed) => self.keep(&name, passed),
            Err(message) => self.quarantine(found, Some(&name), &sha256, message),
        }
    }

    /// Where the same bytes of the same dataset and department were received: in this load, or in one before it.
    fn earlier(&self, name: &FileName, sha256: &str) -> Result<Option<Earlier>, Error> {
        let in_load = self.submissions.iter().find(|submission| {
            submission.status == SubmissionStatus::Loaded
                && submission.dataset == name.dataset
                && submission.department == name.department
                && submission.sha256 == sha256
        });
        if let Some(submission) = in_load {
            let load = self.load.id().to_owned();
            return Ok(Some(Earlier::new(
                load,
                submission.file.clone(),
                submission.rejected,
            )));
        }
        let lake = &self.store.lake;
        let seen = lake.submission_seen(&name.dataset, &name.department, sha256)?;
        Ok(seen.map(|(load, file, rejected)| Earlier::new(load, file, rejected)))
    }

    /// Passes a file while its bytes are archived; the message where it cannot be read.
    fn pass(
        &mut self,
        found: &Found,
        name: &FileName,
        sha256: &str,
    ) -> Result<Result<file::Passed, Text>, Error> {
        self.open_dataset(&name.dataset)?;
        let archiver = (!self.order.dry_run)
            .then(|| self.load.archiver(self.store.key))
            .transpose()?;
        let dataset = &self.datasets[&name.dataset];
        if dataset.plan.contract.has_persons() && self.persons.is_none() {
            self.persons = Some(self.vault.enrolment(&mut self.load, None)?);
        }
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

    fn open_dataset(&mut self, dataset: &str) -> Result<(), Error> {
        if self.datasets.contains_key(dataset) {
            return Ok(());
        }
        let contract = &self.programme.contracts[dataset];
        let opened = Dataset {
            plan: Plan::new(self.programme, contract),
            names: column_names(contract),
            base: state::committed(self.base.as_ref(), dataset)?,
            changes: Changes::default(),
            seq: 0,
            log: None,
            aside: None,
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
        for (table, appender, staged) in [
            ("log", &mut dataset.log, &passed.log),
            ("aside", &mut dataset.aside, &passed.aside),
        ] {
            for frame in staged {
                if appender.is_none() {
                    *appender = Some(self.load.appender(&format!("{}_{table}", name.dataset))?);
                }
                appender.as_mut().expect("it was just made").write(frame)?;
            }
        }
        for appender in passed.appenders {
            appender.finish()?;
        }
        dispose::merge(&mut dataset.changes, passed.changes);
        dataset.seq += passed.rows;
        self.note(Some(name), passed.receipt);
        Ok(())
    }

    fn quarantine(
        &mut self,
        found: &Found,
        name: Option<&FileName>,
        sha256: &str,
        message: Text,
    ) -> Result<(), Error> {
        let violation = Violation {
            row: 0,
            sheet: None,
            rule: "V-FILE".to_owned(),
            column: String::new(),
            effect: RowEffect::Reject,
            value: String::new(),
            // It may quote the file's name, a header or the parser, and these the file.
            message: Text::new(
                without_numbers_of_persons(&message.zh),
                without_numbers_of_persons(&message.en),
            ),
        };
        let receipt = whole_file(
            &shown_name(&found.name),
            sha256,
            FileStatus::Quarantined,
            name,
            vec![violation],
        );
        self.note(name, receipt);
        Ok(())
    }

    fn note(&mut self, name: Option<&FileName>, receipt: Receipt) {
        self.report.totals.add(&receipt.totals);
        let totals = receipt.totals;
        self.submissions.push(Submission {
            file: receipt.file.clone(),
            sha256: receipt.sha256.clone(),
            dataset: name.map(|name| name.dataset.clone()).unwrap_or_default(),
            department: name.map(|name| name.department.clone()).unwrap_or_default(),
            division: name.map(|name| name.division.clone()).unwrap_or_default(),
            period: name.map(|name| name.period.clone()).unwrap_or_default(),
            status: match receipt.status {
                FileStatus::Loaded => SubmissionStatus::Loaded,
                FileStatus::Duplicate => SubmissionStatus::Duplicate,
                FileStatus::Quarantined => SubmissionStatus::Quarantined,
            },
            received: totals.received,
            new: totals.new,
            correction: totals.correction,
            withdrawal: totals.withdrawal,
            unchanged: totals.unchanged,
            rejected: totals.rejected,
            receipt: serde_json::to_value(&receipt).expect("a receipt is JSON"),
        });
        self.report.files.push(receipt);
    }

    fn finish(mut self, definitions: &Definitions, preview: Preview<'_>) -> Result<Report, Error> {
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
        if let Some(persons) = self.persons.take() {
            persons.finish()?;
        }
        for (id, dataset) in &mut self.datasets {
            // The committed state is no longer needed, and publishing needs the room.
            dataset.base = State::default();
            if !dataset.changes.is_empty() {
                publish::publish(
                    &self.load,
                    self.programme,
                    &self.programme.contracts[id],
                    &dataset.changes,
                    self.base.as_ref(),
                )?;
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
        if withdrawn.height() > 0
            || self
                .base
                .as_ref()
                .is_some_and(|base| base.rows(state::WITHDRAWN) > 0)
        {
            self.load.replace(state::WITHDRAWN, &withdrawn)?;
        }
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
}

fn whole_file(
    file: &str,
    sha256: &str,
    status: FileStatus,
    name: Option<&FileName>,
    violations: Vec<Violation>,
) -> Receipt {
    Receipt {
        file: file.to_owned(),
        sha256: sha256.to_owned(),
        status,
        totals: Totals::default(),
        repairs: vec![],
        violations,
        dataset: name.map(|name| name.dataset.clone()),
        department: name.map(|name| name.department.clone()),
        reading: None,
        earlier: None,
        repairs_not_listed: 0,
        violations_not_listed: 0,
        rows_to_correct: vec![],
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
