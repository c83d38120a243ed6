use super::*;
use crate::analysis::completeness::{Expected, Status};
use crate::analysis::{Context, Pace, assess};
use crate::indicators::table::{Mark, Request, Verdict, View};
use crate::programme::{Files, Programme, Target, Text};

const CITY: &str = "220100";
const INDICATOR: &str = "trained_person_times";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn whole(value: i128) -> Decimal {
    Decimal::new(value, 0)
}

fn programme() -> Programme {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    let mut read = |path: String| {
        let text = std::fs::read_to_string(root.join(&path)).unwrap();
        files.insert(path, text);
    };
    read("dabiao.toml".to_owned());
    for name in [
        "divisions",
        "departments",
        "sectors",
        "indicators",
        "provenances",
        "statuses",
        "training_types",
        "funding_sources",
    ] {
        read(format!("data-samples/reference/{name}.csv"));
    }
    let (programme, problems) = Programme::parse(&files);
    programme.unwrap_or_else(|| panic!("{problems:#?}"))
}

fn month_return(division: &str, month: u32, is_in: bool) -> Return {
    let period = Period::parse(&format!("2020-{month:02}")).unwrap();
    Return {
        received: is_in.then(|| period.end()),
        zero: false,
        status: if is_in {
            Status::OnTime
        } else {
            Status::Missing
        },
        expected: Expected {
            dataset: "training".into(),
            department: "DP01".into(),
            division: division.into(),
            frequency: Frequency::Month,
            due: period.end(),
            period,
        },
    }
}

fn reported(division: &str, month: u32, value: i128) -> Reported {
    Reported {
        frequency: Frequency::Month,
        department: Some("DP01".into()),
        division: Some(division.into()),
        period: format!("2020-{month:02}"),
        value: whole(value),
    }
}

fn targets(units: &[(&str, i128)]) -> Targets {
    let target = |kind: &str, unit: &str, value: i128| Target {
        indicator: INDICATOR.into(),
        unit_kind: kind.into(),
        unit: unit.into(),
        period: "2020".into(),
        value: whole(value),
        provenance: "decomposed".into(),
        decision_ref: None,
        valid_from: None,
    };
    let city = target("city", CITY, units.iter().map(|(_, value)| value).sum());
    let units = units
        .iter()
        .map(|(unit, value)| target("division", unit, *value));
    Targets::in_force(units.chain([city]), [], NaiveDate::MAX)
}

fn row(code: Option<&str>, value: i128) -> Row {
    Row {
        codes: code.map(str::to_owned).into_iter().collect(),
        value: Some(Value::Number(whole(value))),
        ..Row::default()
    }
}

fn table(values: &[(&str, i128)]) -> Table {
    Table {
        indicator: INDICATOR.into(),
        title: Text::default(),
        unit: Text::default(),
        kind: Kind::Flow,
        period: Period::parse("2020").unwrap(),
        scope: "CC2019".into(),
        snapshot: String::new(),
        as_of: String::new(),
        definition: String::new(),
        dimensions: vec!["division".into()],
        compare: vec![],
        view: View::AsWas,
        rows: values
            .iter()
            .map(|(unit, value)| row(Some(unit), *value))
            .collect(),
        totals: row(None, values.iter().map(|(_, value)| value).sum()),
    }
}

/// The table assessed on `today` with the returns given.
fn assessed(
    programme: &Programme,
    targets: &Targets,
    values: &[(&str, i128)],
    returns: &[Return],
    brought: &[Reported],
    today: &str,
) -> Table {
    let telling = telling(
        returns,
        &["training".to_owned()].into(),
        programme.scope(None).unwrap(),
        CITY,
    );
    let mut outlook = Outlook::new(telling, day(today), CITY, (Kind::Flow, false));
    outlook.learn(brought, INDICATOR, targets);
    let mut table = table(values);
    assess(
        &mut table,
        &Context {
            programme,
            pace: &Pace::of(programme),
            targets,
            scope: programme.scope(None).unwrap(),
            day: day(today),
            request: &Request {
                by: vec!["division".into()],
                ..Request::default()
            },
            outlook: (!outlook.outstanding().is_empty()).then_some(&outlook),
        },
    );
    table
}

