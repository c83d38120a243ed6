//! Reading submissions: every format, encoding and layout, hostile files included.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dabiao::intake::reading::{
    ColumnNames, Death, Format, Kind, Layout, Limits, RowFault, Source, Unreadable, read, set_reader_executable,
};
use proptest::prelude::*;

mod support;

use support::{Zip, bomb_of_one_string, workbook, xlsx_with};

const COLUMNS: [(&str, &str, bool); 6] = [
    ("记录编号", "record_no", true),
    ("姓名", "name", true),
    ("证件号码", "id_number", true),
    ("开班日期", "start_date", true),
    ("结业日期", "end_date", false),
    ("补贴金额", "subsidy", false),
];

fn columns() -> ColumnNames {
    ColumnNames::new(COLUMNS.map(|(zh, en, required)| (vec![zh.to_owned(), en.to_owned()], required)))
}

/// One delivered row: number, cells, fault.
#[derive(Debug, PartialEq)]
struct Row {
    sheet: usize,
    number: u32,
    cells: Vec<(String, Kind)>,
    fault: Option<RowFault>,
}

impl Row {
    fn texts(&self) -> Vec<&str> {
        self.cells.iter().map(|(text, _)| text.as_str()).collect()
    }
}

fn read_path(path: &Path, columns: &ColumnNames, limits: &Limits) -> Result<(Layout, Vec<Row>), Unreadable> {
    set_reader_executable(PathBuf::from(env!("CARGO_BIN_EXE_dabiao")));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let mut rows = Vec::new();
    let layout = read(&Source { name, extension, path }, columns, limits, &mut |chunk| {
        for row in 0..chunk.rows() {
            rows.push(Row {
                sheet: chunk.sheet(),
                number: chunk.row_number(row),
                cells: (0..columns.len())
                    .map(|column| chunk.cell(row, column))
                    .map(|(text, kind)| (text.to_owned(), kind))
                    .collect(),
                fault: chunk.fault(row).cloned(),
            });
        }
        ControlFlow::Continue(())
    })?;
    Ok((layout, rows))
}

fn read_bytes(extension: &str, bytes: &[u8]) -> Result<(Layout, Vec<Row>), Unreadable> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("file.{extension}"));
    fs::write(&path, bytes).expect("the file can be written");
    read_path(&path, &columns(), &Limits::default())
}

#[track_caller]
fn rows(extension: &str, bytes: &[u8]) -> (Layout, Vec<Row>) {
    match read_bytes(extension, bytes) {
        Ok(read) => read,
        Err(unreadable) => panic!("{} / {}", unreadable.zh(), unreadable),
    }
}

#[track_caller]
fn refused(extension: &str, bytes: &[u8]) -> Unreadable {
    match read_bytes(extension, bytes) {
        Ok((layout, rows)) => panic!("read {} rows: {layout:?}", rows.len()),
        Err(unreadable) => {
            assert!(!unreadable.zh().is_empty() && !unreadable.en().is_empty());
            unreadable
        }
    }
}

const HEADER: &str = "记录编号,姓名,证件号码,开班日期,结业日期,补贴金额\n";

