//! The code lists and SYNTHETIC weights that a run draws from, parsed once.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::Error;

/// The texts of the tables, by file stem (`divisions`, `demo_target_weights` …). The caller embeds or reads the files:
/// `data-samples/reference/*.csv` and `data-samples/synthetic/*.csv`.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    texts: BTreeMap<String, String>,
}

impl Reference {
    /// The stems that [`super::generate`] needs.
    pub const NEEDED: [&'static str; 21] = [
        "certificate_types",
        "deliveries",
        "departments",
        "divisions",
        "employment_statuses",
        "fund_kinds",
        "funding_sources",
        "groups",
        "indicators",
        "levels",
        "modes",
        "occupations",
        "ownerships",
        "programmes",
        "statuses",
        "themes",
        "training_types",
        "demo_target_weights",
        "period_calendar",
        "demo_stock_series_SYNTHETIC",
        "employed_2020_census",
    ];

    /// Adds the table `stem`, replacing an earlier one of that name.
    pub fn insert(&mut self, stem: impl Into<String>, text: impl Into<String>) {
        self.texts.insert(stem.into(), text.into());
    }

    fn rows(&self, stem: &'static str) -> Result<Vec<HashMap<String, String>>, Error> {
        let text = self
            .texts
            .get(stem)
            .ok_or(Error::MissingTable { name: stem })?;
        csv::Reader::from_reader(text.as_bytes())
            .deserialize()
            .collect::<Result<_, _>>()
            .map_err(|source| Error::Table { name: stem, source })
    }
}

/// A reporting unit with its share of the programme.
#[derive(Debug)]
pub(super) struct Division {
    pub(super) code: String,
    pub(super) label: String,
    /// Person-times set for 2019, 2020 and 2021.
    pub(super) targets: [u32; 3],
    /// First day on which it may be named.
    pub(super) valid_from: Option<NaiveDate>,
}

#[derive(Debug)]
pub(super) struct Occupation {
    pub(super) code: String,
    /// Levels at which it is taught, lowest first (`L5` …).
    pub(super) levels: Vec<&'static str>,
    pub(super) new_from: Option<NaiveDate>,
}

/// One month of `period_calendar.csv`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Season {
    /// Share of the year's person-times, in hundredths of a per cent.
    pub(super) share: u32,
    /// Share of online training, in per cent.
    pub(super) online: u32,
}

/// Employed persons of one unit and sector by the 2020 census (real).
#[derive(Debug)]
pub(super) struct Employed {
    pub(super) division: String,
    pub(super) sector: String,
    pub(super) persons: u64,
}

/// Everything a run draws from.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) divisions: Vec<Division>,
    /// All six-digit division codes, retired ones included.
    pub(super) prefixes: Vec<u32>,
    pub(super) occupations: Vec<Occupation>,
    pub(super) seasons: BTreeMap<(i32, u32), Season>,
    pub(super) employed: Vec<Employed>,
    /// Year, ratio of skilled to employed and of highly skilled to skilled, in thousandths, without Gongzhuling.
    pub(super) ratios: Vec<(i32, u32, u32)>,
    labels: HashMap<&'static str, HashMap<String, String>>,
}

/// The lists whose Chinese labels are written into submissions.
const LABELLED: [&str; 16] = [
    "certificate_types",
    "deliveries",
    "departments",
    "divisions",
    "employment_statuses",
    "fund_kinds",
    "funding_sources",
    "groups",
    "indicators",
    "levels",
    "modes",
    "ownerships",
    "programmes",
    "statuses",
    "themes",
    "training_types",
];

