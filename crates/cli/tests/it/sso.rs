//! `mc login --sso`: a real provider, a browser made of HTTP, and the port of loopback between them.

use mc_testkit::{OidcPeer, Server, oidc::PeerSetup, program::Program, server::Setup};
use serde_json::json;

use crate::mc::Mc;

async fn start(change: serde_json::Value) -> (Server, OidcPeer) {
    let server = Setup::default().variable("MC_AUTH__OIDC_HTTP_LOOPBACK", "true").start().await.expect("server");
    let accounts = json!({"ada": {"preferred_username": "ada", "groups": ["ops-eu"]}});
    let peer = OidcPeer::start(&server, PeerSetup { accounts, ..PeerSetup::default() }).await.expect("a provider");
    let form = serde_json::from_value(peer.form(&change)).expect("a form");
    server.admin().await.expect("admin").provider_create(&form).await.expect("it is kept");
    (server, peer)
}

/// `mc login --sso` until it says where to log in.
async fn begin(mc: &Mc, server: &Server) -> (Program, String) {
    let url = server.url().replace("localhost", "127.0.0.1");
    let pin = server.ca_pin().expect("pin").to_string();
    let mut command = mc.command();
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").args(["login", "--server", &url, "--ca-pin", &pin, "--sso"]);
    let mut program = Program::start("mc", &mut command).expect("it starts");
    let address = program.find(|line| line.trim().starts_with("https://").then(|| line.trim().to_owned())).await.expect("an address");
    (program, address)
}

#[tokio::test]
async fn a_browser_logs_the_command_line_in() {
    let (server, peer) = start(json!({})).await;
    let mc = Mc::new();
    let (mut program, address) = begin(&mc, &server).await;
    let browser = peer.browser().expect("a browser");
    let ours = |url: &mc_testkit::oidc::Url| url.path().ends_with("/callback");
    let callback = browser.walk(&address, "ada", ours).await.expect("it comes back");
    let back = browser.follow(callback.url.as_str()).await.expect("it is sent to the command line");
    assert_eq!((back.url.host_str(), back.cookie("__Host-mc_access")), (Some("127.0.0.1"), None), "the browser itself is not logged in");
    let shown = browser.get(back.url.as_str()).await.expect("an answer").text().await.expect("a page");
    assert!(shown.contains("You are logged in"), "{shown}");
    assert!(program.ended().await.expect("it ends").success(), "{}", program.log());
    assert!(program.log().contains("as ada (operator)"), "{}", program.log());
    let status = mc.json(&["status"]).await;
    assert_eq!((status["user"].as_str(), status["role"].as_str()), (Some("ada"), Some("operator")));

    // The code was worth one login, and nothing without the secret it began with.
    let code = back.parameter("code").expect("a code");
    let stolen = server.client().expect("a client").cli_exchange(&code, &mc_client::BrowserLogin::new()).await;
    assert_eq!(stolen.map(drop).expect_err("it is spent").code(), Some("ticket_ended"));
    mc.run(&["logout"]).await.exits(0);
}

#[tokio::test]
async fn a_refusal_is_told_on_the_command_line() {
    let (server, peer) = start(json!({"provisioning": "link"})).await;
    let mc = Mc::new();
    let (mut program, address) = begin(&mc, &server).await;
    let browser = peer.browser().expect("a browser");
    let callback = browser.walk(&address, "ada", |url| url.path().ends_with("/callback")).await.expect("it comes back");
    let back = browser.follow(callback.url.as_str()).await.expect("it is sent to the command line");
    assert_eq!(back.parameter("error").as_deref(), Some("not_linked"));
    browser.get(back.url.as_str()).await.expect("an answer");
    assert_eq!(program.ended().await.expect("it ends").code(), Some(3));
    assert!(program.log().contains("(not_linked)"), "{}", program.log());

    // Somebody else's secret opens nothing.
    let wrong =
        ["login", "--server", &server.url(), "--ca-pin", &server.ca_pin().expect("pin").to_string(), "--sso", "--provider", "nowhere"];
    mc.run(&wrong).await.exits(5).says("idp");
}

