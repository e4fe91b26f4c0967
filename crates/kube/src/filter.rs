//! Of an answer with many objects, those that may be seen.
//!
//! A [`Filter`] takes an answer's body piece by piece and gives back what of it may be seen, holding one object at a time. It is told by
//! [`Sight`] which those are. Objects of which it cannot tell the name end the answer with an error: nothing passes because it was not
//! understood.
//!
//! What it knows: lists and tables in JSON ([`Form::JsonList`]), lists in protobuf ([`Form::ProtoList`]) and both as streams of events
//! ([`Form::JsonWatch`], [`Form::ProtoWatch`]). [`accept`] keeps a server from answering in anything else.
//!
//! What it changes besides: `remainingItemCount` is left out, since it counts what is hidden. What passes: the `continue` token, which is
//! the server's own and names, in a form that can be decoded, the object at which the next page begins.

pub mod accept;
mod json;
mod proto;
mod spool;
mod stream;

pub use self::stream::filtered;
use self::{
    json::{list::JsonList, watch::JsonWatch},
    proto::{list::ProtoList, watch::ProtoWatch},
    spool::Rest,
};

/// No object is longer. A server takes none of more than 3 MiB; a table's row is about one.
pub(crate) const OBJECT_MAX: usize = 16 << 20;
/// What stands around the objects of a list is no longer.
pub(crate) const AROUND_MAX: usize = 1 << 20;

/// Which objects may be seen.
pub trait Sight {
    /// Whether the object of this name in this namespace may be seen; without a namespace it is empty.
    fn sees(&self, namespace: &str, name: &str) -> bool;
}

impl<F: Fn(&str, &str) -> bool> Sight for F {
    fn sees(&self, namespace: &str, name: &str) -> bool {
        self(namespace, name)
    }
}

/// Sight of namespaces themselves: each is in the namespace that it is, as the server has it in a request for one.
#[derive(Debug, Clone, Copy)]
pub struct OfNamespaces<S>(pub S);

impl<S: Sight> Sight for OfNamespaces<S> {
    fn sees(&self, _namespace: &str, name: &str) -> bool {
        self.0.sees(name, name)
    }
}

/// Why an answer ends before it is complete. What was given out of it until then is right.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It is in no form that is known here.
    #[error("the API server answered in a form that cannot be filtered: {0}")]
    Form(String),
    /// Its bytes are not what its form says.
    #[error("the API server's answer is not well-formed: {0}")]
    Malformed(&'static str),
    /// An object without a name, a kind with another layout: what cannot be judged.
    #[error("the API server's answer has objects whose names cannot be told: {0}")]
    Unjudgeable(&'static str),
    /// A part of it is too long.
    #[error("a part of the API server's answer is too long: {0}")]
    TooLong(&'static str),
    /// What did not fit into memory could not be kept.
    #[error("the answer could not be kept until it was complete")]
    Spool(#[source] std::io::Error),
}

/// How an answer's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A list or a table in JSON.
    JsonList,
    /// Events in JSON, one after the other.
    JsonWatch,
    /// A list in protobuf.
    ProtoList,
    /// Events in protobuf, each behind its length.
    ProtoWatch,
}

impl Form {
    /// The form of an answer by its `Content-Type`, to a `watch` or a `list`. An answer with a `Content-Encoding` has none: who wants to
    /// filter asks for none.
    ///
    /// # Errors
    /// When it is none that is known here.
    pub fn of(content_type: &str, content_encoding: Option<&str>, watch: bool) -> Result<Self, FilterError> {
        let unknown = || FilterError::Form(content_type.chars().filter(|c| !c.is_control()).take(100).collect());
        if content_encoding.is_some_and(|encoding| !matches!(encoding.trim(), "" | "identity")) {
            return Err(unknown());
        }
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match (media.as_str(), watch) {
            (accept::JSON, false) => Ok(Self::JsonList),
            (accept::JSON, true) => Ok(Self::JsonWatch),
            (accept::PROTOBUF, false) => Ok(Self::ProtoList),
            (accept::PROTOBUF, true) => Ok(Self::ProtoWatch),
            _ => Err(unknown()),
        }
    }
}

/// Lets through of one answer what may be seen.
#[derive(Debug)]
pub struct Filter<S>(Inner<S>);

#[derive(Debug)]
enum Inner<S> {
    JsonList(JsonList<S>),
    JsonWatch(JsonWatch<S>),
    ProtoList(ProtoList<S>),
    ProtoWatch(ProtoWatch<S>),
}

impl<S: Sight> Filter<S> {
    /// A filter of one answer.
    #[must_use]
    pub fn new(form: Form, sight: S) -> Self {
        Self(match form {
            Form::JsonList => Inner::JsonList(JsonList::new(sight)),
            Form::JsonWatch => Inner::JsonWatch(JsonWatch::new(sight)),
            Form::ProtoList => Inner::ProtoList(ProtoList::new(sight)),
            Form::ProtoWatch => Inner::ProtoWatch(ProtoWatch::new(sight)),
        })
    }

    /// Takes the next piece of the body and adds to `out` what may be seen.
    ///
    /// # Errors
    /// When the rest cannot be judged. The filter is of no use after that.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), FilterError> {
        match &mut self.0 {
            Inner::JsonList(list) => list.push(piece, out),
            Inner::JsonWatch(watch) => watch.push(piece, out),
            Inner::ProtoList(list) => list.push(piece),
            Inner::ProtoWatch(watch) => watch.push(piece, out),
        }
    }

    /// The body has ended: what is still to be given out, in pieces.
    ///
    /// # Errors
    /// When it ended before it was complete.
    pub fn finish(self) -> Result<Rest, FilterError> {
        match self.0 {
            Inner::JsonList(list) => list.finish().map(|()| Rest::default()),
            Inner::JsonWatch(watch) => watch.finish().map(|()| Rest::default()),
            Inner::ProtoList(list) => list.finish(),
            Inner::ProtoWatch(watch) => watch.finish().map(|()| Rest::default()),
        }
    }
}
