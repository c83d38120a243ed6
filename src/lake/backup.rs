//! Backup and restore. The key file is not part of a backup: keep copies of it elsewhere, or a stolen backup opens.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{self, AtomicFile, Written};
use super::{Error, Lake, state, verify};

const MANIFEST: &str = "manifest.json";

/// What a backup or a restore did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupReport {
    /// Files copied.
    pub copied: usize,
    /// Files that were there already.
    pub skipped: usize,
    /// Bytes copied.
    pub bytes: u64,
    /// Newest snapshot in it; none for an empty lake.
    pub snapshot: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    snapshot: Option<String>,
    /// The state's copy; the rest of the lake is in `files`.
    state: Entry,
    files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

impl Lake {
    /// Copies one consistent state of the lake to `dest` while loads may go on. Files that are there already in the
    /// same size are not copied again, so a second backup to one place is quick. The manifest is written last: until
    /// then the backup before it stands. The key file is not copied.
    ///
    /// # Errors
    /// [`Error::Busy`] when retention or another backup is running; [`Error::Changed`] when a file is not what was
    /// written, so that no damaged backup replaces a good one; or when something cannot be copied or synced.
    pub fn backup(&self, dest: &Path) -> Result<BackupReport, Error> {
        let _lock = self.lock("backup.lock", self.options().lock_wait)?;
        disk::create_dir(dest)?;
        disk::private_dir(dest)?;
        let (entry, copy) = copy_state(self, dest)?;
        let snapshot = state::latest(&copy)?.map(|info| info.id.to_string());
        let mut report = BackupReport {
            snapshot: snapshot.clone(),
            ..BackupReport::default()
        };
        let mut dirs = BTreeSet::new();
        let mut files = Vec::new();
        for file in verify::named(&copy)? {
            let target = dest.join(&file.path);
            let there = fs::metadata(&target).is_ok_and(|m| m.len() == file.bytes);
            if there {
                report.skipped += 1;
            } else {
                copy_file(&self.root().join(&file.path), &target, &file.sha256)?;
                dirs.extend(target.parent().map(Path::to_path_buf));
                report.copied += 1;
                report.bytes += file.bytes;
            }
            files.push(Entry {
                path: file.path,
                bytes: file.bytes,
                sha256: file.sha256,
            });
        }
        dirs.iter().try_for_each(|dir| disk::sync_dir(dir))?;
        let manifest = Manifest {
            format: 1,
            snapshot,
            state: entry,
            files,
        };
        write_manifest(dest, &manifest)?;
        prune(dest, &manifest)?;
        Ok(report)
    }
}

/// Makes a lake in the empty (or absent) directory `dest` from a backup, checking every file against the manifest.
///
/// # Errors
/// [`Error::NotEmpty`] when `dest` holds something; [`Error::Manifest`]; [`Error::Changed`] when a file is not what
/// was backed up. After an error `dest` is not a lake: the state, which makes it one, comes last.
pub fn restore(source: &Path, dest: &Path) -> Result<BackupReport, Error> {
    let path = source.join(MANIFEST);
    let text = fs::read(&path).map_err(|e| Error::io("read", &path, e))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|source| Error::Manifest { path, source })?;
    disk::create_dir(dest)?;
    let mut entries = fs::read_dir(dest).map_err(|e| Error::io("list", dest, e))?;
    if entries.next().is_some() {
        return Err(Error::NotEmpty {
            path: dest.to_path_buf(),
        });
    }
    let mut report = BackupReport {
        snapshot: manifest.snapshot,
        ..BackupReport::default()
    };
    let mut dirs = BTreeSet::new();
    for file in &manifest.files {
        // A manifest is a file like any other: it must not lead out of the directory.
        if !file
            .path
            .components()
            .all(|c| matches!(c, Component::Normal(_)))
        {
            return Err(Error::Changed {
                path: file.path.clone(),
                expected: "a path below the lake".into(),
                found: file.path.display().to_string(),
            });
        }
        let target = dest.join(&file.path);
        copy_file(&source.join(&file.path), &target, &file.sha256)?;
        dirs.extend(target.parent().map(Path::to_path_buf));
        report.copied += 1;
        report.bytes += file.bytes;
    }
    dirs.iter().try_for_each(|dir| disk::sync_dir(dir))?;
    let state = source.join(&manifest.state.path);
    copy_file(&state, &dest.join(state::FILE), &manifest.state.sha256)?;
    disk::sync_dir(dest)?;
    Ok(report)
}

/// A copy of the state as of now, named by its digest so that the one before it stays until the manifest changes.
fn copy_state(lake: &Lake, dest: &Path) -> Result<(Entry, rusqlite::Connection), Error> {
    let temporary = dest.join(format!("{}{}", disk::TEMPORARY, disk::random_hex::<8>()?));
    // A connection of its own: the copy is one read transaction, and loads go on beside it.
    state::open(lake.root())?
        .execute("VACUUM INTO ?1", [temporary.to_string_lossy()])
        .map_err(Error::state("copy"))?;
    disk::sync_file(&temporary)?;
    let Written { bytes, sha256 } = disk::hash_file(&temporary)?;
    let path = PathBuf::from(format!("state-{}.sqlite", &sha256[..16]));
    let target = dest.join(&path);
    fs::rename(&temporary, &target).map_err(|e| Error::io("name", &target, e))?;
    disk::sync_dir(dest)?;
    let copy = state::open_copy(&target)?;
    Ok((
        Entry {
            path,
            bytes,
            sha256,
        },
        copy,
    ))
}

/// Copies a file durably if its bytes have the digest expected. The caller syncs the directory.
fn copy_file(source: &Path, target: &Path, expected: &str) -> Result<(), Error> {
    let dir = target.parent().unwrap_or(Path::new("."));
    disk::create_dir(dir)?;
    // The tables may be read by other engines under other users; what is sealed may not.
    let open = target.components().any(|c| c.as_os_str() == "tables");
    let mut file = AtomicFile::create(dir, if open { 0o640 } else { 0o600 })?;
    let read = disk::copy_hashed(source, &mut file)?;
    if read.sha256 != expected {
        return Err(Error::Changed {
            path: source.to_path_buf(),
            expected: expected.to_owned(),
            found: read.sha256,
        });
    }
    file.finish(target)?;
    Ok(())
}

fn write_manifest(dest: &Path, manifest: &Manifest) -> Result<(), Error> {
    let path = dest.join(MANIFEST);
    let text = serde_json::to_vec_pretty(manifest).map_err(|source| Error::Manifest {
        path: path.clone(),
        source,
    })?;
    disk::write_durably(&path, &text, 0o600).map(|_| ())
}

/// Removes from a backup what its manifest does not name, so that what retention let go does not live on in it.
fn prune(dest: &Path, manifest: &Manifest) -> Result<(), Error> {
    let mut named: BTreeSet<PathBuf> = manifest.files.iter().map(|f| dest.join(&f.path)).collect();
    named.insert(dest.join(&manifest.state.path));
    for dir in ["tables", "vault", "archive"] {
        for path in disk::walk(&dest.join(dir))? {
            if !named.contains(&path) {
                disk::remove(&path)?;
            }
        }
    }
    let entries = fs::read_dir(dest).map_err(|e| Error::io("list", dest, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io("list", dest, e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let ours = name.is_some_and(|n| n.starts_with("state-") || n.starts_with(disk::TEMPORARY));
        if ours && path.is_file() && !named.contains(&path) {
            disk::remove(&path)?;
        }
    }
    Ok(())
}
