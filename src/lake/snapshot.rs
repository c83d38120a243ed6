//! The read side: one immutable state, pinned by its file list.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use polars::io::HiveOptions;
use polars::prelude::{
    DataFrame, DataType, IntoLazy, LazyFrame, PlRefPath, ScanArgsParquet, Schema,
};

use super::schema::TableSchema;
use super::{Error, Lake, state, table};

/// Id of a snapshot, `S000012-1a2b3c4d`: ids sort in order of publication, and the second part is the start of a
/// digest over table versions, file digests and definitions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SnapshotId(String);

impl SnapshotId {
    /// Takes the text as an id; whether there is such a snapshot shows when it is asked for.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a snapshot without opening it.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotInfo {
    pub(crate) seq: i64,
    /// Its id.
    pub id: SnapshotId,
    /// The load that published it, `L000012`.
    pub load: String,
    /// When it was published; strictly increasing.
    pub published_at: DateTime<FixedOffset>,
    /// The day it stands for ("today" of the load).
    pub day: NaiveDate,
    /// Digest of the definitions it was made with.
    pub definitions_digest: String,
    /// Current records, as the load counted them.
    pub records: u64,
    /// Totals of the load, as handed to the commit.
    pub totals: serde_json::Value,
    /// False when retention has removed its files.
    pub kept: bool,
}

/// What became of one submitted file.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Dataset.
    pub dataset: String,
    /// Department code.
    pub department: String,
    /// Division code, or `ALL`.
    pub division: String,
    /// Period as named.
    pub period: String,
    /// What became of it.
    pub status: SubmissionStatus,
    /// Rows received: the sum of the five counts below, which the commit checks.
    pub received: u64,
    /// Rows that were new.
    pub new: u64,
    /// Rows that corrected a record.
    pub correction: u64,
    /// Rows that withdrew a record.
    pub withdrawal: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// The receipt; must not hold personal data.
    pub receipt: serde_json::Value,
}

/// A submission as the completeness of reporting sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Dataset.
    pub dataset: String,
    /// Department code.
    pub department: String,
    /// Division code, or `ALL`.
    pub division: String,
    /// Period as named.
    pub period: String,
    /// Day of the load.
    pub day: NaiveDate,
    /// Rows received.
    pub received: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// What became of a submitted file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubmissionStatus {
    /// Its rows were disposed.
    Loaded,
    /// The same bytes were loaded before.
    Duplicate,
    /// It could not be read.
    Quarantined,
}

impl SubmissionStatus {
    /// The word stored and shown: `loaded`, `duplicate`, `quarantined`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
        }
    }
}

impl FromStr for SubmissionStatus {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Loaded, Self::Duplicate, Self::Quarantined]
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or(())
    }
}

/// A data file as the state knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileInfo {
    pub(crate) id: i64,
    pub(crate) table_id: i64,
    pub(crate) path: String,
    pub(crate) partition: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}

/// A table as of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableState {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) version: u64,
    pub(crate) schema: TableSchema,
    pub(crate) files: Vec<FileInfo>,
}

/// One published, immutable state; cheap to clone. Rows of a table have no order.
#[derive(Clone)]
pub struct Snapshot {
    lake: Lake,
    info: Arc<SnapshotInfo>,
    tables: Arc<BTreeMap<String, TableState>>,
}

impl Snapshot {
    pub(crate) fn load(lake: &Lake, info: SnapshotInfo) -> Result<Self, Error> {
        if !info.kept {
            return Err(Error::Retired { id: info.id });
        }
        let tables = state::tables_of(&lake.state(), info.seq)?;
        Ok(Self {
            lake: lake.clone(),
            info: Arc::new(info),
            tables: Arc::new(tables),
        })
    }

    /// What is known of it: id, load, instant, day, definitions, records, totals.
    #[must_use]
    pub fn info(&self) -> &SnapshotInfo {
        &self.info
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &SnapshotId {
        &self.info.id
    }

    /// Names of its tables in order.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// Whether it has the table.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Rows of a table; 0 when it does not exist.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables
            .get(table)
            .map_or(0, |t| t.files.iter().map(|f| f.rows).sum())
    }

