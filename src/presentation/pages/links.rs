//! Addresses: the same page in another period, scope, language or snapshot, and the data behind a figure.

use super::overview::{Choice, Inputs, years};
use crate::indicators::table::Table;
use crate::presentation::texts;
use crate::programme::{Language, Programme};
use url::form_urlencoded::Serializer;

/// What the page shows now, from which every link differs in one thing.
pub(super) struct Links<'a> {
    programme: &'a Programme,
    language: Language,
    period: String,
    scope: String,
    as_of: Option<&'a str>,
    snapshot: &'a str,
}

impl<'a> Links<'a> {
    pub(super) fn new(inputs: &Inputs<'a>) -> Self {
        Self {
            programme: inputs.programme,
            language: inputs.language,
            period: inputs.trained.period.to_string(),
            scope: inputs.trained.scope.clone(),
            as_of: inputs.as_of,
            snapshot: &inputs.trained.snapshot,
        }
    }

    fn page(&self, period: &str, scope: &str, language: Language, as_of: Option<&str>) -> String {
        let mut query = Serializer::new(String::new());
        if period != self.programme.period().to_string() {
            query.append_pair("period", period);
        }
        if scope != self.programme.config.programme.default_scope {
            query.append_pair("scope", scope);
        }
        if let Some(as_of) = as_of {
            query.append_pair("as_of", as_of);
        }
        if language == Language::En {
            query.append_pair("lang", "en");
        }
        let query = query.finish();
        if query.is_empty() {
            "/".to_owned()
        } else {
            format!("/?{query}")
        }
    }

    pub(super) fn other_language(&self) -> String {
        let other = match self.language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        };
        self.page(&self.period, &self.scope, other, self.as_of)
    }

    pub(super) fn pinned(&self) -> String {
        self.page(
            &self.period,
            &self.scope,
            self.language,
            Some(self.snapshot),
        )
    }

    pub(super) fn latest(&self) -> String {
        self.page(&self.period, &self.scope, self.language, None)
    }

    /// The figures of `table` as a file; always of the snapshot that is shown.
    pub(super) fn data(&self, table: &Table, format: &str) -> String {
        let mut query = Serializer::new(String::new());
        if !table.dimensions.is_empty() {
            query.append_pair("by", &table.dimensions.join(","));
        }
        query.append_pair("period", &table.period.to_string());
        query.append_pair("scope", &table.scope);
        query.append_pair("as_of", &table.snapshot);
        query.append_pair("format", format);
        format!(
            "/api/v1/indicators/{}/data?{}",
            table.indicator,
            query.finish()
        )
    }

    /// The whole programme, and each of its years.
    pub(super) fn periods(&self) -> Vec<Choice> {
        let whole = self.programme.period().to_string();
        let single = years(self.programme).map(|year| year.to_string());
        let mut periods = vec![whole.clone()];
        periods.extend(single.filter(|year| *year != whole));
        if !periods.contains(&self.period) {
            periods.push(self.period.clone());
        }
        periods
            .into_iter()
            .map(|period| Choice {
                name: self.named(&period),
                href: self.page(&period, &self.scope, self.language, self.as_of),
                current: period == self.period,
            })
            .collect()
    }

    pub(super) fn scopes(&self) -> Vec<Choice> {
        let scopes = self.programme.config.scope.iter();
        scopes
            .map(|scope| Choice {
                name: scope.title.get(self.language).to_owned(),
                href: self.page(&self.period, &scope.id, self.language, self.as_of),
                current: scope.id == self.scope,
            })
            .collect()
    }

    /// The period shown, as a sentence names it.
    pub(super) fn period_name(&self) -> String {
        self.named(&self.period)
    }

    fn named(&self, period: &str) -> String {
        if let Some((from, to)) = period.split_once("..")
            && [from, to].iter().all(|year| year.len() == 4)
        {
            return texts::fill(self.language, "period_all", &[("from", from), ("to", to)]);
        }
        match period.len() {
            4 => texts::fill(self.language, "period_year", &[("year", period)]),
            _ => period.to_owned(),
        }
    }
}
