//! `mc sessions`: where one is logged in, and ending it there.

use clap::{Args, Subcommand};
use mc_api::me::Session;
use serde_json::json;

use crate::{
    app::App,
    failure::Failure,
    select::pick,
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

/// `mc sessions …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// List your sessions, or those of another user
    List {
        /// Another user, by name or id
        #[arg(long, value_name = "USER")]
        user: Option<String>,
    },
    /// End sessions of yours, or all of another user
    End(End),
}

/// `mc sessions end`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct End {
    /// Ids, or their beginnings
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All of yours but this one
    #[arg(long)]
    others: bool,
    /// All of this user, by name or id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

pub(crate) async fn run(app: &App, sessions: Sessions) -> Result<(), Failure> {
    match sessions {
        Sessions::List { user } => list(app, user.as_deref()).await,
        Sessions::End(end) => self::end(app, end).await,
    }
}

const SESSIONS: [Column; 6] =
    [whole("ID"), text("DEVICE").optional(), whole("ADDRESS"), whole("BY").optional(), whole("BEGAN"), whole("LAST USED")];

async fn list(app: &App, user: Option<&str>) -> Result<(), Failure> {
    let client = app.connect()?;
    let list = match user {
        Some(user) => client.user_sessions(app.user(&client, user).await?.id).await?,
        None => client.me_sessions().await?,
    };
    let now = app.now();
    let mut table = Table::new(SESSIONS);
    for session in &list.items {
        let used = when::ago(now, session.last_used_at);
        table.row([
            session.id.to_string().into(),
            session.device.as_str().into(),
            session.address.as_str().into(),
            session.method.to_string().into(),
            when::ago(now, session.created_at).into(),
            if session.current { Cell::new("this one", Tone::Good) } else { used.into() },
        ]);
    }
    app.out.value(&list, || app.out.render(&table))
}

async fn end(app: &App, end: End) -> Result<(), Failure> {
    let client = app.connect()?;
    if let Some(user) = &end.user {
        let user = app.user(&client, user).await?;
        client.user_sessions_end(user.id).await?;
        return app.out.said(&json!({ "user": user.username }), &format!("all sessions of {} ended", user.username));
    }
    if end.others {
        client.me_sessions_end().await?;
        return app.out.said(&json!({ "others": true }), "all other sessions ended");
    }
    let mut found: Vec<Session> = Vec::with_capacity(end.ids.len());
    for id in &end.ids {
        let all = client.me_sessions().await?.items;
        let one = pick("session", id, all, |session| session.id.to_string(), |session| session.id.to_string())?;
        found.push(one.ok_or_else(|| app.none_named("session", id, "sessions list"))?);
    }
    for session in &found {
        client.me_session_end(session.id).await?;
    }
    let ids: Vec<String> = found.iter().map(|session| session.id.to_string()).collect();
    app.out.said(&json!({ "ended": ids }), &ids.iter().map(|id| format!("{id} ended")).collect::<Vec<_>>().join("\n"))
}
