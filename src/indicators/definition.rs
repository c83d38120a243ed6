//! Query files: a TOML header in a leading comment, then one SELECT of facts (DESIGN §6).

use super::sql::Division;
use super::table::Kind;
use crate::engine::schema::SNAPSHOT;
use crate::programme::{Problem, Text};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlparser::ast::Query;
use std::collections::BTreeSet;

/// Folder of the indicator files.
pub const INDICATORS: &str = "queries/indicators/";

/// How the parts of a ratio add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    /// Both parts add over time.
    #[default]
    Flow,
    /// Both parts are stocks: the last value in time counts.
    Stock,
    /// Both parts are stocks kept as changes: the sum of all changes up to a day counts.
    Events,
}

/// One indicator: its metadata and its facts.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// Id, the name of its file.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit.
    pub unit: Text,
    /// How it adds up.
    pub kind: Kind,
    /// How the parts of a ratio add up.
    pub parts: Parts,
    /// The ratio of stocks whose denominator this one takes, where its facts give none.
    pub denominator_of: Option<String>,
    /// Clause of the policy.
    pub clause: String,
    /// Definition in words.
    pub note: Text,
    /// The SELECT of facts.
    pub facts: Query,
    /// Tables the facts come from.
    pub tables: BTreeSet<String>,
    /// Whether the facts look at one record at a time.
    pub one_record_at_a_time: bool,
    /// SHA-256 of the file, hexadecimal: the version of the definition.
    pub digest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    title: Text,
    unit: Text,
    kind: Kind,
    #[serde(default)]
    parts: Parts,
    denominator_of: Option<String>,
    clause: String,
    note: Text,
}

impl Indicator {
    /// Reads a query file; every mistake is a problem with its line. `tables` are the published ones.
    pub fn parse(
        file: &str,
        stem: &str,
        source: &str,
        tables: &BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let (header, start): (Header, usize) = super::header::read(file, source, problems)?;
        let mut report = |needle: &str, zh: &str, en: &str| {
            problems.push(Problem::at(file, source, needle, Text::new(zh, en)));
        };
        if header.parts != Parts::Flow && header.kind != Kind::Ratio {
            report(
                "parts",
                "parts 只用于比率 (kind = \"ratio\")",
                "parts is for ratios only (kind = \"ratio\")",
            );
        }
        if header.denominator_of.is_some() && header.parts != Parts::Events {
            report(
                "denominator_of",
                "denominator_of 只用于 parts = \"events\"",
                "denominator_of goes with parts = \"events\" only",
            );
        }
        if header.id != stem {
            report(
                "id =",
                "编号与文件名不一致",
                "the id differs from the file name",
            );
        }
        let facts = super::sql::select(file, source, start, Division::Refused, problems)?;
        let used = super::sql::relations(&facts);
        for table in used.iter().filter(|table| !tables.contains(*table)) {
            let known = tables.iter().cloned().collect::<Vec<_>>().join(", ");
            let message = Text::new(
                format!("没有发布表 {table}，可用: {known}"),
                format!("there is no published table {table}; known: {known}"),
            );
            problems.push(Problem::at(file, source, table, message));
        }
        Some(Self {
            id: header.id,
            title: header.title,
            unit: header.unit,
            kind: header.kind,
            parts: header.parts,
            denominator_of: header.denominator_of,
            clause: header.clause,
            note: header.note,
            one_record_at_a_time: super::sql::one_record_at_a_time(&facts, &used, &[SNAPSHOT]),
            facts,
            tables: used,
            digest: hex::encode(Sha256::digest(source.as_bytes())),
        })
    }

    /// Columns the facts must give besides dimensions.
    pub fn measures(&self) -> &'static [&'static str] {
        match (self.kind, self.parts) {
            (Kind::Flow, _) => &["date", "value"],
            (Kind::Stock, _) => &["date", "division", "sector", "value", "estimated"],
            (Kind::Distinct, _) => &["date", "person"],
            (Kind::Ratio, Parts::Events) if self.denominator_of.is_some() => &["date", "numerator"],
            (Kind::Ratio, Parts::Flow | Parts::Events) => &["date", "numerator", "denominator"],
            (Kind::Ratio, Parts::Stock) => &[
                "date",
                "division",
                "sector",
                "numerator",
                "denominator",
                "estimated",
            ],
        }
    }
}
