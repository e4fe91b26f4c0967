//! API tokens.

use std::time::Duration;

use mc_domain::{
    action::{TokenCreate, TokenList, TokenRevoke, TokenRotate, TokenShow},
    api_token::{ADDRESSES_MAX, ApiToken, LIVE_MAX, TokenUse},
    id::{TokenId, UserId},
    permit::Everything,
    role::Role,
};
use mc_store::{StoreError, TokensOf};

use crate::support::{TestStore, at, entry, permit, stored_user};

on_both_engines!(kept, lists, rotation, one_rotation_of_many, revoking, uses, addresses_are_bounded, bounded, prune);

fn token(owner: Option<UserId>, hash: &str) -> ApiToken {
    ApiToken {
        id: TokenId::new(),
        name: "deploy from CI".parse().expect("a name"),
        owner,
        scopes: vec!["agent_*".parse().expect("a scope")],
        roles: if owner.is_some() { Vec::new() } else { vec![Role::Operator.into()] },
        hash: hash.to_owned(),
        prefix: "mct_AbCd".to_owned(),
        old_hash: None,
        old_until: None,
        created_at: at(0),
        created_by: "alice".to_owned(),
        expires_at: at(3600),
        revoked_at: None,
        rotated_at: None,
        last_used_at: None,
        last_used_address: None,
        uses: 0,
    }
}

async fn keep(store: &TestStore, token: &ApiToken) -> Result<(), StoreError> {
    store.api_token_insert(&permit::<_, TokenCreate>(Everything), token, &entry("token_create")).await
}

fn used(token: &ApiToken, address: &str, second: i64, uses: u64) -> TokenUse {
    TokenUse { token: token.id, address: address.to_owned(), first: at(second), last: at(second), uses }
}

async fn kept(store: &TestStore) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let (one, other) = (token(Some(alice.id), "h1"), token(None, "h2"));
    keep(store, &one).await.unwrap();
    keep(store, &other).await.unwrap();
    assert_eq!(store.api_token_by_id(one.id).await, Ok(Some(one.clone())));
    assert_eq!(store.api_token_by_hash("h2").await, Ok(Some(other)));
    assert_eq!(store.api_token_by_hash("h3").await, Ok(None));
    assert!(keep(store, &ApiToken { id: TokenId::new(), ..one }).await.is_err(), "two with one secret");
    assert_eq!(store.audit_actions().await, ["user_create", "token_create", "token_create"]);
}

async fn lists(store: &TestStore) {
    let (alice, bob) = (stored_user(store, "alice", Role::Admin).await, stored_user(store, "bob", Role::Viewer).await);
    let (a, b, s) = (token(Some(alice.id), "a"), token(Some(bob.id), "b"), token(None, "s"));
    for token in [&a, &b, &s] {
        keep(store, token).await.unwrap();
    }
    let list = async |of| {
        let found = store.api_token_list(&permit::<_, TokenList>(Everything), of).await.unwrap();
        found.into_iter().map(|token| token.hash).collect::<Vec<_>>()
    };
    assert_eq!(list(TokensOf::Everybody).await, ["s", "b", "a"], "newest first");
    assert_eq!(list(TokensOf::Owner(alice.id)).await, ["a"]);
    assert_eq!(list(TokensOf::Service(s.id)).await, ["s"]);
}

async fn rotation(store: &TestStore) {
    let first = token(None, "h1");
    keep(store, &first).await.unwrap();
    let second = ApiToken {
        hash: "h2".to_owned(),
        prefix: "mct_EfGh".to_owned(),
        old_hash: Some("h1".to_owned()),
        old_until: Some(at(60)),
        rotated_at: Some(at(10)),
        expires_at: at(3610),
        ..first.clone()
    };
    store.api_token_rotate(&permit::<_, TokenRotate>(first.clone()), &second, &entry("token_rotate")).await.unwrap();
    for hash in ["h1", "h2"] {
        assert_eq!(store.api_token_by_hash(hash).await, Ok(Some(second.clone())), "{hash} finds it");
    }
    let third = ApiToken { hash: "h3".to_owned(), old_hash: None, old_until: None, ..second.clone() };
    store.api_token_rotate(&permit::<_, TokenRotate>(second), &third, &entry("token_rotate")).await.unwrap();
    assert_eq!(store.api_token_by_hash("h1").await, Ok(None));
    assert_eq!(store.api_token_by_hash("h2").await, Ok(None), "rotated without an overlap");
    let stale = store.api_token_rotate(&permit::<_, TokenRotate>(first), &third, &entry("token_rotate")).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
}

