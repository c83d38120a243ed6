//! Single cells: repairs that are certain, and the values they give. Whatever is uncertain is refused.

use super::reading::DayNumbers;
use crate::programme::codes::narrow;

/// Repairs done on a cell, as ids for the receipt; a set because one cell may need several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs(u16);

macro_rules! repairs {
    ($($bit:literal $constant:ident $id:literal $meaning:literal;)*) => {
        impl Repairs {
            $(#[doc = $meaning] pub const $constant: Self = Self(1 << $bit);)*

            /// The ids of the repairs in the set.
            pub fn ids(self) -> impl Iterator<Item = &'static str> {
                [$((Self::$constant, $id)),*].into_iter().filter(move |(bit, _)| self.0 & bit.0 != 0).map(|(_, id)| id)
            }
        }
    };
}
repairs! {
    0 FULLWIDTH "fullwidth_digits" "Full-width characters made half-width.";
    1 LOWERCASE "lowercase_x" "Lower-case letters of an id made upper-case.";
    2 SPACES "spaces" "Spaces taken out.";
    3 APOSTROPHE "apostrophe" "A leading apostrophe taken off.";
    4 DATE_DOTS "date_dots" "`2020.3.5`.";
    5 DATE_CHINESE "date_chinese" "`2020年3月5日`.";
    6 DATE_SLASHES "date_slashes" "`2020/3/5`.";
    7 DATE_COMPACT "date_compact" "`20200305`.";
    8 DATE_SERIAL "date_serial" "A spreadsheet's day number.";
    9 THOUSANDS "thousands_separator" "`1,500.00`.";
    10 ID_15 "id_15_digits" "A first-generation number made 18 digits long.";
    11 MERGED "division_merged" "A division counted with the one it is run by.";
    12 CODE_2015 "code_2015" "An occupation code of the 2015 edition.";
    13 TRADITIONAL "traditional_script" "Traditional characters of a code's name made simplified.";
    14 DATE_TIME "date_time" "A midnight time of day taken off a date.";
    15 PERIOD_NAME "period_name" "A period given its one name.";
}

