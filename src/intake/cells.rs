//! One cell to one value, with the repairs done and the rule it breaks.

use super::id_number::{IdFacts, IdFault, check_18, from_15, is_uscc};
use super::messages;
use super::reading::{DayNumbers, Kind};
use super::value::{Repairs, clean, date, number, serial_date};
use crate::programme::Text;
use std::borrow::Cow;

mod codes;
mod period;

pub(super) use codes::{CodeCache, find, whole_of};
pub(super) use period::period;

/// A rule a cell breaks.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) rule: &'static str,
    pub(super) flag: bool,
    pub(super) message: Text,
}

impl Fault {
    pub(super) fn reject(rule: &'static str, message: Text) -> Self {
        Self {
            rule,
            flag: false,
            message,
        }
    }

    pub(super) fn flag(rule: &'static str, message: Text) -> Self {
        Self {
            rule,
            flag: true,
            message,
        }
    }
}

/// A cell that was read.
pub(super) type Read<T> = Result<(T, Repairs), Fault>;

/// Digits a spreadsheet keeps of a number; longer ones in a numeric cell have lost their end.
const EXACT_DIGITS_MAX: usize = 15;

/// 1900-01-01 in days since 1970-01-01: no day of a report is older, but `0219` is soon typed for 2019.
const EARLIEST_DAY: i32 = -25_567;

/// Free text. A name also loses its inner spaces where it is Chinese, since they are padding.
pub(super) fn text(cell: &str, kind: Kind, chars_max: usize, name: bool) -> Read<Cow<'_, str>> {
    if kind == Kind::Number && cell.bytes().filter(u8::is_ascii_digit).count() > EXACT_DIGITS_MAX {
        let message = messages::wrong_type(
            "文本：数字单元格只保留15位，末位已丢失",
            "text: a numeric cell keeps 15 digits only, the last ones are lost",
        );
        return Err(Fault::reject("V-TYPE", message));
    }
    if kind == Kind::Date {
        // A class 3-1 typed into a spreadsheet becomes the first of March; what was typed is lost.
        let message = messages::wrong_type(
            "文本：表格软件已把内容改成日期，请将该列设为文本后重新填写",
            "text: the spreadsheet made a date of it; make the column text and fill it in again",
        );
        return Err(Fault::reject("V-TYPE", message));
    }
    let (mut text, mut repairs) = clean(cell, false);
    if let Some(rest) = text.strip_prefix('\'') {
        text = Cow::Owned(rest.to_owned());
        repairs.add(Repairs::APOSTROPHE);
    }
    if name && text.contains(char::is_whitespace) && text.chars().any(|c| c as u32 > 0x2E80) {
        text = Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect());
        repairs.add(Repairs::SPACES);
    }
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(Fault::reject("V-RANGE", messages::too_long(chars_max)));
    }
    Ok((text, repairs))
}

/// A day, in days since 1970-01-01.
pub(super) fn day(cell: &str, kind: Kind, counted: DayNumbers) -> Read<i32> {
    if kind == Kind::Number {
        if let Some(day) = serial_date(cell, counted) {
            return Ok((day, Repairs::DATE_SERIAL));
        }
        if counted == DayNumbers::Unknown && serial_date(cell, DayNumbers::From1900).is_some() {
            return Err(Fault::reject("V-DATE", messages::day_number()));
        }
    }
    if let Some((day, _)) = cell.split_once('T').filter(|_| kind == Kind::Date) {
        // A cell that the workbook itself holds as an instant: its day is certain.
        if let Some((day, mut repairs)) = date(day) {
            repairs.add(Repairs::DATE_TIME);
            return Ok((day, repairs));
        }
    }
    date(cell)
        .filter(|(day, _)| *day >= EARLIEST_DAY)
        .ok_or_else(|| Fault::reject("V-DATE", messages::date()))
}

/// A number scaled by 10^scale inside its range.
pub(super) fn scaled(
    cell: &str,
    kind: Kind,
    scale: u32,
    min: Option<i64>,
    max: Option<i64>,
) -> Read<i64> {
    let shown = (kind == Kind::Number)
        .then(|| as_spreadsheets_show(cell))
        .flatten();
    let cell = shown.as_deref().unwrap_or(cell);
    let Some((value, repairs)) = number(cell, scale) else {
        let message = match scale {
            0 => messages::wrong_type("整数", "a whole number"),
            _ => messages::wrong_type(
                &format!("数字（最多{scale}位小数）"),
                &format!("a number with at most {scale} decimals"),
            ),
        };
        return Err(Fault::reject("V-TYPE", message));
    };
    // The number of a document in the wrong column is no amount, whatever the column allows.
    if value.unsigned_abs() / 10u64.pow(scale) >= 10u64.pow(EXACT_DIGITS_MAX as u32) {
        let message = messages::wrong_type(
            "不超过15位的数字",
            "a number of at most 15 digits before the point",
        );
        return Err(Fault::reject("V-RANGE", message));
    }
    if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
        let shown = |bound: Option<i64>| bound.map(|bound| (bound / 10i64.pow(scale)).to_string());
        return Err(Fault::reject(
            "V-RANGE",
            messages::range(shown(min), shown(max)),
        ));
    }
    Ok((value, repairs))
}

