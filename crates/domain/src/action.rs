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
    /// What it is done to.
    const ON: Kind;
    /// Whether it can hurt: roles may ask people to prove again who they are before it.
    const DESTRUCTIVE: bool;
}

/// Kinds of things that actions are done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// No single thing.
    Everything,
    /// An agent.
    Agent,
    /// A command sent to an agent.
    Command,
    /// A join token.
    JoinToken,
    /// A user.
    User,
    /// An invite.
    Invite,
    /// An API token.
    Token,
    /// A role.
    Role,
    /// An identity provider.
    Provider,
    /// A request for access.
    AccessRequest,
    /// A request to a Kubernetes API server.
    Kubernetes,
    /// A recorded session.
    Recording,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Everything,
        Self::Agent,
        Self::Command,
        Self::JoinToken,
        Self::User,
        Self::Invite,
        Self::Token,
        Self::Role,
        Self::Provider,
        Self::AccessRequest,
        Self::Kubernetes,
        Self::Recording,
    ];

    /// The kind from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind as the audit trail and the interface name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Agent => "agent",
            Self::Command => "command",
            Self::JoinToken => "join_token",
            Self::User => "user",
            Self::Invite => "invite",
            Self::Token => "token",
            Self::Role => "role",
            Self::Provider => "provider",
            Self::AccessRequest => "access_request",
            Self::Kubernetes => "kubernetes",
            Self::Recording => "recording",
        }
    }
}

/// What is known of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionInfo {
    /// The name: `agent_restart`.
    pub name: &'static str,
    /// The weakest built-in role that may do it.
    pub weakest: Role,
    /// What it is done to.
    pub on: Kind,
    /// Whether it can hurt.
    pub destructive: bool,
    /// What it is, for people.
    pub text: &'static str,
}

macro_rules! actions {
    ($(#[doc = $text:literal] $name:ident = $word:literal, $role:ident, $kind:ident $(, $hurts:ident)?;)+) => {
        $(
            #[doc = $text]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;
            impl Action for $name {
                const NAME: &'static str = $word;
                const ROLE: Role = Role::$role;
                const ON: Kind = Kind::$kind;
                const DESTRUCTIVE: bool = hurts!($($hurts)?);
            }
        )+

        /// Every action there is.
        pub const ALL: &[ActionInfo] = &[$(ActionInfo {
            name: $word,
            weakest: Role::$role,
            on: Kind::$kind,
            destructive: hurts!($($hurts)?),
            text: $text.trim_ascii(),
        }),+];
    };
}

macro_rules! hurts {
    () => {
        false
    };
    (destructive) => {
        true
    };
}

/// The action of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static ActionInfo> {
    ALL.iter().find(|action| action.name == name)
}

