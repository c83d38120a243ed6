//! Workbooks and Parquet files.

use dabiao::intake::reading::{DayNumbers, Format, Kind, Unreadable};
use polars::prelude::{DataFrame, DataType, ParquetWriter, PolarsError, df};

use super::support::{ods_with, workbook, xlsx_plain};
use super::{refused, rows};

#[test]
fn sheets_of_districts_are_read_each_in_its_own_order() {
    let bytes = workbook();
    let (layout, rows) = rows("xlsx", &bytes);
    assert_eq!((layout.format, layout.misnamed), (Format::Xlsx, false));
    let names: Vec<_> = layout
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.read))
        .collect();
    assert_eq!(
        names,
        [("朝阳区", true), ("南关区", true), ("填表说明", false)]
    );
    assert!(layout.sheets[1].hidden);
    let texts: Vec<_> = rows
        .iter()
        .map(|row| (row.sheet, row.number, row.texts()))
        .collect();
    assert_eq!(
        texts[0],
        (
            0,
            5,
            vec![
                "r1",
                "张三",
                "220104198503150000",
                "2020-03-05",
                "2020-04-05",
                "1200.5"
            ]
        )
    );
    // The merged start date holds for the second row too.
    assert_eq!(
        texts[1],
        (
            0,
            6,
            vec!["r2", "李四", "22010419850315000X", "2020-03-05", "", ""]
        )
    );
    assert_eq!(
        texts[2],
        (1, 2, vec!["r3", "王五", "C", "2020.3.7", "", ""])
    );
    assert_eq!(texts.len(), 3);
    let kinds: Vec<_> = rows[0].cells.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Text,
            Kind::Text,
            Kind::Number,
            Kind::Date,
            Kind::Date,
            Kind::Number
        ]
    );
    assert_eq!(rows[1].cells[2].1, Kind::Text);
    assert_eq!(layout.sheets[0].header_rows, [3, 4]);
    assert_eq!(layout.sheets[0].totals.first[0].row, 7);
    assert_eq!(layout.sheets[0].hidden_columns, ["B"]);
    assert_eq!(layout.sheets[0].hidden_rows.first, [6]);
    let (misnamed, _) = self::rows("csv", &bytes);
    assert!(misnamed.misnamed);
}

