//! ChaCha20-Poly1305 (RFC 8439), in place.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;

/// A key that seals; no nonce may be used twice under it.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        match UnboundKey::new(&CHACHA20_POLY1305, key) {
            Ok(key) => Self(LessSafeKey::new(key)),
            Err(Unspecified) => unreachable!("a key of this cipher has 32 bytes"),
        }
    }

    /// Seals what `text` holds from `from` on and appends the tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; 12],
        bound: &[u8],
        text: &mut Vec<u8>,
        from: usize,
    ) -> Result<(), Unspecified> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(bound), &mut text[from..])?;
        text.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed text with its tag.
    pub(crate) fn open<'t>(
        &self,
        nonce: [u8; 12],
        bound: &[u8],
        sealed: &'t mut [u8],
    ) -> Result<&'t [u8], Unspecified> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let text = self.0.open_in_place(nonce, Aad::from(bound), sealed)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        // RFC 8439 §2.8.2.
        let key: [u8; 32] = std::array::from_fn(|at| 0x80 + at as u8);
        let nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
        let bound = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let mut text = plain.to_vec();
        Cipher::new(&key).seal(nonce, &bound, &mut text, 0).unwrap();
        assert!(hex::encode(&text).starts_with("d31a8d34648e60db7b86afbc53ef7ec2"));
        assert!(hex::encode(&text).ends_with("1ae10b594f09e26a7e902ecbd0600691"));
        assert_eq!(
            Cipher::new(&key).open(nonce, &bound, &mut text).unwrap(),
            plain
        );
        assert!(Cipher::new(&key).open(nonce, b"", &mut text).is_err());
    }
}
