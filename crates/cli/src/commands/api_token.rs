//! `mc tokens`: what programs show instead of a login.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use mc_api::token::{Token, TokenCreate, TokenKind, TokenRotate, TokenSecret, TokenState};
use serde_json::json;

use crate::{
    app::App,
    args::Format,
    failure::Failure,
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

/// `mc tokens …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tokens {
    /// List your tokens; their secrets are never shown again
    List {
        /// Everybody's tokens
        #[arg(long)]
        all: bool,
    },
    /// Show a token and the addresses it was used from
    Show {
        /// Name, id, or the beginning of the id
        token: String,
    },
    /// Make a token and show its secret, once
    Create(Create),
    /// Give a token a new secret; the old one works a while longer
    Rotate(Rotate),
    /// Revoke tokens: they open nothing from now on
    Revoke {
        /// Names, ids, or beginnings of ids
        #[arg(required = true, value_name = "TOKEN")]
        tokens: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `mc tokens create`.
#[derive(Debug, Args)]
#[command(
    after_help = "Scopes are names of actions with * for any part: agent_* is every action on agents, *_list every list, * everything.\n\
                        `mc roles actions` lists the actions. A token may never do more than its owner, and never change how its owner logs in."
)]
pub(crate) struct Create {
    /// What you call it
    name: String,
    /// What it is limited to; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// Make it nobody's: a service with roles of its own
    #[arg(long)]
    service: bool,
    /// A role of the service; may be repeated
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',', requires = "service")]
    roles: Vec<String>,
    /// How long it lives [default: 90d]
    #[arg(long, value_name = "DURATION", value_parser = when::parse_duration)]
    expires: Option<Duration>,
    #[command(flatten)]
    to: SecretTo,
}

/// `mc tokens rotate`.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Name, id, or the beginning of the id
    token: String,
    /// How long the old secret still works; 0 ends it now
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = when::parse_duration)]
    overlap: Duration,
    #[command(flatten)]
    to: SecretTo,
}

/// Where a secret goes.
#[derive(Debug, Args)]
struct SecretTo {
    /// Write the secret to this new file (mode 0600) instead of printing it
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

pub(crate) async fn run(app: &App, tokens: Tokens) -> Result<(), Failure> {
    match tokens {
        Tokens::List { all } => list(app, all).await,
        Tokens::Show { token } => show(app, &token).await,
        Tokens::Create(create) => make(app, create).await,
        Tokens::Rotate(rotate) => give_new(app, rotate).await,
        Tokens::Revoke { tokens, yes } => revoke(app, &tokens, yes).await,
    }
}

async fn make(app: &App, create: Create) -> Result<(), Failure> {
    let kind = if create.service { TokenKind::Service } else { TokenKind::Personal };
    let request = TokenCreate {
        name: create.name,
        kind,
        scopes: create.scopes,
        roles: create.roles,
        expires_in_seconds: create.expires.map(|life| life.as_secs()),
    };
    let file = create.to.open()?;
    let made = create.to.clean_up(app.connect()?.token_create(&request).await.map_err(Into::into))?;
    create.to.tell(app, &made, file)?;
    let ends = made.token.expires_at.map_or_else(|| "never".to_owned(), |end| when::ahead(app.now(), end));
    app.out.note(&format!("{} made; it ends {ends}. This is the only time its secret is shown.", made.token.name));
    Ok(())
}

async fn give_new(app: &App, rotate: Rotate) -> Result<(), Failure> {
    let client = app.connect()?;
    let token = app.token(&client, &rotate.token).await?;
    let request = TokenRotate { overlap_seconds: Some(rotate.overlap.as_secs()) };
    let file = rotate.to.open()?;
    let made = rotate.to.clean_up(client.token_rotate(token.id, &request).await.map_err(Into::into))?;
    rotate.to.tell(app, &made, file)?;
    let old = made
        .token
        .old_until
        .map_or_else(|| "The old secret has ended.".to_owned(), |until| format!("The old secret ends {}.", when::ahead(app.now(), until)));
    app.out.note(&format!("{} has a new secret, shown this once. {old}", made.token.name));
    Ok(())
}

impl SecretTo {
    /// Makes the file before anything is asked of the server: a secret that cannot be kept is lost.
    fn open(&self) -> Result<Option<std::fs::File>, Failure> {
        let Some(path) = &self.output_file else { return Ok(None) };
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.map(Some).map_err(|error| Failure::failed(format!("cannot make {}: {error}", path.display())))
    }

