//! What a reader selected, and the addresses that differ from it in one thing.

use crate::indicators::table::{Request, Table};
use crate::presentation::texts;
use crate::programme::{Language, Programme};
use url::form_urlencoded::Serializer;

/// What a page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Period by name; the programme's when absent.
    pub period: Option<String>,
    /// Scope by id; the default one when absent.
    pub scope: Option<String>,
    /// The snapshot that was asked for by name, day or instant.
    pub as_of: Option<String>,
    /// Filters: dimension and code, or several codes between commas.
    pub filters: Vec<(String, String)>,
    /// The language.
    pub language: Language,
}

impl Selection {
    /// What a request selects, in the snapshot `as_of` names.
    pub fn of(request: &Request, as_of: Option<&str>, language: Language) -> Self {
        let filters = request.filters.iter();
        Self {
            period: request.period.clone(),
            scope: request.scope.clone(),
            as_of: as_of.map(str::to_owned),
            filters: filters
                .map(|(dimension, codes)| (dimension.clone(), codes.join(",")))
                .collect(),
            language,
        }
    }

    /// The code a dimension is filtered by.
    pub fn filter(&self, dimension: &str) -> Option<&str> {
        let found = self.filters.iter().find(|(name, _)| name == dimension)?;
        Some(&found.1)
    }

    /// The same selection with another code of `dimension`, or none.
    #[must_use]
    pub fn with(&self, dimension: &str, code: Option<&str>) -> Self {
        let mut other = self.clone();
        other.filters.retain(|(name, _)| name != dimension);
        if let Some(code) = code {
            other.filters.push((dimension.to_owned(), code.to_owned()));
        }
        other
    }

    /// The request for an indicator by some dimensions, in the selected period unless `period` says another one.
    pub fn request(&self, indicator: &str, by: &[&str], period: Option<&str>) -> Request {
        let filters = self.filters.iter();
        Request {
            indicator: indicator.to_owned(),
            by: by.iter().map(|name| (*name).to_owned()).collect(),
            filters: filters
                .map(|(name, codes)| {
                    let codes = codes.split(',').map(str::to_owned);
                    (name.clone(), codes.collect())
                })
                .collect(),
            period: period.map(str::to_owned).or_else(|| self.period.clone()),
            scope: self.scope.clone(),
            ..Request::default()
        }
    }

    /// The address of `page` with this selection; what is usual is left out.
    pub fn href(&self, page: &str, programme: &Programme) -> String {
        let mut query = Serializer::new(String::new());
        let usual = programme.period().to_string();
        if let Some(period) = self.period.as_deref().filter(|period| *period != usual) {
            query.append_pair("period", period);
        }
        let scope = self.scope.as_deref();
        if let Some(scope) =
            scope.filter(|scope| *scope != programme.config.programme.default_scope)
        {
            query.append_pair("scope", scope);
        }
        for (dimension, code) in &self.filters {
            query.append_pair(dimension, code);
        }
        if let Some(as_of) = &self.as_of {
            query.append_pair("as_of", as_of);
        }
        if self.language == Language::En {
            query.append_pair("lang", "en");
        }
        let query = query.finish();
        match query.is_empty() {
            true => page.to_owned(),
            false => format!("{page}?{query}"),
        }
    }
}

/// The address of a page.
pub fn page(id: &str, first: &str) -> String {
    match id == first {
        true => "/".to_owned(),
        false => format!("/dashboards/{id}"),
    }
}

/// Addresses of what stands behind one table: always of the snapshot it was made from.
#[derive(Debug, Clone, Copy)]
pub struct Behind<'a> {
    /// The table.
    pub table: &'a Table,
    /// The selection it was asked with.
    pub selection: &'a Selection,
}

impl Behind<'_> {
    /// The figures as a file.
    pub fn data(&self, format: &str) -> String {
        let table = self.table;
        let mut query = Serializer::new(String::new());
        if !table.dimensions.is_empty() {
            query.append_pair("by", &table.dimensions.join(","));
        }
        self.select(&mut query, &[]);
        query.append_pair("format", format);
        format!(
            "/api/v1/indicators/{}/data?{}",
            table.indicator,
            query.finish()
        )
    }

    /// The picture of the figures as a file.
    pub fn chart(&self, view: &str, format: &str) -> String {
        let table = self.table;
        let mut query = Serializer::new(String::new());
        query.append_pair("view", view);
        if !table.dimensions.is_empty() {
            query.append_pair("by", &table.dimensions.join(","));
        }
        self.select(&mut query, &[]);
        self.say(&mut query);
        format!(
            "/api/v1/indicators/{}/chart.{format}?{}",
            table.indicator,
            query.finish()
        )
    }

    /// The explanation of the cell with these codes, or of the total.
    pub fn explanation(&self, codes: &[String]) -> String {
        let table = self.table;
        let mut query = Serializer::new(String::new());
        let own: Vec<String> = table
            .dimensions
            .iter()
            .zip(codes)
            .map(|(dimension, code)| format!("{dimension}={code}"))
            .collect();
        for filter in &own {
            query.append_pair("where", filter);
        }
        self.select(&mut query, &own);
        self.say(&mut query);
        format!("/explain/{}?{}", table.indicator, query.finish())
    }

    /// What is selected, each filter once: a cell of a breakdown by what is filtered has named it already.
    fn select(&self, query: &mut Serializer<'_, String>, named: &[String]) {
        let filters = self.selection.filters.iter();
        let filters = filters.map(|(dimension, code)| format!("{dimension}={code}"));
        for filter in filters.filter(|filter| !named.contains(filter)) {
            query.append_pair("where", &filter);
        }
        query.append_pair("period", &self.table.period.to_string());
        query.append_pair("scope", &self.table.scope);
        query.append_pair("as_of", &self.table.snapshot);
    }

    fn say(&self, query: &mut Serializer<'_, String>) {
        if self.selection.language == Language::En {
            query.append_pair("lang", "en");
        }
    }
}

/// A period as a sentence names it.
pub fn period_name(period: &str, language: Language) -> String {
    if let Some((from, to)) = period.split_once("..")
        && [from, to].iter().all(|year| year.len() == 4)
    {
        return texts::fill(language, "period_all", &[("from", from), ("to", to)]);
    }
    if let Some(month) = period.strip_prefix("ytd:") {
        return texts::fill(language, "period_ytd", &[("month", month)]);
    }
    match period.len() {
        4 => texts::fill(language, "period_year", &[("year", period)]),
        _ => period.to_owned(),
    }
}
