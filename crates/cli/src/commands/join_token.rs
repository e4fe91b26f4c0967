//! `mc agents join-token` and `mc join-tokens`: admitting new agents.

use std::time::Duration;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use mc_api::join_token::{JoinToken, JoinTokenCreate};
use mc_domain::{time::Time, workload::AgentKind};
use serde_json::json;

use crate::{
    app::App,
    failure::Failure,
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

/// `mc agents join-token`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// How long it admits agents
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = when::parse_duration)]
    ttl: Duration,
    /// How many agents it admits
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: u32,
    /// Admit only agents of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(AgentKind::ALL.map(AgentKind::as_str)))]
    kind: Option<String>,
    /// Give its agents this tag; may be repeated
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Also admit agents that cannot hold a certificate; they get an API key
    #[arg(long)]
    allow_api_key: bool,
}

/// `mc join-tokens …`.
#[derive(Debug, Subcommand)]
pub(crate) enum JoinTokens {
    /// List join tokens; their secrets are never shown again
    List,
    /// Make a join token and show the command that uses it
    Create(Create),
    /// Revoke join tokens; agents that joined with them stay
    Revoke {
        /// Ids, or their beginnings
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

pub(crate) async fn run(app: &App, join_tokens: JoinTokens) -> Result<(), Failure> {
    match join_tokens {
        JoinTokens::List => list(app).await,
        JoinTokens::Create(request) => create(app, &request).await,
        JoinTokens::Revoke { ids } => revoke(app, &ids).await,
    }
}

/// Makes a join token.
pub(crate) async fn create(app: &App, create: &Create) -> Result<(), Failure> {
    let request = JoinTokenCreate {
        ttl_seconds: Some(create.ttl.as_secs()),
        uses: Some(create.uses),
        kind: create.kind.as_deref().and_then(AgentKind::from_text),
        tags: create.tags.clone(),
        allow_api_key: create.allow_api_key,
    };
    let created = app.connect()?.join_token_create(&request).await?;
    app.out.value(&created, || created.command.clone())?;
    let agents = if create.uses == 1 { "one agent".to_owned() } else { format!("{} agents", create.uses) };
    if app.out.format == crate::args::Format::Table {
        app.out.note(&format!(
            "Run this where the agent shall live. It admits {agents} and ends {}.",
            when::ahead(app.now(), created.expires_at)
        ));
    }
    Ok(())
}

const TOKENS: [Column; 7] = [
    whole("ID"),
    whole("STATE"),
    whole("USED"),
    whole("KIND").optional(),
    text("TAGS").optional(),
    text("MADE BY").optional(),
    whole("ENDS"),
];

async fn list(app: &App) -> Result<(), Failure> {
    let list = app.connect()?.join_token_list().await?;
    let now = app.now();
    let mut table = Table::new(TOKENS);
    for token in &list.items {
        let (state, tone) = state(token, now);
        table.row([
            token.id.to_string().into(),
            Cell::new(state, tone),
            format!("{} of {}", token.used, token.uses).into(),
            token.kind.map_or("any", AgentKind::as_str).into(),
            token.tags.join(",").into(),
            token.created_by.as_str().into(),
            when::ahead(now, token.expires_at).into(),
        ]);
    }
    app.out.value(&list, || app.out.render(&table))
}

const fn used_up(token: &JoinToken) -> bool {
    token.used >= token.uses
}

fn state(token: &JoinToken, now: Time) -> (&'static str, Tone) {
    if token.revoked_at.is_some() {
        ("revoked", Tone::Muted)
    } else if used_up(token) {
        ("used", Tone::Muted)
    } else if token.expires_at <= now {
        ("expired", Tone::Muted)
    } else {
        ("open", Tone::Good)
    }
}

async fn revoke(app: &App, ids: &[String]) -> Result<(), Failure> {
    let client = app.connect()?;
    let mut tokens = Vec::with_capacity(ids.len());
    for id in ids {
        tokens.push(app.join_token(&client, id).await?);
    }
    for token in &tokens {
        client.join_token_revoke(token.id).await?;
    }
    let ids: Vec<String> = tokens.iter().map(|token| token.id.to_string()).collect();
    app.out.said(&json!({ "revoked": ids }), &ids.iter().map(|id| format!("{id} revoked")).collect::<Vec<_>>().join("\n"))
}
