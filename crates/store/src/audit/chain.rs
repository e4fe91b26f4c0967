//! The chain: entries get their place and their seal within the transaction of the change they record.
//!
//! The end of the trail is one row. A transaction locks it as the last thing before its commit, so that on PostgreSQL writers of any number of
//! servers take turns only for that moment, and a trigger refuses entries that do not follow it. What this process sealed last is remembered:
//! an end that went back was cut off by somebody else, and the next entry says so. See docs/decisions/0008.

use std::path::Path;

use mc_domain::{
    audit::{AuditEntry, AuditResult, Seal, Sequence},
    ctx::Ctx,
    time::Time,
};
use mc_trail::{Digest, Linked, MacKey, Pin, Record, genesis, link, verify::KEY_CHANGED};
use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

use super::{columns, key, read};
use crate::{
    db::{Db, Tx},
    error::StoreError,
    sql::{ROWS_MAX, Sql},
};

/// Entries from before the chain that are sealed at once.
const ADOPTED_TOGETHER: u32 = 500;
/// Servers that open the database at the same moment take turns. The number means nothing and must never change.
const TAKE_TURNS: &str = "SELECT pg_advisory_xact_lock(5550155502)";
/// The action of an entry that says that the trail was found to be cut.
pub(crate) const TAMPERED: &str = "audit_tampered";

/// What was sealed and is not yet committed.
pub(crate) type SealedEntries = Vec<(AuditEntry, Seal)>;

/// Seals entries.
pub(crate) struct Chain {
    key: MacKey,
    trail: Uuid,
    /// Entries before this one were keyed with a key that is lost.
    key_from: Mutex<u64>,
    /// Whether another key took the place of the trail's.
    key_is_new: bool,
    remembered: Mutex<Memory>,
    /// The newest place, for whoever signs.
    newest: watch::Sender<u64>,
}

#[derive(Default)]
struct Memory {
    /// The newest entry this process stored.
    newest: Option<Pin>,
    /// Entries that this process stored and that were gone later.
    lost: Vec<Pin>,
}

/// Pins of lost entries that are kept: the first ones tell enough.
const LOST_MAX: usize = 16;

impl Chain {
    /// Reads the key and the trail's end; both are made with a new database.
    pub(crate) async fn open(main: &Db, keys: &Path, accept_new_key: bool) -> Result<Self, StoreError> {
        let mut tx = main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        let head = tx.first(Sql::new("SELECT trail, key_id, key_from FROM audit_head")).await?;
        let known = key::read(keys)?;
        let (key, trail, key_from, key_is_new) = match head {
            None => {
                let (key, trail) = (known.map_or_else(|| key::make(keys), Ok)?, Uuid::new_v4());
                let sql = Sql::new("INSERT INTO audit_head (one, trail, sequence, hash, key_id, key_from) VALUES (1, $1, 0, $2, $3, 1)");
                tx.run(sql.bind(trail).bind(genesis(trail)).bind(key.id())).await?;
                (key, trail, 1, false)
            }
            Some(head) => {
                let (trail, key_id) = (head.id("trail")?, head.text("key_id")?);
                match known {
                    Some(key) if key.id() == key_id => (key, trail, head.count("key_from")?, false),
                    other if accept_new_key => (other.map_or_else(|| key::make(keys), Ok)?, trail, head.count("key_from")?, true),
                    _ => return Err(wrong_key(&key_id)),
                }
            }
        };
        tx.commit().await?;
        let (newest, _) = watch::channel(0);
        Ok(Self { key, trail, key_from: Mutex::new(key_from), key_is_new, remembered: Mutex::default(), newest })
    }

    /// What the trail itself has to be told when it is opened: entries from before the chain, another key.
    pub(crate) async fn begin(&self, main: &Db) -> Result<(), StoreError> {
        if self.key_is_new {
            let mut tx = main.begin().await?;
            let head = tx.first(tx.for_update(Sql::new("SELECT sequence FROM audit_head"))).await?.ok_or_else(no_head)?;
            let from = head.count("sequence")?.saturating_add(1);
            let sql = Sql::new("UPDATE audit_head SET key_id = $1, key_from = $2").bind(self.key.id());
            tx.run(sql.bind(i64::try_from(from).unwrap_or(i64::MAX))).await?;
            let detail = format!("entries from here on are keyed with key {}; the one before it is lost", self.key.id());
            let at = newest_time(&mut tx).await?;
            tx.audit(&[by_system(at, KEY_CHANGED, AuditResult::Ok, detail)]);
            *self.key_from.lock() = from;
            tx.commit().await?;
        }
        self.adopt(main).await
    }

    /// Seals entries from before the chain, in the order they were written.
    async fn adopt(&self, main: &Db) -> Result<(), StoreError> {
        let sqlite = "SELECT name FROM sqlite_master WHERE name = 'audit_unsealed'";
        let postgres = "SELECT tablename FROM pg_tables WHERE tablename = 'audit_unsealed' AND schemaname = current_schema()";
        let mut adopted = 0_usize;
        loop {
            let mut tx = main.begin().await?;
            // Before it is looked for: whoever had the turn before may have removed it.
            tx.run_on_postgres(TAKE_TURNS).await?;
            if tx.first(Sql::new(if tx.is_sqlite() { sqlite } else { postgres })).await?.is_none() {
                return Ok(());
            }
            let sql = Sql::new("SELECT *, NULL AS via, NULL AS sequence FROM audit_unsealed ORDER BY id LIMIT $1").bind(ADOPTED_TOGETHER);
            let entries = tx.all(sql).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            match entries.last() {
                Some(last) => {
                    tx.run(Sql::new("DELETE FROM audit_unsealed WHERE id <= $1").bind(last.id.0)).await?;
                    tx.audit(&entries);
                    adopted += entries.len();
                }
                None => {
                    if adopted > 0 {
                        let text = "entries from before the chain were taken over; nothing proves what happened to them before";
                        let at = newest_time(&mut tx).await?;
                        tx.audit(&[by_system(at, "audit_adopted", AuditResult::Ok, format!("{adopted} {text}"))]);
                    }
                    tx.run(Sql::new("DROP TABLE audit_unsealed")).await?;
                }
            }
            tx.commit().await?;
        }
    }

