//! Recordings of sessions, and their pieces in the telemetry part.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::{RecordingId, RequestId, UserId},
    permit::{Everything, Permitted},
    recording::{Recording, RecordingEnding, RecordingKind, RecordingProgress},
    time::Time,
};

use crate::{
    Store, audit,
    error::StoreError,
    sql::{Row, Sql, Value, json},
};

/// Recordings that are forgotten in one go.
const FORGOTTEN: i64 = 100;
/// Pieces that go in one transaction.
const PIECES: i64 = 200;

/// Which recordings are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingFilter {
    /// Only of this cluster.
    pub cluster: Option<String>,
    /// Only of who has this name, or had it then.
    pub user: Option<String>,
    /// Only of this person.
    pub user_id: Option<UserId>,
    /// Only older than this one: the next page.
    pub before: Option<RecordingId>,
    /// How many at most.
    pub limit: u32,
}

impl Store {
    /// Keeps a recording that begins.
    ///
    /// # Errors
    /// When the database does not take it: what was to be recorded must not happen then.
    pub async fn recording_insert(&self, recording: &Recording, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO recording (id, kind, cluster, namespace, pod, container, command, tty, user_id, user_name, request_id, started_at, \
             seen_at, bytes, width, height, truncated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)",
        );
        let sql = sql.bind(recording.id.0).bind(recording.kind.as_str()).bind(&recording.cluster).bind(&recording.namespace);
        let sql = sql.bind(&recording.pod).bind(&recording.container).bind(json(&recording.command)?).bind(recording.tty);
        let sql = sql.bind(recording.user_id.map(|id| id.0)).bind(&recording.user_name).bind(recording.request_id.0);
        let progress = recording.progress;
        let sql = sql.bind(recording.started_at).bind(bytes(progress)).bind(u32::from(progress.cols)).bind(u32::from(progress.rows));
        tx.run(sql.bind(progress.truncated)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Forgets a recording of a session that did not come about. The entry of its request says so.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn recording_forget(&self, id: RecordingId) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM recording WHERE id = $1 AND ended_at IS NULL").bind(id.0)).await?;
        tx.commit().await
    }

