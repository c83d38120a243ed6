//! The views a panel may have, and what each demands.

use crate::indicators::table::Kind;
use crate::programme::Text;

/// How a panel shows its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The first sentence: the answer a leader can repeat.
    Answer,
    /// A headline figure with its bullet.
    Tile,
    /// A flow added up by month, against the pace of its target.
    Cumulative,
    /// A figure by time, against its target.
    Trend,
    /// Ranked bullet rows.
    Bullets,
    /// Ranked bars.
    Ranked,
    /// Tiles where the units lie.
    Map,
    /// A table of two dimensions, shaded.
    Heat,
    /// One small panel over time for every unit.
    Multiples,
    /// The table of figures: total first.
    Table,
    /// The ledger, step by step.
    Funnel,
    /// What became of expected returns.
    Reporting,
    /// Amounts approved and paid.
    Funds,
    /// What rules found.
    Findings,
    /// Targets and their decomposition.
    Targets,
    /// What the indicators mean.
    Definitions,
    /// The snapshots and what was published in each.
    Reviews,
}

impl View {
    /// All views.
    pub const ALL: [Self; 17] = [
        Self::Answer,
        Self::Tile,
        Self::Cumulative,
        Self::Trend,
        Self::Bullets,
        Self::Ranked,
        Self::Map,
        Self::Heat,
        Self::Multiples,
        Self::Table,
        Self::Funnel,
        Self::Reporting,
        Self::Funds,
        Self::Findings,
        Self::Targets,
        Self::Definitions,
        Self::Reviews,
    ];

    /// Its name in dashboard files and addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Tile => "tile",
            Self::Cumulative => "cumulative",
            Self::Trend => "trend",
            Self::Bullets => "bullets",
            Self::Ranked => "ranked",
            Self::Map => "map",
            Self::Heat => "heat",
            Self::Multiples => "multiples",
            Self::Table => "table",
            Self::Funnel => "funnel",
            Self::Reporting => "reporting",
            Self::Funds => "funds",
            Self::Findings => "findings",
            Self::Targets => "targets",
            Self::Definitions => "definitions",
            Self::Reviews => "reviews",
        }
    }

    /// The view of this name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.code() == code)
    }

    /// Those that are pictures of one indicator and can be asked for by themselves.
    pub fn drawn() -> impl Iterator<Item = Self> {
        let views = [
            Self::Cumulative,
            Self::Trend,
            Self::Bullets,
            Self::Ranked,
            Self::Map,
            Self::Heat,
            Self::Multiples,
        ];
        views.into_iter()
    }

    /// The picture of a breakdown by so many dimensions, where none is asked for.
    pub fn usual(dimensions: usize) -> Self {
        match dimensions {
            0 => Self::Cumulative,
            1 => Self::Bullets,
            _ => Self::Heat,
        }
    }

    /// The dimensions it breaks `by` down by: a line by month asks for its months itself.
    pub fn breakdown(self, by: &[String]) -> &[String] {
        match self {
            Self::Cumulative => &[],
            _ => by,
        }
    }

    /// Whether it can show one indicator of `kind` by so many dimensions.
    ///
    /// # Errors
    /// What it takes instead.
    pub fn takes(self, kind: Option<Kind>, dimensions: usize) -> Result<(), Text> {
        let code = self.code();
        if let Some(kind) = kind.filter(|kind| !self.kinds().contains(kind)) {
            return Err(Text::new(
                format!("视图 {code} 不能用于 {kind} 类指标"),
                format!("the view {code} does not show a {kind}"),
            ));
        }
        let (least, most) = self.dimensions();
        match (least..=most).contains(&dimensions) {
            true => Ok(()),
            false => Err(Text::new(
                format!("视图 {code} 要 {least} 到 {most} 个维度，给了 {dimensions} 个"),
                format!("the view {code} takes {least} to {most} dimensions, not {dimensions}"),
            )),
        }
    }

    /// How many indicators it takes, at least and at most.
    pub(super) fn indicators(self) -> (usize, usize) {
        match self {
            Self::Funnel | Self::Reporting | Self::Findings | Self::Targets | Self::Definitions => {
                (0, 0)
            }
            Self::Table => (1, 6),
            Self::Funds => (2, 2),
            _ => (1, 1),
        }
    }

    /// How many dimensions it takes, at least and at most.
    pub(super) fn dimensions(self) -> (usize, usize) {
        match self {
            Self::Answer | Self::Bullets | Self::Ranked | Self::Map | Self::Funds => (1, 1),
            Self::Trend => (1, 1),
            Self::Multiples | Self::Heat => (2, 2),
            Self::Table => (1, 2),
            Self::Funnel => (0, 1),
            _ => (0, 0),
        }
    }

    /// The measure kinds it can show.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            // What cannot be added over time has no cumulative line.
            Self::Cumulative | Self::Multiples => &[Kind::Flow],
            Self::Funds => &[Kind::Flow],
            Self::Answer => &[Kind::Flow, Kind::Distinct],
            _ => &EVERY_KIND,
        }
    }
}

const EVERY_KIND: [Kind; 4] = [Kind::Flow, Kind::Stock, Kind::Distinct, Kind::Ratio];
