//! The receipt as a workbook: what became of each row, and the rows to correct in the layout they must come back in.

use super::texts;
use super::workbook as style;
use crate::intake::receipt::{FileStatus, Receipt, RowEffect, Totals};
use crate::programme::{Contract, Language, Programme};
use rust_xlsxwriter::{FormatAlign, Worksheet, XlsxError};

/// Total rows whose numbers the summary gives; the JSON receipt has more.
const TOTAL_ROWS_NAMED: usize = 200;
const ZH: Language = Language::Zh;

/// The receipt with the sheets 汇总, 自动修正, 问题 and 待更正; the last one only where the dataset is known, since its
/// columns are the contract's. It repeats the reporter's own cells: it belongs to the reporter and nobody else.
pub fn workbook(receipt: &Receipt, contract: Option<&Contract>, programme: &Programme) -> Vec<u8> {
    built(receipt, contract, programme).expect("our sheets stay within the limits of the format")
}

fn built(
    receipt: &Receipt,
    contract: Option<&Contract>,
    programme: &Programme,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = style::workbook(&receipt.file);
    summary(workbook.add_worksheet(), receipt, contract, programme)?;
    repairs(workbook.add_worksheet(), receipt, contract)?;
    problems(workbook.add_worksheet(), receipt, contract)?;
    if let Some(contract) = contract {
        to_correct(workbook.add_worksheet(), receipt, contract)?;
    }
    workbook.save_to_buffer()
}

fn summary(
    sheet: &mut Worksheet,
    receipt: &Receipt,
    contract: Option<&Contract>,
    programme: &Programme,
) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_summary"))?;
    sheet.set_column_width(0, 22)?.set_column_width(1, 84)?;
    sheet.write_with_format(0, 0, texts::say(ZH, "receipt_title"), &style::title())?;
    let department = receipt
        .department
        .as_deref()
        .map(|code| programme.list("departments").name(code).zh);
    let status = match receipt.status {
        FileStatus::Loaded => "receipt_loaded",
        FileStatus::Duplicate => "receipt_duplicate",
        FileStatus::Quarantined => "receipt_quarantined",
    };
    let dataset = contract
        .map(|contract| contract.title.zh.clone())
        .or_else(|| receipt.dataset.clone());
    let facts = [
        ("receipt_file", receipt.file.clone()),
        ("receipt_dataset", dataset.unwrap_or_default()),
        ("receipt_department", department.unwrap_or_default()),
        ("receipt_status", texts::say(ZH, status).to_owned()),
        ("receipt_digest", receipt.sha256.clone()),
    ];
    let mut row = 2;
    for (key, text) in facts {
        sheet.write_with_format(row, 0, texts::say(ZH, key), &style::body().set_bold())?;
        sheet.write_string_with_format(row, 1, text, &style::wrapped())?;
        row += 1;
    }
    if let Some(earlier) = &receipt.earlier {
        let key = texts::say(ZH, "receipt_earlier");
        sheet.write_with_format(row, 0, key, &style::body().set_bold())?;
        sheet.write_string_with_format(row, 1, &earlier.message.zh, &style::wrapped())?;
        row += 1;
    }
    row = counts(sheet, row + 1, &receipt.totals)?;
    for line in left_out(receipt) {
        row += 1;
        sheet.write_with_format(row, 0, line, &style::body())?;
    }
    let not_listed = [
        ("receipt_repairs_not_listed", receipt.repairs_not_listed),
        (
            "receipt_violations_not_listed",
            receipt.violations_not_listed,
        ),
    ];
    for (key, count) in not_listed.into_iter().filter(|(_, count)| *count > 0) {
        row += 1;
        sheet.write_with_format(
            row,
            0,
            texts::fill(ZH, key, &[("n", &count.to_string())]),
            &style::body(),
        )?;
    }
    if receipt.totals.rejected > 0 {
        sheet.write_with_format(row + 2, 0, texts::say(ZH, "receipt_next"), &style::body())?;
    }
    style::for_print(sheet, 0)
}

/// Rows that were not received, sheet by sheet: total rows, and sheets without a header.
fn left_out(receipt: &Receipt) -> Vec<String> {
    let sheets = receipt.reading.as_ref().map(|reading| &reading["sheets"]);
    let sheets = sheets.and_then(|sheets| sheets.as_array());
    let mut lines = Vec::new();
    for sheet in sheets.into_iter().flatten() {
        let place = sheet["name"].as_str().map_or_else(String::new, |name| {
            texts::fill(ZH, "receipt_in_sheet", &[("sheet", name)])
        });
        let rows: Vec<String> = sheet["total_rows"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| row["row"].to_string())
            .collect();
        if let Some(count) = sheet["total_rows_count"].as_u64() {
            let mut rows = texts::listed(ZH, &rows[..rows.len().min(TOTAL_ROWS_NAMED)]);
            if count > TOTAL_ROWS_NAMED as u64 {
                rows.push('…');
            }
            let values = [("n", count.to_string()), ("rows", rows)];
            let values = values.each_ref().map(|(name, text)| (*name, text.as_str()));
            lines.push(place.clone() + &texts::fill(ZH, "receipt_total_rows", &values));
        }
        if let Some(count) = sheet["rows_passed_over"].as_u64() {
            let count = count.to_string();
            let values = [("n", count.as_str())];
            lines.push(place + &texts::fill(ZH, "receipt_passed_over", &values));
        }
    }
    lines
}

