//! Logging in by a real OpenID provider (npm `oidc-provider`), the browser's steps made of HTTP.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU16, Ordering},
};

use mc_testkit::{
    OidcPeer,
    mail::MailServer,
    oidc::{Browser, Landed, PeerSetup},
    server::{PASSWORD, Setup},
};
use serde_json::{Value, json};

use crate::support::{Api, Engine, World, api::send, eventually, on_both_engines};

on_both_engines!(
    a_login_makes_a_user_with_the_role_of_the_groups,
    only_linked_accounts_come_in,
    seats_end,
    a_verified_address_links_with_the_password_only,
    the_profile_links_and_unlinks,
    linking_takes_a_fresh_proof_and_a_session_that_lives,
    a_login_begun_by_another_name_goes_to_the_public_one,
    roles_given_to_groups_are_simulated_and_shown,
    an_account_without_a_password_gets_none_by_mail,
    a_refresh_asks_the_provider_and_follows_it,
    a_logout_there_is_a_logout_here,
    a_provider_that_is_down_stops_new_logins_only,
);

/// Who exists at the provider, in most tests.
pub(crate) fn people() -> Value {
    json!({
        "ada": {"name": "Ada Lovelace", "preferred_username": "Ada.L", "email": "ada@example.org", "email_verified": true, "groups": ["ops-eu", "staff"]},
        "bob": {"name": "Bob", "email": "bob@example.org", "email_verified": false, "groups": []},
        "eve": {"name": "Eve", "preferred_username": "\u{430}dmin", "groups": ["staff"]},
    })
}

/// A server that knows a provider.
pub(crate) struct Sso {
    pub(crate) world: World,
    pub(crate) peer: OidcPeer,
}

impl Sso {
    pub(crate) async fn start(engine: Engine, access_life: u64, change: Value) -> Self {
        Self::with(engine, access_life, change, |setup| setup).await
    }

