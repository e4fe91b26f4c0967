//! What is asked about, as the gate sees it: the attributes that rules can name.
//!
//! A [`Target`] is made once for a thing and can be kept with it: it carries a fingerprint, so that asking again is a look-up.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::LazyLock,
};

use mc_domain::action::Kind;

/// What rules can say of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct AgentAttributes {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it looks after: `systemd`, `openclaw`, …
    pub kind: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// Login name of who owns it; empty when nobody does.
    pub owner: String,
}

/// What rules can say of a request to a Kubernetes API server. A part that the request has not is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KubernetesAttributes {
    /// The cluster's name here.
    pub cluster: String,
    /// The namespace; empty for what is in none.
    pub namespace: String,
    /// Whether it asks about every namespace at once (`kubectl get pods -A`); `namespace` is empty then.
    pub every_namespace: bool,
    /// The API group: `apps`; empty for the core group.
    pub api_group: String,
    /// The kind of object, in the plural: `pods`.
    pub resource: String,
    /// `exec`, `log`, `scale`, …; empty for the object itself.
    pub subresource: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, …
    pub verb: String,
    /// The object's name.
    pub name: String,
    /// Whether it asks about every object of its kind (`list`, `watch`, `deletecollection`); `name` is empty then.
    pub every_name: bool,
}

/// A thing as rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Body {
    /// No single thing; for an action on some kind of thing: every one of them.
    Everything,
    Agent(AgentAttributes),
    Kubernetes(KubernetesAttributes),
    Other {
        kind: Kind,
        id: String,
        name: String,
    },
}

/// A thing as the gate sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    body: Body,
    fingerprint: u128,
}

/// Two hashers with secret keys of this run: nobody can make two things of one fingerprint on purpose, and 128 bits leave no room for chance.
static HASHERS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);

/// A fingerprint of `value` that holds for this run.
pub(crate) fn fingerprint(value: &impl Hash) -> u128 {
    let [first, second] = &*HASHERS;
    (u128::from(first.hash_one(value)) << 64) | u128::from(second.hash_one(value))
}

impl Target {
    fn new(body: Body) -> Self {
        Self { fingerprint: fingerprint(&body), body }
    }

    /// No single thing. An action on agents asked about everything is allowed only if it is for every agent.
    #[must_use]
    pub fn everything() -> Self {
        Self::new(Body::Everything)
    }

    /// An agent.
    #[must_use]
    pub fn agent(agent: AgentAttributes) -> Self {
        Self::new(Body::Agent(agent))
    }

    /// A request to a Kubernetes API server.
    #[must_use]
    pub fn kubernetes(request: KubernetesAttributes) -> Self {
        Self::new(Body::Kubernetes(request))
    }

    /// Anything else, by its kind, id and name. Of a kind that is not known, or that has rules of its own, only rules about all of them
    /// hold: an agent is made with [`Target::agent`].
    #[must_use]
    pub fn other(kind: &str, id: impl Into<String>, name: impl Into<String>) -> Self {
        match Kind::from_text(kind) {
            None | Some(Kind::Everything | Kind::Agent | Kind::Command | Kind::Kubernetes) => Self::everything(),
            Some(kind) => Self::new(Body::Other { kind, id: id.into(), name: name.into() }),
        }
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.body
    }

    pub(crate) const fn fingerprint(&self) -> u128 {
        self.fingerprint
    }
}

/// How things of this kind appear in rules: a command is seen as the agent it is for.
pub(crate) const fn seen_as(kind: Kind) -> Kind {
    match kind {
        Kind::Command => Kind::Agent,
        other => other,
    }
}

impl Body {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Everything => Kind::Everything,
            Self::Agent(_) => Kind::Agent,
            Self::Kubernetes(_) => Kind::Kubernetes,
            Self::Other { kind, .. } => *kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_things_apart() {
        let agent = |name: &str, tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Target::agent(AgentAttributes { name: name.to_owned(), tags, ..AgentAttributes::default() }).fingerprint()
        };
        assert_eq!(agent("a", &["x"]), agent("a", &["x"]));
        assert_ne!(agent("a", &["x"]), agent("a", &["y"]));
        assert_ne!(agent("a", &["b", "c"]), agent("a", &["bc"]));
        assert_ne!(agent("ab", &[]), agent("a", &["b"]));
    }

    #[test]
    fn an_agent_without_its_attributes_is_every_agent() {
        assert_eq!(Target::other("agent", "1", "alpha").body(), &Body::Everything);
        assert_eq!(Target::other("nonsense", "1", "x").body(), &Body::Everything);
        assert_eq!(Target::other("user", "1", "x").body().kind(), Kind::User);
    }
}
