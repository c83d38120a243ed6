//! Text files: layouts, encodings, separators, quotation marks, JSON.

use dabiao::intake::reading::{Format, Kind, RowFault, Unreadable};

use super::{HEADER, refused, rows};

#[test]
fn titles_blanks_totals_and_repeated_headers_are_not_data() {
    let text = format!(
        "表1 补贴性培训实名台账,,,,,\n填报单位：某局,,,,,\n\n{HEADER}1,张三,A,2020.3.5,,100\n\n2,李四,B,2020-03-06,,\n\
         {HEADER}3,王五,C,43895,,\n合 计,,,,,100\n合計：,,,,,\n\n\n"
    );
    let (layout, rows) = rows("csv", text.as_bytes());
    assert_eq!(
        rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [5, 7, 9]
    );
    assert_eq!(rows[0].texts(), ["1", "张三", "A", "2020.3.5", "", "100"]);
    assert_eq!(rows[0].cells[4].1, Kind::Empty);
    let sheet = &layout.sheets[0];
    assert_eq!(layout.delimiter, Some(','));
    assert_eq!(layout.encoding, Some("UTF-8"));
    assert_eq!(sheet.header_rows, [4]);
    assert_eq!(
        sheet
            .titles
            .iter()
            .map(|title| title.row)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        sheet
            .totals
            .first
            .iter()
            .map(|total| total.row)
            .collect::<Vec<_>>(),
        [10, 11]
    );
    assert_eq!(sheet.repeated_headers.first, [8]);
    assert_eq!((sheet.rows, sheet.blank_rows), (3, 1));
}

#[test]
fn every_encoding_gives_the_same_rows() {
    // 𠮷 is four bytes in GB18030 and in UTF-8, 㛃 four bytes in GB18030 only.
    let text = format!("{HEADER}1,𠮷㛃·买买提,A,2020-03-05,,1\n2,李四,B,2020-03-06,,2\n");
    let (_, expected) = rows("csv", text.as_bytes());
    assert_eq!(expected[0].texts()[1], "𠮷㛃·买买提");
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    for (bytes, name) in [
        (with(b"\xEF\xBB\xBF", text.as_bytes()), "UTF-8 (BOM)"),
        (gb18030, "GB18030"),
        (utf16(u16::to_le_bytes), "UTF-16LE"),
        (utf16(u16::to_be_bytes), "UTF-16BE"),
        (with(b"\xFF\xFE", &utf16(u16::to_le_bytes)), "UTF-16LE"),
        (with(b"\xFE\xFF", &utf16(u16::to_be_bytes)), "UTF-16BE"),
    ] {
        let (layout, rows) = rows("csv", &bytes);
        assert_eq!(layout.encoding, Some(name));
        assert_eq!(rows, expected, "{name}");
    }
}

#[test]
fn damaged_text_is_set_aside_with_its_line() {
    let mut mixed = format!("{HEADER}1,张三,A,2020-03-05,,\n2,").into_bytes();
    mixed.extend_from_slice(&encoding_rs::GB18030.encode("李四\n").0);
    assert!(matches!(
        refused("csv", &mixed),
        Unreadable::Decode {
            encoding: "UTF-8",
            line: 3,
            ..
        }
    ));
    let mut wrong = encoding_rs::GB18030
        .encode(&format!("{HEADER}1,张三,A,2020-03-05,,\n2,李"))
        .0
        .into_owned();
    wrong.extend_from_slice(b"\xFF,B,2020-03-06,,\n");
    assert!(matches!(
        refused("csv", &wrong),
        Unreadable::Decode {
            encoding: "GB18030",
            line: 3,
            ..
        }
    ));
    let cut = format!("{HEADER}1,张三");
    assert!(matches!(
        refused("csv", &cut.as_bytes()[..cut.len() - 1]),
        Unreadable::Truncated
    ));
    assert!(matches!(
        refused("csv", b"a,b\nc\0d,e\n"),
        Unreadable::Nul { byte: 5 }
    ));
    assert!(matches!(refused("csv", b""), Unreadable::Empty));
    assert!(matches!(refused("csv", b" \n\n"), Unreadable::Empty));
    assert!(matches!(
        refused("xls", b"<html><table></table></html>"),
        Unreadable::UnknownFormat { .. }
    ));
}

