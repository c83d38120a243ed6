//! Answers the questions of a page, all from one snapshot.

use super::figures::find_scope;
use super::{App, Error};
use crate::analysis::completeness::Status;
use crate::indicators::rules::Wanted;
use crate::indicators::table::Request;
use crate::indicators::{self, Catalog, UNKNOWN, period_of};
use crate::ledger::Line;
use crate::presentation::charts::Width;
use crate::presentation::dashboard::{
    Material, Need, Panel, Published, Selection, View, drawn, panel_needs,
};
use crate::presentation::encode::explain::Step;
use crate::programme::{Programme, Text};
use std::collections::HashMap;

/// Snapshots a history goes back.
const HISTORY_MAX: usize = 24;

impl App {
    /// The answers to the questions a page has for a catalog of indicators, from the newest snapshot, or from the one the selection
    /// names. What cannot be answered is told in its place, so that one panel takes no other down.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for an unknown snapshot, and failures of ours.
    pub fn material(
        &self,
        selection: &Selection,
        needs: impl FnOnce(&Catalog) -> Vec<Need>,
    ) -> Result<Material, Error> {
        // Questions and answers are those of one snapshot, also while a load publishes the next one.
        let snapshot = self.snapshot(selection.as_of.as_deref())?;
        let definitions = self.definitions(&snapshot)?;
        let id = snapshot.id().as_str().to_owned();
        let returns = self.returns(&snapshot, &definitions)?;
        let missing = returns.iter().filter(|each| each.status == Status::Missing);
        let mut material = Material {
            programme: definitions.programme.clone(),
            catalog: definitions.catalog.clone(),
            freshness: self.freshness(Some(&id))?,
            missing: missing.count(),
            tables: HashMap::new(),
            ledger: None,
            completeness: None,
            findings: None,
            targets: None,
            history: HashMap::new(),
        };
        for need in &needs(&definitions.catalog) {
            self.answer(need, &id, selection, &mut material)?;
        }
        Ok(material)
    }

    fn answer(
        &self,
        need: &Need,
        snapshot: &str,
        selection: &Selection,
        material: &mut Material,
    ) -> Result<(), Error> {
        let as_of = Some(snapshot);
        let period = selection.period.as_deref();
        match need {
            Need::Figures(request) => {
                let table = told(self.figures(request, as_of))?;
                material.tables.insert(request.clone(), table);
            }
            Need::Ledger => {
                let ledger = self.ledger(None, period, selection.scope.as_deref(), as_of);
                let steps = told(ledger)?.map(|ledger| steps(ledger.lines));
                material.ledger = Some(steps);
            }
            Need::Completeness => {
                material.completeness = Some(told(self.completeness(period, as_of))?);
            }
            Need::Findings => {
                let of = |dimension: &str| selection.filter(dimension).map(str::to_owned);
                let wanted = Wanted {
                    rule: None,
                    division: of("division"),
                    department: of("department"),
                    period: selection.period.clone(),
                };
                material.findings = Some(told(self.findings(&wanted, as_of))?);
            }
            Need::Targets => material.targets = Some(told(self.targets(as_of))?),
            Need::History(request) => {
                let published = self.history(request)?;
                material.history.insert(request.clone(), published);
            }
        }
        Ok(())
    }

    /// What the newest snapshots published for `request`, the newest first.
    fn history(&self, request: &Request) -> Result<Vec<Published>, Error> {
        let known = self.inner.lake.snapshots()?;
        let published = known.iter().rev().take(HISTORY_MAX).map(|info| Published {
            snapshot: info.id.as_str().to_owned(),
            published_at: info.published_at.format("%Y-%m-%d %H:%M").to_string(),
            day: info.day.to_string(),
            records: info.records,
            // An older version's definitions, or none of this name: the snapshot is listed without the figure.
            table: match info.kept {
                true => self.figures(request, Some(info.id.as_str())).ok(),
                false => None,
            },
        });
        Ok(published.collect())
    }

    /// What a selection names and is not there: the parameter, and which ones there are.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, and failures of ours.
    pub fn refused(&self, selection: &Selection) -> Result<Vec<(String, Text)>, Error> {
        let snapshot = match told(self.snapshot(selection.as_of.as_deref()))? {
            Ok(snapshot) => snapshot,
            Err(text) => return Ok(vec![("as_of".to_owned(), text)]),
        };
        let programme = self.definitions(&snapshot)?.programme;
        let period = period_of(&programme, selection.period.as_deref()).map_err(Error::from);
        let scope = find_scope(&programme, selection.scope.as_deref());
        let mut refused = Vec::new();
        for (name, asked) in [("period", period.map(drop)), ("scope", scope.map(drop))] {
            if let Err(text) = told(asked)? {
                refused.push((name.to_owned(), text));
            }
        }
        for (dimension, code) in &selection.filters {
            if let Err(text) = told(check_code(&programme, dimension, code))? {
                refused.push((dimension.clone(), text));
            }
        }
        Ok(refused)
    }

    /// The picture of `request` as SVG, from the snapshot the selection names.
    ///
    /// # Errors
    /// [`Error::Request`] where the view cannot show it.
    pub fn picture(
        &self,
        request: &Request,
        view: View,
        width: Width,
        selection: &Selection,
    ) -> Result<String, Error> {
        let snapshot = self.snapshot(selection.as_of.as_deref())?;
        let catalog = self.definitions(&snapshot)?.catalog;
        let indicator = catalog.get(&request.indicator);
        let by = view.breakdown(&request.by);
        view.takes(indicator.map(|indicator| indicator.kind), by.len())
            .map_err(Error::Request)?;
        let title = indicator.map_or("", |indicator| indicator.title.get(selection.language));
        let panel = Panel::single(view, &request.indicator, by.to_vec());
        let material =
            self.material(selection, |catalog| panel_needs(&panel, selection, catalog))?;
        let chart = drawn(&panel, selection, &material, width).map_err(Error::Request)?;
        Ok(chart.svg("chart", title))
    }
}

/// The lines of a ledger as the steps that are shown.
pub(super) fn steps(lines: Vec<Line>) -> Vec<Step> {
    let steps = lines.into_iter().map(|line| Step {
        step: line.step,
        rule: line.rule,
        clause: line.clause,
        count: line.count,
    });
    steps.collect()
}

/// A code is one of its list, unless codes of its dimension may be others.
fn check_code(programme: &Programme, dimension: &str, code: &str) -> Result<(), Error> {
    let list = programme.list_of(dimension);
    let dimension = programme.dimension(dimension);
    let open = dimension.is_none_or(|dimension| dimension.open);
    if open || code == UNKNOWN || list.get(code).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = list.iter().map(|code| code.code.as_str()).collect();
    Err(indicators::unknown("代码", "code", code, &known).into())
}

/// An answer, or why there is none in words; failures of ours stay failures.
fn told<T>(answer: Result<T, Error>) -> Result<Result<T, Text>, Error> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Error::Request(text)) => Ok(Err(text)),
        Err(error) => Err(error),
    }
}
