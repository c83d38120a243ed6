//! The house keeps its order (DESIGN §3): nothing on the left knows what is on its right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every module of the crate and what of the crate it may know. The walk of the data, left to right; then what stands beside it:
/// `project` reads definitions from disk, `load` runs intake, lake and counting once, `ledger` tells of it, `app` answers
/// questions, `synthetic` and `demo` make records up.
const HOUSE: [(&str, &[&str]); 17] = [
    ("programme", &[]),
    ("intake", &["programme"]),
    ("lake", &[]),
    ("counting", &[]),
    ("engine", &["programme"]),
    ("indicators", &["programme", "engine"]),
    ("analysis", &["programme", "indicators"]),
    (
        "presentation",
        &["programme", "intake", "indicators", "analysis"],
    ),
    (
        "project",
        &["programme", "indicators", "analysis", "presentation"],
    ),
    (
        "load",
        &[
            "programme",
            "intake",
            "lake",
            "counting",
            "engine",
            "project",
        ],
    ),
    (
        "ledger",
        &[
            "programme",
            "intake",
            "lake",
            "counting",
            "engine",
            "indicators",
        ],
    ),
    (
        "app",
        &[
            "programme",
            "intake",
            "lake",
            "engine",
            "indicators",
            "analysis",
            "presentation",
            "project",
            "load",
            "ledger",
        ],
    ),
    ("synthetic", &[]),
    ("demo", &["programme", "project", "synthetic", "app"]),
    (
        "server",
        &["programme", "indicators", "presentation", "load", "app"],
    ),
    (
        "cli",
        &[
            "programme",
            "intake",
            "lake",
            "indicators",
            "presentation",
            "project",
            "load",
            "ledger",
            "app",
            "synthetic",
            "demo",
            "server",
        ],
    ),
    ("main", &["cli", "intake"]),
];

/// Crates that only some modules may use: each is a boundary.
const KEPT: [(&str, &[&str]); 3] = [
    (
        "polars",
        &[
            "engine",
            "lake",
            "load",
            "ledger",
            "indicators",
            "app",
            "intake",
            "synthetic",
        ],
    ),
    ("axum", &["server"]),
    ("rusqlite", &["lake"]),
];

/// Modules without clock, disk and network: values in, values out.
const PURE: [&str; 5] = [
    "programme",
    "counting",
    "indicators",
    "analysis",
    "presentation",
];

const LINES_MAX: usize = 620;

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let mut text = std::fs::read_to_string(&path).unwrap();
                if path.ends_with("tests.rs") {
                    text.insert_str(0, "#[cfg(test)]");
                }
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 50, "the sources were found");
    found
}

fn module_of(path: &Path) -> String {
    let below = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The lines that are compiled into the product: without comments and without what follows `#[cfg(test)]`.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in the code.
fn names_after(code: &str, prefix: &str) -> Vec<String> {
    code.match_indices(prefix)
        .map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn modules_know_only_what_stands_on_their_left() {
    let house: BTreeMap<&str, &[&str]> = HOUSE.into_iter().collect();
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if module == "lib" {
            continue;
        }
        let Some(known) = house.get(module.as_str()) else {
            broken.push(format!(
                "{}: the house has no room {module}",
                path.display()
            ));
            continue;
        };
        let code = code(&text);
        let crate_name = if module == "main" {
            "dabiao::"
        } else {
            "crate::"
        };
        for used in names_after(&code, crate_name) {
            if used != module
                && house.contains_key(used.as_str())
                && !known.contains(&used.as_str())
            {
                broken.push(format!("{}: {module} must not know {used}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn boundaries_keep_their_crates() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        let code = code(&text);
        for (name, keepers) in KEPT {
            if code.contains(&format!("{name}::")) && !keepers.contains(&module.as_str()) {
                broken.push(format!("{}: {module} uses {name}", path.display()));
            }
        }
        let impure = [
            "std::fs",
            "std::net",
            "Utc::now",
            "SystemTime::now",
            "Instant::now",
            "std::env::",
        ];
        for name in impure {
            if PURE.contains(&module.as_str()) && code.contains(name) {
                broken.push(format!(
                    "{}: {module} is pure and uses {name}",
                    path.display()
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn nothing_is_left_lying_about() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let lines = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .lines()
            .count();
        if lines > LINES_MAX {
            broken.push(format!("{}: {lines} lines", path.display()));
        }
        for left in ["todo!(", "unimplemented!(", "dbg!(", "allow(dead_code"] {
            if code(&text).contains(left) {
                broken.push(format!("{}: {left}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