#[test]
fn titles_blanks_totals_and_repeated_headers_are_not_data() {
    let text = format!(
        "表1 补贴性培训实名台账,,,,,\n填报单位：某局,,,,,\n\n{HEADER}1,张三,A,2020.3.5,,100\n\n2,李四,B,2020-03-06,,\n\
         {HEADER}3,王五,C,43895,,\n合 计,,,,,100\n合計：,,,,,\n\n\n"
    );
    let (layout, rows) = rows("csv", text.as_bytes());
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [5, 7, 9]);
    assert_eq!(rows[0].texts(), ["1", "张三", "A", "2020.3.5", "", "100"]);
    assert_eq!(rows[0].cells[4].1, Kind::Empty);
    let sheet = &layout.sheets[0];
    assert_eq!(layout.delimiter, Some(','));
    assert_eq!(layout.encoding, Some("UTF-8"));
    assert_eq!(sheet.header_rows, [4]);
    assert_eq!(sheet.titles.iter().map(|title| title.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(sheet.totals.first.iter().map(|total| total.row).collect::<Vec<_>>(), [10, 11]);
    assert_eq!(sheet.repeated_headers.first, [8]);
    assert_eq!((sheet.rows, sheet.blank_rows), (3, 1));
}

#[test]
fn every_encoding_gives_the_same_rows() {
    // 𠮷 is four bytes in GB18030 and in UTF-8, 㛃 four bytes in GB18030 only.
    let text = format!("{HEADER}1,𠮷㛃·买买提,A,2020-03-05,,1\n2,李四,B,2020-03-06,,2\n");
    let (_, expected) = rows("csv", text.as_bytes());
    assert_eq!(expected[0].texts()[1], "𠮷㛃·买买提");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
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
    assert!(matches!(refused("csv", &mixed), Unreadable::Decode { encoding: "UTF-8", line: 3, .. }));
    let mut wrong = encoding_rs::GB18030.encode(&format!("{HEADER}1,张三,A,2020-03-05,,\n2,李")).0.into_owned();
    wrong.extend_from_slice(b"\xFF,B,2020-03-06,,\n");
    assert!(matches!(refused("csv", &wrong), Unreadable::Decode { encoding: "GB18030", line: 3, .. }));
    let cut = format!("{HEADER}1,张三");
    assert!(matches!(refused("csv", &cut.as_bytes()[..cut.len() - 1]), Unreadable::Truncated));
    assert!(matches!(refused("csv", b"a,b\nc\0d,e\n"), Unreadable::Nul { byte: 5 }));
    assert!(matches!(refused("csv", b""), Unreadable::Empty));
    assert!(matches!(refused("csv", b" \n\n"), Unreadable::Empty));
    assert!(matches!(refused("xls", b"<html><table></table></html>"), Unreadable::UnknownFormat { .. }));
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
    assert_eq!(traditional[0].texts(), ["r1", "张三", "A", "2020-03-05", "", ""]);
    assert_eq!(layout.sheets[0].ignored, ["序號"]);
    let (_, english) = rows("csv", b"Name,ID Number,record_no,START_DATE\nx,A,r1,2020-03-05\n");
    assert_eq!(english[0].texts(), ["r1", "x", "A", "2020-03-05", "", ""]);
    let grouped = "台账,,,,\n记录编号,学员,,开班,结业,补贴金额\n,姓名,证件号码,日期,日期,（元）\nr1,张三,A,d1,d2,5\n";
    let (layout, grouped) = rows("csv", grouped.as_bytes());
    assert_eq!(grouped[0].texts(), ["r1", "张三", "A", "d1", "d2", "5"]);
    assert_eq!(layout.sheets[0].header_rows, [2, 3]);
    assert_eq!(layout.sheets[0].columns[4].header, "结业/日期");
}

#[test]
fn a_header_that_leaves_doubt_sets_the_file_aside() {
    let Unreadable::NoHeader { missing, row: Some(1), .. } = refused("csv", "记录编号,姓名,证件号码\n1,2,3\n".as_bytes())
    else {
        panic!("the header lacks a column")
    };
    assert_eq!(missing, [("开班日期".to_owned(), "start_date".to_owned())]);
    assert!(matches!(refused("csv", b"a,b\n1,2\n"), Unreadable::NoHeader { row: None, .. }));
    let twice = format!("name,{HEADER}x,1,张三,A,2020-03-05,,\n");
    assert!(matches!(refused("csv", twice.as_bytes()), Unreadable::DuplicateHeader { row: 1, .. }));
    let unit = HEADER.replace("补贴金额", "补贴金额（万元）");
    assert!(matches!(refused("csv", unit.as_bytes()), Unreadable::OtherUnit { .. }));
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
    assert_eq!(faults[0], Some(RowFault::Ragged { expected: 6, found: 7 }));
    assert_eq!(faults[1], None);
    assert_eq!(faults[2], Some(RowFault::StrayQuote { position: 2 }));
    assert_eq!(faults[3], Some(RowFault::InvisibleCharacter { column: 1, character: '\u{200B}' }));
    assert_eq!(faults[4], Some(RowFault::InvisibleCharacter { column: 1, character: '\u{202E}' }));
    assert_eq!(faults[5], Some(RowFault::ReplacementCharacter { column: 1 }));
    assert_eq!(faults[6], Some(RowFault::ControlCharacter { column: 1, character: '\u{7}' }));
    assert_eq!(faults[7], None);
    assert_eq!(faults[8], Some(RowFault::CellTooLong { column: 1, chars: 40_000 }));
    assert!(faults.iter().flatten().all(|fault| !fault.zh().is_empty() && !fault.en().is_empty()));
}

#[test]
fn quotes_and_line_ends_keep_rows_whole() {
    let text = "记录编号,姓名,证件号码,开班日期\r1,\"张,三\",\"a\"\"b\",\"x\r\ny\"\r\n2,李四,B,d";
    let (_, rows) = rows("csv", text.as_bytes());
    assert_eq!(rows[0].texts()[..4], ["1", "张,三", "a\"b", "x\r\ny"]);
    assert_eq!((rows[0].number, rows[1].number), (2, 3));
    let open = format!("{HEADER}1,张三,A,d,,\n2,\"李四,B,d,,\n3,王五,C,d,,\n");
    assert!(matches!(refused("csv", open.as_bytes()), Unreadable::Quote { line: 3 }));
    let swallowing = format!("{HEADER}1,\"张三,A,d,,\n2,\"李四\",B,d,,\n");
    assert!(matches!(refused("csv", swallowing.as_bytes()), Unreadable::Quote { line: 2 }));
}

#[test]
fn json_lines_keep_digits_and_fault_single_lines() {
    let text = "{\"记录编号\":\"r1\",\"name\":\"张\\u4e09\",\"id_number\":220104198503150123,\"start_date\":\"d\",\
                \"subsidy\":10.10,\"备注\":{}}\n\n{\"record_no\":\"r2\",\"name\":[\"a\",\"b\"],\"end_date\":null}\n\
                {bad}\n[1]\n{\"name\":{\"a\":1}}\n{\"name\":1,\"姓名\":2}\n";
    let (layout, rows) = rows("jsonl", text.as_bytes());
    assert_eq!(layout.format, Format::JsonLines);
    assert_eq!(rows[0].texts(), ["r1", "张三", "220104198503150123", "d", "", "10.10"]);
    assert_eq!(rows[0].cells[2].1, Kind::Number);
    assert_eq!((rows[1].number, rows[1].texts()[1]), (3, "a;b"));
    assert!(matches!(rows[2].fault, Some(RowFault::Json { .. })));
    assert_eq!(rows[3].fault, Some(RowFault::NotAnObject));
    assert_eq!(rows[4].fault, Some(RowFault::Nested { key: "name".to_owned() }));
    assert_eq!(rows[5].fault, Some(RowFault::DuplicateKey { key: "姓名".to_owned() }));
    assert!(matches!(refused("jsonl", b"not json\nnor this\n"), Unreadable::Json { line: 1, .. }));
}

#[test]
fn a_json_array_is_read_by_element() {
    let (layout, rows) = rows("json", b"[{\"record_no\":\"r1\"},\n{\"record_no\":\"r2\"}]\n");
    assert_eq!(layout.format, Format::JsonArray);
    assert_eq!(rows.iter().map(|row| (row.number, row.texts()[0])).collect::<Vec<_>>(), [(1, "r1"), (2, "r2")]);
    assert!(matches!(refused("json", b"[{\"record_no\":\"r1\"},\n{\"record"), Unreadable::Json { line: 2, .. }));
}

#[test]
fn sheets_of_districts_are_read_each_in_its_own_order() {
    let bytes = workbook();
    let (layout, rows) = rows("xlsx", &bytes);
    assert_eq!((layout.format, layout.misnamed), (Format::Xlsx, false));
    let names: Vec<_> = layout.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.read)).collect();
    assert_eq!(names, [("朝阳区", true), ("南关区", true), ("填表说明", false)]);
    assert!(layout.sheets[1].hidden);
    let texts: Vec<_> = rows.iter().map(|row| (row.sheet, row.number, row.texts())).collect();
    assert_eq!(texts[0], (0, 5, vec!["r1", "张三", "220104198503150000", "2020-03-05", "2020-04-05", "1200.5"]));
    // The merged start date holds for the second row too.
    assert_eq!(texts[1], (0, 6, vec!["r2", "李四", "22010419850315000X", "2020-03-05", "", ""]));
    assert_eq!(texts[2], (1, 2, vec!["r3", "王五", "C", "2020.3.7", "", ""]));
    assert_eq!(texts.len(), 3);
    let kinds: Vec<_> = rows[0].cells.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Text, Kind::Number, Kind::Date, Kind::Date, Kind::Number]);
    assert_eq!(rows[1].cells[2].1, Kind::Text);
    assert_eq!(layout.sheets[0].header_rows, [3, 4]);
    assert_eq!(layout.sheets[0].totals.first[0].row, 7);
    assert_eq!(layout.sheets[0].hidden_columns, ["B"]);
    assert_eq!(layout.sheets[0].hidden_rows.first, [6]);
    let (misnamed, _) = self::rows("csv", &bytes);
    assert!(misnamed.misnamed);
}

