//! Answers that are read piece by piece: followed logs, output, downloads.

use std::marker::PhantomData;

use bytes::{Bytes, BytesMut};
use mc_api::log::LogLine;
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::{Client, Result};

/// The longest line of a stream; the server's longest log line is far below it.
const LINE_MAX_BYTES: usize = 256 * 1024;

/// A followed log. Ends when the server ends it.
pub type LogStream = JsonLines<LogLine>;

/// An answer that is read line by line, each line as JSON. Ends when the server ends it.
pub struct JsonLines<T> {
    client: Client,
    response: Response,
    lines: Lines,
    read: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> JsonLines<T> {
    pub(crate) fn new(client: Client, response: Response) -> Self {
        Self { client, response, lines: Lines { buffer: BytesMut::new() }, read: PhantomData }
    }

    /// The next line; waits for it. Safe to drop and call again.
    ///
    /// # Errors
    /// When the connection breaks or the server sends something else.
    pub async fn next(&mut self) -> Result<Option<T>> {
        loop {
            while let Some(line) = self.lines.take() {
                if !line.trim_ascii().is_empty() {
                    return serde_json::from_slice(&line).map(Some).map_err(|error| self.client.bad_answer(error));
                }
            }
            match self.response.chunk().await.map_err(|error| self.client.transport_error(&error))? {
                None => return Ok(None),
                Some(_) if self.lines.buffer.len() > LINE_MAX_BYTES => {
                    return Err(self.client.bad_answer("a line is too long"));
                }
                Some(piece) => self.lines.buffer.extend_from_slice(&piece),
            }
        }
    }
}

/// Bytes cut into lines.
struct Lines {
    buffer: BytesMut,
}

impl Lines {
    fn take(&mut self) -> Option<BytesMut> {
        let end = self.buffer.iter().position(|byte| *byte == b'\n')?;
        Some(self.buffer.split_to(end + 1))
    }
}

/// A file that is being downloaded.
pub struct Download {
    client: Client,
    response: Response,
}

impl Download {
    pub(crate) const fn new(client: Client, response: Response) -> Self {
        Self { client, response }
    }

    /// The next piece.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.response.chunk().await.map_err(|error| self.client.transport_error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_arrive() {
        let mut lines = Lines { buffer: BytesMut::new() };
        let mut seen = Vec::new();
        for piece in [&b"{\"a\":"[..], b"1}\n\n{\"b\"", b":2}\n", b"tail"] {
            lines.buffer.extend_from_slice(piece);
            while let Some(line) = lines.take() {
                seen.push(String::from_utf8(line.to_vec()).expect("text"));
            }
        }
        assert_eq!(seen, ["{\"a\":1}\n", "\n", "{\"b\":2}\n"]);
        assert_eq!(&lines.buffer[..], b"tail");
    }
}
