//! The server's own command line.

mod config;
mod rotate;
mod serve;
mod up;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// One control plane for AI agents, machines, containers and clusters.
#[derive(Debug, Parser)]
#[command(name = "mission-control", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A first look: the server plus one agent on this machine, with a link to set it up
    Up(up::Up),
    /// Run the server
    Serve(serve::Serve),
    /// Manage users on this machine, without logging in
    User(user::UserArgs),
    /// Replace keys without logging anybody out or losing agents
    Rotate(rotate::RotateArgs),
    /// Check or show the configuration
    Config(config::ConfigArgs),
    /// Bring the database up to this version and exit
    Migrate(Place),
}

/// Where the data and the configuration are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Directory for keys and, without PostgreSQL, the database
    #[arg(long, value_name = "DIR", env = "MC_DATA_DIR", default_value_os_t = default_data_dir())]
    data_dir: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "MC_CONFIG_FILE")]
    config: Option<PathBuf>,
}

impl Place {
    fn load(&self) -> anyhow::Result<Config> {
        Config::load(self.config.as_deref(), &[])
    }
}

fn default_data_dir() -> PathBuf {
    use crate::config::variable;
    let base = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| format!("{home}/.local/share")));
    base.map_or_else(|| PathBuf::from("/var/lib"), PathBuf::from).join("mission-control")
}

/// Does what was asked.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Up(up) => up.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::User(user) => user.run().await,
            Command::Rotate(rotate) => rotate.run().await,
            Command::Config(config) => config.run(),
            Command::Migrate(place) => {
                let store = crate::serve::open_store(&place.load()?, &place.data_dir).await?;
                store.close().await;
                crate::out::line("the database is up to date");
                Ok(())
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
