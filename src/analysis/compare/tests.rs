use super::*;
use crate::indicators::table::{Kind, Row, View};
use crate::programme::Text;

const CALENDAR: CalendarConfig = CalendarConfig {
    month_start_day: 1,
    statistical_month_start_day: 21,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn number(value: i128) -> Option<Value> {
    Some(Value::Number(Decimal::new(value, 0)))
}

fn share(numerator: i128, denominator: i128) -> Option<Value> {
    Ratio::new(numerator, denominator).map(Value::Share)
}

fn table(asked: Period, dimensions: &[&str], rows: Cells<'_>) -> Table {
    let rows = rows.iter().map(|(codes, value)| Row {
        codes: names(codes),
        value: number(*value),
        ..Row::default()
    });
    let rows: Vec<Row> = rows.collect();
    let sum = rows.iter().filter_map(|row| match row.value {
        Some(Value::Number(value)) => Some(value),
        _ => None,
    });
    let totals = Row {
        value: Some(Value::Number(
            sum.fold(Decimal::ZERO, |sum, value| sum.plus(value)),
        )),
        ..Row::default()
    };
    Table {
        indicator: "trained_person_times".to_owned(),
        title: Text::default(),
        unit: Text::default(),
        kind: Kind::Flow,
        period: asked,
        scope: "CC2019".to_owned(),
        snapshot: String::new(),
        as_of: String::new(),
        definition: String::new(),
        dimensions: names(dimensions),
        compare: vec![],
        view: View::AsWas,
        rows,
        totals,
    }
}

fn other(compare: Compare, asked: &str, dimensions: &[&str], today: &str) -> Option<Period> {
    let dimensions = names(dimensions);
    Other::of(compare, &period(asked), &dimensions, &vec![], day(today)).map(|other| other.period)
}

/// Codes and value of cells.
type Cells<'a> = &'a [(&'a [&'a str], i128)];

/// The table of `asked` against that of its other period, both with the rows given.
fn against(
    which: Compare,
    (asked, dimensions, rows): (&str, &[&str], Cells<'_>),
    before: Cells<'_>,
    terms: &Terms,
) -> Table {
    let mut now = table(period(asked), dimensions, rows);
    let of = |dimensions: &[&str]| {
        let dimensions = names(dimensions);
        Other::of(which, &period(asked), &dimensions, &vec![], terms.day).unwrap()
    };
    let (rows, total) = (of(dimensions), of(&[]));
    let then = table(rows.period.clone(), dimensions, before);
    let answer = |other| {
        Some(Answer {
            other,
            table: &then,
        })
    };
    compare(&mut now, which, answer(&rows), answer(&total), terms);
    now
}

fn terms(today: &str, scope_from: &str) -> Terms {
    Terms {
        day: day(today),
        scope_from: Some(day(scope_from)),
        calendar: CALENDAR,
    }
}

fn change(row: &Row) -> Result<String, &'static str> {
    let compared = row.compared[0];
    compared
        .change
        .map(|change| change.to_string())
        .ok_or_else(|| compared.incomparable.unwrap().code())
}

#[test]
fn the_other_period_of_every_form() {
    let today = "2021-12-31";
    for (asked, yoy, pop) in [
        ("2020", "2019", "2019"),
        ("2020Q3", "2019Q3", "2020Q2"),
        ("2020H1", "2019H1", "2019H2"),
        ("2020-03", "2019-03", "2020-02"),
        ("2020-02..2020-04", "2019-02..2019-04", "2019-11..2020-01"),
        ("ytd:2020-09", "ytd:2019-09", "ytd:2020-08"),
    ] {
        assert_eq!(other(Compare::Yoy, asked, &[], today), Some(period(yoy)));
        assert_eq!(other(Compare::Pop, asked, &[], today), Some(period(pop)));
    }
    assert_eq!(other(Compare::Pop, "ytd:2020-01", &[], today), None);
}

#[test]
fn an_open_year_to_date_ends_on_the_same_day_a_year_before() {
    let days = |first: &str, last: &str| Some(Period::of_days(day(first), day(last)));
    let of = |compare, today| other(compare, "ytd:2020-09", &[], today);
    assert_eq!(
        of(Compare::Yoy, "2020-09-15"),
        days("2019-01-01", "2019-09-15")
    );
    assert_eq!(
        of(Compare::Pop, "2020-09-15"),
        days("2020-01-01", "2020-08-15")
    );
    // The last day of the month closes it.
    assert_eq!(of(Compare::Yoy, "2020-09-30"), Some(period("ytd:2019-09")));
    // By month the whole window moves by a month.
    assert_eq!(
        other(Compare::Pop, "ytd:2020-09", &["month"], "2020-09-15"),
        days("2019-12-01", "2020-08-15")
    );
}

#[test]
fn growth_is_relative_for_counts_and_in_points_for_shares() {
    // 3,200 after 2,560: +25 %. 25.4 % after 24.5 %: +0.9 points.
    let grown = compared(number(3200), number(2560));
    assert_eq!(grown.change.unwrap().to_string(), "0.25");
    let grown = compared(share(254, 1000), share(245, 1000));
    assert_eq!(grown.change.unwrap().to_string(), "0.009");
    // From nothing there is no growth, nor from less than nothing.
    for base in [None, number(0), number(-5)] {
        let said = compared(number(10), base);
        assert_eq!(
            (said.value, said.change, said.incomparable),
            (base, None, Some(Incomparable::Base))
        );
    }
    assert_eq!(compared(number(0), number(10)).change, Ratio::new(-1, 1));
}

