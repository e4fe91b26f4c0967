//! What of the fleet a caller may see: lists, counts and events show that and nothing else.
//!
//! For most callers an action is allowed on every agent or on none, which the gate knows without looking at one. For the others the agents are
//! gone through once, and the outcome is kept until a role, an assignment or something that rules can say of an agent changes.

use std::{collections::HashSet, sync::Arc};

use dashmap::DashMap;
use mc_domain::{
    action::{self, Action},
    actor::{Actor, Owed},
    ctx::Ctx,
    id::AgentId,
    permit::{Everything, Permitted},
    role::RoleName,
};
use mc_policy::{Asker, Extent, Filter, Target};

use crate::{App, error::AppError, fleet::view::AgentView};

/// The most outcomes that are kept.
const KEPT: usize = 256;

/// The agents that an action is allowed on.
#[derive(Debug, Clone)]
pub(crate) enum Sight {
    /// Every one, those to come too.
    All,
    /// These.
    Only(Arc<HashSet<AgentId>>),
}

impl Sight {
    fn nothing() -> Self {
        Self::Only(Arc::default())
    }

    /// Whether this agent is among them.
    pub(crate) fn sees(&self, agent: AgentId) -> bool {
        match self {
            Self::All => true,
            Self::Only(agents) => agents.contains(&agent),
        }
    }

    /// The agents by id, unless it is every one: for asking the database.
    pub(crate) fn only(&self) -> Option<&HashSet<AgentId>> {
        match self {
            Self::All => None,
            Self::Only(agents) => Some(agents),
        }
    }
}

/// What an outcome depends on, beside the rules and the fleet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    action: &'static str,
    roles: Arc<[RoleName]>,
    credential: String,
    address: String,
}

/// Outcomes that were worked out, with the moment they hold for: the roster's serial and the fleet's generation.
#[derive(Debug, Default)]
pub(crate) struct Sights(DashMap<Key, (u64, u64, Arc<HashSet<AgentId>>)>);

impl App {
    /// The agents the caller may do `A` to, for a list; and the proof that there is something to list.
    ///
    /// # Errors
    /// `Denied`, which is audited, when no rule of the caller's allows it on anything; or what the caller's roles demand first.
    pub(crate) fn permit_seen<A: Action>(&self, ctx: &Ctx) -> Result<(Permitted<Everything, A>, Sight), AppError> {
        let (permit, filter) = self.gate.permit_some::<A>(ctx).map_err(|denied| {
            self.recorder.denied(ctx, &denied);
            AppError::Denied(denied)
        })?;
        self.obligations::<A>(ctx)?;
        Ok((permit, self.look(ctx, A::NAME, &filter)))
    }

    /// The agents the caller may do `A` to, none being an answer like another.
    pub(crate) fn sight<A: Action>(&self, ctx: &Ctx) -> Sight {
        match self.gate.permit_some::<A>(ctx) {
            Ok(_) if ctx.actor.owed() != Owed::Nothing => Sight::nothing(),
            Ok((_, filter)) => self.look(ctx, A::NAME, &filter),
            Err(_) => Sight::nothing(),
        }
    }

    /// Whether the caller may know that there is this agent. What a token leaves out is not hidden from its owner.
    pub(crate) fn knows_of(&self, ctx: &Ctx, agent: &AgentView) -> bool {
        self.may_one(ctx, &[action::AgentList::NAME, action::AgentShow::NAME], &agent.target)
    }

    /// Whether the caller may know that there is a command for this agent.
    pub(crate) fn knows_of_command(&self, ctx: &Ctx, agent: &Target) -> bool {
        self.may_one(ctx, &[action::CommandList::NAME, action::CommandShow::NAME], agent)
    }

    fn may_one(&self, ctx: &Ctx, actions: &[&str], target: &Target) -> bool {
        let (rules, asker) = (self.gate.snapshot(), Asker { scopes: None, ..Asker::of(ctx) });
        let server = matches!(ctx.actor, Actor::Console | Actor::System);
        server || actions.iter().any(|action| rules.decide(&asker, action, target).allowed)
    }

    fn look(&self, ctx: &Ctx, action: &'static str, filter: &Filter) -> Sight {
        match filter.extent() {
            Extent::All => return Sight::All,
            Extent::None => return Sight::nothing(),
            Extent::Some => {}
        }
        let how = Asker::of(ctx).how;
        let (credential, address) = (how.credential.to_owned(), how.address.to_owned());
        let key = Key { action, roles: ctx.actor.roles().into(), credential, address };
        // Both are read before what they count: an outcome may be newer than it says, never older.
        let (serial, generation) = (self.access.roster().serial, self.inventory.generation());
        let kept = &self.access.sights.0;
        if let Some(known) = kept.get(&key).filter(|known| (known.0, known.1) == (serial, generation)) {
            return Sight::Only(Arc::clone(&known.2));
        }
        let seen = self.inventory.with_all(|all| all.filter(|view| filter.covers(&view.target)).map(|view| view.agent.id).collect());
        let seen: Arc<HashSet<AgentId>> = Arc::new(seen);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, (serial, generation, Arc::clone(&seen)));
        Sight::Only(seen)
    }
}
