//! The blank form of a dataset: heads exactly as the contract writes them, drop-downs, and a sheet that explains each column.
//! A filled form is a submission as it is; the two other sheets are laid out so that intake never takes them for data.

use super::texts;
use super::workbook as style;
use crate::programme::contract::{DivisionKinds, Unlisted};
use crate::programme::{Code, Column, ColumnType, Contract, Language, Programme};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format,
    FormatAlign, Formula, Worksheet, XlsxError,
};

const ZH: Language = Language::Zh;
/// Last row of a sheet.
const LAST_ROW: u32 = 1_048_575;
/// Longest message a cell may show, as the format has it.
const MESSAGE_CHARS_MAX: usize = 250;

/// The blank form of `contract` as a workbook without macros.
pub fn form(contract: &Contract, programme: &Programme) -> Vec<u8> {
    built(contract, programme).expect("our sheets stay within the limits of the format")
}

/// A drop-down: where its names stand on the sheet 代码表.
struct Choice {
    column: usize,
    names: Vec<String>,
    codes: Vec<String>,
}

fn built(contract: &Contract, programme: &Programme) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = style::workbook(&contract.title.zh);
    let choices: Vec<Choice> = contract
        .columns
        .iter()
        .enumerate()
        .filter_map(|(column, c)| choice(column, c, programme))
        .collect();
    entry(workbook.add_worksheet(), contract, &choices)?;
    explanations(workbook.add_worksheet(), contract, &choices)?;
    if !choices.is_empty() {
        codes(workbook.add_worksheet(), contract, &choices)?;
    }
    workbook.save_to_buffer()
}

fn choice(position: usize, column: &Column, programme: &Programme) -> Option<Choice> {
    let list = programme.list(column.kind.list()?);
    let reporting_only = column.units == DivisionKinds::Reporting;
    let offered = |code: &&Code| {
        (column.allowed.is_empty() || column.allowed.contains(&code.code))
            && (!reporting_only || column.kind.list() != Some("divisions") || code.has("reporting"))
            && code
                .attributes
                .get("kind")
                .is_none_or(|kind| kind != "retired_code")
    };
    let (names, codes): (Vec<_>, Vec<_>) = list
        .iter()
        .filter(offered)
        .map(|code| (code.name.zh.clone(), code.code.clone()))
        .unzip();
    (!names.is_empty()).then_some(Choice {
        column: position,
        names,
        codes,
    })
}

fn entry(sheet: &mut Worksheet, contract: &Contract, choices: &[Choice]) -> Result<(), XlsxError> {
    sheet.set_name(&contract.title.zh)?;
    sheet.set_row_height(0, 32)?;
    for (position, column) in (0u16..).zip(&contract.columns) {
        sheet.set_column_format(position, &cell_format(column))?;
        sheet.set_column_width(
            position,
            style::fitting(&column.title.zh).max(width(column)),
        )?;
        let head = if column.required {
            style::required_head()
        } else {
            style::head()
        };
        sheet.write_string_with_format(0, position, &column.title.zh, &head)?;
        let listed = choices
            .iter()
            .position(|choice| choice.column == usize::from(position));
        let rule = validation(
            column,
            listed.map(|listed| (listed, choices[listed].names.len())),
        )?;
        sheet.add_data_validation(1, position, LAST_ROW, position, &rule)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    style::for_print(sheet, 0)
}

/// Ids are text before anybody types: a spreadsheet program otherwise turns 18 digits into 2.20104E+17.
fn cell_format(column: &Column) -> Format {
    match column.kind {
        ColumnType::Date => style::body()
            .set_num_format("yyyy-mm-dd")
            .set_align(FormatAlign::Left),
        ColumnType::Integer => style::body().set_num_format("0"),
        ColumnType::Decimal => style::body().set_num_format("General"),
        _ => style::as_text(),
    }
}

fn width(column: &Column) -> f64 {
    match column.kind {
        ColumnType::IdNumber | ColumnType::Uscc => 22.0,
        ColumnType::Code(_) | ColumnType::Codes(_) => 18.0,
        _ => 13.0,
    }
}

fn validation(
    column: &Column,
    listed: Option<(usize, usize)>,
) -> Result<DataValidation, XlsxError> {
    let rule = DataValidation::new()
        .set_input_title(clipped(&column.title.zh, 30))?
        .set_input_message(clipped(&hint(column), MESSAGE_CHARS_MAX))?
        .set_error_title(texts::say(ZH, "form_check"))?
        .set_error_message(clipped(&hint(column), MESSAGE_CHARS_MAX))?
        // A warning, not a wall: codes and English names are accepted too, and the receipt tells what is wrong.
        .set_error_style(DataValidationErrorStyle::Warning);
    if let Some((position, rows)) = listed {
        let letter = rust_xlsxwriter::utility::column_number_to_name(
            u16::try_from(position * 2).unwrap_or(u16::MAX),
        );
        let sheet = texts::say(ZH, "sheet_codes");
        let list = Formula::new(format!("='{sheet}'!${letter}$2:${letter}${}", rows + 1));
        let open = column.unlisted == Unlisted::Flag || matches!(column.kind, ColumnType::Codes(_));
        return Ok(rule.allow_list_formula(list).show_error_message(!open));
    }
    let least = column.min.unwrap_or(-2_000_000_000);
    let most = column.max.unwrap_or(2_000_000_000);
    let within =
        |bound: i64| i32::try_from(bound).unwrap_or(if bound < 0 { i32::MIN } else { i32::MAX });
    Ok(match column.kind {
        ColumnType::Date => {
            let first = ExcelDateTime::from_ymd(1950, 1, 1)?;
            let last = ExcelDateTime::from_ymd(2100, 12, 31)?;
            rule.allow_date(DataValidationRule::Between(first, last))
        }
        ColumnType::Integer => {
            rule.allow_whole_number(DataValidationRule::Between(within(least), within(most)))
        }
        ColumnType::Decimal if column.min == Some(0) && column.max.is_none() => {
            rule.allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0))
        }
        ColumnType::Decimal => rule.allow_decimal_number(DataValidationRule::Between(
            f64::from(within(least)),
            f64::from(within(most)),
        )),
        _ => rule.allow_any_value(),
    })
}

