//! Tables by hand; every number is invented (SYNTHETIC).

use crate::presentation::sample;
use dabiao::analysis::Pace;
use dabiao::indicators::table::{Kind, Row, Table, Value, Verdict};
use dabiao::presentation::charts::{self, Chart, Courses, Cumulative, Fan, FanPoint, Width};
use dabiao::programme::{Decimal, Language, Ratio, Target, Text};
use std::sync::LazyLock;

/// Person-times of each month from January 2019 to June 2021: 158214 in all.
pub const MONTHS: [i128; 30] = [
    400, 300, 900, 1500, 1800, 2000, 2200, 2400, 3600, 9000, 11_000, 12_600, 1200, 600, 900, 3200,
    5400, 7200, 6800, 7000, 7600, 8200, 8400, 9100, 2100, 1900, 7300, 8600, 10_200, 14_814,
];

/// A flow by month, from January of the period's first year on.
pub fn by_month(period: &str, values: &[i128], total: Row) -> Table {
    let mut table = sample::table(period, &[], (1, 1), (1, 1));
    let first = table.period.start();
    table.dimensions = vec!["month".to_owned()];
    table.rows = values
        .iter()
        .zip(0..)
        .map(|(value, month)| Row {
            codes: vec![dabiao::programme::period::month_code(
                first + chrono::Months::new(month),
            )],
            value: Some(Value::Number(Decimal::new(*value, 0))),
            ..Row::default()
        })
        .collect();
    table.totals = total;
    table
}

/// The table of the overview by month.
pub fn three_years() -> Table {
    by_month(
        "2019..2021",
        &MONTHS,
        sample::row("", MONTHS.iter().sum(), 190_000, (5, 6)),
    )
}

pub fn target(period: &str, value: i128, provenance: &str) -> Target {
    Target {
        indicator: "trained_person_times".to_owned(),
        unit_kind: "city".to_owned(),
        unit: "220100".to_owned(),
        period: period.to_owned(),
        value: Decimal::new(value, 0),
        provenance: provenance.to_owned(),
        decision_ref: None,
        valid_from: None,
    }
}

/// Those of the programme.
pub fn city_targets() -> Vec<Target> {
    vec![
        target("2019..2021", 190_000, "policy"),
        target("2019", 61_000, "policy"),
        target("2020", 64_500, "interpolated"),
        target("2021", 64_500, "interpolated"),
    ]
}

/// Six months to the end of 2021 from `now` to `end`, with bands that widen by `spread` a month.
pub fn fan(now: i128, end: i128, spread: i128) -> Fan {
    let days = [
        "2021-07-31",
        "2021-08-31",
        "2021-09-30",
        "2021-10-31",
        "2021-11-30",
        "2021-12-31",
    ];
    let points = days.iter().zip(1..).map(|(day, month)| {
        let median = now + (end - now) * month / 6;
        let band = |half: i128| {
            (
                Decimal::new(median - half, 0),
                Decimal::new(median + half, 0),
            )
        };
        FanPoint {
            date: day.parse().unwrap(),
            median: Decimal::new(median, 0),
            bands: [
                band(spread * month / 2),
                band(spread * month),
                band(spread * month * 3 / 2),
            ],
        }
    });
    Fan {
        points: points.collect(),
    }
}

static PACE: LazyLock<Pace<'static>> = LazyLock::new(|| Pace::of(sample::programme()));

pub fn pace() -> &'static Pace<'static> {
    &PACE
}

pub fn curve(table: &Table, targets: &[Target], day: &str) -> Cumulative {
    Cumulative::of(
        table,
        targets,
        &PACE,
        day.parse().unwrap(),
        sample::programme(),
    )
    .expect("a flow by month")
}

/// All six verdicts, a unit far above its target, one at 0, one without name in any list.
pub fn all_verdicts() -> Table {
    let mut table = sample::districts();
    table.rows[0] = sample::row("CC-SBJ", 0, 6868, (5, 6));
    table.rows[1] = sample::row("220102", 33_780, 15_567, (5, 6));
    table.rows[2].verdict = Verdict::InsufficientData;
    table.rows[3] = Row {
        codes: vec!["220104".to_owned()],
        value: Some(Value::Number(Decimal::new(1234, 0))),
        ..Row::default()
    };
    table.rows.push(sample::row(
        "Gesellschaft-für-Weiterbildung mit einem sehr langen Namen",
        60_999,
        61_000,
        (5, 6),
    ));
    table
}

