//! Dividing delimited text into rows and cells (RFC 4180, any line end, any of five separators).
//!
//! Written by hand since a row's number must count blank lines, a quotation mark that is never closed must be
//! reported with its line, and the full-width comma takes three bytes: the csv crate gives none of these.

/// What separates cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Delimiter(char);

impl Delimiter {
    /// All that are recognised, the commonest first.
    pub(super) const ALL: [Self; 5] = [Self(','), Self('\t'), Self(';'), Self('|'), Self('，')];

    pub(super) fn character(self) -> char {
        self.0
    }
}

/// What [`Splitter::next`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// A row, ready in [`Splitter::record`].
    Row {
        /// Bytes it takes, line end included.
        consumed: usize,
        /// A cell with text after its closing quotation mark.
        stray_quote: Option<Stray>,
    },
    /// The text ends before the row does (or there is no text).
    Unfinished,
    /// The text ends inside quotation marks; [`Splitter::line`] is where they open.
    Unclosed,
}

/// Text after a closing quotation mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stray {
    /// 0-based cell.
    pub(super) field: u32,
    /// Whether a line break stands inside the quotation marks.
    pub(super) spans_lines: bool,
}

#[derive(Clone, Copy)]
struct Field {
    start: u32,
    end: u32,
    /// In `unquoted` instead of the text itself, since doubled quotation marks were halved.
    copied: bool,
}

/// Divides text into rows.
pub(super) struct Splitter {
    first: u8,
    /// The bytes after the first of a separator that has more.
    rest: &'static [u8],
    fields: Vec<Field>,
    unquoted: Vec<u8>,
    /// Line on which the next row starts, and lines in the current one.
    line: u64,
    lines: u64,
}

/// The cells of the current row.
pub(super) struct Record<'a> {
    text: &'a [u8],
    unquoted: &'a [u8],
    fields: &'a [Field],
}

impl Record<'_> {
    #[inline]
    pub(super) fn fields(&self) -> usize {
        self.fields.len()
    }

    /// The cell's text, empty beyond the last.
    #[inline]
    pub(super) fn field(&self, position: usize) -> &[u8] {
        match self.fields.get(position) {
            Some(Field {
                start,
                end,
                copied: false,
            }) => &self.text[*start as usize..*end as usize],
            Some(Field {
                start,
                end,
                copied: true,
            }) => &self.unquoted[*start as usize..*end as usize],
            None => &[],
        }
    }
}

impl Splitter {
    pub(super) fn new(delimiter: Delimiter) -> Self {
        let (first, rest): (u8, &'static [u8]) = match delimiter.0 {
            '，' => (0xEF, &[0xBC, 0x8C]),
            ascii => (ascii as u8, &[]),
        };
        Self {
            first,
            rest,
            fields: Vec::new(),
            unquoted: Vec::new(),
            line: 1,
            lines: 0,
        }
    }

    /// 1-based line of the current row, or of the quotation mark that is not closed.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The row that [`Self::next`] found in this same text.
    #[inline]
    pub(super) fn record<'a>(&'a self, text: &'a [u8]) -> Record<'a> {
        Record {
            text,
            unquoted: &self.unquoted,
            fields: &self.fields,
        }
    }

    /// Goes past the current row.
    pub(super) fn advance(&mut self) {
        self.line += self.lines;
    }

    /// Finds the row at the start of `text`. With `at_end` the end of the text ends the row.
    pub(super) fn next(&mut self, text: &[u8], at_end: bool) -> Step {
        self.fields.clear();
        self.unquoted.clear();
        self.lines = 1;
        let (mut position, mut stray_quote) = (0, None);
        if text.is_empty() {
            return Step::Unfinished;
        }
        loop {
            let end = if text.get(position) == Some(&b'"') {
                match self.quoted(text, position, at_end) {
                    Ok((end, stray)) => {
                        stray_quote = stray_quote.or(stray);
                        end
                    }
                    Err(step) => return step,
                }
            } else {
                let end = self.end_of_cell(text, position);
                self.fields.push(Field {
                    start: position as u32,
                    end: end as u32,
                    copied: false,
                });
                end
            };
            match text.get(end) {
                None if at_end => {
                    return Step::Row {
                        consumed: end,
                        stray_quote,
                    };
                }
                None => return Step::Unfinished,
                Some(b'\n') => {
                    return Step::Row {
                        consumed: end + 1,
                        stray_quote,
                    };
                }
                Some(b'\r') => match text.get(end + 1) {
                    None if !at_end => return Step::Unfinished,
                    Some(b'\n') => {
                        return Step::Row {
                            consumed: end + 2,
                            stray_quote,
                        };
                    }
                    _ => {
                        return Step::Row {
                            consumed: end + 1,
                            stray_quote,
                        };
                    }
                },
                Some(_) => position = end + 1 + self.rest.len(),
            }
        }
    }

