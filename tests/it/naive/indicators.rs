//! All indicators of DESIGN §6 by plain loops over the records, each as CONTRACT §5 decides; only the answers they are held against
//! come from the library.

use super::books::{Books, Record};
use super::check::{birth, years};
use super::figures::{Span, code, stock_ratio};
use crate::indicators::sample::{Question, ids};
use crate::support::TODAY;
use chrono::{Datelike, Days, NaiveDate};
use dabiao::indicators::table::{Row, Value};
use dabiao::programme::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Decimals are whole numbers of millionths.
const ONE: i128 = 1_000_000;

/// What a record brings to an indicator on a day.
struct Fact<'a> {
    day: NaiveDate,
    record: &'a Record,
    numerator: i128,
    denominator: i128,
}

/// A cell: the value of a flow or count of persons stands in the numerator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) numerator: i128,
    pub(crate) denominator: Option<i128>,
}

/// Cells by their codes, joined by `|`.
pub(crate) type Cells = BTreeMap<String, Cell>;

const DISTINCT: [&str; 2] = ["trained_persons", "apprentices"];
const RATIOS: [&str; 5] = [
    "certification_rate",
    "online_share",
    "women_share",
    "payment_rate",
    "frontline_share",
];

fn number(record: &Record, column: &str) -> i128 {
    record.get(column).parse().unwrap_or(0)
}

fn among(record: &Record, column: &str, codes: &[&str]) -> bool {
    codes.contains(&record.get(column))
}

/// The sex by digit 17 of a resident's number (Q41).
fn sex(record: &Record) -> Option<&'static str> {
    let checked = among(record, "id_type", &["resident_id", "hmt_residence"]);
    let odd = record
        .get("id_number")
        .as_bytes()
        .get(16)
        .is_some_and(|digit| digit % 2 == 1);
    checked.then_some(if odd { "male" } else { "female" })
}

/// Facts of counted records, by their end date (Q34, Q36, Q37, Q39–Q41, Q49).
fn of_counted<'a>(books: &'a Books, id: &str) -> Vec<Fact<'a>> {
    let colleges: BTreeSet<&str> = books
        .current("institutions")
        .filter(|line| line.get("ownership") == "college")
        .map(|line| line.get("code"))
        .collect();
    let counted = books.counted().into_iter();
    let counted = counted
        .filter(|(_, reason)| reason.is_none())
        .map(|(record, _)| record);
    let poor = |record: &Record| {
        let others = record.get("other_groups").split(';');
        let mut groups = std::iter::once(record.get("primary_group")).chain(others);
        groups.any(|group| ["TG01", "TG10"].contains(&group))
    };
    let facts = counted.filter_map(|record| {
        let yes = |stands: bool| stands.then_some((ONE, 0));
        let share = |stands: bool| Some((i128::from(stands) * ONE, ONE));
        let (numerator, denominator) = match id {
            "trained_person_times" | "trained_persons" => Some((ONE, 0)),
            "certified_person_times" => yes(!record.get("certificate_no").is_empty()),
            "certification_rate" => share(!record.get("certificate_no").is_empty()),
            "highly_skilled_person_times" => {
                yes(among(record, "level", &["L3", "L2", "L1", "LS", "LC"]))
            }
            "entrepreneurship_person_times" => yes(among(record, "training_type", &["TT02"])),
            "safety_person_times" => yes(among(record, "training_type", &["TT06"])),
            "poverty_person_times" => yes(poor(record)),
            "online_share" => share(among(record, "delivery", &["TM03"])),
            "women_share" => sex(record).and_then(|sex| share(sex == "female")),
            _ => {
                let hours = number(record, "hours") * 3 / 10;
                let college = colleges.contains(record.get("institution"));
                (college && !record.get("hours").is_empty()).then_some((hours, 0))
            }
        }?;
        Some(Fact {
            day: record.day("end_date").expect("it is counted"),
            record,
            numerator,
            denominator,
        })
    });
    facts.collect()
}

