//! A kubectl that a cluster's agent runs for a caller.
//!
//! To run one is no right of its own: whoever knows the cluster may, and whatever it asks of the cluster comes to the same door as everybody's
//! requests and is judged there as the caller's. The agent is given no credential of the caller's. What the kubectl shows is a secret made for
//! this run, which opens the door only on the connections that the agent opens for it, and only while it runs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dashmap::DashMap;
use mc_domain::{
    action::KubeRequest,
    audit::{AuditEntry, AuditResult},
    cluster::Cluster,
    ctx::Ctx,
    id::RequestId,
    time::Time,
};
use mc_hub::{Kubectl, Run, TunnelError, TunnelFailure};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::{command, credential::Guest};
use crate::{App, error::AppError, identity::session::UNAUTHENTICATED, secret};

/// The action's name in the audit trail.
/// What a run's secret begins with.
const SECRET_PREFIX: &str = "mck_";
/// How many one caller may have running at a time.
const OF_ONE_CALLER: usize = 8;
/// How many of one agent's may run at a time.
const OF_ONE_AGENT: usize = 32;

/// What to run.
#[derive(Debug, Clone)]
pub struct ExecWish {
    /// The arguments, with or without `kubectl` before them.
    pub command: Vec<String>,
    /// Whether anything comes for its standard input.
    pub stdin: bool,
    /// Columns and rows of its terminal, if it gets one.
    pub terminal: Option<(u16, u16)>,
}

/// Kubectls that run now, by whom they are counted for.
#[derive(Default)]
pub(crate) struct Execs(DashMap<String, Arc<AtomicUsize>>);

