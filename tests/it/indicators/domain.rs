//! The worked examples of the domain dossier (§11) that concern figures: 3, 7, 8, 9 and 13, from submissions to answers.

use crate::support::{Project, array, person, text};
use std::fmt::Write;

/// Records as a form with the English headers of some columns.
fn csv(header: &str, rows: &[String]) -> String {
    rows.iter().fold(format!("{header}\n"), |mut text, row| {
        writeln!(text, "{row}").expect("a text");
        text
    })
}

const TRAINING: &str = "record_no,id_number,name,primary_group,other_groups,division,institution,class_no,training_type,occupation,\
level,start_date,end_date,hours,status";

/// A completed training of the number-th person that ends on a day.
struct Training<'a> {
    number: u32,
    person: u32,
    end: &'a str,
    occupation: &'a str,
    level: &'a str,
    groups: &'a str,
    place: &'a str,
    hours: &'a str,
}

impl Training<'_> {
    fn line(&self) -> String {
        let Self {
            number,
            end,
            occupation,
            level,
            groups,
            place,
            hours,
            ..
        } = self;
        let id = person(self.person);
        format!(
            "D{number:03},{id},测试,{groups},220102,{place},C{number},TT01,{occupation},{level},{end},{end},{hours},completed"
        )
    }
}

const WELDER: Training<'_> = Training {
    number: 0,
    person: 1,
    end: "2020-03-20",
    occupation: "6-18-02-04",
    level: "L5",
    groups: "TG04,",
    place: "",
    hours: "60",
};

/// A project that loaded one file of training records; the key of a department's records is their number.
fn trained(rows: &[Training<'_>]) -> Project {
    let project = Project::new();
    let rows: Vec<String> = rows.iter().map(Training::line).collect();
    project.put("training__DP01__220102__2021-03.csv", csv(TRAINING, &rows));
    project.put(
        "institutions__DP01__ALL__2019.csv",
        csv(
            "code,name,ownership,division,valid_from",
            &["COLLEGE,长春某学院,college,220100,2018-01-01".to_owned()],
        ),
    );
    project.ingest(0);
    project
}

#[test]
fn example_3_the_fourth_in_a_year_is_asked_about_and_the_repeat_does_not_count() {
    let year = |number, end, occupation, level| Training {
        number,
        end,
        occupation,
        level,
        ..WELDER
    };
    let project = trained(&[
        year(1, "2020-03-20", "6-18-02-04", "L5"),
        year(2, "2020-06-19", "6-18-02-04", "L4"),
        year(3, "2020-09-18", "6-29-03-03", "L5"),
        year(4, "2020-11-20", "4-10-01-06", "L5"),
        year(5, "2021-02-05", "6-18-02-04", "L4"),
    ]);
    assert_eq!(
        project.total("trained_person_times", &["--period", "2020"]),
        4
    );
    assert_eq!(
        project.total("trained_person_times", &["--period", "2021"]),
        0
    );
    assert_eq!(project.total("trained_persons", &[]), 1);
    let found = project.run(&["findings", "--format", "json"]).json(0);
    let of = |rule: &str| -> Vec<String> {
        let rows = array(&found["rows"]).iter();
        let rows = rows.filter(|row| text(&row["rule"]) == rule);
        rows.map(|row| text(&row["record_no"]).to_owned()).collect()
    };
    assert_eq!(of("R008"), ["D004"]);
    assert_eq!(of("R007"), ["D005"]);
}

#[test]
fn example_7_training_hours_of_a_college_convert_at_thirty_percent() {
    // 12,000 trainee-class-hours = 200 trainees × 60 hours, here as 8,000 + 4,000 of two classes.
    let class = |number, hours, place| Training {
        number,
        person: number,
        hours,
        place,
        ..WELDER
    };
    let project = trained(&[
        class(1, "8000", "COLLEGE"),
        class(2, "4000", "COLLEGE"),
        class(3, "9999", "ANOTHER"),
    ]);
    let answer = project.query("converted_workload", &[]);
    assert_eq!(answer["totals"]["value"].as_f64(), Some(3600.0));
}

#[test]
fn example_8_front_line_staff_got_less_than_sixty_percent() {
    let project = Project::new();
    let uscc = "912299000000000011";
    let header = "employer_uscc,year,payroll,drawn,used,frontline";
    let uscc = with_check(&uscc[..17]);
    let row = format!("{uscc},2020,10000000,950000,900000,500000");
    project.put("education_funds__DP11__ALL__2020.csv", csv(header, &[row]));
    project.ingest(0);
    let answer = project.query("frontline_share", &["--period", "2020"]);
    let total = &answer["totals"];
    assert_eq!(total["numerator"].as_f64(), Some(500_000.0));
    assert_eq!(total["denominator"].as_f64(), Some(900_000.0));
    // 5/9, 55.6 %: below the 60 % of clause 四(三).
    assert_eq!(total["value"].as_f64(), Some(0.555_555_555_556));
}

/// A unified social credit code with its check character (GB 32100).
fn with_check(body: &str) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut weight = 1;
    let mut sum = 0;
    for character in body.chars() {
        sum += weight * ALPHABET.find(character).expect("a character of the code");
        weight = weight * 3 % 31;
    }
    let check = (31 - sum % 31) % 31;
    format!("{body}{}", &ALPHABET[check..=check])
}

