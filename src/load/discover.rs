//! Finding submissions on disk.

use super::Error;
use crate::lake::{Archived, Archiver, FileStamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes read at once.
const BLOCK: usize = 1 << 20;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// Its name without folders.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
}

/// The files at `paths` and below them, in byte order of their names (CONTRACT Q05). Hidden files and the folders in `leave`
/// are passed over.
///
/// # Errors
/// [`Error::Missing`] for a path where nothing lies, [`Error::Io`] for a folder that cannot be listed.
pub(super) fn find(paths: &[PathBuf], leave: &[PathBuf]) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(Error::Missing { path: path.clone() });
        }
        collect(path, leave, &mut BTreeSet::new(), &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// `above` holds the folders that are being listed: a link back to one of them would be followed for ever.
fn collect(
    path: &Path,
    leave: &[PathBuf],
    above: &mut BTreeSet<PathBuf>,
    found: &mut Vec<Found>,
) -> Result<(), Error> {
    let failed = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    if !path.is_dir() {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        found.push(Found {
            name,
            path: path.to_owned(),
        });
        return Ok(());
    }
    let same =
        |other: &PathBuf| other == path || other.canonicalize().ok() == path.canonicalize().ok();
    if leave.iter().any(|other| other.exists() && same(other)) {
        return Ok(());
    }
    let folder = path.canonicalize().map_err(failed)?;
    if !above.insert(folder.clone()) {
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            collect(&entry.path(), leave, above, found)?;
        }
    }
    above.remove(&folder);
    Ok(())
}

/// How a file looks to its file system. A pipe has no look: it would be waited for without end.
///
/// # Errors
/// [`Error::Io`], also for what is no regular file.
pub(super) fn stamp(path: &Path) -> Result<Option<FileStamp>, Error> {
    let failed = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other("not a regular file")));
    }
    let whole = path.canonicalize().map_err(failed)?;
    Ok(FileStamp::new(&whole, &metadata))
}

/// SHA-256 of a file, hexadecimal.
///
/// # Errors
/// [`Error::Io`] when it cannot be read.
pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let mut sha = Sha256::new();
    blocks(path, |block| {
        sha.update(block);
        Ok(())
    })?;
    Ok(hex::encode(sha.finalize()))
}

/// Archives a file's bytes.
///
/// # Errors
/// [`Error::Io`] when they cannot be read, or as [`Archiver::finish`].
pub(super) fn archive(path: &Path, mut archiver: Archiver) -> Result<Archived, Error> {
    blocks(path, |block| {
        std::io::Write::write_all(&mut archiver, block)
    })?;
    Ok(archiver.finish()?)
}

fn blocks(path: &Path, mut each: impl FnMut(&[u8]) -> std::io::Result<()>) -> Result<(), Error> {
    let failed = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        each(&block[..read]).map_err(failed)?;
    }
}
