//! The parameters of operations: what each looks like and means.

use super::{Form, Many, Parameter};
use crate::app::App;
use crate::indicators::table::{Compare, View};
use crate::indicators::{TIME_DIMENSIONS, UNKNOWN};
use crate::presentation::charts::Width;
use crate::presentation::dashboard;
use std::collections::BTreeSet;

pub(super) const ID: Parameter = Parameter {
    name: "id",
    required: true,
    many: Many::Path,
    form: Form::Codes(|app| {
        let catalog = &app.project().definitions.catalog;
        catalog
            .iter()
            .map(|indicator| indicator.id.clone())
            .collect()
    }),
    about: ["指标编号", "Id of the indicator"],
};
pub(super) const BY: Parameter = Parameter {
    name: "by",
    required: false,
    many: Many::Commas,
    form: Form::Codes(dimensions),
    about: [
        "分列的维度，按此顺序；指标各有哪些维度见 /api/v1/indicators/{id}",
        "Dimensions to break down by, in this order; which an indicator has: /api/v1/indicators/{id}",
    ],
};
pub(super) const WHERE: Parameter = Parameter {
    name: "where",
    required: false,
    many: Many::Repeated,
    form: Form::Text {
        pattern: "^[^=]+=.+$",
        is: |text| {
            let parts = text.split_once('=');
            parts.is_some_and(|(dimension, codes)| !dimension.is_empty() && !codes.is_empty())
                && !text.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
        },
        examples: &["division=220102", "division=220102,220103"],
    },
    about: [
        "只计这些代码：维度=代码[,代码]；可重复，同一维度的代码之间为“或”",
        "Keep only facts with these codes: DIM=CODE[,CODE]; may be repeated, either code of one dimension lets a fact through",
    ],
};
pub(super) const PERIOD: Parameter = Parameter {
    name: "period",
    required: false,
    many: Many::One,
    form: Form::Text {
        pattern: concat!(
            "^(",
            "(19\\d\\d|20\\d\\d|21\\d\\d|2200)(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?",
            "(\\.\\.(19\\d\\d|20\\d\\d|21\\d\\d|2200)(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?)?",
            "|ytd:(19\\d\\d|20\\d\\d|21\\d\\d|2200)-(0[1-9]|1[0-2])",
            ")$"
        ),
        // The app tells which periods are like the one that is not there.
        is: |_| true,
        examples: &[
            "2020",
            "2020H1",
            "2020Q3",
            "2020-09",
            "2019..2021",
            "ytd:2020-09",
        ],
    },
    about: [
        "期间；省略为整个规划期",
        "Period; the programme's where there is none",
    ],
};
pub(super) const RECORDED: Parameter = Parameter {
    about: [
        "期间，按结业日期（未结业按开班日期）；省略为从收到的每一行起的全部步骤",
        "Period by end date (start date while open); without it every step from the rows received on",
    ],
    ..PERIOD
};
pub(super) const OVERLAPPING: Parameter = Parameter {
    about: [
        "与此期间重叠的应报",
        "Returns for periods that overlap this one",
    ],
    ..PERIOD
};
pub(super) const FOUND_IN: Parameter = Parameter {
    about: [
        "记录日期所在的期间",
        "Period the date of the record lies in",
    ],
    ..PERIOD
};
pub(super) const SCOPE: Parameter = Parameter {
    name: "scope",
    required: false,
    many: Many::One,
    form: Form::Codes(|app| {
        let scopes = app.programme().config.scope.iter();
        scopes.map(|scope| scope.id.clone()).collect()
    }),
    about: [
        "统计范围；省略为默认范围",
        "Scope of units; the default one where there is none",
    ],
};
pub(super) const VIEW: Parameter = Parameter {
    name: "view",
    required: false,
    many: Many::One,
    form: Form::Words(|| View::ALL.map(View::code).to_vec()),
    about: [
        "区划按当时代码 (as_was，默认) 或今日代码 (as_is)",
        "Units under the code of their own time (as_was, the default) or of today (as_is)",
    ],
};
pub(super) const COMPARE: Parameter = Parameter {
    name: "compare",
    required: false,
    many: Many::Commas,
    form: Form::Words(|| Compare::ALL.map(Compare::code).to_vec()),
    about: [
        "同比 yoy、环比 pop",
        "Hold every cell against the year before (yoy), the period before (pop)",
    ],
};
/// The form of what names a snapshot.
const MOMENT: Form = Form::Text {
    pattern: concat!(
        "^(S[0-9]{6,18}-[0-9a-f]{8}",
        "|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
        "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?)$"
    ),
    is: is_moment,
    examples: &["2021-06-30", "2021-06-30T02:00:00+08:00"],
};
pub(super) const AS_OF: Parameter = Parameter {
    name: "as_of",
    required: false,
    many: Many::One,
    form: MOMENT,
    about: [
        "按当时所知：快照编号、日期（当日最后一个快照）或时刻；省略为最新快照",
        "As known at: a snapshot id, a day (its last snapshot) or an instant; the newest snapshot where there is none",
    ],
};
pub(super) const FROM: Parameter = Parameter {
    name: "from",
    required: true,
    about: [
        "较早的快照：编号、日期或时刻",
        "The older snapshot: an id, a day or an instant",
    ],
    ..AS_OF
};
pub(super) const TO: Parameter = Parameter {
    name: "to",
    required: true,
    about: [
        "较晚的快照：编号、日期或时刻",
        "The newer snapshot: an id, a day or an instant",
    ],
    ..AS_OF
};
pub(super) const INDICATOR: Parameter = Parameter {
    name: "indicator",
    required: false,
    many: Many::Commas,
    about: [
        "指标；省略为首页指标",
        "Indicators; the headline ones where there is none",
    ],
    ..ID
};
pub(super) const ALL_FORMATS: Parameter = Parameter {
    name: "format",
    required: false,
    many: Many::One,
    form: Form::Words(|| vec!["json", "csv", "xlsx"]),
    about: [
        "答复的格式；省略时按 Accept，再无则为 json",
        "Form of the answer; without it what Accept says, else json",
    ],
};
pub(super) const TEXT_FORMATS: Parameter = Parameter {
    form: Form::Words(|| vec!["json", "csv"]),
    ..ALL_FORMATS
};
pub(super) const BOM: Parameter = Parameter {
    name: "bom",
    required: false,
    many: Many::One,
    form: Form::Words(|| vec!["0", "1"]),
    about: [
        "CSV 是否带字节顺序标记（默认 1，供电子表格软件）",
        "Whether a CSV begins with a byte order mark (1, the default, is for spreadsheet programs)",
    ],
};
pub(super) const RECORDS: Parameter = Parameter {
    name: "records",
    required: false,
    many: Many::One,
    form: Form::Text {
        pattern: "^(all|[0-9]{1,9})$",
        is: |text| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text == "all" || (digits && (1..=9).contains(&text.len()))
        },
        examples: &["50", "0", "all"],
    },
    about: [
        "列出的记录条数，或 all；省略为 50",
        "Records to list, or all; 50 where it is not told",
    ],
};
pub(super) const BY_ONE: Parameter = Parameter {
    many: Many::One,
    form: Form::Codes(|app| {
        let dimensions = app.programme().dimensions().iter();
        dimensions.map(|dimension| dimension.id.clone()).collect()
    }),
    about: ["分列的维度", "Dimension to break down by"],
    ..BY
};
pub(super) const RULE: Parameter = Parameter {
    name: "rule",
    required: false,
    many: Many::One,
    form: Form::Codes(|app| {
        let definitions = &app.project().definitions;
        let counting = definitions.programme.config.counting_rule.iter();
        let ids = counting.map(|rule| rule.id.clone());
        let ids: BTreeSet<String> = ids
            .chain(definitions.rules.iter().map(|rule| rule.id.clone()))
            .collect();
        ids.into_iter().collect()
    }),
    about: ["规则编号", "Id of the rule"],
};
pub(super) const DIVISION: Parameter = Parameter {
    name: "division",
    required: false,
    many: Many::One,
    form: Form::Codes(|app| listed(app, "divisions")),
    about: ["区划代码", "Code of the division"],
};
pub(super) const DEPARTMENT: Parameter = Parameter {
    name: "department",
    required: false,
    many: Many::One,
    form: Form::Codes(|app| listed(app, "departments")),
    about: ["部门代码", "Code of the department"],
};
/// Codes of a list, and what stands for a missing one.
fn listed(app: &App, list: &str) -> Vec<String> {
    let codes = app.programme().list(list).iter();
    let codes = codes.map(|code| code.code.clone());
    codes.chain([UNKNOWN.to_owned()]).collect()
}

