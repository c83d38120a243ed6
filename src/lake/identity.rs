//! Persons and who they are.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Error;

/// A person: 128 random bits, written as 32 hexadecimal digits. It says nothing of who it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId([u8; 16]);

impl PersonId {
    /// The bits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A person id from its bits.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 32];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PersonId {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

/// Who somebody is; wiped from memory when dropped, and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    /// Type of the document.
    pub id_type: String,
    /// Its canonical number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Phone, if one was given.
    pub phone: Option<String>,
}

/// Somebody to enrol: the blind index, and who it is, borrowed from wherever the row is.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// `Vault::blind_index` of type and number.
    pub blind_index: [u8; 16],
    /// Type of the document.
    pub id_type: &'a str,
    /// Its canonical number.
    pub number: &'a str,
    /// Name.
    pub name: &'a str,
    /// Phone, if one was given.
    pub phone: Option<&'a str>,
}

impl<'a> From<&'a ([u8; 16], Identity)> for Candidate<'a> {
    fn from((blind_index, identity): &'a ([u8; 16], Identity)) -> Self {
        Self {
            blind_index: *blind_index,
            id_type: &identity.id_type,
            number: &identity.number,
            name: &identity.name,
            phone: identity.phone.as_deref(),
        }
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Candidate(…)")
    }
}

impl Candidate<'_> {
    /// Version, then each field with its length, in place of what `plain` held.
    pub(crate) fn encode(&self, plain: &mut Zeroizing<Vec<u8>>) -> Result<(), Error> {
        let phone = self.phone.unwrap_or("");
        let fields = [self.id_type, self.number, self.name, phone];
        plain.clear();
        plain.push(1);
        for field in fields {
            let length = u16::try_from(field.len()).map_err(|_| Error::Sealed {
                what: "an identity longer than 65,535 bytes".into(),
            })?;
            plain.extend_from_slice(&length.to_le_bytes());
            plain.extend_from_slice(field.as_bytes());
        }
        Ok(())
    }
}

impl Identity {
    pub(crate) fn decode(plain: &[u8]) -> Option<Self> {
        let mut rest = plain.strip_prefix(&[1])?;
        let mut field = || -> Option<String> {
            let (length, tail) = rest.split_first_chunk::<2>()?;
            let (text, tail) = tail.split_at_checked(u16::from_le_bytes(*length).into())?;
            rest = tail;
            String::from_utf8(text.to_vec()).ok()
        };
        Some(Self {
            id_type: field()?,
            number: field()?,
            name: field()?,
            phone: Some(field()?).filter(|phone| !phone.is_empty()),
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}
