//! A project of two nights with made-up records of the whole programme: every page of it has something to show.

use super::{Project, ROOT, TODAY, dabiao, emptied, tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Training rows.
const ROWS: &str = "6000";
/// The day of the first night; the second is [`TODAY`].
const FIRST: &str = "2021-03-31";
/// The quarter that only the second night knows.
const LAST_QUARTER: &str = "2021Q2";
/// A page whose file has mistakes.
const BROKEN: &str = r#"id = "broken"
title = { zh = "坏", en = "Broken" }
audience = "leaders"

[[row]]
panels = [
    { view = "pie", indicator = "trained_person_times" },
    { view = "tile", indicator = "trained_people" },
]
"#;

impl Project {
    /// A project that loaded two nights, expects returns and misses some: one for all tests that only ask.
    pub(crate) fn nights() -> &'static Self {
        static SHARED: OnceLock<Project> = OnceLock::new();
        SHARED.get_or_init(|| {
            let project = Self::init(Self {
                folder: emptied("nights"),
                _kept: None,
            });
            let config = project.root().join("dabiao.toml");
            let expected =
                Path::new(ROOT).join("data-samples/synthetic/demo_expected_returns.toml");
            let both =
                [&config, &expected].map(|path| fs::read_to_string(path).expect("it is there"));
            fs::write(config, both.concat()).expect("it can be written");
            let made = project.beside("made");
            let arguments = [
                "generate", "--rows", ROWS, "--seed", "37", "--shape", "quarters",
            ];
            let mut command = project.command(TODAY);
            let done = command.args(arguments).arg("--out").arg(&made).output();
            assert!(done.expect("it runs").status.success());
            let mut quarters: Vec<PathBuf> = fs::read_dir(&made)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path())
                .collect();
            quarters.sort();
            let last = quarters.pop().expect("ten quarters");
            assert!(last.ends_with(LAST_QUARTER));
            project.ingest_paths(FIRST, &quarters, 0);
            project.ingest_paths(TODAY, &[last], 0);
            project
        })
    }

    /// The same project with a page whose file has mistakes.
    pub(crate) fn nights_with_a_broken_page() -> Self {
        let folder = emptied("nights_broken");
        for (path, bytes) in tree(&Self::nights().root()) {
            let path = folder.join("project").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("it can be written");
        }
        let project = Self {
            folder,
            _kept: None,
        };
        fs::write(project.root().join("dashboards/broken.toml"), BROKEN)
            .expect("it can be written");
        assert_eq!(
            dabiao(["check", "--project", &project.root().to_string_lossy()]).code,
            1
        );
        project
    }
}
