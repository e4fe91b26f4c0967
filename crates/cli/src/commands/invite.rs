//! `mc invites`: letting people make an account of their own.

use std::time::Duration;

use clap::{Args, Subcommand};
use mc_api::invite::InviteCreate;
use mc_domain::invite::InviteState;
use serde_json::json;

use super::user::role;
use crate::{
    app::App,
    failure::Failure,
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

/// `mc invites …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Invites {
    /// List invites; their secrets are never shown again
    List,
    /// Make an invite and show its link
    Create(Create),
    /// Revoke invites; accounts that were made with them stay
    Revoke {
        /// Ids, or their beginnings
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

/// `mc invites create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What the new user may do
    #[arg(long, default_value = "viewer")]
    role: String,
    /// Whom it is for
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    email: String,
    /// What it is for, in one line
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    /// How long it works
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = when::parse_duration)]
    ttl: Duration,
    /// Send it to the address
    #[arg(long, requires = "email")]
    send: bool,
}

pub(crate) async fn run(app: &App, invites: Invites) -> Result<(), Failure> {
    match invites {
        Invites::List => list(app).await,
        Invites::Create(create) => self::create(app, create).await,
        Invites::Revoke { ids } => revoke(app, &ids).await,
    }
}

const INVITES: [Column; 7] = [
    whole("ID"),
    whole("STATE"),
    whole("ROLE"),
    text("FOR").optional(),
    text("NOTE").optional(),
    text("MADE BY").optional(),
    whole("ENDS"),
];

async fn list(app: &App) -> Result<(), Failure> {
    let list = app.connect()?.invite_list().await?;
    let now = app.now();
    let mut table = Table::new(INVITES);
    for invite in &list.items {
        let tone = if invite.state == InviteState::Open { Tone::Good } else { Tone::Muted };
        table.row([
            invite.id.to_string().into(),
            Cell::new(invite.state.as_str(), tone),
            invite.role.as_str().into(),
            invite.used_by.as_deref().or(invite.email.as_deref()).unwrap_or_default().into(),
            invite.note.as_str().into(),
            invite.created_by.as_str().into(),
            when::ahead(now, invite.expires_at).into(),
        ]);
    }
    app.out.value(&list, || app.out.render(&table))
}

async fn create(app: &App, create: Create) -> Result<(), Failure> {
    let request = InviteCreate {
        role: role(&create.role)?,
        email: create.email,
        note: create.note,
        ttl_seconds: Some(create.ttl.as_secs()),
        send: create.send,
    };
    let created = app.connect()?.invite_create(&request).await?;
    app.out.value(&created, || created.url.clone())?;
    if app.out.format == crate::args::Format::Table {
        let sent = if create.send { "It was sent. " } else { "" };
        app.out.note(&format!(
            "{sent}It makes one account ({}) and ends {}.",
            created.invite.role,
            when::ahead(app.now(), created.invite.expires_at)
        ));
    }
    Ok(())
}

async fn revoke(app: &App, ids: &[String]) -> Result<(), Failure> {
    let client = app.connect()?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(app.invite(&client, id).await?);
    }
    for invite in &found {
        client.invite_revoke(invite.id).await?;
    }
    let ids: Vec<String> = found.iter().map(|invite| invite.id.to_string()).collect();
    app.out.said(&json!({ "revoked": ids }), &ids.iter().map(|id| format!("{id} revoked")).collect::<Vec<_>>().join("\n"))
}
