//! What people see: encodings byte for byte, forms and receipts read back, texts, charts and the page.

pub mod sample;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use dabiao::analysis::completeness::{Completeness, Return};
use dabiao::indicators::table::{Kind, Table, Value, Verdict};
use dabiao::intake::receipt::{
    FileStatus, Receipt, Repair, RowEffect, RowToCorrect, Totals, Violation,
};
use dabiao::presentation::charts::{self, Width, scene::Label};
use dabiao::presentation::dashboard::{
    Dashboards, Material, Need, Page, Selection, Sheet, Site, needs,
};
use dabiao::presentation::{STYLESHEET, charts::theme, encode, form, receipt, texts};
use dabiao::programme::{Language, Text};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

/// The sheets of a workbook as texts.
fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<String>>)> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let rows = |range: calamine::Range<Data>| {
        range
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    };
    workbook
        .worksheets()
        .into_iter()
        .map(|(name, range)| (name, rows(range)))
        .collect()
}

#[test]
fn json_is_the_example_of_the_contract() {
    let mut table = sample::table("2020", &[("220102", 4210, 4515)], (61_002, 64_500), (1, 1));
    table.snapshot = "…".to_owned();
    table.definition = "…".to_owned();
    let expected = concat!(
        r#"{"indicator": "trained_person_times", "unit": "person-times", "kind": "flow", "period": "2020", "scope": "CC2019","#,
        "\n",
        r#" "snapshot": "…", "as_of": "2021-06-30T02:00:00+08:00", "definition": "…", "dimensions": ["division"],"#,
        "\n",
        r#" "rows": [{"division": "220102", "value": 4210, "numerator": null, "denominator": null, "#,
        r#""target": 4515, "progress": 0.932447397564, "pace": 1, "verdict": "at_risk", "mark": ""}],"#,
        "\n",
        // The contract writes 0.945767441860: the same number; trailing zeros are not kept.
        r#" "totals": {"value": 61002, "target": 64500, "progress": 0.94576744186, "pace": 1, "verdict": "at_risk", "mark": ""}}"#,
        "\n",
    );
    assert_eq!(encode::json::json(&table), expected);
}

#[test]
fn json_is_json_whatever_a_code_holds() {
    let mut table = sample::districts();
    table.rows[0].codes[0] = "a\"b\\c\n\u{2028}".to_owned();
    let value: serde_json::Value = serde_json::from_str(&encode::json::json(&table)).unwrap();
    assert_eq!(value["rows"][0]["division"], "a\"b\\c\n\u{2028}");
    assert_eq!(value["totals"]["value"], 158_214);
    let ratio: serde_json::Value =
        serde_json::from_str(&encode::json::json(&sample::skilled())).unwrap();
    assert_eq!(ratio["totals"]["numerator"], 1_023_500);
}

#[test]
fn csv_has_a_row_per_cell_and_the_total_last() {
    let table = sample::table(
        "2020",
        &[("220102", 4210, 4515), ("=1+1", 1, 2)],
        (4211, 4517),
        (3, 4),
    );
    let text = String::from_utf8(encode::csv::csv(&table, false)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "division,value,numerator,denominator,target,progress,pace,verdict,mark",
            "220102,4210,,,4515,0.932447397564,0.75,on_track,",
            "'=1+1,1,,,2,0.5,0.75,behind,",
            ",4211,,,4517,0.932255922072,0.75,on_track,",
        ]
    );
    assert!(encode::csv::csv(&table, true).starts_with("\u{FEFF}division".as_bytes()));
}

#[test]
fn a_terminal_table_is_aligned_by_what_is_shown() {
    let text = encode::text::text(&sample::districts(), sample::programme(), Language::Zh);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].starts_with("单位"), "{text}");
    // Every verdict stands in the same column.
    let columns: BTreeSet<usize> = lines[3..lines.len() - 1]
        .iter()
        .map(|line| {
            let at = line
                .rfind(['▲', '●', '◆', '▼', '○', '–'])
                .expect("a verdict");
            encode::text::width(&line[..at])
        })
        .collect();
    assert_eq!(columns.len(), 1, "{text}");
    assert!(lines.iter().any(|line| line.starts_with("合计")));
}

