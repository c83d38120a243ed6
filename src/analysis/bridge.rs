//! 修订说明, the revision bridge: why a figure differs between two snapshots, in parts that add up exactly.
//!
//! The figure is read from a chain of states that lead from the older snapshot to the newer one, each one step further than the
//! state before. A part is the difference of two neighbours, so whatever the figure is (a sum, persons, a ratio, a stock), the
//! parts add up to the whole change. Differences are taken between values as they are written ([`written`]): what a reader sees
//! adds up to the last digit as well.

use crate::indicators::table::{Kind, Row, Table, Value};
use crate::programme::{Decimal, Period, Text};
use std::collections::BTreeMap;

/// What moves a figure from one snapshot to the next, in the order of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Records withdrawn since.
    Withdrawals,
    /// Records corrected since, in everything but the division and the department.
    Corrections,
    /// Corrected records that changed division or department.
    ReAttribution,
    /// Records new since, dated on or before the older snapshot's day.
    Late,
    /// Records new since, dated later, and the days that passed: progress, not revision.
    New,
    /// Records in both that count otherwise now, and tables derived from records.
    RuleEffects,
    /// The same data under the newer definitions.
    Definition,
    /// The units of the scope.
    Scope,
}

impl Step {
    /// In the order in which the states follow one another.
    pub const CHAIN: [Self; 8] = [
        Self::Withdrawals,
        Self::Corrections,
        Self::ReAttribution,
        Self::Late,
        Self::New,
        Self::RuleEffects,
        Self::Definition,
        Self::Scope,
    ];
    /// In the order in which the parts are told.
    pub const TOLD: [Self; 8] = [
        Self::Late,
        Self::New,
        Self::Corrections,
        Self::Withdrawals,
        Self::ReAttribution,
        Self::RuleEffects,
        Self::Definition,
        Self::Scope,
    ];

    /// Its name in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Withdrawals => "withdrawals",
            Self::Corrections => "corrections",
            Self::ReAttribution => "re_attribution",
            Self::Late => "late",
            Self::New => "new",
            Self::RuleEffects => "rule_effects",
            Self::Definition => "definition",
            Self::Scope => "scope",
        }
    }
}

/// States of the chain: the older snapshot, and one after every step; the last one is the newer snapshot.
pub const STATES: usize = Step::CHAIN.len() + 1;

/// A snapshot as a bridge names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub snapshot: String,
    /// When it was published, with its offset.
    pub as_of: String,
}

/// The bridges of some indicators between two snapshots.
#[derive(Debug, Clone)]
pub struct Diff {
    /// The older snapshot.
    pub from: Known,
    /// The newer one.
    pub to: Known,
    /// One bridge for every indicator asked for.
    pub bridges: Vec<Bridge>,
}

/// The bridge of one indicator.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// Id of the indicator.
    pub indicator: String,
    /// Its title, of the newer definitions like everything below.
    pub title: Text,
    /// Its unit.
    pub unit: Text,
    /// How it adds up.
    pub kind: Kind,
    /// The period.
    pub period: Period,
    /// The scope.
    pub scope: String,
    /// The dimensions of the breakdown.
    pub dimensions: Vec<String>,
    /// Digests of the indicator's older and newer definition.
    pub definitions: [String; 2],
    /// A line for every cell that has a value in any state.
    pub lines: Vec<Line>,
    /// The total.
    pub totals: Line,
}

/// One cell on its way from the older snapshot to the newer one.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// One code per dimension; empty in totals.
    pub codes: Vec<String>,
    /// The value in every state. A cell that is not there is 0 for what is counted and nothing for ratios and stocks.
    pub values: [Option<Value>; STATES],
    /// The older and the newer target.
    pub targets: [Option<Decimal>; 2],
}

/// A value as it is written: counts and amounts as they are, ratios to 12 significant digits, what is missing as 0.
pub fn written(value: Option<Value>) -> Decimal {
    match value {
        None => Decimal::ZERO,
        Some(Value::Number(number)) => number,
        Some(Value::Share(share)) => share.written(),
    }
}

/// What is written of one value less what is written of another.
fn difference(after: Option<Value>, before: Option<Value>) -> Decimal {
    let difference = written(after).minus(written(before));
    let share = |value| matches!(value, Some(Value::Share(_)));
    if share(after) || share(before) {
        return difference.shortest();
    }
    difference
}

impl Line {
    /// The value in the older snapshot.
    pub fn from(&self) -> Option<Value> {
        self.values[0]
    }

    /// The value in the newer snapshot.
    pub fn to(&self) -> Option<Value> {
        self.values[STATES - 1]
    }

    /// The whole change.
    pub fn change(&self) -> Decimal {
        difference(self.to(), self.from())
    }

    /// The values before and after a step.
    pub fn around(&self, step: Step) -> [Option<Value>; 2] {
        let place = step as usize;
        [self.values[place], self.values[place + 1]]
    }

    /// What one step contributes to the change.
    pub fn part(&self, step: Step) -> Decimal {
        let [before, after] = self.around(step);
        difference(after, before)
    }

    /// How the target changed, where there is one in either snapshot; a missing one counts as 0.
    pub fn target_change(&self) -> Option<Decimal> {
        let [from, to] = self.targets;
        from.or(to)?;
        Some(
            to.unwrap_or(Decimal::ZERO)
                .minus(from.unwrap_or(Decimal::ZERO)),
        )
    }
}

