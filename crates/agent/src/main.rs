//! `mc-agent`: the program that runs on a machine and dials out to Mission Control.
//!
//! [`run`] puts the parts together. [`link`] and [`session`] are the stream to central, [`spool`] is what waits for it, [`commands`] is
//! what central may ask, [`capabilities`] is what the agent looks after. Nothing here listens on a port.

use std::{
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Parser;
use mc_process::sandbox::Sandbox;
use secrecy::SecretString;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use cli::{Cli, Command, JoinArgs, LogOutput};

mod about;
mod capabilities;
mod channel;
mod check;
mod cli;
mod commands;
mod config;
mod identity;
mod install;
mod join;
mod level;
mod link;
mod link_state;
mod pin;
mod renew;
mod results;
mod run;
mod session;
mod spool;
mod status;
mod telemetry;
mod tunnel;
mod witness;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::SandboxExec(args) = cli.command {
        return become_program(args);
    }
    let done = begin_log(&cli).and_then(|()| {
        // One thread does all of it: an agent at rest should cost next to nothing.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
        let done = runtime.block_on(dispatch(cli.command));
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            // Standard error may be closed; then there is nobody to tell.
            let _ = writeln!(io::stderr(), "mc-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin_log(cli: &Cli) -> anyhow::Result<()> {
    let targets: Targets = cli.log.parse().context("MC_LOG is no filter: write info, or info,mc_agent=debug")?;
    let registry = tracing_subscriber::registry().with(targets);
    match cli.log_format {
        LogOutput::Text => {
            registry.with(tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false).with_target(false)).init()
        }
        LogOutput::Json => registry.with(tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr)).init(),
    }
    Ok(())
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Join(args) => join_and_say(args).await?,
        Command::Run(args) => run::run(&args.data_dir, args.config.as_deref()).await?,
        Command::Status(args) => say(&status::show(&identity::DataDir::joined(&args.data_dir)?)?.join("\n"))?,
        Command::Check(args) => return check_and_say(&args).await,
        // Done before anything else was begun.
        Command::SandboxExec(args) => return Ok(become_program(args)),
        Command::Install(args) => say(&install::install(&args.run.data_dir, args.run.config.as_deref(), &args.unit)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What the agent started itself for: to become a program in a sandbox. Returns only when that failed.
fn become_program(args: cli::SandboxArgs) -> ExitCode {
    /// As shells say it of a command that was found and could not be run.
    const CANNOT_RUN: u8 = 126;
    let sandbox = Sandbox {
        dir: args.dir,
        readable: args.readable,
        port: args.port,
        cpu_seconds: args.cpu_seconds,
        memory_bytes: args.memory_bytes,
        file_bytes: args.file_bytes,
        terminal: args.terminal,
        unguarded: args.unguarded,
    };
    if let Some((program, arguments)) = args.program.split_first() {
        let error = sandbox.become_program(Path::new(program), arguments);
        // Standard error may be closed; then there is nobody to tell.
        let _ = writeln!(io::stderr(), "mc-agent: {error}");
    }
    ExitCode::from(CANNOT_RUN)
}

async fn check_and_say(args: &cli::RunArgs) -> anyhow::Result<ExitCode> {
    let findings = check::check(&args.data_dir, args.config.as_deref()).await;
    for finding in &findings {
        say(&finding.text)?;
    }
    Ok(if findings.iter().all(|finding| finding.good) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

async fn join_and_say(args: JoinArgs) -> anyhow::Result<()> {
    // Before anything else: a token that was used up, or is not there any more, is none of a joined agent's business.
    if args.unless_joined
        && let Ok(dir) = identity::DataDir::joined(&args.data_dir)
    {
        let file = dir.identity()?.file;
        return say(&format!("Joined {} already as {} ({}): nothing to do.", file.server, file.name, file.agent_id));
    }
    let config = config::Config::load(args.config.as_deref(), &args.data_dir)?;
    let token = match (args.token_file, args.token) {
        (Some(file), _) => token_from(&file)?,
        (None, Some(token)) => token,
        (None, None) => bail!("no join token: use --token, --token-file or MC_JOIN_TOKEN"),
    };
    let data_dir = args.data_dir.clone();
    let request = join::Join {
        server: args.server,
        token,
        pin: args.ca_pin,
        data_dir: args.data_dir,
        name: args.name,
        tags: args.tags,
        api_key: args.api_key,
    };
    let allow = args.allow;
    if allow.is_some() && (args.config.is_some() || data_dir.join(config::FILE_NAME).exists()) {
        bail!("--allow and a configuration file do not go together: put [allow] actions into the file");
    }
    let joined = join::join(request, &config, allow.as_deref()).await?;
    let proof = if args.api_key { "an API key" } else { "a certificate, renewed by itself" };
    say(&format!(
        "Joined {} as {} ({}).\nProof of identity: {proof}, kept in {}.\n\nNext: mc-agent run --data-dir {}",
        joined.server,
        joined.name,
        joined.agent_id,
        data_dir.display(),
        data_dir.display()
    ))
}

fn token_from(file: &Path) -> anyhow::Result<SecretString> {
    // Far more than any token, far less than a device file would give.
    const MOST: u64 = 4096;
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().take(MOST).read_to_string(&mut text).context("cannot read the token from standard input")?;
    } else {
        let open = std::fs::File::open(file).with_context(|| format!("cannot read the token from {}", file.display()))?;
        open.take(MOST).read_to_string(&mut text).with_context(|| format!("cannot read the token from {}", file.display()))?;
    }
    let token = text.trim();
    if token.is_empty() {
        bail!("the token from {} is empty", file.display());
    }
    Ok(token.to_owned().into())
}
