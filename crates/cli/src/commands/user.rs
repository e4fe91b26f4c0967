//! `mc users`: who may log in, and as what.

use clap::{Args, Subcommand, ValueEnum};
use mc_api::user::{User, UserCreate, UserSetRole, UserUpdate};
use mc_client::UserQuery;
use mc_domain::role::{BadRoleName, RoleName};
use serde_json::json;

use super::{collect, note_cut};
use crate::{
    app::App,
    args::Page,
    failure::Failure,
    table::{Cell, Table, Tone, text, whole},
    when,
};

/// `mc users …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// List users
    List(ListArgs),
    /// Show a user
    Show {
        /// Name or id
        user: String,
    },
    /// Add a user
    Add(Add),
    /// Disable users: their sessions end and they cannot log in
    Disable(Named),
    /// Enable users again
    Enable(Named),
    /// Delete users: what they did stays on record, and their names stay reserved
    Delete {
        #[command(flatten)]
        named: Named,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
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
    /// Change a user's display name or e-mail address; an empty one is removed
    Set(Set),
    /// Make a link with which a user sets a new password; it works once, for 30 minutes
    ResetLink {
        /// Name or id
        user: String,
    },
    /// Let whoever is held up at these accounts by failed logins try again at once
    Unlock(Named),
}

/// `mc users list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Part of the login name, display name or e-mail address
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// In which state
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Whose own role it is
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    #[command(flatten)]
    page: Page,
}

/// States of accounts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Status {
    /// Can log in
    Active,
    /// Cannot
    Disabled,
    /// Strangers who try to log in as the user are held up
    Locked,
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
    /// The name people see
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    display_name: String,
    /// Where the user's mail goes
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    email: String,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// Make the account without a password, and a link with which its owner chooses one
    #[arg(long, conflicts_with = "password_stdin")]
    invite: bool,
}

/// `mc users set`.
#[derive(Debug, Args)]
#[group(required = true, multiple = true, args = ["display_name", "email"])]
pub(crate) struct Set {
    /// Name or id
    user: String,
    /// The name people see
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Where the user's mail goes
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

/// One or many users.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Names or ids
    #[arg(required = true, value_name = "USER")]
    users: Vec<String>,
}

pub(super) fn role(text: &str) -> Result<RoleName, Failure> {
    text.parse().map_err(|error: BadRoleName| Failure::usage(error.to_string()))
}

pub(crate) async fn run(app: &App, users: Users) -> Result<(), Failure> {
    match users {
        Users::List(wanted) => list(app, wanted).await,
        Users::Show { user } => show(app, &user).await,
        Users::Add(add) => self::add(app, add).await,
        Users::Disable(named) => change(app, &named, "disabled", UserUpdate { active: Some(false), ..UserUpdate::default() }).await,
        Users::Enable(named) => change(app, &named, "enabled", UserUpdate { active: Some(true), ..UserUpdate::default() }).await,
        Users::Unlock(named) => change(app, &named, "unlocked", UserUpdate { unlock: Some(true), ..UserUpdate::default() }).await,
        Users::Delete { named, yes } => delete(app, &named, yes).await,
        Users::SetRole { user, role: wanted } => {
            let client = app.connect()?;
            let user = app.user(&client, &user).await?;
            let user = client.user_set_role(user.id, &UserSetRole { role: role(&wanted)? }).await?;
            app.out.said(&user, &format!("{} is now {}.", user.username, user.role))
        }
        Users::SetPassword { user, password_stdin } => {
            let client = app.connect()?;
            let user = app.user(&client, &user).await?;
            let password = Some(app.ask_new_password(password_stdin)?);
            let user = client.user_update(user.id, &UserUpdate { password, ..UserUpdate::default() }).await?;
            app.out.said(&user, &format!("{} has a new password.", user.username))
        }
        Users::Set(set) => {
            let client = app.connect()?;
            let user = app.user(&client, &set.user).await?;
            let update = UserUpdate { display_name: set.display_name, email: set.email, ..UserUpdate::default() };
            let user = client.user_update(user.id, &update).await?;
            app.out.said(&user, &format!("{} changed.", user.username))
        }
        Users::ResetLink { user } => {
            let client = app.connect()?;
            let user = app.user(&client, &user).await?;
            let link = client.user_reset_link(user.id).await?;
            app.out.value(&link, || link.url.clone())?;
            if app.out.format == crate::args::Format::Table {
                let ends = when::ahead(app.now(), link.expires_at);
                app.out.note(&format!("{} sets a new password there. The link works once and ends {ends}.", user.username));
            }
            Ok(())
        }
    }
}

