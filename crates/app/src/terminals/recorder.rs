//! Recording a session while it passes.
//!
//! The rule: what cannot be recorded does not happen. The row is stored before the request goes to the API server. What passes is read
//! before it is passed on, and waits for a place in a short queue to the database: a database that is slow slows the session, one that does
//! not take it ends the session. What has a place in the queue may be lost with the process: the last half second.

use std::{io::Write as _, sync::Arc, time::Duration};

use flate2::{Compression, write::DeflateEncoder};
use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    recording::{Recording, RecordingEnding},
    time::Time,
};
use mc_kube::session::{Event, Flow, Outcome, Session as Wire, Unreadable};
use mc_store::StoreError;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::{sync::mpsc, time::Instant};

use super::cast::{self, Cast, SIZE, Text};
use crate::App;

/// Pieces that wait for the database. One is what was read at once, at most 64 KiB before it is written as text.
const QUEUE: usize = 4;
/// Text is stored when there is so much of it, or it is so old.
const PIECE: usize = 64 * 1_024;
const PIECE_AGE: Duration = Duration::from_millis(400);
/// How often it is noted that a recording goes on.
pub(super) const SEEN_EVERY: Duration = Duration::from_secs(20);
/// How often, and how soon again, a piece is offered to a database that does not take it.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Why a session is not passed on any more.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It cannot be stored, or the server stops.
    #[error("the session cannot be recorded any more")]
    NotRecorded,
}

/// A session that is recorded. Dropping it ends the recording.
pub struct Session {
    shared: Arc<Mutex<Shared>>,
    pieces: mpsc::Sender<String>,
}

/// What both ways of the session and whoever stores them share.
struct Shared {
    wire: Wire,
    cast: Cast,
    recording: Recording,
    clock: Arc<dyn mc_domain::time::Clock>,
    /// Whether what is typed is recorded.
    typed: bool,
    begun: bool,
    /// Text that is still allowed.
    room: usize,
    unreadable: Option<Unreadable>,
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

impl Session {
    /// What goes to the container: to be passed on only when this says so.
    ///
    /// # Errors
    /// [`SessionError`]: the session is to be ended.
    pub async fn up(&self, bytes: &[u8]) -> Result<(), SessionError> {
        self.pass(Way::Up, bytes).await
    }

    /// What comes from the container: to be passed on only when this says so.
    ///
    /// # Errors
    /// [`SessionError`]: the session is to be ended.
    pub async fn down(&self, bytes: &[u8]) -> Result<(), SessionError> {
        self.pass(Way::Down, bytes).await
    }

    /// Returns when it cannot be recorded any more, also while nothing passes.
    pub async fn over(&self) {
        self.pieces.closed().await;
    }

    async fn pass(&self, way: Way, bytes: &[u8]) -> Result<(), SessionError> {
        // A place first: from here on nothing waits, so the pieces of both ways are stored in the order they were read.
        let place = self.pieces.reserve().await.map_err(|_| SessionError::NotRecorded)?;
        let text = self.shared.lock().read(way, bytes)?;
        if !text.is_empty() {
            place.send(text);
        }
        Ok(())
    }
}

impl Shared {
    /// Reads what passes; answers what is to be stored.
    fn read(&mut self, way: Way, bytes: &[u8]) -> Result<String, SessionError> {
        let at = self.clock.now().since(self.recording.started_at);
        let Self { wire, cast, recording, typed, begun, .. } = self;
        let mut text = String::new();
        let mut sink = |event: Event<'_>| {
            let stream = match event {
                Event::Resize { cols, rows } if *begun => {
                    text += &cast::resized(at, cols, rows);
                    return;
                }
                // The first size is the one that the head says.
                Event::Resize { cols, rows } => {
                    begin(recording, (cols, rows), begun, &mut text);
                    return;
                }
                Event::Data(Flow::Stdin, _) if !*typed => return,
                Event::Data(Flow::Stdin, _) => Text::Typed,
                Event::Data(Flow::Stdout, _) => Text::Out,
                Event::Data(Flow::Stderr, _) => Text::Err,
            };
            let Event::Data(_, bytes) = event else { return };
            begin(recording, SIZE, begun, &mut text);
            recording.progress.bytes = recording.progress.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if !recording.progress.truncated {
                text += &cast.text(at, stream, bytes);
            }
        };
        let read = match way {
            Way::Up => wire.up(bytes, &mut sink),
            Way::Down => wire.down(bytes, &mut sink),
        };
        if let Err(error) = read {
            self.unreadable = Some(error.clone());
            return Err(error.into());
        }
        Ok(self.kept(at, text))
    }

