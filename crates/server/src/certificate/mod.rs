//! The certificate that people see: from files that are watched, from an ACME authority, or from our own.

pub(crate) mod acme;
mod watch;

use std::sync::Arc;

use mc_app::App;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config::Config, tls};

/// The certificate for people as the configuration wants it, kept fresh until `stop`. `own` is the one of the internal authority.
pub(crate) fn for_people(
    config: &Config,
    app: &Arc<App>,
    own: &Arc<tls::Certificate>,
    stop: &CancellationToken,
    tracker: &TaskTracker,
) -> anyhow::Result<Arc<tls::Certificate>> {
    if let Some((cert, key)) = config.http.tls_cert.clone().zip(config.http.tls_key.clone()) {
        let certificate = tls::Certificate::new(tls::read(&cert, &key)?)?;
        tracker.spawn(watch::files(Arc::clone(app), Arc::clone(&certificate), cert, key, stop.clone()));
        return Ok(certificate);
    }
    if !config.http.acme_domain.is_empty() {
        return acme::keep(config, app, own, stop, tracker);
    }
    Ok(Arc::clone(own))
}
