//! When a record is reported, and how often: on time, late, while running, corrected, withdrawn, sent again.

use chrono::{Datelike, Days, NaiveDate};

use super::Plan;
use super::classes::{Class, each};
use super::course::DEPARTMENTS;
use super::member::is_apprentice;
use super::random::Random;
use super::render::View;
use super::tables::Tables;

/// A quarter, counted from year 0.
pub(super) type Quarter = u16;

/// The quarter of a day.
pub(super) fn quarter_of(day: NaiveDate) -> Quarter {
    (day.year() * 4 + day.month0() as i32 / 3) as Quarter
}

/// First day of a quarter.
pub(super) fn first_day(quarter: Quarter) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::from(quarter / 4), u32::from(quarter % 4) * 3 + 1, 1)
        .unwrap_or_default()
}

/// Last day of a quarter.
pub(super) fn last_day(quarter: Quarter) -> NaiveDate {
    first_day(quarter + 1) - Days::new(1)
}

/// `2020Q3`.
pub(super) fn quarter_name(quarter: Quarter) -> String {
    format!("{}Q{}", quarter / 4, quarter % 4 + 1)
}

/// The file in which an event arrives. The lead department sends one per division and month, others one per quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileKey {
    pub(super) quarter: Quarter,
    pub(super) department: u8,
    /// `None` stands for all divisions.
    pub(super) division: Option<u8>,
    /// `None` stands for the whole quarter.
    pub(super) month: Option<u8>,
}

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Report {
    /// A record not sent before: running, or over.
    First,
    /// A record sent as running comes again when it is over; marked 更正, or by mistake unmarked.
    Over { marked: bool },
    /// 更正.
    Correction,
    /// 撤销.
    Withdrawal,
    /// The same row once more.
    Resend,
}

/// One row of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) file: FileKey,
    /// Rows about earlier periods stand at the end of a file.
    late: bool,
    pub(super) class: u32,
    pub(super) seat: u8,
    pub(super) report: Report,
    /// The quarter whose knowledge the row holds.
    seen: Quarter,
    /// No other row concerns this record.
    pub(super) sole: bool,
}

impl Event {
    /// What the reporter knows and says.
    pub(super) fn view(&self, plan: &Plan, class: &Class) -> View {
        let as_of = last_day(self.seen).min(plan.to);
        View {
            as_of,
            action: match self.report {
                Report::Over { marked: true } | Report::Correction => "更正",
                Report::Withdrawal => "撤销",
                _ => "",
            },
            revision: u8::from(self.report == Report::Correction),
            open: class.course.end > as_of,
        }
    }
}

/// All classes of a plan and the rows that report them.
#[derive(Debug)]
pub(super) struct Reports {
    pub(super) classes: Vec<Class>,
    /// In order of files and rows.
    pub(super) events: Vec<Event>,
    pub(super) not_yet_reported: u64,
}

/// Draws exactly `plan.rows` rows: the number of records is fitted in a first pass, and resends fill the rest.
pub(super) fn reports(plan: &Plan, tables: &Tables) -> Reports {
    let guess = (plan.rows * 95 / 100).max(1);
    let drawn = draw(plan, tables, guess).events.len().max(1) as u64;
    let records =
        (u128::from(guess) * u128::from(plan.rows) * 99 / 100 / u128::from(drawn)).max(1) as u64;
    let mut reports = draw(plan, tables, records);
    // A few records may all lie beyond the end.
    let mut more = records;
    while reports.events.is_empty() {
        more *= 2;
        reports = draw(plan, tables, more);
    }
    let wanted = plan.rows as usize;
    // Corrections and withdrawals come last for their record, so dropping some leaves no gap.
    while reports.events.len() > wanted {
        let droppable =
            |event: &Event| matches!(event.report, Report::Correction | Report::Withdrawal);
        let place = reports
            .events
            .iter()
            .rposition(droppable)
            .unwrap_or(reports.events.len() - 1);
        reports.events.remove(place);
    }
    resend(plan, &mut reports, wanted);
    reports.events.sort_unstable();
    reports
}

