//! The spellings of the contract's columns, and what a header found in a file means by them.

use std::collections::HashMap;

/// Every spelling of every column of a contract.
#[derive(Clone, Debug)]
pub struct ColumnNames {
    columns: Vec<Column>,
    /// Header reduced by [`reduced`] to column.
    by_spelling: HashMap<String, u32>,
    /// Spellings as they are, brackets included, only stripped of spaces and case.
    exact: HashMap<String, u32>,
}

#[derive(Clone, Debug)]
struct Column {
    spellings: Vec<String>,
    required: bool,
    measure: bool,
}

/// What a header cell means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Match {
    /// The contract column of this index.
    Column(u32),
    /// It names this column, but in another unit, such as 万元 for 元.
    OtherUnit(u32),
    /// No contract column.
    None,
}

impl ColumnNames {
    /// Takes for each contract column, in order, its spellings (zh header, English name, aliases) and whether it is
    /// required. Of two columns with a spelling in common the first has it.
    pub fn new(columns: impl IntoIterator<Item = (Vec<String>, bool)>) -> Self {
        let columns: Vec<Column> = columns
            .into_iter()
            .map(|(spellings, required)| Column {
                spellings,
                required,
                measure: false,
            })
            .collect();
        let mut by_spelling = HashMap::new();
        let mut exact = HashMap::new();
        for (index, column) in columns.iter().enumerate() {
            for spelling in &column.spellings {
                by_spelling
                    .entry(reduced(spelling).0)
                    .or_insert(index as u32);
                exact.entry(folded(spelling)).or_insert(index as u32);
            }
        }
        by_spelling.remove("");
        exact.remove("");
        Self {
            columns,
            by_spelling,
            exact,
        }
    }

    /// The same names, knowing which columns (by index) hold numbers: a total row has those like a record.
    #[must_use]
    pub fn with_measures(mut self, measures: impl IntoIterator<Item = usize>) -> Self {
        for column in measures {
            self.columns[column].measure = true;
        }
        self
    }

    /// Number of contract columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether the contract has no columns.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The column's zh header, which is its first spelling.
    pub fn zh(&self, column: usize) -> &str {
        self.columns[column]
            .spellings
            .first()
            .map_or("", String::as_str)
    }

    /// The column's English name, which is its second spelling (its first where it has only one).
    pub fn en(&self, column: usize) -> &str {
        let spellings = &self.columns[column].spellings;
        spellings
            .get(1)
            .or(spellings.first())
            .map_or("", String::as_str)
    }

    pub(super) fn is_required(&self, column: u32) -> bool {
        self.columns[column as usize].required
    }

    /// Whether a record must have the column and a total row has no use for it.
    pub(super) fn is_identifying(&self, column: usize) -> bool {
        self.columns[column].required && !self.columns[column].measure
    }

    pub(super) fn required(&self) -> impl Iterator<Item = u32> {
        (0..self.columns.len() as u32).filter(|column| self.is_required(*column))
    }

    /// What `header` means, whatever its case, spaces, width, script, brackets and marks.
    pub(super) fn find(&self, header: &str) -> Match {
        if let Some(column) = self.exact.get(&folded(header)) {
            return Match::Column(*column);
        }
        let (name, bracketed) = reduced(header);
        match self.by_spelling.get(&name) {
            Some(column) if is_scaled_unit(&bracketed) => Match::OtherUnit(*column),
            Some(column) => Match::Column(*column),
            None => Match::None,
        }
    }
}

/// A unit that would change a value's size: taken for the plain unit it would be wrong by a factor of 10,000.
fn is_scaled_unit(bracketed: &str) -> bool {
    bracketed.contains(['百', '千', '万', '亿', '%', '‰'])
}

/// Without spaces, marks and case, in half width and simplified script.
fn folded(header: &str) -> String {
    let mut folded = String::with_capacity(header.len());
    for character in header.chars() {
        let character = match character {
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(u32::from(character) - 0xFEE0).expect("the block maps onto ASCII")
            }
            '【' | '〔' | '〖' => '[',
            '】' | '〕' | '〗' => ']',
            other => other,
        };
        let invisible = matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
        if character.is_whitespace()
            || invisible
            || matches!(character, '*' | '_' | '※' | '\'' | ':')
        {
            continue;
        }
        folded.extend(character.to_lowercase());
    }
    fast2s::convert(&folded)
}

/// [`folded`], split into what stands outside and inside brackets.
fn reduced(header: &str) -> (String, String) {
    let folded = folded(header);
    let (mut outside, mut inside, mut depth) = (String::new(), String::new(), 0_usize);
    for character in folded.chars() {
        match character {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            other if depth == 0 => outside.push(other),
            other => inside.push(other),
        }
    }
    (outside, inside)
}

/// True when a header cell says nothing beyond a unit or a remark in brackets.
pub(super) fn is_remark(header: &str) -> bool {
    reduced(header).0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> ColumnNames {
        let columns = [
            ("证件号码", "id_number", true),
            ("金额(元)", "amount", true),
            ("培训地", "division", false),
        ];
        ColumnNames::new(
            columns.map(|(zh, en, required)| (vec![zh.to_owned(), en.to_owned()], required)),
        )
    }

    #[test]
    fn spellings_match_whatever_their_dress() {
        let names = names();
        for header in [
            "证件号码",
            " 证件\n号码＊",
            "證件號碼",
            "ID_Number",
            "ｉｄ　ｎｕｍｂｅｒ",
            "*证件号码（18位）",
        ] {
            assert_eq!(names.find(header), Match::Column(0), "{header}");
        }
        for header in ["金额", "金额（元）", "金額(元)", "amount"] {
            assert_eq!(names.find(header), Match::Column(1), "{header}");
        }
        assert_eq!(names.find("备注"), Match::None);
        assert_eq!(names.find(""), Match::None);
        assert_eq!(names.find("（元）"), Match::None);
    }

    #[test]
    fn another_unit_is_never_taken_for_the_right_one() {
        assert_eq!(names().find("金额（万元）"), Match::OtherUnit(1));
    }
}
