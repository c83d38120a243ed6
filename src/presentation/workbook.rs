//! What all our workbooks share: one look, the same bytes for the same content.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

const INK: Color = Color::RGB(0x16_222D);
const MUTED: Color = Color::RGB(0x5A_6772);
const HAIRLINE: Color = Color::RGB(0xDF_E4E8);
const HEAD: Color = Color::RGB(0xE7_ECF0);
const ACCENT: Color = Color::RGB(0x1F_4E79);
/// The face offices have: it is on every Windows and WPS, and others replace it.
const FACE: &str = "微软雅黑";

/// A4, as the programs number it.
const A4: u8 = 9;

/// An empty workbook with a fixed creation time: the same content gives the same bytes.
pub fn workbook(title: &str) -> Workbook {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2019, 1, 1).expect("a day");
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author("Dabiao 达标")
            .set_creation_datetime(&created),
    );
    workbook
}

/// Ordinary cells.
pub fn body() -> Format {
    Format::new()
        .set_font_name(FACE)
        .set_font_size(10)
        .set_font_color(INK)
        .set_align(FormatAlign::Top)
}

/// Cells that are text whatever they look like: numbers of persons, records and certificates.
pub fn as_text() -> Format {
    body().set_num_format("@")
}

/// Long texts.
pub fn wrapped() -> Format {
    body().set_text_wrap()
}

/// Notes in small print.
pub fn note() -> Format {
    wrapped().set_font_color(MUTED)
}

/// Titles of sheets.
pub fn title() -> Format {
    body().set_font_size(14).set_bold()
}

/// Heads of columns.
pub fn head() -> Format {
    body()
        .set_bold()
        .set_background_color(HEAD)
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(INK)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

/// Heads of columns that must be filled.
pub fn required_head() -> Format {
    head()
        .set_background_color(ACCENT)
        .set_font_color(Color::White)
}

/// Cells of a total.
pub fn total() -> Format {
    body()
        .set_bold()
        .set_border_top(FormatBorder::Thin)
        .set_border_top_color(INK)
}

/// Ordinary cells with a hairline below.
pub fn ruled() -> Format {
    body()
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(HAIRLINE)
}

/// A4 across, as wide as one page, with the head repeated and page numbers.
pub fn for_print(sheet: &mut Worksheet, head_row: u32) -> Result<(), XlsxError> {
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&\"微软雅黑\"&8&A&R&8&P / &N");
    sheet.set_repeat_rows(head_row, head_row)?;
    Ok(())
}

/// Width of a column in characters that holds `text`, within reason.
pub fn fitting(text: &str) -> f64 {
    let width = u32::try_from(super::encode::text::width(text)).unwrap_or(u32::MAX);
    f64::from(width.clamp(8, 60)) * 1.15 + 2.0
}
