//! The members of one JSON object as they arrive: whole, but for arrays that are too long to wait for.

use super::value::{Value, past_blanks};
use crate::filter::{AROUND_MAX, FilterError, OBJECT_MAX};

/// Arrays of these names are given element by element.
const LONG: [&str; 2] = ["items", "rows"];

/// What was found next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A member that is whole.
    Member(String, Vec<u8>),
    /// A long array begins.
    Open(String),
    /// One element of it.
    Element(Vec<u8>),
    /// It ends.
    Close,
    /// The object ends.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    FirstKey,
    Key,
    InKey,
    Colon,
    BeforeValue,
    InValue,
    BehindValue,
    FirstElement,
    Element,
    InElement,
    BehindElement,
    End,
}

/// Finds the members of an object.
#[derive(Debug)]
pub(super) struct Members {
    place: Place,
    value: Value,
    key: String,
}

impl Members {
    pub(super) fn new() -> Self {
        Self { place: Place::Start, value: Value::default(), key: String::new() }
    }

    /// Whether the object has ended.
    pub(super) fn is_over(&self) -> bool {
        self.place == Place::End
    }

    /// The next thing at the front of `input`, which is taken off it; `None` when more must come first.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Found>, FilterError> {
        loop {
            if !matches!(self.place, Place::InKey | Place::InValue | Place::InElement) {
                *input = past_blanks(input);
            }
            let Some(first) = input.first() else { return Ok(None) };
            if let Some(found) = self.step(*first, input)? {
                return Ok(Some(found));
            }
            if input.is_empty() {
                return Ok(None);
            }
        }
    }

    fn step(&mut self, first: u8, input: &mut &[u8]) -> Result<Option<Found>, FilterError> {
        let mut past = |place: &mut Place, next: Place| {
            *input = input.get(1..).unwrap_or_default();
            *place = next;
        };
        match (self.place, first) {
            (Place::Start, b'{') => past(&mut self.place, Place::FirstKey),
            (Place::FirstKey | Place::Key, b'"') => self.place = Place::InKey,
            (Place::FirstKey | Place::BehindValue, b'}') => {
                past(&mut self.place, Place::End);
                return Ok(Some(Found::End));
            }
            (Place::InKey, _) => {
                if let Some(key) = self.value.take(input, AROUND_MAX)? {
                    self.key = serde_json::from_slice(&key).map_err(|_| FilterError::Malformed("a key"))?;
                    self.place = Place::Colon;
                }
            }
            (Place::Colon, b':') => past(&mut self.place, Place::BeforeValue),
            (Place::BeforeValue, b'[') if LONG.contains(&self.key.as_str()) => {
                past(&mut self.place, Place::FirstElement);
                return Ok(Some(Found::Open(std::mem::take(&mut self.key))));
            }
            (Place::BeforeValue, _) => self.place = Place::InValue,
            (Place::InValue, _) => {
                if let Some(value) = self.value.take(input, AROUND_MAX)? {
                    self.place = Place::BehindValue;
                    return Ok(Some(Found::Member(std::mem::take(&mut self.key), value)));
                }
            }
            (Place::BehindValue, b',') => past(&mut self.place, Place::Key),
            (Place::FirstElement | Place::BehindElement, b']') => {
                past(&mut self.place, Place::BehindValue);
                return Ok(Some(Found::Close));
            }
            (Place::FirstElement | Place::Element, _) => self.place = Place::InElement,
            (Place::InElement, _) => {
                if let Some(value) = self.value.take(input, OBJECT_MAX)? {
                    self.place = Place::BehindElement;
                    return Ok(Some(Found::Element(value)));
                }
            }
            (Place::BehindElement, b',') => past(&mut self.place, Place::Element),
            _ => return Err(FilterError::Malformed("it is not a JSON object")),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, piece: usize) -> Result<Vec<String>, FilterError> {
        let mut members = Members::new();
        let mut all = Vec::new();
        let text_of = |value: Vec<u8>| String::from_utf8(value).unwrap();
        for mut input in text.as_bytes().chunks(piece) {
            while let Some(found) = members.next(&mut input)? {
                all.push(match found {
                    Found::Member(key, value) => format!("{key}={}", text_of(value)),
                    Found::Open(key) => format!("{key}["),
                    Found::Element(value) => text_of(value),
                    Found::Close => "]".to_owned(),
                    Found::End => "}".to_owned(),
                });
            }
        }
        Ok(all)
    }

    #[test]
    fn members_are_found_however_the_pieces_fall() {
        let text = r#" {"kind" : "PodList","it\u0065ms":[ {"a":[1]} ,{"b":"]"}, 3],"n":12 , "rows":[],"x":{"items":[1]},"items":null} "#;
        let expected = [
            r#"kind="PodList""#,
            "items[",
            r#"{"a":[1]}"#,
            r#"{"b":"]"}"#,
            "3",
            "]",
            "n=12",
            "rows[",
            "]",
            r#"x={"items":[1]}"#,
            "items=null",
            "}",
        ];
        for piece in 1..=text.len() {
            assert_eq!(found(text, piece).unwrap(), expected, "{piece}");
        }
        assert_eq!(found("{}", 1).unwrap(), ["}"]);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in ["[]", "1", "{1}", r#"{"a" 1}"#, r#"{"a":1 "b":2}"#, r#"{"items":[1 2]}"#, "{} {}", r#"{"a":1}}"#, r#"{"a":1,}"#] {
            assert!(matches!(found(text, 3), Err(FilterError::Malformed(_))), "{text}");
        }
    }
}