/// Facts of all current training records (Q30, Q35, Q38, Q42–Q44).
fn of_training<'a>(books: &'a Books, id: &str, today: NaiveDate) -> Vec<Fact<'a>> {
    let excess = books.over_six_months();
    let types = &books.forms.lists["training_types"];
    let facts = books.current("training").filter_map(|record| {
        let has = |column: &str| !record.get(column).is_empty();
        let completed = record.get("status") == "completed";
        let subsidy = number(record, "subsidy");
        let money = |stands: bool| (stands && has("subsidy")).then_some((subsidy, 0));
        let (column, fact) = match id {
            "started_person_times" => {
                let counts = types.code(record.get("training_type")).expect("listed");
                let stands = record.get("status") != "enrolled"
                    && counts["counts"] == "yes"
                    && !among(record, "funding_source", &["FS03", "FS05", "FS08", "FS09"]);
                ("start_date", stands.then_some((ONE, 0)))
            }
            "apprentices" => {
                let stands = among(record, "training_type", &["TT07", "TT08"])
                    && (completed || has("paid_on"));
                ("start_date", stands.then_some((ONE, 0)))
            }
            "work_for_training_person_times" => {
                let end = record.day("end_date");
                let stands = completed
                    && record.get("training_type") == "TT09"
                    && end.is_some_and(|end| (2019..=2021).contains(&end.year()))
                    && !excess
                        .iter()
                        .any(|number| number == record.get("record_no"));
                ("end_date", stands.then_some((ONE, 0)))
            }
            "subsidy_approved" => ("approved_on", money(has("approved_on"))),
            "subsidy_paid" => ("paid_on", money(has("paid_on"))),
            "payment_rate" => {
                let paid = if has("paid_on") { subsidy } else { 0 };
                (
                    "approved_on",
                    money(has("approved_on")).map(|_| (paid, subsidy)),
                )
            }
            _ => {
                let since = today - Days::new(60);
                let stands =
                    !has("paid_on") && record.day("approved_on").is_some_and(|day| day < since);
                ("approved_on", stands.then_some((ONE, 0)))
            }
        };
        let (numerator, denominator) = fact?;
        Some(Fact {
            day: record.day(column).expect("it was asked for"),
            record,
            numerator,
            denominator,
        })
    });
    facts.collect()
}

/// Q48: the first certificate of every person that makes a skilled worker.
fn newly_skilled(books: &Books) -> Vec<Fact<'_>> {
    let mut first: BTreeMap<(&str, &str), &Record> = BTreeMap::new();
    let order = |record: &Record| {
        let number = record.get("record_no").to_owned();
        (record.day("issued_on"), record.department.clone(), number)
    };
    for record in books
        .current("certificates")
        .filter(|record| skilled(record))
    {
        let held = first.entry(record.person()).or_insert(record);
        if order(record) < order(held) {
            *held = record;
        }
    }
    let facts = first.into_values().map(|record| Fact {
        day: record.day("issued_on").expect("required"),
        record,
        numerator: ONE,
        denominator: 0,
    });
    facts.collect()
}

fn skilled(record: &Record) -> bool {
    among(record, "certificate_type", &["CT01", "CT02"])
        && among(record, "level", &["L5", "L4", "L3", "L2", "L1", "LS", "LC"])
}

/// Q45 and Q49: money of months, and education funds of years.
fn of_money<'a>(books: &'a Books, id: &str) -> Vec<Fact<'a>> {
    if id == "frontline_share" {
        let facts = books.current("education_funds").map(|record| Fact {
            // A whole number of the contract, which the naive books keep in millionths too.
            day: year_end(record.get("year")),
            record,
            numerator: number(record, "frontline"),
            denominator: number(record, "used"),
        });
        return facts.collect();
    }
    let facts = books.current("funds").filter_map(|record| {
        let amount = number(record, "amount");
        let numerator = match record.get("kind") {
            "paid" | "advance" => amount,
            "recovered" => -amount,
            _ => return None,
        };
        let month = format!("{}-01", record.get("period"));
        Some(Fact {
            day: month.parse().expect("the samples hold months only"),
            record,
            numerator,
            denominator: 0,
        })
    });
    facts.collect()
}

fn year_end(year: &str) -> NaiveDate {
    let year: i128 = year.parse().expect("a year");
    let year = if year >= ONE { year / ONE } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).expect("a year"), 12, 31).expect("a day")
}

/// The code of a fact in a dimension: time is that of the fact's own day (Q52, Q54b).
fn code_of(fact: &Fact<'_>, dimension: &str) -> String {
    let day = fact.day;
    match dimension {
        "month" => day.format("%Y-%m").to_string(),
        "quarter" => format!("{}Q{}", day.year(), day.month0() / 3 + 1),
        "year" => day.year().to_string(),
        "department" if fact.record.dataset == "funds" => fact.record.get("department").to_owned(),
        "age_band" if fact.record.dataset == "certificates" => certificate_age(fact.record),
        _ => code(fact.record, dimension),
    }
}

fn certificate_age(record: &Record) -> String {
    let Some(_) = sex(record) else {
        return "unknown".to_owned();
    };
    let issued = record.day("issued_on").expect("required");
    let band = match years(birth(record.get("id_number")), issued) {
        ..16 => "under-16",
        16..=24 => "16-24",
        25..=34 => "25-34",
        35..=44 => "35-44",
        45..=54 => "45-54",
        55..=59 => "55-59",
        60.. => "60+",
    };
    band.to_owned()
}

