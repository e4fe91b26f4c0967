//! The audit trail as a proof: what somebody with the database in their hands changes is found where it is.
//!
//! Triggers refuse all of it; an owner of the database can drop those, so these tests drop them first.

use std::collections::BTreeSet;

use mc_domain::{
    action::{AuditList, AuditVerify},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    permit::Everything,
    time::{Clock as _, SystemClock},
};
use mc_store::{AuditFilter, Engine, Remembered, Store, StoreError};
use mc_trail::{Checkpoint, Digest, Kind, Pin, Report, Segment, Signer};

use crate::support::{TestStore, agent, at, entry, options, permit};

on_both_engines!(
    whole,
    every_column,
    dropped_moved_and_made_up,
    cut_tails,
    cut_and_grown_again,
    checkpoints,
    the_door_of_retention,
    many_writers,
    a_change_without_its_entry,
);

/// Checkpoints are signed by this.
struct Notary<'s> {
    store: &'s TestStore,
    signer: Signer,
}

impl<'s> Notary<'s> {
    fn new(store: &'s TestStore) -> Self {
        Self { store, signer: Signer::generate().unwrap().0 }
    }

    fn keys(&self) -> [mc_trail::PublicKey; 1] {
        [self.signer.public().clone()]
    }

    /// Signs where the trail ends, as of a second.
    async fn sign(&self, second: i64) -> Checkpoint {
        let before = self.store.audit_checkpoint_newest().await.unwrap();
        let head = self.store.audit_head().await.unwrap();
        let (report, sequence, hash) = self.store.audit_verify_since(before.as_ref(), &self.keys()).await.unwrap();
        assert_eq!((report.bad, sequence, hash), (None, head.sequence, head.hash));
        let checkpoint = Checkpoint {
            number: before.as_ref().map_or(1, |before| before.number + 1),
            trail: head.trail,
            sequence,
            hash,
            count: sequence + 1 - head.first_sequence,
            first_sequence: head.first_sequence,
            previous: before.as_ref().map_or(Digest::NONE, Checkpoint::digest),
            at_micros: at(second).as_micros(),
            first_bad: None,
            key_id: String::new(),
            signature: String::new(),
        };
        let checkpoint = checkpoint.sign(&self.signer);
        self.store.audit_checkpoint_insert(&checkpoint).await.unwrap();
        checkpoint
    }

    async fn verify(&self) -> Report {
        self.verify_with(&self.store.store, Remembered::default()).await
    }

    async fn verify_with(&self, store: &Store, remembered: Remembered) -> Report {
        store.audit_verify(&permit::<_, AuditVerify>(Everything), &self.keys(), &remembered).await.unwrap()
    }

    async fn found(&self) -> Option<(u64, Kind)> {
        self.verify().await.bad.map(|bad| (bad.sequence, bad.kind))
    }
}

/// Twenty entries of every kind, with a checkpoint behind the tenth and the sixteenth.
async fn twenty<'s>(store: &'s TestStore) -> Notary<'s> {
    let notary = Notary::new(store);
    let web = agent("web");
    for n in 1..=20 {
        let detail = format!("entry {n} äöü 'quoted'");
        let full =
            entry("agent_update").on("agent", web.id, &web.name).because("why").detail(detail).took(std::time::Duration::from_millis(n));
        store.audit_append(&[full]).await.unwrap();
        if n == 10 || n == 16 {
            notary.sign(i64::try_from(n).unwrap()).await;
        }
    }
    notary
}

/// Takes the triggers away, as the owner of the database can.
async fn disarm(store: &TestStore) {
    let sqlite = [
        "DROP TRIGGER audit_insert",
        "DROP TRIGGER audit_inserted",
        "DROP TRIGGER audit_update",
        "DROP TRIGGER audit_delete",
        "DROP TRIGGER audit_head_update",
        "DROP TRIGGER audit_checkpoint_insert",
        "DROP TRIGGER audit_checkpoint_update",
        "DROP TRIGGER audit_checkpoint_delete",
        "DROP TRIGGER audit_segment_insert",
        "DROP TRIGGER audit_segment_update",
    ];
    let postgres = [
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "ALTER TABLE audit_head DISABLE TRIGGER ALL",
        "ALTER TABLE audit_checkpoint DISABLE TRIGGER ALL",
        "ALTER TABLE audit_segment DISABLE TRIGGER ALL",
    ];
    run(store, if store.engine() == Engine::Sqlite { &sqlite } else { &postgres }).await;
}