    /// Reads a cell in quotation marks that starts at `open`; gives where it ends.
    fn quoted(
        &mut self,
        text: &[u8],
        open: usize,
        at_end: bool,
    ) -> Result<(usize, Option<Stray>), Step> {
        let copy_start = self.unquoted.len();
        let (mut from, mut copied, mut breaks) = (open + 1, false, 0);
        let close = loop {
            let Some(length) = text[from..].iter().position(|byte| *byte == b'"') else {
                return Err(Step::Unclosed);
            };
            let quote = from + length;
            breaks += line_breaks(&text[from..quote]);
            match text.get(quote + 1) {
                Some(b'"') => {
                    self.unquoted.extend_from_slice(&text[from..=quote]);
                    copied = true;
                    from = quote + 2;
                }
                None if !at_end => return Err(Step::Unfinished),
                _ => {
                    if copied {
                        self.unquoted.extend_from_slice(&text[from..quote]);
                    }
                    break quote;
                }
            }
        };
        self.lines += breaks;
        let end = self.end_of_cell(text, close + 1);
        let after = &text[close + 1..end];
        let stray = (!after.iter().all(|byte| *byte == b' ')).then_some(Stray {
            field: self.fields.len() as u32,
            spans_lines: breaks > 0,
        });
        if stray.is_some() && !copied {
            self.unquoted.extend_from_slice(&text[open + 1..close]);
            copied = true;
        }
        if stray.is_some() {
            self.unquoted.extend_from_slice(after);
        }
        let (start, field_end) = if copied {
            (copy_start, self.unquoted.len())
        } else {
            (open + 1, close)
        };
        self.fields.push(Field {
            start: start as u32,
            end: field_end as u32,
            copied,
        });
        Ok((end, stray))
    }

    /// Position of the next separator or line end, or of the end of the text.
    #[inline]
    fn end_of_cell(&self, text: &[u8], mut from: usize) -> usize {
        loop {
            let end = find(text, from, self.first);
            if self.rest.is_empty()
                || text.get(end) != Some(&self.first)
                || text[end + 1..].starts_with(self.rest)
            {
                return end;
            }
            from = end + 1;
        }
    }
}

/// Line ends inside a cell, CR LF counted once.
fn line_breaks(text: &[u8]) -> u64 {
    let breaks = |(index, byte): (usize, &u8)| {
        *byte == b'\n' || (*byte == b'\r' && text.get(index + 1) != Some(&b'\n'))
    };
    text.iter().enumerate().filter(|item| breaks(*item)).count() as u64
}

/// Position of the first `delimiter`, CR or LF from `from` on, eight bytes at a time.
#[inline]
fn find(text: &[u8], from: usize, delimiter: u8) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let pattern = ONES * u64::from(delimiter);
    let mut position = from;
    while let Some(block) = text.get(position..position + 8) {
        let word = u64::from_le_bytes(block.try_into().expect("eight bytes were asked for"));
        // A byte of `word ^ pattern` is zero where it equals; the classic test finds the lowest zero byte exactly.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let found = zero(word ^ pattern) | zero(word ^ (ONES * 0x0A)) | zero(word ^ (ONES * 0x0D));
        if found != 0 {
            return position + found.trailing_zeros() as usize / 8;
        }
        position += 8;
    }
    while position < text.len()
        && !matches!(text[position], b'\n' | b'\r')
        && text[position] != delimiter
    {
        position += 1;
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let (text, mut position, mut rows) = (text.as_bytes(), 0, Vec::new());
        let mut splitter = Splitter::new(Delimiter::ALL[0]);
        while let Step::Row { consumed, .. } = splitter.next(&text[position..], true) {
            let record = splitter.record(&text[position..]);
            let field =
                |index| String::from_utf8(record.field(index).to_vec()).expect("the test is text");
            rows.push((0..record.fields()).map(field).collect());
            splitter.advance();
            position += consumed;
        }
        rows
    }

    #[test]
    fn quotes_line_ends_and_blank_lines_are_told_apart() {
        assert_eq!(
            rows("a,b\r\n\"x \"\"y\"\"\",\"1\n2\"\n\nlast,\r"),
            [
                vec!["a", "b"],
                vec!["x \"y\"", "1\n2"],
                vec![""],
                vec!["last", ""],
            ]
        );
        assert_eq!(
            rows("abcdefghij,klmnopqrstuvwxyz,5\" pipe"),
            [["abcdefghij", "klmnopqrstuvwxyz", "5\" pipe"]]
        );
    }

    #[test]
    fn an_open_quote_and_stray_text_are_noticed() {
        let mut splitter = Splitter::new(Delimiter::ALL[0]);
        assert_eq!(splitter.next(b"a,\"b\nc", true), Step::Unclosed);
        let Step::Row { stray_quote, .. } = splitter.next(b"\"a\"b,c\n", true) else {
            panic!("a row is there")
        };
        assert_eq!(
            stray_quote,
            Some(Stray {
                field: 0,
                spans_lines: false
            })
        );
    }
}
