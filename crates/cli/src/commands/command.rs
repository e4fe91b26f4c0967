//! `mc commands`: what became of actions.

use clap::{Args, Subcommand};
use mc_api::command::Command;
use mc_client::CommandQuery;

use crate::{
    app::App,
    args::Page,
    commands::{collect, note_cut, state_tone, state_words},
    failure::Failure,
    table::{Cell, Column, Table, text, whole},
    when,
};

/// `mc commands …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Commands {
    /// List commands, newest first
    List(List),
    /// Show one command
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Ask for commands to be cancelled
    Cancel {
        /// Ids, or their beginnings
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

/// `mc commands list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this agent
    #[arg(long)]
    agent: Option<String>,
    /// Only those still under way
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    page: Page,
}

pub(crate) async fn run(app: &App, commands: Commands) -> Result<(), Failure> {
    let client = app.connect()?;
    match commands {
        Commands::List(list) => self::list(app, &list).await,
        Commands::Show { id } => {
            let command = app.command(&client, &id).await?;
            app.out.value(&command, || app.out.render(&details(app, &command)))
        }
        Commands::Cancel { ids } => {
            let mut found = Vec::with_capacity(ids.len());
            for id in &ids {
                found.push(app.command(&client, id).await?);
            }
            let mut cancelled = Vec::with_capacity(found.len());
            for command in found {
                cancelled.push(client.command_cancel(command.id).await?);
            }
            let text = cancelled.iter().map(said).collect::<Vec<_>>().join("\n");
            app.out.said(&serde_json::json!({ "items": cancelled, "total": cancelled.len() }), &text)
        }
    }
}

fn said(command: &Command) -> String {
    let state = if command.state.is_final() { state_words(command.state) } else { "asked to stop" };
    format!("{} on {}: {state}", command.action, command.agent_name)
}

async fn list(app: &App, list: &List) -> Result<(), Failure> {
    let client = app.connect()?;
    let agent = match &list.agent {
        Some(agent) => Some(app.agent(&client, agent).await?.id.to_string()),
        None => None,
    };
    let found = collect(list.page, |cursor, limit| {
        let query = CommandQuery { agent: agent.clone(), open: list.open, cursor, limit: Some(limit) };
        let client = client.clone();
        async move { client.command_list(&query).await }
    })
    .await?;
    app.out.value(&found, || app.out.render(&table(app, &found.items)))?;
    note_cut(app, &found, "commands");
    Ok(())
}

const COMMANDS: [Column; 7] = [
    whole("ID"),
    text("AGENT"),
    whole("ACTION"),
    whole("STATE"),
    text("DETAIL").optional(),
    text("BY").optional(),
    whole("ASKED").optional(),
];

fn table(app: &App, commands: &[Command]) -> Table {
    let now = app.now();
    let mut table = Table::new(COMMANDS);
    for command in commands {
        table.row([
            command.id.to_string().into(),
            command.agent_name.as_str().into(),
            command.action.as_str().into(),
            Cell::new(state_words(command.state), state_tone(command.state)),
            latest(command).into(),
            command.actor.as_str().into(),
            when::ago(now, command.created_at).into(),
        ]);
    }
    table
}

/// The result of a command that ended, else its progress.
pub(crate) fn latest(command: &Command) -> &str {
    if command.state.is_final() { &command.result } else { &command.progress }
}

fn details(app: &App, command: &Command) -> Table {
    let now = app.now();
    let mut details = Table::details();
    details.pair("Id", command.id.to_string());
    details.pair("Action", format!("{} on {}", command.action, command.agent_name));
    details.pair("State", Cell::new(state_words(command.state), state_tone(command.state)));
    details.pair("Detail", latest(command));
    details.pair("Asked by", command.actor.as_str());
    details.pair("Reason", command.reason.as_str());
    details.pair("Asked", format!("{} ({})", when::ago(now, command.created_at), command.created_at));
    match command.finished_at {
        Some(at) => details.pair("Took", when::millis(i64::try_from(at.since(command.created_at).as_millis()).unwrap_or(i64::MAX))),
        None => details.pair("Times out", when::ahead(now, command.deadline)),
    }
    details.pair("Request", command.request_id.as_str());
    details
}
