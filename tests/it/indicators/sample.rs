//! The samples as they were published, in this process, so that thousands of questions cost no process each.

use crate::support::{Project, TODAY};
use dabiao::app::{App, Today};
use dabiao::engine::schema;
use dabiao::indicators::facts::{FactsCache, Piece};
use dabiao::indicators::table::{Request, Row, Table, Value};
use dabiao::indicators::{self, Published, TIME_DIMENSIONS, evaluate};
use polars::prelude::{DataFrame, IntoLazy};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The published samples; their tables lie in memory.
pub(crate) fn published() -> &'static Published {
    static SHARED: OnceLock<Published> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (project, _) = Project::samples();
        let today = Today::Day(TODAY.parse().expect("a day"));
        let app = App::open(&project.root(), None, today).expect("the samples");
        let snapshot = app.snapshot(None).expect("they were loaded");
        let definitions = app.definitions(&snapshot).expect("they were kept");
        let contracts = definitions.programme.contracts.values();
        let empty = contracts.map(|contract| (contract.id.clone(), schema::empty(contract)));
        let derived = schema::derived().map(|(name, schema)| {
            let table = DataFrame::empty_with_schema(&schema);
            (name.to_owned(), table)
        });
        let tables = empty.chain(derived).map(|(name, empty)| {
            let stored = snapshot.has(&name).then(|| {
                let table = snapshot.scan(&name).expect("a published table");
                table.collect().expect("it can be read")
            });
            // Findings that only the counting rules made have other columns than those queries read.
            let columns = empty.get_column_names();
            let fits = |table: &DataFrame| columns.iter().all(|name| table.column(name).is_ok());
            let table = stored.filter(fits).unwrap_or(empty.clone());
            (name, table.lazy())
        });
        let tables = tables.collect();
        Published {
            snapshot: snapshot.id().as_str().to_owned(),
            as_of: TODAY.to_owned(),
            day: snapshot.info().day,
            programme: definitions.programme,
            catalog: definitions.catalog,
            tables,
            pieces: BTreeMap::new(),
            facts: None,
        }
    })
}

/// The same tables cut into many small pieces, whose facts are held in memory.
pub(crate) fn held() -> &'static Published {
    const ROWS: usize = 7;
    static SHARED: OnceLock<Published> = OnceLock::new();
    SHARED.get_or_init(|| {
        let mut held = published().clone();
        for (name, table) in &held.tables {
            let rows = table.clone().collect().expect("a table").height();
            let pieces = (0..rows.div_ceil(ROWS)).map(|at| Piece {
                id: format!("{name}-{at}").into(),
                rows: table.clone().slice((at * ROWS) as i64, ROWS as u32),
            });
            held.pieces.insert(name.clone(), pieces.collect());
        }
        held.facts = Some(Arc::new(FactsCache::new(1 << 30)));
        held
    })
}

/// Ids of all indicators.
pub(crate) fn ids() -> Vec<&'static str> {
    let catalog = &published().catalog;
    catalog
        .iter()
        .map(|indicator| indicator.id.as_str())
        .collect()
}

/// Every dimension of an indicator, those of time last. `primary_group` is left out: it is `group` by another name.
pub(crate) fn dimensions(id: &str) -> Vec<&'static str> {
    let published = published();
    let of_facts = published.catalog.dimensions(&published.programme, id);
    let mut dimensions = of_facts;
    dimensions.retain(|name| *name != "primary_group");
    dimensions.extend(TIME_DIMENSIONS);
    dimensions
}

/// What is asked of an indicator.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) indicator: &'static str,
    pub(crate) by: Vec<&'static str>,
    pub(crate) filters: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) period: &'static str,
    pub(crate) scope: &'static str,
}

impl Question {
    /// The programme's period in the wider scope, without breakdown.
    pub(crate) fn of(indicator: &'static str) -> Self {
        Self {
            indicator,
            by: vec![],
            filters: vec![],
            period: "2019..2021",
            scope: "CC2020",
        }
    }

    pub(crate) fn by(mut self, by: &[&'static str]) -> Self {
        self.by = by.to_vec();
        self
    }

    pub(crate) fn filter(mut self, dimension: &'static str, codes: &[&'static str]) -> Self {
        self.filters.push((dimension, codes.to_vec()));
        self
    }

    pub(crate) fn period(mut self, period: &'static str) -> Self {
        self.period = period;
        self
    }

    pub(crate) fn scope(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    pub(crate) fn request(&self) -> Request {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Request {
            indicator: self.indicator.to_owned(),
            by: owned(&self.by),
            filters: self
                .filters
                .iter()
                .map(|(dimension, codes)| ((*dimension).to_owned(), owned(codes)))
                .collect(),
            period: Some(self.period.to_owned()),
            ..Request::default()
        }
    }

    /// The answer over `published`.
    pub(crate) fn ask(&self, published: &Published) -> Result<Table, indicators::Error> {
        let scope = published.programme.scope(Some(self.scope));
        evaluate(published, &self.request(), scope.expect("a scope"))
    }

    /// The answer over the samples, made by the engine.
    pub(crate) fn answer(&self) -> Table {
        self.ask(published())
            .unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    /// The answer over the samples, made of facts held in memory where the indicator's kind allows it.
    pub(crate) fn held_answer(&self) -> Table {
        self.ask(held())
            .unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }
}

/// A cell as text: value, numerator, denominator, mark.
pub(crate) fn cell(row: &Row) -> [String; 4] {
    let value = match row.value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Share(ratio)) => ratio.to_string(),
        None => String::new(),
    };
    let part = |part: Option<dabiao::programme::Decimal>| {
        part.map_or(String::new(), |part| part.to_string())
    };
    [
        value,
        part(row.numerator),
        part(row.denominator),
        row.mark.to_string(),
    ]
}
