//! Streaming rows into the Parquet files of a load.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use polars::prelude::{DataFrame, Schema, SchemaRef};

use super::block::{Block, Gathered};
use super::load::{Stage, lock};
use super::pages::Source;
use super::schema::{self, TableSchema};
use super::table::{self, ParquetFile, StagedFile, Workshop};
use super::{Error, disk};

/// Streams frames into new Parquet files of one table; [`Appender::finish`] makes them part of the load.
///
/// Dropping it unfinished removes its files and makes the load's commit fail.
pub struct Appender {
    shop: Arc<Workshop>,
    stages: Arc<Mutex<BTreeMap<String, Stage>>>,
    /// Columns the table has, unless they are being replaced.
    base: Option<TableSchema>,
    table: String,
    partition: Option<(String, String)>,
    data_change: bool,
    /// Columns of what is written here, once known.
    schema: Option<(TableSchema, SchemaRef)>,
    buffer: Option<DataFrame>,
    /// Rows of blocks that wait for their row group.
    gathered: Option<Gathered>,
    open: Option<ParquetFile>,
    done: Vec<StagedFile>,
}

impl Appender {
    pub(crate) fn new(
        shop: Arc<Workshop>,
        stages: Arc<Mutex<BTreeMap<String, Stage>>>,
        base: Option<TableSchema>,
        table: &str,
        partition: Option<(String, String)>,
        data_change: bool,
    ) -> Self {
        lock(&stages)
            .entry(table.to_owned())
            .or_default()
            .unfinished += 1;
        Self {
            shop,
            stages,
            base,
            table: table.to_owned(),
            partition,
            data_change,
            schema: None,
            buffer: None,
            gathered: None,
            open: None,
            done: Vec::new(),
        }
    }

    /// Lets the frames decide the columns, since the table's rows are all replaced.
    pub(crate) fn forget_base(&mut self) {
        self.base = None;
    }

    /// Takes the rows of a frame. Columns must be those of the table, in any order; new ones widen it and are null in
    /// the rows before. Every frame of one appender has the same columns.
    ///
    /// # Errors
    /// [`Error::Type`] for a column Delta cannot hold, [`Error::Schema`] where the frame does not fit, or when the
    /// file cannot be written.
    pub fn write(&mut self, frame: &DataFrame) -> Result<(), Error> {
        let frame = schema::plain(&self.table, frame)?;
        let columns = self.columns(frame.schema())?;
        let frame = frame
            .select(columns.iter_names().cloned())
            .map_err(Error::frame("write", &self.table))?;
        if frame.height() == 0 {
            return Ok(());
        }
        match &mut self.buffer {
            Some(buffer) => {
                buffer
                    .vstack_mut(&frame)
                    .map_err(Error::frame("buffer", &self.table))?;
            }
            None => self.buffer = Some(frame),
        }
        self.drain(self.shop.options.row_group_rows)
    }

    /// Takes the rows of a block, as [`Appender::write`] takes those of a frame. An appender takes either blocks or frames.
    ///
    /// # Errors
    /// As [`Appender::write`].
    pub fn write_block(&mut self, block: &Block) -> Result<(), Error> {
        let columns = self.columns(&block.schema())?;
        let group = self.shop.options.row_group_rows;
        let mut start = 0;
        while start < block.rows {
            let gathered = match &mut self.gathered {
                Some(gathered) => gathered,
                None => self
                    .gathered
                    .insert(Gathered::new(&self.table, &columns, block)?),
            };
            let end = block.rows.min(start + group - gathered.rows());
            gathered.take(&self.table, block, start..end)?;
            start = end;
            if gathered.rows() == group {
                self.write_gathered()?;
            }
        }
        Ok(())
    }

    /// Takes the rows of a row group of another file as they are encoded there, with the columns of `added` beside them.
    /// `columns` are its columns without these.
    pub(crate) fn copy(
        &mut self,
        source: &Source,
        group: usize,
        columns: &Schema,
        added: &DataFrame,
    ) -> Result<(), Error> {
        let mut all = columns.clone();
        all.merge(added.schema().as_ref().clone());
        self.columns(&all)?;
        if source.rows(group) > 0 {
            self.opened()?.copy(source, group, added)?;
        }
        Ok(())
    }

