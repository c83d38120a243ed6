//! A look at a ZIP archive's table of contents before any parser sees the archive.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::super::detect::Format;
use super::super::{Limits, Unreadable};

/// An end record is 22 bytes and a comment of up to 65,535.
const END_BYTES_MAX: u64 = 22 + 65_535;
/// Bytes of the table of contents, at most; 2,000 entries with the longest sensible names.
const TABLE_BYTES_MAX: u64 = 4 << 20;
/// Deflate cannot pack better than 1:1032, real sheets rarely 1:100; small archives may.
const RATIO_MAX: u64 = 400;
const RATIO_FROM_BYTES: u64 = 64 << 20;

/// Tells which workbook format the archive holds, having checked what it promises to unpack to.
///
/// # Errors
/// [`Unreadable::Bomb`] beyond the limits, [`Unreadable::Encrypted`], [`Unreadable::Truncated`] without an end record,
/// [`Unreadable::UnknownFormat`] for archives that are no workbook.
pub(in super::super) fn check(file: &mut File, limits: &Limits) -> Result<Format, Unreadable> {
    let length = file.metadata()?.len();
    let (entries, offset, size) = end_record(file, length)?;
    bound(
        ("压缩包内文件数", "the number of files in the archive"),
        entries,
        limits.zip_entries_max,
    )?;
    bound(
        (
            "压缩包目录字节数",
            "the size of the archive's table of contents",
        ),
        size,
        TABLE_BYTES_MAX,
    )?;
    let table = read_table(file, offset, size)?;
    let (mut rest, mut inflated, mut packed, mut format) = (table.as_slice(), 0_u64, 0_u64, None);
    for _ in 0..entries {
        let entry = Entry::take(&mut rest).ok_or(Unreadable::Truncated)?;
        if entry.encrypted {
            return Err(Unreadable::Encrypted);
        }
        inflated = inflated.saturating_add(entry.inflated);
        packed = packed.saturating_add(entry.packed);
        format = entry.format().or(format);
    }
    bound(
        ("解压后字节数", "the unpacked size"),
        inflated,
        limits.inflated_bytes_max,
    )?;
    if inflated > RATIO_FROM_BYTES {
        bound(
            ("压缩比", "the packing ratio"),
            inflated / packed.max(1),
            RATIO_MAX,
        )?;
    }
    format.ok_or(Unreadable::UnknownFormat {
        found: ("ZIP 压缩包", "a ZIP archive"),
    })
}

fn bound(found: (&'static str, &'static str), declared: u64, limit: u64) -> Result<(), Unreadable> {
    if declared > limit {
        Err(Unreadable::Bomb {
            found,
            declared,
            limit,
        })
    } else {
        Ok(())
    }
}

/// Entries, offset and size of the table of contents.
fn end_record(file: &mut File, length: u64) -> Result<(u64, u64, u64), Unreadable> {
    let start = length.saturating_sub(END_BYTES_MAX);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(END_BYTES_MAX).read_to_end(&mut tail)?;
    let at = (0..tail.len().saturating_sub(21))
        .rev()
        .find(|at| tail[*at..].starts_with(b"PK\x05\x06"));
    let record = &tail[at.ok_or(Unreadable::Truncated)?..];
    let short = (
        u64::from(u16_at(record, 10)),
        u64::from(u32_at(record, 16)),
        u64::from(u32_at(record, 12)),
    );
    if short.0 < 0xFFFF && short.1 < 0xFFFF_FFFF && short.2 < 0xFFFF_FFFF {
        return Ok(short);
    }
    let Some(long) = (0..tail.len().saturating_sub(55))
        .rev()
        .find(|at| tail[*at..].starts_with(b"PK\x06\x06"))
    else {
        return Ok(short);
    };
    let record = &tail[long..];
    Ok((u64_at(record, 32), u64_at(record, 48), u64_at(record, 40)))
}

/// Where a part of the archive is.
pub(super) struct Part {
    pub(super) name: String,
    /// Of its local header.
    pub(super) offset: u64,
    /// Packed size in bytes.
    pub(super) packed: u64,
    /// Unpacked size in bytes, and CRC-32, as declared.
    pub(super) inflated: u64,
    pub(super) checksum: u32,
    /// 0 stored, 8 deflate.
    pub(super) method: u16,
}

/// The parts of an archive that [`check`] has let pass.
///
/// # Errors
/// As [`check`].
pub(super) fn parts(file: &mut File) -> Result<Vec<Part>, Unreadable> {
    let length = file.metadata()?.len();
    let (entries, offset, size) = end_record(file, length)?;
    let table = read_table(file, offset, size)?;
    let mut rest = table.as_slice();
    let part = |entry: Entry<'_>| Part {
        name: String::from_utf8_lossy(entry.name).into_owned(),
        offset: entry.offset,
        packed: entry.packed.min(length),
        inflated: entry.inflated,
        checksum: entry.checksum,
        method: entry.method,
    };
    Ok((0..entries)
        .map_while(|_| Entry::take(&mut rest))
        .map(part)
        .collect())
}

fn read_table(file: &mut File, offset: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
    let mut table = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(size.min(TABLE_BYTES_MAX))
        .read_to_end(&mut table)?;
    Ok(table)
}

struct Entry<'a> {
    name: &'a [u8],
    packed: u64,
    inflated: u64,
    offset: u64,
    checksum: u32,
    method: u16,
    encrypted: bool,
}

impl<'a> Entry<'a> {
    fn take(table: &mut &'a [u8]) -> Option<Self> {
        let (head, rest) = table.split_at_checked(46)?;
        if !head.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (name, rest) = rest.split_at_checked(usize::from(u16_at(head, 28)))?;
        let (extra, rest) = rest.split_at_checked(usize::from(u16_at(head, 30)))?;
        *table = rest.split_at_checked(usize::from(u16_at(head, 32)))?.1;
        let mut entry = Self {
            name,
            packed: u64::from(u32_at(head, 20)),
            inflated: u64::from(u32_at(head, 24)),
            offset: u64::from(u32_at(head, 42)),
            checksum: u32_at(head, 16),
            method: u16_at(head, 10),
            encrypted: u16_at(head, 8) & 1 == 1,
        };
        entry.widen(extra);
        Some(entry)
    }

    /// Sizes of 4 GiB and more stand in an extra field.
    fn widen(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let field = extra.get(4..4 + length).unwrap_or_default();
            if id == 1 {
                let mut numbers = field.chunks_exact(8).map(|number| u64_at(number, 0));
                for size in [&mut self.inflated, &mut self.packed] {
                    if *size == 0xFFFF_FFFF {
                        *size = numbers.next().unwrap_or(u64::MAX);
                    }
                }
            }
            extra = extra.get(4 + length..).unwrap_or_default();
        }
    }

    fn format(&self) -> Option<Format> {
        let name = self.name.to_ascii_lowercase();
        match name.as_slice() {
            b"[content_types].xml" => Some(Format::Xlsx),
            b"content.xml" => Some(Format::Ods),
            name if name.ends_with(b"workbook.bin") => Some(Format::Xlsb),
            _ => None,
        }
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
