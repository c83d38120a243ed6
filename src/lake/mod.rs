//! The store: Delta tables, loads, snapshots, vintages, retention, backup and the identity vault.
//!
//! ```text
//! begin ─▶ Load ─ append, replace, archive ─▶ commit ─▶ Snapshot ─ scan
//!   │                 (Parquet, synced)          │
//!   └─ lock, clean up after a crash              └─ Delta versions, synced; then ONE SQLite transaction
//! ```
//!
//! **Invariants**
//! * The commit point is one SQLite transaction (WAL, `synchronous=FULL`). Every file it names was written under
//!   another name, synced, renamed and had its directory synced before.
//! * A reader works from one snapshot whose file list comes out of SQLite, never from "the latest" Delta version,
//!   which may belong to a load that is still running or has died.
//! * One writer at a time (an exclusive lock on `lock`); readers need no lock.
//! * A failed sync is never tried again on the same file: the load fails, and the next one starts from the last
//!   committed state.
//! * This module knows nothing of what the columns mean and holds no clock: instants are handed in.

mod archive;
mod backup;
mod commit;
mod delta;
mod disk;
mod key;
mod load;
mod persons;
mod preview;
mod retention;
mod schema;
mod snapshot;
mod state;
mod table;
mod vault;
mod verify;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use rusqlite::Connection;

pub use archive::{Archived, Archiver};
pub use backup::{BackupReport, restore};
pub use key::Key;
pub use load::{Appender, CommitFacts, Load};
pub use persons::{Identity, PersonId, Persons};
pub use retention::{Retention, RetentionReport};
pub use snapshot::{Snapshot, SnapshotId, SnapshotInfo, Submission, SubmissionStatus};
pub use vault::{PERSONS, Vault};
pub use verify::Finding;

/// Sizes and waits of a lake; the defaults suit a city on one machine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Rows of one Parquet row group.
    pub row_group_rows: usize,
    /// Rows after which a new Parquet file of the same table is begun.
    pub file_rows: usize,
    /// Small files a table (or one partition of it) may have before [`Load::compact`] rewrites them.
    pub small_files_max: usize,
    /// A file below this many bytes is small.
    pub small_file_bytes: u64,
    /// How long [`Lake::begin`] waits for another writer.
    pub lock_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            row_group_rows: 1 << 17,
            file_rows: 1 << 20,
            small_files_max: 24,
            small_file_bytes: 32 << 20,
            lock_wait: Duration::from_secs(10),
        }
    }
}

/// A handle to one lake directory; cheap to clone and to share between threads.
#[derive(Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

struct Inner {
    root: PathBuf,
    options: Options,
    state: Mutex<Connection>,
}

impl Lake {
    /// Opens the lake at `root`, creating directories and state where they are absent.
    ///
    /// # Errors
    /// When the directory cannot be made or synced, when SQLite refuses `journal_mode=WAL` or `synchronous=FULL`
    /// ([`Error::Durability`]), or when the state was written by a newer version ([`Error::Version`]).
    pub fn open(root: &Path) -> Result<Self, Error> {
        Self::open_with(root, Options::default())
    }

    /// [`Lake::open`] with other sizes and waits.
    ///
    /// # Errors
    /// As [`Lake::open`].
    pub fn open_with(root: &Path, options: Options) -> Result<Self, Error> {
        disk::create_dir(root)?;
        let root = std::fs::canonicalize(root).map_err(|e| Error::io("resolve", root, e))?;
        for dir in ["tables", "vault", "archive"] {
            disk::create_dir(&root.join(dir))?;
        }
        disk::private_dir(&root.join("vault"))?;
        disk::private_dir(&root.join("archive"))?;
        let state = state::open(&root)?;
        Ok(Self {
            inner: Arc::new(Inner {
                root,
                options,
                state: Mutex::new(state),
            }),
        })
    }

    /// The lake's directory, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    fn state(&self) -> MutexGuard<'_, Connection> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a load: waits for the exclusive lock as long as [`Options::lock_wait`] allows, then removes whatever an
    /// earlier load left behind without committing.
    ///
    /// # Errors
    /// [`Error::Busy`] when another load holds the lock all that time; otherwise when cleaning up fails.
    pub fn begin(&self) -> Result<Load, Error> {
        self.begin_within(self.inner.options.lock_wait)
    }

    /// [`Lake::begin`] that waits at most `wait`.
    ///
    /// # Errors
    /// As [`Lake::begin`].
    pub fn begin_within(&self, wait: Duration) -> Result<Load, Error> {
        let lock = self.lock("lock", wait)?;
        retention::clean(self)?;
        Load::new(self.clone(), lock)
    }