async fn list(app: &App, wanted: ListArgs) -> Result<(), Failure> {
    let client = app.connect()?;
    let role = wanted.role.as_deref().map(role).transpose()?.map(String::from);
    let status = wanted.status.and_then(|status| status.to_possible_value()).map(|value| value.get_name().to_owned());
    let query = UserQuery { q: wanted.q, status, role, ..UserQuery::default() };
    let list = collect(wanted.page, |cursor, limit| {
        let query = UserQuery { cursor, limit: Some(limit), ..query.clone() };
        let client = &client;
        async move { client.user_list(&query).await }
    })
    .await?;
    app.out.value(&list, || app.out.render(&table(app, &list.items)))?;
    note_cut(app, &list, "users");
    Ok(())
}

async fn show(app: &App, user: &str) -> Result<(), Failure> {
    let client = app.connect()?;
    let user = app.user(&client, user).await?;
    let now = app.now();
    app.out.value(&user, || {
        let mut table = Table::details();
        table.pair("Name", user.username.as_str());
        if !user.display_name.is_empty() {
            table.pair("Called", user.display_name.as_str());
        }
        if let Some(email) = &user.email {
            let proof = if user.email_verified { "verified" } else { "not verified" };
            table.pair("E-mail", format!("{email} ({proof})"));
        }
        table.pair("Role", user.role.as_str());
        table.pair("State", state(&user));
        if let Some(until) = user.locked_until {
            table.pair("Strangers", format!("held up, ends {}", when::ahead(now, until)));
        }
        table.pair("Second factor", if user.second_factor { "set up" } else { "none" });
        if !user.providers.is_empty() {
            table.pair("Providers", user.providers.join(", "));
        }
        let ago = |at: Option<_>| at.map_or_else(|| "never".to_owned(), |at| when::ago(now, at));
        table.pair("Last login", ago(user.last_login_at));
        table.pair("Last active", ago(user.last_active_at));
        table.pair("Added", when::ago(now, user.created_at));
        table.pair("Id", user.id.to_string());
        app.out.render(&table)
    })
}

async fn add(app: &App, add: Add) -> Result<(), Failure> {
    let client = app.connect()?;
    let username = add.name.or(add.username).unwrap_or_default();
    let role = role(&add.role)?;
    let password = if add.invite { None } else { Some(app.ask_new_password(add.password_stdin)?) };
    let request = UserCreate { username, password, invite: add.invite, role, display_name: add.display_name, email: add.email };
    let made = client.user_create(&request).await?;
    let mut said = format!("{} added ({}).", made.user.username, made.user.role);
    if let Some(link) = &made.link {
        said.push_str(&format!(" A password is chosen here, once, until {}:\n{}", link.expires_at, link.url));
    }
    app.out.said(&made, &said)
}

async fn find(app: &App, client: &mc_client::Client, named: &Named) -> Result<Vec<User>, Failure> {
    let mut users = Vec::with_capacity(named.users.len());
    for name in &named.users {
        users.push(app.user(client, name).await?);
    }
    Ok(users)
}

async fn change(app: &App, named: &Named, verb: &str, update: UserUpdate) -> Result<(), Failure> {
    let client = app.connect()?;
    let mut changed = Vec::with_capacity(named.users.len());
    for user in find(app, &client, named).await? {
        changed.push(client.user_update(user.id, &update).await?);
    }
    let text = changed.iter().map(|user| format!("{} {verb}", user.username)).collect::<Vec<_>>().join("\n");
    app.out.said(&json!({ "items": changed, "total": changed.len() }), &text)
}

async fn delete(app: &App, named: &Named, yes: bool) -> Result<(), Failure> {
    let client = app.connect()?;
    let users = find(app, &client, named).await?;
    let names: Vec<String> = users.iter().map(|user| user.username.clone()).collect();
    app.confirm("delete", "user", &names, yes)?;
    for user in &users {
        client.user_delete(user.id).await?;
    }
    app.out.said(&json!({ "deleted": names }), &names.iter().map(|name| format!("{name} deleted")).collect::<Vec<_>>().join("\n"))
}

fn state(user: &User) -> Cell {
    if !user.active {
        Cell::new("disabled", Tone::Muted)
    } else if user.locked_until.is_some() {
        Cell::new("locked", Tone::Warn)
    } else {
        Cell::new("active", Tone::Good)
    }
}

fn table(app: &App, users: &[User]) -> Table {
    let now = app.now();
    let mut table = Table::new([
        whole("NAME"),
        text("CALLED").optional(),
        whole("ROLE"),
        whole("STATE"),
        text("E-MAIL").optional(),
        whole("LAST ACTIVE").optional(),
        whole("ADDED").optional(),
    ]);
    for user in users {
        let active = user.last_active_at.map_or_else(|| "never".to_owned(), |at| when::ago(now, at));
        table.row([
            user.username.as_str().into(),
            user.display_name.as_str().into(),
            user.role.as_str().into(),
            state(user),
            user.email.as_deref().unwrap_or_default().into(),
            active.into(),
            when::ago(now, user.created_at).into(),
        ]);
    }
    table
}
