//! One cell to one value, with the repairs done and the rule it breaks.

use super::batch::NO_CODE;
use super::id_number::{IdFacts, IdFault, check_18, from_15, is_uscc};
use super::messages;
use super::plan::{CodeReader, ListKind};
use super::reading::{DayNumbers, Kind};
use super::value::{Repairs, clean, date, number, serial_date};
use crate::programme::codes::Spelling;
use crate::programme::{CodeList, Period, Text};
use std::borrow::Cow;
use std::collections::HashMap;

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

/// The one name of a period: `2020-01..2020-12` is 2020. A year to date is none, since it would be added to its own months.
pub(super) fn period(cell: &str) -> Read<String> {
    let refused = || Fault::reject("V-TYPE", messages::period());
    let (text, mut repairs) = clean(cell, true);
    let name = if Period::parse(&text).is_some() {
        text
    } else {
        let (name, form) = spelled_period(&text).ok_or_else(refused)?;
        repairs.add(form);
        Cow::Owned(name)
    };
    let period = Period::parse(&name).ok_or_else(refused)?;
    if period.is_year_to_date() {
        return Err(Fault::reject("V-TYPE", messages::year_to_date()));
    }
    let canonical = period.to_string();
    if canonical != name {
        repairs.add(Repairs::PERIOD_NAME);
    }
    Ok((canonical, repairs))
}

/// A period in another spelling that leaves no doubt. `2020.1` does: a spreadsheet makes it of 2020.10.
fn spelled_period(text: &str) -> Option<(String, Repairs)> {
    let capitals = text.to_ascii_uppercase();
    if Period::parse(&capitals).is_some() {
        return Some((capitals, Repairs::LOWERCASE));
    }
    let is_number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_number(text, 6..=6) {
        let name = format!("{}-{}", &text[..4], &text[4..]);
        return Some((name, Repairs::DATE_COMPACT));
    }
    if let Some((year, rest)) = text
        .split_once('年')
        .filter(|(year, _)| is_number(year, 4..=4))
    {
        let month = rest.strip_suffix("月份").or(rest.strip_suffix('月'));
        let quarter = rest.strip_suffix("季度").or(rest.strip_suffix('季'));
        let name = match (rest, month, quarter) {
            ("" | "全年", _, _) => year.to_owned(),
            ("上半年", _, _) => format!("{year}H1"),
            ("下半年", _, _) => format!("{year}H2"),
            (_, Some(month), _) if is_number(month, 1..=2) => format!("{year}-{month:0>2}"),
            (_, _, Some(quarter)) => {
                let number = match quarter.strip_prefix('第').unwrap_or(quarter) {
                    "1" | "一" => 1,
                    "2" | "二" => 2,
                    "3" | "三" => 3,
                    "4" | "四" => 4,
                    _ => return None,
                };
                format!("{year}Q{number}")
            }
            _ => return None,
        };
        return Some((name, Repairs::DATE_CHINESE));
    }
    for (mark, form) in [
        ('.', Repairs::DATE_DOTS),
        ('/', Repairs::DATE_SLASHES),
        ('-', Repairs::PERIOD_NAME),
    ] {
        if let Some((year, month)) = text.split_once(mark) {
            let certain =
                is_number(year, 4..=4) && is_number(month, 1..=2) && (mark != '.' || month != "1");
            return certain.then(|| (format!("{year}-{month:0>2}"), form));
        }
    }
    None
}

/// Codes seen before in one column: raw cell to what it means, so that a list is searched once per spelling.
#[derive(Debug, Default)]
pub(super) struct CodeCache {
    seen: HashMap<Box<str>, CodeRead, foldhash::fast::RandomState>,
    last: Option<(Box<str>, CodeRead)>,
    /// Codes and combinations the list does not hold, in the order met; ids follow the list's.
    pub(super) extra: Vec<String>,
    /// Their positions: a file may bring very many combinations.
    extra_at: HashMap<String, usize, foldhash::fast::RandomState>,
}

