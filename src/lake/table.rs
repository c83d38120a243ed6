//! Names and places of tables, and writing their Parquet files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use polars::io::parquet::write::BatchedWriter;
use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{
    CompatLevel, DataFrame, ParquetCompression, ParquetWriter, SchemaRef, StatisticsOptions,
};
use polars_arrow::array::Array;
use polars_parquet::write::ParquetType;

use super::disk::{self, AtomicFile, SharedWriter};
use super::pages::{self, Pages, Source};
use super::{Error, Options};

/// Refuses names that could not be directories of ours.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let bare = name.strip_prefix("vault/").unwrap_or(name);
    let fits = !bare.is_empty()
        && bare.len() <= 64
        && bare.starts_with(|c: char| c.is_ascii_lowercase())
        && bare
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits {
        Ok(())
    } else {
        Err(Error::TableName {
            name: name.to_owned(),
        })
    }
}

/// Directory of a table, relative to the lake.
pub(crate) fn relative_dir(name: &str) -> PathBuf {
    if name.starts_with("vault/") {
        PathBuf::from(name)
    } else {
        Path::new("tables").join(name)
    }
}

/// Directory of a table.
pub(crate) fn dir(root: &Path, name: &str) -> PathBuf {
    root.join(relative_dir(name))
}

/// File name of a Delta version.
pub(crate) fn version_file(version: u64) -> String {
    format!("{version:020}.json")
}

/// Directory name of a partition, every byte but letters, digits, `-`, `_` and `.` written as `%XX`.
pub(crate) fn partition_dir(column: &str, value: &str) -> String {
    let mut name = format!("{column}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

/// A complete Parquet file that no snapshot names yet.
#[derive(Debug, Clone)]
pub(crate) struct StagedFile {
    /// Path below the table's directory, with `/`.
    pub(crate) path: String,
    pub(crate) partition: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) sha256: String,
    /// False when the rows were there before in other files (compaction).
    pub(crate) data_change: bool,
}

/// What the writers of one load share: where files go, how they are named, which directories need a sync.
pub(crate) struct Workshop {
    pub(crate) root: PathBuf,
    pub(crate) load: String,
    pub(crate) options: Options,
    count: AtomicU64,
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

impl Workshop {
    pub(crate) fn new(root: PathBuf, load: String, options: Options) -> Self {
        Self {
            root,
            load,
            options,
            count: AtomicU64::new(0),
            unsynced: Mutex::default(),
        }
    }

    /// Remembers a directory that got a new entry.
    pub(crate) fn touched(&self, dir: &Path) {
        self.unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(dir.to_path_buf());
    }

    /// Syncs every directory that got a new entry.
    pub(crate) fn sync_dirs(&self) -> Result<(), Error> {
        let dirs =
            std::mem::take(&mut *self.unsynced.lock().unwrap_or_else(PoisonError::into_inner));
        dirs.iter().try_for_each(|dir| disk::sync_dir(dir))
    }

    fn file_name(&self) -> Result<String, Error> {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        Ok(format!(
            "{}-{n:05}-{}.parquet",
            self.load,
            disk::random_hex::<4>()?
        ))
    }
}

/// One Parquet file being written.
pub(crate) struct ParquetFile {
    table: String,
    path: String,
    partition: Option<String>,
    target: PathBuf,
    writer: BatchedWriter<SharedWriter>,
    shared: SharedWriter,
    rows: u64,
}

impl ParquetFile {
    pub(crate) fn create(
        shop: &Workshop,
        table: &str,
        schema: &SchemaRef,
        partition: Option<(&str, &str)>,
    ) -> Result<Self, Error> {
        let name = shop.file_name()?;
        let table_dir = dir(&shop.root, table);
        let (path, target_dir) = match partition {
            Some((column, value)) => {
                let sub = partition_dir(column, value);
                (format!("{sub}/{name}"), table_dir.join(sub))
            }
            None => (name.clone(), table_dir),
        };
        disk::create_dir(&target_dir)?;
        shop.touched(&target_dir);
        let shared = SharedWriter::new(AtomicFile::create(&target_dir, 0o640)?);
        let level = ZstdLevel::try_new(1).map_err(Error::frame("write", table))?;
        let writer = ParquetWriter::new(shared.share())
            .with_compression(ParquetCompression::Zstd(Some(level)))
            .with_statistics(StatisticsOptions::default())
            .batched(schema)
            .map_err(Error::frame("write", table))?;
        Ok(Self {
            table: table.to_owned(),
            path,
            partition: partition.map(|(_, value)| value.to_owned()),
            target: target_dir.join(name),
            writer,
            shared,
            rows: 0,
        })
    }

    /// Writes the rows as one row group.
    pub(crate) fn write(&mut self, frame: &DataFrame) -> Result<(), Error> {
        let mut frame = frame.clone();
        frame.rechunk_mut();
        self.writer
            .write_batch(&frame)
            .map_err(Error::frame("write", &self.table))?;
        self.rows += frame.height() as u64;
        Ok(())
    }

    /// Writes arrays, one per column, as one row group.
    pub(crate) fn write_arrays(&mut self, arrays: Vec<Box<dyn Array>>) -> Result<(), Error> {
        let rows = arrays.first().map_or(0, |array| array.len()) as u64;
        let encoded = self.fields().into_iter().zip(arrays);
        let encoded = encoded
            .map(|(field, array)| pages::encode(array, &field))
            .collect::<Result<Vec<Pages>, _>>()
            .map_err(Error::frame("write", &self.table))?;
        self.write_pages(rows, &encoded)
    }

    /// Writes a row group of another file, its pages as they are, with the columns of `added` encoded beside them.
    pub(crate) fn copy(
        &mut self,
        source: &Source,
        group: usize,
        added: &DataFrame,
    ) -> Result<(), Error> {
        let taken = self.fields().into_iter().map(|field| {
            let name = field.get_field_info().name.as_str();
            match added.column(name) {
                Ok(column) => {
                    let series = column.as_materialized_series().rechunk();
                    pages::encode(series.to_arrow(0, CompatLevel::newest()), &field)
                }
                Err(_) => source.pages(group, name),
            }
        });
        let taken = taken
            .collect::<Result<Vec<Pages>, _>>()
            .map_err(Error::frame("copy into", &self.table))?;
        self.write_pages(source.rows(group), &taken)
    }

    fn fields(&mut self) -> Vec<ParquetType> {
        self.writer.parquet_schema().fields().to_vec()
    }

    fn write_pages(&mut self, rows: u64, pages: &[Pages]) -> Result<(), Error> {
        self.writer
            .write_row_group(rows, pages)
            .map_err(Error::frame("write", &self.table))?;
        self.rows += rows;
        Ok(())
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the footer, syncs the file and gives it its name.
    pub(crate) fn finish(self, data_change: bool) -> Result<StagedFile, Error> {
        self.writer
            .finish()
            .map_err(Error::frame("write", &self.table))?;
        drop(self.writer);
        let file = self
            .shared
            .take()
            .map_err(|e| Error::io("write", &self.target, e))?;
        let written = file.finish(&self.target)?;
        Ok(StagedFile {
            path: self.path,
            partition: self.partition,
            bytes: written.bytes,
            rows: self.rows,
            sha256: written.sha256,
            data_change,
        })
    }
}
