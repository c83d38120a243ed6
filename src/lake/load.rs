//! The write side: one load, all or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, FixedOffset, NaiveDate};
use polars::prelude::DataFrame;

use super::archive::Archived;
use super::pages::Source;
use super::schema::{self, TableSchema};
use super::snapshot::{FileInfo, Snapshot, SnapshotInfo, Submission, TableState};
use super::table::{self, StagedFile, Workshop};
use super::{Appender, Archiver, Error, FileStamp, Key, Lake, commit, retention, state};

/// What a commit says of the load besides its tables.
#[derive(Debug, Clone)]
pub struct CommitFacts {
    /// When it is published; moved to a millisecond after the snapshot before it where it is not later.
    pub published_at: DateTime<FixedOffset>,
    /// The day it stands for.
    pub day: NaiveDate,
    /// Digest of all definitions it was made with.
    pub definitions_digest: String,
    /// Their archive, stored once per digest.
    pub definitions: Vec<u8>,
    /// Current records.
    pub records: u64,
    /// Every submission of the load.
    pub submissions: Vec<Submission>,
    /// Totals of the load.
    pub totals: serde_json::Value,
}

/// Changes to one table that are not committed yet.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    /// None until something is written.
    pub(crate) schema: Option<TableSchema>,
    /// Committed files that will go, and whether their rows go with them.
    pub(crate) removed: BTreeMap<i64, bool>,
    pub(crate) added: Vec<StagedFile>,
    /// Appenders neither finished nor abandoned.
    pub(crate) unfinished: usize,
}

/// One row group of a file this load has staged, to be taken over into another table.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The table it belongs to.
    pub table: &'a str,
    /// The file.
    pub path: &'a Path,
    /// Its position in the file.
    pub index: usize,
    /// Columns that stay behind.
    pub without: &'a [&'a str],
}

/// One load. Nothing of it is seen before [`Load::commit`]; dropping it instead leaves nothing behind.
///
/// It holds the lake's exclusive lock.
pub struct Load {
    pub(crate) lake: Lake,
    pub(crate) base: Option<Snapshot>,
    pub(crate) seq: i64,
    pub(crate) shop: Arc<Workshop>,
    pub(crate) stages: Arc<Mutex<BTreeMap<String, Stage>>>,
    pub(crate) archived: Vec<Archived>,
    pub(crate) key_check: Option<String>,
    /// Dropping must not remove files any more: they are committed, or may be.
    pub(crate) settled: bool,
    pub(crate) notes: BTreeMap<String, String>,
    begun: Option<FileStamp>,
    _lock: File,
}

impl Load {
    pub(crate) fn new(lake: Lake, lock: File) -> Result<Self, Error> {
        let path = lake.root().join("lock");
        // Its permissions are set to what they are, so that the file system says what time it is.
        let permissions = lock.metadata().map(|metadata| metadata.permissions());
        let begun = permissions
            .and_then(|permissions| lock.set_permissions(permissions))
            .and_then(|()| lock.metadata())
            .map_err(|e| Error::io("touch", &path, e))?;
        let last = state::latest(&lake.state())?;
        let seq = last.as_ref().map_or(1, |info| info.seq + 1);
        let base = last.map(|info| Snapshot::load(&lake, info)).transpose()?;
        let shop = Workshop::new(
            lake.root().to_path_buf(),
            format!("L{seq:06}"),
            lake.options().clone(),
        );
        Ok(Self {
            lake,
            base,
            seq,
            shop: Arc::new(shop),
            stages: Arc::default(),
            archived: Vec::new(),
            key_check: None,
            settled: false,
            notes: BTreeMap::new(),
            begun: FileStamp::new(&path, &begun),
            _lock: lock,
        })
    }

