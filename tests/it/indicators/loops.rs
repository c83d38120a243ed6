//! Every combination of up to three dimensions of every indicator, computed again by plain loops over its facts.
//!
//! The facts are fetched once per indicator with their bare query; grouping, filtering, scopes, periods and rolling up are written
//! here anew, so no path averages a ratio, adds persons or adds a stock over time without being found out.

use super::sample::{Question, dimensions, ids, published};
use chrono::{Datelike, NaiveDate};
use dabiao::engine;
use dabiao::indicators::table::{Kind, Row, Table, Value};
use dabiao::indicators::{Indicator, Parts, TIME_DIMENSIONS};
use dabiao::programme::{Decimal, Period, Ratio};
use polars::prelude::{AnyValue, DataFrame, DataType, IntoLazy, NamedFrom, Series};
use std::collections::{BTreeMap, BTreeSet};

/// One row of the facts: texts by column, numbers by column, the day.
struct Fact {
    day: NaiveDate,
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, Decimal>,
}

fn facts(indicator: &Indicator) -> Vec<Fact> {
    let published = published();
    let day = Series::new("day".into(), [published.day.to_epoch_days()]);
    let day = day.cast(&DataType::Date).expect("a day").into();
    let snapshot = DataFrame::new(1, vec![day]).expect("one row").lazy();
    let tables = published.tables.iter();
    let tables = tables
        .filter(|(name, _)| *name != "snapshot")
        .map(|(name, table)| (name.clone(), table.clone()))
        .chain([("snapshot".to_owned(), snapshot)]);
    let frame = engine::run(tables, &indicator.facts.to_string()).expect("the facts");
    (0..frame.height()).map(|row| fact(&frame, row)).collect()
}

fn fact(frame: &DataFrame, row: usize) -> Fact {
    let mut fact = Fact {
        day: NaiveDate::MIN,
        texts: BTreeMap::new(),
        numbers: BTreeMap::new(),
    };
    for column in frame.columns() {
        let name = column.name().to_string();
        let whole = |number: i64| Decimal::new(i128::from(number), 0);
        match column.get(row).expect("a cell") {
            AnyValue::Null => {}
            AnyValue::Date(days) => {
                fact.day = NaiveDate::from_epoch_days(days).expect("a day");
            }
            AnyValue::Int32(number) => drop(fact.numbers.insert(name, whole(i64::from(number)))),
            AnyValue::Int64(number) => drop(fact.numbers.insert(name, whole(number))),
            AnyValue::Decimal(units, _, scale) => {
                let scale = u32::try_from(scale).expect("a scale");
                fact.numbers.insert(name, Decimal::new(units, scale));
            }
            AnyValue::Boolean(yes) => drop(fact.texts.insert(name, yes.to_string())),
            text => drop(fact.texts.insert(name, text.str_value().into_owned())),
        }
    }
    fact
}

/// The code of a fact in a dimension.
fn code(fact: &Fact, dimension: &str) -> String {
    if TIME_DIMENSIONS.contains(&dimension) {
        return time_code(fact.day, dimension);
    }
    let column = match dimension {
        "group" => "primary_group",
        other => other,
    };
    let code = fact.texts.get(column).cloned();
    code.unwrap_or_else(|| "unknown".to_owned())
}

pub(super) fn time_code(day: NaiveDate, dimension: &str) -> String {
    let (year, month) = (day.year(), day.month());
    match dimension {
        "month" => format!("{year}-{month:02}"),
        "quarter" => format!("{year}Q{}", month.div_ceil(3)),
        "half" => format!("{year}H{}", month.div_ceil(6)),
        "year" => year.to_string(),
        // From the 21st on the next month of the ministry's forms (dabiao.toml).
        _ if day.day() < 21 => format!("{year}-{month:02}"),
        _ if month == 12 => format!("{}-01", year + 1),
        _ => format!("{year}-{:02}", month + 1),
    }
}

/// What a cell adds up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cell {
    value: Option<Ratio>,
    numerator: Option<Decimal>,
    denominator: Option<Decimal>,
    estimated: bool,
}