    pub(crate) const fn trail(&self) -> Uuid {
        self.trail
    }

    pub(crate) const fn key(&self) -> &MacKey {
        &self.key
    }

    pub(crate) fn key_from(&self) -> u64 {
        *self.key_from.lock()
    }

    /// What this process knows to have been in the trail.
    pub(crate) fn pins(&self) -> Vec<Pin> {
        let memory = self.remembered.lock();
        memory.lost.iter().copied().chain(memory.newest).collect()
    }

    /// Whether entries that this process stored were gone later.
    pub(crate) fn has_lost(&self) -> bool {
        !self.remembered.lock().lost.is_empty()
    }

    /// The newest place this process sealed; changes with each.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Stores entries at the end of the trail. Called by [`Tx::commit`] and nobody else.
    pub(crate) async fn seal(&self, tx: &mut Tx, entries: Vec<AuditEntry>) -> Result<SealedEntries, StoreError> {
        const HEAD: &str = "INSERT INTO audit (sequence, id, at, actor_kind, actor_id, actor_name, via, address, action, resource_kind, \
                            resource_id, resource_name, result, reason, detail, duration_ms, request_id, agent_id, hash, mac) VALUES ";
        let head = tx.first(tx.for_update(Sql::new("SELECT sequence, hash FROM audit_head WHERE one = 1"))).await?.ok_or_else(no_head)?;
        let (mut sequence, mut hash) = (head.count("sequence")?, head.digest("hash")?);
        let warning = self.cut_at(sequence, hash).map(|pin| cut_warning(&entries, sequence, pin));
        let (mut rows, mut sealed) = (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        for entry in warning.into_iter().chain(entries) {
            sequence = sequence.saturating_add(1);
            let record = Record::new(Sequence(sequence), &entry);
            hash = link(hash, &record);
            let mac = self.key.mac(hash);
            rows.push(columns(&Linked { record, hash, mac }));
            sealed.push((entry, Seal { sequence: Sequence(sequence), hash: hash.0, mac: mac.0 }));
        }
        for chunk in rows.chunks(ROWS_MAX) {
            tx.run(Sql::new(HEAD).rows(chunk.iter().cloned())).await?;
        }
        Ok(sealed)
    }

    /// What was sealed is durable.
    pub(crate) fn committed(&self, sealed: &SealedEntries) {
        for (entry, seal) in sealed {
            entry.seal.set(*seal);
        }
        let Some((_, seal)) = sealed.last() else { return };
        let pin = Pin { sequence: seal.sequence.0, hash: Digest(seal.hash) };
        let mut memory = self.remembered.lock();
        if sealed.iter().any(|(entry, _)| entry.action == TAMPERED) {
            let lost = memory.newest.take().filter(|_| memory.lost.len() < LOST_MAX);
            memory.lost.extend(lost);
        }
        // Two that committed one after the other may arrive here the other way round.
        if memory.newest.is_none_or(|newest| newest.sequence < pin.sequence) {
            memory.newest = Some(pin);
            self.newest.send_replace(pin.sequence);
        }
    }

    /// The entry that this process stored and that is not before this end of the trail.
    fn cut_at(&self, sequence: u64, hash: Digest) -> Option<Pin> {
        let newest = self.remembered.lock().newest?;
        (newest.sequence > sequence || (newest.sequence == sequence && newest.hash != hash)).then_some(newest)
    }
}

fn cut_warning(entries: &[AuditEntry], sequence: u64, lost: Pin) -> AuditEntry {
    tracing::error!(sequence, lost = lost.sequence, "the end of the audit trail was cut off or replaced by somebody else");
    let at = entries.first().map_or_else(Time::default, |entry| entry.at);
    let detail =
        format!("the trail ended at {sequence}, where this server had stored entry {}: somebody cut it off or replaced it", lost.sequence);
    by_system(at, TAMPERED, AuditResult::Failed, detail)
}

fn by_system(at: Time, action: &str, result: AuditResult, detail: String) -> AuditEntry {
    AuditEntry::new(&Ctx::system(at), at, action, result).on("audit", "", "").detail(detail)
}

/// The newest entry's time: the store has no clock.
async fn newest_time(tx: &mut Tx) -> Result<Time, StoreError> {
    let row = tx.first(Sql::new("SELECT at FROM audit ORDER BY sequence DESC LIMIT 1")).await?;
    row.map_or_else(|| Ok(Time::default()), |row| row.time("at"))
}

fn no_head() -> StoreError {
    StoreError::Internal("the end of the audit trail is missing: restore a backup".to_owned())
}

fn wrong_key(key_id: &str) -> StoreError {
    StoreError::AuditKey(format!(
        "keys/audit.key in the data directory is missing or not the one this audit trail is written with ({key_id}): copy keys/, ca.pem and \
         ca-cross.pem from the other server of this database, or restore them from the backup. If the key is lost for good, start once with MC_AUDIT__ACCEPT_NEW_KEY=true; the \
         audit trail will say so"
    ))
}