/// What a spelling of a code means.
#[derive(Debug, Clone)]
pub(super) struct CodeRead {
    pub(super) id: u32,
    pub(super) repairs: Repairs,
    pub(super) fault: Option<Fault>,
}

/// Spellings kept per column; beyond that, cells are looked up one by one.
const CACHE_MAX: usize = 50_000;

impl CodeCache {
    /// What `cell` means in a column of one code (or several when `many`).
    pub(super) fn read(
        &mut self,
        cell: &str,
        reader: &CodeReader,
        list: &str,
        many: bool,
    ) -> CodeRead {
        if let Some((_, read)) = self.last.as_ref().filter(|(raw, _)| **raw == *cell) {
            return read.clone();
        }
        let read = match self.seen.get(cell) {
            Some(read) => read.clone(),
            None => {
                let read = match many {
                    false => self.one(cell, reader, list),
                    true => self.many(cell, reader, list),
                };
                if self.seen.len() < CACHE_MAX {
                    self.seen.insert(cell.into(), read.clone());
                }
                read
            }
        };
        self.last = Some((cell.into(), read.clone()));
        read
    }

    fn one(&mut self, cell: &str, reader: &CodeReader, list: &str) -> CodeRead {
        let (text, mut repairs) = clean(cell, false);
        let half = clean(&text, true);
        let mut id = NO_CODE;
        let mut fault = None;
        if let Some((position, more)) = find(&reader.list, &text) {
            repairs.add(more);
            id = position;
            let whole = reader.merged_into[position as usize];
            if let Some(merged) = whole {
                id = merged;
                repairs.add(Repairs::MERGED);
            }
            if reader.kind == ListKind::Occupations
                && is_other_edition(&reader.list, position, &text)
            {
                repairs.add(Repairs::CODE_2015);
            }
            if let Some(whole) = whole.filter(|_| !reader.merges) {
                let name = reader.list.name(&reader.known[whole as usize]);
                fault = Some(Fault::reject("V-CODE", messages::part_of(&name)));
            } else if !reader.taken[id as usize] {
                fault = Some(Fault::reject("V-CODE", messages::code_not_taken(list)));
            }
        } else if reader
            .pattern
            .as_deref()
            .is_some_and(|pattern| matches(pattern, &half.0))
        {
            id = self.extra_id(half.0.into_owned(), reader);
            fault = Some(Fault::flag("V-CODE", messages::unlisted(list)));
        } else {
            fault = Some(Fault::reject(
                "V-CODE",
                messages::code(list, nearest(&reader.list, &text)),
            ));
        }
        CodeRead { id, repairs, fault }
    }

