//! The gate: who may do what, and why not.
//!
//! Every entry point asks here. The answer is a [`Permitted`] value, which reading and changing functions demand, or a [`Denied`] that
//! names the rule. Deny is the default: an actor that no rule allows is refused.

mod resource;

pub use resource::Resource;

use mc_domain::{
    action::{ALL, Action},
    actor::Actor,
    ctx::Ctx,
    permit::Permitted,
    role::Role,
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
        match rule(&ctx.actor, A::ROLE) {
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

    /// The names of the actions that `role` may do on something.
    #[must_use]
    pub fn allowed(&self, role: Role) -> Vec<&'static str> {
        ALL.iter().filter(|(_, weakest)| role >= *weakest).map(|(name, _)| *name).collect()
    }

    /// Whether `role` reaches `weakest`: for filtering a stream of events, where a proof per event would say nothing more.
    #[must_use]
    pub fn reaches(&self, role: Role, weakest: Role) -> bool {
        role >= weakest
    }
}

/// The rule that allows, or the name of the rule that does not.
fn rule(actor: &Actor, weakest: Role) -> Result<(), String> {
    match actor {
        Actor::User { role, .. } if *role >= weakest => Ok(()),
        Actor::User { role, .. } => Err(format!("role:{role}")),
        Actor::Console | Actor::System => Ok(()),
        Actor::Agent { .. } => Err("default:agents-do-not-ask".to_owned()),
        Actor::Nobody => Err("default:deny".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{
        action::{AgentRestart, UserList},
        id::{RequestId, SessionId, UserId},
        permit::Everything,
        time::Time,
    };

    use super::*;

    fn ctx(actor: Actor) -> Ctx {
        Ctx { actor, request_id: RequestId::new(), address: None, now: Time::default() }
    }

    fn user(role: Role) -> Ctx {
        ctx(Actor::User { id: UserId::new(), name: "u".into(), role, session: SessionId::new() })
    }

    #[test]
    fn each_role_gets_exactly_its_actions() {
        assert!(Gate.permit::<_, AgentRestart>(&user(Role::Operator), Everything).is_ok());
        let denied = Gate.permit::<_, AgentRestart>(&user(Role::Viewer), Everything).expect_err("a viewer only reads");
        assert_eq!(denied.to_string(), "u may not agent_restart on everything (rule role:viewer)");
        assert!(Gate.permit::<_, UserList>(&user(Role::Operator), Everything).is_err());
        assert!(Gate.permit::<_, UserList>(&user(Role::Admin), Everything).is_ok());
    }

    #[test]
    fn nobody_and_agents_are_refused_everything() {
        for (name, weakest) in ALL {
            assert!(rule(&Actor::Nobody, *weakest).is_err(), "{name}");
            let agent = Actor::Agent { id: mc_domain::id::AgentId::new(), name: "a".into() };
            assert!(rule(&agent, *weakest).is_err(), "{name}");
        }
    }

    #[test]
    fn stronger_roles_keep_what_weaker_ones_may() {
        let (viewer, operator, admin) = (Gate.allowed(Role::Viewer), Gate.allowed(Role::Operator), Gate.allowed(Role::Admin));
        assert!(viewer.iter().all(|name| operator.contains(name)));
        assert!(operator.iter().all(|name| admin.contains(name)));
        assert_eq!(admin.len(), ALL.len());
    }
}
