//! What the gate answers.

use std::sync::Arc;

use mc_domain::{
    actor::{Actor, Credential},
    api_token::within,
    ctx::Ctx,
    role::RoleName,
    scope::Scope,
};

/// Yes or no, and by which rules. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The rules that decided: `role:viewer`, `ops-eu/2`. Empty when no rule allows it.
    pub rules: Arc<[Arc<str>]>,
}

impl Verdict {
    pub(crate) fn allowed(rules: &[Arc<str>]) -> Self {
        Self { allowed: true, rules: rules.into() }
    }

    pub(crate) fn denied(rules: &[Arc<str>]) -> Self {
        Self { allowed: false, rules: rules.into() }
    }

    /// No rule allows it.
    pub(crate) fn refused() -> Self {
        Self { allowed: false, rules: Arc::new([]) }
    }

    /// The rules in one word for the audit trail: the first three, or `default:deny`.
    #[must_use]
    pub fn rule(&self) -> String {
        if self.rules.is_empty() {
            return DEFAULT_DENY.to_owned();
        }
        self.rules.iter().take(3).map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
    }
}

/// The rule that refuses what no rule allows.
pub const DEFAULT_DENY: &str = "default:deny";

/// For which things an action is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// For everything it can be done to.
    All,
    /// For some things; ask for each.
    Some,
    /// For nothing.
    None,
}

impl Extent {
    /// The extent as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Some => "some",
            Self::None => "none",
        }
    }
}

/// How it is asked: what Cedar text finds in `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct How<'a> {
    /// `session`, `token` or `service`.
    pub credential: &'a str,
    /// The address it comes from; empty when that is not known.
    pub address: &'a str,
}

/// Who asks, as far as rules care: the roles held now, and what a token is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker<'a> {
    /// The roles held now, expired ones left out.
    pub roles: &'a [RoleName],
    /// What the token is limited to; `None` for a login, which is limited by its roles alone.
    pub scopes: Option<&'a [Scope]>,
    /// How it is asked.
    pub how: How<'a>,
}

impl<'a> Asker<'a> {
    /// Somebody with these roles, at the page.
    #[must_use]
    pub const fn with_roles(roles: &'a [RoleName]) -> Self {
        Self { roles, scopes: None, how: How { credential: "session", address: "" } }
    }

    /// Who asks in this context.
    #[must_use]
    pub fn of(ctx: &'a Ctx) -> Self {
        let credential = match &ctx.actor {
            Actor::User { credential: Credential::Token { .. }, .. } => "token",
            Actor::Service { .. } => "service",
            _ => "session",
        };
        let how = How { credential, address: ctx.address.as_deref().unwrap_or_default() };
        Self { roles: ctx.actor.roles(), scopes: ctx.actor.scopes(), how }
    }

    /// The refusal of what a token cannot do, whatever its owner's roles say.
    pub(crate) fn refused_to_token(&self, action: &str) -> Option<Verdict> {
        let rule = within(self.scopes?, action).err()?;
        Some(Verdict::denied(&[rule.into()]))
    }
}
