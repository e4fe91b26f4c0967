//! Recorded sessions: listed, shown, watched. One's own are one's own to see; for everybody else's there is an action of its own.

use std::{io::Read as _, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::read::DeflateDecoder;
use mc_domain::{
    action::{self, Action},
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::RecordingId,
    permit::{Everything, Permitted},
    recording::{Recording, RecordingEnding},
};
use mc_policy::{Asker, Extent, Resource as _};
pub use mc_store::RecordingFilter;
use mc_store::{Engine, StoreError};
use tokio::sync::watch;

use super::recorder::SEEN_EVERY;
use crate::{App, error::AppError};

/// Read from the database at once while a list is put together.
const PAGE: u32 = 200;
/// Pieces read at once while one is watched; each is about 64 KiB of text.
const PIECES: u32 = 8;
/// More text than any piece has.
const PIECE_MAX: u64 = 16 * 1_024 * 1_024;
/// How often a recording that another server makes is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A recording that is watched.
pub struct CastReader {
    app: Arc<App>,
    id: RecordingId,
    after: i64,
    follow: bool,
    live: Option<watch::Receiver<i64>>,
}

impl App {
    /// Recorded sessions that the caller may see, newest first; and whether there are more.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn recording_list(&self, ctx: &Ctx, mut filter: RecordingFilter, limit: usize) -> Result<(Vec<Recording>, bool), AppError> {
        let permit = self.permit::<_, action::RecordingList>(ctx, Everything)?;
        let server = matches!(ctx.actor, Actor::Console | Actor::System);
        let others = self.gate.snapshot().extent(&Asker::of(ctx), action::RecordingAdmin::NAME).0 != Extent::None;
        if !server && !others {
            let Actor::User { id, .. } = &ctx.actor else { return Ok((Vec::new(), false)) };
            filter.user_id = Some(*id);
        }
        filter.limit = PAGE;
        let mut found = Vec::new();
        loop {
            let page = self.store.recording_list(&permit, &filter).await?;
            let last = page.last().map(|recording| recording.id);
            for recording in page {
                if !self.sees_recording(ctx, &recording) {
                    continue;
                }
                if found.len() == limit {
                    return Ok((found, true));
                }
                found.push(recording);
            }
            match last {
                Some(last) => filter.before = Some(last),
                None => return Ok((found, false)),
            }
        }
    }

    /// One recorded session.
    ///
    /// # Errors
    /// When there is none that the caller may see.
    pub async fn recording_show(&self, ctx: &Ctx, id: RecordingId) -> Result<Recording, AppError> {
        Ok(self.recording_find::<action::RecordingShow>(ctx, id).await?.into_inner())
    }

    /// Opens a recorded session to be watched or downloaded, which is written down. With `follow` it goes on while the session does.
    ///
    /// # Errors
    /// When there is none that the caller may see.
    pub async fn recording_cast(self: &Arc<Self>, ctx: &Ctx, id: RecordingId, follow: bool) -> Result<CastReader, AppError> {
        let permit = self.recording_find::<action::RecordingCast>(ctx, id).await?;
        let entry = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("recording", permit.id, permit.label())
            .detail(format!("a session of {}{}", permit.user_name, if follow { ", live" } else { "" }));
        self.recorder.record(entry).await?;
        Ok(CastReader { app: Arc::clone(self), id, after: 0, follow, live: self.live.follow(id) })
    }

    /// The recording, for `A`. What the caller may not see does not exist for them.
    async fn recording_find<A: Action>(&self, ctx: &Ctx, id: RecordingId) -> Result<Permitted<Recording, A>, AppError> {
        let found = self.store.recording_by_id(id).await?.filter(|recording| self.sees_recording(ctx, recording));
        let Some(recording) = found else {
            // Whoever may never do this is told so, whether it exists or not.
            if self.gate.snapshot().extent(&Asker::of(ctx), A::NAME).0 == Extent::None {
                self.permit::<_, A>(ctx, Everything)?;
            }
            return Err(AppError::NotFound("there is no such recording: `mc recordings list` shows those there are".to_owned()));
        };
        self.permit::<_, A>(ctx, recording)
    }

    fn sees_recording(&self, ctx: &Ctx, recording: &Recording) -> bool {
        match &ctx.actor {
            Actor::Console | Actor::System => true,
            Actor::User { id, .. } if recording.user_id == Some(*id) => true,
            _ => self.gate.snapshot().decide(&Asker::of(ctx), action::RecordingAdmin::NAME, &recording.target()).allowed,
        }
    }

    /// Ends recordings that nobody makes any more: the server that did is gone. With `start`, those of this server's last run too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn recordings_lost(&self, start: bool) -> Result<(), AppError> {
        let now = self.now();
        // SQLite has one server: whatever is open when it starts was left open. Others may live beside this one on PostgreSQL.
        let before = if start && self.store.engine() == Engine::Sqlite { now } else { now.before(SEEN_EVERY * 4) };
        loop {
            let lost = self.store.recording_lost(before).await?;
            let mut ended = 0;
            for recording in &lost {
                let recording = Recording { ended_at: Some(now), ending: Some(RecordingEnding::Unknown), ..recording.clone() };
                let ctx = Ctx { request_id: recording.request_id, ..Ctx::system(now) };
                let entry = AuditEntry::new(&ctx, now, "recording_end", AuditResult::Failed)
                    .on("recording", recording.id, recording.label())
                    .detail(format!("a session of {}: the server was gone before it ended", recording.user_name));
                match self.store.recording_end(&recording, &entry).await {
                    Ok(()) => self.recorder.announce(entry),
                    // Another server was faster.
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error.into()),
                }
                ended += 1;
            }
            if ended == 0 {
                return Ok(());
            }
        }
    }

    /// Forgets recordings past their time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn recordings_retain(&self) -> Result<(), AppError> {
        let now = self.now();
        loop {
            let old = self.store.recording_old(now.before(self.settings.recordings.retention)).await?;
            let (Some(first), Some(last)) = (old.first(), old.last()) else { return Ok(()) };
            let ctx = Ctx::system(now);
            let detail = format!("{} recordings reached their age: {first} to {last}", old.len());
            let entry = AuditEntry::new(&ctx, now, "recording_retention", AuditResult::Ok).on("recording", "", "").detail(detail);
            self.store.recording_remove(&old, &entry).await?;
            self.recorder.announce(entry);
        }
    }
}

