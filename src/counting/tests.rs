use super::*;

fn rules() -> Rules {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Rules {
        statuses: texts(&["completed"]),
        types: texts(&["TT01", "TT04"]),
        own_line_types: texts(&["TT09"]),
        funding_sources: texts(&["FS03"]),
        start: day("2019-01-01"),
        end: day("2021-12-31"),
        per_year_max: 3,
        months_max: 6,
    }
}

fn day(text: &str) -> i32 {
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let day: chrono::NaiveDate = text.parse().unwrap();
    i32::try_from((day - epoch).num_days()).unwrap()
}

/// A completed welder's training of person 1 that ended on `end`.
fn record<'a>(
    record_no: &'a str,
    occupation: &'a str,
    level: &'a str,
    end: &str,
) -> RecordsBuilder<'a> {
    RecordsBuilder {
        person: 1,
        department: "DP01",
        record_no,
        occupation,
        level,
        start: day(end) - 20,
        end: Some(day(end)),
        status: "completed",
        training_type: "TT01",
        funding_source: "FS01",
        employer: "",
    }
}

fn outcomes(list: &[RecordsBuilder<'_>]) -> Outcomes {
    let mut records = Records::default();
    list.iter().for_each(|record| records.push(*record));
    count(&records, &rules())
}

#[test]
fn person_p_of_the_dossier() {
    // domain.md §11.3: welder L5 2020-03, welder L4 2020-06, electrician L5 2020-09, domestic service L5 2020-11
    // is the fourth in the year (R008); welder L4 again in 2021-02 is excluded for life (R007).
    let found = outcomes(&[
        record("1", "6-18-02-04", "L5", "2020-03-10"),
        record("2", "6-18-02-04", "L4", "2020-06-10"),
        record("3", "6-31-01-03", "L5", "2020-09-10"),
        record("4", "4-10-01-06", "L5", "2020-11-10"),
        record("5", "6-18-02-04", "L4", "2021-02-10"),
    ]);
    assert_eq!(found.reasons, [None, None, None, None, Some(Reason::R007)]);
    assert_eq!(found.findings, [(3, "R008"), (4, "R007")]);
}

#[test]
fn the_first_reason_is_the_one_kept() {
    let base = record("1", "", "LN", "2020-03-10");
    let found = outcomes(&[
        RecordsBuilder {
            status: "failed",
            training_type: "TT09",
            funding_source: "FS03",
            ..base
        },
        RecordsBuilder {
            training_type: "TT09",
            funding_source: "FS03",
            ..base
        },
        RecordsBuilder {
            funding_source: "FS03",
            end: Some(day("2022-01-01")),
            ..base
        },
        RecordsBuilder {
            end: Some(day("2022-01-01")),
            ..base
        },
        RecordsBuilder {
            end: Some(day("2021-12-31")),
            ..base
        },
        RecordsBuilder {
            end: Some(day("2019-01-01")),
            ..base
        },
    ]);
    use Reason::{Funding, Period, Status, Type};
    assert_eq!(
        found.reasons,
        [
            Some(Status),
            Some(Type),
            Some(Funding),
            Some(Period),
            None,
            None
        ]
    );
}

#[test]
fn ties_are_decided_by_department_and_record_number_in_any_order() {
    let base = record("10", "6-18-02-04", "L5", "2020-03-10");
    let mut list = [
        RecordsBuilder {
            department: "DP07",
            record_no: "1",
            ..base
        },
        RecordsBuilder {
            record_no: "9",
            ..base
        },
        RecordsBuilder {
            record_no: "10",
            ..base
        },
    ];
    for _ in 0..3 {
        list.rotate_left(1);
        let found = outcomes(&list);
        let counted: Vec<&str> = list
            .iter()
            .zip(&found.reasons)
            .filter(|(_, reason)| reason.is_none())
            .map(|(record, _)| record.record_no)
            .collect();
        // "10" comes before "9" as text.
        assert_eq!(counted, ["10"]);
    }
}

#[test]
fn a_blank_occupation_never_matches() {
    let found = outcomes(&[
        record("1", "", "LN", "2020-03-10"),
        record("2", "", "LN", "2020-04-10"),
    ]);
    assert_eq!(found.reasons, [None, None]);
}

#[test]
fn work_for_training_stops_after_six_months() {
    // domain.md §11.6: 2020-04 … 2020-10 with one employer is 7 months. Records of 4, 2 and 1 months: the third exceeds.
    let work = |record_no, start: &str, end: &str| RecordsBuilder {
        training_type: "TT09",
        employer: "91220101MA0Y1ABC3X",
        start: day(start),
        ..record(record_no, "", "LN", end)
    };
    let found = outcomes(&[
        work("1", "2020-04-01", "2020-07-31"),
        work("2", "2020-08-01", "2020-09-30"),
        work("3", "2020-10-01", "2020-10-31"),
        RecordsBuilder {
            employer: "",
            ..work("4", "2020-01-01", "2020-12-31")
        },
    ]);
    assert_eq!(found.own_line, [true, true, false, true]);
    assert_eq!(found.findings, [(2, "R009")]);
    assert!(
        found
            .reasons
            .iter()
            .all(|reason| *reason == Some(Reason::Type))
    );
}
