//! What there is to ask for: snapshots, and indicators with their definitions.

use super::{App, Error};
use crate::indicators::TIME_DIMENSIONS;
use crate::presentation::encode::catalog::{Defined, WorkedExample};
use crate::presentation::encode::snapshots::Listed;
use crate::project::Definitions;

impl App {
    /// Every snapshot in order of publication.
    ///
    /// # Errors
    /// [`Error::Lake`] when the state cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Listed>, Error> {
        let snapshots = self.inner.lake.snapshots()?.into_iter();
        Ok(snapshots
            .map(|info| Listed {
                id: info.id.as_str().to_owned(),
                published_at: info.published_at,
                load: info.load,
                records: info.records,
                definitions: info.definitions_digest,
            })
            .collect())
    }

    /// The definitions that figures are made with: those of the newest snapshot, or of the one `as_of` names; the project's files
    /// before the first load.
    ///
    /// # Errors
    /// [`Error::Request`] for an unknown snapshot, [`Error::Definitions`] when this version does not understand them.
    pub fn definitions_of(&self, as_of: Option<&str>) -> Result<Definitions, Error> {
        match self.snapshot(as_of) {
            Ok(snapshot) => self.definitions(&snapshot),
            Err(Error::Empty) => Ok(self.inner.project.definitions.clone()),
            Err(other) => Err(other),
        }
    }

    /// All indicators in order of their ids, as [`App::definitions_of`] has them.
    ///
    /// # Errors
    /// As [`App::definitions_of`].
    pub fn indicators(&self, as_of: Option<&str>) -> Result<Vec<Defined>, Error> {
        let definitions = self.definitions_of(as_of)?;
        let indicators = definitions.catalog.iter();
        Ok(indicators
            .map(|indicator| defined(&definitions, &indicator.id).expect("it is in the catalog"))
            .collect())
    }

    /// One indicator.
    ///
    /// # Errors
    /// As [`App::definitions_of`], and [`Error::Request`] where there is none of this id.
    pub fn indicator(&self, id: &str, as_of: Option<&str>) -> Result<Defined, Error> {
        let definitions = self.definitions_of(as_of)?;
        defined(&definitions, id).ok_or_else(|| {
            let known: Vec<&str> = definitions
                .catalog
                .iter()
                .map(|indicator| indicator.id.as_str())
                .collect();
            crate::indicators::unknown("指标", "indicator", id, &known).into()
        })
    }
}

fn defined(definitions: &Definitions, id: &str) -> Option<Defined> {
    let indicator = definitions.catalog.get(id)?;
    let programme = &definitions.programme;
    let dimensions = definitions.catalog.dimensions(programme, id);
    let examples = definitions.examples.iter();
    let examples = examples.filter(|example| example.request.indicator == id);
    Some(Defined {
        id: indicator.id.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit.clone(),
        kind: indicator.kind,
        clause: indicator.clause.clone(),
        note: indicator.note.clone(),
        definition: indicator.digest.clone(),
        dimensions: dimensions.into_iter().map(str::to_owned).collect(),
        time_dimensions: TIME_DIMENSIONS.map(str::to_owned).to_vec(),
        tables: indicator.tables.iter().cloned().collect(),
        denominator_of: indicator.denominator_of.clone(),
        facts: indicator.facts.to_string(),
        examples: examples
            .map(|example| WorkedExample {
                title: example.title.clone(),
                file: example.file.clone(),
                line: example.line,
            })
            .collect(),
    })
}
