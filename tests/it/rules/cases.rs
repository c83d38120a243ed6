//! Hand-made records: for every rule some that it must name and some that it must not, each with the reason.

use crate::support::{Project, id_check, person};
use std::collections::BTreeMap;

/// One record and what a rule must say of it.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    pub(crate) record_no: String,
    pub(crate) named: bool,
    pub(crate) why: &'static str,
}

/// A training record in which nothing is doubtful, to be changed cell by cell.
const BASE: [(&str, &str); 25] = [
    ("record_no", ""),
    ("id_number", ""),
    ("name", "测试"),
    ("primary_group", "TG08"),
    ("other_groups", ""),
    ("division", "220102"),
    ("institution", "I-1"),
    ("class_no", ""),
    ("training_type", "TT04"),
    ("delivery", "TM04"),
    ("occupation", ""),
    ("level", "LN"),
    ("notice_date", "2020-09-01"),
    ("start_date", "2020-09-07"),
    ("end_date", "2020-09-25"),
    ("hours", "40"),
    ("status", "completed"),
    ("certificate_type", "CT04"),
    ("certificate_no", ""),
    ("certificate_date", "2020-09-28"),
    ("fee", "0"),
    ("funding_source", "FS01"),
    ("subsidy", "400"),
    ("approved_on", "2020-10-10"),
    ("paid_on", "2020-10-20"),
];

#[derive(Default)]
struct Book {
    /// Rows by department.
    rows: BTreeMap<&'static str, Vec<Vec<String>>>,
    cases: Vec<Case>,
    number: u32,
}

impl Book {
    /// Adds a record of a person of its own with some cells changed.
    fn record(&mut self, department: &'static str, record_no: &str, cells: &[(&str, &str)]) {
        self.number += 1;
        let own = [
            ("record_no", record_no.to_owned()),
            ("id_number", person(self.number)),
            ("class_no", format!("C-{}", self.number)),
            ("certificate_no", format!("Z-{}", self.number)),
        ];
        let row = BASE.iter().map(|(name, value)| {
            let changed = cells.iter().find(|(cell, _)| cell == name);
            let own = own.iter().find(|(cell, _)| cell == name);
            match (changed, own) {
                (Some((_, value)), _) => (*value).to_owned(),
                (None, Some((_, value))) => value.clone(),
                (None, None) => (*value).to_owned(),
            }
        });
        let row = row.collect();
        self.rows.entry(department).or_default().push(row);
        for (cell, _) in cells {
            assert!(BASE.iter().any(|(name, _)| name == cell), "{cell}");
        }
    }

    /// A record of DP01 that `rule` names, or not, because of `why`; the record is `rule` + or −, and `what`.
    fn case(
        &mut self,
        rule: &'static str,
        named: bool,
        what: &str,
        why: &'static str,
        cells: &[(&str, &str)],
    ) {
        let record_no = format!("{rule}{}{what}", if named { '+' } else { '-' });
        self.record("DP01", &record_no, cells);
        self.expect(rule, named, record_no, why);
    }

    fn expect(&mut self, rule: &'static str, named: bool, record_no: String, why: &'static str) {
        self.cases.push(Case {
            rule,
            record_no,
            named,
            why,
        });
    }
}

/// An identity number of a person born on `birth` (YYYYMMDD).
fn born(birth: &str) -> String {
    let digits = format!("220102{birth}000");
    format!("{digits}{}", id_check(&digits))
}

/// Puts the files of all cases into the inbox, and gives back the cases.
pub(crate) fn submit(project: &Project) -> Vec<Case> {
    let mut book = Book::default();
    persons(&mut book);
    money(&mut book);
    certificates(&mut book, project);
    overlaps(&mut book);
    classes(&mut book);
    catalogue(project);
    funds(&mut book, project);
    returns(&mut book, project);
    let heads: Vec<&str> = BASE.iter().map(|(name, _)| *name).collect();
    for (department, rows) in &book.rows {
        let mut text = heads.join(",") + "\n";
        for row in rows {
            text += &row.join(",");
            text.push('\n');
        }
        project.put(&format!("training__{department}__ALL__2020.csv"), text);
    }
    book.cases
}