#[test]
fn crafted_workbooks_end_within_the_limits() {
    let dimension = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let small = Limits { child_memory_bytes_max: 512 << 20, child_cpu_seconds_max: 20, ..Limits::default() };
    let cases: [(&str, Vec<u8>, fn(&Unreadable) -> bool); 6] = [
        ("corner", xlsx_with(dimension, ""), |why| matches!(why, Unreadable::TooManyColumns { row: 1_048_576, .. })),
        ("uniqueCount", xlsx_with("", r#"uniqueCount="4000000000" count="4000000000""#), |why| {
            matches!(why, Unreadable::ParserDied { cause: Death::Memory(_) })
        }),
        ("declared 1 GiB", bomb_of_one_string(1 << 30, 1 << 30), |why| matches!(why, Unreadable::Bomb { .. })),
        ("undeclared 1 GiB", bomb_of_one_string(1 << 30, 1_000), |why| {
            matches!(why, Unreadable::ParserDied { .. } | Unreadable::Workbook { .. })
        }),
        ("100,000 entries", Zip::of_entries(3_000).finish(), |why| matches!(why, Unreadable::Bomb { .. })),
        ("cut", xlsx_with("", "")[..600].to_vec(), |why| matches!(why, Unreadable::Truncated)),
    ];
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes, is_expected) in cases {
        let path = folder.path().join("bomb.xlsx");
        fs::write(&path, &bytes).expect("the file can be written");
        let start = Instant::now();
        let why = read_path(&path, &columns(), &small).map(|(layout, _)| layout).expect_err(name);
        println!("{name}: {} bytes, {:.2} s: {why}", bytes.len(), start.elapsed().as_secs_f64());
        assert!(is_expected(&why), "{name}: {why:?}");
    }
    assert!(peak_kib() < 1 << 20, "the parent stays below 1 GiB");
}

