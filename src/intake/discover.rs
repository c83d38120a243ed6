//! Submissions by their file names: `DATASET__DEPARTMENT__DIVISION__PERIOD[__anything].EXT` (DESIGN §4.1).

use super::shown::shown_name;
use crate::programme::{Period, Programme, Text};

/// What the name of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The name with its extension.
    pub name: String,
    /// Dataset.
    pub dataset: String,
    /// Code of the sending department.
    pub department: String,
    /// Code of the division, `ALL` for every one.
    pub division: String,
    /// Period by its one name.
    pub period: String,
    /// Extension in lower case, without the dot.
    pub extension: String,
}

/// Extensions that are submissions; other files in an inbox are left alone only when they start with a dot.
pub const EXTENSIONS: [&str; 14] = [
    "csv", "tsv", "txt", "psv", "ssv", "xlsx", "xlsm", "xlsb", "xls", "et", "ods", "jsonl",
    "ndjson", "parquet",
];

impl FileName {
    /// Reads the name; the reason in both languages when it is not one (CONTRACT Q01, Q08).
    ///
    /// # Errors
    /// The first part that is wrong, with what would be right.
    pub fn parse(name: &str, programme: &Programme) -> Result<Self, Text> {
        if shown_name(name) != name {
            return Err(Text::new(
                "文件名中含有居民身份证号码，请删去后重新报送",
                "the file name holds a resident ID number; take it out and send the file again",
            ));
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let extension = extension.to_lowercase();
        if !EXTENSIONS.contains(&extension.as_str()) && extension != "json" {
            return Err(Text::new(
                format!(
                    "文件类型 .{extension} 不能识别，可用: {}",
                    EXTENSIONS.join(" ")
                ),
                format!(
                    "file type .{extension} is not known; known: {}",
                    EXTENSIONS.join(" ")
                ),
            ));
        }
        let parts: Vec<&str> = stem.split("__").collect();
        let [dataset, department, division, period, ..] = parts[..] else {
            return Err(Text::new(
                "文件名应为 数据集__部门__地区__期间[__任意].扩展名，例如 training__DP01__220102__2019-09.xlsx",
                "the name should be DATASET__DEPARTMENT__DIVISION__PERIOD[__anything].EXT, e.g. training__DP01__220102__2019-09.xlsx",
            ));
        };
        if !programme.contracts.contains_key(dataset) {
            let known = programme
                .contracts
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Text::new(
                format!("没有数据集 {dataset}，可用: {known}"),
                format!("there is no dataset {dataset}; known: {known}"),
            ));
        }
        if programme.list("departments").get(department).is_none() {
            return Err(Text::new(
                format!("没有部门代码 {department}（见代码表 departments）"),
                format!("there is no department {department} (see the code list departments)"),
            ));
        }
        if division != "ALL" && programme.divisions().get(division).is_none() {
            return Err(Text::new(
                format!("没有地区代码 {division}（见代码表 divisions，全部地区写 ALL）"),
                format!(
                    "there is no division {division} (see the code list divisions; ALL for every one)"
                ),
            ));
        }
        let Some(period) = Period::parse(period) else {
            return Err(Text::new(
                format!("期间 {period} 不能识别，例如 2019-09、2019Q3、2019、2019..2021"),
                format!("{period} is not a period such as 2019-09, 2019Q3, 2019 or 2019..2021"),
            ));
        };
        Ok(Self {
            name: name.to_owned(),
            dataset: dataset.to_owned(),
            department: department.to_owned(),
            division: division.to_owned(),
            period: period.to_string(),
            extension,
        })
    }
}
