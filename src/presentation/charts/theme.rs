//! The one theme of all charts. The stylesheet repeats the colours and maps each to its dark twin by this very value, so a
//! colour is changed in both places or in neither (a test compares them).

use crate::indicators::table::Verdict;
use plotters::style::RGBColor;

/// Text and the ticks that matter.
pub const INK: RGBColor = RGBColor(0x16, 0x22, 0x2D);
/// Secondary text.
pub const MUTED: RGBColor = RGBColor(0x55, 0x62, 0x6D);
/// The one accent: what was done.
pub const ACCENT: RGBColor = RGBColor(0x1F, 0x4E, 0x79);
/// What there is to do.
pub const TRACK: RGBColor = RGBColor(0xE4, 0xE9, 0xED);
/// Hairlines.
pub const HAIRLINE: RGBColor = RGBColor(0xDF, 0xE4, 0xE8);
/// Bars that are not judged.
pub const NEUTRAL: RGBColor = RGBColor(0x8A, 0x96, 0xA1);
/// The page, for halos.
pub const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

const AHEAD: RGBColor = RGBColor(0x17, 0x69, 0x5A);
const ON_TRACK: RGBColor = RGBColor(0x2B, 0x75, 0x41);
const AT_RISK: RGBColor = RGBColor(0x9A, 0x5B, 0x00);
const BEHIND: RGBColor = RGBColor(0xB3, 0x26, 0x1E);

/// All colours, for the test that the stylesheet knows each.
pub const ALL: [RGBColor; 11] = [
    INK, MUTED, ACCENT, TRACK, HAIRLINE, NEUTRAL, PAPER, AHEAD, ON_TRACK, AT_RISK, BEHIND,
];

/// Faces browsers and converters have for Chinese, first choice first.
pub const FACES: &str =
    "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif";

/// The colour of a verdict's word and shape.
pub fn verdict(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Ahead => AHEAD,
        Verdict::OnTrack => ON_TRACK,
        Verdict::AtRisk => AT_RISK,
        Verdict::Behind => BEHIND,
        Verdict::InsufficientData | Verdict::NoTarget => MUTED,
    }
}

/// The colour of a bar: the verdict's only where something is wrong, no judgement where there is none.
pub fn bar(of: Verdict) -> RGBColor {
    match of {
        Verdict::AtRisk | Verdict::Behind => verdict(of),
        Verdict::Ahead | Verdict::OnTrack => ACCENT,
        Verdict::InsufficientData | Verdict::NoTarget => NEUTRAL,
    }
}
