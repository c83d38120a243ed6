//! Which columns and rows an .xlsx or .ods hides (people hide what they still send, so receipts name it), and which
//! cells they merge: calamine would parse a whole sheet of an .xlsx a second time to say so, and never says so of an .ods.

use std::collections::HashMap;

use calamine::Dimensions;

use super::super::DayNumbers;
use super::archive::Archive;
use super::child::Stop;
use super::frames::SheetHead;

/// Hidden columns or rows that are named, per sheet.
const NAMED_MAX: usize = 1_000;
/// Merged areas of one sheet that are heeded.
const MERGED_MAX: usize = 100_000;
/// Bytes of one tag; longer ones carry no attribute we look for.
const TAG_BYTES_MAX: usize = 4_096;

/// Merged areas of the sheets, by name; a sheet whose part was not found is not among them.
pub(super) type MergedAreas = HashMap<String, Vec<Dimensions>>;

/// Notes hidden columns and rows in the sheets of an .xlsx and gives the merged areas; `all` are all sheets in the
/// workbook's order, by name. What cannot be found out stays unsaid.
pub(super) fn note_xlsx(
    archive: &mut Archive,
    heads: &mut [SheetHead],
    all: &[String],
) -> Result<MergedAreas, Stop> {
    let (mut ids, mut targets) = (Vec::new(), HashMap::new());
    read_tags(archive, "xl/workbook.xml", &mut |tag| {
        if tag.name == "sheet" {
            ids.push(tag.attribute("id").unwrap_or_default().to_owned());
        }
    })?;
    read_tags(archive, "xl/_rels/workbook.xml.rels", &mut |tag| {
        let is_link = tag.name == "Relationship";
        if let (true, Some(id), Some(target)) =
            (is_link, tag.attribute("Id"), tag.attribute("Target"))
        {
            targets.insert(id.to_owned(), target.to_owned());
        }
    })?;
    let mut areas = HashMap::new();
    for (name, id) in all.iter().zip(&ids) {
        let head = heads.iter_mut().find(|head| head.name == *name);
        let (Some(head), Some(target)) = (head, targets.get(id)) else {
            continue;
        };
        let path = target
            .strip_prefix('/')
            .map_or_else(|| format!("xl/{target}"), str::to_owned);
        let (mut next_row, mut merged) = (0, Vec::new());
        let found = read_tags(archive, &path, &mut |tag| match tag.name {
            "mergeCell" if merged.len() < MERGED_MAX => merged.extend(tag.merged_area()),
            "row" => {
                let row = tag
                    .number("r")
                    .map_or(next_row, |row| row.saturating_sub(1));
                next_row = row.saturating_add(1);
                note(&mut head.hidden_rows, tag.is_hidden(), row..next_row);
            }
            "col" => {
                let (first, last) = (
                    tag.number("min").unwrap_or(1),
                    tag.number("max").unwrap_or(0),
                );
                note(
                    &mut head.hidden_columns,
                    tag.is_hidden(),
                    first.saturating_sub(1)..last,
                );
            }
            _ => {}
        })?;
        if found {
            areas.insert(name.clone(), merged);
        }
    }
    Ok(areas)
}

/// As [`note_xlsx`], for an .ods, which may also count its days from another one than usual; the merged areas are in the
/// order of `heads`.
pub(super) fn note_ods(
    archive: &mut Archive,
    heads: &mut [SheetHead],
) -> Result<Vec<Vec<Dimensions>>, Stop> {
    let (mut sheet, mut column, mut row) = (None::<usize>, 0_u32, 0_u32);
    // The row whose cells come next, and the position of the next one in it.
    let (mut here, mut at) = (0_u32, 0_u32);
    let mut merged = vec![Vec::new(); heads.len()];
    let mut day_numbers = None;
    read_tags(archive, "content.xml", &mut |tag| {
        if tag.name == "null-date" {
            day_numbers = Some(match tag.attribute("date-value") {
                None | Some("1899-12-30") => DayNumbers::From1900,
                Some("1904-01-01") => DayNumbers::From1904,
                Some(_) => DayNumbers::Unknown,
            });
        }
        if matches!(tag.name, "table-cell" | "covered-table-cell") {
            let areas = sheet.and_then(|sheet| merged.get_mut(sheet));
            let rows = tag.number("number-rows-spanned").unwrap_or(1);
            if let Some(areas) = areas.filter(|areas| rows > 1 && areas.len() < MERGED_MAX) {
                let last = here.saturating_add(rows - 1);
                areas.push(Dimensions::new((here, at), (last, at)));
            }
            at = at.saturating_add(tag.number("number-columns-repeated").unwrap_or(1));
            return;
        }
        if !matches!(tag.name, "table" | "table-column" | "table-row") {
            return;
        }
        if tag.name == "table" {
            sheet = Some(sheet.map_or(0, |sheet| sheet + 1));
            (column, row) = (0, 0);
        }
        let Some(head) = sheet.and_then(|sheet| heads.get_mut(sheet)) else {
            return;
        };
        let is_hidden = matches!(tag.attribute("visibility"), Some("collapse" | "filter"));
        if tag.name == "table-column" {
            let next = column.saturating_add(tag.number("number-columns-repeated").unwrap_or(1));
            note(&mut head.hidden_columns, is_hidden, column..next);
            column = next;
        } else if tag.name == "table-row" {
            let next = row.saturating_add(tag.number("number-rows-repeated").unwrap_or(1));
            note(&mut head.hidden_rows, is_hidden, row..next);
            (here, at, row) = (row, 0, next);
        }
    })?;
    if let Some(day_numbers) = day_numbers {
        heads
            .iter_mut()
            .for_each(|head| head.day_numbers = day_numbers);
    }
    Ok(merged)
}

