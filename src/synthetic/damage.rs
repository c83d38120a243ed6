//! Damage as departments' spreadsheets show it (domain.md 7.3, issue 2 point 3), each with the answer it must get.

use super::random::Random;
use super::render::column;
use super::truth::Truth;

/// What an intake must do with a damaged row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Repair it; the row is as good as the clean one.
    Repair(&'static str),
    /// Reject it.
    Reject(&'static str),
    /// Accept it with a finding.
    Flag(&'static str),
}

/// One kind of damage; gives back `None` where the row offers nothing to damage that way.
type Defect = (Answer, fn(&mut [String]) -> Option<()>);

const DEFECTS: [Defect; 29] = [
    (Answer::Repair("fullwidth_digits"), |row| {
        change(row, "id_number", full_width)
    }),
    (Answer::Repair("lowercase_x"), |row| {
        change(row, "id_number", |id| {
            id.ends_with('X').then(|| id.to_lowercase())
        })
    }),
    (Answer::Repair("spaces"), |row| {
        change(row, "id_number", |id| {
            Some(format!(" {} {}", &id[..6], &id[6..]))
        })
    }),
    (Answer::Repair("apostrophe"), |row| {
        change(row, "id_number", |id| Some(format!("'{id}")))
    }),
    (Answer::Repair("id_15_digits"), |row| {
        change(row, "id_number", fifteen)
    }),
    (Answer::Repair("date_dots"), |row| {
        change(row, "start_date", |date| respell(date, ".", ""))
    }),
    (Answer::Repair("date_slashes"), |row| {
        change(row, "start_date", |date| respell(date, "/", ""))
    }),
    (Answer::Repair("date_chinese"), |row| {
        change(row, "start_date", |date| respell(date, "年", "日"))
    }),
    (Answer::Repair("thousands_separator"), |row| {
        change(row, "subsidy", thousands)
    }),
    (Answer::Repair("division_merged"), |row| {
        set(row, "division", "220173")
    }),
    (Answer::Repair("code_2015"), |row| {
        change(row, "occupation", |_| Some("4-07-05-04".to_owned()))
    }),
    (Answer::Reject("R001"), |row| {
        change(row, "id_number", wrong_check)
    }),
    (Answer::Reject("R002"), |row| {
        change(row, "id_number", impossible_birth)
    }),
    (Answer::Reject("R006"), |row| {
        change(row, "id_number", |id| {
            Some(format!("{}.{}E+17", &id[..1], &id[1..6]))
        })
    }),
    (Answer::Reject("R006"), |row| {
        change(row, "id_number", zeros)
    }),
    (Answer::Reject("V-DATE"), |row| {
        set(row, "start_date", "2020-02-30")
    }),
    (Answer::Reject("V-DATE"), |row| {
        set(row, "notice_date", "三月上旬")
    }),
    (Answer::Reject("V-REQUIRED"), |row| set(row, "name", "")),
    (Answer::Reject("V-REQUIRED"), |row| set(row, "class_no", "")),
    (Answer::Reject("V-CODE"), |row| {
        set(row, "primary_group", "TG77")
    }),
    (Answer::Reject("V-CODE"), |row| {
        set(row, "training_type", "TT12")
    }),
    (Answer::Reject("V-CODE"), |row| {
        set(row, "division", "220181")
    }),
    (Answer::Reject("V-CODE"), |row| {
        set(row, "division", "220100")
    }),
    (Answer::Reject("V-CROSS"), end_before_start),
    (Answer::Reject("V-TYPE"), |row| {
        change(row, "hours", |_| Some("约六十".to_owned()))
    }),
    (Answer::Reject("V-RANGE"), |row| {
        change(row, "subsidy", |yuan| {
            (yuan != "0").then(|| format!("-{yuan}"))
        })
    }),
    (Answer::Reject("V-USCC"), |row| {
        change(row, "employer_uscc", wrong_uscc)
    }),
    (Answer::Flag("phone"), |row| set(row, "phone", "0431-8888")),
    (Answer::Flag("unlisted_occupation"), |row| {
        change(row, "occupation", |_| Some("6-99-99-99".to_owned()))
    }),
];

/// Damages about `share` of the rows marked in `whole` and writes down what must become of them. A row of a file may
/// also take the number of the row before it: then both are rejected (V-KEY).
pub(super) fn damage(
    rows: &mut [Vec<String>],
    whole: &[bool],
    share: f64,
    random: &mut Random,
    truth: &mut Truth,
) {
    let mut untouched = whole.to_vec();
    for at in 0..rows.len() {
        // 2⁵³ steps: exact in a float.
        let draw = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
        if !untouched[at] || draw >= share {
            continue;
        }
        untouched[at] = false;
        if random.chance(30) && at > 0 && untouched[at - 1] {
            untouched[at - 1] = false;
            rows[at][column("record_no")] = rows[at - 1][column("record_no")].clone();
            note(&mut truth.rejected_by, "V-KEY", 2);
            truth.rejected += 2;
            truth.new -= 2;
            continue;
        }
        let first = random.below(DEFECTS.len() as u64) as usize;
        let answer = (0..DEFECTS.len()).find_map(|step| {
            let (answer, apply) = DEFECTS[(first + step) % DEFECTS.len()];
            apply(&mut rows[at]).map(|()| answer)
        });
        match answer {
            Some(Answer::Repair(rule)) => note(&mut truth.repaired, rule, 1),
            Some(Answer::Flag(kind)) => note(&mut truth.flagged, kind, 1),
            Some(Answer::Reject(rule)) => {
                note(&mut truth.rejected_by, rule, 1);
                truth.rejected += 1;
                truth.new -= 1;
            }
            None => {}
        }
    }
}

fn note(counts: &mut std::collections::BTreeMap<String, u64>, rule: &str, rows: u64) {
    *counts.entry(rule.to_owned()).or_default() += rows;
}

fn set(row: &mut [String], name: &str, text: &str) -> Option<()> {
    text.clone_into(&mut row[column(name)]);
    Some(())
}

/// Replaces a filled cell by what `spoil` makes of it.
fn change(row: &mut [String], name: &str, spoil: fn(&str) -> Option<String>) -> Option<()> {
    let cell = &mut row[column(name)];
    if cell.is_empty() {
        return None;
    }
    *cell = spoil(cell)?;
    Some(())
}

fn full_width(id: &str) -> Option<String> {
    let wide = |digit: char| char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit);
    Some(
        id.chars()
            .map(|one| if one.is_ascii_digit() { wide(one) } else { one })
            .collect(),
    )
}

fn fifteen(id: &str) -> Option<String> {
    (id[6..8] == *"19").then(|| format!("{}{}", &id[..6], &id[8..17]))
}

/// `2020-03-05` as `2020.3.5`, `2020/3/5` or `2020年3月5日`.
fn respell(date: &str, mark: &str, end: &str) -> Option<String> {
    let (year, month, day) = (date.get(..4)?, date.get(5..7)?, date.get(8..10)?);
    let (month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
    let second = if end.is_empty() { mark } else { "月" };
    Some(format!("{year}{mark}{month}{second}{day}{end}"))
}

fn thousands(yuan: &str) -> Option<String> {
    let at = yuan.len().checked_sub(3).filter(|at| *at > 0)?;
    Some(format!("{},{}.00", &yuan[..at], &yuan[at..]))
}

fn wrong_check(id: &str) -> Option<String> {
    let check = if id.ends_with('7') { '8' } else { '7' };
    Some(format!("{}{check}", &id[..17]))
}

fn impossible_birth(id: &str) -> Option<String> {
    let digits = format!("{}1332{}", &id[..10], &id[14..17]);
    let check = super::id_check(digits.as_bytes()) as char;
    Some(format!("{digits}{check}"))
}

/// The last three digits lost to a float; a number that stays valid by chance is left alone.
fn zeros(id: &str) -> Option<String> {
    let digits = format!("{}00", &id[..15]);
    (super::id_check(digits.as_bytes()) != b'0').then(|| format!("{digits}0"))
}

fn wrong_uscc(code: &str) -> Option<String> {
    let check = if code.ends_with('0') { '1' } else { '0' };
    Some(format!("{}{check}", &code[..17]))
}

fn end_before_start(row: &mut [String]) -> Option<()> {
    let start: chrono::NaiveDate = row[column("start_date")].parse().ok()?;
    let end = &mut row[column("end_date")];
    if end.is_empty() {
        return None;
    }
    *end = (start - chrono::Days::new(3)).to_string();
    Some(())
}