fn persons(book: &mut Book) {
    // The class ends on 2020-09-25.
    book.case(
        "R002",
        true,
        "",
        "15 years old at the end",
        &[("id_number", &born("20050101"))],
    );
    book.case(
        "R002",
        false,
        "",
        "16 years old on 2020-09-01",
        &[("id_number", &born("20040901"))],
    );
    book.case(
        "R012",
        true,
        "group",
        "TG01 is free in the code list",
        &[("primary_group", "TG01"), ("fee", "100")],
    );
    book.case(
        "R012",
        true,
        "other",
        "one of the other groups, poor labourers, is free",
        &[("other_groups", "TG19;TG10"), ("fee", "50")],
    );
    book.case(
        "R012",
        false,
        "worker",
        "enterprise employees may pay",
        &[("fee", "100")],
    );
    book.case(
        "R012",
        false,
        "nothing",
        "free, and nothing was paid",
        &[("primary_group", "TG01")],
    );
    book.case(
        "R040",
        true,
        "late",
        "notice a day after the start",
        &[("notice_date", "2020-09-08")],
    );
    book.case(
        "R040",
        true,
        "none",
        "no notice at all",
        &[("notice_date", "")],
    );
    book.case(
        "R040",
        false,
        "",
        "notice on the day of the start",
        &[("notice_date", "2020-09-07")],
    );
}

fn money(book: &mut Book) {
    let apprentice = [
        ("training_type", "TT07"),
        ("start_date", "2019-09-02"),
        ("end_date", "2020-08-31"),
        ("notice_date", "2019-08-20"),
    ];
    // 2019-09-02 to 2020-08-31: 11 whole months; 11 × 4,000 / 12 = 3,666.67.
    let with = |yuan: &'static str| [&apprentice[..], &[("subsidy", yuan)]].concat();
    book.case(
        "R011",
        true,
        "",
        "3,666 × 12 = 43,992 < 11 × 4,000",
        &with("3666"),
    );
    book.case(
        "R011",
        false,
        "",
        "3,667 × 12 = 44,004 ≥ 11 × 4,000",
        &with("3667"),
    );

    let none = [
        ("certificate_type", ""),
        ("certificate_no", ""),
        ("certificate_date", ""),
    ];
    book.case("R013", true, "none", "paid, no certificate", &none);
    book.case(
        "R013",
        true,
        "later",
        "certificate dated a day after the payment",
        &[("certificate_date", "2020-10-21")],
    );
    book.case(
        "R013",
        false,
        "same",
        "certificate on the day of the payment",
        &[("certificate_date", "2020-10-20")],
    );
    book.case(
        "R013",
        false,
        "unpaid",
        "no certificate, but nothing was paid",
        &[&none[..], &[("approved_on", ""), ("paid_on", "")]].concat(),
    );
    book.case(
        "R013",
        false,
        "work",
        "work-for-training gives no certificate",
        &[&none[..], &[("training_type", "TT09")]].concat(),
    );

    let junior = [
        ("training_type", "TT01"),
        ("level", "L5"),
        ("subsidy", "800"),
        ("hours", "60"),
    ];
    let with = |cells: &[(&'static str, &'static str)]| {
        let mut all = junior.to_vec();
        all.retain(|(name, _)| !cells.iter().any(|(other, _)| other == name));
        all.extend(cells);
        all
    };
    book.case(
        "R029",
        true,
        "tariff",
        "59 of the 60 hours of the provincial standard for juniors",
        &with(&[("hours", "59")]),
    );
    book.case("R029", false, "tariff", "60 hours are enough", &junior);
    book.case(
        "R029",
        false,
        "before",
        "the provincial standard starts on 2020-08-31",
        &with(&[
            ("hours", "30"),
            ("notice_date", "2020-08-01"),
            ("start_date", "2020-08-30"),
        ]),
    );
    // The catalogue: institution I-2, occupation 6-18-02-04, L5: at least 64 hours, at most 900 yuan.
    let listed = [
        ("institution", "I-2"),
        ("occupation", "6-18-02-04"),
        ("training_type", "TT04"),
    ];
    let with_catalogue =
        |cells: &[(&'static str, &'static str)]| with(&[&listed[..], cells].concat());
    book.case(
        "R029",
        true,
        "catalogue",
        "63 of the 64 hours the catalogue asks for",
        &with_catalogue(&[("hours", "63")]),
    );
    book.case(
        "R029",
        false,
        "catalogue",
        "64 hours are enough",
        &with_catalogue(&[("hours", "64")]),
    );
    book.case(
        "R036",
        true,
        "tariff",
        "801 yuan, 800 is the provincial tariff for juniors",
        &with(&[("subsidy", "801")]),
    );
    book.case("R036", false, "tariff", "800 yuan", &junior);
    book.case(
        "R036",
        true,
        "catalogue",
        "901 yuan, the catalogue says 900",
        &with_catalogue(&[("hours", "64"), ("subsidy", "900.01")]),
    );
    book.case(
        "R036",
        false,
        "catalogue",
        "900 yuan",
        &with_catalogue(&[("hours", "64"), ("subsidy", "900")]),
    );

    // Loaded on 2021-06-30.
    book.case(
        "R053",
        true,
        "",
        "approved 61 days before, unpaid",
        &[("approved_on", "2021-04-30"), ("paid_on", "")],
    );
    book.case(
        "R053",
        false,
        "",
        "approved exactly 60 days before",
        &[("approved_on", "2021-05-01"), ("paid_on", "")],
    );
}

