//! The workbook of a table: figures as numbers under Chinese heads, what they mean, and where they come from.

use super::{column_keys, has_original, has_parts, is_ranked, run_rate_text, verdict_text};
use crate::indicators::table::{Compared, Kind, Mark, Row, Table, Value};
use crate::presentation::figure::{Figure, compared_texts};
use crate::presentation::{labels, ranking, texts, verdict, workbook as style};
use crate::programme::{Language, Programme};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

const ZH: Language = Language::Zh;
/// Rows above the heads: title and subtitle.
const HEAD_ROW: u32 = 2;

/// The table as a workbook with the sheets 数据, 口径与标记 and 来源; the same table gives the same bytes.
pub fn xlsx(table: &Table, programme: &Programme) -> Vec<u8> {
    built(table, programme).expect("our sheets stay within the limits of the format")
}

fn built(table: &Table, programme: &Programme) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = style::workbook(&table.title.zh);
    data(workbook.add_worksheet(), table, programme)?;
    marks(workbook.add_worksheet(), table, programme)?;
    source(workbook.add_worksheet(), table, programme)?;
    workbook.save_to_buffer()
}

fn data(sheet: &mut Worksheet, table: &Table, programme: &Programme) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_data"))?;
    sheet.write_with_format(0, 0, &table.title.zh, &style::title())?;
    let scope = programme
        .config
        .scope(&table.scope)
        .map_or(table.scope.as_str(), |scope| &scope.title.zh);
    let period = table.period.to_string();
    let values = [
        ("period", period.as_str()),
        ("scope", scope),
        ("unit", table.unit.zh.as_str()),
    ];
    sheet.write_with_format(
        1,
        0,
        texts::fill(ZH, "sheet_subtitle", &values),
        &style::body(),
    )?;
    let names = table.dimensions.len().max(1);
    let heads = heads(table, programme);
    for (column, head) in (0u16..).zip(&heads) {
        let align = if usize::from(column) < names {
            FormatAlign::Left
        } else {
            FormatAlign::Right
        };
        sheet.write_with_format(HEAD_ROW, column, head, &style::head().set_align(align))?;
        let width = if usize::from(column) < names {
            26.0
        } else {
            style::fitting(head).max(11.0)
        };
        sheet.set_column_width(column, width)?;
    }
    // The total first, as the official tables print it.
    let ranked = table.rows.iter().zip(ranking::ranks(table));
    let rows = std::iter::once((&table.totals, None)).chain(ranked);
    let mut last = HEAD_ROW;
    for (position, row) in (HEAD_ROW + 1..).zip(rows) {
        write_row(sheet, position, row, table, programme)?;
        last = position;
    }
    let right = u16::try_from(heads.len() - 1).unwrap_or(u16::MAX);
    sheet.set_freeze_panes(HEAD_ROW + 1, u16::try_from(names).unwrap_or(1))?;
    sheet.set_print_area(0, 0, last, right)?;
    style::for_print(sheet, HEAD_ROW)
}

fn heads(table: &Table, programme: &Programme) -> Vec<String> {
    let mut heads: Vec<String> = table
        .dimensions
        .iter()
        .map(|name| labels::dimension(programme, name, ZH).to_owned())
        .collect();
    if heads.is_empty() {
        heads.push(String::new());
    }
    let keys = column_keys(table)
        .into_iter()
        .chain(["column_verdict", "column_mark"]);
    heads.extend(keys.map(|key| texts::say(ZH, key).to_owned()));
    heads
}

fn write_row(
    sheet: &mut Worksheet,
    position: u32,
    (row, rank): (&Row, Option<usize>),
    table: &Table,
    programme: &Programme,
) -> Result<(), XlsxError> {
    let is_total = row.codes.is_empty();
    let base = || {
        if is_total {
            style::total()
        } else {
            style::ruled()
        }
    };
    let mut names: Vec<String> = table
        .dimensions
        .iter()
        .zip(&row.codes)
        .map(|(dimension, code)| labels::code(programme, dimension, code, ZH))
        .collect();
    if is_total {
        names = vec![String::new(); table.dimensions.len().max(1)];
        texts::say(ZH, "total").clone_into(&mut names[0]);
    }
    let mut column = 0;
    for name in names {
        sheet.write_with_format(position, column, name, &base())?;
        column += 1;
    }
    let right = base().set_align(FormatAlign::Right);
    for cell in cells(row, rank, table) {
        match cell {
            Cell::Number(number, format) => {
                let format = base().set_num_format(format).set_align(FormatAlign::Right);
                write_number(sheet, position, column, number, &format)?;
            }
            Cell::Text(text) => {
                sheet.write_with_format(position, column, text, &right)?;
            }
        }
        column += 1;
    }
    let decimals = Figure::of(row, table.kind).decimals;
    let word = verdict_text(row, decimals, ZH);
    sheet.write_with_format(position, column, word, &right)?;
    sheet.write_with_format(position, column + 1, row.mark.to_string(), &right)?;
    Ok(())
}

fn write_number(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    number: Option<f64>,
    format: &Format,
) -> Result<(), XlsxError> {
    match number {
        Some(number) => sheet.write_with_format(row, column, number, format)?,
        None => sheet.write_blank(row, column, format)?,
    };
    Ok(())
}

enum Cell {
    /// A figure with the format that shows it beside its verdict.
    Number(Option<f64>, String),
    /// A word where there can be no figure.
    Text(String),
}

/// Zeros after the point of a number format, as many as `text` has digits there.
fn places(text: Option<&String>) -> String {
    let digits = text
        .and_then(|text| text.split_once('.'))
        .map_or(0, |(_, rest)| rest.trim_end_matches('%').len());
    match digits {
        0 => "0".to_owned(),
        digits => format!("0.{}", "0".repeat(digits)),
    }
}

