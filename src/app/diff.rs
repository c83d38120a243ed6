//! The revision bridge between two snapshots: the one gate over a chain of states of the tables (DESIGN §7).
//!
//! ```text
//! older ─ less what was withdrawn ─ corrected ─ moved ─ late ─ new ─ rules ─ newer definitions ─ newer scope = newer
//! ```

mod changed;

use super::figures::{Origin, find_scope, pieces, published, written};
use super::{App, Error};
use crate::analysis::bridge::{Bridge, Diff, Known, STATES, Step, bridge};
use crate::engine::schema::{FINDINGS, SNAPSHOT};
use crate::indicators::table::{Kind, Request, Table};
use crate::indicators::{self, Catalog, Indicator, Parts, TIME_DIMENSIONS, evaluate};
use crate::lake::Snapshot;
use crate::programme::Text;
use crate::programme::config::Scope;
use crate::project::Definitions;
use changed::{Changed, Facts};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Bridges kept; they are only dropped for room.
const BRIDGES_MAX: usize = 128;

/// Bridges by the two snapshots and the request: none of the three ever changes.
#[derive(Default)]
pub(super) struct Bridges(Mutex<HashMap<(String, String, Request), Bridge>>);

/// One snapshot with what it was published with.
struct Side {
    snapshot: Snapshot,
    definitions: Definitions,
}

impl Side {
    fn known(&self) -> Known {
        let info = self.snapshot.info();
        Known {
            snapshot: info.id.as_str().to_owned(),
            as_of: written(info.published_at),
        }
    }
}

/// The tables of the states of one indicator.
struct Chain<'a> {
    older: &'a Side,
    newer: &'a Side,
    request: &'a Request,
    /// Where findings and facts are kept.
    app: &'a App,
    /// Tables the indicator reads.
    read: BTreeSet<String>,
    /// Datasets the indicator reads whose records changed.
    changed: BTreeMap<String, Changed>,
}

impl App {
    /// Why `indicators` (the headline ones where none is named) differ between two snapshots, each named as in `--as-of`. The
    /// older one comes first. `selection` is what a figure is asked with, its indicator apart.
    ///
    /// # Errors
    /// [`Error::Request`] for anything unknown in either snapshot, and when `from` is the newer one.
    pub fn diff(
        &self,
        from: &str,
        to: &str,
        indicators: &[String],
        selection: &Request,
    ) -> Result<Diff, Error> {
        let side = |name: &str| -> Result<Side, Error> {
            let snapshot = self.snapshot(Some(name))?;
            let definitions = self.definitions(&snapshot)?;
            Ok(Side {
                snapshot,
                definitions,
            })
        };
        let (older, newer) = (side(from)?, side(to)?);
        if older.snapshot.id() > newer.snapshot.id() {
            let (first, second) = (newer.snapshot.id(), older.snapshot.id());
            return Err(Error::Request(Text::new(
                format!("先写较早的快照: {first} {second}"),
                format!("name the older snapshot first: {first} {second}"),
            )));
        }
        let everywhere = |id: &&String| {
            [&older, &newer]
                .iter()
                .all(|side| side.definitions.catalog.get(id).is_some())
        };
        let headlines = &newer.definitions.programme.config.dashboard.headlines;
        let asked: Vec<String> = match indicators.is_empty() {
            true => headlines.iter().filter(everywhere).cloned().collect(),
            false => indicators.to_vec(),
        };
        let bridges = asked.into_iter().map(|indicator| {
            let request = Request {
                indicator,
                compare: vec![],
                ..selection.clone()
            };
            self.bridge(&older, &newer, &request)
        });
        Ok(Diff {
            from: older.known(),
            to: newer.known(),
            bridges: bridges.collect::<Result<Vec<Bridge>, Error>>()?,
        })
    }

