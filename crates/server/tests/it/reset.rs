//! Forgotten passwords and proofs of addresses, by real mail.

use mc_testkit::{mail::MailServer, server::PASSWORD};
use serde_json::{Value, json};

use crate::support::{Answer, Api, Engine, World, on_both_engines};

on_both_engines!(a_forgotten_password_is_set_anew_once, an_address_is_proved_by_its_link, an_admin_hands_on_a_link);

const NEW: &str = "an entirely other phrase";

async fn world(engine: Engine) -> (World, MailServer) {
    let mails = MailServer::start().await.expect("a mail server");
    let world = World::with(engine, |setup| {
        let setup = setup.variable("MC_SMTP_URL", mails.url()).variable("MC_MAIL__FROM", "Mission Control <mc@example.org>");
        setup.variable("MC_MAIL__CA_FILE", mails.ca_file().display().to_string())
    })
    .await;
    (world, mails)
}

async fn with_address(world: &World, name: &str) -> String {
    let wish = json!({"username": name, "password": PASSWORD, "role": "viewer", "email": format!("{name}@example.org")});
    let made = world.admin.post("/api/v1/admin/users", &wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_str().expect("an id").to_owned()
}

async fn forgot(api: &Api, email: &str) -> Answer {
    api.post("/api/v1/auth/password/forgot", &json!({"email": email})).await
}

async fn reset(api: &Api, token: &str, password: &str) -> Answer {
    api.post("/api/v1/auth/password/reset", &json!({"token": token, "password": password})).await
}

/// The secret of the link in a mail.
fn token(mail: &Value, page: &str) -> String {
    let text = mail["text"].as_str().expect("text");
    let (_, rest) = text.split_once(&format!("/{page}#token=")).unwrap_or_else(|| panic!("no link: {text}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}

fn subject(mail: &Value) -> &str {
    let headers = mail["headers"].as_array().expect("headers");
    headers.iter().find(|header| header[0] == "Subject").and_then(|header| header[1].as_str()).expect("a subject")
}

async fn a_forgotten_password_is_set_anew_once(engine: Engine) {
    let (world, mut mails) = world(engine).await;
    with_address(&world, "ada").await;
    let open = world.login("ada").await;
    let stranger = world.stranger();
    let known = forgot(&stranger, "ADA@example.org").await;
    let first = mails.next().await.expect("a mail");
    assert_eq!((first["tls"].as_bool(), &first["to"]), (Some(true), &json!(["ada@example.org"])));
    assert_eq!(subject(&first), "Choose a new password");
    let unknown = forgot(&stranger, "nobody@example.org").await;
    let alike = |answer: &Answer| (answer.status, answer.text(), answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!((known.status, known.text().as_str()), (202, r#"{"mail":true}"#));
    assert_eq!(alike(&known), alike(&unknown));

    forgot(&stranger, "ada@example.org").await;
    let second = token(&mails.next().await.expect("a mail"), "reset");
    assert_eq!(reset(&stranger, &token(&first, "reset"), NEW).await.code(), "link_invalid", "asking anew ends the older link");
    for weak in ["short", "password12345678"] {
        assert_eq!(reset(&stranger, &second, weak).await.status, 400, "a weak password does not spend the link");
    }
    let (one, two) = tokio::join!(reset(&stranger, &second, NEW), reset(&stranger, &second, NEW));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403], "{} {}", one.text(), two.text());
    assert_eq!(subject(&mails.next().await.expect("a mail")), "Your password was changed");
    assert_eq!(reset(&stranger, &second, PASSWORD).await.code(), "link_invalid");
    assert_eq!(open.get("/api/v1/me").await.status, 401, "every session ended");
    assert_eq!(stranger.login("ada", PASSWORD).await.code(), "login_failed");
    let login = stranger.login("ada", NEW).await;
    let me = stranger.holding(&login.access_token()).get("/api/v1/me").await.json();
    assert_eq!(me["email_verified"], true, "whoever read the mail has the address: {me}");
    assert_eq!(world.audited("password_forgot", |entry| entry["result"] == "failed").await["resource"], Value::Null);
    let printed = world.server.log();
    assert!(!printed.contains(&second) && !printed.contains("p@ss"), "secrets stay out of the log");
}

async fn an_address_is_proved_by_its_link(engine: Engine) {
    let (world, mut mails) = world(engine).await;
    let ada = world.user("ada", "viewer").await;
    assert_eq!(ada.post("/api/v1/me/email/verify", &json!({})).await.code(), "no_email");
    assert_eq!(ada.patch("/api/v1/me", &json!({"email": "ada@example.org"})).await.json()["email_verified"], false);
    let ask = async || {
        assert_eq!(ada.post("/api/v1/me/email/verify", &json!({})).await.status, 202);
    };
    let prove = async |token: &str| world.stranger().post("/api/v1/auth/email/verify", &json!({"token": token})).await;
    ask().await;
    let first = token(&mails.next().await.expect("a mail"), "verify");
    assert_eq!(ada.patch("/api/v1/me", &json!({"email": "other@example.org"})).await.status, 200);
    assert_eq!(subject(&mails.next().await.expect("a mail")), "Your address was changed", "the old address is told");
    assert_eq!(prove(&first).await.code(), "link_invalid", "it was for the other address");
    ask().await;
    let second = token(&mails.next().await.expect("a mail"), "verify");
    assert_eq!(reset(&world.stranger(), &second, NEW).await.code(), "link_invalid", "a link is good for one thing");
    assert_eq!(prove(&second).await.status, 204);
    assert_eq!(prove(&second).await.code(), "link_invalid");
    assert_eq!(ada.get("/api/v1/me").await.json()["email_verified"], true);
    assert_eq!(ada.post("/api/v1/me/email/verify", &json!({})).await.code(), "email_verified");
}

async fn an_admin_hands_on_a_link(engine: Engine) {
    let world = World::start(engine).await;
    let id = with_address(&world, "ada").await;
    assert_eq!(forgot(&world.stranger(), "ada@example.org").await.json(), json!({"mail": false}), "this server sends no mail, and says so");
    let path = format!("/api/v1/admin/users/{id}");
    let link = world.admin.post(&format!("{path}/reset-link"), &json!({})).await.json();
    let (_, token) = link["url"].as_str().and_then(|url| url.split_once("/reset#token=")).expect("a link");
    assert_eq!(world.admin.patch(&path, &json!({"active": false})).await.status, 200);
    assert_eq!(reset(&world.stranger(), token, NEW).await.code(), "link_invalid", "not for who is disabled");
    assert_eq!(world.admin.post(&format!("{path}/reset-link"), &json!({})).await.code(), "user_disabled");
    assert_eq!(world.admin.patch(&path, &json!({"active": true})).await.status, 200);
    assert_eq!(reset(&world.stranger(), token, NEW).await.status, 204);
    let login = world.stranger().login("ada", NEW).await;
    let me = world.stranger().holding(&login.access_token()).get("/api/v1/me").await.json();
    assert_eq!(me["email_verified"], false, "a link that was handed on proves no address");
    assert_eq!(world.audit("user_reset_link").await.len(), 1);
}