async fn one_rotation_of_many(store: &TestStore) {
    let first = token(None, "h");
    keep(store, &first).await.unwrap();
    let tries = (0..32).map(|n| {
        let (store, old) = (store.store.clone(), permit::<_, TokenRotate>(first.clone()));
        let fresh = ApiToken { hash: format!("h{n}"), old_hash: Some("h".to_owned()), ..first.clone() };
        tokio::spawn(async move { store.api_token_rotate(&old, &fresh, &entry("token_rotate")).await })
    });
    let results: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "nobody is told a secret that does not work");
}

async fn revoking(store: &TestStore) {
    let token = token(None, "h");
    keep(store, &token).await.unwrap();
    let proof = permit::<_, TokenRevoke>(token.clone());
    store.api_token_revoke(&proof, at(5), &entry("token_revoke")).await.unwrap();
    store.api_token_revoke(&proof, at(6), &entry("token_revoke")).await.unwrap();
    assert_eq!(store.api_token_by_id(token.id).await.unwrap().unwrap().revoked_at, Some(at(5)));
    assert_eq!(store.audit_actions().await, ["token_create", "token_revoke"]);
    let fresh = ApiToken { hash: "h2".to_owned(), ..token.clone() };
    assert!(store.api_token_rotate(&permit::<_, TokenRotate>(token), &fresh, &entry("token_rotate")).await.is_err());
}

async fn uses(store: &TestStore) {
    let (one, other) = (token(None, "h1"), token(None, "h2"));
    keep(store, &one).await.unwrap();
    keep(store, &other).await.unwrap();
    let nobody = token(None, "never kept");
    store.api_token_used(&[]).await.unwrap();
    store.api_token_used(&[used(&one, "192.0.2.1", 10, 3), used(&other, "", 11, 1), used(&nobody, "192.0.2.9", 1, 1)]).await.unwrap();
    // Another server's older batch arrives late: it counts, and does not turn back the last use.
    store.api_token_used(&[used(&one, "192.0.2.2", 5, 2), used(&one, "192.0.2.1", 12, 1)]).await.unwrap();
    let found = store.api_token_by_id(one.id).await.unwrap().unwrap();
    assert_eq!((found.uses, found.last_used_at, found.last_used_address.as_deref()), (6, Some(at(12)), Some("192.0.2.1")));
    let places = store.api_token_addresses(&permit::<_, TokenShow>(one)).await.unwrap();
    let seen: Vec<_> = places.iter().map(|place| (place.address.as_str(), place.uses, place.first_used_at, place.last_used_at)).collect();
    assert_eq!(seen, [("192.0.2.1", 4, at(10), at(12)), ("192.0.2.2", 2, at(5), at(5))]);
    assert_eq!(store.api_token_by_id(other.id).await.unwrap().unwrap().uses, 1);
    assert_eq!(store.api_token_addresses(&permit::<_, TokenShow>(other)).await, Ok(Vec::new()));
}

async fn addresses_are_bounded(store: &TestStore) {
    let token = token(None, "h");
    keep(store, &token).await.unwrap();
    let batch: Vec<_> = (0..100).map(|n| used(&token, &format!("192.0.2.{n}"), n, 1)).collect();
    store.api_token_used(&batch).await.unwrap();
    let places = store.api_token_addresses(&permit::<_, TokenShow>(token)).await.unwrap();
    assert_eq!((places.len(), places[0].address.as_str()), (ADDRESSES_MAX, "192.0.2.99"), "the latest stay");
}

async fn bounded(store: &TestStore) {
    for n in 0..LIVE_MAX {
        keep(store, &token(None, &format!("h{n}"))).await.unwrap();
    }
    let one_more = keep(store, &token(None, "more")).await;
    assert!(matches!(one_more, Err(StoreError::Conflict(_))), "{one_more:?}");
    let later = ApiToken { created_at: at(3600), ..token(None, "later") };
    keep(store, &later).await.unwrap();
}

async fn prune(store: &TestStore) {
    let (ended, open) = (token(None, "h1"), ApiToken { expires_at: at(0).after(Duration::from_secs(90_000)), ..token(None, "h2") });
    keep(store, &ended).await.unwrap();
    keep(store, &open).await.unwrap();
    store.api_token_used(&[used(&ended, "192.0.2.1", 1, 1)]).await.unwrap();
    assert_eq!(store.api_token_prune(at(3600)).await, Ok(0));
    assert_eq!(store.api_token_prune(at(3601)).await, Ok(1));
    assert_eq!(store.api_token_by_id(ended.id).await, Ok(None));
    assert!(store.api_token_by_id(open.id).await.unwrap().is_some());
}
