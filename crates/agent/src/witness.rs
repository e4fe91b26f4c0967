//! Remembers why a connection ended. A client's certificate is refused only after the handshake (TLS 1.3), and the layers above report
//! such an end as "closed": the one who read the bytes is the witness.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::channel::refuses_certificate;

/// How a connection ended, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Testimony(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    end: OnceLock<End>,
    /// Whether the peer said anything after the handshake.
    heard: AtomicBool,
    /// Whether a certificate of ours was shown.
    shown: bool,
    /// Whether nobody holds the connection any more.
    over: AtomicBool,
}

#[derive(Debug)]
enum End {
    Refused,
    Closed,
    Failed(String),
}

impl Testimony {
    /// For a connection on which our certificate was `shown`, or none.
    pub(crate) fn new(shown: bool) -> Self {
        Self(Arc::new(Known { shown, ..Known::default() }))
    }

    /// Whether the peer refused our certificate.
    pub(crate) fn refused(&self) -> bool {
        matches!(self.0.end.get(), Some(End::Refused))
    }

    /// Whether the connection is gone: nothing can be sent over it any more.
    pub(crate) fn over(&self) -> bool {
        self.0.over.load(Ordering::Relaxed) || self.0.end.get().is_some()
    }

    /// What happened, for people; `other` where the connection itself is not to blame.
    pub(crate) fn words(&self, other: String) -> String {
        match self.0.end.get() {
            Some(End::Refused) => "it refuses this agent's certificate".to_owned(),
            // The refusal may be lost with a connection that is reset, so this is likely but not certain.
            _ if self.0.shown && !self.0.heard.load(Ordering::Relaxed) => {
                "the connection was closed as soon as this agent showed its certificate; if that goes on, join again".to_owned()
            }
            Some(End::Closed) => "the connection was closed".to_owned(),
            Some(End::Failed(words)) => words.clone(),
            None => other,
        }
    }

    fn note(&self, error: &io::Error) {
        let end = match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(alert)) if refuses_certificate(*alert) => End::Refused,
            _ if error.kind() == io::ErrorKind::UnexpectedEof => End::Closed,
            _ => End::Failed(error.to_string().replace('\n', " ")),
        };
        // The first word counts; what follows is its consequence.
        let _ = self.0.end.set(end);
    }
}

/// A stream with a witness.
#[derive(Debug)]
pub(crate) struct Witnessed<S> {
    pub(crate) stream: S,
    pub(crate) testimony: Testimony,
}

impl<S> Drop for Witnessed<S> {
    fn drop(&mut self) {
        self.testimony.0.over.store(true, Ordering::Relaxed);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Witnessed<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        match &read {
            Poll::Ready(Err(error)) => self.testimony.note(error),
            Poll::Ready(Ok(())) if buffer.filled().len() == before && buffer.remaining() > 0 => {
                self.testimony.note(&io::ErrorKind::UnexpectedEof.into());
            }
            Poll::Ready(Ok(())) => self.testimony.0.heard.store(true, Ordering::Relaxed),
            Poll::Pending => {}
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Witnessed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