fn certificates(book: &mut Book, project: &Project) {
    book.case(
        "R014",
        true,
        "",
        "dated a day before the completion",
        &[("certificate_date", "2020-09-24")],
    );
    book.case(
        "R014",
        false,
        "",
        "dated on the day of the completion",
        &[("certificate_date", "2020-09-25")],
    );

    book.case(
        "R015",
        true,
        "1",
        "the number stands in two records",
        &[("certificate_no", "Z-TWICE")],
    );
    book.case(
        "R015",
        true,
        "2",
        "the number stands in two records",
        &[("certificate_no", "Z-TWICE")],
    );
    book.case(
        "R015",
        true,
        "other",
        "the register has the number for another person",
        &[("certificate_no", "Z-OTHER"), ("certificate_type", "CT02")],
    );
    book.case(
        "R015",
        false,
        "type",
        "the same number of another type of certificate",
        &[("certificate_no", "Z-TWICE"), ("certificate_type", "CT03")],
    );
    let own = person(9_001);
    book.case(
        "R015",
        false,
        "own",
        "the register has it for the same person",
        &[
            ("id_number", &own),
            ("certificate_no", "Z-OWN"),
            ("certificate_type", "CT02"),
        ],
    );

    let (dead, later, retired, back) = (person(9_010), person(9_011), person(9_012), person(9_013));
    book.case(
        "R020",
        true,
        "",
        "deceased as of 2020-01-01, the class starts 2020-09-07",
        &[("id_number", &dead)],
    );
    book.case(
        "R020",
        false,
        "",
        "deceased as of a day after the class",
        &[("id_number", &later)],
    );
    book.case(
        "R022",
        true,
        "",
        "retired as of 2020-01-01",
        &[("id_number", &retired)],
    );
    book.case(
        "R022",
        false,
        "",
        "retired, and employed again before the start",
        &[("id_number", &back)],
    );
    let mut text = "record_no,id_number,name,occupation,level,certificate_type,certificate_no,issued_on,division,employment_status,status_on\n".to_owned();
    let mut listed = 0;
    let mut list = |id: &str, number: &str, status: &str, day: &str| {
        listed += 1;
        text += &format!(
            "K-{listed},{id},测试,6-18-02-04,L5,CT02,{number},2019-05-01,220102,{status},{day}\n"
        );
    };
    list(&person(9_002), "Z-OTHER", "employed", "2019-05-01");
    list(&own, "Z-OWN", "employed", "2019-05-01");
    list(&dead, "K-A", "deceased", "2020-01-01");
    list(&later, "K-B", "deceased", "2020-12-01");
    list(&retired, "K-C", "retired", "2020-01-01");
    list(&back, "K-D", "retired", "2020-01-01");
    list(&back, "K-E", "employed", "2020-06-01");
    project.put("certificates__DP01__ALL__2020Q4.csv", text);
}

