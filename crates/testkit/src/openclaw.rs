//! A real OpenClaw gateway for tests: installed once by `scripts/peers/openclaw.sh`, run in a directory of its own, gone when dropped.

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use mc_openclaw::{client::Connection, config, process};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

/// Where the peers' scripts are.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/peers");
/// How long one call may take on a busy machine.
const CALL: Duration = Duration::from_secs(60);

/// An installed OpenClaw and the Node that runs it.
#[derive(Debug, Clone)]
pub struct OpenclawProgram {
    /// The `node` binary.
    pub node: PathBuf,
    /// `openclaw.mjs`.
    pub main: PathBuf,
    /// The version: `2026.9.6`.
    pub version: String,
}

impl OpenclawProgram {
    /// Installs it unless it is there already; the first time takes a minute or two.
    ///
    /// # Errors
    /// When it cannot be had. A test must fail then, not skip.
    pub async fn install() -> anyhow::Result<Self> {
        let script = Path::new(PEERS).join("openclaw.sh");
        let done =
            Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output().await.context("openclaw.sh cannot be run")?;
        ensure!(done.status.success(), "openclaw.sh failed: {}", done.status);
        let answer = String::from_utf8(done.stdout)?;
        let value = |key: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.map(str::to_owned).with_context(|| format!("openclaw.sh did not say {key}"))
        };
        Ok(Self { node: value("OPENCLAW_NODE")?.into(), main: value("OPENCLAW_MAIN")?.into(), version: value("OPENCLAW_VERSION")? })
    }
}

/// A gateway in a directory of its own, with its own port, token, log and model provider.
#[derive(Debug)]
pub struct OpenclawGateway {
    program: OpenclawProgram,
    dir: TempDir,
    port: u16,
    token: String,
    provider: Child,
    provider_port: u16,
    child: Option<Child>,
}

impl OpenclawGateway {
    /// Prepares a gateway (directory, configuration, provider) without starting it.
    ///
    /// # Errors
    /// When OpenClaw cannot be had or the directory cannot be written.
    pub async fn prepare() -> anyhow::Result<Self> {
        let program = OpenclawProgram::install().await?;
        let dir = tempfile::Builder::new().prefix("openclaw-").tempdir()?;
        for folder in ["state", "home", "tmp", "workspace"] {
            fs::create_dir(dir.path().join(folder))?;
        }
        let (provider, provider_port) = start_provider(&program).await?;
        let random = || RandomState::new().build_hasher().finish();
        let token = format!("test-{:016x}{:016x}", random(), random());
        let gateway = Self { program, dir, port: free_port()?, token, provider, provider_port, child: None };
        gateway.mend_config()?;
        Ok(gateway)
    }

    /// Prepares a gateway and starts it; it takes half a minute until it is ready.
    ///
    /// # Errors
    /// When it cannot be prepared or spawned.
    pub async fn start() -> anyhow::Result<Self> {
        let mut gateway = Self::prepare().await?;
        gateway.spawn()?;
        Ok(gateway)
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be spawned.
    pub fn spawn(&mut self) -> anyhow::Result<()> {
        self.stop_group();
        let output = fs::File::create(self.dir.path().join("output.log"))?;
        let argv = self.argv();
        let (program, arguments) = argv.split_first().context("no program")?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command.stdout(output.try_clone()?).stderr(output).process_group(0).kill_on_drop(true);
        self.child = Some(command.spawn().context("node cannot be started")?);
        Ok(())
    }

    /// The command line that starts it.
    #[must_use]
    pub fn argv(&self) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        vec![text(&self.program.node), text(&self.program.main), "gateway".into(), "run".into()]
    }

