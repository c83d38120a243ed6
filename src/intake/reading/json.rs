//! JSON lines, and JSON arrays of flat objects: keys are headers, every object is a row.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;

use super::chunk::{ChunkBuilder, DayNumbers};
use super::encoding::{Encoding, TextStream};
use super::json_scan::{Scan, Value};
use super::layout::{FoundColumn, SheetLayout};
use super::names::Match;
use super::table::{Each, Terms, named, no_header};
use super::{JsonProblem, Kind, RowFault, Unreadable};

/// Bytes of one line, at most.
const LINE_BYTES_MAX: usize = 16 << 20;
/// Different keys whose meaning is remembered; more would be no table.
const KEYS_MAX: usize = 10_000;

/// Reads a file with one object a line; blank lines count, but are no rows.
///
/// # Errors
/// When not one line is an object, or none has a contract column; what is wrong with single lines is their fault.
pub(super) fn read_lines(
    file: File,
    encoding: Encoding,
    terms: Terms<'_>,
    each: &mut Each<'_>,
) -> Result<SheetLayout, Unreadable> {
    let mut stream = TextStream::new(file, encoding)?;
    let mut rows = Rows::new(terms);
    let (mut buffer, mut position, mut number, mut at_end) = (Vec::new(), 0, 0_u32, false);
    while !(at_end && position == buffer.len()) {
        let end = buffer[position..]
            .iter()
            .position(|byte: &u8| *byte == b'\n')
            .map(|length| position + length);
        let (line_end, next) = match end {
            Some(end) => (end, end + 1),
            None if at_end => (buffer.len(), buffer.len()),
            None if buffer.len() - position > LINE_BYTES_MAX => {
                return Err(Unreadable::RowTooLong {
                    row: number + 1,
                    bytes_max: LINE_BYTES_MAX,
                });
            }
            None => {
                buffer.drain(..position);
                position = 0;
                at_end = !stream.fill(&mut buffer)?;
                continue;
            }
        };
        number = number.saturating_add(1);
        let line = buffer[position..line_end].trim_ascii();
        position = next;
        if line.is_empty() {
            continue;
        }
        let mut scan = Scan::new(line);
        let fault = rows
            .object(&mut scan)?
            .or_else(|| scan.at_end().err().map(|problem| scan.fault(problem)));
        if rows.deliver(number, fault, each)?.is_break() {
            break;
        }
    }
    rows.finish(each)
}

/// Reads a file that is one array of objects; a row's number is its place in the array.
///
/// # Errors
/// At the first place that is not JSON, since what follows cannot be divided into rows.
pub(super) fn read_array(
    file: File,
    encoding: Encoding,
    terms: Terms<'_>,
    each: &mut Each<'_>,
) -> Result<SheetLayout, Unreadable> {
    let bytes_max = terms.limits.workbook_bytes_max;
    let bytes = file.metadata()?.len();
    if bytes > bytes_max {
        return Err(Unreadable::TooLarge { bytes, bytes_max });
    }
    let mut stream = TextStream::new(file, encoding)?;
    let mut text = Vec::new();
    while stream.fill(&mut text)? {}
    let mut scan = Scan::new(&text);
    let mut rows = Rows::new(terms);
    let mut number = 0_u32;
    let at = |scan: &Scan<'_>, problem| Unreadable::Json {
        line: scan.line(),
        problem,
    };
    scan.expect(b'[').map_err(|problem| at(&scan, problem))?;
    while !scan.take(b']') {
        if number > 0 {
            scan.expect(b',').map_err(|problem| at(&scan, problem))?;
        }
        number += 1;
        let fault = rows.object(&mut scan)?;
        if let Some(RowFault::Json { problem, .. }) = fault {
            return Err(at(&scan, problem));
        }
        if rows.deliver(number, fault, each)?.is_break() {
            return rows.finish(each);
        }
    }
    scan.at_end().map_err(|problem| at(&scan, problem))?;
    rows.finish(each)
}

/// Turns objects into rows.
struct Rows<'a> {
    terms: Terms<'a>,
    layout: SheetLayout,
    builder: ChunkBuilder,
    /// What the keys met so far mean.
    keys: HashMap<String, Match>,
    /// The current row: one cell per contract column.
    cells: Vec<(String, Kind)>,
    filled: Vec<bool>,
    first_problem: Option<(u32, JsonProblem)>,
    objects: u64,
    stopped: bool,
}

impl<'a> Rows<'a> {
    fn new(terms: Terms<'a>) -> Self {
        let columns = terms.names.len();
        Self {
            terms,
            layout: SheetLayout::default(),
            builder: ChunkBuilder::new(
                (0, DayNumbers::Unknown),
                (0..columns as u32).collect(),
                columns,
                terms.limits.cell_chars_max,
            ),
            keys: HashMap::new(),
            cells: vec![(String::new(), Kind::Empty); columns],
            filled: vec![false; columns],
            first_problem: None,
            objects: 0,
            stopped: false,
        }
    }

