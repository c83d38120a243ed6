//! A project directory on disk, and the one that is built in.

mod sums;

use crate::indicators::rules::Rules;
use crate::indicators::{Catalog, Example, examples};
use crate::presentation::dashboard::{DASHBOARDS, Dashboards};
use crate::programme::definitions::{CONFIG_FILE, CONTRACTS, REFERENCE};
use crate::programme::{Files, Problem, Programme};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

static QUERIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries");
static BUILT_IN_DASHBOARDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/dashboards");
static BUILT_IN_CONTRACTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-samples/contracts");
static BUILT_IN_REFERENCE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-samples/reference");
const BUILT_IN_CONFIG: &str = include_str!("../dabiao.toml");

/// Folders of definition files, with the extensions that are read.
const FOLDERS: [(&str, &str); 5] = [
    (DASHBOARDS, "toml"),
    ("queries/", "sql"),
    ("queries/", "toml"),
    (CONTRACTS, "toml"),
    (REFERENCE, "csv"),
];
/// Definition files a project may have.
const FILES_MAX: usize = 10_000;

/// Why a project could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no `dabiao.toml` here or above.
    #[error(
        "{path} and the folders above it hold no dabiao.toml; `dabiao init DIR` makes a project"
    )]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {attempt} {path}: {source}")]
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Definition files have mistakes.
    #[error("{} problem(s) in the project's files:\n{}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
    /// More definition files than a project may have.
    #[error("{path} holds more than {FILES_MAX} definition files")]
    TooMany {
        /// The project.
        path: PathBuf,
    },
    /// A project exists where one should be made.
    #[error("{path} holds a project already")]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// An archive of definitions could not be read.
    #[error("the definitions stored with the snapshot cannot be read: {0}")]
    Archive(String),
}

/// The definitions of a project, read as one.
#[derive(Debug, Clone)]
pub struct Definitions {
    /// The files.
    pub files: Arc<Files>,
    /// The programme.
    pub programme: Arc<Programme>,
    /// The indicators.
    pub catalog: Arc<Catalog>,
    /// Their worked examples; read here, run by `dabiao check`.
    pub examples: Arc<Vec<Example>>,
    /// The rules that look for what is doubtful.
    pub rules: Arc<Rules>,
    /// SHA-256 over all files, hexadecimal.
    pub digest: String,
}

impl Definitions {
    /// Reads definitions from their files.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn parse(files: Files) -> Result<Self, Vec<Problem>> {
        let (programme, mut problems) = Programme::parse(&files);
        let Some(programme) = programme else {
            return Err(problems);
        };
        let (catalog, more) = Catalog::parse(&files, &programme);
        problems.extend(more);
        let (examples, more) = examples::parse(&files, &programme, &catalog);
        problems.extend(more);
        problems.extend(sums::exceeded(&programme, &catalog, &files[CONFIG_FILE]));
        let (rules, more) = Rules::parse(&files, &programme);
        problems.extend(more);
        if !problems.is_empty() {
            return Err(problems);
        }
        let digest = digest(&files);
        Ok(Self {
            files: Arc::new(files),
            programme: Arc::new(programme),
            catalog: Arc::new(catalog),
            examples: Arc::new(examples),
            rules: Arc::new(rules),
            digest,
        })
    }

    /// What the files say that is no mistake but worth knowing: targets whose parts do not make them up.
    pub fn notes(&self) -> Vec<Problem> {
        sums::unallocated(&self.programme, &self.catalog, &self.files[CONFIG_FILE])
    }

    /// The files as one archive, for keeping with a snapshot.
    pub fn archive(&self) -> Vec<u8> {
        let json = serde_json::to_vec(&*self.files).expect("texts are JSON");
        zstd::encode_all(&json[..], 9).expect("memory can be written")
    }

    /// Definitions from an archive.
    ///
    /// # Errors
    /// [`Error::Archive`] when the bytes are no archive, [`Error::Problems`] when this version does not understand them.
    pub fn from_archive(archive: &[u8]) -> Result<Self, Error> {
        let json = zstd::decode_all(archive).map_err(|error| Error::Archive(error.to_string()))?;
        let files: Files =
            serde_json::from_slice(&json).map_err(|error| Error::Archive(error.to_string()))?;
        Self::parse(files).map_err(Error::Problems)
    }
}

fn digest(files: &Files) -> String {
    let mut sha = Sha256::new();
    for (path, text) in files {
        for part in [path, text] {
            sha.update((part.len() as u64).to_le_bytes());
            sha.update(part.as_bytes());
        }
    }
    hex::encode(sha.finalize())
}

/// A project directory.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
    /// Its definitions.
    pub definitions: Definitions,
    /// Its pages. They define no figure, so they are no part of the definitions a snapshot is published with.
    pub dashboards: Arc<Dashboards>,
}

