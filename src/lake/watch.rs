//! Notices what others published, without reading it again each time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::{Error, Lake, SnapshotInfo, state};

/// A connection of its own to the state: it waits for no load of this process, and sees what every process commits.
#[derive(Debug)]
pub struct Watch {
    state: Mutex<Connection>,
}

impl Lake {
    /// A watch over this lake.
    ///
    /// # Errors
    /// When the state cannot be opened.
    pub fn watch(&self) -> Result<Watch, Error> {
        Ok(Watch {
            state: Mutex::new(state::open_watch(&self.inner.root)?),
        })
    }
}

impl Watch {
    /// A number that differs from the last one asked for where anyone committed to the state since. It costs some microseconds:
    /// SQLite compares a counter in memory that all processes share.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn version(&self) -> Result<i64, Error> {
        self.state()
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(Error::state("read the version of the data"))
    }

    /// What is known of the newest snapshot; none in an empty lake.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn newest(&self) -> Result<Option<SnapshotInfo>, Error> {
        state::latest(&self.state())
    }

    fn state(&self) -> MutexGuard<'_, Connection> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
