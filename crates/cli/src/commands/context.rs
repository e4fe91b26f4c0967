//! `mc contexts`: the servers a user logged in to.

use clap::Subcommand;
use serde::Serialize;

use crate::{
    app::App,
    config::{Config, Locked},
    failure::{Exit, Failure},
    table::{Table, text, whole},
};

/// `mc contexts …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Contexts {
    /// List the servers you logged in to
    List,
    /// Use this server when --context names none
    Use {
        /// The context's name
        name: String,
    },
}

#[derive(Serialize)]
struct Shown {
    name: String,
    current: bool,
    server: String,
    username: Option<String>,
    logged_in: bool,
}

pub(crate) fn run(app: &App, contexts: Contexts) -> Result<(), Failure> {
    let path = app.environment.config_path()?;
    match contexts {
        Contexts::List => list(app, Config::load(path)?),
        Contexts::Use { name } => {
            let locked = Locked::take(path)?;
            if !locked.load()?.contexts.contains_key(&name) {
                let text = format!("no context named {name}; `{} contexts list` shows them", app.environment.program);
                return Err(Failure::new(Exit::NotFound, text));
            }
            locked.change(|config| config.current = Some(name.clone()))?;
            app.out.said(&serde_json::json!({ "current": name }), &format!("Now using {name}."))
        }
    }
}

fn list(app: &App, config: Config) -> Result<(), Failure> {
    let current = config.current.unwrap_or_default();
    let shown: Vec<Shown> = config
        .contexts
        .into_iter()
        .map(|(name, context)| Shown {
            current: name == current,
            name,
            logged_in: context.logged_in(),
            server: context.server,
            username: context.username,
        })
        .collect();
    let mut table = Table::new([whole("NAME"), text("SERVER"), text("USER"), whole("CURRENT").optional()]);
    for context in &shown {
        let user = if context.logged_in { context.username.clone().unwrap_or_default() } else { "logged out".into() };
        let current = if context.current { "yes" } else { "" };
        table.row([context.name.as_str().into(), context.server.as_str().into(), user.into(), current.into()]);
    }
    app.out.value(&serde_json::json!({ "items": shown, "total": shown.len() }), || app.out.render(&table))
}
