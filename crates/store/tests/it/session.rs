//! Sessions and their refresh tokens.

use mc_domain::{role::Role, session::Session, user::User};
use mc_store::{Refresh, StoreError};

use crate::support::{TestStore, at, entry, secs, session, stored_user, twice};

on_both_engines!(rotation, grace, reuse, parallel_refreshes, ends, revoke, prune);

async fn login(store: &TestStore) -> (Session, User) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let session = session(&alice);
    store.session_insert(&session, Some("hash"), "t1", &entry("login")).await.unwrap();
    (session, alice)
}

async fn rotation(store: &TestStore) {
    let (session, alice) = login(store).await;
    let alice = User { last_login_at: Some(session.created_at), ..alice };
    assert_eq!(store.session_live(session.id, at(1)).await, Ok(Some((session.clone(), alice.clone()))));
    let rotated = store.session_refresh("t1", "t2", at(10), at(7200), secs(10), twice).await.unwrap();
    let expected = Session { last_used_at: at(10), expires_at: at(7200), ..session.clone() };
    assert_eq!(rotated, Refresh::Rotated(expected.clone(), alice.clone()));
    assert_eq!(store.session_live(session.id, at(5000)).await, Ok(Some((expected, alice))), "it lasts longer now");
    assert!(matches!(store.session_refresh("t2", "t3", at(20), at(7200), secs(10), twice).await, Ok(Refresh::Rotated(..))));
    assert_eq!(store.session_refresh("never", "t4", at(20), at(7200), secs(10), twice).await, Ok(Refresh::Unknown));
}

async fn grace(store: &TestStore) {
    login(store).await;
    store.session_refresh("t1", "t2", at(10), at(7200), secs(10), twice).await.unwrap();
    assert!(matches!(store.session_refresh("t1", "x", at(19), at(7200), secs(10), twice).await, Ok(Refresh::Recent(..))));
    assert_eq!(store.session_refresh("x", "y", at(19), at(7200), secs(10), twice).await, Ok(Refresh::Unknown), "its token was not kept");
    assert!(matches!(store.session_refresh("t2", "t3", at(19), at(7200), secs(10), twice).await, Ok(Refresh::Rotated(..))));
    assert!(matches!(store.session_refresh("t1", "x", at(19), at(7200), secs(10), twice).await, Ok(Refresh::Reused(..))), "two behind");
}

async fn reuse(store: &TestStore) {
    let (session, _) = login(store).await;
    store.session_refresh("t1", "t2", at(10), at(7200), secs(10), twice).await.unwrap();
    let reused = store.session_refresh("t1", "x", at(20), at(7200), secs(10), twice).await.unwrap();
    assert!(matches!(&reused, Refresh::Reused(ended, entry) if *ended == session.id && entry.seal.get().is_some()), "{reused:?}");
    let actions = store.audit_actions().await;
    assert_eq!(actions.iter().filter(|action| *action == "session_reuse").count(), 1, "with its entry: {actions:?}");
    assert_eq!(store.session_live(session.id, at(21)).await, Ok(None));
    assert_eq!(store.session_refresh("t2", "t3", at(21), at(7200), secs(10), twice).await, Ok(Refresh::Ended), "the newest token ends too");
    assert_eq!(store.session_refresh("t1", "x", at(21), at(7200), secs(10), twice).await, Ok(Refresh::Ended));
}

async fn parallel_refreshes(store: &TestStore) {
    login(store).await;
    let mut token = "t1".to_owned();
    for round in 0..5 {
        let tries = (0..64).map(|n| {
            let (store, old, new) = (store.store.clone(), token.clone(), format!("new-{round}-{n}"));
            tokio::spawn(async move { store.session_refresh(&old, &new, at(10 + round * 20), at(7200), secs(10), twice).await.unwrap() })
        });
        let results: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        let count = |wanted: fn(&Refresh) -> bool| results.iter().filter(|result| wanted(result)).count();
        assert_eq!(count(|result| matches!(result, Refresh::Rotated(..))), 1);
        assert_eq!(count(|result| matches!(result, Refresh::Recent(..))), 63);
        // The one that was told so holds the newest token: the next round begins with it.
        let winner = results.iter().position(|result| matches!(result, Refresh::Rotated(..))).unwrap();
        token = format!("new-{round}-{winner}");
    }
}

async fn ends(store: &TestStore) {
    let (session, _) = login(store).await;
    assert_eq!(store.session_live(session.id, at(3600)).await, Ok(None), "it has expired");
    assert_eq!(store.session_refresh("t1", "t2", at(3600), at(7200), secs(10), twice).await, Ok(Refresh::Ended));
    assert_eq!(store.session_live(mc_domain::id::SessionId::new(), at(1)).await, Ok(None));
}

async fn revoke(store: &TestStore) {
    let (session, _) = login(store).await;
    store.session_revoke(session.id, at(5), &entry("auth_logout")).await.unwrap();
    store.session_revoke(session.id, at(6), &entry("auth_logout")).await.unwrap();
    assert_eq!(store.session_live(session.id, at(7)).await, Ok(None));
    let unknown = store.session_revoke(mc_domain::id::SessionId::new(), at(5), &entry("auth_logout")).await;
    assert_eq!(unknown, Err(StoreError::NotFound));
    assert_eq!(store.audit_actions().await, ["user_create", "login", "auth_logout"]);
}

async fn prune(store: &TestStore) {
    let (ended, alice) = login(store).await;
    store.session_refresh("t1", "t2", at(10), at(20), secs(10), twice).await.unwrap();
    let (revoked, open) = (session(&alice), session(&alice));
    store.session_insert(&revoked, Some("hash"), "r1", &entry("login")).await.unwrap();
    store.session_insert(&open, Some("hash"), "o1", &entry("login")).await.unwrap();
    store.session_revoke(revoked.id, at(30), &entry("auth_logout")).await.unwrap();
    assert_eq!(store.session_prune(at(20)).await, Ok(0));
    assert_eq!(store.session_prune(at(100)).await, Ok(2));
    for hash in ["t1", "t2", "r1"] {
        assert_eq!(
            store.session_refresh(hash, "n", at(15), at(99), secs(10), twice).await,
            Ok(Refresh::Unknown),
            "{hash} went with its session"
        );
    }
    assert_eq!(store.session_live(ended.id, at(15)).await, Ok(None));
    assert!(store.session_live(open.id, at(100)).await.unwrap().is_some());
}