    /// Its id, `L000012`. A load that is dropped gives its id to the next one.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shop.load
    }

    /// Writes a note beside the tables with the commit; [`Lake::note`] reads it.
    pub fn note(&mut self, key: &str, value: &str) {
        self.notes.insert(key.to_owned(), value.to_owned());
    }

    /// How its lock file looked when it began: what time it was by the file system.
    #[must_use]
    pub fn begun(&self) -> Option<&FileStamp> {
        self.begun.as_ref()
    }

    /// The state before it; none in an empty lake.
    #[must_use]
    pub fn base(&self) -> Option<&Snapshot> {
        self.base.as_ref()
    }

    /// An appender to `table`, which is made if it does not exist. It may go to another thread; several may write to
    /// one table at once.
    ///
    /// # Errors
    /// [`Error::TableName`]; [`Error::Partition`] for a partitioned table.
    pub fn appender(&self, table: &str) -> Result<Appender, Error> {
        table::check_name(table)?;
        self.refuse_partitioned(table, None)?;
        Ok(self.partition_appender(table, None, true))
    }

    /// Appends the rows of one frame; an empty frame makes the table if it does not exist.
    ///
    /// # Errors
    /// As [`Load::appender`], [`Appender::write`] and [`Appender::finish`].
    pub fn append(&self, table: &str, frame: &DataFrame) -> Result<(), Error> {
        let mut appender = self.appender(table)?;
        appender.write(frame)?;
        appender.finish().map(|_| ())
    }

    /// Replaces all rows (and, if the frame has others, the columns) of a table.
    ///
    /// # Errors
    /// As [`Load::append`].
    pub fn replace(&self, table: &str, frame: &DataFrame) -> Result<(), Error> {
        self.replacer(table)?.write_all(frame)
    }

    /// [`Load::appender`] for a table whose rows are all replaced by what is written.
    ///
    /// # Errors
    /// As [`Load::appender`].
    pub fn replacer(&self, table: &str) -> Result<Appender, Error> {
        let mut appender = self.appender(table)?;
        appender.forget_base();
        let mut stages = lock(&self.stages);
        let stage = stages.entry(table.to_owned()).or_default();
        stage.schema = None;
        self.drop_files(table, stage, |_| true)?;
        Ok(appender)
    }

    /// Replaces whole partitions of a table that is partitioned by the text column `column`; the partitions not named
    /// stay as they are, by reference. The frames do not hold the column. An empty frame removes its partition.
    ///
    /// # Errors
    /// [`Error::Partition`] when the table exists and is partitioned otherwise; as [`Load::append`].
    pub fn replace_partitions(
        &self,
        table: &str,
        column: &str,
        parts: &[(String, DataFrame)],
    ) -> Result<(), Error> {
        let values = parts.iter().map(|(value, _)| value.as_str()).collect();
        self.drop_partitions(table, column, &values)?;
        for (value, frame) in parts {
            let partition = Some((column.to_owned(), value.clone()));
            self.partition_appender(table, partition, true)
                .write_all(frame)?;
        }
        Ok(())
    }

    /// Replaces one partition of `table` by the rows of `group`, whose bytes are taken over as they are, with the columns of
    /// `added` beside them.
    ///
    /// # Errors
    /// As [`Load::replace_partitions`]; [`Error::Schema`] when this load has staged nothing for the group's table.
    pub fn copy_partition(
        &self,
        table: &str,
        (column, value): (&str, &str),
        group: &Group<'_>,
        added: &DataFrame,
    ) -> Result<(), Error> {
        self.drop_partitions(table, column, &BTreeSet::from([value]))?;
        let staged = lock(&self.stages)
            .get(group.table)
            .and_then(|stage| stage.schema.clone());
        let mut columns = match staged {
            Some(schema) => schema,
            None => {
                return Err(Error::Schema {
                    table: group.table.to_owned(),
                    column: String::new(),
                    expected: "rows of this load".into(),
                    found: "none".into(),
                });
            }
        };
        columns
            .columns
            .retain(|(name, _)| !group.without.contains(&name.as_str()));
        let partition = Some((column.to_owned(), value.to_owned()));
        let mut appender = self.partition_appender(table, partition, true);
        let source = Source::open(group.path)?;
        appender.copy(&source, group.index, columns.files()?.as_ref(), added)?;
        appender.finish().map(|_| ())
    }

    /// Rewrites the small files of a table into bigger ones where it (or one of its partitions) has more than
    /// [`crate::lake::Options::small_files_max`] of them. Rows stay the same; older snapshots still read their files.
    /// Gives the number of files that go.
    ///
    /// # Errors
    /// When files cannot be read or written.
    pub fn compact(&self, table: &str) -> Result<usize, Error> {
        let Some(base) = self.base_state(table) else {
            return Ok(0);
        };
        let mut groups: BTreeMap<Option<&str>, Vec<&FileInfo>> = BTreeMap::new();
        {
            let mut stages = lock(&self.stages);
            let stage = stages.entry(table.to_owned()).or_default();
            for file in &base.files {
                let small = file.bytes < self.shop.options.small_file_bytes;
                if small && !stage.removed.contains_key(&file.id) {
                    let group = groups.entry(file.partition.as_deref()).or_default();
                    group.push(file);
                }
            }
        }
        groups.retain(|_, files| files.len() > self.shop.options.small_files_max);
        let mut gone = 0;
        for (value, files) in groups {
            self.rewrite(table, base, value, &files)?;
            gone += files.len();
        }
        Ok(gone)
    }

    fn rewrite(
        &self,
        table: &str,
        base: &TableState,
        value: Option<&str>,
        files: &[&FileInfo],
    ) -> Result<(), Error> {
        let partition = base.schema.partition.clone().zip(value.map(str::to_owned));
        let dir = table::dir(self.lake.root(), table);
        let columns = TableSchema {
            partition: None,
            ..base.schema.clone()
        };
        let wanted = columns.files()?;
        let mut appender = self.partition_appender(table, partition, false);
        for file in files {
            let frame = super::snapshot::scan(table, &dir, &columns, &[dir.join(&file.path)])?
                .collect()
                .map_err(Error::frame("compact", table))?;
            appender.write(&schema::conform(table, &frame, &wanted)?)?;
        }
        appender.finish()?;
        let mut stages = lock(&self.stages);
        let stage = stages.entry(table.to_owned()).or_default();
        stage.removed.extend(files.iter().map(|f| (f.id, false)));
        Ok(())
    }

    /// Begins to archive submitted bytes, sealed under `key`; [`Load::archived`] takes the result.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn archiver(&self, key: &Key) -> Result<Archiver, Error> {
        Archiver::new(&self.shop, key, None)
    }

    /// [`Load::archiver`] for bytes whose SHA-256 the caller has just computed: they are not hashed again. Bytes that are others
    /// would show in [`Lake::unarchive`].
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn archiver_of(&self, key: &Key, sha256: &str) -> Result<Archiver, Error> {
        Archiver::new(&self.shop, key, Some(sha256))
    }

    /// Makes archived bytes part of the load; gives their SHA-256. Bytes the archive has already are not stored twice.
    ///
    /// # Errors
    /// When the file cannot be given its name.
    pub fn archived(&mut self, archived: Archived) -> Result<String, Error> {
        let sha256 = archived.sha256.clone();
        let known = self.archived.iter().any(|a| a.sha256 == sha256)
            || state::is_archived(&self.lake.state(), &sha256)?;
        if known {
            super::disk::remove(&archived.staged)?;
            return Ok(sha256);
        }
        let path = self
            .lake
            .root()
            .join(super::archive::relative_path(&sha256));
        if let Some(dir) = path.parent() {
            super::disk::create_dir(dir)?;
            self.shop.touched(dir);
        }
        std::fs::rename(&archived.staged, &path).map_err(|e| Error::io("name", &path, e))?;
        self.key_check = Some(archived.key_check.clone());
        self.archived.push(archived);
        Ok(sha256)
    }

    /// Rows a table will have after the commit.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        let stages = lock(&self.stages);
        let stage = stages.get(table);
        let kept = self.base_state(table).map_or(0, |t| {
            let files = t.files.iter();
            files
                .filter(|f| stage.is_none_or(|s| !s.removed.contains_key(&f.id)))
                .map(|f| f.rows)
                .sum()
        });
        kept + stage.map_or(0, |s| s.added.iter().map(|f| f.rows).sum::<u64>())
    }

    /// Publishes the load: syncs directories, commits a Delta version of every changed table, then commits the
    /// snapshot in one SQLite transaction.
    ///
    /// # Errors
    /// [`Error::Unfinished`] when an appender was not finished; [`Error::CommitUnknown`] when the commit point itself
    /// failed, so that only the next [`Lake::begin`] can tell whether it stands. After any other error nothing of the
    /// load remains.
    pub fn commit(mut self, facts: CommitFacts) -> Result<SnapshotInfo, Error> {
        if let Some((table, _)) = lock(&self.stages).iter().find(|(_, s)| s.unfinished > 0) {
            return Err(Error::Unfinished {
                table: table.clone(),
            });
        }
        commit::run(&mut self, facts)
    }

    pub(crate) fn base_state(&self, table: &str) -> Option<&TableState> {
        self.base.as_ref()?.table_states().get(table)
    }

    /// The partition column of a table, staged or committed, must be the one asked for.
    fn refuse_partitioned(&self, table: &str, column: Option<&str>) -> Result<(), Error> {
        let stages = lock(&self.stages);
        let staged = stages.get(table).and_then(|s| s.schema.as_ref());
        let schema = staged.or(self.base_state(table).map(|t| &t.schema));
        match schema {
            Some(schema) if schema.partition.as_deref() != column => Err(Error::Partition {
                table: table.to_owned(),
                expected: schema.partition.clone().unwrap_or("nothing".into()),
                found: column.unwrap_or("nothing").to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn drop_partitions(
        &self,
        table: &str,
        column: &str,
        values: &BTreeSet<&str>,
    ) -> Result<(), Error> {
        table::check_name(table)?;
        self.refuse_partitioned(table, Some(column))?;
        let mut stages = lock(&self.stages);
        let stage = stages.entry(table.to_owned()).or_default();
        self.drop_files(table, stage, |p| p.is_some_and(|p| values.contains(p)))
    }

    /// Marks committed files for removal and forgets staged ones, by partition value.
    fn drop_files(
        &self,
        table: &str,
        stage: &mut Stage,
        gone: impl Fn(Option<&str>) -> bool,
    ) -> Result<(), Error> {
        if let Some(base) = self.base_state(table) {
            let files = base.files.iter();
            let files = files.filter(|f| gone(f.partition.as_deref()));
            stage.removed.extend(files.map(|f| (f.id, true)));
        }
        let dir = table::dir(self.lake.root(), table);
        for file in stage.added.extract_if(.., |f| gone(f.partition.as_deref())) {
            super::disk::remove(&dir.join(file.path))?;
        }
        Ok(())
    }

    fn partition_appender(
        &self,
        table: &str,
        partition: Option<(String, String)>,
        data_change: bool,
    ) -> Appender {
        Appender::new(
            Arc::clone(&self.shop),
            Arc::clone(&self.stages),
            self.base_state(table).map(|t| t.schema.clone()),
            table,
            partition,
            data_change,
        )
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if !self.settled {
            // What cannot be removed now, the next load removes.
            let _ = retention::clean(&self.lake);
        }
    }
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Load").field(&self.shop.load).finish()
    }
}

pub(crate) fn lock(
    stages: &Mutex<BTreeMap<String, Stage>>,
) -> MutexGuard<'_, BTreeMap<String, Stage>> {
    stages.lock().unwrap_or_else(PoisonError::into_inner)
}
