//! The money datasets and returns without names: funds, education funds, aggregate returns.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::Plan;
use super::classes::EMPLOYERS;
use super::course::DEPARTMENTS;
use super::events::{Quarter, Reports, quarter_name, quarter_of};
use super::files::{Extra, Live};
use super::identity::uscc;
use super::other::texts;
use super::random::Random;
use super::tables::Tables;
use super::write::{Format, Sheet};

/// Year and month, division, source and kind of a sum in yuan.
type FundKey = ((i32, u32), usize, &'static str, &'static str);

/// Budgets each January, and month by month what was approved and paid by the training records.
pub(super) fn funds(plan: &Plan, tables: &Tables, reports: &Reports, live: &[Live]) -> Vec<Extra> {
    let mut sums: BTreeMap<FundKey, u64> = BTreeMap::new();
    for one in live {
        let class = &reports.classes[one.class];
        let (Some(yuan), Some(source)) = (one.member.subsidy, one.member.funding) else {
            continue;
        };
        let known = one.event.view(plan, class).as_of;
        for (kind, day) in [
            ("审核", one.member.approved_on),
            ("拨付", one.member.paid_on),
        ] {
            if let Some(day) = day.filter(|day| *day <= known && *day >= plan.from) {
                *sums
                    .entry(((day.year(), day.month()), class.division, source, kind))
                    .or_default() += u64::from(yuan);
            }
        }
    }
    for year in plan.from.year()..=plan.to.year() {
        for (place, unit) in tables.divisions.iter().enumerate() {
            let target = u64::from(unit.targets[(year - 2019).clamp(0, 2) as usize]);
            let january = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
            if target > 0
                && unit.valid_from.is_none_or(|day| day <= january)
                && january >= plan.from
            {
                sums.insert(((year, 1), place, "FS01", "预算"), target * 300);
                sums.insert(((year, 1), place, "FS02", "预算"), target * 800);
            }
        }
    }
    let mut by_quarter: BTreeMap<Quarter, Vec<Vec<String>>> = BTreeMap::new();
    for (((year, month), place, source, kind), yuan) in sums {
        let quarter = (year * 4 + (month as i32 - 1) / 3) as Quarter;
        let unit = &tables.divisions[place];
        let (period, amount) = (format!("{year}-{month:02}"), format!("{yuan}.00"));
        let source = tables.label("funding_sources", source);
        by_quarter.entry(quarter).or_default().push(texts([
            &period,
            &unit.label,
            "财政",
            source,
            kind,
            &amount,
        ]));
    }
    by_quarter
        .into_iter()
        .map(|(quarter, rows)| Extra {
            quarter,
            dataset: "funds",
            department: "DP06",
            period: quarter_name(quarter),
            format: Format::GB,
            sheet: Sheet {
                title: "SYNTHETIC 资金".to_owned(),
                names: &[
                    "period",
                    "division",
                    "department",
                    "funding_source",
                    "kind",
                    "amount",
                ],
                titles: &["期间", "地区", "部门", "资金来源", "资金性质", "金额"],
                rows,
            },
        })
        .collect()
}

/// Two hundred enterprises, each full year, reported in the first quarter of the next.
pub(super) fn education_funds(plan: &Plan) -> impl Iterator<Item = Extra> {
    let (first, to, seed) = (plan.from.year(), plan.to, plan.seed);
    let full =
        move |year: &i32| NaiveDate::from_ymd_opt(*year + 1, 3, 31).is_some_and(|day| day <= to);
    (first..=to.year()).filter(full).map(move |year| {
        let rows = (0..200)
            .map(|at| {
                let mut random = Random::keyed(seed, &[0x6564_7566, at, year as u64]);
                let payroll = random.between(400, 60_000) as u64 * 10_000;
                let drawn = payroll * random.between(15, 80) as u64 / 1_000;
                let used = drawn * random.between(45, 110) as u64 / 100;
                // Two in three reach the 60 % that must go to the front line.
                let front = used * random.between(48, 85) as u64 / 100;
                let money = |yuan: u64| format!("{yuan}.00");
                let code = uscc(at * (EMPLOYERS / 200));
                vec![
                    code,
                    year.to_string(),
                    money(payroll),
                    money(drawn),
                    money(used),
                    money(front),
                ]
            })
            .collect();
        Extra {
            quarter: quarter_of(NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap_or_default()),
            dataset: "education_funds",
            department: "DP11",
            period: year.to_string(),
            format: Format::Xlsx,
            sheet: Sheet {
                title: "SYNTHETIC 企业职工教育经费".to_owned(),
                names: &[
                    "employer_uscc",
                    "year",
                    "payroll",
                    "drawn",
                    "used",
                    "frontline",
                ],
                titles: &[
                    "统一社会信用代码",
                    "年度",
                    "工资总额",
                    "提取",
                    "支出",
                    "一线职工支出",
                ],
                rows,
            },
        }
    })
}

/// Totals without names from the trade unions, and explicit zeros, for each quarter.
pub(super) fn returns(
    plan: &Plan,
    tables: &Tables,
    reports: &Reports,
    live: &[Live],
) -> Vec<Extra> {
    let unions = |one: &&Live| DEPARTMENTS[reports.classes[one.class].department].code == "DP18";
    let mut sums: BTreeMap<(Quarter, usize), u64> = BTreeMap::new();
    for one in live
        .iter()
        .filter(unions)
        .filter(|one| one.status == "completed")
    {
        let class = &reports.classes[one.class];
        *sums
            .entry((quarter_of(class.course.end), class.division))
            .or_default() += 1;
    }
    (quarter_of(plan.from)..=quarter_of(plan.to))
        .map(|quarter| {
            let period = quarter_name(quarter);
            let first = super::events::first_day(quarter);
            let rows = tables
                .divisions
                .iter()
                .enumerate()
                .filter(|(_, unit)| unit.valid_from.is_none_or(|day| day <= first))
                .map(|(place, unit)| {
                    let value = sums
                        .get(&(quarter, place))
                        .copied()
                        .unwrap_or_default()
                        .to_string();
                    texts([period.as_str(), &unit.label, "补贴性培训人次", &value])
                })
                .collect();
            Extra {
                quarter,
                dataset: "returns",
                department: "DP18",
                period,
                format: Format::UTF8,
                sheet: Sheet {
                    title: "SYNTHETIC 汇总报送".to_owned(),
                    names: &["period", "division", "indicator", "value"],
                    titles: &["期间", "地区", "指标", "数值"],
                    rows,
                },
            }
        })
        .collect()
}