/// A ratio by unit.
pub fn ratios() -> Table {
    let mut table = sample::skilled();
    table.dimensions = vec!["division".to_owned()];
    table.rows = [
        ("220102", 249),
        ("220103", 251),
        ("220112", 99),
        ("CC-LHS", 0),
    ]
    .into_iter()
    .map(|(code, parts)| Row {
        codes: vec![code.to_owned()],
        numerator: Some(Decimal::new(parts, 0)),
        denominator: Some(Decimal::new(1000, 0)),
        value: Ratio::new(parts, 1000).map(Value::Share),
        ..table.totals.clone()
    })
    .collect();
    table.rows[3].value = None;
    table
}

/// Tables by unit, by what is odd about them.
pub fn by_unit() -> Vec<(String, Table)> {
    let mut tables: Vec<(String, Table)> = sample::all()
        .into_iter()
        .map(|(name, table)| (name.to_owned(), table))
        .collect();
    let one = sample::table("2021", &[("220112", 5120, 7817)], (5120, 7817), (1, 2));
    tables.push(("one".to_owned(), one));
    tables.push(("all_verdicts".to_owned(), all_verdicts()));
    tables.push(("ratios".to_owned(), ratios()));
    tables
}

/// `units` spread over the months of [`MONTHS`].
pub fn unit_months(units: &Table) -> Table {
    let mut table = units.clone();
    let months = by_month("2019..2021", &MONTHS, Row::default()).rows;
    table.dimensions.push("month".to_owned());
    table.rows = Vec::new();
    for unit in &units.rows {
        let Some(Value::Number(value)) = unit.value else {
            continue;
        };
        let first = table.rows.len();
        for (month, weight) in months.iter().zip(MONTHS) {
            let part = value
                .times(Decimal::new(weight, 0))
                .over(Decimal::new(158_214, 0))
                .unwrap()
                .rounded(0);
            table.rows.push(Row {
                codes: vec![unit.codes[0].clone(), month.codes[0].clone()],
                value: Some(Value::Number(part)),
                ..Row::default()
            });
        }
        // Months without facts have no row.
        table.rows.remove(first + 13);
    }
    table
}

/// The targets that `units` carry.
pub fn unit_targets(units: &Table) -> Vec<Target> {
    let of = |row: &Row| {
        Some(Target {
            unit_kind: "division".to_owned(),
            unit: row.codes[0].clone(),
            value: row.target?,
            ..target(&units.period.target_name(), 1, "decomposed")
        })
    };
    units.rows.iter().filter_map(of).collect()
}

/// A ratio by quarter from the first of 2019 on, in tenths of a percent; `None` where there is none.
pub fn by_quarter(values: &[Option<i128>], target: Option<&str>) -> Table {
    let mut table = sample::skilled();
    table.dimensions = vec!["quarter".to_owned()];
    table.totals.target = target.and_then(Decimal::parse);
    table.rows = values
        .iter()
        .zip(0..)
        .map(|(value, at)| Row {
            codes: vec![format!("{}Q{}", 2019 + at / 4, at % 4 + 1)],
            numerator: value.map(|value| Decimal::new(value * 4161, 0)),
            denominator: value.map(|_| Decimal::new(4_161_000, 0)),
            value: value
                .and_then(|value| Ratio::new(value, 1000))
                .map(Value::Share),
            ..Row::default()
        })
        .collect();
    table
}

type Drawn = Box<dyn Fn(Language, Width) -> Chart>;

