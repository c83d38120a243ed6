//! What a figure is once it is computed: one table of cells with their marks, targets and verdicts.

use crate::programme::{Decimal, Period, Ratio, Text};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::fmt;

/// How an indicator adds up (DESIGN §2, measure kind 计量类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Adds over time and over units.
    Flow,
    /// The last value in time; adds over units.
    Stock,
    /// Distinct persons; adds over nothing.
    Distinct,
    /// Σ numerator / Σ denominator.
    Ratio,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flow => "flow",
            Self::Stock => "stock",
            Self::Distinct => "distinct",
            Self::Ratio => "ratio",
        })
    }
}

/// The value of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A count, stock or amount.
    Number(Decimal),
    /// A share as a fraction (0.25), not percent.
    Share(Ratio),
}

impl Value {
    /// The nearest binary fraction, for drawing only.
    pub fn approximate(self) -> f64 {
        match self {
            Self::Number(number) => number.approximate(),
            Self::Share(ratio) => ratio.approximate(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Share(ratio) => ratio.fmt(f),
        }
    }
}

/// What a cell says against its target: word, shape and colour are given by presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// 超额 ▲: the target is reached.
    Ahead,
    /// 正常 ●: at or above the pace.
    OnTrack,
    /// 预警 ◆: below the pace, not far.
    AtRisk,
    /// 滞后 ▼: far below the pace.
    Behind,
    /// 数据不足 ○: what is missing could change the verdict.
    InsufficientData,
    /// 未设目标 –.
    #[default]
    NoTarget,
}

impl Verdict {
    /// The code in JSON and CSV.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::OnTrack => "on_track",
            Self::AtRisk => "at_risk",
            Self::Behind => "behind",
            Self::InsufficientData => "insufficient_data",
            Self::NoTarget => "no_target",
        }
    }
}

/// A data mark (DESIGN §2, 数据标记).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// `[p]`: the period is not closed yet, so the figure will still grow.
    Provisional,
    /// `[r]`: it was published otherwise once its period was closed.
    Revised,
    /// `[c]`: confidential.
    Confidential,
    /// `[x]`: returns are missing.
    Missing,
    /// `[e]`: estimated or carried forward.
    Estimated,
    /// `[low]`: below the threshold of what is shown.
    Low,
}

impl Mark {
    /// All marks in the order in which they are written.
    pub const ALL: [Self; 6] = [
        Self::Provisional,
        Self::Revised,
        Self::Confidential,
        Self::Missing,
        Self::Estimated,
        Self::Low,
    ];

    /// The letters between the brackets.
    pub fn code(self) -> &'static str {
        match self {
            Self::Provisional => "p",
            Self::Revised => "r",
            Self::Confidential => "c",
            Self::Missing => "x",
            Self::Estimated => "e",
            Self::Low => "low",
        }
    }
}

/// The marks of one cell; written `[p][e]`, empty where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Marks(u8);

impl Marks {
    /// Adds a mark; twice is once.
    pub fn add(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u8;
    }

    /// Adds a mark where `stands`.
    pub fn add_if(&mut self, mark: Mark, stands: bool) {
        if stands {
            self.add(mark);
        }
    }

    /// Whether the mark is there.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u8) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Mark::ALL
            .into_iter()
            .filter(|mark| self.has(*mark))
            .try_for_each(|mark| write!(f, "[{}]", mark.code()))
    }
}

/// What a period is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compare {
    /// 同比: the same period one year before.
    Yoy,
    /// 环比: the period before.
    Pop,
}

impl Compare {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Yoy, Self::Pop];

    /// Its name in requests and answers: `yoy`, `pop`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yoy => "yoy",
            Self::Pop => "pop",
        }
    }
}

/// Why a comparison gives no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomparable {
    /// 不可比: the scope did not describe the city yet in the other period.
    Scope,
    /// The period is still open; only to-date periods are compared before they end.
    Open,
    /// The other period has no value, or one of 0.
    Base,
}

impl Incomparable {
    /// The code in JSON and CSV.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scope => "incomparable",
            Self::Open => "open_period",
            Self::Base => "no_base",
        }
    }
}

/// A cell held against the same cell of another period (CONTRACT Q59b).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Compared {
    /// The value of the other period.
    pub value: Option<Value>,
    /// The change: relative to the other value for flows, stocks and persons, the difference (percentage points as a fraction) for ratios.
    pub change: Option<Ratio>,
    /// Why there is no change.
    pub incomparable: Option<Incomparable>,
}

