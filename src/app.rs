//! One method per question anyone may ask; the server and the command line are encodings of its answers.

mod answers;
mod completeness;
mod dashboard;
mod diff;
mod examples;
mod explain;
mod figures;
mod findings;
mod marks;
mod newest;
mod published;
mod targets;
mod warm;

use crate::analysis::completeness::Return;
use crate::engine::schema;
use crate::indicators;
use crate::indicators::facts::FactsCache;
pub use crate::indicators::table::Freshness;
use crate::indicators::table::{Request, Table};
use crate::intake::receipt::FileStatus;
use crate::lake::{Key, Lake, Options, Retention, RetentionReport, Snapshot, SnapshotId};
use crate::ledger::Ledger;
use crate::load::{self, Effect, Order, Progress, Report, Store};
use crate::presentation::dashboard::Dashboards;
use crate::presentation::receipt;
use crate::programme::{Programme, Text};
use crate::project::{Definitions, Project};
use answers::Answers;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
pub use examples::check;
use figures::{Origin, figures, find_scope};
pub use newest::Standing;
use polars::prelude::LazyFrame;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
pub use warm::Warmed;

/// Why a question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was loaded yet.
    #[error("nothing has been loaded yet: run `dabiao ingest`")]
    Empty,
    /// The request names something unknown; the text says what and the valid ones.
    #[error("{}", .0.en)]
    Request(Text),
    /// The project could not be read.
    #[error(transparent)]
    Project(#[from] crate::project::Error),
    /// A snapshot was published with definitions that this version does not understand.
    #[error(
        "the definitions snapshot {snapshot} was published with cannot be read by this version of dabiao"
    )]
    Definitions {
        /// The snapshot.
        snapshot: SnapshotId,
        /// What is wrong with them.
        #[source]
        source: crate::project::Error,
    },
    /// The lake refused or failed.
    #[error(transparent)]
    Lake(#[from] crate::lake::Error),
    /// A figure could not be made.
    #[error(transparent)]
    Figure(indicators::Error),
    /// A load failed.
    #[error(transparent)]
    Load(#[from] load::Error),
    /// A ledger could not be made.
    #[error(transparent)]
    Ledger(#[from] crate::ledger::Error),
    /// A folder or a file in it could not be made.
    #[error("cannot make {path}: {source}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A frame could not be read.
    #[error("a table cannot be read: {0}")]
    Frame(#[from] polars::prelude::PolarsError),
}

impl From<indicators::Error> for Error {
    fn from(error: indicators::Error) -> Self {
        match error {
            indicators::Error::Unknown(text) => Self::Request(text),
            other => Self::Figure(other),
        }
    }
}

/// What "now" is: the clock, or a day that was handed in (the programme lies in the past).
#[derive(Debug, Clone, Copy)]
pub enum Today {
    /// The clock.
    Clock,
    /// This day, at two in the morning of the programme's time zone.
    Day(NaiveDate),
}

/// Hour of a load whose day was handed in: that of the nightly one.
const NIGHT: NaiveTime = NaiveTime::from_hms_opt(2, 0, 0).expect("a real time of day");
/// Memory for facts that breakdowns are made from.
const FACTS_BYTES_MAX: usize = 512 << 20;

/// A project that is open for questions. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    project: Project,
    lake: Lake,
    key_file: PathBuf,
    today: Today,
    /// Definitions of older snapshots, by digest.
    definitions: Mutex<HashMap<String, Definitions>>,
    answers: Answers,
    /// The same with their marks.
    marked: Answers,
    bridges: diff::Bridges,
    /// What became of expected returns, by snapshot.
    returns: Mutex<HashMap<String, Arc<Vec<Return>>>>,
    /// Facts of the pieces of published tables.
    facts: Arc<FactsCache>,
    found: findings::Kept,
    newest: newest::Seen,
    /// Loads that are under way are to end.
    stopping: AtomicBool,
}

impl App {
    /// Opens the project at `start` or above it. `key_file` overrides the configured one.
    ///
    /// # Errors
    /// [`Error::Project`] with every mistake of its files, [`Error::Lake`].
    pub fn open(start: &Path, key_file: Option<PathBuf>, today: Today) -> Result<Self, Error> {
        let project = Project::open(start)?;
        let options = Options {
            small_files_max: project.programme().config.retention.compact_when_files_over,
            ..Options::default()
        };
        let lake = Lake::open_with(&project.lake(), options)?;
        let key_file = key_file.unwrap_or_else(|| project.key_file());
        let inner = Inner {
            project,
            lake,
            key_file,
            today,
            definitions: Mutex::default(),
            answers: Answers::default(),
            marked: Answers::default(),
            bridges: diff::Bridges::default(),
            returns: Mutex::default(),
            facts: Arc::new(FactsCache::new(FACTS_BYTES_MAX)),
            found: findings::Kept::default(),
            newest: newest::Seen::default(),
            stopping: AtomicBool::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The programme as the project's files say it now.
    pub fn programme(&self) -> &Programme {
        self.inner.project.programme()
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.inner.project
    }

    /// The pages.
    pub fn dashboards(&self) -> &Dashboards {
        &self.inner.project.dashboards
    }

    /// The lake.
    pub fn lake(&self) -> &Lake {
        &self.inner.lake
    }

    /// This instant in the programme's time zone.
    pub fn now(&self) -> DateTime<FixedOffset> {
        let zone: chrono_tz::Tz = self
            .programme()
            .config
            .programme
            .time_zone
            .parse()
            .expect("the zone was checked");
        match self.inner.today {
            #[expect(clippy::disallowed_methods, reason = "the one reader of the clock")]
            Today::Clock => Utc::now().with_timezone(&zone).fixed_offset(),
            Today::Day(day) => first_from(zone, day.and_time(NIGHT)).fixed_offset(),
        }
    }

    /// How fresh the newest snapshot is, or the one `as_of` names.
    ///
    /// # Errors
    /// As [`App::snapshot`].
    pub fn freshness(&self, as_of: Option<&str>) -> Result<Freshness, Error> {
        let snapshot = self.snapshot(as_of)?;
        let info = snapshot.info();
        let submissions = self.inner.lake.submissions(&info.load)?;
        let newest = match as_of {
            Some(_) => self.snapshot(None)?.id().clone(),
            None => info.id.clone(),
        };
        // No load changes an older one: what tells of it reads the same for ever.
        let next_load = (newest == info.id).then(|| self.next_load()).flatten();
        Ok(Freshness {
            snapshot: info.id.as_str().to_owned(),
            newest: newest.as_str().to_owned(),
            data_as_of: info.day,
            loaded_at: info.published_at,
            next_load,
            records: info.records,
            synthetic: submissions
                .iter()
                .any(|submission| submission.file.contains("SYNTHETIC")),
        })
    }

    /// When the next nightly load is due.
    fn next_load(&self) -> Option<DateTime<FixedOffset>> {
        let config = &self.programme().config;
        let cron: croner::Cron = config.schedule.nightly.parse().ok()?;
        let zone: chrono_tz::Tz = config.programme.time_zone.parse().ok()?;
        let next = cron
            .find_next_occurrence(&self.now().with_timezone(&zone), false)
            .ok()?;
        Some(next.fixed_offset())
    }

    /// The newest snapshot, or the one `as_of` names: its id, a day (its last snapshot) or an instant.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] when there is none of that name or before that instant.
    pub fn snapshot(&self, as_of: Option<&str>) -> Result<Snapshot, Error> {
        let lake = &self.inner.lake;
        let Some(as_of) = as_of else {
            return lake.latest()?.ok_or(Error::Empty);
        };
        let known = lake.snapshots()?;
        if known.iter().any(|info| info.id.as_str() == as_of) {
            return Ok(lake.snapshot(&SnapshotId::new(as_of))?);
        }
        let found = match self.instant(as_of) {
            Some(instant) => lake.as_of(instant)?,
            None => None,
        };
        found.ok_or_else(|| {
            let first = known.first().map(|info| info.published_at.to_rfc3339()).unwrap_or_default();
            let ids: Vec<&str> = known.iter().rev().take(5).map(|info| info.id.as_str()).collect();
            let ids = ids.join(", ");
            Error::Request(Text::new(
                format!("没有快照“{as_of}”；可用快照编号（{ids} …）、日期或时刻（不早于 {first}）"),
                format!("there is no snapshot \"{as_of}\"; valid: an id ({ids} …), a day or an instant not before {first}"),
            ))
        })
    }

    fn instant(&self, text: &str) -> Option<DateTime<FixedOffset>> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(instant);
        }
        // Years of four digits: what a calendar may hold besides is no day of a snapshot.
        let day = Some(text).filter(|text| text.len() == "2020-12-31".len());
        let day: NaiveDate = day?.parse().ok()?;
        let zone: chrono_tz::Tz = self.programme().config.programme.time_zone.parse().ok()?;
        let midnight = day
            .checked_add_days(chrono::Days::new(1))?
            .and_time(NaiveTime::MIN);
        let end = first_from(zone, midnight) - chrono::Duration::milliseconds(1);
        Some(end.fixed_offset())
    }

    /// The definitions a snapshot was published with.
    ///
    /// # Errors
    /// [`Error::Definitions`] when this version does not understand them.
    pub fn definitions(&self, snapshot: &Snapshot) -> Result<Definitions, Error> {
        let current = &self.inner.project.definitions;
        let digest = &snapshot.info().definitions_digest;
        if *digest == current.digest {
            return Ok(current.clone());
        }
        let mut kept = self
            .inner
            .definitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(definitions) = kept.get(digest) {
            return Ok(definitions.clone());
        }
        let definitions =
            Definitions::from_archive(&snapshot.definitions()?).map_err(|source| {
                Error::Definitions {
                    snapshot: snapshot.id().clone(),
                    source,
                }
            })?;
        kept.insert(digest.clone(), definitions.clone());
        Ok(definitions)
    }

    /// The programme a snapshot was published with, by its id: what its codes are called, which scopes and periods it has.
    ///
    /// # Errors
    /// As [`App::definitions`].
    pub fn programme_of(&self, snapshot: &str) -> Result<Arc<Programme>, Error> {
        let snapshot = self.inner.lake.snapshot(&SnapshotId::new(snapshot))?;
        Ok(self.definitions(&snapshot)?.programme)
    }

    /// The answer to `request` from the newest snapshot, or from the one `as_of` names, with its marks.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for anything unknown.
    pub fn figures(&self, request: &Request, as_of: Option<&str>) -> Result<Arc<Table>, Error> {
        let snapshot = self.snapshot(as_of)?;
        self.kept(&self.inner.marked, &snapshot, request, || {
            let mut table = (*self.unmarked(&snapshot, request)?).clone();
            self.mark(&mut table, &snapshot, request)?;
            Ok(table)
        })
    }

    /// The ledger of a snapshot, by a dimension and in a period where they are given.
    ///
    /// # Errors
    /// As [`App::figures`], and [`Error::Request`] in a programme without records that are counted.
    pub fn ledger(
        &self,
        by: Option<&str>,
        period: Option<&str>,
        scope: Option<&str>,
        as_of: Option<&str>,
    ) -> Result<Ledger, Error> {
        let snapshot = self.snapshot(as_of)?;
        let programme = self.definitions(&snapshot)?.programme;
        if !programme.contracts.contains_key(schema::COUNTED_DATASET) {
            return Err(Error::Request(Text::new(
                "本项目没有逐条计数的实名台账（数据集 training），因此没有计数台账",
                "this programme has no records that are counted one by one (dataset training), so there is no ledger",
            )));
        }
        let dimensions = programme.dimensions().iter();
        let known: Vec<&str> = dimensions.map(|dimension| dimension.id.as_str()).collect();
        if let Some(by) = by.filter(|by| !known.contains(by)) {
            return Err(indicators::unknown("维度", "dimension", by, &known).into());
        }
        let period = period
            .map(|name| indicators::period_of(&programme, Some(name)))
            .transpose()?;
        let scope = find_scope(&programme, scope)?;
        Ok(crate::ledger::ledger(
            &snapshot,
            &programme,
            by,
            period.as_ref(),
            scope,
        )?)
    }

    /// Runs a load over `paths` (the inbox when there are none).
    ///
    /// # Errors
    /// [`Error::Load`] and [`Error::Lake`]; mistakes in files are part of the report.
    pub fn ingest(
        &self,
        paths: &[PathBuf],
        dry_run: bool,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Report, Error> {
        let project = &self.inner.project;
        let inbox = [project.inbox()];
        let leave = [project.returned(), project.lake()];
        let key = self.key()?;
        let order = Order {
            paths: if paths.is_empty() { &inbox } else { paths },
            leave: &leave,
            dry_run,
            now: self.now(),
            stopping: Some(&self.inner.stopping),
        };
        let store = Store {
            lake: &self.inner.lake,
            key: &key,
        };
        let mut preview = |tables: BTreeMap<String, LazyFrame>| self.effect(&tables);
        let report = load::run(&store, &project.definitions, &order, &mut preview, progress)?;
        if !dry_run {
            self.return_receipts(&report)?;
        }
        Ok(report)
    }

    /// Ends loads before their next file, now and from now on; nothing of such a load remains. One that is publishing already
    /// finishes.
    pub fn stop_loads(&self) {
        self.inner.stopping.store(true, Ordering::Relaxed);
    }

    /// Puts a receipt for every file that was read, or could not be, where its reporter finds it: JSON, and a workbook with the
    /// rows to correct. These repeat what the reporter sent, so they lie beside the inbox and nowhere else.
    fn return_receipts(&self, report: &Report) -> Result<(), Error> {
        let returned = self.inner.project.returned();
        let of_load = returned.join(report.load.as_deref().unwrap_or("quarantined"));
        let mut taken = BTreeSet::new();
        for file in &report.files {
            let duplicate = file.status == FileStatus::Duplicate;
            let folder = match duplicate {
                false => of_load.clone(),
                true => returned.join("duplicates"),
            };
            let name = receipt_name(&file.file, &mut taken);
            // A file that still lies where it was is no news, and neither is what its reporter was told before.
            let known = file.earlier.as_ref().map(|earlier| &earlier.file) == Some(&file.file);
            if duplicate && (known || folder.join(format!("{name}.receipt.json")).exists()) {
                continue;
            }
            make_private_folder(&folder)?;
            let contract = file
                .dataset
                .as_ref()
                .and_then(|dataset| self.programme().contracts.get(dataset));
            let json = serde_json::to_vec_pretty(file).expect("a receipt is JSON");
            let workbook = receipt::workbook(file, contract, self.programme());
            for (kind, bytes) in [("json", json), ("xlsx", workbook)] {
                let path = folder.join(format!("{name}.receipt.{kind}"));
                std::fs::write(&path, bytes).map_err(|source| Error::Folder { path, source })?;
            }
        }
        Ok(())
    }

    /// Retires snapshots older than the project keeps them; lists them only in a dry run. Keeps all where the project says 0 days.
    ///
    /// # Errors
    /// When a load is running or the lake fails.
    pub fn retain(&self, dry_run: bool) -> Result<RetentionReport, Error> {
        let days = self.programme().config.retention.snapshot_days;
        if days == 0 {
            return Ok(RetentionReport::default());
        }
        Ok(self.inner.lake.retain(
            Retention {
                days,
                now: self.now(),
            },
            dry_run,
        )?)
    }

    /// The vault's key; its folder is made, for its owner only, where it does not exist.
    fn key(&self) -> Result<Key, Error> {
        let file = &self.inner.key_file;
        if let Some(folder) = file.parent() {
            make_private_folder(folder)?;
        }
        Ok(Key::load_or_create(file, &self.inner.lake)?)
    }

    /// The headline figures before a load and as it would leave them.
    fn effect(&self, tables: &BTreeMap<String, LazyFrame>) -> Vec<Effect> {
        let definitions = &self.inner.project.definitions;
        let now = self.now();
        let origin = Origin {
            snapshot: "",
            published_at: now,
            day: now.date_naive(),
            pieces: BTreeMap::new(),
            facts: None,
            returns: Arc::default(),
        };
        let value = |table: &Table| table.totals.value.map(|value| value.to_string());
        let headlines = &definitions.programme.config.dashboard.headlines;
        headlines
            .iter()
            .filter_map(|id| {
                let request = Request {
                    indicator: id.clone(),
                    ..Request::default()
                };
                let after = figures(definitions, tables.clone(), &origin, &request).ok()?;
                let before = self.figures(&request, None).ok();
                Some(Effect {
                    indicator: id.clone(),
                    title: after.title.clone(),
                    before: before.and_then(|table| value(&table)),
                    after: value(&after),
                })
            })
            .collect()
    }
}

/// The first instant not before a local time: where clocks are put forward, some times of day do not exist.
fn first_from(zone: chrono_tz::Tz, local: NaiveDateTime) -> DateTime<chrono_tz::Tz> {
    let quarters = (0..).map(|quarter| local + chrono::Duration::minutes(15 * quarter));
    let mut exist = quarters.filter_map(|local| zone.from_local_datetime(&local).earliest());
    exist.next().expect("no zone leaves time out for ever")
}

/// The name of a file's receipts: the file's own, short enough for a file system with what is added to it, and not one of
/// those `taken` by files of the same name in other folders.
fn receipt_name(file: &str, taken: &mut BTreeSet<String>) -> String {
    const BYTES_MAX: usize = 220;
    let short = &file[..file.floor_char_boundary(BYTES_MAX)];
    let mut name = short.to_owned();
    let mut number = 1;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{short}.{number}");
    }
    name
}

/// Makes a folder for its owner only, where it does not exist.
fn make_private_folder(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.exists() {
        return Ok(());
    }
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(|source| Error::Folder {
        path: folder.to_owned(),
        source,
    })
}