/// The dispositions, and the line that shows they account for every row; returns the row below.
fn counts(sheet: &mut Worksheet, first: u32, totals: &Totals) -> Result<u32, XlsxError> {
    let counts = [
        ("count_received", totals.received),
        ("count_new", totals.new),
        ("count_correction", totals.correction),
        ("count_withdrawal", totals.withdrawal),
        ("count_unchanged", totals.unchanged),
        ("count_rejected", totals.rejected),
    ];
    let mut row = first;
    for (key, count) in counts {
        sheet.write_with_format(row, 0, texts::say(ZH, key), &style::body().set_bold())?;
        let format = style::body()
            .set_num_format("0")
            .set_align(FormatAlign::Left);
        sheet.write_with_format(row, 1, count, &format)?;
        row += 1;
    }
    let texts_of: Vec<(&str, String)> = counts
        .iter()
        .map(|(key, count)| (key.trim_start_matches("count_"), count.to_string()))
        .collect();
    let values: Vec<(&str, &str)> = texts_of
        .iter()
        .map(|(name, count)| (*name, count.as_str()))
        .collect();
    sheet.write_with_format(
        row,
        0,
        texts::fill(ZH, "receipt_identity", &values),
        &style::total(),
    )?;
    sheet.write_blank(row, 1, &style::total())?;
    Ok(row + 1)
}

fn repairs(
    sheet: &mut Worksheet,
    receipt: &Receipt,
    contract: Option<&Contract>,
) -> Result<(), XlsxError> {
    let columns = [
        ("list_sheet", 16),
        ("list_row", 8),
        ("list_column", 22),
        ("list_repair", 56),
        ("list_rule", 22),
    ];
    heads(sheet, "sheet_repairs", &columns)?;
    for (row, repair) in (1u32..).zip(&receipt.repairs) {
        let done = texts::all()
            .get(&format!("repair_{}", repair.rule))
            .map_or(repair.rule.as_str(), |text| &text.zh);
        sheet.write_string_with_format(
            row,
            0,
            repair.sheet.as_deref().unwrap_or_default(),
            &style::body(),
        )?;
        sheet.write_with_format(
            row,
            1,
            repair.row,
            &style::body().set_align(FormatAlign::Left),
        )?;
        sheet.write_string_with_format(row, 2, title(contract, &repair.column), &style::body())?;
        sheet.write_string_with_format(row, 3, done, &style::wrapped())?;
        sheet.write_string_with_format(row, 4, &repair.rule, &style::note())?;
    }
    style::for_print(sheet, 0)
}

fn problems(
    sheet: &mut Worksheet,
    receipt: &Receipt,
    contract: Option<&Contract>,
) -> Result<(), XlsxError> {
    let columns = [
        ("list_sheet", 16),
        ("list_row", 8),
        ("list_column", 22),
        ("list_rule", 12),
        ("list_effect", 10),
        ("list_message", 64),
        ("list_value", 30),
    ];
    heads(sheet, "sheet_problems", &columns)?;
    for (row, violation) in (1u32..).zip(&receipt.violations) {
        let effect = match violation.effect {
            RowEffect::Reject => "effect_reject",
            RowEffect::Flag => "effect_flag",
        };
        sheet.write_string_with_format(
            row,
            0,
            violation.sheet.as_deref().unwrap_or_default(),
            &style::body(),
        )?;
        match violation.row {
            0 => sheet.write_string_with_format(
                row,
                1,
                texts::say(ZH, "list_whole_file"),
                &style::body(),
            )?,
            number => sheet.write_with_format(
                row,
                1,
                number,
                &style::body().set_align(FormatAlign::Left),
            )?,
        };
        let texts = [
            title(contract, &violation.column),
            &violation.rule,
            texts::say(ZH, effect),
            &violation.message.zh,
            &violation.value,
        ];
        for (column, text) in (2u16..).zip(texts) {
            sheet.write_string_with_format(row, column, text, &style::wrapped())?;
        }
    }
    style::for_print(sheet, 0)
}

fn to_correct(
    sheet: &mut Worksheet,
    receipt: &Receipt,
    contract: &Contract,
) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_to_correct"))?;
    let reason = u16::try_from(contract.columns.len()).unwrap_or(u16::MAX);
    for (position, column) in (0u16..).zip(&contract.columns) {
        let head = if column.required {
            style::required_head()
        } else {
            style::head()
        };
        sheet.set_column_format(position, &style::as_text())?;
        sheet.set_column_width(position, style::fitting(&column.title.zh).max(14.0))?;
        sheet.write_string_with_format(0, position, &column.title.zh, &head)?;
    }
    sheet.set_column_width(reason, 60)?;
    sheet.write_string_with_format(0, reason, texts::say(ZH, "list_reason"), &style::head())?;
    for (row, wrong) in (1u32..).zip(&receipt.rows_to_correct) {
        for (position, cell) in (0u16..reason).zip(&wrong.cells) {
            // Text as it was sent: a number cell would lose digits, a formula would run.
            sheet.write_string_with_format(row, position, cell, &style::as_text())?;
        }
        let reasons: Vec<&str> = wrong.reasons.iter().map(|text| text.zh.as_str()).collect();
        let place = texts::fill(ZH, "list_from_row", &[("row", &wrong.row.to_string())]);
        sheet.write_string_with_format(
            row,
            reason,
            format!("{place}{}", reasons.join(";")),
            &style::note(),
        )?;
    }
    sheet.set_freeze_panes(1, 0)?;
    style::for_print(sheet, 0)
}

fn heads(sheet: &mut Worksheet, name: &str, columns: &[(&str, u16)]) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, name))?;
    for (position, (key, width)) in (0u16..).zip(columns) {
        sheet.set_column_width(position, *width)?;
        sheet.write_with_format(0, position, texts::say(ZH, key), &style::head())?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// The header a reporter knows a column by.
fn title<'a>(contract: Option<&'a Contract>, name: &'a str) -> &'a str {
    contract
        .and_then(|contract| contract.column(name))
        .map_or(name, |column| &column.title.zh)
}