#[test]
fn a_missing_month_may_bring_what_the_best_month_of_a_peer_brought() {
    // Targets 1,200 and 600 a year; by the end of March the pace is 25 %.
    let (large, small) = ("220102", "220103");
    let targets = targets(&[(large, 1200), (small, 600)]);
    let brought = [
        reported(large, 1, 100),
        reported(large, 2, 120),
        reported(large, 3, 90),
        reported(small, 1, 40),
        reported(small, 2, 45),
    ];
    let mut returns: Vec<Return> = (1..=3)
        .map(|month| month_return(large, month, true))
        .collect();
    returns.extend(
        [(1, true), (2, true), (3, false)].map(|(month, is_in)| month_return(small, month, is_in)),
    );
    let values = [(large, 310), (small, 85)];
    let table = assessed(
        &programme(),
        &targets,
        &values,
        &returns,
        &brought,
        "2020-03-31",
    );
    // The large one is complete: 310 of 1,200 are 25.8 %.
    assert_eq!(table.rows[0].verdict, Verdict::OnTrack);
    assert_eq!(table.rows[0].bounds, None);
    assert!(table.rows[0].mark.is_empty());
    // The small one lacks March: 85 of 600 are 14.2 %, behind. The best month anywhere was 120 of 1,200, a tenth of the target:
    // 60 more; and the average 395 of 4,800, by which the best was 10.625 of 600 above it. With both it would have 155.625,
    // 25.9 %, on track. So nobody can say.
    let small = &table.rows[1];
    let bounds = small.bounds.unwrap();
    assert_eq!(bounds.missing, 1);
    assert_eq!(bounds.low, Ratio::new(85, 600).unwrap());
    assert_eq!(bounds.high, Ratio::new(155_625, 600_000).unwrap());
    assert_eq!(small.verdict, Verdict::InsufficientData);
    assert!(small.mark.has(Mark::Missing));
    // The city: 395 of 1,800 are 21.9 %, at most 465.625, 25.9 %: at risk or on track.
    let city = &table.totals;
    assert_eq!(city.bounds.unwrap().low, Ratio::new(395, 1800).unwrap());
    assert_eq!(
        city.bounds.unwrap().high,
        Ratio::new(465_625, 1_800_000).unwrap()
    );
    assert_eq!(city.verdict, Verdict::InsufficientData);
}

#[test]
fn what_cannot_flip_the_verdict_leaves_it() {
    let (large, small) = ("220102", "220103");
    let targets = targets(&[(large, 1200), (small, 600)]);
    let brought = [reported(large, 1, 30), reported(small, 1, 15)];
    let returns = [
        month_return(large, 1, true),
        month_return(small, 1, true),
        month_return(large, 2, false),
        month_return(small, 2, false),
    ];
    let values = [(large, 30), (small, 15)];
    let table = assessed(
        &programme(),
        &targets,
        &values,
        &returns,
        &brought,
        "2020-02-29",
    );
    // 30 of 1,200 are 2.5 % after two months (pace 16.7 %), as are 15 of 600; as good a month again makes 5 %: behind either way.
    assert_eq!(table.rows[0].verdict, Verdict::Behind);
    assert_eq!(
        table.rows[0].bounds.unwrap().high,
        Ratio::new(60, 1200).unwrap()
    );
    assert!(table.rows[0].mark.has(Mark::Missing));
    assert_eq!(table.totals.verdict, Verdict::Behind);
    // What is due later but for days that are over is not in either; what is for days to come is not expected yet.
    let mut early = returns.clone();
    early[2].status = Status::NotDue;
    let table = assessed(
        &programme(),
        &targets,
        &values,
        &early,
        &brought,
        "2020-02-29",
    );
    assert_eq!(table.rows[0].bounds.unwrap().missing, 1);
    let table = assessed(
        &programme(),
        &targets,
        &values,
        &early,
        &brought,
        "2020-02-28",
    );
    assert_eq!(table.rows[0].bounds, None);
}

#[test]
fn where_nothing_was_ever_reported_everything_is_possible() {
    let unit = "220102";
    let returns = [month_return(unit, 1, false)];
    let targets = targets(&[(unit, 1200)]);
    let table = assessed(
        &programme(),
        &targets,
        &[(unit, 0)],
        &returns,
        &[],
        "2020-01-31",
    );
    assert_eq!(table.rows[0].verdict, Verdict::InsufficientData);
    assert_eq!(
        table.rows[0].bounds.unwrap().high,
        Ratio::new(1, 1).unwrap()
    );
}

