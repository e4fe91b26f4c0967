//! The gate itself: it holds the rules of the moment and makes the proofs.

use std::sync::Arc;

use mc_domain::{
    action::Action,
    actor::Actor,
    ctx::Ctx,
    permit::{Everything, Permitted},
    role::{Role, RoleName},
};
use parking_lot::RwLock;

use crate::{
    decision::{Asker, DEFAULT_DENY, Extent, Verdict},
    resource::Resource,
    snapshot::{Filter, Snapshot},
};

/// The gate said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why} (rule {rule})")]
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
    /// The rule that decided: `role:viewer`, `ops-eu/2`, `default:deny`.
    pub rule: String,
    /// Why, in a sentence: `no rule of your roles developer, eu-ops allows agent_kill on agent alpha`.
    pub why: String,
}

/// The gate. Clones share the rules.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    snapshot: Arc<RwLock<Arc<Snapshot>>>,
}

/// A verdict for an actor, with its rule and reason when it is no.
type Answer = Result<(), (String, String)>;

impl Gate {
    /// The rules of the moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read())
    }

    /// From now on these rules decide; nothing that was decided before is remembered.
    pub fn replace(&self, snapshot: Snapshot) {
        *self.snapshot.write() = Arc::new(snapshot);
    }

    /// Decides, and on yes makes the proof.
    ///
    /// About [`Everything`] an action on agents is allowed only when it is for every agent; for a list, [`Gate::permit_some`] is the question.
    ///
    /// # Errors
    /// [`Denied`] with the rule that decided.
    pub fn permit<T: Resource, A: Action>(&self, ctx: &Ctx, thing: T) -> Result<Permitted<T, A>, Box<Denied>> {
        let snapshot = self.snapshot();
        let decide = |asker: &Asker<'_>| snapshot.decide(asker, A::NAME, &thing.target());
        match answer(&snapshot, ctx, A::NAME, || thing.label(), decide) {
            Ok(()) => Ok(grant(thing)),
            Err((rule, why)) => Err(denied::<T, A>(ctx, &thing, rule, why)),
        }
    }

    /// Decides whether the caller may do `A` to anything at all, and to what: for lists, which then show only that.
    ///
    /// # Errors
    /// [`Denied`] when it is for nothing.
    pub fn permit_some<A: Action>(&self, ctx: &Ctx) -> Result<(Permitted<Everything, A>, Filter), Box<Denied>> {
        let snapshot = self.snapshot();
        if matches!(ctx.actor, Actor::Console | Actor::System) {
            return Ok((grant(Everything), Filter::all(&snapshot, A::NAME)));
        }
        let asker = Asker::of(ctx);
        let filter = snapshot.filter(&asker, A::NAME);
        let decide = |asker: &Asker<'_>| match snapshot.extent(asker, A::NAME) {
            (Extent::Some, _) => Verdict::allowed(&[]),
            (_, verdict) => verdict,
        };
        match answer(&snapshot, ctx, A::NAME, || Everything.label(), decide) {
            Ok(()) => Ok((grant(Everything), filter)),
            Err((rule, why)) => Err(denied::<Everything, A>(ctx, &Everything, rule, why)),
        }
    }

    /// The role for which the caller must prove again who they are before `A`, if there is one.
    #[must_use]
    pub fn step_up<A: Action>(&self, ctx: &Ctx) -> Option<RoleName> {
        let action = mc_domain::action::by_name(A::NAME)?;
        self.snapshot().step_up(ctx.actor.roles(), action)
    }

    /// The actions that a holder of `roles` may do on something.
    #[must_use]
    pub fn allowed(&self, roles: &[RoleName]) -> Vec<&'static str> {
        self.snapshot().allowed(&Asker::with_roles(roles))
    }

    /// Whether one of `roles` reaches `weakest`: for filtering a stream of events, where a proof per event would say nothing more.
    #[must_use]
    pub fn reaches(&self, roles: &[RoleName], weakest: Role) -> bool {
        roles.iter().filter_map(RoleName::built_in).max().is_some_and(|role| role >= weakest)
    }
}

fn grant<T, A: Action>(thing: T) -> Permitted<T, A> {
    #[expect(clippy::disallowed_methods, reason = "this is the gate")]
    let permitted = Permitted::grant(thing);
    permitted
}

