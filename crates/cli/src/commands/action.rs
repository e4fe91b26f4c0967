//! Restart, kill, check: ask, confirm, send, wait, say what became of it.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use mc_api::{
    agent::Agent,
    command::{ActionRequest, BulkActionRequest, Command},
};
use mc_client::{Client, Error};
use mc_domain::{
    command::{CommandAction, CommandState},
    id::CommandId,
};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    app::App,
    commands::{command::latest, state_tone, state_words},
    failure::{Exit, Failure},
    prompt::capital,
    table::{Cell, Table, Tone, text as column, whole},
    watch::Watch,
    when,
};

/// The most agents in one request.
const BULK_MAX: usize = 1_000;
/// How much longer than the server the program waits, so that it is the server that says "timed out".
const GRACE: Duration = Duration::from_secs(10);

/// `mc agents restart`, `kill` and `check`.
#[derive(Debug, Args)]
pub(crate) struct Act {
    /// Names or ids
    #[arg(required = true, value_name = "AGENT")]
    agents: Vec<String>,
    /// Why; kept in the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Do not wait for the results
    #[arg(long)]
    no_wait: bool,
    /// How long it may take
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = timeout)]
    timeout: Duration,
}

fn timeout(text: &str) -> Result<Duration, String> {
    when::parse_duration(text).and_then(|time| match time.as_secs() {
        1..=3_600 => Ok(time),
        _ => Err("use 1s to 1h".to_owned()),
    })
}

/// An action in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    action: CommandAction,
    /// `restart`
    verb: &'static str,
    /// `restarting`
    doing: &'static str,
    /// `restarted`
    did: &'static str,
}

impl Ask {
    pub(crate) const fn restart() -> Self {
        Self { action: CommandAction::Restart, verb: "restart", doing: "restarting", did: "restarted" }
    }

    pub(crate) const fn kill() -> Self {
        Self { action: CommandAction::Kill, verb: "kill", doing: "killing", did: "killed" }
    }

    pub(crate) const fn check() -> Self {
        Self { action: CommandAction::Check, verb: "check", doing: "checking", did: "checked" }
    }
}

/// What became of the action on one agent.
#[derive(Debug, Clone, Serialize)]
struct Outcome {
    agent: String,
    action: CommandAction,
    /// A command's state, or `refused`.
    state: &'static str,
    /// The result, the progress so far, or why it was refused.
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_id: Option<CommandId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    #[serde(skip)]
    exit: Exit,
}

pub(crate) async fn run(app: &App, ask: Ask, act: &Act) -> Result<(), Failure> {
    let client = app.connect()?;
    let agents = app.agents(&client, &act.agents).await?;
    let mut reason = act.reason.clone();
    if ask.action.destructive() {
        let names: Vec<String> = agents.iter().map(|agent| agent.name.clone()).collect();
        app.confirm(ask.verb, "agent", &names, act.yes)?;
        if reason.is_none() && !act.yes {
            reason = Some(app.ask_line("Why? (kept in the audit trail; may be empty) ", "--reason")?);
        }
    }
    let watch = if act.no_wait { None } else { Some(Watch::open(&client).await) };
    let mut outcomes = send(&client, ask, act, reason.unwrap_or_default(), &agents).await?;
    if let Some(watch) = watch {
        wait(app, ask, watch, act.timeout, &mut outcomes).await?;
    }
    app.out.value(&json!({ "items": outcomes, "total": outcomes.len() }), || text(app, ask, &outcomes))?;
    // One agent's own reason is the exit code; among many, some failed.
    let worst = outcomes.iter().map(|outcome| outcome.exit).find(|exit| *exit != Exit::Done);
    match worst {
        None => Ok(()),
        Some(exit) if outcomes.len() == 1 => Err(Failure::told(exit)),
        Some(_) => Err(Failure::told(Exit::Failed)),
    }
}

async fn send(client: &Client, ask: Ask, act: &Act, reason: String, agents: &[Agent]) -> Result<Vec<Outcome>, Failure> {
    let timeout_seconds = Some(u32::try_from(act.timeout.as_secs()).unwrap_or(u32::MAX));
    let action = ask.action;
    if let [agent] = agents {
        let answer = client.agent_act(&agent.id.to_string(), &ActionRequest { action, reason, timeout_seconds }).await;
        return match answer {
            Ok(accepted) => Ok(vec![sent(agent, ask, accepted.command_id)]),
            Err(Error::Problem(problem)) if problem.status == 409 => Ok(vec![refused(agent, ask, problem.code, problem.detail)]),
            Err(error) => Err(error.into()),
        };
    }
    let mut outcomes = Vec::with_capacity(agents.len());
    for some in agents.chunks(BULK_MAX) {
        let ids = some.iter().map(|agent| agent.id.to_string()).collect();
        let answer = client.agents_act(&BulkActionRequest { agents: ids, action, reason: reason.clone(), timeout_seconds }).await?;
        for (agent, item) in some.iter().zip(answer.items) {
            outcomes.push(match item.command_id {
                Some(id) => sent(agent, ask, id),
                None => refused(agent, ask, item.code.unwrap_or_default(), item.detail.unwrap_or_default()),
            });
        }
    }
    Ok(outcomes)
}

