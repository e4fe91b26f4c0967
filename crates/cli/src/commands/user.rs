//! `mc users`: who may log in, and as what.

use clap::{Args, Subcommand};
use mc_api::user::{User, UserCreate, UserSetRole, UserUpdate};
use mc_domain::role::{BadRoleName, RoleName};

use crate::{
    app::App,
    failure::Failure,
    table::{Cell, Table, Tone, whole},
    when,
};

/// `mc users …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// List users
    List,
    /// Add a user
    Add(Add),
    /// Disable users: their sessions end and they cannot log in
    Disable(Named),
    /// Enable users again
    Enable(Named),
    /// Give a user another role
    SetRole {
        /// Name or id
        user: String,
        /// The new role
        role: String,
    },
    /// Give a user a new password; the user's sessions end
    SetPassword {
        /// Name or id
        user: String,
        /// Read the password from stdin
        #[arg(long)]
        password_stdin: bool,
    },
}

/// `mc users add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Login name
    #[arg(value_name = "NAME", required_unless_present = "username")]
    name: Option<String>,
    /// Login name, as a flag
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    username: Option<String>,
    /// What the user may do
    #[arg(long, default_value = "viewer")]
    role: String,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
}

/// One or many users.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Names or ids
    #[arg(required = true, value_name = "USER")]
    users: Vec<String>,
}

fn role(text: &str) -> Result<RoleName, Failure> {
    text.parse().map_err(|error: BadRoleName| Failure::usage(error.to_string()))
}

pub(crate) async fn run(app: &App, users: Users) -> Result<(), Failure> {
    let client = app.connect()?;
    match users {
        Users::List => {
            let list = client.user_list().await?;
            app.out.value(&list, || app.out.render(&table(app, &list.items)))
        }
        Users::Add(add) => {
            let username = add.name.or(add.username).unwrap_or_default();
            let role = role(&add.role)?;
            let password = app.ask_new_password(add.password_stdin)?;
            let user = client.user_create(&UserCreate { username, password, role }).await?;
            app.out.said(&user, &format!("{} added ({}).", user.username, user.role))
        }
        Users::Disable(named) => set_active(app, &named, false).await,
        Users::Enable(named) => set_active(app, &named, true).await,
        Users::SetRole { user, role: wanted } => {
            let user = app.user(&client, &user).await?;
            let user = client.user_set_role(user.id, &UserSetRole { role: role(&wanted)? }).await?;
            app.out.said(&user, &format!("{} is now {}.", user.username, user.role))
        }
        Users::SetPassword { user, password_stdin } => {
            let user = app.user(&client, &user).await?;
            let password = app.ask_new_password(password_stdin)?;
            let user = client.user_update(user.id, &UserUpdate { password: Some(password), ..UserUpdate::default() }).await?;
            app.out.said(&user, &format!("{} has a new password.", user.username))
        }
    }
}

async fn set_active(app: &App, named: &Named, active: bool) -> Result<(), Failure> {
    let client = app.connect()?;
    let mut users = Vec::with_capacity(named.users.len());
    for name in &named.users {
        users.push(app.user(&client, name).await?);
    }
    let mut changed = Vec::with_capacity(users.len());
    for user in users {
        changed.push(client.user_update(user.id, &UserUpdate { active: Some(active), ..UserUpdate::default() }).await?);
    }
    let verb = if active { "enabled" } else { "disabled" };
    let text = changed.iter().map(|user| format!("{} {verb}", user.username)).collect::<Vec<_>>().join("\n");
    app.out.said(&serde_json::json!({ "items": changed, "total": changed.len() }), &text)
}

fn table(app: &App, users: &[User]) -> Table {
    let now = app.now();
    let mut table = Table::new([whole("NAME"), whole("ROLE"), whole("STATE"), whole("LAST ACTIVE").optional(), whole("ADDED").optional()]);
    for user in users {
        let state = if user.active { Cell::new("active", Tone::Good) } else { Cell::new("disabled", Tone::Muted) };
        let active = user.last_active_at.map_or_else(|| "never".to_owned(), |at| when::ago(now, at));
        table.row([user.username.as_str().into(), user.role.as_str().into(), state, active.into(), when::ago(now, user.created_at).into()]);
    }
    table
}
