//! How the audit trail begins, goes on with another key, is kept from a server that does not own it, and how quick it is.

use mc_domain::{action::AuditVerify, permit::Everything};
use mc_store::{Engine, Remembered, Store, StoreError};

use crate::support::{TestStore, entry, options, permit};

on_both_engines!(another_key, rows_from_before);

async fn verify(store: &Store) -> mc_trail::Report {
    store.audit_verify(&permit::<_, AuditVerify>(Everything), &[], &Remembered::default()).await.unwrap()
}

async fn another_key(store: &TestStore) {
    for _ in 0..20 {
        store.audit_append(&[entry("login")]).await.unwrap();
    }
    store.close().await;
    let key = store.db.data_dir().join("keys/audit.key");
    std::fs::remove_file(&key).unwrap();
    let mut options = options(&store.db);
    let refused = Store::open(&options).await.expect_err("the key is gone");
    assert!(refused.to_string().contains("keys/audit.key") && refused.to_string().contains("MC_AUDIT__ACCEPT_NEW_KEY"), "{refused}");
    std::fs::write(&key, "11".repeat(32)).unwrap();
    assert!(matches!(Store::open(&options).await, Err(StoreError::AuditKey(_))), "another one is no better");
    options.accept_new_audit_key = true;
    let opened = Store::open(&options).await.unwrap();
    opened.audit_append(&[entry("later")]).await.unwrap();
    let report = verify(&opened).await;
    assert_eq!((report.bad, report.last_sequence), (None, 22));
    opened.close().await;
    options.accept_new_audit_key = false;
    Store::open(&options).await.expect("the new key is the trail's from now on").close().await;
}

async fn rows_from_before(store: &TestStore) {
    store.close().await;
    let (make, ids): (&[&'static str], _) = match store.engine() {
        Engine::Sqlite => (
            &[
                "CREATE TABLE audit_unsealed AS SELECT * FROM audit WHERE 1 = 0",
                "ALTER TABLE audit_unsealed DROP COLUMN sequence",
                "ALTER TABLE audit_unsealed DROP COLUMN via",
            ],
            "INSERT INTO audit_unsealed (id, at, actor_kind, actor_name, action, result, reason, detail, request_id) \
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200) \
             SELECT randomblob(16), 1000 + n, 'system', 'system', 'login', 'ok', '', '', randomblob(16) FROM n",
        ),
        Engine::Postgres => (
            &[
                "CREATE TABLE audit_unsealed (LIKE audit)",
                "ALTER TABLE audit_unsealed DROP COLUMN sequence, DROP COLUMN via, DROP COLUMN hash, DROP COLUMN mac",
            ],
            "INSERT INTO audit_unsealed (id, at, actor_kind, actor_name, action, result, reason, detail, request_id) \
             SELECT gen_random_uuid(), 1000 + n, 'system', 'system', 'login', 'ok', '', '', gen_random_uuid() FROM generate_series(1, 1200) AS n",
        ),
    };
    run(store, make).await;
    store.by_hand(ids).await.unwrap();
    let opened = Store::open(&options(&store.db)).await.unwrap();
    let report = verify(&opened).await;
    assert_eq!((report.bad, report.entries), (None, 1_201), "all of them, and an entry that says so");
    opened.close().await;
    Store::open(&options(&store.db)).await.expect("and it opens again").close().await;
}

async fn run(store: &TestStore, statements: &[&'static str]) {
    for sql in statements {
        store.by_hand(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// What the guide says about an owner apart, with the statements of the guide.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_that_does_not_own_the_tables_cannot_change_entries() {
    use sqlx::{Connection as _, Executor as _, PgConnection};
    let store = TestStore::postgres().await;
    store.audit_append(&[entry("login")]).await.unwrap();
    store.close().await;
    let owner = store.db.url().unwrap();
    let role = format!("mc_{}", uuid::Uuid::now_v7().simple());
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md")).unwrap();
    let grants = guide.split("```sql\n").nth(1).unwrap().split("```").next().unwrap().replace("mission_control", &role);
    let mut as_owner = PgConnection::connect(owner).await.unwrap();
    as_owner.execute(sqlx::AssertSqlSafe(format!("CREATE ROLE {role} LOGIN PASSWORD 'app'; {grants}"))).await.unwrap();
    let (_, place) = owner.rsplit_once('@').unwrap();
    let url = format!("postgres://{role}:app@{place}");
    let options = mc_store::Options { database_url: Some(url.clone().into()), ..options(&store.db) };
    let opened = Store::open(&options).await.expect("the server runs as that user");
    opened.audit_append(&[entry("logout")]).await.unwrap();
    let mut attacker = PgConnection::connect(&url).await.unwrap();
    for sql in [
        "UPDATE audit SET detail = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_update ON audit",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "UPDATE audit_head SET sequence = 0",
        "UPDATE audit_head SET sequence = 1, hash = (SELECT hash FROM audit WHERE sequence = 1)",
        "DELETE FROM audit_head",
        "UPDATE audit_checkpoint SET signature = 'x'",
        "INSERT INTO audit SELECT 4, request_id, at, actor_kind, actor_id, actor_name, via, address, action, resource_kind, resource_id, \
         resource_name, result, reason, detail, duration_ms, request_id, agent_id, hash, mac FROM audit WHERE sequence = 1",
    ] {
        assert!(attacker.execute(sql).await.is_err(), "{sql}");
    }
    attacker.close().await.unwrap();
    assert_eq!(verify(&opened).await.bad, None);
    opened.close().await;
    as_owner.execute(sqlx::AssertSqlSafe(format!("DROP OWNED BY {role}; DROP ROLE {role}"))).await.unwrap();
    as_owner.close().await.unwrap();
}

/// How quick it is, for people to read: `cargo nextest run -p mc-store --run-ignored only how_quick --no-capture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and asserts nothing about time"]
async fn how_quick() {
    for store in [TestStore::sqlite().await, TestStore::postgres().await] {
        let began = std::time::Instant::now();
        let writers = (0..64_u32).map(|_| {
            let store = store.store.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    while store.audit_append(&[entry("login")]).await.is_err() {}
                }
            })
        });
        futures::future::join_all(writers).await;
        println!("{:?}: {:.0} entries/s, one a transaction, 64 writers", store.engine(), 3_200.0 / began.elapsed().as_secs_f64());
        let began = std::time::Instant::now();
        for _ in 0..20 {
            let entries: Vec<_> = (0..512).map(|_| entry("login")).collect();
            store.audit_append(&entries).await.unwrap();
        }
        println!("{:?}: {:.0} entries/s, 512 a transaction", store.engine(), 10_240.0 / began.elapsed().as_secs_f64());
        let began = std::time::Instant::now();
        let report = verify(&store).await;
        assert_eq!((report.bad, report.entries), (None, 13_440));
        println!("{:?}: {:.0} entries/s verified", store.engine(), 13_440.0 / began.elapsed().as_secs_f64());
    }
}
