//! `mc roles`: what each role allows, and who has it.

use std::{io::Read as _, path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use mc_api::{
    role::{AgentSelector, Effect, KubernetesSelector, Role, RoleForm, Rule},
    role_assignment::{RoleAssignment, RoleAssignmentCreate},
    simulate::{Extent, SimulateWhat, SimulateWho},
};
use mc_client::Client;
use mc_domain::{
    id::AssignmentId,
    role::{BadRoleName, RoleName},
    role_assignment::SubjectKind,
};

use crate::{
    app::App,
    failure::{Exit, Failure},
    table::{Cell, Table, Tone, text, whole},
    when,
};

/// `mc roles …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Roles {
    /// List roles
    List,
    /// Show what a role allows, as rules and as Cedar
    Show {
        /// Its name
        role: String,
    },
    /// Make a role from a file
    Create(FromFile),
    /// Change a role to what a file says
    Update(FromFile),
    /// Delete a role that nobody has
    Delete {
        /// Its name
        role: String,
    },
    /// Check a file without saving it, and show its Cedar text
    Check(FromFile),
    /// Give a role to a user, a service token or a group
    Assign(Assign),
    /// Take a role away again
    Unassign {
        /// The assignments, by id; `mc roles assignments` shows them
        #[arg(required = true, value_name = "ID")]
        assignments: Vec<String>,
    },
    /// List who was given which role
    Assignments {
        /// Only of this role
        #[arg(long)]
        role: Option<String>,
        /// Only to this user, service token or group
        #[arg(long)]
        subject: Option<String>,
    },
    /// List the actions that rules are about
    Actions,
    /// Show who could do something
    Who {
        /// The action's name
        action: String,
        /// On what, by id or name; left out: on no single thing
        resource: Option<String>,
    },
    /// Show what a user could do
    What {
        /// Name or id
        user: String,
    },
}

/// A role in a file.
#[derive(Debug, Args)]
pub(crate) struct FromFile {
    /// The role as YAML or JSON; - reads it from stdin
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
}

/// `mc roles assign`.
#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// The role's name
    role: String,
    /// To this user, by name or id
    #[arg(long, value_name = "USER", group = "subject")]
    user: Option<String>,
    /// To this service token, by id
    #[arg(long, value_name = "TOKEN", group = "subject")]
    token: Option<String>,
    /// To everybody who logs in with this group, as PROVIDER:GROUP
    #[arg(long, value_name = "GROUP", group = "subject", required_unless_present_any = ["user", "token"])]
    group: Option<String>,
    /// For how long; left out: until it is taken away
    #[arg(long = "for", value_name = "DURATION", value_parser = when::parse_duration)]
    life: Option<Duration>,
    /// Why, for the audit trail
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

fn name(text: &str) -> Result<RoleName, Failure> {
    text.parse().map_err(|error: BadRoleName| Failure::usage(error.to_string()))
}

fn form(file: &FromFile) -> Result<RoleForm, Failure> {
    let shown = file.file.display();
    let text = if file.file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::failed(format!("cannot read stdin: {error}")))?;
        text
    } else {
        std::fs::read_to_string(&file.file).map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?
    };
    serde_saphyr::from_str(&text).map_err(|error| Failure::usage(format!("{shown} is no role: {error}")))
}

pub(crate) async fn run(app: &App, roles: Roles) -> Result<(), Failure> {
    let client = app.connect()?;
    match roles {
        Roles::List => {
            let list = client.role_list().await?;
            app.out.value(&list, || app.out.render(&table(app, &list.items)))
        }
        Roles::Show { role } => {
            let role = client.role_show(&role).await?;
            app.out.value(&role, || details(app, &role))
        }
        Roles::Create(file) => {
            let role = client.role_create(&form(&file)?).await?;
            app.out.said(&role, &format!("{} made.", role.name))
        }
        Roles::Update(file) => {
            let form = form(&file)?;
            let role = client.role_update(form.name.as_str(), &form).await?;
            app.out.said(&role, &format!("{} changed; it counts from the next request of whoever has it.", role.name))
        }
        Roles::Delete { role } => {
            client.role_delete(&role).await?;
            app.out.said(&serde_json::json!({ "deleted": role }), &format!("{role} deleted."))
        }
        Roles::Check(file) => check(app, &client, &form(&file)?).await,
        Roles::Assign(wish) => assign(app, &client, wish).await,
        Roles::Unassign { assignments } => unassign(app, &client, &assignments).await,
        Roles::Assignments { role, subject } => {
            let role = role.as_deref().map(name).transpose()?;
            let list = client.assignment_list(role.as_ref(), subject.as_deref()).await?;
            app.out.value(&list, || app.out.render(&assignments(app, &list.items)))
        }
        Roles::Actions => actions(app, &client).await,
        Roles::Who { action, resource } => who(app, &client, action, resource).await,
        Roles::What { user } => what(app, &client, user).await,
    }
}

