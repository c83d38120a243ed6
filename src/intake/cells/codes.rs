//! Codes: what a spelling means in a column, searched once.

use super::Fault;
use crate::intake::batch::NO_CODE;
use crate::intake::messages;
use crate::intake::plan::{CodeReader, ListKind};
use crate::intake::value::{Repairs, clean};
use crate::programme::codes::Spelling;
use crate::programme::{CodeList, Text};
use std::collections::HashMap;

/// Codes seen before in one column: raw cell to what it means, so that a list is searched once per spelling.
#[derive(Debug, Default)]
pub(in crate::intake) struct CodeCache {
    seen: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    reads: Vec<CodeRead>,
    /// The cell before, and its place in `reads`.
    last: String,
    last_read: Option<usize>,
    /// Codes and combinations the list does not hold, in the order met; ids follow the list's.
    pub(in crate::intake) extra: Vec<String>,
    /// Their positions: a file may bring very many combinations.
    extra_at: HashMap<String, usize, foldhash::fast::RandomState>,
}

/// What a spelling of a code means.
#[derive(Debug, Clone)]
pub(in crate::intake) struct CodeRead {
    pub(in crate::intake) id: u32,
    pub(in crate::intake) repairs: Repairs,
    pub(in crate::intake) fault: Option<Fault>,
}

/// Spellings kept per column; beyond that, cells are looked up one by one.
const CACHE_MAX: usize = 50_000;

impl CodeCache {
    /// What `cell` means in a column of one code (or several when `many`).
    pub(in crate::intake) fn read(
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
pub(in crate::intake) fn whole_of(list: &CodeList, text: &str) -> Option<Text> {
    let (position, _) = find(list, text)?;
    let whole = list
        .iter()
        .nth(position as usize)?
        .attributes
        .get("merged_into")?;
    Some(list.name(whole))
}

/// The position of a spelling in a list, also in traditional script.
pub(in crate::intake) fn find(list: &CodeList, text: &str) -> Option<(u32, Repairs)> {
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
