//! The sessions that are recorded by this server now: how far each is stored, and how all of them end with the server.

use std::time::Duration;

use dashmap::DashMap;
use mc_domain::id::RecordingId;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long the end of the server waits for recordings to be stored.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);

/// The recordings under way.
#[derive(Default)]
pub(crate) struct Live {
    stored: DashMap<RecordingId, watch::Sender<i64>>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Live {
    pub(super) fn begin(&self, id: RecordingId) {
        self.stored.insert(id, watch::Sender::new(0));
    }

    /// So many pieces of it are stored.
    pub(super) fn stored(&self, id: RecordingId, pieces: i64) {
        if let Some(stored) = self.stored.get(&id) {
            stored.send_replace(pieces);
        }
    }

    pub(super) fn end(&self, id: RecordingId) {
        self.stored.remove(&id);
    }

    /// Tells of new pieces; `None` when another server records it, or nobody.
    pub(super) fn follow(&self, id: RecordingId) -> Option<watch::Receiver<i64>> {
        self.stored.get(&id).map(|stored| stored.subscribe())
    }

    /// Ends all of them, because the server stops.
    pub(crate) async fn settle(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(SETTLED_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("some recordings could not be ended in time: they are marked when the server starts again");
        }
    }
}
