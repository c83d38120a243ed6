//! Raw rows to records: CONTRACT §3 as it reads, one column after the other.

use super::form::{Column, Entry, Form, Forms};
use super::raw::{Cell, Raw};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// A row that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) row: u64,
    /// `new`, `correct` or `withdraw`.
    pub(crate) action: String,
    /// Canonical values by column, personal ones too; empty cells are absent.
    pub(crate) values: BTreeMap<String, String>,
    /// Rules broken: rule, column, whether the row is rejected for it.
    pub(crate) faults: Vec<(&'static str, String, bool)>,
}

impl Checked {
    pub(crate) fn rejected(&self) -> bool {
        self.faults.iter().any(|(_, _, rejects)| *rejects)
    }

    pub(crate) fn get(&self, column: &str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    fn day(&self, column: &str) -> Option<NaiveDate> {
        self.values.get(column)?.parse().ok()
    }

    fn number(&self, column: &str) -> Option<i128> {
        self.values.get(column)?.parse().ok()
    }

    fn fault(&mut self, rule: &'static str, column: &str) {
        self.faults.push((rule, column.to_owned(), true));
    }
}

/// A value, or the rule it breaks; the flag says that the value is accepted all the same.
type Read = Result<(String, Option<&'static str>), &'static str>;

/// Decimals are kept as whole numbers of this many digits after the point.
const SCALE: usize = 6;

/// Looks at a row on the day of the load.
pub(crate) fn check(raw: &Raw, form: &Form, forms: &Forms, today: NaiveDate) -> Checked {
    let mut checked = Checked {
        row: raw.row,
        action: "new".to_owned(),
        values: BTreeMap::new(),
        faults: Vec::new(),
    };
    let action = form.column.iter().find(|column| column.name == "action");
    for column in action.into_iter() {
        read_column(column, raw, forms, &mut checked);
        if let Some(action) = checked.values.remove("action") {
            checked.action = action;
        }
    }
    let withdrawn = checked.action == "withdraw";
    for column in &form.column {
        // Q14: of a withdrawal only the key is looked at.
        let looked_at = !withdrawn || form.key.contains(&column.name);
        if column.name != "action" && looked_at {
            read_column(column, raw, forms, &mut checked);
        }
    }
    if !withdrawn {
        check_across(form, forms, today, &mut checked);
    }
    checked
}

fn read_column(column: &Column, raw: &Raw, forms: &Forms, checked: &mut Checked) {
    let name = &column.name;
    let Some(cell) = raw.cells.get(name) else {
        match (&column.default, column.required) {
            (Some(code), _) => {
                checked.values.insert(name.clone(), code.clone());
            }
            (None, true) => checked.fault("V-REQUIRED", name),
            (None, false) => {}
        }
        return;
    };
    match value(column, cell, forms, checked) {
        Ok((value, flag)) => {
            checked.values.insert(name.clone(), value);
            if let Some(rule) = flag {
                checked.faults.push((rule, name.clone(), false));
            }
        }
        Err(rule) => checked.fault(rule, name),
    }
}

fn value(column: &Column, cell: &Cell, forms: &Forms, row: &Checked) -> Read {
    let text = cell.text().trim();
    let kind = column.kind.as_str();
    let argument = kind
        .split_once('(')
        .map_or("", |(_, rest)| rest.trim_end_matches(')'));
    match kind.split('(').next().expect("a split has a first part") {
        "text" if column.personal.as_deref() != Some("vault") && names_a_person(text) => {
            Err("V-PRIVATE")
        }
        "text" => Ok((plain(text, column.name == "name"), None)),
        "id_number" => id_number(cell, row.get("id_type")).map(|number| (number, None)),
        "phone" => {
            let phone: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let mobile = phone.len() == 11 && phone.starts_with('1');
            Ok((phone, (!mobile).then_some("V-TYPE")))
        }
        "uscc" => uscc(&half_width(text)).map(|code| (code, None)),
        "date" => date(cell).map(|day| (day.to_string(), None)),
        "integer" | "decimal" => number(text, column, kind == "integer").map(|n| (n, None)),
        "period" => period(text).map(|period| (period, None)),
        "code" => code(text, column, argument, forms),
        "codes" => {
            let mut codes = Vec::new();
            for part in text.split([';', ',', '、', '；', '，']).map(str::trim) {
                codes.push(code(part, column, argument, forms)?.0);
            }
            codes.sort();
            codes.dedup();
            Ok((codes.join(";"), None))
        }
        "unit" => unit(text, row.get(argument), forms).map(|unit| (unit, None)),
        other => panic!("a column of type {other}"),
    }
}

fn plain(text: &str, name: bool) -> String {
    let text = text.strip_prefix('\'').unwrap_or(text);
    let chinese = text.chars().any(|c| c as u32 > 0x2E80);
    text.chars()
        .filter(|c| !(name && chinese && c.is_whitespace()))
        .collect()
}

fn half_width(text: &str) -> String {
    super::form::fold(text).to_uppercase()
}

/// Whether eighteen characters that no digit touches are a right number of somebody who is no small child.
pub(crate) fn names_a_person(text: &str) -> bool {
    let text: Vec<char> = half_width(text).chars().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    (0..text.len()).any(|at| {
        let Some(window) = text.get(at..at + 18) else {
            return false;
        };
        let alone = !digit(at.checked_sub(1)) && !digit(Some(at + 18));
        let number: String = window.iter().collect();
        alone
            && id_number(&Cell::Text(number.clone()), "resident_id").is_ok()
            && number[6..10] < *"2011"
    })
}

/// Q18, Q19: certain repairs, then GB 11643; never a guess.
fn id_number(cell: &Cell, id_type: &str) -> Result<String, &'static str> {
    if !["resident_id", "hmt_residence"].contains(&id_type) {
        // However it is typed, one passport is one person.
        return Ok(half_width(cell.text()));
    }
    let Cell::Text(text) = cell else {
        return Err("R006");
    };
    let mut number = half_width(text);
    number = number.trim_start_matches('\'').to_owned();
    if number.contains("E+") {
        return Err("R006");
    }
    if number.len() == 15 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = format!("{}19{}", &number[..6], &number[6..]);
        number = format!("{digits}{}", crate::support::id_check(&digits));
    }
    let shaped = number.len() == 18 && number.bytes().take(17).all(|byte| byte.is_ascii_digit());
    if !shaped {
        return Err("R001");
    }
    if !number.ends_with(crate::support::id_check(&number[..17])) {
        return Err(if number.ends_with("000") {
            "R006"
        } else {
            "R001"
        });
    }
    let born = NaiveDate::parse_from_str(&number[6..14], "%Y%m%d");
    born.map(|_| number.clone()).map_err(|_| "R002")
}

