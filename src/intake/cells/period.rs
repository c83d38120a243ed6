//! Periods: one name for every span.

use super::{Fault, Read};
use crate::intake::messages;
use crate::intake::value::{Repairs, clean};
use crate::programme::Period;
use std::borrow::Cow;

/// The one name of a period: `2020-01..2020-12` is 2020. A year to date is none, since it would be added to its own months.
pub(in crate::intake) fn period(cell: &str) -> Read<String> {
    let refused = || Fault::reject("V-TYPE", messages::period());
    let (text, mut repairs) = clean(cell, true);
    let name = if Period::parse(&text).is_some() {
        text
    } else {
        let (name, form) = spelled_period(&text).ok_or_else(refused)?;
        repairs.add(form);
        Cow::Owned(name)
    };
    let period = Period::parse(&name).ok_or_else(refused)?;
    if period.is_year_to_date() {
        return Err(Fault::reject("V-TYPE", messages::year_to_date()));
    }
    let canonical = period.to_string();
    if canonical != name {
        repairs.add(Repairs::PERIOD_NAME);
    }
    Ok((canonical, repairs))
}

/// A period in another spelling that leaves no doubt. `2020.1` does: a spreadsheet makes it of 2020.10.
fn spelled_period(text: &str) -> Option<(String, Repairs)> {
    let capitals = text.to_ascii_uppercase();
    if Period::parse(&capitals).is_some() {
        return Some((capitals, Repairs::LOWERCASE));
    }
    let is_number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_number(text, 6..=6) {
        let name = format!("{}-{}", &text[..4], &text[4..]);
        return Some((name, Repairs::DATE_COMPACT));
    }
    if let Some((year, rest)) = text
        .split_once('年')
        .filter(|(year, _)| is_number(year, 4..=4))
    {
        let month = rest.strip_suffix("月份").or(rest.strip_suffix('月'));
        let quarter = rest.strip_suffix("季度").or(rest.strip_suffix('季'));
        let name = match (rest, month, quarter) {
            ("" | "全年", _, _) => year.to_owned(),
            ("上半年", _, _) => format!("{year}H1"),
            ("下半年", _, _) => format!("{year}H2"),
            (_, Some(month), _) if is_number(month, 1..=2) => format!("{year}-{month:0>2}"),
            (_, _, Some(quarter)) => {
                let number = match quarter.strip_prefix('第').unwrap_or(quarter) {
                    "1" | "一" => 1,
                    "2" | "二" => 2,
                    "3" | "三" => 3,
                    "4" | "四" => 4,
                    _ => return None,
                };
                format!("{year}Q{number}")
            }
            _ => return None,
        };
        return Some((name, Repairs::DATE_CHINESE));
    }
    for (mark, form) in [
        ('.', Repairs::DATE_DOTS),
        ('/', Repairs::DATE_SLASHES),
        ('-', Repairs::PERIOD_NAME),
    ] {
        if let Some((year, month)) = text.split_once(mark) {
            let certain =
                is_number(year, 4..=4) && is_number(month, 1..=2) && (mark != '.' || month != "1");
            return certain.then(|| (format!("{year}-{month:0>2}"), form));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_one_name_however_it_is_written() {
        let read = |cell| {
            let read = period(cell).ok();
            read.map(|(name, repairs)| (name, repairs.ids().collect::<Vec<_>>().join(" ")))
        };
        for (cell, name, repair) in [
            ("2020-06", "2020-06", ""),
            ("2019..2021", "2019..2021", ""),
            ("2020-06..2020-06", "2020-06", "period_name"),
            ("2020-01..2020-12", "2020", "period_name"),
            ("2019Q1..2021Q4", "2019..2021", "period_name"),
            ("2020q2", "2020Q2", "lowercase_x"),
            ("2020h1", "2020H1", "lowercase_x"),
            ("2020-6", "2020-06", "period_name"),
            ("2020.06", "2020-06", "date_dots"),
            ("2020/6", "2020-06", "date_slashes"),
            ("202006", "2020-06", "date_compact"),
            (
                "２０２０年６月份",
                "2020-06",
                "fullwidth_digits date_chinese",
            ),
            ("2020年", "2020", "date_chinese"),
            ("2020年第二季度", "2020Q2", "date_chinese"),
            ("2020年2季度", "2020Q2", "date_chinese"),
            ("2020年上半年", "2020H1", "date_chinese"),
        ] {
            assert_eq!(
                read(cell),
                Some((name.to_owned(), repair.to_owned())),
                "{cell}"
            );
        }
        for cell in [
            "ytd:2020-06",
            "截至2020年6月",
            "2020年前6月",
            "2020年1-6月",
            "2020.1",
            "2020-13",
            "2020-06-30",
            "2020年13月",
            "6月",
            "",
        ] {
            assert_eq!(read(cell), None, "{cell}");
        }
    }
}
