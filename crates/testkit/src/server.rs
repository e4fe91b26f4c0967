//! The real server: on free ports of loopback, with a data directory of its own and an admin, gone when dropped.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use mc_api::{
    agent::Agent as Listed,
    auth::LoginRequest,
    event::EventFrame,
    join_token::{JoinTokenCreate, JoinTokenCreated},
    user::UserCreate,
};
use mc_client::{
    Client, Options,
    trust::{CaPin, Trust},
};
use mc_domain::{event::EventKind, role::Role};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use crate::program::{LIMIT, OURS, Program, binary, run};

/// The admin of every server here.
pub const ADMIN: &str = "admin";
/// The password of every user here.
pub const PASSWORD: &str = "a long enough password";

/// How a server is set up.
#[derive(Debug, Default)]
pub struct Setup {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    without_admin: bool,
    disk_mib: Option<u32>,
    keys_of: Option<PathBuf>,
}

impl Setup {
    /// With one more argument of `mission-control serve`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With a variable in its environment, such as `DATABASE_URL` or `MC_AGENTS__HEARTBEAT`.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Without the admin, as at a first start.
    #[must_use]
    pub const fn without_admin(mut self) -> Self {
        self.without_admin = true;
        self
    }

    /// With a data directory on a disk of its own of so many MiB, to be filled. Such a server has no admin, and does not start again.
    #[must_use]
    pub const fn disk(mut self, mib: u32) -> Self {
        self.disk_mib = Some(mib);
        self.without_admin = true;
        self
    }

    /// Another server on the database of that one, with a copy of its keys and its authority, as `docs/secrets.md` says; without an admin.
    #[must_use]
    pub fn beside(mut self, server: &Server) -> Self {
        self.keys_of = Some(server.data_dir.clone());
        self.environment.extend(server.setup.environment.iter().filter(|(name, _)| name == "DATABASE_URL").cloned());
        self.without_admin()
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it does not come up; the error holds its log.
    pub async fn start(self) -> Result<Server> {
        let dir = tempfile::Builder::new().prefix("mc-server-").tempdir()?;
        let data_dir = dir.path().join("data");
        if let Some(from) = &self.keys_of {
            copy_keys(from, &data_dir)?;
        }
        if !self.without_admin {
            let mut add = self.command(&["user", "add", "--username", ADMIN, "--role", "admin", "--password-stdin"], &data_dir)?;
            let done = run(&mut add, PASSWORD).await?;
            ensure!(done.status.success(), "the admin cannot be made: {}", String::from_utf8_lossy(&done.stderr));
        }
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (program, people, agents) = self.serve(&data_dir, nowhere, nowhere).await?;
        let data_dir = match self.disk_mib {
            // The disk is in the server's own mount namespace, where its process shows it to us.
            Some(_) => {
                Path::new("/proc").join(program.pid().context("it ended")?.to_string()).join("root").join(data_dir.strip_prefix("/")?)
            }
            None => data_dir,
        };
        Ok(Server { setup: self, program: Some(program), people, agents, data_dir, _dir: dir })
    }

    fn command(&self, arguments: &[&str], data_dir: &Path) -> Result<Command> {
        let program = binary("mission-control")?;
        let mut command = match self.disk_mib {
            None => Command::new(program),
            Some(mib) => {
                fs::create_dir_all(data_dir)?;
                let mut command = Command::new("unshare");
                command.args([
                    "--map-root-user",
                    "--mount",
                    "sh",
                    "-ec",
                    r#"mount -t tmpfs -o "size=$1" tmpfs "$2"; shift 2; exec "$@""#,
                    "sh",
                ]);
                command.arg(format!("{mib}m")).arg(data_dir).arg(program);
                command
            }
        };
        for variable in OURS {
            command.env_remove(variable);
        }
        command.args(arguments).arg("--data-dir").arg(data_dir).envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Starts it on these addresses (port 0 is any), and waits until it says where it listens.
    async fn serve(&self, data_dir: &Path, people: SocketAddr, agents: SocketAddr) -> Result<(Program, SocketAddr, SocketAddr)> {
        let (people, agents) = (people.to_string(), agents.to_string());
        let mut command = self.command(&["serve", "--listen", &people, "--agent-listen", &agents], data_dir)?;
        let mut program = Program::start("mission-control", command.args(&self.arguments))?;
        let (people, agents) = program.find(listening).await?;
        Ok((program, people, agents))
    }
}

/// Copies what servers of one database share.
fn copy_keys(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.join("keys"))?;
    for file in fs::read_dir(from.join("keys"))? {
        let file = file?;
        fs::copy(file.path(), to.join("keys").join(file.file_name()))?;
    }
    for name in ["ca.pem", "ca-cross.pem"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name))?;
        }
    }
    Ok(())
}

/// The two addresses of `listening on A for people and B for agents`.
fn listening(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let (people, rest) = line.strip_prefix("listening on ")?.split_once(" for people and ")?;
    Some((people.parse().ok()?, rest.strip_suffix(" for agents")?.parse().ok()?))
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    program: Option<Program>,
    people: SocketAddr,
    agents: SocketAddr,
    data_dir: PathBuf,
    _dir: TempDir,
}

impl Server {
    /// One with SQLite and an admin.
    ///
    /// # Errors
    /// When it does not come up; the error holds its log.
    pub async fn start() -> Result<Self> {
        Setup::default().start().await
    }