    /// The whole environment it needs.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let inside = |name: &str| self.dir.path().join(name).to_string_lossy().into_owned();
        let node_bin = self.program.node.parent().map(|bin| bin.to_string_lossy().into_owned()).unwrap_or_default();
        let set = [
            ("PATH", format!("{node_bin}:/usr/local/bin:/usr/bin:/bin")),
            ("HOME", inside("home")),
            ("TMPDIR", inside("tmp")),
            ("OPENCLAW_STATE_DIR", inside("state")),
            ("OPENCLAW_CONFIG_PATH", self.config_path().to_string_lossy().into_owned()),
            ("OPENCLAW_DISABLE_BONJOUR", "1".into()),
            ("OPENCLAW_NO_RESPAWN", "1".into()),
            ("OPENCLAW_EXEC_SHELL_SNAPSHOT", "0".into()),
            ("OPENCLAW_SKIP_CHANNELS", "1".into()),
        ];
        set.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Its `OPENCLAW_STATE_DIR`.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// Its configuration file.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.state_dir().join("openclaw.json")
    }

    /// The log file it writes.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.state_dir().join("logs").join("gateway.log")
    }

    /// The port it serves.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its shared token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.program.version
    }

    /// The process that [`Self::spawn`] started, while it was not waited for.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// What it printed so far: worth showing when a test fails.
    #[must_use]
    pub fn output(&self) -> String {
        fs::read_to_string(self.dir.path().join("output.log")).unwrap_or_default()
    }

    /// Writes a configuration with which it starts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn mend_config(&self) -> anyhow::Result<()> {
        self.write_config(&json!({}))
    }

    /// Writes a configuration that a running gateway skips and a restart trips over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn break_config(&self) -> anyhow::Result<()> {
        self.write_config(&json!({"nonsense": true}))
    }

    /// Waits until `/readyz` says that it is ready.
    ///
    /// # Errors
    /// When it is not ready within `patience`.
    pub async fn wait_ready(&self, patience: Duration) -> anyhow::Result<()> {
        let asking = async {
            while !self.is_ready().await {
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        };
        if tokio::time::timeout(patience, asking).await.is_err() {
            bail!("the gateway was not ready within {patience:?}; it printed:\n{}", self.output());
        }
        Ok(())
    }

    /// Calls `method` as an operator.
    ///
    /// # Errors
    /// When the gateway is not there or refuses.
    pub async fn call(&self, method: &str, params: &Value) -> anyhow::Result<Value> {
        let mut connection = self.connect(&["operator.read", "operator.write", "operator.admin"]).await?;
        let answer = connection.call(method, params).await;
        connection.close().await;
        Ok(answer?)
    }

    /// Its own id of the present run: a restart within the process changes it.
    ///
    /// # Errors
    /// When the gateway is not there or refuses.
    pub async fn boot_id(&self) -> anyhow::Result<String> {
        let connection = self.connect(&[]).await?;
        let boot = connection.hello().boot_id.clone();
        connection.close().await;
        boot.context("its hello names no boot")
    }

    async fn connect(&self, scopes: &[&str]) -> anyhow::Result<Connection> {
        let credential = config::read(&self.config_path())?.credential;
        Ok(Connection::open(([127, 0, 0, 1], self.port).into(), &credential, scopes, CALL).await?)
    }

    async fn is_ready(&self) -> bool {
        let ask = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
            let mut answer = String::new();
            stream.take(64 * 1024).read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer.contains("\"ready\":true"))
        };
        tokio::time::timeout(Duration::from_secs(5), ask).await.is_ok_and(|answer| answer.unwrap_or(false))
    }

    fn write_config(&self, extra: &Value) -> anyhow::Result<()> {
        let provider = json!({
            "baseUrl": format!("http://127.0.0.1:{}/v1", self.provider_port), "apiKey": "sk-fake", "api": "openai-completions",
            "models": [{"id": "echo-1", "name": "Echo 1", "input": ["text"], "contextWindow": 128_000, "maxTokens": 4096}],
        });
        let mut config = json!({
            "gateway": {"mode": "local", "port": self.port, "bind": "loopback", "auth": {"mode": "token", "token": self.token}},
            "logging": {"file": self.log_file()},
            "agents": {"defaults": {"workspace": self.dir.path().join("workspace"), "model": {"primary": "fake/echo-1"}}},
            "models": {"mode": "replace", "providers": {"fake": provider}},
        });
        if let (Some(gateway), Some(extra)) = (config.get_mut("gateway").and_then(|gateway| gateway.as_object_mut()), extra.as_object()) {
            gateway.extend(extra.clone());
        }
        // Written beside and moved into place: the gateway watches the file and must not read half of it.
        let fresh = self.config_path().with_extension("new");
        fs::write(&fresh, serde_json::to_vec_pretty(&config)?)?;
        Ok(fs::rename(fresh, self.config_path())?)
    }

    fn stop_group(&mut self) {
        let group = self.pid().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(group) = group {
            // The helpers of a gateway share its group. It may be gone already, which is what is wanted.
            let _gone = kill_process_group(group, Signal::KILL);
        }
        self.child = None;
    }
}

impl Drop for OpenclawGateway {
    fn drop(&mut self) {
        self.stop_group();
        // One that an agent started here and could not end.
        if let Some(left) = process::find(&self.state_dir()) {
            let _gone = left.signal(Signal::KILL);
        }
        // Asked here because a child is otherwise killed only when the runtime gets to it.
        let _gone = self.provider.start_kill();
    }
}

/// Starts a model provider that echoes, and returns its port.
async fn start_provider(program: &OpenclawProgram) -> anyhow::Result<(Child, u16)> {
    let mut command = Command::new(&program.node);
    command.arg(Path::new(PEERS).join("fake-provider.mjs")).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("the fake provider cannot be started")?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let line = lines.next_line().await?.context("the fake provider ended at once")?;
    let port = line.strip_prefix("PORT=").and_then(|port| port.parse().ok()).with_context(|| format!("the fake provider said {line:?}"))?;
    Ok((child, port))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
