//! Validated rows, column by column, as compact as they can be held: text in one arena, codes as numbers, days and
//! scaled decimals as integers.

use std::sync::Arc;

/// The value that stands for "empty" among days.
pub const NO_DAY: i32 = i32::MIN;
/// The value that stands for "empty" among numbers.
pub const NO_NUMBER: i64 = i64::MIN;
/// The value that stands for "empty" among codes.
pub const NO_CODE: u32 = u32::MAX;

/// Texts one behind the other; an empty text is an empty cell.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).expect("a chunk's text is far below 4 GiB");
        self.ends.push(end);
    }

    /// The text at `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        &self.text[start..self.ends[index] as usize]
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The texts one behind the other, and where each ends.
    pub fn into_parts(self) -> (String, Vec<u32>) {
        (self.text, self.ends)
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Values {
    /// Texts.
    Text(Strings),
    /// Codes: positions in `known`, then in `extra`.
    Code {
        /// Positions; [`NO_CODE`] for empty.
        ids: Vec<u32>,
        /// The codes of the list.
        known: Arc<Vec<String>>,
        /// Codes and combinations met in the data that the list does not hold.
        extra: Arc<Vec<String>>,
    },
    /// Days since 1970-01-01; [`NO_DAY`] for empty.
    Day(Vec<i32>),
    /// Numbers scaled by 10^scale; [`NO_NUMBER`] for empty.
    Number {
        /// The scaled numbers.
        values: Vec<i64>,
        /// Digits after the point; 0 for whole numbers.
        scale: u32,
    },
}

impl Values {
    /// The code or text at `index`; empty for empty cells and for days and numbers.
    pub fn text(&self, index: usize) -> &str {
        match self {
            Self::Text(strings) => strings.get(index),
            Self::Code { ids, known, extra } => match ids[index] as usize {
                id if id < known.len() => &known[id],
                id => extra.get(id - known.len()).map_or("", String::as_str),
            },
            Self::Day(_) | Self::Number { .. } => "",
        }
    }

    /// The day at `index`, for day columns.
    pub fn day(&self, index: usize) -> Option<i32> {
        match self {
            Self::Day(days) => Some(days[index]).filter(|day| *day != NO_DAY),
            _ => None,
        }
    }

    /// The scaled number at `index`, for number columns.
    pub fn number(&self, index: usize) -> Option<i64> {
        match self {
            Self::Number { values, .. } => Some(values[index]).filter(|value| *value != NO_NUMBER),
            _ => None,
        }
    }
}

/// What a row asks to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Blank or 新增.
    New,
    /// 更正.
    Correct,
    /// 撤销.
    Withdraw,
}

/// A record's key, hashed with the vault's key: two records never share it, and it says nothing of the record number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey(pub u64, pub u64);

impl std::hash::Hash for RecordKey {
    /// Half of a keyed hash is as good a hash as any.
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.1);
    }
}

impl RecordKey {
    /// The two halves as the lake's signed columns hold them.
    pub fn to_columns(self) -> (i64, i64) {
        (self.0.cast_signed(), self.1.cast_signed())
    }

    /// The key from the lake's columns.
    pub fn from_columns(high: i64, low: i64) -> Self {
        Self(high.cast_unsigned(), low.cast_unsigned())
    }
}

/// Who a row is about, before it is pseudonymised. Never printed.
#[derive(Default, Clone)]
pub struct Identities {
    /// Blind index of (ID type, canonical number).
    pub index: Vec<[u8; 16]>,
    /// Code of the ID type.
    pub id_type: Strings,
    /// Canonical number.
    pub number: Strings,
    /// Name.
    pub name: Strings,
    /// Phone.
    pub phone: Strings,
    /// Day of birth from the number; [`NO_DAY`] where the document has none.
    pub birth: Vec<i32>,
    /// Code of the sex from the number; empty where the document has none.
    pub sex: Vec<&'static str>,
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.index.len())
    }
}

/// The rows of a chunk that passed validation, in file order.
#[derive(Debug, Default, Clone)]
pub struct Batch {
    /// 1-based row as a spreadsheet shows it.
    pub rows: Vec<u32>,
    /// Index of the sheet.
    pub sheet: usize,
    /// What each row asks for.
    pub actions: Vec<Action>,
    /// Keys.
    pub keys: Vec<RecordKey>,
    /// Keyed digest of all columns but the action, in canonical form (CONTRACT Q12).
    pub digests: Vec<u64>,
    /// Values in the order of the contract's columns; vault columns are empty texts.
    pub columns: Vec<Values>,
    /// Who the rows are about, where the dataset names persons.
    pub identities: Option<Identities>,
    /// The original cells of every row, kept only for rows that may still be rejected by their key (see `dispose`).
    pub place: Vec<u32>,
}

impl Batch {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row passed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
