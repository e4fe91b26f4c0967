//! Who may do what, as it stands: roles, and who was given them.
//!
//! The gate holds the rules, the [`Roster`] who has them; each is one value behind one pointer. A change is stored first, then both are
//! replaced as a whole before it is answered, so no decision ever sees half of it. Other servers on the same database find the change by its
//! number (`tasks/role_refresh.rs`).

pub mod assignment;
mod escalation;
mod event;
mod grant;
pub mod request;
pub mod role;
mod roster;
mod sight;
pub mod simulate;

use std::sync::{Arc, atomic::Ordering};

use arc_swap::ArcSwap;
use mc_domain::{
    actor::Actor,
    id::{TokenId, UserId},
    role::RoleName,
    role_assignment::SubjectKind,
    time::Time,
};
use mc_policy::Gate;
use mc_store::{RoleSet, Store};

pub use self::roster::HeldRole;
pub(crate) use self::{
    roster::{Roster, Standing},
    sight::Sight,
};
use crate::{App, error::AppError};

/// What decides.
pub(crate) struct Access {
    gate: Gate,
    roster: ArcSwap<Roster>,
    /// Whoever changes roles or assignments holds this, so that what was looked at still stands when the change is made.
    changing: tokio::sync::Mutex<()>,
    sights: sight::Sights,
}

impl Access {
    pub(crate) async fn load(store: &Store, gate: Gate, now: Time) -> Result<Self, AppError> {
        let roster = ArcSwap::from_pointee(Roster::new(RoleSet::default(), 0));
        let access = Self { gate, roster, changing: tokio::sync::Mutex::default(), sights: sight::Sights::default() };
        access.replace(store.role_set(now).await?);
        Ok(access)
    }

    /// Who has what now.
    pub(crate) fn roster(&self) -> Arc<Roster> {
        self.roster.load_full()
    }

    /// From now on this decides. The caller is the only one to replace it at a time.
    fn replace(&self, set: RoleSet) {
        let before = self.roster();
        let next = Roster::new(set, before.serial + 1);
        if let Some(rules) = next.rules(&before, &self.gate.snapshot()) {
            for (role, why) in rules.broken() {
                tracing::error!(%role, why, "this role cannot be read: whoever has it is refused everything until it is corrected");
            }
            self.gate.replace(rules);
        }
        self.roster.store(Arc::new(next));
    }

    /// Reads roles and assignments again when another server changed them.
    pub(crate) async fn refresh(&self, store: &Store, now: Time) -> Result<bool, AppError> {
        if store.role_version().await? == self.roster().set.version {
            return Ok(false);
        }
        let _turn = self.changing.lock().await;
        self.replace(store.role_set(now).await?);
        Ok(true)
    }
}

impl App {
    /// What a user has now: the account's own role, what was given to it, and what was given to the groups it logged in with.
    pub(crate) fn user_standing(&self, id: UserId, own: &RoleName, groups: &[String], now: Time) -> Standing {
        self.access.roster().of_user(id, own, groups, now)
    }

    /// What a service token has now: the roles it was made with, and what was given to it.
    pub(crate) fn token_standing(&self, id: TokenId, own: &[RoleName], now: Time) -> Standing {
        let id = id.to_string();
        self.access.roster().standing(own, std::iter::once((SubjectKind::Token, id.as_str())), now)
    }

    /// Changes whenever roles, assignments or users change, or an assignment ends: whoever holds a [`mc_domain::ctx::Ctx`] for long authenticates anew when it is
    /// another.
    #[must_use]
    pub fn access_epoch(&self, now: Time) -> (u64, usize, u64) {
        let (serial, ended) = self.access.roster().epoch(now);
        (serial, ended, self.identity.forgotten.load(Ordering::Acquire))
    }

    /// Stands for what this actor's roles say: what they were shown is read anew when it is another.
    #[must_use]
    pub fn access_footing(&self, actor: &Actor) -> u64 {
        self.access.roster().footing(actor)
    }
}
