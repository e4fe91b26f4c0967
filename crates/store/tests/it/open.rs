//! Opening a database: new, again, newer than the program, and settings that are wrong.

use std::os::unix::fs::PermissionsExt as _;

use mc_domain::role::Role;
use mc_store::{Engine, Options, Store, StoreError};

use crate::support::{TestStore, options, stored_user};

on_both_engines!(again, newer_than_the_program, closed, at_once);

async fn again(store: &TestStore) {
    stored_user(store, "alice", Role::Admin).await;
    store.close().await;
    let reopened = Store::open(&options(&store.db)).await.expect("it opens again");
    assert_eq!(reopened.user_count().await, Ok(1));
    assert_eq!(reopened.ping().await, Ok(()));
    assert_eq!(reopened.engine(), if store.db.url().is_some() { Engine::Postgres } else { Engine::Sqlite });
    reopened.close().await;
}

async fn newer_than_the_program(store: &TestStore) {
    store.by_hand("INSERT INTO schema_migration (version) VALUES (4711)").await.unwrap();
    let refused = Store::open(&options(&store.db)).await.expect_err("it is newer");
    assert!(matches!(refused, StoreError::Newer { found: 4711, .. }), "{refused:?}");
    assert!(refused.to_string().contains("4711"), "{refused}");
}

async fn closed(store: &TestStore) {
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.user_count().await, Err(StoreError::Unavailable(_))));
}

async fn at_once(store: &TestStore) {
    let other = TestStore {
        db: if store.db.url().is_some() { mc_testkit::Db::postgres() } else { mc_testkit::Db::sqlite() }.unwrap(),
        store: store.store.clone(),
    };
    let opens = (0..4).map(|_| {
        let options = options(&other.db);
        tokio::spawn(async move { Store::open(&options).await })
    });
    for opened in futures::future::join_all(opens).await {
        let opened = opened.unwrap().expect("servers that start together take turns");
        assert_eq!(opened.user_count().await, Ok(0));
        opened.close().await;
    }
}

#[tokio::test]
async fn sqlite_files_are_private() {
    let home = tempfile::tempdir().unwrap();
    let data_dir = home.path().join("a/b");
    let store = Store::open(&Options { database_url: None, data_dir: data_dir.clone(), accept_new_audit_key: false }).await.unwrap();
    stored_user(&store, "alice", Role::Admin).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    let keys = data_dir.join("keys");
    assert_eq!(mode(&keys), 0o700);
    let list = |dir: &std::path::Path| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let files: Vec<_> = list(&data_dir).chain(list(&keys)).collect();
    assert!(files.len() >= 5, "two databases and their logs, and a key: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn wrong_settings_are_said_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    for url in
        ["mysql://root:hunter2@localhost/x", "postgres://u:hunter2@localhost:notaport/x", "postgres://u:hunter2@127.0.0.1:1/x", "hunter2"]
    {
        let options = Options { database_url: Some(url.into()), data_dir: dir.path().to_owned(), accept_new_audit_key: false };
        assert!(!format!("{options:?}").contains("hunter2"));
        let refused = Store::open(&options).await.expect_err(url);
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
        assert!(!refused.to_string().contains("hunter2") && !refused.to_string().contains('\n'), "{refused}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let refused =
        Store::open(&Options { database_url: None, data_dir: file, accept_new_audit_key: false }).await.expect_err("a file is no folder");
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    std::fs::write(dir.path().join("mission-control.db"), "this is not a database, but it is long enough to look at closely").unwrap();
    let refused = Store::open(&Options { database_url: None, data_dir: dir.path().to_owned(), accept_new_audit_key: false })
        .await
        .expect_err("not a database");
    assert!(refused.to_string().contains("damaged"), "{refused}");
}
