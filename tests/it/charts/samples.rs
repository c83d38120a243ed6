//! Tables by hand; every number is invented (SYNTHETIC).

use crate::presentation::sample;
use dabiao::indicators::table::{Row, Table, Value};
use dabiao::presentation::charts::{Fan, FanPoint};
use dabiao::programme::{Decimal, Target};

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