/// What an indicator is drawn as.
pub(super) const PICTURE: Parameter = Parameter {
    form: Form::Words(|| {
        dashboard::View::drawn()
            .map(dashboard::View::code)
            .collect()
    }),
    about: [
        "图的视图；省略时按维度数：无为 cumulative，一个为 bullets，两个为 heat",
        "What it is drawn as; without it by the number of dimensions: cumulative, bullets or heat",
    ],
    ..VIEW
};
pub(super) const WIDTH: Parameter = Parameter {
    name: "width",
    required: false,
    many: Many::One,
    form: Form::Words(|| Width::ALL.map(Width::code).to_vec()),
    about: [
        "图的宽度；省略为 wide",
        "The room it is drawn for; wide where there is none",
    ],
};
pub(super) const LANG: Parameter = Parameter {
    name: "lang",
    required: false,
    many: Many::One,
    form: Form::Words(|| vec!["zh", "en"]),
    about: ["语言；省略为 zh", "Language; zh where there is none"],
};

/// Every dimension some indicator has.
fn dimensions(app: &App) -> Vec<String> {
    let catalog = &app.project().definitions.catalog;
    let own: BTreeSet<&str> = catalog
        .iter()
        .flat_map(|indicator| catalog.dimensions(app.programme(), &indicator.id))
        .collect();
    own.into_iter()
        .chain(TIME_DIMENSIONS)
        .map(str::to_owned)
        .collect()
}