    /// The bridge of one indicator: the one that is kept, or made anew.
    fn bridge(&self, older: &Side, newer: &Side, request: &Request) -> Result<Bridge, Error> {
        let [from, to] = [older, newer].map(|side| side.snapshot.id().as_str().to_owned());
        let key = (from, to, request.clone());
        let kept = || {
            let kept = &self.inner.bridges.0;
            kept.lock().unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(bridge) = kept().get(&key) {
            return Ok(bridge.clone());
        }
        let bridge = self.made(older, newer, request)?;
        let mut kept = kept();
        if kept.len() >= BRIDGES_MAX {
            kept.clear();
        }
        kept.insert(key, bridge.clone());
        Ok(bridge)
    }

    fn made(&self, older: &Side, newer: &Side, request: &Request) -> Result<Bridge, Error> {
        let answer = |side: &Side| {
            self.unmarked(&side.snapshot, request)
                .map_err(|error| in_snapshot(error, side))
        };
        let (first, last) = (answer(older)?, answer(newer)?);
        let chain = Chain::new(self, older, newer, request)?;
        let states = chain.states(first, last)?;
        let programme = &newer.definitions.programme;
        Ok(bridge(&states, |codes| {
            let codes = request.by.iter().zip(codes);
            let places = codes.map(|(by, code)| indicators::place(programme, by, code));
            places.collect::<Vec<_>>()
        }))
    }
}

/// A mistake of the request, told with the snapshot in which it is one.
fn in_snapshot(error: Error, side: &Side) -> Error {
    let id = side.snapshot.id();
    match error {
        Error::Request(text) => Error::Request(Text::new(
            format!("快照 {id}: {}", text.zh),
            format!("snapshot {id}: {}", text.en),
        )),
        other => other,
    }
}

impl<'a> Chain<'a> {
    fn new(
        app: &'a App,
        older: &'a Side,
        newer: &'a Side,
        request: &'a Request,
    ) -> Result<Self, Error> {
        let read = tables_of(&older.definitions.catalog, &request.indicator);
        let indicator = older.definitions.catalog.get(&request.indicator);
        let queries = with_denominator(&older.definitions.catalog, &request.indicator);
        let text: String = queries.map(|query| query.facts.to_string()).collect();
        let contracts = &older.definitions.programme.contracts;
        let mut changed = BTreeMap::new();
        for (dataset, contract) in contracts.iter().filter(|(id, _)| read.contains(*id)) {
            let asked = Facts {
                text: text.clone(),
                dates: indicator.and_then(|indicator| indicator.dates_of(dataset)),
            };
            let found = Changed::between(&older.snapshot, &newer.snapshot, contract, &asked)?;
            changed.extend(found.map(|found| (dataset.clone(), found)));
        }
        Ok(Self {
            older,
            newer,
            request,
            app,
            read,
            changed,
        })
    }

    /// The figure in every state, from `first`, what the older snapshot says, to `last`, what the newer one says. A state that
    /// cannot differ from its neighbour is not computed.
    fn states(&self, first: Arc<Table>, last: Arc<Table>) -> Result<[Arc<Table>; STATES], Error> {
        let (older, newer) = (self.older, self.newer);
        let redefined = older.definitions.digest != newer.definitions.digest;
        let mut states = Vec::with_capacity(STATES);
        states.push(first);
        for step in Step::CHAIN {
            let before = Arc::clone(states.last().expect("the first is there"));
            let after = match step {
                Step::RuleEffects | Step::Definition | Step::Scope if !redefined => {
                    Arc::clone(&last)
                }
                Step::RuleEffects if !self.ruled() => before,
                Step::RuleEffects => self.evaluated(older, newer, newer, None)?,
                Step::Definition if !self.rescoped()? => Arc::clone(&last),
                Step::Definition => self.evaluated(newer, newer, newer, None)?,
                Step::Scope => Arc::clone(&last),
                step if !self.touches(step) => before,
                // The days that pass are progress like the records of these days.
                Step::New => self.evaluated(older, older, newer, Some(step))?,
                step => self.evaluated(older, older, older, Some(step))?,
            };
            states.push(after);
        }
        states
            .try_into()
            .map_err(|_| unreachable!("one state after every step"))
    }

