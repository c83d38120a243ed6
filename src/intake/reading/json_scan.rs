//! A small JSON scanner that keeps numbers as they are written: an 18-digit number must not pass through a float.

use super::{JsonProblem, RowFault};

/// Values inside values that are followed when skipping them.
const DEPTH_MAX: u32 = 64;
/// Longest exponent that is written out; larger ones are no measurement.
const EXPONENT_MAX: i32 = 40;

/// A value as a cell sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    /// As written, exponents written out.
    Number(String),
    Text(String),
    /// A list of scalars, joined by semicolons (Q22).
    List(String),
    /// An object, or a list of anything else.
    Nested,
}

/// A position in JSON text, which is valid UTF-8.
pub(super) struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// A row fault at this position.
    pub(super) fn fault(&self, problem: JsonProblem) -> RowFault {
        RowFault::Json {
            problem,
            byte: self.at as u64 + 1,
        }
    }

    /// 1-based line of this position.
    pub(super) fn line(&self) -> u64 {
        1 + self.text[..self.at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64
    }

    fn peek(&mut self) -> Option<u8> {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Goes past `byte` if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), JsonProblem> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(JsonProblem::Unexpected),
            None => Err(JsonProblem::End),
        }
    }

    /// Checks that nothing but space follows.
    pub(super) fn at_end(&mut self) -> Result<(), JsonProblem> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(JsonProblem::Trailing)
        }
    }

    /// A key and its value.
    pub(super) fn pair(&mut self) -> Result<(String, Value), JsonProblem> {
        if self.peek() != Some(b'"') {
            return Err(if self.at < self.text.len() {
                JsonProblem::Unexpected
            } else {
                JsonProblem::End
            });
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok((key, self.value()?))
    }

    /// Goes past one value of any kind.
    pub(super) fn skip_value(&mut self) -> Result<(), JsonProblem> {
        self.skip(0)
    }

    fn value(&mut self) -> Result<Value, JsonProblem> {
        match self.peek() {
            Some(b'{') => self.skip(1).map(|()| Value::Nested),
            Some(b'[') => self.list(),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Value, JsonProblem> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Boolean(true)),
            Some(b'f') => self.word("false", Value::Boolean(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(JsonProblem::Unexpected),
            None => Err(JsonProblem::End),
        }
    }

    fn list(&mut self) -> Result<Value, JsonProblem> {
        self.expect(b'[')?;
        let (mut joined, mut count, mut nested) = (String::new(), 0_usize, false);
        while !self.take(b']') {
            if count > 0 {
                self.expect(b',')?;
                joined.push(';');
            }
            count += 1;
            if matches!(self.peek(), Some(b'{' | b'[')) {
                nested = true;
                self.skip(2)?;
                continue;
            }
            match self.scalar()? {
                Value::Text(text) | Value::Number(text) => joined.push_str(&text),
                Value::Boolean(value) => joined.push_str(if value { "true" } else { "false" }),
                Value::Null | Value::List(_) | Value::Nested => nested = true,
            }
        }
        Ok(match (nested, count) {
            (true, _) => Value::Nested,
            (false, 0) => Value::Null,
            (false, _) => Value::List(joined),
        })
    }

    fn skip(&mut self, depth: u32) -> Result<(), JsonProblem> {
        if depth > DEPTH_MAX {
            return Err(JsonProblem::Depth);
        }
        let close = match self.peek() {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            _ => return self.scalar().map(drop),
        };
        self.at += 1;
        let mut first = true;
        while !self.take(close) {
            if !first {
                self.expect(b',')?;
            }
            first = false;
            if close == b'}' {
                if self.peek() != Some(b'"') {
                    return Err(JsonProblem::Unexpected);
                }
                self.string()?;
                self.expect(b':')?;
            }
            self.skip(depth + 1)?;
        }
        Ok(())
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonProblem> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(JsonProblem::Unexpected);
        }
        self.at += word.len();
        Ok(value)
    }

    /// The string that starts here.
    fn string(&mut self) -> Result<String, JsonProblem> {
        let start = self.at;
        let (mut end, mut plain) = (start + 1, true);
        loop {
            match self.text.get(end) {
                None => {
                    self.at = end;
                    return Err(JsonProblem::End);
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    end += 2;
                }
                Some(0..=0x1F) => {
                    self.at = end;
                    return Err(JsonProblem::Text);
                }
                Some(_) => end += 1,
            }
        }
        let inside = str::from_utf8(&self.text[start + 1..end]).map_err(|_| JsonProblem::Text)?;
        let text = if plain {
            inside.to_owned()
        } else {
            serde_json::from_slice(&self.text[start..=end]).map_err(|_| JsonProblem::Text)?
        };
        self.at = end + 1;
        Ok(text)
    }

    fn number(&mut self) -> Result<String, JsonProblem> {
        let start = self.at;
        self.at += usize::from(self.text[start] == b'-');
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.text[self.at - whole] == b'0') {
            return Err(JsonProblem::Number);
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(JsonProblem::Number);
            }
        }
        let mantissa =
            str::from_utf8(&self.text[start..self.at]).map_err(|_| JsonProblem::Number)?;
        if !matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            return Ok(mantissa.to_owned());
        }
        let exponent_start = self.at + 1;
        self.at += 1 + usize::from(matches!(self.text.get(self.at + 1), Some(b'+' | b'-')));
        if self.digits() == 0 {
            return Err(JsonProblem::Number);
        }
        let exponent = str::from_utf8(&self.text[exponent_start..self.at])
            .ok()
            .and_then(|text| text.parse().ok());
        exponent
            .filter(|exponent: &i32| exponent.abs() <= EXPONENT_MAX)
            .map(|exponent| written_out(mantissa, exponent))
            .ok_or(JsonProblem::Number)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.text.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }
}

