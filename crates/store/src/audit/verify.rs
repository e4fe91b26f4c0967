//! Checking the trail as it lies in the database, page by page: memory stays the same whatever its length.

use std::collections::VecDeque;

use mc_domain::{
    action,
    audit::Sequence,
    permit::{Everything, Permitted},
};
use mc_trail::{Checkpoint, Digest, Pin, PublicKey, Report, Segment, Verifier, verify::Against};

use super::{checkpoint::read_checkpoint, linked, place};
use crate::{Store, error::StoreError, sql::Sql};

/// Rows read at once.
const PAGE: u32 = 500;
/// How often a check is repeated because retention removed entries meanwhile.
const TRIES: u32 = 3;

/// What is known about the trail outside the database.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Entries that were in it.
    pub pins: Vec<Pin>,
    /// The number of the newest checkpoint.
    pub newest_checkpoint: Option<u64>,
}

/// Entries of the trail, with checkpoints in their places.
struct Pages<'s> {
    store: &'s Store,
    /// The entry read last, and where to stop.
    after: u64,
    until: u64,
    checkpoints: Option<VecDeque<Checkpoint>>,
    /// The next checkpoint's number, and the last one's: one that is signed while we read covers entries that we do not look at.
    numbers: (u64, u64),
}

/// Where everything ends, all at the same moment.
struct Ends {
    /// The newest entry, by the trail's own account.
    head: Option<u64>,
    /// The newest entry, by that or by the rows.
    until: u64,
    newest_checkpoint: u64,
}

impl Store {
    /// Checks the whole trail.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_verify(
        &self,
        _proof: &Permitted<Everything, action::AuditVerify>,
        keys: &[PublicKey],
        remembered: &Remembered,
    ) -> Result<Report, StoreError> {
        let mut tries = 0;
        loop {
            let before = self.audit_head().await?.first_sequence;
            let report = self.verify_all(keys, remembered).await?;
            tries += 1;
            // What retention removed while we read is not missing.
            if report.bad.is_none() || tries == TRIES || self.audit_head().await?.first_sequence == before {
                return Ok(report);
            }
        }
    }

    async fn verify_all(&self, keys: &[PublicKey], remembered: &Remembered) -> Result<Report, StoreError> {
        let (pins, ends) = (self.chain.pins(), self.ends().await?);
        let mut against = self.against(keys, ends.head, pins);
        against.pins.extend(&remembered.pins);
        against.newest_checkpoint = remembered.newest_checkpoint;
        let mut verifier = Verifier::new(self.chain.trail(), against);
        loop {
            let segments = self.audit_segments(verifier.head().0, PAGE).await?;
            segments.iter().for_each(|segment| verifier.segment(segment));
            if segments.is_empty() || !verifier.goes_on() {
                break;
            }
        }
        let after = verifier.head().0;
        let mut pages =
            Pages { store: self, after, until: ends.until, checkpoints: Some(VecDeque::new()), numbers: (0, ends.newest_checkpoint) };
        pages.feed(&mut verifier).await?;
        Ok(verifier.finish())
    }

    /// Checks what follows a checkpoint, or everything, before the next one is signed. Answers where the good part ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_verify_since(&self, last: Option<&Checkpoint>, keys: &[PublicKey]) -> Result<(Report, u64, Digest), StoreError> {
        let (pins, ends) = (self.chain.pins(), self.ends().await?);
        let against = self.against(keys, ends.head, pins);
        let mut verifier = match last {
            Some(last) => Verifier::after(self.chain.trail(), against, last.sequence, last.hash),
            None => Verifier::new(self.chain.trail(), against),
        };
        let mut pages = Pages { store: self, after: verifier.head().0, until: ends.until, checkpoints: None, numbers: (0, 0) };
        let (sequence, hash) = pages.feed(&mut verifier).await?;
        Ok((verifier.finish(), sequence, hash))
    }

    /// Checks the entries behind the newest digest up to a checkpoint, before a digest takes their place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_verify_segment(&self, newest: Option<&Segment>, until: &Checkpoint) -> Result<(Report, Digest), StoreError> {
        let against = self.against(&[], None, vec![Pin { sequence: until.sequence, hash: until.hash }]);
        let mut verifier = match newest {
            Some(newest) => Verifier::after(self.chain.trail(), against, newest.last_sequence, newest.last_hash),
            None => Verifier::new(self.chain.trail(), against),
        };
        let (after, first_hash) = verifier.head();
        Pages { store: self, after, until: until.sequence, checkpoints: None, numbers: (0, 0) }.feed(&mut verifier).await?;
        Ok((verifier.finish(), first_hash))
    }

    /// `pins` are taken before the ends are read: what is stored in between is beyond the ends, and not gone.
    fn against(&self, keys: &[PublicKey], head: Option<u64>, pins: Vec<Pin>) -> Against<'_> {
        Against { keys: keys.to_vec(), mac: Some(self.chain.key()), mac_from: self.chain.key_from(), head, pins, newest_checkpoint: None }
    }

    async fn ends(&self) -> Result<Ends, StoreError> {
        let sql = "SELECT (SELECT sequence FROM audit_head) AS head, (SELECT MAX(sequence) FROM audit) AS newest, \
                   (SELECT MAX(number) FROM audit_checkpoint) AS newest_checkpoint";
        let row = self.main.one(Sql::new(sql)).await?;
        let count = |column| row.get::<Option<i64>>(column).map(|number| number.and_then(|number| u64::try_from(number).ok()));
        let (head, newest) = (count("head")?, count("newest")?);
        Ok(Ends { head, until: head.max(newest).unwrap_or(0), newest_checkpoint: count("newest_checkpoint")?.unwrap_or(0) })
    }
}

