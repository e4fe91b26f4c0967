//! What somebody with the database in their hands does to the trail of a server that runs: its own check locates it, and so does an export
//! that is verified without the server. Changes and cuts are in `audit.rs`, all the rest of them in the tests of `mc-store`.

use mc_trail::{PublicKey, export};
use serde_json::Value;

use super::audit::{PROOF, VERIFY, disarm, execute};
use crate::support::{Engine, World, on_both_engines};

on_both_engines!(a_dropped_entry, a_moved_entry, an_inserted_entry, a_cut_end);

/// A server with a few entries, all of them signed for, in a database that no trigger guards.
async fn unguarded(engine: Engine) -> (World, PublicKey) {
    let world = World::start(engine).await;
    for name in ["one", "two", "three", "four", "five"] {
        world.user_add(name, "viewer").await;
    }
    let key = world.admin.get("/api/v1/admin/audit/key").await.json();
    let key = PublicKey::from_pem(key["public_key_pem"].as_str().expect("a key")).expect("a key");
    let whole = world.admin.get(PROOF).await.text();
    assert_eq!(proved(&whole, &key), None);
    disarm(&world, engine).await;
    (world, key)
}

/// The first bad entry of an export, and how it is bad.
fn proved(text: &str, key: &PublicKey) -> Option<(u64, String)> {
    let report = export::verify(text.as_bytes(), Some(key.clone())).expect("an export").report;
    report.bad.map(|bad| (bad.sequence, bad.kind.as_str().to_owned()))
}

async fn verified(world: &World) -> Option<(u64, String)> {
    let found = world.admin.get(VERIFY).await.json();
    assert_eq!(found["ok"], found["first_bad"] == Value::Null, "{found}");
    Some((found["first_bad"]["sequence"].as_u64()?, found["first_bad"]["kind"].as_str()?.to_owned()))
}

async fn found_here_and_there(world: &World, key: &PublicKey, place: u64, kind: &str) {
    let expected = Some((place, kind.to_owned()));
    assert_eq!(verified(world).await, expected, "by the server");
    assert_eq!(proved(&world.admin.get(PROOF).await.text(), key), expected, "without it");
    assert_eq!(world.admin.get("/health").await.json()["warnings"][0], "audit_trail");
}

async fn a_dropped_entry(engine: Engine) {
    let (world, key) = unguarded(engine).await;
    execute(&world, "DELETE FROM audit WHERE sequence = 3").await;
    found_here_and_there(&world, &key, 3, "missing").await;
}

async fn a_moved_entry(engine: Engine) {
    let (world, key) = unguarded(engine).await;
    execute(&world, "UPDATE audit SET sequence = -3 WHERE sequence = 3").await;
    execute(&world, "UPDATE audit SET sequence = 3 WHERE sequence = 5").await;
    execute(&world, "UPDATE audit SET sequence = 5 WHERE sequence = -3").await;
    found_here_and_there(&world, &key, 3, "reordered").await;
}

async fn an_inserted_entry(engine: Engine) {
    let (world, key) = unguarded(engine).await;
    let end = world.admin.get(VERIFY).await.json()["last_sequence"].as_u64().expect("an end");
    // At the end, where the triggers let it through: that check was recorded, so two places further.
    execute(
        &world,
        "INSERT INTO audit SELECT h.sequence + 1, e.request_id, e.at, e.actor_kind, e.actor_id, e.actor_name, e.via, e.address, e.action, \
         e.resource_kind, e.resource_id, e.resource_name, e.result, e.reason, 'made up', e.duration_ms, e.id, e.agent_id, e.mac, e.hash \
         FROM audit e, audit_head h WHERE e.sequence = 2",
    )
    .await;
    let (place, kind) = verified(&world).await.expect("it is found");
    assert_eq!(place, end + 2);
    assert!(kind == "changed" || kind == "inserted", "{kind}");
    let (place, _) = proved(&world.admin.get(PROOF).await.text(), &key).expect("it is found");
    assert_eq!(place, end + 2);
}

async fn a_cut_end(engine: Engine) {
    let (world, key) = unguarded(engine).await;
    let whole = world.admin.get(PROOF).await.text();
    execute(&world, "DELETE FROM audit WHERE sequence > 4").await;
    execute(&world, "DELETE FROM audit_checkpoint").await;
    execute(&world, "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit WHERE sequence = 4)").await;
    // The next entry of all says that the end was cut off before it.
    let (place, kind) = verified(&world).await.expect("it is found");
    assert!(place <= 5 && (kind == "truncated" || kind == "checkpoint"), "{place} {kind}");
    world.audited("audit_tampered", |_| true).await;
    assert!(proved(&world.admin.get(PROOF).await.text(), &key).is_some());
    assert_eq!(proved(&whole, &key), None, "what was exported before goes on proving what was there");
}