/// The figures of a row in the order of the heads.
fn cells(row: &Row, rank: Option<usize>, table: &Table) -> Vec<Cell> {
    let figure = Figure::of(row, table.kind);
    let share = format!("{}%", places(figure.progress.as_ref()));
    let points = places(figure.gap.as_ref());
    let value = match row.value {
        Some(Value::Share(_)) => format!("{}%", places(figure.value.as_ref())),
        _ => places(figure.value.as_ref()),
    };
    let target = |text: Option<&String>| match table.kind {
        Kind::Ratio => format!("{}%", places(text)),
        _ => places(text),
    };
    let mut cells = vec![Cell::Number(row.value.map(Value::approximate), value)];
    if has_parts(table) {
        for part in [row.numerator, row.denominator] {
            cells.push(Cell::Number(
                part.map(|part| part.approximate()),
                "General".to_owned(),
            ));
        }
    }
    let gap = row
        .progress
        .zip(row.pace)
        .map(|(progress, pace)| (progress.approximate() - pace.approximate()) * 100.0);
    let wanted = row.target.map(|target| target.approximate());
    cells.push(Cell::Number(wanted, target(figure.target.as_ref())));
    if has_original(table) {
        let original = row.original_target;
        let text = original.map(|target| target.to_string());
        let original = original.map(|target| target.approximate());
        cells.push(Cell::Number(original, target(text.as_ref())));
    }
    for ratio in [row.progress, row.pace] {
        cells.push(Cell::Number(
            ratio.map(|ratio| ratio.approximate()),
            share.clone(),
        ));
    }
    cells.push(Cell::Number(gap, format!("+{points};−{points};{points}")));
    if is_ranked(table) {
        let rank = rank.and_then(|rank| u32::try_from(rank).ok());
        cells.push(Cell::Number(rank.map(f64::from), "0".to_owned()));
    }
    for compared in &row.compared {
        cells.extend(compared_cells(compared));
    }
    cells
}

fn compared_cells(compared: &Compared) -> [Cell; 2] {
    let [value, change] = compared_texts(compared, ZH);
    let format = match compared.value {
        Some(Value::Share(_)) => format!("{}%", places(Some(&value))),
        _ => places(Some(&value)),
    };
    let points = places(Some(&change));
    let value = match compared.value {
        Some(number) => Cell::Number(Some(number.approximate()), format),
        None => Cell::Text(value),
    };
    let change = match compared.change {
        Some(number) => Cell::Number(
            Some(number.approximate() * 100.0),
            format!("+{points};−{points};{points}"),
        ),
        None => Cell::Text(change),
    };
    [value, change]
}

fn marks(sheet: &mut Worksheet, table: &Table, programme: &Programme) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_marks"))?;
    sheet.set_column_width(0, 16)?.set_column_width(1, 90)?;
    let scope = programme.config.scope(&table.scope);
    let scope_text = scope.map_or_else(
        || table.scope.clone(),
        |scope| format!("{}。{}", scope.title.zh, scope.note.zh),
    );
    let kind = texts::say(ZH, &format!("kind_{}", table.kind));
    let mut lines: Vec<(String, String)> = vec![
        (
            texts::say(ZH, "label_indicator").to_owned(),
            format!("{}({})", table.title.zh, table.indicator),
        ),
        (texts::say(ZH, "label_kind").to_owned(), kind.to_owned()),
        (texts::say(ZH, "label_scope").to_owned(), scope_text),
        (
            texts::say(ZH, "label_pace").to_owned(),
            verdict::pace_explained(programme, &table.indicator, ZH).to_owned(),
        ),
        (
            texts::say(ZH, "label_rounding").to_owned(),
            texts::say(ZH, "explain_rounding").to_owned(),
        ),
    ];
    if let Some(rate) = &table.totals.run_rate {
        let label = texts::say(ZH, "label_run_rate").to_owned();
        lines.push((label, run_rate_text(rate, ZH)));
    }
    for each in verdict::ALL {
        let word = format!("{} {}", verdict::shape(each), verdict::word(each, ZH));
        lines.push((word, verdict::explained(each, programme, ZH)));
    }
    for mark in Mark::ALL {
        lines.push((
            format!("[{}]", mark.code()),
            texts::mark(mark, ZH).to_owned(),
        ));
    }
    write_lines(sheet, &lines)
}

fn source(sheet: &mut Worksheet, table: &Table, programme: &Programme) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_source"))?;
    sheet.set_column_width(0, 16)?.set_column_width(1, 90)?;
    let plan = &programme.config.programme;
    let lines = [
        ("label_programme", plan.title.zh.clone()),
        ("label_policy", plan.policy.clone()),
        ("label_period", table.period.to_string()),
        ("label_snapshot", table.snapshot.clone()),
        ("label_as_of", table.as_of.clone()),
        ("label_definition", table.definition.clone()),
        (
            "label_software",
            format!("Dabiao 达标 {}", env!("CARGO_PKG_VERSION")),
        ),
    ];
    write_lines(
        sheet,
        &lines.map(|(key, text)| (texts::say(ZH, key).to_owned(), text)),
    )
}

fn write_lines(sheet: &mut Worksheet, lines: &[(String, String)]) -> Result<(), XlsxError> {
    for (row, (name, text)) in (0u32..).zip(lines) {
        sheet.write_with_format(row, 0, name, &style::body().set_bold())?;
        sheet.write_with_format(row, 1, text, &style::wrapped())?;
    }
    style::for_print(sheet, 0)
}
