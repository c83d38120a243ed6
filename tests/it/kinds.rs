//! Measure kinds in process, over tables made here: facts held in memory answer as the engine does, totals are exact for any
//! partition of the rows, stocks are never summed over time, ratios never averaged.

use dabiao::engine::schema;
use dabiao::indicators::facts::{FactsCache, Piece};
use dabiao::indicators::table::{Request, Table, View};
use dabiao::indicators::{Published, evaluate};
use dabiao::programme::Files;
use dabiao::project::{Definitions, built_in};
use polars::prelude::{
    Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, Series, UnionArgs, concat,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A small deterministic source of choices.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % below as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.next(from.len())]
    }
}

const PERSONS: &str = r#"/*
id = "trained_persons"
title = { zh = "人数", en = "persons" }
unit = { zh = "人", en = "persons" }
kind = "distinct"
clause = "一"
note = { zh = "人数", en = "persons" }
*/
SELECT end_date AS date, division, department, sector, primary_group, level, sex, person FROM training WHERE counted
"#;
const MONEY: &str = r#"/*
id = "subsidy_paid"
title = { zh = "金额", en = "money" }
unit = { zh = "元", en = "yuan" }
kind = "flow"
clause = "一"
note = { zh = "金额", en = "money" }
*/
SELECT paid_on AS date, division, department, sector, primary_group, level, sex, subsidy AS value FROM training WHERE paid_on IS NOT NULL
"#;
const RATE: &str = r#"/*
id = "certification_rate"
title = { zh = "取证率", en = "rate" }
unit = { zh = "%", en = "%" }
kind = "ratio"
clause = "一"
note = { zh = "取证率", en = "rate" }
*/
SELECT end_date AS date, division, department, sector, primary_group, level, sex,
    CASE WHEN certificate_no IS NOT NULL THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM training WHERE counted
"#;
const REGISTER: &str = r#"/*
id = "skilled_ratio_register"
title = { zh = "技能劳动者占比", en = "skilled share" }
unit = { zh = "%", en = "%" }
kind = "ratio"
parts = "events"
denominator_of = "skilled_ratio"
clause = "一"
note = { zh = "证书口径", en = "register" }
*/
SELECT date, division, sector, level, skilled AS numerator FROM register
"#;
const STOCK: &str = r#"/*
id = "new_skilled_persons"
title = { zh = "技能劳动者", en = "skilled workers" }
unit = { zh = "人", en = "persons" }
kind = "stock"
clause = "一"
note = { zh = "期末人数", en = "at the end" }
*/
SELECT as_of AS date, division, sector, skilled AS value, COALESCE(basis = 'estimated', FALSE) AS estimated
FROM workforce WHERE skilled IS NOT NULL
"#;