/// Every chart over time and place with every kind of data, by name.
pub fn all() -> Vec<(String, Drawn)> {
    let mut charts: Vec<(String, Drawn)> = Vec::new();
    for (name, curve) in curves() {
        charts.push((
            format!("cumulative {name}"),
            Box::new(move |language, width| curve.chart(language, width)),
        ));
    }
    for (name, units) in by_unit() {
        let map = units.clone();
        charts.push((
            format!("map {name}"),
            Box::new(move |language, width| {
                charts::tile_map(&map, sample::programme(), language, width)
            }),
        ));
        charts.push((
            format!("multiples {name}"),
            Box::new(move |language, width| multiples(&units, language, width)),
        ));
    }
    for (name, table) in trends() {
        charts.push((
            format!("trend {name}"),
            Box::new(move |language, width| {
                charts::trend(&table, "2021-06-30".parse().unwrap(), language, width).unwrap()
            }),
        ));
    }
    charts
}

pub fn multiples(units: &Table, language: Language, width: Width) -> Chart {
    let courses = Courses {
        table: &unit_months(units),
        units,
        targets: &unit_targets(units),
        pace: pace(),
        day: "2021-06-30".parse().unwrap(),
        programme: sample::programme(),
    };
    charts::small_multiples(&courses, language, width)
}

pub fn curves() -> Vec<(&'static str, Cumulative)> {
    let targets = city_targets();
    let full = three_years();
    let forecast = |table: &Table, end, spread| {
        curve(table, &targets, "2021-06-30").with_forecast(Some(fan(158_214, end, spread)))
    };
    let year = |values: &[i128], day: &str| {
        let done: i128 = values.iter().sum();
        let table = by_month("2021", values, sample::row("", done, 64_500, (1, 2)));
        curve(&table, &targets, day)
    };
    let mut long = full.clone();
    long.unit = Text::new(
        "人次（按结业月份计，不含以工代训和企业自办培训）",
        "person-times of completed subsidised training without work-for-training",
    );
    vec![
        ("plain", curve(&full, &targets, "2021-06-30")),
        ("open month", curve(&full, &targets, "2021-06-17")),
        ("over", curve(&full, &targets, "2022-01-20")),
        ("forecast on target", forecast(&full, 190_000, 1700)),
        ("forecast above", forecast(&full, 240_000, 5000)),
        ("forecast below", forecast(&full, 165_000, 300)),
        (
            "untargeted",
            curve(
                &by_month("2019..2021", &MONTHS, Row::default()),
                &[],
                "2021-06-30",
            ),
        ),
        (
            "year",
            year(&[900, 700, 4300, 5600, 7000, 8000], "2021-06-30"),
        ),
        ("first days", year(&[12], "2021-01-03")),
        ("nothing", year(&[], "2020-12-31")),
        ("zeros", year(&[0, 0, 0, 0, 0, 0], "2021-06-30")),
        (
            "217 per cent",
            year(
                &[20_000, 20_000, 20_000, 30_000, 30_000, 20_000],
                "2021-06-30",
            ),
        ),
        (
            "taken back",
            year(&[3000, -9000, 2000, 400, -100, 50], "2021-06-30"),
        ),
        (
            "small",
            curve(
                &by_month("2021", &[3, 2, 4], sample::row("", 9, 24, (1, 2))),
                &[target("2021", 24, "policy")],
                "2021-03-31",
            ),
        ),
        ("long unit", curve(&long, &targets, "2021-06-30")),
    ]
}

fn trends() -> Vec<(&'static str, Table)> {
    let rising = [212, 216, 219, 223, 227, 231, 235, 239, 243, 246].map(Some);
    let mut stock = by_quarter(&[], None);
    stock.kind = Kind::Stock;
    stock.unit = Text::new("人", "persons");
    stock.rows = [910_000, -3, 1_023_500]
        .into_iter()
        .zip(1..)
        .map(|(value, quarter)| Row {
            codes: vec![format!("2020Q{quarter}")],
            value: Some(Value::Number(Decimal::new(value, 0))),
            ..Row::default()
        })
        .collect();
    vec![
        ("rising", by_quarter(&rising, Some("0.25"))),
        (
            "above",
            by_quarter(&[Some(240), Some(250), Some(271)], Some("0.25")),
        ),
        (
            "gaps",
            by_quarter(&[None, Some(224), None, None, Some(221)], Some("0.25")),
        ),
        ("one", by_quarter(&[Some(250)], Some("0.25"))),
        ("nothing", by_quarter(&[], Some("0.25"))),
        ("no target", by_quarter(&rising, None)),
        ("stock", stock),
    ]
}
