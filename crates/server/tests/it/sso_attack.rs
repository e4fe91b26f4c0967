//! Everything that must not log anybody in: a provider that lies, answers that come back twice or elsewhere, forged tokens.

use mc_testkit::{
    Browser, Issuer,
    issuer::{Plan, Sign, now},
    oidc::Landed,
};
use serde_json::{Value, json};

use crate::{
    sso::world,
    support::{Answer, Api, Engine, World, eventually, on_both_engines},
};

on_both_engines!(tokens_that_do_not_hold, forged_logouts_end_nothing, answers_work_once_and_in_one_browser);

struct Trial {
    world: World,
    issuer: Issuer,
}

impl Trial {
    async fn start(engine: Engine, change: Value) -> Self {
        let (world, issuer) = (world(engine).await, Issuer::start().await.expect("an issuer"));
        let made = world.admin.post("/api/v1/admin/providers", &issuer.form(&change)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        Self { world, issuer }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.world.server.ca_file()).expect("a browser")
    }

    fn ours(&self) -> String {
        self.world.server.url().replace("localhost", "127.0.0.1")
    }

    /// A login with the provider as planned.
    async fn login(&self, plan: Plan) -> Landed {
        self.issuer.plan(plan);
        self.browser().login(&self.world.server, "idp", "", "mallory").await.expect("an answer")
    }

    /// Who came in.
    fn caller(&self, landed: &Landed) -> Api {
        self.world.stranger().holding(&landed.cookie("__Host-mc_access").expect("a session"))
    }
}

async fn tokens_that_do_not_hold(engine: Engine) {
    let trial = Trial::start(engine, json!({})).await;
    let with = |claims: Value| Plan { claims, ..Plan::default() };
    let signed = |sign: Sign| Plan { sign, ..Plan::default() };
    let lies = [
        ("another application", with(json!({"aud": "somebody-else"}))),
        ("another application beside us", with(json!({"aud": ["mission-control", "somebody-else"]}))),
        ("another party", with(json!({"azp": "somebody-else"}))),
        ("another issuer", with(json!({"iss": "https://login.example.com"}))),
        ("expired", with(json!({"exp": now() - 10}))),
        ("from the future", with(json!({"iat": now() + 3_600}))),
        ("another nonce", with(json!({"nonce": "another"}))),
        ("no nonce", with(json!({"nonce": null}))),
        ("nobody", with(json!({"sub": ""}))),
        ("another access token", with(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}))),
        ("no signature", signed(Sign::No)),
    ];
    for (what, plan) in lies {
        let landed = trial.login(plan).await;
        assert_eq!((landed.path().as_str(), landed.cookie("__Host-mc_access")), ("/login?error=token_invalid", None), "{what}");
    }
    let denied = trial.world.audit("login").await.into_iter().filter(|entry| entry["result"] == "denied").count();
    assert_eq!(denied, 11, "each is on record");
    assert_eq!(trial.world.admin.get("/api/v1/admin/users").await.json()["total"], 1, "nobody came in");
}

#[tokio::test]
async fn forged_signatures() {
    let trial = Trial::start(Engine::Sqlite, json!({})).await;
    for sign in [Sign::PublicKeyAsSecret, Sign::ClientSecret, Sign::Key(1), Sign::WrongName(1), Sign::No] {
        // Its discovery document announces HS256 and none as well: they are never believed.
        let landed = trial.login(Plan { sign: sign.clone(), ..Plan::default() }).await;
        assert_eq!((landed.path().as_str(), landed.cookie("__Host-mc_access")), ("/login?error=token_invalid", None), "{sign:?}");
    }
    // The same in good order works: it was the signatures, not the rest.
    let landed = trial.login(Plan::default()).await;
    assert_eq!(landed.path(), "/");
    assert_eq!(trial.caller(&landed).get("/api/v1/auth/me").await.json()["username"], "user", "a subject is no user name");
}

