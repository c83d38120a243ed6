//! What the shapes of a chart mean, with how often each stands there.

use super::scene::{Label, Mark};
use super::{text, theme};
use crate::indicators::table::Verdict;
use crate::presentation::verdict;
use crate::programme::Language;

/// The worst first: they are what is looked for.
pub(super) const ORDER: [Verdict; 6] = [
    Verdict::Behind,
    Verdict::AtRisk,
    Verdict::InsufficientData,
    Verdict::OnTrack,
    Verdict::Ahead,
    Verdict::NoTarget,
];

/// Shape, word and number of each verdict, in as many rows as `width` needs; and where what stands below begins.
pub(super) fn row(
    verdicts: impl Iterator<Item = (Verdict, usize)>,
    width: f64,
    language: Language,
) -> (Vec<Mark>, f64) {
    let mut marks = Vec::new();
    let (mut x, mut y) = (0.0, 10.0);
    for (verdict, count) in verdicts {
        let said = format!("{} {count}", verdict::word(verdict, language));
        let needed = 17.0 + text::width(&said, 13.0, false);
        if x + needed > width {
            (x, y) = (0.0, y + 21.0);
        }
        marks.push(Mark::Shape(verdict, x + 6.0, y, 5.0));
        let label = Label::new(said, x + 17.0, y, 13.0).inked(theme::verdict(verdict));
        marks.push(Mark::Label(label));
        x += needed + 18.0;
    }
    let below = if marks.is_empty() { 1.0 } else { y + 20.0 };
    (marks, below)
}