fn draw(plan: &Plan, tables: &Tables, records: u64) -> Reports {
    let mut reports = Reports {
        classes: Vec::new(),
        events: Vec::new(),
        not_yet_reported: 0,
    };
    let Ok(()) = each::<std::convert::Infallible>(plan, tables, records, true, &mut |mut class| {
        // Classes left out leave gaps: the number is the place from here on.
        class.id = reports.classes.len() as u32;
        for seat in 0..class.people.len() {
            report(plan, tables, &class, seat as u8, &mut reports);
        }
        reports.classes.push(class);
        Ok(())
    });
    reports
}

fn file_key(class: &Class, quarter: Quarter, day: NaiveDate) -> (FileKey, bool) {
    let lead = DEPARTMENTS[class.department].code == "DP01";
    let on_time = quarter_of(day) == quarter;
    let month = if on_time {
        day.month()
    } else {
        first_day(quarter).month()
    };
    let key = FileKey {
        quarter,
        department: class.department as u8,
        division: lead.then_some(class.division as u8),
        month: lead.then_some(month as u8),
    };
    (key, !on_time)
}

/// Adds the rows about one person in one class.
fn report(plan: &Plan, tables: &Tables, class: &Class, seat: u8, reports: &mut Reports) {
    let mut random = Random::keyed(
        plan.seed,
        &[0x7265_706f, class.first_record + u64::from(seat)],
    );
    let course = &class.course;
    let (first, last) = (quarter_of(plan.from), quarter_of(plan.to));
    let mut add = |report: Report, quarter: Quarter, seen: Quarter, day: NaiveDate, sole: bool| {
        let (file, late) = file_key(class, quarter, day);
        reports.events.push(Event {
            file,
            late,
            class: class.id,
            seat,
            report,
            seen,
            sole,
        });
    };
    // Apprentices are reported once their advance is paid, some weeks after they begin.
    let begun = quarter_of(course.start + Days::new(if is_apprentice(class) { 75 } else { 0 }));
    if course.end > plan.to {
        let quarter = begun.clamp(first, last);
        add(
            Report::First,
            quarter,
            quarter,
            course.start.min(plan.to),
            true,
        );
        return;
    }
    let ended = quarter_of(course.end);
    // A running class has no last day yet, so its place must be valid on the first.
    let valid = tables.divisions[class.division]
        .valid_from
        .is_none_or(|day| day <= course.start);
    let opened =
        valid && begun >= first && begun < ended && (is_apprentice(class) || random.chance(120));
    if opened {
        add(Report::First, begun, begun, course.start, false);
    }
    let reported = ended + random.weighted(&[(0, 920), (1, 60), (2, 20)]);
    if reported > last {
        reports.not_yet_reported += 1;
        return;
    }
    let later = reported + random.between(1, 3) as Quarter;
    let extra = random.weighted(&[
        (None, 980),
        (Some(Report::Correction), 17),
        (Some(Report::Withdrawal), 3),
    ]);
    let extra = extra.filter(|_| later <= last);
    let kind = if opened {
        Report::Over {
            marked: random.chance(700),
        }
    } else {
        Report::First
    };
    add(
        kind,
        reported,
        reported,
        course.end,
        !opened && extra.is_none(),
    );
    match extra {
        Some(Report::Correction) => add(Report::Correction, later, later, first_day(0), false),
        Some(report) => add(report, later, reported, first_day(0), false),
        None => {}
    }
}

/// Sends rows again until `wanted` rows are reached; which ones depends on the seed only.
fn resend(plan: &Plan, reports: &mut Reports, wanted: usize) {
    let missing = wanted.saturating_sub(reports.events.len());
    let last = quarter_of(plan.to);
    let mut candidates: Vec<(u64, usize)> = reports
        .events
        .iter()
        .enumerate()
        .filter(|(_, event)| event.sole)
        .map(|(place, event)| {
            let key = [0x6167_6169, u64::from(event.class), u64::from(event.seat)];
            (Random::keyed(plan.seed, &key).next(), place)
        })
        .collect();
    candidates.sort_unstable();
    for at in 0..missing.min(candidates.len() * 8) {
        let place = candidates[at % candidates.len()].1;
        let event = reports.events[place];
        let quarter = (event.file.quarter + 1).min(last);
        let class = &reports.classes[event.class as usize];
        let (file, late) = file_key(class, quarter, first_day(0));
        reports.events[place].sole = false;
        let again = Event {
            file,
            late,
            report: Report::Resend,
            sole: false,
            ..event
        };
        reports.events.push(again);
    }
}
