//! Signed statements about the trail, kept beside it: checkpoints, and digests of removed segments. Signing is done in the room above.

use mc_domain::{
    action,
    audit::Sequence,
    permit::{Everything, Permitted},
};
use mc_trail::{Checkpoint, Digest, Segment};
use uuid::Uuid;

use super::place;
use crate::{
    Store,
    error::StoreError,
    sql::{Row, Sql, Value},
};

/// Where the trail ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The trail.
    pub trail: Uuid,
    /// The newest entry; 0 when there is none.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
    /// The oldest entry kept.
    pub first_sequence: u64,
}

impl Store {
    /// Where the trail ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let sql = Sql::new(
            "SELECT sequence, hash, (SELECT COALESCE(MAX(last_sequence), 0) + 1 FROM audit_segment) AS first_sequence FROM audit_head",
        );
        let row = self.main.one(sql).await?;
        let (sequence, hash) = (row.count("sequence")?, row.digest("hash")?);
        Ok(AuditHead { trail: self.chain.trail(), sequence, hash, first_sequence: row.count("first_sequence")? })
    }

    /// Changes whenever this process has stored entries; the value is the newest one's place.
    #[must_use]
    pub fn audit_follow(&self) -> tokio::sync::watch::Receiver<u64> {
        self.chain.follow()
    }

    /// Whether entries that this process stored were gone later.
    #[must_use]
    pub fn audit_has_lost(&self) -> bool {
        self.chain.has_lost()
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_checkpoint_newest(&self) -> Result<Option<Checkpoint>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM audit_checkpoint ORDER BY number DESC LIMIT 1")).await?;
        row.as_ref().map(read_checkpoint).transpose()
    }

    /// Checkpoints from this number on, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_checkpoints_from(&self, number: u64, limit: u32) -> Result<Vec<Checkpoint>, StoreError> {
        let sql = Sql::new("SELECT * FROM audit_checkpoint WHERE number >= $1 ORDER BY number LIMIT $2");
        self.main.all(sql.bind(place(Sequence(number))).bind(limit)).await?.iter().map(read_checkpoint).collect()
    }

    /// Checkpoints, newest first (those before `before`, when given), and how many there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_checkpoints(
        &self,
        _proof: &Permitted<Everything, action::AuditCheckpoints>,
        limit: u32,
        before: Option<u64>,
    ) -> Result<(Vec<Checkpoint>, u64), StoreError> {
        let sql = Sql::new("SELECT * FROM audit_checkpoint WHERE number < $1 ORDER BY number DESC LIMIT $2");
        let before = before.map_or(i64::MAX, |before| place(Sequence(before)));
        let rows = self.main.all(sql.bind(before).bind(limit)).await?;
        let total = self.main.one(Sql::new("SELECT COUNT(*) AS total FROM audit_checkpoint")).await?.count("total")?;
        Ok((rows.iter().map(read_checkpoint).collect::<Result<_, _>>()?, total))
    }

    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another server has made one meanwhile.
    pub async fn audit_checkpoint_insert(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        const SAME: &str = "another server has signed a checkpoint meanwhile";
        let mut tx = self.main.begin().await?;
        let number = place(Sequence(checkpoint.number));
        if tx.first(Sql::new("SELECT number FROM audit_checkpoint WHERE number >= $1 LIMIT 1").bind(number)).await?.is_some() {
            return Err(StoreError::Conflict(SAME));
        }
        let sql = Sql::new(
            "INSERT INTO audit_checkpoint (number, trail, sequence, hash, count, first_sequence, previous, at, first_bad, key_id, signature) VALUES ",
        );
        let row: [Value; 11] = [
            number.into(),
            checkpoint.trail.into(),
            place(Sequence(checkpoint.sequence)).into(),
            checkpoint.hash.into(),
            place(Sequence(checkpoint.count)).into(),
            place(Sequence(checkpoint.first_sequence)).into(),
            checkpoint.previous.into(),
            checkpoint.at_micros.into(),
            checkpoint.first_bad.map(|bad| place(Sequence(bad))).into(),
            checkpoint.key_id.as_str().into(),
            checkpoint.signature.as_str().into(),
        ];
        tx.run(sql.rows([row])).await?;
        tx.commit().await
    }

    /// Digests of removed segments, oldest first (those behind `after`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_segments(&self, after: u64, limit: u32) -> Result<Vec<Segment>, StoreError> {
        let sql = Sql::new("SELECT * FROM audit_segment WHERE last_sequence > $1 ORDER BY last_sequence LIMIT $2");
        self.main.all(sql.bind(place(Sequence(after))).bind(limit)).await?.iter().map(read_segment).collect()
    }
}

pub(super) fn read_checkpoint(row: &Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint {
        number: row.count("number")?,
        trail: row.id("trail")?,
        sequence: row.count("sequence")?,
        hash: row.digest("hash")?,
        count: row.count("count")?,
        first_sequence: row.count("first_sequence")?,
        previous: row.digest("previous")?,
        at_micros: row.int("at")?,
        first_bad: first_bad(row)?,
        key_id: row.text("key_id")?,
        signature: row.text("signature")?,
    })
}

pub(super) fn read_segment(row: &Row) -> Result<Segment, StoreError> {
    Ok(Segment {
        trail: row.id("trail")?,
        first_sequence: row.count("first_sequence")?,
        last_sequence: row.count("last_sequence")?,
        first_hash: row.digest("first_hash")?,
        last_hash: row.digest("last_hash")?,
        at_micros: row.int("at")?,
        first_bad: first_bad(row)?,
        key_id: row.text("key_id")?,
        signature: row.text("signature")?,
    })
}

fn first_bad(row: &Row) -> Result<Option<u64>, StoreError> {
    let bad = row.get::<Option<i64>>("first_bad")?;
    bad.map(|bad| u64::try_from(bad).map_err(|_| StoreError::unreadable("first_bad"))).transpose()
}
