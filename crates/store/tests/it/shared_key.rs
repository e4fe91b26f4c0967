//! What the database knows of the keys that servers share.

use mc_store::{KeyShown, SharedKey};

use crate::support::{TestStore, at, entry};

on_both_engines!(a_stranger_is_told_apart, servers_that_begin_at_once_agree);

async fn a_stranger_is_told_apart(store: &TestStore) {
    let show = async |key, have: &[&str], anyway| {
        let have: Vec<String> = have.iter().map(|name| (*name).to_owned()).collect();
        store.shared_key_show(key, &have, anyway, at(1), &entry("key_rotate")).await.unwrap()
    };
    assert_eq!(show(SharedKey::Seal, &["a"], false).await, KeyShown::First);
    assert_eq!(show(SharedKey::Seal, &["a", "older"], false).await, KeyShown::Same);
    assert_eq!(show(SharedKey::Seal, &["b"], false).await, KeyShown::Unknown);
    assert_eq!(show(SharedKey::Jwt, &["b"], false).await, KeyShown::First, "each key for itself");
    assert_eq!(store.audit_actions().await.len(), 0);
    // A key was replaced: who does not know the new one is a stranger, although it was at home before.
    assert_eq!(show(SharedKey::Seal, &["c", "a"], false).await, KeyShown::Replaced);
    assert_eq!(show(SharedKey::Seal, &["a"], false).await, KeyShown::Unknown);
    assert_eq!(show(SharedKey::Seal, &["c"], false).await, KeyShown::Same);
    assert_eq!(store.audit_actions().await, ["key_rotate"]);
    assert_eq!(show(SharedKey::Seal, &["d"], true).await, KeyShown::Replaced, "what was known is lost");
    assert_eq!(show(SharedKey::Seal, &["c"], false).await, KeyShown::Unknown);
    assert_eq!(store.audit_actions().await.len(), 2);
    assert!(store.shared_key_show(SharedKey::Seal, &[], true, at(1), &entry("key_rotate")).await.is_err());
}

async fn servers_that_begin_at_once_agree(store: &TestStore) {
    let show =
        async |name: &str| store.shared_key_show(SharedKey::Seal, &[name.to_owned()], false, at(1), &entry("key_rotate")).await.unwrap();
    let (one, two, three) = tokio::join!(show("a"), show("b"), show("c"));
    let shown = [one, two, three];
    assert_eq!(shown.iter().filter(|shown| **shown == KeyShown::First).count(), 1, "{shown:?}");
    assert_eq!(shown.iter().filter(|shown| **shown == KeyShown::Unknown).count(), 2, "{shown:?}");
}
