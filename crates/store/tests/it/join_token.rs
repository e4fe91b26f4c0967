//! Join tokens, and joining with one.

use mc_domain::{
    action::{JoinTokenCreate, JoinTokenList, JoinTokenRevoke},
    join_token::{JoinRefused, JoinToken},
    permit::Everything,
    workload::AgentKind,
};
use mc_store::{JoinError, StoreError};

use crate::support::{TestStore, agent, at, entry, join_token, permit};

on_both_engines!(kept, joining, refusals, name_taken, one_use_of_many_tries, revoking);

async fn keep(store: &TestStore, token: &JoinToken) {
    store.join_token_insert(&permit::<_, JoinTokenCreate>(Everything), token, &entry("join_token_create")).await.unwrap();
}

async fn kept(store: &TestStore) {
    let first = JoinToken { kind: Some(AgentKind::Openclaw), allow_api_key: true, ..join_token("h1", 3) };
    let second = join_token("h2", 1);
    keep(store, &first).await;
    store.join_token_insert(&permit::<_, JoinTokenCreate>(Everything), &second, &entry("join_token_create")).await.unwrap();
    assert_eq!(store.join_token_by_id(first.id).await, Ok(Some(first.clone())));
    assert_eq!(store.join_token_by_hash("h2").await, Ok(Some(second.clone())));
    assert_eq!(store.join_token_by_hash("h3").await, Ok(None));
    assert_eq!(store.join_token_list(&permit::<_, JoinTokenList>(Everything)).await, Ok(vec![second, first]), "newest first");
    assert_eq!(store.audit_actions().await, ["join_token_create", "join_token_create"]);
}

async fn joining(store: &TestStore) {
    let token = join_token("h1", 2);
    keep(store, &token).await;
    let web = agent("web-1");
    let used = store.agent_join("h1", at(1), &web, false, &entry("agent_join")).await.unwrap();
    assert_eq!(used, JoinToken { used: 1, last_used_at: Some(at(1)), ..token.clone() });
    assert_eq!(store.join_token_by_id(token.id).await.unwrap().unwrap().used, 1);
    assert_eq!(store.agent_by_id(web.id).await, Ok(Some(web)));
    assert_eq!(store.audit_actions().await, ["join_token_create", "agent_join"]);
}

async fn refusals(store: &TestStore) {
    keep(store, &JoinToken { kind: Some(AgentKind::Command), ..join_token("command", 1) }).await;
    keep(store, &join_token("plain", 1)).await;
    keep(store, &JoinToken { allow_api_key: true, ..join_token("key", 1) }).await;
    keep(store, &JoinToken { revoked_at: Some(at(0)), ..join_token("revoked", 1) }).await;
    let cases = [
        ("nothing", 1, false, JoinRefused::Unknown),
        ("revoked", 1, false, JoinRefused::Unknown),
        ("plain", 3600, false, JoinRefused::Expired),
        ("command", 1, false, JoinRefused::WrongKind),
        ("plain", 1, true, JoinRefused::ApiKeyRefused),
    ];
    for (hash, second, wants_api_key, refused) in cases {
        let result = store.agent_join(hash, at(second), &agent("web-1"), wants_api_key, &entry("agent_join")).await;
        assert_eq!(result, Err(JoinError::Refused(refused)), "{hash}");
    }
    store.agent_join("key", at(1), &agent("with-key"), true, &entry("agent_join")).await.unwrap();
    let again = store.agent_join("key", at(1), &agent("web-1"), true, &entry("agent_join")).await;
    assert_eq!(again, Err(JoinError::Refused(JoinRefused::UsedUp)));
    assert_eq!(store.agent_load().await.unwrap().len(), 1);
    assert_eq!(store.join_token_by_hash("plain").await.unwrap().unwrap().used, 0, "refusals use nothing up");
}

async fn name_taken(store: &TestStore) {
    keep(store, &join_token("h", 3)).await;
    store.agent_join("h", at(1), &agent("web-1"), false, &entry("agent_join")).await.unwrap();
    let second = store.agent_join("h", at(1), &agent("web-1"), false, &entry("agent_join")).await;
    assert_eq!(second, Err(JoinError::NameTaken));
    assert_eq!(store.join_token_by_hash("h").await.unwrap().unwrap().used, 1, "the use was given back");
}

async fn one_use_of_many_tries(store: &TestStore) {
    keep(store, &join_token("h", 1)).await;
    let tries = (0..64).map(|n| {
        let (store, agent) = (store.store.clone(), agent(&format!("agent-{n}")));
        tokio::spawn(async move { store.agent_join("h", at(1), &agent, false, &entry("agent_join")).await })
    });
    let results: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let used_up = Err(JoinError::Refused(JoinRefused::UsedUp));
    assert_eq!(results.iter().filter(|result| **result == used_up).count(), 63, "{results:?}");
    assert_eq!(store.agent_load().await.unwrap().len(), 1);
}

async fn revoking(store: &TestStore) {
    let token = join_token("h", 1);
    keep(store, &token).await;
    let proof = permit::<_, JoinTokenRevoke>(token.clone());
    store.join_token_revoke(&proof, at(5), &entry("join_token_revoke")).await.unwrap();
    store.join_token_revoke(&proof, at(6), &entry("join_token_revoke")).await.unwrap();
    assert_eq!(store.join_token_by_id(token.id).await.unwrap().unwrap().revoked_at, Some(at(5)));
    assert_eq!(store.audit_actions().await, ["join_token_create", "join_token_revoke"]);
    let unknown = permit::<_, JoinTokenRevoke>(join_token("x", 1));
    assert_eq!(store.join_token_revoke(&unknown, at(5), &entry("join_token_revoke")).await, Err(StoreError::NotFound));
}