impl Pages<'_> {
    /// Feeds everything; answers the last good entry that was fed when all fits.
    async fn feed(&mut self, verifier: &mut Verifier<'_>) -> Result<(u64, Digest), StoreError> {
        while verifier.goes_on() && self.after < self.until {
            let sql = Sql::new("SELECT * FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3");
            let sql = sql.bind(place(Sequence(self.after))).bind(place(Sequence(self.until))).bind(PAGE);
            let rows = self.store.main.all(sql).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let sequence = row.count("sequence")?;
                self.checkpoints_before(sequence, verifier).await?;
                match linked(row) {
                    Ok(entry) => verifier.entry(entry),
                    Err(_) => verifier.unreadable(sequence),
                }
                self.after = sequence;
            }
        }
        self.checkpoints_before(u64::MAX, verifier).await?;
        verifier.drain();
        Ok(verifier.head())
    }

    /// Feeds the checkpoints that belong before that entry.
    async fn checkpoints_before(&mut self, sequence: u64, verifier: &mut Verifier<'_>) -> Result<(), StoreError> {
        let Some(waiting) = &mut self.checkpoints else { return Ok(()) };
        loop {
            if waiting.is_empty() {
                // Those among removed entries are on their way out, like these.
                let sql = Sql::new(
                    "SELECT * FROM audit_checkpoint WHERE number >= $1 AND number <= $2 \
                     AND sequence >= (SELECT COALESCE(MAX(last_sequence), 0) FROM audit_segment) ORDER BY number LIMIT $3",
                );
                let sql = sql.bind(place(Sequence(self.numbers.0))).bind(place(Sequence(self.numbers.1))).bind(PAGE);
                let rows = self.store.main.all(sql).await?;
                if rows.is_empty() {
                    self.checkpoints = None;
                    return Ok(());
                }
                for row in &rows {
                    let checkpoint = read_checkpoint(row)?;
                    self.numbers.0 = checkpoint.number.saturating_add(1);
                    waiting.push_back(checkpoint);
                }
            }
            match waiting.pop_front_if(|checkpoint| checkpoint.sequence < sequence) {
                Some(checkpoint) => verifier.checkpoint(checkpoint),
                None => return Ok(()),
            }
        }
    }
}
