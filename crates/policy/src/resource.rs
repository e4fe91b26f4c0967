//! What can be asked about: how the gate names things.

use mc_domain::{agent::Agent, command::Command, invite::Invite, join_token::JoinToken, permit::Everything, provider::Provider, user::User};

/// A thing the gate decides about.
pub trait Resource {
    /// Its kind, as the audit trail names it.
    const KIND: &'static str;
    /// Its id.
    fn id(&self) -> String;
    /// Kind and name, for people.
    fn label(&self) -> String;
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
}

impl Resource for User {
    const KIND: &'static str = "user";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn label(&self) -> String {
        format!("user {}", self.name)
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
