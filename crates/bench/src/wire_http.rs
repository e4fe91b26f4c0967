//! One HTTP/1.1 connection as a browser has it: answers stay compressed, so that what is counted is what crossed the wire.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use mc_wire::SERVER_NAME;
use rustls::ClientConfig;
use tokio::time::timeout;

use crate::dial;

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// An open connection.
pub(crate) struct Wire {
    sender: SendRequest<Empty<Bytes>>,
    token: Option<String>,
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Bytes of the body as they crossed the wire.
    pub(crate) body: Bytes,
}

impl Wire {
    /// Connects.
    pub(crate) async fn connect(server: SocketAddr, config: Arc<ClientConfig>, token: Option<String>) -> anyhow::Result<Self> {
        let stream = dial::tls(server, Ipv4Addr::LOCALHOST, config).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // How it ends is seen on the request under way.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, token })
    }

    /// Asks for `path` and reads the whole answer; `compressed` says whether it may be gzip.
    pub(crate) async fn get(&mut self, path: &str, compressed: bool) -> anyhow::Result<Answer> {
        let mut request = Request::get(path).header(header::HOST, SERVER_NAME);
        if compressed {
            request = request.header(header::ACCEPT_ENCODING, "gzip");
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Empty::new())?;
        let asking = async {
            self.sender.ready().await?;
            let answer = self.sender.send_request(request).await?;
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            anyhow::Ok(Answer { status, body })
        };
        timeout(ANSWER_LIMIT, asking).await.with_context(|| format!("no answer to {path} in time"))?
    }

    /// As [`Self::get`], for answers that must be 200.
    pub(crate) async fn get_ok(&mut self, path: &str, compressed: bool) -> anyhow::Result<Bytes> {
        let answer = self.get(path, compressed).await?;
        if answer.status != StatusCode::OK {
            bail!("{path} answered {}", answer.status);
        }
        Ok(answer.body)
    }
}