#[tokio::test]
async fn new_keys_are_learnt_and_old_ones_forgotten() {
    let trial = Trial::start(Engine::Sqlite, json!({})).await;
    let asked = || trial.issuer.seen().iter().filter(|path| *path == "GET /jwks").count();
    assert_eq!(trial.login(Plan::default()).await.path(), "/");
    assert_eq!(asked(), 1);
    // The provider changes its key: the first token with the new one makes us look.
    let rotated = |sign: Sign| Plan { published: vec![1], sign, ..Plan::default() };
    assert_eq!(trial.login(rotated(Sign::Key(1))).await.path(), "/");
    assert_eq!(asked(), 2);
    // What the old key signs is not believed any more, and makes us look neither now nor again and again.
    for _ in 0..3 {
        assert_eq!(trial.login(rotated(Sign::Key(0))).await.path(), "/login?error=token_invalid");
    }
    assert_eq!(asked(), 2);
    assert_eq!(trial.login(rotated(Sign::Key(1))).await.path(), "/");
}

#[tokio::test]
async fn slow_keys_hold_up_only_those_who_need_them() {
    let trial = Trial::start(Engine::Sqlite, json!({})).await;
    let count = |what: &str| trial.issuer.seen().iter().filter(|seen| seen.contains(what)).count();
    let signed = |sign: Sign| Plan { published: vec![0, 1], sign, ..Plan::default() };
    assert_eq!(trial.login(Plan::default()).await.path(), "/");
    assert_eq!((count("GET /jwks"), count("grant_type=")), (1, 1));
    // The provider signs with a key that is new here, and takes its time to publish it.
    trial.issuer.hold(Some("/jwks"));
    let (first, ()) = tokio::join!(trial.login(signed(Sign::Key(1))), async {
        eventually("the keys to be asked for", async || (count("GET /jwks") == 2).then_some(())).await;
        assert_eq!(trial.login(signed(Sign::Key(0))).await.path(), "/", "whose key is known does not wait");
        let (second, ()) = tokio::join!(trial.login(signed(Sign::Key(1))), async {
            eventually("its token", async || (count("grant_type=") == 4).then_some(())).await;
            trial.issuer.hold(None);
        });
        assert_eq!(second.path(), "/", "who came meanwhile is not turned away: the keys are new");
    });
    assert_eq!(first.path(), "/");
    assert_eq!(count("GET /jwks"), 2, "they were asked for once");

    // Somebody leaves while the keys are on their way: they arrive all the same, and are not asked for anew.
    let left = Trial::start(Engine::Sqlite, json!({})).await;
    let asked = || left.issuer.seen().iter().filter(|path| *path == "GET /jwks").count();
    assert_eq!(left.login(Plan::default()).await.path(), "/");
    left.issuer.hold(Some("/jwks"));
    tokio::select! {
        landed = left.login(signed(Sign::Key(1))) => panic!("nothing to land with: {landed:?}"),
        () = eventually("the keys to be asked for", async || (asked() == 2).then_some(())) => {}
    }
    left.issuer.hold(None);
    assert_eq!(left.login(signed(Sign::Key(1))).await.path(), "/");
    assert_eq!(asked(), 2);
}

