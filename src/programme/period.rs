//! Periods and the statistical calendar.

use chrono::{Datelike, Days, Months, NaiveDate};
use std::fmt;

/// A span of whole days with the name it was asked for by.
///
/// Forms: `2020`, `2020H1`, `2020Q3`, `2020-09`, `2019..2021` (either end may be a month or quarter), `ytd:2020-09`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Year,
    Half,
    Quarter,
    Month,
    Range,
    YearToDate,
}

impl Period {
    /// Reads one of the forms above. `None` for anything else, also for ranges that end before they start.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(month) = text.strip_prefix("ytd:") {
            let month = Self::simple(month).filter(|period| period.kind == Kind::Month)?;
            return Some(Self {
                start: first_of(month.start.year(), 1)?,
                end: month.end,
                name: text.to_owned(),
                kind: Kind::YearToDate,
            });
        }
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (Self::simple(from)?, Self::simple(to)?);
            return (from.start <= to.end).then(|| Self::of_span(from.start, to.end));
        }
        Self::simple(text)
    }

    fn simple(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let year: i32 = text
            .get(..4)
            .filter(|year| digits(year))?
            .parse()
            .ok()
            .filter(|year| (1900..=2200).contains(year))?;
        let (first, months, kind) = match text.get(4..)? {
            "" => (1, 12, Kind::Year),
            "H1" => (1, 6, Kind::Half),
            "H2" => (7, 6, Kind::Half),
            "Q1" => (1, 3, Kind::Quarter),
            "Q2" => (4, 3, Kind::Quarter),
            "Q3" => (7, 3, Kind::Quarter),
            "Q4" => (10, 3, Kind::Quarter),
            rest => {
                let month = rest
                    .strip_prefix('-')
                    .filter(|month| month.len() == 2 && digits(month))?;
                (month.parse().ok()?, 1, Kind::Month)
            }
        };
        let start = first_of(year, first)?;
        Some(Self {
            start,
            end: start + Months::new(months) - Days::new(1),
            name: text.to_owned(),
            kind,
        })
    }

    /// The period from `start` to `end` under its one name: the shortest form that says it, `2020-01..2020-12` being `2020`.
    /// A range of anything else than years runs from month to month.
    pub fn of_span(start: NaiveDate, end: NaiveDate) -> Self {
        let (year, month) = (start.year(), start.month());
        let whole_months = start.day() == 1 && (end + Days::new(1)).day() == 1;
        let (name, kind) = match (months_between(start, end) + 1, month) {
            _ if !whole_months => (
                format!("{}..{}", month_code(start), month_code(end)),
                Kind::Range,
            ),
            (1, _) => (month_code(start), Kind::Month),
            (3, 1 | 4 | 7 | 10) => (quarter_code(start), Kind::Quarter),
            (6, 1) => (format!("{year}H1"), Kind::Half),
            (6, 7) => (format!("{year}H2"), Kind::Half),
            (12, 1) => (year.to_string(), Kind::Year),
            (months, 1) if months % 12 == 0 => (format!("{year}..{}", end.year()), Kind::Range),
            _ => (
                format!("{}..{}", month_code(start), month_code(end)),
                Kind::Range,
            ),
        };
        Self {
            start,
            end,
            name,
            kind,
        }
    }

    /// The days from `start` to `end`, both included; its name cannot be asked for.
    pub fn of_days(start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            start,
            end,
            name: format!("{start}..{end}"),
            kind: Kind::Range,
        }
    }

    /// The same span `months` earlier; a year-to-date one ends that much earlier and begins with its own year.
    #[must_use]
    pub fn earlier(&self, months: u32) -> Self {
        let start = self.start - Months::new(months);
        if self.kind == Kind::YearToDate {
            let last = first_of(self.end.year(), self.end.month()).unwrap_or(self.end);
            let name = format!("ytd:{}", month_code(last - Months::new(months)));
            return Self::parse(&name).unwrap_or_else(|| self.clone());
        }
        let next = self.end + Days::new(1);
        match (self.start.day(), next.day()) {
            (1, 1) => Self::of_span(start, next - Months::new(months) - Days::new(1)),
            _ => Self::of_days(start, self.end - Months::new(months)),
        }
    }

    /// The consecutive parts of `months` months that lie wholly inside, each beginning at a multiple of its length in its year.
    pub fn parts(&self, months: u32) -> Vec<Self> {
        let aligned = |first: &NaiveDate| first.day() == 1 && first.month0().is_multiple_of(months);
        let ends = |first: NaiveDate| first + Months::new(months) - Days::new(1);
        let firsts = (0..=self.months()).filter_map(|month| {
            first_of(self.start.year(), self.start.month()).map(|first| first + Months::new(month))
        });
        firsts
            .filter(aligned)
            .filter(|first| self.start <= *first && ends(*first) <= self.end)
            .map(|first| Self::of_span(first, ends(first)))
            .collect()
    }

    /// The names of periods within `years` that are most like `text`, for the message that there is no such period.
    pub fn nearest(text: &str, years: std::ops::RangeInclusive<i32>) -> Vec<String> {
        let mut known = vec![format!("{}..{}", years.start(), years.end())];
        for year in years {
            known.push(year.to_string());
            known.extend((1..=2).map(|half| format!("{year}H{half}")));
            known.extend((1..=4).map(|quarter| format!("{year}Q{quarter}")));
            known.extend((1..=12).map(|month| format!("{year}-{month:02}")));
            known.extend((1..=12).map(|month| format!("ytd:{year}-{month:02}")));
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = super::text::nearest(text, &known).into_iter().take(4);
        near.map(str::to_owned).collect()
    }

    /// Whether the period runs from the year's beginning to a month, as a request may ask: no period of a report.
    pub fn is_year_to_date(&self) -> bool {
        self.kind == Kind::YearToDate
    }

    /// First day.
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// Last day, included.
    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// Whether `day` lies inside.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.start <= day && day <= self.end
    }

    /// The name of the period whose target answers this one (CONTRACT Q60): itself, and the year for year-to-date.
    pub fn target_name(&self) -> String {
        match self.kind {
            Kind::YearToDate => self.start.year().to_string(),
            _ => self.name.clone(),
        }
    }

    /// The period whose target answers this one: the whole year for year-to-date.
    #[must_use]
    pub fn target_period(&self) -> Self {
        Self::parse(&self.target_name()).unwrap_or_else(|| self.clone())
    }

    /// Number of calendar months touched.
    pub fn months(&self) -> u32 {
        months_between(self.start, self.end) + 1
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn first_of(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)
}

