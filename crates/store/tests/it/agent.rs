//! Agents.

use mc_domain::{
    action::{AgentRemove, AgentUpdate, JoinTokenCreate},
    agent::{Agent, Credential, Identity},
    id::AgentId,
    permit::Everything,
    workload::{AgentKind, Fact, FactState, Workload, WorkloadState},
};
use mc_store::{AgentHello, Presence, StoreError};

use crate::support::{TestStore, agent, at, entry, join_token, permit, stored_agent, stored_agents};

on_both_engines!(everything_survives, update, remove, credentials, hello, presence, ten_thousand, writers_do_not_block_each_other);

fn busy() -> Workload {
    Workload {
        state: WorkloadState::CrashLoop,
        detail: "exit code 1, next try in 8 s".to_owned(),
        title: "node server.js — \"größer\"".to_owned(),
        pid: Some(2741),
        started_at: Some(at(3)),
        restarts: 7,
        last_exit: Some(-9),
        facts: vec![Fact { name: "port".to_owned(), state: FactState::Bad, detail: "closed".to_owned(), since: at(4) }],
    }
}

async fn everything_survives(store: &TestStore) {
    store.join_token_insert(&permit::<_, JoinTokenCreate>(Everything), &join_token("h", 2), &entry("join_token_create")).await.unwrap();
    let identity = Identity {
        hostname: "web-1.lan".to_owned(),
        os: "linux 6.12.3".to_owned(),
        arch: "x86_64".to_owned(),
        version: "0.1.0".to_owned(),
        capabilities: vec!["workload".to_owned(), "host".to_owned()],
        allow: vec!["restart".to_owned()],
    };
    let full = Agent {
        kind: AgentKind::Command,
        identity,
        credential: Credential::Certificate { serial: "0a".to_owned(), next: Some("0b".to_owned()), not_after: at(9) },
        last_seen_at: Some(at(5)),
        goodbye_at: Some(at(6)),
        workload: busy(),
        ..agent("web-1")
    };
    let keyed = Agent {
        credential: Credential::ApiKey { hash: "abc".to_owned(), prefix: "mcak_abc".to_owned() },
        tags: Vec::new(),
        ..agent("api")
    };
    for agent in [&full, &keyed] {
        store.agent_join("h", at(1), agent, false, &entry("agent_join")).await.unwrap();
    }
    assert_eq!(store.agent_by_id(full.id).await, Ok(Some(full.clone())));
    assert_eq!(store.agent_load().await, Ok(vec![keyed, full]), "by name");
    assert_eq!(store.agent_by_id(AgentId::new()).await, Ok(None));
}

async fn update(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    stored_agent(store, "web-2").await;
    let proof = permit::<_, AgentUpdate>(web.clone());
    let taken = store.agent_update(&proof, &"web-2".parse().unwrap(), &[], &entry("agent_update")).await;
    assert_eq!(taken, Err(StoreError::NameTaken));
    let tags = ["team:payments".parse().unwrap()];
    store.agent_update(&proof, &"web-3".parse().unwrap(), &tags, &entry("agent_update")).await.unwrap();
    let now = store.agent_by_id(web.id).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.tags.as_slice()), ("web-3", tags.as_slice()));
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "agent_update").count(), 1);
}

async fn remove(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let proof = permit::<_, AgentRemove>(web.clone());
    store.agent_remove(&proof, at(9), &entry("agent_remove")).await.unwrap();
    assert_eq!(store.agent_remove(&proof, at(10), &entry("agent_remove")).await, Err(StoreError::NotFound));
    assert_eq!(store.agent_load().await, Ok(Vec::new()));
    assert_eq!(store.agent_by_id(web.id).await.unwrap().unwrap().removed_at, Some(at(9)));
    let again = stored_agent(store, "web-1").await;
    assert_ne!(again.id, web.id, "the name is free");
    let update = store.agent_update(&permit::<_, AgentUpdate>(web.clone()), &"x".parse().unwrap(), &[], &entry("agent_update")).await;
    assert_eq!(update, Err(StoreError::NotFound));
    let key = Credential::ApiKey { hash: "abc".to_owned(), prefix: "mcak_abc".to_owned() };
    assert_eq!(store.agent_set_credential(web.id, &key, None).await, Err(StoreError::NotFound));
}