impl CastReader {
    /// The next lines; `None` at the end. May be dropped while it waits without losing a line.
    ///
    /// # Errors
    /// When the database does not answer, or what it holds is damaged.
    pub async fn next(&mut self) -> Result<Option<Bytes>, AppError> {
        loop {
            // Asked first: what is stored after it was seen to have ended is all there is.
            let goes_on = self.follow && self.app.store.recording_by_id(self.id).await?.is_some_and(|found| found.ended_at.is_none());
            let parts = self.app.store.recording_parts(self.id, self.after, PIECES).await?;
            if let Some((last, _)) = parts.last() {
                let after = *last;
                let mut text = Vec::new();
                for (_, data) in &parts {
                    unpack(data, &mut text)?;
                }
                self.after = after;
                return Ok(Some(text.into()));
            }
            if !goes_on {
                return Ok(None);
            }
            let after = self.after;
            let news = async {
                // When it ends nothing more is told, and the look below finds that it has.
                let told = match &mut self.live {
                    Some(live) => live.wait_for(|stored| *stored > after).await.is_ok(),
                    None => false,
                };
                if !told {
                    std::future::pending::<()>().await;
                }
            };
            // Whichever comes first; both only mean to look again.
            let _ = tokio::time::timeout(LOOK, news).await;
        }
    }

    /// Whether the caller may still watch it: roles change while somebody does.
    ///
    /// # Errors
    /// When not.
    pub async fn recheck(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.app.recording_find::<action::RecordingCast>(ctx, self.id).await.map(drop)
    }
}

fn unpack(data: &[u8], text: &mut Vec<u8>) -> Result<(), AppError> {
    let damaged = |_| AppError::Internal("a piece of a recording is damaged".to_owned());
    DeflateDecoder::new(data).take(PIECE_MAX).read_to_end(text).map(drop).map_err(damaged)
}
