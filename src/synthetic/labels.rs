//! The marks a class carries beside its content: sector, delivery, named programme, themes.

use super::random::Random;
use super::tables::Tables;

/// The sector an occupation belongs to, by the first parts of its code.
pub(super) fn sector_of(code: &str) -> &'static str {
    match (&code[..1], &code[2..4]) {
        ("4", "01") => "F",
        ("4", "02") => "G",
        ("4", "03") => "H",
        ("4", "04") => "I",
        ("4", "06") => "K",
        ("4", "07") => "L",
        ("4", "08") => "M",
        ("4", "09") => "N",
        ("4", "13") => "R",
        ("4", "14") => "Q",
        ("4", _) => "O",
        ("5", _) => "A",
        ("6", "16") => "B",
        ("6", "28") => "D",
        ("6", "29") => "E",
        ("6", "30") => "G",
        _ => "C",
    }
}

pub(super) fn delivery(kind: &str, online: u32, random: &mut Random) -> &'static str {
    if matches!(kind, "TT09" | "TT07" | "TT08") {
        return "TM04";
    }
    match random.below(100) as u32 {
        draw if draw < online => "TM03",
        draw if draw < online + 4 => "TM05",
        _ => "TM04",
    }
}

pub(super) fn tag(department: &str, kind: &str, random: &mut Random) -> Option<&'static str> {
    match (department, kind) {
        (_, "TT07") => Some("PG11"),
        (_, "TT08") => Some("PG12"),
        ("DP07", "TT11") => Some(random.weighted(&[("PG05", 80), ("PG06", 20)])),
        ("DP15", _) => Some("PG16"),
        (_, "TT02") if random.chance(300) => Some("PG04"),
        (_, "TT15") => Some("PG14"),
        (_, "TT01") if random.chance(300) => Some(random.weighted(&[
            ("PG01", 60),
            ("PG03", 15),
            ("PG07", 8),
            ("PG09", 8),
            ("PG15", 4),
            ("PG16", 5),
        ])),
        _ => None,
    }
}

pub(super) fn themes(
    tables: &Tables,
    occupation: Option<u16>,
    kind: &str,
    random: &mut Random,
) -> Option<&'static str> {
    if kind == "TT06" {
        return Some(random.weighted(&[("TH14", 60), ("TH15", 40)]));
    }
    let code = tables.occupations[occupation? as usize].code.as_str();
    let theme = match &code[..4] {
        _ if code.starts_with("4-01-06") => "TH12",
        _ if code.starts_with("4-10-01") => "TH13",
        "4-14" => "TH11",
        "4-04" => random.pick(&["TH08", "TH10", "TH09;TH10"]),
        "5-01" | "5-03" | "5-05" => random.pick(&["TH17", "TH05;TH17"]),
        "6-18" | "6-20" | "6-22" | "6-31" => random.pick(&["TH01", "TH01;TH16"]),
        "6-29" => "TH06",
        "4-01" | "4-02" | "4-03" | "4-10" => "TH03",
        _ => "TH99",
    };
    random.chance(620).then_some(theme)
}
