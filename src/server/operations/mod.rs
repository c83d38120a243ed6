//! Every operation of the API, declared once: what is read of a request, which mistakes are told, and what `/openapi.json` says
//! all come from here.

mod parameters;

use super::shapes;
use crate::app::App;
use parameters::{
    ALL_FORMATS, AS_OF, BOM, BY, BY_ONE, COMPARE, DEPARTMENT, DIVISION, FOUND_IN, FROM, ID,
    INDICATOR, LANG, OVERLAPPING, PERIOD, PICTURE, RECORDED, RECORDS, RULE, SCOPE, TEXT_FORMATS,
    TO, VIEW, WHERE, WIDTH,
};
use serde_json::Value;

/// One operation; all of them read.
pub(super) struct Operation {
    /// Its name for programs.
    pub(super) id: &'static str,
    pub(super) path: &'static str,
    /// What it answers, in one line of each language.
    pub(super) title: [&'static str; 2],
    pub(super) takes: &'static [&'static Parameter],
    /// The forms it answers in; the first is the one of those who ask for none.
    pub(super) formats: &'static [Format],
    /// The schema of its content, tables aside.
    pub(super) shape: fn() -> Value,
    /// Whether it answers before the first load.
    pub(super) always: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
    Xlsx,
    Svg,
    Png,
    Html,
}

impl Format {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Html => "html",
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// One parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) many: Many,
    pub(super) form: Form,
    /// What it means, in each language.
    pub(super) about: [&'static str; 2],
}

/// How many values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    /// It is a part of the path.
    Path,
    /// One.
    One,
    /// Several between commas, and it may be repeated.
    Commas,
    /// It may be repeated.
    Repeated,
}

/// What a value looks like.
pub(super) enum Form {
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// A code of the project; which there are, its definitions say, and those of an older snapshot may say otherwise.
    Codes(fn(&App) -> Vec<String>),
    /// Text of this form.
    Text {
        /// A regular expression that says what `is` does.
        pattern: &'static str,
        is: fn(&str) -> bool,
        examples: &'static [&'static str],
    },
}

const JSON: &[Format] = &[Format::Json];
const JSON_CSV: &[Format] = &[Format::Json, Format::Csv];
const ANY: &[Format] = &[Format::Json, Format::Csv, Format::Xlsx];

pub(super) const INDICATORS: Operation = Operation {
    id: "listIndicators",
    path: "/api/v1/indicators",
    title: ["全部指标及其口径", "All indicators with their definitions"],
    takes: &[&AS_OF],
    formats: JSON,
    shape: shapes::indicators,
    always: true,
};
pub(super) const DEFINITION: Operation = Operation {
    id: "getIndicator",
    path: "/api/v1/indicators/{id}",
    title: [
        "一个指标的口径：条款、单位、说明、维度、取数语句、算例",
        "The definition of one indicator: clause, unit, note, dimensions, query of its facts, worked examples",
    ],
    takes: &[&ID, &AS_OF],
    formats: JSON,
    shape: shapes::indicator,
    always: true,
};
pub(super) const DATA: Operation = Operation {
    id: "getData",
    path: "/api/v1/indicators/{id}/data",
    title: [
        "一个指标的数据，与 dabiao query 相同",
        "Figures of one indicator, as dabiao query prints them",
    ],
    takes: &[
        &ID,
        &BY,
        &WHERE,
        &PERIOD,
        &SCOPE,
        &VIEW,
        &COMPARE,
        &AS_OF,
        &ALL_FORMATS,
        &BOM,
    ],
    formats: ANY,
    shape: shapes::data,
    always: false,
};
pub(super) const EXPLAIN: Operation = Operation {
    id: "explain",
    path: "/api/v1/indicators/{id}/explain",
    title: [
        "一个数字背后的口径、语句、文件、台账与记录",
        "What stands behind a figure: definition, query, submissions, ledger, records",
    ],
    takes: &[
        &ID, &BY, &WHERE, &PERIOD, &SCOPE, &VIEW, &COMPARE, &AS_OF, &RECORDS,
    ],
    formats: JSON,
    shape: shapes::explanation,
    always: false,
};
pub(super) const LEDGER: Operation = Operation {
    id: "getLedger",
    path: "/api/v1/ledger",
    title: [
        "计数台账：从收到到计入的每一步",
        "The ledger: what became of every record, from received to counted",
    ],
    takes: &[&BY_ONE, &RECORDED, &SCOPE, &AS_OF],
    formats: JSON,
    shape: shapes::ledger,
    always: false,
};
pub(super) const COMPLETENESS: Operation = Operation {
    id: "getCompleteness",
    path: "/api/v1/completeness",
    title: [
        "应报与已报",
        "Which expected returns are in: on time, late, missing",
    ],
    takes: &[&OVERLAPPING, &AS_OF, &TEXT_FORMATS, &BOM],
    formats: JSON_CSV,
    shape: shapes::completeness,
    always: false,
};
pub(super) const FINDINGS: Operation = Operation {
    id: "listFindings",
    path: "/api/v1/findings",
    title: ["疑点清单", "The worklist of findings of all rules"],
    takes: &[
        &RULE,
        &DIVISION,
        &DEPARTMENT,
        &FOUND_IN,
        &AS_OF,
        &ALL_FORMATS,
        &BOM,
    ],
    formats: ANY,
    shape: shapes::findings,
    always: false,
};
pub(super) const SNAPSHOTS: Operation = Operation {
    id: "listSnapshots",
    path: "/api/v1/snapshots",
    title: ["全部快照", "All snapshots in order of publication"],
    takes: &[],
    formats: JSON,
    shape: shapes::snapshots,
    always: true,
};
pub(super) const DIFF: Operation = Operation {
    id: "diff",
    path: "/api/v1/diff",
    title: [
        "两个快照之间数字为何不同，各部分相加恰好相等",
        "Why figures differ between two snapshots, in parts that add up exactly",
    ],
    takes: &[
        &FROM,
        &TO,
        &INDICATOR,
        &BY,
        &WHERE,
        &PERIOD,
        &SCOPE,
        &VIEW,
        &TEXT_FORMATS,
    ],
    formats: JSON_CSV,
    shape: shapes::diff,
    always: false,
};
pub(super) const TARGETS: Operation = Operation {
    id: "listTargets",
    path: "/api/v1/targets",
    title: [
        "现行目标，以及分解之和与上级的差",
        "The targets in force, and how far their parts add up",
    ],
    takes: &[&AS_OF],
    formats: JSON,
    shape: shapes::targets,
    always: false,
};

