//! Headers that keep a browser from being used against its user, on every kind of answer.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::support::{Engine, World};

/// What every answer says, whatever it is.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The sources a policy names for a kind of content.
fn sources<'a>(policy: &'a str, kind: &str) -> &'a str {
    policy.split(';').map(str::trim).find_map(|part| part.strip_prefix(kind)).map_or("", str::trim)
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let world = World::start(Engine::Sqlite).await;
    let paths = [
        "/",
        "/agents/x",
        "/assets/none.js",
        "/health",
        "/metrics",
        "/api/v1/auth/me",
        "/api/v1/agents",
        "/api/v1/none",
        "/api/openapi.json",
    ];
    for path in paths.into_iter().chain(["/api/docs/"]) {
        let answer = world.stranger().get(path).await;
        for (name, value) in ALWAYS {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        let policy = answer.header("content-security-policy");
        assert_eq!(sources(policy, "frame-ancestors"), "'none'", "{path}");
        assert_eq!(sources(policy, "base-uri"), "'none'", "{path}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let api = path.starts_with("/api/") && !path.starts_with("/api/docs");
        if api {
            assert_eq!((sources(policy, "default-src"), answer.header("cache-control")), ("'none'", "no-store"), "{path}");
        } else {
            assert_eq!(sources(policy, "script-src"), "'self'", "{path}");
        }
        let permissions = answer.header("permissions-policy");
        assert!(["camera=()", "microphone=()", "geolocation=()"].iter().all(|none| permissions.contains(none)), "{path}: {permissions}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not for a certificate of our own at localhost");
    }
}

/// A policy without inline scripts is worth what the pages under it are.
#[tokio::test]
async fn no_page_of_ours_needs_an_inline_script() {
    let world = World::start(Engine::Sqlite).await;
    let page = world.stranger().get("/").await;
    assert!(page.status == 200 || page.status == 503, "a page, or word that none was built");
    let docs = world.stranger().get("/api/docs/").await;
    assert_eq!(docs.status, 200);
    for (path, answer) in [("/", page), ("/api/docs/", docs)] {
        let text = answer.text();
        for script in text.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').expect("a whole tag");
            let body = rest.split("</script").next().expect("an end");
            assert!(tag.contains("src=") && body.trim().is_empty(), "{path} has an inline script: {tag}>{body}");
        }
        for handler in [" onload=", " onclick=", " onerror=", "javascript:"] {
            assert!(!text.contains(handler), "{path} has {handler}");
        }
    }
}

/// The API explorer's script makes one style element. The policy takes that one by its hash: with another version of the explorer, look what
/// it makes now.
#[tokio::test]
async fn the_explorers_one_inline_style_is_known_by_its_hash() {
    let world = World::start(Engine::Sqlite).await;
    let script = world.stranger().get("/api/docs/swagger-ui-standalone-preset.js").await;
    let policy = world.stranger().get("/api/docs/").await.header("content-security-policy").to_owned();
    let text = script.text();
    let begin = text.find(".logo_small_svg__cls-2{").expect("the style of the logo");
    let style = text[begin..].split(['"', '\'', '`']).next().expect("an end");
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(sources(&policy, "style-src").contains(&format!("'sha256-{hash}'")), "{style}: {policy}");
}

#[tokio::test]
async fn a_server_with_a_name_asks_for_https_only() {
    for (url, expected) in
        [("https://mission.example.com", "max-age=31536000"), ("https://10.1.2.3:8443", ""), ("https://localhost:8443", "")]
    {
        let world = World::with(Engine::Sqlite, |setup| setup.variable("MC_HTTP__PUBLIC_URL", url)).await;
        assert_eq!(world.stranger().get("/api/v1/agents").await.header("strict-transport-security"), expected, "{url}");
    }
}
