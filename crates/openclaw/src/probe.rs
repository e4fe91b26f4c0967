//! The probes over the network: is the port open, what do `/readyz` and `/startupz` say, does a hello succeed.
//!
//! Bodies are read, never status codes alone: a gateway answers unknown paths with 200 and a page, and so does any other program that
//! happens to sit on the port.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;

use crate::{
    client::{ClientError, Connection},
    config::Credential,
    http::{self, NoAnswer},
    pace::Pace,
    protocol::Hello,
    state::Ready,
};

/// How many failing subsystems are named.
const FAILING_MAX: usize = 5;
/// The longest name of a failing subsystem, in characters.
const NAME_MAX_CHARS: usize = 80;

/// What the HTTP probes told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answers {
    /// How `/readyz` stands.
    pub(crate) ready: Ready,
    /// The version, which only a local caller is told.
    pub(crate) version: Option<String>,
}

/// Where a gateway with this port is reached: every bind mode serves 127.0.0.1 too.
pub(crate) fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Asks `/readyz` and `/startupz`.
pub(crate) async fn answers(port: u16, pace: &Pace) -> Answers {
    let to = address(port);
    let (ready, startup) = futures::join!(http::get(to, "/readyz", pace.probe), http::get(to, "/startupz", pace.probe));
    let startup = startup.ok().and_then(|body| serde_json::from_slice::<Value>(&body).ok()).unwrap_or(Value::Null);
    let version = startup.get("version").and_then(Value::as_str).map(|text| text.chars().take(NAME_MAX_CHARS).collect());
    let ready = match ready {
        Ok(body) => read_ready(&body, &startup),
        Err(NoAnswer::Closed | NoAnswer::Silent) => Ready::Silent,
        Err(NoAnswer::Foreign) => Ready::Foreign,
    };
    Answers { ready, version }
}

/// Reads the body of `/readyz`, with what `/startupz` said beside it.
pub(crate) fn read_ready(body: &[u8], startup: &Value) -> Ready {
    let Ok(ready) = serde_json::from_slice::<Value>(body) else { return Ready::Foreign };
    match ready.get("ready").and_then(Value::as_bool) {
        None => return Ready::Foreign,
        Some(true) => return Ready::Ready,
        Some(false) => {}
    }
    let failing: Vec<String> = ready
        .get("failing")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(FAILING_MAX)
        .map(|name| name.chars().filter(|c| !c.is_control()).take(NAME_MAX_CHARS).collect())
        .collect();
    let startup = startup.get("status").and_then(Value::as_str);
    if startup == Some("starting") || failing.iter().any(|name| name.starts_with("startup")) {
        Ready::Starting(failing.into_iter().next().unwrap_or_else(|| "start-up".to_owned()))
    } else if startup == Some("draining") || failing.iter().any(|name| name == "gateway-draining") {
        Ready::Draining
    } else {
        Ready::Failing(failing)
    }
}

/// Says hello and goodbye. No scopes are asked for: a hello needs none.
pub(crate) async fn hello(port: u16, credential: &Credential, pace: &Pace) -> Result<Hello, ClientError> {
    let connection = Connection::open(address(port), credential, &[], pace.hello).await?;
    let hello = connection.hello().clone();
    connection.close().await;
    Ok(hello)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(ready: &Value, startup: &Value) -> Ready {
        read_ready(ready.to_string().as_bytes(), startup)
    }

    #[test]
    fn bodies_seen_from_a_gateway_are_understood() {
        assert_eq!(read(&json!({"ready": true, "failing": [], "uptimeMs": 6165}), &json!({"ok": true, "status": "started"})), Ready::Ready);
        let starting = json!({"ready": false, "failing": ["startup-sidecars"], "uptimeMs": 3916});
        assert_eq!(
            read(&starting, &json!({"ok": false, "status": "starting", "pendingReason": "startup-sidecars"})),
            Ready::Starting("startup-sidecars".into())
        );
        assert_eq!(
            read(&json!({"ready": false, "failing": ["gateway-draining"]}), &json!({"ok": false, "status": "draining"})),
            Ready::Draining
        );
        let failing = json!({"ready": false, "failing": ["agent-database:main"]});
        assert_eq!(read(&failing, &json!({"ok": true, "status": "started"})), Ready::Failing(vec!["agent-database:main".into()]));
        assert_eq!(read(&json!({"ready": false}), &Value::Null), Ready::Failing(vec![]));
    }

    #[test]
    fn anything_else_is_foreign_whatever_its_status_was() {
        assert_eq!(read_ready(b"<!doctype html><title>OpenClaw</title>", &Value::Null), Ready::Foreign);
        assert_eq!(read(&json!({"status": "ok"}), &Value::Null), Ready::Foreign);
        assert_eq!(read(&json!({"ready": "yes"}), &Value::Null), Ready::Foreign);
        assert_eq!(read_ready(b"", &Value::Null), Ready::Foreign);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = read_ready(&body, &Value::Null);
        }
    }
}