/// Peak resident memory of this process in KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[test]
fn every_messy_file_is_read_or_refused() {
    let folder = Path::new("/work/shared/data/messy");
    if !folder.exists() {
        println!("skipped: {} is not here", folder.display());
        return;
    }
    let (mut files, mut read_as_toy, mut read_as_own) = (0, 0, 0);
    for part in fs::read_dir(folder).expect("the folder lists").flatten() {
        for entry in fs::read_dir(part.path()).expect("the folder lists").flatten() {
            let path = entry.path();
            let start = Instant::now();
            let toy = read_path(&path, &columns(), &Limits::default());
            let own = own_header(&path).map(|names| read_path(&path, &names, &Limits::default()));
            let shown = |result: &Result<(Layout, Vec<Row>), Unreadable>| match result {
                Ok((layout, rows)) => format!("{} rows, {} sheets", rows.len(), layout.sheets.len()),
                Err(why) => why.to_string(),
            };
            println!(
                "{}: {:.2} s: {} | {}",
                path.file_name().and_then(|name| name.to_str()).unwrap_or(""),
                start.elapsed().as_secs_f64(),
                shown(&toy).chars().take(90).collect::<String>(),
                own.as_ref().map_or_else(String::new, shown).chars().take(90).collect::<String>()
            );
            files += 1;
            read_as_toy += usize::from(toy.is_ok());
            read_as_own += usize::from(own.is_some_and(|own| own.is_ok()));
        }
    }
    println!("{files} files, read {read_as_toy} (toy), {read_as_own} (own header); peak {} KiB", peak_kib());
    assert!(files > 100 && peak_kib() < 1 << 20);
}