    /// The recording of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recording_by_id(&self, id: RecordingId) -> Result<Option<Recording>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM recording WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Recordings, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recording_list(
        &self,
        _proof: &Permitted<Everything, action::RecordingList>,
        filter: &RecordingFilter,
    ) -> Result<Vec<Recording>, StoreError> {
        let mut sql = Sql::new("SELECT * FROM recording WHERE 1 = 1");
        if let Some(cluster) = &filter.cluster {
            sql = sql.push(" AND cluster = ").value(cluster);
        }
        if let Some(user) = &filter.user {
            sql = sql.push(" AND user_name = ").value(user);
        }
        if let Some(user) = filter.user_id {
            sql = sql.push(" AND user_id = ").value(user.0);
        }
        if let Some(before) = filter.before {
            sql = sql.push(" AND id < ").value(before.0);
        }
        let rows = self.main.all(sql.push(" ORDER BY id DESC LIMIT ").value(i64::from(filter.limit))).await?;
        rows.iter().map(read).collect()
    }

    /// Notes how far a recording is, and that somebody still records it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it has ended.
    pub async fn recording_progress(&self, id: RecordingId, progress: RecordingProgress, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql =
            "UPDATE recording SET seen_at = $2, bytes = $3, width = $4, height = $5, truncated = $6 WHERE id = $1 AND ended_at IS NULL";
        let sql = Sql::new(sql).bind(id.0).bind(now).bind(bytes(progress)).bind(u32::from(progress.cols)).bind(u32::from(progress.rows));
        tx.run_found(sql.bind(progress.truncated)).await?;
        tx.commit().await
    }

    /// Notes that a recording has ended, as `recording` says.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it had ended before.
    pub async fn recording_end(&self, recording: &Recording, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE recording SET ended_at = $2, ending = $3, exit_code = $4, bytes = $5, width = $6, height = $7, truncated = $8 \
             WHERE id = $1 AND ended_at IS NULL",
        );
        let sql = sql.bind(recording.id.0).bind(recording.ended_at).bind(recording.ending.map(RecordingEnding::as_str));
        let sql = sql.bind(recording.exit_code.map(i64::from)).bind(bytes(recording.progress));
        let sql = sql.bind(u32::from(recording.progress.cols)).bind(u32::from(recording.progress.rows));
        if tx.run(sql.bind(recording.progress.truncated)).await? == 0 {
            return Err(StoreError::Conflict("this recording has ended already"));
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Recordings that nobody ended and that nobody was seen to record since then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recording_lost(&self, before: Time) -> Result<Vec<Recording>, StoreError> {
        let sql = "SELECT * FROM recording WHERE ended_at IS NULL AND seen_at < $1 ORDER BY id LIMIT 200";
        self.main.all(Sql::new(sql).bind(before)).await?.iter().map(read).collect()
    }

    /// Some of the recordings that ended before then, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recording_old(&self, before: Time) -> Result<Vec<RecordingId>, StoreError> {
        let sql = Sql::new("SELECT id FROM recording WHERE ended_at < $1 ORDER BY ended_at LIMIT $2").bind(before).bind(FORGOTTEN);
        self.main.all(sql).await?.iter().map(|row| Ok(RecordingId(row.id("id")?))).collect()
    }

    /// Forgets recordings with all their pieces.
    ///
    /// # Errors
    /// When the database does not take it; what was forgotten before stays forgotten.
    pub async fn recording_remove(&self, ids: &[RecordingId], entry: &AuditEntry) -> Result<(), StoreError> {
        // The pieces first: a row without pieces is found again, pieces without a row are not.
        for id in ids {
            loop {
                let sql = Sql::new(
                    "DELETE FROM recording_part WHERE recording_id = $1 AND seq IN \
                     (SELECT seq FROM recording_part WHERE recording_id = $1 ORDER BY seq LIMIT $2)",
                );
                let mut tx = self.telemetry.begin().await?;
                let gone = tx.run(sql.bind(id.0).bind(PIECES)).await?;
                tx.commit().await?;
                if gone < PIECES.unsigned_abs() {
                    break;
                }
            }
        }
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM recording WHERE id IN (").list(ids.iter().map(|id| Value::from(id.0))).push(")")).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Keeps the next piece of a recording.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn recording_append(&self, id: RecordingId, seq: i64, data: Vec<u8>) -> Result<(), StoreError> {
        let mut tx = self.telemetry.begin().await?;
        // An answer that was lost may have been a yes: the same piece may come again.
        let sql = "INSERT INTO recording_part (recording_id, seq, data) VALUES ($1, $2, $3) ON CONFLICT (recording_id, seq) DO NOTHING";
        tx.run(Sql::new(sql).bind(id.0).bind(seq).bind(data)).await?;
        tx.commit().await
    }

    /// The pieces of a recording after one of them, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recording_parts(&self, id: RecordingId, after: i64, limit: u32) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let sql = Sql::new("SELECT seq, data FROM recording_part WHERE recording_id = $1 AND seq > $2 ORDER BY seq LIMIT $3");
        let rows = self.telemetry.all(sql.bind(id.0).bind(after).bind(limit)).await?;
        rows.iter().map(|row| Ok((row.int("seq")?, row.get("data")?))).collect()
    }
}

fn bytes(progress: RecordingProgress) -> i64 {
    i64::try_from(progress.bytes).unwrap_or(i64::MAX)
}

fn read(row: &Row) -> Result<Recording, StoreError> {
    let unreadable = |what: &'static str| move || StoreError::unreadable(what);
    let ending: Option<String> = row.get("ending")?;
    let exit_code: Option<i64> = row.get("exit_code")?;
    let size = |column: &'static str| u16::try_from(row.int(column)?).map_err(|_| StoreError::unreadable(column));
    Ok(Recording {
        id: RecordingId(row.id("id")?),
        kind: RecordingKind::from_text(&row.text("kind")?).ok_or_else(unreadable("kind"))?,
        cluster: row.text("cluster")?,
        namespace: row.text("namespace")?,
        pod: row.text("pod")?,
        container: row.text("container")?,
        command: row.json("command")?,
        tty: row.int("tty")? != 0,
        user_id: row.get::<Option<uuid::Uuid>>("user_id")?.map(UserId),
        user_name: row.text("user_name")?,
        request_id: RequestId(row.id("request_id")?),
        started_at: row.time("started_at")?,
        ended_at: row.time_maybe("ended_at")?,
        ending: ending.map(|text| RecordingEnding::from_text(&text).ok_or_else(unreadable("ending"))).transpose()?,
        exit_code: exit_code.map(|code| i32::try_from(code).map_err(|_| StoreError::unreadable("exit_code"))).transpose()?,
        progress: RecordingProgress {
            bytes: row.count("bytes")?,
            cols: size("width")?,
            rows: size("height")?,
            truncated: row.int("truncated")? != 0,
        },
    })
}
