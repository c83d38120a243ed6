//! One person in one class: status, group, certificate and money.

use chrono::{Datelike, Days, NaiveDate};

use super::classes::Class;
use super::course::DEPARTMENTS;
use super::identity::{People, Person};
use super::random::Random;

/// What became of a trainee, fixed once for ever; a report shows the part known on its day.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) record: u64,
    pub(super) person: Person,
    /// Code of `statuses.csv` once the class is over.
    pub(super) status: &'static str,
    pub(super) group: &'static str,
    pub(super) other_groups: Option<&'static str>,
    pub(super) certificate: Option<(&'static str, NaiveDate)>,
    pub(super) fee: u32,
    pub(super) funding: Option<&'static str>,
    pub(super) subsidy: Option<u32>,
    pub(super) approved_on: Option<NaiveDate>,
    pub(super) paid_on: Option<NaiveDate>,
}

/// The trainee in seat `seat` of `class`.
pub(super) fn member(seed: u64, people: &People, class: &Class, seat: usize) -> Member {
    let person = class.people[seat];
    let record = class.first_record + seat as u64;
    let mut random = Random::keyed(seed, &[0x006d_656d, record]);
    let age = class.course.start.year() - people.birth(person).year();
    let status = random.weighted(&[("completed", 965), ("dropped", 19), ("failed", 16)]);
    let department = DEPARTMENTS[class.department].code;
    let group = group(department, class.course.kind, age, &mut random);
    let certificate = certificate(class, status, &mut random);
    let funding = funding(department, class.course.start, &mut random);
    let subsidised = funding.is_none_or(|source| !matches!(source, "FS03" | "FS08"));
    let subsidy =
        (subsidised && (status == "completed" || is_apprentice(class))).then(|| subsidy(class));
    let (approved_on, paid_on) = payment(class, certificate, subsidy, &mut random);
    let other_groups = other_groups(group, class.course.kind, &mut random);
    let others_free =
        other_groups.is_some_and(|groups| groups.contains("TG10") || groups.contains("TG13"));
    let free = others_free || matches!(group, "TG01" | "TG03" | "TG04" | "TG07");
    // A few pay although training is free for them: something for the rules to find.
    let charged = if free {
        random.chance(2)
    } else {
        random.chance(350)
    };
    Member {
        record,
        person,
        status,
        group,
        other_groups,
        certificate,
        fee: match charged {
            true => random.between(1, 6) as u32 * 60,
            false => 0,
        },
        funding,
        subsidy,
        approved_on,
        paid_on,
    }
}

pub(super) fn is_apprentice(class: &Class) -> bool {
    matches!(class.course.kind, "TT07" | "TT08")
}

fn group(department: &str, kind: &str, age: i32, random: &mut Random) -> &'static str {
    match (department, kind) {
        ("DP08", _) => return "TG07",
        ("DP21", _) => return "TG06",
        (_, "TT04" | "TT05" | "TT07" | "TT09" | "TT10") => return "TG08",
        (_, "TT13") => return if random.chance(850) { "TG08" } else { "TG04" },
        (_, "TT06") => return if random.chance(800) { "TG08" } else { "TG04" },
        (_, "TT11") => return if random.chance(900) { "TG04" } else { "TG99" },
        _ => {}
    }
    let weights: [(&'static str, u32); 9] = match age {
        ..=18 => [
            ("TG03", 700),
            ("TG01", 60),
            ("TG02", 0),
            ("TG04", 100),
            ("TG05", 40),
            ("TG06", 20),
            ("TG07", 0),
            ("TG09", 20),
            ("TG99", 60),
        ],
        19..=25 => [
            ("TG03", 60),
            ("TG01", 30),
            ("TG02", 420),
            ("TG04", 180),
            ("TG05", 160),
            ("TG06", 20),
            ("TG07", 30),
            ("TG09", 20),
            ("TG99", 80),
        ],
        _ => [
            ("TG03", 0),
            ("TG01", 5),
            ("TG02", 0),
            ("TG04", 430),
            ("TG05", 330),
            ("TG06", 30),
            ("TG07", 25),
            ("TG09", 30),
            ("TG99", 150),
        ],
    };
    random.weighted(&weights)
}

fn other_groups(group: &str, kind: &str, random: &mut Random) -> Option<&'static str> {
    match (group, kind) {
        (_, "TT07" | "TT08") => Some("TG28"),
        (_, "TT06") => Some(random.weighted(&[("TG17", 60), ("TG17;TG18", 25), ("TG18", 15)])),
        ("TG08", _) if random.chance(180) => {
            Some(random.weighted(&[("TG19", 60), ("TG16", 20), ("TG14", 20)]))
        }
        ("TG04", _) if random.chance(330) => Some(random.weighted(&[
            ("TG19", 45),
            ("TG10", 25),
            ("TG20", 15),
            ("TG22", 10),
            ("TG10;TG24", 5),
        ])),
        ("TG05", _) if random.chance(250) => {
            Some(random.weighted(&[("TG11", 50), ("TG13", 40), ("TG12", 10)]))
        }
        _ => None,
    }
}

