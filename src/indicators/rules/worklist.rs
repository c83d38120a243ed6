//! The worklist of findings (疑点): which records are worth a second look, by which rule, and what may be in order about them.

use super::super::dimension::UNKNOWN;
use super::super::evaluate::{Error, PERIODS, unknown};
use super::{DETAIL, Rules};
use crate::programme::config::Effect;
use crate::programme::{Period, Programme, Text};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsError, StringChunked};

/// What is said of a rule beside its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Clause of the policy.
    pub clause: String,
    /// What it does to a record.
    pub effect: Effect,
    /// What it looks for; counting rules say it in their title.
    pub note: Option<Text>,
    /// What looks the same and is in order, where the rule says so.
    pub false_positive: Option<Text>,
    /// Where it comes from, where the rule says so.
    pub provenance: Option<String>,
}

/// One record that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// Department of the record.
    pub department: String,
    /// Its number, or what identifies it in a dataset without numbers.
    pub record_no: String,
    /// Its division; empty where the dataset has none.
    pub division: String,
    /// The dataset it is a record of.
    pub dataset: String,
    /// The day by which it falls into a period.
    pub date: Option<NaiveDate>,
    /// What was found, in a number or a few words.
    pub detail: Option<String>,
}

/// Which findings are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only this rule.
    pub rule: Option<String>,
    /// Only records of this division; `unknown` for those without one.
    pub division: Option<String>,
    /// Only records of this department.
    pub department: Option<String>,
    /// Only records of this period.
    pub period: Option<String>,
}

/// Findings of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worklist {
    /// The snapshot.
    pub snapshot: String,
    /// The day it stands for.
    pub day: NaiveDate,
    /// The rules looked at, in order of their ids, and what each found.
    pub rules: Vec<(About, usize)>,
    /// The findings in order of rule, department and record number.
    pub findings: Vec<Finding>,
}

impl Rules {
    /// All rules that find anything, counting rules included, in order of their ids.
    pub fn about(&self, programme: &Programme) -> Vec<About> {
        let files = self.iter().map(|rule| About {
            id: rule.id.clone(),
            title: rule.title.clone(),
            clause: rule.clause.clone(),
            effect: Effect::Flag,
            note: Some(rule.note.clone()),
            false_positive: Some(rule.false_positive.clone()),
            provenance: Some(rule.provenance.clone()),
        });
        let counting = programme
            .config
            .counting_rule
            .iter()
            .filter(|rule| rule.finds());
        let counting = counting.map(|rule| About {
            id: rule.id.clone(),
            title: rule.title.clone(),
            clause: rule.clause.clone(),
            effect: rule.effect,
            note: None,
            false_positive: None,
            provenance: None,
        });
        let mut about: Vec<About> = files.chain(counting).collect();
        about.sort_by(|one, other| one.id.cmp(&other.id));
        about
    }

    /// The wanted ones of `found`, which has the columns of the table of findings, and `detail`.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a rule, division, department or period that is not there.
    pub fn worklist(
        &self,
        found: &DataFrame,
        wanted: &Wanted,
        programme: &Programme,
        snapshot: &str,
        day: NaiveDate,
    ) -> Result<Worklist, Error> {
        let about = self.about(programme);
        let period = check(wanted, &about, programme)?;
        let mut findings = read(found).map_err(|source| {
            Error::Engine(crate::engine::Error::Query {
                sql: String::new(),
                source,
            })
        })?;
        let is = |wanted: &Option<String>, value: &str| match wanted.as_deref() {
            None => true,
            Some(UNKNOWN) => value.is_empty(),
            Some(wanted) => value == wanted,
        };
        findings.retain(|finding| {
            let within = period
                .as_ref()
                .is_none_or(|period| finding.date.is_some_and(|day| period.contains(day)));
            within
                && is(&wanted.rule, &finding.rule)
                && is(&wanted.division, &finding.division)
                && is(&wanted.department, &finding.department)
        });
        findings.sort();
        let mut counts = std::collections::BTreeMap::new();
        for finding in &findings {
            *counts.entry(finding.rule.as_str()).or_insert(0) += 1;
        }
        let rules = about
            .into_iter()
            .filter(|rule| is(&wanted.rule, &rule.id))
            .map(|rule| {
                let count = counts.get(rule.id.as_str()).copied().unwrap_or(0);
                (rule, count)
            })
            .collect();
        Ok(Worklist {
            snapshot: snapshot.to_owned(),
            day,
            rules,
            findings,
        })
    }
}

/// The period, once everything wanted is there.
fn check(wanted: &Wanted, about: &[About], programme: &Programme) -> Result<Option<Period>, Error> {
    if let Some(rule) = &wanted.rule {
        let known: Vec<&str> = about.iter().map(|rule| rule.id.as_str()).collect();
        if !known.contains(&rule.as_str()) {
            return Err(unknown("规则", "rule", rule, &known));
        }
    }
    for (list, zh, en, code) in [
        ("divisions", "地区", "division", &wanted.division),
        ("departments", "部门", "department", &wanted.department),
    ] {
        let Some(code) = code.as_deref().filter(|code| *code != UNKNOWN) else {
            continue;
        };
        let list = programme.list(list);
        if list.get(code).is_none() {
            let known: Vec<&str> = list.iter().map(|entry| entry.code.as_str()).collect();
            return Err(unknown(zh, en, code, &known));
        }
    }
    wanted
        .period
        .as_deref()
        .map(|text| Period::parse(text).ok_or_else(|| unknown("期间", "period", text, &PERIODS)))
        .transpose()
}

fn read(found: &DataFrame) -> Result<Vec<Finding>, PolarsError> {
    let text = |name: &str| found.column(name).and_then(|column| column.str());
    let (rule, dataset, department) = (text("rule")?, text("dataset")?, text("department")?);
    let (record_no, division, detail) = (text("record_no")?, text("division")?, text(DETAIL)?);
    let date = &found.column("date")?.date()?.phys;
    let own = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    let findings = (0..found.height()).map(|row| Finding {
        rule: own(rule, row),
        department: own(department, row),
        record_no: own(record_no, row),
        division: own(division, row),
        dataset: own(dataset, row),
        date: date
            .get(row)
            .map(|day| NaiveDate::default() + chrono::Duration::days(i64::from(day))),
        detail: detail.get(row).map(str::to_owned),
    });
    Ok(findings.collect())
}