#[test]
fn example_9_the_scope_decides_the_verdict() {
    let project = Project::new();
    let header = "as_of,division,sector,employed,skilled,highly_skilled,basis,source";
    // Without Gongzhuling 4,215,000, 1,070,600 and 324,400; with it 4,679,000, 1,145,300 and 340,700.
    let rows = [
        "2021-12-31,220102,,4215000,1070600,324400,published,SYNTHETIC".to_owned(),
        "2021-12-31,220184,,464000,74700,16300,published,SYNTHETIC".to_owned(),
    ];
    project.put("workforce__DP01__ALL__2021.csv", csv(header, &rows));
    let args = ["ingest", "--format", "json"];
    project.run_on("2022-01-31", &args).json(0);
    for (indicator, scope, value, verdict) in [
        ("skilled_ratio", "CC2019", 0.253_997_627_521, "ahead"),
        ("highly_skilled_ratio", "CC2019", 0.303_007_659_256, "ahead"),
        // Targets belong to the scope of 2019 (Q66): 24.5 % and 29.7 % are below 25 % and 30 %.
        ("skilled_ratio", "CC2020", 0.244_774_524_471, "no_target"),
        (
            "highly_skilled_ratio",
            "CC2020",
            0.297_476_643_674,
            "no_target",
        ),
    ] {
        let answer = project.query(indicator, &["--period", "2021", "--scope", scope]);
        let total = &answer["totals"];
        assert_eq!(total["value"].as_f64(), Some(value), "{indicator} {scope}");
        assert_eq!(text(&total["verdict"]), verdict, "{indicator} {scope}");
    }
}

#[test]
fn example_13_a_veteran_who_is_an_employee_stands_once_under_his_primary_group() {
    let veteran = Training {
        number: 1,
        groups: "TG07,TG08",
        ..WELDER
    };
    let employee = Training {
        number: 2,
        person: 2,
        groups: "TG08,",
        ..WELDER
    };
    let project = trained(&[veteran, employee]);
    let answer = project.query("trained_person_times", &["--by", "group"]);
    let rows = crate::support::counts(&answer, "group");
    let rows: Vec<(&str, i64)> = rows
        .iter()
        .map(|(code, count)| (code.as_str(), *count))
        .collect();
    assert_eq!(rows, [("TG07", 1), ("TG08", 1)]);
    assert_eq!(answer["totals"]["value"], 2);
}