    /// Scans one object into the current row; gives its fault, if any.
    fn object(&mut self, scan: &mut Scan<'_>) -> Result<Option<RowFault>, Unreadable> {
        for ((text, kind), filled) in self.cells.iter_mut().zip(&mut self.filled) {
            text.clear();
            *kind = Kind::Empty;
            *filled = false;
        }
        if !scan.take(b'{') {
            let skipped = scan.skip_value();
            return Ok(Some(skipped.map_or_else(
                |problem| scan.fault(problem),
                |()| RowFault::NotAnObject,
            )));
        }
        let (mut fault, mut first) = (None, true);
        while !scan.take(b'}') {
            let pair = if first { Ok(()) } else { scan.expect(b',') }.and_then(|()| scan.pair());
            first = false;
            let (key, value) = match pair {
                Ok(pair) => pair,
                Err(problem) => return Ok(Some(scan.fault(problem))),
            };
            let problem = self.cell(key, value)?;
            fault = fault.or(problem);
        }
        self.objects += 1;
        Ok(fault)
    }

    fn cell(&mut self, key: String, value: Value) -> Result<Option<RowFault>, Unreadable> {
        let column = match self.meaning(&key)? {
            Match::Column(column) => column as usize,
            _ => return Ok(None),
        };
        if std::mem::replace(&mut self.filled[column], true) {
            return Ok(Some(RowFault::DuplicateKey { key }));
        }
        self.cells[column] = match value {
            Value::Null => (String::new(), Kind::Empty),
            Value::Boolean(value) => (value.to_string(), Kind::Boolean),
            Value::Number(text) => (text, Kind::Number),
            Value::Text(text) if text.is_empty() => (text, Kind::Empty),
            Value::Text(text) => (text, Kind::Text),
            Value::List(text) if self.terms.limits.nesting_max >= 2 => (text, Kind::Text),
            Value::List(_) | Value::Nested => return Ok(Some(RowFault::Nested { key })),
        };
        Ok(None)
    }

    fn meaning(&mut self, key: &str) -> Result<Match, Unreadable> {
        if let Some(known) = self.keys.get(key) {
            return Ok(*known);
        }
        let found = self.terms.names.find(key);
        match found {
            Match::OtherUnit(column) => {
                let column = named(self.terms.names, column);
                return Err(Unreadable::OtherUnit {
                    sheet: String::new(),
                    column,
                    header: key.to_owned(),
                });
            }
            Match::Column(column) => {
                let (column, position) = (column as usize, self.keys.len());
                self.layout.columns.push(FoundColumn {
                    column,
                    header: key.to_owned(),
                    position,
                });
            }
            Match::None => {
                if self.keys.len() < KEYS_MAX {
                    self.layout.ignored.push(key.to_owned());
                }
            }
        }
        if self.keys.len() < KEYS_MAX || found != Match::None {
            self.keys.insert(key.to_owned(), found);
        }
        Ok(found)
    }

    fn deliver(
        &mut self,
        number: u32,
        fault: Option<RowFault>,
        each: &mut Each<'_>,
    ) -> Result<ControlFlow<()>, Unreadable> {
        if number > self.terms.limits.rows_max {
            return Err(Unreadable::TooManyRows {
                sheet: String::new(),
                rows_max: self.terms.limits.rows_max,
            });
        }
        if let (None, Some(RowFault::Json { problem, .. })) = (self.first_problem, &fault) {
            self.first_problem = Some((number, *problem));
        }
        self.layout.rows += 1;
        self.builder.begin_row(number, fault);
        for (text, kind) in &self.cells {
            self.builder.push(text.as_bytes(), *kind);
        }
        let flow = if self.builder.end_row() {
            each(self.builder.seal())
        } else {
            ControlFlow::Continue(())
        };
        self.stopped = flow.is_break();
        Ok(flow)
    }

    fn finish(mut self, each: &mut Each<'_>) -> Result<SheetLayout, Unreadable> {
        if self.stopped {
            return Ok(self.layout);
        }
        if self.objects == 0 {
            return Err(match self.first_problem {
                Some((line, problem)) => Unreadable::Json {
                    line: u64::from(line),
                    problem,
                },
                None if self.layout.rows == 0 => Unreadable::Empty,
                None => no_header(self.terms.names),
            });
        }
        if self.layout.columns.is_empty() {
            return Err(no_header(self.terms.names));
        }
        if !self.builder.is_empty() {
            // The last chunk: nothing follows that a `Break` could stop.
            let _ = each(self.builder.seal());
        }
        self.layout.read = true;
        Ok(self.layout)
    }
}

/// Whether a JSON file's first text (decoded) can be had; used to tell arrays from lines.
///
/// # Errors
/// As [`TextStream::fill`].
pub(super) fn start_of(file: &File, encoding: Encoding) -> Result<String, Unreadable> {
    let mut stream = TextStream::new(file.try_clone()?, encoding)?;
    let mut text = Vec::new();
    while text.iter().all(u8::is_ascii_whitespace) && stream.fill(&mut text)? {}
    text.truncate(4096);
    Ok(String::from_utf8_lossy(&text).into_owned())
}
