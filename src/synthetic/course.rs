//! What a class teaches: type, occupation, level, hours, delivery, by department, place and season.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};

use super::labels::{delivery, sector_of, tag, themes};
use super::random::Random;
use super::tables::Tables;

/// A department that sends training records, with its share of them (SYNTHETIC) and the kinds of training it runs.
#[derive(Debug)]
pub(super) struct Department {
    pub(super) code: &'static str,
    pub(super) weight: u32,
    kinds: &'static [(&'static str, u32)],
}

/// The departments, the lead department first. The shares are invented; no source gives them.
pub(super) const DEPARTMENTS: [Department; 10] = [
    Department {
        code: "DP01",
        weight: 640,
        kinds: &[
            ("TT01", 330),
            ("TT04", 330),
            ("TT13", 80),
            ("TT02", 80),
            ("TT10", 50),
            ("TT09", 45),
            ("TT03", 30),
            ("TT05", 20),
            ("TT06", 20),
            ("TT99", 13),
            ("TT15", 2),
        ],
    },
    Department {
        code: "DP07",
        weight: 100,
        kinds: &[("TT11", 90), ("TT01", 10)],
    },
    Department {
        code: "DP09",
        weight: 70,
        kinds: &[("TT06", 1)],
    },
    Department {
        code: "DP03",
        weight: 50,
        kinds: &[("TT03", 50), ("TT01", 45), ("TT02", 5)],
    },
    Department {
        code: "DP08",
        weight: 40,
        kinds: &[("TT01", 80), ("TT02", 20)],
    },
    Department {
        code: "DP20",
        weight: 30,
        kinds: &[("TT01", 80), ("TT02", 20)],
    },
    Department {
        code: "DP18",
        weight: 25,
        kinds: &[("TT04", 70), ("TT10", 30)],
    },
    Department {
        code: "DP05",
        weight: 20,
        kinds: &[("TT04", 60), ("TT06", 25), ("TT13", 15)],
    },
    Department {
        code: "DP21",
        weight: 15,
        kinds: &[("TT01", 1)],
    },
    Department {
        code: "DP15",
        weight: 10,
        kinds: &[("TT04", 50), ("TT01", 30), ("TT02", 20)],
    },
];

/// Places with the large manufacturers that take apprentices.
pub(super) const APPRENTICE_PLACES: [&str; 5] = ["220174", "CC-XQ", "220171", "CC-SBJ", "220113"];

/// The content of a class.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) kind: &'static str,
    pub(super) mode: &'static str,
    pub(super) delivery: &'static str,
    pub(super) tag: Option<&'static str>,
    pub(super) themes: Option<&'static str>,
    /// Place in [`Tables::occupations`].
    pub(super) occupation: Option<u16>,
    pub(super) level: &'static str,
    pub(super) sector: &'static str,
    pub(super) hours: u32,
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    /// Women in a thousand trainees.
    pub(super) women: u64,
}

/// Sectors and occupations prepared for drawing.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// By division: sectors with weights.
    sectors: Vec<Vec<(&'static str, u32)>>,
    by_sector: HashMap<&'static str, Vec<u16>>,
}

/// Sectors with the factor by which training leans toward them, compared with employment (SYNTHETIC), and the women in
/// a thousand trainees.
const SECTORS: [(&str, u64, u64); 19] = [
    ("A", 15, 480),
    ("B", 100, 120),
    ("C", 200, 330),
    ("D", 80, 250),
    ("E", 110, 130),
    ("F", 80, 560),
    ("G", 90, 180),
    ("H", 110, 570),
    ("I", 100, 420),
    ("J", 30, 520),
    ("K", 70, 480),
    ("L", 100, 470),
    ("M", 60, 400),
    ("N", 70, 450),
    ("O", 260, 820),
    ("P", 20, 640),
    ("Q", 120, 830),
    ("R", 90, 500),
    ("S", 10, 430),
];

impl Catalogue {
    pub(super) fn new(tables: &Tables) -> Self {
        let mut by_sector: HashMap<&'static str, Vec<u16>> = HashMap::new();
        for (place, occupation) in tables.occupations.iter().enumerate() {
            by_sector
                .entry(sector_of(&occupation.code))
                .or_default()
                .push(place as u16);
        }
        let sectors = tables
            .divisions
            .iter()
            .map(|division| {
                let here = tables
                    .employed
                    .iter()
                    .any(|one| one.division == division.code);
                SECTORS
                    .iter()
                    .map(|(sector, lean, _)| {
                        let persons: u64 = tables
                            .employed
                            .iter()
                            .filter(|one| {
                                one.sector == *sector && (!here || one.division == division.code)
                            })
                            .map(|one| one.persons)
                            .sum();
                        let zone = if division.code == "220174" && *sector == "C" {
                            3
                        } else {
                            1
                        };
                        (*sector, (persons * lean * zone / 1000) as u32)
                    })
                    .collect()
            })
            .collect();
        Self { sectors, by_sector }
    }

