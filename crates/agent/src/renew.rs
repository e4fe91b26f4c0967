//! Renewal: at two thirds of the certificate's life, with jitter, and with a new key.

use std::{sync::Arc, time::Duration};

use mc_domain::time::{Clock, Time};
use mc_wire::v1::{RenewRequest, agent_link_client::AgentLinkClient};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::sync::watch;

use crate::{
    channel::{self, DialError},
    identity::{Credential, DataDir, IdentityError, key_and_request},
};

/// The first wait after a failed renewal; it doubles.
const RETRY_FIRST: Duration = Duration::from_secs(60);
const RETRY_LONGEST: Duration = Duration::from_secs(3600);
/// The clock is looked at again this often: it may have been set meanwhile.
const LOOK: Duration = Duration::from_secs(600);

/// Why a renewal failed.
#[derive(Debug, thiserror::Error)]
enum RenewError {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("central refuses: {0}")]
    Refused(String),
    #[error("central's answer holds no certificate")]
    Answer,
}

/// When a certificate is due: two thirds of its life, and up to a twentieth more by `roll` (0 to 1), so that many do not come at once.
fn due(not_before: Time, not_after: Time, roll: f64) -> Time {
    let life = not_after.since(not_before);
    not_before.after(life.mul_f64(2.0 / 3.0 + roll / 20.0))
}

/// Keeps the certificate fresh for as long as the agent runs, and says by `renewed` when there is a new one. Ends at once for an agent with an API key.
pub(crate) async fn keep(dir: DataDir, clock: Arc<dyn Clock>, renewed: watch::Sender<()>) {
    let mut retry = RETRY_FIRST;
    loop {
        let (not_before, not_after) = match dir.identity() {
            Ok(identity) => match identity.credential {
                Credential::Certificate { not_before, not_after, .. } => (not_before, not_after),
                Credential::ApiKey(_) => return,
            },
            Err(error) => {
                tracing::error!(%error, "cannot look after the certificate");
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        let due = due(not_before, not_after, rand::random::<f64>());
        while clock.now() < due {
            tokio::time::sleep(due.since(clock.now()).min(LOOK)).await;
        }
        match renew(&dir).await {
            Ok(()) => {
                tracing::info!("certificate renewed");
                renewed.send_replace(());
                retry = RETRY_FIRST;
                // A clock that is far off makes every new certificate look due at once.
                tokio::time::sleep(LOOK).await;
            }
            Err(error) => {
                tracing::warn!(%error, valid_until = %not_after, "cannot renew the certificate");
                tokio::time::sleep(retry.mul_f64(0.5 + rand::random::<f64>() / 2.0)).await;
                retry = (retry * 2).min(RETRY_LONGEST);
            }
        }
    }
}

async fn renew(dir: &DataDir) -> Result<(), RenewError> {
    let identity = dir.identity()?;
    let fresh = key_and_request()?;
    let channel = channel::open_as(&identity).await?.channel;
    let answer = AgentLinkClient::new(channel).renew(RenewRequest { csr_der: fresh.csr_der }).await;
    let answer = answer.map_err(|status| RenewError::Refused(mc_wire::convert::cut(status.message(), 300)))?.into_inner();
    if CertificateDer::from_pem_slice(answer.certificate_pem.as_bytes()).is_err() {
        return Err(RenewError::Answer);
    }
    if CertificateDer::from_pem_slice(answer.ca_pem.as_bytes()).is_ok() {
        dir.write("ca.pem", answer.ca_pem.as_bytes())?;
    }
    dir.replace_certificate(&fresh.key_pem, &answer.certificate_pem)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_renewed_on_the_fifth_day() {
        let day = Duration::from_secs(86_400);
        let begin = Time::from_micros(0);
        let end = begin.after(day * 7);
        assert_eq!(due(begin, end, 0.0).since(begin).as_secs(), 7 * 86_400 * 2 / 3);
        assert!(due(begin, end, 1.0) < begin.after(day * 6), "time is left for retries");
    }
}
