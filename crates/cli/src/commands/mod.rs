//! What each command does, one file a noun.

pub(crate) mod action;
pub(crate) mod agent;
mod agent_view;
pub(crate) mod api_token;
pub(crate) mod approval;
pub(crate) mod audit;
mod audit_verify;
pub(crate) mod auth;
pub(crate) mod cluster;
pub(crate) mod command;
pub(crate) mod completion;
pub(crate) mod context;
pub(crate) mod invite;
pub(crate) mod join_token;
pub(crate) mod kube;
pub(crate) mod kubectl;
pub(crate) mod log;
mod play;
pub(crate) mod provider;
pub(crate) mod recording;
pub(crate) mod role;
pub(crate) mod session;
mod sso;
pub(crate) mod status;
pub(crate) mod user;
pub(crate) mod why;

use mc_api::list::List;
use mc_domain::{agent::AgentStatus, command::CommandState, log::LogLevel};

use crate::{
    app::App,
    args::{Command, Page},
    failure::Failure,
    mk8s,
    table::Tone,
};

/// Runs a command.
pub(crate) async fn run(app: &App, command: Command) -> Result<(), Failure> {
    if !matches!(command, Command::Version | Command::Completion(_)) {
        mk8s::settle(app)?;
    }
    match command {
        Command::Login(login) => auth::login(app, &login).await,
        Command::Logout => auth::logout(app).await,
        Command::Status => status::status(app).await,
        Command::Version => status::version(app),
        Command::Completion(completion) => completion::completion(app, &completion),
        Command::Agents(agents) => agent::run(app, agents).await,
        Command::Logs(logs) => log::run(app, logs).await,
        Command::Clusters(clusters) => cluster::run(app, clusters).await,
        Command::Kubectl(kubectl) => kubectl::run(app, kubectl).await,
        Command::Kube(kube) => kube::run(app, kube).await,
        Command::Commands(commands) => command::run(app, commands).await,
        Command::JoinTokens(join_tokens) => join_token::run(app, join_tokens).await,
        Command::Approvals(approvals) => approval::run(app, approvals).await,
        Command::Tokens(tokens) => api_token::run(app, tokens).await,
        Command::Users(users) => user::run(app, users).await,
        Command::Invites(invites) => invite::run(app, invites).await,
        Command::Providers(providers) => provider::run(app, providers).await,
        Command::Recordings(recordings) => recording::run(app, recordings).await,
        Command::Sessions(sessions) => session::run(app, sessions).await,
        Command::Roles(roles) => role::run(app, roles).await,
        Command::Why(why) => why::run(app, &why).await,
        Command::Audit(audit) => audit::run(app, *audit).await,
        Command::Contexts(contexts) => context::run(app, contexts),
    }
}

/// All pages of a list up to a limit, as one. `fetch` gets a cursor and how many to ask for.
pub(crate) async fn collect<T, F>(page: Page, mut fetch: impl FnMut(Option<String>, u32) -> F) -> Result<List<T>, Failure>
where
    F: Future<Output = mc_client::Result<List<T>>>,
{
    let mut list = List { items: Vec::new(), next_cursor: None, total: 0 };
    while let Some(missing) = page.next(list.items.len()) {
        let next = fetch(list.next_cursor.take(), missing).await?;
        list.items.extend(next.items);
        list.total = next.total;
        list.next_cursor = next.next_cursor;
        if list.next_cursor.is_none() {
            break;
        }
    }
    Ok(list)
}

/// Says so when a list was cut.
pub(crate) fn note_cut<T>(app: &App, list: &List<T>, noun: &str) {
    if usize::try_from(list.total).is_ok_and(|total| total > list.items.len()) {
        app.out.note(&format!("{} of {} {noun} shown; --all shows every one", list.items.len(), list.total));
    }
}

/// The tone of an agent's status.
pub(crate) const fn status_tone(status: AgentStatus) -> Tone {
    match status {
        AgentStatus::Online => Tone::Good,
        AgentStatus::Degraded => Tone::Warn,
        AgentStatus::Offline => Tone::Bad,
        AgentStatus::Stopped => Tone::Muted,
    }
}

/// A command's state in words.
pub(crate) const fn state_words(state: CommandState) -> &'static str {
    match state {
        CommandState::TimedOut => "timed out",
        other => other.as_str(),
    }
}

/// The tone of a command's state.
pub(crate) const fn state_tone(state: CommandState) -> Tone {
    match state {
        CommandState::Done => Tone::Good,
        CommandState::Failed | CommandState::TimedOut => Tone::Bad,
        CommandState::Cancelled => Tone::Warn,
        CommandState::Sent | CommandState::Running => Tone::Plain,
    }
}

/// The tone of a log line.
pub(crate) const fn level_tone(level: LogLevel) -> Tone {
    match level {
        LogLevel::Error => Tone::Bad,
        LogLevel::Warn => Tone::Warn,
        LogLevel::Info => Tone::Plain,
        LogLevel::Debug | LogLevel::Trace => Tone::Muted,
    }
}

/// A number of bytes as people read it.
pub(crate) fn bytes(count: f64) -> String {
    let mut value = count.max(0.0);
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1_024.0 {
            break;
        }
        value /= 1_024.0;
        unit = larger;
    }
    if unit == "B" || value >= 100.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_well() {
        assert_eq!(bytes(512.0), "512 B");
        assert_eq!(bytes(1_536.0), "1.5 KiB");
        assert_eq!(bytes(8.0 * 1_073_741_824.0), "8.0 GiB");
    }
}