#[tokio::test]
async fn providers_are_added_changed_tested_and_removed() {
    let server = Setup::default().variable("MC_AUTH__OIDC_HTTP_LOOPBACK", "true").start().await.expect("server");
    let peer = OidcPeer::start(&server, PeerSetup::default()).await.expect("a provider");
    let mc = Mc::admin(&server).await;
    let form = peer.form(&json!({}));
    let (secret, client) = (form["client_secret"].as_str().expect("a secret"), form["client_id"].as_str().expect("a client"));
    let add = ["providers", "add", "idp", "--issuer", peer.issuer(), "--client-id", client];
    mc.run(&add).await.exits(2).says("--secret-stdin");
    let wish =
        ["--secret-stdin", "--label", "Work", "--rule", "ops-*=operator", "--rule", "email:*@example.org=viewer", "--unknown", "create"];
    let added = mc.fed(&[&add[..], &wish[..]].concat(), secret).await.exits(0);
    assert!(added.prints("/api/v1/auth/oidc/idp/callback").out.contains("backchannel-logout"));
    mc.fed(&[&add[..], &["--secret-stdin"]].concat(), secret).await.exits(1).says("taken");

    let shown = mc.run(&["providers", "show", "idp"]).await.exits(0);
    assert!(!shown.out.contains(secret), "a secret is never shown");
    for text in ["Work", "ops-*=operator", "email:*@example.org=viewer", "refused", "with a secret", "create"] {
        assert!(shown.out.contains(text), "{text}: {}", shown.out);
    }
    mc.run(&["providers", "test", "idp"]).await.exits(0).prints("authorization");
    mc.run(&["providers", "update", "idp", "--default-role", "nosuchrole"]).await.exits(2).says("nosuchrole");
    mc.run(&["providers", "update", "idp", "--default-role", "viewer", "--disabled"]).await.exits(0);
    let now = mc.json(&["providers", "list"]).await["items"][0].clone();
    assert_eq!((&now["enabled"], &now["default_role"], &now["has_secret"]), (&json!(false), &json!("viewer"), &json!(true)), "{now}");
    assert_eq!((&now["label"], now["role_rules"].as_array().map(Vec::len)), (&json!("Work"), Some(2)), "what is not named stays");
    mc.run(&["providers", "update", "idp", "--public", "--enabled", "--no-default-role"]).await.exits(0);
    let now = mc.json(&["providers", "show", "idp"]).await;
    assert_eq!((&now["enabled"], now.get("default_role"), &now["has_secret"]), (&json!(true), None, &json!(false)), "{now}");

    // What was set can be taken away again, without naming the rest.
    let ca = server.ca_file();
    let ca = ca.to_str().expect("a path");
    let changed = ["--ca-file", ca, "--graph-url", "https://graph.microsoft.us"];
    mc.run(&[&["providers", "update", "idp"], &changed[..]].concat()).await.exits(0);
    let now = mc.json(&["providers", "show", "idp"]).await;
    assert!(now["ca_pem"].as_str().is_some_and(|pem| pem.contains("CERTIFICATE")), "{now}");
    assert_eq!(now["graph_url"], "https://graph.microsoft.us");
    mc.run(&["providers", "update", "idp", "--no-ca", "--ca-file", ca]).await.exits(2);
    mc.run(&["providers", "update", "idp", "--no-ca"]).await.exits(0);
    let now = mc.json(&["providers", "show", "idp"]).await;
    assert_eq!((now.get("ca_pem"), &now["graph_url"]), (None, &json!("https://graph.microsoft.us")), "{now}");
    mc.run(&["providers", "update", "idp", "--no-graph-url"]).await.exits(0);
    let now = mc.json(&["providers", "show", "idp"]).await;
    assert_eq!((now.get("graph_url"), &now["label"]), (None, &json!("Work")), "{now}");

    mc.run(&["providers", "add", "away", "--issuer", "https://127.0.0.1:9", "--client-id", "x", "--public"]).await.exits(0);
    mc.run(&["providers", "test", "away"]).await.exits(1).prints("problem");
    mc.run(&["providers", "remove", "away"]).await.exits(2).says("--yes");
    mc.run(&["providers", "remove", "away", "--yes"]).await.exits(0).prints("away removed");
    mc.run(&["providers", "show", "away"]).await.exits(5);
    let trail = mc.run(&["audit", "-o", "json"]).await.exits(0);
    assert!(trail.out.contains("provider_update") && !trail.out.contains(secret), "the trail has no secrets");
    let viewer = {
        mc.fed(&["users", "add", "vera", "--role", "viewer", "--password-stdin"], mc_testkit::server::PASSWORD).await.exits(0);
        Mc::user(&server, "vera").await
    };
    viewer.run(&["providers", "list"]).await.exits(4);
}