    /// As much of it as the recording has room for, in whole lines.
    fn kept(&mut self, at: Duration, text: String) -> String {
        if self.recording.progress.truncated {
            return String::new();
        }
        match self.room.checked_sub(text.len()) {
            Some(room) => {
                self.room = room;
                text
            }
            None => {
                self.recording.progress.truncated = true;
                let line_end = text.as_bytes().get(..self.room).and_then(|kept| kept.iter().rposition(|byte| *byte == b'\n'));
                let whole = line_end.map_or(0, |end| end + 1);
                format!(
                    "{}{}",
                    text.get(..whole).unwrap_or_default(),
                    cast::mark(at, "the recording is full: what follows is not recorded")
                )
            }
        }
    }

    /// The end of the text.
    fn end(&mut self) -> String {
        let at = self.clock.now().since(self.recording.started_at);
        let mut text = String::new();
        begin(&mut self.recording, SIZE, &mut self.begun, &mut text);
        text += &self.cast.end(at);
        self.kept(at, text)
    }
}

fn begin(recording: &mut Recording, size: (u16, u16), begun: &mut bool, text: &mut String) {
    if !*begun {
        *begun = true;
        (recording.progress.cols, recording.progress.rows) = size;
        *text += &cast::head(recording, size);
    }
}

impl App {
    /// Begins to record a session whose row is stored.
    pub(crate) fn record(self: &Arc<Self>, ctx: &Ctx, recording: Recording, wire: Wire) -> Session {
        let settings = &self.settings.recordings;
        let shared = Shared {
            wire,
            cast: Cast::default(),
            clock: Arc::clone(&self.clock),
            typed: settings.stdin,
            begun: false,
            room: usize::try_from(settings.max_bytes).unwrap_or(usize::MAX),
            unreadable: None,
            recording: recording.clone(),
        };
        let shared = Arc::new(Mutex::new(shared));
        let (pieces, waiting) = mpsc::channel(QUEUE);
        self.live.begin(recording.id);
        let keeper = Keeper {
            app: Arc::clone(self),
            ctx: ctx.clone(),
            shared: Arc::clone(&shared),
            text: String::new(),
            stored: 0,
            digest: Sha256::new(),
            seen: self.now(),
        };
        self.live.tasks.spawn(keeper.keep(waiting));
        Session { shared, pieces }
    }
}

impl App {
    /// A session had begun, and cannot be recorded: nothing of it is passed on.
    pub(crate) async fn recording_refused(&self, ctx: &Ctx, recording: Recording, error: &Unreadable) {
        let ending = RecordingEnding::Unreadable;
        let recording = Recording { ended_at: Some(self.now()), ending: Some(ending), ..recording };
        let entry = ended(ctx, &recording, ending, &Outcome::default(), Some(error), &hex::encode(Sha256::new().finalize()));
        match self.store.recording_end(&recording, &entry).await {
            Ok(()) => self.recorder.announce(entry),
            Err(error) => tracing::error!(%error, recording = %recording.id, "the end of a recording could not be stored"),
        }
    }
}

/// Stores what passes.
struct Keeper {
    app: Arc<App>,
    ctx: Ctx,
    shared: Arc<Mutex<Shared>>,
    text: String,
    /// Pieces.
    stored: i64,
    /// Of all text that is stored: the audit trail names it, so that a recording that was changed is known.
    digest: Sha256,
    /// When it was noted last that it goes on.
    seen: Time,
}

impl Keeper {
    async fn keep(mut self, mut waiting: mpsc::Receiver<String>) {
        let ending = self.keep_all(&mut waiting).await;
        // Whoever waits for a place is told that there is none.
        waiting.close();
        if ending == RecordingEnding::Stopped {
            while let Some(text) = waiting.recv().await {
                self.text += &text;
            }
        }
        self.finish(ending).await;
    }