fn table(app: &App, roles: &[Role]) -> Table {
    let mut table = Table::new([whole("NAME"), text("TITLE"), whole("RULES"), whole("USERS"), whole("GIVEN"), whole("CHANGED").optional()]);
    for role in roles {
        let rules = match (role.built_in, role.by_hand) {
            (true, _) => "built in".to_owned(),
            (false, true) => "cedar".to_owned(),
            (false, false) => role.rules.len().to_string(),
        };
        let changed = role.updated_at.map(|at| when::ago(app.now(), at)).unwrap_or_default();
        let (users, given) = (role.users.to_string(), role.assignments.to_string());
        table.row([role.name.as_str().into(), role.title.as_str().into(), rules.into(), users.into(), given.into(), changed.into()]);
    }
    table
}

fn details(app: &App, role: &Role) -> String {
    let mut table = Table::details();
    table.pair("Name", role.name.as_str());
    table.pair("Title", role.title.as_str());
    table.pair("For", role.description.as_str());
    table.pair("Users", role.users.to_string().as_str());
    table.pair("Given", role.assignments.to_string().as_str());
    table.pair("Step-up", if role.step_up { "before what can hurt" } else { "" });
    let changed = role.updated_at.map(|at| format!("{} by {}", when::ago(app.now(), at), role.updated_by.as_deref().unwrap_or_default()));
    table.pair("Changed", changed.unwrap_or_default().as_str());
    let mut out = app.out.render(&table);
    for (place, rule) in role.rules.iter().enumerate() {
        out.push_str(&format!("\n{:>3}. {}", place + 1, app.out.outside(&words(rule))));
    }
    out.push_str("\n\n");
    out.push_str(&app.out.outside(role.cedar.trim_end()));
    out
}

/// A rule as a line: `allow agent_*, command_* on agents with tags prod`.
fn words(rule: &Rule) -> String {
    let effect = match rule.effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    };
    let lists = |what: &str, lists: &[(&str, &Vec<String>)]| {
        let given: Vec<String> =
            lists.iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| format!("{name} {}", list.join(", "))).collect();
        if given.is_empty() { format!(" on {what}") } else { format!(" on {what} with {}", given.join("; ")) }
    };
    let agents = rule.agents.as_ref().map(|AgentSelector { names, tags, groups, kinds, owners }| {
        lists("agents", &[("names", names), ("tags", tags), ("groups", groups), ("kinds", kinds), ("owners", owners)])
    });
    let kubernetes = rule.kubernetes.as_ref().map(|KubernetesSelector { clusters, namespaces, resources, verbs, names }| {
        let all = [("clusters", clusters), ("namespaces", namespaces), ("resources", resources), ("verbs", verbs), ("names", names)];
        lists("Kubernetes", &all)
    });
    format!("{effect} {}{}{}", rule.actions.join(", "), agents.unwrap_or_default(), kubernetes.unwrap_or_default())
}

async fn check(app: &App, client: &Client, form: &RoleForm) -> Result<(), Failure> {
    let checked = client.role_check(form).await?;
    let problems = || checked.problems.iter().map(|problem| format!("{}: {}", problem.at, problem.text)).collect::<Vec<_>>().join("\n");
    if checked.problems.is_empty() {
        return app.out.value(&checked, || checked.cedar.clone());
    }
    app.out.value(&checked, problems)?;
    Err(Failure::told(Exit::Failed))
}

