//! One identity connected twice: a copy is refused while the first one lives, and takes over when the first one is dead.

use mc_domain::id::InstanceId;
use mc_testkit::RawAgent;
use mc_wire::v1::disconnect::Reason;
use serde_json::{Value, json};

use crate::support::{Engine, World, on_both_engines};

on_both_engines!(a_copy_is_refused_while_the_first_one_lives, many_copies_at_once_do_not_push_out_the_first_one);

/// The same identity in another process, as on a copied disk.
fn copy_of(agent: &RawAgent) -> RawAgent {
    RawAgent { instance: InstanceId::new(), ..agent.clone() }
}

async fn refused(copy: RawAgent) {
    let mut link = copy.greet(copy.hello()).await.expect("it opens");
    let last = link.disconnect().await.expect("it is told");
    assert_eq!(last.reason(), Reason::AlreadyConnected);
    assert!(last.message.contains("remove its data directory and join it anew"), "{last:?}");
}

async fn a_copy_is_refused_while_the_first_one_lives(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut first, _) = agent.connect().await.expect("it connects");
    tokio::select! {
        () = refused(copy_of(&agent)) => {}
        ended = first.find(|_| None::<()>) => panic!("the first one was ended: {ended:?}"),
    }
    first.beat(1).await.expect("the first one goes on");
    let entry = world.audited("agent_clone", |_| true).await;
    assert_eq!((&entry["result"], &entry["resource"]), (&json!("denied"), &json!("a")));
    assert!(entry["detail"].as_str().is_some_and(|detail| detail.contains("127.0.0.1")), "{entry}");
    let shown = world.admin.get("/api/v1/agents/a").await.json();
    assert_eq!((&shown["connected"], &shown["session_id"]), (&json!(true), &json!(agent.instance.to_string())));
    assert!(world.audit("agent_disconnect").await.is_empty());
}

async fn many_copies_at_once_do_not_push_out_the_first_one(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut first, _) = agent.connect().await.expect("it connects");
    let copies = futures::future::join_all((0..6).map(|_| refused(copy_of(&agent))));
    tokio::select! {
        _ = copies => {}
        ended = first.find(|_| None::<()>) => panic!("the first one was ended: {ended:?}"),
    }
    first.beat(1).await.expect("the first one goes on");
}

#[tokio::test]
async fn a_dead_one_gives_way() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    // It does not answer pings: nobody waits for its frames.
    let (mut dead, _) = agent.connect().await.expect("it connects");
    let next = copy_of(&agent);
    let (mut link, _) = next.connect().await.expect("the newer one takes over");
    assert_eq!(dead.disconnect().await.expect("it is told").reason(), Reason::AlreadyConnected);
    link.beat(1).await.expect("the newer one goes on");
    let shown = world.agent_becomes("a", |agent| agent["session_id"] == next.instance.to_string()).await;
    assert_eq!((&shown["connected"], &shown["status"]), (&json!(true), &json!("online")));
    assert!(world.audit("agent_clone").await.is_empty());
    let gone: Vec<Value> = world.audit("agent_disconnect").await;
    assert!(gone.is_empty(), "the agent was never away: {gone:?}");
}

#[tokio::test]
async fn a_process_that_connects_again_replaces_its_older_stream() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut older, _) = agent.connect().await.expect("it connects");
    let (mut newer, _) = agent.connect().await.expect("it connects again");
    assert_eq!(older.disconnect().await.expect("it is told").reason(), Reason::Replaced);
    newer.beat(1).await.expect("the newer one goes on");
    assert_eq!(world.admin.get("/api/v1/agents/a").await.json()["connected"], true);
    assert!(world.audit("agent_disconnect").await.is_empty());
    let (command, _) = world.act("a", json!({"action": "check"})).await;
    assert_eq!(newer.command().await.expect("commands go to the newer one").command_id, command);
}