impl Cell {
    fn of(row: &Row) -> Self {
        Self {
            value: row.value.and_then(|value| match value {
                Value::Number(number) => number.over(Decimal::new(1, 0)),
                Value::Share(share) => Some(share),
            }),
            numerator: row.numerator,
            denominator: row.denominator,
            estimated: row.mark.to_string().contains("[e]"),
        }
    }
}

type Cells = BTreeMap<Vec<String>, Cell>;

/// One indicator with all its facts.
struct Loop {
    indicator: &'static Indicator,
    facts: Vec<Fact>,
    /// The facts its denominator comes from.
    other: Option<Box<Loop>>,
}

impl Loop {
    fn new(id: &str) -> Self {
        let indicator = published().catalog.get(id).expect("an indicator");
        let other = indicator.denominator_of.as_deref();
        Self {
            indicator,
            facts: facts(indicator),
            other: other.map(|id| Box::new(Self::new(id))),
        }
    }

    fn number(fact: &Fact, name: &str) -> Decimal {
        fact.numbers.get(name).copied().unwrap_or(Decimal::ZERO)
    }

    /// The cells of an answer; the total has no codes, and stands there alone for a question without dimensions.
    fn answer(&self, question: &Question) -> (Cells, Cell) {
        match (self.indicator.kind, self.indicator.parts) {
            (Kind::Ratio, Parts::Stock | Parts::Events) => self.stocks(question),
            _ => {
                let mut total = self.flows(question, &[]);
                let empty = self.cell(&[]);
                (
                    self.flows(question, &question.by),
                    total.remove(&vec![]).unwrap_or(empty),
                )
            }
        }
    }

    fn flows(&self, question: &Question, by: &[&str]) -> Cells {
        let period = Period::parse(question.period).expect("a period");
        let mut groups: BTreeMap<Vec<String>, Vec<&Fact>> = BTreeMap::new();
        for fact in self.inside(question) {
            if period.start() <= fact.day && fact.day <= period.end() {
                let codes = by.iter().map(|name| code(fact, name)).collect();
                groups.entry(codes).or_default().push(fact);
            }
        }
        let cells = groups.into_iter();
        cells
            .map(|(codes, facts)| (codes, self.cell(&facts)))
            .collect()
    }

    /// Facts of the scope's units that the filters let through, whenever they are.
    fn inside(&self, question: &Question) -> impl Iterator<Item = &Fact> {
        let scope = published().programme.scope(Some(question.scope));
        let units = &scope.expect("a scope").units;
        let filters = question.filters.clone();
        let columns = published()
            .catalog
            .dimensions(&published().programme, &self.indicator.id);
        let placed = columns.contains(&"division");
        self.facts.iter().filter(move |fact| {
            let unit = fact.texts.get("division");
            (!placed || unit.is_some_and(|unit| units.contains(unit)))
                && filters
                    .iter()
                    .all(|(name, codes)| codes.contains(&code(fact, name).as_str()))
        })
    }

    fn cell(&self, facts: &[&Fact]) -> Cell {
        let sum = |name: &str| {
            let numbers = facts.iter().map(|fact| Self::number(fact, name));
            numbers.fold(Decimal::ZERO, Decimal::plus)
        };
        let one = Decimal::new(1, 0);
        match self.indicator.kind {
            Kind::Ratio => ratio(sum("numerator"), sum("denominator"), false),
            Kind::Distinct => {
                let persons: BTreeSet<&String> =
                    facts.iter().map(|fact| &fact.texts["person"]).collect();
                let persons = Decimal::new(i128::try_from(persons.len()).expect("few"), 0);
                Cell {
                    value: persons.over(one),
                    ..Cell::default()
                }
            }
            Kind::Flow | Kind::Stock => Cell {
                value: sum("value").over(one),
                ..Cell::default()
            },
        }
    }

