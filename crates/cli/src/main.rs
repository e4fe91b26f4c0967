//! `mc`: Mission Control from the command line. Called as `mk8s` it is the same program with its own configuration file.
//!
//! Results go to stdout, everything else to stderr; exit codes are [`failure::Exit`]. What a command does lives in `commands/`, one
//! file a noun; nothing here or there speaks HTTP, which is the client's work.

mod app;
mod args;
mod commands;
mod config;
mod context;
mod environment;
mod failure;
mod kubeconfig;
mod mk8s;
mod out;
mod prompt;
mod select;
mod table;
mod watch;
mod when;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::{app::App, args::Cli, commands::kubectl::arguments, environment::Environment, failure::Failure};

fn main() -> ExitCode {
    let environment = Environment::read();
    let command = Cli::command().name(environment.program).bin_name(environment.program);
    let matches = command.get_matches_from(arguments::divide(std::env::args_os()));
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let app = App::new(environment, &cli.global);
    let ended = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))
        .and_then(|runtime| runtime.block_on(Box::pin(commands::run(&app, cli.command))));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.text() {
                app.out.error(text);
            }
            failure.exit.into()
        }
    }
}
