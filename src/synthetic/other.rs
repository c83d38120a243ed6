//! The smaller datasets: institutions, targets and certificates; for the others see `money`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::classes::INSTITUTIONS;
use super::events::{Quarter, Reports, quarter_name, quarter_of};
use super::files::{Extra, Live};
use super::identity::{People, Person};
use super::random::Random;
use super::render::institution_code;
use super::tables::Tables;
use super::write::{Format, Sheet};
use super::{Plan, money};

/// All files of the smaller datasets.
pub(super) fn all(
    plan: &Plan,
    tables: &Tables,
    people: &People,
    reports: &Reports,
    live: &[Live],
) -> Vec<Extra> {
    let mut extras = vec![institutions(plan, tables, reports)];
    extras.extend(targets(plan, tables));
    extras.extend(certificates(plan, tables, people, reports, live));
    extras.extend(money::funds(plan, tables, reports, live));
    extras.extend(money::education_funds(plan));
    extras.extend(money::returns(plan, tables, reports, live));
    extras
}

pub(super) fn texts<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// What every institution teaches, with the standards of its level; a few courses are left out: something for the rules to find.
fn institutions(plan: &Plan, tables: &Tables, reports: &Reports) -> Extra {
    let mut taught: BTreeMap<u64, BTreeSet<(u16, &str)>> = BTreeMap::new();
    for class in reports
        .classes
        .iter()
        .filter(|class| class.course.kind != "TT09")
    {
        if let Some(occupation) = class.course.occupation {
            let courses = taught.entry(class.institution).or_default();
            courses.insert((occupation, class.course.level));
        }
    }
    let units = tables.divisions.len() as u64;
    let rows = (0..INSTITUTIONS).flat_map(|number| {
        let mut random = Random::keyed(plan.seed, &[0x696e_7374, number]);
        let unit = &tables.divisions[(number % units) as usize];
        let any = random.below(tables.occupations.len() as u64) as u16;
        let ownership = random.weighted(&[("民办", 55), ("院校", 22), ("公办", 13), ("企业", 10)]);
        let kind = if ownership == "院校" {
            "职业技术学院"
        } else {
            "职业培训学校"
        };
        let mut courses = taught.remove(&number).unwrap_or_default();
        if courses.len() > 1 {
            courses.retain(|_| !random.chance(10));
        }
        if courses.is_empty() {
            courses.insert((any, "L5"));
        }
        let rows = courses.into_iter().map(|(occupation, level)| {
            let (standard, hours) = match level {
                "L5" => ("800", "60"),
                "L4" => ("1500", "110"),
                "L3" => ("2000", "150"),
                "L2" => ("2500", ""),
                "L1" => ("3000", ""),
                _ => ("", ""),
            };
            vec![
                institution_code(number),
                format!("SYNTHETIC{}第{:03}{kind}", unit.label, number + 1),
                ownership.to_owned(),
                unit.label.clone(),
                tables.occupations[usize::from(occupation)].code.clone(),
                tables.label("levels", level).to_owned(),
                "2018-01-01".to_owned(),
                String::new(),
                standard.to_owned(),
                hours.to_owned(),
            ]
        });
        rows.collect::<Vec<_>>()
    });
    let rows = rows.collect();
    Extra {
        quarter: quarter_of(plan.from),
        dataset: "institutions",
        department: "DP01",
        period: plan.from.year().to_string(),
        format: Format::Xlsx,
        sheet: Sheet {
            title: "SYNTHETIC 培训和评价机构目录".to_owned(),
            names: &[
                "code",
                "name",
                "ownership",
                "division",
                "occupation",
                "level",
                "valid_from",
                "valid_to",
                "standard",
                "min_hours",
            ],
            titles: &[
                "机构编码",
                "机构名称",
                "性质",
                "地区",
                "职业编码",
                "等级",
                "生效日期",
                "失效日期",
                "补贴标准",
                "最低学时",
            ],
            rows,
        },
    }
}

