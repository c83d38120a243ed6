//! Content codings: zstd and gzip by what a reader's program accepts (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};
use std::io::Write;

/// How the bytes of an answer are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Coding {
    /// As they are.
    Identity,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// Levels at which most is won for a page that is compressed once and sent often.
const ZSTD_LEVEL: i32 = 9;
const GZIP_LEVEL: u32 = 6;

impl Coding {
    /// The best coding of those a request accepts: the highest weight, zstd before gzip before none. A reader that refuses all of
    /// them gets the bytes as they are, as the standard recommends.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(header::ACCEPT_ENCODING).iter().peekable();
        if sent.peek().is_none() {
            return Self::Identity;
        }
        let mut named: Vec<(String, u16)> = Vec::new();
        for value in sent.filter_map(|value| value.to_str().ok()) {
            named.extend(value.split(',').filter_map(weighed));
        }
        let of = |names: &[&str]| {
            let weight = |wanted: &str| {
                let found = named.iter().find(|(name, _)| name == wanted);
                found.map(|(_, weight)| *weight)
            };
            names
                .iter()
                .find_map(|name| weight(name))
                .or_else(|| weight("*"))
        };
        let candidates = [
            (Self::Zstd, of(&["zstd"]).unwrap_or(0)),
            (Self::Gzip, of(&["gzip", "x-gzip"]).unwrap_or(0)),
        ];
        // Not named, and no `*`: as they are is accepted, and worth less than what was named.
        let plain = named.iter().find(|(name, _)| name == "identity");
        let plain = plain.map_or(0, |(_, weight)| *weight);
        let best = candidates
            .into_iter()
            .filter(|(_, weight)| *weight > 0 && *weight >= plain)
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(Self::Identity, |(coding, _)| coding)
    }

    /// The word in `Content-Encoding` and at the end of entity tags.
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// The bytes in this coding.
    pub(super) fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Identity => bytes.to_vec(),
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder
                    .write_all(bytes)
                    .and_then(|()| encoder.finish())
                    .expect("writing to memory succeeds")
            }
            Self::Zstd => {
                zstd::bulk::compress(bytes, ZSTD_LEVEL).expect("memory holds what is compressed")
            }
        }
    }
}

/// A coding with its weight in thousandths; `None` where the weight is none.
fn weighed(item: &str) -> Option<(String, u16)> {
    let mut parts = item.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let mut weight = 1000;
    for part in parts {
        let (key, value) = part.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            let value: f32 = value.trim().parse().ok()?;
            if !(0.0..=1.0).contains(&value) {
                return None;
            }
            // Three decimals are all the standard knows.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 1000"
            )]
            let thousandths = (value * 1000.0).round() as u16;
            weight = thousandths;
        }
    }
    (!name.is_empty()).then_some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(accepted: &[&str]) -> Coding {
        let mut headers = HeaderMap::new();
        for value in accepted {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(header::ACCEPT_ENCODING, value);
        }
        Coding::of(&headers)
    }

    #[test]
    fn the_highest_weight_wins_and_zero_refuses() {
        use Coding::{Gzip, Identity, Zstd};
        for (accepted, best) in [
            (&[][..], Identity),
            (&[""], Identity),
            (&["gzip"], Gzip),
            (&["gzip, deflate, br, zstd"], Zstd),
            (&["gzip", "zstd"], Zstd),
            (&["GZIP;Q=0.5, zstd;q=0.4"], Gzip),
            (&["zstd;q=0, gzip"], Gzip),
            (&["*"], Zstd),
            (&["*;q=0"], Identity),
            (&["zstd;q=0, *;q=0.3"], Gzip),
            (&["identity, gzip;q=0.5"], Identity),
            (&["identity;q=0.5, gzip;q=0.5"], Gzip),
            (&["identity;q=0"], Identity),
            (&["identity;q=0, *"], Zstd),
            (&["gzip;q=1.5"], Identity),
            (&["gzip;q=one"], Identity),
            (&["br"], Identity),
        ] {
            assert_eq!(of(accepted), best, "{accepted:?}");
        }
    }

    #[test]
    fn what_is_coded_can_be_read() {
        let text = "达标 ".repeat(500);
        let zstd = Coding::Zstd.apply(text.as_bytes());
        assert_eq!(zstd::decode_all(&zstd[..]).unwrap(), text.as_bytes());
        let gzip = Coding::Gzip.apply(text.as_bytes());
        let mut read = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&gzip[..]), &mut read)
            .unwrap();
        assert_eq!(read, text);
    }
}
