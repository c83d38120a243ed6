//! Tables by hand with plausible figures; every number is invented (SYNTHETIC).

use dabiao::app::Freshness;
use dabiao::indicators::table::{Kind, Mark, Marks, Row, Table, Value, Verdict, View};
use dabiao::programme::{Decimal, Period, Programme, Ratio, Text};
use dabiao::project;
use std::sync::LazyLock;

/// The programme of this repository.
pub fn programme() -> &'static Programme {
    static PROGRAMME: LazyLock<Programme> = LazyLock::new(|| {
        let (programme, problems) = Programme::parse(&project::built_in());
        programme.unwrap_or_else(|| panic!("{problems:?}"))
    });
    &PROGRAMME
}

/// Done and target of the units at the end of June 2021.
const UNITS: [(&str, i128, i128); 16] = [
    ("CC-SBJ", 5810, 6868),
    ("220102", 12_640, 15_567),
    ("220103", 10_430, 12_924),
    ("220104", 13_060, 15_754),
    ("220105", 9210, 11_259),
    ("220106", 9820, 11_932),
    ("220112", 5120, 7817),
    ("220113", 8610, 11_389),
    ("220122", 12_870, 15_285),
    ("220182", 12_310, 14_133),
    ("220183", 11_240, 13_445),
    ("CC-XQ", 13_350, 15_687),
    ("220171", 11_720, 13_660),
    ("220172", 9640, 10_687),
    ("220174", 14_980, 15_869),
    ("CC-LHS", 1880, 2640),
];

/// A row with its progress and verdict (CONTRACT Q63).
pub fn row(code: &str, value: i128, target: i128, pace: (i128, i128)) -> Row {
    let pace = Ratio::new(pace.0, pace.1).unwrap();
    let progress = Ratio::new(value, target).unwrap();
    let verdict = match progress {
        _ if value >= target => Verdict::Ahead,
        _ if progress >= pace => Verdict::OnTrack,
        _ if progress >= pace.times(Ratio::new(4, 5).unwrap()) => Verdict::AtRisk,
        _ => Verdict::Behind,
    };
    Row {
        codes: if code.is_empty() {
            vec![]
        } else {
            vec![code.to_owned()]
        },
        value: Some(Value::Number(Decimal::new(value, 0))),
        target: Some(Decimal::new(target, 0)),
        target_provenance: Some("policy".to_owned()),
        progress: Some(progress),
        pace: Some(pace),
        behind_below: Ratio::new(4, 5).map(|limit| pace.times(limit)),
        verdict,
        ..Row::default()
    }
}

/// A table of person-times by division.
pub fn table(
    period: &str,
    rows: &[(&str, i128, i128)],
    total: (i128, i128),
    pace: (i128, i128),
) -> Table {
    Table {
        indicator: "trained_person_times".to_owned(),
        title: Text::new("补贴性培训人次", "Subsidised training person-times"),
        unit: Text::new("人次", "person-times"),
        kind: Kind::Flow,
        period: Period::parse(period).unwrap(),
        scope: "CC2019".to_owned(),
        snapshot: "20210701T020000-7c1f".to_owned(),
        as_of: "2021-06-30T02:00:00+08:00".to_owned(),
        definition: "3f9a1c5e7b20d4".to_owned(),
        dimensions: vec!["division".to_owned()],
        compare: vec![],
        view: View::default(),
        rows: rows
            .iter()
            .map(|(code, value, target)| row(code, *value, *target, pace))
            .collect(),
        totals: row("", total.0, total.1, pace),
    }
}

/// The table of the overview.
pub fn districts() -> Table {
    table("2019..2021", &UNITS, (158_214, 190_000), (5, 6))
}

/// The same without any target: another scope.
pub fn untargeted() -> Table {
    let mut table = districts();
    table.scope = "CC2020".to_owned();
    let rows = table.rows.iter_mut().chain([&mut table.totals]);
    for row in rows {
        (row.target, row.progress, row.pace) = (None, None, None);
        row.verdict = Verdict::NoTarget;
    }
    table
}

/// A finished year: everything against the whole target, one far above it, some units without target or place.
pub fn finished() -> Table {
    let mut table = table("2020", &UNITS, (64_499, 64_500), (1, 1));
    table.rows[14] = row("220174", 28_000, 15_869, (1, 1));
    table.rows[3] = Row {
        value: table.rows[3].value,
        codes: vec!["CC-ZH".to_owned()],
        ..Row::default()
    };
    table.rows[15].verdict = Verdict::InsufficientData;
    table.rows.push(Row {
        value: Some(Value::Number(Decimal::new(37, 0))),
        codes: vec!["unknown".to_owned()],
        ..Row::default()
    });
    table
}

/// Nothing loaded for the period.
pub fn empty() -> Table {
    let mut table = table("2019", &[], (0, 61_000), (1, 12));
    table.rows.clear();
    table
}

/// A target of the city that nobody decomposed.
pub fn city_only() -> Table {
    let mut table = untargeted();
    table.scope = "CC2019".to_owned();
    table.totals = row("", 158_214, 190_000, (5, 6));
    table
}

/// All of them by name.
pub fn all() -> Vec<(&'static str, Table)> {
    vec![
        ("overview", districts()),
        ("untargeted", untargeted()),
        ("finished", finished()),
        ("empty", empty()),
        ("city_only", city_only()),
    ]
}

fn ratio(id: &str, title: Text, parts: (i128, i128), target: &str) -> Table {
    let share = Ratio::new(parts.0, parts.1).unwrap();
    let target = Decimal::parse(target).unwrap();
    let hundredths = target.scaled_to(2).unwrap();
    let mut table = table("2019..2021", &[], (1, 1), (5, 6));
    table.indicator = id.to_owned();
    table.title = title;
    table.unit = Text::new("%", "%");
    table.kind = Kind::Ratio;
    table.dimensions.clear();
    table.totals = Row {
        value: Some(Value::Share(share)),
        numerator: Some(Decimal::new(parts.0, 0)),
        denominator: Some(Decimal::new(parts.1, 0)),
        target: Some(target),
        progress: Some(share.times(Ratio::new(100, hundredths).unwrap())),
        pace: Ratio::new(5, 6),
        verdict: Verdict::OnTrack,
        mark: estimated(),
        ..Row::default()
    };
    table
}

fn estimated() -> Marks {
    let mut marks = Marks::default();
    marks.add(Mark::Estimated);
    marks
}

/// Skilled workers among the employed.
pub fn skilled() -> Table {
    let title = Text::new("技能劳动者占就业人员", "Skilled workers among the employed");
    ratio("skilled_ratio", title, (1_023_500, 4_160_800), "0.25")
}

/// Highly skilled among the skilled.
pub fn highly_skilled() -> Table {
    let title = Text::new(
        "高技能人才占技能劳动者",
        "Highly skilled among skilled workers",
    );
    ratio("highly_skilled_ratio", title, (297_800, 1_023_500), "0.30")
}

/// Loaded in the night before the first of July 2021.
pub fn freshness() -> Freshness {
    Freshness {
        snapshot: "20210701T020000-7c1f".to_owned(),
        newest: "20210701T020000-7c1f".to_owned(),
        data_as_of: "2021-06-30".parse().unwrap(),
        loaded_at: "2021-07-01T02:00:00+08:00".parse().unwrap(),
        next_load: Some("2021-07-02T02:00:00+08:00".parse().unwrap()),
        records: 187_302,
        synthetic: true,
    }
}
