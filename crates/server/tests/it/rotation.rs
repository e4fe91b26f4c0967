//! `mission-control rotate`, beside a server that runs: nobody is logged out, no agent is lost, a crash leaves the old keys or the new ones.

use std::path::Path;

use mc_app::seal::Seal;
use mc_client::{
    Client, Options,
    trust::{CaPin, Trust},
};
use mc_testkit::{
    raw_agent::Join,
    server::{ADMIN, PASSWORD},
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Value, json};

use crate::{
    sso::Sso,
    support::{Engine, World, eventually, factor::App, on_both_engines},
};

on_both_engines!(
    logins_go_on_under_a_new_signing_key,
    agents_go_on_under_a_new_authority,
    secrets_open_under_a_new_key,
    a_server_with_another_key_does_not_start,
);

/// The name of the key that signed a token.
fn key_of(token: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url");
    serde_json::from_slice::<Value>(&header).expect("JSON")["kid"].as_str().expect("a key").to_owned()
}

async fn logins_go_on_under_a_new_signing_key(engine: Engine) {
    let mut world = World::start(engine).await;
    let login = world.stranger().login(ADMIN, PASSWORD).await;
    let (old, refresh) = (login.access_token(), login.refresh_token());
    world.server.command(&["rotate", "jwt"]).await.expect("rotates");
    assert_eq!(world.admin.get("/api/v1/auth/me").await.status, 200, "what was signed before is good");
    let fresh = eventually("the server's own look at its keys", async || {
        let token = world.stranger().login(ADMIN, PASSWORD).await.access_token();
        (key_of(&token) != key_of(&old)).then_some(token)
    })
    .await;
    for token in [&old, &fresh] {
        assert_eq!(world.stranger().holding(token).get("/api/v1/auth/me").await.status, 200);
    }
    let refreshed = world.stranger().refresh(&refresh).await;
    assert_eq!((refreshed.status, key_of(&refreshed.access_token())), (200, key_of(&fresh)));
    // A token signed by a key the running server was not told of yet: it looks at once.
    world.server.command(&["rotate", "jwt"]).await.expect("rotates again");
    world.server.kill().await.expect("killed");
    world.server.start_again().await.expect("starts");
    for token in [&old, &fresh] {
        assert_eq!(world.stranger().holding(token).get("/api/v1/auth/me").await.status, 200);
    }
    let entries = world.audit("key_rotate").await;
    let seen: Vec<_> =
        entries.iter().map(|entry| (entry["actor_kind"].as_str(), entry["resource"].as_str(), entry["result"].as_str())).collect();
    assert_eq!(seen.iter().filter(|entry| **entry == (Some("console"), Some("jwt"), Some("ok"))).count(), 2, "{seen:?}");
}

/// Every kind of sealed secret is there, is sealed anew, and is used once the old key is gone from the file.
async fn secrets_open_under_a_new_key(engine: Engine) {
    let mut sso = Sso::start(engine, 1, json!({})).await;
    let (vera, wanda) = (sso.world.user("vera", "viewer").await, sso.world.user("wanda", "viewer").await);
    let (confirmed, _) = sso.world.enrol(&vera).await;
    let pending = App::scanned(&wanda.post("/api/v1/me/totp", &json!({})).await.json());
    let (_, refresh) = sso.session("ada").await;
    let browser = sso.peer.browser().expect("a browser");
    let landed = browser.login(&sso.world.server, "idp", "", "ada").await.expect("it comes back");
    let file = sso.world.server.data_dir().join("keys/seal.key");
    let old_key = std::fs::read_to_string(&file).expect("a key").trim().to_owned();
    for column in mc_store::SEALED {
        assert!(sealed(&sso.world, &column.place(), "s1:").await > 0, "nothing in {}: this test must fill it", column.place());
    }
    let old = Seal::open_keys(Path::new("/nowhere"), Some(&old_key.clone().into())).expect("a key").seal("any", b"any").expect("seals");
    let old_form = old.rsplit_once(':').expect("its key, its text").0;
    assert!(sealed_in_all(&sso.world, old_form).await >= 6);
    for _ in 0..2 {
        let said = sso.world.server.command(&["rotate", "seal"]).await.expect("rotates");
        assert!(said.contains("secrets sealed with the new key"), "{said}");
        assert_eq!(sealed_in_all(&sso.world, old_form).await, 0);
    }

    // Nobody can open anything with the first key any more; what was under way is not looked at.
    sso.world.server.stop().await.expect("it ends");
    let lines = std::fs::read_to_string(&file).expect("keys");
    let kept: Vec<&str> = lines.lines().filter(|line| !line.contains("# retired ")).collect();
    assert_eq!((kept.len(), kept.contains(&old_key.as_str())), (1, false));
    std::fs::write(&file, kept.join("\n")).expect("written");
    sso.world.server.start_again().await.expect("it starts");

    let world = &sso.world;
    let asked = world.challenge(&world.stranger(), "vera").await;
    let done = world.stranger().second_factor(&asked, "code", confirmed.code(1)).await;
    assert_eq!(done.status, 200, "the seed of an app: {}", done.text());
    let answer = wanda.post("/api/v1/me/totp/confirm", &json!({"code": pending.code(0)})).await;
    assert_eq!(answer.status, 200, "a seed that waits for its first code: {}", answer.text());
    assert_eq!(sso.login("bob").await.path(), "/agents", "the provider's client secret: {}", sso.peer.log());
    let renewed = world.stranger().refresh(&refresh).await;
    assert_eq!(renewed.status, 200, "the provider's refresh token: {}", renewed.text());
    let cookies = format!(
        "__Host-mc_access={}; __Host-mc_refresh={}",
        landed.cookie("__Host-mc_access").expect("one"),
        landed.cookie("__Host-mc_refresh").expect("one")
    );
    let origin = format!("https://{}", world.stranger().host);
    let out = world.stranger().with_cookies("POST", "/api/v1/auth/logout", &cookies, Some(&origin)).await;
    assert!(out.json()["redirect"].as_str().is_some_and(|to| to.contains("id_token_hint")), "the provider's id token: {}", out.text());
    assert_eq!(world.audit("key_rotate").await.iter().filter(|entry| entry["resource"] == "seal" && entry["result"] == "ok").count(), 2);
}

