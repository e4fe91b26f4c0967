//! A list in protobuf, as it arrives. The envelope says how long the list is before the list comes, so what passes waits until the length of
//! it is known: in memory, then in a file.

use super::{
    layout::{self, ListLayout},
    object::{MAGIC, Named, TypeMeta, is_plain},
    wire::{Field, beginning, fields, put, put_beginning},
};
use crate::filter::{
    AROUND_MAX, FilterError, OBJECT_MAX, Sight,
    spool::{Rest, Spool},
};

/// What an envelope says around the list is no longer.
const ENVELOPE_MAX: usize = 4096;

/// Where in the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Magic,
    Envelope,
    /// So many bytes of the list are still to come.
    List {
        left: usize,
        layout: ListLayout,
    },
}

/// Lets through the items of a list that may be seen.
#[derive(Debug)]
pub(in crate::filter) struct ProtoList<S> {
    sight: S,
    place: Place,
    /// What came and is not a whole field yet.
    buffer: Vec<u8>,
    layout: Option<ListLayout>,
    kind: Option<Vec<u8>>,
    encoding: Option<Vec<u8>>,
    content: Option<Vec<u8>>,
    had_list: bool,
    had_metadata: bool,
    kept: Spool,
}

impl<S: Sight> ProtoList<S> {
    pub(in crate::filter) fn new(sight: S) -> Self {
        Self {
            sight,
            place: Place::Magic,
            buffer: Vec::new(),
            layout: None,
            kind: None,
            encoding: None,
            content: None,
            had_list: false,
            had_metadata: false,
            kept: Spool::default(),
        }
    }

    pub(in crate::filter) fn push(&mut self, piece: &[u8]) -> Result<(), FilterError> {
        self.buffer.extend_from_slice(piece);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        while let Some(taken) = self.step(rest)? {
            rest = rest.get(taken..).unwrap_or_default();
        }
        let taken = buffer.len() - rest.len();
        buffer.drain(..taken);
        self.buffer = buffer;
        Ok(())
    }

    pub(in crate::filter) fn finish(self) -> Result<Rest, FilterError> {
        let kind = self.kind.filter(|_| self.place == Place::Envelope && self.buffer.is_empty() && self.had_list);
        let kind = kind.ok_or(FilterError::Malformed("the list ends before it is complete"))?;
        if !is_plain(self.encoding.as_deref(), self.content.as_deref()) {
            return Err(FilterError::Unjudgeable("the list is in an encoding of its own"));
        }
        let mut before = MAGIC.to_vec();
        put(1, &kind, &mut before);
        put_beginning(2, self.kept.len(), &mut before);
        let mut after = Vec::new();
        for (number, said) in [(3, self.encoding), (4, self.content)] {
            if let Some(said) = said {
                put(number, &said, &mut after);
            }
        }
        self.kept.between(before, after)
    }

    /// Takes the next field off the front of `bytes`, and says how long it was; `None` when more must come first.
    fn step(&mut self, bytes: &[u8]) -> Result<Option<usize>, FilterError> {
        match self.place {
            Place::Magic => {
                let Some(magic) = bytes.get(..MAGIC.len()) else { return Ok(None) };
                if magic != MAGIC {
                    return Err(FilterError::Malformed("the envelope"));
                }
                self.place = Place::Envelope;
                Ok(Some(MAGIC.len()))
            }
            Place::Envelope => self.envelope(bytes),
            Place::List { left: 0, .. } => {
                self.place = Place::Envelope;
                Ok(Some(0))
            }
            Place::List { left, layout } => self.list(bytes, left, layout),
        }
    }

    fn envelope(&mut self, bytes: &[u8]) -> Result<Option<usize>, FilterError> {
        let Some((number, len, begins)) = beginning(bytes)? else { return Ok(None) };
        if number == 2 {
            let layout =
                self.layout.filter(|_| !self.had_list).ok_or(FilterError::Unjudgeable("what kind of list it is comes too late"))?;
            self.had_list = true;
            self.place = Place::List { left: len, layout };
            return Ok(Some(begins));
        }
        if len > ENVELOPE_MAX {
            return Err(FilterError::TooLong("the envelope"));
        }
        let Some(held) = bytes.get(begins..begins + len) else { return Ok(None) };
        let place = match number {
            1 => {
                let kind = TypeMeta::read(held)?;
                let unknown = || FilterError::Form(format!("{} {}", kind.api_version, kind.kind));
                self.layout = Some(layout::list(&kind.api_version, &kind.kind).ok_or_else(unknown)?);
                &mut self.kind
            }
            3 => &mut self.encoding,
            4 => &mut self.content,
            _ => return Err(FilterError::Malformed("the envelope")),
        };
        if place.replace(held.to_vec()).is_some() {
            return Err(FilterError::Malformed("a field is there twice"));
        }
        Ok(Some(begins + len))
    }

    fn list(&mut self, bytes: &[u8], left: usize, layout: ListLayout) -> Result<Option<usize>, FilterError> {
        const CUT: FilterError = FilterError::Malformed("the list ends within a field");
        let inside = bytes.get(..left.min(bytes.len())).unwrap_or_default();
        let Some((number, len, begins)) = beginning(inside)? else {
            return if inside.len() == left { Err(CUT) } else { Ok(None) };
        };
        let longest = if number == layout.items { OBJECT_MAX } else { AROUND_MAX };
        if len > longest {
            return Err(FilterError::TooLong("one object"));
        }
        let left = left.checked_sub(begins + len).ok_or(CUT)?;
        let Some(held) = inside.get(begins..begins + len) else { return Ok(None) };
        if number == layout.items {
            if Named::read(held)?.is_seen(&self.sight)? {
                self.keep(number, held)?;
            }
        } else if number == layout.metadata && !self.had_metadata {
            self.had_metadata = true;
            self.keep(number, &list_metadata(held)?)?;
        } else {
            return Err(FilterError::Unjudgeable("the list has a part that is not known"));
        }
        self.place = Place::List { left, layout };
        Ok(Some(begins + len))
    }

    fn keep(&mut self, number: u32, held: &[u8]) -> Result<(), FilterError> {
        let mut begins = Vec::new();
        put_beginning(number, held.len() as u64, &mut begins);
        self.kept.write(&begins)?;
        self.kept.write(held)
    }
}

/// A list's metadata without what counts the hidden: its link, version and `continue` token are fields 1 to 3.
fn list_metadata(metadata: &[u8]) -> Result<Vec<u8>, FilterError> {
    let mut kept = Vec::new();
    for field in fields(metadata) {
        if let Field::Bytes(number @ 1..=3, held) = field? {
            put(number, held, &mut kept);
        }
    }
    Ok(kept)
}
