//! `mc approvals`: ask for access for a while, and decide what others ask for.

use std::time::Duration;

use clap::{Args, Subcommand};
use mc_api::access_request::{AccessRequest, AccessRequestApprove, AccessRequestCreate, AccessRequestDeny};
use mc_client::Client;
use mc_domain::{
    access_request::AccessState,
    id::AccessRequestId,
    role::{BadRoleName, RoleName},
};

use crate::{
    app::App,
    failure::{Exit, Failure},
    table::{Cell, Table, Tone, text, whole},
    when,
};

/// How many are read at once.
const PAGE: u32 = 200;

/// `mc approvals …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Approvals {
    /// List your requests and those you may decide
    List {
        /// Only those in this state: pending, approved, denied, cancelled, expired, ended
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<AccessState>,
        /// Only your own
        #[arg(long)]
        mine: bool,
    },
    /// Show one request
    Show {
        /// Its id, or the beginning of it
        request: String,
    },
    /// Ask for a role, or for one action, for a while
    Request(Request),
    /// Grant a request
    Approve {
        /// Its id, or the beginning of it
        request: String,
        /// A word to who asked
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
        /// For how long, when it is not what was asked for
        #[arg(long = "for", value_name = "DURATION", value_parser = when::parse_duration)]
        duration: Option<Duration>,
    },
    /// Refuse a request
    Deny {
        /// Its id, or the beginning of it
        request: String,
        /// Why not
        #[arg(long)]
        reason: String,
    },
    /// Take back a request of yours
    Cancel {
        /// Its id, or the beginning of it
        request: String,
    },
    /// End granted access early
    End {
        /// Its id, or the beginning of it
        request: String,
    },
}

/// `mc approvals request`.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The role to ask for
    #[arg(long, value_name = "ROLE", conflicts_with_all = ["action", "resource"], required_unless_present = "action")]
    role: Option<String>,
    /// The action to ask for, such as agent_kill; `mc roles actions` shows them
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// On what, by id or name
    #[arg(value_name = "RESOURCE", requires = "action")]
    resource: Option<String>,
    /// Why; approvers read it
    #[arg(long)]
    reason: String,
    /// For how long: 5m to 30d
    #[arg(long = "for", value_name = "DURATION", default_value = "1h", value_parser = when::parse_duration)]
    duration: Duration,
}

fn state(text: &str) -> Result<AccessState, String> {
    AccessState::from_text(text).ok_or_else(|| "use pending, approved, denied, cancelled, expired or ended".to_owned())
}

pub(crate) async fn run(app: &App, approvals: Approvals) -> Result<(), Failure> {
    let client = app.connect()?;
    match approvals {
        Approvals::List { state, mine } => {
            let list = client.access_request_list(state, mine, PAGE, None).await?;
            app.out.value(&list, || app.out.render(&table(app, &list.items)))
        }
        Approvals::Show { request } => {
            let request = client.access_request_show(id(&client, &request).await?).await?;
            app.out.value(&request, || details(app, &request))
        }
        Approvals::Request(wish) => ask(app, &client, wish).await,
        Approvals::Approve { request, reason, duration } => {
            let said = AccessRequestApprove { reason, duration_seconds: duration.map(|duration| duration.as_secs()) };
            let done = client.access_request_approve(id(&client, &request).await?, &said).await?;
            let until = done.expires_at.map(|end| format!("; it ends {}", when::ahead(app.now(), end))).unwrap_or_default();
            app.out.said(&done, &format!("{} has {}{until}.", done.requester.username, wanted(&done)))
        }
        Approvals::Deny { request, reason } => {
            let done = client.access_request_deny(id(&client, &request).await?, &AccessRequestDeny { reason }).await?;
            app.out.said(&done, &format!("{} is refused {}.", done.requester.username, wanted(&done)))
        }
        Approvals::Cancel { request } => {
            let done = client.access_request_cancel(id(&client, &request).await?).await?;
            app.out.said(&done, &format!("The request for {} is taken back.", wanted(&done)))
        }
        Approvals::End { request } => {
            let done = client.access_request_end(id(&client, &request).await?).await?;
            app.out.said(&done, &format!("{} no longer has {}.", done.requester.username, wanted(&done)))
        }
    }
}

