//! No ID number, name or phone outside the inbox, whatever became of the row.

use crate::support::{HEADER, Project, Row, csv, tree};
use encoding_rs::GB18030;
use polars::prelude::{DataType, ParquetReader, SerReader};
use std::collections::HashSet;

/// Persons planted: 5,000 in all, in two encodings and five fates.
const PERSONS: u32 = 5_000;
/// Bytes by which needles are found: one look-up per place of a haystack instead of one search per needle.
const PREFIX: usize = 6;

fn planted(number: u32) -> Row {
    let mut row = Row::new(number);
    // A name nobody has, three characters long like many.
    let rare = |at: u32| char::from_u32(0x9000 + at % 0x300).unwrap();
    row.name = [rare(number), rare(number / 7 + 11), rare(number / 49 + 101)]
        .iter()
        .collect();
    row.phone = format!("1{:010}", 5_550_000_000u64 + u64::from(number) * 7);
    row
}

/// What must be found nowhere: every id, name and phone in UTF-8, UTF-16 (both orders) and GB18030.
fn needles() -> Vec<Vec<u8>> {
    let mut needles = HashSet::new();
    for row in (0..PERSONS).map(planted) {
        for text in [&row.id_number, &row.name, &row.phone] {
            let wide: Vec<u16> = text.encode_utf16().collect();
            needles.insert(text.as_bytes().to_vec());
            needles.insert(wide.iter().flat_map(|unit| unit.to_le_bytes()).collect());
            needles.insert(wide.iter().flat_map(|unit| unit.to_be_bytes()).collect());
            needles.insert(GB18030.encode(text).0.into_owned());
        }
    }
    // Six bytes of GB18030 or UTF-16 (a name) stand by chance in sealed bytes once in 2^48 places: none of ours do.
    needles.into_iter().collect()
}

struct Search {
    by_prefix: std::collections::HashMap<[u8; PREFIX], Vec<Vec<u8>>>,
}

impl Search {
    fn new() -> Self {
        let mut by_prefix: std::collections::HashMap<[u8; PREFIX], Vec<Vec<u8>>> =
            std::collections::HashMap::new();
        for needle in needles() {
            let prefix = needle[..PREFIX]
                .try_into()
                .expect("needles have six bytes at least");
            by_prefix.entry(prefix).or_default().push(needle);
        }
        Self { by_prefix }
    }

    fn hits(&self, hay: &[u8]) -> usize {
        let found = |(at, window): (usize, &[u8])| {
            let prefix: [u8; PREFIX] = window.try_into().expect("six bytes");
            let needles = self.by_prefix.get(&prefix)?;
            needles
                .iter()
                .any(|needle| hay[at..].starts_with(needle))
                .then_some(())
        };
        hay.windows(PREFIX).enumerate().filter_map(found).count()
    }
}

/// All text columns of a Parquet file, unpacked.
fn texts_of(bytes: &[u8]) -> Vec<u8> {
    let frame = ParquetReader::new(std::io::Cursor::new(bytes))
        .finish()
        .expect("a Parquet file");
    let mut texts = Vec::new();
    for column in frame.columns() {
        if column.dtype() == &DataType::String {
            for text in column.str().expect("text").iter().flatten() {
                texts.extend_from_slice(text.as_bytes());
                texts.push(0);
            }
        }
    }
    texts
}

#[test]
fn five_thousand_persons_are_found_nowhere_but_in_the_inbox() {
    let project = Project::new();
    let rows: Vec<Row> = (0..PERSONS).map(planted).collect();
    let [good, gb, rejected, quarantined] = [
        &rows[..3000],
        &rows[3000..4500],
        &rows[4500..4800],
        &rows[4800..],
    ];
    project.put("training__DP01__220102__2020.csv", csv(good));
    project.put(
        "training__DP03__220102__2020.csv",
        GB18030.encode(&csv(gb)).0,
    );
    let mut broken = rejected.to_vec();
    for (at, row) in broken.iter_mut().enumerate() {
        match at % 3 {
            0 => row.end = "2020-02-30".to_owned(),
            1 => row.training_type = "TT99999",
            _ => row.action = "更正",
        }
    }
    project.put("training__DP07__220102__2020.csv", csv(&broken));
    project.put(
        "training__DP08__220102__2020.csv",
        csv(quarantined).replace(HEADER, "甲,乙,丙"),
    );
    project.put("training__DP09__220102__2020.csv", csv(&good[..50]));
    let first = project.run(&["ingest", "--format", "json"]);
    assert_eq!(first.code, 3, "{}", first.err);
    // Once more, corrected, withdrawn and unchanged.
    let mut later = good[..300].to_vec();
    for (at, row) in later.iter_mut().enumerate() {
        match at % 3 {
            0 => row.subsidy = "700".to_owned(),
            1 => row.action = "撤销",
            _ => {}
        }
    }
    project.put("training__DP01__220102__2021.csv", csv(&later));
    let second = project.run(&["ingest"]);
    let printed = [
        "query trained_person_times --by division",
        "ledger",
        "findings",
        "snapshots",
        "verify",
    ]
    .map(|command| {
        let words: Vec<&str> = command.split(' ').collect();
        let done = project.run(&words);
        done.out + &done.err
    });

    let search = Search::new();
    // The search itself is not blind.
    let inbox = tree(&project.inbox());
    assert!(search.hits(&inbox["training__DP01__220102__2020.csv"]) >= 9_000);
    assert!(search.hits(&inbox["training__DP03__220102__2020.csv"]) >= 4_500);

    for text in [&first.out, &first.err, &second.out, &second.err]
        .into_iter()
        .chain(&printed)
    {
        assert_eq!(search.hits(text.as_bytes()), 0, "printed: {text}");
    }
    let mut parquet = 0;
    for (name, bytes) in tree(&project.root()) {
        if name.starts_with("inbox/") {
            continue;
        }
        assert_eq!(search.hits(&bytes), 0, "{name}");
        if name.ends_with(".parquet") {
            parquet += 1;
            assert_eq!(search.hits(&texts_of(&bytes)), 0, "{name}, unpacked");
        }
    }
    assert!(parquet >= 5, "the lake was looked at");
}
