//! `dabiao.toml`: the programme as data.

use super::dimension::Dimension;
use super::number::Decimal;
use super::problem::Problem;
use super::text::Text;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

/// Everything `dabiao.toml` declares.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The plan.
    pub programme: Plan,
    /// Months and statistical months.
    #[serde(default)]
    pub calendar: CalendarConfig,
    /// Sets of units that figures cover; one that covers everything where none is declared.
    #[serde(default)]
    pub scope: Vec<Scope>,
    /// Dimensions; those of the built-in programme where none is declared.
    #[serde(default)]
    pub dimension: Vec<Dimension>,
    /// What is expected from whom.
    #[serde(default)]
    pub expected_return: Vec<ExpectedReturn>,
    /// Counting rules in the order in which the first reason is looked for.
    #[serde(default)]
    pub counting_rule: Vec<CountingRule>,
    /// Thresholds of the verdict.
    #[serde(default)]
    pub verdict: VerdictConfig,
    /// What is shown first.
    #[serde(default)]
    pub dashboard: Dashboard,
    /// How stocks are read.
    #[serde(default)]
    pub stock: StockConfig,
    /// When figures are marked.
    #[serde(default)]
    pub marks: MarksConfig,
    /// Targets declared in the file.
    #[serde(default)]
    pub target: Vec<ConfigTarget>,
    /// Curves by which targets are expected to be reached; the straight line where none is declared.
    #[serde(default)]
    pub pace: Vec<PaceConfig>,
    /// Spans that charts over time name.
    #[serde(default)]
    pub interruption: Vec<Interruption>,
    /// Where units lie on the map of tiles.
    #[serde(default)]
    pub map: MapConfig,
    /// When the nightly load runs.
    #[serde(default)]
    pub schedule: Schedule,
    /// Where things lie, relative to the project directory.
    #[serde(default)]
    pub paths: Paths,
    /// Limits on what is read.
    #[serde(default)]
    pub limits: Limits,
    /// How long snapshots are kept.
    #[serde(default)]
    pub retention: Retention,
}

/// The plan: title, period, place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Short id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Number of the policy document.
    #[serde(default)]
    pub policy: String,
    /// First day.
    #[serde(deserialize_with = "day")]
    pub start: NaiveDate,
    /// Last day, included.
    #[serde(deserialize_with = "day")]
    pub end: NaiveDate,
    /// IANA time zone in which days are meant.
    pub time_zone: String,
    /// Code of the city (or whatever the programme covers) as a whole.
    #[serde(default = "whole")]
    pub city: String,
    /// Scope of a figure that names none; the first one declared when absent.
    #[serde(default)]
    pub default_scope: String,
}

/// Months and statistical months.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarConfig {
    /// Day on which the dimension month starts (1 for calendar months).
    pub month_start_day: u32,
    /// Day on which the dimension stat_month starts.
    pub statistical_month_start_day: u32,
}

impl Default for CalendarConfig {
    fn default() -> Self {
        Self {
            month_start_day: 1,
            statistical_month_start_day: 1,
        }
    }
}

/// A set of units that figures cover.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Id, as in `--scope`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it means.
    #[serde(default)]
    pub note: Text,
    /// Day from which the scope describes the city.
    #[serde(default, deserialize_with = "optional_day")]
    pub valid_from: Option<NaiveDate>,
    /// Division codes; none for a scope that covers everything.
    #[serde(default)]
    pub units: Vec<String>,
    /// Whether the targets were set for this scope (CONTRACT Q66).
    #[serde(default)]
    pub targets: bool,
}

impl Scope {
    /// The scope of a programme that declares none: everything, and its targets were set for it.
    pub(super) fn everything() -> Self {
        Self {
            id: "ALL".to_owned(),
            title: Text::new("全部", "Everything"),
            note: Text::default(),
            valid_from: None,
            units: Vec::new(),
            targets: true,
        }
    }

    /// Whether the scope covers a division.
    pub fn covers(&self, division: &str) -> bool {
        self.units.is_empty() || self.units.iter().any(|unit| unit == division)
    }
}

/// One expectation of returns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedReturn {
    /// Dataset.
    pub dataset: String,
    /// Departments that report.
    pub departments: Vec<String>,
    /// Divisions they report for.
    pub divisions: Vec<String>,
    /// How often.
    pub frequency: Frequency,
    /// Days after the end of the period within which a return is on time.
    pub due_days: Option<u32>,
    /// The same in working days; one of the two is given.
    pub due_workdays: Option<u32>,
    /// First period expected.
    pub from: String,
    /// Last period expected, open when absent.
    pub to: Option<String>,
}

