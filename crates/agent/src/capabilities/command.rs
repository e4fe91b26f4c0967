//! A command that the agent starts and looks after itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mc_domain::{log::LogLevel, time::Clock};
use mc_process::{
    lines::{OutputLine, Stream},
    spawn::Program,
    supervise::{Settings, Supervisor},
};
use tokio::sync::mpsc;

use crate::{
    config::{LogFormat, Start},
    identity::DataDir,
    level,
    telemetry::Collector,
};

/// Variables of the agent that are none of the workload's business.
const PRIVATE: [&str; 1] = ["MC_JOIN_TOKEN"];
/// Lines between the pipes and the collector.
const QUEUE: usize = 64;

/// Once set, standard output is not sent: a log file says the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quiet(Arc<AtomicBool>);

impl Quiet {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts `start` under supervision; its output becomes log lines.
pub(crate) fn start(
    start: &Start,
    fatal_exits: Vec<i32>,
    dir: &DataDir,
    clock: &Arc<dyn Clock>,
    collector: &Collector,
    quiet: Quiet,
) -> Supervisor {
    let program = Program {
        argv: start.command.clone(),
        dir: start.dir.clone(),
        env: start.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        env_remove: PRIVATE.map(str::to_owned).to_vec(),
    };
    let settings = Settings {
        policy: start.restart,
        stop_timeout: start.stop_timeout,
        fatal_exits,
        ..Settings::new(program, dir.file("workload.run"))
    };
    let (to, output) = mpsc::channel(QUEUE);
    tokio::spawn(forward(output, Arc::clone(clock), collector.clone(), quiet));
    Supervisor::start(settings, Arc::clone(clock), to)
}

async fn forward(mut output: mpsc::Receiver<OutputLine>, clock: Arc<dyn Clock>, collector: Collector, quiet: Quiet) {
    while let Some(OutputLine { stream, text }) = output.recv().await {
        if text.trim().is_empty() || (stream == Stream::Stdout && quiet.0.load(Ordering::Relaxed)) {
            continue;
        }
        let usual = match stream {
            Stream::Stdout => LogLevel::Info,
            Stream::Stderr => LogLevel::Warn,
        };
        collector.line(level::line(&text, LogFormat::Auto, stream.as_str(), usual, clock.now()), None).await;
    }
}
