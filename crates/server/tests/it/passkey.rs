//! Passkeys: as a second factor and instead of a password, and every way to cheat with one.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Answer, Api, Engine, World, authenticator::Authenticator, on_both_engines};

on_both_engines!(
    a_passkey_opens_the_account_without_a_password,
    a_passkey_is_the_second_step,
    a_passkey_proves_again_who_one_is,
    what_was_answered_is_not_answered_again,
    a_passkey_that_was_copied_is_found_out,
    another_users_passkey_opens_nothing,
    passkeys_are_renamed_and_removed_by_their_owner,
);

const HOST: &str = "mc.example.test";

async fn world(engine: Engine) -> World {
    World::with(engine, |setup| setup.variable("MC_HTTP__PUBLIC_URL", format!("https://{HOST}"))).await
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
}

async fn begin(caller: &Api) -> Value {
    let begun = caller.post("/api/v1/me/passkeys/begin", &json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    begun.json()
}

async fn add(caller: &Api, device: &mut Authenticator) -> Value {
    let begun = begin(caller).await;
    let made = device.create(&begun["options"]);
    let added = caller.post("/api/v1/me/passkeys", &json!({"challenge": begun["challenge"], "name": "phone", "credential": made})).await;
    assert_eq!(added.status, 201, "{}", added.text());
    added.json()
}

/// Logs in by passkey alone, with an answer that may be changed on its way.
async fn open(caller: &Api, show: impl FnOnce(&Value) -> Value) -> Answer {
    let begun = caller.post("/api/v1/auth/passkey/begin", &json!({})).await.json();
    let credential = show(&begun["options"]);
    caller.post("/api/v1/auth/passkey/finish", &json!({"challenge": begun["challenge"], "credential": credential})).await
}

async fn a_passkey_opens_the_account_without_a_password(engine: Engine) {
    let world = world(engine).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    let added = add(&vera, &mut device).await;
    assert_eq!((&added["name"], &added["last_used_at"]), (&json!("phone"), &Value::Null));
    let begun = world.stranger().post("/api/v1/auth/passkey/begin", &json!({})).await.json();
    assert_eq!(begun["options"]["userVerification"], "required");
    assert_eq!(begun["options"]["allowCredentials"], json!([]), "who comes is not known yet");

    let done = open(&world.stranger(), |options| device.get(options)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.cookie("__Host-mc_refresh").is_some());
    let vera = world.stranger().holding(&done.access_token());
    assert_eq!(vera.get("/api/v1/auth/me").await.json()["username"], "vera");
    let shown = vera.get("/api/v1/me/second-factor").await.json();
    assert_eq!(shown["passkeys_possible"], true);
    assert!(shown["passkeys"][0]["last_used_at"].is_string(), "{shown}");
    assert_eq!(open(&world.stranger(), |options| device.get(options)).await.status, 200, "as often as one likes");
    world.audited("passkey_finish", |entry| entry["result"] == "ok" && entry["resource"] == "vera").await;
    world.audited("me_passkey_add", |entry| entry["result"] == "ok" && entry["actor"] == "vera").await;
}

async fn a_passkey_is_the_second_step(engine: Engine) {
    let world = world(engine).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    add(&vera, &mut device).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    assert_eq!((&asked["methods"], &asked["enrol"]), (&json!(["passkey"]), &json!(false)));
    assert_eq!(asked["passkey"]["allowCredentials"].as_array().map(Vec::len), Some(1));
    refused(&stranger.second_factor(&asked, "code", "123456").await, 401, "second_factor_failed");
    let shown = device.get(&asked["passkey"]);
    assert_eq!(stranger.second_factor(&asked, "passkey", shown.clone()).await.status, 200);
    refused(&stranger.second_factor(&asked, "passkey", shown).await, 401, "challenge_ended");
    world.audited("second_factor_answer", |entry| entry["result"] == "ok" && entry["detail"] == "by a passkey").await;
}

async fn a_passkey_proves_again_who_one_is(engine: Engine) {
    let world = world(engine).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    add(&vera, &mut device).await;
    let asked = vera.post("/api/v1/auth/step-up/begin", &json!({})).await.json();
    assert_eq!(asked["methods"], json!(["passkey"]));
    let shown = device.get(&asked["passkey"]);
    refused(&vera.post("/api/v1/auth/step-up", &json!({"passkey": shown})).await, 400, "invalid");
    let proof = json!({"passkey": shown, "challenge": asked["challenge"]});
    let other = open(&world.stranger(), |options| device.get(options)).await;
    let other = world.stranger().holding(&other.access_token());
    refused(&other.post("/api/v1/auth/step-up", &proof).await, 409, "challenge_ended");
    let asked = vera.post("/api/v1/auth/step-up/begin", &json!({})).await.json();
    let proof = json!({"passkey": device.get(&asked["passkey"]), "challenge": asked["challenge"]});
    assert_eq!(vera.post("/api/v1/auth/step-up", &proof).await.status, 204);
    refused(&vera.post("/api/v1/auth/step-up", &proof).await, 403, "step_up_failed");
}

async fn what_was_answered_is_not_answered_again(engine: Engine) {
    let world = world(engine).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    // A device that counts nothing: only the challenge tells a replay then.
    device.counts = 0;
    let begun = begin(&vera).await;
    let body = json!({"challenge": begun["challenge"], "name": "phone", "credential": device.create(&begun["options"])});
    assert_eq!(vera.post("/api/v1/me/passkeys", &body).await.status, 201);
    refused(&vera.post("/api/v1/me/passkeys", &body).await, 409, "challenge_ended");

    let begun = world.stranger().post("/api/v1/auth/passkey/begin", &json!({})).await.json();
    let body = json!({"challenge": begun["challenge"], "credential": device.get(&begun["options"])});
    let stranger = world.stranger();
    let finish = async || stranger.post("/api/v1/auth/passkey/finish", &body).await;
    let (one, two) = tokio::join!(finish(), finish());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{} {}", one.text(), two.text());
    refused(&finish().await, 401, "passkey_failed");
    assert_eq!(open(&world.stranger(), |options| device.get(options)).await.status, 200);
}

async fn a_passkey_that_was_copied_is_found_out(engine: Engine) {
    let world = world(engine).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    add(&vera, &mut device).await;
    for (counts, right) in [(5, true), (0, false), (-2, false), (2, false), (1, true)] {
        device.counts = counts;
        let answer = open(&world.stranger(), |options| device.get(options)).await;
        assert_eq!(answer.status == 200, right, "{counts}: {}", answer.text());
    }
    world
        .audited("passkey_finish", |entry| entry["result"] == "failed" && entry["detail"].as_str().is_some_and(|d| d.contains("copied")))
        .await;
    device.counts = 0;
    let asked = world.challenge(&world.stranger(), "vera").await;
    let shown = device.get(&asked["passkey"]);
    refused(&world.stranger().second_factor(&asked, "passkey", shown).await, 401, "second_factor_failed");
}

async fn another_users_passkey_opens_nothing(engine: Engine) {
    let world = world(engine).await;
    let (vera, mallory) = (world.user("vera", "viewer").await, world.user("mallory", "viewer").await);
    let (mut hers, mut his) = (Authenticator::at(HOST), Authenticator::at(HOST));
    add(&vera, &mut hers).await;
    add(&mallory, &mut his).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    refused(&stranger.second_factor(&asked, "passkey", his.force(&asked["passkey"])).await, 401, "second_factor_failed");
    let handle = hers.get(&asked["passkey"])["response"]["userHandle"].clone();
    let shown = open(&stranger, |options| {
        let mut shown = his.get(options);
        shown["response"]["userHandle"] = handle;
        shown
    });
    refused(&shown.await, 401, "passkey_failed");
    // A challenge that was made for one user adds nothing to another.
    let begun = begin(&vera).await;
    let body = json!({"challenge": begun["challenge"], "name": "x", "credential": his.create(&begun["options"])});
    refused(&mallory.post("/api/v1/me/passkeys", &body).await, 409, "challenge_ended");
    assert_eq!(open(&stranger, |options| hers.get(options)).await.status, 200);
}

#[tokio::test]
async fn answers_that_are_not_what_was_asked_for_open_nothing() {
    let world = world(Engine::Sqlite).await;
    let id = world.user_add("vera", "viewer").await;
    let vera = world.login("vera").await;
    let mut device = Authenticator::at(HOST);
    add(&vera, &mut device).await;
    // From two places: each has twenty tries a minute.
    let [stranger, elsewhere] = [2, 3].map(|last| Api::from_address(&world.server, Some([127, 0, 0, last].into())));

    device.origin = "https://mc.example.test.evil.example".to_owned();
    refused(&open(&stranger, |options| device.get(options)).await, 401, "passkey_failed");
    device.origin = format!("https://{HOST}:8443");
    refused(&open(&stranger, |options| device.get(options)).await, 401, "passkey_failed");
    device.origin = format!("https://{HOST}");
    device.rp_id = "example.test".to_owned();
    refused(&open(&stranger, |options| device.get(options)).await, 401, "passkey_failed");
    device.rp_id = HOST.to_owned();
    device.verified = false;
    refused(&open(&stranger, |options| device.get(options)).await, 401, "passkey_failed");
    device.verified = true;
    let other = stranger.post("/api/v1/auth/passkey/begin", &json!({})).await.json();
    refused(&open(&stranger, |_| device.get(&other["options"])).await, 401, "passkey_failed");
    let flipped = open(&elsewhere, |options| {
        let mut shown = device.get(options);
        shown["response"]["signature"] = other["options"]["challenge"].clone();
        shown
    });
    refused(&flipped.await, 401, "passkey_failed");
    let mut stolen = Authenticator::at(HOST);
    let begun = begin(&vera).await;
    stolen.create(&begun["options"]);
    refused(&open(&elsewhere, |options| stolen.get(options)).await, 401, "passkey_failed");
    refused(&open(&elsewhere, |_| json!({"id": "x"})).await, 400, "invalid");
    let sealed_elsewhere = json!({"challenge": begun["challenge"], "credential": device.get(&other["options"])});
    refused(&elsewhere.post("/api/v1/auth/passkey/finish", &sealed_elsewhere).await, 409, "challenge_ended");
    for detail in ["on another site", "another challenge", "did not verify", "unknown passkey"] {
        world.audited("passkey_finish", |entry| entry["detail"].as_str().is_some_and(|said| said.contains(detail))).await;
    }
    assert_eq!(world.admin.patch(&format!("/api/v1/admin/users/{id}"), &json!({"active": false})).await.status, 200);
    refused(&open(&elsewhere, |options| device.get(options)).await, 401, "passkey_failed");
}

#[tokio::test]
async fn a_new_passkey_must_be_what_was_asked_for() {
    let world = world(Engine::Sqlite).await;
    let vera = world.user("vera", "viewer").await;
    let mut device = Authenticator::at(HOST);
    let tried = async |device: &mut Authenticator, options: Option<&Value>| {
        let begun = begin(&vera).await;
        let made = device.create(options.unwrap_or(&begun["options"]));
        vera.post("/api/v1/me/passkeys", &json!({"challenge": begun["challenge"], "name": "x", "credential": made})).await
    };
    device.origin = "https://evil.example".to_owned();
    refused(&tried(&mut device, None).await, 409, "passkey_failed");
    device.origin = format!("https://{HOST}");
    device.verified = false;
    refused(&tried(&mut device, None).await, 409, "passkey_failed");
    device.verified = true;
    let other = begin(&vera).await;
    refused(&tried(&mut device, Some(&other["options"])).await, 409, "passkey_failed");
    for name in ["", "  ", &"x".repeat(65)] {
        let begun = begin(&vera).await;
        let body = json!({"challenge": begun["challenge"], "name": name, "credential": device.create(&begun["options"])});
        refused(&vera.post("/api/v1/me/passkeys", &body).await, 400, "invalid");
    }
    assert_eq!(vera.get("/api/v1/me/second-factor").await.json()["passkeys"], json!([]));
}

async fn passkeys_are_renamed_and_removed_by_their_owner(engine: Engine) {
    let world = world(engine).await;
    let (vera, mallory) = (world.user("vera", "viewer").await, world.user("mallory", "viewer").await);
    let mut device = Authenticator::at(HOST);
    let id = add(&vera, &mut device).await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/me/passkeys/{id}");
    refused(&mallory.patch(&path, &json!({"name": "mine"})).await, 404, "not_found");
    refused(&mallory.delete(&path).await, 404, "not_found");
    assert_eq!(vera.patch(&path, &json!({"name": "old phone"})).await.json()["name"], "old phone");
    assert_eq!(vera.delete(&path).await.status, 204);
    refused(&vera.delete(&path).await, 404, "not_found");
    refused(&open(&world.stranger(), |options| device.get(options)).await, 401, "passkey_failed");
    assert_eq!(world.stranger().login("vera", PASSWORD).await.status, 200, "nothing is asked for any more");
}

#[tokio::test]
async fn an_address_of_numbers_has_no_passkeys() {
    let world = World::start(Engine::Sqlite).await;
    refused(&world.stranger().post("/api/v1/auth/passkey/begin", &json!({})).await, 409, "passkeys_not_possible");
    refused(&world.admin.post("/api/v1/me/passkeys/begin", &json!({})).await, 409, "passkeys_not_possible");
    assert_eq!(world.admin.get("/api/v1/me/second-factor").await.json()["passkeys_possible"], false);
}