/// How many values of `table.column` begin so.
async fn sealed(world: &World, place: &str, form: &str) -> u64 {
    let (table, column) = place.split_once('.').expect("a place");
    let sql = format!("UPDATE {table} SET {column} = {column} WHERE {column} LIKE '{form}%'");
    world.db.execute(world.server.data_dir(), sql.leak()).await.expect("counted")
}

async fn sealed_in_all(world: &World, form: &str) -> u64 {
    let mut sum = 0;
    for column in mc_store::SEALED {
        sum += sealed(world, &column.place(), form).await;
    }
    sum
}

async fn agents_go_on_under_a_new_authority(engine: Engine) {
    let mut world = World::start(engine).await;
    let old_ca = CertificateDer::from_pem_file(world.server.ca_file()).expect("an authority");
    let (steady, idle) = (world.agent("steady").await, world.agent("idle").await);
    let (mut link, _) = steady.connect().await.expect("it connects");
    let old_token = world.token().await;
    let said = world.server.command(&["rotate", "ca"]).await.expect("rotates");
    let new_ca = CertificateDer::from_pem_file(world.server.ca_file()).expect("an authority");
    let (old_pin, new_pin) = (CaPin::of(&old_ca), CaPin::of(&new_ca));
    assert!(old_pin != new_pin && said.contains(&new_pin.to_string()) && said.contains(&old_pin.to_string()), "{said}");

    for restarted in [false, true] {
        if restarted {
            world.server.kill().await.expect("killed");
            world.server.start_again().await.expect("starts");
        }
        eventually("the server's own look at its keys", async || {
            (world.admin.get("/api/v1/status").await.json()["ca_pin"] == new_pin.to_string()).then_some(())
        })
        .await;
        if !restarted {
            // The stream that was open stays open.
            let command = world.act("steady", json!({"action": "check"})).await.0;
            let sent = link.command().await.expect("it is asked");
            assert_eq!(sent.command_id, command);
        }
        // An agent that trusts only the old authority and shows a certificate of it comes back.
        let (quiet, _) = idle.connect().await.expect("it connects with what it has");
        quiet.goodbye("").await.expect("it leaves");
        // People that pinned either authority, or hold the old ca.pem, log in.
        for trust in
            [Trust::Pin(old_pin), Trust::Pin(new_pin), Trust::Authorities(vec![old_ca.clone()]), Trust::Authorities(vec![new_ca.clone()])]
        {
            let client = Client::new(Options::new(world.server.url().parse().expect("a URL"), trust.clone())).expect("a client");
            client.setup_status().await.unwrap_or_else(|error| panic!("{trust:?}: {error}"));
        }
    }
    // Renewed, it trusts the new authority alone and shows a certificate of it.
    let renewed = idle.renew().await.expect("it renews");
    assert_eq!(renewed.ca, new_ca);
    renewed.connect().await.expect("it connects").0.goodbye("").await.expect("it leaves");
    // A join command from before, with its old pin, still joins.
    Join::new(&old_token, "late")
        .expect("made")
        .send_trusting(&world.server, old_ca.clone())
        .await
        .expect("joins")
        .connect()
        .await
        .expect("connects");
    let fresh = world.agent("fresh").await;
    assert_eq!(fresh.ca, new_ca);
    fresh.connect().await.expect("connects");
    let again = world.server.command(&["rotate", "ca"]).await.expect_err("agents may not have renewed");
    assert!(again.to_string().contains("pass --again"), "{again}");

    // Twice in a row, for whoever must: those who know only the first authority still find their way.
    world.server.command(&["rotate", "ca", "--again"]).await.expect("rotates");
    let third = CaPin::of(&CertificateDer::from_pem_file(world.server.ca_file()).expect("an authority"));
    eventually("the server's own look at its keys", async || {
        (world.admin.get("/api/v1/status").await.json()["ca_pin"] == third.to_string()).then_some(())
    })
    .await;
    steady.connect().await.expect("an agent of the first authority connects");
    renewed.connect().await.expect("an agent of the second authority connects");
    let status = world.server.command(&["rotate", "status"]).await.expect("says");
    assert_eq!(status.matches("agents may show its certificates until").count(), 2, "{status}");
}

