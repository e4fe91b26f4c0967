//! One GET to the gateway, bounded in time and size. The body is what counts; a gateway answers unknown paths with 200 and a page.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// The largest answer that is read, in bytes.
const ANSWER_MAX_BYTES: usize = 256 * 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Nobody listens.
    Closed,
    /// Somebody listens but says nothing in time, or breaks off.
    Silent,
    /// The answer is no HTTP or too large for a probe's.
    Foreign,
}

/// Whether somebody listens on `address`.
pub(crate) async fn is_open(address: SocketAddr, patience: Duration) -> bool {
    matches!(timeout(patience, TcpStream::connect(address)).await, Ok(Ok(_)))
}

/// The body of `GET path`, whatever its status.
pub(crate) async fn get(address: SocketAddr, path: &str, patience: Duration) -> Result<Bytes, NoAnswer> {
    timeout(patience, exchange(address, path)).await.unwrap_or(Err(NoAnswer::Silent))
}

async fn exchange(address: SocketAddr, path: &str) -> Result<Bytes, NoAnswer> {
    let stream = TcpStream::connect(address).await.map_err(|_| NoAnswer::Closed)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer::Silent)?;
    let request = http::Request::get(path)
        .header(http::header::HOST, address.to_string())
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| NoAnswer::Foreign)?;
    let answer = async move {
        let answer = sender.send_request(request).await.map_err(reason)?;
        let body = Limited::new(answer.into_body(), ANSWER_MAX_BYTES).collect().await.map_err(|_| NoAnswer::Foreign)?;
        Ok(body.to_bytes())
    };
    let (answer, _) = futures::join!(answer, connection);
    answer
}

fn reason(error: hyper::Error) -> NoAnswer {
    if error.is_parse() { NoAnswer::Foreign } else { NoAnswer::Silent }
}
