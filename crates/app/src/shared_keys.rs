//! Keys that all servers of one database must share: whether this server's are those of the others.
//!
//! With another key a server would start and go wrong later: second factors that do not open, logins that count on one server only. So each
//! shows its keys at its start. The database keeps an HMAC by the key that seals, and the name of the key that signs access tokens, which is a
//! hash of its public half. A key that was replaced is known still, so servers may be some time apart on the way to a new one as long as
//! the one that starts knows the newest.

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
};
use mc_store::{Engine, KeyShown, SharedKey};

use crate::{App, error::AppError};

impl App {
    /// Compares this server's keys with those of the others. `accept_new`: its own take the others' place, because those are lost.
    ///
    /// # Errors
    /// `other_key` when they are not the same; or when the database does not answer.
    pub async fn keys_compare(&self, accept_new: bool) -> Result<(), AppError> {
        self.shared_keys_show(&Ctx::system(self.now()), &[SharedKey::Seal, SharedKey::Jwt], accept_new).await
    }

    /// The same for some of them.
    pub(crate) async fn shared_keys_show(&self, ctx: &Ctx, keys: &[SharedKey], accept_new: bool) -> Result<(), AppError> {
        for key in keys.iter().copied().filter(|key| self.is_shared(*key)) {
            let have = self.shared_key_names(key);
            let detail = if accept_new { "taken as it is at the start, known before or not" } else { "found in place at the start" };
            let entry = key_entry(ctx, key).detail(detail);
            match self.store.shared_key_show(key, &have, accept_new, ctx.now, &entry).await? {
                KeyShown::First | KeyShown::Same => {}
                KeyShown::Replaced => {
                    tracing::warn!(key = key.as_str(), "this server's key takes the place of the one that was noted");
                    self.recorder.announce(entry);
                }
                KeyShown::Unknown => return Err(AppError::conflict("other_key", refusal(key))),
            }
        }
        Ok(())
    }

    /// Notes a key that was put in place just now, with the entry that says so.
    pub(crate) async fn shared_key_note(&self, ctx: &Ctx, key: SharedKey, entry: AuditEntry) -> Result<(), AppError> {
        let shown = if self.is_shared(key) {
            self.store.shared_key_show(key, &self.shared_key_names(key), false, ctx.now, &entry).await?
        } else {
            KeyShown::Same
        };
        match shown {
            KeyShown::Replaced => self.recorder.announce(entry),
            KeyShown::First | KeyShown::Same => self.recorder.record(entry).await?,
            KeyShown::Unknown => return Err(AppError::conflict("other_key", refusal(key))),
        }
        Ok(())
    }

    /// Whether the newest key that seals is the noted one, or is now: before older ones are forgotten, after which nothing would tell that
    /// this server knew them.
    pub(crate) async fn newest_seal_is_noted(&self) -> Result<bool, AppError> {
        match self.shared_keys_show(&Ctx::system(self.now()), &[SharedKey::Seal], false).await {
            Ok(()) => Ok(true),
            Err(AppError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Files belong to one server; there a lost signing key costs a refresh and nothing else, and what it is matters to nobody.
    fn is_shared(&self, key: SharedKey) -> bool {
        key == SharedKey::Seal || self.store.engine() == Engine::Postgres
    }

    fn shared_key_names(&self, key: SharedKey) -> Vec<String> {
        match key {
            SharedKey::Seal => self.seal.fingerprints(),
            SharedKey::Jwt => self.identity.tokens.key_ids(),
        }
    }
}

fn key_entry(ctx: &Ctx, key: SharedKey) -> AuditEntry {
    AuditEntry::new(ctx, ctx.now, "key_rotate", AuditResult::Ok).on("key", key.as_str(), key.as_str())
}

fn refusal(key: SharedKey) -> String {
    let (which, use_of_it, otherwise) = match key {
        SharedKey::Seal => ("seal.key (or MC_SEAL_KEY)", "seal secrets", "what that key sealed must be set up anew"),
        SharedKey::Jwt => ("jwt.pem (or MC_JWT_KEY_FILE)", "sign access tokens", "nobody is logged out for longer than a refresh takes"),
    };
    format!(
        "keys/{which} is not the key with which servers of this database {use_of_it}: copy keys/ from one of them, as docs/secrets.md says. If \
         that key is lost, start once with MC_AUTH__ACCEPT_NEW_KEYS=true: {otherwise}"
    )
}
