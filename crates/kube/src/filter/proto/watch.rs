//! Events in protobuf, each behind its length in four bytes.

use super::{
    layout,
    object::{Envelope, Named, parts},
};
use crate::filter::{FilterError, OBJECT_MAX, Sight};

/// The length of a length.
const LENGTH: usize = 4;

/// Lets through the events about what may be seen.
#[derive(Debug)]
pub(in crate::filter) struct ProtoWatch<S> {
    sight: S,
    /// What came and is not a whole event yet.
    buffer: Vec<u8>,
}

impl<S: Sight> ProtoWatch<S> {
    pub(in crate::filter) const fn new(sight: S) -> Self {
        Self { sight, buffer: Vec::new() }
    }

    pub(in crate::filter) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        self.buffer.extend_from_slice(piece);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        while let Some(frame) = frame(rest)? {
            let (whole, behind) = rest.split_at_checked(LENGTH + frame.len()).unwrap_or((rest, &[]));
            if self.passes(frame)? {
                out.extend_from_slice(whole);
            }
            rest = behind;
        }
        let taken = buffer.len() - rest.len();
        buffer.drain(..taken);
        self.buffer = buffer;
        Ok(())
    }

    pub(in crate::filter) fn finish(self) -> Result<(), FilterError> {
        if self.buffer.is_empty() { Ok(()) } else { Err(FilterError::Malformed("the last event is not complete")) }
    }

    fn passes(&self, event: &[u8]) -> Result<bool, FilterError> {
        let [kind, object] = parts(event, [1, 2])?;
        let [raw] = parts(object.unwrap_or_default(), [1])?;
        let envelope = Envelope::read(raw.unwrap_or_default())?;
        let (version, object_kind) = (envelope.kind.api_version.as_str(), envelope.kind.kind.as_str());
        let kind = kind.unwrap_or_default();
        if kind == b"ERROR" && (version, object_kind) == ("v1", "Status") {
            return Ok(true);
        }
        if !matches!(kind, b"ADDED" | b"MODIFIED" | b"DELETED" | b"BOOKMARK") {
            return Err(FilterError::Unjudgeable("an event is of a kind that is not known"));
        }
        if !layout::is_object(version, object_kind) {
            return Err(FilterError::Form(format!("{version} {object_kind}")));
        }
        let named = Named::read(envelope.raw)?;
        if kind == b"BOOKMARK" && named.is_nameless() {
            return Ok(true);
        }
        named.is_seen(&self.sight)
    }
}

/// The event that `bytes` begin with; `None` when more must come first.
fn frame(bytes: &[u8]) -> Result<Option<&[u8]>, FilterError> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > OBJECT_MAX {
        return Err(FilterError::TooLong("one event"));
    }
    Ok(rest.get(..length))
}
