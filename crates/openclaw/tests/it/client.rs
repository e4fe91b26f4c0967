//! The WebSocket client against the fake gateway.

use std::{net::SocketAddr, time::Duration};

use mc_openclaw::{
    client::{ClientError, Connection},
    config::Credential,
};
use serde_json::json;

use crate::fake::{Fake, Mode, TOKEN};

const PATIENCE: Duration = Duration::from_secs(10);

fn token(text: &str) -> Credential {
    Credential::Token(text.into())
}

async fn open(fake: &Fake, credential: &Credential) -> Result<Connection, ClientError> {
    Connection::open(SocketAddr::from(([127, 0, 0, 1], fake.port())), credential, &["operator.read"], PATIENCE).await
}

#[tokio::test]
async fn a_call_gets_its_own_answer_among_other_frames() {
    let fake = Fake::ready().await;
    let mut connection = open(&fake, &token(TOKEN)).await.unwrap();
    assert_eq!(connection.hello().version.as_deref(), Some("2026.9.6"));
    assert_eq!(connection.call("health", &json!({})).await.unwrap(), json!({"ok": true}));
    let refused = connection.call("foo.bar", &json!({})).await.unwrap_err();
    assert_eq!(refused.to_string(), "INVALID_REQUEST: unknown method: foo.bar");
    assert_eq!(connection.call("health", &json!({})).await.unwrap(), json!({"ok": true}), "a refusal ends nothing");
    connection.close().await;
}

#[tokio::test]
async fn errors_are_short_and_hold_no_secret() {
    let mut fake = Fake::ready().await;
    let refused = open(&fake, &token("wrong-but-secret")).await.unwrap_err();
    assert!(refused.to_string().starts_with("AUTH_TOKEN_MISMATCH"), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("wrong-but-secret"));
    fake.open(Mode::Silent).await;
    let short = Duration::from_millis(200);
    let silent = Connection::open(SocketAddr::from(([127, 0, 0, 1], fake.port())), &token(TOKEN), &[], short).await;
    assert!(matches!(silent, Err(ClientError::TimedOut(_))));
    fake.open(Mode::Html).await;
    assert!(matches!(open(&fake, &token(TOKEN)).await, Err(ClientError::WebSocket(_))));
    fake.close().await;
    assert!(matches!(open(&fake, &token(TOKEN)).await, Err(ClientError::Connect(_))));
}

#[tokio::test]
async fn a_token_is_sent_to_this_machine_only() {
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 18789));
    let refused = Connection::open(elsewhere, &token(TOKEN), &[], PATIENCE).await.unwrap_err();
    assert!(matches!(refused, ClientError::NotLoopback(_)), "{refused:?}");
}
