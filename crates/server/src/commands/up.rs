//! `mission-control up`: a first look, with an agent on this machine.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use mc_app::fleet::join_token::JoinTokenWish;
use mc_domain::{actor::Actor, ctx::Ctx, id::RequestId};
use secrecy::ExposeSecret;
use tokio::process::{Child, Command};

use super::{Place, serve::setup_link};
use crate::{config::Config, log, out, serve, serve::Running};

/// How long the agent gets to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(10);

/// A first look: the server plus one agent on this machine.
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    place: Place,
    /// Where people connect [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where agents connect [default: 127.0.0.1:8444]
    #[arg(long, value_name = "ADDRESS")]
    agent_listen: Option<SocketAddr>,
}

impl Up {
    /// Runs until told to stop.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let text = |value: Option<SocketAddr>| value.map(|address| address.to_string());
        let flags = [("http", "listen", text(self.listen)), ("agents", "listen", text(self.agent_listen))];
        let mut config = Config::load(self.place.config.as_deref(), &flags)?;
        if crate::config::variable("MC_LOG").is_none() {
            // A newcomer reads the link, not the log; warnings still show.
            "warn".clone_into(&mut config.log.filter);
        }
        let lines = log::start(&config.log)?;
        let running = serve::start(&config, self.place.data_dir.clone(), lines).await?;
        let mut agent = agent(&running, &self.place.data_dir.join("agent")).await?;
        out::line(&format!("Mission Control is ready at {}", running.app.settings().public_url));
        setup_link(&running);
        out::line(&format!(
            "Your browser will warn about the certificate: it is of this server's own authority, {}",
            running.app.ca().pin()
        ));
        out::line("Press Ctrl-C to stop.");
        let stopped = running.until_told_to_stop().await;
        end(&mut agent).await;
        stopped
    }
}

/// Joins an agent of this machine, once, and runs it.
async fn agent(running: &Running, data_dir: &Path) -> anyhow::Result<Child> {
    let program = std::env::current_exe()?.with_file_name("mc-agent");
    if !program.exists() {
        bail!("mc-agent is not beside this program ({}): build it with `make build`", program.display());
    }
    if !data_dir.join("identity.json").exists() {
        join(running, &program, data_dir).await?;
    }
    let mut run = Command::new(&program);
    run.arg("run").arg("--data-dir").arg(data_dir).stdin(Stdio::null()).kill_on_drop(true);
    if crate::config::variable("MC_LOG").is_none() {
        run.env("MC_LOG", "warn");
    }
    run.spawn().context("mc-agent does not start")
}

async fn join(running: &Running, program: &Path, data_dir: &Path) -> anyhow::Result<()> {
    let ctx = Ctx { actor: Actor::Console, request_id: RequestId::new(), address: None, now: running.now() };
    let wish = JoinTokenWish { life: Duration::from_secs(300), tags: vec!["this-machine".to_owned()], ..JoinTokenWish::default() };
    let token = running.app.join_token_create(&ctx, wish).await?;
    let joined = Command::new(program)
        .args(["join", "--server", &format!("127.0.0.1:{}", running.agents.port()), "--ca-pin", &running.app.ca().pin()])
        .arg("--data-dir")
        .arg(data_dir)
        // In the environment, not in the arguments: those are for everybody on the machine to read.
        .env("MC_JOIN_TOKEN", token.secret.expose_secret())
        .stdin(Stdio::null())
        .output()
        .await
        .context("mc-agent does not start")?;
    if !joined.status.success() {
        bail!("this machine's agent could not join: {}", String::from_utf8_lossy(&joined.stderr).trim());
    }
    Ok(())
}

async fn end(agent: &mut Child) {
    if let Some(pid) = agent.id().and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).unwrap_or(0))) {
        // It may have ended by itself: Ctrl-C reaches the whole process group.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    if tokio::time::timeout(GOODBYE_WITHIN, agent.wait()).await.is_err() {
        let _ = agent.kill().await;
    }
}
