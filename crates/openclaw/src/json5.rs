//! Reads JSON as people write it in `openclaw.json`: comments, trailing commas, bare keys, single quotes (JSON5).
//!
//! Strict JSON is tried first by the caller's side of [`parse`]; the lenient reader here only sees what strict JSON refuses. Numbers
//! that JSON cannot hold (`Infinity`, `NaN`) become null.

use serde_json::{Map, Value};

/// How deep objects and lists may nest before the text is refused.
const DEPTH_MAX: usize = 64;

/// A text that is no JSON, not even leniently. Never quotes the text: it may hold secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct BadJson {
    /// Where, counted from 1.
    pub(crate) line: usize,
    /// What was expected or wrong.
    pub(crate) what: &'static str,
}

/// Reads `text` as JSON, or else as JSON5.
pub(crate) fn parse(text: &str) -> Result<Value, BadJson> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let mut reader = Reader { rest: text.trim_start_matches('\u{feff}').chars(), line: 1 };
    let value = reader.value(0)?;
    reader.blank()?;
    if reader.peek().is_some() {
        return reader.bad("something follows the end of the document");
    }
    Ok(value)
}

struct Reader<'a> {
    rest: std::str::Chars<'a>,
    line: usize,
}

impl Reader<'_> {
    fn bad<T>(&self, what: &'static str) -> Result<T, BadJson> {
        Err(BadJson { line: self.line, what })
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        if next == Some('\n') {
            self.line += 1;
        }
        next
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    /// Skips white space and comments.
    fn blank(&mut self) -> Result<(), BadJson> {
        while let Some(next) = self.peek() {
            if next.is_whitespace() || next == '\u{feff}' {
                self.next();
            } else if self.rest.as_str().starts_with("//") {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.next();
                }
            } else if self.rest.as_str().starts_with("/*") {
                self.block_comment()?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn block_comment(&mut self) -> Result<(), BadJson> {
        let from = self.line;
        self.next();
        self.next();
        loop {
            match self.next() {
                Some('*') if self.take('/') => return Ok(()),
                Some(_) => {}
                None => return Err(BadJson { line: from, what: "a comment that begins here never ends" }),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, BadJson> {
        if depth > DEPTH_MAX {
            return self.bad("nested too deeply");
        }
        self.blank()?;
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"' | '\'') => self.string().map(Value::String),
            Some(_) => self.word(),
            None => self.bad("the document ends too early"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, BadJson> {
        self.next();
        let mut object = Map::new();
        loop {
            self.blank()?;
            if self.take('}') {
                return Ok(Value::Object(object));
            }
            let key = match self.peek() {
                Some('"' | '\'') => self.string()?,
                Some(c) if c.is_alphabetic() || c == '_' || c == '$' => self.bare(),
                _ => return self.bad("a key was expected"),
            };
            self.blank()?;
            if !self.take(':') {
                return self.bad("a colon was expected after a key");
            }
            let value = self.value(depth + 1)?;
            object.insert(key, value);
            self.blank()?;
            if !self.take(',') && self.peek() != Some('}') {
                return self.bad("a comma or the end of the object was expected");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, BadJson> {
        self.next();
        let mut list = Vec::new();
        loop {
            self.blank()?;
            if self.take(']') {
                return Ok(Value::Array(list));
            }
            list.push(self.value(depth + 1)?);
            self.blank()?;
            if !self.take(',') && self.peek() != Some(']') {
                return self.bad("a comma or the end of the list was expected");
            }
        }
    }

    fn bare(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '+' | '-')) {
            word.push(c);
            self.next();
        }
        word
    }

    fn word(&mut self) -> Result<Value, BadJson> {
        let word = self.bare();
        match word.trim_start_matches(['+', '-']) {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "null" | "Infinity" | "NaN" => return Ok(Value::Null),
            _ => {}
        }
        number(&word).map_or_else(|| self.bad("a value was expected"), Ok)
    }

    fn string(&mut self) -> Result<String, BadJson> {
        let from = self.line;
        let quote = self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(BadJson { line: from, what: "a string that begins here never ends" }),
                found if found == quote => return Ok(text),
                Some('\\') => self.escape(&mut text)?,
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), BadJson> {
        let plain = match self.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some('0') => '\0',
            Some('\n') => return Ok(()),
            Some('\r') => {
                self.take('\n');
                return Ok(());
            }
            Some('x') => self.hex(2).and_then(|code| self.letter(code))?,
            Some('u') => self.utf16()?,
            Some(c) => c,
            None => return self.bad("a string never ends"),
        };
        text.push(plain);
        Ok(())
    }

    fn utf16(&mut self) -> Result<char, BadJson> {
        let first = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return self.letter(first);
        }
        if !(self.take('\\') && self.take('u')) {
            return self.bad("half a surrogate pair");
        }
        let second = self.hex(4)?;
        if !(0xDC00..0xE000).contains(&second) {
            return self.bad("half a surrogate pair");
        }
        self.letter(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn letter(&self, code: u32) -> Result<char, BadJson> {
        char::from_u32(code).map_or_else(|| self.bad("an escape that is no letter"), Ok)
    }

    fn hex(&mut self, digits: usize) -> Result<u32, BadJson> {
        let mut code = 0;
        for _ in 0..digits {
            match self.next().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.bad("a bad escape in a string"),
            }
        }
        Ok(code)
    }
}

fn number(word: &str) -> Option<Value> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let value = i64::from_str_radix(hex, 16).ok()?;
        return Some(Value::from(if negative { value.checked_neg()? } else { value }));
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Ok(whole) = word.strip_prefix('+').unwrap_or(word).parse::<i64>() {
        return Some(Value::from(whole));
    }
    digits.parse::<f64>().ok().map(|value| Value::from(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        let text = "\u{feff}// a gateway\n{ gateway: { port: 0x4965, 'bind': 'loopback', /* why\nnot */ ratio: +.5, deep: [1, -2,], }, tls: NaN, s: 'a\\\nb\\u00e9\\ud83d\\ude00\\x41', }";
        assert_eq!(
            parse(text).unwrap(),
            json!({"gateway": {"port": 18789, "bind": "loopback", "ratio": 0.5, "deep": [1, -2]}, "tls": null, "s": "abé😀A"})
        );
    }

    #[test]
    fn errors_say_the_line_and_never_the_text() {
        for (text, line) in [("{\n a: 1\n b: 2}", 3), ("{a: secret}", 1), ("{a: 'x", 1), ("[1, 2", 1), ("/* \n", 1), ("", 1), ("{} {}", 1)]
        {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text:?}: {error}");
            assert!(!error.to_string().contains("secret"));
        }
        assert_eq!(parse(&"[".repeat(100_000)).unwrap_err().what, "nested too deeply");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn strict_json_with_a_comment_reads_the_same(value in any_json()) {
            // The comment makes strict JSON refuse it, so that the lenient reader is what is tested.
            prop_assert_eq!(parse(&format!("// note\n{value:#}")).unwrap(), value);
        }

        #[test]
        fn no_text_panics(text in any::<String>(), noise in "[\\[\\]{}:,'\"/*\\\\a-z0-9xu+.\\-\n ]{0,200}") {
            let _ = parse(&text);
            let _ = parse(&noise);
        }
    }
}