    /// Removes the empty file again when there is nothing to put into it.
    fn clean_up(&self, made: Result<TokenSecret, Failure>) -> Result<TokenSecret, Failure> {
        if made.is_err()
            && let Some(path) = &self.output_file
        {
            let _ = std::fs::remove_file(path);
        }
        made
    }

    fn tell(&self, app: &App, made: &TokenSecret, file: Option<std::fs::File>) -> Result<(), Failure> {
        let (Some(mut file), Some(path)) = (file, &self.output_file) else {
            return match app.out.format {
                Format::Table => app.out.line(&made.secret),
                Format::Json | Format::Yaml => app.out.value(made, String::new),
            };
        };
        let written = file.write_all(format!("{}\n", made.secret).as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}; rotate {} for another secret", path.display(), made.token.id))
        })?;
        app.out.said(&made.token, &format!("secret written to {}", path.display()))
    }
}

const TOKENS: [Column; 8] = [
    whole("ID"),
    text("NAME"),
    whole("STATE"),
    text("OWNER"),
    text("SCOPES").optional(),
    whole("SECRET").optional(),
    whole("ENDS").optional(),
    whole("LAST USED").optional(),
];

async fn list(app: &App, all: bool) -> Result<(), Failure> {
    let list = app.connect()?.token_list(all).await?;
    let now = app.now();
    let mut table = Table::new(TOKENS);
    for token in &list.items {
        table.row([
            token.id.to_string().into(),
            token.name.as_str().into(),
            state(token),
            owner(token).into(),
            token.scopes.join(",").into(),
            format!("{}…", token.prefix).into(),
            token.expires_at.map_or_else(|| "never".to_owned(), |end| when::ahead(now, end)).into(),
            token.last_used_at.map_or_else(|| "never".to_owned(), |at| when::ago(now, at)).into(),
        ]);
    }
    app.out.value(&list, || app.out.render(&table))
}

async fn show(app: &App, given: &str) -> Result<(), Failure> {
    let client = app.connect()?;
    let token = client.token_show(app.token(&client, given).await?.id).await?;
    let now = app.now();
    app.out.value(&token, || {
        let mut details = Table::details();
        details.pair("Name", token.name.as_str());
        details.pair("Id", token.id.to_string());
        details.pair("State", state(&token));
        details.pair("Owner", owner(&token));
        details.pair("Scopes", token.scopes.join(", "));
        details.pair("Roles", token.roles.join(", "));
        details.pair("Secret", format!("{}…", token.prefix));
        details.pair("Made", format!("{} by {}", when::ago(now, token.created_at), token.created_by));
        details.pair("Ends", token.expires_at.map(|end| when::ahead(now, end)).unwrap_or_default());
        details.pair("Rotated", token.rotated_at.map(|at| when::ago(now, at)).unwrap_or_default());
        details.pair("Old secret ends", token.old_until.map(|until| when::ahead(now, until)).unwrap_or_default());
        details.pair("Uses", token.uses.to_string());
        for place in &token.addresses {
            details.pair("  from", format!("{}: {} times, last {}", place.address, place.uses, when::ago(now, place.last_used_at)));
        }
        app.out.render(&details)
    })
}

fn owner(token: &Token) -> String {
    token.owner.clone().unwrap_or_else(|| format!("service ({})", token.roles.join(",")))
}

fn state(token: &Token) -> Cell {
    match token.state {
        TokenState::Active if token.old_until.is_some() => Cell::new("active, rotating", Tone::Warn),
        TokenState::Active => Cell::new("active", Tone::Good),
        TokenState::Expired => Cell::new("expired", Tone::Muted),
        TokenState::Revoked => Cell::new("revoked", Tone::Muted),
    }
}

async fn revoke(app: &App, given: &[String], yes: bool) -> Result<(), Failure> {
    let client = app.connect()?;
    let mut tokens = Vec::with_capacity(given.len());
    for given in given {
        tokens.push(app.token(&client, given).await?);
    }
    let names: Vec<String> = tokens.iter().map(|token| format!("{} ({}…)", token.name, token.prefix)).collect();
    app.confirm("revoke", "token", &names, yes)?;
    for token in &tokens {
        client.token_revoke(token.id).await?;
    }
    let ids: Vec<String> = tokens.iter().map(|token| token.id.to_string()).collect();
    app.out.said(&json!({ "revoked": ids }), &names.iter().map(|name| format!("{name} revoked")).collect::<Vec<_>>().join("\n"))
}
