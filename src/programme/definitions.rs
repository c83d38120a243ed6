//! The definition files of a project read as one: what a snapshot is computed with.

mod expectations;
mod pictures;

use super::codes::{Code, CodeList};
use super::config::{COUNTING_RULES, Config, ConfigTarget, Scope};
use super::contract::{ColumnType, Contract};
use super::dimension::{self, Dimension};
use super::period::Period;
use super::problem::Problem;
use super::target::Target;
use super::text::Text;
use std::collections::BTreeMap;

/// Definition files by their path below the project directory (`dabiao.toml`, `queries/…`), with `/` as separator.
pub type Files = BTreeMap<String, String>;

/// Path of the programme file.
pub const CONFIG_FILE: &str = "dabiao.toml";
/// Folder of the contracts.
pub const CONTRACTS: &str = "data-samples/contracts/";
/// The dataset whose records the counting rules look at.
pub const COUNTED_DATASET: &str = "training";
/// Columns these look at.
const COUNTED_COLUMNS: [&str; 11] = [
    "record_no",
    "id_number",
    "division",
    "occupation",
    "level",
    "start_date",
    "end_date",
    "status",
    "training_type",
    "funding_source",
    "employer_uscc",
];
/// The dataset the register of skilled workers is made from.
pub const CERTIFICATES: &str = "certificates";
/// Columns the register is made from.
const REGISTER_COLUMNS: [&str; 9] = [
    "record_no",
    "id_number",
    "division",
    "sector",
    "issued_on",
    "certificate_type",
    "level",
    "employment_status",
    "status_on",
];
/// The kind of unit that the programme as a whole is.
pub const CITY: &str = "city";
/// Where a target may come from, in a programme that has no list of its own.
const PROVENANCES: [&str; 4] = ["policy", "decomposed", "interpolated", "revised"];
/// Folder of the code lists.
pub const REFERENCE: &str = "data-samples/reference/";

/// A programme: its config, contracts and code lists, checked against each other.
#[derive(Debug, Clone)]
pub struct Programme {
    /// `dabiao.toml`.
    pub config: Config,
    /// Contracts by dataset.
    pub contracts: BTreeMap<String, Contract>,
    /// Code lists by name.
    pub lists: BTreeMap<String, CodeList>,
    dimensions: Vec<Dimension>,
}

