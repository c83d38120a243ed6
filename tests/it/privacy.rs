//! Nothing outside the inbox holds an ID number, a name or a phone: 5,000 seeded canaries are looked for everywhere.
//!
//! DESIGN §4.4, issue 2 part 5: the lake, the state, the archive, temporary files and what is printed never hold them.

use crate::support::{HEADER, Project, Row, array, dispositions, id_check, tree};
use flate2::read::{DeflateDecoder, GzDecoder};
use polars::prelude::{DataType, ParquetReader, SerReader};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

const CANARIES: u32 = 5_000;

/// A canary's number: valid, with a sequence nobody has (domain.md 7.3).
fn number(at: u32) -> String {
    // A multiplier prime to the range spreads the canaries over areas and birthdays.
    let spread = at * 7_919 % 65_536;
    let digits = format!(
        "2291{:02}{}{:02}{:02}001",
        spread % 90 + 10,
        1955 + spread / 90 % 48,
        spread % 12 + 1,
        at % 28 + 1
    );
    format!("{digits}{}", id_check(&digits))
}

/// Three characters, each in UTF-8 three bytes long and in GB18030 two.
fn name(at: u32) -> String {
    let letter = |from: u32, at: u32| char::from_u32(from + at % 71).expect("a character");
    [
        letter(0x9F20, at),
        letter(0x9A6C, at / 71),
        letter(0x9C7C, at * 13),
    ]
    .into_iter()
    .collect()
}

fn phone(at: u32) -> String {
    format!("171{:08}", u64::from(at) * 15_485_863 % 100_000_000)
}

fn canary(at: u32) -> Row {
    Row {
        record_no: format!("K{at:06}"),
        id_number: number(at),
        name: name(at),
        phone: phone(at),
        ..Row::new(at)
    }
}

/// Every canary in every encoding, by length in bytes.
struct Needles {
    by_length: BTreeMap<usize, (HashSet<Vec<u8>>, Vec<bool>)>,
}

impl Needles {
    fn new(words: &[String]) -> Self {
        let mut by_length: BTreeMap<usize, (HashSet<Vec<u8>>, Vec<bool>)> = BTreeMap::new();
        for word in words {
            let (gb18030, _, unmapped) = encoding_rs::GB18030.encode(word);
            assert!(!unmapped, "{word}");
            let units = || word.encode_utf16();
            for encoded in [
                word.as_bytes().to_vec(),
                gb18030.into_owned(),
                units().flat_map(u16::to_le_bytes).collect(),
                units().flat_map(u16::to_be_bytes).collect(),
            ] {
                let (known, begins) = by_length
                    .entry(encoded.len())
                    .or_insert_with(|| (HashSet::new(), vec![false; 1 << 16]));
                begins[usize::from(encoded[0]) << 8 | usize::from(encoded[1])] = true;
                known.insert(encoded);
            }
        }
        Self { by_length }
    }

    /// The canaries that stand in some bytes.
    fn found_in(&self, bytes: &[u8]) -> HashSet<Vec<u8>> {
        let mut found = HashSet::new();
        for (length, (known, begins)) in &self.by_length {
            for window in bytes.windows(*length) {
                let begin = usize::from(window[0]) << 8 | usize::from(window[1]);
                if begins[begin] && known.contains(window) {
                    found.insert(window.to_vec());
                }
            }
        }
        found
    }
}

/// Some bytes, and what unpacks from them: zstd, gzip, ZIP entries, Parquet texts, SQLite cells.
fn layers(path: &Path, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut layers = vec![bytes.to_vec()];
    if bytes.starts_with(b"PAR1") {
        layers.push(parquet_texts(bytes));
    } else if bytes.starts_with(b"SQLite format 3") {
        for cell in sqlite_cells(path) {
            layers.extend(unpacked(&cell));
            layers.push(cell);
        }
    } else {
        layers.extend(unpacked(bytes));
    }
    layers
}

fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut layers = Vec::new();
    if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        layers.push(zstd::decode_all(bytes).expect("a whole zstd frame"));
    }
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let mut plain = Vec::new();
        GzDecoder::new(bytes)
            .read_to_end(&mut plain)
            .expect("a whole gzip file");
        layers.push(plain);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let entries = bytes
            .windows(4)
            .enumerate()
            .filter(|(_, mark)| mark == b"PK\x03\x04");
        for (at, _) in entries {
            let length =
                |from: usize| usize::from(u16::from_le_bytes([bytes[from], bytes[from + 1]]));
            let Some(content) = bytes.get(at + 30 + length(at + 26) + length(at + 28)..) else {
                continue;
            };
            let mut plain = Vec::new();
            // What unpacks of a truncated entry counts too.
            let _ = DeflateDecoder::new(content).read_to_end(&mut plain);
            layers.push(plain);
        }
    }
    layers
}

fn parquet_texts(bytes: &[u8]) -> Vec<u8> {
    let frame = ParquetReader::new(Cursor::new(bytes.to_vec()))
        .finish()
        .expect("Parquet of ours");
    let mut texts = Vec::new();
    for column in frame.columns() {
        match column.dtype() {
            DataType::String => {
                for text in column.str().expect("texts").iter().flatten() {
                    texts.extend_from_slice(text.as_bytes());
                    texts.push(b'\n');
                }
            }
            DataType::Binary => {
                for bytes in column.binary().expect("bytes").iter().flatten() {
                    texts.extend_from_slice(bytes);
                    texts.push(b'\n');
                }
            }
            _ => {}
        }
    }
    texts
}

/// Every text and blob of every table.
fn sqlite_cells(path: &Path) -> Vec<Vec<u8>> {
    use rusqlite::types::ValueRef;
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let state = rusqlite::Connection::open_with_flags(path, flags).expect("the state opens");
    let mut tables = state
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .expect("tables are listed");
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .expect("names of tables");
    assert!(!tables.is_empty(), "a state without tables");
    let mut cells = Vec::new();
    for table in tables {
        let mut rows = state
            .prepare(&format!("SELECT * FROM \"{table}\""))
            .expect("a table");
        let width = rows.column_count();
        let mut rows = rows.query([]).expect("its rows");
        while let Some(row) = rows.next().expect("a row") {
            for at in 0..width {
                match row.get_ref(at).expect("a cell") {
                    ValueRef::Text(cell) | ValueRef::Blob(cell) => cells.push(cell.to_vec()),
                    _ => {}
                }
            }
        }
    }
    cells
}

