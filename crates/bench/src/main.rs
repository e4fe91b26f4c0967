//! `mc-bench`: simulated agents over the real protocol, and the figures of the README.
//!
//! The server under test is a real `mission-control serve` in a process of its own, on loopback with a temporary data directory. What a
//! simulated agent does is in [`agent`], all of them together in [`fleet`], and each group of figures in a file of [`steps`].

mod agent;
mod backoff;
mod central;
mod dial;
mod figure;
mod fleet;
mod identity;
mod machine;
mod out;
mod process;
mod run;
mod spool;
mod stats;
mod steps;
mod wire_http;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::SignalKind;

/// Measures Mission Control: agents held, returns, latencies, footprints.
#[derive(Debug, Parser)]
#[command(name = "mc-bench", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure everything, print a table and write DIR/<commit>.json
    All(All),
    /// Print the README's table of a file that `all` wrote
    Table {
        /// The file
        file: PathBuf,
    },
}

/// Arguments of `all`.
#[derive(Debug, Clone, Args)]
struct All {
    /// Simulated agents; each is an open file here and one in the server [default: 10000, with --quick 500]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=60_000))]
    agents: Option<u32>,
    /// Where mission-control and mc-agent are
    #[arg(long, value_name = "DIR")]
    bin_dir: PathBuf,
    /// Where the figures go
    #[arg(long, value_name = "DIR", default_value = "bench-results")]
    out: PathBuf,
    /// Fewer agents and shorter looks: for trying, not for the README
    #[arg(long)]
    quick: bool,
    /// Only these steps: hold, metrics, list, action, audit, event, log, agent, restart, cold, page, policy, kube
    #[arg(long, value_name = "STEP,…", value_delimiter = ',')]
    only: Vec<steps::Step>,
    /// Exit with 1 when a figure is over its budget
    #[arg(long)]
    strict: bool,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Size {
    agents: usize,
    /// How long memory and CPU are looked at.
    hold: Duration,
    /// How long lines are poured in.
    flood: Duration,
    /// How many latencies are taken.
    samples: usize,
    /// How many starts are timed.
    starts: usize,
}

impl All {
    fn size(&self) -> Size {
        let agents = self.agents.unwrap_or(if self.quick { 500 } else { 10_000 }) as usize;
        if self.quick {
            Size { agents, hold: Duration::from_secs(10), flood: Duration::from_secs(5), samples: 100, starts: 2 }
        } else {
            Size { agents, hold: Duration::from_secs(60), flood: Duration::from_secs(20), samples: 500, starts: 5 }
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        out::progress("failed: a TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    let result = match cli.command {
        Command::Table { file } => figure::Report::read(&file).map(|report| {
            out::line(&report.markdown());
            true
        }),
        Command::All(all) => measure(&all),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            out::progress(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs until done or told to stop; either way everything started is stopped, because it is owned by what is dropped.
fn measure(all: &All) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
        tokio::select! {
            done = Box::pin(run::all(all)) => done,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted: nothing was written")),
            _ = terminate.recv() => Err(anyhow::anyhow!("told to stop: nothing was written")),
        }
    });
    // Ten thousand tasks need not be waited for.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