#[test]
fn a_share_is_raised_to_the_best_of_those_that_reported() {
    let returns = [
        month_return("220102", 1, true),
        month_return("220103", 1, false),
    ];
    let mut outlook = Outlook::new(
        returns.iter().collect(),
        day("2020-01-31"),
        CITY,
        (Kind::Ratio, true),
    );
    let parts = |code: &str, numerator, denominator| {
        let share = whole(numerator).over(whole(denominator)).map(Value::Share);
        Row {
            codes: vec![code.to_owned()],
            value: share,
            numerator: Some(whole(numerator)),
            denominator: Some(whole(denominator)),
            ..Row::default()
        }
    };
    let mut by_division = table(&[]);
    by_division.rows = vec![parts("220102", 30, 100), parts("220103", 10, 100)];
    outlook.learn_shares(&by_division);
    // 220103 at 30 % as well: (30 + 30) of 200 are 30 %, 1.2 times the target of 25 %.
    let city = Row {
        progress: Ratio::new(8, 10),
        ..parts("", 40, 200)
    };
    let cell = Coverage {
        divisions: None,
        departments: None,
        first: day("2020-01-01"),
        last: day("2020-01-31"),
        times: vec![],
    };
    let bounds = outlook.bounds(&city, Decimal::new(25, 2), &cell).unwrap();
    assert_eq!(bounds.low, Ratio::new(8, 10).unwrap());
    assert_eq!(bounds.high, Ratio::new(12, 10).unwrap());
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Value of every unit and month of a year that was made up: units differ in how well they do, months in how much is done, and
/// single returns by half.
fn year(units: &[(&str, i128)], random: &mut Random) -> Vec<Vec<i128>> {
    const SEASON: [i128; 12] = [3, 2, 6, 8, 8, 9, 7, 7, 9, 11, 14, 16];
    units
        .iter()
        .map(|(_, target)| {
            let skill = 60 + i128::from(random.below(71));
            let months = SEASON.iter().map(|season| {
                let luck = 50 + i128::from(random.below(101));
                target * season * skill * luck / 1_000_000
            });
            months.collect()
        })
        .collect()
}

#[test]
fn no_cell_becomes_behind_because_a_return_is_missing() {
    const UNITS: [(&str, i128); 12] = [
        ("CC-SBJ", 7740),
        ("220102", 4193),
        ("220103", 4193),
        ("220104", 4515),
        ("220105", 3225),
        ("220106", 3870),
        ("220112", 2258),
        ("220113", 3548),
        ("220122", 4515),
        ("220182", 4515),
        ("220183", 3870),
        ("CC-LHS", 322),
    ];
    let programme = programme();
    let targets = targets(&UNITS);
    let mut random = Random(2019);
    let (mut flipped, mut undecided, mut behind, mut judged) = (0, 0, 0, 0);
    for pattern in 0..1000 {
        let year = year(&UNITS, &mut random);
        let months = 3 + u32::try_from(random.below(10)).unwrap().min(9);
        let last = Period::parse(&format!("2020-{months:02}"))
            .unwrap()
            .end()
            .to_string();
        let likely = random.below(40);
        let (mut returns, mut all, mut brought) = (Vec::new(), Vec::new(), Vec::new());
        let (mut whole_values, mut values) = (Vec::new(), Vec::new());
        for ((unit, _), done) in UNITS.iter().zip(&year) {
            let (mut full, mut known) = (0, 0);
            for month in 1..=months {
                let value = done[month as usize - 1];
                let is_in = random.below(100) >= likely;
                full += value;
                all.push(month_return(unit, month, true));
                returns.push(month_return(unit, month, is_in));
                if is_in {
                    known += value;
                    brought.push(reported(unit, month, value));
                }
            }
            whole_values.push((*unit, full));
            values.push((*unit, known));
        }
        let truth = assessed(&programme, &targets, &whole_values, &all, &[], &last);
        let seen = assessed(&programme, &targets, &values, &returns, &brought, &last);
        let cells = truth.rows.iter().chain([&truth.totals]);
        for (truth, seen) in cells.zip(seen.rows.iter().chain([&seen.totals])) {
            assert_eq!(truth.codes, seen.codes);
            judged += 1;
            flipped +=
                usize::from(truth.verdict != Verdict::Behind && seen.verdict == Verdict::Behind);
            undecided += usize::from(seen.verdict == Verdict::InsufficientData);
            behind += usize::from(seen.verdict == Verdict::Behind && seen.bounds.is_some());
            assert_eq!(truth.bounds, None, "pattern {pattern}");
        }
    }
    assert_eq!(judged, 13_000);
    assert_eq!(flipped, 0, "of {judged}");
    // It is not that nobody is judged any more.
    assert!(undecided > 1000, "{undecided} of {judged}");
    assert!(behind > 500, "{behind} of {judged}");
}