fn workbook(rows: &[Row]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, title) in (0..).zip(HEADER.split(',')) {
        sheet.write(0, at, title).expect("a title");
    }
    for (line, row) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(row.cells()) {
            sheet.write(line, at, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// Everything a department may do wrong with the same 5,000 people.
fn submit(project: &Project, rows: &mut [Row]) {
    let csv = |rows: &[Row]| crate::support::csv(rows);
    // Rows that are rejected in every way that looks at a person: R001, a name too long, no such group, a flagged phone, the
    // number in a column of free text.
    for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| at % 10 == 0) {
        match at / 10 % 6 {
            0 => row.id_number.replace_range(
                17..,
                if row.id_number.ends_with('5') {
                    "6"
                } else {
                    "5"
                },
            ),
            1 => row.name = row.name.repeat(30),
            2 => row.division = "哪儿也不是".to_owned(),
            3 => row.phone.push('9'),
            4 => row.record_no = format!("证{}号", row.id_number),
            _ => row.end = "不知道".to_owned(),
        }
    }
    let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    project.put("training__DP01__220102__2020-05.csv", csv(&rows[..2_000]));
    project.put(
        "training__DP01__220103__2020-05.csv",
        gb18030(&csv(&rows[2_000..3_500])),
    );
    project.put(
        "training__DP01__220104__2020-05.xlsx",
        workbook(&rows[3_500..]),
    );
    // The same bytes twice (Q03), the same rows once more with other phones (corrections), one key twice (Q11).
    project.put(
        "training__DP01__220102__2020-05__again.csv",
        csv(&rows[..2_000]),
    );
    let mut corrected = rows[100..300].to_vec();
    for (row, other) in corrected.iter_mut().zip(&rows[4_000..]) {
        row.phone.clone_from(&other.phone);
    }
    corrected.push(Row {
        record_no: rows[101].record_no.clone(),
        ..rows[4_000].clone()
    });
    project.put("training__DP01__220105__2020-06.csv", csv(&corrected));
    // Four files that are set aside whole: misnamed, named by a person, truncated, in no encoding.
    project.put("人社局补报.csv", csv(&rows[..500]));
    let named = format!("training__DP01__220102__2020-07__{}.csv", rows[7].id_number);
    project.put(&named, csv(&rows[..500]));
    let whole = workbook(&rows[..500]);
    project.put(
        "training__DP01__220106__2020-05.xlsx",
        &whole[..whole.len() / 2],
    );
    let mut broken = gb18030(&csv(&rows[..500]));
    broken.extend_from_slice(&[0xFF, 0xFF, b'\n']);
    project.put("training__DP01__220112__2020-05.csv", broken);
}

#[expect(
    clippy::too_many_lines,
    reason = "one story: what is planted, what becomes of it, where it is looked for"
)]
#[test]
fn no_canary_leaves_the_inbox() {
    let mut rows: Vec<Row> = (0..CANARIES).map(canary).collect();
    let words: Vec<String> = rows
        .iter()
        .flat_map(|row| [row.id_number.clone(), row.name.clone(), row.phone.clone()])
        .collect();
    let distinct: HashSet<&String> = words.iter().collect();
    assert_eq!(
        distinct.len(),
        3 * CANARIES as usize,
        "canaries are told apart"
    );
    let needles = Needles::new(&words);

    let project = Project::new();
    let temporary = project.beside("temporary");
    fs::create_dir(&temporary).expect("a folder");
    submit(&project, &mut rows);

    // The search finds what is there: every canary that was not damaged, in two encodings and inside a workbook.
    let inbox = tree(&project.inbox());
    let mut seen = HashSet::new();
    for (file, bytes) in &inbox {
        for layer in layers(&project.inbox().join(file), bytes) {
            seen.extend(needles.found_in(&layer));
        }
    }
    assert!(
        seen.len() > 14_000,
        "{} of the canaries are seen in the inbox",
        seen.len()
    );
    for encoded in [u16::to_le_bytes, u16::to_be_bytes] {
        let hay: Vec<u8> = format!("x{}y", words[7])
            .encode_utf16()
            .flat_map(encoded)
            .collect();
        assert_eq!(needles.found_in(&hay).len(), 1, "UTF-16 is searched");
    }

    let mut printed = Vec::new();
    let run = |args: &[&str]| {
        let mut command = project.command("2021-06-30");
        let output = command.env("TMPDIR", &temporary).args(args).output();
        output.expect("it runs")
    };
    let dry = run(&["ingest", "--dry-run"]);
    let report = run(&["ingest", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_slice(&report.stdout).expect("a report");
    for args in [
        &["ingest"][..],
        &["findings"],
        &["findings", "--format", "json"],
        &["ledger", "--by", "division"],
        &["snapshots", "--format", "json"],
        &[
            "query",
            "trained_person_times",
            "--by",
            "division,sex,age_band",
        ],
    ] {
        printed.push(run(args));
    }
    printed.extend([dry, report]);

    // Everything that was meant to happen did.
    let [received, new, correction, _, unchanged, rejected] = dispositions(&told["totals"]);
    assert_eq!(received, 5_201);
    assert!(
        new > 4_500 && correction > 150 && rejected > 390,
        "{}",
        told["totals"]
    );
    assert_eq!(received, new + correction + unchanged + rejected);
    let files = array(&told["files"]).iter();
    let statuses: Vec<&str> = files
        .map(|file| file["status"].as_str().expect("a status"))
        .collect();
    let of = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!(
        (of("loaded"), of("duplicate"), of("quarantined")),
        (4, 1, 4),
        "{statuses:?}"
    );

    let mut searched = 0;
    let mut hits = Vec::new();
    for (place, folder) in [("project", project.root()), ("temporary", temporary)] {
        for (file, bytes) in tree(&folder) {
            // Receipts repeat what was sent, for their reporter; their names stand in listings and logs.
            let name = needles.found_in(file.as_bytes()).len();
            let of_reporter = file.starts_with("inbox/") && !file.starts_with("inbox/returned/");
            hits.extend((name > 0 && !of_reporter).then(|| format!("{place}/{file}: its name")));
            if place == "project" && file.starts_with("inbox/") {
                continue;
            }
            for layer in layers(&folder.join(&file), &bytes) {
                searched += layer.len();
                let found = needles.found_in(&layer);
                hits.extend(
                    (!found.is_empty()).then(|| format!("{place}/{file}: {}", found.len())),
                );
            }
        }
    }
    for output in &printed {
        for stream in [&output.stdout, &output.stderr] {
            let found = needles.found_in(stream).len();
            hits.extend((found > 0).then(|| format!("printed: {found}")));
        }
    }
    assert!(searched > 500_000, "{searched} bytes were searched");
    println!(
        "{} needles, {searched} bytes outside the inbox",
        words.len() * 4
    );
    assert_eq!(hits, Vec::<String>::new());
}

#[test]
fn numbers_in_the_wrong_place_are_not_repeated() {
    // Cells slip: an ID or a phone in a column of codes, in a title, in a total row, in the header.
    let project = Project::new();
    let words = [number(1), phone(1)];
    let needles = Needles::new(&words);
    for (at, word) in words.iter().enumerate() {
        let good = canary(9);
        let mut rows = [canary(10), canary(11), canary(12)];
        rows[0].division.clone_from(word);
        rows[1].start.clone_from(word);
        rows[2].subsidy = format!("{word}元");
        let body = crate::support::csv(std::iter::once(&good).chain(&rows));
        let body = body.replacen("\n", &format!(",{word}\n"), 1);
        let file = format!("联系人 {word}\n{body}合计,{word}\n");
        project.put(
            &format!("training__DP01__220102__2020-0{}.csv", at + 1),
            file,
        );
    }
    let report = project.run(&["ingest", "--format", "json"]);
    let told = report.json(3);
    // A good row is new in the first file and unchanged in the second, three rows of each are rejected for the slipped cell.
    assert_eq!(dispositions(&told["totals"]), [8, 1, 0, 0, 1, 6]);
    let reading = &told["files"][0]["reading"]["sheets"][0];
    assert_eq!(array(&reading["title_rows"]).len(), 1, "{reading}");
    assert_eq!(array(&reading["total_rows"]).len(), 1, "{reading}");
    assert_eq!(array(&reading["ignored_columns"]).len(), 1, "{reading}");
    let in_inbox = fs::read(project.inbox().join("training__DP01__220102__2020-01.csv"));
    assert_eq!(
        needles.found_in(&in_inbox.expect("the file")).len(),
        1,
        "the search works"
    );
    assert_eq!(
        needles.found_in(report.out.as_bytes()),
        HashSet::new(),
        "{}",
        report.out
    );
    // In the name of a sheet and in a key of a line, as far as a fault or a quarantine quotes them.
    let mut book = rust_xlsxwriter::Workbook::new();
    for word in &words {
        let page = book.add_worksheet().set_name(word).expect("a name");
        for (at, title) in (0..).zip(HEADER.split(',')) {
            page.write(0, at, title).expect("a title");
        }
        page.write(1, 0, "K").expect("a cell");
    }
    let book = book.save_to_buffer().expect("a workbook");
    project.put("training__DP01__220102__2020-03.xlsx", book);
    let line = format!("{{\"记录编号\":\"K\",\"姓名({})\":{{}}}}\n", words[0]);
    project.put("training__DP01__220102__2020-04.jsonl", line);
    let report = project.run(&["ingest", "--format", "json"]);
    assert!(
        report.out.contains("\"sheet\":\"*") && report.out.contains("姓名(*"),
        "{}",
        report.out
    );
    assert_eq!(needles.found_in(report.out.as_bytes()), HashSet::new());
    for (file, bytes) in tree(&project.root()) {
        if !file.starts_with("inbox/") {
            for layer in layers(&project.root().join(&file), &bytes) {
                assert_eq!(needles.found_in(&layer), HashSet::new(), "{file}");
            }
        }
    }
}
