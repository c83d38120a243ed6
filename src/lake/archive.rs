//! Submitted bytes as they came: compressed, then sealed, since raw files hold personal data.
//!
//! A sealed file is `DBA1`, 16 random bytes of salt, then chunks of `length (u32, little-endian) ‖ ciphertext`. The key
//! is HMAC-SHA-256(archive key, salt), so it serves one file only and a chunk's number can be its nonce; the last
//! chunk's nonce is marked, so a cut file does not open.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::Mac;
use sha2::{Digest, Sha256};

use super::disk::{self, AtomicFile, Written};
use super::table::Workshop;
use super::{Error, Key, Lake, key, state};

const MAGIC: &[u8; 4] = b"DBA1";
const CHUNK: usize = 1 << 18;
const LABEL: &str = "dabiao/archive/v1";

/// Bytes that were archived and are not yet part of a load.
#[derive(Debug)]
pub struct Archived {
    /// SHA-256 of the bytes as submitted.
    pub sha256: String,
    /// Their number.
    pub bytes: u64,
    pub(crate) stored: Written,
    /// Where the sealed file lies until the load takes it.
    pub(crate) staged: PathBuf,
    pub(crate) key_check: String,
}

/// Place of archived bytes, relative to the lake.
pub(crate) fn relative_path(sha256: &str) -> PathBuf {
    let prefix = sha256.get(..2).unwrap_or("__");
    Path::new("archive").join(prefix).join(sha256)
}

/// The digest of submitted bytes: still to be computed, or known to whoever hands them over.
enum Digesting {
    Open(Box<Sha256>),
    Known(String),
}

/// Takes submitted bytes, hashes, compresses and seals them; may be used from another thread.
pub struct Archiver {
    dir: PathBuf,
    digest: Digesting,
    bytes: u64,
    key_check: String,
    encoder: zstd::stream::write::Encoder<'static, Sealer>,
}

impl Archiver {
    pub(crate) fn new(shop: &Workshop, key: &Key, known: Option<&str>) -> Result<Self, Error> {
        let dir = shop.root.join("archive");
        let salt = disk::random::<16>()?;
        let sealer = Sealer {
            file: AtomicFile::create(&dir, 0o600)?,
            cipher: cipher(key, &salt),
            chunk: Vec::with_capacity(CHUNK),
            number: 0,
        };
        let mut encoder = zstd::stream::write::Encoder::new(sealer, 1)
            .map_err(|e| Error::io("compress into", &dir, e))?;
        encoder
            .get_mut()
            .begin(&salt)
            .map_err(|e| Error::io("write into", &dir, e))?;
        Ok(Self {
            dir,
            digest: match known {
                Some(sha256) => Digesting::Known(sha256.to_owned()),
                None => Digesting::Open(Box::new(Sha256::new())),
            },
            bytes: 0,
            key_check: key.check(),
            encoder,
        })
    }

    /// Completes and syncs the sealed file; [`super::Load::archived`] gives it its name.
    ///
    /// # Errors
    /// When the file cannot be written or synced.
    pub fn finish(self) -> Result<Archived, Error> {
        let sha256 = match self.digest {
            Digesting::Open(sha) => hex::encode(sha.finalize()),
            Digesting::Known(sha256) => sha256,
        };
        let staged = self
            .dir
            .join(format!("{}{}", disk::TEMPORARY, disk::random_hex::<8>()?));
        let file = self
            .encoder
            .finish()
            .and_then(Sealer::end)
            .map_err(|e| Error::io("write", &staged, e))?;
        let stored = file.finish(&staged)?;
        Ok(Archived {
            sha256,
            bytes: self.bytes,
            stored,
            staged,
            key_check: self.key_check,
        })
    }
}