/// A decimal times a power of ten, exactly.
fn written_out(mantissa: &str, exponent: i32) -> String {
    let (sign, digits) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let zeros_before = usize::try_from(1 - (whole.len() as i32 + exponent)).unwrap_or(0);
    let zeros_after = usize::try_from(exponent - fraction.len() as i32).unwrap_or(0);
    let all = format!(
        "{}{whole}{fraction}{}",
        "0".repeat(zeros_before),
        "0".repeat(zeros_after)
    );
    let point = (zeros_before as i32 + whole.len() as i32 + exponent) as usize;
    let (whole, fraction) = all.split_at(point);
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<String, JsonProblem> {
        Scan::new(text.as_bytes()).number()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for (written, kept) in [
            ("220104198503150000", "220104198503150000"),
            ("12345678901234567890.10", "12345678901234567890.10"),
            ("2.20104E+17", "220104000000000000"),
            ("-125e-2", "-1.25"),
            ("5e-3", "0.005"),
            ("0e9", "0"),
        ] {
            assert_eq!(number(written).as_deref(), Ok(kept));
        }
        for wrong in ["01", "-", "1.", "1e", "1e999999999999"] {
            assert_eq!(number(wrong), Err(JsonProblem::Number), "{wrong}");
        }
    }

    #[test]
    fn lists_of_scalars_are_joined_and_others_are_nested() {
        let pair = |text: &str| Scan::new(text.as_bytes()).pair();
        assert_eq!(
            pair(r#""a":["x", 1]"#),
            Ok(("a".to_owned(), Value::List("x;1".to_owned())))
        );
        assert_eq!(pair(r#""a":[["x"]]"#), Ok(("a".to_owned(), Value::Nested)));
        assert_eq!(pair(r#""\u5f20":"\ud83d""#), Err(JsonProblem::Text));
        assert_eq!(
            pair(&format!("\"a\":{}", "[".repeat(1000))),
            Err(JsonProblem::Depth)
        );
    }
}