    /// Completes and syncs the files; gives the number of rows written.
    ///
    /// # Errors
    /// When a file cannot be written or synced.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.drain(1)?;
        self.write_gathered()?;
        self.close()?;
        let rows = self.done.iter().map(|f| f.rows).sum();
        let mut stages = lock(&self.stages);
        let stage = stages.entry(self.table.clone()).or_default();
        if let Some((schema, _)) = self.schema.take() {
            stage.schema = Some(match &stage.schema {
                Some(known) => known.joined(&self.table, &schema)?,
                None => schema,
            });
        }
        stage.added.append(&mut self.done);
        stage.unfinished -= 1;
        drop(stages);
        Ok(rows)
    }

    /// Gives up what was written; the load can be committed without it.
    pub fn abandon(self) {
        let mut stages = lock(&self.stages);
        if let Some(stage) = stages.get_mut(&self.table) {
            stage.unfinished -= 1;
            if stage.unfinished == 0 && stage.added.is_empty() && stage.removed.is_empty() {
                stages.remove(&self.table);
            }
        }
    }

    pub(crate) fn write_all(mut self, frame: &DataFrame) -> Result<(), Error> {
        self.write(frame)?;
        self.finish().map(|_| ())
    }

    /// The files' columns; settled by the first frame, checked for every other.
    fn columns(&mut self, frame: &Schema) -> Result<SchemaRef, Error> {
        let column = self.partition.as_ref().map(|(column, _)| column.as_str());
        let found = TableSchema::of(&self.table, frame, column)?;
        if let Some((schema, columns)) = &self.schema {
            if schema.widened(&self.table, &found)? != *schema {
                let extra = found.columns.iter().find(|c| !schema.columns.contains(c));
                return Err(Error::Schema {
                    table: self.table.clone(),
                    column: extra.map_or_else(String::new, |(name, _)| name.clone()),
                    expected: "no such column in the frames before".into(),
                    found: extra.map_or_else(String::new, |(_, delta)| delta.clone()),
                });
            }
            return Ok(Arc::clone(columns));
        }
        let schema = match &self.base {
            Some(base) => base.widened(&self.table, &found)?,
            None => found,
        };
        let columns = schema.files()?;
        self.schema = Some((schema, Arc::clone(&columns)));
        Ok(columns)
    }

    /// Writes row groups for as long as the buffer holds at least `enough` rows.
    fn drain(&mut self, enough: usize) -> Result<(), Error> {
        let group = self.shop.options.row_group_rows;
        while let Some(buffer) = self.buffer.take_if(|b| b.height() >= enough.max(1)) {
            if buffer.height() > group {
                self.buffer = Some(buffer.slice(group.cast_signed() as i64, usize::MAX));
            }
            self.write_group(&buffer.head(Some(group)))?;
        }
        Ok(())
    }

    fn write_group(&mut self, group: &DataFrame) -> Result<(), Error> {
        self.opened()?.write(group)?;
        self.close_full()
    }

    fn write_gathered(&mut self) -> Result<(), Error> {
        if let Some(mut gathered) = self.gathered.take_if(|gathered| gathered.rows() > 0) {
            let arrays = gathered.arrays();
            self.gathered = Some(gathered);
            self.opened()?.write_arrays(arrays)?;
            self.close_full()?;
        }
        Ok(())
    }

    /// The file at hand, begun where there is none; columns are known by now.
    fn opened(&mut self) -> Result<&mut ParquetFile, Error> {
        let file = match self.open.take() {
            Some(file) => file,
            None => {
                let (_, columns) = self.schema.as_ref().ok_or_else(|| Error::Unfinished {
                    table: self.table.clone(),
                })?;
                let partition = self.partition.as_ref();
                let partition = partition.map(|(column, value)| (column.as_str(), value.as_str()));
                ParquetFile::create(&self.shop, &self.table, columns, partition)?
            }
        };
        Ok(self.open.insert(file))
    }

    fn close_full(&mut self) -> Result<(), Error> {
        let most = self.shop.options.file_rows as u64;
        match self.open.as_ref().is_some_and(|file| file.rows() >= most) {
            true => self.close(),
            false => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), Error> {
        if let Some(file) = self.open.take() {
            self.done.push(file.finish(self.data_change)?);
        }
        Ok(())
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        let dir = table::dir(&self.shop.root, &self.table);
        for file in self.done.drain(..) {
            // What cannot be removed now, the next load removes.
            let _ = disk::remove(&dir.join(file.path));
        }
    }
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
