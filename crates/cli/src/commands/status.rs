//! `mc status` and `mc version`.

use mc_api::status::Status;
use mc_domain::role::RoleName;
use serde::Serialize;
use serde_json::json;

use super::auth::roles;
use crate::{
    app::App,
    config::{Config, Context, Locked},
    failure::Failure,
    table::{Cell, Table, Tone},
    when,
};

#[derive(Serialize)]
struct Shown {
    context: String,
    server: String,
    user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleName>,
    #[serde(flatten)]
    status: Status,
}

/// Shows the server, the caller and the fleet.
pub(crate) async fn status(app: &App) -> Result<(), Failure> {
    let client = app.connect()?;
    let (context, _) = app.chosen()?;
    let (user, role, words) = match client.me_show().await {
        Ok(me) => {
            let words = roles(&me);
            (me.username, me.role, words)
        }
        // An older server does not say who a service token is.
        Err(error) if error.is_not_found() => ("service token".to_owned(), None, "unknown".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let status = client.status_show().await?;
    follow_pin(app, &context, &status)?;
    let shown = Shown { context, server: client.server().to_string(), user, role, status };
    app.out.value(&shown, || {
        let Shown { status, .. } = &shown;
        let fleet = &status.fleet;
        let mut details = Table::details();
        details.pair("Server", format!("{} ({})", shown.server, shown.context));
        details.pair("User", format!("{} ({words})", shown.user));
        details.pair("Version", status.version.as_str());
        details.pair("Database", status.database.as_str());
        details.pair("Up", when::short(app.now().since(status.started_at)));
        details.pair("Agents", format!("{} ({} connected)", fleet.total, status.connected_agents));
        details.pair("  online", Cell::new(fleet.online.to_string(), if fleet.online > 0 { Tone::Good } else { Tone::Plain }));
        details.pair("  degraded", Cell::new(fleet.degraded.to_string(), if fleet.degraded > 0 { Tone::Warn } else { Tone::Plain }));
        details.pair("  offline", Cell::new(fleet.offline.to_string(), if fleet.offline > 0 { Tone::Bad } else { Tone::Plain }));
        details.pair("  stopped", fleet.stopped.to_string());
        details.pair("Agents dial", status.agent_address.as_str());
        details.pair("CA pin", status.ca_pin.as_str());
        app.out.render(&details)
    })
}

/// The server's authority was replaced: the old one, which is pinned here, vouched for the answer that names the new one.
fn follow_pin(app: &App, name: &str, status: &Status) -> Result<(), Failure> {
    let pin = status.ca_pin.as_str();
    let path = app.environment.config_path()?;
    let follows =
        |context: &Context| context.ca_pin.as_ref().is_some_and(|pinned| status.old_authorities.iter().any(|old| old.pin == *pinned));
    if app.environment.server.is_some() || !Config::load(path)?.contexts.get(name).is_some_and(follows) {
        return Ok(());
    }
    Locked::take(path)?.change(|config| {
        if let Some(context) = config.contexts.get_mut(name).filter(|context| follows(context)) {
            context.ca_pin = Some(pin.to_owned());
        }
    })?;
    app.out.note(&format!("The server's certificate authority was replaced; its new pin is kept: {pin}"));
    Ok(())
}

/// Shows this program's version.
pub(crate) fn version(app: &App) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    app.out.said(&json!({ "program": app.environment.program, "version": version }), &format!("{} {version}", app.environment.program))
}
