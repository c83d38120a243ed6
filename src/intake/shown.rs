//! What was sent, as it may be shown in messages and kept outside the vault.

use super::id_number::resident_ids;
use crate::programme::codes::narrow;
use crate::programme::contract::Personal;

/// Characters of a cell that are shown.
const SHOWN_CHARS_MAX: usize = 80;
/// Digits from which on a number may be that of an identity document.
const DOCUMENT_DIGITS_MIN: usize = 15;
/// Digits of a mobile phone, which begin with 1.
const PHONE_DIGITS: usize = 11;
/// Characters of a hidden number that stay.
const KEPT: usize = 2;

/// A cell as it may be shown: personal ones keep their last two characters only, others what is no number of a person.
pub fn shown(raw: &str, personal: Personal) -> String {
    let raw = raw.trim();
    match personal {
        Personal::None | Personal::Masked => without_numbers_of_persons(raw)
            .chars()
            .take(SHOWN_CHARS_MAX)
            .collect(),
        Personal::Vault => {
            let length = raw.chars().count();
            let kept = if length > 6 { KEPT } else { 0 };
            let hidden = length.saturating_sub(kept).min(SHOWN_CHARS_MAX);
            "*".repeat(hidden) + &raw.chars().skip(length - kept).collect::<String>()
        }
    }
}

/// The name of a file as it may be shown and kept: a reporter may have put an ID number into it. The parts between `__` are
/// looked at one by one, since division, period and a running number together may look like one.
pub fn shown_name(name: &str) -> String {
    let parts: Vec<String> = name.split("__").map(without_resident_ids).collect();
    parts.join("__")
}

/// A text without the resident ID numbers it holds.
fn without_resident_ids(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for found in resident_ids(text) {
        for hidden in &found.places[..found.places.len() - KEPT] {
            characters[*hidden] = '*';
        }
    }
    characters.into_iter().collect()
}

/// A text without what may be an ID number or a phone: cells slip into other columns, titles and totals.
/// Full-width digits are digits, and spaces and hyphens between digits do not end a number.
pub fn without_numbers_of_persons(text: &str) -> String {
    let mut characters: Vec<char> = without_resident_ids(text).chars().collect();
    let mut at = 0;
    while at < characters.len() {
        if !is_digit(characters[at]) {
            at += 1;
            continue;
        }
        let mut digits = vec![at];
        let mut next = at + 1;
        while next < characters.len() {
            if is_digit(characters[next]) {
                digits.push(next);
            } else if !matches!(narrow(characters[next]), ' ' | '-') {
                break;
            }
            next += 1;
        }
        let phone = digits.len() == PHONE_DIGITS && narrow(characters[at]) == '1';
        if phone || digits.len() >= DOCUMENT_DIGITS_MIN {
            for hidden in &digits[..digits.len() - KEPT] {
                characters[*hidden] = '*';
            }
        }
        at = next;
    }
    characters.into_iter().collect()
}

fn is_digit(c: char) -> bool {
    narrow(c).is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_are_hidden_wherever_they_stand() {
        for (text, wanted) in [
            ("22010419850315000X", "****************0X"),
            ("220104.19850315.000x号", "******.********.**0x号"),
            ("张三 13800000001", "张三 *********01"),
            ("１３８００００００01", "*********01"),
            ("138-0000-0001", "***-****-**01"),
            ("220104 19850315 0009", "****** ******** **09"),
            ("2200138000000017", "**************17"),
            ("2020-05-04", "2020-05-04"),
            ("SYN-20190900001", "SYN-20190900001"),
            ("2.20104E+17", "2.20104E+17"),
            ("", ""),
        ] {
            assert_eq!(without_numbers_of_persons(text), wanted, "{text}");
            assert_eq!(shown(text, Personal::None), wanted, "{text}");
        }
        assert_eq!(shown("张三", Personal::Vault), "**");
    }

    #[test]
    fn names_of_files_hide_ids_and_nothing_else() {
        for (name, wanted) in [
            (
                "training__DP01__220102__2019-09__张三22010419850315000X.csv",
                "training__DP01__220102__2019-09__张三****************0X.csv",
            ),
            ("22010419850315000x.csv", "****************0x.csv"),
            (
                "training__DP01__220102__2019-09__20210630123045123.csv",
                "training__DP01__220102__2019-09__20210630123045123.csv",
            ),
            // Together with the division and the period this would be a number with the right check digit.
            (
                "training__DP01__220102__1979-12__300008.csv",
                "training__DP01__220102__1979-12__300008.csv",
            ),
        ] {
            assert_eq!(shown_name(name), wanted);
        }
        assert!(!resident_ids("220102__1979-12__300008").is_empty());
    }
}
