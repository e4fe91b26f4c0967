//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{ArgGroup, Args, Parser, Subcommand};
use mc_domain::name::{AgentName, Tag};
use secrecy::SecretString;

use crate::pin::CaPin;

/// The Mission Control agent: dials out to central, reports this machine and its workload, and does what its owner allows.
#[derive(Parser)]
#[command(name = "mc-agent", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What is logged: error, warn, info, debug or trace; also per module, such as info,mc_agent=debug
    #[arg(long, env = "MC_LOG", default_value = "info", global = true, hide_default_value = true)]
    pub(crate) log: String,
    /// How it is logged
    #[arg(long, env = "MC_LOG_FORMAT", default_value = "text", global = true)]
    pub(crate) log_format: LogOutput,
}

/// How the agent's own log is written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogOutput {
    Text,
    Json,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Join a Mission Control with a join token
    Join(JoinArgs),
    /// Run the agent
    Run(RunArgs),
    /// Show what the agent on this data directory is and does
    Status(DirArgs),
    /// Check configuration, credential and the way to central
    Check(RunArgs),
    /// Write a systemd unit that runs the agent
    Install(InstallArgs),
    /// Become a program that may do next to nothing; the agent starts itself so
    #[command(hide = true)]
    SandboxExec(SandboxArgs),
}

/// Arguments of `sandbox-exec`.
#[derive(Args)]
pub(crate) struct SandboxArgs {
    #[arg(long)]
    pub(crate) dir: PathBuf,
    #[arg(long)]
    pub(crate) readable: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) port: u16,
    #[arg(long)]
    pub(crate) cpu_seconds: u64,
    #[arg(long)]
    pub(crate) memory_bytes: u64,
    #[arg(long)]
    pub(crate) file_bytes: u64,
    #[arg(long)]
    pub(crate) terminal: bool,
    #[arg(long)]
    pub(crate) unguarded: bool,
    /// The program and its arguments
    #[arg(required = true, last = true)]
    pub(crate) program: Vec<OsString>,
}

/// Arguments of `join`.
#[derive(Args)]
#[command(group = ArgGroup::new("secret").required(true).args(["token", "token_file"]))]
pub(crate) struct JoinArgs {
    /// Central's agent port
    #[arg(long, value_name = "HOST:PORT", value_parser = server_address)]
    pub(crate) server: String,
    /// The join token
    #[arg(long, env = "MC_JOIN_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<SecretString>,
    /// A file that holds the join token; - reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Hash of central's CA, as the join command shows it
    #[arg(long, value_name = "sha256:HEX")]
    pub(crate) ca_pin: CaPin,
    /// Where the agent keeps its identity
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// The agent's name; from the hostname when absent
    #[arg(long)]
    pub(crate) name: Option<AgentName>,
    /// A label; may be given more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<Tag>,
    /// What central may ask, written to agent.toml: restart, kill, check
    #[arg(long, value_delimiter = ',', value_name = "ACTION,…")]
    pub(crate) allow: Option<Vec<mc_domain::command::CommandAction>>,
    /// Ask for an API key instead of a certificate
    #[arg(long)]
    pub(crate) api_key: bool,
    /// The configuration file the agent will run with
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do nothing, and succeed, when the data directory belongs to an agent already
    #[arg(long)]
    pub(crate) unless_joined: bool,
}

/// The data directory.
#[derive(Args)]
pub(crate) struct DirArgs {
    /// Where the agent keeps its identity
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// The data directory and the configuration.
#[derive(Args)]
pub(crate) struct RunArgs {
    /// Where the agent keeps its identity
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// The configuration file; agent.toml in the data directory when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Arguments of `install`.
#[derive(Args)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// The unit file to write
    #[arg(long, value_name = "FILE", default_value = "/etc/systemd/system/mc-agent.service")]
    pub(crate) unit: PathBuf,
}

fn server_address(text: &str) -> Result<String, String> {
    let text = text.trim_start_matches("https://").trim_end_matches('/');
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) => Ok(text.to_owned()),
        _ => Err("write host:port, such as central.example.org:8444".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn addresses_have_host_and_port() {
        assert_eq!(server_address("central:8444").as_deref(), Ok("central:8444"));
        assert_eq!(server_address("https://[::1]:8444/").as_deref(), Ok("[::1]:8444"));
        for bad in ["central", "central:", ":8444", "central:0", "central:99999"] {
            assert!(server_address(bad).is_err(), "{bad}");
        }
    }
}
