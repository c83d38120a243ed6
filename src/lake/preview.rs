//! What a load would leave, before it is committed.

use super::pages::Source;
use super::snapshot;
use super::{Error, Load, load, table};
use polars::prelude::LazyFrame;
use std::path::{Path, PathBuf};

impl Load {
    /// Files of a table that this load has written so far, absolute.
    #[must_use]
    pub fn staged_files(&self, table: &str) -> Vec<PathBuf> {
        let dir = table::dir(self.lake.root(), table);
        let stages = load::lock(&self.stages);
        let added = stages.get(table).map(|stage| {
            stage
                .added
                .iter()
                .map(|file| dir.join(&file.path))
                .collect()
        });
        added.unwrap_or_default()
    }

    /// Rows of every row group of a Parquet file, in order.
    ///
    /// # Errors
    /// When its footer cannot be read.
    pub fn groups(&self, path: &Path) -> Result<Vec<usize>, Error> {
        Ok(Source::open(path)?.groups())
    }

    /// A lazy scan of a table as the load would leave it; `None` when there is no such table.
    ///
    /// # Errors
    /// When Polars refuses the scan.
    pub fn scan(&self, table: &str) -> Result<Option<LazyFrame>, Error> {
        let dir = table::dir(self.lake.root(), table);
        let stages = load::lock(&self.stages);
        let stage = stages.get(table);
        let base = self.base_state(table);
        let Some(schema) = stage
            .and_then(|stage| stage.schema.clone())
            .or_else(|| base.map(|base| base.schema.clone()))
        else {
            return Ok(None);
        };
        let kept = base.into_iter().flat_map(|base| &base.files);
        let kept =
            kept.filter(|file| stage.is_none_or(|stage| !stage.removed.contains_key(&file.id)));
        let added = stage.into_iter().flat_map(|stage| &stage.added);
        let files: Vec<PathBuf> = kept
            .map(|file| dir.join(&file.path))
            .chain(added.map(|file| dir.join(&file.path)))
            .collect();
        drop(stages);
        snapshot::scan(table, &dir, &schema, &files).map(Some)
    }
}