/// The cells of an indicator on the snapshot's day `today`; without dimensions one cell with an empty code, 0 where nothing is.
pub(crate) fn indicator(
    books: &Books,
    id: &str,
    span: &Span,
    by: &[&str],
    today: NaiveDate,
) -> Cells {
    let facts = match id {
        "new_skilled_persons" => newly_skilled(books),
        "funds_paid" | "frontline_share" => of_money(books, id),
        "started_person_times"
        | "apprentices"
        | "work_for_training_person_times"
        | "subsidy_approved"
        | "subsidy_paid"
        | "payment_rate"
        | "unpaid_over_60_days" => of_training(books, id, today),
        _ => of_counted(books, id),
    };
    let ratio = RATIOS.contains(&id);
    let mut cells = Cells::new();
    let mut persons: BTreeMap<String, BTreeSet<(&str, &str)>> = BTreeMap::new();
    let nothing = Cell {
        numerator: 0,
        denominator: ratio.then_some(0),
    };
    if by.is_empty() {
        cells.insert(String::new(), nothing.clone());
    }
    for fact in &facts {
        let placed = id == "frontline_share" || span.covers(books, fact.record.get("division"));
        if !placed || fact.day < span.from || span.to < fact.day {
            continue;
        }
        let codes: Vec<String> = by.iter().map(|name| code_of(fact, name)).collect();
        let codes = codes.join("|");
        let cell = cells.entry(codes.clone()).or_insert(nothing.clone());
        if DISTINCT.contains(&id) {
            let of_cell = persons.entry(codes).or_default();
            of_cell.insert(fact.record.person());
            cell.numerator = i128::try_from(of_cell.len()).expect("few") * ONE;
        } else {
            cell.numerator += fact.numerator;
        }
        if let Some(denominator) = &mut cell.denominator {
            *denominator += fact.denominator;
        }
    }
    cells
}

/// Q47 at the span's end, by `division` or `sector` or, blank, in all: skilled and highly skilled persons of the register.
pub(crate) fn register(books: &Books, span: &Span, by: &str) -> BTreeMap<String, (i128, i128)> {
    let mut of_person: BTreeMap<(&str, &str), Vec<&Record>> = BTreeMap::new();
    for record in books.current("certificates") {
        of_person.entry(record.person()).or_default().push(record);
    }
    let order = |day: Option<NaiveDate>, record: &Record| {
        (
            day,
            record.department.clone(),
            record.get("record_no").to_owned(),
        )
    };
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for records in of_person.values() {
        let status_day = |record: &Record| record.day("status_on").or(record.day("issued_on"));
        let status = records
            .iter()
            .filter(|record| {
                !record.get("employment_status").is_empty() && status_day(record) <= Some(span.to)
            })
            .max_by_key(|record| order(status_day(record), record));
        if status.is_some_and(|record| record.get("employment_status") != "employed") {
            continue;
        }
        let held: Vec<&&Record> = records
            .iter()
            .filter(|record| skilled(record) && record.day("issued_on") <= Some(span.to))
            .collect();
        let Some(latest) = held
            .iter()
            .max_by_key(|record| order(record.day("issued_on"), record))
        else {
            continue;
        };
        if !span.covers(books, latest.get("division")) {
            continue;
        }
        let highly = held
            .iter()
            .any(|record| among(record, "level", &["L3", "L2", "L1", "LS", "LC"]));
        let code = match by {
            "" => "",
            _ if latest.get(by).is_empty() => "unknown",
            _ => latest.get(by),
        };
        let sum = sums.entry(code.to_owned()).or_default();
        sum.0 += ONE;
        sum.1 += i128::from(highly) * ONE;
    }
    sums
}

/// The two ratios of the register at the span's end (Q47): numerator and denominator by code.
pub(crate) fn register_ratio(books: &Books, id: &str, span: &Span, by: &str) -> Cells {
    let of_workforce = stock_ratio(books, span, "skilled", "employed", by);
    let cells = register(books, span, by).into_iter();
    cells
        .map(|(code, (skilled, highly))| {
            let cell = match id {
                "skilled_ratio_register" => Cell {
                    numerator: skilled,
                    denominator: of_workforce.get(&code).map(|parts| parts.denominator),
                },
                _ => Cell {
                    numerator: highly,
                    denominator: Some(skilled),
                },
            };
            (code, cell)
        })
        .collect()
}