#[test]
fn open_document_sheets_are_read() {
    let text = |text: &str| {
        format!(
            r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let header: String = ["记录编号", "姓名", "证件号码", "开班日期"]
        .map(text)
        .concat();
    let date = r#"<table:table-cell office:value-type="date" office:date-value="2020-03-05"><text:p>3月5日</text:p></table:table-cell>"#;
    let number = r#"<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.5</text:p></table:table-cell>"#;
    let bytes = ods_with(&format!(
        r#"<table:table table:name="朝阳区"><table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/><table:table-row>{header}</table:table-row><table:table-row table:visibility="collapse">{}{}{number}{date}</table:table-row></table:table>"#,
        text("r1"),
        text("张三"),
    ));
    let (layout, rows) = rows("ods", &bytes);
    assert_eq!(layout.format, Format::Ods);
    assert_eq!(rows[0].texts()[..4], ["r1", "张三", "12.5", "2020-03-05"]);
    assert_eq!(
        (rows[0].cells[2].1, rows[0].cells[3].1),
        (Kind::Number, Kind::Date)
    );
    assert_eq!(layout.sheets[0].hidden_columns, ["C"]);
    assert_eq!(layout.sheets[0].hidden_rows.first, [2]);
}

#[test]
fn a_workbook_says_from_which_day_it_counts() {
    let lines = [
        vec!["记录编号", "姓名", "证件号码", "开班日期"],
        vec!["r1", "张三", "C", "42433"],
    ];
    let lines = lines.map(|line| line.into_iter().map(str::to_owned).collect());
    for (properties, wanted) in [
        ("", DayNumbers::From1900),
        (r#"<workbookPr date1904="0"/>"#, DayNumbers::From1900),
        (r#"<workbookPr date1904="1"/>"#, DayNumbers::From1904),
        (r#"<workbookPr date1904="true"/>"#, DayNumbers::From1904),
    ] {
        let (layout, rows) = rows("xlsx", &xlsx_plain(properties, &lines));
        assert_eq!(layout.sheets[0].day_numbers, wanted, "{properties}");
        assert_eq!(rows[0].cells[3], ("42433".to_owned(), Kind::Number));
    }
    let cells = |cells: &[&str]| -> String {
        let cell = |text: &&str| {
            format!(
                r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
            )
        };
        cells.iter().map(cell).collect()
    };
    let table = format!(
        r#"<table:table table:name="S"><table:table-row>{}</table:table-row><table:table-row>{}</table:table-row></table:table>"#,
        cells(&["记录编号", "姓名", "证件号码", "开班日期"]),
        cells(&["r1", "张三", "C", "x"]),
    );
    for (day, wanted) in [
        (None, DayNumbers::From1900),
        (Some("1899-12-30"), DayNumbers::From1900),
        (Some("1904-01-01"), DayNumbers::From1904),
        (Some("1900-01-01"), DayNumbers::Unknown),
    ] {
        let settings = day.map_or_else(String::new, |day| {
            format!(r#"<table:calculation-settings><table:null-date table:date-value="{day}"/></table:calculation-settings>"#)
        });
        let (layout, _) = rows("ods", &ods_with(&format!("{settings}{table}")));
        assert_eq!(layout.sheets[0].day_numbers, wanted, "{day:?}");
    }
}

#[test]
fn old_and_binary_workbooks_say_so_too() {
    let Some(collection) = crate::messy::collection() else {
        println!("skipped: ../shared/data/messy is not there");
        return;
    };
    let limits = serde_json::to_string(&dabiao::intake::reading::Limits::default());
    let limits = limits.expect("limits are JSON");
    for (format, name, wanted) in [
        ("xls", "date.xls", "From1900"),
        ("xls", "date_1904.xls", "From1904"),
        ("xlsb", "date.xlsb", "From1900"),
        ("xlsb", "date_1904.xlsb", "From1904"),
        ("xlsx", "date_1904.xlsx", "From1904"),
    ] {
        let file = std::fs::File::open(collection.join("calamine").join(name)).expect(name);
        let said = std::process::Command::new(env!("CARGO_BIN_EXE_dabiao"))
            .args(["__read-workbook", format, &limits])
            .stdin(file)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            said.contains(&format!(r#""day_numbers":"{wanted}""#)),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_cell_merged_over_rows_of_an_open_document_holds_for_all() {
    let text = |text: &str, more: &str| {
        format!(
            r#"<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let header: String = ["记录编号", "姓名", "证件号码", "开班日期", "补贴金额"]
        .map(|title| text(title, ""))
        .concat();
    let spanned = r#"table:number-rows-spanned="2" table:number-columns-spanned="1""#;
    let first = text("r1", "") + &text("甲", "") + &text("C", "");
    let second = text("r2", "") + &text("乙", "") + &text("D", "");
    let third = text("r3", "") + &text("丙", "") + &text("E", "") + &text("2020-03-07", "");
    let bytes = ods_with(&format!(
        r#"<table:table table:name="S"><table:table-row>{header}</table:table-row><table:table-row>{first}{}{}</table:table-row><table:table-row>{second}<table:covered-table-cell table:number-columns-repeated="2"/></table:table-row><table:table-row>{third}</table:table-row></table:table>"#,
        text("2020-03-05", spanned),
        text("600", spanned),
    ));
    let (_, rows) = rows("ods", &bytes);
    let dates: Vec<_> = rows
        .iter()
        .map(|row| (row.texts()[3], row.texts()[5]))
        .collect();
    assert_eq!(
        dates,
        [
            ("2020-03-05", "600"),
            ("2020-03-05", "600"),
            ("2020-03-07", "")
        ]
    );
}

fn parquet() -> Result<Vec<u8>, PolarsError> {
    let mut frame: DataFrame = df!(
        "record_no" => ["r1", "r2"],
        "name" => [Some("张三"), None],
        "id_number" => [220_104_198_503_150_123_i64, 2],
        "start_date" => ["2020-03-05", "2020-03-06"],
        "subsidy" => ["1200.50", "0.10"],
    )?;
    for (column, dtype) in [
        ("start_date", DataType::Date),
        ("subsidy", DataType::Decimal(12, 2)),
    ] {
        let cast = frame.column(column)?.cast(&dtype)?;
        frame.with_column(cast)?;
    }
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

#[test]
fn parquet_is_read_in_the_other_process_too() {
    let bytes = parquet().expect("the frame can be written");
    let (layout, rows) = rows("parquet", &bytes);
    assert_eq!(layout.format, Format::Parquet);
    let expected = [
        "r1",
        "张三",
        "220104198503150123",
        "2020-03-05",
        "",
        "1200.50",
    ];
    assert_eq!(rows[0].texts(), expected);
    let kinds: Vec<_> = rows[0].cells.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Text,
            Kind::Text,
            Kind::Number,
            Kind::Date,
            Kind::Empty,
            Kind::Number
        ]
    );
    assert_eq!((rows[1].number, rows[1].cells[1].1), (3, Kind::Empty));
    for end in [bytes.len() / 2, bytes.len() - 1] {
        let why = refused("parquet", &bytes[..end]);
        assert!(
            matches!(
                why,
                Unreadable::Parquet { .. } | Unreadable::ParserDied { .. }
            ),
            "{why:?}"
        );
    }
}
