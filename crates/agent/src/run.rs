//! `mc-agent run`: everything put together, from the lock on the data directory to the goodbye.

use std::{path::Path, sync::Arc, time::Duration};

use mc_domain::{
    cluster::ClusterReport,
    id::InstanceId,
    time::{Clock, SystemClock},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    about,
    capabilities::{
        cluster,
        host::{EVERY, Host, Measured},
        kubectl::Kubectl,
        kubernetes::Kubernetes,
        logs::{self, Parse},
        openclaw::Around,
        usage::Usage,
        workload::WorkloadHandle,
    },
    commands::Commands,
    config::{Config, ConfigError},
    identity::{DataDir, IdentityError},
    link::Link,
    renew,
    spool::Spool,
    status::{self, LinkStatus},
    telemetry::Collector,
    tunnel::Tunnels,
};

/// Rates need a moment of their own; the first sample comes soon, so that a new agent is not an empty page.
const FIRST_SAMPLE: Duration = Duration::from_secs(1);
/// How long the last logs may take to reach the spool.
const LAST_FLUSH: Duration = Duration::from_secs(2);

/// Why the agent does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
}

/// Runs until SIGTERM, SIGINT or SIGHUP.
pub(crate) async fn run(data_dir: &Path, config_file: Option<&Path>) -> Result<(), RunError> {
    let dir = DataDir::joined(data_dir)?;
    let config = Config::load(config_file, data_dir)?;
    let identity = dir.identity()?;
    let _lock = dir.lock()?;
    let stop = stop_signal()?;
    for name in &config.allow.unused {
        tracing::warn!("allow.{name} is granted, but this version of the agent does not offer it");
    }
    if config.name.as_ref().is_some_and(|name| *name != identity.file.name) {
        tracing::warn!("the configuration's name is not the joined one, {}: rename agents with `mc agents rename`", identity.file.name);
    }
    tracing::info!(name = %identity.file.name, server = %identity.file.server, kind = config.kind().as_str(), "mc-agent begins");

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let spool = Spool::open(&dir.file("spool.redb"), config.spool_max_bytes);
    let (collector, collecting) = Collector::start(spool.clone());
    let (measured, last_measured) = watch::channel(Measured::default());
    let around = Around { dir: &dir, spool: &spool, collector: &collector, clock: &clock };
    let (workload, mut followers) = WorkloadHandle::start(&config, &around, last_measured);
    for log in &config.logs {
        followers.push(logs::follow(log.path.clone(), Parse::Usual(log.format), &spool, &collector, &clock));
    }
    let (progress, told) = mpsc::channel(64);
    let commands = Commands::start(config.allow.actions.clone(), workload.clone(), spool.clone(), progress);
    let (link_status, link_seen) = watch::channel(LinkStatus::default());
    let (renewing, renewed) = watch::channel(());
    let kubernetes = config.kubernetes.as_ref().map(Kubernetes::new);
    let cluster = kubernetes.clone().zip(config.kubernetes.as_ref()).map(|(kubernetes, config)| {
        let (report, reported) = watch::channel(ClusterReport { trouble: "not looked at yet".to_owned(), ..ClusterReport::default() });
        tokio::spawn(cluster::look(kubernetes, report));
        (config.cluster.clone(), reported)
    });
    let kubectl = config.kubernetes.as_ref().map(|config| Kubectl::new(config, &dir));
    let tunnels = Tunnels::new(dir.clone(), kubernetes, kubectl, renewed.clone());
    let goodbye = CancellationToken::new();
    let link = Link {
        dir: dir.clone(),
        about: about::identity(&config),
        instance: InstanceId::new(),
        clock: Arc::clone(&clock),
        spool: spool.clone(),
        commands,
        tunnels,
        workload: workload.watch(),
        cluster,
        progress: told,
        status: link_status,
        renewed,
        goodbye: goodbye.clone(),
    };
    let linking = tokio::spawn(link.run());
    let helpers = [
        tokio::spawn(sample(dir.clone(), workload.clone(), collector.clone(), Arc::clone(&clock), measured)),
        tokio::spawn(renew::keep(dir.clone(), Arc::clone(&clock), renewing)),
        tokio::spawn(status::keep(dir.clone(), link_seen, workload.watch(), spool.watch())),
    ];

    let reason = stop.await;
    tracing::info!("{reason}: stopping");
    workload.quit().await;
    helpers.iter().chain(&followers).for_each(JoinHandle::abort);
    drop(collector);
    drop(workload);
    // Tasks that still hold the collector are only the output of what was just stopped.
    let _ = tokio::time::timeout(LAST_FLUSH, collecting).await;
    goodbye.cancel();
    if linking.await.is_err() {
        tracing::error!("the link's task ended badly");
    }
    Ok(())
}

/// Resolves with the signal's name. Listening begins at once, so that no early signal is missed.
fn stop_signal() -> Result<impl Future<Output = &'static str>, RunError> {
    let mut term = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(RunError::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
            _ = hangup.recv() => "SIGHUP",
        }
    })
}

async fn sample(dir: DataDir, workload: WorkloadHandle, collector: Collector, clock: Arc<dyn Clock>, measured: watch::Sender<Measured>) {
    let mut host = Host::new(dir.path().to_owned());
    let mut usage = Usage::new();
    let mut lines = 0;
    let mut every = FIRST_SAMPLE;
    loop {
        tokio::time::sleep(every).await;
        let now = host.measure();
        measured.send_replace(now);
        let seen = collector.lines_seen();
        let per_second = crate::capabilities::host::real(seen.saturating_sub(lines)) / every.as_secs_f64();
        lines = seen;
        let mut more = vec![("log_lines_per_second", per_second)];
        if let Some(processes) = workload.processes() {
            more.extend(usage.measure(&processes));
        }
        collector.sample(now.sample(clock.now(), &more)).await;
        every = EVERY;
    }
}
