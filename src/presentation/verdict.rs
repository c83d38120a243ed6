//! A verdict as people see it: word, shape and colour class, never colour alone.

use super::{numbers, texts};
use crate::indicators::table::Verdict;
use crate::programme::config::CurveKind;
use crate::programme::{Language, Programme};

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

/// What the verdict means, with the programme's own limit.
pub fn explained(verdict: Verdict, programme: &Programme, language: Language) -> String {
    let limit = numbers::ratio(programme.config.verdict.at_risk_from);
    let limit = numbers::percent_short(limit, 4);
    let key = format!("explain_{}", verdict.code());
    texts::fill(language, &key, &[("limit", &limit)])
}

/// What the pace of an indicator's targets means.
pub fn pace_explained(programme: &Programme, indicator: &str, language: Language) -> &'static str {
    let curves = programme.config.pace.iter();
    let own = curves
        .filter(|pace| pace.indicator == indicator)
        .any(|pace| pace.curve != CurveKind::Linear);
    match own {
        true => texts::say(language, "explain_pace_curve"),
        false => texts::say(language, "explain_pace"),
    }
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
