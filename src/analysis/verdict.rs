//! 评价: what a progress says against the pace, on exact values.

use crate::indicators::table::Verdict;
use crate::programme::{Decimal, Ratio};

/// The best word that is true: at or above the target is ahead, else at or above the pace is on track, else at or above
/// `at_risk_from` of the pace is at risk, else behind.
///
/// # Source
/// CONTRACT Q63.
pub fn verdict(progress: Ratio, pace: Ratio, at_risk_from: Decimal) -> Verdict {
    let one = Ratio::new(1, 1).expect("1 is not 0");
    let share = at_risk_from.over(Decimal::new(1, 0)).expect("1 is not 0");
    if progress >= one {
        Verdict::Ahead
    } else if progress >= pace {
        Verdict::OnTrack
    } else if progress >= pace.times(share) {
        Verdict::AtRisk
    } else {
        Verdict::Behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: i128, target: i128, pace: (i128, i128)) -> Verdict {
        let progress = Ratio::new(value, target).unwrap();
        verdict(
            progress,
            Ratio::new(pace.0, pace.1).unwrap(),
            Decimal::new(8, 1),
        )
    }

    #[test]
    fn worked_examples_of_the_dossier() {
        // domain.md §11.1: 3,200 of 4,515 at 75 %: 70.9 / 75 = 94.5 % of the pace.
        assert_eq!(of(3200, 4515, (3, 4)), Verdict::AtRisk);
        // §11.2: 60,999 of 61,000 prints as 100.0 % and is not reached.
        assert_eq!(of(60_999, 61_000, (1, 1)), Verdict::AtRisk);
        assert_eq!(of(61_000, 61_000, (1, 1)), Verdict::Ahead);
    }

    #[test]
    fn borders_belong_to_the_better_word() {
        assert_eq!(of(75, 100, (3, 4)), Verdict::OnTrack);
        assert_eq!(of(60, 100, (3, 4)), Verdict::AtRisk);
        assert_eq!(of(599, 1000, (3, 4)), Verdict::Behind);
        assert_eq!(of(0, 100, (0, 1)), Verdict::OnTrack);
    }
}
