//! A run as the folder, or the folders, of files that departments would have sent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::Datelike;

use super::course::DEPARTMENTS;
use super::events::{Event, FileKey, Quarter, Report, Reports, quarter_name, reports};
use super::identity::People;
use super::member::{Member, is_apprentice, member};
use super::random::Random;
use super::render::{ClassCells, NAMES, Renderer, Row, TITLES, status};
use super::tables::Tables;
use super::truth::{Counted, Summary, Truth};
use super::write::{Encoding, Format, Sheet};
use super::{Error, Plan, Shape, damage, other, stocks, write as files};

/// A file of another dataset than `training`.
#[derive(Debug)]
pub(super) struct Extra {
    pub(super) quarter: Quarter,
    pub(super) dataset: &'static str,
    pub(super) department: &'static str,
    pub(super) period: String,
    pub(super) format: Format,
    pub(super) sheet: Sheet,
}

/// A record as it stands after the last file.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) class: usize,
    pub(super) member: Member,
    pub(super) status: &'static str,
    /// The last row about it.
    pub(super) event: Event,
}

/// Writes all files of `plan`.
pub(super) fn write(
    plan: &Plan,
    tables: &Tables,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Error> {
    let reports = reports(plan, tables);
    let people = People::new(plan.seed, tables.prefixes.clone());
    let live = live(plan, &people, &reports);
    let truth = truth(plan, tables, &reports, &live);
    let mut summary = Summary {
        truth,
        ..Summary::default()
    };
    training(plan, tables, &people, &reports, out, &mut summary, progress)?;
    let mut extras = stocks::workforce(plan, tables);
    extras.extend(other::all(plan, tables, &people, &reports, &live));
    for extra in &extras {
        let folder = folder(plan, extra.quarter);
        let (dataset, department, period) = (extra.dataset, extra.department, &extra.period);
        let name = format!(
            "{dataset}__{department}__ALL__{period}__SYNTHETIC.{}",
            extra.format.extension()
        );
        files::make_folder(&out.join(&folder))?;
        files::sheet(&out.join(&folder).join(&name), extra.format, &extra.sheet)?;
        *summary.rows.entry(dataset.to_owned()).or_default() += extra.sheet.rows.len() as u64;
        summary.files.push(format!("{folder}{name}"));
    }
    summary.files.sort();
    Ok(summary)
}

fn folder(plan: &Plan, quarter: Quarter) -> String {
    if plan.shape == Shape::Quarters {
        format!("{}/", quarter_name(quarter))
    } else {
        String::new()
    }
}

/// How a department writes its training records; divisions of the lead department differ among themselves.
fn format_of(key: FileKey) -> Format {
    let tabs = Format::Csv {
        encoding: Encoding::Gb18030,
        delimiter: b'\t',
    };
    let semicolons = Format::Csv {
        encoding: Encoding::Utf8,
        delimiter: b';',
    };
    match (DEPARTMENTS[usize::from(key.department)].code, key.division) {
        ("DP01", Some(3 | 8)) | ("DP07" | "DP21", _) => Format::Xlsx,
        ("DP01", Some(1 | 6 | 11)) | ("DP09" | "DP18", _) => Format::GB,
        ("DP01", Some(12)) => tabs,
        ("DP01", Some(5 | 14)) | ("DP15", _) => Format::UTF8,
        ("DP03", _) => Format::Jsonl,
        ("DP08", _) => Format::Parquet,
        ("DP20", _) => semicolons,
        _ => Format::BOM,
    }
}

/// Whether a department writes Chinese labels (most do) or codes.
fn labels(key: FileKey) -> bool {
    !matches!(
        DEPARTMENTS[usize::from(key.department)].code,
        "DP03" | "DP08" | "DP15"
    )
}

fn name_of(tables: &Tables, key: FileKey, format: Format) -> String {
    let department = DEPARTMENTS[usize::from(key.department)].code;
    let division = key.division.map_or("ALL", |place| {
        tables.divisions[usize::from(place)].code.as_str()
    });
    let period = match key.month {
        Some(month) => format!("{}-{month:02}", key.quarter / 4),
        None => quarter_name(key.quarter),
    };
    format!(
        "training__{department}__{division}__{period}__SYNTHETIC.{}",
        format.extension()
    )
}

fn training(
    plan: &Plan,
    tables: &Tables,
    people: &People,
    reports: &Reports,
    out: &Path,
    summary: &mut Summary,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    let renderer = Renderer {
        seed: plan.seed,
        tables,
        people,
    };
    let whole = |event: &Event| event.sole && event.report == Report::First;
    let eligible = reports
        .events
        .iter()
        .filter(|event| whole(event))
        .count()
        .max(1);
    let share = (plan.messy * reports.events.len() as f64 / eligible as f64).min(1.0);
    let mut random = Random::keyed(plan.seed, &[0x6d65_7373]);
    let (mut row, mut done) = (Row::default(), 0u64);
    for events in reports.events.chunk_by(|one, next| one.file == next.file) {
        let key = events[0].file;
        let mut rows = Vec::with_capacity(events.len());
        for group in events.chunk_by(|one, next| one.class == next.class) {
            let class = &reports.classes[group[0].class as usize];
            let cells = ClassCells::new(plan.seed, tables, class, labels(key));
            for event in group {
                let view = event.view(plan, class);
                renderer.row(
                    class,
                    &cells,
                    usize::from(event.seat),
                    view,
                    labels(key),
                    &mut row,
                );
                rows.push(row.cells().map(str::to_owned).collect::<Vec<String>>());
            }
        }
        if share > 0.0 {
            let marks: Vec<bool> = events.iter().map(whole).collect();
            damage::damage(&mut rows, &marks, share, &mut random, &mut summary.truth);
        }
        done += rows.len() as u64;
        let format = format_of(key);
        let name = format!(
            "{}{}",
            folder(plan, key.quarter),
            name_of(tables, key, format)
        );
        let title = format!("SYNTHETIC 补贴性培训实名台账 {}", quarter_name(key.quarter));
        files::make_folder(&out.join(folder(plan, key.quarter)))?;
        files::sheet(
            &out.join(&name),
            format,
            &Sheet {
                title,
                names: &NAMES,
                titles: &TITLES,
                rows,
            },
        )?;
        summary.files.push(name);
        progress(done);
    }
    summary.rows.insert("training".to_owned(), done);
    Ok(())
}

/// The live records, in order of department and record number.
fn live(plan: &Plan, people: &People, reports: &Reports) -> Vec<Live> {
    let mut last: BTreeMap<(u8, u64), Event> = BTreeMap::new();
    for event in &reports.events {
        let record = reports.classes[event.class as usize].first_record + u64::from(event.seat);
        if event.report == Report::Withdrawal {
            last.remove(&(event.file.department, record));
        } else {
            last.insert((event.file.department, record), *event);
        }
    }
    last.into_values()
        .map(|event| {
            let class = &reports.classes[event.class as usize];
            let member = member(plan.seed, people, class, usize::from(event.seat));
            let status = status(class, &member, event.view(plan, class));
            Live {
                class: event.class as usize,
                member,
                status,
                event,
            }
        })
        .collect()
}

fn truth(plan: &Plan, tables: &Tables, reports: &Reports, live: &[Live]) -> Truth {
    let mut truth = Truth {
        not_yet_reported: reports.not_yet_reported,
        ..Truth::default()
    };
    for event in &reports.events {
        match event.report {
            Report::First => truth.new += 1,
            Report::Over { .. } | Report::Correction => truth.correction += 1,
            Report::Withdrawal => truth.withdrawal += 1,
            Report::Resend => truth.unchanged += 1,
        }
    }
    let persons: BTreeSet<_> = live.iter().map(|one| one.member.person).collect();
    truth.persons = persons.len() as u64;
    let apprentices: BTreeSet<_> = live
        .iter()
        .filter(|one| {
            let class = &reports.classes[one.class];
            let paid = one
                .member
                .paid_on
                .is_some_and(|day| day <= one.event.view(plan, class).as_of);
            is_apprentice(class) && (one.status == "completed" || paid)
        })
        .map(|one| one.member.person)
        .collect();
    truth.apprentices = apprentices.len() as u64;
    truth.counted = (plan.messy == 0.0).then(|| counted(plan, tables, reports, live));
    truth
}

/// The counting rules of CONTRACT 4, applied to what was written.
fn counted(plan: &Plan, tables: &Tables, reports: &Reports, live: &[Live]) -> Counted {
    let mut counted = Counted {
        accepted: live.len() as u64,
        ..Counted::default()
    };
    let mut rest = Vec::new();
    for one in live {
        let course = &reports.classes[one.class].course;
        let funding = one.member.funding.unwrap_or_default();
        if one.status != "completed" {
            counted.not_completed += 1;
        } else if course.kind == "TT09" {
            counted.by_type += 1;
        } else if matches!(funding, "FS03" | "FS05" | "FS08" | "FS09") {
            counted.by_funding += 1;
        } else if course.end < plan.programme_start || course.end > plan.programme_end {
            counted.by_period += 1;
        } else {
            rest.push(one);
        }
    }
    let department = |one: &Live| DEPARTMENTS[reports.classes[one.class].department].code;
    rest.sort_by_key(|one| {
        (
            reports.classes[one.class].course.end,
            department(one),
            one.member.record,
        )
    });
    let mut seen = BTreeSet::new();
    for one in rest {
        let class = &reports.classes[one.class];
        let course = &class.course;
        if let Some(occupation) = course.occupation
            && !seen.insert((one.member.person, occupation, course.level))
        {
            counted.r007 += 1;
            continue;
        }
        counted.counted += 1;
        *counted.by_year.entry(course.end.year()).or_default() += 1;
        *counted
            .by_division
            .entry(tables.divisions[class.division].code.clone())
            .or_default() += 1;
    }
    counted
}