/// GB 32100: Σ value × 3^place, the check character makes it 0 modulo 31.
fn uscc(code: &str) -> Result<String, &'static str> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<usize>> = code.chars().map(|c| ALPHABET.find(c)).collect();
    let values = values.filter(|values| values.len() == 18).ok_or("V-USCC")?;
    let mut weight = 1;
    let mut sum = values[17];
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if sum % 31 == 0 {
        Ok(code.to_owned())
    } else {
        Err("V-USCC")
    }
}

fn date(cell: &Cell) -> Result<NaiveDate, &'static str> {
    let text = half_width(cell.text());
    let first = match cell {
        Cell::Number(_) => NaiveDate::from_ymd_opt(1899, 12, 30),
        Cell::OldNumber(_) => NaiveDate::from_ymd_opt(1904, 1, 1),
        Cell::Text(_) => None,
    };
    if let Some(first) = first {
        let serial: u64 = text.parse().map_err(|_| "V-DATE")?;
        return Ok(first + chrono::Days::new(serial));
    }
    let parts: Vec<&str> = text
        .trim_end_matches('日')
        .split(['-', '.', '/', '年', '月'])
        .collect();
    let [year, month, day] = parts[..] else {
        return Err("V-DATE");
    };
    let number = |part: &str| part.parse::<u32>().map_err(|_| "V-DATE");
    let year = i32::try_from(number(year)?).map_err(|_| "V-DATE")?;
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?).ok_or("V-DATE")
}

