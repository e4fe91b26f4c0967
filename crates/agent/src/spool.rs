//! The spool: logs and metrics wait here, numbered, until central says they are durable. Command results wait here too.
//!
//! One thread owns it, because the disk may be slow and the link must not be. When the disk does not take a batch the spool keeps a
//! little in memory, drops the oldest beyond that, counts what it dropped, and tries the disk again from time to time.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use mc_domain::{
    command::{CommandState, CommandUpdate},
    id::CommandId,
};
use mc_wire::v1;
use prost::Message;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::results::Results;
use store::{Entry, Store};

mod store;

/// How much is kept in memory while the disk does not take it.
const MEMORY_MAX_BYTES: usize = 1024 * 1024;
/// How long a disk that failed is left alone.
const DISK_RETRY: Duration = Duration::from_secs(10);

/// What others ask of the spool's thread.
enum Ask {
    Append(Box<v1::Telemetry>, Vec<(String, String)>, oneshot::Sender<()>),
    After(u64, oneshot::Sender<Option<v1::Telemetry>>),
    Acknowledge(u64),
    Welcome(u64, oneshot::Sender<bool>),
    Id(oneshot::Sender<String>),
    Position(String, oneshot::Sender<Option<String>>),
    ResultPut(CommandUpdate, oneshot::Sender<bool>),
    ResultAcknowledge(CommandId, CommandState),
    Unfinished(oneshot::Sender<Vec<CommandUpdate>>),
}

/// How full the spool is, for `mc-agent status` and the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SpoolState {
    /// Number of the newest batch; 0 before the first.
    pub(crate) newest: u64,
    /// Bytes that wait.
    pub(crate) bytes: u64,
    /// Whether the disk takes them.
    pub(crate) on_disk: bool,
    /// Grows with every final result, so that the link looks for unsent ones.
    pub(crate) results: u64,
}

/// A handle on the spool.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    asks: mpsc::Sender<Ask>,
    state: watch::Receiver<SpoolState>,
}

impl Spool {
    /// Opens the spool at `path`, or begins one. Never fails: without a usable disk it keeps what it can in memory.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> Self {
        let (asks, inbox) = mpsc::channel(32);
        let (publish, state) = watch::channel(SpoolState::default());
        let mut owner = Owner::new(path.to_owned(), max_bytes, publish);
        let spawned = std::thread::Builder::new().name("spool".into()).stack_size(512 * 1024).spawn(move || owner.run(inbox));
        if let Err(error) = spawned {
            tracing::error!(%error, "cannot start the spool's thread: logs and metrics are not sent");
        }
        Self { asks, state }
    }

    /// The spool's state, now and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<SpoolState> {
        self.state.clone()
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Adds a batch, with the positions in logs that its lines reach. The batch gets its number here.
    pub(crate) async fn append(&self, batch: v1::Telemetry, positions: Vec<(String, String)>) {
        self.ask(|reply| Ask::Append(Box::new(batch), positions, reply)).await;
    }

    /// The first batch after number `after`.
    pub(crate) async fn after(&self, after: u64) -> Option<v1::Telemetry> {
        self.ask(|reply| Ask::After(after, reply)).await.flatten()
    }

    /// Central has everything up to `batch`.
    pub(crate) async fn acknowledge(&self, batch: u64) {
        // A spool that is gone has nothing left to forget.
        let _ = self.asks.send(Ask::Acknowledge(batch)).await;
    }

    /// Central's word on the last batch of this spool; `false` when the spool had to begin a new numbering and a new hello is due.
    pub(crate) async fn welcome(&self, last_batch: u64) -> bool {
        self.ask(|reply| Ask::Welcome(last_batch, reply)).await.unwrap_or(true)
    }

    /// The id within which batches are numbered.
    pub(crate) async fn id(&self) -> String {
        self.ask(Ask::Id).await.unwrap_or_default()
    }

    /// Where reading of `log` goes on.
    pub(crate) async fn position(&self, log: &str) -> Option<String> {
        self.ask(|reply| Ask::Position(log.to_owned(), reply)).await.flatten()
    }

    /// Keeps a command's update; `false` when too many wait already.
    pub(crate) async fn result_put(&self, update: CommandUpdate) -> bool {
        self.ask(|reply| Ask::ResultPut(update, reply)).await.unwrap_or(false)
    }

    /// Central knows this state of a command.
    pub(crate) async fn result_acknowledge(&self, id: CommandId, state: CommandState) {
        // As in `acknowledge`.
        let _ = self.asks.send(Ask::ResultAcknowledge(id, state)).await;
    }

    /// Commands under way, and results that central has not acknowledged.
    pub(crate) async fn unfinished(&self) -> Vec<CommandUpdate> {
        self.ask(Ask::Unfinished).await.unwrap_or_default()
    }
}

