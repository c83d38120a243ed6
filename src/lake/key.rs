//! The key file: 32 random bytes outside the lake, and the sub-keys made from it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Error, Lake, disk, state};

/// Where the state notes which key the vault and the archive were written with.
pub(crate) const CHECK: &str = "key_check";

/// The master key of a lake's vault and archive. A backup does not contain it: keep copies of the key file apart.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    master: [u8; 32],
}

impl Key {
    /// Reads the key file, or makes it (mode 0400, synced) when it is absent and nothing was sealed in the lake yet.
    ///
    /// # Errors
    /// [`Error::KeyInside`] when it lies in the lake's directory; [`Error::KeyMissing`] when it is absent although
    /// something was sealed; [`Error::KeyMode`] when group or others have access; [`Error::KeyFormat`];
    /// [`Error::KeyMismatch`] when the lake was written with another key.
    pub fn load_or_create(path: &Path, lake: &Lake) -> Result<Self, Error> {
        refuse_inside(path, lake)?;
        let check = state::meta(&lake.state(), CHECK)?;
        let key = match fs::metadata(path) {
            Ok(metadata) => read(path, metadata.permissions().mode())?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                if check.is_some() {
                    return Err(Error::KeyMissing {
                        path: path.to_path_buf(),
                    });
                }
                create(path)?
            }
            Err(e) => return Err(Error::io("read", path, e)),
        };
        match check {
            Some(check) if check != key.check() => Err(Error::KeyMismatch),
            _ => Ok(key),
        }
    }

    /// A key from bytes, for tests and benches.
    #[must_use]
    pub fn from_bytes(master: [u8; 32]) -> Self {
        Self { master }
    }

    /// A sub-key for one purpose.
    pub(crate) fn sub(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let mut mac = keyed(&self.master);
        mac.update(label.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// A value that tells keys apart and gives nothing away.
    pub(crate) fn check(&self) -> String {
        hex::encode(&self.sub("dabiao/check/v1")[..16])
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// HMAC-SHA-256 under a 32-byte key.
pub(crate) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

fn refuse_inside(path: &Path, lake: &Lake) -> Result<(), Error> {
    // The file may not exist yet, so its directory is resolved; if it exists, so is the file, through links.
    let dir = match path.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(dir) => dir,
        None => Path::new("."),
    };
    let resolved = fs::canonicalize(path).or_else(|_| fs::canonicalize(dir));
    let resolved = resolved.map_err(|e| Error::io("resolve", dir, e))?;
    if resolved.starts_with(lake.root()) {
        return Err(Error::KeyInside {
            path: path.to_path_buf(),
            lake: lake.root().to_path_buf(),
        });
    }
    Ok(())
}

fn read(path: &Path, mode: u32) -> Result<Key, Error> {
    if mode & 0o077 != 0 {
        return Err(Error::KeyMode {
            path: path.to_path_buf(),
            mode: mode & 0o777,
        });
    }
    let text = fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
    let text = Zeroizing::new(text);
    let mut master = [0; 32];
    hex::decode_to_slice(text.trim(), &mut master).map_err(|_| Error::KeyFormat {
        path: path.to_path_buf(),
    })?;
    Ok(Key { master })
}

fn create(path: &Path) -> Result<Key, Error> {
    let master = disk::random::<32>()?;
    let text = Zeroizing::new(format!("{}\n", hex::encode(master)));
    disk::write_durably(path, text.as_bytes(), 0o400)?;
    Ok(Key { master })
}