fn number(text: &str, column: &Column, whole: bool) -> Result<String, &'static str> {
    let text = half_width(text).replace(',', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.as_str()),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !before.is_empty() && all_digits(before) && all_digits(after);
    if !fits || after.len() > SCALE || (whole && !after.trim_end_matches('0').is_empty()) {
        return Err("V-TYPE");
    }
    let scaled = format!("{before}{after:0<SCALE$}");
    let value = sign * scaled.parse::<i128>().map_err(|_| "V-TYPE")?;
    let unit = 10i128.pow(u32::try_from(SCALE).expect("it is small"));
    let below = column.min.is_some_and(|min| value < min * unit);
    let above = column.max.is_some_and(|max| value > max * unit);
    if below || above {
        return Err("V-RANGE");
    }
    Ok(value.to_string())
}

/// A span of months under its one name, whatever range or form it was written as.
fn period(text: &str) -> Result<String, &'static str> {
    // First month and number of months, in months since year 0.
    let part = |part: &str| -> Option<(u32, u32)> {
        let year = part.get(..4)?.parse::<u32>().ok()? * 12;
        let quarter = |text: &str| text.strip_prefix('Q')?.parse::<u32>().ok();
        Some(match part.get(4..)? {
            "" => (year, 12),
            "H1" => (year, 6),
            "H2" => (year + 6, 6),
            text if matches!(quarter(text), Some(1..=4)) => (year + quarter(text)? * 3 - 3, 3),
            text => match text.strip_prefix('-')?.parse().ok()? {
                month @ 1..=12 if text.len() == 3 => (year + month - 1, 1),
                _ => return None,
            },
        })
    };
    let span = match text.split_once("..") {
        Some((from, to)) => part(from).zip(part(to)),
        None => part(text).map(|both| (both, both)),
    };
    let Some(((first, _), (last, months))) = span.filter(|(from, to)| from.0 < to.0 + to.1) else {
        return Err("V-TYPE");
    };
    let (months, year, month) = (last + months - first, first / 12, first % 12 + 1);
    let name = |at: u32| format!("{}-{:02}", at / 12, at % 12 + 1);
    Ok(match (months, month) {
        (1, _) => name(first),
        (3, 1 | 4 | 7 | 10) => format!("{year}Q{}", month / 3 + 1),
        (6, 1 | 7) => format!("{year}H{}", month / 6 + 1),
        (12, 1) => year.to_string(),
        (_, 1) if months % 12 == 0 => format!("{year}..{}", year + months / 12 - 1),
        _ => format!("{}..{}", name(first), name(first + months - 1)),
    })
}

fn code(text: &str, column: &Column, list: &str, forms: &Forms) -> Read {
    let list_name = list;
    let list = &forms.lists[list];
    let Some(found) = list.find(text) else {
        // Q23: a well-formed occupation that the list does not hold is accepted and flagged.
        let form: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect();
        let unlisted = column.unlisted.as_deref() == Some("flag") && form == "#-##-##-##";
        return if unlisted {
            Ok((text.to_owned(), Some("V-CODE")))
        } else {
            Err("V-CODE")
        };
    };
    let mut entry = found;
    if list_name == "divisions" {
        // Q20: 220173 is taken as CC-XQ where persons are recorded, and never where totals are; only units that report, and the city where any unit is taken.
        if !entry["merged_into"].is_empty() {
            if column.units.as_deref() != Some("reporting") {
                return Err("V-CODE");
            }
            entry = list.code(&entry["merged_into"]).expect("a listed unit");
        }
        let any = column.units.as_deref() == Some("any") && entry["code"] == "220100";
        if entry["reporting"] != "yes" && !any {
            return Err("V-CODE");
        }
    }
    if !column.allowed.is_empty() && !column.allowed.contains(&entry["code"]) {
        return Err("V-CODE");
    }
    Ok((entry["code"].clone(), None))
}

