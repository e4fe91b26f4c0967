//! Bringing the server up, and down again without losing anything.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use arc_swap::ArcSwap;
use mc_app::App;
use mc_domain::time::{Clock, SystemClock};
use mc_store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{certificate, config::Config, grpc, http, log, redirect, tls};

/// Over how long agents spread their return when the server ends.
const RETURN_SPREAD: Duration = Duration::from_secs(5);
/// How often the server's own certificate is made anew.
const CERTIFICATE_EVERY: Duration = Duration::from_secs(86_400);

/// A running server.
pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) http: SocketAddr,
    pub(crate) agents: SocketAddr,
    /// Where plain HTTP is sent to HTTPS, if anywhere.
    pub(crate) redirect: Option<SocketAddr>,
    terminate: Signal,
    stop: CancellationToken,
    tracker: TaskTracker,
}

/// Opens the database of a configuration.
pub(crate) async fn open_store(config: &Config, data_dir: &std::path::Path) -> anyhow::Result<Store> {
    let options = mc_store::Options {
        database_url: config.database.url.clone(),
        data_dir: data_dir.to_owned(),
        accept_new_audit_key: config.audit.accept_new_key,
    };
    let which =
        if options.database_url.is_some() { "the database of DATABASE_URL cannot be opened" } else { "the database cannot be opened" };
    Store::open(&options).await.context(which)
}

async fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for {what}: is another server running? choose another port"))
}

/// As many open files as the system lets us have: each agent is one.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // When it cannot be raised, the limit simply stays; `accept` says so when it is met.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Starts everything. Both ports are bound when this returns.
pub(crate) async fn start(config: &Config, data_dir: PathBuf, lines: log::Lines) -> anyhow::Result<Running> {
    // Listened for before anybody can see that the server is ready, and tell it to end at once.
    let terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    raise_open_files();
    std::fs::create_dir_all(&data_dir).with_context(|| format!("cannot make the data directory {}", data_dir.display()))?;
    let people = bind(config.http.listen, "people").await?;
    let agents = bind(config.agents.listen, "agents").await?;
    let redirect = match config.http.redirect {
        Some(address) => Some(bind(address, "plain HTTP").await?),
        None => None,
    };
    let (http_address, agent_address) = (people.local_addr()?, agents.local_addr()?);
    let redirect_address = redirect.as_ref().map(TcpListener::local_addr).transpose()?;
    let store = open_store(config, &data_dir).await?;
    let app = App::start(config.settings(data_dir, http_address, agent_address)?, store, Arc::new(SystemClock)).await?;
    app.keys_compare(config.auth.accept_new_keys).await?;
    let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
    tokio::spawn(log::keep(Arc::clone(&app), lines));

    let names = config.certificate_names();
    let for_agents = tls::Certificate::new(app.ca().server_certificate(&names, app.now())?)?;
    let for_people = certificate::for_people(config, &app, &for_agents, &stop, &tracker)?;
    let shared = http::Http::new(Arc::clone(&app), config.people(), stop.clone());
    let people_tls = tls::for_people(for_people, !config.http.acme_domain.is_empty());
    let accepted = tls::accept(people, Arc::new(ArcSwap::from_pointee(people_tls)));
    if let Some(listener) = redirect {
        tracker.spawn(redirect::serve(listener, app.settings().public_url.clone(), stop.clone()));
    }
    tracker.spawn(http::serve(accepted, http::router(shared), stop.clone()));
    let settings = Arc::new(ArcSwap::from_pointee(agents_tls(&app, Arc::clone(&for_agents))?));
    let accepted = tls::accept(agents, Arc::clone(&settings));
    tracker.spawn(renew(Arc::clone(&app), for_agents, settings, names, stop.clone()));
    let (agent_app, agent_stop, known_within) = (Arc::clone(&app), stop.clone(), config.agents.known_within);
    tracker.spawn(async move {
        if let Err(error) = Box::pin(grpc::serve(agent_app, accepted, known_within, agent_stop)).await {
            tracing::error!(%error, "the agents' port stopped serving");
        }
    });
    mc_app::tasks::start(&app, &stop, &tracker);
    tracing::info!(https = %http_address, agents = %agent_address, version = env!("CARGO_PKG_VERSION"), "ready");
    Ok(Running { app, http: http_address, agents: agent_address, redirect: redirect_address, terminate, stop, tracker })
}

/// TLS for agents as the authority is now.
fn agents_tls(app: &App, certificate: Arc<tls::Certificate>) -> anyhow::Result<rustls::ServerConfig> {
    tls::for_agents(certificate, app.ca().client_roots(app.now(), app.settings().certificate_life))
}

/// Makes the server's own certificate anew: long before it ends, and when the authority was replaced.
async fn renew(app: Arc<App>, certificate: Arc<tls::Certificate>, settings: tls::Settings, names: Vec<String>, stop: CancellationToken) {
    let mut authority = app.ca_changes();
    loop {
        tokio::select! {
            () = tokio::time::sleep(CERTIFICATE_EVERY) => {}
            changed = authority.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
        let anew = || {
            // Whom to believe first: an agent that was told of the new authority may come back at once.
            settings.store(Arc::new(agents_tls(&app, Arc::clone(&certificate))?));
            certificate.replace(app.ca().server_certificate(&names, app.now())?)
        };
        let renewed: anyhow::Result<()> = anew();
        if let Err(error) = renewed {
            tracing::error!(%error, "the server's certificate could not be made anew; it is tried again tomorrow");
        }
    }
}

impl Running {
    /// Waits for the first signal to end, then ends in order: no new work, agents told to come back, requests finished, presence stored.
    pub(crate) async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            interrupt = tokio::signal::ctrl_c() => interrupt?,
        }
        self.stop().await;
        Ok(())
    }

    /// Ends in order.
    pub(crate) async fn stop(self) {
        tracing::info!("draining: agents are told to come back, requests under way finish");
        self.app.hub().drain(RETURN_SPREAD);
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(Duration::from_secs(15), self.tracker.wait()).await.is_err() {
            tracing::warn!("some work did not end in time and was cut off");
        }
        self.app.settle().await;
        self.app.store().close().await;
    }

    /// The time, for those who start things beside the server.
    pub(crate) fn now(&self) -> mc_domain::time::Time {
        SystemClock.now()
    }
}