struct Owner {
    path: PathBuf,
    max_bytes: u64,
    store: Option<Store>,
    disk_failed_at: Option<Instant>,
    /// Said once, until the disk takes something again: a disk that is full stays full for a while.
    trouble_said: bool,
    id: String,
    next: u64,
    /// The next number when the spool was opened: what is below was numbered by an earlier process.
    opened_next: u64,
    /// Everything up to here is central's, even where the disk did not let us forget it.
    acknowledged: u64,
    /// Lines dropped that no batch has told of yet.
    dropped: u64,
    memory: VecDeque<Entry>,
    results: Results,
    finals: u64,
    /// Last, so that its closing means that the file was let go.
    publish: watch::Sender<SpoolState>,
}

impl Owner {
    fn new(path: PathBuf, max_bytes: u64, publish: watch::Sender<SpoolState>) -> Self {
        Self {
            path,
            max_bytes,
            publish,
            store: None,
            disk_failed_at: None,
            trouble_said: false,
            id: Uuid::now_v7().to_string(),
            next: 1,
            opened_next: 1,
            acknowledged: 0,
            dropped: 0,
            memory: VecDeque::new(),
            results: Results::default(),
            finals: 0,
        }
    }

    fn run(&mut self, mut inbox: mpsc::Receiver<Ask>) {
        self.open_first();
        self.publish();
        while let Some(ask) = inbox.blocking_recv() {
            self.serve(ask);
            self.publish();
        }
    }

    fn open_first(&mut self) {
        let opened = Store::open(&self.path, self.max_bytes).or_else(|error| {
            if matches!(error, redb::Error::Corrupted(_) | redb::Error::UpgradeRequired(_)) || !is_spool(&self.path) {
                let aside = self.path.with_extension("damaged");
                tracing::warn!(%error, file = %aside.display(), "the spool is damaged: put aside, a new one is begun");
                std::fs::rename(&self.path, &aside).map_err(redb::Error::Io)?;
                return Store::open(&self.path, self.max_bytes);
            }
            Err(error)
        });
        match opened {
            Ok((store, known)) => {
                self.next = known.highest.map_or(known.next, |highest| known.next.max(highest.saturating_add(1)));
                self.opened_next = self.next;
                self.dropped = known.dropped;
                self.results = Results::restored(known.results);
                self.finals = self.results.unfinished().len() as u64;
                match known.id {
                    Some(id) => self.id = id,
                    None => {
                        let written = store.set_id(&self.id);
                        self.checked(written);
                    }
                }
                self.store = Some(store);
            }
            Err(error) => self.disk_failed(&error),
        }
    }

    fn serve(&mut self, ask: Ask) {
        // A caller that went away no longer wants its answer.
        match ask {
            Ask::Append(batch, positions, reply) => {
                self.append(*batch, positions);
                let _ = reply.send(());
            }
            Ask::After(after, reply) => {
                let _ = reply.send(self.after(after.max(self.acknowledged)));
            }
            Ask::Acknowledge(batch) => self.acknowledge(batch),
            Ask::Welcome(last, reply) => {
                let _ = reply.send(self.welcome(last));
            }
            Ask::Id(reply) => {
                let _ = reply.send(self.id.clone());
            }
            Ask::Position(log, reply) => {
                let found = self.store.as_ref().map_or(Ok(None), |store| store.position(&log));
                let _ = reply.send(self.checked(found).flatten());
            }
            Ask::ResultPut(update, reply) => {
                let _ = reply.send(self.result_put(update));
            }
            Ask::ResultAcknowledge(id, state) => {
                if self.results.acknowledge(id, state) {
                    let removed = self.store.as_ref().map_or(Ok(()), |store| store.remove_result(&id.to_string()));
                    self.checked(removed);
                }
            }
            Ask::Unfinished(reply) => {
                let _ = reply.send(self.results.unfinished());
            }
        }
    }

    fn append(&mut self, mut batch: v1::Telemetry, positions: Vec<(String, String)>) {
        batch.batch = self.next;
        batch.dropped_lines = std::mem::take(&mut self.dropped);
        self.next = self.next.saturating_add(1);
        // Whoever drops this batch later also drops what it tells of.
        let lines = u32::try_from((batch.lines.len() as u64).saturating_add(batch.dropped_lines)).unwrap_or(u32::MAX);
        self.memory.push_back(Entry { number: batch.batch, lines, encoded: batch.encode_to_vec(), positions });
        if self.disk_ready() {
            self.flush();
        }
        let mut held: usize = self.memory.iter().map(|entry| entry.encoded.len()).sum();
        while held > MEMORY_MAX_BYTES
            && let Some(oldest) = self.memory.pop_front()
        {
            held -= oldest.encoded.len();
            self.dropped = self.dropped.saturating_add(u64::from(oldest.lines));
        }
    }

