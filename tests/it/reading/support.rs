//! Files made for the tests: a workbook as districts send it, and crafted ones.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// Two districts with different column orders, one of them hidden, and a sheet of notes. In the first: a title, a
/// blank row, grouped titles, a numeric ID, a merged date, a hidden column and row, a total.
pub(crate) fn workbook() -> Vec<u8> {
    build_workbook().expect("the workbook can be written")
}

fn build_workbook() -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let plain = Format::new();
    let sheet = book.add_worksheet().set_name("朝阳区")?;
    sheet.merge_range(0, 0, 0, 6, "表1 补贴性培训实名台账", &plain)?;
    sheet.merge_range(2, 0, 3, 0, "记录编号", &plain)?;
    sheet.merge_range(2, 1, 2, 2, "学员", &plain)?;
    sheet.merge_range(2, 3, 2, 4, "日期", &plain)?;
    sheet.write(2, 5, "补贴金额")?.write(3, 5, "（元）")?;
    for (column, title) in ["姓名", "证件号码", "开班日期", "结业日期"]
        .iter()
        .enumerate()
    {
        sheet.write(3, column as u16 + 1, *title)?;
    }
    sheet.write(4, 0, "r1")?.write(4, 1, "张三")?.write(
        4,
        2,
        220_104_198_503_150_000_u64 as f64,
    )?;
    sheet.merge_range(4, 3, 5, 3, "", &date)?;
    sheet.write_with_format(4, 3, &ExcelDateTime::from_ymd(2020, 3, 5)?, &date)?;
    sheet.write_with_format(4, 4, &ExcelDateTime::from_ymd(2020, 4, 5)?, &date)?;
    sheet.write(4, 5, 1200.5)?;
    sheet
        .write(5, 0, "r2")?
        .write(5, 1, "李四")?
        .write(5, 2, "22010419850315000X")?;
    sheet.write(6, 0, "合计")?.write(6, 5, 1200.5)?;
    sheet.set_column_hidden(1)?;
    sheet.set_row_hidden(5)?;
    let sheet = book.add_worksheet().set_name("南关区")?;
    for (column, text) in ["开班日期", "姓名", "记录编号", "证件号码"]
        .iter()
        .enumerate()
    {
        sheet.write(0, column as u16, *text)?;
    }
    for (column, text) in ["2020.3.7", "王五", "r3", "C"].iter().enumerate() {
        sheet.write(1, column as u16, *text)?;
    }
    sheet.set_hidden(true);
    book.add_worksheet()
        .set_name("填表说明")?
        .write(0, 0, "请勿修改表头")?;
    book.save_to_buffer()
}

/// A ZIP archive written by hand, so that it can lie.
#[derive(Default)]
pub(crate) struct Zip {
    body: Vec<u8>,
    table: Vec<u8>,
    entries: u16,
}

impl Zip {
    /// An archive of so many empty parts.
    pub(crate) fn of_entries(count: usize) -> Self {
        (0..count).fold(Self::default(), |zip, index| {
            zip.stored(&format!("part{index}"), b"")
        })
    }

    /// Adds a part as it is.
    pub(crate) fn stored(self, name: &str, content: &[u8]) -> Self {
        self.entry(name, content, 0, crc32(content), content.len() as u32)
    }

    fn entry(mut self, name: &str, packed: &[u8], method: u16, crc: u32, inflated: u32) -> Self {
        let offset = self.body.len() as u32;
        let mut head = Vec::new();
        for number in [20_u16, 0, method, 0, 0x21] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        for number in [crc, packed.len() as u32, inflated] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(&(name.len() as u16).to_le_bytes());
        head.extend_from_slice(&[0, 0]);
        self.body.extend_from_slice(b"PK\x03\x04");
        self.body.extend_from_slice(&head);
        self.body.extend_from_slice(name.as_bytes());
        self.body.extend_from_slice(packed);
        self.table.extend_from_slice(b"PK\x01\x02\x14\x00");
        self.table.extend_from_slice(&head);
        self.table.extend_from_slice(&[0; 10]);
        self.table.extend_from_slice(&offset.to_le_bytes());
        self.table.extend_from_slice(name.as_bytes());
        self.entries += 1;
        self
    }