fn sent(agent: &Agent, ask: Ask, id: CommandId) -> Outcome {
    Outcome {
        agent: agent.name.clone(),
        action: ask.action,
        state: CommandState::Sent.as_str(),
        detail: String::new(),
        command_id: Some(id),
        code: None,
        duration_ms: None,
        exit: Exit::Done,
    }
}

fn refused(agent: &Agent, ask: Ask, code: String, detail: String) -> Outcome {
    Outcome {
        agent: agent.name.clone(),
        action: ask.action,
        state: "refused",
        detail,
        command_id: None,
        exit: match code.as_str() {
            "denied" => Exit::Forbidden,
            "not_found" => Exit::NotFound,
            _ => Exit::Failed,
        },
        code: Some(code),
        duration_ms: None,
    }
}

async fn wait(app: &App, ask: Ask, watch: Watch, timeout: Duration, outcomes: &mut [Outcome]) -> Result<(), Failure> {
    let ids: Vec<CommandId> = outcomes.iter().filter_map(|outcome| outcome.command_id).collect();
    let began = Instant::now();
    let progress = |known: &BTreeMap<CommandId, Command>| app.out.progress(&progress_line(ask, known, ids.len(), began.elapsed()));
    progress(&BTreeMap::new());
    let known = watch.until_ended(&ids, began + timeout + GRACE, progress).await;
    app.out.progress("");
    let known = known?;
    for outcome in outcomes {
        let Some(id) = outcome.command_id else { continue };
        match known.get(&id) {
            Some(command) => {
                outcome.state = command.state.as_str();
                outcome.detail = latest(command).to_owned();
                outcome.duration_ms = command.finished_at.and_then(|at| u64::try_from(at.since(command.created_at).as_millis()).ok());
                outcome.exit = if command.state == CommandState::Done { Exit::Done } else { Exit::Failed };
            }
            None => outcome.exit = Exit::Failed,
        }
        if !is_final(outcome.state) {
            outcome.detail =
                format!("no result within {}; `{} commands show {id}` follows it", when::short(timeout), app.environment.program);
            outcome.exit = Exit::Failed;
        }
    }
    Ok(())
}

fn is_final(state: &str) -> bool {
    CommandState::from_text(state).is_some_and(CommandState::is_final)
}

fn progress_line(ask: Ask, known: &BTreeMap<CommandId, Command>, of: usize, since: Duration) -> String {
    let since = when::short(since);
    if of == 1 {
        let (name, doing) = known.values().next().map_or(("", ""), |command| (command.agent_name.as_str(), latest(command)));
        let doing = if doing.is_empty() { "sent" } else { doing };
        return format!("{} {name}… {doing} ({since})", capital(ask.doing));
    }
    let ended = known.values().filter(|command| command.state.is_final());
    let failed = ended.clone().filter(|command| command.state != CommandState::Done).count();
    let failures = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    format!("{}… {} of {of} ended{failures} ({since})", capital(ask.doing), ended.count())
}

fn text(app: &App, ask: Ask, outcomes: &[Outcome]) -> String {
    if let [one] = outcomes {
        return sentence(app, ask, one);
    }
    let mut table = Table::new([whole("AGENT"), whole("RESULT"), column("DETAIL"), whole("TOOK").optional()]);
    for outcome in outcomes {
        let took = outcome.duration_ms.and_then(|took| i64::try_from(took).ok()).map(when::millis).unwrap_or_default();
        table.row([outcome.agent.as_str().into(), word(outcome), outcome.detail.as_str().into(), took.into()]);
    }
    app.out.render(&table)
}

fn word(outcome: &Outcome) -> Cell {
    match CommandState::from_text(outcome.state) {
        Some(state) => Cell::new(state_words(state), state_tone(state)),
        None => Cell::new(outcome.state, Tone::Bad),
    }
}

fn sentence(app: &App, ask: Ask, outcome: &Outcome) -> String {
    let Outcome { agent, detail, .. } = outcome;
    let took =
        outcome.duration_ms.and_then(|took| i64::try_from(took).ok()).map(|took| format!(" ({})", when::millis(took))).unwrap_or_default();
    let with = |text: String| if detail.is_empty() { text } else { format!("{text}: {detail}") };
    match (CommandState::from_text(outcome.state), outcome.command_id) {
        (Some(CommandState::Done), _) => app.out.tone(&with(format!("{agent} {}{took}", ask.did)), Tone::Good),
        (Some(CommandState::Sent | CommandState::Running), Some(id)) if outcome.exit == Exit::Done => {
            format!("{agent}: {} sent; `{} commands show {id}` follows it", ask.verb, app.environment.program)
        }
        (Some(state), _) => app.out.tone(&with(format!("{agent}: {} {}", ask.verb, state_words(state))), Tone::Bad),
        (None, _) => app.out.tone(&with(format!("{agent}: {} refused", ask.verb)), Tone::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_what_the_server_takes() {
        assert_eq!(timeout("90"), Ok(Duration::from_secs(90)));
        assert_eq!(timeout("2m"), Ok(Duration::from_secs(120)));
        assert!(timeout("0").is_err());
        assert!(timeout("2h").is_err());
    }

    #[test]
    fn progress_counts_what_ended() {
        let line = progress_line(Ask::restart(), &BTreeMap::new(), 3, Duration::from_secs(4));
        assert_eq!(line, "Restarting… 0 of 3 ended (4s)");
    }
}
