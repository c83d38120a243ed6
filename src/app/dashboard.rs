//! Answers the questions of a page, all from one snapshot.

use super::{App, Error};
use crate::analysis::completeness::Status;
use crate::indicators::rules::Wanted;
use crate::indicators::table::Request;
use crate::lake::Snapshot;
use crate::presentation::dashboard::{Material, Need, Published, Selection};
use crate::presentation::encode::explain::Step;
use crate::programme::Text;
use std::collections::HashMap;

/// Snapshots a history goes back.
const HISTORY_MAX: usize = 24;

impl App {
    /// The answers to `needs` from the newest snapshot, or from the one the selection names. What cannot be answered is
    /// told in its place, so that one panel takes no other down.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for an unknown snapshot, and failures of ours.
    pub fn material(&self, needs: &[Need], selection: &Selection) -> Result<Material, Error> {
        // Everything on a page comes from one snapshot, also while a load publishes the next one.
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
        for need in needs {
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
                let steps = told(ledger)?.map(|ledger| {
                    let steps = ledger.lines.into_iter().map(|line| Step {
                        step: line.step,
                        rule: line.rule,
                        clause: line.clause,
                        count: line.count,
                    });
                    steps.collect()
                });
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

    /// The indicators a snapshot was published with.
    ///
    /// # Errors
    /// As [`App::definitions`].
    pub fn catalog_of(
        &self,
        snapshot: &Snapshot,
    ) -> Result<std::sync::Arc<crate::indicators::Catalog>, Error> {
        Ok(self.definitions(snapshot)?.catalog)
    }
}

/// An answer, or why there is none in words; failures of ours stay failures.
fn told<T>(answer: Result<T, Error>) -> Result<Result<T, Text>, Error> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Error::Request(text)) => Ok(Err(text)),
        Err(error) => Err(error),
    }
}