    async fn with(engine: Engine, access_life: u64, change: Value, setup: impl FnOnce(Setup) -> Setup) -> Self {
        let world = World::with(engine, |plain| setup(plain.variable("MC_AUTH__OIDC_HTTP_LOOPBACK", "true"))).await;
        let setup = PeerSetup { accounts: people(), access_life, ..PeerSetup::default() };
        let peer = OidcPeer::start(&world.server, setup).await.expect("a provider");
        let made = world.admin.post("/api/v1/admin/providers", &peer.form(&change)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        Self { world, peer }
    }

    /// A login by somebody in a new browser.
    pub(crate) async fn login(&self, who: &str) -> Landed {
        self.peer.browser().expect("a browser").login(&self.world.server, "idp", "return_to=/agents", who).await.expect("it comes back")
    }

    /// A login that works; the caller and the refresh token.
    pub(crate) async fn session(&self, who: &str) -> (Api, String) {
        let landed = self.login(who).await;
        assert_eq!(landed.path(), "/agents", "{}", self.peer.log());
        (
            self.world.stranger().holding(&landed.cookie("__Host-mc_access").expect("a token")),
            landed.cookie("__Host-mc_refresh").expect("a token"),
        )
    }
}

/// A server that may ask providers on loopback without TLS.
pub(crate) async fn world(engine: Engine) -> World {
    World::with(engine, |setup| setup.variable("MC_AUTH__OIDC_HTTP_LOOPBACK", "true")).await
}

/// Somebody unknown with an address of their own: tries are counted for each address.
pub(crate) fn elsewhere(world: &World) -> Api {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    Api::from_address(&world.server, Some(IpAddr::from([127, 2, high, low])))
}

pub(crate) async fn me(caller: &Api) -> Value {
    let answer = caller.get("/api/v1/auth/me").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn a_login_makes_a_user_with_the_role_of_the_groups(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let world = &sso.world;
    let buttons = world.stranger().get("/api/v1/auth/providers").await.json();
    assert_eq!(buttons, json!({"items": [{"name": "idp", "label": "Test", "kind": "generic"}], "password": true}));
    let check = world.admin.post("/api/v1/admin/providers/idp/check", &json!({})).await.json();
    assert_eq!((text(&check["issuer"]), &check["problems"]), (sso.peer.issuer(), &json!([])), "{check}");

    let landed = sso.login("ada").await;
    assert_eq!(landed.path(), "/agents");
    let caller = world.stranger().holding(&landed.cookie("__Host-mc_access").expect("a token"));
    let ada = me(&caller).await;
    assert_eq!((text(&ada["username"]), text(&ada["role"])), ("ada.l", "operator"), "by the group ops-eu");
    assert_eq!(caller.get("/api/v1/admin/users").await.status, 403);
    let (bob, _) = sso.session("bob").await;
    assert_eq!((text(&me(&bob).await["username"]), text(&me(&bob).await["role"])), ("bob", "viewer"), "by the default role");
    // The name at the provider begins with a Cyrillic letter and looks like our admin's.
    let (eve, _) = sso.session("eve").await;
    assert_eq!(text(&me(&eve).await["username"]), "dmin");

    let identities = caller.get("/api/v1/me/identities").await.json();
    assert_eq!((text(&identities["items"][0]["provider"]), text(&identities["items"][0]["subject"])), ("idp", "ada"));
    let again = sso.session("ada").await.0;
    assert_eq!(me(&again).await["id"], ada["id"], "the same person is the same user");
    let logins = world.audit("login").await;
    assert!(logins.iter().any(|entry| text(&entry["actor"]) == "ada.l" && text(&entry["detail"]).contains("oidc:idp")), "{logins:?}");
    assert_eq!(world.audit("user_create").await.len(), 3);
}

async fn only_linked_accounts_come_in(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({"provisioning": "link"})).await;
    assert_eq!(sso.login("bob").await.path(), "/login?error=not_linked");
    assert_eq!(sso.login("bob").await.path(), "/login?error=not_linked", "and again");
    let denied = sso.world.audited("login", |entry| entry["result"] == "denied").await;
    assert!(text(&denied["detail"]).contains("bob@example.org"), "{denied}");
    assert_eq!(sso.world.admin.get("/api/v1/admin/users").await.json()["total"], 1);
    // Without a rule that fits there is no role, and without a role nobody comes in.
    let form = sso.peer.form(&json!({"provisioning": "create", "default_role": null, "client_secret": null}));
    let changed = sso.world.admin.put("/api/v1/admin/providers/idp", &form).await;
    assert_eq!((changed.status, changed.json()["has_secret"].as_bool()), (200, Some(true)), "{}", changed.text());
    assert_eq!(sso.login("bob").await.path(), "/login?error=no_role");
    assert_eq!(sso.login("ada").await.path(), "/agents");
}

async fn seats_end(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let settings = sso.world.admin.get("/api/v1/admin/settings").await.json();
    let mut wanted = settings.clone();
    wanted["seat_cap"] = json!(2);
    wanted.as_object_mut().expect("settings").remove("seats_used");
    let set = sso.world.admin.put("/api/v1/admin/settings", &wanted).await;
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(sso.login("ada").await.path(), "/agents");
    assert_eq!(sso.login("bob").await.path(), "/login?error=seats_full");
    assert_eq!(sso.login("ada").await.path(), "/agents", "who has a seat keeps it");
}

async fn a_verified_address_links_with_the_password_only(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let world = &sso.world;
    let made = json!({"username": "countess", "password": PASSWORD, "role": "developer", "email": "ada@example.org"});
    let made = world.admin.post("/api/v1/admin/users", &made).await;
    assert_eq!(made.status, 201, "{}", made.text());
    // The address here is not proved: it links nothing, and stays with the one who has it.
    let (unlinked, _) = sso.session("ada").await;
    assert_eq!(text(&me(&unlinked).await["username"]), "ada.l");
    let deleted = world.admin.delete(&format!("/api/v1/admin/users/{}", text(&me(&unlinked).await["id"]))).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert_eq!(sso.login("ada").await.path(), "/login?error=account_disabled");

    let other = Sso::start(engine, 3_600, json!({})).await;
    let world = &other.world;
    let made = json!({"username": "countess", "password": PASSWORD, "role": "developer", "email": "ada@example.org"});
    assert_eq!(world.admin.post("/api/v1/admin/users", &made).await.status, 201);
    world.db.execute(world.server.data_dir(), "UPDATE user_account SET email_verified_at = 1 WHERE name = 'countess'").await.expect("done");
    let landed = other.login("ada").await;
    let ticket = landed.url.fragment().and_then(|fragment| fragment.strip_prefix("ticket=")).expect("a ticket").to_owned();
    assert_eq!((landed.url.path(), landed.cookie("__Host-mc_access")), ("/login/link", None), "an address alone opens nothing");
    let confirm = async |ticket: &str, password: &str| {
        world.stranger().post("/api/v1/auth/oidc/link", &json!({"ticket": ticket, "password": password})).await
    };
    assert_eq!(confirm(&ticket, "not the password").await.code(), "login_failed");
    assert_eq!(confirm("mco_x", PASSWORD).await.code(), "ticket_ended");
    let linked = confirm(&ticket, PASSWORD).await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    assert_eq!((text(&linked.json()["user"]["username"]), text(&linked.json()["user"]["role"])), ("countess", "developer"));
    assert_eq!(confirm(&ticket, PASSWORD).await.code(), "ticket_ended", "a ticket works once");
    let (again, _) = other.session("ada").await;
    assert_eq!(text(&me(&again).await["role"]), "developer", "the rules give roles to accounts they made only");
    assert_eq!(world.audit("identity_link").await.len(), 1);

    // Five wrong passwords use a ticket up.
    let unlinked = again.delete("/api/v1/me/identities/idp").await;
    assert_eq!(unlinked.status, 204, "{}", unlinked.text());
    let landed = other.login("ada").await;
    let ticket = landed.url.fragment().and_then(|fragment| fragment.strip_prefix("ticket=")).expect("a ticket").to_owned();
    for _ in 0..5 {
        assert_ne!(confirm(&ticket, "not the password").await.status, 200);
    }
    let late = confirm(&ticket, PASSWORD).await;
    assert_eq!(late.code(), "ticket_ended", "{}", late.text());
}

async fn the_profile_links_and_unlinks(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({"provisioning": "link"})).await;
    let world = &sso.world;
    world.user_add("grace", "operator").await;
    let login = world.stranger().login("grace", PASSWORD).await;
    let begin = "/api/v1/me/identities/idp/link";
    assert_eq!(world.stranger().post(begin, &json!({})).await.status, 401, "only who is logged in can link");
    assert_eq!(world.admin.post("/api/v1/me/identities/other/link", &json!({})).await.status, 404);
    let grace = world.stranger().holding(&login.access_token());
    let linked = link(&sso, &login.access_token(), "/profile?tab=security", "ada").await;
    assert_eq!(linked.path(), "/profile?tab=security");
    let (ada, _) = sso.session("ada").await;
    assert_eq!((text(&me(&ada).await["username"]), text(&me(&ada).await["role"])), ("grace", "operator"));