async fn a_server_with_another_key_does_not_start(engine: Engine) {
    let mut world = World::start(engine).await;
    let keys = world.server.data_dir().join("keys");
    // Those of before a replacement are another server's too, once it was noted.
    let old = ["seal.key", "jwt.pem"].map(|name| (name, std::fs::read(keys.join(name)).expect("a key")));
    for what in ["seal", "jwt"] {
        world.server.command(&["rotate", what]).await.expect("rotates");
    }
    world.server.stop().await.expect("it ends");
    for (name, old) in &old {
        let right = std::fs::read(keys.join(name)).expect("a key");
        for wrong in [None, Some(old)] {
            match wrong {
                // It makes one for itself, as at a first start.
                None => std::fs::remove_file(keys.join(name)).expect("removed"),
                Some(old) => std::fs::write(keys.join(name), old).expect("written"),
            }
            let started = world.server.start_again().await;
            if engine == Engine::Sqlite && *name == "jwt.pem" {
                started.expect("nobody else signs with another one");
                world.server.stop().await.expect("it ends");
                continue;
            }
            let said = format!("{:#}", started.expect_err("it has another key"));
            assert!(said.contains(name) && said.contains("copy keys/") && said.contains("MC_AUTH__ACCEPT_NEW_KEYS=true"), "{said}");
            let rotated = world.server.command(&["rotate", name.split('.').next().expect("a name")]).await;
            assert!(rotated.expect_err("nor does it replace what it has not").to_string().contains("copy keys/"));
        }
        std::fs::write(keys.join(name), right).expect("written");
        world.server.start_again().await.expect("with the right key it starts");
        world.server.stop().await.expect("it ends");
    }

    // The key is lost for good: the one that is there now is the one from then on.
    std::fs::remove_file(keys.join("seal.key")).expect("removed");
    world.server.start_again_with("MC_AUTH__ACCEPT_NEW_KEYS", "true").await.expect("it was told to go on");
    world.server.stop().await.expect("it ends");
    world.server.start_again().await.expect("it needs not be told again");
    let seal = world.audit("key_rotate").await.into_iter().filter(|entry| entry["resource"] == "seal" && entry["actor_kind"] == "system");
    assert_eq!(seal.count(), 1, "it is on record");
}

#[tokio::test]
async fn a_replacement_that_is_killed_halfway_is_finished_or_never_was() {
    let mut world = World::start(Engine::Sqlite).await;
    let agent = world.agent("target").await;
    // Ended at the moment at which it counts, or just after: the file that makes it count is there for a moment only.
    let mut killed = 0;
    for _ in 0..12 {
        killed += usize::from(world.server.command_until(&["rotate", "ca", "--again"], "keys/ca-next.pem").await.expect("starts"));
        agent.connect().await.expect("the agent comes back").0.goodbye("").await.expect("it leaves");
        if killed >= 3 {
            break;
        }
    }
    world.server.kill().await.expect("killed");
    world.server.start_again().await.expect("whatever state the files are in, they are whole");
    assert!(!world.server.data_dir().join("keys/ca-next.pem").exists());
    agent.connect().await.expect("the agent comes back").0.goodbye("").await.expect("it leaves");
    agent.renew().await.expect("and renews").connect().await.expect("and comes back with that");
}