/// Q69: the unit must be one of its kind.
fn unit(text: &str, kind: &str, forms: &Forms) -> Result<String, &'static str> {
    let (list, taken): (_, fn(&Entry) -> bool) = match kind {
        "city" => ("divisions", |entry| {
            entry["kind"] == "prefecture_level_city"
        }),
        "division" => ("divisions", |entry| entry["reporting"] == "yes"),
        "department" => ("departments", |_| true),
        "sector" => ("sectors", |_| true),
        _ => return Err("V-CODE"),
    };
    let found = forms.lists[list].find(text).filter(|entry| taken(entry));
    found.map(|entry| entry["code"].clone()).ok_or("V-CODE")
}

/// Q17, Q20 and the age of R002 (E5).
fn check_across(form: &Form, forms: &Forms, today: NaiveDate, row: &mut Checked) {
    for check in &form.check {
        let column = check.column.as_deref().unwrap_or_default();
        let named = |name: &Option<String>| name.clone().unwrap_or_default();
        match check.kind.as_str() {
            "not_before" => {
                let later = row.day(column);
                let earlier = row.day(&named(&check.other));
                if later
                    .zip(earlier)
                    .is_some_and(|(later, earlier)| later < earlier)
                {
                    row.fault("V-CROSS", column);
                }
            }
            "required_when" => {
                let wanted = row.get(&named(&check.when)) == named(&check.equals);
                let silent = row.faults.iter().all(|(_, faulty, _)| faulty != column);
                if wanted && silent && row.get(column).is_empty() {
                    row.fault("V-CROSS", column);
                }
            }
            "not_after_today" => {
                for column in &check.columns {
                    if row.day(column).is_some_and(|day| day > today) {
                        row.fault("V-CROSS", column);
                    }
                }
            }
            "descending" => {
                for pair in check.columns.windows(2) {
                    let (above, below) = (row.number(&pair[0]), row.number(&pair[1]));
                    if above.zip(below).is_some_and(|(above, below)| below > above) {
                        row.fault("V-CROSS", &pair[1]);
                    }
                }
            }
            other => panic!("a check of kind {other}"),
        }
    }
    for column in form
        .column
        .iter()
        .filter(|column| !column.valid_on.is_empty())
    {
        let on = column.valid_on.iter().find_map(|name| row.day(name));
        let unit = forms.lists["divisions"].code(row.get(&column.name));
        if let (Some(on), Some(unit)) = (on, unit) {
            let early = unit["valid_from"]
                .parse()
                .is_ok_and(|from: NaiveDate| on < from);
            let late = unit["valid_to"].parse().is_ok_and(|to: NaiveDate| to < on);
            if early || late {
                row.fault("V-CODE", &column.name);
            }
        }
    }
    let on = row.day("start_date").or_else(|| row.day("issued_on"));
    let checked = ["resident_id", "hmt_residence"].contains(&row.get("id_type"));
    if let (Some(on), Some(number), true) = (on, row.values.get("id_number"), checked)
        && years(birth(number), on) < 16
    {
        row.faults.push(("R002", "id_number".to_owned(), false));
    }
}

/// The day of birth in a valid number.
pub(crate) fn birth(number: &str) -> NaiveDate {
    NaiveDate::parse_from_str(&number[6..14], "%Y%m%d").expect("it was checked")
}

/// Full years between two days.
pub(crate) fn years(from: NaiveDate, to: NaiveDate) -> i32 {
    let early = (to.month(), to.day()) < (from.month(), from.day());
    to.year() - from.year() - i32::from(early)
}