#[test]
fn cells_of_time_move_with_their_codes() {
    let months: &[(&[&str], i128)] = &[(&["2020-03"], 30), (&["2020-04"], 60)];
    let year: &[(&[&str], i128)] = &[(&["2019-03"], 20), (&["2019-04"], 80)];
    let now = ("2020-03..2020-04", &["month"][..], months);
    let terms = terms("2020-12-31", "2019-01-01");
    let yoy = against(Compare::Yoy, now, year, &terms);
    assert_eq!(change(&yoy.rows[0]).unwrap(), "0.5");
    assert_eq!(change(&yoy.rows[1]).unwrap(), "-0.25");
    assert_eq!(change(&yoy.totals).unwrap(), "-0.1");
    let before: &[(&[&str], i128)] = &[(&["2020-02"], 10), (&["2020-03"], 30)];
    let pop = against(Compare::Pop, now, before, &terms);
    assert_eq!(change(&pop.rows[0]).unwrap(), "2");
    assert_eq!(change(&pop.rows[1]).unwrap(), "1");
}

#[test]
fn the_finest_time_dimension_tells_the_coarser_ones() {
    let dimensions = names(&["division", "month", "quarter", "year"]);
    let codes = names(&["220102", "2020-01", "2020Q1", "2020"]);
    assert_eq!(step(&dimensions), Some(1));
    assert_eq!(
        earlier_codes(&dimensions, &codes, 1).unwrap(),
        ["220102", "2019-12", "2019Q4", "2019"]
    );
    assert_eq!(
        earlier_codes(&dimensions, &codes, 12).unwrap(),
        ["220102", "2019-01", "2019Q1", "2019"]
    );
    // Half a statistical month lies in each of two quarters: here the quarter is the step.
    assert_eq!(step(&names(&["stat_month", "quarter"])), Some(3));
    assert_eq!(step(&names(&["division"])), None);
}

#[test]
fn filters_on_time_move_along_where_they_can() {
    let filters = vec![
        ("month".to_owned(), names(&["2020-03"])),
        ("division".to_owned(), names(&["220102"])),
    ];
    let of = |which, asked: &str, filters: &Filters| {
        Other::of(which, &period(asked), &[], filters, day("2021-12-31"))
    };
    let moved = of(Compare::Yoy, "2020", &filters).unwrap();
    assert_eq!(moved.filters[0].1, ["2019-03"]);
    assert_eq!(moved.filters[1], filters[1]);
    // A quarter before, half of the year 2020 would be in 2019.
    let year = vec![("year".to_owned(), names(&["2020"]))];
    assert_eq!(of(Compare::Pop, "2020Q3", &year), None);
}

#[test]
fn open_periods_have_no_growth_and_their_closed_months_do() {
    let months: &[(&[&str], i128)] = &[(&["2020-08"], 30), (&["2020-09"], 5)];
    let before: &[(&[&str], i128)] = &[(&["2019-08"], 20), (&["2019-09"], 80)];
    let terms = terms("2020-09-15", "2019-01-01");
    let open = against(Compare::Yoy, ("2020", &["month"], months), before, &terms);
    assert_eq!(change(&open.rows[0]).unwrap(), "0.5");
    assert_eq!(change(&open.rows[1]), Err("open_period"));
    assert_eq!(change(&open.totals), Err("open_period"));
    assert_eq!(open.totals.compared[0].value, number(100));
    // To date it has: both sides end on the 15th.
    let to_date = against(
        Compare::Yoy,
        ("ytd:2020-09", &["month"], months),
        before,
        &terms,
    );
    assert_eq!(change(&to_date.rows[1]).unwrap(), "-0.9375");
    assert_eq!(change(&to_date.totals).unwrap(), "-0.65");
}

#[test]
fn before_its_scope_a_figure_is_incomparable() {
    // Gongzhuling joined on 2020-06-19: the third quarter of 2020 has no second one to be held against, the fourth has a third.
    let terms = terms("2021-12-31", "2020-06-19");
    let rows: &[(&[&str], i128)] = &[(&["220102"], 10)];
    for (which, asked, expected) in [
        (Compare::Pop, "2020Q3", Err("incomparable")),
        (Compare::Pop, "2020Q4", Ok("0".to_owned())),
        (Compare::Yoy, "2020Q4", Err("incomparable")),
        (Compare::Yoy, "2021Q4", Ok("0".to_owned())),
    ] {
        let table = against(which, (asked, &["division"], rows), rows, &terms);
        assert_eq!(change(&table.rows[0]), expected, "{asked}");
        assert_eq!(change(&table.totals), expected, "{asked}");
        if expected.is_err() {
            assert_eq!(table.rows[0].compared[0].value, None);
        }
    }
    let months: &[(&[&str], i128)] = &[(&["2020-07"], 10), (&["2020-08"], 10)];
    let before: &[(&[&str], i128)] = &[(&["2020-06"], 10), (&["2020-07"], 10)];
    let table = against(Compare::Pop, ("2020Q3", &["month"], months), before, &terms);
    assert_eq!(change(&table.rows[0]), Err("incomparable"));
    assert_eq!(change(&table.rows[1]), Ok("0".to_owned()));
}

#[test]
fn statistical_months_end_on_the_twentieth() {
    let dimensions = names(&["stat_month"]);
    let of = |code: &str| days_of(&dimensions, &names(&[code]), &period("2020"), CALENDAR);
    assert_eq!(of("2020-09"), (day("2020-08-21"), day("2020-09-20")));
    assert_eq!(of("2020-01"), (day("2020-01-01"), day("2020-01-20")));
}
