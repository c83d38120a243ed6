//! Why one row cannot be used though the rest of its file can.

/// What is wrong with a row as such, whatever its values mean.
///
/// Columns are indexes into [`ColumnNames`](super::ColumnNames).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowFault {
    /// The row has filled cells beyond the header's last column: a separator too many, so all cells may have moved.
    Ragged {
        /// Columns of the header.
        expected: u32,
        /// Cells of the row up to its last filled one.
        found: u32,
    },
    /// A cell has more characters than the limit; its text is not delivered.
    CellTooLong {
        /// The contract column.
        column: u32,
        /// Characters found.
        chars: u64,
    },
    /// A cell holds a control character (other than tab and line break).
    ControlCharacter {
        /// The contract column.
        column: u32,
        /// The character.
        character: char,
    },
    /// A cell holds a character without width, or one that turns the direction of writing.
    InvisibleCharacter {
        /// The contract column.
        column: u32,
        /// The character.
        character: char,
    },
    /// A cell holds U+FFFD: a character was lost before the file reached us.
    ReplacementCharacter {
        /// The contract column.
        column: u32,
    },
    /// Text follows a closing quotation mark.
    StrayQuote {
        /// The 1-based position of the cell in its row.
        position: u32,
    },
    /// The line is not JSON.
    Json {
        /// What was found, in zh and en.
        problem: JsonProblem,
        /// 1-based byte of the line.
        byte: u64,
    },
    /// The line is JSON, but not an object.
    NotAnObject,
    /// A value is an object, or a list of anything but scalars.
    Nested {
        /// Its key.
        key: String,
    },
    /// Two keys of the row name the same contract column.
    DuplicateKey {
        /// The second key.
        key: String,
    },
}

/// What the JSON reader stumbled over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonProblem {
    /// The text ends inside a value.
    End,
    /// A character that cannot stand there.
    Unexpected,
    /// A number JSON does not know, such as `01` or `NaN`.
    Number,
    /// A bad escape, a lone surrogate or a raw control character in a string.
    Text,
    /// More text after the value.
    Trailing,
    /// Values inside values, deeper than the reader follows.
    Depth,
}

impl JsonProblem {
    /// In Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::End => "内容不完整",
            Self::Unexpected => "出现了不该有的字符",
            Self::Number => "数字写法不正确",
            Self::Text => "字符串写法不正确",
            Self::Trailing => "值之后还有多余内容",
            Self::Depth => "嵌套过深",
        }
    }

    /// In English.
    pub fn en(self) -> &'static str {
        match self {
            Self::End => "it ends too early",
            Self::Unexpected => "unexpected character",
            Self::Number => "malformed number",
            Self::Text => "malformed string",
            Self::Trailing => "more text after the value",
            Self::Depth => "nested too deeply",
        }
    }
}

impl RowFault {
    /// The contract column it concerns, where it concerns one.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::CellTooLong { column, .. }
            | Self::ControlCharacter { column, .. }
            | Self::InvisibleCharacter { column, .. }
            | Self::ReplacementCharacter { column } => Some(*column as usize),
            _ => None,
        }
    }

    /// The message in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Ragged { expected, found } => {
                format!("本行有 {found} 个单元格，表头只有 {expected} 列，可能多了分隔符")
            }
            Self::CellTooLong { chars, .. } => format!("单元格有 {chars} 个字符，超过上限"),
            Self::ControlCharacter { character, .. } => {
                format!("单元格含控制字符 {}", code(*character))
            }
            Self::InvisibleCharacter { character, .. } => {
                format!("单元格含不可见字符 {}", code(*character))
            }
            Self::ReplacementCharacter { .. } => "单元格含 U+FFFD：有字符在报送前已丢失".to_owned(),
            Self::StrayQuote { position } => format!("第 {position} 个单元格的右引号之后还有文字"),
            Self::Json { problem, byte } => {
                format!("不是正确的 JSON（第 {byte} 字节：{}）", problem.zh())
            }
            Self::NotAnObject => "本行不是 JSON 对象".to_owned(),
            Self::Nested { key } => format!("字段“{key}”的值是嵌套结构"),
            Self::DuplicateKey { key } => format!("字段“{key}”与本行另一字段指同一列"),
        }
    }

    /// The message in English.
    pub fn en(&self) -> String {
        match self {
            Self::Ragged { expected, found } => {
                format!(
                    "the row has {found} cells, the header {expected} columns: perhaps a separator too many"
                )
            }
            Self::CellTooLong { chars, .. } => {
                format!("the cell has {chars} characters, more than allowed")
            }
            Self::ControlCharacter { character, .. } => {
                format!("the cell holds control character {}", code(*character))
            }
            Self::InvisibleCharacter { character, .. } => {
                format!("the cell holds invisible character {}", code(*character))
            }
            Self::ReplacementCharacter { .. } => {
                "the cell holds U+FFFD: a character was lost before the file was sent".to_owned()
            }
            Self::StrayQuote { position } => {
                format!("text follows the closing quote of cell {position}")
            }
            Self::Json { problem, byte } => format!("not JSON: {} at byte {byte}", problem.en()),
            Self::NotAnObject => "the line is not a JSON object".to_owned(),
            Self::Nested { key } => format!("the value of {key:?} is nested"),
            Self::DuplicateKey { key } => {
                format!("the key {key:?} names a column that another key names too")
            }
        }
    }

    pub(super) fn of_character(column: u32, character: char) -> Self {
        match character {
            '\u{FFFD}' => Self::ReplacementCharacter { column },
            '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' => {
                Self::ControlCharacter { column, character }
            }
            _ => Self::InvisibleCharacter { column, character },
        }
    }
}

