//! Why the lake refuses or fails.

use std::path::{Path, PathBuf};

use super::SnapshotId;

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
    /// An appender was dropped without `Appender::finish`, so rows are missing.
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
    /// A commit hit an error at the commit point itself; the next `Lake::begin` finds out whether it stands.
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