    /// Every snapshot in order of publication, those retention has retired included (see [`SnapshotInfo::kept`]).
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn snapshots(&self) -> Result<Vec<SnapshotInfo>, Error> {
        state::snapshots(&self.state())
    }

    /// The snapshot with this id.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`] when there is none, [`Error::Retired`] when retention has removed its files.
    pub fn snapshot(&self, id: &SnapshotId) -> Result<Snapshot, Error> {
        let info = state::snapshot_by_id(&self.state(), id)?
            .ok_or_else(|| Error::NoSnapshot { id: id.clone() })?;
        Snapshot::load(self, info)
    }

    /// The newest snapshot, or none in an empty lake.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn latest(&self) -> Result<Option<Snapshot>, Error> {
        let info = state::latest(&self.state())?;
        info.map(|info| Snapshot::load(self, info)).transpose()
    }

    /// The newest snapshot published at or before `instant`, or none when the lake had none yet.
    ///
    /// # Errors
    /// [`Error::Retired`] when retention has removed that snapshot's files: another one is never given instead.
    pub fn as_of(&self, instant: DateTime<FixedOffset>) -> Result<Option<Snapshot>, Error> {
        let info = state::as_of(&self.state(), instant)?;
        info.map(|info| Snapshot::load(self, info)).transpose()
    }

    /// Whether a file with these bytes was loaded before for this dataset and department, under any name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn submission_seen(
        &self,
        dataset: &str,
        department: &str,
        sha256: &str,
    ) -> Result<bool, Error> {
        state::submission_seen(&self.state(), dataset, department, sha256)
    }

    /// The submissions of one load (by its id, `L000012`) in the order they were handed to the commit.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn submissions(&self, load: &str) -> Result<Vec<Submission>, Error> {
        state::submissions(&self.state(), load)
    }

    /// Records durably that the bytes with this digest are about to be parsed; gives the attempts so far, this one
    /// included. A count of 3 means that they have ended the process twice.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn record_attempt(&self, sha256: &str) -> Result<u32, Error> {
        state::record_attempt(&self.state(), sha256)
    }

    /// Attempts recorded for these bytes and not cleared.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn attempts(&self, sha256: &str) -> Result<u32, Error> {
        state::attempts(&self.state(), sha256)
    }

    /// Forgets the attempts at these bytes: they were parsed, or set aside, and the process lives.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn clear_attempts(&self, sha256: &str) -> Result<(), Error> {
        state::clear_attempts(&self.state(), sha256)
    }

    /// Keeps a snapshot from retention for as long as the pin with this reason stands.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`], [`Error::Retired`], or when the state cannot be written.
    pub fn pin(&self, id: &SnapshotId, reason: &str) -> Result<(), Error> {
        state::pin(&mut self.state(), id, reason)
    }

    /// Takes away the pin with this reason; no error when there is none.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn unpin(&self, id: &SnapshotId, reason: &str) -> Result<(), Error> {
        state::unpin(&self.state(), id, reason)
    }

    /// Takes a lock file of the lake exclusively.
    fn lock(&self, name: &str, wait: Duration) -> Result<File, Error> {
        let path = self.inner.root.join(name);
        let file = disk::lock_file(&path)?;
        let end = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(source)) => {
                    return Err(Error::io("lock", &path, source));
                }
            }
            if Instant::now() >= end {
                return Err(Error::Busy { path });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lake")
            .field("root", &self.inner.root)
            .finish_non_exhaustive()
    }
}