/// A computed number with the digits a spreadsheet keeps: `0.30000000000000004` is 0.3 there. `None` where it has no more.
fn as_spreadsheets_show(cell: &str) -> Option<String> {
    let digits = cell
        .trim_start_matches(['-', '0', '.'])
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    if digits <= EXACT_DIGITS_MAX || !cell.contains('.') {
        return None;
    }
    let number: f64 = cell.parse().ok()?;
    let whole = number.abs().log10().floor().max(-1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 16 by construction"
    )]
    let decimals = (EXACT_DIGITS_MAX as f64 - 1.0 - whole).max(0.0) as usize;
    let text = format!("{number:.decimals$}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// Canonical number of an identity document; facts where it has a check digit.
pub(super) fn id_number(cell: &str, kind: Kind, checked: bool) -> Read<(String, Option<IdFacts>)> {
    let fault = |fault: IdFault| {
        let rule = match fault {
            IdFault::Form => "R001",
            IdFault::BirthDate => "R002",
            IdFault::Damaged => "R006",
        };
        Fault::reject(rule, messages::id(fault))
    };
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if kind == Kind::Date || (kind == Kind::Number && (checked || digits > EXACT_DIGITS_MAX)) {
        return Err(fault(IdFault::Damaged));
    }
    let (text, mut repairs) = clean(cell, true);
    let mut text = text.into_owned();
    if let Some(rest) = text.strip_prefix(['\'', '’', '‘']) {
        text = rest.to_owned();
        repairs.add(Repairs::APOSTROPHE);
    }
    if !checked {
        // However it is typed, one passport is one person.
        if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            text.make_ascii_uppercase();
            repairs.add(Repairs::LOWERCASE);
        }
        return Ok(((text, None), repairs));
    }
    if text.contains("E+") || text.contains("e+") {
        return Err(fault(IdFault::Damaged));
    }
    if text.ends_with('x') {
        text.make_ascii_uppercase();
        repairs.add(Repairs::LOWERCASE);
    }
    if text.len() == 15 {
        let long = from_15(&text).map_err(fault)?;
        let facts = check_18(&long).map_err(fault)?;
        repairs.add(Repairs::ID_15);
        return Ok(((long, Some(facts)), repairs));
    }
    let facts = check_18(&text).map_err(fault)?;
    Ok(((text, Some(facts)), repairs))
}

/// A unified social credit code.
pub(super) fn uscc(cell: &str, kind: Kind) -> Read<Cow<'_, str>> {
    let (mut text, mut repairs) = clean(cell, true);
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        text = Cow::Owned(text.to_ascii_uppercase());
        repairs.add(Repairs::LOWERCASE);
    }
    if kind == Kind::Number || !is_uscc(&text) {
        return Err(Fault::reject("V-USCC", messages::uscc()));
    }
    Ok((text, repairs))
}

/// A phone number; a malformed one is kept as it is and flagged by the caller.
pub(super) fn phone(cell: &str) -> (Cow<'_, str>, Repairs, Option<Fault>) {
    let (mut text, mut repairs) = clean(cell, true);
    if text.contains('-') || text.starts_with("+86") {
        let bare = text.trim_start_matches("+86").replace('-', "");
        if is_mobile(&bare) {
            text = Cow::Owned(bare);
            repairs.add(Repairs::SPACES);
        }
    }
    let fault = (!is_mobile(&text)).then(|| Fault::flag("V-TYPE", messages::phone()));
    (text, repairs, fault)
}

fn is_mobile(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::value::days_from_civil;
    use super::*;

    #[test]
    fn computed_numbers_have_the_digits_a_spreadsheet_shows() {
        let read = |cell| {
            scaled(cell, Kind::Number, 2, None, None)
                .map(|(value, _)| value)
                .ok()
        };
        assert_eq!(read("0.30000000000000004"), Some(30));
        assert_eq!(read("1500.1000000000001"), Some(150_010));
        assert_eq!(read("800"), Some(80_000));
        // A third of a yuan is no amount: nothing is rounded away.
        assert_eq!(read("0.3333333333333333"), None);
        let whole = |cell| scaled(cell, Kind::Text, 0, None, None).ok();
        assert!(whole("999999999999999").is_some());
        assert!(whole("220104198503150009").is_none());
    }

    #[test]
    fn one_passport_is_one_number() {
        let read = |cell| id_number(cell, Kind::Text, false).map(|((number, _), _)| number);
        for cell in [
            "E12345678",
            "e12345678",
            " E1234 5678 ",
            "Ｅ１２３４５６７８",
            "'e1234　5678",
        ] {
            assert_eq!(read(cell).ok().as_deref(), Some("E12345678"), "{cell}");
        }
    }

    #[test]
    fn an_instant_of_a_workbook_is_its_day() {
        let day = |cell, kind, counted| day(cell, kind, counted).map(|(day, _)| day).ok();
        let excel = DayNumbers::From1900;
        let wanted = days_from_civil(2020, 3, 5);
        assert_eq!(day("2020-03-05T13:45:00", Kind::Date, excel), wanted);
        assert_eq!(day("2020-03-05T13:45:00", Kind::Text, excel), None);
        assert_eq!(day("43895", Kind::Text, excel), None);
        assert_eq!(day("0219-09-02", Kind::Text, excel), None);
        assert_eq!(day("1900-01-01", Kind::Text, excel), Some(EARLIEST_DAY));
        assert_eq!(day("43895", Kind::Number, excel), wanted);
        assert_eq!(day("42433", Kind::Number, DayNumbers::From1904), wanted);
        assert_eq!(day("43895", Kind::Number, DayNumbers::Unknown), None);
        assert_eq!(day("20200305", Kind::Number, DayNumbers::Unknown), wanted);
    }
}
