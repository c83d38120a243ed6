//! A project of its own for each test, driven through the real binary.

mod nights;

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The day the samples are loaded on (data-samples/README.md).
pub(crate) const TODAY: &str = "2021-06-30";

/// The sample submissions.
pub(crate) fn samples() -> PathBuf {
    Path::new(ROOT).join("data-samples/inbox")
}

/// A fresh project in a folder of its own.
pub(crate) struct Project {
    folder: PathBuf,
    /// Takes the folder away at the end.
    _kept: Option<tempfile::TempDir>,
}

/// What a command did.
pub(crate) struct Done {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Done {
    fn new(output: &Output) -> Self {
        Self {
            code: output
                .status
                .code()
                .expect("the command ended by itself, not by a signal"),
            out: String::from_utf8(output.stdout.clone()).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr.clone()).expect("messages are UTF-8"),
        }
    }

    /// The output as JSON, after holding the exit code against `code`.
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// The real binary, without a project.
pub(crate) fn dabiao<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dabiao"));
    command.args(args).env_remove("DABIAO_KEY_FILE");
    Done::new(&command.output().expect("the binary runs"))
}

impl Project {
    /// `dabiao init` in a temporary folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::init(Self {
            folder: folder.path().to_owned(),
            _kept: Some(folder),
        })
    }

    fn init(project: Self) -> Self {
        let made = dabiao([OsStr::new("init"), project.root().as_os_str()]);
        assert_eq!(made.code, 0, "{}", made.err);
        project
    }

    /// A project that loaded the samples, and the load's report: one for all tests that only ask.
    pub(crate) fn samples() -> &'static (Self, Value) {
        static SHARED: OnceLock<(Project, Value)> = OnceLock::new();
        SHARED.get_or_init(|| {
            let folder = emptied("samples");
            let project = Self::init(Self {
                folder,
                _kept: None,
            });
            project.copy_samples();
            let report = project.ingest(3);
            (project, report)
        })
    }

    /// Puts the samples into the inbox.
    pub(crate) fn copy_samples(&self) {
        for entry in fs::read_dir(samples()).expect("the samples are there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            fs::copy(&path, self.inbox().join(name)).expect("a copy");
        }
    }

    /// The project directory.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("project")
    }

    /// A folder beside the project.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The project's inbox.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.root().join("inbox")
    }

    /// Puts a file into the inbox.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.inbox().join(name), content).expect("the inbox can be written");
    }

    /// The command as it would be run in this project on `today`.
    pub(crate) fn command(&self, today: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dabiao"));
        command
            .env_remove("DABIAO_KEY_FILE")
            .args(["--project".as_ref(), self.root().as_os_str()])
            .args(["--today", today]);
        command
    }

    /// Runs a command on [`TODAY`].
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Done {
        self.run_on(TODAY, args)
    }

    /// Runs a command on a day.
    pub(crate) fn run_on<S: AsRef<OsStr>>(&self, today: &str, args: &[S]) -> Done {
        Done::new(&self.command(today).args(args).output().expect("it runs"))
    }

    /// `ingest --format json` of the inbox, which must end with `code`.
    pub(crate) fn ingest(&self, code: i32) -> Value {
        self.run(&["ingest", "--format", "json"]).json(code)
    }

    /// `ingest --format json` of some files or folders on a day.
    pub(crate) fn ingest_paths(&self, today: &str, paths: &[PathBuf], code: i32) -> Value {
        let mut args: Vec<&OsStr> = ["ingest", "--format", "json"].map(OsStr::new).to_vec();
        args.extend(paths.iter().map(|path| path.as_os_str()));
        self.run_on(today, &args).json(code)
    }

    /// `query INDICATOR … --format json`.
    pub(crate) fn query(&self, indicator: &str, more: &[&str]) -> Value {
        let mut args = vec!["query", indicator, "--format", "json"];
        args.extend(more);
        self.run(&args).json(0)
    }

    /// The total of an indicator that counts.
    pub(crate) fn total(&self, indicator: &str, more: &[&str]) -> i64 {
        let table = self.query(indicator, more);
        table["totals"]["value"].as_i64().expect("a whole number")
    }
}

