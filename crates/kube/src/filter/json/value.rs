//! One JSON value, collected from pieces. It is known where it ends; whether it is well-formed is for whoever reads it.

use crate::filter::FilterError;

/// A value that is being collected.
#[derive(Debug, Default)]
pub(super) struct Value {
    bytes: Vec<u8>,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

/// The blanks of JSON.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `input` without the blanks it begins with.
pub(super) fn past_blanks(input: &[u8]) -> &[u8] {
    let blanks = input.iter().take_while(|byte| is_blank(**byte)).count();
    input.get(blanks..).unwrap_or_default()
}

impl Value {
    /// Takes from the front of `input` what belongs to the value, and gives it back when it is whole.
    pub(super) fn take(&mut self, input: &mut &[u8], longest: usize) -> Result<Option<Vec<u8>>, FilterError> {
        let mut taken = 0;
        let mut whole = false;
        for byte in *input {
            match self.step(*byte) {
                Step::Inside => taken += 1,
                Step::Last => {
                    taken += 1;
                    whole = true;
                }
                Step::Behind => whole = true,
            }
            if whole {
                break;
            }
        }
        let (mine, rest) = input.split_at_checked(taken).unwrap_or((input, &[]));
        if self.bytes.len() + mine.len() > longest {
            return Err(FilterError::TooLong("one object, or what stands around them"));
        }
        self.bytes.extend_from_slice(mine);
        *input = rest;
        Ok(whole.then(|| std::mem::take(self).bytes))
    }

    /// Whether nothing of it has come yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    return if self.depth == 0 { Step::Last } else { Step::Inside };
                }
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            // The end of what a number or a word stands in.
            b'}' | b']' | b',' if self.depth == 0 => return Step::Behind,
            b'}' | b']' => {
                self.depth -= 1;
                return if self.depth == 0 { Step::Last } else { Step::Inside };
            }
            byte if self.depth == 0 && is_blank(byte) => return Step::Behind,
            _ => {}
        }
        Step::Inside
    }
}

/// What a byte is to the value.
enum Step {
    Inside,
    Last,
    /// It belongs to what comes after.
    Behind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_ends() {
        let cases = [
            (r#""a\"b" ,"#, r#""a\"b""#, " ,"),
            (r#""a\\","b""#, r#""a\\""#, r#","b""#),
            ("12.5e3}", "12.5e3", "}"),
            ("null\n", "null", "\n"),
            (r#"{"a":[1,{"b":"}]"}]},"#, r#"{"a":[1,{"b":"}]"}]}"#, ","),
            ("[]x", "[]", "x"),
            ("[1,2],", "[1,2]", ","),
        ];
        for (text, value, behind) in cases {
            for cut in 0..text.len() {
                let (mut first, second) = text.as_bytes().split_at(cut);
                let mut collected = Value::default();
                let (found, rest) = match collected.take(&mut first, 100).unwrap() {
                    Some(found) => (found, [first, second].concat()),
                    None => {
                        let mut rest = second;
                        (collected.take(&mut rest, 100).unwrap().unwrap(), rest.to_vec())
                    }
                };
                assert_eq!((found.as_slice(), rest.as_slice()), (value.as_bytes(), behind.as_bytes()), "{text} cut at {cut}");
            }
        }
        assert!(matches!(Value::default().take(&mut b"[1,2,3".as_slice(), 5), Err(FilterError::TooLong(_))));
    }
}