/// How often a return is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every month.
    Month,
    /// Every quarter.
    Quarter,
    /// Every year.
    Year,
}

impl Frequency {
    /// Months from one return to the next.
    pub fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// The time dimension whose codes name the periods returns are for.
    pub fn dimension(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// What a rule does to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The record does not count.
    Exclude,
    /// The record counts and gives a finding.
    Flag,
}

impl Effect {
    /// The code in tables and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Flag => "flag",
        }
    }
}

/// One counting rule with its parameters (a rule reads only its own).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountingRule {
    /// `status`, `type`, `funding`, `period`, `R007`, `R008` or `R009`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Clause of the policy.
    pub clause: String,
    /// What it does.
    pub effect: Effect,
    /// `status`: the statuses that count.
    #[serde(default)]
    pub statuses: Vec<String>,
    /// `type`: training types that have a line of their own.
    #[serde(default)]
    pub types_on_own_line: Vec<String>,
    /// `funding`: sources that are not subsidised training.
    #[serde(default)]
    pub funding_sources: Vec<String>,
    /// `R008`: counted trainings per person and year that raise no finding.
    pub per_year_max: Option<u32>,
    /// `R009`: months of work-for-training per person and employer that count.
    pub months_max: Option<u32>,
}

impl CountingRule {
    /// Whether it names single records as findings; the others only say why a record does not count.
    pub fn finds(&self) -> bool {
        FINDING_RULES.contains(&self.id.as_str())
    }
}

/// Counting rules that name records as findings.
const FINDING_RULES: [&str; 3] = ["R007", "R008", "R009"];

/// Ids of the counting rules in the order of CONTRACT Q27, with R008 and R009 beside it.
pub const COUNTING_RULES: [&str; 7] = [
    "status", "type", "funding", "period", "R007", "R008", "R009",
];

/// Thresholds of the verdict.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictConfig {
    /// Share of the pace from which a unit is at risk rather than behind.
    #[serde(deserialize_with = "decimal")]
    pub at_risk_from: Decimal,
}

impl Default for VerdictConfig {
    fn default() -> Self {
        Self {
            at_risk_from: Decimal::new(8, 1),
        }
    }
}

/// What is shown first.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Indicators in the order they are shown: on the overview, where the first leads, before and after a dry run, and in a
    /// bridge that names none.
    pub headlines: Vec<String>,
}

/// How stocks are read.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StockConfig {
    /// Share of an older total that newer parts must make up to stand for it.
    #[serde(deserialize_with = "decimal")]
    pub parts_cover: Decimal,
}

impl Default for StockConfig {
    fn default() -> Self {
        Self {
            parts_cover: Decimal::new(9, 1),
        }
    }
}

/// When figures are marked.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarksConfig {
    /// Days after the end of a period during which its figures are provisional.
    pub provisional_days: u32,
}

impl Default for MarksConfig {
    /// The leading group reports by the 15th of the following month (domain.md §10).
    fn default() -> Self {
        Self {
            provisional_days: 15,
        }
    }
}

/// A target declared in `dabiao.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigTarget {
    /// Indicator.
    pub indicator: String,
    /// `city` (default), `division`, `department` or `sector`.
    #[serde(default = "city")]
    pub unit_kind: String,
    /// Code of the unit; the city by default.
    pub unit: Option<String>,
    /// Period by name.
    pub period: String,
    /// Value; a fraction for ratios.
    #[serde(deserialize_with = "decimal")]
    pub value: Decimal,
    /// `policy`, `decomposed`, `interpolated` or `revised`.
    pub provenance: String,
    /// Document that decided it.
    pub decision_ref: Option<String>,
}

/// The curve by which targets of an indicator are expected to be reached. The first one that fits a target holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaceConfig {
    /// Indicator.
    pub indicator: String,
    /// Only for targets of this period.
    pub period: Option<String>,
    /// Only for targets of this kind of unit.
    pub unit_kind: Option<String>,
    /// Only for targets of this unit.
    pub unit: Option<String>,
    /// The curve.
    pub curve: CurveKind,
    /// `milestones`: points of the curve in order of their dates; straight lines between them, from 0 at the beginning and to
    /// the whole target at the end of the period.
    #[serde(default)]
    pub points: Vec<Milestone>,
}

/// What shape a curve has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// The same every month.
    Linear,
    /// The same every working day.
    Workdays,
    /// Through the points given.
    Milestones,
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// By the end of this day.
    #[serde(deserialize_with = "day")]
    pub date: NaiveDate,
    /// This share of the target is expected, between 0 and 1.
    #[serde(deserialize_with = "decimal")]
    pub share: Decimal,
}