fn denied<T: Resource, A: Action>(ctx: &Ctx, thing: &T, rule: String, why: String) -> Box<Denied> {
    Box::new(Denied {
        who: ctx.actor.name().to_owned(),
        action: A::NAME,
        what: thing.label(),
        resource_kind: T::KIND,
        resource_id: thing.id(),
        rule,
        why,
    })
}

fn answer(
    snapshot: &Snapshot,
    ctx: &Ctx,
    action: &str,
    what: impl FnOnce() -> String,
    decide: impl FnOnce(&Asker<'_>) -> Verdict,
) -> Answer {
    match &ctx.actor {
        Actor::Console | Actor::System => Ok(()),
        Actor::Agent { .. } => Err(("default:agents-do-not-ask".to_owned(), "agents do not ask for anything here".to_owned())),
        Actor::Nobody => Err((DEFAULT_DENY.to_owned(), "nobody is logged in".to_owned())),
        Actor::User { .. } | Actor::Service { .. } => {
            let asker = Asker::of(ctx);
            let verdict = decide(&asker);
            if verdict.allowed {
                return Ok(());
            }
            Err((snapshot.named(&verdict, &asker), snapshot.words(&verdict, &asker, action, &what())))
        }
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{
        action::{ALL, AgentKill, AgentList, AgentRestart, MeShow, UserList},
        actor::Credential,
        id::{AgentId, RequestId, SessionId, TokenId, UserId},
        role_form::{AgentSelector, RoleForm, Rule},
        time::Time,
    };

    use super::*;
    use crate::{AgentAttributes, Target};

    fn ctx(actor: Actor) -> Ctx {
        Ctx { actor, request_id: RequestId::new(), address: None, now: Time::default() }
    }

    fn by(roles: &[&str], credential: Credential) -> Ctx {
        let roles = roles.iter().map(|role| role.parse().expect("a role name")).collect();
        ctx(Actor::User { id: UserId::new(), name: "u".into(), roles, credential })
    }

    fn user(roles: &[&str]) -> Ctx {
        by(roles, Credential::Session { id: SessionId::new(), verified_at: Time::default(), owed: mc_domain::actor::Owed::Nothing })
    }

    #[derive(Debug)]
    struct OneAgent(&'static str);
    impl Resource for OneAgent {
        const KIND: &'static str = "agent";
        fn id(&self) -> String {
            self.0.to_owned()
        }
        fn label(&self) -> String {
            format!("agent {}", self.0)
        }
        fn target(&self) -> Target {
            Target::agent(AgentAttributes { name: self.0.to_owned(), ..AgentAttributes::default() })
        }
    }

    fn gate(rules: &[Rule]) -> Gate {
        let gate = Gate::default();
        let form = rules.iter().cloned().fold(RoleForm::new("ops".parse().expect("a role name")), RoleForm::with);
        gate.replace(Snapshot::build([&form]));
        gate
    }

    fn web() -> AgentSelector {
        AgentSelector { names: vec!["web-*".to_owned()], ..AgentSelector::default() }
    }

    #[test]
    fn each_role_gets_exactly_its_actions() {
        let gate = Gate::default();
        assert!(gate.permit::<_, AgentRestart>(&user(&["developer"]), Everything).is_ok());
        assert!(gate.permit::<_, AgentKill>(&user(&["developer"]), Everything).is_err());
        let denied = gate.permit::<_, AgentRestart>(&user(&["viewer"]), OneAgent("alpha")).expect_err("a viewer only reads");
        assert_eq!(denied.to_string(), "no rule of your role viewer allows agent_restart on agent alpha (rule role:viewer)");
        assert!(gate.permit::<_, UserList>(&user(&["operator"]), Everything).is_err());
        assert!(gate.permit::<_, UserList>(&user(&["admin"]), Everything).is_ok());
    }

    #[test]
    fn a_token_narrows_what_its_owner_may() {
        let scopes = |text: &str| Arc::from([text.parse().expect("a scope")]);
        let token = |text| by(&["admin"], Credential::Token { id: TokenId::new(), name: "ci".into(), scopes: scopes(text) });
        let gate = Gate::default();
        assert!(gate.permit::<_, AgentRestart>(&token("agent_*"), Everything).is_ok());
        let denied = gate.permit::<_, UserList>(&token("agent_*"), Everything).expect_err("out of scope");
        assert_eq!(
            (denied.rule.as_str(), denied.why.as_str()),
            ("token:scopes", "this token is limited to agent_*, which leaves out user_list")
        );
        assert!(gate.permit_some::<UserList>(&token("agent_*")).is_err());
    }

    #[test]
    fn nobody_agents_and_the_roleless_are_refused_everything() {
        let gate = Gate::default();
        let roleless = user(&[]);
        let agent = ctx(Actor::Agent { id: AgentId::new(), name: "a".into() });
        for asker in [&ctx(Actor::Nobody), &agent] {
            assert!(gate.permit::<_, MeShow>(asker, Everything).is_err());
        }
        assert!(gate.permit::<_, MeShow>(&roleless, Everything).is_ok(), "one's own account needs no role");
        for asker in [&ctx(Actor::Nobody), &agent, &roleless, &user(&["no-such-role"])] {
            assert!(gate.permit::<_, UserList>(asker, Everything).is_err());
            assert!(gate.permit_some::<AgentList>(asker).is_err());
        }
    }

    #[test]
    fn stronger_roles_keep_what_weaker_ones_may() {
        let gate = Gate::default();
        let allowed: Vec<_> = Role::ALL.into_iter().map(|role| gate.allowed(&[role.into()])).collect();
        for pair in allowed.windows(2) {
            let [weaker, stronger] = pair else { continue };
            assert!(weaker.len() < stronger.len() && weaker.iter().all(|name| stronger.contains(name)));
        }
        assert_eq!(allowed.last().map(Vec::len), Some(ALL.len()));
    }

    #[test]
    fn a_rule_about_some_agents_holds_for_those_alone() {
        let gate = gate(&[Rule::allow(&["agent_*"]).on_agents(web())]);
        let ops = user(&["ops"]);
        assert!(gate.permit::<_, AgentKill>(&ops, OneAgent("web-1")).is_ok());
        let denied = gate.permit::<_, AgentKill>(&ops, OneAgent("db-1")).expect_err("not one of its agents");
        assert_eq!(
            (denied.rule.as_str(), denied.why.as_str()),
            ("default:deny", "no rule of your role ops allows agent_kill on agent db-1")
        );
        assert!(gate.permit::<_, AgentKill>(&ops, Everything).is_err(), "some agents are not every agent");
        let (_, filter) = gate.permit_some::<AgentList>(&ops).expect("there is something to list");
        assert_eq!(filter.extent(), Extent::Some);
        assert!(filter.covers(&OneAgent("web-1").target()) && !filter.covers(&OneAgent("db-1").target()));
    }

    #[test]
    fn deny_beats_allow_and_says_so() {
        let gate = gate(&[Rule::allow(&["*"]), Rule::deny(&["agent_kill"]).on_agents(web())]);
        let denied = gate.permit::<_, AgentKill>(&user(&["admin", "ops"]), OneAgent("web-1")).expect_err("denied");
        assert_eq!((denied.rule.as_str(), denied.why.as_str()), ("ops/2", "rule 2 of the role ops denies agent_kill on agent web-1"));
        assert!(gate.permit::<_, AgentKill>(&user(&["admin", "ops"]), Everything).is_err(), "every agent includes those");
        assert!(gate.permit::<_, AgentKill>(&user(&["admin", "ops"]), OneAgent("db-1")).is_ok());
        assert!(gate.permit::<_, AgentKill>(&user(&["admin"]), OneAgent("web-1")).is_ok());
    }

    #[test]
    fn new_rules_count_at_once() {
        let gate = gate(&[Rule::allow(&["agent_kill"]).on_agents(web())]);
        let ops = user(&["ops"]);
        assert!(gate.permit::<_, AgentKill>(&ops, OneAgent("web-1")).is_ok());
        gate.replace(gate.snapshot().without(&"ops".parse().expect("a role name")));
        assert!(gate.permit::<_, AgentKill>(&ops, OneAgent("web-1")).is_err());
    }
}
