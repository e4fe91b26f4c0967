//! The audit trail.

use std::collections::HashSet;

use mc_domain::{
    action::{AgentActivity, AuditList, OverviewShow},
    actor::{Actor, ActorKind, Credential},
    agent::Agent,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{AgentId, SessionId, UserId},
    permit::Everything,
    role::Role,
};
use mc_store::{AuditFilter, Engine};

use crate::support::{TestStore, agent, at, entry, permit};

on_both_engines!(everything_survives, never_changes, paging, filters, of_agents, many_at_once);

async fn everything_survives(store: &TestStore) {
    let ctx = Ctx {
        actor: Actor::Agent { id: AgentId::new(), name: "web-1".to_owned() },
        address: Some("192.0.2.1".to_owned()),
        ..Ctx::system(at(0))
    };
    let full = AuditEntry::new(&ctx, at(3), "agent_connect", AuditResult::Denied)
        .on("agent", "some-id", "web-1")
        .because("why\0not")
        .detail("größer 'quoted'")
        .took(std::time::Duration::from_millis(12));
    store.audit_append(&[full.clone(), entry("bare")]).await.unwrap();
    store.audit_append(&[]).await.unwrap();
    let kept = store.audit().await;
    assert_eq!(kept[0], AuditEntry { reason: "why\u{fffd}not".to_owned(), ..full }, "neither engine keeps NUL");
    assert_eq!(kept[1].actor_kind, ActorKind::System);
    assert_eq!((kept[1].resource_kind.as_deref(), kept[1].duration_ms), (None, None));
}

async fn never_changes(store: &TestStore) {
    store.audit_append(&[entry("login")]).await.unwrap();
    for sql in ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE action = 'login'"] {
        let refused = store.by_hand(sql).await.expect_err(sql);
        assert!(refused.to_string().contains("inserts only"), "{sql}: {refused}");
    }
    let replace = match store.engine() {
        Engine::Sqlite => "REPLACE INTO audit SELECT * FROM audit",
        Engine::Postgres => "TRUNCATE audit",
    };
    let refused = store.by_hand(replace).await.expect_err(replace);
    assert!(refused.to_string().contains("inserts only"), "{refused}");
    assert_eq!(store.audit_actions().await, ["login"]);
}

async fn paging(store: &TestStore) {
    let entries: Vec<_> = (0..7).map(|n| entry(&format!("a{n}"))).collect();
    store.audit_append(&entries).await.unwrap();
    let proof = permit::<_, AuditList>(Everything);
    let names = |page: Vec<AuditEntry>| page.into_iter().map(|entry| entry.action).collect::<Vec<_>>();
    let (page, total) = store.audit_list(&proof, &AuditFilter::default(), 3, None).await.unwrap();
    let cursor = page.last().and_then(|entry| entry.seal.get()).map(|seal| seal.sequence);
    assert_eq!((names(page), total), (vec!["a6".to_owned(), "a5".to_owned(), "a4".to_owned()], 7));
    let (page, total) = store.audit_list(&proof, &AuditFilter::default(), 3, cursor).await.unwrap();
    assert_eq!((names(page), total), (vec!["a3".to_owned(), "a2".to_owned(), "a1".to_owned()], 7));
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.audit_export(&proof, &AuditFilter::default(), 2, after).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seal.get().map(|seal| seal.sequence);
        seen.extend(names(page));
    }
    assert_eq!(seen, ["a0", "a1", "a2", "a3", "a4", "a5", "a6"]);
}