/// A span in which work could not go on as usual; charts over time show it as a stripe with its word.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interruption {
    /// First day.
    #[serde(deserialize_with = "day")]
    pub from: NaiveDate,
    /// Last day, included.
    #[serde(deserialize_with = "day")]
    pub to: NaiveDate,
    /// A word or two.
    pub title: Text,
}

/// Where units lie on the map of tiles.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapConfig {
    /// Rows of codes of units from north to south, each from west to east; an empty text leaves a place free.
    pub tiles: Vec<Vec<toml::Spanned<String>>>,
}

/// When the nightly load runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Cron expression in the programme's time zone.
    pub nightly: String,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            nightly: "0 2 * * *".to_owned(),
        }
    }
}

/// Where things lie, relative to the project directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// Where departments drop submissions.
    pub inbox: String,
    /// Where receipts for them are put.
    pub returned: String,
    /// The data directory.
    pub lake: String,
    /// The vault's key.
    pub key_file: String,
}

impl Default for Paths {
    fn default() -> Self {
        let [inbox, returned, lake, key_file] =
            ["inbox", "inbox/returned", "lake", "secrets/vault.key"].map(str::to_owned);
        Self {
            inbox,
            returned,
            lake,
            key_file,
        }
    }
}

/// The most that one file may hold, and the most its parser may use.
///
/// # Units
/// The last word before `_max` names the unit; every limit is inclusive.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a text file (CSV, TSV, JSON lines).
    pub file_bytes_max: u64,
    /// Bytes of a workbook or Parquet file, as sent (packed).
    pub workbook_bytes_max: u64,
    /// Bytes that the parts of a packed workbook may declare to unpack to, together.
    pub inflated_bytes_max: u64,
    /// Parts inside a packed workbook.
    pub zip_entries_max: u64,
    /// Rows of one file or sheet, header and blank rows included.
    pub rows_max: u32,
    /// Filled columns of one row.
    pub columns_max: u32,
    /// Characters of one cell.
    pub cell_chars_max: u32,
    /// Sheets of one workbook.
    pub sheets_max: u32,
    /// Depth of a JSON value: 1 is a flat row, 2 a row with lists of scalars.
    pub nesting_max: u32,
    /// Address space of the process that parses a workbook, in bytes.
    pub child_memory_bytes_max: u64,
    /// Processor time of that process, in seconds.
    pub child_cpu_seconds_max: u64,
    /// Wall-clock time of that process, in seconds, not counting the time our side keeps it waiting.
    pub child_wall_seconds_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 8 << 30,
            workbook_bytes_max: 256 << 20,
            inflated_bytes_max: 1 << 30,
            zip_entries_max: 2_000,
            rows_max: 20_000_000,
            columns_max: 1_024,
            cell_chars_max: 32_767,
            sheets_max: 200,
            nesting_max: 2,
            child_memory_bytes_max: 768 << 20,
            child_cpu_seconds_max: 60,
            child_wall_seconds_max: 120,
        }
    }
}

/// How long snapshots are kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days; 0 keeps all.
    pub snapshot_days: u32,
    /// Files of one table above which the next load merges the small ones.
    pub compact_when_files_over: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            snapshot_days: 0,
            compact_when_files_over: 24,
        }
    }
}

impl Config {
    /// Reads `dabiao.toml`; the first syntax or type error is a problem with its line, and `None` is returned.
    pub fn parse(file: &str, source: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        match toml::from_str(source) {
            Ok(config) => Some(config),
            Err(error) => {
                let offset = error.span().map(|span| span.start);
                let message = Text::new(
                    format!("无法读取: {}", error.message()),
                    format!("cannot be read: {}", error.message()),
                );
                problems.push(Problem::at_offset(file, source, offset, message));
                None
            }
        }
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&CountingRule> {
        self.counting_rule.iter().find(|rule| rule.id == id)
    }

    /// The scope with this id.
    pub fn scope(&self, id: &str) -> Option<&Scope> {
        self.scope.iter().find(|scope| scope.id == id)
    }
}

fn whole() -> String {
    "whole".to_owned()
}

fn city() -> String {
    "city".to_owned()
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let value = toml::value::Datetime::deserialize(deserializer)?;
    value.to_string().parse().map_err(serde::de::Error::custom)
}

fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    day(deserializer).map(Some)
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    Decimal::parse(&text).ok_or_else(|| {
        serde::de::Error::custom(format!("\"{text}\" is not a decimal number in quotes"))
    })
}