    // The same account cannot be linked to somebody else.
    world.user_add("mallory", "viewer").await;
    let mallory = world.login("mallory").await;
    let taken = link(&sso, mallory.token.as_deref().expect("a token"), "/profile", "ada").await;
    assert_eq!(taken.path(), "/profile?sso_error=identity_taken");

    assert_eq!(grace.delete("/api/v1/me/identities/idp").await.status, 204);
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 401, "sessions that came by it end");
    assert_eq!(grace.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(grace.delete("/api/v1/me/identities/idp").await.status, 404);
    assert_eq!(sso.login("ada").await.path(), "/login?error=not_linked");
    for action in ["identity_link", "identity_unlink"] {
        assert_eq!(world.audit(action).await.len(), 1, "{action}");
    }
}

/// What one's own page does to link an account: where the provider sends the browser back to.
async fn linking(sso: &Sso, browser: &Browser, token: &str, return_to: &str, who: &str) -> Landed {
    let begin = format!("{}/api/v1/me/identities/idp/link", sso.world.server.url().replace("localhost", "127.0.0.1"));
    // The session's cookie is strict: the browser sends it from our page, and not on the way back from the provider.
    let begun = browser.post_as(&begin, token, &json!({"return_to": return_to})).await.expect("an answer");
    let begun: Value = begun.json().await.expect("JSON");
    browser.walk(text(&begun["url"]), who, |url| url.path().ends_with("/callback")).await.expect("it comes back")
}