    /// Stocks at the end of the period and, along time, at the end of every part of it that has begun.
    fn stocks(&self, question: &Question) -> (Cells, Cell) {
        let period = Period::parse(question.period).expect("a period");
        let (times, others): (Vec<&str>, Vec<&str>) = question
            .by
            .iter()
            .partition(|name| TIME_DIMENSIONS.contains(name));
        let passes = |day: &NaiveDate| {
            let mut filters = question.filters.iter();
            filters.all(|(name, codes)| {
                !TIME_DIMENSIONS.contains(name) || codes.contains(&time_code(*day, name).as_str())
            })
        };
        let days = || {
            let days = period.start().iter_days();
            days.take_while(|day| *day <= period.end()).filter(passes)
        };
        let mut total = Cells::new();
        if let (Some(first), Some(last)) = (days().next(), days().last()) {
            total = self.standing(question, first, last, &[]);
        }
        let total = total.remove(&vec![]).unwrap_or_default();
        let mut parts: BTreeMap<Vec<String>, (NaiveDate, NaiveDate)> = BTreeMap::new();
        let begun = |day: &NaiveDate| times.is_empty() || *day <= published().day;
        for day in days().filter(begun) {
            let codes = times.iter().map(|name| time_code(day, name)).collect();
            parts.entry(codes).or_insert((day, day)).1 = day;
        }
        let mut cells = Cells::new();
        for (time, (first, last)) in parts {
            for (other, cell) in self.standing(question, first, last, &others) {
                let (mut time, mut other) = (time.iter(), other.iter());
                let codes = question.by.iter().map(|name| {
                    match TIME_DIMENSIONS.contains(name) {
                        true => time.next(),
                        false => other.next(),
                    }
                    .expect("a code")
                    .clone()
                });
                cells.insert(codes.collect(), cell);
            }
        }
        (cells, total)
    }

    fn standing(
        &self,
        question: &Question,
        first: NaiveDate,
        last: NaiveDate,
        by: &[&str],
    ) -> Cells {
        let mut question = question.clone();
        question
            .filters
            .retain(|(name, _)| !TIME_DIMENSIONS.contains(name));
        if self.indicator.parts == Parts::Events {
            return self.changes(&question, first, last, by);
        }
        // The filters choose among what stands; which rows stand does not depend on them.
        let mut unfiltered = question.clone();
        unfiltered.filters.clear();
        let known: Vec<&Fact> = self
            .inside(&unfiltered)
            .filter(|fact| fact.day <= last)
            .collect();
        let mut cells: BTreeMap<Vec<String>, (Decimal, Decimal, bool)> = BTreeMap::new();
        for fact in latest(&known) {
            let let_through =
                |(name, codes): &(&str, Vec<&str>)| codes.contains(&code(fact, name).as_str());
            if !question.filters.iter().all(let_through) {
                continue;
            }
            let codes = by.iter().map(|name| code(fact, name)).collect();
            let sum = cells
                .entry(codes)
                .or_insert((Decimal::ZERO, Decimal::ZERO, false));
            sum.0 = sum.0.plus(Self::number(fact, "numerator"));
            sum.1 = sum.1.plus(Self::number(fact, "denominator"));
            sum.2 |= fact.day < first || fact.texts["estimated"] == "true";
        }
        let cells = cells.into_iter();
        cells
            .map(|(codes, (numerator, denominator, estimated))| {
                (codes, ratio(numerator, denominator, estimated))
            })
            .collect()
    }

    fn changes(
        &self,
        question: &Question,
        first: NaiveDate,
        last: NaiveDate,
        by: &[&str],
    ) -> Cells {
        let of_other = self
            .other
            .as_ref()
            .map(|other| other.standing(question, first, last, by));
        let mut sums: BTreeMap<Vec<String>, (Decimal, Decimal)> = BTreeMap::new();
        for fact in self.inside(question).filter(|fact| fact.day <= last) {
            let codes = by.iter().map(|name| code(fact, name)).collect();
            let sum = sums.entry(codes).or_insert((Decimal::ZERO, Decimal::ZERO));
            sum.0 = sum.0.plus(Self::number(fact, "numerator"));
            sum.1 = sum.1.plus(Self::number(fact, "denominator"));
        }
        let mut cells = Cells::new();
        for (codes, (numerator, denominator)) in sums {
            let cell = match &of_other {
                None => ratio(numerator, denominator, false),
                Some(other) => match other.get(&codes) {
                    Some(other) => ratio(
                        numerator,
                        other.denominator.expect("a ratio's"),
                        other.estimated,
                    ),
                    None => Cell {
                        numerator: Some(numerator),
                        ..Cell::default()
                    },
                },
            };
            cells.insert(codes, cell);
        }
        cells
    }
}

