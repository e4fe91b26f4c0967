//! Mission Control's server.
//!
//! This crate translates and wires: HTTP in `http/`, agents in `grpc/`, the command line in `commands/`. Decisions are `mc-app`'s.

mod certificate;
mod commands;
mod config;
mod grpc;
mod http;
mod log;
mod out;
mod redirect;
mod serve;
mod tls;

use std::process::ExitCode;

use clap::Parser;

/// Ten thousand connections are many small things of a few sizes, which it packs closer than the system's allocator does: with that one an agent
/// took 60 KB instead of 52 (`make bench`). Without huge pages, which it would fill in part only.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        out::error("a TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
