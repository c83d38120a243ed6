//! Contracts and code lists, read anew from their files.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

/// A contract file as far as the naive implementation needs it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Form {
    pub(crate) id: String,
    pub(crate) key: Vec<String>,
    #[serde(default)]
    pub(crate) keyed_by_department: bool,
    pub(crate) column: Vec<Column>,
    #[serde(default)]
    pub(crate) check: Vec<Check>,
    #[serde(skip)]
    titles: HashMap<String, String>,
}

/// A declared column.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) title: Title,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) personal: Option<String>,
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) allowed: Vec<String>,
    pub(crate) units: Option<String>,
    #[serde(default)]
    pub(crate) valid_on: Vec<String>,
    pub(crate) unlisted: Option<String>,
    pub(crate) min: Option<i128>,
    pub(crate) max: Option<i128>,
}

/// Names in two languages.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Title {
    pub(crate) zh: String,
}

/// A check across columns; which fields are filled depends on its kind.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Check {
    pub(crate) kind: String,
    pub(crate) column: Option<String>,
    pub(crate) other: Option<String>,
    pub(crate) when: Option<String>,
    pub(crate) equals: Option<String>,
    #[serde(default)]
    pub(crate) columns: Vec<String>,
}

impl Form {
    /// The English name of a column by any of its headers, simplified or traditional.
    pub(crate) fn column(&self, header: &str) -> Option<&str> {
        let header = fold(header);
        let found = self
            .titles
            .get(&header)
            .or_else(|| self.titles.get(&fast2s::convert(&header)));
        found.map(String::as_str)
    }
}

/// No spaces, one width, lower case.
pub(crate) fn fold(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).expect("half-width"),
        other => other,
    };
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(narrow)
        .flat_map(char::to_lowercase)
        .collect()
}

/// A line of a code list: its columns by name.
pub(crate) type Entry = HashMap<String, String>;

/// A code list: its lines in order, and which line a spelling means.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) entries: Vec<Entry>,
    spellings: HashMap<String, usize>,
}

impl List {
    /// The entry a spelling means, simplified or traditional.
    pub(crate) fn find(&self, spelling: &str) -> Option<&Entry> {
        let folded = fold(spelling);
        let found = self
            .spellings
            .get(&folded)
            .or_else(|| self.spellings.get(&fast2s::convert(&folded)));
        found.map(|at| &self.entries[*at])
    }

    /// The entry with this code.
    pub(crate) fn code(&self, code: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry["code"] == code)
    }
}

/// All contracts and code lists.
pub(crate) struct Forms {
    pub(crate) forms: BTreeMap<String, Form>,
    pub(crate) lists: HashMap<String, List>,
}

impl Forms {
    /// Those of the repository.
    pub(crate) fn read() -> Self {
        let samples = Path::new(crate::support::ROOT).join("data-samples");
        let mut forms = BTreeMap::new();
        for path in files(&samples.join("contracts")) {
            let text = fs::read_to_string(path).expect("a contract");
            let mut form: Form = toml::from_str(&text).expect("a contract is TOML");
            for column in &form.column {
                let names = [&column.name, &column.title.zh];
                for name in names.into_iter().chain(&column.aliases) {
                    form.titles.insert(fold(name), column.name.clone());
                }
            }
            forms.insert(form.id.clone(), form);
        }
        let mut lists = HashMap::new();
        for path in files(&samples.join("reference")) {
            let name = path.file_stem().expect("a name").to_string_lossy();
            lists.insert(name.into_owned(), list(&path));
        }
        Self { forms, lists }
    }
}

fn list(path: &Path) -> List {
    let mut list = List::default();
    let mut reader = csv::Reader::from_path(path).expect("a code list");
    // The calendar of holidays lies there too; no cell names one of its days.
    let headers = reader.headers().expect("a header");
    if headers.iter().all(|header| header != "aliases") {
        return list;
    }
    for entry in reader.deserialize() {
        let entry: Entry = entry.expect("a line of a code list");
        let at = list.entries.len();
        let names = ["code", "name_zh", "name_en"].map(|name| entry[name].as_str());
        for spelling in names.into_iter().chain(entry["aliases"].split('|')) {
            if !spelling.is_empty() {
                list.spellings.entry(fold(spelling)).or_insert(at);
            }
        }
        list.entries.push(entry);
    }
    list
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}