/// The bridge over the tables of all states, in their order. `place` orders the codes of a line.
///
/// # Source
/// DESIGN §7, revision bridge.
pub fn bridge<T: AsRef<Table>, P: Ord>(
    states: &[T; STATES],
    place: impl Fn(&[String]) -> P,
) -> Bridge {
    let (first, last) = (states[0].as_ref(), states[STATES - 1].as_ref());
    let absent = match last.kind {
        Kind::Flow | Kind::Distinct => Some(Value::Number(Decimal::ZERO)),
        Kind::Stock | Kind::Ratio => None,
    };
    let mut lines: BTreeMap<&[String], Line> = BTreeMap::new();
    let mut totals = Line {
        values: [absent; STATES],
        ..Line::default()
    };
    for (state, table) in states.iter().enumerate() {
        let table = table.as_ref();
        for row in table.rows.iter().filter(|_| !table.dimensions.is_empty()) {
            let line = lines.entry(&row.codes).or_insert_with(|| Line {
                codes: row.codes.clone(),
                values: [absent; STATES],
                targets: [None; 2],
            });
            put(line, state, row);
        }
        put(&mut totals, state, &table.totals);
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    lines.sort_by_cached_key(|line| place(&line.codes));
    Bridge {
        indicator: last.indicator.clone(),
        title: last.title.clone(),
        unit: last.unit.clone(),
        kind: last.kind,
        period: last.period.clone(),
        scope: last.scope.clone(),
        dimensions: last.dimensions.clone(),
        definitions: [first.definition.clone(), last.definition.clone()],
        lines,
        totals,
    }
}

fn put(line: &mut Line, state: usize, row: &Row) {
    line.values[state] = row.value.or(line.values[state]);
    // Only what was published has targets.
    if state == 0 {
        line.targets[0] = row.target;
    }
    if state == STATES - 1 {
        line.targets[1] = row.target;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::Ratio;

    fn table(kind: Kind, cells: &[(&str, Option<Value>)], total: Option<Value>) -> Box<Table> {
        let row = |(code, value): &(&str, Option<Value>)| Row {
            codes: vec![(*code).to_owned()],
            value: *value,
            ..Row::default()
        };
        Box::new(Table {
            indicator: "x".to_owned(),
            title: Text::default(),
            unit: Text::default(),
            kind,
            period: Period::parse("2020").unwrap(),
            scope: String::new(),
            snapshot: String::new(),
            as_of: String::new(),
            definition: String::new(),
            dimensions: vec!["division".to_owned()],
            compare: vec![],
            view: crate::indicators::table::View::AsWas,
            rows: cells.iter().map(row).collect(),
            totals: Row {
                value: total,
                ..Row::default()
            },
        })
    }

    fn number(value: i128) -> Option<Value> {
        Some(Value::Number(Decimal::new(value, 0)))
    }

    fn parts(line: &Line) -> Vec<String> {
        let told = Step::TOLD.into_iter();
        told.map(|step| line.part(step).to_string()).collect()
    }

    #[test]
    fn parts_stand_beside_their_steps() {
        // 100 −1 withdrawn, +2 corrected, −4 moved away, +8 late, +16 new, −32 by rules, +64 by definition, −128 by scope.
        let states = [100, 99, 101, 97, 105, 121, 89, 153, 25];
        let tables = states.map(|value| table(Kind::Flow, &[("A", number(value))], number(value)));
        let bridge = bridge(&tables, <[String]>::to_vec);
        let wanted = ["8", "16", "2", "-1", "-4", "-32", "64", "-128"];
        assert_eq!(parts(&bridge.lines[0]), wanted);
        assert_eq!(parts(&bridge.totals), wanted);
        assert_eq!(bridge.totals.change(), Decimal::new(-75, 0));
    }

    #[test]
    fn a_missing_cell_is_nothing_that_was_counted() {
        let mut tables = [(); STATES].map(|()| table(Kind::Flow, &[], number(0)));
        tables[STATES - 1] = table(Kind::Flow, &[("A", number(3))], number(3));
        let counted = bridge(&tables, <[String]>::to_vec);
        assert_eq!(counted.lines[0].from(), number(0));
        assert_eq!(counted.lines[0].part(Step::Scope), Decimal::new(3, 0));

        let half = Ratio::new(1, 2).map(Value::Share);
        let mut tables = [(); STATES].map(|()| table(Kind::Ratio, &[], None));
        tables[STATES - 1] = table(Kind::Ratio, &[("A", half)], half);
        let shared = bridge(&tables, <[String]>::to_vec);
        assert_eq!(shared.lines[0].from(), None);
        // The whole change stands in the step where the value appears.
        assert_eq!(shared.lines[0].part(Step::Scope), Decimal::new(5, 1));
    }

    #[test]
    fn written_parts_of_ratios_add_up_to_the_last_digit() {
        // 1/3 → 2/3 → 2/7: neither the values nor their differences end, but what is written adds up.
        let share = |n, d| Ratio::new(n, d).map(Value::Share);
        let values = [share(1, 3), share(2, 3), share(2, 7)];
        let at = |state: usize| values[state.min(2)];
        let mut state = 0;
        let tables = [(); STATES].map(|()| {
            state += 1;
            table(Kind::Ratio, &[], at(state - 1))
        });
        let totals = bridge(&tables, <[String]>::to_vec).totals;
        assert_eq!(totals.part(Step::Withdrawals).to_string(), "0.333333333334");
        assert_eq!(
            totals.part(Step::Corrections).to_string(),
            "-0.380952380953"
        );
        assert_eq!(totals.change().to_string(), "-0.047619047619");
    }
}