/// A login from somebody's profile, in one browser.
async fn link(sso: &Sso, token: &str, return_to: &str, who: &str) -> Landed {
    let browser = sso.peer.browser().expect("a browser");
    let callback = linking(sso, &browser, token, return_to, who).await;
    browser.follow(callback.url.as_str()).await.expect("an answer")
}

async fn linking_takes_a_fresh_proof_and_a_session_that_lives(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({"provisioning": "link"})).await;
    let world = &sso.world;
    let grace = world.user("grace", "operator").await;
    let begin = async || grace.post("/api/v1/me/identities/idp/link", &json!({})).await;
    world.proof_ends(&grace).await;
    assert_eq!(begin().await.code(), "step_up_required");
    assert_eq!(grace.post("/api/v1/auth/step-up", &json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(begin().await.status, 200);
    let elsewhere = grace.request("POST", "/api/v1/me/identities/idp/link").header("origin", "https://other.example").json(&json!({}));
    let elsewhere = send(elsewhere).await;
    assert_eq!((elsewhere.status, elsewhere.code().as_str()), (409, "other_host"));
    assert!(elsewhere.text().contains("open this page at https://"), "it says where: {}", elsewhere.text());

    // The session ends while its owner is at the provider.
    let grace = world.login("grace").await;
    let browser = sso.peer.browser().expect("a browser");
    let callback = linking(&sso, &browser, grace.token.as_deref().expect("a token"), "/account", "ada").await;
    assert_eq!(grace.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    let back = browser.follow(callback.url.as_str()).await.expect("an answer");
    assert_eq!(back.path(), "/account?sso_error=login_first");
    assert_eq!(world.audit("identity_link").await.len(), 0);
    let token = world.api_token(json!({"name": "all", "kind": "personal", "scopes": ["*"]})).await;
    let token = world.stranger().holding(text(&token["secret"]));
    assert_eq!(token.post("/api/v1/me/identities/idp/link", &json!({})).await.code(), "denied", "a token is no person");
}

async fn a_login_begun_by_another_name_goes_to_the_public_one(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let public = sso.world.server.url().replace("localhost", "127.0.0.1");
    let stranger = sso.world.stranger();
    let ask = async |query: &str| {
        let request = stranger.request("GET", &format!("/api/v1/auth/oidc/idp/start?return_to=/agents{query}"));
        send(request.version(reqwest::Version::HTTP_11).header("host", "mc.elsewhere.example:8443")).await
    };
    let sent = ask("").await;
    assert_eq!((sent.status, sent.cookie("__Host-mc_oidc")), (302, None), "nothing is begun there");
    let home = sent.header("location");
    assert_eq!(home, format!("{}/api/v1/auth/oidc/idp/start?return_to=/agents&sent=true", public.trim_end_matches('/')));
    let browser = sso.peer.browser().expect("a browser");
    let callback = browser.walk(home, "ada", |url| url.path().ends_with("/callback")).await.expect("it comes back");
    let landed = browser.follow(callback.url.as_str()).await.expect("an answer");
    assert_eq!(landed.path(), "/agents");
    // A proxy that hides the name must not send the browser around for ever.
    assert!(ask("&sent=true").await.header("location").starts_with(sso.peer.issuer()), "it begins");
}

async fn roles_given_to_groups_are_simulated_and_shown(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let world = &sso.world;
    let (eve, refresh) = sso.session("eve").await;
    let given = json!({"role": "developer", "subject_kind": "group", "subject": "idp:staff", "reason": "test"});
    assert_eq!(world.admin.post("/api/v1/admin/role-assignments", &given).await.status, 201);
    let roles = eve.get("/api/v1/me").await.json()["roles"].clone();
    assert_eq!(roles, json!([{"role": "viewer", "source": "account"}, {"role": "developer", "source": "idp:staff"}]));
    assert_eq!(me(&eve).await["roles"], json!(["viewer", "developer"]));
    let what = async || world.admin.post("/api/v1/admin/simulate/what", &json!({"user": "dmin"})).await.json()["roles"].clone();
    let who = async || {
        let found = world.admin.post("/api/v1/admin/simulate/who", &json!({"action": "agent_restart"})).await.json();
        let eve = found["items"].as_array().expect("items").iter().find(|item| item["user"]["username"] == "dmin").cloned();
        eve.expect("she is there")["allowed"].clone()
    };
    assert_eq!((what().await, who().await), (json!(["viewer", "developer"]), json!(true)));
    let origin = format!("https://{}", eve.host);
    let cookies = format!("__Host-mc_access={}; __Host-mc_refresh={refresh}", eve.token.clone().expect("a token"));
    assert!(eve.with_cookies("POST", "/api/v1/auth/logout", &cookies, Some(&origin)).await.status < 300);
    assert_eq!((what().await, who().await), (json!(["viewer"]), json!(false)), "groups are known while somebody is logged in with them");
}

async fn an_account_without_a_password_gets_none_by_mail(engine: Engine) {
    let mut mails = MailServer::start().await.expect("a mail server");
    let sso = Sso::with(engine, 3_600, json!({}), |setup| {
        let setup = setup.variable("MC_SMTP_URL", mails.url()).variable("MC_MAIL__FROM", "Mission Control <mc@example.org>");
        setup.variable("MC_MAIL__CA_FILE", mails.ca_file().display().to_string())
    })
    .await;
    let world = &sso.world;
    let (ada, _) = sso.session("ada").await;
    let profile = ada.get("/api/v1/me").await.json();
    assert_eq!((&profile["has_password"], text(&profile["email"])), (&json!(false), "ada@example.org"));
    let forgot = elsewhere(world).post("/api/v1/auth/password/forgot", &json!({"email": "ada@example.org"})).await;
    assert_eq!((forgot.status, forgot.json()), (202, json!({"mail": true})), "the answer is that of any other account");
    let mail = mails.next().await.expect("a mail");
    assert!(text(&mail["text"]).contains("It has none") && !text(&mail["text"]).contains("token="), "{mail}");
    let refused = world.audited("password_forgot", |entry| entry["result"] == "denied").await;
    assert!(text(&refused["detail"]).contains("oidc:idp"), "{refused}");
    let own = ada.post("/api/v1/me/password", &json!({"current": PASSWORD, "new": "an entirely other phrase"})).await;
    assert_eq!(own.code(), "no_password");

    // An admin may give one, and the trail says what that was.
    let id = text(&profile["id"]).to_owned();
    let link = world.admin.post(&format!("/api/v1/admin/users/{id}/reset-link"), &json!({})).await.json();
    let (_, token) = text(&link["url"]).split_once("#token=").expect("a link");
    let reset = json!({"token": token, "password": "an entirely other phrase"});
    assert_eq!(elsewhere(world).post("/api/v1/auth/password/reset", &reset).await.status, 204);
    let handed = world.audited("user_reset_link", |entry| entry["result"] == "ok").await;
    assert!(text(&handed["detail"]).contains("first password of an account that logs in by a provider only"), "{handed}");
    world.audited("password_reset", |entry| text(&entry["detail"]) == "first password").await;
    assert_eq!(elsewhere(world).login("ada.l", "an entirely other phrase").await.status, 200);
}

async fn a_refresh_asks_the_provider_and_follows_it(engine: Engine) {
    let sso = Sso::start(engine, 1, json!({})).await;
    let world = &sso.world;
    let (ada, refresh) = sso.session("ada").await;
    assert_eq!(text(&me(&ada).await["role"]), "operator");
    let mut accounts = people();
    accounts["ada"]["groups"] = json!(["staff"]);
    sso.peer.accounts(&accounts).await.expect("other groups");
    // The provider's access token lives a second; the refresh after that asks again.
    let mut refresh = refresh;
    let demoted = eventually("the new role", async || {
        let answer = elsewhere(world).refresh(&refresh).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        refresh = answer.refresh_token();
        (text(&answer.json()["user"]["role"]) == "viewer").then_some(answer)
    })
    .await;
    assert!(
        demoted.json()["expires_in"].as_u64().expect("seconds") <= 60,
        "our token lives no longer than the provider's: {}",
        demoted.text()
    );
    world.audited("user_set_role", |entry| text(&entry["detail"]).contains("operator → viewer")).await;

    accounts.as_object_mut().expect("accounts").remove("ada");
    sso.peer.accounts(&accounts).await.expect("ada is gone");
    let ended = eventually("the end", async || {
        let answer = elsewhere(world).refresh(&refresh).await;
        if answer.status == 200 {
            refresh = answer.refresh_token();
        }
        (answer.status == 401).then_some(answer)
    })
    .await;
    assert_eq!(ended.code(), "session_ended");
    assert_eq!(world.stranger().holding(&demoted.access_token()).get("/api/v1/auth/me").await.status, 401, "at once");
    world.audited("session_end", |entry| text(&entry["detail"]).contains("the login is over")).await;
}

async fn a_logout_there_is_a_logout_here(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let world = &sso.world;
    let browser = sso.peer.browser().expect("a browser");
    let landed = browser.login(&world.server, "idp", "", "ada").await.expect("it comes back");
    let first = world.stranger().holding(&landed.cookie("__Host-mc_access").expect("a token"));
    let (second, _) = sso.session("ada").await;
    let (bob, _) = sso.session("bob").await;
    assert_eq!(me(&first).await["id"], me(&second).await["id"]);

    // Logging out here says where to log out there; going there ends that provider session, and the provider tells us by itself.
    let cookies = format!(
        "__Host-mc_access={}; __Host-mc_refresh={}",
        first.token.clone().expect("a token"),
        landed.cookie("__Host-mc_refresh").expect("a token")
    );
    let origin = format!("https://{}", world.stranger().host);
    let out = world.stranger().with_cookies("POST", "/api/v1/auth/logout", &cookies, Some(&origin)).await;
    assert_eq!(out.status, 200, "{}", out.text());
    let redirect = out.json()["redirect"].as_str().expect("where to go").to_owned();
    assert!(redirect.starts_with(sso.peer.issuer()) && redirect.contains("id_token_hint"), "{redirect}");
    assert_eq!(first.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(second.get("/api/v1/auth/me").await.status, 200, "another login of the same person goes on");

    let third = browser.login(&world.server, "idp", "", "ada").await.expect("the provider still knows the browser");
    let third = world.stranger().holding(&third.cookie("__Host-mc_access").expect("a token"));
    assert_eq!(third.get("/api/v1/auth/me").await.status, 200);
    let back = browser.walk(&redirect, "ada", |url| url.path() == "/login").await.expect("it comes back");
    assert_eq!(back.url.path(), "/login");
    eventually("the provider's word", async || (third.get("/api/v1/auth/me").await.status == 401).then_some(())).await;
    let entry = world.audited("backchannel_logout", |entry| entry["result"] == "ok").await;
    assert_eq!(entry["resource"], "idp", "{entry}");
    assert_eq!(second.get("/api/v1/auth/me").await.status, 200, "that login is another one at the provider");
    assert_eq!(bob.get("/api/v1/auth/me").await.status, 200);
}

async fn a_provider_that_is_down_stops_new_logins_only(engine: Engine) {
    let mut sso = Sso::start(engine, 1, json!({})).await;
    let (ada, refresh) = sso.session("ada").await;
    sso.peer.kill().await.expect("it ends");
    let mut refresh = refresh;
    let world = &sso.world;
    eventually("a try at the provider", async || {
        let answer = elsewhere(world).refresh(&refresh).await;
        assert_eq!(answer.status, 200, "a session goes on meanwhile: {}", answer.text());
        refresh = answer.refresh_token();
        world.server.log().contains("a provider does not answer").then_some(())
    })
    .await;
    assert_eq!(me(&ada).await["username"], "ada.l");
    assert_eq!(world.stranger().login("admin", PASSWORD).await.status, 200, "a password always works");
    let check = world.admin.post("/api/v1/admin/providers/idp/check", &json!({})).await.json();
    assert!(text(&check["problems"][0]).contains("cannot be reached"), "{check}");
    // What was learnt of the provider is forgotten with a change of it, as with time.
    let form = sso.peer.form(&json!({"label": "Other"}));
    assert_eq!(world.admin.put("/api/v1/admin/providers/idp", &form).await.status, 200);
    let browser = sso.peer.browser().expect("a browser");
    let started = browser.follow(&format!("{}/api/v1/auth/oidc/idp/start", world.server.url().replace("localhost", "127.0.0.1"))).await;
    assert_eq!(started.expect("an answer").path(), "/login?error=provider_unavailable");
}
