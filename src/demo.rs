//! The demonstration: the whole programme up to 30 June 2021, made up, loaded as the quarterly loads it would have been.

use crate::app::{App, Today};
use crate::programme::definitions::{CONFIG_FILE, REFERENCE};
use crate::project::{Project, built_in};
use crate::synthetic::{Plan, Reference, Shape, generate};
use chrono::NaiveDate;
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static SYNTHETIC: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-samples/synthetic");

/// The returns the demonstration expects, which its programme file gets.
const EXPECTED: &str = include_str!("../data-samples/synthetic/demo_expected_returns.toml");

/// Training rows of the demonstration.
const ROWS: u64 = 200_000;
/// Seed of the demonstration.
const SEED: u64 = 37;

/// Why the demonstration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The project could not be made.
    #[error(transparent)]
    Project(#[from] crate::project::Error),
    /// The submissions could not be made.
    #[error(transparent)]
    Synthetic(#[from] crate::synthetic::Error),
    /// A load failed.
    #[error(transparent)]
    App(#[from] crate::app::Error),
    /// The programme file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A folder of submissions could not be listed.
    #[error("cannot list {path}: {source}")]
    List {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// What is being done, for the one who waits.
#[derive(Debug, Clone)]
pub enum Step {
    /// Rows made of all rows.
    Generate(u64, u64),
    /// A quarter is loaded: its name, position and number.
    Load(String, usize, usize),
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a real day")
}

/// What the demonstration generates.
pub fn plan() -> Plan {
    Plan {
        rows: ROWS,
        seed: SEED,
        messy: 0.0,
        from: day(2019, 1, 1),
        to: day(2021, 6, 30),
        shape: Shape::Quarters,
        programme_start: day(2019, 1, 1),
        programme_end: day(2021, 12, 31),
    }
}

/// The built-in tables the generator draws on.
pub fn reference() -> Reference {
    let mut reference = Reference::default();
    for (path, text) in built_in() {
        if let Some(stem) = path
            .strip_prefix(REFERENCE)
            .and_then(|name| name.strip_suffix(".csv"))
        {
            reference.insert(stem, text);
        }
    }
    for file in SYNTHETIC.files() {
        let stem = file.path().file_stem().and_then(|stem| stem.to_str());
        if let (Some(stem), Some(text)) = (stem, file.contents_utf8()) {
            reference.insert(stem, text.to_owned());
        }
    }
    reference
}

/// Last day of the records of the demonstration, on which it is served.
pub fn today() -> NaiveDate {
    plan().to
}

/// Makes the demonstration in `dir` where it is not there yet, and opens it on [`today`].
///
/// # Errors
/// When the directory cannot be written or a load fails.
pub fn prepare(dir: &Path, progress: &mut dyn FnMut(Step)) -> Result<App, Error> {
    if !dir.join(CONFIG_FILE).exists() {
        Project::create(dir)?;
        expect_returns(&dir.join(CONFIG_FILE))?;
    }
    let app = App::open(dir, None, Today::Day(today()))?;
    let plan = plan();
    let inbox = dir.join("inbox");
    if app
        .lake()
        .latest()
        .map_err(crate::app::Error::from)?
        .is_none()
    {
        generate(&plan, &reference(), &inbox, &mut |done| {
            progress(Step::Generate(done, plan.rows))
        })?;
    }
    let quarters = quarters(&inbox)?;
    for (position, (name, folder)) in quarters.iter().enumerate() {
        progress(Step::Load(name.clone(), position + 1, quarters.len()));
        let last = crate::programme::Period::parse(name)
            .map_or(plan.to, |period| period.end().min(plan.to));
        let night = App::open(dir, None, Today::Day(last))?;
        night.ingest(std::slice::from_ref(folder), false, &mut |_| {})?;
    }
    Ok(app)
}

/// Adds what the demonstration expects to its programme file.
fn expect_returns(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let config = std::fs::read_to_string(path).map_err(failed)?;
    std::fs::write(path, config + EXPECTED).map_err(failed)
}

/// The folders of the quarters in order of time.
fn quarters(inbox: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let failed = |source| Error::List {
        path: inbox.to_owned(),
        source,
    };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(inbox).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if crate::programme::Period::parse(&name).is_some() {
            folders.push((name, entry.path()));
        }
    }
    folders.sort();
    Ok(folders)
}
