//! Hand-made records: for every rule some that it must name and some that it must not, each with the reason. Single training
//! records stand in `records.csv`; what takes many of them, or other datasets, is made here.

use crate::support::{Project, ROOT, id_check, person};
use std::collections::BTreeMap;

/// One record and what a rule must say of it.
pub(crate) struct Case {
    pub(crate) rule: String,
    pub(crate) record_no: String,
    pub(crate) named: bool,
    pub(crate) why: String,
}

/// A training record in which nothing is doubtful, to be changed cell by cell.
const BASE: &str = "record_no= id_number= name=测试 primary_group=TG08 other_groups= division=220102 institution=I-1 class_no= \
    training_type=TT04 delivery=TM04 occupation= level=LN notice_date=2020-09-01 start_date=2020-09-07 end_date=2020-09-25 \
    hours=40 status=completed certificate_type=CT04 certificate_no= certificate_date=2020-09-28 fee=0 funding_source=FS01 \
    subsidy=400 approved_on=2020-10-10 paid_on=2020-10-20";

/// `name=value name=value`.
fn cells(text: &str) -> Vec<(&str, &str)> {
    let cells = text.split_whitespace();
    cells
        .map(|cell| cell.split_once('=').expect("name=value"))
        .collect()
}

#[derive(Default)]
struct Book {
    /// Rows by department.
    rows: BTreeMap<String, Vec<Vec<String>>>,
    cases: Vec<Case>,
    number: u32,
}

impl Book {
    /// Adds a record with some cells changed; without `person` or `born` among them it is of a person of its own.
    fn record(&mut self, department: &str, record_no: &str, changed: &str) {
        self.number += 1;
        let mut own = BTreeMap::from([
            ("record_no", record_no.to_owned()),
            ("id_number", person(self.number)),
            ("class_no", format!("C-{}", self.number)),
            ("certificate_no", format!("Z-{}", self.number)),
        ]);
        for (name, value) in cells(changed) {
            match name {
                "person" => own.insert("id_number", person(value.parse().expect("a number"))),
                "born" => own.insert("id_number", born(value)),
                name => own.insert(name, value.to_owned()),
            };
        }
        let row = cells(BASE).into_iter().map(|(name, value)| {
            let changed = own.remove(name);
            changed.unwrap_or_else(|| value.to_owned())
        });
        let row = row.collect();
        assert!(own.is_empty(), "{own:?}");
        let rows = self.rows.entry(department.to_owned()).or_default();
        rows.push(row);
    }