impl Programme {
    /// Reads the programme from its files. All problems of all files are returned; the programme only when there is none.
    pub fn parse(files: &Files) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let config = match files.get(CONFIG_FILE) {
            Some(source) => Config::parse(CONFIG_FILE, source, &mut problems).map(with_scope),
            None => {
                let message = Text::new("文件不存在", "the file does not exist");
                problems.push(Problem::at(CONFIG_FILE, "", "", message));
                None
            }
        };
        let mut lists = BTreeMap::new();
        for (path, name, source) in below(files, REFERENCE, ".csv") {
            let list = CodeList::parse(path, source, &mut problems);
            lists.insert(name.to_owned(), list);
        }
        let mut contracts = BTreeMap::new();
        for (path, name, source) in below(files, CONTRACTS, ".toml") {
            if let Some(contract) = Contract::parse(path, source, &mut problems) {
                check_contract(&contract, name, path, source, &lists, &mut problems);
                contracts.insert(contract.id.clone(), contract);
            }
        }
        let programme = config.map(|config| Self {
            dimensions: match config.dimension.is_empty() {
                true => dimension::BUILT_IN.clone(),
                false => config
                    .dimension
                    .iter()
                    .cloned()
                    .map(Dimension::complete)
                    .collect(),
            },
            config,
            contracts,
            lists,
        });
        if let Some(programme) = &programme {
            programme.check_config(&files[CONFIG_FILE], &mut problems);
        }
        let programme = programme.filter(|_| problems.is_empty());
        (programme, problems)
    }

    /// The code list `name`; empty when the project has none of that name.
    pub fn list(&self, name: &str) -> &CodeList {
        static NONE: std::sync::LazyLock<CodeList> = std::sync::LazyLock::new(CodeList::default);
        self.lists.get(name).unwrap_or(&NONE)
    }

    /// The dimensions in their order.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The dimension of this name.
    pub fn dimension(&self, name: &str) -> Option<&Dimension> {
        self.dimensions
            .iter()
            .find(|dimension| dimension.id == name)
    }

    /// The code list of a dimension; empty where it has none.
    pub fn list_of(&self, dimension: &str) -> &CodeList {
        let list = self
            .dimension(dimension)
            .and_then(|dimension| dimension.list.as_deref());
        self.list(list.unwrap_or_default())
    }

    /// The divisions.
    pub fn divisions(&self) -> &CodeList {
        self.list("divisions")
    }

    /// The programme's whole period.
    pub fn period(&self) -> Period {
        Period::of_span(self.config.programme.start, self.config.programme.end)
    }

    /// The scope with this id, or the default one.
    pub fn scope(&self, id: Option<&str>) -> Option<&Scope> {
        self.config
            .scope(id.unwrap_or(&self.config.programme.default_scope))
    }

    /// Whether the training type counts toward the target by its code list and is not on a line of its own.
    pub fn type_counts(&self, training_type: &Code) -> bool {
        let own_line = self
            .config
            .rule("type")
            .is_some_and(|rule| rule.types_on_own_line.contains(&training_type.code));
        training_type.has("counts") && !own_line
    }

    /// The targets `dabiao.toml` declares.
    pub fn configured_targets(&self) -> impl Iterator<Item = Target> + '_ {
        self.config
            .target
            .iter()
            .map(|target| self.configured_target(target))
    }

    /// Kinds of units that targets are set for, the city first.
    pub fn unit_kinds(&self) -> impl Iterator<Item = &str> {
        let units = self.dimensions.iter().filter(|dimension| dimension.unit);
        std::iter::once(CITY).chain(units.map(|dimension| dimension.id.as_str()))
    }

    fn configured_target(&self, target: &ConfigTarget) -> Target {
        Target {
            indicator: target.indicator.clone(),
            unit_kind: target.unit_kind.clone(),
            unit: target
                .unit
                .clone()
                .unwrap_or_else(|| self.config.programme.city.clone()),
            // A period that is none is reported by the check of the targets.
            period: Period::parse(&target.period)
                .map_or_else(|| target.period.clone(), |period| period.to_string()),
            value: target.value,
            provenance: target.provenance.clone(),
            decision_ref: target.decision_ref.clone(),
            valid_from: None,
        }
    }

    /// The code list the units of a kind come from.
    pub fn units_of(&self, unit_kind: &str) -> Option<&CodeList> {
        if unit_kind == CITY {
            return Some(self.divisions());
        }
        let unit = self.dimension(unit_kind).filter(|found| found.unit);
        unit.map(|_| self.list_of(unit_kind))
    }

    fn check_config(&self, source: &str, problems: &mut Vec<Problem>) {
        let mut report = |needle: &str, zh: String, en: String| {
            problems.push(Problem::at(CONFIG_FILE, source, needle, Text::new(zh, en)));
        };
        let config = &self.config;
        if config.programme.end < config.programme.start {
            report(
                "end =",
                "行动结束早于开始".into(),
                "the programme ends before it starts".into(),
            );
        }
        for start_day in [
            config.calendar.month_start_day,
            config.calendar.statistical_month_start_day,
        ] {
            if !(1..=28).contains(&start_day) {
                report(
                    "start_day",
                    format!("月起始日 {start_day} 不在 1—28 之间"),
                    format!("a month cannot start on day {start_day} (1 to 28)"),
                );
            }
        }
        if config.programme.time_zone.parse::<chrono_tz::Tz>().is_err() {
            let zone = &config.programme.time_zone;
            report(
                "time_zone",
                format!("未知时区 {zone}"),
                format!("unknown time zone {zone}"),
            );
        }
        if config.schedule.nightly.parse::<croner::Cron>().is_err() {
            let cron = &config.schedule.nightly;
            report(
                "nightly",
                format!("无法识别的计划时间 {cron}"),
                format!("not a cron expression: {cron}"),
            );
        }
        if config.scope(&config.programme.default_scope).is_none() {
            let id = &config.programme.default_scope;
            report(
                "default_scope",
                format!("没有统计范围 {id}"),
                format!("there is no scope {id}"),
            );
        }
        for scope in &config.scope {
            for unit in scope
                .units
                .iter()
                .filter(|unit| self.divisions().get(unit).is_none())
            {
                report(
                    unit,
                    format!("统计范围 {} 中没有单位 {unit}", scope.id),
                    format!("scope {} names the unknown unit {unit}", scope.id),
                );
            }
        }
        self.check_dimensions(&mut report);
        self.check_rules(&mut report);
        self.check_targets(&mut report);
        self.check_pace(&mut report);
        self.check_expected(&mut report);
        self.check_interruptions(&mut report);
        self.check_map(source, problems);
        self.check_holidays(problems);
    }

    fn check_dimensions(&self, report: &mut impl FnMut(&str, String, String)) {
        for dimension in &self.config.dimension {
            let needle = format!("\"{}\"", dimension.id);
            let twice = self
                .config
                .dimension
                .iter()
                .filter(|other| other.id == dimension.id);
            if twice.count() > 1 {
                report(
                    &needle,
                    format!("维度 {} 声明了两次", dimension.id),
                    format!("the dimension {} is declared twice", dimension.id),
                );
            }
            if let Some(list) = dimension
                .list
                .as_ref()
                .filter(|list| !self.lists.contains_key(*list))
            {
                report(
                    &needle,
                    format!("维度 {}: 没有代码表 {list}", dimension.id),
                    format!("dimension {}: there is no code list {list}", dimension.id),
                );
            }
            if dimension.unit && dimension.list.is_none() {
                report(
                    &needle,
                    format!("维度 {}: unit = true 需要代码表", dimension.id),
                    format!("dimension {}: unit = true needs a code list", dimension.id),
                );
            }
        }
    }

    fn check_rules(&self, report: &mut impl FnMut(&str, String, String)) {
        for rule in &self.config.counting_rule {
            if !COUNTING_RULES.contains(&rule.id.as_str()) {
                let known = COUNTING_RULES.join(", ");
                report(
                    &format!("\"{}\"", rule.id),
                    format!("没有计数规则 {}，可用: {known}", rule.id),
                    format!("unknown counting rule {}; known: {known}", rule.id),
                );
            }
            let lists = [
                ("statuses", &rule.statuses),
                ("training_types", &rule.types_on_own_line),
                ("funding_sources", &rule.funding_sources),
            ];
            for (list, codes) in lists {
                for code in codes
                    .iter()
                    .filter(|code| self.list(list).get(code).is_none())
                {
                    report(
                        &format!("\"{code}\""),
                        format!("规则 {}: {list} 中没有 {code}", rule.id),
                        format!("rule {}: {code} is not in {list}", rule.id),
                    );
                }
            }
        }
        // A programme without real-name training records has nothing to count.
        let counts = self.contracts.contains_key(COUNTED_DATASET);
        for missing in COUNTING_RULES
            .iter()
            .filter(|id| counts && self.config.rule(id).is_none())
        {
            report(
                "counting_rule",
                format!("缺少计数规则 {missing}"),
                format!("counting rule {missing} is missing"),
            );
        }
    }

    fn check_targets(&self, report: &mut impl FnMut(&str, String, String)) {
        for target in self.configured_targets() {
            let needle = format!("\"{}\"", target.period);
            if Period::parse(&target.period).is_none() {
                report(
                    &needle,
                    format!("目标期间 {} 无法识别", target.period),
                    format!("target period {} is not a period", target.period),
                );
            }
            // Where there is no list of indicators, the query files are the list.
            let listed = self.lists.get("indicators");
            if listed.is_some_and(|list| list.get(&target.indicator).is_none()) {
                report(
                    &format!("\"{}\"", target.indicator),
                    format!("没有指标 {}", target.indicator),
                    format!("there is no indicator {}", target.indicator),
                );
            }
            let known = match target.unit_kind.as_str() {
                CITY => target.unit == self.config.programme.city,
                kind => self
                    .units_of(kind)
                    .is_some_and(|units| units.get(&target.unit).is_some()),
            };
            if !known {
                report(
                    &format!("\"{}\"", target.unit),
                    format!("没有单位 {} {}", target.unit_kind, target.unit),
                    format!("there is no {} {}", target.unit_kind, target.unit),
                );
            }
            let known = match self.lists.get("provenances") {
                Some(list) => list.get(&target.provenance).is_some(),
                None => PROVENANCES.contains(&target.provenance.as_str()),
            };
            if !known {
                report(
                    &format!("\"{}\"", target.provenance),
                    format!("未知来源性质 {}", target.provenance),
                    format!("unknown provenance {}", target.provenance),
                );
            }
        }
    }
}