    /// The figure under the definitions of one side, over the tables of one side as they are after a step of records, on the day
    /// of one side; always over the older scope.
    fn evaluated(
        &self,
        definitions: &Side,
        tables_of: &Side,
        day_of: &Side,
        step: Option<Step>,
    ) -> Result<Arc<Table>, Error> {
        let snapshot = &tables_of.snapshot;
        let mut tables =
            self.app
                .tables(snapshot, &definitions.definitions, &self.request.indicator)?;
        let mut origin = Origin::of(&day_of.snapshot);
        origin.facts = Some(Arc::clone(&self.app.inner.facts));
        let pieced = |table: &&String| self.read.contains(*table) && *table != FINDINGS;
        for table in tables.keys().filter(pieced) {
            let pieces = pieces(snapshot, table)?;
            origin.pieces.insert(table.clone(), pieces);
        }
        if let Some(step) = step {
            for (dataset, changed) in &self.changed {
                let pieces = changed.after(step);
                tables.insert(dataset.clone(), changed.rows(&pieces)?);
                origin.pieces.insert(dataset.clone(), pieces);
            }
        }
        let published = published(&definitions.definitions, tables, &origin);
        let table = evaluate(&published, self.request, self.scope(self.older)?);
        let table = table.map_err(|error| in_snapshot(error.into(), definitions))?;
        Ok(Arc::new(table))
    }

    fn scope<'b>(&self, side: &'b Side) -> Result<&'b Scope, Error> {
        find_scope(&side.definitions.programme, self.request.scope.as_deref())
            .map_err(|error| in_snapshot(error, side))
    }

    /// Whether the scope covers other units now.
    fn rescoped(&self) -> Result<bool, Error> {
        let units = |side| -> Result<BTreeSet<&String>, Error> {
            Ok(self.scope(side)?.units.iter().collect())
        };
        Ok(units(self.older)? != units(self.newer)?)
    }

    /// Whether a step of records changes anything the indicator reads.
    fn touches(&self, step: Step) -> bool {
        let records = self.changed.values().any(|changed| changed.touches(step));
        records || step == Step::New && self.days_matter()
    }

    /// Whether the snapshot's day is part of the figure: facts that ask for it, and stocks told up to it.
    fn days_matter(&self) -> bool {
        let days = [self.older, self.newer].map(|side| side.snapshot.info().day);
        let catalog = &self.older.definitions.catalog;
        let Some(indicator) = catalog.get(&self.request.indicator) else {
            return false;
        };
        let told_to = indicator.kind == Kind::Stock || indicator.parts != Parts::Flow;
        let by_time = self
            .request
            .by
            .iter()
            .any(|by| TIME_DIMENSIONS.contains(&by.as_str()));
        days[0] != days[1] && (indicator.tables.contains(SNAPSHOT) || told_to && by_time)
    }

    /// Whether the records in both snapshots, or tables derived from records, may say something else now.
    fn ruled(&self) -> bool {
        let contracts = &self.older.definitions.programme.contracts;
        let reads_derived = self.read.iter().any(|table| !contracts.contains_key(table));
        reads_derived || self.changed.values().any(|changed| changed.ruled)
    }
}

/// The tables an indicator reads, those of its denominator included.
pub(super) fn tables_of(catalog: &Catalog, indicator: &str) -> BTreeSet<String> {
    with_denominator(catalog, indicator)
        .flat_map(|indicator| indicator.tables.iter().cloned())
        .collect()
}

/// An indicator, and the one it takes its denominator from.
fn with_denominator<'a>(
    catalog: &'a Catalog,
    indicator: &str,
) -> impl Iterator<Item = &'a Indicator> {
    let indicator = catalog.get(indicator);
    let other = indicator.and_then(|indicator| catalog.get(indicator.denominator_of.as_deref()?));
    indicator.into_iter().chain(other)
}