fn note(list: &mut Vec<u32>, is_hidden: bool, range: std::ops::Range<u32>) {
    if is_hidden {
        let room = NAMED_MAX.saturating_sub(list.len());
        list.extend(range.take(room));
    }
}

/// Reads the opening tags of a part; false when there is no such part.
fn read_tags(
    archive: &mut Archive,
    name: &str,
    tag: &mut dyn FnMut(&Tag<'_>),
) -> Result<bool, Stop> {
    let mut scanner = Scanner { inside: None };
    archive.read(name, &mut |piece| scanner.piece(piece, tag))
}

/// Finds tags in text that comes in pieces.
struct Scanner {
    /// The tag so far, once its `<` was seen.
    inside: Option<Vec<u8>>,
}

impl Scanner {
    fn piece(&mut self, mut text: &[u8], tag: &mut dyn FnMut(&Tag<'_>)) {
        while !text.is_empty() {
            let Some(inside) = &mut self.inside else {
                let Some(open) = text.iter().position(|byte| *byte == b'<') else {
                    return;
                };
                text = &text[open + 1..];
                self.inside = Some(Vec::new());
                continue;
            };
            let close = text.iter().position(|byte| *byte == b'>');
            let part = &text[..close.unwrap_or(text.len())];
            inside.extend_from_slice(
                &part[..part.len().min(TAG_BYTES_MAX.saturating_sub(inside.len()))],
            );
            let Some(close) = close else { return };
            text = &text[close + 1..];
            if let (false, Ok(inside)) = (inside.starts_with(b"/"), str::from_utf8(inside)) {
                tag(&Tag::new(inside));
            }
            self.inside = None;
        }
    }
}

/// An opening tag.
struct Tag<'a> {
    /// Its name without prefix.
    name: &'a str,
    /// All between `<` and `>`.
    inside: &'a str,
}

impl<'a> Tag<'a> {
    fn new(inside: &'a str) -> Self {
        let end = inside
            .find([' ', '/', '\n', '\r', '\t'])
            .unwrap_or(inside.len());
        let name = &inside[..end];
        Self {
            name: name.split_once(':').map_or(name, |(_, name)| name),
            inside,
        }
    }

    /// The value of the attribute of this name, whatever its prefix; entities are left as they are.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.inside;
        loop {
            let equals = rest.find('=')?;
            let key = rest[..equals]
                .trim_end()
                .rsplit([' ', '\n', '\r', '\t', ':'])
                .next()?;
            let value = rest[equals + 1..].trim_start();
            let quote = value
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '\''))?;
            let end = value[1..].find(quote)? + 1;
            if key == name {
                return Some(&value[1..end]);
            }
            rest = &value[end + 1..];
        }
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.parse().ok()
    }

    fn is_hidden(&self) -> bool {
        matches!(self.attribute("hidden"), Some("1" | "true"))
    }

    fn merged_area(&self) -> Option<Dimensions> {
        let (start, end) = self.attribute("ref")?.split_once(':')?;
        Some(Dimensions::new(position(start)?, position(end)?))
    }
}

/// 0-based row and column of a cell named like `B12`.
fn position(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|character: char| character.is_ascii_digit())?;
    let mut column = 0_u32;
    for letter in name[..digits].bytes() {
        let value = u32::from(letter.to_ascii_uppercase().checked_sub(b'A')?) + 1;
        column = column.checked_mul(26)?.checked_add(value)?;
    }
    let row: u32 = name[digits..].parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}