/// Calendar months from the month of `from` to the month of `to`.
pub fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let months =
        (to.year() - from.year()) * 12 + to.month().cast_signed() - from.month().cast_signed();
    u32::try_from(months).unwrap_or(0)
}

/// `2020-09`, the code of the dimension month.
pub fn month_code(day: NaiveDate) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// `2020Q3`, the code of the dimension quarter.
pub fn quarter_code(day: NaiveDate) -> String {
    format!("{:04}Q{}", day.year(), day.month0() / 3 + 1)
}

/// The statistical month of `day` where months start on `start_day` and take the name of the month they end in
/// (the ministry's forms: 21st of last month to 20th of this one).
pub fn statistical_month_code(day: NaiveDate, start_day: u32) -> String {
    if start_day <= 1 || day.day() < start_day {
        return month_code(day);
    }
    month_code(day + Months::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_covers_its_days() {
        for (text, start, end) in [
            ("2020", "2020-01-01", "2020-12-31"),
            ("2020H2", "2020-07-01", "2020-12-31"),
            ("2020Q3", "2020-07-01", "2020-09-30"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("2019..2021", "2019-01-01", "2021-12-31"),
            ("ytd:2020-09", "2020-01-01", "2020-09-30"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(
                (period.start(), period.end()),
                (day(start), day(end)),
                "{text}"
            );
            assert_eq!(period.to_string(), text);
        }
        for text in [
            "",
            "20",
            "ytd:2020-06..2020-06",
            "2020Q5",
            "2020-13",
            "2020-9",
            "2021..2019",
            "ytd:2020",
            "二〇二〇",
        ] {
            assert!(Period::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_span_has_one_name() {
        for (text, name) in [
            ("2020-06..2020-06", "2020-06"),
            ("2020-04..2020-06", "2020Q2"),
            ("2020Q2..2020Q2", "2020Q2"),
            ("2020-05..2020-07", "2020-05..2020-07"),
            ("2020Q1..2020-06", "2020H1"),
            ("2020Q3..2020Q4", "2020H2"),
            ("2020-04..2020-09", "2020-04..2020-09"),
            ("2020-01..2020-12", "2020"),
            ("2020H1..2020H2", "2020"),
            ("2019-01..2021-12", "2019..2021"),
            ("2019..2021Q4", "2019..2021"),
            ("2019-09..2020Q1", "2019-09..2020-03"),
            ("2019-07..2020-06", "2019-07..2020-06"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(period.to_string(), name, "{text}");
            assert_eq!(Period::parse(name), Some(period), "{text}");
        }
    }

    #[test]
    fn an_earlier_period_has_the_same_length_and_its_own_name() {
        for (text, months, name) in [
            ("2020", 12, "2019"),
            ("2020Q3", 3, "2020Q2"),
            ("2020Q1", 3, "2019Q4"),
            ("2020-03", 1, "2020-02"),
            ("2021-02", 12, "2020-02"),
            ("2020H1", 6, "2019H2"),
            ("2019..2021", 36, "2016..2018"),
            ("2020-02..2020-06", 5, "2019-09..2020-01"),
            ("ytd:2020-09", 12, "ytd:2019-09"),
            ("ytd:2020-09", 1, "ytd:2020-08"),
        ] {
            let earlier = Period::parse(text).unwrap().earlier(months);
            assert_eq!(earlier.to_string(), name, "{text}");
            assert_eq!(Period::parse(name).unwrap(), earlier, "{text}");
        }
    }

    #[test]
    fn parts_lie_wholly_inside() {
        let names = |text: &str, months| -> Vec<String> {
            let parts = Period::parse(text).unwrap().parts(months);
            parts.iter().map(ToString::to_string).collect()
        };
        assert_eq!(names("2020", 3), ["2020Q1", "2020Q2", "2020Q3", "2020Q4"]);
        assert_eq!(names("2019..2021", 12), ["2019", "2020", "2021"]);
        assert_eq!(names("2020-02..2020-07", 3), ["2020Q2"]);
        assert_eq!(names("2020-02", 3), Vec::<String>::new());
        assert_eq!(names("2020Q1", 1), ["2020-01", "2020-02", "2020-03"]);
    }

    #[test]
    fn what_is_no_period_is_like_some() {
        let nearest = |text| Period::nearest(text, 2019..=2021);
        assert_eq!(nearest("2020Q5"), ["2020Q1", "2020Q2", "2020Q3", "2020Q4"]);
        assert_eq!(nearest("2020-9")[0], "2020-09");
        assert_eq!(nearest("2020q3")[0], "2020Q3");
        assert_eq!(nearest("ytd:202009")[0], "ytd:2020-09");
    }

    #[test]
    fn year_to_date_takes_the_target_of_its_year() {
        assert_eq!(Period::parse("ytd:2020-09").unwrap().target_name(), "2020");
    }

    #[test]
    fn a_statistical_month_runs_from_the_21st_to_the_20th() {
        assert_eq!(statistical_month_code(day("2019-12-21"), 21), "2020-01");
        assert_eq!(statistical_month_code(day("2020-01-20"), 21), "2020-01");
        assert_eq!(statistical_month_code(day("2020-01-21"), 21), "2020-02");
        assert_eq!(statistical_month_code(day("2020-01-31"), 21), "2020-02");
        assert_eq!(statistical_month_code(day("2020-01-31"), 1), "2020-01");
    }

    #[test]
    fn the_programme_names_its_own_period() {
        let period = Period::of_span(day("2019-01-01"), day("2021-12-31"));
        assert_eq!(period.to_string(), "2019..2021");
        assert_eq!(period.months(), 36);
    }
}
