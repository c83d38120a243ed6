//! A workbook's cell as kind and text.

use std::borrow::Cow;
use std::fmt::Write as _;

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime};

use super::super::Kind;

/// The cell as kind and text; numbers as their shortest exact decimal, dates in ISO form.
pub(super) fn of_ref<'a>(cell: &'a DataRef<'a>) -> (Kind, Cow<'a, str>) {
    match cell {
        DataRef::Empty => (Kind::Empty, "".into()),
        DataRef::Int(value) => (Kind::Number, value.to_string().into()),
        DataRef::Float(value) => of_float(*value),
        DataRef::String(text) => of_text(text),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Bool(value) => (Kind::Boolean, value.to_string().into()),
        DataRef::DateTime(value) => of_date(value),
        DataRef::DateTimeIso(text) => (Kind::Date, of_iso(text)),
        DataRef::DurationIso(text) => of_text(text),
        DataRef::Error(error) => (Kind::Error, of_error(error).into()),
    }
}

/// As [`of_ref`], for formats that calamine does not stream.
pub(super) fn of_data(cell: &Data) -> (Kind, Cow<'_, str>) {
    match cell {
        Data::Empty => (Kind::Empty, "".into()),
        Data::Int(value) => (Kind::Number, value.to_string().into()),
        Data::Float(value) => of_float(*value),
        Data::String(text) => of_text(text),
        Data::Bool(value) => (Kind::Boolean, value.to_string().into()),
        Data::DateTime(value) => of_date(value),
        Data::DateTimeIso(text) => (Kind::Date, of_iso(text)),
        Data::DurationIso(text) => of_text(text),
        Data::Error(error) => (Kind::Error, of_error(error).into()),
    }
}

fn of_text(text: &str) -> (Kind, Cow<'_, str>) {
    (
        if text.is_empty() {
            Kind::Empty
        } else {
            Kind::Text
        },
        text.into(),
    )
}

/// Rust writes the shortest decimal that reads back as the same float, without exponent.
pub(super) fn of_float(value: f64) -> (Kind, Cow<'static, str>) {
    if !value.is_finite() {
        return (Kind::Error, "#NUM!".into());
    }
    (
        Kind::Number,
        if value == 0.0 {
            "0".into()
        } else {
            value.to_string().into()
        },
    )
}

/// A serial date in either system. 29 February 1900, which Excel believes in, stays as it is, for validation to
/// refuse. Durations, times without a day and numbers outside Excel's calendar are no dates and stay numbers.
fn of_date(value: &ExcelDateTime) -> (Kind, Cow<'static, str>) {
    let serial = value.as_f64();
    if value.is_duration() || !(1.0..2_958_466.0).contains(&serial) {
        return of_float(serial);
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) != (0, 0, 0) {
        let written = write!(text, "T{hour:02}:{minute:02}:{second:02}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    (Kind::Date, text.into())
}

/// Leaves out a time of day that is midnight.
fn of_iso(text: &str) -> Cow<'_, str> {
    match text.split_once('T') {
        Some((day, time))
            if time
                .trim_end_matches('Z')
                .chars()
                .all(|c| matches!(c, '0' | ':' | '.')) =>
        {
            day.into()
        }
        _ => text.into(),
    }
}

fn of_error(error: &CellErrorType) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::DateTime;

    use super::*;

    #[test]
    fn serial_dates_in_both_systems() {
        let date = |serial, is_1904| {
            of_date(&ExcelDateTime::new(serial, DateTime, is_1904))
                .1
                .into_owned()
        };
        assert_eq!(date(43_895.0, false), "2020-03-05");
        assert_eq!(date(43_895.0 - 1_462.0, true), "2020-03-05");
        assert_eq!(date(43_895.5, false), "2020-03-05T12:00:00");
        assert_eq!(date(60.0, false), "1900-02-29");
        assert_eq!(date(0.25, false), "0.25");
    }

    #[test]
    fn numbers_are_exact_and_have_no_exponent() {
        assert_eq!(of_float(220_104_198_503_150_000.0).1, "220104198503150000");
        assert_eq!(of_float(0.1).1, "0.1");
        assert_eq!(of_float(1e21).1, "1000000000000000000000");
        assert_eq!(of_float(-0.0).1, "0");
    }
}
