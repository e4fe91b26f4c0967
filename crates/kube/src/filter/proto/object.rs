//! What is read of an object in protobuf to judge it.

use super::wire::{Field, fields};
use crate::filter::{FilterError, Sight};

/// What every message in an envelope begins with.
pub(super) const MAGIC: &[u8] = b"k8s\0";

/// The kind of what is in an envelope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TypeMeta {
    pub(super) api_version: String,
    pub(super) kind: String,
}

impl TypeMeta {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, FilterError> {
        let [api_version, kind] = texts(bytes, [1, 2])?;
        Ok(Self { api_version, kind })
    }
}

/// An envelope that is whole.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) kind: TypeMeta,
    pub(super) raw: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, FilterError> {
        let inside = bytes.strip_prefix(MAGIC).ok_or(FilterError::Malformed("the envelope"))?;
        let [kind, raw, encoding, content] = parts(inside, [1, 2, 3, 4])?;
        if !is_plain(encoding, content) {
            return Err(FilterError::Unjudgeable("an object is in an encoding of its own"));
        }
        Ok(Self { kind: TypeMeta::read(kind.unwrap_or_default())?, raw: raw.unwrap_or_default() })
    }
}

/// Whether an envelope says that it holds protobuf as it is.
pub(super) fn is_plain(encoding: Option<&[u8]>, content: Option<&[u8]>) -> bool {
    encoding.is_none_or(<[u8]>::is_empty)
        && content.is_none_or(|content| content.is_empty() || content == super::super::accept::PROTOBUF.as_bytes())
}

/// The name and namespace of an object of the usual layout.
#[derive(Debug)]
pub(super) struct Named {
    name: String,
    namespace: String,
}

impl Named {
    pub(super) fn read(object: &[u8]) -> Result<Self, FilterError> {
        let [metadata] = parts(object, [1])?;
        let [name, namespace] = texts(metadata.unwrap_or_default(), [1, 3])?;
        Ok(Self { name, namespace })
    }

    /// Whether it has no name, so that it is no object of anybody.
    pub(super) const fn is_nameless(&self) -> bool {
        self.name.is_empty()
    }

    pub(super) fn is_seen(&self, sight: &impl Sight) -> Result<bool, FilterError> {
        if self.is_nameless() {
            return Err(FilterError::Unjudgeable("an object has no name"));
        }
        Ok(sight.sees(&self.namespace, &self.name))
    }
}

/// The fields of these numbers. A field that is there twice would be read by some as the one, by others as both.
pub(super) fn parts<const N: usize>(message: &[u8], numbers: [u32; N]) -> Result<[Option<&[u8]>; N], FilterError> {
    let mut found = [None; N];
    for field in fields(message) {
        let (number, held) = match field? {
            Field::Bytes(number, held) => (number, Some(held)),
            Field::Other(number) => (number, None),
        };
        if let Some(place) = numbers.iter().position(|wanted| *wanted == number).and_then(|at| found.get_mut(at)) {
            if place.is_some() || held.is_none() {
                return Err(FilterError::Malformed("a field is there twice, or of another kind than it should be"));
            }
            *place = held;
        }
    }
    Ok(found)
}

fn texts<const N: usize>(message: &[u8], numbers: [u32; N]) -> Result<[String; N], FilterError> {
    let found = parts(message, numbers)?;
    if found.iter().flatten().any(|held| std::str::from_utf8(held).is_err()) {
        return Err(FilterError::Malformed("a text is none"));
    }
    Ok(found.map(|held| String::from_utf8_lossy(held.unwrap_or_default()).into_owned()))
}