#[test]
fn a_workbook_of_figures_has_numbers_under_chinese_heads() {
    let (table, programme) = (sample::districts(), sample::programme());
    let bytes = encode::xlsx::xlsx(&table, programme);
    assert_eq!(
        bytes,
        encode::xlsx::xlsx(&table, programme),
        "the same table gives the same bytes"
    );
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["数据", "口径与标记", "来源"]);
    let data = workbook.worksheet_range("数据").unwrap();
    let rows: Vec<_> = data.rows().collect();
    assert_eq!(rows[2][0], Data::String("单位".to_owned()));
    assert_eq!(rows[2][1], Data::String("累计完成".to_owned()));
    assert_eq!(rows[3][0], Data::String("合计".to_owned()));
    assert_eq!(rows[3][1], Data::Float(158_214.0));
    assert_eq!(rows.len(), 3 + 1 + table.rows.len());
}

#[test]
fn a_form_can_be_sent_back_as_it_is() {
    let programme = sample::programme();
    for contract in programme.contracts.values() {
        let bytes = form::form(contract, programme);
        assert_eq!(bytes, form::form(contract, programme));
        let sheets = sheets(bytes);
        let titles: Vec<&str> = contract
            .columns
            .iter()
            .map(|column| column.title.zh.as_str())
            .collect();
        let (name, rows) = &sheets[0];
        assert_eq!(name, &contract.title.zh);
        assert_eq!(rows[0], titles, "{}", contract.id);
        // No row of the other sheets may pass for a header: none names two columns by itself or with the next one.
        let known: BTreeSet<&str> = contract
            .columns
            .iter()
            .flat_map(|column| {
                [
                    column.name.as_str(),
                    column.title.zh.as_str(),
                    column.title.en.as_str(),
                ]
                .into_iter()
                .chain(column.aliases.iter().map(String::as_str))
            })
            .collect();
        for (sheet, rows) in &sheets[1..] {
            for pair in rows.windows(2) {
                let named = pair
                    .iter()
                    .flatten()
                    .filter(|cell| known.contains(cell.as_str()))
                    .count();
                assert!(named < 2, "{}: {sheet}: {pair:?}", contract.id);
            }
        }
        assert!(sheets.iter().any(|(name, _)| name == "填报说明"));
    }
}

#[test]
fn a_receipt_gives_back_what_was_sent() {
    let programme = sample::programme();
    let contract = &programme.contracts["training"];
    let mut cells = vec![String::new(); contract.columns.len()];
    cells[contract.position("id_number").unwrap()] = "220104198503150001".to_owned();
    cells[contract.position("name").unwrap()] = "=cmd|' /C calc'!A0".to_owned();
    let sent = Receipt {
        file: "training__DP01__220102__2019-09.xlsx".to_owned(),
        sha256: "00".repeat(32),
        status: FileStatus::Loaded,
        totals: Totals {
            received: 7,
            new: 4,
            correction: 1,
            withdrawal: 0,
            unchanged: 1,
            rejected: 1,
        },
        repairs: vec![Repair {
            row: 3,
            sheet: None,
            column: "start_date".to_owned(),
            rule: "date_dots".to_owned(),
        }],
        violations: vec![Violation {
            row: 9,
            sheet: None,
            rule: "R001".to_owned(),
            column: "id_number".to_owned(),
            effect: RowEffect::Reject,
            value: "2201************01".to_owned(),
            message: Text::new("校验位不符", "wrong check digit"),
        }],
        dataset: Some("training".to_owned()),
        department: Some("DP01".to_owned()),
        reading: None,
        earlier: None,
        repairs_not_listed: 0,
        violations_not_listed: 0,
        rows_to_correct: vec![RowToCorrect {
            row: 9,
            cells: cells.clone(),
            reasons: vec![Text::new("校验位不符", "wrong check digit")],
        }],
    };
    let sheets = sheets(receipt::workbook(&sent, Some(contract), programme));
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["汇总", "自动修正", "问题", "待更正"]);
    let identity = "收到 7 ＝ 新增 4 ＋ 更正 1 ＋ 撤销 0 ＋ 未变 1 ＋ 退回 1";
    assert!(sheets[0].1.iter().flatten().any(|cell| cell == identity));
    assert!(sheets[1].1[1].contains(&"2020.3.5 形式的日期".to_owned()));
    assert!(sheets[2].1[1].contains(&"证件号码".to_owned()));
    let back = &sheets[3].1;
    let titles = contract
        .columns
        .iter()
        .map(|column| column.title.zh.clone());
    assert_eq!(
        back[0],
        titles.chain(["原因".to_owned()]).collect::<Vec<_>>()
    );
    assert_eq!(&back[1][..cells.len()], cells.as_slice());
    assert!(back[1][cells.len()].contains("校验位不符"));
}

