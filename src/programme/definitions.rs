//! The definition files of a project read as one: what a snapshot is computed with.

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
            Some(source) => Config::parse(CONFIG_FILE, source, &mut problems),
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
        match unit_kind {
            "city" | "division" => Some(self.divisions()),
            "department" => Some(self.list("departments")),
            "sector" => Some(self.list("sectors")),
            _ => None,
        }
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
        self.check_expected(&mut report);
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
            if self.list("indicators").get(&target.indicator).is_none() {
                report(
                    &format!("\"{}\"", target.indicator),
                    format!("没有指标 {}", target.indicator),
                    format!("there is no indicator {}", target.indicator),
                );
            }
            let known = self
                .units_of(&target.unit_kind)
                .and_then(|units| units.get(&target.unit));
            if known.is_none() {
                report(
                    &format!("\"{}\"", target.unit),
                    format!("没有单位 {} {}", target.unit_kind, target.unit),
                    format!("there is no {} {}", target.unit_kind, target.unit),
                );
            }
            if self.list("provenances").get(&target.provenance).is_none() {
                report(
                    &format!("\"{}\"", target.provenance),
                    format!("未知来源性质 {}", target.provenance),
                    format!("unknown provenance {}", target.provenance),
                );
            }
        }
    }

    fn check_expected(&self, report: &mut impl FnMut(&str, String, String)) {
        for expected in &self.config.expected_return {
            if !self.contracts.contains_key(&expected.dataset) {
                report(
                    &expected.dataset,
                    format!("没有数据集 {}", expected.dataset),
                    format!("there is no dataset {}", expected.dataset),
                );
            }
            let lists = [
                ("departments", &expected.departments),
                ("divisions", &expected.divisions),
            ];
            for (list, codes) in lists {
                for code in codes
                    .iter()
                    .filter(|code| self.list(list).get(code).is_none())
                {
                    report(
                        code,
                        format!("{list} 中没有 {code}"),
                        format!("{code} is not in {list}"),
                    );
                }
            }
            for period in std::iter::once(&expected.from).chain(&expected.to) {
                if Period::parse(period).is_none() {
                    report(
                        period,
                        format!("期间 {period} 无法识别"),
                        format!("{period} is not a period"),
                    );
                }
            }
        }
    }
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
mod tests {
    use super::*;

    fn repository() -> Files {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Files::new();
        files.insert(
            CONFIG_FILE.into(),
            std::fs::read_to_string(root.join(CONFIG_FILE)).unwrap(),
        );
        for folder in [CONTRACTS, REFERENCE] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{folder}{}", entry.file_name().to_string_lossy());
                files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        files
    }

    #[test]
    fn the_repository_is_a_programme_without_problems() {
        let (programme, problems) = Programme::parse(&repository());
        assert_eq!(problems, vec![]);
        let programme = programme.unwrap();
        assert_eq!(programme.contracts.len(), 8);
        assert_eq!(programme.scope(None).unwrap().units.len(), 17);
    }

    #[test]
    fn all_problems_are_reported_at_once_with_their_lines() {
        let mut files = repository();
        let config = files[CONFIG_FILE]
            .replace("default_scope = \"CC2019\"", "default_scope = \"CC1999\"")
            .replace("funding_sources = [\"FS03\"", "funding_sources = [\"FS77\"");
        files.insert(CONFIG_FILE.into(), config);
        let contract =
            files["data-samples/contracts/funds.toml"].replace("code(fund_kinds)", "code(colours)");
        files.insert("data-samples/contracts/funds.toml".into(), contract);
        let (programme, problems) = Programme::parse(&files);
        assert!(programme.is_none());
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 3, "{shown:#?}");
        assert!(
            shown
                .iter()
                .any(|line| line.contains("funds.toml:") && line.contains("colours"))
        );
        assert!(
            shown
                .iter()
                .any(|line| line.starts_with("dabiao.toml:") && line.contains("FS77"))
        );
    }
}
