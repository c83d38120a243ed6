//! Rows that come as blocks, and row groups that are taken over as they are.

use std::sync::Arc;

use dabiao::lake::{Block, Cells, Group, Lake, Strip};
use polars::prelude::*;

use super::{content, facts, open, readers::same_as_delta};

/// `rows` rows from number `first` on; every fifth text and every seventh word, day and amount is missing.
fn block(first: i64, rows: usize) -> Block {
    let numbers = || (first..).take(rows);
    let text = |n: i64| {
        if n % 5 == 0 {
            String::new()
        } else {
            format!("行{n}")
        }
    };
    let mut texts = Strip::<String>::default();
    let mut bytes = Strip::<Vec<u8>>::default();
    for n in numbers() {
        texts.joined += &text(n);
        texts.ends.push(texts.joined.len() as u32);
        bytes.joined.extend(n.to_le_bytes());
        bytes.ends.push(bytes.joined.len() as u32);
    }
    // The lists of two files differ; the words are the same.
    let (words, more) = match first {
        0 => (vec!["a", "b"], vec!["c"]),
        _ => (vec!["c"], vec!["b", "a"]),
    };
    let all: Vec<&str> = words.iter().chain(&more).copied().collect();
    let place = |n: i64| {
        let word = ["a", "b", "c"][(n % 3) as usize];
        all.iter()
            .position(|known| *known == word)
            .expect("it is listed") as u32
    };
    let listed = |words: Vec<&str>| Arc::new(words.into_iter().map(str::to_owned).collect());
    let some = |n: i64| n % 7 != 0;
    Block {
        rows,
        columns: vec![
            ("id".into(), Cells::Whole(numbers().collect())),
            ("text".into(), Cells::Texts(texts)),
            ("bytes".into(), Cells::Bytes(bytes)),
            (
                "word".into(),
                Cells::Words {
                    ids: numbers()
                        .map(|n| if some(n) { place(n) } else { u32::MAX })
                        .collect(),
                    words: listed(words),
                    more: listed(more),
                },
            ),
            ("one".into(), Cells::One("same".into())),
            (
                "day".into(),
                Cells::Days(
                    numbers()
                        .map(|n| if some(n) { n as i32 } else { i32::MIN })
                        .collect(),
                ),
            ),
            (
                "amount".into(),
                Cells::Decimal {
                    values: numbers()
                        .map(|n| if some(n) { n * 101 } else { i64::MIN })
                        .collect(),
                    precision: 18,
                    scale: 2,
                },
            ),
        ],
    }
}

/// What the rows of a block are as a frame.
fn expected(rows: i64) -> DataFrame {
    let some = |n: &i64| n % 7 != 0;
    let numbers = || 0..rows;
    let amounts: Vec<Option<i64>> = numbers()
        .map(|n| Some(n * 101).filter(|_| some(&n)))
        .collect();
    let amounts: Vec<Option<String>> = amounts
        .iter()
        .map(|amount| amount.map(|amount| format!("{}.{:02}", amount / 100, amount % 100)))
        .collect();
    let days: Vec<Option<i32>> = numbers()
        .map(|n| Some(n as i32).filter(|_| some(&n)))
        .collect();
    df!(
        "id" => numbers().collect::<Vec<_>>(),
        "text" => numbers().map(|n| Some(format!("行{n}")).filter(|_| n % 5 != 0)).collect::<Vec<_>>(),
        "bytes" => numbers().map(|n| n.to_le_bytes().to_vec()).collect::<Vec<_>>(),
        "word" => numbers().map(|n| some(&n).then(|| ["a", "b", "c"][(n % 3) as usize])).collect::<Vec<_>>(),
        "one" => vec!["same"; rows as usize],
        "day" => Series::new("day".into(), days).cast(&DataType::Date).expect("days"),
        "amount" => Series::new("amount".into(), amounts).cast(&DataType::Decimal(18, 2)).expect("amounts"),
    )
    .expect("a frame")
}

fn staged(lake: &Lake) -> dabiao::lake::Load {
    let load = lake.begin().expect("a load");
    let mut appender = load.appender("log").expect("an appender");
    for (first, rows) in [(0, 30), (30, 150), (180, 0), (180, 70)] {
        appender.write_block(&block(first, rows)).expect("rows");
    }
    assert_eq!(appender.finish().expect("a file"), 250);
    load
}

#[test]
fn a_block_is_read_as_the_frame_of_its_rows() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = staged(&lake);
    load.append("frame", &expected(250)).expect("rows");
    load.commit(facts(0)).expect("a commit");
    let snapshot = lake.latest().expect("a state").expect("a snapshot");
    assert_eq!(
        snapshot.schema("log").expect("columns"),
        snapshot.schema("frame").expect("columns")
    );
    assert_eq!(content(&snapshot, "log"), content(&snapshot, "frame"));
}

#[test]
fn a_row_group_taken_over_is_the_same_rows_with_further_columns() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let load = staged(&lake);
    let file = load.staged_files("log").remove(0);
    let groups = load.groups(&file).expect("a footer");
    assert_eq!(groups, [100, 100, 50]);
    for (index, rows) in groups.iter().enumerate() {
        let even: Vec<bool> = (0..*rows).map(|row| row % 2 == 0).collect();
        let group = Group {
            table: "log",
            path: &file,
            index,
            without: &["one"],
        };
        let added = df!("even" => even).expect("a frame");
        load.copy_partition("parts", ("part", &format!("p{index}")), &group, &added)
            .expect("a part");
    }
    load.commit(facts(0)).expect("a commit");
    let snapshot = lake.latest().expect("a state").expect("a snapshot");
    same_as_delta(&snapshot);
    let taken = snapshot
        .scan("parts")
        .expect("a scan")
        .collect()
        .expect("rows");
    let taken = taken
        .sort(["id"], SortMultipleOptions::default())
        .expect("sorted");
    let mut wanted = expected(250).drop("one").expect("a column");
    let even: Vec<bool> = (0..250).map(|id| id % 2 == 0).collect();
    wanted
        .with_column(Column::new("even".into(), even))
        .expect("a column");
    let parts: Vec<String> = (0..250).map(|id| format!("p{}", id / 100)).collect();
    wanted
        .with_column(Column::new("part".into(), parts))
        .expect("a column");
    assert!(taken.equals_missing(&wanted), "{taken} {wanted}");

    // Taken over again, the part is the new one only.
    let load = lake.begin().expect("a load");
    load.append("log", &expected(10)).expect("rows");
    let file = load.staged_files("log").remove(0);
    let group = Group {
        table: "log",
        path: &file,
        index: 0,
        without: &["one"],
    };
    let added = df!("even" => vec![true; 10]).expect("a frame");
    load.copy_partition("parts", ("part", "p0"), &group, &added)
        .expect("a part");
    load.commit(facts(1)).expect("a commit");
    let snapshot = lake.latest().expect("a state").expect("a snapshot");
    assert_eq!(snapshot.rows("parts"), 160);
    assert!(lake.verify().expect("it verifies").is_empty());
}