#[test]
fn every_repair_of_intake_has_a_text() {
    let source = include_str!("../../src/intake/value.rs");
    let ids = source.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let _bit: u32 = words.next()?.parse().ok()?;
        words.nth(1)?.strip_prefix('"')?.strip_suffix('"')
    });
    let ids: Vec<&str> = ids.collect();
    assert!(ids.len() > 10);
    for id in ids {
        assert!(texts::all().contains_key(&format!("repair_{id}")), "{id}");
    }
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_values() {
    let values = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    // Chinese needs no lead before the names, English none before "of the target".
    let one_sided = ["answer_units_lead", "answer_of_target_after"];
    for (key, text) in texts::all() {
        if !one_sided.contains(&key.as_str()) {
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{key}");
        }
        // Forms and receipts are Chinese; their English is a gloss.
        let page = ["answer_", "summary_", "gap_", "small_", "fresh_", "chart_"];
        let split = key == "answer_of_target" || key == "answer_of_target_after";
        if page.iter().any(|start| key.starts_with(start)) && !split {
            assert_eq!(values(&text.zh), values(&text.en), "{key}");
        }
    }
}

#[test]
fn every_key_that_is_used_exists_and_every_key_is_used() {
    let templates = [
        include_str!("../../src/presentation/templates/frame.html"),
        include_str!("../../src/presentation/templates/macros.html"),
        include_str!("../../src/presentation/templates/page.html"),
        include_str!("../../src/presentation/templates/explanation.html"),
        include_str!("../../src/presentation/templates/mistakes.html"),
    ]
    .concat();
    let used = templates
        .split(" t.")
        .skip(1)
        .map(|rest| {
            rest.split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
                .next()
                .unwrap()
        })
        .filter(|key| key.len() > 3);
    for key in used {
        assert!(
            texts::all().contains_key(key),
            "the template asks for {key}"
        );
    }
    let mut sources = vec![templates.clone()];
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/presentation"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    // Keys put together from a prefix and a code.
    let built = [
        "explain_",
        "mark_",
        "kind_",
        "dimension_",
        "form_",
        "repair_",
        "count_",
        "return_",
        "bridge_",
        "step_",
        "targets_",
    ];
    for key in texts::all().keys() {
        let named = sources.iter().any(|source| source.contains(key.as_str()));
        assert!(
            named || built.iter().any(|start| key.starts_with(start)),
            "nobody uses {key}"
        );
    }
}

