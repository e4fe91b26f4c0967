//! Which live events a caller may see: those about things the caller may list.

use mc_domain::{
    action::{self, Action as _},
    actor::{Actor, Owed},
    agent::Agent,
    ctx::Ctx,
    event::EventKind,
    permit::Everything,
};
use mc_policy::{Asker, Resource};

use super::Sight;
use crate::{App, Change};

/// What a caller may see of the events at a moment: made for a batch of them and then thrown away.
pub struct EventSight {
    agents: Sight,
    commands: Sight,
    /// Kinds of events about no agent that the caller may see.
    kinds: Vec<EventKind>,
    /// For agents that are not in the fleet any more.
    rules: std::sync::Arc<mc_policy::Snapshot>,
    ctx: Ctx,
}

impl EventSight {
    /// Whether the caller may see this event.
    #[must_use]
    pub fn sees(&self, kind: EventKind, change: &Change) -> bool {
        // A page that was open before a second factor was demanded.
        if self.ctx.actor.owed() != Owed::Nothing {
            return false;
        }
        match change {
            Change::Agent(view) => self.agents.sees(view.agent.id),
            Change::AgentStats(id, _) => self.agents.sees(*id),
            Change::AgentRemoved(agent) => self.saw(agent),
            // Who still sees the agent hears of it by the event that says how it is now.
            Change::AgentHidden { before, now } => self.saw(before) && !self.saw(now),
            Change::Command(command) => self.commands.sees(command.agent_id),
            Change::AccessRequest(request) => {
                let own = matches!(&self.ctx.actor, Actor::User { id, .. } if *id == request.requester);
                let approve = action::AccessRequestApprove::NAME;
                own || self.rules.decide(&Asker::of(&self.ctx), approve, &request.target()).allowed
            }
            Change::Cluster(view) => self.rules.knows_cluster(&Asker::of(&self.ctx), view.cluster.name.as_str()),
            Change::ClusterRemoved(name) => self.rules.knows_cluster(&Asker::of(&self.ctx), name.as_str()),
            _ => self.kinds.contains(&kind),
        }
    }

    fn saw(&self, agent: &Agent) -> bool {
        match &self.agents {
            Sight::All => true,
            Sight::Only(_) => self.rules.decide(&Asker::of(&self.ctx), EventKind::AgentChanged.action(), &agent.target()).allowed,
        }
    }
}

impl App {
    /// What this caller may see of the events now.
    #[must_use]
    pub fn event_sight(&self, ctx: &Ctx) -> EventSight {
        let rules = self.gate.snapshot();
        let everything = Everything.target();
        let server = matches!(ctx.actor, Actor::Console | Actor::System);
        let may = |kind: &EventKind| server || rules.decide(&Asker::of(ctx), kind.action(), &everything).allowed;
        EventSight {
            agents: self.sight::<action::AgentList>(ctx),
            commands: self.sight::<action::CommandList>(ctx),
            kinds: EventKind::ALL.into_iter().filter(may).collect(),
            ctx: ctx.clone(),
            rules,
        }
    }
}