/// The config with at least one scope, and a default one.
fn with_scope(mut config: Config) -> Config {
    if config.scope.is_empty() {
        config.scope.push(Scope::everything());
    }
    if config.programme.default_scope.is_empty() {
        config
            .programme
            .default_scope
            .clone_from(&config.scope[0].id);
    }
    config
}

/// The files of `folder` with `extension`: path, stem and text.
pub fn below<'a>(
    files: &'a Files,
    folder: &'a str,
    extension: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    files.iter().filter_map(move |(path, source)| {
        let stem = path.strip_prefix(folder)?.strip_suffix(extension)?;
        (!stem.contains('/')).then_some((path.as_str(), stem, source.as_str()))
    })
}

fn check_contract(
    contract: &Contract,
    stem: &str,
    path: &str,
    source: &str,
    lists: &BTreeMap<String, CodeList>,
    problems: &mut Vec<Problem>,
) {
    if contract.id != stem {
        let message = Text::new(
            format!("编号 {} 与文件名 {stem} 不一致", contract.id),
            format!("id {} differs from the file name {stem}", contract.id),
        );
        problems.push(Problem::at(path, source, "id =", message));
    }
    let demanded = match contract.id.as_str() {
        COUNTED_DATASET => &COUNTED_COLUMNS[..],
        CERTIFICATES => &REGISTER_COLUMNS,
        _ => &[],
    };
    for missing in demanded
        .iter()
        .filter(|name| contract.column(name).is_none())
    {
        let message = Text::new(
            format!("数据集 {} 由计数规则读取，缺少列 {missing}", contract.id),
            format!(
                "the dataset {} is read by the counting rules and lacks the column {missing}",
                contract.id
            ),
        );
        problems.push(Problem::at(path, source, "id =", message));
    }
    for column in &contract.columns {
        let list = match &column.kind {
            ColumnType::Code(list) | ColumnType::Codes(list) => list,
            _ => continue,
        };
        let Some(codes) = lists.get(list) else {
            let message = Text::new(
                format!("没有代码表 {list}"),
                format!("there is no code list {list}"),
            );
            problems.push(Problem::at(path, source, &format!("({list})"), message));
            continue;
        };
        for code in column.allowed.iter().chain(&column.default) {
            if codes.get(code).is_none() {
                let message = Text::new(
                    format!("代码表 {list} 中没有 {code}"),
                    format!("{code} is not in the code list {list}"),
                );
                problems.push(Problem::at(path, source, &format!("\"{code}\""), message));
            }
        }
    }
}

#[cfg(test)]
mod tests;