#[test]
fn texts_of_a_chart_stay_apart_and_inside() {
    for (name, table) in sample::all() {
        for language in LANGUAGES {
            for width in [Width::Wide, Width::Phone] {
                let scene = charts::bullets(&table, sample::programme(), language, width).scene;
                let labels: Vec<&Label> = scene.labels().collect();
                for (position, label) in labels.iter().enumerate() {
                    let (left, top, right, bottom) = label.extent();
                    let inside = left >= -0.5
                        && top >= 0.0
                        && right <= scene.width + 0.5
                        && bottom <= scene.height;
                    assert!(inside, "{name} {language:?} {width:?}: {label:?} is cut");
                    for other in &labels[position + 1..] {
                        let (l, t, r, b) = other.extent();
                        let apart = r <= left || right <= l || b <= top || bottom <= t;
                        assert!(
                            apart,
                            "{name} {language:?} {width:?}: {} meets {}",
                            label.text, other.text
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_chart_says_what_it_shows() {
    let table = sample::districts();
    let zh = charts::summary::summary(&table, sample::programme(), Language::Zh);
    assert_eq!(
        zh,
        "16 个单位中，双阳区滞后，莲花山、九台区、宽城区等 7 个单位预警，8 个不低于序时进度，最高为汽开区（94.4%），最低为双阳区（65.5%）。"
    );
    let chart = charts::bullets(&table, sample::programme(), Language::Zh, Width::Wide);
    let svg = chart.svg("c", "title");
    assert!(svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains(&zh));
    let none = charts::summary::summary(&sample::untargeted(), sample::programme(), Language::En);
    assert!(none.starts_with("There are no targets by unit"), "{none}");
}

#[test]
fn the_stylesheet_knows_every_colour_of_the_charts() {
    for colour in theme::ALL {
        let hex = format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
        assert!(STYLESHEET.contains(&format!("[fill=\"{hex}\"]")), "{hex}");
        assert!(
            STYLESHEET.contains(&hex.to_lowercase()),
            "{hex} is not a colour of the page"
        );
    }
}

#[test]
fn text_has_enough_contrast_in_light_and_dark() {
    let named = |scheme: usize, name: &str| {
        let start = STYLESHEET
            .match_indices(&format!("--{name}: #"))
            .nth(scheme)
            .unwrap()
            .0;
        let hex = &STYLESHEET[start + name.len() + 5..start + name.len() + 11];
        let part = |at: usize| {
            let share = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    };
    for scheme in [0, 1] {
        for ground in ["paper", "wash"] {
            for name in [
                "ink", "muted", "accent", "ahead", "on-track", "at-risk", "behind",
            ] {
                let (a, b) = (named(scheme, name), named(scheme, ground));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{name} on {ground}: {contrast:.2}");
            }
        }
    }
}

/// A page with one panel of each kind that the sample tables can fill.
const PAGE: &str = r#"
id = "overview"
title = { zh = "总览", en = "Overview" }
audience = "leaders"

[[row]]
panels = [{ view = "answer", indicator = "trained_person_times", by = ["division"], lead = { zh = "{period}累计完成补贴性培训 ", en = "{period}: " } }]

[[row]]
panels = [
    { view = "tile", indicator = "trained_person_times" },
    { view = "tile", indicator = "skilled_ratio" },
    { view = "tile", indicator = "highly_skilled_ratio" },
]

[[row]]
panels = [{ view = "bullets", indicator = "trained_person_times", by = ["division"] }]

[[row]]
panels = [{ view = "table", indicator = "trained_person_times", by = ["division"] }]
"#;

fn definitions() -> &'static dabiao::project::Definitions {
    static DEFINITIONS: std::sync::LazyLock<dabiao::project::Definitions> =
        std::sync::LazyLock::new(|| {
            dabiao::project::Definitions::parse(definition_files()).expect("the built-in files")
        });
    &DEFINITIONS
}

fn definition_files() -> dabiao::programme::Files {
    let mut files = dabiao::project::built_in();
    files.retain(|path, _| !path.starts_with("dashboards/"));
    files
}

fn dashboards(files: &[(&str, &str)]) -> Dashboards {
    let files = files
        .iter()
        .map(|(path, source)| ((*path).to_owned(), (*source).to_owned()))
        .collect();
    let definitions = definitions();
    Dashboards::parse(&files, &definitions.programme, &definitions.catalog)
}

fn sheet(selection: &Selection, table: &Table) -> (Sheet, String) {
    sheet_with(selection, table, Vec::new())
}

fn sheet_with(selection: &Selection, table: &Table, returns: Vec<Return>) -> (Sheet, String) {
    let dashboards = dashboards(&[("dashboards/overview.toml", PAGE)]);
    let Some(Page::Ready(dashboard)) = dashboards.get("overview") else {
        panic!("{:?}", dashboards.problems().collect::<Vec<_>>());
    };
    let definitions = definitions();
    let asked = needs(dashboard, selection, &definitions.catalog);
    assert!(asked.contains(&Need::Completeness));
    let tables = asked
        .into_iter()
        .filter_map(|need| match need {
            Need::Figures(request) => Some(request),
            _ => None,
        })
        .map(|request| {
            let answer = match (request.indicator.as_str(), request.by.len()) {
                ("skilled_ratio", _) => Ok(Arc::new(sample::skilled())),
                ("highly_skilled_ratio", _) => Ok(Arc::new(sample::highly_skilled())),
                (_, 0) => Ok(Arc::new(Table {
                    dimensions: vec![],
                    rows: vec![],
                    ..table.clone()
                })),
                (_, 1) => Ok(Arc::new(table.clone())),
                _ => Err(Text::new("无", "none")),
            };
            (request, answer)
        });
    let material = Material {
        programme: definitions.programme.clone(),
        catalog: definitions.catalog.clone(),
        freshness: sample::freshness(),
        missing: 2,
        tables: tables.collect(),
        ledger: None,
        completeness: Some(Ok(Completeness {
            snapshot: sample::freshness().snapshot,
            day: sample::freshness().data_as_of,
            period: None,
            returns,
        })),
        findings: None,
        targets: None,
        history: std::collections::HashMap::new(),
    };
    let site = Site {
        dashboards: &dashboards,
        selection,
    };
    (
        site.sheet(dashboard, &material),
        site.page(dashboard, &material),
    )
}

fn page(language: Language, table: &Table) -> String {
    let selection = Selection {
        language,
        ..Selection::default()
    };
    sheet(&selection, table).1
}

#[test]
fn the_page_answers_first_and_misleads_nobody() {
    let html = page(Language::Zh, &sample::districts());
    assert!(
        html.contains("83.27%")
            && html.contains("略低于序时进度（83.33%）：差 119 人次，不到 1 天的量")
    );
    assert!(html.contains("SYNTHETIC"));
    assert!(html.contains("24.6%") && html.contains("距目标还差 0.4 个百分点"));
    let heading = html.find("<h1").unwrap();
    assert!(heading < html.find("class=\"big\"").unwrap());
    let english = page(Language::En, &sample::districts());
    assert!(english.contains("lang=\"en\"") && english.contains("less than one day"));
    // Nothing but Chinese names of the product's other language is left untranslated.
    let chinese: BTreeSet<char> = english
        .chars()
        .filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(c))
        .collect();
    let allowed: BTreeSet<char> = "中文长府办发号".chars().collect();
    assert!(chinese.is_subset(&allowed), "{chinese:?}");
}

#[test]
fn a_page_asks_nothing_of_inline_scripts_and_styles_or_other_hosts() {
    for (name, table) in sample::all() {
        for language in LANGUAGES {
            let html = page(language, &table);
            for forbidden in [
                "<script>",
                " style=",
                "<style",
                "onclick",
                "src=\"http",
                "href=\"http",
                "javascript:",
            ] {
                assert!(!html.contains(forbidden), "{name}: {forbidden}");
            }
            let ids: Vec<&str> = html
                .split(" id=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            let different: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), different.len(), "{name}: an id stands twice");
        }
    }
}

#[test]
fn names_are_escaped() {
    let mut table = sample::districts();
    table.rows[0].codes[0] = "<img src=x>&\"".to_owned();
    table.title = Text::new("<b>标题</b>", "<b>title</b>");
    for language in LANGUAGES {
        let html = page(language, &table);
        assert!(
            !html.contains("<img src=x>")
                && !html.contains("<b>标题")
                && !html.contains("<b>title")
        );
    }
}

#[test]
fn a_bullet_never_leaves_its_scale() {
    let mut table = sample::districts();
    let over = table
        .rows
        .iter_mut()
        .find(|row| row.codes[0] == "220174")
        .unwrap();
    *over = sample::row("220174", 31_738, 15_869, (5, 6));
    assert_eq!(over.verdict, Verdict::Ahead);
    let scene = charts::bullets(&table, sample::programme(), Language::Zh, Width::Wide).scene;
    for mark in &scene.marks {
        if let charts::scene::Mark::Bar(left, _, right, _, _) = mark {
            assert!(*left >= -0.1 && *right <= scene.width + 0.1);
        }
    }
    assert_eq!(table.kind, Kind::Flow);
    assert!(matches!(table.totals.value, Some(Value::Number(_))));
}

#[test]
fn the_model_stands_by_itself() {
    let selection = Selection {
        as_of: Some("01J0".to_owned()),
        ..Selection::default()
    };
    let (model, _) = sheet(&selection, &sample::districts());
    assert_eq!(model.rows[1].panels.len(), 3);
    let grid = model.rows[3].panels[0].grid.as_ref().unwrap();
    assert!(grid.rows[0].total && grid.rows[1].short == "双阳区");
    let columns: Vec<&str> = grid
        .columns
        .iter()
        .map(|column| column.label.as_str())
        .collect();
    assert_eq!(
        columns,
        [
            "累计完成（人次）",
            "目标",
            "完成率",
            "进度差（百分点）",
            "完成、序时与目标",
            "评价"
        ]
    );
    // The exact value stands behind the shown one, and leads to its explanation in this snapshot.
    let cell = &grid.rows[1].cells[0];
    assert_eq!(cell.exact.as_deref(), Some("5120"));
    assert_eq!(
        cell.href.as_deref(),
        Some(
            "/explain/trained_person_times?where=division%3D220112&period=2019..2021&scope=CC2019&as_of=20210701T020000-7c1f"
        )
    );
    let fresh = model.frame.fresh.as_ref().unwrap();
    assert_eq!(fresh.pinned_link, "/?as_of=20210701T020000-7c1f");
    assert_eq!(fresh.live_link, "/");
    assert_eq!(fresh.missing.as_ref().unwrap().0, "缺报 2 份");
    let periods: Vec<&str> = model.filters[0]
        .options
        .iter()
        .map(|option| option.href.as_str())
        .collect();
    assert_eq!(&periods[..5], ["", "2019", "2020", "2021", "ytd:2021-06"]);
    assert_eq!(
        periods.last(),
        Some(&"2021Q2"),
        "no quarter that has not begun"
    );
}

#[test]
fn the_table_of_units_tells_how_much_of_their_returns_is_in() {
    use dabiao::analysis::completeness::{Expected, Status};
    use dabiao::programme::{Period, config::Frequency};
    let due = |division: &str, quarter: &str, status: Status| {
        let period = Period::parse(quarter).unwrap();
        let end = period.end();
        Return {
            expected: Expected {
                dataset: "training".to_owned(),
                department: "DP01".to_owned(),
                division: division.to_owned(),
                frequency: Frequency::Quarter,
                period,
                due: end,
            },
            received: matches!(status, Status::OnTime | Status::Late).then_some(end),
            zero: false,
            status,
        }
    };
    // 双阳区: one of two due returns is in, 50%; with 南关区's two, 3 of 4 in the city, 75%. What is not due yet counts for nobody.
    let returns = vec![
        due("220112", "2020Q1", Status::OnTime),
        due("220112", "2020Q2", Status::Missing),
        due("220112", "2021Q3", Status::NotDue),
        due("220102", "2020Q1", Status::Late),
        due("220102", "2020Q2", Status::OnTime),
    ];
    let (model, _) = sheet_with(&Selection::default(), &sample::districts(), returns);
    let grid = model.rows[3].panels[0].grid.as_ref().unwrap();
    let column = grid
        .columns
        .iter()
        .position(|column| column.class.contains("c-returns"))
        .expect("the column is there");
    let shown = |name: &str| {
        let row = grid.rows.iter().find(|row| row.short == name).unwrap();
        row.cells[column].text.clone()
    };
    assert_eq!(shown("全市合计"), "75%");
    assert_eq!(shown("双阳区"), "50%");
    assert_eq!(shown("南关区"), "100%");
    assert_eq!(shown("莲花山"), "—");
}

#[test]
fn a_dashboard_file_is_read_strictly_and_harms_no_other_page() {
    let broken = r#"id = "broken"
title = { zh = "坏", en = "Broken" }
audience = "leaders"
filters = ["colour"]

[[row]]
panels = [
    { view = "pie", indicator = "trained_person_times" },
    { view = "tile", indicator = "trained_people" },
    { view = "heat", indicator = "trained_person_times", by = ["division"] },
    { view = "cumulative", indicator = "skilled_ratio" },
    { view = "tile", indicator = "apprentices", share = 12, period = "2020Q9" },
]
"#;
    let twice = "id = \"other\"\ntitle = { zh = \"甲\", en = \"A\" }\naudience = \"leaders\"\ncolour = 1\nrow = []\n";
    let dashboards = dashboards(&[
        ("dashboards/overview.toml", PAGE),
        ("dashboards/broken.toml", broken),
        ("dashboards/twice.toml", twice),
    ]);
    assert!(matches!(dashboards.get("overview"), Some(Page::Ready(_))));
    let told: Vec<(String, Option<usize>, String)> = dashboards
        .problems()
        .map(|problem| {
            (
                problem.file.clone(),
                problem.line,
                problem.message.en.clone(),
            )
        })
        .collect();
    let expected = [
        ("dashboards/broken.toml", 4, "colour"),
        ("dashboards/broken.toml", 8, "twelfths"),
        ("dashboards/broken.toml", 8, "pie"),
        ("dashboards/broken.toml", 9, "trained_people"),
        ("dashboards/broken.toml", 10, "2 to 2 dimensions"),
        ("dashboards/broken.toml", 11, "does not show a ratio"),
        ("dashboards/broken.toml", 12, "2020Q9"),
        ("dashboards/twice.toml", 4, "colour"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for ((file, line, words), (found, at, message)) in expected.iter().zip(&told) {
        assert_eq!((found.as_str(), *at), (*file, Some(*line)), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let site = Site {
        dashboards: &dashboards,
        selection: &Selection::default(),
    };
    let Some(Page::Broken { id, problems }) = dashboards.get("broken") else {
        panic!("it has mistakes");
    };
    let html = site.mistakes(id, problems, sample::programme());
    assert!(html.contains("dashboards/broken.toml:8") && html.contains("href=\"/\""));
}

#[test]
fn every_built_in_page_can_be_read() {
    let files = dabiao::project::built_in();
    let definitions = definitions();
    let dashboards = Dashboards::parse(&files, &definitions.programme, &definitions.catalog);
    assert_eq!(
        dashboards.problems().collect::<Vec<_>>(),
        Vec::<&dabiao::programme::Problem>::new()
    );
    let ids: Vec<&str> = dashboards.iter().map(Page::id).collect();
    assert_eq!(
        ids,
        [
            "overview",
            "division",
            "sector",
            "groups",
            "skills",
            "apprentices",
            "funds",
            "reporting",
            "findings",
            "reviews",
            "definitions"
        ]
    );
}

#[test]
fn amounts_of_money_are_said_in_ten_thousands_or_millions() {
    use dabiao::presentation::numbers::money;
    use dabiao::programme::Decimal;
    let amount = |fen: i128| Decimal::new(fen, 2);
    assert_eq!(
        money(amount(8_461_510_000), Language::Zh),
        ("8461.5".to_owned(), "万元")
    );
    assert_eq!(
        money(amount(8_461_510_000), Language::En),
        ("84.6".to_owned(), "million yuan")
    );
    assert_eq!(
        money(amount(999_999), Language::Zh),
        ("9999.99".to_owned(), "元")
    );
    assert_eq!(
        money(amount(-500_000_000), Language::Zh),
        ("−500.0".to_owned(), "万元")
    );
}

#[test]
fn only_numbers_are_grouped() {
    use dabiao::presentation::numbers::grouped;
    let shown = |text: &str| grouped(text, "[", "]");
    assert_eq!(shown("160151 人次，12345.67"), "160[151] 人次，12[345].67");
    // Names, codes among letters and digests stay whole.
    for whole in [
        "L000001",
        "e91c8f1913b5",
        "54917019dd23",
        "DP01__220104__x",
        "S000010-5b",
    ] {
        assert_eq!(shown(whole), whole);
    }
}

/// Writes the pages of all sample tables for a browser to look at, where `DABIAO_PAGES` names a folder.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = std::env::var_os("DABIAO_PAGES").map(std::path::PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(folder.join("assets/dabiao.css"), STYLESHEET).unwrap();
    for (name, table) in sample::all() {
        for (language, code) in [(Language::Zh, "zh"), (Language::En, "en")] {
            let html = page(language, &table).replace("\"/assets/", "\"assets/");
            std::fs::write(folder.join(format!("{name}_{code}.html")), html).unwrap();
        }
    }
}