impl Repairs {
    /// No repair.
    pub const NONE: Self = Self(0);

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds another set.
    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Days since 1970-01-01 of a civil day (Hinnant's algorithm), `None` where there is no such day or the year is not in 1..=9999.
pub fn days_from_civil(year: u32, month: u32, day: u32) -> Option<i32> {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let length = LENGTHS[month as usize - 1] + u32::from(leap && month == 2);
    if day > length {
        return None;
    }
    let shifted = year - u32::from(month <= 2);
    let era = shifted / 400;
    let year_of_era = shifted % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i32::try_from(i64::from(era) * 146_097 + i64::from(day_of_era) - 719_468).ok()
}

/// Year, month and day of a day since 1970-01-01 (Hinnant's algorithm, the inverse of [`days_from_civil`]).
pub fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    (era * 400 + year_of_era + i32::from(month <= 2), month, day)
}

/// A cell without outer spaces and, where it was not plain ASCII, in half-width form when `ids` is set.
/// The text is borrowed when nothing had to be done.
pub fn clean(cell: &str, ids: bool) -> (std::borrow::Cow<'_, str>, Repairs) {
    let bytes = cell.as_bytes();
    let edges_clean = !bytes.first().is_some_and(u8::is_ascii_whitespace)
        && !bytes.last().is_some_and(u8::is_ascii_whitespace);
    if edges_clean && cell.is_ascii() && !(ids && bytes.contains(&b' ')) {
        return (cell.into(), Repairs::NONE);
    }
    let mut repairs = Repairs::NONE;
    let trimmed = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if trimmed.len() != cell.len() {
        repairs.add(Repairs::SPACES);
    }
    if !ids {
        return (trimmed.into(), repairs);
    }
    let mut text = String::with_capacity(trimmed.len());
    for c in trimmed.chars() {
        let half = narrow(c);
        if half != c {
            repairs.add(Repairs::FULLWIDTH);
        }
        if half.is_whitespace() {
            repairs.add(Repairs::SPACES);
        } else {
            text.push(half);
        }
    }
    (text.into(), repairs)
}

/// A day, in days since 1970-01-01. Forms: ISO, dots, slashes, Chinese, eight digits, each with an optional midnight.
/// `None` for anything else: a month without a day, two-digit years, days that do not exist.
pub fn date(cell: &str) -> Option<(i32, Repairs)> {
    if let Some(days) = iso(cell.as_bytes()) {
        return Some((days, Repairs::NONE));
    }
    let mut repairs = Repairs::NONE;
    let trimmed = cell.trim();
    let (day, time) = match trimmed.find(['T', ' ']).map(|at| trimmed.split_at(at)) {
        Some((day, time)) if !time[1..].trim().is_empty() => (day, Some(time[1..].trim())),
        _ => (trimmed, None),
    };
    if let Some(time) = time {
        let midnight = time
            .bytes()
            .all(|byte| matches!(byte, b'0' | b':' | b'.' | b'Z'));
        if !midnight {
            return spaced_date(cell);
        }
        repairs.add(Repairs::DATE_TIME);
    }
    let (text, cleaned) = clean(day, true);
    repairs.add(cleaned);
    if trimmed.len() != cell.len() {
        repairs.add(Repairs::SPACES);
    }
    let (days, form) = unspaced_date(&text)?;
    repairs.add(form);
    Some((days, repairs))
}

/// A date with spaces inside, such as `2020 年 3 月 5 日`.
fn spaced_date(cell: &str) -> Option<(i32, Repairs)> {
    let (text, mut repairs) = clean(cell, true);
    let (days, form) = unspaced_date(&text)?;
    repairs.add(form);
    Some((days, repairs))
}

fn iso(bytes: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else {
        return None;
    };
    let mut value = [0u32; 8];
    for (slot, byte) in value.iter_mut().zip([y1, y2, y3, y4, m1, m2, d1, d2]) {
        if !byte.is_ascii_digit() {
            return None;
        }
        *slot = u32::from(byte - b'0');
    }
    let [y1, y2, y3, y4, m1, m2, d1, d2] = value;
    days_from_civil(
        y1 * 1000 + y2 * 100 + y3 * 10 + y4,
        m1 * 10 + m2,
        d1 * 10 + d2,
    )
}

fn unspaced_date(text: &str) -> Option<(i32, Repairs)> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() == 8 {
        let days = days_from_civil(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..].parse().ok()?,
        )?;
        return Some((days, Repairs::DATE_COMPACT));
    }
    let (parts, form): (Vec<&str>, Repairs) = if text.contains('年') {
        let rest = text
            .strip_suffix('日')
            .or_else(|| text.strip_suffix('号'))?;
        (rest.split(['年', '月']).collect(), Repairs::DATE_CHINESE)
    } else if text.contains('.') {
        (text.split('.').collect(), Repairs::DATE_DOTS)
    } else if text.contains('/') {
        (text.split('/').collect(), Repairs::DATE_SLASHES)
    } else {
        (text.split('-').collect(), Repairs::NONE)
    };
    let [year, month, day] = parts[..] else {
        return None;
    };
    let short = |part: &str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if year.len() != 4
        || !year.bytes().all(|byte| byte.is_ascii_digit())
        || !short(month)
        || !short(day)
    {
        return None;
    }
    let days = days_from_civil(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    Some((days, form))
}

/// A day from a spreadsheet's day number, for cells that are numbers; days between 1950 and 2100 only. `None` also where the
/// file does not say from which day it counts.
pub fn serial_date(cell: &str, counted: DayNumbers) -> Option<i32> {
    // Days since 1970-01-01 of the day with the number 0.
    let zero = match counted {
        DayNumbers::From1900 => -25_569,
        DayNumbers::From1904 => -24_107,
        DayNumbers::Unknown => return None,
    };
    let day = cell.parse::<i32>().ok()?.checked_add(zero)?;
    (-7_305..=47_481).contains(&day).then_some(day)
}

/// A number scaled by `10^scale`, with thousands separators taken out where they stand right. `None` for anything else.
pub fn number(cell: &str, scale: u32) -> Option<(i64, Repairs)> {
    if let Some(value) = plain_number(cell, scale) {
        return Some((value, Repairs::NONE));
    }
    let (text, mut repairs) = clean(cell, true);
    let text = text.replace('，', ",");
    if text.contains(',') {
        let (sign, rest) = text.split_at(usize::from(text.starts_with('-')));
        let (whole, fraction) = rest
            .split_once('.')
            .map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
        let mut groups = whole.split(',');
        let first = groups.next()?;
        let grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
        if !grouped {
            return None;
        }
        repairs.add(Repairs::THOUSANDS);
        let mut joined = format!("{sign}{}", whole.replace(',', ""));
        if let Some(fraction) = fraction {
            joined.push('.');
            joined.push_str(fraction);
        }
        return Some((plain_number(&joined, scale)?, repairs));
    }
    Some((plain_number(&text, scale)?, repairs))
}

