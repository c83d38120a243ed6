//! The identity vault: the only place where a number, a name or a phone is, and there only sealed.
//!
//! Facts hold a random person id. From the canonical number one gets to it through a keyed index, so neither the facts
//! nor the vault's table alone say who somebody is, and both together say it only to the holder of the key.

use hmac::{Hmac, Mac};
use polars::prelude::{IntoLazy, SortMultipleOptions, col, lit};
use sha2::Sha256;
use siphasher::{sip, sip128};
use zeroize::Zeroizing;

use super::identity::{Identity, PersonId};
use super::seal::Cipher;
use super::{Error, Key, Snapshot, key};

/// Table of the vault: one row per person and per change of name or phone.
///
/// Columns: `blind_index`, `person` (16 bytes each), `marks` (keyed digests of name and phone, 32 bits each), `load`
/// (sequence number of the load), `sealed`.
pub const PERSONS: &str = "vault/persons";

const SALT: usize = 16;
/// The salt makes every key serve one row only, so its nonce can be the same.
const NONCE: [u8; 12] = [0; 12];

/// The vault's keyed functions; cheap to clone, and may be used from any thread.
#[derive(Clone)]
pub struct Vault {
    index: Hmac<Sha256>,
    seal: Hmac<Sha256>,
    digest: [u8; 16],
    mark: [u8; 16],
    pub(crate) key_check: String,
}

impl Vault {
    /// The vault under a key.
    #[must_use]
    pub fn new(key: &Key) -> Self {
        let half = |label: &str| {
            let mut half = [0; 16];
            half.copy_from_slice(&key.sub(label)[..16]);
            half
        };
        Self {
            index: key::keyed(&key.sub("dabiao/index/v1")),
            seal: key::keyed(&key.sub("dabiao/seal/v1")),
            digest: half("dabiao/digest/v1"),
            mark: half("dabiao/mark/v1"),
            key_check: key.check(),
        }
    }

    /// The keyed index of a canonical number: the first 128 bits of HMAC-SHA-256 over type, 0x1f and number. The same
    /// number under two types has two indexes, so it is two persons.
    #[must_use]
    pub fn blind_index(&self, id_type: &str, canonical_number: &str) -> [u8; 16] {
        let mut mac = self.index.clone();
        mac.update(id_type.as_bytes());
        mac.update(&[0x1f]);
        mac.update(canonical_number.as_bytes());
        first_half(&mac.finalize().into_bytes().into())
    }

    /// A keyed 128-bit hasher for content that holds personal data, such as a record's digest.
    #[must_use]
    pub fn digest128(&self) -> sip128::SipHasher13 {
        sip128::SipHasher13::new_with_key(&self.digest)
    }

    /// A keyed 64-bit hasher for single values, such as a name or a phone.
    #[must_use]
    pub fn digest64(&self) -> sip::SipHasher13 {
        sip::SipHasher13::new_with_key(&self.digest)
    }

    /// 32 keyed bits that tell one name (or phone) of a person from another; never 0.
    pub(crate) fn mark(&self, text: &str) -> u32 {
        let hash = sip::SipHasher13::new_with_key(&self.mark).hash(text.as_bytes());
        u32::try_from(hash >> 32).unwrap_or(1).max(1)
    }

    /// Appends a person's sealed identity to `sealed`: random salt, then ChaCha20-Poly1305 under HMAC(key, salt ‖ person). The salt
    /// makes the key this row's own, so destroying the salt destroys the identity.
    pub(crate) fn seal(
        &self,
        person: PersonId,
        salt: &[u8; SALT],
        plain: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), Error> {
        sealed.extend_from_slice(salt);
        let start = sealed.len();
        sealed.extend_from_slice(plain);
        self.cipher(person, salt)
            .seal(NONCE, person.as_bytes(), sealed, start)
            .map_err(|_| not_open(person))
    }

    fn unseal(&self, person: PersonId, sealed: &[u8]) -> Result<Identity, Error> {
        let (salt, rest) = sealed
            .split_at_checked(SALT)
            .ok_or_else(|| not_open(person))?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let plain = self
            .cipher(person, salt)
            .open(NONCE, person.as_bytes(), &mut rest)
            .map_err(|_| not_open(person))?;
        Identity::decode(plain).ok_or_else(|| not_open(person))
    }

    fn cipher(&self, person: PersonId, salt: &[u8]) -> Cipher {
        let mut mac = self.seal.clone();
        mac.update(salt);
        mac.update(person.as_bytes());
        Cipher::new(&mac.finalize().into_bytes().into())
    }

    /// Who a person is, as of a snapshot: the newest name, and the newest phone that was given. None when the
    /// snapshot does not know the person.
    ///
    /// # Errors
    /// [`Error::Sealed`] when the key is another one or a row was changed; or when the table cannot be read.
    pub fn open_identity(
        &self,
        snapshot: &Snapshot,
        person: PersonId,
    ) -> Result<Option<Identity>, Error> {
        if !snapshot.has(PERSONS) {
            return Ok(None);
        }
        let rows = snapshot
            .scan(PERSONS)?
            .filter(col("person").eq(lit(person.as_bytes().to_vec())))
            .select([col("load"), col("sealed")])
            .collect()
            .and_then(|rows| {
                let order = SortMultipleOptions::default().with_maintain_order(true);
                rows.lazy().sort(["load"], order).collect()
            })
            .map_err(Error::frame("read", PERSONS))?;
        let sealed = rows
            .column("sealed")
            .and_then(|c| c.binary())
            .map_err(Error::frame("read", PERSONS))?;
        let mut newest: Option<Identity> = None;
        for row in sealed.iter().flatten() {
            let mut identity = self.unseal(person, row)?;
            if identity.phone.is_none() {
                identity.phone = newest.as_ref().and_then(|known| known.phone.clone());
            }
            newest = Some(identity);
        }
        Ok(newest)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

fn not_open(person: PersonId) -> Error {
    Error::Sealed {
        what: format!("the identity of person {person}"),
    }
}

fn first_half(bytes: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}
