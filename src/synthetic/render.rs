//! A training record as the cells of one row.

use chrono::{Datelike, NaiveDate};

use super::classes::Class;
use super::course::DEPARTMENTS;
use super::identity::{People, put, uscc};
use super::member::{Member, is_apprentice, member};
use super::random::Random;
use super::tables::Tables;

/// Columns of the contract `training`.
pub(super) const COLUMNS: usize = 33;
/// English names of the columns, in order.
pub(super) const NAMES: [&str; COLUMNS] = [
    "record_no",
    "action",
    "id_type",
    "id_number",
    "name",
    "phone",
    "primary_group",
    "other_groups",
    "employer_uscc",
    "sector",
    "division",
    "institution",
    "class_no",
    "training_type",
    "mode",
    "delivery",
    "programme_tag",
    "themes",
    "occupation",
    "level",
    "notice_date",
    "start_date",
    "end_date",
    "hours",
    "status",
    "certificate_type",
    "certificate_no",
    "certificate_date",
    "fee",
    "funding_source",
    "subsidy",
    "approved_on",
    "paid_on",
];
/// Chinese headers of the columns, in order.
pub(super) const TITLES: [&str; COLUMNS] = [
    "记录编号",
    "操作",
    "证件类型",
    "证件号码",
    "姓名",
    "手机号码",
    "人员类别",
    "其他类别",
    "用人单位统一社会信用代码",
    "所属行业",
    "培训地",
    "培训机构编码",
    "班期编号",
    "培训类型",
    "补贴方式",
    "培训方式",
    "专项计划",
    "培训主题",
    "职业编码",
    "等级",
    "告知日期",
    "开班日期",
    "结业日期",
    "培训学时",
    "学习状态",
    "证书类型",
    "证书编号",
    "发证日期",
    "个人缴费",
    "资金来源",
    "补贴金额",
    "审核通过日期",
    "拨付日期",
];

/// The place of a column of [`NAMES`].
pub(super) fn column(name: &str) -> usize {
    NAMES
        .iter()
        .position(|one| *one == name)
        .expect("a column of the training contract")
}

/// The cells of one row, kept in one buffer that is used again for the next row.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// Empties the row.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a cell.
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.end();
    }

    fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    fn push_date(&mut self, date: Option<NaiveDate>) {
        if let Some(date) = date {
            write_date(date, &mut self.text);
        }
        self.end();
    }

    fn push_number(&mut self, number: u32) {
        let mut digits = [0u8; 10];
        put(&mut digits, number);
        let first = digits.iter().position(|digit| *digit != b'0').unwrap_or(9);
        self.text
            .extend(digits[first..].iter().map(|digit| *digit as char));
        self.end();
    }

    /// All cells in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let cell = &self.text[from..*end];
            from = *end;
            cell
        })
    }

    /// All cells run together: to look for characters that need care.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Writes `date` as `2020-03-05`.
pub(super) fn write_date(date: NaiveDate, out: &mut String) {
    let mut digits = *b"0000-00-00";
    put(&mut digits[0..4], date.year() as u32);
    put(&mut digits[5..7], date.month());
    put(&mut digits[8..10], date.day());
    out.extend(digits.iter().map(|digit| *digit as char));
}

/// What a reporter knows and says when sending a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    /// Nothing later is known.
    pub(super) as_of: NaiveDate,
    /// The text of the column 操作.
    pub(super) action: &'static str,
    /// Raised by a correction: the phone number changes with it.
    pub(super) revision: u8,
    /// The class is reported as running although it is over by now.
    pub(super) open: bool,
}

/// The cells that all rows of a class share, ready to copy.
#[derive(Debug, Default)]
pub(super) struct ClassCells {
    record_prefix: String,
    employer: String,
    sector: String,
    /// Division to occupation's level: columns 10 to 19.
    middle: Vec<String>,
    hours: u32,
    notice: Option<NaiveDate>,
}

impl ClassCells {
    /// Renders `class` with Chinese labels where `labels`, with codes otherwise.
    pub(super) fn new(seed: u64, tables: &Tables, class: &Class, labels: bool) -> Self {
        let say = |list: &'static str, code: &str| {
            if labels {
                tables.label(list, code).to_owned()
            } else {
                code.to_owned()
            }
        };
        let course = &class.course;
        let mut random = Random::keyed(seed, &[0x6e6f, u64::from(class.id)]);
        // A few notices come after the class began: something for the rules to find.
        let days = if random.chance(8) {
            -2
        } else {
            random.between(3, 12)
        };
        let notice = course.start - chrono::Duration::days(days);
        let unit = &tables.divisions[class.division];
        Self {
            record_prefix: format!("SYN-{}-", &DEPARTMENTS[class.department].code[2..]),
            employer: class.employer.map(uscc).unwrap_or_default(),
            sector: course.sector.to_owned(),
            middle: vec![
                if labels {
                    unit.label.clone()
                } else {
                    unit.code.clone()
                },
                institution_code(class.institution),
                format!("SYN-C{:07}", class.id),
                say("training_types", course.kind),
                say("modes", course.mode),
                say("deliveries", course.delivery),
                course.tag.unwrap_or_default().to_owned(),
                course.themes.unwrap_or_default().to_owned(),
                course
                    .occupation
                    .map(|place| tables.occupations[place as usize].code.clone())
                    .unwrap_or_default(),
                say("levels", course.level),
            ],
            hours: course.hours,
            notice: random.chance(960).then_some(notice),
        }
    }
}