fn clipped(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// What to write into a column, in one sentence.
fn hint(column: &Column) -> String {
    let need = texts::say(
        ZH,
        if column.required {
            "form_required"
        } else {
            "form_optional"
        },
    );
    format!("{need};{}", allowed(column))
}

/// Which key of the catalogue describes a type.
fn type_key(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "integer",
        ColumnType::Decimal => "decimal",
        ColumnType::Date => "date",
        ColumnType::Code(_) => "code",
        ColumnType::Codes(_) => "codes",
        ColumnType::IdNumber => "id_number",
        ColumnType::Uscc => "uscc",
        ColumnType::Phone => "phone",
        ColumnType::Boolean => "boolean",
        ColumnType::Period => "period",
        ColumnType::Unit(_) => "unit",
    }
}

fn allowed(column: &Column) -> String {
    let mut text = texts::say(ZH, &format!("form_allowed_{}", type_key(&column.kind))).to_owned();
    if column.kind == ColumnType::Text {
        text = texts::fill(
            ZH,
            "form_allowed_text",
            &[("chars", &column.max_chars.to_string())],
        );
    }
    if let Some(min) = column.min {
        text.push_str(&texts::fill(
            ZH,
            "form_at_least",
            &[("min", &min.to_string())],
        ));
    }
    if let Some(max) = column.max {
        text.push_str(&texts::fill(
            ZH,
            "form_at_most",
            &[("max", &max.to_string())],
        ));
    }
    if let Some(pattern) = &column.pattern {
        text.push_str(&texts::fill(ZH, "form_pattern", &[("pattern", pattern)]));
    }
    if let Some(default) = &column.default {
        text.push_str(&texts::fill(ZH, "form_default", &[("default", default)]));
    }
    text
}

fn explanations(
    sheet: &mut Worksheet,
    contract: &Contract,
    choices: &[Choice],
) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_notes"))?;
    sheet.write_with_format(
        0,
        0,
        texts::fill(ZH, "form_title", &[("title", &contract.title.zh)]),
        &style::title(),
    )?;
    let grain = texts::fill(
        ZH,
        "form_grain",
        &[("grain", &contract.grain.zh), ("dataset", &contract.id)],
    );
    sheet.write_with_format(1, 0, grain, &style::body())?;
    sheet.write_with_format(2, 0, texts::say(ZH, "form_how"), &style::body())?;
    let heads = [
        "form_column",
        "form_name",
        "form_type",
        "form_need",
        "form_allowed",
        "form_example",
        "form_repairs",
    ];
    for ((position, key), width) in (0u16..).zip(heads).zip([30, 34, 16, 8, 52, 24, 44]) {
        sheet.write_with_format(4, position, texts::say(ZH, key), &style::head())?;
        sheet.set_column_width(position, width)?;
    }
    for ((row, number), column) in (5u32..).zip(1..).zip(&contract.columns) {
        let key = type_key(&column.kind);
        let need = texts::say(
            ZH,
            if column.required {
                "form_yes"
            } else {
                "form_no"
            },
        );
        let cells = [
            // Numbered, so that no row of this sheet reads like the head of the form.
            format!("{number}. {}", column.title.zh),
            format!("{} · {}", column.name, column.title.en),
            texts::say(ZH, &format!("form_type_{key}")).to_owned(),
            need.to_owned(),
            allowed(column),
            example(
                column,
                choices.iter().find(|choice| choice.column + 1 == number),
            ),
            texts::say(ZH, &format!("form_repairs_{key}")).to_owned(),
        ];
        for (position, text) in (0u16..).zip(cells) {
            sheet.write_string_with_format(row, position, text, &style::wrapped())?;
        }
    }
    sheet.set_freeze_panes(5, 1)?;
    style::for_print(sheet, 4)
}

fn example(column: &Column, choice: Option<&Choice>) -> String {
    match choice {
        Some(choice) => choice.names[0].clone(),
        None => texts::say(ZH, &format!("form_example_{}", type_key(&column.kind))).to_owned(),
    }
}

/// Two columns for each drop-down: the names it offers, and their codes.
fn codes(sheet: &mut Worksheet, contract: &Contract, choices: &[Choice]) -> Result<(), XlsxError> {
    sheet.set_name(texts::say(ZH, "sheet_codes"))?;
    for (left, choice) in (0u16..).step_by(2).zip(choices) {
        let column = &contract.columns[choice.column];
        let title = texts::fill(ZH, "form_list", &[("column", &column.title.zh)]);
        sheet.write_with_format(0, left, title, &style::head())?;
        sheet.write_with_format(0, left + 1, texts::say(ZH, "form_code"), &style::head())?;
        sheet
            .set_column_width(left, 30)?
            .set_column_width(left + 1, 14)?;
        for ((row, name), code) in (1u32..).zip(&choice.names).zip(&choice.codes) {
            sheet.write_string_with_format(row, left, name, &style::body())?;
            sheet.write_string_with_format(row, left + 1, code, &style::as_text())?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}