actions! {
    /// See one's own account.
    MeShow = "me_show", Viewer, Everything;
    /// List agents.
    AgentList = "agent_list", Viewer, Agent;
    /// See one agent.
    AgentShow = "agent_show", Viewer, Agent;
    /// Rename an agent or change its tags.
    AgentUpdate = "agent_update", Operator, Agent;
    /// Remove an agent: its certificate is refused from then on.
    AgentRemove = "agent_remove", Admin, Agent, destructive;
    /// Restart an agent's workload.
    AgentRestart = "agent_restart", Developer, Agent, destructive;
    /// Stop an agent's workload by force, and keep it stopped.
    AgentKill = "agent_kill", Operator, Agent, destructive;
    /// Have an agent check its workload now.
    AgentCheck = "agent_check", Developer, Agent;
    /// Read an agent's logs.
    AgentLogs = "agent_logs", Viewer, Agent;
    /// Read an agent's metrics.
    AgentMetrics = "agent_metrics", Viewer, Agent;
    /// Read what happened to an agent.
    AgentActivity = "agent_activity", Viewer, Agent;
    /// List commands.
    CommandList = "command_list", Viewer, Command;
    /// See one command.
    CommandShow = "command_show", Viewer, Command;
    /// Cancel a running command.
    CommandCancel = "command_cancel", Developer, Command;
    /// Make a join token.
    JoinTokenCreate = "join_token_create", Operator, Everything;
    /// List join tokens, never their secrets.
    JoinTokenList = "join_token_list", Operator, Everything;
    /// Revoke a join token.
    JoinTokenRevoke = "join_token_revoke", Operator, JoinToken;
    /// Read the overview.
    OverviewShow = "overview_show", Viewer, Everything;
    /// Follow live events.
    EventFollow = "event_follow", Viewer, Everything;
    /// Read the server's own logs.
    ServerLogs = "server_logs", Operator, Everything;
    /// See the server's status and version.
    StatusShow = "status_show", Viewer, Everything;
    /// List users.
    UserList = "user_list", Admin, Everything;
    /// Make a user.
    UserCreate = "user_create", Admin, Everything;
    /// Disable or enable a user, or set the password.
    UserUpdate = "user_update", Admin, User;
    /// Give a user another role.
    UserSetRole = "user_set_role", Admin, User, destructive;
    /// Read the audit trail.
    AuditList = "audit_list", Admin, Everything;
    /// See one's own profile.
    MeProfile = "me_profile", Viewer, Everything;
    /// Change one's own profile.
    MeUpdate = "me_update", Viewer, Everything;
    /// Have the link sent that proves one's own e-mail address.
    MeEmailVerify = "me_email_verify", Viewer, Everything;
    /// Change one's own password.
    MePassword = "me_password", Viewer, Everything;
    /// List one's own sessions.
    MeSessions = "me_sessions", Viewer, Everything;
    /// End one of one's own sessions.
    MeSessionEnd = "me_session_end", Viewer, Everything;
    /// End all of one's own sessions but this.
    MeSessionsEnd = "me_sessions_end", Viewer, Everything;
    /// Read one's own login history.
    MeLogins = "me_logins", Viewer, Everything;
    /// Read one's own preferences.
    MePreferences = "me_preferences", Viewer, Everything;
    /// Change one's own preferences.
    MePreferencesUpdate = "me_preferences_update", Viewer, Everything;
    /// See one's own second factors.
    MeSecondFactor = "me_second_factor", Viewer, Everything;
    /// Begin to set up one's own authenticator app.
    MeTotpBegin = "me_totp_begin", Viewer, Everything;
    /// Finish setting up one's own authenticator app.
    MeTotpConfirm = "me_totp_confirm", Viewer, Everything;
    /// Remove one's own authenticator app.
    MeTotpRemove = "me_totp_remove", Viewer, Everything;
    /// Make new recovery codes for oneself.
    MeRecoveryCodes = "me_recovery_codes", Viewer, Everything;
    /// Begin to add a passkey of one's own.
    MePasskeyBegin = "me_passkey_begin", Viewer, Everything;
    /// Add a passkey of one's own.
    MePasskeyAdd = "me_passkey_add", Viewer, Everything;
    /// Rename a passkey of one's own.
    MePasskeyRename = "me_passkey_rename", Viewer, Everything;
    /// Remove a passkey of one's own.
    MePasskeyRemove = "me_passkey_remove", Viewer, Everything;
    /// Ask how one can prove again who one is.
    MeStepUpBegin = "me_step_up_begin", Viewer, Everything;
    /// Prove again who one is.
    MeStepUp = "me_step_up", Viewer, Everything;
    /// List one's own accounts at identity providers.
    MeIdentities = "me_identities", Viewer, Everything;
    /// Begin to link an account at an identity provider to oneself.
    MeIdentityLink = "me_identity_link", Viewer, Everything;
    /// Unlink an account at an identity provider from oneself.
    MeIdentityUnlink = "me_identity_unlink", Viewer, Everything;
    /// Ask why one may or may not do something.
    MeWhy = "me_why", Viewer, Everything;
    /// See one user.
    UserShow = "user_show", Admin, User;
    /// Delete a user; what they did stays on record.
    UserDelete = "user_delete", Admin, User, destructive;
    /// Make a link with which a user sets a new password.
    UserResetLink = "user_reset_link", Admin, User, destructive;
    /// List a user's sessions.
    UserSessions = "user_sessions", Admin, User;
    /// End all sessions of a user.
    UserSessionsEnd = "user_sessions_end", Admin, User;
    /// Take away a user's second factors, so that they can set up new ones.
    UserSecondFactorReset = "user_second_factor_reset", Admin, User, destructive;
    /// List invites, never their secrets.
    InviteList = "invite_list", Admin, Everything;
    /// Invite somebody.
    InviteCreate = "invite_create", Admin, Everything;
    /// Revoke an invite.
    InviteRevoke = "invite_revoke", Admin, Invite;
    /// Read the settings of identity.
    SettingsShow = "settings_show", Admin, Everything;
    /// Change the settings of identity.
    SettingsUpdate = "settings_update", Admin, Everything, destructive;
    /// List identity providers.
    ProviderList = "provider_list", Admin, Everything;
    /// Add an identity provider.
    ProviderCreate = "provider_create", Admin, Everything, destructive;
    /// See one identity provider, never its secret.
    ProviderShow = "provider_show", Admin, Provider;
    /// Change an identity provider.
    ProviderUpdate = "provider_update", Admin, Provider, destructive;
    /// Remove an identity provider.
    ProviderDelete = "provider_delete", Admin, Provider, destructive;
    /// Try whether an identity provider answers as it should.
    ProviderCheck = "provider_check", Admin, Provider;
    /// List one's own tokens, never their secrets.
    TokenList = "token_list", Viewer, Everything;
    /// See one token.
    TokenShow = "token_show", Viewer, Token;
    /// Make a personal token.
    TokenCreate = "token_create", Viewer, Everything;
    /// Give a token a new secret.
    TokenRotate = "token_rotate", Viewer, Token;
    /// Revoke a token.
    TokenRevoke = "token_revoke", Viewer, Token;
    /// See, rotate and revoke everybody's tokens, and make service tokens.
    TokenAdmin = "token_admin", Admin, Everything;
    /// List roles.
    RoleList = "role_list", Viewer, Everything;
    /// See what a role allows.
    RoleShow = "role_show", Viewer, Role;
    /// Make a role.
    RoleCreate = "role_create", Admin, Everything, destructive;
    /// Change a role.
    RoleUpdate = "role_update", Admin, Role, destructive;
    /// Delete a role.
    RoleDelete = "role_delete", Admin, Role, destructive;
    /// Check a role's rules without saving them.
    RoleCheck = "role_check", Admin, Everything;
    /// List the actions there are.
    ActionList = "action_list", Viewer, Everything;
    /// List who was given which role.
    AssignmentList = "assignment_list", Admin, Everything;
    /// Give a role to somebody.
    AssignmentCreate = "assignment_create", Admin, Role, destructive;
    /// Take a role away from somebody.
    AssignmentRemove = "assignment_remove", Admin, Role;
    /// Ask who could do something.
    SimulateWho = "simulate_who", Admin, Everything;
    /// Ask what somebody could do.
    SimulateWhat = "simulate_what", Admin, Everything;
    /// Ask which past actions a changed role would have refused.
    SimulatePast = "simulate_past", Admin, Everything;
    /// List access requests: one's own, and those one may decide.
    AccessRequestList = "access_request_list", Viewer, Everything;
    /// See one access request.
    AccessRequestShow = "access_request_show", Viewer, AccessRequest;
    /// Ask for a role or an action for a while.
    AccessRequestCreate = "access_request_create", Viewer, Everything;
    /// Take back one's own access request.
    AccessRequestCancel = "access_request_cancel", Viewer, AccessRequest;
    /// Give back early what was granted.
    AccessRequestEnd = "access_request_end", Viewer, AccessRequest;
    /// Grant an access request.
    AccessRequestApprove = "access_request_approve", Admin, AccessRequest, destructive;
    /// Refuse an access request.
    AccessRequestDeny = "access_request_deny", Admin, AccessRequest;
    /// Verify the audit trail.
    AuditVerify = "audit_verify", Admin, Everything;
    /// List the audit trail's signed checkpoints.
    AuditCheckpoints = "audit_checkpoints", Admin, Everything;
    /// Read the public key that proves the audit trail's checkpoints.
    AuditKey = "audit_key", Admin, Everything;
    /// Send a request to a cluster's Kubernetes API server.
    KubeRequest = "kube_request", Admin, Kubernetes;
    /// List recorded sessions: one's own, and those one may see.
    RecordingList = "recording_list", Viewer, Everything;
    /// See one recorded session of one's own.
    RecordingShow = "recording_show", Viewer, Recording;
    /// Watch or download a recorded session of one's own.
    RecordingCast = "recording_cast", Viewer, Recording;
    /// See, watch and download everybody's recorded sessions.
    RecordingAdmin = "recording_admin", Admin, Recording;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|action| action.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn an_action_is_found_by_its_name() {
        assert!(by_name("agent_kill").is_some_and(|action| action.destructive && action.on == Kind::Agent));
        assert_eq!(by_name("agent_kil"), None);
    }
}
