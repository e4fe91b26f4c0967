//! `mission-control config`.

use clap::{Args, Subcommand};

use super::Place;
use crate::out;

/// Check or show the configuration.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say whether the file and the environment are valid
    Check(Place),
    /// Print the configuration in force, without secrets
    Show(Place),
}

impl ConfigArgs {
    /// Does it.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            What::Check(place) => {
                place.load()?;
                out::line("the configuration is valid");
            }
            What::Show(place) => out::line(&place.load()?.shown()),
        }
        Ok(())
    }
}