    /// `https://localhost:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.people.port())
    }

    /// Where agents dial.
    #[must_use]
    pub const fn agent_address(&self) -> SocketAddr {
        self.agents
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The certificate of its CA.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.data_dir.join("ca.pem")
    }

    /// The pin of its CA.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn ca_pin(&self) -> Result<CaPin> {
        Ok(CaPin::of(&CertificateDer::from_pem_file(self.ca_file())?))
    }

    /// Runs another command of its program on its data, such as `rotate jwt`, to the end; answers what it printed.
    ///
    /// # Errors
    /// When it fails; the error holds what it said.
    pub async fn command(&self, arguments: &[&str]) -> Result<String> {
        let done = run(&mut self.setup.command(arguments, &self.data_dir)?, "").await?;
        ensure!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// The same, ended as a crash does once this file appears in its data directory, or left alone when it never does.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn command_until(&self, arguments: &[&str], file: &str) -> Result<bool> {
        let mut child = self.setup.command(arguments, &self.data_dir)?.stdout(std::process::Stdio::null()).kill_on_drop(true).spawn()?;
        let path = self.data_dir.join(file);
        loop {
            if path.exists() {
                child.kill().await?;
                return Ok(true);
            }
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            tokio::task::yield_now().await;
        }
    }

    /// What it printed since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.as_ref().map(Program::log).unwrap_or_default()
    }

    /// The program while it runs, to wait for its lines.
    ///
    /// # Errors
    /// When it was ended.
    pub fn program(&mut self) -> Result<&mut Program> {
        self.program.as_mut().context("the server was ended")
    }

    /// A client without a session.
    ///
    /// # Errors
    /// When the CA cannot be read.
    pub fn client(&self) -> Result<Client> {
        Ok(Client::new(Options::new(self.url().parse()?, Trust::Pin(self.ca_pin()?)))?)
    }

    /// A client of a user with the usual password.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn login(&self, username: &str) -> Result<Client> {
        let client = self.client()?;
        client.auth_login(&LoginRequest { username: username.to_owned(), password: PASSWORD.to_owned() }).await?;
        Ok(client)
    }

    /// A client of the admin.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn admin(&self) -> Result<Client> {
        self.login(ADMIN).await
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn stop(&mut self) -> Result<()> {
        let mut program = self.program.take().context("the server was ended")?;
        let status = program.stop().await?;
        ensure!(status.success(), "the server ended badly ({status}):\n{}", program.log());
        Ok(())
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Errors
    /// When it was ended before.
    pub async fn kill(&mut self) -> Result<()> {
        self.program.take().context("the server was ended")?.kill().await
    }

    /// Starts it again after [`Server::stop`] or [`Server::kill`], on the same ports and data.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_again(&mut self) -> Result<()> {
        let (program, ..) = self.setup.serve(&self.data_dir, self.people, self.agents).await?;
        self.program = Some(program);
        Ok(())
    }

    /// The same, with a variable of the environment for this once.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_again_with(&mut self, name: &str, value: &str) -> Result<()> {
        self.setup.environment.push((name.to_owned(), value.to_owned()));
        let started = self.start_again().await;
        self.setup.environment.pop();
        started
    }
}

/// Makes a user with the usual password.
///
/// # Errors
/// When the server refuses.
pub async fn add_user(admin: &Client, username: &str, role: Role) -> Result<()> {
    admin
        .user_create(&UserCreate {
            username: username.to_owned(),
            password: Some(PASSWORD.to_owned()),
            role: role.into(),
            invite: false,
            display_name: String::new(),
            email: String::new(),
        })
        .await?;
    Ok(())
}

/// Makes a join token for one agent.
///
/// # Errors
/// When the server refuses.
pub async fn join_token(admin: &Client) -> Result<JoinTokenCreated> {
    Ok(admin.join_token_create(&JoinTokenCreate::default()).await?)
}

/// Waits until the agent with this name is as `wanted`, as the list and the live events show it.
///
/// # Errors
/// When it does not become so in time; the error says how it was last.
pub async fn agent_becomes(client: &Client, name: &str, wanted: impl Fn(&Listed) -> bool) -> Result<Listed> {
    let mut last = None;
    let waiting = async {
        let mut events = client.event_follow(None).await?;
        match client.agent_show(name).await {
            Ok(detail) if wanted(&detail.agent) => return anyhow::Ok(detail.agent),
            Ok(detail) => last = Some(detail.agent),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        while let Some(frame) = events.next().await? {
            let EventFrame::Events { events, .. } = frame else { continue };
            for event in events.iter().filter(|event| event.kind == EventKind::AgentChanged) {
                let agent: Listed = serde_json::from_str(event.data.get())?;
                if agent.name == name {
                    if wanted(&agent) {
                        return Ok(agent);
                    }
                    last = Some(agent);
                }
            }
        }
        anyhow::bail!("the live events ended")
    };
    let waited = timeout(LIMIT, Box::pin(waiting)).await;
    waited
        .unwrap_or_else(|_| Err(anyhow::anyhow!("agent {name} did not become as wanted in time")))
        .with_context(|| format!("last seen: {last:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_words_tell_its_ports() {
        let (people, agents) = listening("listening on 127.0.0.1:4001 for people and 127.0.0.1:4002 for agents").expect("two addresses");
        assert_eq!((people.port(), agents.port()), (4001, 4002));
        assert!(listening("Mission Control is ready at https://localhost:4001").is_none());
    }
}