fn definitions() -> Definitions {
    let mut files: Files = built_in();
    for (id, text) in [
        ("trained_persons", PERSONS),
        ("subsidy_paid", MONEY),
        ("certification_rate", RATE),
        ("skilled_ratio_register", REGISTER),
        ("new_skilled_persons", STOCK),
    ] {
        files.remove(&format!("queries/indicators/{id}.examples.toml"));
        files.insert(format!("queries/indicators/{id}.sql"), text.to_owned());
    }
    Definitions::parse(files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn day(text: &str) -> i32 {
    let day: chrono::NaiveDate = text.parse().unwrap();
    i32::try_from((day - chrono::NaiveDate::default()).num_days()).unwrap()
}

/// A frame of a dataset's published columns with some of them filled.
fn frame(definitions: &Definitions, dataset: &str, rows: usize, columns: Vec<Column>) -> DataFrame {
    let empty = schema::empty(&definitions.programme.contracts[dataset]);
    let filled: BTreeMap<String, Column> = columns
        .into_iter()
        .map(|column| (column.name().to_string(), column))
        .collect();
    let all = empty
        .columns()
        .iter()
        .map(|column| match filled.get(column.name().as_str()) {
            Some(filled) => filled.cast(column.dtype()).unwrap(),
            None => Column::full_null(column.name().clone(), rows, column.dtype()),
        });
    DataFrame::new(rows, all.collect()).unwrap()
}

fn texts(name: &str, values: Vec<Option<String>>) -> Column {
    Column::from(Series::new(name.into(), values))
}

fn training(definitions: &Definitions, rows: usize, dice: &mut Dice) -> DataFrame {
    let choice = |name: &str, codes: &[&str], dice: &mut Dice| {
        let values = (0..rows).map(|_| {
            Some(*dice.pick(codes))
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
        });
        texts(name, values.collect())
    };
    let days = |dice: &mut Dice, missing: usize| -> Vec<Option<i32>> {
        (0..rows)
            .map(|_| {
                (dice.next(10) >= missing)
                    .then(|| day("2018-11-01") + i32::try_from(dice.next(1300)).unwrap())
            })
            .collect()
    };
    let columns = vec![
        choice(
            "division",
            &["220102", "220103", "220113", "220184", "220381", ""],
            dice,
        ),
        choice("department", &["DP01", "DP02", "DP03"], dice),
        choice("sector", &["A", "C", "H", ""], dice),
        choice("primary_group", &["TG01", "TG05", "TG08"], dice),
        choice("level", &["L5", "L4", "L3", "LN"], dice),
        choice("sex", &["male", "female", ""], dice),
        choice("certificate_no", &["", "Z1"], dice),
        texts(
            "person",
            (0..rows)
                .map(|_| Some(format!("{:032x}", dice.next(rows / 3 + 1))))
                .collect(),
        ),
        Column::from(
            Series::new("end_date".into(), days(dice, 1))
                .cast(&DataType::Date)
                .unwrap(),
        ),
        Column::from(
            Series::new("paid_on".into(), days(dice, 4))
                .cast(&DataType::Date)
                .unwrap(),
        ),
        Column::from(Series::new(
            "counted".into(),
            (0..rows).map(|_| dice.next(4) > 0).collect::<Vec<bool>>(),
        )),
    ];
    let fen = (0..rows)
        .map(|_| i128::try_from(dice.next(200_000)).unwrap())
        .collect::<Vec<i128>>();
    let fen = Series::new("subsidy".into(), fen);
    let money = fen.i128().unwrap().clone().into_decimal_unchecked(18, 2);
    let mut columns = columns;
    columns.push(Column::from(polars::prelude::IntoSeries::into_series(
        money,
    )));
    frame(definitions, "training", rows, columns)
}

fn whole(frames: &[DataFrame]) -> LazyFrame {
    let lazy: Vec<LazyFrame> = frames.iter().map(|frame| frame.clone().lazy()).collect();
    concat(lazy, UnionArgs::default()).unwrap()
}

/// A published state over training records in pieces; with facts in memory where `held`.
fn published(definitions: &Definitions, pieces: &[DataFrame], held: bool) -> Published {
    let mut tables: BTreeMap<String, LazyFrame> = definitions
        .programme
        .contracts
        .values()
        .map(|contract| (contract.id.clone(), schema::empty(contract).lazy()))
        .collect();
    for (name, schema) in schema::derived() {
        tables.insert(
            name.to_owned(),
            DataFrame::empty_with_schema(&schema).lazy(),
        );
    }
    tables.insert("training".into(), whole(pieces));
    let pieces = pieces.iter().enumerate().map(|(at, frame)| Piece {
        id: format!("piece {at}").into(),
        rows: frame.clone().lazy(),
    });
    Published {
        snapshot: "S".into(),
        as_of: String::new(),
        day: "2021-06-30".parse().unwrap(),
        programme: Arc::clone(&definitions.programme),
        catalog: Arc::clone(&definitions.catalog),
        tables,
        pieces: BTreeMap::from([("training".to_owned(), pieces.collect())]),
        facts: held.then(|| Arc::new(FactsCache::new(1 << 20))),
    }
}

fn request(dice: &mut Dice) -> Request {
    let dimensions = [
        "division",
        "department",
        "sector",
        "group",
        "level",
        "sex",
        "month",
        "quarter",
        "year",
        "stat_month",
        "half",
    ];
    let mut by: Vec<String> = (0..dice.next(4))
        .map(|_| (*dice.pick(&dimensions)).to_owned())
        .collect();
    by.sort();
    by.dedup();
    let mut filters = Vec::new();
    if dice.next(3) == 0 {
        filters.push((
            "division".to_owned(),
            vec!["220102".to_owned(), "220184".to_owned()],
        ));
    }
    if dice.next(3) == 0 {
        filters.push((
            "sector".to_owned(),
            vec!["C".to_owned(), "unknown".to_owned()],
        ));
    }
    if dice.next(4) == 0 {
        filters.push((
            "quarter".to_owned(),
            vec!["2020Q1".to_owned(), "2020Q4".to_owned()],
        ));
    }
    Request {
        indicator: (*dice.pick(&[
            "trained_person_times",
            "trained_persons",
            "subsidy_paid",
            "certification_rate",
        ]))
        .to_owned(),
        by,
        filters,
        period: dice
            .pick(&[
                None,
                Some("2020"),
                Some("2019H2"),
                Some("ytd:2021-05"),
                Some("2020-02"),
            ])
            .map(str::to_owned),
        view: *dice.pick(&View::ALL),
        ..Request::default()
    }
}

/// The cells of a table in a form that compares exactly.
fn cells(table: &Table) -> Vec<String> {
    let rows = table.rows.iter().chain([&table.totals]);
    rows.map(|row| {
        format!(
            "{:?} {:?} {:?} {:?}",
            row.codes,
            row.value.map(|value| value.to_string()),
            row.numerator,
            row.denominator
        )
    })
    .collect()
}

#[test]
fn facts_in_memory_answer_as_the_engine_does() {
    let definitions = definitions();
    let mut dice = Dice(7);
    let frames: Vec<DataFrame> = (0..4)
        .map(|_| training(&definitions, 400, &mut dice))
        .collect();
    let (engine, memory) = (
        published(&definitions, &frames, false),
        published(&definitions, &frames, true),
    );
    let mut filled = 0;
    for _ in 0..400 {
        let request = request(&mut dice);
        let scope = definitions
            .programme
            .scope(Some(*dice.pick(&["CC2019", "CC2020"])))
            .unwrap();
        let expected = cells(&evaluate(&engine, &request, scope).unwrap());
        let found = cells(&evaluate(&memory, &request, scope).unwrap());
        assert_eq!(found, expected, "{request:?} {}", scope.id);
        filled += usize::from(expected.len() > 3);
    }
    assert!(filled > 100, "most tables have rows: {filled}");
    let held = memory.facts.map_or(0, |facts| facts.held());
    assert_eq!(
        held,
        4 * 4,
        "four indicators over four pieces were answered from memory"
    );
}

#[test]
fn however_rows_are_cut_and_ordered_the_figures_are_the_same() {
    let definitions = definitions();
    let mut dice = Dice(11);
    let all = training(&definitions, 900, &mut dice);
    let scope = definitions.programme.scope(None).unwrap();
    let first = published(&definitions, std::slice::from_ref(&all), false);
    for cuts in 1..6 {
        let backwards = all.reverse();
        let step = 900_usize.div_ceil(cuts);
        let frames: Vec<DataFrame> = (0..cuts)
            .map(|cut| backwards.slice((cut * step).try_into().unwrap(), step))
            .collect();
        let cut = published(&definitions, &frames, true);
        for _ in 0..30 {
            let request = request(&mut dice);
            let expected = cells(&evaluate(&first, &request, scope).unwrap());
            assert_eq!(
                cells(&evaluate(&cut, &request, scope).unwrap()),
                expected,
                "{request:?} in {cuts}"
            );
        }
    }
}

#[test]
fn as_was_and_as_is_sum_to_the_same_city() {
    let definitions = definitions();
    let mut dice = Dice(13);
    let table = published(
        &definitions,
        &[training(&definitions, 600, &mut dice)],
        true,
    );
    let scope = definitions.programme.scope(Some("CC2020")).unwrap();
    let totals = View::ALL.map(|view| {
        let request = Request {
            indicator: "trained_person_times".into(),
            by: vec!["division".into()],
            view,
            ..Request::default()
        };
        let table = evaluate(&table, &request, scope).unwrap();
        let sum: i128 = table
            .rows
            .iter()
            .map(|row| row.value.unwrap().to_string().parse::<i128>().unwrap())
            .sum();
        (table.totals.value.unwrap().to_string(), sum.to_string())
    });
    assert_eq!(totals[0], totals[1]);
    assert_eq!(totals[0].0, totals[0].1, "divisions of a flow add up");
}

/// A reported stock: day, division, sector, employed, skilled.
type Stock<'a> = (&'a str, &'a str, &'a str, i64, i64);

fn workforce(definitions: &Definitions, rows: &[Stock<'_>]) -> DataFrame {
    let text = |name: &str, of: &dyn Fn(&Stock<'_>) -> String| {
        let values = rows
            .iter()
            .map(|row| Some(of(row)).filter(|text| !text.is_empty()));
        texts(name, values.collect())
    };
    let days: Vec<i32> = rows.iter().map(|row| day(row.0)).collect();
    let number = |name: &str, of: &dyn Fn(&Stock<'_>) -> i64| {
        Column::from(Series::new(
            name.into(),
            rows.iter().map(of).collect::<Vec<i64>>(),
        ))
    };
    let columns = vec![
        Column::from(
            Series::new("as_of".into(), days)
                .cast(&DataType::Date)
                .unwrap(),
        ),
        text("division", &|row| row.1.to_owned()),
        text("sector", &|row| row.2.to_owned()),
        number("employed", &|row| row.3),
        number("skilled", &|row| row.4),
    ];
    frame(definitions, "workforce", rows.len(), columns)
}

fn stocks(definitions: &Definitions) -> Published {
    let mut state = published(definitions, &[training(definitions, 5, &mut Dice(1))], true);
    let reported = workforce(
        definitions,
        &[
            ("2019-12-31", "220102", "C", 1000, 200),
            ("2019-12-31", "220103", "C", 3000, 900),
            ("2020-12-31", "220102", "C", 1100, 300),
        ],
    );
    state.tables.insert("workforce".into(), reported.lazy());
    let register = schema::derived()
        .into_iter()
        .find(|(name, _)| *name == "register")
        .unwrap()
        .1;
    let dates: Vec<i32> = ["2019-06-01", "2019-07-01", "2020-03-01", "2020-05-01"]
        .map(day)
        .to_vec();
    let of = |name: &str, values: [&str; 4]| {
        texts(name, values.map(|value| Some(value.to_owned())).to_vec())
    };
    let columns = vec![
        Column::from(
            Series::new("date".into(), dates)
                .cast(&DataType::Date)
                .unwrap(),
        ),
        of("division", ["220102", "220103", "220102", "220102"]),
        of("sector", ["C", "C", "C", "C"]),
        of("level", ["L5", "L5", "L5", "L5"]),
        Column::from(Series::new("skilled".into(), [50i64, 70, 30, -5])),
        Column::from(Series::new("highly_skilled".into(), [0i64, 0, 0, 0])),
    ];
    let frame = DataFrame::new(4, columns).unwrap();
    assert_eq!(frame.schema().len(), register.len());
    state.tables.insert("register".into(), frame.lazy());
    state
}

fn told(
    state: &Published,
    definitions: &Definitions,
    id: &str,
    by: &[&str],
    period: &str,
) -> Vec<String> {
    let request = Request {
        indicator: id.into(),
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        period: Some(period.into()),
        ..Request::default()
    };
    let table = evaluate(state, &request, definitions.programme.scope(None).unwrap()).unwrap();
    let rows = table.rows.iter().chain([&table.totals]);
    rows.map(|row| {
        let parts = [row.numerator, row.denominator]
            .map(|part| part.map_or("-".into(), |part| part.to_string()));
        let value = row.value.map_or("-".into(), |value| value.to_string());
        format!(
            "{} {value} {}/{} {}",
            row.codes.join(","),
            parts[0],
            parts[1],
            row.mark
        )
    })
    .collect()
}

#[test]
fn a_stock_takes_the_last_value_in_time_and_adds_over_units() {
    let definitions = definitions();
    let state = stocks(&definitions);
    // 2020: 300 of 2020-12-31 and 900 carried forward from 2019.
    assert_eq!(
        told(
            &state,
            &definitions,
            "new_skilled_persons",
            &["division"],
            "2020"
        ),
        ["220102 300 -/- ", "220103 900 -/- [e]", " 1200 -/- [e]"]
    );
    // By year: the total is the stock at the end, never 1,100 + 1,200.
    assert_eq!(
        told(
            &state,
            &definitions,
            "new_skilled_persons",
            &["year"],
            "2019..2020"
        ),
        ["2019 1100 -/- ", "2020 1200 -/- [e]", " 1200 -/- "]
    );
}

#[test]
fn a_ratio_of_stocks_is_sum_over_sum() {
    let definitions = definitions();
    let state = stocks(&definitions);
    // (300 + 900) / (1,100 + 3,000), not the mean of 27.3 % and 30 %.
    assert_eq!(
        told(&state, &definitions, "skilled_ratio", &["division"], "2020"),
        [
            "220102 0.272727272727 300/1100 ",
            "220103 0.3 900/3000 [e]",
            " 0.292682926829 1200/4100 [e]"
        ]
    );
}

#[test]
fn changes_add_up_to_a_stock_over_the_denominators_of_another() {
    let definitions = definitions();
    let state = stocks(&definitions);
    // 220102: 50 + 30 - 5 = 75 of 1,100; 220103: 70 of 3,000 (of 2019).
    assert_eq!(
        told(
            &state,
            &definitions,
            "skilled_ratio_register",
            &["division"],
            "2020"
        ),
        [
            "220102 0.0681818181818 75/1100 ",
            "220103 0.0233333333333 70/3000 [e]",
            " 0.0353658536585 145/4100 [e]"
        ]
    );
    assert_eq!(
        told(
            &state,
            &definitions,
            "skilled_ratio_register",
            &["quarter"],
            "2020H1"
        ),
        [
            "2020Q1 0.0375 150/4000 [e]",
            "2020Q2 0.03625 145/4000 [e]",
            " 0.03625 145/4000 [e]"
        ]
    );
}

#[test]
fn a_unit_that_is_no_more_leaves_its_stock_to_its_successor() {
    let definitions = definitions();
    let mut state = stocks(&definitions);
    let reported = workforce(
        &definitions,
        &[
            ("2019-12-31", "220381", "", 400, 100),
            ("2020-12-31", "220184", "", 410, 110),
            ("2019-12-31", "220102", "", 1000, 200),
        ],
    );
    state.tables.insert("workforce".into(), reported.lazy());
    let mut scope = definitions.programme.scope(Some("CC2020")).unwrap().clone();
    scope.units.push("220381".into());
    let request = |period: &str| Request {
        indicator: "new_skilled_persons".into(),
        period: Some(period.into()),
        ..Request::default()
    };
    let total = |period: &str| {
        evaluate(&state, &request(period), &scope)
            .unwrap()
            .totals
            .value
            .unwrap()
            .to_string()
    };
    assert_eq!(total("2019"), "300");
    assert_eq!(
        total("2020"),
        "310",
        "110 + 200, without the 100 of Siping's time"
    );
}

#[test]
fn a_scope_holds_where_division_is_no_dimension() {
    let mut files: Files = built_in();
    files.retain(|path, _| !path.starts_with("queries/") || path.ends_with("/trained_persons.sql"));
    files.insert(
        "queries/indicators/trained_persons.sql".into(),
        PERSONS.into(),
    );
    let config = files.get_mut("dabiao.toml").expect("the project's file");
    let headlines = config.find("headlines = ").expect("headlines");
    let end = headlines + config[headlines..].find('\n').expect("a line");
    config.replace_range(headlines..end, "headlines = [\"trained_persons\"]");
    *config += "\n[[dimension]]\nid = \"level\"\ncolumn = \"level\"\nlist = \"levels\"\n";
    let definitions = Definitions::parse(files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let frames = [training(&definitions, 500, &mut Dice(17))];
    let scope = definitions.programme.scope(Some("CC2019")).unwrap();
    let request = Request {
        indicator: "trained_persons".into(),
        by: vec!["level".into()],
        ..Request::default()
    };
    let of = |held| {
        let published = published(&definitions, &frames, held);
        cells(&evaluate(&published, &request, scope).unwrap())
    };
    assert_eq!(of(true), of(false));
    let everywhere = evaluate(
        &published(&definitions, &frames, true),
        &request,
        definitions.programme.scope(Some("CC2020")).unwrap(),
    );
    assert_ne!(of(true), cells(&everywhere.unwrap()), "the scopes differ");
}
