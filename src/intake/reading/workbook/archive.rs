//! The parts of a packed workbook, each checked against its checksum.
//!
//! calamine stops reading a part when it has what it wants, before the checksum at the part's end is compared, so a
//! flipped bit could change a value unseen. Here every part that bears content is unpacked to its end once.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::child::Stop;
use super::frames::Failure;
use super::zip::{self, Part};

/// Bytes unpacked at once.
const BLOCK: usize = 1 << 16;

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
        let packed = (&self.file).take(part.packed);
        let content: Box<dyn Read> = match part.method {
            0 => Box::new(packed),
            8 => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(damaged(&part.name)),
        };
        // One byte more than the part declares shows a lie or damage; there is no end to be waited for.
        let mut content = content.take(part.inflated.saturating_add(1));
        let (mut checksum, mut block) = (Crc::new(), vec![0; BLOCK]);
        let mut bytes = 0;
        loop {
            let read = content.read(&mut block).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            checksum.update(&block[..read]);
            bytes += read as u64;
            piece(&block[..read]);
        }
        if checksum.sum() != part.checksum || bytes != part.inflated {
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
