//! `mission-control serve`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use super::Place;
use crate::{config::Config, log, out, serve};

/// Run the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where people and their tools connect [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where agents connect [default: 127.0.0.1:8444]
    #[arg(long, value_name = "ADDRESS")]
    agent_listen: Option<SocketAddr>,
    /// What people type to come here, when it differs from where the server listens
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// What agents dial, when it differs from where the server listens
    #[arg(long, value_name = "HOST:PORT")]
    agent_address: Option<String>,
    /// Your own certificate chain (PEM); without one the internal authority makes one
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of your own certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Get a certificate for this name from an ACME authority such as Let's Encrypt; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with = "tls_cert")]
    acme_domain: Vec<String>,
    /// The ACME authority's directory [default: Let's Encrypt]
    #[arg(long, value_name = "URL", requires = "acme_domain")]
    acme_directory: Option<String>,
    /// Where to send people from plain HTTP to HTTPS, such as 0.0.0.0:80
    #[arg(long, value_name = "ADDRESS")]
    http_redirect: Option<SocketAddr>,
}

impl Serve {
    /// Runs until told to stop.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let text = |value: Option<SocketAddr>| value.map(|address| address.to_string());
        let path = |value: &Option<PathBuf>| value.as_ref().map(|path| path.display().to_string());
        let flags = [
            ("http", "listen", text(self.listen)),
            ("agents", "listen", text(self.agent_listen)),
            ("agents", "address", self.agent_address.clone()),
            ("http", "public_url", self.public_url.clone()),
            ("http", "tls_cert", path(&self.tls_cert)),
            ("http", "tls_key", path(&self.tls_key)),
            ("http", "acme_domain", Some(self.acme_domain.join(",")).filter(|names| !names.is_empty())),
            ("http", "acme_directory", self.acme_directory.clone()),
            ("http", "redirect", text(self.http_redirect)),
        ];
        let config = Config::load(self.place.config.as_deref(), &flags)?;
        let lines = log::start(&config.log)?;
        let running = serve::start(&config, self.place.data_dir, lines).await?;
        out::line(&format!("Mission Control is ready at {}", running.app.settings().public_url));
        out::line(&format!("listening on {} for people and {} for agents", running.http, running.agents));
        if let Some(redirect) = running.redirect {
            out::line(&format!("sending plain HTTP on {redirect} to HTTPS"));
        }
        out::line(&format!("the internal authority's pin, for mc login --ca-pin: {}", running.app.ca().pin()));
        setup_link(&running);
        running.until_told_to_stop().await
    }
}

/// Prints the one-time link while no user exists.
pub(super) fn setup_link(running: &serve::Running) {
    use secrecy::ExposeSecret;
    if let Some(token) = running.app.setup_token() {
        out::line("No user exists yet. Make the first admin here (the link works once):");
        out::line(&format!("  {}/setup#token={}", running.app.settings().public_url, token.expose_secret()));
    }
}