async fn ask(app: &App, client: &Client, wish: Request) -> Result<(), Failure> {
    let role: Option<Result<RoleName, BadRoleName>> = wish.role.map(|role| role.parse());
    let asked = AccessRequestCreate {
        role: role.transpose().map_err(|error| Failure::usage(error.to_string()))?,
        action: wish.action,
        resource_kind: None,
        resource: wish.resource,
        reason: wish.reason,
        duration_seconds: wish.duration.as_secs(),
    };
    let made = client.access_request_create(&asked).await?;
    app.out.said(&made, &format!("Asked for {}: request {}. Somebody who may approve it decides.", wanted(&made), made.id))
}

/// The request whose id begins like this.
async fn id(client: &Client, given: &str) -> Result<AccessRequestId, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let mut cursor = None;
    let mut found = Vec::new();
    loop {
        let page = client.access_request_list(None, false, PAGE, cursor).await?;
        found.extend(page.items.iter().map(|request| request.id).filter(|id| id.to_string().starts_with(given)));
        cursor = page.next_cursor;
        if cursor.is_none() || found.len() > 1 {
            break;
        }
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::new(Exit::NotFound, format!("no request's id begins with {given}"))),
        _ => Err(Failure::usage(format!("more than one request's id begins with {given}: give more of it"))),
    }
}

fn wanted(request: &AccessRequest) -> String {
    match (&request.role, &request.action, &request.resource_name) {
        (Some(role), ..) => format!("the role {role}"),
        (_, Some(action), Some(name)) => format!("{action} on {name}"),
        (_, action, _) => action.clone().unwrap_or_default(),
    }
}

fn tone(state: AccessState) -> Tone {
    match state {
        AccessState::Pending => Tone::Warn,
        AccessState::Approved => Tone::Good,
        AccessState::Denied => Tone::Bad,
        AccessState::Cancelled | AccessState::Expired | AccessState::Ended => Tone::Muted,
    }
}

fn table(app: &App, requests: &[AccessRequest]) -> Table {
    let now = app.now();
    let columns = [whole("ID"), whole("WHO"), whole("WANTS"), whole("STATE"), whole("FOR"), whole("ENDS").optional(), text("REASON")];
    let mut table = Table::new(columns);
    for request in requests {
        let ends = request.expires_at.filter(|_| request.state == AccessState::Approved);
        table.row([
            request.id.to_string().into(),
            request.requester.username.as_str().into(),
            wanted(request).into(),
            Cell::new(request.state.as_str(), tone(request.state)),
            when::short(Duration::from_secs(request.duration_seconds)).into(),
            ends.map(|end| when::ahead(now, end)).unwrap_or_default().into(),
            request.reason.as_str().into(),
        ]);
    }
    table
}

fn details(app: &App, request: &AccessRequest) -> String {
    let now = app.now();
    let mut table = Table::details();
    table.pair("Id", request.id.to_string());
    table.pair("Who", request.requester.username.as_str());
    table.pair("Wants", wanted(request));
    table.pair("For", when::short(Duration::from_secs(request.duration_seconds)));
    table.pair("Reason", request.reason.as_str());
    table.pair("State", Cell::new(request.state.as_str(), tone(request.state)));
    table.pair("Asked", when::ago(now, request.created_at));
    let decided = request.decided_at.map(|at| format!("{} by {}", when::ago(now, at), request.decided_by.as_deref().unwrap_or_default()));
    table.pair("Decided", decided.unwrap_or_default());
    table.pair("Said", request.decision_reason.as_deref().unwrap_or_default());
    let ends = request.expires_at.filter(|_| request.state == AccessState::Approved);
    table.pair("Ends", ends.map(|end| when::ahead(now, end)).unwrap_or_default());
    table.pair("Over", request.ended_at.map(|at| when::ago(now, at)).unwrap_or_default());
    app.out.render(&table)
}
