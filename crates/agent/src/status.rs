//! `status.json`: what a running agent knows of itself, for `mc-agent status`.

use std::time::Duration;

use mc_domain::{time::Time, workload::Workload};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    identity::{Credential, DataDir, IdentityError},
    spool::SpoolState,
};

const FILE: &str = "status.json";
/// Changes closer together than this are written once.
const EVERY: Duration = Duration::from_secs(2);

/// How the link stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkStatus {
    pub(crate) linked: bool,
    pub(crate) since: Time,
    pub(crate) detail: String,
    pub(crate) server_version: String,
    pub(crate) clock_skew_seconds: u64,
    pub(crate) next_try: Option<Time>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StatusFile {
    pid: u32,
    link: LinkStatus,
    workload: Workload,
    spool_bytes: u64,
    spool_on_disk: bool,
}

/// Writes the file whenever something changes, until the agent ends.
pub(crate) async fn keep(
    dir: DataDir,
    mut link: watch::Receiver<LinkStatus>,
    mut workload: watch::Receiver<Workload>,
    spool: watch::Receiver<SpoolState>,
) {
    loop {
        let status = {
            let spool = *spool.borrow();
            StatusFile {
                pid: std::process::id(),
                link: link.borrow_and_update().clone(),
                workload: workload.borrow_and_update().clone(),
                spool_bytes: spool.bytes,
                spool_on_disk: spool.on_disk,
            }
        };
        if let Ok(text) = serde_json::to_vec_pretty(&status)
            && let Err(error) = dir.write(FILE, &text)
        {
            tracing::debug!(%error, "cannot write the status");
        }
        tokio::time::sleep(EVERY).await;
        tokio::select! {
            Ok(()) = link.changed() => {}
            Ok(()) = workload.changed() => {}
            else => return,
        }
    }
}

/// The agent's status in lines for people.
pub(crate) fn show(dir: &DataDir) -> Result<Vec<String>, IdentityError> {
    let identity = dir.identity()?;
    let mut lines = vec![
        format!("agent     {} ({})", identity.file.name, identity.file.agent_id),
        format!("central   {}", identity.file.server),
        match &identity.credential {
            Credential::Certificate { not_after, .. } => format!("proof     certificate, valid until {not_after}"),
            Credential::ApiKey(_) => "proof     API key".to_owned(),
        },
    ];
    if dir.lock().is_ok() {
        lines.push("running   no".to_owned());
        return Ok(lines);
    }
    let status = std::fs::read(dir.file(FILE)).ok().and_then(|text| serde_json::from_slice::<StatusFile>(&text).ok());
    let Some(status) = status else {
        lines.push("running   yes".to_owned());
        return Ok(lines);
    };
    lines.push(format!("running   yes, pid {}", status.pid));
    lines.push(match (&status.link.linked, &status.link.next_try) {
        (true, _) => format!("link      since {}, central {}", status.link.since, status.link.server_version),
        (false, Some(next)) => format!("link      none: {}; next try {next}", status.link.detail),
        (false, None) => "link      not yet".to_owned(),
    });
    if status.link.clock_skew_seconds > 60 {
        lines.push(format!("clock     {} s off central's", status.link.clock_skew_seconds));
    }
    let workload = &status.workload;
    let detail = if workload.detail.is_empty() { String::new() } else { format!(": {}", workload.detail) };
    let title = if workload.title.is_empty() { String::new() } else { format!(" ({})", workload.title) };
    lines.push(format!("workload  {}{detail}{title}", workload.state.as_str().replace('_', " ")));
    let place = if status.spool_on_disk { "on disk" } else { "in memory, the disk does not take it" };
    lines.push(format!("spool     {} bytes wait {place}", status.spool_bytes));
    Ok(lines)
}
