//! The end of old entries: a signed digest takes the place of a whole segment, and only then its entries go.
//!
//! Triggers let nothing else be removed. The work is resumed where it was cut off: what a digest stands for is no part of the trail any more,
//! whether its rows are gone or not.

use mc_domain::{
    audit::{AuditEntry, Sequence},
    time::Time,
};
use mc_trail::{Checkpoint, Segment};

use super::{
    checkpoint::{read_checkpoint, read_segment},
    place,
};
use crate::{
    Store,
    error::StoreError,
    sql::{Sql, Value},
};

/// Rows removed in one transaction.
const TOGETHER: u64 = 1_000;

impl Store {
    /// The newest checkpoint from before that time that more entries follow and that no digest stands for yet; and the newest digest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_expired(&self, before: Time) -> Result<(Option<Checkpoint>, Option<Segment>), StoreError> {
        let newest = self.main.first(Sql::new("SELECT * FROM audit_segment ORDER BY last_sequence DESC LIMIT 1")).await?;
        let newest = newest.as_ref().map(read_segment).transpose()?;
        let done = newest.as_ref().map_or(0, |segment| segment.last_sequence);
        let sql = Sql::new(
            "SELECT * FROM audit_checkpoint WHERE at < $1 AND sequence > $2 AND sequence < (SELECT sequence FROM audit_head) \
             ORDER BY number DESC LIMIT 1",
        );
        let expired = self.main.first(sql.bind(before).bind(place(Sequence(done)))).await?;
        Ok((expired.as_ref().map(read_checkpoint).transpose()?, newest))
    }

    /// Keeps the digest of a segment: from now on it stands for its entries.
    ///
    /// # Errors
    /// When it does not follow the newest one, or does not end at a checkpoint.
    pub async fn audit_segment_insert(&self, segment: &Segment, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO audit_segment (last_sequence, trail, first_sequence, first_hash, last_hash, at, first_bad, key_id, signature) VALUES ",
        );
        let row: [Value; 9] = [
            place(Sequence(segment.last_sequence)).into(),
            segment.trail.into(),
            place(Sequence(segment.first_sequence)).into(),
            segment.first_hash.into(),
            segment.last_hash.into(),
            segment.at_micros.into(),
            segment.first_bad.map(|bad| place(Sequence(bad))).into(),
            segment.key_id.as_str().into(),
            segment.signature.as_str().into(),
        ];
        tx.run(sql.rows([row])).await?;
        super::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Removes the entries that a digest stands for, and the checkpoints among them; says how many entries.
    ///
    /// # Errors
    /// When the database does not take it; what was removed until then stays removed.
    pub async fn audit_sweep(&self) -> Result<u64, StoreError> {
        let row = self.main.one(Sql::new("SELECT COALESCE(MAX(last_sequence), 0) AS done FROM audit_segment")).await?;
        let done = row.int("done")?;
        let mut total = 0;
        loop {
            let mut tx = self.main.begin().await?;
            let sql = Sql::new(
                "DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE sequence <= $1 ORDER BY sequence LIMIT 1000)",
            );
            let gone = tx.run(sql.bind(done)).await?;
            if gone < TOGETHER {
                tx.run(Sql::new("DELETE FROM audit_checkpoint WHERE sequence < $1").bind(done)).await?;
            }
            tx.commit().await?;
            total += gone;
            if gone < TOGETHER {
                return Ok(total);
            }
        }
    }
}