async fn filters(store: &TestStore) {
    let alice = Ctx {
        actor: Actor::User {
            id: UserId::new(),
            name: "alice".to_owned(),
            roles: [Role::Admin.into()].into(),
            credential: Credential::Session { id: SessionId::new(), verified_at: at(0), owed: mc_domain::actor::Owed::Nothing },
        },
        ..Ctx::system(at(0))
    };
    let web = agent("web-1");
    store
        .audit_append(&[
            AuditEntry::new(&alice, at(10), "agent_restart", AuditResult::Started).on("agent", web.id, &web.name).because("100% sure"),
            AuditEntry::new(&Ctx::system(at(0)), at(20), "agent_restart", AuditResult::Failed).detail("it did not come back"),
            AuditEntry::new(&alice, at(30), "login", AuditResult::Denied),
        ])
        .await
        .unwrap();
    let find = |filter: AuditFilter| async move {
        let (page, total) = store.audit_list(&permit::<_, AuditList>(Everything), &filter, 10, None).await.unwrap();
        assert_eq!(u64::try_from(page.len()).unwrap(), total);
        page.into_iter().map(|entry| (entry.at.as_micros() - at(0).as_micros()) / 1_000_000).collect::<Vec<_>>()
    };
    let filter = AuditFilter::default;
    assert_eq!(find(filter()).await, [30, 20, 10]);
    assert_eq!(find(AuditFilter { actor: Some("alice".to_owned()), ..filter() }).await, [30, 10]);
    assert_eq!(find(AuditFilter { actor: alice.actor.id(), ..filter() }).await, [30, 10]);
    assert_eq!(find(AuditFilter { action: Some("agent_restart".to_owned()), ..filter() }).await, [20, 10]);
    assert_eq!(find(AuditFilter { result: Some(AuditResult::Denied), ..filter() }).await, [30]);
    assert_eq!(find(AuditFilter { agent: Some(web.id), ..filter() }).await, [10]);
    assert_eq!(find(AuditFilter { from: Some(at(20)), ..filter() }).await, [30, 20]);
    assert_eq!(find(AuditFilter { to: Some(at(20)), ..filter() }).await, [10]);
    assert_eq!(find(AuditFilter { q: Some("COME back".to_owned()), ..filter() }).await, [20]);
    assert_eq!(find(AuditFilter { q: Some("web-1".to_owned()), ..filter() }).await, [10]);
    assert_eq!(find(AuditFilter { q: Some("0%".to_owned()), ..filter() }).await, [10], "a percent sign is a percent sign");
    assert_eq!(find(AuditFilter { q: Some("' OR 1=1 --".to_owned()), ..filter() }).await, [0; 0]);
}

async fn of_agents(store: &TestStore) {
    let (web, api) = (agent("web"), agent("api"));
    let by = |agent: &Agent| Ctx { actor: Actor::Agent { id: agent.id, name: agent.name.to_string() }, ..Ctx::system(at(0)) };
    store
        .audit_append(&[
            entry("agent_update").on("agent", web.id, &web.name),
            entry("agent_update").on("agent", api.id, &api.name),
            AuditEntry::new(&by(&web), at(1), "agent_renew", AuditResult::Ok),
            entry("login").on("session", "s", "s"),
            entry("agent_restart").on("agent", web.id, &web.name),
        ])
        .await
        .unwrap();
    let actions = |page: Vec<AuditEntry>| page.into_iter().map(|entry| entry.action).collect::<Vec<_>>();
    let proof = permit::<_, AgentActivity>(web);
    let (page, total) = store.audit_for_agent(&proof, 2, None).await.unwrap();
    let cursor = page.last().and_then(|entry| entry.seal.get()).map(|seal| seal.sequence);
    assert_eq!((actions(page), total), (vec!["agent_restart".to_owned(), "agent_renew".to_owned()], 3));
    assert_eq!(actions(store.audit_for_agent(&proof, 2, cursor).await.unwrap().0), ["agent_update"]);
    let recent = store.audit_recent_agents(&permit::<_, OverviewShow>(Everything), None, 2).await.unwrap();
    assert_eq!(actions(recent), ["agent_restart", "agent_update"]);
    let only = HashSet::from([api.id]);
    let recent = store.audit_recent_agents(&permit::<_, OverviewShow>(Everything), Some(&only), 2).await.unwrap();
    assert_eq!(recent.iter().map(|entry| entry.resource_name.as_deref()).collect::<Vec<_>>(), [Some("api")]);
}

async fn many_at_once(store: &TestStore) {
    let entries: Vec<_> = (0..10_050).map(|_| entry("agent_connect")).collect();
    store.audit_append(&entries).await.unwrap();
    let (page, total) = store.audit_list(&permit::<_, AuditList>(Everything), &AuditFilter::default(), 1, None).await.unwrap();
    assert_eq!((page.len(), total), (1, 10_000), "counting stops there");
}
