//! A filter over a body as it arrives: the reader sets the pace.

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};

use super::{Filter, FilterError, Sight, spool::Rest};

/// Where a body is.
enum State<B, S> {
    Open(B, Filter<S>),
    Ended(Rest),
    Done,
}

/// `body` as far as it may be seen. After an error there is nothing more: whoever serves it breaks the connection off, so that nobody takes
/// a part for the whole.
pub fn filtered<B, S, E>(body: B, filter: Filter<S>) -> impl Stream<Item = Result<Bytes, E>>
where
    B: Stream<Item = Result<Bytes, E>> + Unpin,
    S: Sight,
    E: From<FilterError>,
{
    stream::unfold(State::Open(body, filter), |state| async move {
        match next(state).await {
            Ok(Some((piece, state))) => Some((Ok(piece), state)),
            Ok(None) => None,
            Err(error) => Some((Err(error), State::Done)),
        }
    })
    // Whoever serves it may ask once more after the end.
    .fuse()
}

async fn next<B, S, E>(mut state: State<B, S>) -> Result<Option<(Bytes, State<B, S>)>, E>
where
    B: Stream<Item = Result<Bytes, E>> + Unpin,
    S: Sight,
    E: From<FilterError>,
{
    loop {
        state = match state {
            State::Open(mut body, mut filter) => match body.next().await {
                Some(piece) => {
                    let mut out = Vec::new();
                    filter.push(&piece?, &mut out)?;
                    let state = State::Open(body, filter);
                    if !out.is_empty() {
                        return Ok(Some((out.into(), state)));
                    }
                    state
                }
                None => State::Ended(filter.finish()?),
            },
            State::Ended(mut rest) => match rest.next() {
                Some(piece) => return Ok(Some((piece?.into(), State::Ended(rest)))),
                None => State::Done,
            },
            State::Done => return Ok(None),
        };
    }
}