async fn forged_logouts_end_nothing(engine: Engine) {
    let trial = Trial::start(engine, json!({})).await;
    let caller = trial.caller(&trial.login(Plan { claims: json!({"sid": "s-1"}), ..Plan::default() }).await);
    let post = async |token: &str| -> Answer {
        let request = trial.world.stranger().request("POST", "/api/v1/auth/oidc/idp/backchannel-logout");
        crate::support::api::send(request.form(&[("logout_token", token)])).await
    };
    let token = |id: &str, change: Value, sign: Sign| trial.issuer.logout_token("mallory", id, &change, &sign).expect("a token");
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let forged = [
        ("no token", "x".to_owned()),
        ("unsigned", token("1", json!({}), Sign::No)),
        ("public key as secret", token("2", json!({}), Sign::PublicKeyAsSecret)),
        ("client secret", token("3", json!({}), Sign::ClientSecret)),
        ("another key", token("4", json!({}), Sign::WrongName(1))),
        ("another application", token("5", json!({"aud": "somebody-else"}), Sign::Key(0))),
        ("another issuer", token("6", json!({"iss": "https://login.example.com"}), Sign::Key(0))),
        ("no event", token("7", json!({"events": null}), Sign::Key(0))),
        ("another event", token("8", json!({"events": {"https://example.com/event": {}}}), Sign::Key(0))),
        ("a nonce", token("9", json!({"nonce": "n"}), Sign::Key(0))),
        ("nobody", token("10", json!({"sub": null}), Sign::Key(0))),
        ("old", token("11", json!({"iat": now() - 7_200, "exp": now() - 3_600}), Sign::Key(0))),
        ("old without an end", token("12", json!({"iat": now() - 7_200, "exp": null}), Sign::Key(0))),
        (
            "an ID token",
            trial
                .issuer
                .token(
                    &json!({"iss": trial.issuer.issuer(), "aud": "mission-control", "sub": "mallory", "iat": now(), "exp": now() + 60}),
                    &Sign::Key(0),
                )
                .expect("a token"),
        ),
        ("no id", token("13", json!({"jti": null, "events": {event: {}}}), Sign::Key(0))),
    ];
    for (what, token) in forged {
        let answer = post(&token).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        assert_eq!(caller.get("/api/v1/auth/me").await.status, 200, "{what}");
    }
    // One for another login of the same person ends nothing either, and a good one works once.
    let good = token("20", json!({"sid": "s-2"}), Sign::Key(0));
    assert_eq!(post(&good).await.status, 200);
    assert_eq!(caller.get("/api/v1/auth/me").await.status, 200);
    let good = token("21", json!({"sid": "s-1"}), Sign::Key(0));
    assert_eq!(post(&good).await.status, 200);
    assert_eq!(caller.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(post(&good).await.status, 400, "used before");
    let unknown = trial.world.stranger().request("POST", "/api/v1/auth/oidc/nowhere/backchannel-logout");
    assert_eq!(crate::support::api::send(unknown.form(&[("logout_token", "x")])).await.status, 404);
}

async fn answers_work_once_and_in_one_browser(engine: Engine) {
    let trial = Trial::start(engine, json!({})).await;
    trial.issuer.plan(Plan::default());
    let back = |url: &mc_testkit::oidc::Url| url.path().ends_with("/callback");
    let start = format!("{}/api/v1/auth/oidc/idp/start?return_to=https://evil.example/", trial.ours());
    let (victim, thief) = (trial.browser(), trial.browser());
    // An answer in another browser: an attacker's login in the victim's browser, or the victim's in the attacker's.
    let answer = victim.walk(&start, "", back).await.expect("an answer");
    assert_eq!(thief.follow(answer.url.as_str()).await.expect("an answer").path(), "/login?error=state_mismatch");
    assert_eq!(victim.follow(answer.url.as_str()).await.expect("an answer").path(), "/login?error=login_expired", "it is used up");
    // The same answer twice, and where it leads: never to another site.
    let answer = victim.walk(&start, "", back).await.expect("an answer");
    let landed = victim.follow(answer.url.as_str()).await.expect("an answer");
    assert_eq!(landed.url.as_str(), format!("{}/", trial.ours()));
    assert_eq!(victim.follow(answer.url.as_str()).await.expect("an answer").path(), "/login?error=login_expired");
    // A state that was never given, and none.
    let callback = format!("{}/api/v1/auth/oidc/idp/callback", trial.ours());
    for query in ["?code=x&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "?code=x", ""] {
        assert_eq!(victim.follow(&format!("{callback}{query}")).await.expect("an answer").path(), "/login?error=login_expired");
    }
    // Nothing of what a provider says is passed on.
    let said = json!({"code": null, "error": "<script>alert(1)</script>", "error_description": "call +1 555 0100"});
    let landed = trial.login(Plan { answer: said, ..Plan::default() }).await;
    assert_eq!(landed.path(), "/login?error=provider_refused");
    let landed = trial.login(Plan { answer: json!({"code": null, "error": "access_denied"}), ..Plan::default() }).await;
    assert_eq!(landed.path(), "/login?error=provider_denied");
}

#[tokio::test]
async fn the_provider_is_who_it_says() {
    let trial = Trial::start(Engine::Sqlite, json!({})).await;
    // RFC 9207: an answer that names another issuer comes from somebody who mixes providers up.
    let landed = trial.login(Plan { answer: json!({"iss": "https://login.example.com"}), ..Plan::default() }).await;
    assert_eq!(landed.path(), "/login?error=token_invalid");
    let landed = trial.login(Plan { answer: json!({"iss": trial.issuer.issuer()}), ..Plan::default() }).await;
    assert_eq!(landed.path(), "/");
    // The exchange carries the PKCE secret, and a refusal of it is one.
    assert!(trial.issuer.seen().iter().any(|form| form.contains("code_verifier=") && form.contains("grant_type=authorization_code")));
    let wrong = Plan { token_error: Some((400, json!({"error": "invalid_grant", "error_description": "PKCE"}))), ..Plan::default() };
    assert_eq!(trial.login(wrong).await.path(), "/login?error=provider_refused");
    let garbage = Plan { token_error: Some((200, json!("nonsense"))), ..Plan::default() };
    assert_eq!(trial.login(garbage).await.path(), "/login?error=provider_unavailable");

    // One that always names itself and then does not, and one that calls itself differently.
    let strict = Trial::start(Engine::Sqlite, json!({})).await;
    let plan = Plan { document: json!({"authorization_response_iss_parameter_supported": true}), ..Plan::default() };
    assert_eq!(strict.login(plan).await.path(), "/login?error=token_invalid");
    let other = Trial::start(Engine::Sqlite, json!({})).await;
    let plan = Plan { document: json!({"issuer": "https://login.example.com"}), ..Plan::default() };
    assert_eq!(other.login(plan).await.path(), "/login?error=provider_misconfigured");
    let cloud = Trial::start(Engine::Sqlite, json!({})).await;
    let plan = Plan { document: json!({"jwks_uri": "http://169.254.169.254/latest/meta-data/"}), ..Plan::default() };
    assert_eq!(cloud.login(plan).await.path(), "/login?error=provider_misconfigured");
}

#[tokio::test]
async fn groups_in_great_number_come_from_graph() {
    let trial = Trial::start(Engine::Sqlite, json!({"kind": "entra"})).await;
    let world = &trial.world;
    let form = trial.issuer.form(&json!({
        "kind": "entra", "graph_url": format!("{}/graph", trial.issuer.issuer()), "default_role": null,
        "role_rules": [{"value": "g-1400", "role": "operator"}],
    }));
    assert_eq!(world.admin.put("/api/v1/admin/providers/idp", &form).await.status, 200);
    let group = |n: usize| json!({"@odata.type": "#microsoft.graph.group", "id": format!("g-{n}")});
    let pages = vec![
        json!((0..999).map(group).collect::<Vec<_>>()),
        json!((999..1_500).map(group).chain([json!({"@odata.type": "#microsoft.graph.directoryRole", "id": "r"})]).collect::<Vec<_>>()),
    ];
    let overage = json!({"preferred_username": "ada", "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x"}}});
    let landed = trial.login(Plan { claims: overage.clone(), graph: pages, ..Plan::default() }).await;
    assert_eq!(landed.path(), "/");
    assert_eq!(trial.caller(&landed).get("/api/v1/auth/me").await.json()["role"], "operator");
    let landed = trial.login(Plan { claims: overage, graph: vec![json!([])], ..Plan::default() }).await;
    assert_eq!(landed.path(), "/login?error=no_role", "the groups are asked for each time");
}