async fn credentials(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let renewed = Credential::Certificate { serial: "0a".to_owned(), next: Some("0b".to_owned()), not_after: at(99) };
    for credential in [renewed, Credential::ApiKey { hash: "abc".to_owned(), prefix: "mcak_abc".to_owned() }] {
        store.agent_set_credential(web.id, &credential, None).await.unwrap();
        assert_eq!(store.agent_by_id(web.id).await.unwrap().unwrap().credential, credential);
    }
}

async fn hello(store: &TestStore) {
    let agents = stored_agents(store, &["a".to_owned(), "b".to_owned()]).await;
    let goodbye = Presence { id: agents[0].id, last_seen_at: at(5), goodbye_at: Some(at(5)), workload: None };
    store.agent_presence(&[goodbye]).await.unwrap();
    assert_eq!(store.agent_by_id(agents[0].id).await.unwrap().unwrap().goodbye_at, Some(at(5)));
    let hellos: Vec<_> = agents
        .iter()
        .map(|agent| AgentHello {
            id: agent.id,
            kind: AgentKind::Command,
            identity: Identity { version: "0.2.0".to_owned(), ..Identity::default() },
            workload: busy(),
            at: at(7),
            audit: Some(entry("agent_connect").on("agent", agent.id, &agent.name)),
        })
        .collect();
    store.agent_hello(&hellos).await.unwrap();
    store.agent_hello(&[]).await.unwrap();
    for agent in agents {
        let now = store.agent_by_id(agent.id).await.unwrap().unwrap();
        assert_eq!((now.kind, now.identity.version.as_str(), now.workload), (AgentKind::Command, "0.2.0", busy()));
        assert_eq!((now.last_seen_at, now.goodbye_at), (Some(at(7)), None));
        assert_eq!(now.name, agent.name, "what it did not say stays");
    }
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "agent_connect").count(), 2);
}

async fn presence(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let heard = |second, workload| Presence { id: web.id, last_seen_at: at(second), goodbye_at: None, workload };
    store.agent_presence(&[heard(5, Some(busy())), heard(6, None)]).await.unwrap();
    let now = store.agent_by_id(web.id).await.unwrap().unwrap();
    assert_eq!((now.last_seen_at, now.workload), (Some(at(6)), busy()), "the later wins, and no workload said means no change");
    store.agent_presence(&[heard(7, None)]).await.unwrap();
    assert_eq!(store.agent_by_id(web.id).await.unwrap().unwrap().workload, busy());
    store.agent_presence(&[]).await.unwrap();
}

async fn ten_thousand(store: &TestStore) {
    let agents = stored_agents(store, &["a".to_owned(), "b".to_owned()]).await;
    let unknown = (0..9_998).map(|_| AgentId::new());
    let heard: Vec<_> = agents.iter().map(|agent| agent.id).chain(unknown).collect();
    let heard: Vec<_> = heard.into_iter().map(|id| Presence { id, last_seen_at: at(60), goodbye_at: None, workload: None }).collect();
    store.agent_presence(&heard).await.unwrap();
    for agent in agents {
        assert_eq!(store.agent_by_id(agent.id).await.unwrap().unwrap().last_seen_at, Some(at(60)));
    }
}

async fn writers_do_not_block_each_other(store: &TestStore) {
    let names: Vec<_> = (0..200).map(|n| format!("agent-{n}")).collect();
    let agents = stored_agents(store, &names).await;
    let writers = (0..16).map(|n| {
        let store = store.store.clone();
        // Each writer names the agents in another order.
        let mut ids: Vec<_> = agents.iter().map(|agent| agent.id).collect();
        ids.rotate_left(n * 11);
        if n % 2 == 0 {
            ids.reverse();
        }
        tokio::spawn(async move {
            let heard: Vec<_> = ids.into_iter().map(|id| Presence { id, last_seen_at: at(60), goodbye_at: None, workload: None }).collect();
            store.agent_presence(&heard).await
        })
    });
    for result in futures::future::join_all(writers).await {
        assert_eq!(result.unwrap(), Ok(()));
    }
}