/// A contract of the headers that the first filled row of the file itself has, where that can be had.
fn own_header(path: &Path) -> Option<ColumnNames> {
    let texts: Vec<String> = match calamine_free_header(path) {
        Some(texts) => texts,
        None => {
            let bytes = fs::read(path).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let line = text.lines().find(|line| !line.trim().is_empty())?;
            line.split([',', ';', '\t', '|']).map(|cell| cell.trim_matches(['"', '\u{FEFF}', ' ']).to_owned()).collect()
        }
    };
    let filled = texts.into_iter().filter(|text| !text.trim().is_empty());
    Some(ColumnNames::new(filled.map(|text| (vec![text], true))))
}

/// The header of a small, tame workbook, read in this process; the wild ones are for the child only.
fn calamine_free_header(path: &Path) -> Option<Vec<String>> {
    use calamine::{Reader, open_workbook_auto};
    let name = path.file_name()?.to_str()?;
    let is_workbook = [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"].iter().any(|end| name.ends_with(end));
    let is_wild = name.starts_with("OOM") || name.starts_with("gh548");
    if !is_workbook || is_wild || fs::metadata(path).ok()?.len() > 1 << 20 {
        return None;
    }
    let header = std::panic::catch_unwind(|| {
        let mut book = open_workbook_auto(path).ok()?;
        let range = book.worksheet_range_at(0)?.ok()?;
        let row = range.rows().find(|row| row.iter().any(|cell| !cell.to_string().trim().is_empty()))?;
        Some(row.iter().map(ToString::to_string).collect())
    });
    header.ok().flatten()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for extension in ["csv", "jsonl", "json"] {
            if !bytes.starts_with(b"PK") {
                let _ = read_bytes(extension, &bytes);
            }
        }
    }

    #[test]
    fn text_below_a_header_never_panics_and_loses_no_row(
        body in "([a-c\"',;\r\n\t{}\\[\\]: 合计é张]|\u{200B}){0,200}"
    ) {
        let _ = read_bytes("csv", format!("{HEADER}{body}").as_bytes());
        let _ = read_bytes("jsonl", format!("{{\"姓名\":\"x\"}}\n{body}").as_bytes());
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        table in proptest::collection::vec(proptest::collection::vec("[a-z张,\"\n\r ]{0,6}", 6), 1..20)
    ) {
        let mut writer = csv::Writer::from_writer(HEADER.as_bytes().to_vec());
        let mut expected = Vec::new();
        for (index, cells) in table.iter().enumerate() {
            let mut cells = cells.clone();
            cells[0] = format!("r{index}");
            writer.write_record(&cells).expect("memory takes it");
            expected.push(cells);
        }
        let bytes = writer.into_inner().expect("memory takes it");
        let (_, read) = read_bytes("csv", &bytes).expect("well-formed");
        let read: Vec<_> = read.iter().map(|row| row.texts().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, expected);
    }
}
