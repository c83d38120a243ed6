//! What a page is made from: the questions it needs answered, and the answers.

use super::file::{Dashboard, Panel};
use super::selection::Selection;
use super::view::View;
use crate::analysis::completeness::Completeness;
use crate::analysis::decompose::Standing;
use crate::indicators::Catalog;
use crate::indicators::rules::Worklist;
use crate::indicators::table::{Freshness, Kind, Request, Table};
use crate::presentation::encode::explain::Step;
use crate::programme::{Programme, Text};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// A table of figures.
    Figures(Request),
    /// The ledger in the reader's period and scope.
    Ledger,
    /// What became of expected returns.
    Completeness,
    /// What rules found.
    Findings,
    /// The targets in force.
    Targets,
    /// A total as every snapshot published it.
    History(Request),
}

/// What one snapshot published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its id.
    pub snapshot: String,
    /// When it was published.
    pub published_at: String,
    /// The day it stands for.
    pub day: String,
    /// Records in it.
    pub records: u64,
    /// The figure asked for; `None` where its files are gone or its definitions have no such figure.
    pub table: Option<Arc<Table>>,
}

/// The answers to a page's questions, all from one snapshot; each one or the reason why there is none.
#[derive(Debug)]
pub struct Material {
    /// The programme the snapshot was published with.
    pub programme: Arc<Programme>,
    /// Its indicators.
    pub catalog: Arc<Catalog>,
    /// How fresh the snapshot is.
    pub freshness: Freshness,
    /// Expected returns that are missing.
    pub missing: usize,
    /// Tables by request.
    pub tables: HashMap<Request, Result<Arc<Table>, Text>>,
    /// The ledger.
    pub ledger: Option<Result<Vec<Step>, Text>>,
    /// The completeness of reporting.
    pub completeness: Option<Result<Completeness, Text>>,
    /// The findings.
    pub findings: Option<Result<Worklist, Text>>,
    /// The targets.
    pub targets: Option<Result<Standing, Text>>,
    /// What the snapshots published, the newest first, by request.
    pub history: HashMap<Request, Vec<Published>>,
}

impl Material {
    /// The table that answers `request`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn table(&self, request: &Request) -> Result<&Table, Text> {
        match self.tables.get(request) {
            Some(Ok(table)) => Ok(table),
            Some(Err(text)) => Err(text.clone()),
            None => unreachable!("every request of a panel is among its needs"),
        }
    }
}

/// The questions of a page, each once.
pub fn needs(dashboard: &Dashboard, selection: &Selection, catalog: &Catalog) -> Vec<Need> {
    let mut known = HashSet::new();
    let panels = dashboard.rows.iter().flat_map(|row| &row.panels);
    panels
        .flat_map(|panel| panel_needs(panel, selection, catalog))
        .filter(|need| known.insert(need.clone()))
        .collect()
}

/// The questions of one panel.
pub fn panel_needs(panel: &Panel, selection: &Selection, catalog: &Catalog) -> Vec<Need> {
    let lead = || lead_request(panel, selection);
    let of =
        |indicator: &str, by: &[&str]| selection.request(indicator, by, panel.period.as_deref());
    match panel.view {
        View::Answer | View::Tile | View::Bullets | View::Ranked | View::Map | View::Trend => {
            vec![Need::Figures(lead())]
        }
        View::Cumulative => vec![Need::Figures(by_month(panel, selection)), Need::Targets],
        View::Heat => {
            let single = panel
                .by
                .iter()
                .map(|each| of(&panel.indicators[0], &[each]));
            std::iter::once(lead())
                .chain(single)
                .map(Need::Figures)
                .collect()
        }
        View::Multiples => {
            let units = of(&panel.indicators[0], &[&panel.by[0]]);
            vec![Need::Figures(lead()), Need::Figures(units), Need::Targets]
        }
        View::Table | View::Funds => table_needs(panel, selection, catalog),
        View::Funnel => vec![Need::Ledger],
        View::Reporting => vec![Need::Completeness],
        View::Findings => vec![Need::Findings],
        View::Targets => vec![Need::Targets],
        View::Definitions => vec![],
        View::Reviews => vec![Need::History(lead())],
    }
}

fn table_needs(panel: &Panel, selection: &Selection, catalog: &Catalog) -> Vec<Need> {
    let by: Vec<&str> = panel.by.iter().map(String::as_str).collect();
    let of = |indicator: &String| selection.request(indicator, &by, panel.period.as_deref());
    let mut needs: Vec<Need> = panel.indicators.iter().map(of).map(Need::Figures).collect();
    if let Some(courses) = courses(panel, selection, catalog) {
        needs.push(Need::Figures(courses));
    }
    if shows_returns(panel) {
        needs.push(Need::Completeness);
    }
    needs
}

/// Whether a table tells, beside the figures of each unit, how much of what it must report is in.
pub fn shows_returns(panel: &Panel) -> bool {
    panel.view == View::Table && panel.by == ["division"]
}

/// The request of a panel's first indicator by its dimensions.
pub fn lead_request(panel: &Panel, selection: &Selection) -> Request {
    let by: Vec<&str> = panel.by.iter().map(String::as_str).collect();
    selection.request(&panel.indicators[0], &by, panel.period.as_deref())
}

/// The request of a panel's first indicator by month.
pub fn by_month(panel: &Panel, selection: &Selection) -> Request {
    selection.request(&panel.indicators[0], &["month"], panel.period.as_deref())
}

/// The course of every row of a table over the months, where its rows are units and its figure adds over time.
pub fn courses(panel: &Panel, selection: &Selection, catalog: &Catalog) -> Option<Request> {
    let lead = panel.indicators.first()?;
    let is_flow = catalog
        .get(lead)
        .is_some_and(|indicator| indicator.kind == Kind::Flow);
    match panel.by.as_slice() {
        [unit] if panel.view == View::Table && unit == "division" && is_flow => {
            Some(selection.request(lead, &[unit, "month"], panel.period.as_deref()))
        }
        _ => None,
    }
}
