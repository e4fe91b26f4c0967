//! `mc-agent check`: configuration, credential, the way to central, and the workload's program, a line each.

use std::path::Path;

use mc_domain::time::{Clock, SystemClock};
use rustix::fs::{Access, access};

use crate::{
    capabilities::kubectl,
    channel,
    config::{Config, Start, WorkloadConfig},
    identity::{Credential, DataDir, Identity},
};

/// One line of the report.
pub(crate) struct Finding {
    pub(crate) good: bool,
    pub(crate) text: String,
}

fn finding(what: &str, outcome: Result<String, String>) -> Finding {
    let good = outcome.is_ok();
    let (Ok(words) | Err(words)) = outcome;
    Finding { good, text: format!("{} {what:<14}{words}", if good { "ok   " } else { "wrong" }) }
}

/// Checks everything that can be checked without disturbing a running agent.
pub(crate) async fn check(data_dir: &Path, config_file: Option<&Path>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match Config::load(config_file, data_dir) {
        Ok(config) => {
            findings.push(finding("configuration", Ok(format!("an agent of kind {}", config.kind().as_str()))));
            findings.extend(
                config
                    .allow
                    .unused
                    .iter()
                    .map(|name| finding("allow", Ok(format!("{name} is granted, but this version of the agent does not offer it")))),
            );
            findings.push(finding("workload", workload(&config.workload)));
            if let Some(kubernetes) = config.kubernetes.as_ref().filter(|kubernetes| kubernetes.allow.kubectl) {
                let found = kubernetes.kubectl.find().map(|path| path.display().to_string());
                findings.push(finding("kubectl", found));
                findings.extend(kubectl::concerns(&kubernetes.kubectl).into_iter().map(|text| finding("sandbox", Ok(text))));
            }
            for log in &config.logs {
                let words = log.path.display().to_string();
                findings.push(finding("log", readable(&log.path).map(|()| words.clone()).map_err(|error| format!("{words}: {error}"))));
            }
        }
        Err(error) => findings.push(finding("configuration", Err(error.to_string()))),
    }
    let identity = DataDir::joined(data_dir).and_then(|dir| dir.identity());
    match identity {
        Ok(identity) => {
            findings.push(finding("identity", Ok(format!("{} ({})", identity.file.name, identity.file.agent_id))));
            findings.push(finding("credential", credential(&identity)));
            findings.push(finding("central", central(&identity).await));
        }
        Err(error) => findings.push(finding("identity", Err(error.to_string()))),
    }
    findings
}

fn credential(identity: &Identity) -> Result<String, String> {
    match &identity.credential {
        Credential::ApiKey(_) => Ok("API key".to_owned()),
        Credential::Certificate { not_after, not_before, .. } => {
            let now = SystemClock.now();
            if now > *not_after {
                Err(format!("the certificate ran out on {not_after}: join again with a new token"))
            } else if now < *not_before {
                Err(format!("the certificate begins on {not_before}: set this machine's clock"))
            } else {
                Ok(format!("certificate, valid until {not_after}"))
            }
        }
    }
}

async fn central(identity: &Identity) -> Result<String, String> {
    let server = &identity.file.server;
    channel::probe(identity).await.map(|()| format!("{server} answers with the right CA")).map_err(|error| error.to_string())
}

fn workload(config: &WorkloadConfig) -> Result<String, String> {
    match config {
        WorkloadConfig::Host => Ok("none: the machine only".to_owned()),
        WorkloadConfig::Command(start) => program(start),
        WorkloadConfig::Systemd { unit, .. } => {
            find("systemctl").map(|_| format!("unit {unit}")).ok_or_else(|| "systemctl is not installed here".to_owned())
        }
        WorkloadConfig::Openclaw { state_dir, start, .. } => match start {
            Some(start) => program(start),
            None => readable(state_dir)
                .map(|()| format!("gateway of {}", state_dir.display()))
                .map_err(|error| format!("{}: {error}", state_dir.display())),
        },
    }
}

fn program(start: &Start) -> Result<String, String> {
    let name = start.command.first().map_or("", String::as_str);
    if let Some(dir) = start.dir.as_ref().filter(|dir| !dir.is_dir()) {
        return Err(format!("the folder {} does not exist: create it or change workload.dir", dir.display()));
    }
    find(name).ok_or_else(|| format!("there is no program {name}: install it or correct workload.command"))
}

/// The program that a command line of this name would start.
fn find(name: &str) -> Option<String> {
    let runs = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if name.contains('/') {
        return runs(Path::new(name)).then(|| name.to_owned());
    }
    let path = crate::config::search_path()?;
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| runs(path))?;
    Some(found.display().to_string())
}

fn readable(path: &Path) -> Result<(), String> {
    access(path, Access::READ_OK).map_err(|error| std::io::Error::from(error).to_string())
}
