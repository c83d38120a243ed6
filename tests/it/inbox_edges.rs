//! Submissions that look right and are not, or look wrong and are right: nothing uncertain is accepted, nothing is left out in
//! silence.

use crate::reading::support::xlsx_plain;
use crate::support::{
    HEADER, Project, Row, array, counts, csv, dispositions, id_check, text, tree,
};
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::io::Cursor;

const TRAINING: &str = "training__DP01__220102__2020-05";

/// Somebody's number: a man of an area that does not exist (CONTRACT E2).
fn number(day: u32) -> String {
    let digits = format!("229901198503{day:02}001");
    format!("{digits}{}", id_check(&digits))
}

/// A training record with the cells under further headers, or others in place of the usual.
fn sheet(rows: &[(Row, &[(&str, &str)])]) -> String {
    let headers: Vec<&str> = HEADER.split(',').chain(["证书编号", "证件类型"]).collect();
    let mut lines = headers.join(",") + "\n";
    for (row, cells) in rows {
        let mut line: Vec<&str> = row.cells().into_iter().chain(["", ""]).collect();
        for (header, cell) in *cells {
            let at = headers.iter().position(|known| known == header);
            line[at.expect("a header")] = cell;
        }
        lines += &(line.join(",") + "\n");
    }
    lines
}

fn rejected(file: &Value) -> Vec<(u64, &str, &str)> {
    let violations = array(&file["violations"]).iter();
    violations
        .filter(|violation| violation["effect"] == "reject")
        .map(|violation| {
            let row = violation["row"].as_u64().expect("a row");
            (row, text(&violation["rule"]), text(&violation["column"]))
        })
        .collect()
}

