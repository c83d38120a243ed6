//! What a file is by its content; its extension only serves to say that it promised something else.

use super::Unreadable;

/// The formats that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Cells separated by commas or another character.
    Delimited,
    /// One JSON object a line.
    JsonLines,
    /// A JSON array of objects.
    JsonArray,
    /// Apache Parquet.
    Parquet,
    /// Office Open XML workbook (.xlsx, .xlsm).
    Xlsx,
    /// Binary Office workbook (.xlsb).
    Xlsb,
    /// Excel 97–2003 workbook (.xls), also WPS's .et.
    Xls,
    /// OpenDocument spreadsheet (.ods).
    Ods,
}

impl Format {
    /// Whether a file of this format may bear this extension.
    pub(super) fn suits(self, extension: &str) -> bool {
        let extension = extension.to_ascii_lowercase();
        let extension = extension.as_str();
        match self {
            Self::Delimited => matches!(extension, "csv" | "tsv" | "txt" | "psv" | "ssv" | "tab"),
            Self::JsonLines => matches!(extension, "jsonl" | "ndjson" | "json"),
            Self::JsonArray => extension == "json",
            Self::Parquet => matches!(extension, "parquet" | "pq"),
            Self::Xlsx => matches!(extension, "xlsx" | "xlsm" | "xltx" | "xltm"),
            Self::Xlsb => extension == "xlsb",
            Self::Xls => matches!(extension, "xls" | "et" | "xlt"),
            Self::Ods => extension == "ods",
        }
    }
}

/// What the first bytes of a file show.
pub(super) enum Magic {
    /// A ZIP archive, which may be a workbook.
    Zip,
    /// A compound file: an old workbook, or an encrypted new one.
    Compound,
    /// An old workbook without a container (BIFF 2 to 5).
    Biff,
    Parquet,
    /// Nothing known: text, it is hoped.
    Text,
}

/// Tells by its first bytes what a file is.
///
/// # Errors
/// [`Unreadable::UnknownFormat`] for formats known not to be tables.
pub(super) fn magic(head: &[u8]) -> Result<Magic, Unreadable> {
    const KNOWN: [(&[u8], (&str, &str)); 9] = [
        (b"%PDF", ("PDF", "PDF")),
        (b"\x89PNG", ("图片", "an image")),
        (b"\xFF\xD8\xFF", ("图片", "an image")),
        (b"GIF8", ("图片", "an image")),
        (b"Rar!", ("RAR 压缩包", "a RAR archive")),
        (b"7z\xBC\xAF\x27\x1C", ("7z 压缩包", "a 7z archive")),
        (b"\x1F\x8B", ("gzip 压缩包", "a gzip archive")),
        (b"{\\rtf", ("RTF 文档", "an RTF document")),
        (b"\x7FELF", ("程序", "a program")),
    ];
    if let Some((_, found)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Unreadable::UnknownFormat { found: *found });
    }
    Ok(match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Magic::Zip,
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Magic::Compound,
        [
            9,
            0 | 2 | 4 | 8,
            4..=16,
            0,
            0..=8,
            0 | 2 | 3 | 4 | 5 | 6,
            ..,
        ] => Magic::Biff,
        [b'P', b'A', b'R', b'1', ..] => Magic::Parquet,
        _ => Magic::Text,
    })
}

/// Tells apart the texts: JSON by its first character (and extension), HTML and XML refused, else delimited.
///
/// # Errors
/// [`Unreadable::UnknownFormat`] for HTML and XML, which some systems export as `.xls`.
pub(super) fn text_format(start: &str, extension: &str) -> Result<Format, Unreadable> {
    let is_json = Format::JsonLines.suits(extension);
    let start = start.trim_start();
    match start.as_bytes().first() {
        Some(b'<') => Err(Unreadable::UnknownFormat {
            found: ("HTML 或 XML", "HTML or XML"),
        }),
        Some(b'[') if is_json || start[1..].trim_start().starts_with('{') => Ok(Format::JsonArray),
        Some(b'{') if is_json || start[1..].trim_start().starts_with('"') => Ok(Format::JsonLines),
        _ if is_json => Ok(Format::JsonLines),
        _ => Ok(Format::Delimited),
    }
}
