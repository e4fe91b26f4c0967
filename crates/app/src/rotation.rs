//! Replacing the keys this server lives by, without logging anybody out or losing an agent.
//!
//! `mission-control rotate` changes files; servers that run notice within seconds ([`App::keys_reload`]). Each replacement is one whole file
//! put in place, so that a crash leaves the old keys or the new ones. Sealed values are sealed anew one by one, which may be cut off and begun
//! again at any time, because every key in the file opens.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    permit::Everything,
};
use mc_store::{SEALED, SharedKey};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    App,
    error::AppError,
    trust::{Ca, replace},
};

/// How long a replaced key that seals is kept after everything stored was sealed anew: for what is sealed for minutes and not stored.
const SEAL_KEPT: Duration = Duration::from_secs(3_600);

/// What came of sealing anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Values sealed anew.
    pub done: u64,
    /// Values that no key opens: they were sealed with a key that is gone.
    pub broken: u64,
    /// Old keys removed from the file.
    pub keys_removed: usize,
}

impl App {
    /// The internal certificate authority now.
    #[must_use]
    pub fn ca(&self) -> Arc<Ca> {
        Arc::clone(&self.ca.borrow())
    }

    /// What agents are told to trust.
    #[must_use]
    pub fn ca_bundle(&self) -> String {
        self.ca().bundle(self.now(), self.settings.certificate_life)
    }

    /// Tells when the authority is replaced.
    #[must_use]
    pub fn ca_changes(&self) -> watch::Receiver<Arc<Ca>> {
        self.ca.subscribe()
    }

    /// Reads keys again that were replaced in their files.
    ///
    /// # Errors
    /// When a file cannot be read; what was read before stays in force.
    pub fn keys_reload(&self) -> Result<(), AppError> {
        if self.identity.tokens.reload()? {
            tracing::info!("the key that signs access tokens was replaced");
        }
        if self.seal.reload()? {
            tracing::info!("the keys that seal secrets were replaced");
        }
        let (data, keys) = (&self.settings.data_dir, self.settings.data_dir.join("keys"));
        if replace::is_due(data, &keys, &self.ca())? {
            let fresh = Ca::open(data, &keys, self.now())?;
            tracing::info!(pin = fresh.pin(), "the certificate authority was replaced");
            self.ca.send_replace(Arc::new(fresh));
        }
        Ok(())
    }

    /// Makes a new key that signs access tokens. What the old one signed is good until it ends.
    ///
    /// # Errors
    /// When the caller may not, or the file cannot be written.
    pub async fn rotate_jwt(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.permit::<_, action::SettingsUpdate>(ctx, Everything)?;
        self.shared_keys_show(ctx, &[SharedKey::Jwt], false).await?;
        self.rotate(ctx, "jwt", Some(SharedKey::Jwt), || self.identity.tokens.rotate(ctx.now)).await
    }

    /// Makes a new certificate authority, for which the old one vouches. `again`: even though the last one is new.
    ///
    /// # Errors
    /// When the caller may not, the last replacement is under way still, or a file cannot be written.
    pub async fn rotate_ca(&self, ctx: &Ctx, again: bool) -> Result<(), AppError> {
        let (data, life) = (&self.settings.data_dir, self.settings.certificate_life);
        self.rotate(ctx, "ca", None, || replace::replace(data, &data.join("keys"), ctx.now, life, again)).await?;
        self.keys_reload()
    }

    /// Makes a new key that seals secrets, unless the last one's work is not done yet, and seals everything stored anew.
    ///
    /// # Errors
    /// When the caller may not, the keys come from the environment, or the database does not answer.
    pub async fn rotate_seal(&self, ctx: &Ctx) -> Result<Resealed, AppError> {
        self.permit::<_, action::SettingsUpdate>(ctx, Everything)?;
        self.shared_keys_show(ctx, &[SharedKey::Seal], false).await?;
        if !self.sealed_is_stale().await? {
            self.rotate(ctx, "seal", Some(SharedKey::Seal), || self.seal.add_key(ctx.now)).await?;
        }
        self.reseal().await
    }

