//! `mc status` and `mc version`.

use mc_api::status::Status;
use mc_domain::role::RoleName;
use serde::Serialize;
use serde_json::json;

use crate::{
    app::App,
    failure::Failure,
    table::{Cell, Table, Tone},
    when,
};

#[derive(Serialize)]
struct Shown {
    context: String,
    server: String,
    user: String,
    role: RoleName,
    #[serde(flatten)]
    status: Status,
}

/// Shows the server, the caller and the fleet.
pub(crate) async fn status(app: &App) -> Result<(), Failure> {
    let client = app.connect()?;
    let (context, _) = app.chosen()?;
    let me = client.me_show().await?;
    let status = client.status_show().await?;
    let shown = Shown { context, server: client.server().to_string(), user: me.username, role: me.role, status };
    app.out.value(&shown, || {
        let Shown { status, .. } = &shown;
        let fleet = &status.fleet;
        let mut details = Table::details();
        details.pair("Server", format!("{} ({})", shown.server, shown.context));
        details.pair("User", format!("{} ({})", shown.user, shown.role));
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

/// Shows this program's version.
pub(crate) fn version(app: &App) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    app.out.said(&json!({ "program": app.environment.program, "version": version }), &format!("{} {version}", app.environment.program))
}