    async fn keep_all(&mut self, waiting: &mut mpsc::Receiver<String>) -> RecordingEnding {
        let stop = self.app.live.stop.clone();
        let mut due: Option<Instant> = None;
        let mut seen = tokio::time::interval_at(Instant::now() + SEEN_EVERY, SEEN_EVERY);
        loop {
            let store = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                text = waiting.recv() => match text {
                    Some(text) => {
                        self.text += &text;
                        due.get_or_insert_with(|| Instant::now() + PIECE_AGE);
                        if self.text.len() < PIECE {
                            continue;
                        }
                    }
                    None => return RecordingEnding::Closed,
                },
                () = store => {}
                _ = seen.tick() => {
                    self.go_on().await;
                    continue;
                }
                () = stop.cancelled() => return RecordingEnding::Stopped,
            }
            due = None;
            if self.store().await.is_err() {
                return RecordingEnding::NotStored;
            }
        }
    }

    /// Stores the text that waits. A database that is away for a moment is asked again.
    async fn store(&mut self) -> Result<(), StoreError> {
        if self.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        let data = pack(&text).map_err(|error| StoreError::Internal(error.to_string()))?;
        let id = self.shared.lock().recording.id;
        let mut tries = 1;
        while let Err(error) = self.app.store.recording_append(id, self.stored + 1, data.clone()).await {
            tracing::warn!(%error, recording = %id, "a recording waits: the database does not take it");
            if tries >= TRIES {
                return Err(error);
            }
            tries += 1;
            tokio::time::sleep(TRY_AGAIN).await;
        }
        self.digest.update(text.as_bytes());
        self.stored += 1;
        self.app.live.stored(id, self.stored);
        Ok(())
    }

    /// Notes that the recording goes on.
    async fn go_on(&mut self) {
        let (id, progress) = {
            let shared = self.shared.lock();
            (shared.recording.id, shared.recording.progress)
        };
        self.seen = self.app.now();
        if let Err(error) = self.app.store.recording_progress(id, progress, self.seen).await {
            tracing::warn!(%error, recording = %id, "it could not be noted that a recording goes on");
        }
    }

    async fn finish(mut self, ending: RecordingEnding) {
        let (text, unreadable, outcome) = {
            let mut shared = self.shared.lock();
            (shared.end(), shared.unreadable.clone(), shared.wire.outcome())
        };
        self.text += &text;
        let stored = if ending == RecordingEnding::NotStored { Err(None) } else { self.store().await.map_err(Some) };
        let ending = match (&unreadable, &stored) {
            (_, Err(_)) => RecordingEnding::NotStored,
            (Some(_), Ok(())) => RecordingEnding::Unreadable,
            (None, Ok(())) => ending,
        };
        let mut recording = self.shared.lock().recording.clone();
        recording.ended_at = Some(self.app.now());
        recording.ending = Some(ending);
        recording.exit_code = outcome.exit_code;
        let digest = hex::encode(self.digest.clone().finalize());
        let entry = ended(&self.ctx, &recording, ending, &outcome, unreadable.as_ref(), &digest);
        let mut tries = 1;
        while let Err(error) = self.app.store.recording_end(&recording, &entry).await {
            if tries >= TRIES || matches!(error, StoreError::Conflict(_)) {
                tracing::error!(%error, recording = %recording.id, "the end of a recording could not be stored");
                self.app.live.end(recording.id);
                return;
            }
            tries += 1;
            tokio::time::sleep(TRY_AGAIN).await;
        }
        self.app.live.end(recording.id);
        self.app.recorder.announce(entry);
    }
}

fn ended(
    ctx: &Ctx,
    recording: &Recording,
    ending: RecordingEnding,
    outcome: &Outcome,
    unreadable: Option<&Unreadable>,
    digest: &str,
) -> AuditEntry {
    let at = recording.ended_at.unwrap_or(ctx.now);
    let result = if ending == RecordingEnding::Closed { AuditResult::Ok } else { AuditResult::Failed };
    let how = match (unreadable, outcome.exit_code, &outcome.message) {
        (Some(error), ..) => error.to_string(),
        (None, Some(code), _) => format!("exit code {code}"),
        (None, None, Some(message)) => message.clone(),
        (None, None, None) => ending.as_str().to_owned(),
    };
    let full = if recording.progress.truncated { ", not all of it recorded" } else { "" };
    let detail = format!("{how}; {} bytes{full}; sha256 {digest}", recording.progress.bytes);
    AuditEntry::new(ctx, at, "recording_end", result)
        .on("recording", recording.id, recording.label())
        .detail(detail)
        .took(at.since(recording.started_at))
}

fn pack(text: &str) -> std::io::Result<Vec<u8>> {
    let mut packed = DeflateEncoder::new(Vec::with_capacity(text.len() / 4), Compression::default());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}
