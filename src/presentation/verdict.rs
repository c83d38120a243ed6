//! A verdict as people see it: word, shape and colour class, never colour alone.

use super::texts;
use crate::indicators::table::Verdict;
use crate::programme::Language;

/// All verdicts, best first.
pub const ALL: [Verdict; 6] = [
    Verdict::Ahead,
    Verdict::OnTrack,
    Verdict::AtRisk,
    Verdict::Behind,
    Verdict::InsufficientData,
    Verdict::NoTarget,
];

/// The word.
pub fn word(verdict: Verdict, language: Language) -> &'static str {
    texts::say(
        language,
        match verdict {
            Verdict::Ahead => "verdict_ahead",
            Verdict::OnTrack => "verdict_on_track",
            Verdict::AtRisk => "verdict_at_risk",
            Verdict::Behind => "verdict_behind",
            Verdict::InsufficientData => "verdict_insufficient_data",
            Verdict::NoTarget => "verdict_no_target",
        },
    )
}

/// The shape as a character, for text.
pub fn shape(verdict: Verdict) -> char {
    match verdict {
        Verdict::Ahead => '▲',
        Verdict::OnTrack => '●',
        Verdict::AtRisk => '◆',
        Verdict::Behind => '▼',
        Verdict::InsufficientData => '○',
        Verdict::NoTarget => '–',
    }
}

/// The class that gives the colour in the stylesheet.
pub fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ahead => "ahead",
        Verdict::OnTrack => "on-track",
        Verdict::AtRisk => "at-risk",
        Verdict::Behind => "behind",
        Verdict::InsufficientData => "insufficient",
        Verdict::NoTarget => "no-target",
    }
}

/// Whether the verdict says that something is wrong: only then may a bar take its colour.
pub fn is_wrong(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::AtRisk | Verdict::Behind)
}
