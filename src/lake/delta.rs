//! Delta versions: their actions, written through delta-rs and then synced, which delta-rs does not do.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use deltalake_core::DeltaTableError;
use deltalake_core::kernel::transaction::{CommitData, TransactionError};
use deltalake_core::kernel::{Action, Add, Remove, Transaction};
use deltalake_core::logstore::{CommitOrBytes, StorageConfig, logstore_for};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Error;
use super::disk::{self, Written};
use super::schema::TableSchema;
use super::snapshot::FileInfo;
use super::table::{self, StagedFile};

/// Settings of every table: nothing is vacuumed by others within a hundred years, and no checkpoints are made, since
/// some readers cannot travel to before one.
const CONFIGURATION: [(&str, &str); 3] = [
    ("delta.logRetentionDuration", "interval 36500 days"),
    ("delta.deletedFileRetentionDuration", "interval 36500 days"),
    ("delta.checkpointInterval", "1000000"),
];

/// What one load changes in one table.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) name: String,
    /// Row of the table in the state; none for a new one.
    pub(crate) known: Option<i64>,
    pub(crate) uuid: String,
    pub(crate) version: u64,
    pub(crate) schema: TableSchema,
    pub(crate) schema_changed: bool,
    /// Files that go, and whether their rows go with them.
    pub(crate) removed: Vec<(FileInfo, bool)>,
    pub(crate) added: Vec<StagedFile>,
}

/// Load and instant that stand in every version.
pub(crate) struct Stamp<'a> {
    pub(crate) load: &'a str,
    pub(crate) seq: i64,
    pub(crate) published_ms: i64,
}

impl Change {
    fn error(&self) -> impl FnOnce(DeltaTableError) -> Error {
        let (table, version) = (self.name.clone(), self.version);
        move |source| Error::Delta {
            table,
            version,
            source: Box::new(source),
        }
    }

    fn partition_values(&self, value: Option<&str>) -> HashMap<String, Option<String>> {
        let column = self.schema.partition.iter();
        column
            .map(|column| (column.clone(), value.map(str::to_owned)))
            .collect()
    }

    fn actions(&self, stamp: &Stamp<'_>) -> Result<Vec<Action>, serde_json::Error> {
        let mut actions = Vec::new();
        if self.version == 0 {
            let protocol = json!({"minReaderVersion": 1, "minWriterVersion": 2});
            actions.push(Action::Protocol(serde_json::from_value(protocol)?));
        }
        if self.version == 0 || self.schema_changed {
            let configuration: HashMap<_, _> = CONFIGURATION.into_iter().collect();
            let partitions: Vec<&String> = self.schema.partition.iter().collect();
            actions.push(Action::Metadata(serde_json::from_value(json!({
                "id": self.uuid,
                "name": self.name,
                "description": null,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": self.schema.delta(),
                "partitionColumns": partitions,
                "configuration": configuration,
                "createdTime": stamp.published_ms,
            }))?));
        }
        actions.extend(self.removed.iter().map(|(file, data_change)| {
            Action::Remove(Remove {
                path: file.path.clone(),
                data_change: *data_change,
                deletion_timestamp: Some(stamp.published_ms),
                extended_file_metadata: Some(true),
                partition_values: Some(self.partition_values(file.partition.as_deref())),
                size: Some(file.bytes.cast_signed()),
                tags: None,
                deletion_vector: None,
                base_row_id: None,
                default_row_commit_version: None,
            })
        }));
        actions.extend(self.added.iter().map(|file| {
            Action::Add(Add {
                path: file.path.clone(),
                partition_values: self.partition_values(file.partition.as_deref()),
                size: file.bytes.cast_signed(),
                modification_time: stamp.published_ms,
                data_change: file.data_change,
                stats: Some(json!({"numRecords": file.rows}).to_string()),
                tags: None,
                deletion_vector: None,
                base_row_id: None,
                default_row_commit_version: None,
                clustering_provider: None,
            })
        }));
        Ok(actions)
    }

    fn bytes(&self, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
        let actions = self
            .actions(stamp)
            .map_err(|json_err| TransactionError::SerializeLogJson { json_err }.into())
            .map_err(self.error())?;
        let mode = match self.removed.is_empty() {
            true => SaveMode::Append,
            false => SaveMode::Overwrite,
        };
        let operation = DeltaOperation::Write {
            mode,
            partition_by: self.schema.partition.clone().map(|column| vec![column]),
            predicate: None,
        };
        let metadata = HashMap::from([("load".to_owned(), Value::from(stamp.load))]);
        let transaction = Transaction::new("dabiao", stamp.seq);
        CommitData::new(actions, operation, metadata, vec![transaction])
            .get_bytes()
            .map(|bytes| bytes.to_vec())
            .map_err(|e| self.error()(e.into()))
    }
}

/// Writes one version of every table concurrently and makes each durable; gives length and digest of each log file.
pub(crate) fn write(
    root: &Path,
    changes: &[Change],
    stamp: &Stamp<'_>,
) -> Result<Vec<Written>, Error> {
    let mut entries = Vec::with_capacity(changes.len());
    for change in changes {
        let dir = table::dir(root, &change.name);
        disk::create_dir(&dir.join("_delta_log"))?;
        entries.push((change, dir, change.bytes(stamp)?));
    }
    let written = entries
        .iter()
        .map(|(_, _, bytes)| Written {
            bytes: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(bytes)),
        })
        .collect();
    // On a thread of its own, since the caller may be inside another runtime.
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .map_err(|source| Error::Runtime { source })?;
                let all = entries
                    .into_iter()
                    .map(|(change, dir, bytes)| write_one(change, dir, bytes));
                runtime
                    .block_on(futures::future::try_join_all(all))
                    .map(|_| ())
            })
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(written)
}

async fn write_one(change: &Change, dir: PathBuf, bytes: Vec<u8>) -> Result<(), Error> {
    let url = url::Url::from_directory_path(&dir)
        .map_err(|()| DeltaTableError::InvalidTableLocation(dir.display().to_string()))
        .map_err(change.error())?;
    let store = logstore_for(&url, StorageConfig::default()).map_err(change.error())?;
    let entry = CommitOrBytes::LogBytes(bytes.into());
    store
        .write_commit_entry(change.version, entry, uuid::Uuid::nil())
        .await
        .map_err(|e| change.error()(e.into()))?;
    let log = dir.join("_delta_log");
    let file = log.join(table::version_file(change.version));
    let synced = tokio::task::spawn_blocking(move || {
        disk::sync_file(&file)?;
        disk::sync_dir(&log)
    });
    match synced.await {
        Ok(result) => result,
        Err(join) => std::panic::resume_unwind(join.into_panic()),
    }
}
