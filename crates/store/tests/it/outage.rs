//! A database that goes away, is full, or is slow: errors in time, nothing half done, and all well once it is back.

use std::time::Duration;

use mc_domain::role::Role;
use mc_store::{Options, Store, StoreError};
use mc_testkit::db::Cluster;

use crate::support::{TestStore, at, entry, session, stored_user, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_stopped_and_started_again() {
    let cluster = Cluster::start().expect("a private server");
    let dir = tempfile::tempdir().unwrap();
    let options = Options { database_url: Some(cluster.url().into()), data_dir: dir.path().to_owned(), accept_new_audit_key: false };
    let store = Store::open(&options).await.expect("it opens");
    let alice = stored_user(&store, "alice", Role::Admin).await;
    let under_way = tokio::spawn({
        let store = store.clone();
        // Work that goes on through the outage, as a server's does.
        async move {
            while store.session_insert(&session(&alice), Some("hash"), &uuid::Uuid::now_v7().to_string(), &entry("login")).await.is_ok() {}
        }
    });
    cluster.stop().expect("it runs");
    under_way.await.expect("an error and no panic");
    for _ in 0..3 {
        // Far more than the store allows itself; a hang would take forever.
        let answer = tokio::time::timeout(Duration::from_secs(60), store.user_count()).await.expect("never a hang");
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    let refused = Store::open(&options).await.expect_err("it is away");
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    cluster.start_again().expect("it starts");
    assert_eq!(store.user_count().await, Ok(1));
    assert_eq!(store.ping().await, Ok(()));
    stored_user(&store, "bob", Role::Viewer).await;
    store.close().await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_no_hang() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u:hunter2@{}/x", silent.local_addr().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let options = Options { database_url: Some(url.into()), data_dir: dir.path().to_owned(), accept_new_audit_key: false };
    let answer = tokio::time::timeout(Duration::from_secs(60), Store::open(&options)).await.expect("never a hang");
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_says_its_disk_is_full() {
    let store = TestStore::postgres().await;
    store
        .by_hand(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
        )
        .await
        .unwrap();
    store.by_hand("CREATE TRIGGER full_disk BEFORE INSERT ON session_token EXECUTE FUNCTION full_disk()").await.unwrap();
    let alice = stored_user(&store, "alice", Role::Admin).await;
    let login = session(&alice);
    assert_eq!(store.session_insert(&login, Some("hash"), "t", &entry("login")).await, Err(StoreError::Full));
    assert_eq!(store.session_live(login.id, at(1)).await, Ok(None), "nothing half done");
    store.by_hand("DROP TRIGGER full_disk ON session_token").await.unwrap();
    assert_eq!(store.session_insert(&login, Some("hash"), "t", &entry("login")).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_leaves_halfway_blocks_nobody() {
    for store in [TestStore::sqlite().await, TestStore::postgres().await] {
        for n in 0..50 {
            let name = format!("u{n}");
            let insert = stored_user(&store, &name, Role::Viewer);
            // Dropped at its first wait, its second, and so on.
            let mut insert = Box::pin(insert);
            for _ in 0..n % 7 {
                if futures::poll!(&mut insert).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let late = user("late", Role::Admin);
        let proof = crate::support::permit::<_, mc_domain::action::UserCreate>(mc_domain::permit::Everything);
        assert_eq!(store.user_insert(&proof, &late, "hash", &entry("user_create")).await, Ok(()));
        let users = store.user_count().await.unwrap();
        assert_eq!(users, u64::try_from(store.audit().await.len()).unwrap(), "each user with its entry, or neither");
    }
}