    /// Delta version of a table, for readers other than this program.
    #[must_use]
    pub fn version(&self, table: &str) -> Option<u64> {
        self.tables.get(table).map(|t| t.version)
    }

    /// Directory of a table, whether it exists or not.
    #[must_use]
    pub fn dir(&self, table: &str) -> PathBuf {
        table::dir(self.lake.root(), table)
    }

    /// Parquet files of a table, absolute; none when it does not exist.
    #[must_use]
    pub fn files(&self, table: &str) -> Vec<PathBuf> {
        let dir = self.dir(table);
        self.tables.get(table).map_or_else(Vec::new, |t| {
            t.files.iter().map(|f| dir.join(&f.path)).collect()
        })
    }

    /// Columns of a table as a scan gives them (a partition column comes last); none when it does not exist.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the stored schema cannot be understood.
    pub fn schema(&self, table: &str) -> Result<Option<Arc<Schema>>, Error> {
        self.tables.get(table).map(|t| t.schema.scan()).transpose()
    }

    /// A lazy scan of a table's files. Files older than a column give nulls for it; a partition column comes last.
    ///
    /// # Errors
    /// [`Error::NoTable`] when the snapshot has no such table; otherwise when Polars refuses the scan.
    pub fn scan(&self, table: &str) -> Result<LazyFrame, Error> {
        let state = self.state(table)?;
        scan(table, &self.dir(table), &state.schema, &self.files(table))
    }

    /// The files of a table one by one: the SHA-256 of each, hexadecimal, and a lazy scan of it, as [`Snapshot::scan`] gives all.
    ///
    /// # Errors
    /// As [`Snapshot::scan`].
    pub fn pieces(&self, table: &str) -> Result<Vec<(String, LazyFrame)>, Error> {
        let state = self.state(table)?;
        let dir = self.dir(table);
        let files = state.files.iter();
        files
            .map(|file| {
                Ok((
                    file.sha256.clone(),
                    scan(table, &dir, &state.schema, &[dir.join(&file.path)])?,
                ))
            })
            .collect()
    }

    /// The archive of the definitions it was made with.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn definitions(&self) -> Result<Vec<u8>, Error> {
        state::definitions(&self.lake.state(), &self.info.definitions_digest)?.ok_or_else(|| {
            Error::Corrupt {
                what: "digest of definitions",
                value: self.info.definitions_digest.clone(),
            }
        })
    }

    /// The lake it belongs to.
    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    pub(crate) fn state(&self, table: &str) -> Result<&TableState, Error> {
        self.tables.get(table).ok_or_else(|| Error::NoTable {
            id: self.info.id.clone(),
            table: table.to_owned(),
        })
    }

    pub(crate) fn table_states(&self) -> &BTreeMap<String, TableState> {
        &self.tables
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.info.id).finish()
    }
}

/// A lazy scan of these files of a table.
pub(crate) fn scan(
    table: &str,
    dir: &std::path::Path,
    schema: &TableSchema,
    files: &[PathBuf],
) -> Result<LazyFrame, Error> {
    let all = schema.scan()?;
    if files.is_empty() {
        return Ok(DataFrame::empty_with_schema(&all).lazy());
    }
    let hive_options = match &schema.partition {
        Some(column) => HiveOptions {
            enabled: Some(true),
            hive_start_idx: dir.as_os_str().len(),
            schema: Some(Arc::new(Schema::from_iter([(
                column.as_str().into(),
                DataType::String,
            )]))),
            try_parse_dates: false,
        },
        None => HiveOptions {
            enabled: Some(false),
            ..HiveOptions::default()
        },
    };
    let args = ScanArgsParquet {
        hive_options,
        schema: Some(schema.files()?),
        allow_missing_columns: true,
        glob: false,
        ..ScanArgsParquet::default()
    };
    let paths = files
        .iter()
        .map(|path| PlRefPath::new(path.to_string_lossy().as_ref()))
        .collect();
    LazyFrame::scan_parquet_files(paths, args).map_err(Error::frame("scan", table))
}
