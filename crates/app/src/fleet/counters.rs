//! What happened since the process began, for `/metrics`.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use mc_domain::command::{CommandAction, CommandState};
use parking_lot::Mutex;

/// Counts that only grow.
#[derive(Debug, Default)]
pub struct Counters {
    batches: AtomicU64,
    lines: AtomicU64,
    commands: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
}

impl Counters {
    pub(crate) fn telemetry(&self, lines: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.lines.fetch_add(u64::try_from(lines).unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn command(&self, action: CommandAction, state: CommandState) {
        *self.commands.lock().entry((action.as_str(), state.as_str())).or_default() += 1;
    }

    /// Telemetry batches stored.
    pub fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    /// Log lines stored.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    /// Commands by action and final state.
    pub fn commands(&self) -> Vec<((&'static str, &'static str), u64)> {
        self.commands.lock().iter().map(|(key, count)| (*key, *count)).collect()
    }
}