fn plain_number(text: &str, scale: u32) -> Option<i64> {
    let bytes = text.as_bytes();
    let (negative, bytes) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    let mut value: i64 = 0;
    let mut decimals: Option<u32> = None;
    let mut digits = 0;
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                let past = decimals.is_some_and(|decimals| decimals >= scale);
                if past {
                    // More digits than the column keeps are only taken when they are zeros.
                    if *byte != b'0' {
                        return None;
                    }
                    continue;
                }
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                digits += 1;
                decimals = decimals.map(|decimals| decimals + 1);
            }
            b'.' if decimals.is_none() && digits > 0 => decimals = Some(0),
            _ => return None,
        }
    }
    if digits == 0 || bytes.last() == Some(&b'.') {
        return None;
    }
    let missing = scale - decimals.unwrap_or(0).min(scale);
    let value = value.checked_mul(10i64.checked_pow(missing)?)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(repairs: Repairs) -> Vec<&'static str> {
        repairs.ids().collect()
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(days_from_civil(1970, 1, 1), Some(0));
        assert_eq!(days_from_civil(2000, 3, 1), Some(11_017));
        assert_eq!(days_from_civil(2020, 2, 29), Some(18_321));
        assert_eq!(days_from_civil(1969, 12, 31), Some(-1));
        assert_eq!(days_from_civil(2019, 2, 29), None);
        assert_eq!(days_from_civil(2020, 2, 30), None);
    }

    #[test]
    fn a_day_is_found_again() {
        for days in (-700_000..2_900_000).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            let number = |part: i32| u32::try_from(part).unwrap();
            let back = days_from_civil(number(year), number(month), number(day));
            assert_eq!(back, Some(days));
        }
        assert_eq!(civil_from_days(11_016), (2000, 2, 29));
    }

    #[test]
    fn dates_that_are_certain_are_read() {
        let wanted = days_from_civil(2020, 3, 5).unwrap();
        for (text, repair) in [
            ("2020-03-05", vec![]),
            ("2020-3-5", vec![]),
            ("2020.3.5", vec!["date_dots"]),
            ("2020/03/05", vec!["date_slashes"]),
            ("2020年3月5日", vec!["date_chinese"]),
            ("2020 年 3 月 5 日", vec!["spaces", "date_chinese"]),
            ("２０２０-０３-０５", vec!["fullwidth_digits"]),
            ("20200305", vec!["date_compact"]),
            (" 2020-03-05 ", vec!["spaces"]),
            ("2020-03-05 00:00:00", vec!["date_time"]),
        ] {
            let (days, repairs) = date(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((days, ids(repairs)), (wanted, repair), "{text}");
        }
    }

    #[test]
    fn dates_that_are_not_certain_are_refused() {
        for text in [
            "2020年3月",
            "20200230",
            "2020-02-30",
            "43895",
            "5/3/2020",
            "20.3.5",
            "+020.3.5",
            "2020-03-05 08:30",
            "",
            "三月五日",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_number_is_a_day() {
        let wanted = days_from_civil(2020, 3, 5);
        assert_eq!(serial_date("43895", DayNumbers::From1900), wanted);
        // The same day lies 1,462 days nearer to the beginning of the other system.
        assert_eq!(serial_date("42433", DayNumbers::From1904), wanted);
        assert_eq!(serial_date("43895", DayNumbers::Unknown), None);
        assert_eq!(serial_date("20200305", DayNumbers::From1900), None);
        assert_eq!(serial_date("43895.5", DayNumbers::From1900), None);
        let first = |day: &str| serial_date(day, DayNumbers::From1900);
        assert_eq!(first("18264"), days_from_civil(1950, 1, 1));
        assert_eq!((first("18263"), first("73051")), (None, None));
    }

    #[test]
    fn numbers_keep_every_fen() {
        for (text, value, repair) in [
            ("1500", 150_000, vec![]),
            ("1500.5", 150_050, vec![]),
            ("1,500.00", 150_000, vec!["thousands_separator"]),
            ("１５００", 150_000, vec!["fullwidth_digits"]),
            ("-3.07", -307, vec![]),
            ("0.10", 10, vec![]),
            ("800.000", 80_000, vec![]),
        ] {
            let (found, repairs) = number(text, 2).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found, ids(repairs)), (value, repair), "{text}");
        }
        for text in ["", "1.", ".5", "1e3", "1,50", "1.234", "12 000元", "--1"] {
            assert_eq!(number(text, 2), None, "{text}");
        }
    }
}
