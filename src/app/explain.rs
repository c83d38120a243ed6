//! Why a figure is what it is: its records, where they come from, and how to compute it again.

use super::dashboard::steps;
use super::figures::{Origin, find_scope, published};
use super::findings::sources_of_findings;
use super::{App, Error};
use crate::engine::schema::{COUNTED_DATASET, FINDINGS};
use crate::indicators::records::{Records, trace};
use crate::indicators::table::{Request, Table, View};
use crate::indicators::{INDICATORS, Indicator};
use crate::lake::Submission;
use crate::ledger::{self, Narrow};
use crate::presentation::encode::explain::{Explanation, Listed, ListedRecord, Submitted};
use polars::prelude::IntoLazy;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl App {
    /// What stands behind the total of `request`, with the first `most` of its records, or all.
    ///
    /// # Errors
    /// As [`App::figures`].
    pub fn explain(
        &self,
        request: &Request,
        as_of: Option<&str>,
        most: Option<usize>,
    ) -> Result<Explanation, Error> {
        let table = self.figures(request, as_of)?;
        let snapshot = self.snapshot(Some(&table.snapshot))?;
        let definitions = self.definitions(&snapshot)?;
        let programme = &definitions.programme;
        let scope = find_scope(programme, request.scope.as_deref())?;
        let info = snapshot.info();
        let mut tables = self.tables(&snapshot, &definitions, &request.indicator)?;
        if let Some(found) = tables.remove(FINDINGS) {
            let found = sources_of_findings(found, &snapshot, programme)?;
            tables.insert(FINDINGS.to_owned(), found.lazy());
        }
        let origin = Origin {
            snapshot: info.id.as_str(),
            published_at: info.published_at,
            day: info.day,
            pieces: BTreeMap::new(),
            facts: None,
            returns: Arc::default(),
        };
        let traced = trace(
            &published(&definitions, tables, &origin),
            request,
            scope,
            &table.period,
        )?;
        let indicator = definitions
            .catalog
            .get(&request.indicator)
            .expect("the figure was made from it");
        let ledger = match indicator.tables.contains(COUNTED_DATASET) {
            true => {
                let columns = as_they_were(&traced.filters, request.view, programme);
                let narrow = Narrow {
                    columns: &columns,
                    days: traced.days.as_deref(),
                };
                ledger::narrowed(&snapshot, programme, &table.period, scope, narrow)?
            }
            false => None,
        };
        let steps = ledger.map(steps);
        let (sources, records) = match traced.records {
            Ok(records) => {
                let (sources, listed) = self.listed(&records, &table, indicator, most)?;
                (sources, Ok(listed))
            }
            Err(why) => (Vec::new(), Err(why)),
        };
        Ok(Explanation {
            command: command(&table, request),
            file: format!("{INDICATORS}{}.sql", indicator.id),
            clause: indicator.clause.clone(),
            note: indicator.note.clone(),
            denominator_of: indicator.denominator_of.clone(),
            filters: request.filters.clone(),
            day: info.day,
            load: info.load.clone(),
            definitions: info.definitions_digest.clone(),
            sql: traced.sql,
            sources,
            ledger: steps,
            records,
            table,
        })
    }

    /// The submissions behind the records, and the records with the names of their files.
    fn listed(
        &self,
        records: &Records,
        table: &Arc<Table>,
        indicator: &Indicator,
        most: Option<usize>,
    ) -> Result<(Vec<Submitted>, Listed), Error> {
        let sources = records.sources();
        let loads: BTreeSet<i64> = sources.iter().filter_map(|source| source.load).collect();
        let mut submissions: BTreeMap<(i64, String, String), Submission> = BTreeMap::new();
        for load in loads {
            for submission in self.inner.lake.submissions(&load_id(load))? {
                let key = (
                    load,
                    submission.sha256.clone(),
                    submission.department.clone(),
                );
                submissions.entry(key).or_insert(submission);
            }
        }
        let of = |load: Option<i64>, sha256: &Option<String>, department: &str| {
            let key = (load?, sha256.clone()?, department.to_owned());
            submissions.get(&key)
        };
        let submitted = sources.iter().map(|source| {
            let found = of(source.load, &source.submission, &source.department);
            let said = |part: fn(&Submission) -> &String| found.map(|found| part(found).clone());
            Submitted {
                file: said(|found| &found.file),
                sha256: source.submission.clone(),
                department: source.department.clone(),
                division: said(|found| &found.division),
                period: said(|found| &found.period),
                load: source.load.map(load_id),
                facts: source.facts,
            }
        });
        let rows = records.list(most).into_iter().map(|record| {
            let file = of(record.load, &record.submission, &record.department);
            ListedRecord {
                file: file.map(|found| found.file.clone()),
                record,
            }
        });
        let total = &table.totals;
        let counted = &records.counted;
        let agrees = match indicator.denominator_of {
            Some(_) => counted.numerator == total.numerator,
            None => {
                counted.value.map(|value| value.to_string())
                    == total.value.map(|value| value.to_string())
                    && counted.numerator.map(|part| part.shortest())
                        == total.numerator.map(|part| part.shortest())
            }
        };
        let listed = Listed {
            dataset: records.dataset.clone(),
            total: records.total(),
            counted: counted.clone(),
            agrees,
            rows: rows.collect(),
        };
        let mut submitted: Vec<Submitted> = submitted.collect();
        submitted.sort_by(|one, other| {
            let place = |from: &Submitted| {
                (
                    from.load.clone(),
                    from.file.clone(),
                    from.department.clone(),
                )
            };
            place(one).cmp(&place(other))
        });
        Ok((submitted, listed))
    }
}

/// The id of a load from its number.
fn load_id(load: i64) -> String {
    format!("L{load:06}")
}

/// Filters on divisions that were asked for under today's code, with all codes they were recorded under.
fn as_they_were(
    filters: &[(String, Vec<String>)],
    view: View,
    programme: &crate::programme::Programme,
) -> Vec<(String, Vec<String>)> {
    let mut filters = filters.to_vec();
    if view == View::AsWas {
        return filters;
    }
    let divisions = programme.divisions();
    for (_, codes) in filters
        .iter_mut()
        .filter(|(column, _)| column == "division")
    {
        // One more with every turn, until none is merged into what is there.
        while let Some(unit) = divisions.iter().find(|unit| {
            let into = unit.attributes.get("merged_into");
            into.is_some_and(|into| codes.contains(into)) && !codes.contains(&unit.code)
        }) {
            codes.push(unit.code.clone());
        }
    }
    filters
}

/// The command that computes the figure again.
fn command(table: &Table, request: &Request) -> String {
    let mut words = vec![
        "dabiao".to_owned(),
        "query".to_owned(),
        table.indicator.clone(),
    ];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if !request.by.is_empty() {
        option("--by", request.by.join(","));
    }
    for (dimension, codes) in &request.filters {
        option("--where", format!("{dimension}={}", codes.join(",")));
    }
    option("--period", table.period.to_string());
    option("--scope", table.scope.clone());
    if request.view != View::AsWas {
        option("--view", request.view.code().to_owned());
    }
    option("--as-of", table.snapshot.clone());
    let quoted = words.iter().map(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=,.:".contains(c);
        match word.chars().all(plain) {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', "'\\''")),
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
