//! Code lists: what a reporter may write for a code, and what is stored for it.

use super::problem::Problem;
use super::text::Text;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// One entry of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The stored code.
    pub code: String,
    /// Its name in both languages.
    pub name: Text,
    /// Other spellings that are accepted.
    pub aliases: Vec<String>,
    /// The list's own further columns (kind, counts, valid_from …); empty cells are absent.
    pub attributes: BTreeMap<String, String>,
}

impl Code {
    /// Whether the yes/no column `attribute` says yes.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes
            .get(attribute)
            .is_some_and(|value| value == "yes")
    }

    /// The date in column `attribute`.
    pub fn date(&self, attribute: &str) -> Option<NaiveDate> {
        self.attributes.get(attribute)?.parse().ok()
    }

    /// Whether the entry is valid on `day` by its `valid_from` and `valid_to` (both included; blank is open).
    pub fn valid_on(&self, day: NaiveDate) -> bool {
        self.date("valid_from").is_none_or(|from| from <= day)
            && self.date("valid_to").is_none_or(|to| day <= to)
    }
}

/// How a code was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// The code itself.
    Code,
    /// The Chinese or English name.
    Name,
    /// One of the other spellings.
    Alias,
}

/// A list of codes in file order, found by code, name or alias.
#[derive(Debug, Clone, Default)]
pub struct CodeList {
    codes: Vec<Code>,
    index: HashMap<String, (u32, Spelling)>,
}

/// The form in which spellings are compared: no spaces, one width, lower case.
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(narrow)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The half-width form of a full-width character (other characters are returned as they are).
pub fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

impl CodeList {
    /// Reads a list from CSV text with the columns `code,name_zh,name_en,aliases` (aliases separated by `|`) and any others.
    /// Problems (missing columns, a spelling that means two codes) are added to `problems`; what could be read is returned.
    pub fn parse(file: &str, source: &str, problems: &mut Vec<Problem>) -> Self {
        let mut reader = csv::Reader::from_reader(source.as_bytes());
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                let message = Text::new(
                    format!("无法读取: {error}"),
                    format!("cannot be read: {error}"),
                );
                problems.push(Problem::at(file, source, "", message));
                return Self::default();
            }
        };
        let mut list = Self::default();
        for row in reader.records() {
            match row {
                Ok(row) => list.add(read_code(&headers, &row), file, source, problems),
                Err(error) => {
                    let message = Text::new(
                        format!("此行无法读取: {error}"),
                        format!("row cannot be read: {error}"),
                    );
                    problems.push(Problem::at(file, source, "", message));
                }
            }
        }
        list
    }

    fn add(&mut self, code: Code, file: &str, source: &str, problems: &mut Vec<Problem>) {
        let position = u32::try_from(self.codes.len()).expect("a code list fits in memory");
        let names = [&code.name.zh, &code.name.en].map(|name| (name.clone(), Spelling::Name));
        let spellings = std::iter::once((code.code.clone(), Spelling::Code))
            .chain(names)
            .chain(
                code.aliases
                    .iter()
                    .map(|alias| (alias.clone(), Spelling::Alias)),
            );
        for (spelling, kind) in spellings.filter(|(spelling, _)| !spelling.is_empty()) {
            let entry = self
                .index
                .entry(fold(&spelling))
                .or_insert((position, kind));
            if entry.0 != position {
                let other = &self.codes[entry.0 as usize].code;
                let message = Text::new(
                    format!("“{spelling}”同时指 {other} 和 {}", code.code),
                    format!("\"{spelling}\" means both {other} and {}", code.code),
                );
                problems.push(Problem::at(file, source, &code.code, message));
            }
        }
        self.codes.push(code);
    }

    /// The entry a reporter's spelling means, and how it was written.
    pub fn find(&self, spelling: &str) -> Option<(&Code, Spelling)> {
        let (position, kind) = match self.index.get(spelling) {
            Some(found) => *found,
            None => *self.index.get(&fold(spelling))?,
        };
        Some((&self.codes[position as usize], kind))
    }

    /// The entry with exactly this code.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.find(code)
            .map(|(found, _)| found)
            .filter(|found| found.code == code)
    }

    /// All entries in file order.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.codes.iter()
    }

    /// The position of a code in file order, for sorting; codes not in the list come last.
    pub fn position(&self, code: &str) -> usize {
        self.codes
            .iter()
            .position(|entry| entry.code == code)
            .unwrap_or(usize::MAX)
    }

    /// The name of a code, or the code itself where the list does not hold it.
    pub fn name(&self, code: &str) -> Text {
        self.get(code)
            .map_or_else(|| Text::new(code, code), |entry| entry.name.clone())
    }
}

fn read_code(headers: &csv::StringRecord, row: &csv::StringRecord) -> Code {
    let mut code = Code {
        code: String::new(),
        name: Text::default(),
        aliases: Vec::new(),
        attributes: BTreeMap::new(),
    };
    for (header, cell) in headers.iter().zip(row.iter()) {
        match header {
            "code" => code.code = cell.to_owned(),
            "name_zh" => code.name.zh = cell.to_owned(),
            "name_en" => code.name.en = cell.to_owned(),
            "aliases" => {
                code.aliases = cell
                    .split('|')
                    .filter(|alias| !alias.is_empty())
                    .map(str::to_owned)
                    .collect();
            }
            _ if cell.is_empty() => {}
            _ => {
                code.attributes.insert(header.to_owned(), cell.to_owned());
            }
        }
    }
    code
}
