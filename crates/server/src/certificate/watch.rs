//! An operator's own certificate, read again when its files change: whatever renews it needs to tell nobody.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mc_app::App;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::tls;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(5);
/// What the warning is called.
const WARNING: &str = "certificate_files";

/// Puts what the files hold into force when they change, until `stop`. A pair that does not fit, as while one of the two is being written,
/// changes nothing.
pub(super) async fn files(app: Arc<App>, certificate: Arc<tls::Certificate>, cert: PathBuf, key: PathBuf, stop: CancellationToken) {
    let mut in_force = content(&cert, &key);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let now = content(&cert, &key);
        if now == in_force {
            continue;
        }
        match tls::read(&cert, &key).and_then(|fresh| certificate.replace(fresh)) {
            Ok(()) => {
                tracing::info!(file = %cert.display(), "the certificate was read again");
                app.warn(WARNING, None);
                in_force = now;
            }
            Err(error) => app.warn(WARNING, Some(format!("the certificate's files changed and cannot be used: {error:#}"))),
        }
    }
}

/// What the files hold; `None` when one of them cannot be read.
fn content(cert: &Path, key: &Path) -> Option<(Vec<u8>, [u8; 32])> {
    // Of the key only its hash is kept.
    Some((fs::read(cert).ok()?, Sha256::digest(fs::read(key).ok()?).into()))
}