/// A place among those that may run at once, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Execs {
    fn take(&self, whose: String, most: usize) -> Option<Place> {
        // Nobody's count is kept for long: those that are at rest go when there are many.
        if self.0.len() > 10_000 {
            self.0.retain(|_, count| Arc::strong_count(count) > 1);
        }
        let place = Place(Arc::clone(self.0.entry(whose).or_default().value()));
        // Counted before it is looked at; dropping the place counts it down.
        (place.0.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

/// A kubectl that runs.
pub struct Exec {
    /// What it says and is told, and the connections it opens.
    pub run: Run,
    /// What opens the door for it.
    pub key: DoorKey,
    /// For its end.
    pub begun: Begun,
}

/// What opens the door for one run, and for whom.
#[derive(Clone)]
pub struct DoorKey(Arc<Key>);

struct Key {
    cluster: String,
    secret: SecretString,
    guest: Guest,
    request_id: RequestId,
    address: Option<String>,
}

impl DoorKey {
    fn opens(&self, cluster: &str, shown: &str) -> bool {
        self.0.cluster == cluster && bool::from(shown.as_bytes().ct_eq(self.0.secret.expose_secret().as_bytes()))
    }
}

/// What was written down when it began.
pub struct Begun {
    ctx: Ctx,
    cluster: Arc<Cluster>,
    words: String,
    _places: [Place; 2],
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecEnd {
    /// By itself, with this code.
    Exited(i32),
    /// It was ended, or lost; why.
    Cut(String),
}

impl App {
    /// Has a cluster's agent run a kubectl for the caller. It runs when this returns.
    ///
    /// # Errors
    /// When there is no such cluster for the caller, too many run, or the agent is away or may or can not.
    pub async fn cluster_exec(&self, ctx: &Ctx, cluster: &str, wish: ExecWish) -> Result<Exec, AppError> {
        self.obligations::<KubeRequest>(ctx)?;
        let cluster = self.cluster_for(ctx, cluster)?;
        let arguments = command::arguments(wish.command)?;
        let words = command::words(&arguments);
        let caller = ctx.actor.id().unwrap_or_else(|| ctx.actor.name().to_owned());
        let busy = |text: &str| AppError::conflict("busy", text);
        let mine = self.execs.take(format!("caller {caller}"), OF_ONE_CALLER);
        let mine = mine.ok_or_else(|| busy("you have too many kubectls running at once: end one, or wait for it"))?;
        let theirs = self.execs.take(format!("agent {}", cluster.agent_id), OF_ONE_AGENT);
        let theirs = theirs.ok_or_else(|| busy("too many kubectls run in this cluster at once: try again when some have ended"))?;
        let begun = Begun { ctx: ctx.clone(), cluster, words, _places: [mine, theirs] };
        // The form of a command is no matter of rights, but who tried what is written down all the same.
        let entry = begun.entry(ctx.now, AuditResult::Started).detail(begun.words.clone());
        self.recorder.record(entry).await?;
        match self.exec_begin(&begun, arguments, wish.stdin, wish.terminal).await {
            Ok((run, key)) => Ok(Exec { run, key, begun }),
            Err(error) => {
                self.cluster_exec_ended(begun, &ExecEnd::Cut(error.to_string())).await;
                Err(error)
            }
        }
    }

    async fn exec_begin(
        &self,
        begun: &Begun,
        arguments: Vec<String>,
        stdin: bool,
        terminal: Option<(u16, u16)>,
    ) -> Result<(Run, DoorKey), AppError> {
        let name = begun.cluster.name.to_string();
        command::courtesy(&name, &arguments)?;
        let guest = Guest::of(&begun.ctx).ok_or(UNAUTHENTICATED)?;
        let secret = secret::random(SECRET_PREFIX);
        let kubectl = Kubectl { arguments, cluster: name.clone(), secret: secret.expose_secret().to_owned(), stdin, terminal };
        let run = self.hub.run_kubectl(begun.cluster.agent_id, kubectl).await.map_err(|error| away(&begun.cluster, &error))?;
        let (request_id, address) = (begun.ctx.request_id, begun.ctx.address.clone());
        Ok((run, DoorKey(Arc::new(Key { cluster: name, secret, guest, request_id, address }))))
    }

    /// Who asks at the door of `cluster` and shows this: the caller of the run as of now, if it is what opens that door for it.
    ///
    /// # Errors
    /// `unauthenticated`, or when the database does not answer.
    pub async fn exec_authenticate(&self, key: &DoorKey, cluster: &str, shown: &str) -> Result<(Ctx, Guest), AppError> {
        if !key.opens(cluster, shown) {
            return Err(UNAUTHENTICATED);
        }
        Ok((self.exec_caller(key).await?, key.0.guest.clone()))
    }

    /// The caller of a run as of now. What is asked in it has the correlation id of the run.
    ///
    /// # Errors
    /// `unauthenticated` when the caller's login or token has ended, or when the database does not answer.
    pub async fn exec_caller(&self, key: &DoorKey) -> Result<Ctx, AppError> {
        self.guest(&key.0.guest, key.0.request_id, key.0.address.clone()).await
    }

    /// Writes down how it ended.
    pub async fn cluster_exec_ended(&self, begun: Begun, end: &ExecEnd) {
        let now = self.now();
        let (result, how) = match end {
            ExecEnd::Exited(0) => (AuditResult::Ok, "exit code 0".to_owned()),
            ExecEnd::Exited(code) => (AuditResult::Failed, format!("exit code {code}")),
            ExecEnd::Cut(why) => (AuditResult::Failed, why.clone()),
        };
        let detail = format!("{} → {how}", begun.words);
        let entry = begun.entry(now, result).detail(detail).took(now.since(begun.ctx.now));
        if let Err(error) = self.recorder.record(entry).await {
            tracing::error!(%error, request_id = %begun.ctx.request_id, "how a kubectl ended could not be written to the audit trail");
        }
    }
}

impl Begun {
    fn entry(&self, at: Time, result: AuditResult) -> AuditEntry {
        AuditEntry::new(&self.ctx, at, "cluster_exec", result).on("cluster", &self.cluster.name, self.cluster.name.as_str())
    }
}

fn away(cluster: &Cluster, error: &TunnelError) -> AppError {
    match error {
        TunnelError::NotLinked(_) => AppError::Unavailable(format!("the agent of cluster {} is not connected", cluster.name)),
        TunnelError::Failed(TunnelFailure::NotAllowed, text) => AppError::conflict("not_allowed_by_agent", text.clone()),
        TunnelError::Busy | TunnelError::Failed(TunnelFailure::Busy, _) => AppError::conflict("busy", error.to_string()),
        TunnelError::Failed(_, text) => AppError::conflict("exec_failed", text.clone()),
        TunnelError::Silent | TunnelError::Broken => AppError::Unavailable(format!("the agent of cluster {}: {error}", cluster.name)),
    }
}