impl Write for Archiver {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.encoder.write(buf)?;
        if let Digesting::Open(sha) = &mut self.digest {
            sha.update(&buf[..n]);
        }
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Cuts what it is given into chunks and seals them.
struct Sealer {
    file: AtomicFile,
    cipher: ChaCha20Poly1305,
    chunk: Vec<u8>,
    number: u64,
}

impl Sealer {
    fn begin(&mut self, salt: &[u8; 16]) -> io::Result<()> {
        self.file.write_all(MAGIC)?;
        self.file.write_all(salt)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self
            .cipher
            .encrypt(&nonce(self.number, last), self.chunk.as_slice())
            .map_err(|_| io::Error::other("a chunk cannot be sealed"))?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&sealed)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }

    fn end(mut self) -> io::Result<AtomicFile> {
        self.seal(true)?;
        Ok(self.file)
    }
}

impl Write for Sealer {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.seal(false)?;
        }
        let n = buf.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&buf[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens sealed chunks one after the other.
struct Opener {
    file: BufReader<File>,
    cipher: ChaCha20Poly1305,
    chunk: Vec<u8>,
    at: usize,
    number: u64,
    last: bool,
}

impl Opener {
    /// Whether there is one more chunk.
    fn next(&mut self) -> io::Result<bool> {
        if self.last {
            return Ok(false);
        }
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > CHUNK + 16 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed)?;
        self.last = self.file.fill_buf()?.is_empty();
        self.chunk = self
            .cipher
            .decrypt(&nonce(self.number, self.last), sealed.as_slice())
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        self.at = 0;
        self.number += 1;
        Ok(true)
    }
}

impl Read for Opener {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let n = buf.len().min(self.chunk.len() - self.at);
        buf[..n].copy_from_slice(&self.chunk[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

impl Lake {
    /// Writes archived bytes, as they were submitted, to `to`; gives their number.
    ///
    /// # Errors
    /// [`Error::NotArchived`]; [`Error::Sealed`] when the key is another one or the file was changed;
    /// [`Error::Changed`] when what opens is not what was submitted.
    pub fn unarchive(&self, key: &Key, sha256: &str, to: &mut dyn Write) -> Result<u64, Error> {
        let missing = || Error::NotArchived {
            sha256: sha256.to_owned(),
        };
        if !state::is_archived(&self.state(), sha256)? {
            return Err(missing());
        }
        let path = self.root().join(relative_path(sha256));
        let sealed = |_| Error::Sealed {
            what: path.display().to_string(),
        };
        let file = File::open(&path).map_err(|e| Error::io("open", &path, e))?;
        let mut file = BufReader::with_capacity(CHUNK, file);
        let mut head = [0; 20];
        file.read_exact(&mut head).map_err(sealed)?;
        let (magic, salt) = head.split_at(4);
        if magic != MAGIC {
            return Err(sealed(io::ErrorKind::InvalidData.into()));
        }
        let opener = Opener {
            cipher: cipher(key, salt),
            file,
            chunk: Vec::new(),
            at: 0,
            number: 0,
            last: false,
        };
        let mut decoder = zstd::stream::read::Decoder::new(opener).map_err(sealed)?;
        let mut sha = Sha256::new();
        let (mut bytes, mut buf) = (0, vec![0; CHUNK]);
        loop {
            let n = decoder.read(&mut buf).map_err(sealed)?;
            if n == 0 {
                break;
            }
            sha.update(&buf[..n]);
            to.write_all(&buf[..n])
                .map_err(|e| Error::io("copy", &path, e))?;
            bytes += n as u64;
        }
        let found = hex::encode(sha.finalize());
        if found != sha256 {
            return Err(Error::Changed {
                path,
                expected: sha256.to_owned(),
                found,
            });
        }
        Ok(bytes)
    }
}

fn cipher(key: &Key, salt: &[u8]) -> ChaCha20Poly1305 {
    let mut mac = key::keyed(&key.sub(LABEL));
    mac.update(salt);
    ChaCha20Poly1305::new(&mac.finalize().into_bytes())
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce[11] = u8::from(last);
    nonce.into()
}
