//! Checking that everything is still what was written.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use polars::prelude::{ParquetReader, SerReader};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::{Error, Lake, archive, disk, retention, state, table};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A file that a kept snapshot needs is missing.
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file is not what was written.
    Changed {
        /// The file.
        path: PathBuf,
        /// Digest recorded.
        expected: String,
        /// Digest found.
        found: String,
    },
    /// A data file does not hold the rows recorded.
    Rows {
        /// The file.
        path: PathBuf,
        /// Rows recorded.
        expected: u64,
        /// Rows found; none when its footer cannot be read.
        found: Option<u64>,
    },
    /// A file that nothing committed names; the next load removes it.
    Leftover {
        /// The file.
        path: PathBuf,
    },
    /// SQLite finds its file damaged.
    State {
        /// What SQLite says.
        message: String,
    },
    /// The rows of a snapshot in the state are not those that were committed.
    Snapshot {
        /// The snapshot's id.
        id: String,
    },
    /// Stored definitions are not those that were committed.
    Definitions {
        /// Their digest.
        digest: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "{} is missing", path.display()),
            Self::Changed { path, .. } => write!(f, "{} was changed", path.display()),
            Self::Rows {
                path,
                expected,
                found: Some(found),
            } => write!(
                f,
                "{} has {found} rows instead of {expected}",
                path.display()
            ),
            Self::Rows { path, .. } => write!(f, "{} cannot be read", path.display()),
            Self::Leftover { path } => {
                write!(f, "{} belongs to no committed load", path.display())
            }
            Self::State { message } => write!(f, "the state is damaged: {message}"),
            Self::Snapshot { id } => write!(f, "the state of snapshot {id} was changed"),
            Self::Definitions { digest } => write!(f, "definitions {digest} were changed"),
        }
    }
}

impl Finding {
    /// Whether it is only an uncommitted rest, which harms nothing.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::Leftover { .. })
    }
}

impl Lake {
    /// Reads and re-hashes every file that a kept snapshot names, every Delta version and every archived submission,
    /// and checks the state; gives what is not as it was written, nothing when all is well. Leftovers are listed only
    /// while no load is running.
    ///
    /// # Errors
    /// When the state or a directory cannot be read at all.
    pub fn verify(&self) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        let quiet = self.lock("lock", Duration::ZERO).ok();
        // One read transaction, so that a load that commits meanwhile does not mix in.
        let mut connection = state::open(self.root())?;
        let state = connection
            .transaction()
            .map_err(Error::state("begin to verify"))?;
        self::state(&state, &mut findings)?;
        files(self.root(), &state, &mut findings)?;
        if quiet.is_some() {
            let leftovers = retention::leftovers(self.root(), &state)?;
            findings.extend(leftovers.into_iter().map(|path| Finding::Leftover { path }));
        }
        Ok(findings)
    }
}

/// What the state says of every file, relative to the lake: path, bytes, digest, and rows of a data file.
pub(crate) struct Named {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) rows: Option<u64>,
}

/// Every file that belongs to the committed state.
pub(crate) fn named(state: &Connection) -> Result<Vec<Named>, Error> {
    let mut all = Vec::new();
    let names = state::table_names(state)?;
    let dir = |id: &i64| {
        names
            .get(id)
            .map(|(name, _)| table::relative_dir(name))
            .unwrap_or_default()
    };
    for file in state::kept_files(state)? {
        all.push(Named {
            path: dir(&file.table_id).join(&file.path),
            bytes: file.bytes,
            sha256: file.sha256,
            rows: Some(file.rows),
        });
    }
    for (id, version, bytes, sha256) in state::versions(state)? {
        let log = dir(&id).join("_delta_log");
        all.push(Named {
            path: log.join(table::version_file(version)),
            bytes,
            sha256,
            rows: None,
        });
    }
    for (sha256, (bytes, stored)) in state::archived(state)? {
        all.push(Named {
            path: archive::relative_path(&sha256),
            bytes,
            sha256: stored,
            rows: None,
        });
    }
    Ok(all)
}

fn files(root: &Path, state: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    for file in named(state)? {
        let path = root.join(&file.path);
        if !path.is_file() {
            findings.push(Finding::Missing { path });
            continue;
        }
        match disk::hash_file(&path) {
            Ok(found) if found.sha256 == file.sha256 && found.bytes == file.bytes => {}
            Ok(found) => {
                findings.push(Finding::Changed {
                    path,
                    expected: file.sha256,
                    found: found.sha256,
                });
                continue;
            }
            // A disk that cannot give the bytes back is a finding, not an end of the search.
            Err(e) => {
                findings.push(Finding::Changed {
                    path,
                    expected: file.sha256,
                    found: e.to_string(),
                });
                continue;
            }
        }
        if let Some(expected) = file.rows {
            let found = File::open(&path)
                .ok()
                .and_then(|f| ParquetReader::new(f).num_rows().ok())
                .map(|n| n as u64);
            if found != Some(expected) {
                findings.push(Finding::Rows {
                    path,
                    expected,
                    found,
                });
            }
        }
    }
    Ok(())
}

/// SQLite's own checks, the chain of snapshot digests, and the definitions.
pub(crate) fn state(state: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let texts = |sql: &str| -> Result<Vec<String>, Error> {
        state
            .prepare(sql)
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.collect())
            .map_err(Error::state("check"))
    };
    for message in texts("PRAGMA integrity_check")? {
        if message != "ok" {
            findings.push(Finding::State { message });
        }
    }
    for table in texts("SELECT \"table\" FROM pragma_foreign_key_check")? {
        findings.push(Finding::State {
            message: format!("a row of {table} refers to nothing"),
        });
    }
    let snapshots: Vec<(i64, String, String)> = state
        .prepare("SELECT seq, id, digest FROM snapshots ORDER BY seq")
        .and_then(|mut s| {
            s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })
        .map_err(Error::state("check"))?;
    for (expected, (seq, id, digest)) in (1..).zip(snapshots) {
        if seq != expected || state::digest(state, seq)? != digest {
            findings.push(Finding::Snapshot { id });
        }
    }
    let definitions: Vec<(String, Vec<u8>, String)> = state
        .prepare("SELECT digest, archive, sha256 FROM definitions ORDER BY digest")
        .and_then(|mut s| {
            s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })
        .map_err(Error::state("check"))?;
    for (digest, archive, sha256) in definitions {
        if hex::encode(Sha256::digest(&archive)) != sha256 {
            findings.push(Finding::Definitions { digest });
        }
    }
    Ok(())
}
