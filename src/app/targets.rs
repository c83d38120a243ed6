//! The targets in force in a snapshot.

use super::{App, Error, figures};
use crate::analysis::Pace;
use crate::analysis::decompose::{Held, Standing, reconcile};
use std::collections::BTreeMap;

/// Dataset of reported targets.
const TARGETS: &str = "targets";

impl App {
    /// The targets in force on the day of the newest snapshot, or of the one `as_of` names, each with the one decided first, and
    /// how far their parts add up.
    ///
    /// # Errors
    /// [`Error::Empty`] before the first load, [`Error::Request`] for an unknown snapshot.
    pub fn targets(&self, as_of: Option<&str>) -> Result<Standing, Error> {
        let snapshot = self.snapshot(as_of)?;
        let definitions = self.definitions(&snapshot)?;
        let programme = &definitions.programme;
        let mut tables = BTreeMap::new();
        if snapshot.has(TARGETS) {
            tables.insert(TARGETS.to_owned(), snapshot.scan(TARGETS)?);
        }
        let day = snapshot.info().day;
        let targets = figures::targets(programme, &tables, day)?;
        let kind = |id: &str| definitions.catalog.get(id).map(|indicator| indicator.kind);
        let pace = Pace::of(programme);
        let held = targets.iter().map(|target| Held {
            curve: pace.name(target),
            original: targets.original(target).cloned(),
            target: target.clone(),
        });
        Ok(Standing {
            snapshot: snapshot.id().as_str().to_owned(),
            day,
            targets: held.collect(),
            reconciled: reconcile(
                &targets,
                &programme.unit_kinds().collect::<Vec<&str>>(),
                kind,
            ),
        })
    }
}
