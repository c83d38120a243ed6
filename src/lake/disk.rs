//! Files and directories that survive a power cut: the only place that syncs, renames and hashes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Error;

/// Mark of names that are not yet part of anything; [`super::retention::clean`] removes them.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Makes a directory and its missing parents, and syncs every directory that got a new entry.
pub(crate) fn create_dir(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        create_dir(parent)?;
    }
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(e) => return Err(Error::io("create", path, e)),
    }
    sync_dir(path)?;
    sync_parent(path)
}

/// Lets only the owner enter a directory.
pub(crate) fn private_dir(path: &Path) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        .map_err(|e| Error::io("restrict", path, e))
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(|e| Error::io("sync", path, e))
}

/// Makes the entry of `path` in its directory durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), Error> {
    match path.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(parent) => sync_dir(parent),
        None => sync_dir(Path::new(".")),
    }
}

/// Makes the content of a file that somebody else wrote durable.
pub(crate) fn sync_file(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|e| Error::io("sync", path, e))
}

/// Opens (or makes) a lock file.
pub(crate) fn lock_file(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|e| Error::io("open", path, e))
}

/// Removes a file; one that is gone already is no error.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, e)),
        _ => Ok(()),
    }
}

/// What was written under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// A file that is hashed while it is written and gets its name only when it is complete and synced.
///
/// Dropping it unfinished removes it.
pub(crate) struct AtomicFile {
    file: Option<File>,
    temporary: PathBuf,
    sha: Sha256,
    bytes: u64,
}

impl AtomicFile {
    /// Begins a file in `dir` that will be renamed within `dir` (or a sibling on the same file system).
    pub(crate) fn create(dir: &Path, mode: u32) -> Result<Self, Error> {
        let temporary = dir.join(format!("{TEMPORARY}{}", random_hex::<8>()?));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&temporary)
            .map_err(|e| Error::io("create", &temporary, e))?;
        Ok(Self {
            file: Some(file),
            temporary,
            sha: Sha256::new(),
            bytes: 0,
        })
    }

    /// Syncs the content, then gives the file its name. The directory is the caller's to sync, so that many files
    /// cost one sync of it.
    pub(crate) fn finish(mut self, path: &Path) -> Result<Written, Error> {
        if let Some(file) = self.file.take() {
            // One try only: after a failed sync the kernel may call the lost pages clean.
            file.sync_all()
                .map_err(|e| Error::io("sync", &self.temporary, e))?;
        }
        fs::rename(&self.temporary, path).map_err(|e| Error::io("name", path, e))?;
        self.temporary = PathBuf::new();
        Ok(Written {
            bytes: self.bytes,
            sha256: hex::encode(self.sha.clone().finalize()),
        })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(file) = self.file.as_mut() else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let n = file.write(buf)?;
        self.sha.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.temporary.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A buffered writer whose file can be taken back after a library has swallowed the writer.
pub(crate) struct SharedWriter(Arc<Mutex<Option<io::BufWriter<AtomicFile>>>>);

impl SharedWriter {
    pub(crate) fn new(file: AtomicFile) -> Self {
        let writer = io::BufWriter::with_capacity(1 << 20, file);
        Self(Arc::new(Mutex::new(Some(writer))))
    }

    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Flushes and gives the file back.
    pub(crate) fn take(self) -> io::Result<AtomicFile> {
        let writer = self.lock().take().ok_or(io::ErrorKind::BrokenPipe)?;
        writer
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<io::BufWriter<AtomicFile>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for SharedWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.lock().as_mut() {
            Some(writer) => writer.write(buf),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.lock().as_mut() {
            Some(writer) => writer.flush(),
            None => Ok(()),
        }
    }
}

/// Writes a whole file durably: temporary name, sync, rename, sync of the directory.
pub(crate) fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> Result<Written, Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = AtomicFile::create(dir, mode)?;
    file.write_all(bytes)
        .map_err(|e| Error::io("write", path, e))?;
    let written = file.finish(path)?;
    sync_dir(dir)?;
    Ok(written)
}

/// Length and digest of a file.
pub(crate) fn hash_file(path: &Path) -> Result<Written, Error> {
    copy_hashed(path, &mut io::sink())
}

/// Copies a file's bytes into `to`, hashing them on the way.
pub(crate) fn copy_hashed(path: &Path, to: &mut dyn Write) -> Result<Written, Error> {
    let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
    let mut sha = Sha256::new();
    let mut bytes = 0;
    let mut buf = vec![0; 1 << 18];
    loop {
        let n = match file.read(&mut buf) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Error::io("read", path, e)),
        };
        sha.update(&buf[..n]);
        to.write_all(&buf[..n])
            .map_err(|e| Error::io("copy", path, e))?;
        bytes += n as u64;
    }
    Ok(Written {
        bytes,
        sha256: hex::encode(sha.finalize()),
    })
}

/// Every file below a directory, in order of path; a missing directory has none.
pub(crate) fn walk(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(Error::io("list", &dir, e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| Error::io("list", &dir, e))?;
            let kind = entry.file_type().map_err(|e| Error::io("list", &dir, e))?;
            if kind.is_dir() {
                open.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// `N` random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| Error::Random { source })?;
    Ok(bytes)
}

/// `N` random bytes as hexadecimal text.
pub(crate) fn random_hex<const N: usize>() -> Result<String, Error> {
    Ok(hex::encode(random::<N>()?))
}
