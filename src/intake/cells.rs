//! One cell to one value, with the repairs done and the rule it breaks.

use super::batch::NO_CODE;
use super::id_number::{IdFacts, IdFault, check_18, from_15, is_uscc};
use super::messages;
use super::plan::{CodeReader, ListKind};
use super::reading::Kind;
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

/// Free text. A name also loses its inner spaces where it is Chinese, since they are padding.
pub(super) fn text(cell: &str, kind: Kind, chars_max: usize, name: bool) -> Read<Cow<'_, str>> {
    if kind == Kind::Number && cell.bytes().filter(u8::is_ascii_digit).count() > EXACT_DIGITS_MAX {
        let message = messages::wrong_type(
            "文本：数字单元格只保留15位，末位已丢失",
            "text: a numeric cell keeps 15 digits only, the last ones are lost",
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
pub(super) fn day(cell: &str, kind: Kind) -> Read<i32> {
    let serial = (kind == Kind::Number).then(|| serial_date(cell)).flatten();
    if let Some(day) = serial {
        return Ok((day, Repairs::DATE_SERIAL));
    }
    if let Some((day, _)) = cell.split_once('T').filter(|_| kind == Kind::Date) {
        // A cell that the workbook itself holds as an instant: its day is certain.
        if let Some((day, mut repairs)) = date(day) {
            repairs.add(Repairs::DATE_TIME);
            return Ok((day, repairs));
        }
    }
    date(cell).ok_or_else(|| Fault::reject("V-DATE", messages::date()))
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
    if kind == Kind::Number && (checked || digits > EXACT_DIGITS_MAX) {
        return Err(fault(IdFault::Damaged));
    }
    let (text, mut repairs) = clean(cell, checked);
    let mut text = text.into_owned();
    if let Some(rest) = text.strip_prefix(['\'', '’', '‘']) {
        text = rest.to_owned();
        repairs.add(Repairs::APOSTROPHE);
    }
    if !checked {
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

/// The canonical name of a period.
pub(super) fn period(cell: &str) -> Read<String> {
    let (text, mut repairs) = clean(cell, true);
    if Period::parse(&text).is_some() {
        return Ok((text.into_owned(), repairs));
    }
    let refused = || Fault::reject("V-TYPE", messages::period());
    let digits: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { c } else { ' ' })
        .collect();
    let parts: Vec<&str> = digits.split_whitespace().collect();
    let canonical = match parts[..] {
        [year, month] if text.contains(['季', 'Q', 'q']) => format!("{year}Q{month}"),
        [year, month] => format!("{year}-{month:0>2}"),
        [compact] if compact.len() == 6 => format!("{}-{}", &compact[..4], &compact[4..]),
        [year] if text == format!("{year}年") => year.to_owned(),
        _ => return Err(refused()),
    };
    if Period::parse(&canonical).is_none() {
        return Err(refused());
    }
    repairs.add(if text.contains('年') {
        Repairs::DATE_CHINESE
    } else {
        Repairs::DATE_DOTS
    });
    Ok((canonical, repairs))
}

/// Codes seen before in one column: raw cell to what it means, so that a list is searched once per spelling.
#[derive(Debug, Default)]
pub(super) struct CodeCache {
    seen: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    reads: Vec<CodeRead>,
    /// The cell before, and its place in `reads`.
    last: String,
    last_read: Option<usize>,
    /// Codes and combinations the list does not hold, in the order met; ids follow the list's.
    pub(super) extra: Vec<String>,
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
        if let Some(at) = self.last_read.filter(|_| self.last == cell) {
            return self.reads[at].clone();
        }
        let at = match self.seen.get(cell) {
            Some(at) => *at,
            None => {
                let read = match many {
                    false => self.one(cell, reader, list),
                    true => self.many(cell, reader, list),
                };
                if self.seen.len() >= CACHE_MAX {
                    return read;
                }
                self.seen.insert(cell.into(), self.reads.len());
                self.reads.push(read);
                self.reads.len() - 1
            }
        };
        self.last.clear();
        self.last.push_str(cell);
        self.last_read = Some(at);
        self.reads[at].clone()
    }

    fn one(&mut self, cell: &str, reader: &CodeReader, list: &str) -> CodeRead {
        let (text, mut repairs) = clean(cell, false);
        let half = clean(&text, true);
        let mut id = NO_CODE;
        let mut fault = None;
        if let Some((position, more)) = find(&reader.list, &text) {
            repairs.add(more);
            id = position;
            if let Some(merged) = reader.merged_into[position as usize] {
                id = merged;
                repairs.add(Repairs::MERGED);
            }
            if reader.kind == ListKind::Occupations
                && is_other_edition(&reader.list, position, &text)
            {
                repairs.add(Repairs::CODE_2015);
            }
            if !reader.taken[id as usize] {
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
        for part in cell
            .split([';', ',', '、', '；', '，'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let read = self.one(part, reader, list);
            repairs.add(read.repairs);
            if read.fault.is_some() {
                return CodeRead {
                    id: NO_CODE,
                    repairs,
                    fault: read.fault,
                };
            }
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
        CodeRead {
            id,
            repairs,
            fault: None,
        }
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
        let at = match self.extra.iter().position(|known| *known == code) {
            Some(at) => at,
            None => {
                self.extra.push(code);
                self.extra.len() - 1
            }
        };
        u32::try_from(reader.known.len() + at).expect("far fewer codes than 2^32")
    }
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
    }

    #[test]
    fn an_instant_of_a_workbook_is_its_day() {
        assert!(day("2020-03-05T13:45:00", Kind::Date).is_ok());
        assert!(day("2020-03-05T13:45:00", Kind::Text).is_err());
        assert!(day("43895", Kind::Text).is_err());
        assert_eq!(
            day("43895", Kind::Number).map(|(day, _)| day).ok(),
            day("2020-03-05", Kind::Text).map(|(day, _)| day).ok()
        );
    }
}