fn ratio(numerator: Decimal, denominator: Decimal, estimated: bool) -> Cell {
    Cell {
        value: numerator.over(denominator),
        numerator: Some(numerator),
        denominator: Some(denominator),
        estimated,
    }
}

/// Q46, Q46b for the samples: the latest row of every division and sector; a division's total or its sectors, whichever is newer,
/// but sectors that make up less than 0.9 of an older total leave it standing. The samples hold no row for the whole city.
fn latest<'a>(known: &[&'a Fact]) -> Vec<&'a Fact> {
    let mut standing = Vec::new();
    let divisions: BTreeSet<&String> = known.iter().map(|fact| &fact.texts["division"]).collect();
    for division in divisions {
        let of_division = || {
            known
                .iter()
                .filter(|fact| &fact.texts["division"] == division)
        };
        let mut newest: BTreeMap<Option<&String>, &Fact> = BTreeMap::new();
        for fact in of_division() {
            let parts_of_day = of_division()
                .any(|other| other.day == fact.day && other.texts.contains_key("sector"));
            let sector = fact.texts.get("sector");
            if sector.is_none() && parts_of_day {
                continue;
            }
            let held = newest.entry(sector).or_insert(fact);
            if held.day < fact.day {
                *held = fact;
            }
        }
        let total = newest.remove(&None);
        let parts: Vec<&Fact> = newest.into_values().collect();
        let size = |facts: &[&Fact]| {
            let sizes = facts.iter().map(|fact| Loop::number(fact, "denominator"));
            sizes.fold(Decimal::ZERO, Decimal::plus)
        };
        let cover = Ratio::new(9, 10).expect("nine tenths");
        match total {
            None => standing.extend(parts),
            Some(total) => {
                let newer = parts
                    .iter()
                    .map(|fact| fact.day)
                    .max()
                    .is_some_and(|day| day >= total.day);
                let covers = size(&parts)
                    .over(size(&[total]))
                    .is_none_or(|share| share >= cover);
                match newer && covers {
                    true => standing.extend(parts),
                    false => standing.push(total),
                }
            }
        }
    }
    standing
}

/// Every choice of up to three of `dimensions`, in their order.
fn combinations(dimensions: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut chosen = vec![vec![]];
    for size in 0..3 {
        let longest: Vec<Vec<&str>> = chosen
            .iter()
            .filter(|by| by.len() == size)
            .cloned()
            .collect();
        for by in longest {
            let after = by.last().map_or(0, |last| {
                1 + dimensions
                    .iter()
                    .position(|name| name == last)
                    .expect("one of them")
            });
            for name in &dimensions[after..] {
                chosen.push([by.as_slice(), &[name]].concat());
            }
        }
    }
    chosen
}

fn compare(of: &Loop, question: &Question, answer: &Table) {
    let (cells, total) = of.answer(question);
    assert_eq!(Cell::of(&answer.totals), total, "{question:?}: total");
    if question.by.is_empty() {
        return;
    }
    let rows = answer.rows.iter();
    let found: Cells = rows.map(|row| (row.codes.clone(), Cell::of(row))).collect();
    let count = answer.rows.len();
    assert_eq!(found.len(), count, "{question:?}: a cell stands once");
    assert_eq!(found, cells, "{question:?}");
}

