//! Hostile and broken files as submissions: nothing may panic, abort, hang or eat the memory of the parent.

use crate::support::{HEADER, Project, ROOT, array, assert_identity, text, tree};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Issue 2: the parent stays below this whatever a file asks for.
const PARENT_BYTES_MAX: u64 = 1 << 30;

/// The collection, where it lies beside the repository (or, for a work tree, one folder further up).
pub(crate) fn collection() -> Option<PathBuf> {
    ["..", "../.."]
        .map(|up| Path::new(ROOT).join(up).join("shared/data/messy"))
        .into_iter()
        .find(|path| path.is_dir())
}

/// Peak resident memory of a running process; `None` once it has ended.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Runs `ingest`, watching the memory of the parent; the report, the exit code and the peak.
fn watched(project: &Project) -> (Value, i32, u64) {
    let out = project.beside("report.json");
    let err = project.beside("messages.txt");
    let mut child = project
        .command("2021-06-30")
        .args(["ingest", "--format", "json"])
        .stdout(Stdio::from(fs::File::create(&out).expect("a file")))
        .stderr(Stdio::from(fs::File::create(&err).expect("a file")))
        .spawn()
        .expect("it runs");
    let begun = Instant::now();
    let mut highest = 0;
    let status = loop {
        highest = highest.max(peak(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(600), "it hangs");
        std::thread::sleep(Duration::from_millis(10));
    };
    let messages = fs::read_to_string(&err).expect("messages");
    assert!(!messages.contains("panicked"), "{messages}");
    let code = status
        .code()
        .unwrap_or_else(|| panic!("{status}: {messages}"));
    let report = fs::read_to_string(&out).expect("a report");
    let report =
        serde_json::from_str(&report).unwrap_or_else(|error| panic!("{error}: {messages}"));
    (report, code, highest)
}

#[test]
fn every_messy_file_is_quarantined_or_read() {
    let Some(collection) = collection() else {
        println!("skipped: ../shared/data/messy is not there");
        return;
    };
    let project = Project::new();
    let mut put = 0;
    for (at, (path, bytes)) in tree(&collection).into_iter().enumerate() {
        let path = Path::new(&path);
        let extension = path
            .extension()
            .and_then(|text| text.to_str())
            .unwrap_or("txt");
        for dataset in ["training", "workforce"] {
            let name = format!("{dataset}__DP01__ALL__2020__{at:03}.{extension}");
            project.put(&name, &bytes);
            put += 1;
        }
        // The text files once more under a header that matches, so that their rows are looked at too.
        if ["csv", "tsv", "psv", "ssv", "txt"].contains(&extension) {
            let delimiter = [",", "\t", "|", ";"][["tsv", "psv", "ssv"]
                .iter()
                .position(|known| *known == extension)
                .map_or(0, |at| at + 1)];
            let mut content = HEADER.replace(',', delimiter).into_bytes();
            content.push(b'\n');
            content.extend_from_slice(&bytes);
            project.put(
                &format!("training__DP01__ALL__2020__{at:03}_headed.{extension}"),
                content,
            );
            put += 1;
        }
    }
    assert!(put > 300, "the collection holds {put} / 2 files");
    let (report, code, highest) = watched(&project);
    assert!([0, 3].contains(&code), "exit code {code}");
    assert!(highest > 0, "the memory was seen");
    assert!(highest < PARENT_BYTES_MAX, "{highest} bytes");
    assert_identity(&report);
    let mut by_status: BTreeMap<&str, u32> = BTreeMap::new();
    for file in array(&report["files"]) {
        let status = text(&file["status"]);
        *by_status.entry(status).or_default() += 1;
        if status == "quarantined" {
            assert!(!array(&file["violations"]).is_empty(), "{file}");
        }
    }
    assert_eq!(by_status.values().sum::<u32>(), put, "{by_status:?}");
    assert!(
        report["totals"]["received"].as_u64() > Some(0),
        "rows were looked at"
    );
    println!("{by_status:?}, parent's peak {} MiB", highest >> 20);
}
