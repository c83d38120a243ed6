//! Resident identity numbers (GB 11643) and unified social credit codes (GB 32100).

use super::value::days_from_civil;
use crate::programme::codes::narrow;

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

/// A resident identity number inside a longer text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedded {
    /// Where its 18 characters stand, counted in characters of the text.
    pub places: [usize; LENGTH],
    /// What it says.
    pub facts: IdFacts,
}

/// Characters of a number.
const LENGTH: usize = 18;

/// The resident identity numbers a text holds, in whatever width and case, also with spaces or marks between their digits; not
/// those that are only a part of a longer row of digits.
pub fn resident_ids(text: &str) -> Vec<Embedded> {
    if !may_hold_id(text.as_bytes()) {
        return Vec::new();
    }
    let characters: Vec<char> = text.chars().map(narrow).collect();
    let is_digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let begins =
        (0..characters.len()).filter(|at| is_digit(*at) && (*at == 0 || !is_digit(at - 1)));
    begins
        .filter_map(|at| embedded_at(&characters, at))
        .collect()
}

/// The number whose first digit stands at `from`, where a row of digits begins.
fn embedded_at(characters: &[char], from: usize) -> Option<Embedded> {
    let mut places = [0; LENGTH];
    let mut bytes = [0; LENGTH];
    let mut count = 0;
    for (at, c) in characters.iter().enumerate().skip(from) {
        let last = count + 1 == LENGTH;
        let takes = c.is_ascii_digit() || (last && c.eq_ignore_ascii_case(&'x'));
        if takes {
            places[count] = at;
            bytes[count] = u8::try_from(c.to_ascii_uppercase()).ok()?;
            count += 1;
        } else if c.is_alphanumeric() {
            return None;
        }
        if count == LENGTH {
            break;
        }
    }
    let next = characters.get(places[LENGTH - 1] + 1);
    let ends = count == LENGTH && !next.is_some_and(char::is_ascii_digit);
    let number = std::str::from_utf8(&bytes).ok().filter(|_| ends)?;
    let facts = check_18(number).ok()?;
    Some(Embedded { places, facts })
}

/// Whether there are digits enough: looked at for every free text of every row, so in one pass without branches. A full-width
/// digit begins with 0xEF, as other characters do.
fn may_hold_id(text: &[u8]) -> bool {
    let digits = |text: &[u8]| {
        text.iter()
            .filter(|byte| byte.is_ascii_digit() || **byte == 0xEF)
            .count()
    };
    text.len() >= LENGTH && digits(text) >= LENGTH - 1
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
    fn numbers_are_found_wherever_they_stand_in_a_text() {
        for text in [
            "22010419850315000X",
            "22010419850315000x",
            "２２０１０４１９８５０３１５０００Ｘ",
            "合格证22010419850315000X号",
            "K22010419850315000X",
            "220104 19850315 000X",
            "220104-1985-03-15-000x",
            "2020-12 22010419850315000X",
            "13800000001/22010419850315000X",
        ] {
            let found = resident_ids(text);
            assert_eq!(found.len(), 1, "{text}");
            let characters: Vec<char> = text.chars().map(narrow).collect();
            let number: String = found[0].places.map(|at| characters[at]).iter().collect();
            assert_eq!(number.to_uppercase(), "22010419850315000X", "{text}");
        }
        for text in [
            "",
            "22010419850315000",
            "220104198503150001",
            "922010419850315000X",
            "220122197001010005123",
            "22010419850315甲000X",
            "SYN-20190900001-00000000001",
            "91350100M000100Y43",
        ] {
            assert_eq!(resident_ids(text), [], "{text}");
        }
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