    /// Moves what is held in memory to the disk.
    fn flush(&mut self) {
        let Some(store) = self.store.as_mut() else { return };
        match store.append(self.memory.make_contiguous(), self.dropped) {
            Ok(lost) => {
                self.dropped = self.dropped.saturating_add(lost);
                self.memory.clear();
                if std::mem::take(&mut self.trouble_said) {
                    tracing::info!("the disk takes the spool again");
                }
            }
            Err(error) => self.disk_failed(&error),
        }
    }

    /// Whether there is a disk to write to; opens it again once it was left alone long enough.
    fn disk_ready(&mut self) -> bool {
        if self.store.is_some() {
            return true;
        }
        if self.disk_failed_at.is_some_and(|at| at.elapsed() < DISK_RETRY) {
            return false;
        }
        match Store::open(&self.path, self.max_bytes).and_then(|(store, _)| store.set_id(&self.id).map(|()| store)) {
            Ok(store) => {
                self.store = Some(store);
                true
            }
            Err(error) => {
                self.disk_failed(&error);
                false
            }
        }
    }

    /// The database must be opened anew after any failure of the disk.
    fn disk_failed(&mut self, error: &redb::Error) {
        if !std::mem::replace(&mut self.trouble_said, true) {
            tracing::error!(file = %self.path.display(), %error, "the disk does not take the spool: logs and metrics are held in memory, the oldest are dropped; free some space");
        }
        self.store = None;
        self.disk_failed_at = Some(Instant::now());
    }

    fn checked<T>(&mut self, outcome: Result<T, redb::Error>) -> Option<T> {
        outcome.map_err(|error| self.disk_failed(&error)).ok()
    }

    fn after(&mut self, after: u64) -> Option<v1::Telemetry> {
        let on_disk = self.store.as_ref().map_or(Ok(None), |store| store.after(after));
        let found = match self.checked(on_disk).flatten() {
            Some((_, encoded)) => encoded,
            None => self.memory.iter().find(|entry| entry.number > after)?.encoded.clone(),
        };
        v1::Telemetry::decode(found.as_slice()).ok()
    }

    fn acknowledge(&mut self, batch: u64) {
        self.acknowledged = self.acknowledged.max(batch);
        self.memory.retain(|entry| entry.number > batch);
        let removed = self.store.as_mut().map_or(Ok(()), |store| store.remove_through(batch));
        self.checked(removed);
    }

    fn welcome(&mut self, last: u64) -> bool {
        if last < self.next {
            self.acknowledge(last);
            return true;
        }
        // Central has more of this spool than we remember: numbers given while the disk was full were lost with an earlier process.
        // What that process wrote is central's; what is new must not be mistaken for it.
        tracing::warn!(last, next = self.next, "the spool's numbering was lost: it is begun anew");
        let mine = self.opened_next.saturating_sub(1);
        self.memory.retain(|entry| entry.number > mine);
        let removed = self.store.as_mut().map_or(Ok(()), |store| store.remove_through(mine));
        self.checked(removed);
        self.acknowledged = 0;
        self.id = Uuid::now_v7().to_string();
        let written = self.store.as_ref().map_or(Ok(()), |store| store.set_id(&self.id));
        self.checked(written);
        false
    }

    fn result_put(&mut self, update: CommandUpdate) -> bool {
        let written = self.store.as_ref().map_or(Ok(()), |store| store.put_result(&update.id.to_string(), &Results::encoded(&update)));
        // A result that the disk does not take is still told, from memory.
        self.checked(written);
        self.finals = self.finals.saturating_add(u64::from(update.state.is_final()));
        self.results.put(update)
    }

    fn publish(&self) {
        let held: usize = self.memory.iter().map(|entry| entry.encoded.len()).sum();
        let state = SpoolState {
            newest: self.next.saturating_sub(1),
            bytes: self.store.as_ref().map_or(0, Store::bytes).saturating_add(held as u64),
            on_disk: self.store.is_some(),
            results: self.finals,
        };
        self.publish.send_if_modified(|before| std::mem::replace(before, state) != state);
    }
}

/// Whether the file begins as a database does; anything else of that name is put aside rather than fought.
fn is_spool(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0_u8; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    match read {
        Ok(()) => &start == b"redb",
        Err(error) => error.kind() != std::io::ErrorKind::UnexpectedEof,
    }
}

#[cfg(test)]
mod tests;
