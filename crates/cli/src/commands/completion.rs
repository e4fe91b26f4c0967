//! `mc completion`: completion scripts.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{app::App, args::Cli, failure::Failure};

/// `mc completion SHELL`.
#[derive(Debug, Args)]
#[command(after_help = "For bash: `mc completion bash > ~/.local/share/bash-completion/completions/mc`")]
pub(crate) struct Completion {
    /// The shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script.
pub(crate) fn completion(app: &App, completion: &Completion) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(completion.shell, &mut Cli::command(), app.environment.program, &mut script);
    app.out.bytes(&script)
}
