//! Who signs for the trail: checks what is new, signs where it ends, and remembers what it signed outside the database.
//!
//! Only what was checked is signed as good: whoever changes an entry in the database before the next checkpoint must not get a signature for
//! it. When something is bad, checkpoints go on and say from where: so what follows is covered too, and nothing is hidden.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
};
use mc_store::{AuditHead, Remembered, StoreError};
use mc_trail::{Checkpoint, Digest, Pin, PublicKey, Signer};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{App, error::AppError, secret};

/// The signing key, and the newest checkpoint, in the keys' folder.
const KEY: &str = "audit-signing.pem";
const NEWEST: &str = "audit-newest.json";
/// Public keys that were used before, in the same folder: `audit-public-….pem`.
const OLDER: &str = "audit-public-";
/// A checkpoint is signed after so many entries, or after a minute.
pub(crate) const EVERY_ENTRIES: u64 = 1_000;

/// The signer and what it remembers.
pub(crate) struct Witness {
    signer: Signer,
    keys: Vec<PublicKey>,
    dir: PathBuf,
    /// One at a time.
    signing: tokio::sync::Mutex<()>,
    newest: watch::Sender<Option<Checkpoint>>,
    bad: Mutex<Option<(u64, String)>>,
}

/// What is wrong, and from which entry on.
type Bad = (u64, String);

impl Witness {
    /// Reads the signing key, or makes it on first start.
    pub(crate) fn open(keys: &Path, trail: uuid::Uuid) -> Result<Self, AppError> {
        let path = keys.join(KEY);
        let broken = |error: mc_trail::BadKey| AppError::Internal(format!("keys/{KEY}: {error}"));
        let signer = match fs::read_to_string(&path) {
            Ok(pem) => Signer::from_pem(&pem).map_err(broken)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (signer, pem) = Signer::generate().map_err(broken)?;
                secret::write_private(&path, pem.as_bytes())?;
                signer
            }
            Err(error) => return Err(AppError::Internal(format!("keys/{KEY} cannot be read: {error}"))),
        };
        let mut trusted = vec![signer.public().clone()];
        for file in fs::read_dir(keys)?.flatten() {
            if file.file_name().to_str().is_some_and(|name| name.starts_with(OLDER)) {
                trusted.push(PublicKey::from_pem(&fs::read_to_string(file.path())?).map_err(broken)?);
            }
        }
        let newest = remembered(&keys.join(NEWEST), trail, &trusted);
        Ok(Self {
            signer,
            keys: trusted,
            dir: keys.to_owned(),
            signing: tokio::sync::Mutex::default(),
            newest: watch::channel(newest).0,
            bad: Mutex::default(),
        })
    }

    /// The key that signs now.
    pub(crate) const fn public(&self) -> &PublicKey {
        self.signer.public()
    }

    /// The signing key.
    pub(crate) const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Keys whose signatures count.
    pub(crate) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Keeps everybody else from signing meanwhile.
    pub(crate) async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.signing.lock().await
    }

    /// The newest checkpoint as it changes.
    pub(crate) fn follow(&self) -> watch::Receiver<Option<Checkpoint>> {
        self.newest.subscribe()
    }

    /// The newest entry that a checkpoint covers.
    pub(crate) fn covered_to(&self) -> u64 {
        self.newest.borrow().as_ref().map_or(0, |newest| newest.sequence)
    }

    /// What the database is compared with.
    pub(crate) fn remembered(&self) -> Remembered {
        let newest = self.newest.borrow();
        // A checkpoint over something bad says where the trail ended then, not that this was its end.
        let pin = newest.as_ref().filter(|newest| newest.first_bad.is_none());
        Remembered {
            pins: pin.map(|newest| Pin { sequence: newest.sequence, hash: newest.hash }).into_iter().collect(),
            newest_checkpoint: newest.as_ref().map(|newest| newest.number),
        }
    }

    /// What was found to be wrong since the start, in words.
    pub(crate) fn bad(&self) -> Option<String> {
        self.bad.lock().as_ref().map(|(_, text)| text.clone())
    }

    /// Keeps the newest checkpoint where the database cannot reach it.
    async fn remember(&self, checkpoint: &Checkpoint) -> Result<(), AppError> {
        if self.newest.borrow().as_ref().is_some_and(|newest| newest.number >= checkpoint.number) {
            return Ok(());
        }
        self.newest.send_replace(Some(checkpoint.clone()));
        let text = serde_json::to_vec(checkpoint).map_err(|error| AppError::Internal(error.to_string()))?;
        let path = self.dir.join(NEWEST);
        let written = tokio::task::spawn_blocking(move || secret::write_private(&path, &text)).await;
        written.map_err(|_| AppError::Internal("writing the newest checkpoint was cut off".to_owned()))?.map_err(AppError::from)
    }
}

