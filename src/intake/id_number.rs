//! Resident identity numbers (GB 11643) and unified social credit codes (GB 32100).

use super::value::days_from_civil;

/// Why a number is not a resident identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFault {
    /// Wrong length, characters or check digit (R001).
    Form,
    /// The birth date inside is not a real day (R002).
    BirthDate,
    /// Damaged by a spreadsheet: scientific notation or the last three digits lost (R006).
    Damaged,
}

/// What a valid number says. The area part is never judged: codes of abolished areas stay valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdFacts {
    /// Day of birth, in days since 1970-01-01.
    pub birth: i32,
    /// Whether digit 17 is odd.
    pub male: bool,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// The check character of the first 17 digits (GB 11643).
pub fn check_character(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECK_CHARACTERS[(sum % 11) as usize]
}

/// Tests an 18-character number in canonical form (ASCII, upper-case X).
///
/// # Errors
/// The first fault found.
pub fn check_18(number: &str) -> Result<IdFacts, IdFault> {
    let bytes = number.as_bytes();
    let digits_ok = bytes.len() == 18
        && bytes[0] != b'0'
        && bytes[..17].iter().all(u8::is_ascii_digit)
        && (bytes[17].is_ascii_digit() || bytes[17] == b'X');
    if !digits_ok {
        return Err(IdFault::Form);
    }
    if check_character(&bytes[..17]) != bytes[17] {
        return Err(if bytes.ends_with(b"000") {
            IdFault::Damaged
        } else {
            IdFault::Form
        });
    }
    facts(bytes)
}

/// The 18-character form of a 15-digit number of the first generation: `19` inserted, check character computed.
///
/// # Errors
/// [`IdFault::Form`] unless 15 digits are given, [`IdFault::BirthDate`] when they hold no real day.
pub fn from_15(number: &str) -> Result<String, IdFault> {
    let bytes = number.as_bytes();
    if bytes.len() != 15 || bytes[0] == b'0' || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(IdFault::Form);
    }
    let mut long = Vec::with_capacity(18);
    long.extend_from_slice(&bytes[..6]);
    long.extend_from_slice(b"19");
    long.extend_from_slice(&bytes[6..]);
    long.push(check_character(&long));
    facts(&long)?;
    Ok(String::from_utf8(long).expect("digits are ASCII"))
}

fn facts(bytes: &[u8]) -> Result<IdFacts, IdFault> {
    let number = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let birth =
        days_from_civil(number(6..10), number(10..12), number(12..14)).ok_or(IdFault::BirthDate)?;
    if number(6..10) < 1850 {
        return Err(IdFault::BirthDate);
    }
    Ok(IdFacts {
        birth,
        male: (bytes[16] - b'0') % 2 == 1,
    })
}

const USCC_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Whether `code` is a unified social credit code with a right check character (GB 32100: weights 3^i mod 31).
pub fn is_uscc(code: &str) -> bool {
    let bytes = code.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in &bytes[..17] {
        let Some(value) = USCC_CHARACTERS.iter().position(|known| known == byte) else {
            return false;
        };
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    USCC_CHARACTERS[(31 - sum % 31) % 31] == bytes[17]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_dossier() {
        for valid in [
            "34052419800101001X",
            "11010519491231002X",
            "440524188001010014",
            "22010419850315000X",
            "220122197001010005",
            "22038119921120000X",
            "220181198812310006",
        ] {
            assert!(check_18(valid).is_ok(), "{valid}");
        }
        assert_eq!(check_18("340524198010010013"), Err(IdFault::Form));
        assert_eq!(check_18("220104198503150000"), Err(IdFault::Damaged));
        assert_eq!(check_18("22010419850315000x"), Err(IdFault::Form));
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let valid = "22010419850315000X";
        for place in 0..17 {
            for digit in b'0'..=b'9' {
                let mut bytes = valid.as_bytes().to_vec();
                if bytes[place] != digit {
                    bytes[place] = digit;
                    let wrong = String::from_utf8(bytes).unwrap();
                    assert!(check_18(&wrong).is_err(), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn a_real_day_is_asked_for() {
        let mut number = b"22010419850230000".to_vec();
        number.push(check_character(&number));
        let number = String::from_utf8(number).unwrap();
        assert_eq!(check_18(&number), Err(IdFault::BirthDate));
    }

    #[test]
    fn fifteen_digits_become_the_same_person() {
        let long = from_15("220104850315000").unwrap();
        assert_eq!(long, "22010419850315000X");
        assert_eq!(from_15("22010485031500A"), Err(IdFault::Form));
        assert_eq!(from_15("220104851315000"), Err(IdFault::BirthDate));
    }

    #[test]
    fn credit_codes_are_checked() {
        // 91220101 + 9 characters; check by hand: Σ value × 3^i mod 31, then 31 − Σ mod 31.
        let body = "91220101MA0Y1ABC3";
        let mut weight = 1;
        let mut sum = 0;
        for c in body.bytes() {
            sum += USCC_CHARACTERS.iter().position(|k| *k == c).unwrap() * weight;
            weight = weight * 3 % 31;
        }
        let check = USCC_CHARACTERS[(31 - sum % 31) % 31] as char;
        assert!(is_uscc(&format!("{body}{check}")));
        // A known public example: the code printed in the standard's explanations.
        assert!(is_uscc("91350100M000100Y43"));
        assert!(!is_uscc("91350100M000100Y44"));
        assert!(!is_uscc("91350100M000100Y4I"));
    }
}