    fn many(&mut self, cell: &str, reader: &CodeReader, list: &str) -> CodeRead {
        let mut ids = Vec::new();
        let mut repairs = Repairs::NONE;
        let mut fault: Option<Fault> = None;
        for part in cell
            .split([';', ',', '、', '；', '，'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let read = self.one(part, reader, list);
            repairs.add(read.repairs);
            if read.fault.as_ref().is_some_and(|fault| !fault.flag) {
                return CodeRead {
                    id: NO_CODE,
                    repairs,
                    fault: read.fault,
                };
            }
            fault = fault.or(read.fault);
            ids.push(read.id);
        }
        ids.sort_unstable();
        ids.dedup();
        let codes: Vec<&str> = ids.iter().map(|id| self.code(*id, reader)).collect();
        let id = match codes[..] {
            [] => NO_CODE,
            [_] => ids[0],
            _ => {
                let joined = codes.join(";");
                self.extra_id(joined, reader)
            }
        };
        CodeRead { id, repairs, fault }
    }

    fn code<'a>(&'a self, id: u32, reader: &'a CodeReader) -> &'a str {
        let id = id as usize;
        if id < reader.known.len() {
            &reader.known[id]
        } else {
            &self.extra[id - reader.known.len()]
        }
    }

    fn extra_id(&mut self, code: String, reader: &CodeReader) -> u32 {
        let at = match self.extra_at.get(&code) {
            Some(at) => *at,
            None => {
                self.extra_at.insert(code.clone(), self.extra.len());
                self.extra.push(code);
                self.extra.len() - 1
            }
        };
        u32::try_from(reader.known.len() + at).expect("far fewer codes than 2^32")
    }
}

/// The whole that the division `text` means is counted with, where it is only a part of one.
pub(super) fn whole_of(list: &CodeList, text: &str) -> Option<Text> {
    let (position, _) = find(list, text)?;
    let whole = list
        .iter()
        .nth(position as usize)?
        .attributes
        .get("merged_into")?;
    Some(list.name(whole))
}

/// The position of a spelling in a list, also in traditional script.
pub(super) fn find(list: &CodeList, text: &str) -> Option<(u32, Repairs)> {
    let place = |found: &str| u32::try_from(list.position(found)).ok();
    if let Some((code, _)) = list.find(text) {
        return Some((place(&code.code)?, Repairs::NONE));
    }
    let simplified = fast2s::convert(text);
    let (code, _) = list.find(&simplified).filter(|_| simplified != text)?;
    Some((place(&code.code)?, Repairs::TRADITIONAL))
}

fn is_other_edition(list: &CodeList, position: u32, text: &str) -> bool {
    let code = list.iter().nth(position as usize);
    let alias = list
        .find(text)
        .is_some_and(|(_, spelling)| spelling == Spelling::Alias);
    alias
        && text.starts_with(|c: char| c.is_ascii_digit())
        && code.is_some_and(|code| code.code != text)
}

/// Whether `text` has the form `pattern`, where `#` is a digit.
fn matches(pattern: &str, text: &str) -> bool {
    pattern.len() == text.len()
        && pattern
            .bytes()
            .zip(text.bytes())
            .all(|(wanted, found)| match wanted {
                b'#' => found.is_ascii_digit(),
                _ => wanted == found,
            })
}

/// The name in the list that shares the most characters with `text`, where at least half are shared.
fn nearest<'a>(list: &'a CodeList, text: &str) -> Option<&'a str> {
    let shared = |name: &str| text.chars().filter(|c| name.contains(*c)).count();
    let best = list.iter().max_by_key(|code| shared(&code.name.zh))?;
    let enough = shared(&best.name.zh) * 2 >= text.chars().count().max(2);
    enough.then_some(best.name.zh.as_str())
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
    fn a_period_has_one_name_however_it_is_written() {
        let read = |cell| {
            let read = period(cell).ok();
            read.map(|(name, repairs)| (name, repairs.ids().collect::<Vec<_>>().join(" ")))
        };
        for (cell, name, repair) in [
            ("2020-06", "2020-06", ""),
            ("2019..2021", "2019..2021", ""),
            ("2020-06..2020-06", "2020-06", "period_name"),
            ("2020-01..2020-12", "2020", "period_name"),
            ("2019Q1..2021Q4", "2019..2021", "period_name"),
            ("2020q2", "2020Q2", "lowercase_x"),
            ("2020h1", "2020H1", "lowercase_x"),
            ("2020-6", "2020-06", "period_name"),
            ("2020.06", "2020-06", "date_dots"),
            ("2020/6", "2020-06", "date_slashes"),
            ("202006", "2020-06", "date_compact"),
            (
                "２０２０年６月份",
                "2020-06",
                "fullwidth_digits date_chinese",
            ),
            ("2020年", "2020", "date_chinese"),
            ("2020年第二季度", "2020Q2", "date_chinese"),
            ("2020年2季度", "2020Q2", "date_chinese"),
            ("2020年上半年", "2020H1", "date_chinese"),
        ] {
            assert_eq!(
                read(cell),
                Some((name.to_owned(), repair.to_owned())),
                "{cell}"
            );
        }
        for cell in [
            "ytd:2020-06",
            "截至2020年6月",
            "2020年前6月",
            "2020年1-6月",
            "2020.1",
            "2020-13",
            "2020-06-30",
            "2020年13月",
            "6月",
            "",
        ] {
            assert_eq!(read(cell), None, "{cell}");
        }
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