fn code(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Whether a cell must not hold this character: controls, zero-width, bidi controls, U+FFFD.
pub(super) fn is_forbidden(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}')
}

/// A quick look over a whole text: whether [`is_forbidden`] says yes of any of its characters, by their bytes.
pub(super) fn holds_forbidden(text: &[u8]) -> bool {
    const BLOCK: usize = 4096;
    let within = |byte: u8, from: u8, to: u8| u8::from(byte.wrapping_sub(from) <= to - from);
    let is = |byte: u8, wanted: u8| u8::from(byte == wanted);
    // The bytes at a place and after it; no branch inside a block, so that the compiler uses vector instructions.
    let forbidden = |a: u8, b: u8, c: u8| {
        let control = within(a, 0, 0x1F) & (1 ^ (within(a, 0x09, 0x0A) | is(a, 0x0D)));
        let latin = is(a, 0xC2) & (within(b, 0x80, 0x9F) | is(b, 0xAD));
        let arabic = is(a, 0xD8) & is(b, 0x9C);
        let mongolian = is(a, 0xE1) & is(b, 0xA0) & is(c, 0x8E);
        let general = is(b, 0x80) & (within(c, 0x8B, 0x8F) | within(c, 0xA8, 0xAE))
            | is(b, 0x81) & within(c, 0xA0, 0xAF);
        let special = is(b, 0xBB) & is(c, 0xBF) | is(b, 0xBF) & within(c, 0xB9, 0xBD);
        let del = is(a, 0x7F);
        control | del | latin | arabic | mongolian | is(a, 0xE2) & general | is(a, 0xEF) & special
    };
    let whole = text.len().saturating_sub(2);
    let blocks = (0..whole).step_by(BLOCK).any(|start| {
        let end = (start + BLOCK).min(whole);
        let after = |by: usize| &text[start + by..end + by];
        let triples = after(0).iter().zip(after(1)).zip(after(2));
        triples.fold(0, |found, ((a, b), c)| found | forbidden(*a, *b, *c)) != 0
    });
    // The last two places have less after them.
    let last = &text[whole..];
    let at = |place: usize| last.get(place).copied().unwrap_or_default();
    blocks || (0..last.len()).any(|place| forbidden(at(place), at(place + 1), b' ') != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_look_agrees_with_the_slow_one() {
        let agree = |text: String, character: char| {
            let found = holds_forbidden(text.as_bytes());
            assert_eq!(
                found,
                is_forbidden(character),
                "U+{:04X}",
                u32::from(character)
            );
        };
        for character in (0..=0x2_FFFF).filter_map(char::from_u32) {
            agree(format!("{character}"), character);
            agree(format!("长春{character}x"), character);
        }
        // Where a block ends, at each of its bytes.
        for character in ['\u{7}', '\u{AD}', '\u{200B}', '“', '\u{FFFD}', '，'] {
            for before in 4090..4100 {
                agree(format!("{}{character}，", "x".repeat(before)), character);
            }
        }
    }
}