#[test]
fn separators_are_recognised() {
    let text = format!("{HEADER}1,张三,A,2020-03-05,,\n");
    for separator in ['\t', ';', '|', '，'] {
        let (layout, rows) = rows("txt", text.replace(',', &separator.to_string()).as_bytes());
        assert_eq!(layout.delimiter, Some(separator));
        assert_eq!(rows[0].texts(), ["1", "张三", "A", "2020-03-05", "", ""]);
    }
}

#[test]
fn headers_match_in_any_order_name_script_and_two_rows() {
    let traditional = "序號,姓名*,證件號碼,記錄編號,開班日期\n1,张三,A,r1,2020-03-05\n";
    let (layout, traditional) = rows("csv", traditional.as_bytes());
    assert_eq!(
        traditional[0].texts(),
        ["r1", "张三", "A", "2020-03-05", "", ""]
    );
    assert_eq!(layout.sheets[0].ignored, ["序號"]);
    let (_, english) = rows(
        "csv",
        b"Name,ID Number,record_no,START_DATE\nx,A,r1,2020-03-05\n",
    );
    assert_eq!(english[0].texts(), ["r1", "x", "A", "2020-03-05", "", ""]);
    let grouped = "台账,,,,\n记录编号,学员,,开班,结业,补贴金额\n,姓名,证件号码,日期,日期,（元）\nr1,张三,A,d1,d2,5\n";
    let (layout, grouped) = rows("csv", grouped.as_bytes());
    assert_eq!(grouped[0].texts(), ["r1", "张三", "A", "d1", "d2", "5"]);
    assert_eq!(layout.sheets[0].header_rows, [2, 3]);
    assert_eq!(layout.sheets[0].columns[4].header, "结业/日期");
}

#[test]
fn a_header_that_leaves_doubt_sets_the_file_aside() {
    let Unreadable::NoHeader {
        missing,
        row: Some(1),
        ..
    } = refused("csv", "记录编号,姓名,证件号码\n1,2,3\n".as_bytes())
    else {
        panic!("the header lacks a column")
    };
    assert_eq!(missing, [("开班日期".to_owned(), "start_date".to_owned())]);
    assert!(matches!(
        refused("csv", b"a,b\n1,2\n"),
        Unreadable::NoHeader { row: None, .. }
    ));
    let twice = format!("name,{HEADER}x,1,张三,A,2020-03-05,,\n");
    assert!(matches!(
        refused("csv", twice.as_bytes()),
        Unreadable::DuplicateHeader { row: 1, .. }
    ));
    let unit = HEADER.replace("补贴金额", "补贴金额（万元）");
    assert!(matches!(
        refused("csv", unit.as_bytes()),
        Unreadable::OtherUnit { .. }
    ));
}

#[test]
fn rows_that_cannot_be_divided_carry_a_fault_and_others_are_untouched() {
    let text = format!(
        "{HEADER}1,张三,A,2020-03-05,,1,多\n2,李四,B,2020-03-06\n3,\"王\"五,C,2020-03-07,,\n4,赵\u{200B}六,D,d,,\n\
         5,钱\u{202E}七,E,d,,\n6,\u{FFFD},F,d,,\n7,a\u{7}b,G,d,,\n8,正常,H,d,,,,,\n9,{},I,d,,\n",
        "长".repeat(40_000)
    );
    let (_, rows) = rows("csv", text.as_bytes());
    let faults: Vec<_> = rows.iter().map(|row| row.fault.clone()).collect();
    assert_eq!(
        faults[0],
        Some(RowFault::Ragged {
            expected: 6,
            found: 7
        })
    );
    assert_eq!(faults[1], None);
    assert_eq!(faults[2], Some(RowFault::StrayQuote { position: 2 }));
    assert_eq!(
        faults[3],
        Some(RowFault::InvisibleCharacter {
            column: 1,
            character: '\u{200B}'
        })
    );
    assert_eq!(
        faults[4],
        Some(RowFault::InvisibleCharacter {
            column: 1,
            character: '\u{202E}'
        })
    );
    assert_eq!(
        faults[5],
        Some(RowFault::ReplacementCharacter { column: 1 })
    );
    assert_eq!(
        faults[6],
        Some(RowFault::ControlCharacter {
            column: 1,
            character: '\u{7}'
        })
    );
    assert_eq!(faults[7], None);
    assert_eq!(
        faults[8],
        Some(RowFault::CellTooLong {
            column: 1,
            chars: 40_000
        })
    );
    assert!(
        faults
            .iter()
            .flatten()
            .all(|fault| !fault.zh().is_empty() && !fault.en().is_empty())
    );
}