fn overlaps(book: &mut Book) {
    // Online classes, so that R017 has nothing to say.
    let online = |id: &'static str| [("id_number", id), ("delivery", "TM03")];
    let ids: Vec<&'static str> = (9_100..9_120)
        .map(|number| &*person(number).leak())
        .collect();
    book.record("DP01", "R016a", &online(ids[0]));
    book.record(
        "DP07",
        "R016+department",
        &[&online(ids[0])[..], &[("start_date", "2020-09-08")]].concat(),
    );
    book.expect(
        "R016",
        true,
        "R016+department".into(),
        "another department, a day later, overlapping",
    );
    book.record("DP01", "R016b", &online(ids[1]));
    book.record(
        "DP01",
        "R016+place",
        &[
            &online(ids[1])[..],
            &[
                ("start_date", "2020-09-25"),
                ("end_date", "2020-10-01"),
                ("certificate_date", "2020-10-02"),
                ("division", "220103"),
            ],
        ]
        .concat(),
    );
    book.expect(
        "R016",
        true,
        "R016+place".into(),
        "starts elsewhere on the last day of the other",
    );
    book.record("DP01", "R016c", &online(ids[2]));
    book.record(
        "DP01",
        "R016-after",
        &[
            &online(ids[2])[..],
            &[
                ("start_date", "2020-09-26"),
                ("end_date", "2020-10-01"),
                ("certificate_date", "2020-10-02"),
                ("division", "220103"),
            ],
        ]
        .concat(),
    );
    book.expect(
        "R016",
        false,
        "R016-after".into(),
        "elsewhere, but a day after the other ended",
    );
    book.record("DP01", "R016d", &online(ids[3]));
    book.record(
        "DP07",
        "R016-unapproved",
        &[&online(ids[3])[..], &[("approved_on", ""), ("paid_on", "")]].concat(),
    );
    book.expect(
        "R016",
        false,
        "R016-unapproved".into(),
        "only one of the two was approved",
    );

    book.record("DP01", "R017a", &[("id_number", ids[4])]);
    book.record(
        "DP01",
        "R017+",
        &[("id_number", ids[4]), ("start_date", "2020-09-08")],
    );
    book.expect(
        "R017",
        true,
        "R017+".into(),
        "two classes of one person at the same time",
    );
    book.record("DP01", "R017b", &[("id_number", ids[5])]);
    book.record(
        "DP01",
        "R017-online",
        &[
            ("id_number", ids[5]),
            ("start_date", "2020-09-08"),
            ("delivery", "TM03"),
        ],
    );
    book.expect("R017", false, "R017-online".into(), "one of them online");
    book.record("DP01", "R017c", &[("id_number", ids[6])]);
    book.record(
        "DP01",
        "R017-dropped",
        &[
            ("id_number", ids[6]),
            ("start_date", "2020-09-08"),
            ("status", "dropped"),
            ("subsidy", ""),
            ("approved_on", ""),
            ("paid_on", ""),
        ],
    );
    book.expect(
        "R017",
        false,
        "R017-dropped".into(),
        "dropped out of one of them",
    );

    let work = |id| {
        [
            ("id_number", id),
            ("training_type", "TT09"),
            ("certificate_no", ""),
            ("certificate_type", ""),
            ("certificate_date", ""),
        ]
    };
    book.record("DP01", "R044+", &work(ids[7]));
    book.record(
        "DP01",
        "R044a",
        &[
            ("id_number", ids[7]),
            ("start_date", "2020-09-20"),
            ("division", "220103"),
            ("end_date", "2020-09-26"),
        ],
    );
    book.expect(
        "R044",
        true,
        "R044+".into(),
        "another paid training in the same days",
    );
    book.record("DP01", "R044-", &work(ids[8]));
    book.record(
        "DP01",
        "R044b",
        &[
            ("id_number", ids[8]),
            ("start_date", "2020-09-20"),
            ("approved_on", ""),
            ("paid_on", ""),
        ],
    );
    book.expect(
        "R044",
        false,
        "R044-".into(),
        "the other training was not paid",
    );
}

