//! What people see: encodings byte for byte, forms and receipts read back, texts, charts and the page.

pub mod sample;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use dabiao::indicators::table::{Kind, Value, Verdict};
use dabiao::intake::receipt::{
    FileStatus, Receipt, Repair, RowEffect, RowToCorrect, Totals, Violation,
};
use dabiao::presentation::charts::{self, Width, scene::Label};
use dabiao::presentation::pages::{Inputs, Overview, overview};
use dabiao::presentation::{STYLESHEET, charts::theme, encode, form, receipt, texts};
use dabiao::programme::{Language, Text};
use std::collections::BTreeSet;
use std::io::Cursor;

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
    let template = include_str!("../../src/presentation/templates/overview.html");
    let used = template
        .split("t.")
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
    let mut sources = vec![template.to_owned()];
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
                let scene = charts::districts_scene(&table, sample::programme(), language, width);
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
    let svg = charts::districts(&table, sample::programme(), Language::Zh, Width::Wide);
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

fn page(language: Language, table: &dabiao::indicators::table::Table) -> String {
    let (skilled, highly) = (sample::skilled(), sample::highly_skilled());
    overview(&Inputs {
        programme: sample::programme(),
        freshness: &sample::freshness(),
        trained: table,
        ratios: &[&skilled, &highly],
        as_of: None,
        language,
        synthetic: true,
    })
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
    assert!(heading < html.find("class=\"tiles\"").unwrap());
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
fn a_page_asks_nothing_of_scripts_inline_styles_or_other_hosts() {
    for (name, table) in sample::all() {
        for language in LANGUAGES {
            let html = page(language, &table);
            for forbidden in [
                "<script",
                " style=",
                "<style",
                "onclick",
                "src=\"http",
                "href=\"http",
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
    let scene = charts::districts_scene(&table, sample::programme(), Language::Zh, Width::Wide);
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
    let (skilled, table) = (sample::skilled(), sample::districts());
    let freshness = sample::freshness();
    let model = Overview::of(&Inputs {
        programme: sample::programme(),
        freshness: &freshness,
        trained: &table,
        ratios: &[&skilled],
        as_of: Some("01J0"),
        language: Language::Zh,
        synthetic: false,
    });
    assert_eq!(model.tiles.len(), 2);
    assert!(model.rows[0].total && model.rows[1].short == "双阳区");
    assert!(model.periods[0].current && model.periods[1].href.contains("as_of=01J0"));
    assert_eq!(model.periods.len(), 4);
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