#[test]
fn quotes_and_line_ends_keep_rows_whole() {
    let text = "记录编号,姓名,证件号码,开班日期\r1,\"张,三\",\"a\"\"b\",\"x\r\ny\"\r\n2,李四,B,d";
    let (_, rows) = rows("csv", text.as_bytes());
    assert_eq!(rows[0].texts()[..4], ["1", "张,三", "a\"b", "x\r\ny"]);
    assert_eq!((rows[0].number, rows[1].number), (2, 3));
    let open = format!("{HEADER}1,张三,A,d,,\n2,\"李四,B,d,,\n3,王五,C,d,,\n");
    assert!(matches!(
        refused("csv", open.as_bytes()),
        Unreadable::Quote { line: 3 }
    ));
    let swallowing = format!("{HEADER}1,\"张三,A,d,,\n2,\"李四\",B,d,,\n");
    assert!(matches!(
        refused("csv", swallowing.as_bytes()),
        Unreadable::Quote { line: 2 }
    ));
}

#[test]
fn json_lines_keep_digits_and_fault_single_lines() {
    let text = "{\"记录编号\":\"r1\",\"name\":\"张\\u4e09\",\"id_number\":220104198503150123,\"start_date\":\"d\",\
                \"subsidy\":10.10,\"备注\":{}}\n\n{\"record_no\":\"r2\",\"name\":[\"a\",\"b\"],\"end_date\":null}\n\
                {bad}\n[1]\n{\"name\":{\"a\":1}}\n{\"name\":1,\"姓名\":2}\n";
    let (layout, rows) = rows("jsonl", text.as_bytes());
    assert_eq!(layout.format, Format::JsonLines);
    assert_eq!(
        rows[0].texts(),
        ["r1", "张三", "220104198503150123", "d", "", "10.10"]
    );
    assert_eq!(rows[0].cells[2].1, Kind::Number);
    assert_eq!((rows[1].number, rows[1].texts()[1]), (3, "a;b"));
    assert!(matches!(rows[2].fault, Some(RowFault::Json { .. })));
    assert_eq!(rows[3].fault, Some(RowFault::NotAnObject));
    assert_eq!(
        rows[4].fault,
        Some(RowFault::Nested {
            key: "name".to_owned()
        })
    );
    assert_eq!(
        rows[5].fault,
        Some(RowFault::DuplicateKey {
            key: "姓名".to_owned()
        })
    );
    assert!(matches!(
        refused("jsonl", b"not json\nnor this\n"),
        Unreadable::Json { line: 1, .. }
    ));
}

#[test]
fn a_json_array_is_read_by_element() {
    let (layout, rows) = rows(
        "json",
        b"[{\"record_no\":\"r1\"},\n{\"record_no\":\"r2\"}]\n",
    );
    assert_eq!(layout.format, Format::JsonArray);
    assert_eq!(
        rows.iter()
            .map(|row| (row.number, row.texts()[0]))
            .collect::<Vec<_>>(),
        [(1, "r1"), (2, "r2")]
    );
    assert!(matches!(
        refused("json", b"[{\"record_no\":\"r1\"},\n{\"record"),
        Unreadable::Json { line: 2, .. }
    ));
}