#[tokio::test]
async fn a_second_factor_can_be_demanded_of_the_provider() {
    let trial = Trial::start(Engine::Sqlite, json!({"second_factor": "proved"})).await;
    let mut settings = trial.world.admin.get("/api/v1/admin/settings").await.json();
    settings["require_second_factor"] = json!(["viewer"]);
    settings.as_object_mut().expect("settings").remove("seats_used");
    assert_eq!(trial.world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    let amr = |methods: Value| Plan { claims: json!({"amr": methods}), ..Plan::default() };
    assert_eq!(trial.login(Plan::default()).await.path(), "/login?error=second_factor_missing");
    assert_eq!(trial.login(amr(json!(["pwd"]))).await.path(), "/login?error=second_factor_missing");
    assert_eq!(trial.login(amr(json!(["pwd", "otp", "mfa"]))).await.path(), "/");

    // What a role demands counts however it is had: by a group, too.
    settings["require_second_factor"] = json!(["developer"]);
    assert_eq!(trial.world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    assert_eq!(trial.login(Plan::default()).await.path(), "/", "a viewer");
    let given = json!({"role": "developer", "subject_kind": "group", "subject": "idp:night", "reason": "test"});
    assert_eq!(trial.world.admin.post("/api/v1/admin/role-assignments", &given).await.status, 201);
    let night = |amr: Value| Plan { claims: json!({"groups": ["night"], "amr": amr}), ..Plan::default() };
    assert_eq!(trial.login(night(json!(["pwd"]))).await.path(), "/login?error=second_factor_missing");
    assert_eq!(trial.login(night(json!(["mfa"]))).await.path(), "/");
}

#[tokio::test]
async fn a_provider_is_checked_before_it_is_kept() {
    let world = world(Engine::Sqlite).await;
    let form = |change: Value| {
        let mut form = json!({"name": "idp", "label": "L", "issuer": "https://login.example.com", "client_id": "c"});
        form.as_object_mut().expect("a form").extend(change.as_object().expect("a change").clone());
        form
    };
    for bad in [
        json!({"name": "Idp"}),
        json!({"name": "a/b"}),
        json!({"label": ""}),
        json!({"issuer": "http://login.example.com"}),
        json!({"issuer": "https://169.254.169.254/"}),
        json!({"issuer": "file:///etc/passwd"}),
        json!({"client_id": ""}),
        json!({"scopes": ["open id"]}),
        json!({"role_rules": [{"value": "", "role": "viewer"}]}),
        json!({"role_rules": [{"value": "x", "role": "No Role"}]}),
        json!({"default_role": "nobody-made-this"}),
        json!({"ca_pem": "nonsense"}),
        json!({"kind": "entra", "graph_url": "ftp://graph"}),
    ] {
        let answer = world.admin.post("/api/v1/admin/providers", &form(bad.clone())).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
    let made = world.admin.post("/api/v1/admin/providers", &form(json!({"client_secret": "very secret"}))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(!made.text().contains("very secret"));
    assert_eq!(world.admin.post("/api/v1/admin/providers", &form(json!({}))).await.code(), "name_taken");
    // Somebody who may edit must not have the secret sent to a place of theirs.
    let moved = world.admin.put("/api/v1/admin/providers/idp", &form(json!({"issuer": "https://evil.example"}))).await;
    assert_eq!(moved.status, 400, "{}", moved.text());
    let shown = world.admin.get("/api/v1/admin/providers/idp").await;
    assert_eq!((shown.json()["has_secret"].as_bool(), shown.json()["issuer"].as_str()), (Some(true), Some("https://login.example.com")));
    // What may be empty is taken away by null as by leaving it out, and the secret stays.
    let ca = std::fs::read_to_string(world.server.ca_file()).expect("a certificate");
    let extras = json!({"kind": "entra", "ca_pem": ca, "graph_url": "https://graph.microsoft.us"});
    for clear in
        [json!({"kind": "entra", "ca_pem": null, "graph_url": null}), json!({"kind": "entra"}), json!({"ca_pem": "", "graph_url": ""})]
    {
        let set = world.admin.put("/api/v1/admin/providers/idp", &form(extras.clone())).await.json();
        assert_eq!((&set["ca_pem"], &set["graph_url"]), (&extras["ca_pem"], &extras["graph_url"]), "{set}");
        let cleared = world.admin.put("/api/v1/admin/providers/idp", &form(clear.clone())).await.json();
        assert_eq!((cleared.get("ca_pem"), cleared.get("graph_url")), (None, None), "{clear}: {cleared}");
        assert_eq!(cleared["has_secret"], true);
    }
    let trail = world.admin.get("/api/v1/admin/audit?limit=500").await.text();
    assert!(!trail.contains("very secret") && trail.contains("provider_create"));
    assert_eq!(world.admin.delete("/api/v1/admin/providers/idp").await.status, 204);
    assert_eq!(world.admin.get("/api/v1/admin/providers/idp").await.status, 404);
    let strict = World::start(Engine::Sqlite).await;
    let loopback = strict.admin.post("/api/v1/admin/providers", &form(json!({"issuer": "http://127.0.0.1:9"}))).await;
    assert_eq!(loopback.status, 400, "plain HTTP needs the server's own setting");
}
