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

mod appender;
mod archive;
mod backup;
mod block;
mod commit;
mod delta;
mod disk;
mod error;
mod identity;
mod key;
mod load;
mod pages;
mod persons;
mod preview;
mod retention;
mod schema;
mod seal;
mod snapshot;
mod state;
mod table;
mod vault;
mod verify;
mod watch;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use rusqlite::Connection;

pub use appender::Appender;
pub use archive::{Archived, Archiver};
pub use backup::{BackupReport, restore};
pub use block::{Block, Cells, Strip};
pub use error::Error;
pub use identity::{Candidate, Identity, PersonId};
pub use key::Key;
pub use load::{CommitFacts, Group, Load};
pub use persons::Persons;
pub use retention::{Retention, RetentionReport};
pub use snapshot::{Arrived, Snapshot, SnapshotId, SnapshotInfo, Submission, SubmissionStatus};
pub use state::FileStamp;
pub use vault::{PERSONS, Vault};
pub use verify::Finding;
pub use watch::Watch;

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

    /// Where a file with these bytes was loaded before for this dataset and department, under any name: the load, the name, and
    /// how many rows were rejected then.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn submission_seen(
        &self,
        dataset: &str,
        department: &str,
        sha256: &str,
    ) -> Result<Option<(String, String, u64)>, Error> {
        state::submission_seen(&self.state(), dataset, department, sha256)
    }

    /// What the newest load that wrote this note says in it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn note(&self, key: &str) -> Result<Option<String>, Error> {
        state::meta(&self.state(), key)
    }

    /// The digest noted for a file outside the lake that still looks as it did then.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn digest_of(&self, file: &FileStamp) -> Result<Option<String>, Error> {
        state::digest_of(&self.state(), file)
    }

    /// Notes digests of files outside the lake.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn note_digests(&self, files: &[(FileStamp, String)]) -> Result<(), Error> {
        match files {
            [] => Ok(()),
            files => state::note(&mut self.state(), files),
        }
    }

    /// The submissions of one load (by its id, `L000012`) in the order they were handed to the commit.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn submissions(&self, load: &str) -> Result<Vec<Submission>, Error> {
        state::submissions(&self.state(), load)
    }

    /// What had arrived by `snapshot`: every loaded submission of its load and those before it, without the receipts. An empty
    /// file sent again under another name is one more; other repeats of the same bytes are not.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn arrivals(&self, snapshot: &Snapshot) -> Result<Vec<Arrived>, Error> {
        state::arrivals(&self.state(), snapshot.info().seq)
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
