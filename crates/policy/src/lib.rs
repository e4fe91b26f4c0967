//! The gate: who may do what, and why not.
//!
//! Every entry point asks here. The answer is a [`Permitted`] value, which reading and changing functions demand, or a [`Denied`] that
//! names the rule. Deny is the default: an actor that no rule allows is refused.

mod resource;

pub use resource::Resource;

use mc_domain::{
    action::{ALL, Action, ActionInfo},
    actor::Actor,
    ctx::Ctx,
    permit::Permitted,
    role::{Role, RoleName},
};

/// The gate said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{who} may not {action} on {what} (rule {rule})")]
pub struct Denied {
    /// Who asked, by name.
    pub who: String,
    /// The action's name.
    pub action: &'static str,
    /// On what, by kind and name.
    pub what: String,
    /// Kind of the thing, for the audit trail.
    pub resource_kind: &'static str,
    /// Id of the thing, for the audit trail.
    pub resource_id: String,
    /// The rule that decided: `role:viewer`, `default:deny`.
    pub rule: String,
}

/// The mind of the gate. Cheap to copy; decisions are pure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gate;

impl Gate {
    /// Decides, and on yes makes the proof.
    ///
    /// # Errors
    /// [`Denied`] with the rule that decided.
    pub fn permit<T: Resource, A: Action>(&self, ctx: &Ctx, thing: T) -> Result<Permitted<T, A>, Box<Denied>> {
        match rule(&ctx.actor, A::NAME, A::ROLE) {
            Ok(()) => {
                #[expect(clippy::disallowed_methods, reason = "this is the gate")]
                let permitted = Permitted::grant(thing);
                Ok(permitted)
            }
            Err(rule) => Err(Box::new(Denied {
                who: ctx.actor.name().to_owned(),
                action: A::NAME,
                what: thing.label(),
                resource_kind: T::KIND,
                resource_id: thing.id(),
                rule,
            })),
        }
    }

    /// The actions that a holder of `roles` may do on something.
    #[must_use]
    pub fn allowed(&self, roles: &[RoleName]) -> Vec<&'static str> {
        let may = |action: &&ActionInfo| strongest(roles).is_some_and(|role| role >= action.weakest);
        ALL.iter().filter(may).map(|action| action.name).collect()
    }

    /// Whether one of `roles` reaches `weakest`: for filtering a stream of events, where a proof per event would say nothing more.
    #[must_use]
    pub fn reaches(&self, roles: &[RoleName], weakest: Role) -> bool {
        strongest(roles).is_some_and(|role| role >= weakest)
    }
}

/// The strongest built-in role among these.
fn strongest(roles: &[RoleName]) -> Option<Role> {
    roles.iter().filter_map(RoleName::built_in).max()
}

/// Nothing when it is allowed, or the name of the rule that does not.
fn rule(actor: &Actor, action: &str, weakest: Role) -> Result<(), String> {
    if actor.scopes().is_some_and(|scopes| !scopes.iter().any(|scope| scope.covers(action))) {
        return Err("token:scopes".to_owned());
    }
    match actor {
        Actor::User { roles, .. } | Actor::Service { roles, .. } => match strongest(roles) {
            Some(role) if role >= weakest => Ok(()),
            Some(role) => Err(format!("role:{role}")),
            None => Err("default:deny".to_owned()),
        },
        Actor::Console | Actor::System => Ok(()),
        Actor::Agent { .. } => Err("default:agents-do-not-ask".to_owned()),
        Actor::Nobody => Err("default:deny".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mc_domain::{
        action::{AgentKill, AgentRestart, UserList},
        actor::Credential,
        id::{AgentId, RequestId, SessionId, TokenId, UserId},
        permit::Everything,
        time::Time,
    };

    use super::*;

    fn ctx(actor: Actor) -> Ctx {
        Ctx { actor, request_id: RequestId::new(), address: None, now: Time::default() }
    }

    fn by(role: Role, credential: Credential) -> Ctx {
        ctx(Actor::User { id: UserId::new(), name: "u".into(), roles: Arc::new([role.into()]), credential })
    }

    fn user(role: Role) -> Ctx {
        by(role, Credential::Session { id: SessionId::new(), verified_at: Time::default() })
    }

    #[test]
    fn each_role_gets_exactly_its_actions() {
        assert!(Gate.permit::<_, AgentRestart>(&user(Role::Developer), Everything).is_ok());
        assert!(Gate.permit::<_, AgentKill>(&user(Role::Developer), Everything).is_err());
        let denied = Gate.permit::<_, AgentRestart>(&user(Role::Viewer), Everything).expect_err("a viewer only reads");
        assert_eq!(denied.to_string(), "u may not agent_restart on everything (rule role:viewer)");
        assert!(Gate.permit::<_, UserList>(&user(Role::Operator), Everything).is_err());
        assert!(Gate.permit::<_, UserList>(&user(Role::Admin), Everything).is_ok());
    }

    #[test]
    fn a_token_narrows_what_its_owner_may() {
        let scopes = |text: &str| Arc::from([text.parse().expect("a scope")]);
        let token = |text| by(Role::Admin, Credential::Token { id: TokenId::new(), name: "ci".into(), scopes: scopes(text) });
        assert!(Gate.permit::<_, AgentRestart>(&token("agent_*"), Everything).is_ok());
        let denied = Gate.permit::<_, UserList>(&token("agent_*"), Everything).expect_err("out of scope");
        assert_eq!(denied.rule, "token:scopes");
    }

    #[test]
    fn nobody_and_agents_are_refused_everything() {
        for action in ALL {
            assert!(rule(&Actor::Nobody, action.name, action.weakest).is_err(), "{}", action.name);
            let agent = Actor::Agent { id: AgentId::new(), name: "a".into() };
            assert!(rule(&agent, action.name, action.weakest).is_err(), "{}", action.name);
            let roleless = by(Role::Admin, Credential::Session { id: SessionId::new(), verified_at: Time::default() });
            let Actor::User { id, name, credential, .. } = roleless.actor else { unreachable!("made above") };
            let roleless = Actor::User { id, name, credential, roles: Arc::new([]) };
            assert!(rule(&roleless, action.name, action.weakest).is_err(), "{}", action.name);
        }
    }

    #[test]
    fn stronger_roles_keep_what_weaker_ones_may() {
        let allowed: Vec<_> = Role::ALL.into_iter().map(|role| Gate.allowed(&[role.into()])).collect();
        for pair in allowed.windows(2) {
            let [weaker, stronger] = pair else { continue };
            assert!(weaker.len() < stronger.len() && weaker.iter().all(|name| stronger.contains(name)));
        }
        assert_eq!(allowed.last().map(Vec::len), Some(ALL.len()));
    }
}
