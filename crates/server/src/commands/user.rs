//! `mission-control user`: users without logging in, for whoever holds the data directory or the database's address.

use std::{io::Read, net::SocketAddr, sync::Arc};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use mc_app::App;
use mc_domain::{
    actor::Actor,
    ctx::Ctx,
    id::RequestId,
    role::RoleName,
    time::{Clock, SystemClock},
};
use secrecy::SecretString;

use super::Place;
use crate::{out, serve};

/// Manage users on this machine, without logging in.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Args)]
struct Named {
    #[command(flatten)]
    place: Place,
    /// Whose account
    #[arg(long, value_name = "NAME")]
    username: String,
}

#[derive(Debug, Args)]
struct Password {
    /// Read the password from standard input instead of asking
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a user
    Add {
        #[command(flatten)]
        named: Named,
        /// admin, operator or viewer
        #[arg(long, default_value = "viewer")]
        role: RoleName,
        #[command(flatten)]
        password: Password,
    },
    /// List users
    List(Place),
    /// End a user's sessions and refuse new ones
    Disable(Named),
    /// Let a disabled user log in again
    Enable(Named),
    /// Give a user another role
    SetRole {
        #[command(flatten)]
        named: Named,
        /// admin, operator or viewer
        #[arg(long)]
        role: RoleName,
    },
    /// Give a user a new password and end their sessions
    SetPassword {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        password: Password,
    },
}

impl UserArgs {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            What::Add { named, role, password } => {
                let password = password.read()?;
                let (app, ctx) = open(&named.place).await?;
                let user = app.user_create(&ctx, &named.username, password, role).await?;
                out::line(&format!("made user {} ({})", user.name, user.role));
            }
            What::List(place) => {
                let (app, ctx) = open(&place).await?;
                for user in app.user_list(&ctx).await? {
                    let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
                    out::line(&format!("{:32}  {:8}  {state}", user.name.as_str(), user.role.as_str()));
                }
            }
            What::Disable(named) => set_active(&named, false).await?,
            What::Enable(named) => set_active(&named, true).await?,
            What::SetRole { named, role } => {
                let (app, ctx) = open(&named.place).await?;
                let user = app.user_named(&ctx, &named.username).await?;
                app.user_set_role(&ctx, user.id, role.clone()).await?;
                out::line(&format!("{} is {role} now", user.name));
            }
            What::SetPassword { named, password } => {
                let password = password.read()?;
                let (app, ctx) = open(&named.place).await?;
                let user = app.user_named(&ctx, &named.username).await?;
                app.user_set_password(&ctx, user.id, password).await?;
                out::line(&format!("{} has a new password; all sessions were ended", user.name));
            }
        }
        Ok(())
    }
}

async fn set_active(named: &Named, active: bool) -> anyhow::Result<()> {
    let (app, ctx) = open(&named.place).await?;
    let user = app.user_named(&ctx, &named.username).await?;
    app.user_set_active(&ctx, user.id, active).await?;
    out::line(&format!("{} is {} now", user.name, if active { "active" } else { "disabled" }));
    Ok(())
}

async fn open(place: &Place) -> anyhow::Result<(Arc<App>, Ctx)> {
    let config = place.load()?;
    std::fs::create_dir_all(&place.data_dir).with_context(|| format!("cannot make the data directory {}", place.data_dir.display()))?;
    let store = serve::open_store(&config, &place.data_dir).await?;
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let app = App::start(config.settings(place.data_dir.clone(), nowhere, nowhere), store, Arc::new(SystemClock)).await?;
    let ctx = Ctx { actor: Actor::Console, request_id: RequestId::new(), address: None, now: SystemClock.now() };
    Ok((app, ctx))
}

impl Password {
    fn read(&self) -> anyhow::Result<SecretString> {
        if self.password_stdin {
            let mut text = String::new();
            std::io::stdin().take(1_024).read_to_string(&mut text).context("cannot read the password from standard input")?;
            return Ok(text.trim_end_matches(['\r', '\n']).to_owned().into());
        }
        let ask = |prompt: &str| rpassword::prompt_password(prompt).context("cannot ask for the password: use --password-stdin");
        let (first, second) = (ask("Password: ")?, ask("Again: ")?);
        if first != second {
            bail!("the two passwords differ");
        }
        Ok(first.into())
    }
}
