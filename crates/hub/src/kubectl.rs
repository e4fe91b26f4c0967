//! A kubectl that an agent runs for a caller of central: what goes in and comes out, and the connections it opens to its API server.
//!
//! The API server it knows is central's own door. Each connection it opens there comes back to us as a tunnel of its own, which belongs to this
//! run and to no other: whoever serves the run serves its doors, and when the run is dropped they end with it.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use dashmap::DashMap;
use mc_domain::id::AgentId;
use mc_wire::v1::{self, open_tunnel::Target, tunnel_frame::Frame};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    Hub,
    tunnel::{Tunnel, TunnelError, TunnelReader, TunnelWriter},
};

/// Connections of one run that wait to be served.
const DOORS_WAITING: usize = 16;

/// What to run.
#[derive(Clone)]
pub struct Kubectl {
    /// Its arguments, without its name. May hold secrets.
    pub arguments: Vec<String>,
    /// The cluster's name, as the door knows it.
    pub cluster: String,
    /// What its requests show at the door.
    pub secret: String,
    /// Whether anything comes for its standard input.
    pub stdin: bool,
    /// Columns and rows of the terminal it gets, if it gets one.
    pub terminal: Option<(u16, u16)>,
}

impl fmt::Debug for Kubectl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kubectl").field("cluster", &self.cluster).field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

impl From<Kubectl> for Target {
    fn from(kubectl: Kubectl) -> Self {
        Self::Kubectl(v1::Kubectl {
            arguments: kubectl.arguments,
            cluster: kubectl.cluster,
            secret: kubectl.secret,
            stdin: kubectl.stdin,
            terminal: kubectl.terminal.map(size),
        })
    }
}

fn size((columns, rows): (u16, u16)) -> v1::TerminalSize {
    v1::TerminalSize { columns: columns.into(), rows: rows.into() }
}

/// What a run says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunFrame {
    /// On its standard output, or its terminal.
    Stdout(Bytes),
    /// On its standard error.
    Stderr(Bytes),
    /// It ended by itself, with this code.
    Exited(i32),
    /// It was ended; why.
    Cut(String),
}

/// The runs that agents may open doors for.
#[derive(Default)]
pub(crate) struct Runs(DashMap<Uuid, (AgentId, mpsc::Sender<Tunnel>)>);

impl Runs {
    /// Where connections of this run go, when this agent runs it.
    pub(crate) fn doors(&self, agent: AgentId, run: Uuid) -> Option<mpsc::Sender<Tunnel>> {
        self.0.get(&run).filter(|run| run.0 == agent).map(|run| run.1.clone())
    }
}

/// A run's entry, taken out when dropped.
struct Entry {
    runs: Arc<Runs>,
    id: Uuid,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.runs.0.remove(&self.id);
    }
}

/// A run. Dropped before its end, it ends what runs.
pub struct Run {
    /// What it says.
    pub reader: RunReader,
    /// What it is told.
    pub writer: RunWriter,
    /// The connections it opens to its API server.
    pub doors: mpsc::Receiver<Tunnel>,
}

/// What a run says.
pub struct RunReader {
    reader: TunnelReader,
    _entry: Entry,
}

/// What a run is told.
#[derive(Clone)]
pub struct RunWriter(TunnelWriter);

impl RunReader {
    /// What it says next. After [`RunFrame::Exited`] or [`RunFrame::Cut`] comes nothing more.
    ///
    /// # Errors
    /// When the agent was lost.
    pub async fn next(&mut self) -> Result<RunFrame, TunnelError> {
        match self.reader.frame().await? {
            Frame::Data(data) => Ok(RunFrame::Stdout(data)),
            Frame::Stderr(data) => Ok(RunFrame::Stderr(data)),
            Frame::Ended(v1::KubectlEnded { exit_code: Some(code), .. }) => Ok(RunFrame::Exited(code)),
            Frame::Ended(v1::KubectlEnded { exit_code: None, why }) => Ok(RunFrame::Cut(mc_wire::convert::cut(&why, 300))),
            _ => Err(TunnelError::Broken),
        }
    }
}

impl RunWriter {
    /// Sends something to its standard input. Waits while it does not read.
    ///
    /// # Errors
    /// When the agent was lost.
    pub async fn stdin(&self, data: Bytes) -> Result<(), TunnelError> {
        self.0.data(data).await
    }

    /// Says that nothing more comes to its standard input.
    ///
    /// # Errors
    /// When the agent was lost.
    pub async fn end(&self) -> Result<(), TunnelError> {
        self.0.end().await
    }

    /// Says how large its terminal is now.
    ///
    /// # Errors
    /// When the agent was lost.
    pub async fn resize(&self, columns: u16, rows: u16) -> Result<(), TunnelError> {
        self.0.send(Frame::Size(size((columns, rows)))).await
    }
}

impl Hub {
    /// Has an agent run a kubectl. It runs when this returns.
    ///
    /// # Errors
    /// When the agent is not linked, does not answer, or cannot or may not run it.
    pub async fn run_kubectl(&self, agent: AgentId, kubectl: Kubectl) -> Result<Run, TunnelError> {
        let id = Uuid::now_v7();
        let (opened, doors) = mpsc::channel(DOORS_WAITING);
        let runs = Arc::clone(&self.tunnels.runs);
        runs.0.insert(id, (agent, opened));
        let entry = Entry { runs, id };
        let Tunnel { mut reader, writer } = self.open(agent, id, kubectl.into()).await?;
        match reader.frame().await? {
            Frame::Started(_) => Ok(Run { reader: RunReader { reader, _entry: entry }, writer: RunWriter(writer), doors }),
            _ => Err(TunnelError::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_agent_that_runs_it_opens_doors_for_it_and_only_while_it_runs() {
        let (runs, id, agent) = (Arc::new(Runs::default()), Uuid::now_v7(), AgentId::new());
        runs.0.insert(id, (agent, mpsc::channel(1).0));
        let entry = Entry { runs: Arc::clone(&runs), id };
        assert!(runs.doors(agent, id).is_some());
        assert!(runs.doors(AgentId::new(), id).is_none());
        assert!(runs.doors(agent, Uuid::now_v7()).is_none());
        drop(entry);
        assert!(runs.doors(agent, id).is_none());
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let kubectl = Kubectl {
            arguments: vec!["--token=hunter2".to_owned()],
            cluster: "dev".to_owned(),
            secret: "hunter2".to_owned(),
            stdin: false,
            terminal: None,
        };
        assert!(!format!("{kubectl:?}").contains("hunter2"));
    }
}