impl Project {
    /// Opens the project at `start` or in the nearest folder above it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::Problems`] with every mistake of every file.
    pub fn open(start: &Path) -> Result<Self, Error> {
        let root = find(start)?;
        let (files, pages) = split(read_files(&root)?);
        let definitions = Definitions::parse(files).map_err(Error::Problems)?;
        let dashboards = Dashboards::parse(&pages, &definitions.programme, &definitions.catalog);
        Ok(Self {
            root,
            definitions,
            dashboards: Arc::new(dashboards),
        })
    }

    /// The definitions of the project at `start`, or all their problems, without opening it, and the number of files read.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Io`].
    pub fn check(start: &Path) -> Result<(usize, Result<Definitions, Vec<Problem>>), Error> {
        let files = read_files(&find(start)?)?;
        let count = files.len();
        let (files, pages) = split(files);
        let definitions = Definitions::parse(files).and_then(|definitions| {
            let pages = Dashboards::parse(&pages, &definitions.programme, &definitions.catalog);
            let problems: Vec<Problem> = pages.problems().cloned().collect();
            match problems.is_empty() {
                true => Ok(definitions),
                false => Err(problems),
            }
        });
        Ok((count, definitions))
    }

    /// Makes a project directory with the built-in programme.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one, [`Error::Io`].
    pub fn create(root: &Path) -> Result<(), Error> {
        if root.join(CONFIG_FILE).exists() {
            return Err(Error::Exists {
                path: root.to_owned(),
            });
        }
        for (path, text) in built_in() {
            write(&root.join(path), &text)?;
        }
        write(&root.join(".gitignore"), "/lake\n/inbox\n/secrets\n")?;
        let inbox = root.join("inbox");
        std::fs::create_dir_all(&inbox).map_err(|source| Error::Io {
            attempt: "make",
            path: inbox,
            source,
        })
    }

    /// The project directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The programme.
    pub fn programme(&self) -> &Programme {
        &self.definitions.programme
    }

    /// The data directory.
    pub fn lake(&self) -> PathBuf {
        self.root.join(&self.programme().config.paths.lake)
    }

    /// Where departments drop submissions.
    pub fn inbox(&self) -> PathBuf {
        self.root.join(&self.programme().config.paths.inbox)
    }

    /// Where receipts go.
    pub fn returned(&self) -> PathBuf {
        self.root.join(&self.programme().config.paths.returned)
    }

    /// The vault's key file, unless another one was named.
    pub fn key_file(&self) -> PathBuf {
        self.root.join(&self.programme().config.paths.key_file)
    }
}

/// The files of definitions, and those of pages.
fn split(files: Files) -> (Files, Files) {
    let (pages, files) = files
        .into_iter()
        .partition(|(path, _)| path.starts_with(DASHBOARDS));
    (files, pages)
}

fn find(start: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(start).map_err(|source| Error::Io {
        attempt: "resolve",
        path: start.to_owned(),
        source,
    })?;
    let found = absolute
        .ancestors()
        .find(|folder| folder.join(CONFIG_FILE).is_file());
    found
        .map(Path::to_path_buf)
        .ok_or(Error::NotFound { path: absolute })
}

fn read_files(root: &Path) -> Result<Files, Error> {
    let mut files = Files::new();
    files.insert(CONFIG_FILE.to_owned(), read(&root.join(CONFIG_FILE))?);
    for (folder, extension) in FOLDERS {
        collect(root, folder, extension, &mut files)?;
    }
    if files.len() > FILES_MAX {
        return Err(Error::TooMany {
            path: root.to_owned(),
        });
    }
    Ok(files)
}

fn collect(root: &Path, folder: &str, extension: &str, files: &mut Files) -> Result<(), Error> {
    let path = root.join(folder);
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(Error::Io {
                attempt: "list",
                path,
                source,
            });
        }
    };
    for entry in entries {
        let entry = entry.map_err(|source| Error::Io {
            attempt: "list",
            path: path.clone(),
            source,
        })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = format!("{folder}{name}");
        if entry.path().is_dir() {
            collect(root, &format!("{below}/"), extension, files)?;
        } else if name.ends_with(&format!(".{extension}")) && files.len() <= FILES_MAX {
            files.insert(below, read(&entry.path())?);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Io {
        attempt: "read",
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Io {
        attempt: "write",
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// The built-in programme's files.
pub fn built_in() -> Files {
    let mut files = Files::from([(CONFIG_FILE.to_owned(), BUILT_IN_CONFIG.to_owned())]);
    for (folder, dir) in [
        (DASHBOARDS, &BUILT_IN_DASHBOARDS),
        ("queries/", &QUERIES),
        (CONTRACTS, &BUILT_IN_CONTRACTS),
        (REFERENCE, &BUILT_IN_REFERENCE),
    ] {
        add(folder, dir, &mut files);
    }
    files
}

fn add(folder: &str, dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            files.insert(
                format!("{folder}{}", file.path().display()),
                text.to_owned(),
            );
        }
    }
    dir.dirs().for_each(|below| add(folder, below, files));
}
