//! The sentences: made from the data, in the right unit, never the title.

use super::{LANGUAGES, layout::WIDTHS, samples};
use crate::presentation::sample;
use dabiao::indicators::table::RunRate;
use dabiao::presentation::charts::{Width, trend};
use dabiao::programme::{Language, Ratio};

fn curve(name: &str, language: Language) -> String {
    let (_, curve) = samples::curves()
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    curve.chart(language, Width::Wide).summary
}

#[test]
fn the_curve_says_the_gap_in_the_unit_and_in_points() {
    assert_eq!(
        curve("plain", Language::Zh),
        "到2021年6月30日累计 15.8万人次，为目标 19万的 83.27%，比序时进度（83.33%）少 119人次、低 0.06 个百分点。"
    );
    assert_eq!(
        curve("forecast below", Language::En),
        "158214 person-times by 30 June 2021, 83.27% of the target of 190000; 119 person-times or 0.06 percentage points below the pace (83.33%); expected by the end of 2021: 165000 (80% between 163200 and 166800)."
    );
    assert_eq!(
        curve("untargeted", Language::Zh),
        "到2021年6月30日累计 15.8万人次；此期间或范围没有目标，不作评价。"
    );
    assert!(
        curve("217 per cent", Language::Zh).ends_with("，为目标 6.45万的 217.1%，目标已经达到。")
    );
    assert!(curve("open month", Language::Zh).ends_with("；2021年6月尚未结束。"));
    assert_eq!(
        curve("nothing", Language::En),
        "There are no records for this period or scope yet."
    );
}

#[test]
fn the_curve_holds_what_is_needed_against_what_was_brought() {
    let mut table = samples::three_years();
    table.totals.run_rate = Some(RunRate {
        needed: Ratio::new(31_786, 6).unwrap(),
        months_left: Ratio::new(6, 1).unwrap(),
        best: None,
    });
    let curve = samples::curve(&table, &samples::city_targets(), "2021-06-30");
    // (2100 + 1900 + 7300 + 8600 + 10200 + 14814) / 6 = 7485.67; 31786 / 6 = 5297.67, rounded up.
    let said = curve.chart(Language::Zh, Width::Wide).summary;
    assert!(
        said.ends_with("；近 6 个月平均每月 7486，今后每月需 5298。"),
        "{said}"
    );
}

#[test]
fn a_ratio_says_its_parts_and_what_is_missing() {
    let rising = [212, 216, 219, 223, 227, 231, 235, 239, 243, 246].map(Some);
    let day = "2021-06-30".parse().unwrap();
    let said = |language| {
        trend(
            &samples::by_quarter(&rising, Some("0.25")),
            day,
            language,
            Width::Wide,
        )
        .unwrap()
        .summary
    };
    assert_eq!(
        said(Language::Zh),
        "2021年6月30日为 24.6%（1023606 / 4161000），距目标 25% 还差 0.4 个百分点；2019年3月底为 21.2%。"
    );
    assert_eq!(
        said(Language::En),
        "24.6% (1023606 / 4161000) on 30 June 2021, 0.4 percentage points short of the target of 25%; it was 21.2% at the end of March 2019."
    );
}

#[test]
fn small_multiples_say_since_when_the_last_one_lags() {
    let units = sample::districts();
    let said = samples::multiples(&units, Language::Zh, Width::Wide).summary;
    assert!(
        said.starts_with("16 个单位中，双阳区滞后") && said.ends_with("，双阳区一直低于序时进度。"),
        "{said}"
    );
}

#[test]
fn no_summary_is_empty_or_unfilled_or_the_title() {
    for (name, chart) in samples::all() {
        for language in LANGUAGES {
            let said: Vec<String> = WIDTHS
                .iter()
                .map(|width| chart(language, *width).summary)
                .collect();
            let summary = &said[0];
            assert!(
                said.iter().all(|other| other == summary),
                "{name}: one sentence for all widths"
            );
            assert!(
                summary.chars().count() > 10 && !summary.contains(['{', '}']),
                "{name}: {summary}"
            );
            let svg = chart(language, Width::Wide).svg("id", "Title of it");
            assert!(
                svg.contains("<title id=\"id-t\">Title of it</title>"),
                "{name}"
            );
            assert!(
                !summary.contains("Title of it") && !summary.starts_with("补贴性培训人次"),
                "{name}"
            );
        }
    }
}
