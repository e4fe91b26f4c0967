//! The session of a context, kept in the configuration file.

use std::path::PathBuf;

use mc_client::session::{LockedSession, Session, SessionStore, StoreError};
use secrecy::ExposeSecret as _;

use crate::{
    config::{Config, Context, Locked, Tokens},
    failure::Failure,
};

/// Keeps the session in one context of the file.
pub(crate) struct FileStore {
    path: PathBuf,
    name: String,
    /// What the context looks like when it is not in the file yet.
    fresh: Context,
    /// Whether a login here makes it the current context.
    make_current: bool,
}

impl FileStore {
    /// For a context that is in the file.
    pub(crate) fn existing(path: PathBuf, name: &str, context: Context) -> Self {
        Self { path, name: name.to_owned(), fresh: context, make_current: false }
    }

    /// For a login: the context is written, and becomes the current one, when the login succeeds.
    pub(crate) fn login(path: PathBuf, name: &str, context: Context) -> Self {
        Self { path, name: name.to_owned(), fresh: context, make_current: true }
    }
}

impl SessionStore for FileStore {
    fn lock(&self) -> Result<Box<dyn LockedSession>, StoreError> {
        let locked = Locked::take(&self.path).map_err(store_error)?;
        let Self { name, fresh, make_current, .. } = self;
        Ok(Box::new(LockedFile { locked, name: name.clone(), fresh: fresh.clone(), make_current: *make_current }))
    }
}

struct LockedFile {
    locked: Locked,
    name: String,
    fresh: Context,
    make_current: bool,
}

impl LockedSession for LockedFile {
    fn load(&mut self) -> Result<Option<Session>, StoreError> {
        let config = self.locked.load().map_err(store_error)?;
        // A login begins without the old session; a context that now points elsewhere must not lend its tokens.
        let context = config.contexts.get(&self.name).filter(|context| !self.make_current && context.server == self.fresh.server);
        Ok(context.and_then(session_of))
    }

    fn save(&mut self, session: Option<&Session>) -> Result<(), StoreError> {
        let Self { locked, name, fresh, make_current } = self;
        let tokens = session.map(|session| Tokens {
            access: session.access_token.expose_secret().to_owned(),
            access_expires_at: session.access_expires_at,
            refresh: session.refresh_token.expose_secret().to_owned(),
        });
        let change = |config: &mut Config| {
            let mut context = fresh.clone();
            // Another program may have chosen another cluster meanwhile, and a new login at the same server keeps the choice.
            let known = config.contexts.get(name).filter(|known| known.server == fresh.server);
            context.cluster = known.and_then(|known| known.cluster.clone());
            context.username = session.map(|session| session.username.clone()).or_else(|| fresh.username.clone());
            context.tokens = tokens;
            if *make_current || config.current.is_none() {
                config.current = Some(name.clone());
            }
            config.contexts.insert(name.clone(), context);
        };
        locked.change(change).map_err(store_error)
    }
}

fn session_of(context: &Context) -> Option<Session> {
    let tokens = context.tokens.clone()?;
    Some(Session {
        username: context.username.clone().unwrap_or_default(),
        access_token: tokens.access.into(),
        access_expires_at: tokens.access_expires_at,
        refresh_token: tokens.refresh.into(),
    })
}

fn store_error(failure: Failure) -> StoreError {
    StoreError(failure.text().unwrap_or_default().to_owned())
}
