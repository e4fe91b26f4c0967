//! A certificate from an ACME authority such as Let's Encrypt, by TLS-ALPN-01 (RFC 8737): the authority connects to the people's port, so no
//! second one is needed. Renewed at two thirds of its life and put into force without a restart.
//!
//! `keys/acme-account.json` is the account with its key, `keys/acme.pem` the certificate's key and chain.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use instant_acme::{
    Account, AccountBuilder, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, OrderStatus,
    RetryPolicy,
};
use mc_app::{App, secret, trust};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config::Config, tls};

/// How long to wait after the first failure; it doubles.
const RETRY_FIRST: Duration = Duration::from_secs(60);
/// Let's Encrypt refuses whoever fails more than five times an hour.
const RETRY_LONGEST: Duration = Duration::from_secs(6 * 3_600);
/// How often the clock is looked at: it may have been set.
const LOOK: Duration = Duration::from_secs(3_600);
/// How long the authority may take to check and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));
/// What the warning is called.
const WARNING: &str = "acme";

/// What is asked of which authority.
struct Acme {
    app: Arc<App>,
    certificate: Arc<tls::Certificate>,
    domains: Vec<String>,
    directory: String,
    /// Whom to trust at the authority's own address, when it is not known to the system.
    authority_ca: Option<PathBuf>,
    contact: Option<String>,
    account: PathBuf,
    pair: PathBuf,
}

/// The certificate kept from last time, or our own until the authority has signed one; renewed until `stop`.
pub(super) fn keep(
    config: &Config,
    app: &Arc<App>,
    own: &Arc<tls::Certificate>,
    stop: &CancellationToken,
    tracker: &TaskTracker,
) -> anyhow::Result<Arc<tls::Certificate>> {
    let keys = app.data_dir().join("keys");
    let pair = keys.join("acme.pem");
    let certificate = match tls::read(&pair, &pair).and_then(tls::Certificate::new) {
        Ok(kept) => kept,
        Err(_) => tls::Certificate::standing_in(own),
    };
    let acme = Acme {
        app: Arc::clone(app),
        certificate: Arc::clone(&certificate),
        domains: config.http.acme_domain.clone(),
        directory: config.http.acme_directory.clone(),
        authority_ca: config.http.acme_ca.clone(),
        contact: config.http.acme_contact.clone(),
        account: keys.join("acme-account.json"),
        pair,
    };
    tracker.spawn(acme.run(stop.clone()));
    Ok(certificate)
}

impl Acme {
    async fn run(self, stop: CancellationToken) {
        let mut retry = RETRY_FIRST;
        loop {
            let wait = match self.due() {
                Some(wait) if !wait.is_zero() => wait.min(LOOK),
                _ => match Box::pin(self.obtain()).await {
                    Ok(()) => {
                        tracing::info!(domains = self.domains.join(", "), "a new certificate is in force");
                        self.app.warn(WARNING, None);
                        retry = RETRY_FIRST;
                        self.rest()
                    }
                    Err(error) => {
                        self.app.warn(WARNING, Some(format!("no certificate from {}: {error:#}", self.directory)));
                        let wait = retry.mul_f64(0.75 + rand::random::<f64>() / 4.0);
                        retry = (retry * 2).min(RETRY_LONGEST);
                        wait
                    }
                },
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// How long to wait after a new one: until it is due, and a good part of its life even when a clock that is far off makes it look due now.
    fn rest(&self) -> Duration {
        let kept = tls::read(&self.pair, &self.pair).ok();
        let life = kept.and_then(|kept| trust::leaf(kept.chain.first()?)).map(|leaf| leaf.not_after.since(leaf.not_before) / 3);
        self.due().unwrap_or_default().max(life.unwrap_or(LOOK)).min(LOOK)
    }

    /// How long until it is due; `None` when there is none, or it is for other names.
    fn due(&self) -> Option<Duration> {
        let kept = tls::read(&self.pair, &self.pair).ok()?;
        let leaf = trust::leaf(kept.chain.first()?)?;
        if !self.domains.iter().all(|domain| leaf.names.contains(domain)) {
            return None;
        }
        let due = leaf.not_before.after(leaf.not_after.since(leaf.not_before).mul_f64(2.0 / 3.0));
        Some(due.since(self.app.now()))
    }

    /// Asks for a certificate, proves that the names are ours, and puts it into force.
    async fn obtain(&self) -> anyhow::Result<()> {
        let account = self.account().await?;
        let names: Vec<Identifier> = self.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await.context("the order is refused")?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                other => bail!("the authority will not check a name: {other:?}"),
            }
            let name = authorization.identifier().to_string();
            let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).context("the authority does not offer TLS-ALPN-01")?;
            let proof = challenge.key_authorization();
            self.certificate.answer(&name, proof_certificate(&name, proof.digest().as_ref())?)?;
            challenge.set_ready().await?;
        }
        let status = order.poll_ready(&PATIENCE).await;
        self.certificate.stop_answering();
        match status.context("the authority did not check the names in time")? {
            OrderStatus::Ready => {}
            other => {
                bail!("the authority could not check the names ({other:?}): it connects to port 443 of each, which must reach this server")
            }
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(self.domains.clone())?;
        params.distinguished_name = DistinguishedName::new();
        order.finalize_csr(params.serialize_request(&key)?.der()).await?;
        let chain = order.poll_certificate(&PATIENCE).await.context("the authority did not sign in time")?;
        // Kept first: what is in force after a restart is what is in force now.
        secret::write_private(&self.pair, format!("{}{chain}", key.serialize_pem()).as_bytes())?;
        self.certificate.replace(tls::read(&self.pair, &self.pair)?)
    }

    fn builder(&self) -> anyhow::Result<AccountBuilder> {
        Ok(match &self.authority_ca {
            Some(file) => Account::builder_with_root(file)?,
            None => Account::builder()?,
        })
    }

    /// The account kept from last time at this authority, or a new one.
    async fn account(&self) -> anyhow::Result<Account> {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Kept {
            directory: String,
            credentials: AccountCredentials,
        }
        if let Some(kept) = read_json::<Kept>(&self.account).filter(|kept| kept.directory == self.directory) {
            return self.builder()?.from_credentials(kept.credentials).await.context("the account is refused");
        }
        let contact: Vec<String> = self.contact.iter().map(|address| format!("mailto:{address}")).collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let wish = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let made = self.builder()?.create(&wish, self.directory.clone(), None).await;
        let (account, credentials) = made.context("the authority cannot be reached, or refuses an account")?;
        let kept = serde_json::to_vec(&Kept { directory: self.directory.clone(), credentials })?;
        secret::write_private(&self.account, &kept)?;
        Ok(account)
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// What the authority must see when it connects and asks for `acme-tls/1`.
fn proof_certificate(name: &str, digest: &[u8]) -> anyhow::Result<trust::ServerCertificate> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(trust::ServerCertificate { chain: vec![certificate.der().clone()], key })
}
