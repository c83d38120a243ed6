//! Digests of files outside the lake, so that a file nobody touched is not read again.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::lake::Error;

/// What a file system says of a file; it differs whenever the file was written, replaced or renamed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    path: String,
    device: i64,
    inode: i64,
    bytes: i64,
    modified_ns: i64,
    changed_ns: i64,
}

impl FileStamp {
    /// The stamp of a file; none where its path is no text or it lies outside the times that can be told apart.
    #[must_use]
    pub fn new(path: &Path, metadata: &std::fs::Metadata) -> Option<Self> {
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.checked_mul(1_000_000_000)?.checked_add(rest);
        Some(Self {
            path: path.to_str()?.to_owned(),
            device: metadata.dev().cast_signed(),
            inode: metadata.ino().cast_signed(),
            bytes: metadata.size().cast_signed(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec())?,
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec())?,
        })
    }

    /// Whether the file was last touched clearly before `other` was: a file that is written twice within one tick of the clock
    /// keeps its stamp.
    #[must_use]
    pub fn is_settled(&self, other: &Self) -> bool {
        const APART_NS: i64 = 2_000_000_000;
        let last = self.modified_ns.max(self.changed_ns);
        last.saturating_add(APART_NS) < other.changed_ns
    }
}

/// The digest noted for a file that still looks as it did.
pub(crate) fn digest_of(state: &Connection, stamp: &FileStamp) -> Result<Option<String>, Error> {
    state
        .query_row(
            "SELECT sha256 FROM hashed WHERE path = ?1 AND device = ?2 AND inode = ?3 AND bytes = ?4 \
             AND modified_ns = ?5 AND changed_ns = ?6",
            params![
                stamp.path,
                stamp.device,
                stamp.inode,
                stamp.bytes,
                stamp.modified_ns,
                stamp.changed_ns
            ],
            |row| row.get(0),
        )
        .optional()
        .map_err(Error::state("look for a digest"))
}

/// Notes digests of files.
pub(crate) fn note(state: &mut Connection, files: &[(FileStamp, String)]) -> Result<(), Error> {
    let failed = || Error::state("note digests");
    let transaction = state.transaction().map_err(failed())?;
    for (stamp, sha256) in files {
        transaction
            .execute(
                "INSERT OR REPLACE INTO hashed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    stamp.path,
                    stamp.device,
                    stamp.inode,
                    stamp.bytes,
                    stamp.modified_ns,
                    stamp.changed_ns,
                    sha256
                ],
            )
            .map_err(failed())?;
    }
    transaction.commit().map_err(failed())
}