/// Why the lake refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read, written, synced, renamed or removed.
    #[error("cannot {action} {path}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("cannot {action} in the lake's state")]
    State {
        /// What was attempted.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// SQLite did not accept a setting that durability rests on.
    #[error("sqlite refuses {pragma}: it answers {found}")]
    Durability {
        /// The setting.
        pragma: &'static str,
        /// What SQLite reports instead.
        found: String,
    },
    /// The state was written by a newer version of the program.
    #[error("the lake's state has format {found}, this program knows up to {known}")]
    Version {
        /// Format found.
        found: u32,
        /// Newest format known.
        known: u32,
    },
    /// Something stored in the state cannot be understood.
    #[error("the lake's state holds a {what} that cannot be read: {value}")]
    Corrupt {
        /// Kind of value.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// Polars failed on a table.
    #[error("cannot {action} table {table}")]
    Frame {
        /// What was attempted.
        action: &'static str,
        /// The table.
        table: String,
        /// Why it failed.
        #[source]
        source: polars::error::PolarsError,
    },
    /// Delta failed on a table.
    #[error("cannot commit version {version} of table {table}")]
    Delta {
        /// The table.
        table: String,
        /// The version.
        version: u64,
        /// Why it failed.
        #[source]
        source: Box<deltalake_core::DeltaTableError>,
    },
    /// The commit's runtime could not be started.
    #[error("cannot start the runtime that commits delta versions")]
    Runtime {
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A table name is not of the form `name` or `vault/name` in lower-case letters, digits and `_`.
    #[error("{name} is not a table name")]
    TableName {
        /// The name.
        name: String,
    },
    /// A column type has no Delta type.
    #[error(
        "column {column} of table {table} has the type {found}, which delta tables cannot hold"
    )]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type in the frame.
        found: String,
    },
    /// A frame does not fit the table's columns.
    #[error("column {column} of table {table} is {found}, the table has {expected}")]
    Schema {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What the table has.
        expected: String,
        /// What the frame has.
        found: String,
    },
    /// A table partitioned by one column was written as if by another (or none).
    #[error("table {table} is partitioned by {expected}, not by {found}")]
    Partition {
        /// The table.
        table: String,
        /// Partition column of the table, `nothing` when it has none.
        expected: String,
        /// Partition column asked for.
        found: String,
    },
    /// An appender was dropped without [`Appender::finish`], so rows are missing.
    #[error("an appender of table {table} was not finished")]
    Unfinished {
        /// The table.
        table: String,
    },
    /// Another load holds the lock.
    #[error("another load is running: {path} is locked")]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// A commit hit an error at the commit point itself; the next [`Lake::begin`] finds out whether it stands.
    #[error("the commit of load {load} failed at the commit point")]
    CommitUnknown {
        /// The load.
        load: String,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// No snapshot has this id.
    #[error("there is no snapshot {id}")]
    NoSnapshot {
        /// The id.
        id: SnapshotId,
    },
    /// Retention has removed the files of this snapshot.
    #[error("the rows of snapshot {id} were removed by retention")]
    Retired {
        /// The id.
        id: SnapshotId,
    },
    /// The snapshot has no such table.
    #[error("snapshot {id} has no table {table}")]
    NoTable {
        /// The snapshot.
        id: SnapshotId,
        /// The table.
        table: String,
    },
    /// The definitions handed to a commit carry a digest under which other bytes are stored.
    #[error("definitions {digest} are already stored with other bytes")]
    Definitions {
        /// The digest.
        digest: String,
    },
    /// The key file is missing although the vault or the archive holds data under it.
    #[error("the key file {path} is missing, and what the vault holds cannot be read without it")]
    KeyMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key file lies inside the lake's directory, where every backup would carry it.
    #[error("the key file {path} lies inside the lake {lake}")]
    KeyInside {
        /// The key file.
        path: PathBuf,
        /// The lake.
        lake: PathBuf,
    },
    /// Others than the owner may read or write the key file.
    #[error("the key file {path} has mode {mode:o}; only its owner may have access (400)")]
    KeyMode {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file does not hold 64 hexadecimal digits.
    #[error("the key file {path} does not hold 64 hexadecimal digits")]
    KeyFormat {
        /// The key file.
        path: PathBuf,
    },
    /// The key is not the one this lake's vault was written with.
    #[error("this key is not the one the vault was written with")]
    KeyMismatch,
    /// The operating system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random {
        /// Why it failed.
        #[source]
        source: getrandom::Error,
    },
    /// Sealed bytes do not open: another key, or they were changed.
    #[error("{what} does not open: it was sealed under another key or was changed")]
    Sealed {
        /// What was opened.
        what: String,
    },
    /// The archive does not have these bytes.
    #[error("the archive holds nothing with digest {sha256}")]
    NotArchived {
        /// Digest asked for.
        sha256: String,
    },
    /// A file differs from what the state or a manifest says of it.
    #[error("{path} is not what was written: {found} instead of {expected}")]
    Changed {
        /// The file.
        path: PathBuf,
        /// Digest recorded.
        expected: String,
        /// Digest found.
        found: String,
    },
    /// A restore was asked for into a directory that holds something.
    #[error("{path} is not empty")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// A backup's manifest cannot be read.
    #[error("the manifest {path} cannot be read")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn state(action: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::State { action, source }
    }

    pub(crate) fn frame(
        action: &'static str,
        table: &str,
    ) -> impl FnOnce(polars::error::PolarsError) -> Self {
        let table = table.to_owned();
        move |source| Self::Frame {
            action,
            table,
            source,
        }
    }
}
