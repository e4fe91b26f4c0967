//! What every command has at hand: the environment, the output, the clock, and the way to a client.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc};

use mc_client::{
    Client, Download, Options,
    session::{MemoryStore, SessionStore},
    trust::Trust,
};
use mc_domain::time::{Clock as _, SystemClock, Time};

use crate::{
    args::Global,
    config::{Config, Context},
    context::FileStore,
    environment::Environment,
    failure::{Exit, Failure},
    out::Out,
};

/// The program while one command runs.
pub(crate) struct App {
    pub(crate) environment: Environment,
    pub(crate) out: Out,
    /// The context named on the command line.
    pub(crate) context: Option<String>,
}

impl App {
    pub(crate) fn new(environment: Environment, global: &Global) -> Self {
        let out = Out::new(&environment, global);
        Self { environment, out, context: global.context.clone() }
    }

    pub(crate) fn now(&self) -> Time {
        SystemClock.now()
    }

    /// The context to use and its name: the one named, else the environment's, else the current one. A token of the environment goes
    /// before what the context holds.
    pub(crate) fn chosen(&self) -> Result<(String, Context), Failure> {
        let (name, mut context) = match (&self.context, &self.environment.server) {
            (None, Some(context)) => ("environment".to_owned(), context.clone()),
            _ => self.configured()?,
        };
        if let Some(token) = &self.environment.token {
            context.token = Some(token.clone());
        }
        Ok((name, context))
    }

    fn configured(&self) -> Result<(String, Context), Failure> {
        let program = self.environment.program;
        let config = Config::load(self.environment.config_path()?)?;
        match (config.pick(self.context.as_deref()), &self.context) {
            (Some((name, context)), _) => Ok((name.to_owned(), context.clone())),
            (None, Some(named)) => {
                Err(Failure::new(Exit::NotFound, format!("no context named {named}; `{program} contexts list` shows them")))
            }
            (None, None) => {
                Err(Failure::new(Exit::NotLoggedIn, format!("not logged in: run `{program} login --server https://HOST:8443`")))
            }
        }
    }

    /// A client with the session of the chosen context.
    pub(crate) fn connect(&self) -> Result<Client, Failure> {
        let (name, context) = self.chosen()?;
        if context.token.is_some() {
            return self.client(&context, Arc::new(MemoryStore::default()));
        }
        if context.tokens.is_none() {
            let with = self.context.as_ref().map(|name| format!(" --context {name}")).unwrap_or_default();
            let text = format!("not logged in to {}: run `{} login{with}`", context.server, self.environment.program);
            return Err(Failure::new(Exit::NotLoggedIn, text));
        }
        let store = FileStore::existing(self.environment.config_path()?.to_owned(), &name, context.clone());
        self.client(&context, Arc::new(store))
    }

    /// A client for a context's server that keeps its session in `store`.
    pub(crate) fn client(&self, context: &Context, store: Arc<dyn SessionStore>) -> Result<Client, Failure> {
        let mut options = Options::new(context.server.parse()?, trust_of(context)?);
        options.store = store;
        options.token = context.token.as_ref().map(|token| token.0.clone().into());
        options.user_agent = concat!("mc/", env!("CARGO_PKG_VERSION")).to_owned();
        Ok(Client::new(options)?)
    }

    /// Writes a download to stdout, or to a file that did not exist. What was written of a file that breaks off is removed again.
    pub(crate) async fn save(&self, mut download: Download, file: Option<&Path>) -> Result<(), Failure> {
        let Some(path) = file else {
            while let Some(piece) = download.next().await? {
                self.out.bytes(&piece)?;
            }
            return Ok(());
        };
        let bad = |error: std::io::Error| Failure::failed(format!("cannot write {}: {error}", path.display()));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(bad)?;
        let mut size = 0;
        let written: Result<(), Failure> = async {
            while let Some(piece) = download.next().await? {
                file.write_all(&piece).map_err(bad)?;
                size += piece.len();
            }
            file.sync_all().map_err(bad)
        }
        .await;
        if written.is_err() {
            let _ = std::fs::remove_file(path);
        }
        written?;
        self.out.note(&format!("{size} bytes written to {}", path.display()));
        Ok(())
    }
}

fn trust_of(context: &Context) -> Result<Trust, Failure> {
    if let Some(pin) = &context.ca_pin {
        return pin.parse().map(Trust::Pin).map_err(|error: mc_client::trust::NotAPin| Failure::usage(error.to_string()));
    }
    match &context.ca_file {
        Some(path) => Ok(Trust::from_ca_file(path)?),
        None => Ok(Trust::System),
    }
}
