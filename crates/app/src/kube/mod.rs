//! Kubernetes clusters behind agents.

pub mod check;
pub mod cluster;
mod command;
pub mod credential;
pub mod door;
pub mod exec;
mod meter;
mod reads;
mod recording;
pub mod standing;
pub mod target;

use bytes::Bytes;
use futures::Stream;
use mc_hub::TunnelError;
use mc_kube::filter::{Filter, FilterError, Form};

/// Why an answer's body ends before it is whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// What came cannot be judged.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The caller may not see it any more, or the server ends.
    #[error("{0}")]
    Over(&'static str),
    /// The way to the API server broke.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
}

/// Of an answer's body, what may be seen.
pub fn filtered<B>(body: B, form: Form, seen: door::Seen) -> impl Stream<Item = Result<Bytes, BodyError>>
where
    B: Stream<Item = Result<Bytes, BodyError>> + Unpin,
{
    mc_kube::filter::filtered(body, Filter::new(form, seen))
}
