//! A project of many nights, loaded in process.

use crate::support::{Row, csv};
use dabiao::app::{App, Today};
use dabiao::project::Project;
use std::fs;
use std::path::{Path, PathBuf};

/// A project and its nights.
pub(crate) struct History {
    folder: tempfile::TempDir,
    /// Ids of the snapshots so far.
    pub(crate) snapshots: Vec<String>,
    files: usize,
}

/// What comes in one night.
pub(crate) struct Night<'a> {
    /// The day of the load.
    pub(crate) day: &'a str,
    /// Training records.
    pub(crate) training: &'a [Row],
    /// Other files: name and text.
    pub(crate) others: &'a [(&'a str, String)],
}

/// Indicators of one line each that the tests put into a project: id, what the header says of the kind, facts.
pub(crate) const INDICATORS: [(&str, &str, &str); 4] = [
    (
        "t_records",
        "kind = \"flow\"",
        "SELECT start_date AS date, division, department, level, 1 AS value FROM training",
    ),
    (
        "t_persons",
        "kind = \"distinct\"",
        "SELECT end_date AS date, division, department, level, person FROM training WHERE counted",
    ),
    (
        "t_share",
        "kind = \"ratio\"",
        "SELECT end_date AS date, division, department, level, CASE WHEN level = 'L5' THEN 1 ELSE 0 END AS numerator, 1 AS denominator FROM training WHERE counted",
    ),
    (
        "t_employed",
        "kind = \"stock\"",
        "SELECT as_of AS date, division, sector, employed AS value, COALESCE(basis = 'estimated', FALSE) AS estimated FROM workforce WHERE employed IS NOT NULL",
    ),
];

impl History {
    /// A fresh project that has the indicators above.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let history = Self {
            folder,
            snapshots: Vec::new(),
            files: 0,
        };
        Project::create(&history.root()).expect("a project");
        fs::create_dir(history.folder.path().join("in")).expect("a folder");
        for (id, kind, facts) in INDICATORS {
            history.write(
                &format!("queries/indicators/{id}.sql"),
                &query(id, kind, facts),
            );
            history.edit("data-samples/reference/indicators.csv", |list| {
                format!("{}\n{id},{id},{id},\n", list.trim_end())
            });
        }
        history
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).expect("the project can be written");
    }

    /// Changes a file of the project, which must change.
    pub(crate) fn edit(&self, path: &str, change: impl FnOnce(&str) -> String) {
        let before = fs::read_to_string(self.root().join(path)).expect("a text");
        let after = change(&before);
        assert_ne!(before, after, "{path} changes");
        self.write(path, &after);
    }

    /// The project as it stands, on a day.
    pub(crate) fn app(&self, day: &str) -> App {
        App::open(&self.root(), None, Today::Day(day.parse().expect("a day")))
            .expect("the project opens")
    }

    /// Loads a night and gives the id of its snapshot.
    pub(crate) fn load(&mut self, night: &Night<'_>) -> String {
        let mut paths = Vec::new();
        let mut put = |name: String, text: &str, folder: &Path| {
            let path = folder.join("in").join(name);
            fs::write(&path, text).expect("a file");
            paths.push(path);
        };
        let folder = self.folder.path().to_owned();
        self.files += 1;
        if !night.training.is_empty() {
            let name = format!("training__DP01__ALL__2020__{:03}.csv", self.files);
            put(name, &csv(night.training), &folder);
        }
        for (name, text) in night.others {
            let (stem, extension) = name.rsplit_once('.').expect("an extension");
            put(
                format!("{stem}__{:03}.{extension}", self.files),
                text,
                &folder,
            );
        }
        let report = self
            .app(night.day)
            .ingest(&paths, false, &mut |_| {})
            .expect("it loads");
        for file in &report.files {
            assert_eq!(file.totals.rejected, 0, "{:?}", file.violations);
        }
        let snapshot = report.snapshot.expect("something is new every night");
        self.snapshots.push(snapshot.clone());
        snapshot
    }
}

/// A query file.
pub(crate) fn query(id: &str, kind: &str, facts: &str) -> String {
    format!(
        "/*\nid = \"{id}\"\ntitle = {{ zh = \"{id}\", en = \"{id}\" }}\nunit = {{ zh = \"人\", en = \"persons\" }}\n{kind}\n\
         clause = \"一\"\nnote = {{ zh = \"试验\", en = \"a test\" }}\n*/\n{facts}\n"
    )
}

/// Rows of a workforce file: day, division, employed, skilled.
pub(crate) fn workforce(rows: &[(&str, &str, i64, i64)]) -> String {
    let mut text = "统计日期,地区,就业人员,技能劳动者,来源\n".to_owned();
    for (day, division, employed, skilled) in rows {
        text += &format!("{day},{division},{employed},{skilled},试验\n");
    }
    text
}