/// The cells of an answer over the published samples, and its total under an empty code.
fn told(id: &'static str, period: &'static str, scope: &'static str, by: &[&'static str]) -> Cells {
    let answer = Question::of(id).period(period).scope(scope).by(by).answer();
    let millionths = |number: Decimal| number.scaled_to(6).expect("six digits are enough");
    let cell = |row: &Row| {
        let value = match row.value {
            Some(Value::Number(number)) => Some(number),
            _ => row.numerator,
        };
        if let (Some(numerator), Some(denominator)) = (row.numerator, row.denominator) {
            let share = numerator.over(denominator).map(Value::Share);
            assert_eq!(row.value, share, "{id} {row:?}");
        }
        Cell {
            numerator: value.map_or(0, millionths),
            denominator: row.denominator.map(millionths),
        }
    };
    // Without dimensions the only row is the total, without codes.
    let rows = answer.rows.iter();
    let mut cells: Cells = rows.map(|row| (row.codes.join("|"), cell(row))).collect();
    cells.insert(String::new(), cell(&answer.totals));
    cells
}

const SPANS: [(&str, &str, &str); 5] = [
    ("2019..2021", "2019-01-01", "2021-12-31"),
    ("2019", "2019-01-01", "2019-12-31"),
    ("2020H2", "2020-07-01", "2020-12-31"),
    ("2020-10", "2020-10-01", "2020-10-31"),
    ("ytd:2021-05", "2021-01-01", "2021-05-31"),
];

/// Breakdowns by the columns the facts give.
fn breakdowns(id: &str) -> &'static [&'static [&'static str]] {
    match id {
        "frontline_share" => &[&[], &["year"], &["department"]],
        "funds_paid" => &[&[], &["division"], &["department", "month"], &["quarter"]],
        "new_skilled_persons" => &[
            &[],
            &["division"],
            &["level", "sex"],
            &["age_band"],
            &["certificate_type", "year"],
        ],
        _ => &[
            &[],
            &["division"],
            &["department", "quarter"],
            &["group", "level"],
            &["sex", "age_band"],
            &["training_type", "delivery", "year"],
            &["sector", "month"],
            &["occupation"],
            &["mode", "programme_tag"],
            &["certificate_type"],
        ],
    }
}

#[test]
fn every_indicator_of_the_samples_is_the_same() {
    let (books, _) = super::naive_samples();
    let today: NaiveDate = TODAY.parse().expect("a day");
    let elsewhere = [
        "skilled_ratio",
        "highly_skilled_ratio",
        "skilled_ratio_register",
        "highly_skilled_ratio_register",
        "suspicions",
    ];
    let mut ids = ids();
    ids.retain(|id| !elsewhere.contains(id));
    assert_eq!(ids.len(), 21);
    let mut filled = BTreeMap::new();
    for (at, id) in ids.into_iter().enumerate() {
        for (turn, by) in breakdowns(id).iter().enumerate() {
            // Totals in every span, breakdowns in spans that move on from one to the next; the whole period always.
            let spans = SPANS.iter().enumerate();
            let spans = spans.filter(|(place, _)| {
                by.is_empty() || *place == 0 || *place == (turn + at) % SPANS.len()
            });
            for (place, (period, from, to)) in spans {
                let scope = ["CC2020", "CC2019"][(turn + place) % 2];
                let span = Span::new(scope, from, to);
                let mut wanted = indicator(&books, id, &span, by, today);
                *filled.entry(id).or_insert(0) +=
                    wanted.values().filter(|cell| cell.numerator > 0).count();
                if !by.is_empty() {
                    wanted.extend(indicator(&books, id, &span, &[], today));
                }
                let told = told(id, period, scope, by);
                assert_eq!(told, wanted, "{id} {period} {scope} by {by:?}");
            }
        }
    }
    assert!(filled.values().all(|cells| *cells > 1), "{filled:?}");
}

#[test]
fn ratios_of_the_register_are_the_same() {
    let (books, _) = super::naive_samples();
    for id in ["skilled_ratio_register", "highly_skilled_ratio_register"] {
        for (period, from, to) in [
            SPANS[0],
            SPANS[1],
            ("2019-09", "2019-09-01", "2019-09-30"),
            ("2020", "2020-01-01", "2020-12-31"),
        ] {
            for scope in ["CC2019", "CC2020"] {
                for by in ["", "division", "sector"] {
                    let span = Span::new(scope, from, to);
                    let mut wanted = register_ratio(&books, id, &span, by);
                    let dimensions: Vec<&str> =
                        [by].into_iter().filter(|by| !by.is_empty()).collect();
                    if !by.is_empty() {
                        wanted.extend(register_ratio(&books, id, &span, ""));
                    }
                    let told = told(id, period, scope, &dimensions);
                    assert_eq!(told, wanted, "{id} {period} {scope} by {by}");
                    assert!(wanted[""].numerator > 0, "{id} {period}");
                }
            }
        }
    }
}
