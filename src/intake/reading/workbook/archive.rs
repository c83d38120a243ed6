//! The parts of a packed workbook, each checked against its checksum.
//!
//! calamine stops reading a part when it has what it wants, before the checksum at the part's end is compared, so a
//! flipped bit could change a value unseen. Here every part that bears content is unpacked to its end once.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::child::Stop;
use super::frames::Failure;
use super::inflate::inflate;
use super::zip::{self, Part};

/// A packed workbook.
pub(super) struct Archive {
    file: File,
    parts: Vec<Part>,
    /// Indexes of parts found whole.
    whole: HashSet<usize>,
}

impl Archive {
    /// Reads the table of contents.
    pub(super) fn new(mut file: File) -> Result<Self, Stop> {
        let parts = zip::parts(&mut file).map_err(|why| damaged(&why.en()))?;
        Ok(Self {
            file,
            parts,
            whole: HashSet::new(),
        })
    }

    /// Hands the unpacked bytes of the part `name` to `piece`; false when there is no such part.
    pub(super) fn read(&mut self, name: &str, piece: &mut dyn FnMut(&[u8])) -> Result<bool, Stop> {
        let Some(index) = self
            .parts
            .iter()
            .position(|part| part.name.eq_ignore_ascii_case(name))
        else {
            return Ok(false);
        };
        self.unpack(index, piece)?;
        Ok(true)
    }

    /// Checks the parts not read yet: all that can hold values, formats or structure; not pictures.
    pub(super) fn check_rest(&mut self) -> Result<(), Stop> {
        for index in 0..self.parts.len() {
            let name = self.parts[index].name.to_ascii_lowercase();
            let has_content = [".xml", ".rels", ".bin"]
                .iter()
                .any(|end| name.ends_with(end));
            if has_content && !self.whole.contains(&index) {
                self.unpack(index, &mut |_| {})?;
            }
        }
        Ok(())
    }

    fn unpack(&mut self, index: usize, piece: &mut dyn FnMut(&[u8])) -> Result<(), Stop> {
        let part = &self.parts[index];
        let unreadable = |_| damaged(&part.name);
        self.file
            .seek(SeekFrom::Start(part.offset))
            .map_err(unreadable)?;
        let mut head = [0; 30];
        self.file.read_exact(&mut head).map_err(unreadable)?;
        let skip = u64::from(zip::u16_at(&head, 26)) + u64::from(zip::u16_at(&head, 28));
        self.file
            .seek(SeekFrom::Start(part.offset + 30 + skip))
            .map_err(unreadable)?;
        let mut packed = Vec::new();
        (&self.file)
            .take(part.packed)
            .read_to_end(&mut packed)
            .map_err(unreadable)?;
        let (mut checksum, mut left) = (!0, part.inflated);
        let mut take = |bytes: &[u8]| {
            checksum = crc32(checksum, bytes);
            left = left.wrapping_sub(bytes.len() as u64);
            piece(bytes);
            // More than the part declares: a lie or damage, and no end to be waited for.
            left <= part.inflated
        };
        match part.method {
            0 => drop(take(&packed)),
            8 => inflate(&packed, take),
            _ => return Err(damaged(&part.name)),
        }
        if !checksum != part.checksum || left != 0 {
            return Err(damaged(&part.name));
        }
        self.whole.insert(index);
        Ok(())
    }
}

fn damaged(what: &str) -> Stop {
    Stop::Failure(Failure::Workbook(format!(
        "{what}: the content does not fit its checksum"
    )))
}

const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let (mut crc, mut bit) = (index as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// Goes on with a CRC-32 that starts, and ends, inverted.
fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        (crc >> 8) ^ CRC[usize::from(crc as u8 ^ byte)]
    })
}
