//! How the domain's closed words look in the OpenAPI document. The domain knows no OpenAPI, so its enums are mirrored here for the
//! document alone; a test keeps the mirrors true.

#![expect(missing_docs, reason = "each word is documented where it lives, in mc-domain")]

use serde::Serialize;
use utoipa::ToSchema;

macro_rules! mirrors {
    ($($(#[$doc:meta])* $name:ident: $($variant:ident),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// All words of this kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }
    )+};
}

mirrors! {
    /// What an agent looks after.
    AgentKind: Host, Command, Systemd, Openclaw;
    /// The one word for an agent: `degraded` means that something is not as it should be, `stopped` that its workload was stopped on request.
    AgentStatus: Offline, Degraded, Stopped, Online;
    /// Whether a Kubernetes cluster can be used.
    ClusterStatus: Online, Degraded, Unreachable, Offline;
    /// How an agent proves who it is.
    CredentialKind: Certificate, ApiKey;
    /// Where a workload is in its life; `none` when the agent reports its machine only.
    WorkloadState: None, Starting, Running, Restarting, Stopping, Stopped, Backoff, CrashLoop, Zombie, Failed;
    /// How one liveness fact stands.
    FactState: Ok, Waiting, Bad, Unknown;
    /// What can be asked of an agent.
    CommandAction: Restart, Kill, Check;
    /// Where a command is.
    CommandState: Sent, Running, Done, Failed, TimedOut, Cancelled;
    /// How serious a log line is.
    LogLevel: Trace, Debug, Info, Warn, Error;
    /// What a user may do.
    BuiltInRole: Viewer, Developer, Operator, Admin;
    /// Which product an identity provider is.
    ProviderKind: Entra, Keycloak, Authentik, Generic;
    /// What happens to somebody who is unknown here: an account is made, or only accounts that exist can be linked.
    Provisioning: Create, Link;
    /// Who answers for a second factor: the provider in its own way, or it must say (claim `amr`) that there was one.
    FactorTrust: Provider, Proved;
    /// Who can be given a role.
    SubjectKind: User, Token, Group;
    /// How a request for access stands.
    AccessState: Pending, Approved, Denied, Cancelled, Expired, Ended;
    /// What was recorded.
    RecordingKind: KubectlExec;
    /// Why a recording ended.
    RecordingEnding: Closed, Unreadable, NotStored, Stopped, Unknown;
    /// What kind of actor did something.
    ActorKind: User, Service, Agent, Console, System, Nobody;
    /// How what was tried ended; `started` entries are closed by another entry with the same correlation id.
    AuditResult: Started, Ok, Failed, Denied;
    /// How an invite stands.
    InviteState: Open, Used, Expired, Revoked;
    /// How a try to log in ended.
    LoginResult: Ok, WrongPassword, WrongFactor, Disabled;
    /// Why a new password is refused.
    WeakPassword: TooShort, TooLong, Guessable, Common, Predictable;
    /// Light, dark, or what the machine prefers.
    Theme: System, Light, Dark;
    /// The one colour for what can be acted on.
    Accent: Blue, Teal, Green, Amber, Rose, Violet, Slate;
    /// How the rail on the left begins.
    Sidebar: Expanded, Collapsed;
    /// Whether things move.
    Animations: System, On, Off;
    /// What a live event is about.
    EventKind: AgentChanged, AgentRemoved, AgentStats, CommandChanged, AuditAppended, JoinTokenChanged, UserChanged, UserRemoved, RoleChanged,
        AccessRequestChanged, ClusterChanged, ClusterRemoved;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: Serialize>(all: &[T]) -> Vec<String> {
        let mut words: Vec<String> = all.iter().map(|word| serde_json::to_string(word).expect("serialises")).collect();
        words.sort();
        words
    }

    #[test]
    fn mirrors_say_what_the_domain_says() {
        use mc_domain as d;
        assert_eq!(words(AgentKind::ALL), words(&d::workload::AgentKind::ALL));
        assert_eq!(words(AgentStatus::ALL), words(&d::agent::AgentStatus::ALL));
        assert_eq!(words(ClusterStatus::ALL), words(&d::cluster::ClusterStatus::ALL));
        assert_eq!(words(WorkloadState::ALL), words(&d::workload::WorkloadState::ALL));
        assert_eq!(words(CommandAction::ALL), words(&d::command::CommandAction::ALL));
        assert_eq!(words(CommandState::ALL), words(&d::command::CommandState::ALL));
        assert_eq!(words(ProviderKind::ALL), words(d::provider::ProviderKind::ALL));
        assert_eq!(words(Provisioning::ALL), words(d::provider::Provisioning::ALL));
        assert_eq!(words(FactorTrust::ALL), words(d::provider::FactorTrust::ALL));
        assert_eq!(words(LogLevel::ALL), words(&d::log::LogLevel::ALL));
        assert_eq!(words(InviteState::ALL), words(&d::invite::InviteState::ALL));
        assert_eq!(words(LoginResult::ALL), words(&d::login::LoginResult::ALL));
        assert_eq!(words(WeakPassword::ALL), words(&d::password::WeakPassword::ALL));
        assert_eq!(words(Theme::ALL), words(d::preference::Theme::ALL));
        assert_eq!(words(Accent::ALL), words(d::preference::Accent::ALL));
        assert_eq!(words(Sidebar::ALL), words(d::preference::Sidebar::ALL));
        assert_eq!(words(Animations::ALL), words(d::preference::Animations::ALL));
        assert_eq!(words(BuiltInRole::ALL), words(&d::role::Role::ALL));
        assert_eq!(words(AccessState::ALL), words(&d::access_request::AccessState::ALL));
        assert_eq!(words(RecordingKind::ALL), words(&[d::recording::RecordingKind::KubectlExec]));
        assert_eq!(words(RecordingEnding::ALL), words(&d::recording::RecordingEnding::ALL));
        assert_eq!(words(EventKind::ALL), words(&d::event::EventKind::ALL));
        assert_eq!(words(SubjectKind::ALL), words(&d::role_assignment::SubjectKind::ALL));
    }
}