async fn run(store: &TestStore, statements: &[&'static str]) {
    for sql in statements {
        store.by_hand(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Keeps the whole trail beside itself.
async fn keep(store: &TestStore) {
    run(store, &["CREATE TABLE kept AS SELECT * FROM audit", "CREATE TABLE kept_checkpoint AS SELECT * FROM audit_checkpoint"]).await;
}

async fn restore(store: &TestStore) {
    run(store, &["DELETE FROM audit", "INSERT INTO audit SELECT * FROM kept"]).await;
    run(store, &["DELETE FROM audit_checkpoint", "INSERT INTO audit_checkpoint SELECT * FROM kept_checkpoint"]).await;
}

async fn whole(store: &TestStore) {
    let notary = twenty(store).await;
    let report = notary.verify().await;
    assert_eq!(report.bad, None);
    assert_eq!((report.entries, report.first_sequence, report.last_sequence, report.checkpoints, report.covered_to), (20, 1, 20, 2, 16));
    let made = entry("x");
    store.audit_append(std::slice::from_ref(&made)).await.unwrap();
    let seal = made.seal.get().expect("whoever made it knows its place now");
    let kept = store.audit().await;
    assert_eq!(kept.last(), Some(&made), "and the database has the same seal");
    assert_eq!(seal.sequence.0, 21);
    let linked = store.audit_export_linked(&permit::<_, AuditList>(Everything), &AuditFilter::default(), 100, None).await.unwrap();
    assert_eq!(linked.iter().map(|entry| entry.record.sequence).collect::<Vec<_>>(), (1..=21).collect::<Vec<_>>());
}

async fn every_column(store: &TestStore) {
    let sqlite = store.engine() == Engine::Sqlite;
    let notary = twenty(store).await;
    disarm(store).await;
    keep(store).await;
    let changes = [
        "UPDATE audit SET at = at + 1 WHERE sequence = 7",
        "UPDATE audit SET actor_kind = 'nobody' WHERE sequence = 7",
        "UPDATE audit SET actor_id = 'x' WHERE sequence = 7",
        "UPDATE audit SET actor_name = 'x' WHERE sequence = 7",
        "UPDATE audit SET via = 'x' WHERE sequence = 7",
        "UPDATE audit SET address = '' WHERE sequence = 7",
        "UPDATE audit SET action = 'x' WHERE sequence = 7",
        "UPDATE audit SET resource_kind = 'x' WHERE sequence = 7",
        "UPDATE audit SET resource_id = NULL WHERE sequence = 7",
        "UPDATE audit SET resource_name = 'x' WHERE sequence = 7",
        "UPDATE audit SET result = 'denied' WHERE sequence = 7",
        "UPDATE audit SET result = 'no result at all' WHERE sequence = 7",
        "UPDATE audit SET reason = '' WHERE sequence = 7",
        "UPDATE audit SET detail = 'x' WHERE sequence = 7",
        "UPDATE audit SET detail = reason, reason = detail WHERE sequence = 7",
        "UPDATE audit SET duration_ms = NULL WHERE sequence = 7",
        "UPDATE audit SET request_id = id WHERE sequence = 7",
        "UPDATE audit SET agent_id = id WHERE sequence = 7",
        "UPDATE audit SET agent_id = NULL WHERE sequence = 7",
        "UPDATE audit SET id = request_id WHERE sequence = 7",
        "UPDATE audit SET hash = mac WHERE sequence = 7",
        "UPDATE audit SET mac = hash WHERE sequence = 7",
    ];
    // A column that is added later must be tried here too.
    let tried: BTreeSet<&str> = changes.iter().filter_map(|sql| sql.split(' ').nth(3)).chain(["sequence"]).collect();
    assert_eq!(tried.len(), 20, "{tried:?}");
    for sql in changes {
        assert_eq!(store.by_hand(sql).await.unwrap(), 1, "{sql}");
        assert_eq!(notary.found().await, Some((7, Kind::Changed)), "{sql}");
        restore(store).await;
    }
    assert_eq!(notary.found().await, None);
    // The newest entries are covered by no checkpoint yet: the key hash tells.
    let forged = if sqlite {
        "UPDATE audit SET mac = zeroblob(32) WHERE sequence = 20"
    } else {
        "UPDATE audit SET mac = decode(repeat('00', 32), 'hex') WHERE sequence = 20"
    };
    store.by_hand(forged).await.unwrap();
    assert_eq!(notary.found().await, Some((20, Kind::Changed)));
}

async fn dropped_moved_and_made_up(store: &TestStore) {
    let notary = twenty(store).await;
    disarm(store).await;
    keep(store).await;
    let make_up = "INSERT INTO audit SELECT 21, request_id, at, actor_kind, actor_id, actor_name, via, address, action, resource_kind, resource_id, \
                   resource_name, result, reason, 'made up', duration_ms, id, agent_id, mac, hash FROM audit WHERE sequence = 3";
    let (down, up, back) = (
        "UPDATE audit SET sequence = -sequence WHERE sequence > 6",
        "UPDATE audit SET sequence = 1 - sequence WHERE sequence < 0",
        "UPDATE audit SET sequence = -1 - sequence WHERE sequence < 0",
    );
    let cases: [(&[&'static str], u64, Kind); 9] = [
        (&["DELETE FROM audit WHERE sequence = 1"], 1, Kind::Missing),
        (&["DELETE FROM audit WHERE sequence = 7"], 7, Kind::Missing),
        (&["DELETE FROM audit WHERE sequence BETWEEN 5 AND 18"], 5, Kind::Missing),
        (&["DELETE FROM audit WHERE sequence = 7", down, back], 7, Kind::Missing),
        (
            &[
                "UPDATE audit SET sequence = -7 WHERE sequence = 7",
                "UPDATE audit SET sequence = 7 WHERE sequence = 9",
                "UPDATE audit SET sequence = 9 WHERE sequence = -7",
            ],
            7,
            Kind::Reordered,
        ),
        (
            &[
                "UPDATE audit SET sequence = -19 WHERE sequence = 19",
                "UPDATE audit SET sequence = 19 WHERE sequence = 20",
                "UPDATE audit SET sequence = 20 WHERE sequence = -19",
            ],
            19,
            Kind::Reordered,
        ),
        (&[make_up], 21, Kind::Inserted),
        (
            &[
                make_up,
                "UPDATE audit SET sequence = -100 WHERE sequence = 21",
                down,
                "UPDATE audit SET sequence = -6 WHERE sequence = -100",
                up,
            ],
            7,
            Kind::Inserted,
        ),
        (&["UPDATE audit SET sequence = 4711 WHERE sequence = 12"], 12, Kind::Missing),
    ];
    for (statements, place, kind) in cases {
        run(store, statements).await;
        assert_eq!(notary.found().await, Some((place, kind)), "{statements:?}");
        restore(store).await;
    }
    assert_eq!(notary.found().await, None);
}

const SET_BACK: &str = "UPDATE audit_head SET sequence = (SELECT MAX(sequence) FROM audit), \
                        hash = (SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1)";

async fn cut_tails(store: &TestStore) {
    let notary = twenty(store).await;
    disarm(store).await;
    let head = store.audit_head().await.unwrap();
    run(store, &["DELETE FROM audit WHERE sequence > 18"]).await;
    assert_eq!(notary.found().await, Some((19, Kind::Truncated)), "the head's row tells");
    run(store, &[SET_BACK]).await;
    assert_eq!(notary.found().await, Some((19, Kind::Truncated)), "this server remembers");
    let restarted = Store::open(&options(&store.db)).await.unwrap();
    let remembered = Remembered { pins: vec![Pin { sequence: head.sequence, hash: head.hash }], newest_checkpoint: Some(2) };
    let found = notary.verify_with(&restarted, remembered.clone()).await.bad.map(|bad| (bad.sequence, bad.kind));
    assert_eq!(found, Some((19, Kind::Truncated)), "what was kept outside the database tells after a restart");
    run(store, &["DELETE FROM audit WHERE sequence > 14", SET_BACK]).await;
    let found = notary.verify_with(&restarted, Remembered::default()).await.bad.map(|bad| (bad.sequence, bad.kind));
    assert_eq!(found, Some((15, Kind::Truncated)), "a checkpoint tells what it covered");
    run(store, &["DELETE FROM audit_checkpoint WHERE sequence > 10"]).await;
    assert_eq!(notary.verify_with(&restarted, Remembered::default()).await.bad, None, "nothing in the database tells any more");
    let found = notary.verify_with(&restarted, remembered).await.bad.map(|bad| (bad.sequence, bad.kind));
    assert_eq!(found, Some((15, Kind::Truncated)), "what is outside does");
    run(store, &["DELETE FROM audit"]).await;
    assert_eq!(notary.found().await, Some((1, Kind::Truncated)));
    restarted.close().await;
}

async fn cut_and_grown_again(store: &TestStore) {
    let notary = twenty(store).await;
    let sqlite = store.engine() == Engine::Sqlite;
    run(
        store,
        if sqlite {
            &["DROP TRIGGER audit_delete", "DROP TRIGGER audit_head_update"]
        } else {
            &["ALTER TABLE audit DISABLE TRIGGER audit_delete", "ALTER TABLE audit_head DISABLE TRIGGER audit_head_update"]
        },
    )
    .await;
    run(store, &["DELETE FROM audit WHERE sequence > 17", SET_BACK]).await;
    for _ in 0..5 {
        store.audit_append(&[entry("later")]).await.unwrap();
    }
    let kept = store.audit().await;
    assert_eq!(kept[17].action, "audit_tampered", "the next entry says what happened before it");
    assert!(kept[17].detail.contains("ended at 17") && kept[17].detail.contains("entry 20"), "{}", kept[17].detail);
    assert_eq!(kept.iter().filter(|entry| entry.action == "audit_tampered").count(), 1, "once");
    assert!(store.audit_has_lost());
    assert_eq!(notary.found().await, Some((20, Kind::Truncated)), "another entry stands where this server had one");
}

async fn checkpoints(store: &TestStore) {
    let notary = twenty(store).await;
    disarm(store).await;
    keep(store).await;
    let forge = "INSERT INTO audit_checkpoint SELECT 3, trail, 20, (SELECT hash FROM audit WHERE sequence = 20), 20, 1, previous, at, first_bad, \
                 key_id, signature FROM audit_checkpoint WHERE number = 2";
    let cases: [(&'static str, u64); 10] = [
        ("UPDATE audit_checkpoint SET hash = previous WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET sequence = 15 WHERE number = 2", 15),
        ("UPDATE audit_checkpoint SET count = 15 WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET first_sequence = 2 WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET previous = hash WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET at = 1 WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET first_bad = 3 WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET key_id = 'x' WHERE number = 2", 16),
        ("UPDATE audit_checkpoint SET signature = 'AAAA' WHERE number = 2", 16),
        ("DELETE FROM audit_checkpoint WHERE number = 1", 16),
    ];
    for (sql, place) in cases {
        store.by_hand(sql).await.unwrap();
        assert_eq!(notary.found().await, Some((place, Kind::Checkpoint)), "{sql}");
        restore(store).await;
    }
    store.by_hand(forge).await.unwrap();
    assert_eq!(notary.found().await, Some((20, Kind::Checkpoint)), "made up for a later entry");
    restore(store).await;
    run(store, &["DELETE FROM audit_checkpoint"]).await;
    let remembered = Remembered { newest_checkpoint: Some(2), ..Remembered::default() };
    let found = notary.verify_with(store, remembered).await.bad.map(|bad| bad.kind);
    assert_eq!(found, Some(Kind::Checkpoint), "all of them");
}

fn old(second: i64) -> AuditEntry {
    AuditEntry::new(&Ctx::system(at(0)), at(second - 400 * 86_400), "login", AuditResult::Ok)
}

async fn the_door_of_retention(store: &TestStore) {
    let notary = Notary::new(store);
    for second in 0..6 {
        store.audit_append(&[old(second)]).await.unwrap();
        if second % 2 == 1 {
            notary.sign(second - 400 * 86_400).await;
        }
    }
    let deletes =
        ["DELETE FROM audit WHERE sequence = 1", "DELETE FROM audit", "DELETE FROM audit_checkpoint", "DELETE FROM audit_segment"];
    for sql in &deletes[..3] {
        store.by_hand(sql).await.expect_err(sql);
    }
    // Somebody with the server's own rights writes a digest of nothing.
    for (first, last) in [(1, 3), (1, 6), (2, 4)] {
        let head = store.audit_head().await.unwrap();
        let forged = segment(&notary, head.trail, first, last, head.hash, head.hash);
        assert!(store.audit_segment_insert(&forged, &entry("audit_retention")).await.is_err(), "{first} to {last}");
    }
    let before = at(4 - 400 * 86_400);
    let (expired, none) = store.audit_expired(before).await.unwrap();
    let expired = expired.expect("two checkpoints are from before");
    assert_eq!((expired.sequence, none), (4, None));
    let (report, first_hash) = store.audit_verify_segment(None, &expired).await.unwrap();
    assert_eq!((report.bad, report.entries), (None, 4));
    let segment = segment(&notary, expired.trail, 1, 4, first_hash, expired.hash);
    // The database looks at its own clock.
    let today = AuditEntry { at: SystemClock.now(), ..entry("audit_retention") };
    store.audit_segment_insert(&segment, &today).await.unwrap();
    assert_eq!(notary.verify().await.bad, None, "the digest stands for entries that are still there");
    assert_eq!(store.audit_sweep().await, Ok(4));
    assert_eq!(store.audit_sweep().await, Ok(0));
    let report = notary.verify().await;
    assert_eq!((report.bad, report.segments, report.first_sequence, report.entries), (None, 1, 5, 3));
    assert_eq!(store.audit_head().await.unwrap().first_sequence, 5);
    for sql in &deletes[1..] {
        store.by_hand(sql).await.expect_err(sql);
    }
    assert_eq!(store.audit_expired(before).await.unwrap(), (None, Some(segment)), "nothing twice");
    // What is younger than a day stays, whatever a digest says.
    disarm_segments(store).await;
    run(
        store,
        &["INSERT INTO audit_segment SELECT 6, trail, 5, first_hash, last_hash, at, first_bad, key_id, signature FROM audit_segment"],
    )
    .await;
    run(store, &["INSERT INTO audit_segment SELECT 7, trail, 7, first_hash, last_hash, at, first_bad, key_id, signature FROM audit_segment WHERE last_sequence = 6"]).await;
    store.by_hand("DELETE FROM audit WHERE sequence = 7").await.expect_err("an entry of today");
    assert_eq!(notary.found().await, Some((5, Kind::Checkpoint)), "and the forged digest is found");
}

async fn disarm_segments(store: &TestStore) {
    let sql = if store.engine() == Engine::Sqlite {
        "DROP TRIGGER audit_segment_insert"
    } else {
        "DROP TRIGGER audit_segment_insert ON audit_segment"
    };
    run(store, &[sql]).await;
}

fn segment(notary: &Notary<'_>, trail: uuid::Uuid, first: u64, last: u64, first_hash: Digest, last_hash: Digest) -> Segment {
    let bare = Segment {
        trail,
        first_sequence: first,
        last_sequence: last,
        first_hash,
        last_hash,
        at_micros: 1,
        first_bad: None,
        key_id: String::new(),
        signature: String::new(),
    };
    bare.sign(&notary.signer)
}

async fn many_writers(store: &TestStore) {
    const WRITERS: u64 = 64;
    const EACH: u64 = 10;
    let notary = Notary::new(store);
    // As two servers of one database would.
    let other = Store::open(&options(&store.db)).await.unwrap();
    let writers = (0..WRITERS).map(|n| {
        let store = if n % 2 == 0 { store.store.clone() } else { other.clone() };
        tokio::spawn(async move {
            for m in 0..EACH {
                // Fewer connections than writers: some are told to try again, as in life.
                let mut entries = vec![entry(&format!("w{n}"))];
                entries.extend((m % 3 == 0).then(|| entry(&format!("w{n}"))));
                while let Err(error) = store.audit_append(&entries).await {
                    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
                }
            }
        })
    });
    for writer in futures::future::join_all(writers).await {
        writer.unwrap();
    }
    let report = notary.verify().await;
    assert_eq!((report.bad, report.entries, report.last_sequence), (None, WRITERS * 14, WRITERS * 14));
    other.close().await;
}

async fn a_change_without_its_entry(store: &TestStore) {
    let refuse = match store.engine() {
        Engine::Sqlite => "CREATE TRIGGER full_disk BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
        Engine::Postgres => "ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (sequence < 0)",
    };
    store.by_hand(refuse).await.unwrap();
    let alice = crate::support::user("alice", mc_domain::role::Role::Admin);
    let proof = permit::<_, mc_domain::action::UserCreate>(Everything);
    let entry = entry("user_create");
    assert!(store.user_insert(&proof, &alice, "hash", &entry).await.is_err());
    assert_eq!(store.user_count().await, Ok(0), "what cannot be recorded does not happen");
    assert_eq!(entry.seal.get(), None);
}
