//! `mission-control user`: users without logging in, for whoever holds the data directory or the database's address.

use std::{io::Read, sync::Arc};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use mc_app::{
    App,
    identity::user::{UserQuery, UserWish},
};
use mc_domain::{
    actor::Actor,
    ctx::Ctx,
    id::RequestId,
    role::RoleName,
    time::{Clock, SystemClock},
    user::User,
};
use secrecy::{ExposeSecret as _, SecretString};

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
        /// admin, operator, developer or viewer
        #[arg(long, default_value = "viewer")]
        role: RoleName,
        /// The name people see
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        display_name: String,
        /// Where the user's mail goes
        #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
        email: String,
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
        /// admin, operator, developer or viewer
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
    /// Make a link with which a user sets a new password; it works once, for 30 minutes
    ResetLink(Named),
    /// Take away a user's second factors (app, passkeys, recovery codes) and end their sessions
    ResetSecondFactor(Named),
}

impl UserArgs {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            What::Add { named, role, display_name, email, password } => {
                let password = Some(password.read()?);
                let (app, ctx) = open(&named.place).await?;
                let wish = UserWish { name: named.username, password, role, display_name, email };
                let (view, _) = app.user_create(&ctx, wish).await?;
                out::line(&format!("made user {} ({})", view.user.name, view.user.role));
            }
            What::List(place) => list(&place).await?,
            What::Disable(named) => set_active(&named, false).await?,
            What::Enable(named) => set_active(&named, true).await?,
            What::SetRole { named, role } => {
                let (app, ctx, user) = find(&named).await?;
                app.user_set_role(&ctx, user.id, role.clone()).await?;
                out::line(&format!("{} is {role} now", user.name));
            }
            What::ResetSecondFactor(named) => {
                let (app, ctx, user) = find(&named).await?;
                app.user_second_factor_reset(&ctx, user.id).await?;
                out::line(&format!("{} has no second factor any more; all sessions were ended", user.name));
            }
            What::SetPassword { named, password } => {
                let password = password.read()?;
                let (app, ctx, user) = find(&named).await?;
                app.user_set_password(&ctx, user.id, password).await?;
                // A mail may be on its way.
                app.settle().await;
                out::line(&format!("{} has a new password; all sessions were ended", user.name));
            }
            What::ResetLink(named) => {
                let (app, ctx, user) = find(&named).await?;
                let link = app.user_reset_link(&ctx, user.id).await?;
                out::line(&format!("{} sets a new password here; the link works once, until {}:", user.name, link.expires_at));
                out::line(&format!("  {}", link.url.expose_secret()));
            }
        }
        Ok(())
    }
}

async fn list(place: &Place) -> anyhow::Result<()> {
    const PAGE: u32 = 500;
    let (app, ctx) = open(place).await?;
    let mut after = None;
    loop {
        let (page, _) = app.user_list(&ctx, UserQuery::default(), PAGE, after.as_deref()).await?;
        for view in &page {
            let state = if view.user.is_active() { "active" } else { "disabled" };
            let email = view.user.email.as_ref().map_or("", |email| email.as_str());
            out::line(format!("{:32}  {:12}  {state:8}  {email}", view.user.name.as_str(), view.user.role.as_str()).trim_end());
        }
        match page.last() {
            Some(last) if page.len() == usize::try_from(PAGE)? => after = Some(last.user.name.to_string()),
            _ => return Ok(()),
        }
    }
}

async fn set_active(named: &Named, active: bool) -> anyhow::Result<()> {
    let (app, ctx, user) = find(named).await?;
    app.user_set_active(&ctx, user.id, active).await?;
    out::line(&format!("{} is {} now", user.name, if active { "active" } else { "disabled" }));
    Ok(())
}

async fn find(named: &Named) -> anyhow::Result<(Arc<App>, Ctx, User)> {
    let (app, ctx) = open(&named.place).await?;
    let user = app.user_named(&ctx, &named.username).await?;
    Ok((app, ctx, user))
}

pub(super) async fn open(place: &Place) -> anyhow::Result<(Arc<App>, Ctx)> {
    let config = place.load()?;
    std::fs::create_dir_all(&place.data_dir).with_context(|| format!("cannot make the data directory {}", place.data_dir.display()))?;
    let store = serve::open_store(&config, &place.data_dir).await?;
    // Links lead to where the server listens.
    let settings = config.settings(place.data_dir.clone(), config.http.listen, config.agents.listen)?;
    let app = App::start(settings, store, Arc::new(SystemClock)).await?;
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