fn classes(book: &mut Book) {
    // Five classes of thirty each: nobody failed at I-34, one did at I-33. Ends spread over the quarter.
    for (institution, failed) in [("I-34", None), ("I-33", Some(7))] {
        for seat in 0..150 {
            let class = format!("{institution}-{}", seat / 30);
            let mut cells = vec![
                ("institution", institution),
                ("class_no", class.as_str()),
                ("division", "220122"),
            ];
            if failed == Some(seat) {
                cells.extend([
                    ("status", "failed"),
                    ("subsidy", ""),
                    ("approved_on", ""),
                    ("paid_on", ""),
                ]);
            }
            book.record("DP01", &format!("{institution}/{seat}"), &cells);
        }
    }
    book.expect(
        "R034",
        true,
        "I-34".into(),
        "five classes of 30, nobody failed",
    );
    book.expect("R034", false, "I-33".into(), "one of 150 failed");

    // Certificates of 2020-09-28; the threshold is 3 in this project.
    for seat in 0..4 {
        book.record(
            "DP01",
            &format!("I-35/{seat}"),
            &[("institution", "I-35"), ("division", "220182")],
        );
        book.record(
            "DP01",
            &format!("I-36/{seat}"),
            &[("institution", "I-36"), ("division", "220182")],
        );
    }
    book.expect(
        "R035",
        true,
        "I-35".into(),
        "four certificates 27 days after the institution was listed",
    );
    book.expect(
        "R035",
        false,
        "I-36".into(),
        "four certificates 119 days after it was listed",
    );

    book.case(
        "R039",
        true,
        "unlisted",
        "no such institution in the catalogue",
        &[("institution", "I-99")],
    );
    book.case(
        "R039",
        true,
        "course",
        "listed for another occupation",
        &[("institution", "I-2"), ("occupation", "4-01-02-01")],
    );
    book.case(
        "R039",
        true,
        "expired",
        "listed up to 2020-08-31",
        &[("institution", "I-3")],
    );
    book.case(
        "R039",
        false,
        "course",
        "listed with this occupation",
        &[("institution", "I-2"), ("occupation", "6-18-02-04")],
    );
    book.case(
        "R039",
        false,
        "blank",
        "no institution to look for",
        &[("institution", "")],
    );

    // The threshold is 5 in this project; the last five days of September begin on the 26th.
    for seat in 0..5 {
        let late = [
            ("end_date", "2020-09-28"),
            ("certificate_date", "2020-09-30"),
        ];
        let third = if seat < 3 { &late[..] } else { &[] };
        book.record(
            "DP01",
            &format!("220105/{seat}"),
            &[&[("division", "220105")], third].concat(),
        );
        let second = if seat < 2 { &late[..] } else { &[] };
        book.record(
            "DP01",
            &format!("220106/{seat}"),
            &[&[("division", "220106")], second].concat(),
        );
    }
    book.expect(
        "R049",
        true,
        "220105 2020Q3".into(),
        "3 of 5 in the last five days, over 40 %",
    );
    book.expect(
        "R049",
        false,
        "220106 2020Q3".into(),
        "2 of 5 are exactly 40 %",
    );
}

fn catalogue(project: &Project) {
    let text = "code,name,ownership,division,occupation,level,valid_from,valid_to,standard,min_hours\n\
        I-1,甲学校,private,220102,,,2018-01-01,,,\n\
        I-2,乙学校,private,220102,6-18-02-04,L5,2018-01-01,,900,64\n\
        I-3,丙学校,private,220102,,,2018-01-01,2020-08-31,,\n\
        I-33,丁学校,private,220122,,,2018-01-01,,,\n\
        I-34,戊学校,private,220122,,,2018-01-01,,,\n\
        I-35,己学校,private,220182,,,2020-09-01,,,\n\
        I-36,庚学校,private,220182,,,2020-06-01,,,\n";
    project.put("institutions__DP01__ALL__2020.csv", text);
}