/// Between what the value lies once all expected returns are in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Returns that are missing.
    pub missing: u32,
    /// Progress if they brought nothing.
    pub low: Ratio,
    /// Progress if they brought what their peers reported.
    pub high: Ratio,
}

/// What it takes to reach a target that is still open.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRate {
    /// Needed each month from now on.
    pub needed: Ratio,
    /// Months left, the current one in part.
    pub months_left: Ratio,
    /// The best month there ever was: its code and value.
    pub best: Option<(String, Decimal)>,
}

/// How units are read across changes of boundaries and codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Under the code of their own time.
    #[default]
    AsWas,
    /// Under the code that stands for them today (successors in the list of divisions).
    AsIs,
}

impl View {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AsWas, Self::AsIs];

    /// Its name in requests and answers: `as_was`, `as_is`.
    pub fn code(self) -> &'static str {
        match self {
            Self::AsWas => "as_was",
            Self::AsIs => "as_is",
        }
    }
}

/// One cell of a table, or its total.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// One code per dimension, in the order of the table's dimensions; `unknown` where the record has none. Empty in totals.
    pub codes: Vec<String>,
    /// The value; `None` for a ratio without denominator.
    pub value: Option<Value>,
    /// Numerator of a ratio.
    pub numerator: Option<Decimal>,
    /// Denominator of a ratio.
    pub denominator: Option<Decimal>,
    /// The target of this cell.
    pub target: Option<Decimal>,
    /// Provenance of the target: `policy`, `decomposed`, `interpolated`, `revised`.
    pub target_provenance: Option<String>,
    /// value ÷ target.
    pub progress: Option<Ratio>,
    /// Share of the target that is expected by the evaluation date.
    pub pace: Option<Ratio>,
    /// The verdict.
    pub verdict: Verdict,
    /// Data marks.
    pub mark: Marks,
    /// Where expected returns of the cell are missing: what they could change.
    pub bounds: Option<Bounds>,
    /// One for every comparison of the table, in their order.
    pub compared: Vec<Compared>,
    /// The target that was set first, where it was revised since.
    pub original_target: Option<Decimal>,
    /// The progress from which the cell is at risk rather than behind.
    pub behind_below: Option<Ratio>,
    /// In totals: what it takes to reach the target.
    pub run_rate: Option<RunRate>,
    /// The oldest day of the stocks used, where a stock is asked for.
    pub stock_day: Option<NaiveDate>,
}

/// The answer to one request: rows in the order of the code lists, and the total computed from the facts.
#[derive(Debug, Clone)]
pub struct Table {
    /// Id of the indicator.
    pub indicator: String,
    /// Its title.
    pub title: Text,
    /// Its unit.
    pub unit: Text,
    /// How it adds up.
    pub kind: Kind,
    /// The period asked for.
    pub period: Period,
    /// The scope asked for.
    pub scope: String,
    /// The snapshot everything comes from.
    pub snapshot: String,
    /// When that snapshot was published, with its offset.
    pub as_of: String,
    /// Digest of the indicator's definition.
    pub definition: String,
    /// The dimensions of the breakdown.
    pub dimensions: Vec<String>,
    /// The comparisons every row carries.
    pub compare: Vec<Compare>,
    /// How units are read across changes of boundaries.
    pub view: View,
    /// The cells.
    pub rows: Vec<Row>,
    /// The total.
    pub totals: Row,
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Request {
    /// Id of the indicator.
    pub indicator: String,
    /// Dimensions of the breakdown.
    pub by: Vec<String>,
    /// Filters: dimension and the codes that are let through.
    pub filters: Vec<(String, Vec<String>)>,
    /// Period by name; the programme's when absent.
    pub period: Option<String>,
    /// Scope by id; the default one when absent.
    pub scope: Option<String>,
    /// What every cell is compared with.
    pub compare: Vec<Compare>,
    /// How units are read across changes of boundaries.
    pub view: View,
}

/// How fresh the figures of a snapshot are.
#[derive(Debug, Clone)]
pub struct Freshness {
    /// Its id.
    pub snapshot: String,
    /// Id of the newest snapshot.
    pub newest: String,
    /// The day its data stand at.
    pub data_as_of: NaiveDate,
    /// When it was published.
    pub loaded_at: DateTime<FixedOffset>,
    /// When the next nightly load is due, where one is scheduled.
    pub next_load: Option<DateTime<FixedOffset>>,
    /// Current records in it.
    pub records: u64,
    /// Whether its records were made up (their files say SYNTHETIC).
    pub synthetic: bool,
}
