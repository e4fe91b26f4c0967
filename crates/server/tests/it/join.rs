//! Joining: what admits an agent, and what does not.

use mc_testkit::{
    RawAgent,
    raw_agent::{Join, RawCredential},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{Engine, World, entries, eventually, on_both_engines};

on_both_engines!(
    a_token_admits_as_often_as_it_says,
    a_token_that_ended_admits_nobody,
    names_are_unique_and_made_from_the_machine,
    a_key_is_given_only_where_the_token_allows_it,
    a_removed_agent_is_refused_and_its_name_is_free,
    a_renewed_certificate_replaces_the_old_one_once_it_was_used,
);

async fn refusal(world: &World, join: Join) -> (Code, String) {
    let status = join.send(&world.server).await.expect_err("it is refused");
    assert!(!status.message().contains('\n'), "one line for people: {status:?}");
    (status.code(), status.message().to_owned())
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

async fn a_token_admits_as_often_as_it_says(engine: Engine) {
    let world = World::start(engine).await;
    let made = world.join_token(json!({"uses": 3, "tags": ["b", "a"]})).await;
    let token = text(&made["token"]);
    let tries = (0..6).map(|n| async move { (n, Join::new(token, &format!("a{n}")).expect("a request")) });
    let mut joins = Vec::new();
    for wanted in tries {
        let (_, join) = wanted.await;
        joins.push(join.send(&world.server));
    }
    let results = futures::future::join_all(joins).await;
    let refused: Vec<_> = results.iter().filter_map(|joined| joined.as_ref().err()).collect();
    assert_eq!(refused.len(), 3, "at the same moment too, three and no more: {refused:?}");
    assert!(refused.iter().all(|status| status.code() == Code::Unauthenticated && status.message().contains("already used")));
    let list = world.admin.get("/api/v1/join-tokens").await.json();
    assert_eq!((&list["items"][0]["used"], &list["items"][0]["uses"]), (&json!(3), &json!(3)));
    let agents = world.admin.get("/api/v1/agents").await.json();
    assert_eq!(agents["total"], 3);
    assert!(entries(&agents).all(|agent| agent["tags"] == json!(["a", "b"]) && agent["status_detail"] == "never connected"));
    assert!(!list.to_string().contains(token), "a list holds no secret");
}

async fn a_token_that_ended_admits_nobody(engine: Engine) {
    let world = World::start(engine).await;
    let revoked = world.join_token(json!({})).await;
    let path = format!("/api/v1/join-tokens/{}", text(&revoked["id"]));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    let expired = world.join_token(json!({})).await;
    world.db.execute(world.server.data_dir(), "UPDATE join_token SET expires_at = 1 WHERE revoked_at IS NULL").await.expect("time passes");
    let other_kind = world.join_token(json!({"kind": "openclaw"})).await;
    let cases = [
        ("mcj_made-up", "not valid"),
        ("", "not valid"),
        (text(&revoked["token"]), "not valid"),
        (text(&expired["token"]), "expired"),
        (text(&other_kind["token"]), "another kind"),
    ];
    for (token, words) in cases {
        let (code, message) = refusal(&world, Join::new(token, "x").expect("a request")).await;
        assert_eq!(code, Code::Unauthenticated);
        assert!(message.contains(words) && message.contains("mc agents join-token"), "{message}");
        world.audited("agent_connect", |entry| entry["result"] == "denied" && text(&entry["detail"]).contains(words)).await;
    }
    assert_eq!(world.admin.get("/api/v1/agents").await.json()["total"], 0);
    let trail = world.admin.get("/api/v1/admin/audit?limit=500").await.text();
    assert!(!trail.contains("mcj_"), "the audit trail holds no token");
}

async fn names_are_unique_and_made_from_the_machine(engine: Engine) {
    let world = World::start(engine).await;
    let token = text(&world.join_token(json!({"uses": 10})).await["token"]).to_owned();
    let first = RawAgent::join(&world.server, &token, "").await.expect("it joins");
    let second = RawAgent::join(&world.server, &token, "").await.expect("it joins");
    assert_eq!((first.name.as_str(), second.name.as_str()), ("raw.example", "raw.example-2"));
    let (code, message) = refusal(&world, Join::new(&token, "raw.example").expect("a request")).await;
    assert_eq!(code, Code::AlreadyExists);
    assert!(message.contains("--name") && message.contains("mc agents remove raw.example"), "{message}");
    for bad in ["UPPER", "-x", "a b", "../x"] {
        assert_eq!(refusal(&world, Join::new(&token, bad).expect("a request")).await.0, Code::InvalidArgument, "{bad}");
    }
    let mut tagged = Join::new(&token, "tagged").expect("a request");
    tagged.request.tags = vec!["not a tag".to_owned()];
    assert_eq!(refusal(&world, tagged).await.0, Code::InvalidArgument);
    for csr in [b"nonsense".to_vec(), vec![0x30; 9_000]] {
        let mut malformed = Join::new(&token, "csr").expect("a request");
        malformed.request.csr_der = csr;
        assert_eq!(refusal(&world, malformed).await.0, Code::InvalidArgument);
    }
    let used = world.admin.get("/api/v1/join-tokens").await.json()["items"][0]["used"].clone();
    assert_eq!(used, 2, "a refused join costs the token nothing");

    let rename = world.admin.patch("/api/v1/agents/raw.example-2", &json!({"name": "raw.example"})).await;
    assert_eq!((rename.status, rename.code().as_str()), (409, "name_taken"));
    assert_eq!(world.admin.patch("/api/v1/agents/raw.example-2", &json!({"name": "other"})).await.json()["name"], "other");
    assert_eq!(world.admin.get("/api/v1/agents/raw.example-2").await.status, 404);
}

async fn a_key_is_given_only_where_the_token_allows_it(engine: Engine) {
    let mut world = World::start(engine).await;
    let keyless = |token: &str| {
        let mut join = Join::new(token, "keyed").expect("a request");
        join.request.csr_der = Vec::new();
        join
    };
    let (code, message) = refusal(&world, keyless(&world.token().await)).await;
    assert!(code == Code::Unauthenticated && message.contains("--allow-api-key"), "{message}");
    let allowed = world.join_token(json!({"allow_api_key": true})).await;
    let agent = keyless(text(&allowed["token"])).send(&world.server).await.expect("it joins");
    let RawCredential::ApiKey(key) = agent.credential.clone() else { panic!("no key") };
    assert!(key.starts_with("mcak_") && key.len() == 54, "{} characters", key.len());
    let (link, _) = agent.connect().await.expect("it connects");
    let shown = world.agent_becomes("keyed", |agent| agent["connected"] == true).await;
    assert_eq!(shown["credential"], "api_key");
    assert!(shown["certificate_expires_at"].is_null());
    link.goodbye("").await.expect("it leaves");

    let wrong = RawAgent { credential: RawCredential::ApiKey(format!("mcak_{}", "x".repeat(43))), ..agent.clone() };
    assert_eq!(wrong.open().await.expect_err("refused").code(), Code::Unauthenticated);
    let nothing = RawAgent { credential: RawCredential::Nothing, ..agent.clone() };
    assert_eq!(nothing.open().await.expect_err("refused").code(), Code::Unauthenticated);
    assert_eq!(agent.renew().await.expect_err("nothing to renew").code(), Code::InvalidArgument);
    world.server.kill().await.expect("it dies");
    world.server.start_again().await.expect("it starts again");
    agent.connect().await.expect("its key is still known");
}

async fn a_removed_agent_is_refused_and_its_name_is_free(engine: Engine) {
    let mut world = World::start(engine).await;
    let agent = world.agent("gone").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    world.agent_becomes("gone", |agent| agent["connected"] == true).await;
    assert_eq!(world.admin.delete("/api/v1/agents/gone").await.status, 204);
    let last = link.disconnect().await.expect("it is told");
    assert_eq!(last.reason(), mc_wire::v1::disconnect::Reason::Removed);
    for restarted in [false, true] {
        if restarted {
            world.server.kill().await.expect("it dies");
            world.server.start_again().await.expect("it starts again");
        }
        let refused = agent.open().await.expect_err("its certificate is refused");
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert!(refused.message().contains("join it again"), "{refused:?}");
        assert_eq!(agent.renew().await.expect_err("nor renewed").code(), Code::PermissionDenied);
        assert_eq!(world.admin.get("/api/v1/agents/gone").await.status, 404);
    }
    let id = agent.id.to_string();
    world.audited("agent_connect", |entry| entry["result"] == "denied" && text(&entry["detail"]).contains(&id)).await;
    let next = world.agent("gone").await;
    assert_ne!(next.id, agent.id, "the name is free for another");
}

async fn a_renewed_certificate_replaces_the_old_one_once_it_was_used(engine: Engine) {
    let mut world = World::start(engine).await;
    let old = world.agent("fresh").await;
    let new = old.renew().await.expect("it renews");
    for _ in 0..2 {
        old.connect().await.expect("the old one works until the new one was used").0.goodbye("").await.expect("it leaves");
    }
    new.connect().await.expect("the new one works").0.goodbye("").await.expect("it leaves");
    for restarted in [false, true] {
        if restarted {
            world.server.kill().await.expect("it dies");
            world.server.start_again().await.expect("it starts again");
        }
        let refused = old.open().await.expect_err("the old one is superseded");
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert!(refused.message().contains("replaced by a newer one"), "{refused:?}");
        new.connect().await.expect("the new one works").0.goodbye("").await.expect("it leaves");
    }
    world.audited("agent_connect", |entry| text(&entry["detail"]) == "superseded certificate of agent fresh").await;
    world.audited("agent_renew", |entry| entry["resource"] == "fresh" && entry["result"] == "ok").await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_and_audited() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("real").await;
    let (authority_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut params = CertificateParams::default();
    let uri = format!("{}{}", mc_domain::agent::AGENT_URI_PREFIX, agent.id);
    params.subject_alt_names = vec![SanType::URI(uri.try_into().expect("a URI"))];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let forged = params.signed_by(&key, &Issuer::new(authority, authority_key)).expect("a certificate");
    let credential = RawCredential::Certificate { certificate: forged.pem(), key: key.serialize_pem() };
    let impostor = RawAgent { credential, ..agent.clone() };
    assert!(impostor.connect().await.is_err());
    assert!(impostor.renew().await.is_err());
    let entry = world.audited("agent_connect", |entry| text(&entry["detail"]).contains("another authority")).await;
    assert_eq!((&entry["result"], &entry["actor_kind"]), (&json!("denied"), &json!("nobody")));
    agent.connect().await.expect("the real one still connects");
}

#[tokio::test]
async fn refusals_are_audited_at_a_bounded_rate() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let nothing = RawAgent { credential: RawCredential::Nothing, ..agent.clone() };
    for _ in 0..80 {
        assert_eq!(nothing.open().await.expect_err("refused").code(), Code::Unauthenticated);
    }
    let denied = |entries: Vec<Value>| entries.into_iter().filter(|entry| entry["result"] == "denied").collect::<Vec<_>>();
    let counted = eventually("the count of those not written", async || {
        nothing.open().await.expect_err("refused");
        let entries = denied(world.audit("agent_connect").await);
        entries.iter().find(|entry| text(&entry["detail"]).contains("more refusals before it")).cloned()
    })
    .await;
    assert!(text(&counted["detail"]).starts_with("no certificate and no API key (and "), "{counted}");
    let written = denied(world.audit("agent_connect").await).len();
    assert!((30..60).contains(&written), "{written}: thirty at once, then one every two seconds");
    agent.connect().await.expect("those who belong here are not held up");
}
