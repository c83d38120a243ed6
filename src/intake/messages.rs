//! What is said of a cell that breaks a rule: what was found and what would be right, in zh and en.

use super::id_number::IdFault;
use crate::programme::Text;

pub(super) fn required() -> Text {
    Text::new("必填项为空", "must be filled")
}

pub(super) fn wrong_type(wanted_zh: &str, wanted_en: &str) -> Text {
    Text::new(format!("应为{wanted_zh}"), format!("should be {wanted_en}"))
}

pub(super) fn date() -> Text {
    Text::new(
        "不是有效日期，应为 2020-03-05 这样的年月日",
        "not a real day; write it as 2020-03-05",
    )
}

pub(super) fn day_number() -> Text {
    Text::new(
        "只有天数，而此文件没有说明从哪一天起算，无法确定日期，应写作 2020-03-05",
        "a bare day number, and the file does not say from which day it counts; write it as 2020-03-05",
    )
}

pub(super) fn code(list: &str, near: Option<&str>) -> Text {
    match near {
        Some(near) => Text::new(
            format!("代码表 {list} 中没有此项，最接近的是“{near}”"),
            format!("not in the code list {list}; nearest is \"{near}\""),
        ),
        None => Text::new(
            format!("代码表 {list} 中没有此项"),
            format!("not in the code list {list}"),
        ),
    }
}

pub(super) fn code_not_taken(list: &str) -> Text {
    Text::new(
        format!("代码表 {list} 中的这一项不能用于此列"),
        format!("this code of the list {list} is not taken in this column"),
    )
}

pub(super) fn part_of(whole: &Text) -> Text {
    let Text { zh, en } = whole;
    Text::new(
        format!(
            "此单位只是{zh}的一部分，与{zh}合并统计；总量数据中部分不能代替整体，请报送{zh}全部范围的数据"
        ),
        format!(
            "this unit is only a part of {en} and counted with it; a total of the part cannot stand for the whole: report {en} as a whole"
        ),
    )
}

pub(super) fn unlisted(list: &str) -> Text {
    Text::new(
        format!("代码表 {list} 中没有此项，已收下，待核"),
        format!("not in the code list {list}; accepted, to be checked"),
    )
}

pub(super) fn division_not_valid() -> Text {
    Text::new(
        "此单位在该日期不属于本市的统计单位",
        "this division was no reporting unit of the city on that day",
    )
}

pub(super) fn range(min: Option<String>, max: Option<String>) -> Text {
    match (min, max) {
        (Some(min), None) => Text::new(
            format!("不应小于 {min}"),
            format!("should not be below {min}"),
        ),
        (None, Some(max)) => Text::new(
            format!("不应大于 {max}"),
            format!("should not be above {max}"),
        ),
        (min, max) => {
            let (min, max) = (min.unwrap_or_default(), max.unwrap_or_default());
            Text::new(
                format!("应在 {min} 与 {max} 之间"),
                format!("should lie between {min} and {max}"),
            )
        }
    }
}

pub(super) fn too_long(chars_max: usize) -> Text {
    Text::new(
        format!("超过 {chars_max} 个字"),
        format!("longer than {chars_max} characters"),
    )
}

pub(super) fn id(fault: IdFault) -> Text {
    match fault {
        IdFault::Form => Text::new(
            "身份证号格式或校验码错误，请核对原件",
            "the number's form or check digit is wrong; compare it with the document",
        ),
        IdFault::BirthDate => Text::new(
            "身份证号中的出生日期不存在",
            "the birth date inside the number is not a real day",
        ),
        IdFault::Damaged => Text::new(
            "身份证号被表格软件损坏（数字格式或科学计数，末几位丢失），请将该列设为文本后重新填写",
            "the number was damaged by a spreadsheet (numeric cell or scientific notation, last digits lost); make the column text and fill it in again",
        ),
    }
}

pub(super) fn private() -> Text {
    Text::new(
        "此列不得填写居民身份证号码；身份证号只填在证件号码列。证书编号等就是身份证号的，请不要填写",
        "a resident ID number must not stand here, only in the column of ID numbers; where a certificate's number is the ID number, leave it out",
    )
}

pub(super) fn uscc() -> Text {
    Text::new(
        "统一社会信用代码格式或校验码错误",
        "the unified social credit code's form or check character is wrong",
    )
}

pub(super) fn phone() -> Text {
    Text::new(
        "手机号码应为 1 开头的 11 位数字，已收下，待核",
        "a mobile number has 11 digits and begins with 1; accepted, to be checked",
    )
}

pub(super) fn period() -> Text {
    Text::new(
        "期间应写作 2020-03、2020Q1 或 2020",
        "write the period as 2020-03, 2020Q1 or 2020",
    )
}

pub(super) fn year_to_date() -> Text {
    Text::new(
        "报送数据不用“年初至今”，应写作 2020-03、2020Q1 或 2020",
        "a report has no year to date; write the period as 2020-03, 2020Q1 or 2020",
    )
}

pub(super) fn not_before(other_zh: &str, other_en: &str) -> Text {
    Text::new(format!("早于{other_zh}"), format!("before {other_en}"))
}

pub(super) fn required_when(when_zh: &str, when_en: &str, code: &str) -> Text {
    Text::new(
        format!("{when_zh}为“{code}”时必填"),
        format!("must be filled where {when_en} is \"{code}\""),
    )
}

pub(super) fn after_today() -> Text {
    Text::new("晚于入库当日", "after the day of the load")
}

pub(super) fn descending(other_zh: &str, other_en: &str) -> Text {
    Text::new(
        format!("大于{other_zh}"),
        format!("greater than {other_en}"),
    )
}

pub(super) fn age(age: i32) -> Text {
    Text::new(
        format!("当日年龄 {age} 岁，已收下，待核"),
        format!("{age} years old on that day; accepted, to be checked"),
    )
}

/// Why a row's key or action refuses it.
pub fn refusal(refusal: super::dispose::Refusal) -> Text {
    use super::dispose::Refusal;
    match refusal {
        Refusal::KeyTwice => Text::new(
            "同一文件中该记录出现多次且内容不同，无法判断哪一条正确",
            "the record stands in this file several times with different contents; nobody can know which is right",
        ),
        Refusal::NothingToCorrect => Text::new(
            "没有可更正的记录（从未收下或已撤销）",
            "there is no record to correct (never accepted, or withdrawn)",
        ),
        Refusal::NothingToWithdraw => {
            Text::new("没有可撤销的记录", "there is no record to withdraw")
        }
    }
}
