//! Crafted files, and all the strange ones that can be had.

use std::fs;
use std::path::Path;
use std::time::Instant;

use dabiao::intake::reading::{ColumnNames, Death, Layout, Limits, Unreadable};

use super::support::{Zip, bomb_of_one_string, workbook, xlsx_of, xlsx_with};
use super::{Row, columns, read_path};

/// What it is, its bytes, and whether it was refused for the right reason.
type Case = (&'static str, Vec<u8>, fn(&Unreadable) -> bool);

#[test]
fn crafted_workbooks_end_within_the_limits() {
    let dimension = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let small = Limits {
        child_memory_bytes_max: 512 << 20,
        child_cpu_seconds_max: 20,
        ..Limits::default()
    };
    let cases: [Case; 8] = [
        ("corner", xlsx_with(dimension, ""), |why| {
            matches!(why, Unreadable::TooManyColumns { row: 1_048_576, .. })
        }),
        (
            "uniqueCount",
            xlsx_with("", r#"uniqueCount="4000000000" count="4000000000""#),
            |why| {
                matches!(
                    why,
                    Unreadable::ParserDied {
                        cause: Death::Memory(_)
                    }
                )
            },
        ),
        (
            "declared 1 GiB",
            bomb_of_one_string(1 << 30, 1 << 30),
            |why| matches!(why, Unreadable::Bomb { .. }),
        ),
        (
            "700 MiB, which the packed size allows",
            bomb_of_one_string(700 << 20, 700 << 20),
            |why| {
                matches!(
                    why,
                    Unreadable::ParserDied {
                        cause: Death::Memory(_)
                    }
                )
            },
        ),
        ("1 MiB in 12,000 cells", long_cells(12_000), |why| {
            matches!(why, Unreadable::NoHeader { .. })
        }),
        (
            "undeclared 1 GiB",
            bomb_of_one_string(1 << 30, 1_000),
            |why| {
                matches!(
                    why,
                    Unreadable::ParserDied { .. } | Unreadable::Workbook { .. }
                )
            },
        ),
        ("3,000 parts", Zip::of_entries(3_000).finish(), |why| {
            matches!(why, Unreadable::Bomb { .. })
        }),
        ("cut", xlsx_with("", "")[..600].to_vec(), |why| {
            matches!(why, Unreadable::Truncated)
        }),
    ];
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes, is_expected) in cases {
        let path = folder.path().join("bomb.xlsx");
        fs::write(&path, &bytes).expect("the file can be written");
        let start = Instant::now();
        let why = read_path(&path, &columns(), &small)
            .map(|(layout, _)| layout)
            .expect_err(name);
        println!(
            "{name}: {} bytes, {:.2} s: {why}",
            bytes.len(),
            start.elapsed().as_secs_f64()
        );
        assert!(is_expected(&why), "{name}: {why:?}");
    }
    assert!(peak_kib() < 1 << 20, "the parent stays below 1 GiB");
}

/// So many cells that all show the same string of 1 MiB.
fn long_cells(count: usize) -> Vec<u8> {
    let rows: String = (1..=count)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>"#))
        .collect();
    xlsx_of(&rows, "", &"x".repeat(1 << 20))
}

#[test]
fn time_is_limited_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("bomb.xlsx");
    fs::write(&path, bomb_of_one_string(900 << 20, 900 << 20)).expect("the file can be written");
    let roomy = Limits {
        child_memory_bytes_max: 16 << 30,
        ..Limits::default()
    };
    let cpu = Limits {
        child_cpu_seconds_max: 1,
        ..roomy.clone()
    };
    let wall = Limits {
        child_wall_seconds_max: 0,
        ..roomy
    };
    for (limits, expected) in [(cpu, Death::Cpu(1)), (wall, Death::Wall(0))] {
        match read_path(&path, &columns(), &limits) {
            Err(Unreadable::ParserDied { cause }) => assert_eq!(cause, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn damaged_workbooks_never_reach_us() {
    let whole = workbook();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("damaged.xlsx");
    let (mut read, mut refused) = (0, 0);
    fs::write(&path, &whole).expect("the file can be written");
    let (_, expected) = read_path(&path, &columns(), &Limits::default()).expect("it is whole");
    for part in 1..64 {
        let at = whole.len() * part / 64;
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (part % 8);
        for bytes in [&whole[..at], &flipped] {
            fs::write(&path, bytes).expect("the file can be written");
            match read_path(&path, &columns(), &Limits::default()) {
                Ok((_, rows)) => {
                    assert_eq!(rows, expected, "byte {at} changed a row unseen");
                    read += 1;
                }
                Err(Unreadable::Parser { source }) => panic!("{source}"),
                Err(_) => refused += 1,
            }
        }
    }
    println!("damaged: {read} read, {refused} refused");
    assert!(refused >= 63, "no cut workbook can be read");
}

/// Peak resident memory of this process in KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

#[test]
fn every_messy_file_is_read_or_refused() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/messy"));
    if !folder.exists() {
        println!("skipped: {} is not here", folder.display());
        return;
    }
    let (mut files, mut read_as_toy, mut read_as_own) = (0, 0, 0);
    for part in fs::read_dir(folder).expect("the folder lists").flatten() {
        for entry in fs::read_dir(part.path())
            .expect("the folder lists")
            .flatten()
        {
            let path = entry.path();
            let start = Instant::now();
            let toy = read_path(&path, &columns(), &Limits::default());
            let own = own_header(&path).map(|names| read_path(&path, &names, &Limits::default()));
            let shown = |result: &Result<(Layout, Vec<Row>), Unreadable>| match result {
                Ok((layout, rows)) => {
                    format!("{} rows, {} sheets", rows.len(), layout.sheets.len())
                }
                Err(why) => why.to_string(),
            };
            println!(
                "{}: {:.2} s: {} | {}",
                path.file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or(""),
                start.elapsed().as_secs_f64(),
                shown(&toy).chars().take(90).collect::<String>(),
                own.as_ref()
                    .map_or_else(String::new, shown)
                    .chars()
                    .take(90)
                    .collect::<String>()
            );
            files += 1;
            read_as_toy += usize::from(toy.is_ok());
            read_as_own += usize::from(own.is_some_and(|own| own.is_ok()));
        }
    }
    println!(
        "{files} files, read {read_as_toy} (toy), {read_as_own} (own header); peak {} KiB",
        peak_kib()
    );
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
            line.split([',', ';', '\t', '|'])
                .map(|cell| cell.trim_matches(['"', '\u{FEFF}', ' ']).to_owned())
                .collect()
        }
    };
    let filled = texts.into_iter().filter(|text| !text.trim().is_empty());
    Some(ColumnNames::new(filled.map(|text| (vec![text], true))))
}

/// The header of a small, tame workbook, read in this process; the wild ones are for the child only.
fn calamine_free_header(path: &Path) -> Option<Vec<String>> {
    use calamine::{Reader, open_workbook_auto};
    let name = path.file_name()?.to_str()?;
    let is_workbook = [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"]
        .iter()
        .any(|end| name.ends_with(end));
    let is_wild = name.starts_with("OOM") || name.starts_with("gh548");
    if !is_workbook || is_wild || fs::metadata(path).ok()?.len() > 1 << 20 {
        return None;
    }
    let header = std::panic::catch_unwind(|| {
        let mut book = open_workbook_auto(path).ok()?;
        let range = book.worksheet_range_at(0)?.ok()?;
        let row = range
            .rows()
            .find(|row| row.iter().any(|cell| !cell.to_string().trim().is_empty()))?;
        Some(row.iter().map(ToString::to_string).collect())
    });
    header.ok().flatten()
}