    /// The archive's bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let (offset, size) = (self.body.len() as u32, self.table.len() as u32);
        self.body.append(&mut self.table);
        self.body.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
        self.body.extend_from_slice(&self.entries.to_le_bytes());
        self.body.extend_from_slice(&self.entries.to_le_bytes());
        self.body.extend_from_slice(&size.to_le_bytes());
        self.body.extend_from_slice(&offset.to_le_bytes());
        self.body.extend_from_slice(&[0, 0]);
        self.body
    }
}

fn frame() -> Zip {
    frame_with("")
}

/// With these properties of the workbook.
fn frame_with(properties: &str) -> Zip {
    let workbook = format!(
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    Zip::default()
        .stored(
            "[Content_Types].xml",
            br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
        )
        .stored(
            "_rels/.rels",
            br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        )
        .stored("xl/workbook.xml", workbook.as_bytes())
        .stored(
            "xl/_rels/workbook.xml.rels",
            br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        )
}

/// A minimal workbook with these rows, and these attributes on its table of strings.
pub(crate) fn xlsx_with(rows: &str, attributes: &str) -> Vec<u8> {
    xlsx_of(rows, attributes, "x")
}

/// A workbook of one sheet with texts, and numbers without format where a cell has up to six digits; `properties` stand in its workbook part.
pub(crate) fn xlsx_plain(properties: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let rows: String = rows
        .iter()
        .map(|row| {
            let is_number =
                |cell: &str| (1..=6).contains(&cell.len()) && cell.parse::<u32>().is_ok();
            let cells = row.iter().map(|cell| match is_number(cell) {
                true => format!("<c><v>{cell}</v></c>"),
                false => format!(r#"<c t="inlineStr"><is><t>{cell}</t></is></c>"#),
            });
            format!("<row>{}</row>", cells.collect::<String>())
        })
        .collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
    frame_with(properties)
        .stored("xl/worksheets/sheet1.xml", sheet.as_bytes())
        .finish()
}

/// As [`xlsx_with`], with this as the string of index 1.
pub(crate) fn xlsx_of(rows: &str, attributes: &str, string: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
    let strings = format!(
        r#"<sst xmlns="{main}" {attributes}><si><t>y</t></si><si><t>{string}</t></si></sst>"#
    );
    frame()
        .stored("xl/worksheets/sheet1.xml", sheet.as_bytes())
        .stored("xl/sharedStrings.xml", strings.as_bytes())
        .finish()
}

/// An OpenDocument spreadsheet with this table content.
pub(crate) fn ods_with(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    Zip::default()
        .stored(
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        )
        .stored(
            "META-INF/manifest.xml",
            b"<manifest:manifest xmlns:manifest=\"m\"/>",
        )
        .stored("content.xml", content.as_bytes())
        .finish()
}

/// A workbook whose table of strings holds one of about `bytes` bytes, and says that it unpacks to `declared`.
pub(crate) fn bomb_of_one_string(bytes: usize, declared: u32) -> Vec<u8> {
    let start =
        br#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>A"#;
    let packed = deflate_run(start, bytes, b"</t></si></sst>");
    frame()
        .stored(
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData/></worksheet>",
        )
        .entry("xl/sharedStrings.xml", &packed, 8, 0, declared)
        .finish()
}

/// A fixed-Huffman deflate stream: `start`, its last byte `bytes` times more, `end`.
fn deflate_run(start: &[u8], bytes: usize, end: &[u8]) -> Vec<u8> {
    let mut out = Bits::default();
    out.put(0b011, 3);
    start.iter().for_each(|byte| out.literal(*byte));
    for _ in 0..bytes / 258 {
        // Length 258 (code 285, eight bits 11000101) at distance 1 (code 0, five bits).
        out.code(0b1100_0101, 8);
        out.code(0, 5);
    }
    end.iter().for_each(|byte| out.literal(*byte));
    out.code(0, 7);
    out.bytes.push(out.pending as u8);
    out.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    filled: u32,
}

impl Bits {
    fn put(&mut self, value: u32, width: u32) {
        self.pending |= value << self.filled;
        self.filled += width;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// Huffman codes stand with their highest bit first.
    fn code(&mut self, code: u32, width: u32) {
        self.put(code.reverse_bits() >> (32 - width), width);
    }

    fn literal(&mut self, byte: u8) {
        assert!(byte < 144, "only the short literal codes are written");
        self.code(0x30 + u32::from(byte), 8);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