/// The `turn`-th way to ask with a breakdown: other scopes, periods and filters.
fn varied(of: &Loop, by: &[&'static str], turn: usize) -> Question {
    const PERIODS: [&str; 7] = [
        "2019..2021",
        "2020",
        "2020H2",
        "2019Q4",
        "2020-10",
        "ytd:2021-05",
        "2018..2019",
    ];
    let id = of.indicator.id.as_str();
    let question = Question::of(id)
        .by(by)
        .scope(["CC2019", "CC2020"][turn % 2])
        .period(PERIODS[turn % PERIODS.len()]);
    if turn.is_multiple_of(3) {
        return question;
    }
    let dimensions = dimensions(id);
    let name = dimensions[turn / 3 % dimensions.len()];
    let codes: BTreeSet<String> = of.facts.iter().map(|fact| code(fact, name)).collect();
    let codes: Vec<&'static str> = codes
        .into_iter()
        .skip(turn % 5)
        .take(3)
        .map(|code| &*code.leak())
        .collect();
    question.filter(name, &codes)
}

/// Every combination up to two dimensions and a share of those of three is asked of the facts held in memory, and fewer of the
/// engine, which costs more; the shares move on from indicator to indicator, so that each combination is asked of some. With
/// `DABIAO_ALL=1` (some minutes) all are asked of both.
#[test]
fn every_combination_of_dimensions_is_what_plain_loops_give() {
    let all = std::env::var_os("DABIAO_ALL").is_some();
    let ids = ids();
    let (even, odd): (Vec<_>, Vec<_>) =
        ids.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let ask = |ids: Vec<(usize, &'static str)>| {
        let mut asked = 0;
        for (at, id) in ids {
            let of = Loop::new(id);
            for (turn, by) in combinations(&dimensions(id)).iter().enumerate() {
                let turn = turn + at;
                let (held, engine) = [(1, 1), (1, 1), (1, 12), (20, 200)][by.len()];
                let chosen = |share| all || turn.is_multiple_of(share);
                for question in [Question::of(id).by(by), varied(&of, by, turn)] {
                    if chosen(held) {
                        compare(&of, &question, &question.held_answer());
                        asked += 1;
                    }
                    if chosen(engine) {
                        compare(&of, &question, &question.answer());
                        asked += 1;
                    }
                }
            }
        }
        asked
    };
    let asked = std::thread::scope(|scope| {
        let other = scope.spawn(|| ask(odd));
        ask(even) + other.join().expect("no difference")
    });
    assert!(asked > 8_000, "{asked} questions");
}

#[test]
fn parts_add_up_where_they_may_and_only_there() {
    for id in ids() {
        for by in dimensions(id) {
            let answer = Question::of(id).by(&[by]).answer();
            let stock = published().catalog.get(id).expect("it is there").parts != Parts::Flow;
            let time = TIME_DIMENSIONS.contains(&by);
            let sum = |number: fn(&Row) -> Option<Decimal>| {
                let numbers = answer.rows.iter().filter_map(number);
                numbers.fold(Decimal::ZERO, Decimal::plus)
            };
            let value = |row: &Row| match row.value {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            };
            match answer.kind {
                Kind::Flow => assert_eq!(Some(sum(value)), value(&answer.totals), "{id} {by}"),
                Kind::Distinct => assert!(Some(sum(value)) >= value(&answer.totals), "{id} {by}"),
                Kind::Ratio if !(stock && time) => {
                    let numerator = answer.totals.numerator.unwrap_or(Decimal::ZERO);
                    assert_eq!(sum(|row| row.numerator), numerator, "{id} {by}");
                }
                // A stock of several days is the last one, not their sum.
                _ => {
                    let last = answer.rows.iter().rfind(|row| row.value.is_some());
                    assert_eq!(
                        last.and_then(|row| row.numerator),
                        answer.totals.numerator,
                        "{id} {by}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let mut reversed = published().clone();
    for table in reversed.tables.values_mut() {
        let frame = table.clone().collect().expect("a table");
        *table = frame.reverse().lazy();
    }
    for id in ids() {
        for question in super::golden::questions(id).into_iter().step_by(3) {
            let (here, there) = (
                question.answer(),
                question.ask(&reversed).expect("an answer"),
            );
            let cells = |rows: &[Row]| -> Vec<(Vec<String>, Cell)> {
                let cells = rows.iter();
                cells
                    .map(|row| (row.codes.clone(), Cell::of(row)))
                    .collect()
            };
            assert_eq!(cells(&here.rows), cells(&there.rows), "{question:?}");
            assert_eq!(
                Cell::of(&here.totals),
                Cell::of(&there.totals),
                "{question:?}"
            );
        }
    }
}