/// What pictures and the page behind a number select, beside what is their own.
const DRAWN: &[&Parameter] = &[
    &ID, &PICTURE, &BY, &WHERE, &PERIOD, &SCOPE, &AS_OF, &WIDTH, &LANG,
];
pub(super) const CHART_SVG: Operation = Operation {
    id: "getChart",
    path: "/api/v1/indicators/{id}/chart.svg",
    title: ["一个指标的图", "A picture of one indicator"],
    takes: DRAWN,
    formats: &[Format::Svg],
    shape: shapes::text_of_a_file,
    always: false,
};
pub(super) const CHART_PNG: Operation = Operation {
    id: "getChartAsPng",
    path: "/api/v1/indicators/{id}/chart.png",
    title: [
        "同一张图的 PNG，由 SVG 转成",
        "The same picture as PNG, made from the SVG",
    ],
    formats: &[Format::Png],
    shape: shapes::bytes_of_a_file,
    ..CHART_SVG
};
/// The page behind a number: a page for people, so it is not among [`ALL`].
pub(super) const EXPLANATION: Operation = Operation {
    id: "explanation",
    path: "/explain/{id}",
    title: ["一个数字背后的一切", "What stands behind a number"],
    takes: &[&ID, &WHERE, &PERIOD, &SCOPE, &AS_OF, &LANG],
    formats: &[Format::Html],
    shape: shapes::text_of_a_file,
    always: false,
};

/// All operations in the order of the document.
pub(super) const ALL: [&Operation; 12] = [
    &INDICATORS,
    &DEFINITION,
    &DATA,
    &EXPLAIN,
    &CHART_SVG,
    &CHART_PNG,
    &LEDGER,
    &COMPLETENESS,
    &FINDINGS,
    &SNAPSHOTS,
    &DIFF,
    &TARGETS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_operation_takes_a_name_twice_and_formats_are_those_it_takes() {
        for operation in ALL {
            let names: BTreeSet<&str> = operation.takes.iter().map(|each| each.name).collect();
            assert_eq!(names.len(), operation.takes.len(), "{}", operation.id);
            let words = operation.takes.iter().find(|each| each.name == "format");
            let words = words.map_or_else(
                // Without the parameter there is one form.
                || vec![operation.formats[0].word()],
                |format| match format.form {
                    Form::Words(words) => words(),
                    _ => panic!("formats are words"),
                },
            );
            let formats: Vec<&str> = operation.formats.iter().map(|each| each.word()).collect();
            assert_eq!(words, formats, "{}", operation.id);
            for parameter in operation.takes {
                if let Form::Text { is, examples, .. } = parameter.form {
                    assert!(
                        examples.iter().all(|example| is(example)),
                        "{}",
                        parameter.name
                    );
                }
            }
        }
    }
}
