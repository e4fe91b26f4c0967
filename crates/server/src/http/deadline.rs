//! Requests' bodies arrive in time: whoever sends a byte now and then holds nothing for long.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

/// The body took too long.
#[derive(Debug, thiserror::Error)]
#[error("the request's body took too long")]
pub(crate) struct TooSlow;

struct InTime {
    body: Body,
    deadline: Pin<Box<Sleep>>,
}

/// The same request, whose body fails when it is not whole within this time.
pub(crate) fn within(time: Duration, request: Request) -> Request {
    request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        Body::new(InTime { body, deadline: Box::pin(tokio::time::sleep(time)) })
    })
}

/// Whether this error, or what is behind it, is a body that took too long.
pub(crate) fn is_too_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<TooSlow>())
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
            Poll::Pending if self.deadline.as_mut().poll(cx).is_ready() => Poll::Ready(Some(Err(Box::new(TooSlow)))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_end_fails_at_its_deadline() {
        use futures::StreamExt as _;
        let begun = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]).chain(futures::stream::pending());
        let request = within(Duration::from_millis(10), Request::new(Body::from_stream(begun)));
        let error = axum::body::to_bytes(request.into_body(), 1_000).await.expect_err("never whole");
        assert!(is_too_slow(&error), "{error:?}");
    }

    #[tokio::test]
    async fn a_body_in_time_is_what_it_was() {
        let request = within(Duration::from_secs(10), Request::new(Body::from("whole")));
        assert_eq!(axum::body::to_bytes(request.into_body(), 1_000).await.expect("whole"), "whole");
    }
}
