//! A kubectl that central asks for, in a sandbox, whose API server is central's door.
//!
//! Nothing here reads its arguments: whatever they say, it has no credential but one that is good at that door during this run, no file of this
//! machine's, and no other address to speak to. What it asks of the cluster is judged where every client's requests are, as the caller's.

mod child;
mod home;
mod lock;

use std::{path::PathBuf, sync::Arc, time::Duration};

use mc_process::sandbox::{self, Guard, Sandbox};
use mc_wire::v1::{self, tunnel_failed::Reason, tunnel_frame::Frame};
use tokio::sync::Semaphore;

use self::{
    child::{Child, Ended, Start},
    home::Home,
    lock::Lock,
};
use crate::{
    config::{KubectlConfig, KubernetesConfig},
    identity::DataDir,
    tunnel::{Doors, Failure, Inbox, Outbox},
};

/// Folders of runs, in the data directory.
const HOMES: &str = "kubectl";
/// Descriptors and memory are the sandbox's to bound; this bounds what it is started with.
const ARGUMENTS_MAX_BYTES: usize = 128 * 1024;
const MEGABYTE: u64 = 1024 * 1024;

/// Runs kubectls.
#[derive(Clone)]
pub(crate) struct Kubectl(Arc<Shared>);

struct Shared {
    allowed: bool,
    cluster: String,
    config: KubectlConfig,
    homes: PathBuf,
    places: Semaphore,
}

impl Kubectl {
    pub(crate) fn new(config: &KubernetesConfig, dir: &DataDir) -> Self {
        let homes = dir.path().join(HOMES);
        // What an agent left behind that was ended in the middle of a run; most often there is nothing.
        let _ = std::fs::remove_dir_all(&homes);
        if config.allow.kubectl {
            for line in concerns(&config.kubectl) {
                tracing::warn!("{line}");
            }
        }
        Self(Arc::new(Shared {
            allowed: config.allow.kubectl,
            cluster: config.cluster.to_string(),
            config: config.kubectl.clone(),
            homes,
            places: Semaphore::new(config.kubectl.at_once),
        }))
    }

    /// Runs one to its end. Central letting go ends it at once.
    pub(crate) async fn serve(&self, asked: v1::Kubectl, doors: Doors, mut inbox: Inbox, outbox: &Outbox) -> Result<(), Failure> {
        let cannot = |what: &str, error: &dyn std::fmt::Display| {
            Failure::new(Reason::Unreachable, format!("kubectl cannot be run: {what}: {error}"))
        };
        let program = self.check(&asked)?;
        let too_many =
            |_| Failure::new(Reason::Busy, format!("{} kubectls run here already: try again when one has ended", self.0.config.at_once));
        let _place = self.0.places.try_acquire().map_err(too_many)?;
        let lock = Lock::open().await.map_err(|error| cannot("its way to central", &error))?;
        let home = Home::make(&self.0.homes).map_err(|error| cannot("its folder", &error))?;
        home.furnish(&asked.cluster, &asked.secret, lock.port, &lock.certificate).map_err(|error| cannot("its folder", &error))?;
        let config = &self.0.config;
        let start = Start {
            sandbox: Sandbox {
                dir: home.path().to_owned(),
                readable: config.readable.clone(),
                port: lock.port,
                cpu_seconds: config.cpu_seconds,
                memory_bytes: config.memory_mb * MEGABYTE,
                file_bytes: config.output_mb.max(16) * MEGABYTE,
                terminal: asked.terminal.is_some(),
                unguarded: config.without_landlock,
            },
            program,
            arguments: asked.arguments,
            stdin: asked.stdin,
            terminal: asked.terminal,
        };
        let time = if start.terminal.is_some() { config.terminal_time } else { config.time };
        let mut child = Child::start(&start).map_err(|error| cannot("it does not start", &error))?;
        if outbox.say(Frame::Started(v1::KubectlStarted {})).await.is_err() {
            return Ok(());
        }
        // Whatever ends first ends the others: a child that is dropped is killed, with all it started.
        let ended = tokio::select! {
            ended = child.run(&mut inbox, outbox, config.output_mb * MEGABYTE) => ended,
            () = tokio::time::sleep(time) => Ended::Cut(format!("it ran longer than the {} that this agent's owner allows", words(time))),
            never = lock.serve(&doors) => match never {},
            () = outbox.gone() => Ended::Left,
        };
        child.end().await;
        let said = match ended {
            Ended::Left => return Ok(()),
            Ended::Exited(code) => v1::KubectlEnded { exit_code: Some(code), why: String::new() },
            Ended::Cut(why) => v1::KubectlEnded { exit_code: None, why },
        };
        // Central may have let go at the last moment.
        let _ = outbox.say(Frame::Ended(said)).await;
        Ok(())
    }

    /// Whether the owner allows it; the program to run.
    fn check(&self, asked: &v1::Kubectl) -> Result<PathBuf, Failure> {
        let refuse = |text: String| Failure::new(Reason::NotAllowed, text);
        if !self.0.allowed {
            return Err(refuse("this agent's owner does not allow it: \"kubectl\" is not in kubernetes.allow".to_owned()));
        }
        if asked.cluster != self.0.cluster {
            return Err(refuse(format!("this agent looks after another cluster, {}", self.0.cluster)));
        }
        let length = asked.arguments.iter().map(String::len).sum::<usize>();
        if length > ARGUMENTS_MAX_BYTES || asked.arguments.iter().any(|argument| argument.contains('\0')) {
            return Err(refuse("these arguments cannot be given to a program".to_owned()));
        }
        if sandbox::guard() == Guard::Nothing && !self.0.config.without_landlock {
            return Err(refuse(NO_LANDLOCK.to_owned()));
        }
        self.0.config.find().map_err(|text| Failure::new(Reason::Unreachable, text))
    }
}

const NO_LANDLOCK: &str = "this machine's kernel has no Landlock, so nothing would keep a kubectl from the files of the agent: its owner may allow \
    that by without_landlock = true in [kubernetes.exec]";

/// What is less safe on this machine than it could be, a line each.
pub(crate) fn concerns(config: &KubectlConfig) -> Vec<String> {
    match (sandbox::guard(), config.without_landlock) {
        (Guard::FilesAndNetwork, _) => Vec::new(),
        (Guard::Files, _) => vec!["kubectl: this kernel's Landlock guards files, but not the network: Linux 6.7 does both".to_owned()],
        (Guard::Nothing, false) => vec![format!("kubectl: {NO_LANDLOCK}")],
        (Guard::Nothing, true) => {
            let text = "kubectl: this kernel has no Landlock: a kubectl may read what this agent may, its key and its kubeconfig included";
            vec![text.to_owned()]
        }
    }
}

fn words(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}