/// The code of a synthetic institution.
pub(super) fn institution_code(number: u64) -> String {
    format!("SYN-I{:04}", number + 1)
}

/// Renders rows of one run.
#[derive(Debug)]
pub(super) struct Renderer<'a> {
    pub(super) seed: u64,
    pub(super) tables: &'a Tables,
    pub(super) people: &'a People,
}

impl Renderer<'_> {
    /// Fills `row` with the record of seat `seat` of `class` as seen by `view`, and gives back what lies behind it.
    pub(super) fn row(
        &self,
        class: &Class,
        cells: &ClassCells,
        seat: usize,
        view: View,
        labels: bool,
        row: &mut Row,
    ) -> Member {
        let member = member(self.seed, self.people, class, seat);
        row.clear();
        self.who(&member, cells, view, labels, row);
        for cell in &cells.middle {
            row.push(cell);
        }
        self.when(class, &member, cells, view, labels, row);
        member
    }

    fn say<'b>(&'b self, labels: bool, list: &'static str, code: &'b str) -> &'b str {
        if labels {
            self.tables.label(list, code)
        } else {
            code
        }
    }

    /// Record number to sector.
    fn who(&self, member: &Member, cells: &ClassCells, view: View, labels: bool, row: &mut Row) {
        write_record_no(&cells.record_prefix, member.record, &mut row.text);
        row.end();
        row.push(view.action);
        row.push(if labels { "居民身份证" } else { "" });
        self.people.write_id(member.person, &mut row.text);
        row.end();
        self.people.write_name(member.person, &mut row.text);
        row.end();
        self.people
            .write_phone(member.person, view.revision, &mut row.text);
        row.end();
        row.push(self.say(labels, "groups", member.group));
        row.push(member.other_groups.unwrap_or_default());
        row.push(&cells.employer);
        row.push(&cells.sector);
    }

    /// Notice to payment.
    fn when(
        &self,
        class: &Class,
        member: &Member,
        cells: &ClassCells,
        view: View,
        labels: bool,
        row: &mut Row,
    ) {
        let course = &class.course;
        let status = status(class, member, view);
        let over = !matches!(status, "enrolled" | "in_training");
        let known = |date: &NaiveDate| *date <= view.as_of;
        row.push_date(cells.notice);
        row.push_date(Some(course.start));
        row.push_date(over.then_some(course.end));
        if cells.hours == 0 {
            row.push("");
        } else {
            row.push_number(cells.hours);
        }
        row.push(self.say(labels, "statuses", status));
        let certificate = member.certificate.filter(|(_, date)| over && known(date));
        row.push(certificate.map_or("", |(kind, _)| self.say(labels, "certificate_types", kind)));
        if certificate.is_some() {
            write_record_no("SYN-Z", member.record, &mut row.text);
        }
        row.end();
        row.push_date(certificate.map(|(_, date)| date));
        row.push_number(member.fee);
        row.push(
            member
                .funding
                .map_or("", |source| self.say(labels, "funding_sources", source)),
        );
        match member.subsidy.filter(|_| over || is_apprentice(class)) {
            Some(yuan) => row.push_number(yuan),
            None => row.push(""),
        }
        // Most offices fill both dates once the money is paid; one in five reports the approval at once.
        let paid = member.paid_on.filter(known);
        let at_once = paid.is_some() || member.paid_on.is_none() || member.record.is_multiple_of(5);
        row.push_date(member.approved_on.filter(|day| known(day) && at_once));
        row.push_date(paid);
    }
}

/// The status as seen by `view`.
pub(super) fn status(class: &Class, member: &Member, view: View) -> &'static str {
    if class.course.start > view.as_of {
        "enrolled"
    } else if view.open || class.course.end > view.as_of {
        "in_training"
    } else {
        member.status
    }
}

fn write_record_no(prefix: &str, record: u64, out: &mut String) {
    let mut digits = [0u8; 8];
    put(&mut digits, record as u32);
    out.push_str(prefix);
    out.extend(digits.iter().map(|digit| *digit as char));
}