/// The checkpoint that was kept beside the keys, if it is ours.
fn remembered(path: &Path, trail: uuid::Uuid, keys: &[PublicKey]) -> Option<Checkpoint> {
    let text = fs::read(path).ok()?;
    let ours = |found: &Checkpoint| found.trail == trail && found.is_signed(keys);
    let found = serde_json::from_slice(&text).ok().filter(ours);
    if found.is_none() {
        tracing::warn!("keys/{NEWEST} is not of this server and its database: the audit trail is checked without it");
    }
    found
}

impl App {
    /// Signs where the trail ends, when that is new.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn audit_sign(&self) -> Result<(), AppError> {
        let witness = &self.witness;
        let _alone = witness.signing.lock().await;
        // In this order: what another server signs in between is not beyond the end.
        let stored = self.store.audit_checkpoint_newest().await?;
        let head = self.store.audit_head().await?;
        let (base, mut bad) = self.audit_base(stored, head)?;
        if let Some(base) = &base {
            witness.remember(base).await?;
        }
        if head.sequence == 0 || base.as_ref().is_some_and(|base| base.sequence == head.sequence && base.hash == head.hash) {
            return self.audit_bad(bad).await;
        }
        let mut end = (head.sequence, head.hash);
        if bad.is_none() {
            let (report, sequence, hash) = self.store.audit_verify_since(base.as_ref(), witness.keys()).await?;
            match report.bad {
                None => end = (sequence, hash),
                Some(found) => bad = Some((found.sequence, found.text)),
            }
        }
        let checkpoint = self.audit_checkpoint(base.as_ref(), head, end, bad.as_ref());
        match self.store.audit_checkpoint_insert(&checkpoint).await {
            Ok(()) => witness.remember(&checkpoint).await?,
            // Another server was quicker: its checkpoint is taken over the next time.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.audit_bad(bad).await
    }

    /// The newest checkpoint that counts, and what is wrong with what the database says of it.
    fn audit_base(&self, stored: Option<Checkpoint>, head: AuditHead) -> Result<(Option<Checkpoint>, Option<Bad>), AppError> {
        let remembered = self.witness.newest.borrow().clone();
        let ours = |checkpoint: &Checkpoint| checkpoint.trail == head.trail && checkpoint.is_signed(self.witness.keys());
        let forged = stored
            .as_ref()
            .filter(|stored| !ours(stored))
            .map(|stored| (stored.sequence, format!("checkpoint {} in the database is not signed by this server's key", stored.number)));
        let stored = stored.filter(ours);
        let number = |checkpoint: &Option<Checkpoint>| checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.number);
        let gone = (number(&stored) < number(&remembered)).then(|| {
            let text = format!("checkpoints {} to {} are gone from the database", number(&stored) + 1, number(&remembered));
            (stored.as_ref().map_or(1, |stored| stored.sequence + 1), text)
        });
        let base = if number(&stored) > number(&remembered) { stored } else { remembered };
        let cut = base.as_ref().filter(|base| base.sequence > head.sequence || (base.sequence == head.sequence && base.hash != head.hash));
        let cut = cut.map(|base| {
            let text = format!("the trail ends at {}, and checkpoint {} was signed at {}", head.sequence, base.number, base.sequence);
            (head.sequence.min(base.sequence.saturating_sub(1)) + 1, text)
        });
        Ok((base, forged.or(cut).or(gone)))
    }

    fn audit_checkpoint(&self, base: Option<&Checkpoint>, head: AuditHead, end: (u64, Digest), bad: Option<&Bad>) -> Checkpoint {
        let before = base.and_then(|base| base.first_bad).filter(|bad| *bad >= head.first_sequence);
        let now = bad.map(|(sequence, _)| (*sequence).max(1));
        let (sequence, hash) = end;
        Checkpoint {
            number: base.map_or(1, |base| base.number + 1),
            trail: head.trail,
            sequence,
            hash,
            count: (sequence + 1).saturating_sub(head.first_sequence),
            first_sequence: head.first_sequence,
            previous: base.map_or(Digest::NONE, Checkpoint::digest),
            at_micros: self.now().as_micros(),
            first_bad: before.into_iter().chain(now).min(),
            key_id: String::new(),
            signature: String::new(),
        }
        .sign(self.witness.signer())
    }

    /// Says what is wrong: once in the log and in the trail itself, and in the status for as long as the server runs.
    pub(crate) async fn audit_bad(&self, bad: Option<Bad>) -> Result<(), AppError> {
        let Some((sequence, text)) = bad else { return Ok(()) };
        if self.witness.bad.lock().as_ref().is_some_and(|(known, _)| *known == sequence) {
            return Ok(());
        }
        tracing::error!(sequence, "the audit trail was tampered with: {text}");
        let ctx = Ctx::system(self.now());
        let entry = AuditEntry::new(&ctx, ctx.now, "audit_tampered", AuditResult::Failed).on("audit", sequence, "").detail(text.clone());
        self.recorder.record(entry).await?;
        *self.witness.bad.lock() = Some((sequence, text));
        Ok(())
    }
}