/// The split of the targets, from the day the plan was issued.
fn targets(plan: &Plan, tables: &Tables) -> Option<Extra> {
    let issued = NaiveDate::from_ymd_opt(2019, 9, 4)?;
    if plan.to < issued {
        return None;
    }
    let mut rows = Vec::new();
    for unit in &tables.divisions {
        let total = unit.targets.iter().sum();
        let periods = ["2019", "2020", "2021", "2019..2021"];
        for (period, value) in periods
            .into_iter()
            .zip(unit.targets.into_iter().chain([total]))
        {
            if value > 0 {
                let value = value.to_string();
                rows.push(texts([
                    "补贴性培训人次",
                    "县(市)区",
                    &unit.label,
                    period,
                    &value,
                    "分解",
                    "SYNTHETIC",
                    "2019-09-04",
                ]));
            }
        }
    }
    Some(Extra {
        quarter: quarter_of(issued.max(plan.from)),
        dataset: "targets",
        department: "DP01",
        period: "2019..2021".to_owned(),
        format: Format::BOM,
        sheet: Sheet {
            title: "SYNTHETIC 目标分解".to_owned(),
            names: &[
                "indicator",
                "unit_kind",
                "unit",
                "period",
                "value",
                "provenance",
                "decision_ref",
                "valid_from",
            ],
            titles: &[
                "指标",
                "单位类别",
                "单位",
                "期间",
                "目标值",
                "来源性质",
                "依据文号",
                "生效日期",
            ],
            rows,
        },
    })
}

/// A third of the level certificates that training brought, registered in the quarter after they were issued.
fn certificates(
    plan: &Plan,
    tables: &Tables,
    people: &People,
    reports: &Reports,
    live: &[Live],
) -> impl Iterator<Item = Extra> {
    let mut by_quarter: BTreeMap<Quarter, Vec<Vec<String>>> = BTreeMap::new();
    let mut last_start: HashMap<Person, NaiveDate> = HashMap::new();
    for one in live {
        let start = reports.classes[one.class].course.start;
        let last = last_start.entry(one.member.person).or_insert(start);
        *last = start.max(*last);
    }
    for one in live {
        let class = &reports.classes[one.class];
        let mut random = Random::keyed(plan.seed, &[0x6365_7274, one.member.record]);
        let known = one.event.view(plan, class).as_of;
        let certificate = one.member.certificate.filter(|(kind, day)| {
            matches!(*kind, "CT01" | "CT02") && *day <= known && one.status == "completed"
        });
        let (Some((kind, issued)), Some(occupation)) = (certificate, class.course.occupation)
        else {
            continue;
        };
        let unit = &tables.divisions[class.division];
        if !random.chance(330) || unit.valid_from.is_some_and(|day| issued < day) {
            continue;
        }
        let state = random.weighted(&[("在职", 940), ("离开", 35), ("退休", 22), ("死亡", 3)]);
        // Who is trained again is in work, but for a few: something for the rules to find.
        let again = last_start
            .get(&one.member.person)
            .is_some_and(|last| *last >= issued);
        let state = if again && !random.chance(100) {
            "在职"
        } else {
            state
        };
        let quarter = quarter_of(issued).max(quarter_of(plan.from));
        let (mut id, mut name) = (String::new(), String::new());
        people.write_id(one.member.person, &mut id);
        people.write_name(one.member.person, &mut name);
        by_quarter.entry(quarter).or_default().push(vec![
            format!("SYN-CERT-{:08}", one.member.record),
            String::new(),
            "居民身份证".to_owned(),
            id,
            name,
            tables.occupations[usize::from(occupation)].code.clone(),
            tables.label("levels", class.course.level).to_owned(),
            tables.label("certificate_types", kind).to_owned(),
            format!("SYN-Z{:08}", one.member.record),
            issued.to_string(),
            unit.label.clone(),
            class.course.sector.to_owned(),
            state.to_owned(),
            issued.to_string(),
        ]);
    }
    by_quarter.into_iter().map(|(quarter, rows)| Extra {
        quarter,
        dataset: "certificates",
        department: "DP01",
        period: quarter_name(quarter),
        format: Format::GB,
        sheet: Sheet {
            title: "SYNTHETIC 技能人才证书登记".to_owned(),
            names: &[
                "record_no",
                "action",
                "id_type",
                "id_number",
                "name",
                "occupation",
                "level",
                "certificate_type",
                "certificate_no",
                "issued_on",
                "division",
                "sector",
                "employment_status",
                "status_on",
            ],
            titles: &[
                "记录编号",
                "操作",
                "证件类型",
                "证件号码",
                "姓名",
                "职业编码",
                "等级",
                "证书类型",
                "证书编号",
                "发证日期",
                "就业地",
                "所属行业",
                "就业状态",
                "状态日期",
            ],
            rows,
        },
    })
}