/// The texts of the first sheet of a receipt.
fn summary(project: &Project, folder: &str, file: &str) -> Vec<String> {
    let path = project.inbox().join("returned").join(folder);
    let bytes = std::fs::read(path.join(format!("{file}.receipt.xlsx"))).expect("a receipt");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("rows");
    let cells = range.used_cells().map(|(_, _, cell)| cell);
    cells
        .filter_map(|cell| match cell {
            Data::String(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn bare_day_numbers_are_counted_from_the_day_the_workbook_says() {
    let row = |number: u32, start: &str, end: &str| -> Vec<String> {
        let row = Row {
            start: start.to_owned(),
            end: end.to_owned(),
            ..Row::new(number)
        };
        row.cells().map(str::to_owned).to_vec()
    };
    let header: Vec<String> = HEADER.split(',').map(str::to_owned).collect();
    let project = Project::new();
    // 2020-05-04 and 2020-05-15 in either system.
    for (name, properties, cells) in [
        ("1900", "", row(1, "43955", "43966")),
        (
            "1904",
            r#"<workbookPr date1904="1"/>"#,
            row(2, "42493", "42504"),
        ),
    ] {
        let name = format!("{TRAINING}__{name}.xlsx");
        project.put(&name, xlsx_plain(properties, &[header.clone(), cells]));
    }
    // JSON has no such system: what was meant nobody can know.
    let json: serde_json::Map<String, Value> = HEADER
        .split(',')
        .zip(row(3, "43955", "2020-05-15"))
        .map(|(key, cell)| {
            let number = (cell == "43955").then_some(43_955);
            let cell = number.map_or(Value::from(cell), Value::from);
            (key.to_owned(), cell)
        })
        .collect();
    project.put(
        &format!("{TRAINING}__json.jsonl"),
        serde_json::to_string(&json).expect("JSON"),
    );
    let report = project.ingest(3);
    assert_eq!(dispositions(&report["totals"]), [3, 2, 0, 0, 0, 1]);
    assert_eq!(
        rejected(&report["files"][2]),
        [(1, "V-DATE", "start_date")],
        "{report}"
    );
    let by_month = project.query("trained_person_times", &["--by", "month"]);
    let by_month = counts(&by_month, "month");
    assert_eq!(
        by_month.into_iter().collect::<Vec<_>>(),
        [("2020-05".to_owned(), 2)]
    );
}

#[test]
fn an_id_number_in_a_free_text_is_rejected_and_nowhere_repeated() {
    let project = Project::new();
    let (plain, wide, embedded) = (number(1), number(2), number(3));
    let wide: String = wide
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).expect("a full-width character"))
        .collect();
    let embedded_text = format!("第{}号", embedded.to_lowercase());
    let spaced = {
        let number = number(4);
        format!("{} {}-{}", &number[..6], &number[6..14], &number[14..])
    };
    let rows: Vec<(Row, Vec<(&str, &str)>)> = vec![
        (Row::new(1), vec![("记录编号", plain.as_str())]),
        (Row::new(2), vec![("班期编号", wide.as_str())]),
        (Row::new(3), vec![("证书编号", embedded_text.as_str())]),
        (Row::new(4), vec![("证书编号", spaced.as_str())]),
        // A withdrawal needs its key only, and the key must not be a person either.
        (
            Row::new(5),
            vec![("操作", "撤销"), ("记录编号", plain.as_str())],
        ),
        // Not numbers of persons: a wrong check digit, a longer row of digits, an area with a date and a running number.
        (Row::new(6), vec![("证书编号", "229901198503010010")]),
        (Row::new(7), vec![("证书编号", "S0000220122970201000058")]),
        (Row::new(8), vec![("班期编号", "220102202005040007")]),
    ];
    assert_eq!(
        id_check("22010220200504000"),
        '7',
        "right as an ID's check digit"
    );
    assert_ne!(id_check("22990119850301001"), '0');
    let rows: Vec<(Row, &[(&str, &str)])> = rows
        .iter()
        .map(|(row, cells)| (row.clone(), cells.as_slice()))
        .collect();
    project.put(&format!("{TRAINING}.csv"), sheet(&rows));
    let in_name = number(9);
    project.put(
        &format!("{TRAINING}__{in_name}.csv"),
        sheet(&[(Row::new(9), &[])]),
    );
    let done = project.run(&["ingest", "--format", "json"]);
    let report = done.json(3);
    assert_eq!(dispositions(&report["totals"]), [8, 3, 0, 0, 0, 5]);
    let places: Vec<_> = rejected(&report["files"][0])
        .into_iter()
        .map(|(row, rule, column)| format!("{row} {rule} {column}"))
        .collect();
    assert_eq!(
        places,
        [
            "2 V-PRIVATE record_no",
            "3 V-PRIVATE class_no",
            "4 V-PRIVATE certificate_no",
            "5 V-PRIVATE certificate_no",
            "6 V-PRIVATE record_no",
        ]
    );
    assert_eq!(report["files"][1]["status"], "quarantined");
    let file = text(&report["files"][1]["file"]);
    assert!(
        file.contains("****************") && !file.contains(&in_name),
        "{file}"
    );
    // Neither the report nor the project repeats a number, but for what lies beside the inbox for its reporter.
    let needles = [
        plain,
        wide,
        embedded.to_lowercase(),
        embedded,
        spaced,
        in_name,
    ];
    let unseen = |hay: &str, place: &str| {
        for needle in &needles {
            assert!(!hay.contains(needle.as_str()), "{place}: {needle}");
        }
    };
    unseen(&done.out, "printed");
    unseen(&done.err, "messages");
    unseen(
        &project.run(&["ingest", "--dry-run"]).out,
        "printed as text",
    );
    for (file, bytes) in tree(&project.root()) {
        if !file.starts_with("inbox/") {
            unseen(&String::from_utf8_lossy(&bytes), &file);
        }
        if !file.starts_with("inbox/training") {
            unseen(&file, "a file's name");
        }
    }
}

#[test]
fn an_id_number_among_credit_codes_or_counts_is_rejected() {
    // One valid ID in thirty is a valid credit code too: such a one is looked for.
    let both = (0..5_000)
        .map(|at| {
            let digits = format!(
                "2299{:02}198{}{:02}{:02}001",
                at / 3_000,
                at % 10,
                at % 12 + 1,
                at / 12 % 28 + 1
            );
            format!("{digits}{}", id_check(&digits))
        })
        .find(|number| dabiao::intake::id_number::is_uscc(number));
    let both = both.expect("there is one");
    let project = Project::new();
    project.put(
        &format!("{TRAINING}.csv"),
        sheet(&[(Row::new(1), &[("用人单位统一社会信用代码", both.as_str())])]),
    );
    let digits = (1..28).map(number).find(|number| !number.ends_with('X'));
    let workforce = format!(
        "统计日期,地区,就业人员,来源\n2020-12-31,南关区,{},调查\n",
        digits.expect("there is one")
    );
    project.put("workforce__DP01__220102__2020.csv", workforce);
    let report = project.ingest(3);
    assert_eq!(
        rejected(&report["files"][0]),
        [(2, "V-PRIVATE", "employer_uscc")]
    );
    assert_eq!(rejected(&report["files"][1]), [(2, "V-RANGE", "employed")]);
}

#[test]
fn a_record_that_begins_like_a_total_is_a_record() {
    let project = Project::new();
    let named = |record_no: &str, number: u32| Row {
        record_no: record_no.to_owned(),
        ..Row::new(number)
    };
    let mut file = csv(&[named("合计001", 1), named("总计划-2", 2), Row::new(3)]);
    // A total row, one with notes in it, and a record that begins so and lacks a required cell.
    file += "合计,,,,,,,,,,,,,,,1800,\n小 计,,,3人次,,,南关区,,,,,,,,,1800,\n";
    let mut lacking = named("小计9", 4);
    lacking.name = String::new();
    file += csv(&[lacking]).lines().nth(1).expect("a row");
    let name = format!("{TRAINING}.csv");
    project.put(&name, file);
    let report = project.ingest(3);
    assert_eq!(dispositions(&report["totals"]), [4, 3, 0, 0, 0, 1]);
    assert_eq!(rejected(&report["files"][0]), [(7, "V-REQUIRED", "name")]);
    let reading = &report["files"][0]["reading"]["sheets"][0];
    let rows: Vec<_> = array(&reading["total_rows"])
        .iter()
        .map(|row| row["row"].as_u64())
        .collect();
    assert_eq!(rows, [Some(5), Some(6)]);
    assert_eq!(reading["total_rows_count"], 2);
    let load = text(&report["load"]);
    let said = summary(&project, load, &name);
    assert!(
        said.iter()
            .any(|line| line.starts_with("2 行合计") && line.contains("5、6")),
        "{said:?}"
    );
}

#[test]
fn totals_of_numbers_stay_totals() {
    // Every number of a total row is filled; what makes a record is not.
    let project = Project::new();
    project.put(
        "education_funds__DP11__ALL__2020.csv",
        "employer_uscc,year,payroll,drawn,used,frontline\n合计,2020,100,8,6,4\n",
    );
    project.put(
        "funds__DP06__ALL__2020.csv",
        "期间,地区,部门,资金来源,资金性质,金额\n2020-06,南关区,财政,就业补助资金,拨付,100\n小计,南关区,财政,,,100\n",
    );
    let report = project.ingest(0);
    assert_eq!(dispositions(&report["totals"]), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn a_sheet_without_header_is_named_with_its_rows() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let first = book.add_worksheet();
    for (at, title) in (0..).zip(HEADER.split(',')) {
        first.write(0, at, title).expect("a title");
    }
    for (sheet, line, row) in [
        (0, 1, Row::new(1)),
        (1, 0, Row::new(2)),
        (1, 1, Row::new(3)),
    ] {
        if sheet == 1 && line == 0 {
            book.add_worksheet().set_name("续表").expect("a name");
        }
        let page = book.worksheet_from_index(sheet).expect("a sheet");
        for (at, cell) in (0..).zip(row.cells()) {
            page.write(line, at, cell).expect("a cell");
        }
    }
    let project = Project::new();
    let name = format!("{TRAINING}.xlsx");
    project.put(&name, book.save_to_buffer().expect("a workbook"));
    let report = project.ingest(0);
    assert_eq!(dispositions(&report["totals"]), [1, 1, 0, 0, 0, 0]);
    let sheet = &report["files"][0]["reading"]["sheets"][1];
    assert_eq!(
        (&sheet["read"], &sheet["rows_passed_over"]),
        (&Value::from(false), &Value::from(2))
    );
    let said = summary(&project, text(&report["load"]), &name);
    assert!(
        said.iter()
            .any(|line| line.contains("续表") && line.contains("2 行")),
        "{said:?}"
    );
}

#[test]
fn the_same_bytes_again_say_when_they_came() {
    let project = Project::new();
    let wrong = Row {
        division: "哪儿也不是".to_owned(),
        ..Row::new(2)
    };
    let bytes = csv(&[Row::new(1), wrong]);
    project.put(&format!("{TRAINING}.csv"), &bytes);
    let first = project.ingest(3);
    let load = text(&first["load"]).to_owned();
    // A reporter sends the same file once more, thinking it corrected.
    let again = format!("{TRAINING}__corrected.csv");
    project.put(&again, &bytes);
    let report = project.ingest(0);
    assert_eq!(report["load"], Value::Null);
    for file in array(&report["files"]) {
        assert_eq!(file["status"], "duplicate");
        assert_eq!(file["earlier"]["load"], load.as_str());
        assert_eq!(file["earlier"]["rejected"], 1);
        let said = &file["earlier"]["message"];
        let (zh, en) = (text(&said["zh"]), text(&said["en"]));
        assert!(
            zh.contains(&load) && zh.contains("退回 1 行") && zh.contains("新文件"),
            "{zh}"
        );
        assert!(
            en.contains(&load) && en.contains("1 rows") && en.contains("new file"),
            "{en}"
        );
    }
    let told = project.run(&["ingest"]).out;
    assert!(told.contains(&load) && told.contains("新文件"), "{told}");
    // The reporter finds it beside the inbox; the file that simply still lies there gets no second receipt.
    let said = summary(&project, "duplicates", &again);
    assert!(said.iter().any(|line| line.contains(&load)), "{said:?}");
    let receipts = tree(&project.inbox().join("returned").join("duplicates"));
    assert_eq!(receipts.len(), 2, "{:?}", receipts.keys());
    // Twice in one load.
    let project = Project::new();
    for name in ["a", "b"] {
        project.put(&format!("{TRAINING}__{name}.csv"), &bytes);
    }
    let report = project.ingest(3);
    let earlier = &report["files"][1]["earlier"];
    assert_eq!(
        (&earlier["load"], &earlier["rejected"]),
        (&report["load"], &Value::from(1))
    );
}

#[test]
fn receipts_of_files_with_one_name_do_not_overwrite_each_other() {
    let project = Project::new();
    let wrong = |number| Row {
        division: "哪儿也不是".to_owned(),
        ..Row::new(number)
    };
    let name = format!("{TRAINING}__{}.csv", "很长的名字".repeat(14));
    for (folder, row) in [("南", wrong(1)), ("北", wrong(2))] {
        let folder = project.inbox().join(folder);
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join(&name), csv(&[row])).expect("a file");
    }
    let report = project.ingest(3);
    assert_eq!(dispositions(&report["totals"]), [2, 0, 0, 0, 0, 2]);
    let folder = project.inbox().join("returned").join(text(&report["load"]));
    assert_eq!(tree(&folder).len(), 4);
}

#[test]
fn a_part_does_not_stand_for_the_whole() {
    let project = Project::new();
    project.put(
        "workforce__DP01__ALL__2020.csv",
        "统计日期,地区,就业人员,来源\n2020-12-31,长春新区,300000,调查\n2020-12-31,220173,100000,调查\n",
    );
    project.put(
        "funds__DP06__ALL__2020.csv",
        "期间,地区,部门,资金来源,资金性质,金额\n2020-06,高新区,财政,就业补助资金,拨付,100\n",
    );
    project.put(
        "returns__DP18__ALL__2020Q4.csv",
        "期间,地区,指标,数值\n2020Q4,高新区,补贴性培训人次,7\n",
    );
    project.put(
        "targets__DP01__ALL__2020.csv",
        "指标,单位类别,单位,期间,目标值,来源性质,生效日期\n补贴性培训人次,县(市)区,高新区,2020,7,分解,2020-01-01\n",
    );
    project.put(
        "institutions__DP01__ALL__2020.csv",
        "code,name,division,valid_from\nI1,学校,220173,2020-01-01\n",
    );
    let training = Row {
        division: "220173".to_owned(),
        ..Row::new(1)
    };
    project.put("training__DP01__CC-XQ__2020-05.csv", csv(&[training]));
    let report = project.ingest(3);
    let mut refused = 0;
    for file in array(&report["files"]) {
        if file["dataset"] == "training" {
            assert_eq!(file["repairs"][0]["rule"], "division_merged", "{file}");
            continue;
        }
        let violation = array(&file["violations"]).last().expect("a violation");
        assert_eq!(violation["rule"], "V-CODE", "{file}");
        assert!(
            text(&violation["message"]["zh"]).contains("长春新区"),
            "{file}"
        );
        assert!(
            text(&violation["message"]["en"]).contains("New Area"),
            "{file}"
        );
        refused += 1;
    }
    assert_eq!(refused, 5);
    assert_eq!(dispositions(&report["totals"]), [7, 2, 0, 0, 0, 5]);
}

#[test]
fn one_span_is_one_period_and_one_passport_one_person() {
    let project = Project::new();
    let funds = |period: &str, amount: &str| {
        format!(
            "期间,地区,部门,资金来源,资金性质,金额\n{period},南关区,财政,就业补助资金,拨付,{amount}\n"
        )
    };
    for (at, (period, amount)) in [
        ("2020-06", "1"),
        ("2020-06..2020-06", "2"),
        ("2020", "3"),
        ("2020-01..2020-12", "4"),
        ("2020年全年", "4"),
        ("ytd:2020-06", "5"),
    ]
    .iter()
    .enumerate()
    {
        project.put(
            &format!("funds__DP06__ALL__2020__{at}.csv"),
            funds(period, amount),
        );
    }
    let passports = ["E12345678", "e12345678", "Ｅ1234 5678"];
    let cells = passports.map(|passport| [("证件类型", "护照"), ("证件号码", passport)]);
    let rows: Vec<(Row, &[(&str, &str)])> = (1..)
        .zip(&cells)
        .map(|(number, cells)| (Row::new(number), cells.as_slice()))
        .collect();
    project.put(&format!("{TRAINING}.csv"), sheet(&rows));
    let report = project.ingest(3);
    let told: Vec<[u64; 6]> = array(&report["files"]).iter().map(dispositions).collect();
    assert_eq!(
        told,
        [
            [1, 1, 0, 0, 0, 0],
            [1, 0, 1, 0, 0, 0],
            [1, 1, 0, 0, 0, 0],
            [1, 0, 1, 0, 0, 0],
            [1, 0, 0, 0, 1, 0],
            [1, 0, 0, 0, 0, 1],
            [3, 3, 0, 0, 0, 0],
        ]
    );
    assert_eq!(report["files"][1]["repairs"][0]["rule"], "period_name");
    // The same person, occupation and level: counted once (R007).
    assert_eq!(project.total("trained_person_times", &[]), 1);
    let asked = project.query("trained_person_times", &["--period", "2020-01..2020-12"]);
    assert_eq!(asked["period"], "2020");
    let asked = project.query("trained_person_times", &["--period", "ytd:2020-06"]);
    assert_eq!(asked["period"], "ytd:2020-06");
}
