//! What can be asked about: how the gate names things.

use mc_domain::{
    access_request::AccessRequest, agent::Agent, api_token::ApiToken, command::Command, invite::Invite, join_token::JoinToken,
    permit::Everything, provider::Provider, recording::Recording, role::RoleName, user::User,
};

use crate::target::{AgentAttributes, Target};

/// A thing the gate decides about.
pub trait Resource {
    /// Its kind, as the audit trail names it.
    const KIND: &'static str;
    /// Its id.
    fn id(&self) -> String;
    /// Kind and name, for people.
    fn label(&self) -> String;
    /// What rules can say of it. Of what does not tell, a rule can name the id only.
    fn target(&self) -> Target {
        let id = self.id();
        Target::other(Self::KIND, id.clone(), id)
    }
}

/// An agent as rules see it.
#[must_use]
pub fn agent_attributes(agent: &Agent) -> AgentAttributes {
    AgentAttributes {
        id: agent.id.to_string(),
        name: agent.name.to_string(),
        kind: agent.kind.as_str().to_owned(),
        tags: agent.tags.iter().map(ToString::to_string).collect(),
        groups: Vec::new(),
        owner: agent.owner.clone().unwrap_or_default(),
    }
}

/// A thing that belongs to an agent, together with that agent: rules about the agent are rules about it.
#[derive(Debug, Clone)]
pub struct OnAgent<T> {
    /// The thing.
    pub thing: T,
    /// The agent it belongs to; `None` when that is gone, and only rules about all agents hold.
    pub agent: Option<Target>,
}

impl<T: Resource> Resource for OnAgent<T> {
    const KIND: &'static str = T::KIND;
    fn id(&self) -> String {
        self.thing.id()
    }
    fn label(&self) -> String {
        self.thing.label()
    }
    fn target(&self) -> Target {
        self.agent.clone().unwrap_or_else(Target::everything)
    }
}

impl Resource for Everything {
    const KIND: &'static str = "everything";
    fn id(&self) -> String {
        String::new()
    }
    fn label(&self) -> String {
        "everything".to_owned()
    }
}

impl Resource for Agent {
    const KIND: &'static str = "agent";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("agent {}", self.name)
    }
    fn target(&self) -> Target {
        Target::agent(agent_attributes(self))
    }
}

impl Resource for AccessRequest {
    const KIND: &'static str = "access_request";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("{} for {}", self.wanted.label(), self.requester_name)
    }
    /// Rules can name what is asked for: the role, or the action.
    fn target(&self) -> Target {
        Target::other(Self::KIND, self.id(), self.wanted.word())
    }
}

impl Resource for Recording {
    const KIND: &'static str = "recording";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("recording {}", self.id)
    }
    /// Rules can name the cluster.
    fn target(&self) -> Target {
        Target::other(Self::KIND, self.id(), self.cluster.clone())
    }
}

impl Resource for RoleName {
    const KIND: &'static str = "role";
    fn id(&self) -> String {
        self.to_string()
    }
    fn label(&self) -> String {
        format!("role {self}")
    }
}

impl Resource for User {
    const KIND: &'static str = "user";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("user {}", self.name)
    }
    fn target(&self) -> Target {
        Target::other(Self::KIND, self.id(), self.name.to_string())
    }
}

impl Resource for ApiToken {
    const KIND: &'static str = "token";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("token {}", self.name)
    }
}

impl Resource for Provider {
    const KIND: &'static str = "provider";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("provider {}", self.name)
    }
    fn target(&self) -> Target {
        Target::other(Self::KIND, self.id(), self.name.to_string())
    }
}

impl Resource for JoinToken {
    const KIND: &'static str = "join_token";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("join token {}", self.id)
    }
}

impl Resource for Command {
    const KIND: &'static str = "command";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("command {} on {}", self.action, self.agent_name)
    }
}

impl Resource for Invite {
    const KIND: &'static str = "invite";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("invite {}", self.id)
    }
}
