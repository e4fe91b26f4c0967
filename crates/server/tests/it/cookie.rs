//! Cookies: what browsers hold, and what other sites may not do with it.

use mc_testkit::server::PASSWORD;
use serde_json::json;

use crate::support::{Engine, World, api::send};

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites() {
    let world = World::start(Engine::Sqlite).await;
    let login = world.stranger().login("admin", PASSWORD).await;
    let (_, access) = login.cookie("__Host-mc_access").expect("an access cookie");
    let (_, refresh) = login.cookie("__Host-mc_refresh").expect("a refresh cookie");
    let (_, device) = login.cookie("__Host-mc_device").expect("a cookie of the device");
    // What the prefix demands, or browsers throw the cookie away.
    let of_this_host = |attributes: &str| {
        let words: Vec<&str> = attributes.split("; ").collect();
        assert!(["HttpOnly", "SameSite=Strict", "Secure", "Path=/"].iter().all(|word| words.contains(word)), "{attributes}");
        assert!(!attributes.contains("Domain"), "{attributes}");
    };
    [&access, &refresh, &device].into_iter().for_each(|attributes| of_this_host(attributes));

    let caller = world.stranger().holding(&login.access_token());
    let out = caller.post("/api/v1/auth/logout", &json!({})).await;
    assert_eq!(out.status, 204);
    let login = world.stranger().login("admin", PASSWORD).await;
    let cookies = format!("__Host-mc_access={}; __Host-mc_refresh={}", login.access_token(), login.refresh_token());
    let origin = format!("https://{}", caller.host);
    let out = caller.with_cookies("POST", "/api/v1/auth/logout", &cookies, Some(&origin)).await;
    for name in ["__Host-mc_access", "__Host-mc_refresh"] {
        let (value, attributes) = out.cookie(name).expect("the cookie is taken back");
        assert!(value.is_empty() && attributes.contains("Max-Age=0"), "{name}: {value} {attributes}");
        of_this_host(&attributes);
    }
}

#[tokio::test]
async fn another_site_cannot_use_our_cookies() {
    let world = World::start(Engine::Sqlite).await;
    let cookies = format!("__Host-mc_access={}", world.admin.token.as_deref().expect("a token"));
    let api = world.stranger();
    let own = format!("https://{}", api.host);
    assert_eq!(api.with_cookies("GET", "/api/v1/auth/me", &cookies, None).await.status, 200, "reading needs no origin");
    for origin in [None, Some("https://evil.example"), Some("null"), Some("https://127.0.0.1")] {
        let refused = api.with_cookies("DELETE", "/api/v1/agents/x", &cookies, origin).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "cross_site"), "{origin:?}");
        let refused = api.with_cookies("POST", "/api/v1/auth/logout", &cookies, origin).await;
        assert_eq!(refused.status, 403, "{origin:?} must not log people out");
    }
    for origin in [None, Some("https://evil.example")] {
        let refused = api.with_cookies("POST", "/api/v1/auth/refresh", "__Host-mc_refresh=mcr_x", origin).await;
        assert_eq!(refused.code(), "cross_site", "{origin:?} must not wear out refresh tokens");
    }
    let plain = format!("http://{}", api.host);
    assert_eq!(api.with_cookies("DELETE", "/api/v1/agents/x", &cookies, Some(&plain)).await.status, 403, "not over TLS");
    assert_eq!(api.with_cookies("DELETE", "/api/v1/agents/x", &cookies, Some(&own)).await.status, 404, "our own page may");
    let fetch = api.request("DELETE", "/api/v1/agents/x").header("cookie", &cookies);
    for (site, status) in [("same-origin", 404), ("same-site", 403), ("cross-site", 403)] {
        let request = fetch.try_clone().expect("no body").header("sec-fetch-site", site);
        assert_eq!(send(request).await.status, status, "{site}");
    }
    let upgrade = |origin: &'static str| {
        let request = api.request("GET", "/api/v1/events").header("cookie", &cookies).header("origin", origin);
        let request = request.header("upgrade", "websocket").header("connection", "upgrade").version(reqwest::Version::HTTP_11);
        send(request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="))
    };
    assert_eq!(upgrade("https://evil.example").await.code(), "cross_site", "a WebSocket is more than a read");
}