/// An id, a day or an instant; whether there is such a one, the lake knows.
fn is_moment(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((number, digest)) = text.strip_prefix('S').and_then(|id| id.split_once('-')) {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        return (6..=18).contains(&number.len())
            && digits(number)
            && digest.len() == 8
            && digest.bytes().all(hexadecimal);
    }
    let shaped = |text: &str, form: &str| {
        let bytes = text.bytes().zip(form.bytes());
        let mut alike = bytes.map(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b'T' => b"Tt ".contains(&byte),
            wanted => wanted == byte,
        });
        text.len() == form.len() && alike.all(|alike| alike)
    };
    const DAY: &str = "0000-00-00";
    const TIME: &str = "0000-00-00T00:00:00";
    if shaped(text, DAY) {
        return true;
    }
    let Some((head, tail)) = text.split_at_checked(TIME.len()) else {
        return false;
    };
    if !shaped(head, TIME) {
        return false;
    }
    let zone = match tail.strip_prefix('.') {
        None => tail,
        Some(rest) => {
            let fraction = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&fraction) {
                return false;
            }
            &rest[fraction..]
        }
    };
    let signed = zone.strip_prefix(['+', '-']);
    zone.eq_ignore_ascii_case("z") || signed.is_some_and(|offset| shaped(offset, "00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_an_id_a_day_or_an_instant() {
        for yes in [
            "S000012-1a2b3c4d",
            "2021-06-30",
            "2021-06-30T02:00:00Z",
            "2021-06-30t02:00:00.123+08:00",
        ] {
            assert!(is_moment(yes), "{yes}");
        }
        for no in [
            "",
            "S12-1a2b3c4d",
            "S000012-1A2B3C4D",
            "S000012",
            "2021-6-30",
            "+262142-12-31",
            "2021-06-30T02:00:00",
            "2021-06-30T02:00:00+0800",
            "2021-06-30T02:00:00.Z",
            "2021-06-3０",
            "达标",
        ] {
            assert!(!is_moment(no), "{no}");
        }
    }
}
