//! What the parsing process says to us: frames of one tag byte, a length and as many bytes.
//!
//! The process has parsed hostile bytes, so nothing it says is believed: lengths are bounded before memory is taken,
//! text is checked, positions are checked against the limits.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::super::{DayNumbers, Kind};

/// Bytes of one frame, at most.
pub(super) const FRAME_BYTES_MAX: usize = 32 << 20;

/// Begins a sheet: [`SheetHead`] as JSON.
pub(super) const SHEET: u8 = b'S';
/// A row: its 0-based number, then cells.
pub(super) const ROW: u8 = b'R';
/// Ends the answer with a [`Failure`] as JSON.
pub(super) const FAILURE: u8 = b'F';
/// Ends a complete answer.
pub(super) const DONE: u8 = b'D';

/// What is known of a sheet before its rows.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct SheetHead {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) day_numbers: DayNumbers,
    /// 0-based.
    pub(super) hidden_columns: Vec<u32>,
    /// 0-based.
    pub(super) hidden_rows: Vec<u32>,
}

/// Why the process gives up, in its own words.
#[derive(Serialize, Deserialize, Debug)]
pub(super) enum Failure {
    Encrypted,
    TooManySheets(u32),
    TooManyColumns { sheet: String, row: u32 },
    TooManyRows { sheet: String },
    Workbook(String),
    Parquet(String),
    Panic,
}

/// Appends a cell to a row frame.
pub(super) fn put_cell(frame: &mut Vec<u8>, column: u32, kind: Kind, text: &str) {
    frame.extend_from_slice(&column.to_le_bytes());
    frame.push(match kind {
        Kind::Empty => 0,
        Kind::Text => 1,
        Kind::Number => 2,
        Kind::Boolean => 3,
        Kind::Date => 4,
        Kind::Error => 5,
    });
    frame.extend_from_slice(&(text.len() as u32).to_le_bytes());
    frame.extend_from_slice(text.as_bytes());
}

/// Takes the next cell off a row frame; none at its end.
///
/// # Errors
/// `InvalidData` for anything that [`put_cell`] does not write.
pub(super) fn take_cell<'a>(frame: &mut &'a [u8]) -> io::Result<Option<(u32, Kind, &'a str)>> {
    if frame.is_empty() {
        return Ok(None);
    }
    let column = take_u32(frame)?;
    let (kind, rest) = frame.split_first().ok_or_else(bad)?;
    *frame = rest;
    let kind = match kind {
        0 => Kind::Empty,
        1 => Kind::Text,
        2 => Kind::Number,
        3 => Kind::Boolean,
        4 => Kind::Date,
        5 => Kind::Error,
        _ => return Err(bad()),
    };
    let length = take_u32(frame)? as usize;
    let (text, rest) = frame.split_at_checked(length).ok_or_else(bad)?;
    *frame = rest;
    Ok(Some((
        column,
        kind,
        str::from_utf8(text).map_err(|_| bad())?,
    )))
}

/// Takes a number off a frame.
///
/// # Errors
/// `InvalidData` when the frame is too short.
pub(super) fn take_u32(frame: &mut &[u8]) -> io::Result<u32> {
    let (bytes, rest) = frame.split_first_chunk().ok_or_else(bad)?;
    *frame = rest;
    Ok(u32::from_le_bytes(*bytes))
}

/// Writes one frame.
///
/// # Errors
/// As the writer's; `InvalidData` for a frame the reader would refuse.
pub(super) fn write(out: &mut impl Write, tag: u8, frame: &[u8]) -> io::Result<()> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(bad());
    }
    out.write_all(&[tag])?;
    out.write_all(&(frame.len() as u32).to_le_bytes())?;
    out.write_all(frame)
}

/// Reads one frame into `frame` and gives its tag.
///
/// # Errors
/// `UnexpectedEof` when the process ended, `InvalidData` when it promises too much.
pub(super) fn read(from: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<u8> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [tag, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(bad());
    }
    frame.clear();
    let read = from.take(length as u64).read_to_end(frame)?;
    if read == length {
        Ok(tag)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

pub(super) fn bad() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "not a frame of the parsing process",
    )
}