/// An empty folder of this name among the build's.
fn emptied(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an earlier run's project goes away");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Whole values by the codes of one or several dimensions, joined by `|`.
pub(crate) type Counts = BTreeMap<String, i64>;

/// The rows of a query's answer; every cell must stand in it once. A cell of 0 stands there only for its target (Q54).
pub(crate) fn counts(table: &Value, by: &str) -> Counts {
    let mut counts = Counts::new();
    for row in array(&table["rows"]) {
        let codes: Vec<&str> = by.split(',').map(|name| text(&row[name])).collect();
        let value = row["value"].as_i64().expect("a whole number");
        if value == 0 {
            assert!(!row["target"].is_null(), "0 without a target: {row}");
            continue;
        }
        let twice = counts.insert(codes.join("|"), value);
        assert_eq!(twice, None, "{codes:?} stands twice in {table}");
    }
    counts
}

/// The dispositions of a row, in the order of the identity.
pub(crate) const DISPOSITIONS: [&str; 5] =
    ["new", "correction", "withdrawal", "unchanged", "rejected"];

/// Counts of a file or load: received, then the five dispositions.
pub(crate) fn dispositions(of: &Value) -> [u64; 6] {
    let count = |name: &str| {
        of[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} in {of}"))
    };
    let mut all = [count("received"); 6];
    for (slot, name) in all[1..].iter_mut().zip(DISPOSITIONS) {
        *slot = count(name);
    }
    all
}

/// DESIGN §4.5: received = new + correction + withdrawal + unchanged + rejected, for every file and for the load.
pub(crate) fn assert_identity(report: &Value) {
    let mut sum = [0; 6];
    for file in array(&report["files"]) {
        let found = dispositions(file);
        assert_eq!(found[0], found[1..].iter().sum::<u64>(), "{file}");
        for (total, value) in sum.iter_mut().zip(found) {
            *total += value;
        }
    }
    assert_eq!(sum, dispositions(&report["totals"]), "totals of the load");
}

/// The elements of a JSON array.
pub(crate) fn array(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("an array, not {value}"))
}

/// A JSON text.
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("a text, not {value}"))
}

/// Every file below a folder with its bytes, by its path below the folder.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else {
            let name = path.strip_prefix(folder).expect("it lies below");
            let bytes = fs::read(&path).expect("a readable file");
            found.insert(name.to_string_lossy().into_owned(), bytes);
        }
    }
    found
}

/// The check digit of a resident identity number (GB 11643), written anew for the tests.
pub(crate) fn id_check(digits: &str) -> char {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).expect("a digit") * weight)
        .sum();
    "10X98765432".as_bytes()[(sum % 11) as usize] as char
}

/// The number-th invented woman: a valid number with the never-issued sequence 000 (domain.md 7.3).
pub(crate) fn person(number: u32) -> String {
    let (day, rest) = (number % 28 + 1, number / 28);
    let (month, rest) = (rest % 12 + 1, rest / 12);
    let (year, area) = (1960 + rest % 40, 220_102 + rest / 40);
    let digits = format!("{area}{year}{month:02}{day:02}000");
    format!("{digits}{}", id_check(&digits))
}

/// The columns of [`Row`], as a form has them.
pub(crate) const HEADER: &str = "记录编号,操作,证件号码,姓名,手机号码,人员类别,培训地,班期编号,培训类型,职业编码,等级,\
开班日期,结业日期,学习状态,资金来源,补贴金额,用人单位统一社会信用代码";

/// A training record that counts, to be changed field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) record_no: String,
    pub(crate) action: &'static str,
    pub(crate) id_number: String,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) division: String,
    pub(crate) training_type: &'static str,
    pub(crate) occupation: &'static str,
    pub(crate) level: &'static str,
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) status: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) subsidy: String,
}

impl Row {
    /// The number-th record, of the number-th person, in 南关区 in May 2020.
    pub(crate) fn new(number: u32) -> Self {
        Self {
            record_no: format!("R{number:05}"),
            action: "",
            id_number: person(number),
            name: format!("测试{number}"),
            phone: format!("138{number:08}"),
            division: "南关区".to_owned(),
            training_type: "就业技能培训",
            occupation: "6-18-02-04",
            level: "初级工",
            start: "2020-05-04".to_owned(),
            end: "2020-05-15".to_owned(),
            status: "结业",
            funding: "就业补助资金",
            subsidy: "600".to_owned(),
        }
    }

    /// The cells in the order of [`HEADER`].
    pub(crate) fn cells(&self) -> [&str; 17] {
        [
            &self.record_no,
            self.action,
            &self.id_number,
            &self.name,
            &self.phone,
            "TG04",
            &self.division,
            "C-1",
            self.training_type,
            self.occupation,
            self.level,
            &self.start,
            &self.end,
            self.status,
            self.funding,
            &self.subsidy,
            "",
        ]
    }
}

/// Rows as a CSV file.
pub(crate) fn csv<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut text = HEADER.to_owned() + "\n";
    for row in rows {
        text += &row.cells().join(",");
        text.push('\n');
    }
    text
}
