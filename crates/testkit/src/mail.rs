//! A real SMTP server with STARTTLS and AUTH: installed once by `scripts/peers/smtp.sh`, keeps what it gets, gone when dropped.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::program::LIMIT;

/// Where the peers' scripts are.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/peers");
/// Who may send there.
pub const USER: &str = "mc@example.org";
/// With this password: full of what a URL must escape.
pub const PASSWORD: &str = "p@ss:w/rd";

/// A running mail server.
#[derive(Debug)]
pub struct MailServer {
    port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _input: ChildStdin,
    _child: Child,
    dir: TempDir,
}

impl MailServer {
    /// Starts one that takes every mail.
    ///
    /// # Errors
    /// When it cannot be had. A test must fail then, not skip.
    pub async fn start() -> Result<Self> {
        Self::busy(0).await
    }

    /// Starts one that refuses the first few mails for now.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn busy(refuse: u32) -> Result<Self> {
        let python = python().await?;
        let dir = tempfile::Builder::new().prefix("mc-mail-").tempdir()?;
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        std::fs::write(&certificate, cert.pem())?;
        std::fs::write(&key, signing_key.serialize_pem())?;
        let mut command = Command::new(python);
        command.arg(Path::new(PEERS).join("smtp_server.py")).arg(&certificate).arg(&key).args([USER, PASSWORD]);
        command.env("SMTP_REFUSE", refuse.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("the mail server cannot be started")?;
        let input = child.stdin.take().context("no input")?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let first = next(&mut lines).await?;
        let port = first
            .get("port")
            .and_then(Value::as_u64)
            .and_then(|port| u16::try_from(port).ok())
            .context("the mail server did not say its port")?;
        Ok(Self { port, lines, _input: input, _child: child, dir })
    }

    /// The URL to send by, with STARTTLS and login.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://mc%40example.org:p%40ss%3Aw%2Frd@localhost:{}?tls=required", self.port)
    }

    /// The same with another password.
    #[must_use]
    pub fn url_with_wrong_password(&self) -> String {
        self.url().replace("p%40ss", "wrong")
    }

    /// The certificate to trust.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    /// The next mail, as its headers, text and HTML, or `{"refused": true}`.
    ///
    /// # Errors
    /// When none comes.
    pub async fn next(&mut self) -> Result<Value> {
        next(&mut self.lines).await
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<Value> {
    let line = timeout(LIMIT, lines.next_line()).await.context("no mail came in time")??;
    Ok(serde_json::from_str(&line.context("the mail server ended")?)?)
}

async fn python() -> Result<PathBuf> {
    let script = Path::new(PEERS).join("smtp.sh");
    let done = Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output().await.context("smtp.sh cannot be run")?;
    ensure!(done.status.success(), "smtp.sh failed: {}", done.status);
    let answer = String::from_utf8(done.stdout)?;
    let found = answer.lines().find_map(|line| line.strip_prefix("SMTP_PYTHON="));
    Ok(found.context("smtp.sh did not say where Python is")?.into())
}