    fn expect(&mut self, rule: &str, named: bool, record_no: &str, why: &str) {
        self.cases.push(Case {
            rule: rule.to_owned(),
            record_no: record_no.to_owned(),
            named,
            why: why.to_owned(),
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
    single(&mut book);
    classes(&mut book);
    others(&mut book, project);
    returns(&mut book, project);
    let heads: Vec<&str> = cells(BASE).iter().map(|(name, _)| *name).collect();
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

/// The records of `records.csv`.
fn single(book: &mut Book) {
    let path = format!("{ROOT}/tests/it/rules/records.csv");
    let mut reader = csv::Reader::from_path(path).expect("the records are there");
    for row in reader.records() {
        let row = row.expect("a row");
        book.record(&row[0], &row[1], &row[5]);
        if !row[2].is_empty() {
            book.expect(&row[2], &row[3] == "yes", &row[1], &row[4]);
        }
    }
}

fn classes(book: &mut Book) {
    // Five classes of thirty each: nobody failed at I-34, one did at I-33.
    for (institution, failed) in [("I-34", None), ("I-33", Some(7))] {
        for seat in 0..150 {
            let class = seat / 30;
            let mut cells =
                format!("institution={institution} class_no={institution}-{class} division=220122");
            if failed == Some(seat) {
                cells += " status=failed subsidy= approved_on= paid_on=";
            }
            book.record("DP01", &format!("{institution}/{seat}"), &cells);
        }
    }
    book.expect("R034", true, "I-34", "five classes of 30, nobody failed");
    book.expect("R034", false, "I-33", "one of 150 failed");

    // Certificates of 2020-09-28; the threshold is 3 in this project.
    for seat in 0..4 {
        for institution in ["I-35", "I-36"] {
            let cells = format!("institution={institution} division=220182");
            book.record("DP01", &format!("{institution}/{seat}"), &cells);
        }
    }
    let why = "four certificates 27 days after the institution was listed";
    book.expect("R035", true, "I-35", why);
    let why = "four certificates 119 days after it was listed";
    book.expect("R035", false, "I-36", why);

    // The threshold is 5 in this project; the last five days of September begin on the 26th.
    for seat in 0..5 {
        for (division, late) in [("220105", 3), ("220106", 2)] {
            let mut cells = format!("division={division}");
            if seat < late {
                cells += " end_date=2020-09-28 certificate_date=2020-09-30";
            }
            book.record("DP01", &format!("{division}/{seat}"), &cells);
        }
    }
    let why = "3 of 5 in the last five days, over 40 %";
    book.expect("R049", true, "220105 2020Q3", why);
    book.expect("R049", false, "220106 2020Q3", "2 of 5 are exactly 40 %");
}

/// Status of some persons in the register of certificates: person, number, status, and its day.
const REGISTER: [(u32, &str, &str, &str); 7] = [
    (9002, "Z-OTHER", "employed", "2019-05-01"),
    (9001, "Z-OWN", "employed", "2019-05-01"),
    (9010, "K-A", "deceased", "2020-01-01"),
    (9011, "K-B", "deceased", "2020-12-01"),
    (9012, "K-C", "retired", "2020-01-01"),
    (9013, "K-D", "retired", "2020-01-01"),
    (9013, "K-E", "employed", "2020-06-01"),
];

const CATALOGUE: &str =
    "code,name,ownership,division,occupation,level,valid_from,valid_to,standard,min_hours
I-1,甲学校,private,220102,,,2018-01-01,,,
I-2,乙学校,private,220102,6-18-02-04,L5,2018-01-01,,900,64
I-3,丙学校,private,220102,,,2018-01-01,2020-08-31,,
I-33,丁学校,private,220122,,,2018-01-01,,,
I-34,戊学校,private,220122,,,2018-01-01,,,
I-35,己学校,private,220182,,,2020-09-01,,,
I-36,庚学校,private,220182,,,2020-06-01,,,
";

const FUNDS: &str = "period,division,department,funding_source,kind,amount
2020-03,220102,DP06,FS02,approved,100000
2020-04,220102,DP06,FS02,advance,50000.01
2020-03,220103,DP06,FS02,approved,100000
2020-04,220103,DP06,FS02,advance,50000
";

fn others(book: &mut Book, project: &Project) {
    let mut text = "record_no,id_number,name,occupation,level,certificate_type,certificate_no,issued_on,division,\
        employment_status,status_on\n"
        .to_owned();
    for (place, (number, certificate, status, day)) in REGISTER.iter().enumerate() {
        let id = person(*number);
        text += &format!(
            "K-{place},{id},测试,6-18-02-04,L5,CT02,{certificate},2019-05-01,220102,{status},{day}\n"
        );
    }
    project.put("certificates__DP01__ALL__2020Q4.csv", text);
    project.put("institutions__DP01__ALL__2020.csv", CATALOGUE);
    project.put("funds__DP06__ALL__2020.csv", FUNDS);
    let why = "50,000.01 of 100,000 advanced";
    book.expect("R010", true, "220102 FS02 2020", why);
    book.expect("R010", false, "220103 FS02 2020", "exactly half advanced");

    let (below, at) = (uscc(1), uscc(2));
    let text = format!(
        "employer_uscc,year,payroll,drawn,used,frontline\n{below},2020,1000,100,100,59.99\n{at},2020,1000,100,100,60\n"
    );
    project.put("education_funds__DP11__ALL__2020.csv", text);
    book.expect("R052", true, &below, "59.99 % for front-line staff");
    book.expect("R052", false, &at, "exactly 60 %");
}

fn uscc(number: u32) -> String {
    let digits = format!("91220101MA{number:07}");
    let check = dabiao::synthetic::uscc_check(digits.as_bytes());
    format!("{digits}{}", char::from(check))
}

/// Returns of the trade unions, who send no records.
const RETURNS: &str = "period,division,indicator,value
2020Q1,220100,trained_person_times,109
2020Q1,220102,trained_person_times,60
2020Q1,220103,trained_person_times,51
2020Q2,220100,trained_person_times,111
2020Q2,220102,trained_person_times,61
2020Q2,220103,trained_person_times,49
2020-01,220104,certified_person_times,51
2020Q1,220104,certified_person_times,47
2020H1,220104,certified_person_times,51
2019Q1,220112,trained_person_times,100
2019Q2,220112,trained_person_times,150
2019Q3,220112,trained_person_times,200
2019Q4,220112,trained_person_times,7
2019Q1,220113,trained_person_times,100
2019Q2,220113,trained_person_times,150
2019Q3,220113,trained_person_times,201
2019Q4,220113,trained_person_times,7
";

/// Returns of a department with records: five completions each in the two divisions.
const RETURNS_WITH_RECORDS: &str = "period,division,indicator,value
2020Q3,220105,trained_person_times,6
2020Q3,220106,trained_person_times,5
";

fn returns(book: &mut Book, project: &Project) {
    project.put("returns__DP18__ALL__2020.csv", RETURNS);
    project.put("returns__DP01__ALL__2020.csv", RETURNS_WITH_RECORDS);
    for (rule, named, record_no, why) in [
        (
            "R045",
            true,
            "2020Q1 trained_person_times",
            "the units make 111, the city says 109",
        ),
        (
            "R045",
            false,
            "2020Q2 trained_person_times",
            "the units make 110 of 111, most have not reported",
        ),
        (
            "R046",
            true,
            "2020Q1 certified_person_times",
            "47 in the quarter, 51 in its first month",
        ),
        (
            "R046",
            false,
            "2020H1 certified_person_times",
            "51 in the half, as in its first month",
        ),
        ("R050", true, "220112", "3 of 4 are multiples of 50"),
        ("R050", false, "220113", "2 of 4 are"),
        (
            "R047",
            true,
            "2020Q3 220105",
            "6 reported, the records hold 5",
        ),
        (
            "R047",
            false,
            "2020Q3 220106",
            "5 reported, the records hold 5",
        ),
    ] {
        book.expect(rule, named, record_no, why);
    }
}