    /// One replacement between two entries of the audit trail: a crash in between leaves the first, which says that it was tried.
    async fn rotate(
        &self,
        ctx: &Ctx,
        what: &str,
        shared: Option<SharedKey>,
        change: impl FnOnce() -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        self.permit::<_, action::SettingsUpdate>(ctx, Everything)?;
        let entry = |result| AuditEntry::new(ctx, ctx.now, "key_rotate", result).on("key", what, what);
        self.recorder.record(entry(AuditResult::Started)).await?;
        let changed = change();
        let ended = entry(if changed.is_ok() { AuditResult::Ok } else { AuditResult::Failed });
        match shared {
            // With the entry, what other servers are compared with from now on.
            Some(key) if changed.is_ok() => self.shared_key_note(ctx, key, ended).await?,
            _ => self.recorder.record(ended).await?,
        }
        changed
    }

    async fn sealed_is_stale(&self) -> Result<bool, AppError> {
        let form = self.seal.current_form()?;
        for column in SEALED {
            if !self.store.sealed_stale(*column, &form, None).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Seals anew what another key than the newest sealed, then removes old keys that nothing needs any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reseal(&self) -> Result<Resealed, AppError> {
        let form = self.seal.current_form()?;
        let mut sum = Resealed::default();
        for column in SEALED {
            let mut after: Option<Uuid> = None;
            loop {
                let stale = self.store.sealed_stale(*column, &form, after).await?;
                let Some((last, _)) = stale.last() else { break };
                after = Some(*last);
                let mut fresh = Vec::with_capacity(stale.len());
                for (id, old) in stale {
                    let purpose = column.purpose(id);
                    match self.seal.open(&purpose, &old) {
                        Ok(plain) => fresh.push((id, old, self.seal.seal(&purpose, &plain)?)),
                        Err(_) => {
                            sum.broken += 1;
                            tracing::error!(place = column.place(), %id, "a sealed secret does not open with any key that is here");
                        }
                    }
                }
                sum.done += self.store.sealed_replace(*column, &fresh).await?;
            }
        }
        // A server that was not told of the new key yet may have sealed something with the old one meanwhile.
        if self.seal.count() > 1 && sum.broken == 0 && !self.sealed_is_stale().await? && self.newest_seal_is_noted().await? {
            sum.keys_removed = self.seal.drop_keys(self.now().before(SEAL_KEPT))?;
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Where something is sealed, how often, and where it is kept. What is stored for longer than a login takes stands in [`SEALED`].
    const SEALS: &[(&str, usize, &str)] = &[
        ("identity/device.rs", 1, "in a cookie, for the browser it knows"),
        ("identity/enrolment.rs", 1, "totp.pending_seed"),
        ("identity/oidc.rs", 1, "oidc_flow.content and oidc_ticket.content, for minutes"),
        ("identity/oidc_session.rs", 1, "oidc_session.refresh_token, oidc_session.id_token"),
        ("identity/passkey.rs", 1, "in a challenge, for minutes"),
        ("identity/provider.rs", 1, "provider.client_secret"),
        ("identity/second_factor.rs", 2, "totp.seed; login_challenge.content, for minutes"),
        ("rotation.rs", 1, "sealed anew"),
    ];

    fn seals(dir: &Path, home: &Path, found: &mut Vec<(String, usize)>) {
        for entry in fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                seals(&entry, home, found);
                continue;
            }
            if entry.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            let text = fs::read_to_string(&entry).expect("text");
            let name = entry.strip_prefix(home).expect("within").display().to_string();
            let count = text.split("#[cfg(test)]").next().unwrap_or_default().matches(".seal.seal(").count();
            if count > 0 {
                found.push((name, count));
            }
        }
    }

    #[test]
    fn whatever_is_sealed_is_sealed_anew_or_short_lived() {
        let home = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut found = Vec::new();
        seals(home, home, &mut found);
        found.sort();
        let known: Vec<_> = SEALS.iter().map(|(name, count, _)| ((*name).to_owned(), *count)).collect();
        assert_eq!(found, known, "say here where it is kept; if it is kept, add it to SEALED in mc-store and to the test of rotation");
        for column in SEALED {
            assert!(SEALS.iter().any(|(.., kept)| kept.contains(&column.place())), "{} is sealed nowhere", column.place());
        }
    }
}