fn certificate(
    class: &Class,
    status: &str,
    random: &mut Random,
) -> Option<(&'static str, NaiveDate)> {
    let course = &class.course;
    if status != "completed" || course.kind == "TT09" || !random.chance(850) {
        return None;
    }
    let reform = NaiveDate::from_ymd_opt(2020, 11, 1).unwrap_or_default();
    let kind = match (course.kind, course.level) {
        ("TT02", _) => "CT08",
        ("TT06", _) => random.weighted(&[("CT05", 60), ("CT04", 40)]),
        (_, "LN") => random.weighted(&[("CT04", 70), ("CT03", 30)]),
        // Level qualifications gave way to skill-level certificates by the end of 2020.
        _ if course.end < reform && random.chance(600) => "CT01",
        _ => "CT02",
    };
    // A few bear a date before the last day of the class: something for the rules to find.
    let early = random.chance(3);
    let lag = if early {
        Days::new(0)
    } else {
        Days::new(random.between(1, 18) as u64)
    };
    let date = course.end + lag;
    Some((kind, if early { date - Days::new(2) } else { date }))
}

fn funding(department: &str, start: NaiveDate, random: &mut Random) -> Option<&'static str> {
    let account = NaiveDate::from_ymd_opt(2019, 7, 1).unwrap_or_default();
    let lead = department == "DP01";
    let weights: [(&'static str, u32); 7] = match (lead, start < account) {
        (true, true) => [
            ("FS01", 905),
            ("FS02", 0),
            ("FS06", 40),
            ("FS04", 0),
            ("FS03", 18),
            ("FS08", 12),
            ("", 20),
        ],
        (true, false) => [
            ("FS01", 210),
            ("FS02", 700),
            ("FS06", 35),
            ("FS04", 0),
            ("FS03", 18),
            ("FS08", 12),
            ("", 20),
        ],
        (false, true) => [
            ("FS01", 150),
            ("FS02", 0),
            ("FS06", 60),
            ("FS04", 745),
            ("FS03", 20),
            ("FS08", 5),
            ("", 20),
        ],
        (false, false) => [
            ("FS01", 70),
            ("FS02", 430),
            ("FS06", 40),
            ("FS04", 415),
            ("FS03", 20),
            ("FS08", 5),
            ("", 20),
        ],
    };
    Some(random.weighted(&weights)).filter(|source| !source.is_empty())
}

/// Yuan per trainee. From 2020-08-31 the tariff of 吉人社联〔2020〕59号 for the three lower levels; everything else is
/// SYNTHETIC, since no source gives it.
fn subsidy(class: &Class) -> u32 {
    let course = &class.course;
    let days = course
        .end
        .signed_duration_since(course.start)
        .num_days()
        .max(0) as u32;
    let tariff = course.start >= NaiveDate::from_ymd_opt(2020, 8, 31).unwrap_or_default();
    match (course.kind, course.level) {
        ("TT07" | "TT08", _) => 5_000 * (days / 180).max(2) / 2,
        ("TT09", _) => 500 * (days / 30).clamp(1, 6),
        ("TT02", _) => 1_200,
        ("TT06", _) => 300,
        (_, "L5") => {
            if tariff {
                800
            } else {
                600
            }
        }
        (_, "L4") => {
            if tariff {
                1_500
            } else {
                1_000
            }
        }
        (_, "L3") => {
            if tariff {
                2_000
            } else {
                1_400
            }
        }
        (_, "L2") => 2_500,
        (_, "L1") => 3_000,
        _ => 400,
    }
}

fn payment(
    class: &Class,
    certificate: Option<(&'static str, NaiveDate)>,
    subsidy: Option<u32>,
    random: &mut Random,
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let course = &class.course;
    let ready = match certificate {
        _ if is_apprentice(class) => course.start + Days::new(20),
        Some((_, date)) => date.max(course.end),
        None => course.end,
    };
    // A few are paid without a certificate: something for the rules to find.
    let approved = match course.kind {
        _ if certificate.is_some() || is_apprentice(class) => 960,
        "TT09" => 700,
        _ => 20,
    };
    if subsidy.is_none() || !random.chance(approved) {
        return (None, None);
    }
    let approved = ready + Days::new(random.between(2, 22) as u64);
    let slow = random.chance(120);
    let paid = approved
        + Days::new(if slow {
            random.between(50, 140)
        } else {
            random.between(2, 28)
        } as u64);
    (Some(approved), random.chance(950).then_some(paid))
}