    /// Draws a course of `department` in `division` that belongs to the month `year`-`month`: it ends there, or, for
    /// `apprentices`, begins there.
    pub(super) fn draw(
        &self,
        tables: &Tables,
        department: &Department,
        division: usize,
        (year, month): (i32, u32),
        apprentices: bool,
        random: &mut Random,
    ) -> Course {
        let kind = match department.code {
            "DP03" if apprentices => "TT08",
            _ if apprentices => "TT07",
            _ => random.weighted(department.kinds),
        };
        let day = in_month(year, month, random);
        let sector = match kind {
            "TT11" => "A",
            "TT07" | "TT08" => "C",
            _ => random.weighted(&self.sectors[division]),
        };
        let occupation = self.occupation(tables, kind, sector, day, random);
        let level = level(tables, kind, occupation, random);
        let hours = hours(kind, level, random);
        let days = days(kind, hours, random);
        let (start, end) = match kind {
            "TT07" | "TT08" => (day, day + Days::new(days)),
            _ => (day - Days::new(days), day),
        };
        let online = tables
            .seasons
            .get(&(year, month))
            .map_or(10, |season| season.online);
        let women = SECTORS
            .iter()
            .find(|one| one.0 == sector)
            .map_or(450, |one| one.2);
        let women = if department.code == "DP20" {
            970
        } else if department.code == "DP08" {
            90
        } else {
            women
        };
        Course {
            kind,
            mode: if random.chance(if kind == "TT01" { 350 } else { 80 }) {
                "TM01"
            } else {
                "TM02"
            },
            delivery: delivery(kind, online, random),
            tag: tag(department.code, kind, random),
            themes: themes(tables, occupation, kind, random),
            occupation,
            level,
            sector,
            hours,
            start,
            end,
            women,
        }
    }

    fn occupation(
        &self,
        tables: &Tables,
        kind: &str,
        sector: &str,
        day: NaiveDate,
        random: &mut Random,
    ) -> Option<u16> {
        let none = match kind {
            "TT02" | "TT99" => 1000,
            "TT06" => 700,
            "TT13" => 300,
            "TT09" => 200,
            _ => 20,
        };
        if random.chance(none) {
            return None;
        }
        let list = self
            .by_sector
            .get(sector)
            .or_else(|| self.by_sector.get("L"))?;
        // The first occupations of a sector are drawn more often, as a few courses lead everywhere.
        (0..4)
            .map(|_| {
                list[random
                    .below(list.len() as u64)
                    .min(random.below(list.len() as u64)) as usize]
            })
            .find(|place| {
                let occupation = &tables.occupations[*place as usize];
                let taught = kind != "TT05" || occupation.levels.contains(&"L2");
                taught && occupation.new_from.is_none_or(|from| from <= day)
            })
    }
}

fn in_month(year: i32, month: u32, random: &mut Random) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
    let next = if month == 12 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(year, month + 1, 1)
    };
    let days = next
        .unwrap_or_default()
        .signed_duration_since(first)
        .num_days();
    let day = first + Days::new(random.below(days as u64));
    // Few classes end on a Sunday.
    if day.weekday() == chrono::Weekday::Sun && day > first && random.chance(850) {
        day - Days::new(1)
    } else {
        day
    }
}

fn level(
    tables: &Tables,
    kind: &str,
    occupation: Option<u16>,
    random: &mut Random,
) -> &'static str {
    let Some(occupation) = occupation else {
        return "LN";
    };
    let none = match kind {
        "TT09" | "TT06" => 900,
        "TT13" => 500,
        "TT11" => 350,
        _ => 30,
    };
    if kind != "TT05" && random.chance(none) {
        return "LN";
    }
    let levels = &tables.occupations[occupation as usize].levels;
    let weights: [(&'static str, u32); 5] = match kind {
        "TT05" => [("L5", 0), ("L4", 0), ("L3", 0), ("L2", 75), ("L1", 25)],
        "TT07" | "TT08" => [("L5", 0), ("L4", 60), ("L3", 40), ("L2", 0), ("L1", 0)],
        _ => [("L5", 48), ("L4", 30), ("L3", 17), ("L2", 4), ("L1", 1)],
    };
    let taught: Vec<(&'static str, u32)> = weights
        .into_iter()
        .filter(|(level, weight)| *weight > 0 && levels.contains(level))
        .collect();
    if taught.is_empty() {
        "LN"
    } else {
        random.weighted(&taught)
    }
}

/// Class hours of a kind of training at a level.
pub(super) fn hours(kind: &str, level: &str, random: &mut Random) -> u32 {
    // One class in a hundred is too short for its tariff: something for the rules to find.
    let short = if random.chance(10) { 20 } else { 0 };
    let hours = match (kind, level) {
        ("TT09", _) => 0,
        ("TT07" | "TT08", _) => random.between(50, 80) * 10,
        ("TT02", _) => random.between(7, 12) * 8,
        ("TT06", _) => random.between(2, 6) * 8,
        (_, "L5") => random.between(30, 40) * 2,
        (_, "L4") => random.between(55, 65) * 2,
        (_, "L3") => random.between(75, 85) * 2,
        (_, "L2" | "L1") => random.between(80, 100) * 2,
        _ => random.between(3, 10) * 8,
    };
    (hours - short).max(0) as u32
}

/// Days from the first to the last day of a class.
fn days(kind: &str, hours: u32, random: &mut Random) -> u64 {
    match kind {
        "TT07" | "TT08" => random.pick(&[365, 547, 730]),
        "TT09" => random.between(55, 225) as u64,
        // Eight hours a day, five days a week; one class in three meets in the evening and takes longer.
        _ => {
            let full = u64::from(hours) * 7 / 40;
            if random.chance(330) {
                full * 2 + 3
            } else {
                full + 1
            }
        }
    }
}
