//! A list or a table in JSON, as it arrives.

use serde_json::value::RawValue;

use super::{
    members::{Found, Members},
    object::{ListMeta, Object, Row},
    value::past_blanks,
};
use crate::filter::{FilterError, Sight};

/// Lets through the items of a list, or the rows of a table, that may be seen.
#[derive(Debug)]
pub(in crate::filter) struct JsonList<S> {
    sight: S,
    members: Members,
    /// Names of members so far: a name given twice would be read by some as the one and by others as the other.
    known: Vec<String>,
    /// Whether the long array that is open is of rows.
    rows: bool,
    /// Whether something stands before in this array, or in the object.
    any_element: bool,
    any_member: bool,
}

impl<S: Sight> JsonList<S> {
    pub(in crate::filter) fn new(sight: S) -> Self {
        Self { sight, members: Members::new(), known: Vec::new(), rows: false, any_element: false, any_member: false }
    }

    pub(in crate::filter) fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        if self.members.is_over() {
            return if past_blanks(piece).is_empty() { Ok(()) } else { Err(FilterError::Malformed("something stands behind the list")) };
        }
        while let Some(found) = self.members.next(&mut piece)? {
            match found {
                Found::Member(key, value) => self.member(key, &value, out)?,
                Found::Open(key) => {
                    self.rows = key == "rows";
                    self.any_element = false;
                    self.begin(key, out)?;
                    out.push(b'[');
                }
                Found::Element(value) => self.element(&value, out)?,
                Found::Close => out.push(b']'),
                Found::End => {
                    if !self.any_member {
                        out.push(b'{');
                    }
                    out.extend_from_slice(b"}\n");
                    return self.push(piece, out);
                }
            }
        }
        Ok(())
    }

    pub(in crate::filter) fn finish(self) -> Result<(), FilterError> {
        if self.members.is_over() { Ok(()) } else { Err(FilterError::Malformed("the list ends before it is complete")) }
    }

    fn member(&mut self, key: String, value: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        match key.as_str() {
            "kind" | "apiVersion" => {
                serde_json::from_slice::<String>(value).map_err(|_| FilterError::Malformed("the kind of a list"))?;
                self.begin(key, out)?;
                out.extend_from_slice(value);
            }
            "metadata" => {
                self.begin(key, out)?;
                out.extend_from_slice(&ListMeta::written(value)?);
            }
            "columnDefinitions" => {
                serde_json::from_slice::<&RawValue>(value).map_err(|_| FilterError::Malformed("the columns of a table"))?;
                self.begin(key, out)?;
                out.extend_from_slice(value);
            }
            "items" | "rows" if value == b"null" => {
                self.begin(key, out)?;
                out.extend_from_slice(value);
            }
            "items" | "rows" => return Err(FilterError::Malformed("what should be an array of objects")),
            // A list has no other members; if one had, nobody could say what is in it.
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, key: String, out: &mut Vec<u8>) -> Result<(), FilterError> {
        out.push(if self.any_member { b',' } else { b'{' });
        self.any_member = true;
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        if self.known.contains(&key) {
            return Err(FilterError::Malformed("a member is there twice"));
        }
        self.known.push(key);
        Ok(())
    }

    fn element(&mut self, value: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        let seen = if self.rows { Row::read(value)?.is_seen(&self.sight)? } else { Object::read(value)?.is_seen(&self.sight)? };
        if seen {
            if self.any_element {
                out.push(b',');
            }
            self.any_element = true;
            out.extend_from_slice(value);
        }
        Ok(())
    }
}
