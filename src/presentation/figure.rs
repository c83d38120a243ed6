//! A row as people read it: texts that agree with each other and with the verdict.

use super::numbers::{self, ratio};
use crate::indicators::table::{Kind, Row, Value};
use crate::programme::{Decimal, Ratio};

/// The texts of one row; `None` where the row has no such figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// The value: a count, or a percentage for ratios.
    pub value: Option<String>,
    /// The target in the same unit.
    pub target: Option<String>,
    /// 完成率.
    pub progress: Option<String>,
    /// 序时进度, with as many digits as the progress.
    pub pace: Option<String>,
    /// Progress less pace, in percentage points with its sign.
    pub gap: Option<String>,
    /// Digits after the point that the progress needed.
    pub decimals: u32,
}

impl Figure {
    /// The texts of `row` in a table of `kind`.
    pub fn of(row: &Row, kind: Kind) -> Self {
        let mut figure = Self {
            value: row.value.map(value_text),
            target: row.target.map(numbers::plain),
            ..Self::default()
        };
        if let (Kind::Ratio, Some(Value::Share(share))) = (kind, row.value) {
            let target = row.target.map(ratio);
            let borders: Vec<Ratio> = target.into_iter().collect();
            let decimals = numbers::decimals_apart(share, &borders);
            figure.value = Some(numbers::percent(share, decimals));
            figure.target = target.map(|target| numbers::percent_short(target, 12));
        }
        let Some(progress) = row.progress else {
            return figure;
        };
        figure.decimals = decimals(row);
        figure.progress = Some(numbers::percent(progress, figure.decimals));
        figure.pace = row.pace.map(|pace| numbers::percent(pace, figure.decimals));
        figure.gap = row
            .pace
            .map(|pace| numbers::points(progress, pace, figure.decimals));
        figure
    }
}

/// Digits with which the progress of `row` shows on its own side of target, pace and 80 % of it.
fn decimals(row: &Row) -> u32 {
    let Some(progress) = row.progress else {
        return 1;
    };
    let mut borders = vec![Ratio::new(1, 1).expect("one is not zero")];
    if let Some(pace) = row.pace {
        borders.extend([
            pace,
            pace.times(Ratio::new(4, 5).expect("five is not zero")),
        ]);
    }
    numbers::decimals_apart(progress, &borders)
}

fn value_text(value: Value) -> String {
    match value {
        Value::Number(number) => numbers::plain(number),
        Value::Share(share) => numbers::percent(share, 1),
    }
}

/// How many whole units `row` lies below (or above) its pace; `None` without target or for ratios.
pub fn distance_to_pace(row: &Row) -> Option<Decimal> {
    let Some(Value::Number(value)) = row.value else {
        return None;
    };
    let expected = ratio(row.target?).times(row.pace?);
    Some(numbers::whole_distance(ratio(value), expected))
}