impl Tables {
    pub(super) fn parse(reference: &Reference) -> Result<Self, Error> {
        let mut labels: HashMap<&'static str, HashMap<String, String>> = HashMap::new();
        for list in LABELLED {
            let rows = reference.rows(list)?;
            let pairs = rows.iter().map(|row| {
                (
                    cell(row, "code").to_owned(),
                    cell(row, "name_zh").to_owned(),
                )
            });
            labels.insert(list, pairs.collect());
        }
        let division_rows = reference.rows("divisions")?;
        let mut prefixes: Vec<u32> = division_rows
            .iter()
            .filter_map(|row| cell(row, "code").parse().ok())
            .collect();
        prefixes.sort_unstable();
        let valid_from: HashMap<&str, Option<NaiveDate>> = division_rows
            .iter()
            .map(|row| (cell(row, "code"), cell(row, "valid_from").parse().ok()))
            .collect();
        let divisions = reference
            .rows("demo_target_weights")?
            .iter()
            .map(|row| {
                let code = cell(row, "unit_code").to_owned();
                Division {
                    label: labels["divisions"]
                        .get(&code)
                        .cloned()
                        .unwrap_or_else(|| code.clone()),
                    targets: ["target_2019", "target_2020", "target_2021"]
                        .map(|year| number(row, year)),
                    valid_from: valid_from.get(code.as_str()).copied().flatten(),
                    code,
                }
            })
            .collect();
        Ok(Self {
            divisions,
            prefixes,
            occupations: occupations(&reference.rows("occupations")?),
            seasons: seasons(&reference.rows("period_calendar")?),
            employed: employed(&reference.rows("employed_2020_census")?),
            ratios: ratios(&reference.rows("demo_stock_series_SYNTHETIC")?),
            labels,
        })
    }

    /// The Chinese label of a code; the code itself where the list has none.
    pub(super) fn label<'a>(&'a self, list: &'static str, code: &'a str) -> &'a str {
        self.labels
            .get(list)
            .and_then(|codes| codes.get(code))
            .map_or(code, String::as_str)
    }
}

fn cell<'a>(row: &'a HashMap<String, String>, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

fn number<N: std::str::FromStr + Default>(row: &HashMap<String, String>, column: &str) -> N {
    cell(row, column).parse().unwrap_or_default()
}

/// A decimal with one place as a number of tenths, one with two places as hundredths.
fn scaled(row: &HashMap<String, String>, column: &str, scale: f64) -> u32 {
    (number::<f64>(row, column) * scale).round() as u32
}

fn occupations(rows: &[HashMap<String, String>]) -> Vec<Occupation> {
    rows.iter()
        .map(|row| Occupation {
            code: cell(row, "code").to_owned(),
            levels: cell(row, "levels")
                .split('/')
                .filter_map(|level| match level {
                    "5" => Some("L5"),
                    "4" => Some("L4"),
                    "3" => Some("L3"),
                    "2" => Some("L2"),
                    "1" => Some("L1"),
                    _ => None,
                })
                .collect(),
            new_from: cell(row, "new_from").parse().ok(),
        })
        .collect()
}

fn seasons(rows: &[HashMap<String, String>]) -> BTreeMap<(i32, u32), Season> {
    rows.iter()
        .map(|row| {
            let season = Season {
                share: scaled(row, "SYNTHETIC_share_of_year_pct", 100.0),
                online: scaled(row, "SYNTHETIC_online_share_pct", 1.0),
            };
            ((number(row, "year"), number(row, "month")), season)
        })
        .collect()
}

fn employed(rows: &[HashMap<String, String>]) -> Vec<Employed> {
    rows.iter()
        .map(|row| {
            // The census names the high-tech zone; its reporting unit is the New Area (dabiao divisions.csv).
            let division = match cell(row, "division") {
                "220173" => "CC-XQ",
                code => code,
            };
            Employed {
                division: division.to_owned(),
                sector: cell(row, "sector").to_owned(),
                persons: number(row, "employed_estimate"),
            }
        })
        .collect()
}

fn ratios(rows: &[HashMap<String, String>]) -> Vec<(i32, u32, u32)> {
    rows.iter()
        .filter(|row| cell(row, "scope") == "excl_220184")
        .map(|row| {
            (
                number(row, "year_end"),
                scaled(row, "skilled_ratio_pct", 10.0),
                scaled(row, "highly_skilled_ratio_pct", 10.0),
            )
        })
        .collect()
}
