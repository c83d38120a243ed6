//! Recognising a text file's encoding, and decoding it strictly, block by block.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_16BE, UTF_16LE};

use super::Unreadable;

const BLOCK: usize = 1 << 20;
/// How much of the start is looked at for UTF-16 without a byte order mark.
const SAMPLE: usize = 8 << 10;

/// The encodings that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16Le,
    Utf16Be,
    Gb18030,
}

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 (BOM)",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Gb18030 => "GB18030",
        }
    }
}

/// Recognises the encoding: byte order mark, pattern of NULs, validity as UTF-8 to the last byte, else GB18030.
///
/// # Errors
/// [`Unreadable::Nul`] for a NUL in 8-bit text, [`Unreadable::Decode`] for UTF-8 with damaged places,
/// [`Unreadable::Truncated`] for UTF-8 cut inside its last character.
pub(super) fn recognise(file: &mut File) -> Result<Encoding, Unreadable> {
    let mut block = Vec::with_capacity(BLOCK + 4);
    read_block(file, &mut block)?;
    if block.starts_with(&[0xFF, 0xFE]) {
        return Ok(Encoding::Utf16Le);
    }
    if block.starts_with(&[0xFE, 0xFF]) {
        return Ok(Encoding::Utf16Be);
    }
    if let Some(encoding) = utf16_by_nuls(&block[..block.len().min(SAMPLE)]) {
        return Ok(encoding);
    }
    let bom = block.starts_with(b"\xEF\xBB\xBF");
    let (mut offset, mut line, mut utf8) = (0_u64, 1_u64, true);
    loop {
        // `contains` looks at many bytes at once, `position` at one.
        if block.contains(&0) {
            let nul = block.iter().position(|byte| *byte == 0).unwrap_or(0);
            return Err(Unreadable::Nul {
                byte: offset + nul as u64,
            });
        }
        let mut tail = 0;
        if utf8 && let Err(error) = std::str::from_utf8(&block) {
            let valid = error.valid_up_to();
            let is_end = block.len() < BLOCK;
            let damage = |line| Unreadable::Decode {
                encoding: "UTF-8",
                line,
                byte: offset + valid as u64,
            };
            let line_here = line + newlines(&block[..valid]);
            match error.error_len() {
                None if !is_end => tail = block.len() - valid,
                None if bom || looks_like_utf8(&block[..valid]) => {
                    return Err(Unreadable::Truncated);
                }
                Some(_) if bom || looks_like_utf8(&block[..valid]) => {
                    return Err(damage(line_here));
                }
                // Once it is GB18030, the rest is only looked through for NULs: decoding will check it.
                _ => utf8 = false,
            }
        }
        let kept = block.len() - tail;
        line += if utf8 { 0 } else { newlines(&block[..kept]) };
        offset += kept as u64;
        block.drain(..kept);
        if read_block(file, &mut block)? == 0 {
            break;
        }
    }
    Ok(match (bom, utf8) {
        (true, _) => Encoding::Utf8Bom,
        (false, true) => Encoding::Utf8,
        (false, false) => Encoding::Gb18030,
    })
}

/// Whether Chinese in UTF-8 stands before a damaged place. In GB18030 three bytes that make a valid UTF-8 character
/// are rare, and several of them before the first invalid byte do not occur.
fn looks_like_utf8(valid: &[u8]) -> bool {
    valid
        .iter()
        .filter(|byte| (0xE3..=0xEF).contains(*byte))
        .count()
        >= 4
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Separators, digits and line ends are ASCII in any table, so in UTF-16 they are pairs with a NUL on one side. Read
/// from the wrong side a few characters (一, 开) look so too, hence the comparison.
fn utf16_by_nuls(sample: &[u8]) -> Option<Encoding> {
    let count = |is_ascii: fn(&[u8]) -> Option<u8>| {
        let (mut ascii, mut line_ends) = (0, 0);
        for byte in sample.chunks_exact(2).filter_map(is_ascii) {
            ascii += usize::from(byte.is_ascii_graphic() || byte.is_ascii_whitespace());
            line_ends += usize::from(byte == b'\n' || byte == b'\r');
        }
        (ascii, line_ends)
    };
    let little = count(|pair| (pair[1] == 0).then_some(pair[0]));
    let big = count(|pair| (pair[0] == 0).then_some(pair[1]));
    let enough = (sample.len() / 2).div_ceil(20);
    let is = |this: (usize, usize), other: (usize, usize)| {
        this.0 >= enough && this.1 > 0 && this.0 > 4 * other.0
    };
    if is(little, big) {
        Some(Encoding::Utf16Le)
    } else if is(big, little) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Fills `block` up to its size; gives the bytes added.
fn read_block(file: &mut File, block: &mut Vec<u8>) -> std::io::Result<usize> {
    let room = BLOCK.saturating_sub(block.len()) as u64;
    file.take(room).read_to_end(block)
}

/// A text file as UTF-8.
pub(super) struct TextStream {
    file: File,
    encoding: Encoding,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// Bytes decoded so far, and line breaks among them, for messages.
    byte: u64,
    line: u64,
    ended: bool,
}

impl TextStream {
    /// Starts at the beginning of `file`, after a byte order mark.
    pub(super) fn new(mut file: File, encoding: Encoding) -> Result<Self, Unreadable> {
        let (skip, decoder) = match encoding {
            Encoding::Utf8 => (0, None),
            Encoding::Utf8Bom => (3, None),
            // The decoder removes a byte order mark itself.
            Encoding::Utf16Le => (0, Some(UTF_16LE.new_decoder_with_bom_removal())),
            Encoding::Utf16Be => (0, Some(UTF_16BE.new_decoder_with_bom_removal())),
            Encoding::Gb18030 => (0, Some(GB18030.new_decoder_without_bom_handling())),
        };
        file.seek(SeekFrom::Start(skip))?;
        Ok(Self {
            file,
            encoding,
            decoder,
            raw: Vec::new(),
            byte: 0,
            line: 1,
            ended: false,
        })
    }

    /// Appends about a mebibyte of text to `out`; false when there is no more.
    ///
    /// # Errors
    /// [`Unreadable::Decode`] at the first byte that is not valid, [`Unreadable::Nul`] for U+0000.
    pub(super) fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, Unreadable> {
        if self.ended {
            return Ok(false);
        }
        if self.decoder.is_none() {
            // Checked by `recognise`; a file changed since then shows in the check of every chunk.
            self.ended = (&self.file).take(BLOCK as u64).read_to_end(out)? == 0;
            return Ok(!self.ended);
        }
        self.raw.clear();
        self.ended = (&self.file).take(BLOCK as u64).read_to_end(&mut self.raw)? == 0;
        let start = out.len();
        self.decode(out)?;
        if out[start..].contains(&0) {
            return Err(Unreadable::Nul { byte: self.byte });
        }
        Ok(!self.ended || out.len() > start)
    }

    fn decode(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(());
        };
        let mut raw = self.raw.as_slice();
        loop {
            let room = decoder
                .max_utf8_buffer_length_without_replacement(raw.len())
                .unwrap_or(4 * BLOCK);
            let start = out.len();
            out.resize(start + room, 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(raw, &mut out[start..], self.ended);
            out.truncate(start + written);
            self.line += newlines(&out[start..]);
            self.byte += read as u64;
            raw = &raw[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let byte = self
                        .byte
                        .saturating_sub(u64::from(length) + u64::from(after));
                    return Err(Unreadable::Decode {
                        encoding: self.encoding.name(),
                        line: self.line,
                        byte,
                    });
                }
            }
        }
    }
}
