//! What may be removed: leftovers of loads that never committed, and files only retired snapshots name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, TimeDelta};
use rusqlite::{Connection, TransactionBehavior};

use super::snapshot::SnapshotId;
use super::{Error, Lake, archive, disk, state, table};

/// Which snapshots keep their rows: the newest, those of the last `days` days, and those a pin protects.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Days kept.
    pub days: u32,
    /// The instant to count back from.
    pub now: DateTime<FixedOffset>,
}

/// What retention removed, or would remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionReport {
    /// Snapshots whose rows go; what was published of them stays listed.
    pub snapshots: Vec<SnapshotId>,
    /// Data files that go.
    pub files: Vec<PathBuf>,
    /// Their size.
    pub bytes: u64,
}

impl Lake {
    /// Retires snapshots and removes the data files that no kept snapshot names. With `dry_run` it only lists them.
    /// Delta logs, receipts, definitions and the archive of submissions stay.
    ///
    /// # Errors
    /// [`Error::Busy`] when a load or a backup is running; when the state cannot be written or a file cannot be
    /// removed (what is left then goes with the next load).
    pub fn retain(&self, retention: Retention, dry_run: bool) -> Result<RetentionReport, Error> {
        let _writers = self.lock("lock", self.options().lock_wait)?;
        let _backups = self.lock("backup.lock", self.options().lock_wait)?;
        let before = state::kept_files(&self.state())?;
        let mut connection = self.state();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(Error::state("begin retention"))?;
        let snapshots = retire(&transaction, retention)?;
        let after: BTreeSet<i64> = state::kept_files(&transaction)?
            .iter()
            .map(|f| f.id)
            .collect();
        let names = state::table_names(&transaction)?;
        if dry_run {
            drop(transaction);
        } else {
            transaction
                .commit()
                .map_err(Error::state("retire snapshots"))?;
        }
        drop(connection);
        let mut report = RetentionReport {
            snapshots,
            ..RetentionReport::default()
        };
        for file in before.into_iter().filter(|f| !after.contains(&f.id)) {
            if let Some((name, _)) = names.get(&file.table_id) {
                let dir = table::dir(self.root(), name);
                report.files.push(dir.join(&file.path));
                report.bytes += file.bytes;
            }
        }
        if !dry_run {
            clean(self)?;
        }
        Ok(report)
    }
}

fn retire(state: &Connection, retention: Retention) -> Result<Vec<SnapshotId>, Error> {
    let horizon = retention.now - TimeDelta::days(retention.days.into());
    let ids: Vec<String> = state
        .prepare(
            "SELECT id FROM snapshots WHERE published_ms < ?1 AND seq < (SELECT max(seq) FROM snapshots) \
             AND seq NOT IN (SELECT snapshot FROM pins) AND seq NOT IN (SELECT snapshot FROM retired) ORDER BY seq",
        )
        .and_then(|mut s| s.query_map([horizon.timestamp_millis()], |r| r.get(0))?.collect())
        .map_err(Error::state("find what may be retired"))?;
    for id in &ids {
        state
            .execute(
                "INSERT INTO retired SELECT seq FROM snapshots WHERE id = ?1",
                [id],
            )
            .map_err(Error::state("retire a snapshot"))?;
    }
    Ok(ids.into_iter().map(SnapshotId::new).collect())
}

/// Files in the lake that nothing committed names: what a dead load left, and what retention let go.
pub(crate) fn leftovers(root: &Path, state: &Connection) -> Result<Vec<PathBuf>, Error> {
    let names = state::table_names(state)?;
    let mut named = BTreeSet::new();
    for file in state::kept_files(state)? {
        if let Some((name, _)) = names.get(&file.table_id) {
            named.insert(table::dir(root, name).join(&file.path));
        }
    }
    for sha256 in state::archived(state)?.keys() {
        named.insert(root.join(archive::relative_path(sha256)));
    }
    for (name, committed) in names.values() {
        let log = table::dir(root, name).join("_delta_log");
        for path in disk::walk(&log)? {
            if is_committed_log(&path, *committed) {
                named.insert(path);
            }
        }
    }
    let mut found = Vec::new();
    for dir in ["tables", "vault", "archive"] {
        found.append(&mut disk::walk(&root.join(dir))?);
    }
    found.retain(|path| !named.contains(path));
    Ok(found)
}

/// Whether a file of a Delta log belongs to a committed version. Checkpoints another engine made of one count.
fn is_committed_log(path: &Path, committed: u64) -> bool {
    let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
        return false;
    };
    if name == "_last_checkpoint" {
        return true;
    }
    let Some((version, rest)) = name.split_at_checked(20) else {
        return false;
    };
    let known_kind = rest == ".json" || rest == ".crc" || rest.starts_with(".checkpoint.");
    known_kind && version.parse::<u64>().is_ok_and(|v| v <= committed)
}

/// Removes what nothing committed names. The caller holds the exclusive lock.
pub(crate) fn clean(lake: &Lake) -> Result<(), Error> {
    let state = lake.state();
    let leftovers = leftovers(lake.root(), &state)?;
    if leftovers.is_empty() {
        return Ok(());
    }
    // A commit that failed at its last sync may have left its frames in the write-ahead log, where a restart would
    // find them. A durable write takes their place first, so that no snapshot can come back without its files.
    state::set_meta(&state, "cleaned", &disk::random_hex::<8>()?)?;
    drop(state);
    let mut dirs = BTreeSet::new();
    for path in &leftovers {
        disk::remove(path)?;
        dirs.extend(path.parent().map(Path::to_path_buf));
    }
    remove_empty(lake.root(), dirs)
}

/// Removes directories that have become empty, up to but without the lake's own.
fn remove_empty(root: &Path, mut dirs: BTreeSet<PathBuf>) -> Result<(), Error> {
    while let Some(dir) = dirs.pop_last() {
        let own = dir.parent() == Some(root) || !dir.starts_with(root) || dir == root;
        // A directory that still holds something is not removed, and that is no error.
        if !own && std::fs::remove_dir(&dir).is_ok() {
            dirs.extend(dir.parent().map(Path::to_path_buf));
        } else if dir.is_dir() {
            disk::sync_dir(&dir)?;
        }
    }
    Ok(())
}
