//! The server under test: a real `mission-control serve` in a process of its own, with a temporary data directory.

use std::{
    fs::{File, OpenOptions},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use http::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use rustls::ClientConfig;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::{dial::Tls, wire_http::Wire};

/// The admin that the bench logs in as.
pub(crate) const ADMIN: &str = "bench";
/// How long the server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to end when told to.
const ENDED_WITHIN: Duration = Duration::from_secs(40);
/// Lines of its log shown when it fails.
const LOG_SHOWN: usize = 20;

/// The server, running or not. Its process ends with this value.
pub(crate) struct Central {
    bin_dir: PathBuf,
    dir: TempDir,
    pub(crate) people: SocketAddr,
    pub(crate) agents: SocketAddr,
    pub(crate) tls: Tls,
    browser: Arc<ClientConfig>,
    child: Option<Child>,
}

/// A port nobody listens on, outside the range that outgoing connections take theirs from: it stays free while the server restarts.
fn free_port(beside: Option<u16>) -> anyhow::Result<u16> {
    for _ in 0..200 {
        let port = rand::random_range(10_000..32_000);
        if Some(port) != beside && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port was found between 10000 and 32000")
}

/// A program under test, without anything of our own environment that could change what it does.
pub(crate) fn program(bin_dir: &Path, name: &str, home: &Path) -> anyhow::Result<Command> {
    let path = bin_dir.join(name);
    if !path.is_file() {
        bail!("{} does not exist: build the programs first (make bench does)", path.display());
    }
    let mut command = Command::new(path);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).kill_on_drop(true);
    Ok(command)
}

/// Runs a program that reads a secret from standard input and ends by itself.
pub(crate) async fn run_with_secret(mut command: Command, secret: &str) -> anyhow::Result<()> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(secret.as_bytes()).await?;
    drop(stdin);
    let output = timeout(Duration::from_secs(60), child.wait_with_output()).await.context("it did not end in time")??;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

impl Central {
    /// Makes the data directory and an admin with `password`; the server does not run yet.
    pub(crate) async fn prepare(bin_dir: &Path, password: &str) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("mc-bench-").tempdir().context("cannot make a temporary directory")?;
        let data = dir.path().join("central");
        let mut command = program(bin_dir, "mission-control", dir.path())?;
        command.args(["user", "add", "--username", ADMIN, "--role", "admin", "--password-stdin", "--data-dir"]).arg(&data);
        run_with_secret(command, password).await.context("cannot make the admin")?;
        let ca = CertificateDer::from_pem_file(data.join("ca.pem")).context("the data directory holds no ca.pem")?;
        let tls = Tls::new(&ca)?;
        let people = free_port(None)?;
        let agents = free_port(Some(people))?;
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self {
            bin_dir: bin_dir.to_owned(),
            browser: tls.people()?,
            tls,
            people: local(people),
            agents: local(agents),
            dir,
            child: None,
        })
    }

    /// The temporary directory: everything the bench leaves on disk.
    pub(crate) fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// Where the programs are.
    pub(crate) fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// The server's data directory.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("central")
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join("central.log")
    }

    /// The server's process id.
    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.child.as_ref().and_then(Child::id).context("the server does not run")
    }

    /// Starts it and answers how long it took until `/readyz` said yes.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Duration> {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file())?;
        let mut command = program(&self.bin_dir, "mission-control", self.dir.path())?;
        command
            .args(["serve", "--listen", &self.people.to_string(), "--agent-listen", &self.agents.to_string(), "--data-dir"])
            .arg(self.data_dir())
            .stdin(Stdio::null())
            .stdout(File::try_clone(&log)?)
            .stderr(log);
        let began = Instant::now();
        self.child = Some(command.spawn().context("cannot start mission-control")?);
        while !self.ready().await {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the server ended by itself ({status}); its log ends with:\n{}", self.log_tail());
            }
            if began.elapsed() > READY_WITHIN {
                bail!("the server is not ready after {} s; its log ends with:\n{}", READY_WITHIN.as_secs(), self.log_tail());
            }
            sleep(Duration::from_millis(1)).await;
        }
        Ok(began.elapsed())
    }

    async fn ready(&self) -> bool {
        let asking = async { self.wire(None).await?.get("/readyz", false).await };
        matches!(asking.await, Ok(answer) if answer.status == StatusCode::OK)
    }

    /// The end of its log.
    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_SHOWN)..).unwrap_or_default().join("\n")
    }

    /// A connection to the people's port.
    pub(crate) async fn wire(&self, token: Option<String>) -> anyhow::Result<Wire> {
        Wire::connect(self.people, Arc::clone(&self.browser), token).await
    }

    async fn end(&mut self, signal: Signal) -> anyhow::Result<ExitStatus> {
        let mut child = self.child.take().context("the server does not run")?;
        let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).context("the server has ended")?;
        kill_process(pid, signal)?;
        timeout(ENDED_WITHIN, child.wait()).await.context("the server did not end in time")?.context("cannot wait for the server")
    }

    /// Tells it to end, and waits.
    pub(crate) async fn terminate(&mut self) -> anyhow::Result<()> {
        let status = self.end(Signal::TERM).await?;
        if !status.success() {
            bail!("the server ended with {status}; its log ends with:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// Ends it as `kill -9` does.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.end(Signal::KILL).await.map(drop)
    }
}