fn uscc(number: u32) -> String {
    let digits = format!("91220101MA{number:07}");
    let check = dabiao::synthetic::uscc_check(digits.as_bytes());
    format!("{digits}{}", char::from(check))
}

fn funds(book: &mut Book, project: &Project) {
    let mut text = "period,division,department,funding_source,kind,amount\n".to_owned();
    for (division, advance) in [("220102", "50000.01"), ("220103", "50000")] {
        text += &format!(
            "2020-03,{division},DP06,FS02,approved,100000\n2020-04,{division},DP06,FS02,advance,{advance}\n"
        );
    }
    project.put("funds__DP06__ALL__2020.csv", text);
    book.expect(
        "R010",
        true,
        "220102 FS02 2020".into(),
        "50,000.01 of 100,000 advanced",
    );
    book.expect(
        "R010",
        false,
        "220103 FS02 2020".into(),
        "exactly half advanced",
    );

    let (below, at) = (uscc(1), uscc(2));
    let text = format!(
        "employer_uscc,year,payroll,drawn,used,frontline\n{below},2020,1000,100,100,59.99\n{at},2020,1000,100,100,60\n"
    );
    project.put("education_funds__DP11__ALL__2020.csv", text);
    book.expect("R052", true, below, "59.99 % for front-line staff");
    book.expect("R052", false, at, "exactly 60 %");
}

fn returns(book: &mut Book, project: &Project) {
    let file = |department: &str, rows: &[(&str, &str, &str, &str)]| {
        let mut text = "period,division,indicator,value\n".to_owned();
        for (period, division, indicator, value) in rows {
            text += &format!("{period},{division},{indicator},{value}\n");
        }
        project.put(&format!("returns__{department}__ALL__2020.csv"), text);
    };
    let trained = "trained_person_times";
    file(
        "DP18",
        &[
            ("2020Q1", "220100", trained, "109"),
            ("2020Q1", "220102", trained, "60"),
            ("2020Q1", "220103", trained, "51"),
            ("2020Q2", "220100", trained, "111"),
            ("2020Q2", "220102", trained, "61"),
            ("2020Q2", "220103", trained, "49"),
            ("2020-01", "220104", "certified_person_times", "51"),
            ("2020Q1", "220104", "certified_person_times", "47"),
            ("2020H1", "220104", "certified_person_times", "51"),
            ("2019Q1", "220112", trained, "100"),
            ("2019Q2", "220112", trained, "150"),
            ("2019Q3", "220112", trained, "200"),
            ("2019Q4", "220112", trained, "7"),
            ("2019Q1", "220113", trained, "100"),
            ("2019Q2", "220113", trained, "150"),
            ("2019Q3", "220113", trained, "201"),
            ("2019Q4", "220113", trained, "7"),
        ],
    );
    book.expect(
        "R045",
        true,
        format!("2020Q1 {trained}"),
        "the units make 111, the city says 109",
    );
    book.expect(
        "R045",
        false,
        format!("2020Q2 {trained}"),
        "the units make 110 of 111, and most have not reported",
    );
    book.expect(
        "R046",
        true,
        "2020Q1 certified_person_times".into(),
        "47 in the quarter, 51 in its first month",
    );
    book.expect(
        "R046",
        false,
        "2020H1 certified_person_times".into(),
        "51 in the half, 47 in its first quarter and 51 in its first month",
    );
    book.expect("R050", true, "220112".into(), "3 of 4 are multiples of 50");
    book.expect("R050", false, "220113".into(), "2 of 4 are");
    // DP01 has records: five completions each in 220105 and 220106 in the third quarter of 2020.
    file(
        "DP01",
        &[
            ("2020Q3", "220105", trained, "6"),
            ("2020Q3", "220106", trained, "5"),
        ],
    );
    book.expect(
        "R047",
        true,
        "2020Q3 220105".into(),
        "6 reported, the records hold 5",
    );
    book.expect(
        "R047",
        false,
        "2020Q3 220106".into(),
        "5 reported, the records hold 5",
    );
}
