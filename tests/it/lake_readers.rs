//! The tables as other engines see them.

use std::process::Command;

use dabiao::lake::Snapshot;
use deltalake_core::DeltaTableBuilder;
use polars::prelude::*;

use super::{content, facts, frame, open};

/// Checks that delta-rs, given the version of a snapshot, lists exactly the snapshot's files.
#[track_caller]
pub(crate) fn same_as_delta(snapshot: &Snapshot) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    for name in snapshot.tables().map(str::to_owned).collect::<Vec<_>>() {
        let url = url::Url::from_directory_path(snapshot.dir(&name)).expect("a url");
        let version = snapshot.version(&name).expect("a version");
        let table = runtime.block_on(async {
            DeltaTableBuilder::from_url(url)?
                .with_version(version)
                .load()
                .await
        });
        let table = table.expect("delta-rs opens the table");
        let uris = table.get_file_uris().expect("files");
        // delta-rs percent-encodes what it prints; file names alone tell the files apart.
        let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let mut seen: Vec<_> = uris.map(|uri| last(&uri)).collect();
        let files = snapshot.files(&name);
        let mut expected: Vec<_> = files.iter().map(|f| last(&f.to_string_lossy())).collect();
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected, "{name}@{version}");
    }
}

const SCRIPT: &str = r#"
import json, sys
try:
    import deltalake, polars, duckdb
except ImportError as missing:
    print(f"SKIP: {missing}"); sys.exit(0)
for line in sys.stdin:
    table, version, rows, total, files = json.loads(line)
    delta = deltalake.DeltaTable(table, version=version)
    seen = {}
    frame = polars.scan_delta(table, version=version).select(polars.len(), polars.col("id").sum()).collect().row(0)
    seen["polars"] = frame
    arrow = delta.to_pyarrow_dataset().to_table() if hasattr(delta, "to_pyarrow_dataset") else None
    if arrow is not None:
        seen["deltalake"] = (arrow.num_rows, sum(arrow["id"].to_pylist()))
    seen["duckdb"] = duckdb.sql(f"SELECT count(*), coalesce(sum(id), 0)::BIGINT FROM read_parquet({files!r}, union_by_name=true)").fetchall()[0]
    for name, found in seen.items():
        if tuple(found) != (rows, total):
            print(f"DIFFERENT: {name} sees {found} instead of {(rows, total)} in {table}@{version}"); sys.exit(1)
    print("SAME", sorted(seen), table.rsplit("/", 1)[-1], version)
"#;

#[test]
fn delta_rs_and_python_engines_read_every_committed_version() {
    let dir = tempfile::tempdir().expect("a directory");
    let lake = open(dir.path());
    let mut lines = String::new();
    for n in 0..8 {
        let load = lake.begin().expect("a load");
        load.append("log", &frame(n, 50)).expect("append");
        load.compact("log").expect("compact");
        load.replace("state", &frame(n, 20)).expect("replace");
        let value = if n % 2 == 0 {
            "a b/c%长春".to_owned()
        } else {
            format!("m{n}")
        };
        load.replace_partitions("parts", "month", &[(value, frame(n, 6))])
            .expect("parts");
        if n == 4 {
            let mut wider = frame(40, 5);
            wider
                .with_column(Column::new("added".into(), [1.5; 5]))
                .expect("a column");
            load.append("wide", &wider).expect("append");
        }
        if n == 2 {
            load.append("wide", &frame(40, 5)).expect("append");
        }
        let info = load.commit(facts(n)).expect("a commit");
        let snapshot = lake.snapshot(&info.id).expect("a snapshot");
        same_as_delta(&snapshot);
        for table in snapshot.tables() {
            let sum = snapshot
                .scan(table)
                .expect("scan")
                .select([col("id").sum()])
                .collect();
            let sum = sum
                .expect("rows")
                .column("id")
                .expect("id")
                .i64()
                .expect("whole")
                .get(0);
            let line = serde_json::json!([
                snapshot.dir(table),
                snapshot.version(table),
                snapshot.rows(table),
                sum,
                snapshot.files(table)
            ]);
            lines.push_str(&format!("{line}\n"));
        }
        assert!(!content(&snapshot, "log").is_empty());
    }
    python(&lines);
}

fn python(lines: &str) {
    use std::io::Write;
    let program = std::env::var("DABIAO_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let child = Command::new(&program)
        .args(["-c", SCRIPT])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) => {
            println!("other engines not checked: {program} does not start: {e}");
            return;
        }
    };
    let mut stdin = child.stdin.take().expect("its input");
    // A script that skips closes its input early.
    let _ = stdin.write_all(lines.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("its output");
    let text = String::from_utf8_lossy(&output.stdout);
    if let Some(reason) = text.strip_prefix("SKIP: ") {
        println!("other engines not checked: {} ({program})", reason.trim());
        return;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert_eq!(
        text.matches("SAME").count(),
        lines.lines().count(),
        "{text}\n{errors}"
    );
    println!(
        "other engines agree on {} table versions",
        lines.lines().count()
    );
}