async fn assign(app: &App, client: &Client, wish: Assign) -> Result<(), Failure> {
    let (kind, subject) = match (wish.user, wish.token, wish.group) {
        (Some(user), ..) => (SubjectKind::User, user),
        (_, Some(token), _) => (SubjectKind::Token, token),
        (_, _, group) => (SubjectKind::Group, group.unwrap_or_default()),
    };
    let request = RoleAssignmentCreate {
        role: name(&wish.role)?,
        subject_kind: kind,
        subject,
        expires_in_seconds: wish.life.map(|life| life.as_secs()),
        reason: wish.reason,
    };
    let given = client.assignment_create(&request).await?;
    let until = given.expires_at.map(|end| format!(", ends {}", when::ahead(app.now(), end))).unwrap_or_default();
    app.out.said(&given, &format!("{} {} is {}{until}.", given.subject.kind.as_str(), given.subject.name, given.role))
}

async fn unassign(app: &App, client: &Client, given: &[String]) -> Result<(), Failure> {
    let mut ids: Vec<AssignmentId> = Vec::with_capacity(given.len());
    for id in given {
        ids.push(app.assignment(client, id).await?);
    }
    for id in &ids {
        client.assignment_remove(*id).await?;
    }
    let text: Vec<String> = ids.iter().map(|id| format!("{id} removed")).collect();
    app.out.said(&serde_json::json!({ "removed": ids }), &text.join("\n"))
}

fn assignments(app: &App, given: &[RoleAssignment]) -> Table {
    let now = app.now();
    let columns = [whole("ID"), whole("ROLE"), whole("KIND"), whole("WHO"), whole("ENDS"), text("REASON"), whole("BY").optional()];
    let mut table = Table::new(columns);
    for one in given {
        let ends = one.expires_at.map_or_else(|| Cell::new("never", Tone::Muted), |end| when::ahead(now, end).into());
        let id = one.id.to_string();
        let cells = [id.into(), one.role.as_str().into(), one.subject.kind.as_str().into(), one.subject.name.as_str().into(), ends];
        table.row(cells.into_iter().chain([one.reason.as_str().into(), one.created_by.as_str().into()]));
    }
    table
}

async fn actions(app: &App, client: &Client) -> Result<(), Failure> {
    let list = client.action_list().await?;
    app.out.value(&list, || {
        let mut table = Table::new([whole("ACTION"), whole("ON"), whole("FROM").optional(), text("WHAT IT IS")]);
        for action in &list.items {
            let name = Cell::new(action.name.as_str(), if action.destructive { Tone::Warn } else { Tone::Plain });
            table.row([name, action.on.as_str().into(), action.weakest.as_str().into(), action.text.as_str().into()]);
        }
        app.out.render(&table)
    })
}

async fn who(app: &App, client: &Client, action: String, resource: Option<String>) -> Result<(), Failure> {
    let answer = client.simulate_who(&SimulateWho { action, resource_kind: None, resource }).await?;
    app.out.value(&answer, || {
        let mut table = Table::new([whole("USER"), whole("MAY"), text("RULE")]);
        for item in &answer.items {
            let may = if item.allowed { Cell::new("yes", Tone::Good) } else { Cell::new("no", Tone::Muted) };
            table.row([item.user.username.as_str().into(), may, item.rule.as_str().into()]);
        }
        app.out.render(&table)
    })
}

async fn what(app: &App, client: &Client, user: String) -> Result<(), Failure> {
    let answer = client.simulate_what(&SimulateWhat { user }).await?;
    app.out.value(&answer, || {
        let mut table = Table::new([whole("ACTION"), whole("MAY"), whole("ON").optional(), text("RULE")]);
        for item in &answer.items {
            let may = match item.allowed {
                Extent::All => Cell::new("yes", Tone::Good),
                Extent::Some => Cell::new("some", Tone::Warn),
                Extent::None => Cell::new("no", Tone::Muted),
            };
            table.row([item.action.as_str().into(), may, item.on.as_str().into(), item.rule.as_str().into()]);
        }
        app.out.render(&table)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_as_sentences() {
        let agents = AgentSelector { tags: vec!["prod".into(), "eu-*".into()], kinds: vec!["systemd".into()], ..AgentSelector::default() };
        let rule = Rule { effect: Effect::Deny, actions: vec!["agent_*".into()], agents: Some(agents), kubernetes: None };
        assert_eq!(words(&rule), "deny agent_* on agents with tags prod, eu-*; kinds systemd");
        let plain = Rule { effect: Effect::Allow, actions: vec!["overview_show".into()], agents: None, kubernetes: None };
        assert_eq!(words(&plain), "allow overview_show");
    }
}
