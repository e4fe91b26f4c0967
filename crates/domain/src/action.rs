//! Actions: the one name of everything that can be asked.
//!
//! The same word is the OpenAPI `operationId`, the audit entry's action and the gate's action.

use crate::role::Role;

/// An action as a type, so that a proof of authorisation can name it.
pub trait Action: Send + Sync + 'static {
    /// The name: `agent_restart`.
    const NAME: &'static str;
    /// The weakest built-in role that may do it.
    const ROLE: Role;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $role:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;
            impl Action for $name {
                const NAME: &'static str = $text;
                const ROLE: Role = Role::$role;
            }
        )+

        /// Every action with the weakest role that may do it.
        pub const ALL: &[(&str, Role)] = &[$(($text, Role::$role)),+];
    };
}

actions! {
    /// See one's own account.
    MeShow = "me_show", Viewer;
    /// List agents.
    AgentList = "agent_list", Viewer;
    /// See one agent.
    AgentShow = "agent_show", Viewer;
    /// Rename an agent or change its tags.
    AgentUpdate = "agent_update", Operator;
    /// Remove an agent: its certificate is refused from then on.
    AgentRemove = "agent_remove", Admin;
    /// Restart an agent's workload.
    AgentRestart = "agent_restart", Operator;
    /// Stop an agent's workload by force, and keep it stopped.
    AgentKill = "agent_kill", Operator;
    /// Have an agent check its workload now.
    AgentCheck = "agent_check", Operator;
    /// Read an agent's logs.
    AgentLogs = "agent_logs", Viewer;
    /// Read an agent's metrics.
    AgentMetrics = "agent_metrics", Viewer;
    /// Read what happened to an agent.
    AgentActivity = "agent_activity", Viewer;
    /// List commands.
    CommandList = "command_list", Viewer;
    /// See one command.
    CommandShow = "command_show", Viewer;
    /// Cancel a running command.
    CommandCancel = "command_cancel", Operator;
    /// Make a join token.
    JoinTokenCreate = "join_token_create", Operator;
    /// List join tokens, never their secrets.
    JoinTokenList = "join_token_list", Operator;
    /// Revoke a join token.
    JoinTokenRevoke = "join_token_revoke", Operator;
    /// Read the overview.
    OverviewShow = "overview_show", Viewer;
    /// Follow live events.
    EventFollow = "event_follow", Viewer;
    /// Read the server's own logs.
    ServerLogs = "server_logs", Operator;
    /// See the server's status and version.
    StatusShow = "status_show", Viewer;
    /// List users.
    UserList = "user_list", Admin;
    /// Make a user.
    UserCreate = "user_create", Admin;
    /// Disable or enable a user, or set the password.
    UserUpdate = "user_update", Admin;
    /// Give a user another role.
    UserSetRole = "user_set_role", Admin;
    /// Read the audit trail.
    AuditList = "audit_list", Admin;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
