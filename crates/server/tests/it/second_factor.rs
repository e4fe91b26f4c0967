//! The second step of a login: authenticator apps, recovery codes, what roles demand, and proving again who one is.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::support::{
    Answer, Api, Engine, World,
    factor::{App, recovery_codes},
    on_both_engines,
};

on_both_engines!(
    an_authenticator_app_is_set_up_and_asked_for,
    every_code_and_every_challenge_counts_once,
    one_code_shown_twice_at_once_makes_one_session,
    a_recovery_code_opens_the_account_once,
    a_challenge_bears_five_tries,
    a_new_password_voids_the_challenge,
    a_role_demands_a_second_factor,
    sessions_from_before_the_demand_may_only_enrol,
    an_open_page_goes_blind_until_the_second_factor_is_there,
    roles_made_here_ask_again_from_the_next_request,
    tokens_meet_demands_by_what_they_name,
    a_challenge_ends_by_itself,
    a_role_asks_again_before_something_destructive,
    an_admin_takes_a_lost_factor_away,
);

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
}

async fn demand(world: &World, key: &str, role: &str) {
    let mut settings = world.admin.get("/api/v1/admin/settings").await.json();
    settings.as_object_mut().expect("settings").remove("seats_used");
    settings[key] = json!([role]);
    let set = world.admin.put("/api/v1/admin/settings", &settings).await;
    assert_eq!(set.status, 200, "{}", set.text());
}

async fn an_authenticator_app_is_set_up_and_asked_for(engine: Engine) {
    let world = World::start(engine).await;
    let vera = world.user("vera", "viewer").await;
    let nothing = vera.get("/api/v1/me/second-factor").await.json();
    let expected = json!({"totp": false, "passkeys": [], "recovery_codes_left": 0, "required": false, "passkeys_possible": false});
    assert_eq!(nothing, expected);
    refused(&vera.post("/api/v1/me/totp/confirm", &json!({"code": "123456"})).await, 409, "not_begun");
    refused(&vera.post("/api/v1/me/recovery-codes", &json!({})).await, 409, "no_second_factor");

    let app = App::scanned(&vera.post("/api/v1/me/totp", &json!({})).await.json());
    refused(&vera.post("/api/v1/me/totp/confirm", &json!({"code": app.wrong()})).await, 409, "code_wrong");
    world.login("vera").await;
    let confirmed = vera.post("/api/v1/me/totp/confirm", &json!({"code": app.code(0)})).await;
    let codes = recovery_codes(&confirmed);
    assert_eq!(codes.len(), 10);
    let now = vera.get("/api/v1/me/second-factor").await.json();
    assert_eq!((&now["totp"], &now["recovery_codes_left"]), (&json!(true), &json!(10)));

    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    assert_eq!((&asked["methods"], &asked["enrol"]), (&json!(["totp", "recovery"]), &json!(false)));
    refused(&stranger.login("vera", "not the password").await, 401, "login_failed");
    refused(&stranger.second_factor(&asked, "code", app.wrong()).await, 401, "second_factor_failed");
    let done = stranger.second_factor(&asked, "code", app.code(1)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.json()["recovery_codes"].is_null() && done.cookie("__Host-mc_refresh").is_some());
    let vera = stranger.holding(&done.access_token());
    assert_eq!(vera.get("/api/v1/auth/me").await.json()["username"], "vera");

    world.audited("me_totp_confirm", |entry| entry["result"] == "failed" && entry["detail"] == "wrong code").await;
    world.audited("me_totp_confirm", |entry| entry["result"] == "ok" && entry["actor"] == "vera").await;
    world.audited("second_factor_answer", |entry| entry["result"] == "failed" && entry["resource"] == "vera").await;
    world.audited("second_factor_answer", |entry| entry["result"] == "ok" && text(entry, "detail").contains("authenticator app")).await;
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

async fn every_code_and_every_challenge_counts_once(engine: Engine) {
    let world = World::start(engine).await;
    let (app, _) = world.enrol(&world.user("vera", "viewer").await).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    refused(&stranger.second_factor(&asked, "code", app.code(0)).await, 401, "second_factor_failed");
    assert_eq!(stranger.second_factor(&asked, "code", app.code(1)).await.status, 200);
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
    let again = world.challenge(&stranger, "vera").await;
    refused(&stranger.second_factor(&again, "code", app.code(1)).await, 401, "second_factor_failed");
    refused(&stranger.second_factor(&json!({"challenge": "mcc_guessed"}), "code", app.code(1)).await, 401, "challenge_ended");
    let both = json!({"challenge": again["challenge"], "code": "123456", "recovery_code": "x"});
    refused(&stranger.post("/api/v1/auth/second-factor", &both).await, 400, "invalid");
    refused(&stranger.second_factor(&again, "password", PASSWORD).await, 400, "invalid");
}

async fn one_code_shown_twice_at_once_makes_one_session(engine: Engine) {
    let world = World::start(engine).await;
    let (app, _) = world.enrol(&world.user("vera", "viewer").await).await;
    let stranger = world.stranger();
    let (one, two) = (world.challenge(&stranger, "vera").await, world.challenge(&stranger, "vera").await);
    let code = app.code(1);
    let (first, second) =
        tokio::join!(stranger.second_factor(&one, "code", code.as_str()), stranger.second_factor(&two, "code", code.as_str()));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{} {}", first.text(), second.text());
}

async fn a_recovery_code_opens_the_account_once(engine: Engine) {
    let world = World::start(engine).await;
    let (_, codes) = world.enrol(&world.user("vera", "viewer").await).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    refused(&stranger.second_factor(&asked, "recovery_code", "0000-0000-0000-0000").await, 401, "second_factor_failed");
    let done = stranger.second_factor(&asked, "recovery_code", codes[0].to_uppercase().replace('-', " ")).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let vera = stranger.holding(&done.access_token());
    assert_eq!(vera.get("/api/v1/me/second-factor").await.json()["recovery_codes_left"], 9);
    let asked = world.challenge(&stranger, "vera").await;
    refused(&stranger.second_factor(&asked, "recovery_code", codes[0].as_str()).await, 401, "second_factor_failed");
    world.audited("second_factor_answer", |entry| text(entry, "detail").contains("recovery code, which is spent")).await;

    let fresh = recovery_codes(&vera.post("/api/v1/me/recovery-codes", &json!({})).await);
    assert_eq!(fresh.len(), 10);
    refused(&stranger.second_factor(&asked, "recovery_code", codes[1].as_str()).await, 401, "second_factor_failed");
    assert_eq!(stranger.second_factor(&asked, "recovery_code", fresh[1].as_str()).await.status, 200);
}

async fn a_challenge_bears_five_tries(engine: Engine) {
    let world = World::start(engine).await;
    let (app, codes) = world.enrol(&world.user("vera", "viewer").await).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    for _ in 0..5 {
        refused(&stranger.second_factor(&asked, "code", app.wrong()).await, 401, "second_factor_failed");
    }
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
    refused(&stranger.second_factor(&asked, "recovery_code", codes[0].as_str()).await, 401, "challenge_ended");
}

#[tokio::test]
async fn guessing_ends_and_the_owner_is_not_locked_out() {
    let world = World::start(Engine::Sqlite).await;
    let (app, codes) = world.enrol(&world.user("vera", "viewer").await).await;
    let from = |last: u8| Api::from_address(&world.server, Some([127, 0, 0, last].into()));
    let mut wrong = 0;
    let mut held_up = None;
    for round in 0..4 {
        let guesser = from(100 + round);
        let asked = world.challenge(&guesser, "vera").await;
        for _ in 0..5 {
            let answer = guesser.second_factor(&asked, "code", app.wrong()).await;
            match answer.status {
                401 => wrong += 1,
                _ => held_up = Some(answer),
            }
        }
    }
    let held_up = held_up.expect("guessing ends");
    refused(&held_up, 429, "rate_limited");
    assert!(held_up.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 60), "{}", held_up.header("retry-after"));
    assert_eq!(wrong, 10);

    let guesser = from(104);
    let asked = world.challenge(&guesser, "vera").await;
    refused(&guesser.second_factor(&asked, "code", app.code(1)).await, 429, "rate_limited");
    assert_eq!(
        guesser.second_factor(&asked, "recovery_code", codes[0].as_str()).await.status,
        200,
        "what cannot be guessed is not held up"
    );
    let owner = world.stranger();
    let asked = world.challenge(&owner, "vera").await;
    assert_eq!(owner.second_factor(&asked, "code", app.code(1)).await.status, 200, "the owner comes from where they came before");
}

async fn a_new_password_voids_the_challenge(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "viewer").await;
    let (app, _) = world.enrol(&world.login("vera").await).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    let path = format!("/api/v1/admin/users/{id}");
    assert_eq!(world.admin.patch(&path, &json!({"password": "an entirely different one"})).await.status, 200);
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
    let asked = stranger.login("vera", "an entirely different one").await.json();
    assert_eq!(world.admin.patch(&path, &json!({"active": false})).await.status, 200);
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
}

async fn a_role_demands_a_second_factor(engine: Engine) {
    let world = World::start(engine).await;
    world.user_add("olga", "operator").await;
    world.user_add("vera", "viewer").await;
    demand(&world, "require_second_factor", "operator").await;
    world.login("vera").await;

    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "olga").await;
    assert_eq!((&asked["methods"], &asked["enrol"]), (&json!(["totp"]), &json!(true)));
    refused(&stranger.second_factor(&asked, "code", "123456").await, 401, "second_factor_failed");
    let begun = stranger.post("/api/v1/auth/second-factor/enrol", &json!({"challenge": asked["challenge"]})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let app = App::scanned(&begun.json());
    refused(&stranger.second_factor(&asked, "code", app.wrong()).await, 401, "second_factor_failed");
    let done = stranger.second_factor(&asked, "code", app.code(0)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(recovery_codes(&done).len(), 10);
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
    let enrol_again = stranger.post("/api/v1/auth/second-factor/enrol", &json!({"challenge": asked["challenge"]})).await;
    refused(&enrol_again, 401, "challenge_ended");

    let olga = stranger.holding(&done.access_token());
    assert_eq!(olga.get("/api/v1/agents").await.status, 200);
    assert_eq!(olga.get("/api/v1/me/second-factor").await.json()["required"], true);
    refused(&olga.delete("/api/v1/me/totp").await, 409, "second_factor_required");
    let asked = world.challenge(&stranger, "olga").await;
    let enrol = stranger.post("/api/v1/auth/second-factor/enrol", &json!({"challenge": asked["challenge"]})).await;
    refused(&enrol, 409, "enrolled_already");
    assert_eq!(stranger.second_factor(&asked, "code", app.code(1)).await.status, 200);
    world.audited("second_factor_enrol", |entry| entry["resource"] == "olga").await;
}

async fn sessions_from_before_the_demand_may_only_enrol(engine: Engine) {
    let world = World::start(engine).await;
    let olga = world.user("olga", "operator").await;
    let other = world.login("olga").await;
    assert_eq!(olga.get("/api/v1/agents").await.status, 200);
    demand(&world, "require_second_factor", "operator").await;
    for path in ["agents", "agents/facets", "commands", "overview", "join-tokens", "me", "why?action=me_show"] {
        refused(&olga.get(&format!("/api/v1/{path}")).await, 403, "second_factor_required");
    }
    refused(&olga.post("/api/v1/join-tokens", &json!({})).await, 403, "second_factor_required");
    assert_eq!(olga.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(world.admin.get("/api/v1/agents").await.status, 200, "an admin is no operator");
    world.enrol(&olga).await;
    assert_eq!(olga.get("/api/v1/agents").await.status, 200);
    assert_eq!(other.get("/api/v1/agents").await.status, 200, "it is the user who enrols, not the session");
    assert_eq!(other.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    world.audited("join_token_create", |entry| entry["result"] == "denied" && text(entry, "detail").contains("second factor")).await;
}

async fn an_open_page_goes_blind_until_the_second_factor_is_there(engine: Engine) {
    let world = World::start(engine).await;
    let olga = world.user("olga", "operator").await;
    let mut live = olga.events(None).await;
    demand(&world, "require_second_factor", "operator").await;
    live.anew().await;
    world.agent("alpha").await;
    world.enrol(&olga).await;
    let meanwhile = live.anew().await;
    assert!(meanwhile.is_empty(), "{meanwhile:?}");
    world.agent("beta").await;
    live.until(|event| event["data"]["name"] == "beta").await;
}

async fn roles_made_here_ask_again_from_the_next_request(engine: Engine) {
    let world = World::start(engine).await;
    world.role_add("hands", json!([{"effect": "allow", "actions": ["agent_remove"]}])).await;
    let nora = world.user("nora", "viewer").await;
    world.role_give("hands", "nora").await;
    world.proof_ends(&nora).await;
    for name in ["alpha", "beta"] {
        world.agent(name).await;
    }
    let remove = async |name: &str| nora.delete(&format!("/api/v1/agents/{name}?reason=test")).await;
    assert_eq!(remove("alpha").await.status, 204);
    let mut form = world.admin.get("/api/v1/admin/roles/hands").await.json();
    let form = json!({"name": "hands", "rules": form["rules"].take(), "step_up": true});
    let changed = world.admin.put("/api/v1/admin/roles/hands", &form).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    refused(&remove("beta").await, 403, "step_up_required");
    step_up(&nora, json!({"password": PASSWORD})).await;
    assert_eq!(remove("beta").await.status, 204);
}

async fn tokens_meet_demands_by_what_they_name(engine: Engine) {
    let world = World::start(engine).await;
    for name in ["alpha", "beta", "gamma", "delta"] {
        world.agent(name).await;
    }
    let token = async |kind: &str, scope: &str| {
        let roles = if kind == "service" { json!(["admin"]) } else { json!([]) };
        let made = world.api_token(json!({"name": format!("{kind} {scope}"), "kind": kind, "scopes": [scope], "roles": roles})).await;
        world.stranger().holding(text(&made, "secret"))
    };
    let (wide, named) = (token("personal", "agent_*").await, token("personal", "agent_remove").await);
    let (robot, robot_named) = (token("service", "*").await, token("service", "agent_remove").await);
    let remove = async |caller: &Api, name: &str| caller.delete(&format!("/api/v1/agents/{name}?reason=test")).await;
    assert_eq!(remove(&wide, "alpha").await.status, 204, "nobody asks for it yet");

    demand(&world, "step_up", "admin").await;
    for caller in [&wide, &robot] {
        let answer = remove(caller, "beta").await;
        refused(&answer, 403, "step_up_required");
        assert!(answer.text().contains("scopes name the action itself"), "{}", answer.text());
        assert_eq!(caller.get("/api/v1/agents").await.status, 200, "what hurts nobody is not asked about");
    }
    assert_eq!(remove(&named, "beta").await.status, 204);
    assert_eq!(remove(&robot_named, "gamma").await.status, 204);
    refused(&wide.post("/api/v1/auth/step-up", &json!({"password": PASSWORD})).await, 403, "denied");

    let mut settings = world.admin.get("/api/v1/admin/settings").await.json();
    settings.as_object_mut().expect("settings").remove("seats_used");
    settings["require_second_factor"] = json!(["admin"]);
    assert_eq!(world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    refused(&world.admin.get("/api/v1/agents").await, 403, "second_factor_required");
    // A token is a credential of its own: who made it was asked then.
    for caller in [&wide, &robot] {
        assert_eq!(caller.get("/api/v1/agents").await.status, 200);
    }
    assert_eq!(remove(&named, "delta").await.status, 204);
    refused(&wide.post("/api/v1/me/totp", &json!({})).await, 403, "denied");
}

async fn a_challenge_ends_by_itself(engine: Engine) {
    let world = World::start(engine).await;
    let (app, codes) = world.enrol(&world.user("vera", "viewer").await).await;
    let stranger = world.stranger();
    let asked = world.challenge(&stranger, "vera").await;
    let later = "UPDATE login_challenge SET expires_at = 1";
    assert_eq!(world.db.execute(world.server.data_dir(), later).await.expect("time passes"), 1);
    refused(&stranger.second_factor(&asked, "code", app.code(1)).await, 401, "challenge_ended");
    refused(&stranger.second_factor(&asked, "recovery_code", codes[0].as_str()).await, 401, "challenge_ended");
    let asked = world.challenge(&stranger, "vera").await;
    assert_eq!(stranger.second_factor(&asked, "code", app.code(1)).await.status, 200, "the code was not spent");
}

async fn a_role_asks_again_before_something_destructive(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("spare", "viewer").await;
    let path = format!("/api/v1/admin/users/{id}/roles");
    let set = async |role: &str| world.admin.put(&path, &json!({"role": role})).await;
    world.proof_ends(&world.admin).await;
    refused(&world.admin.post("/api/v1/me/totp", &json!({})).await, 403, "step_up_required");
    assert_eq!(set("operator").await.status, 200, "nobody asks for it yet");
    step_up(&world.admin, json!({"password": PASSWORD})).await;
    demand(&world, "step_up", "admin").await;

    world.proof_ends(&world.admin).await;
    refused(&set("viewer").await, 403, "step_up_required");
    assert_eq!(world.admin.get("/api/v1/admin/users").await.status, 200, "what hurts nobody is not asked about");
    let asked = world.admin.post("/api/v1/auth/step-up/begin", &json!({})).await.json();
    assert_eq!(asked, json!({"methods": ["password"]}));
    refused(&world.admin.post("/api/v1/auth/step-up", &json!({"password": "not the password"})).await, 403, "step_up_failed");
    refused(&set("viewer").await, 403, "step_up_required");
    step_up(&world.admin, json!({"password": PASSWORD})).await;
    assert_eq!(set("viewer").await.status, 200);

    step_up(&world.admin, json!({"password": PASSWORD})).await;
    let (app, codes) = world.enrol(&world.admin).await;
    world.proof_ends(&world.admin).await;
    refused(&set("operator").await, 403, "step_up_required");
    let asked = world.admin.post("/api/v1/auth/step-up/begin", &json!({})).await.json();
    assert_eq!(asked, json!({"methods": ["totp", "recovery"]}));
    refused(&world.admin.post("/api/v1/auth/step-up", &json!({"password": PASSWORD})).await, 403, "step_up_failed");
    refused(&world.admin.post("/api/v1/auth/step-up", &json!({"code": app.code(0)})).await, 403, "step_up_failed");
    refused(&world.admin.delete("/api/v1/me/totp").await, 403, "step_up_required");
    step_up(&world.admin, json!({"code": app.code(1)})).await;
    assert_eq!(set("operator").await.status, 200);
    world.proof_ends(&world.admin).await;
    refused(&set("viewer").await, 403, "step_up_required");
    step_up(&world.admin, json!({"recovery_code": codes[3]})).await;
    assert_eq!(world.admin.delete("/api/v1/me/totp").await.status, 204);
    let left = world.admin.get("/api/v1/me/second-factor").await.json();
    assert_eq!((&left["totp"], &left["recovery_codes_left"]), (&json!(false), &json!(0)), "codes go with the last factor");
    world.audited("user_set_role", |entry| entry["result"] == "denied" && text(entry, "detail").contains("prove again")).await;
    world.audited("me_step_up", |entry| entry["result"] == "failed").await;
    world.audited("me_step_up", |entry| entry["result"] == "ok" && text(entry, "detail").contains("recovery code")).await;
}

async fn step_up(caller: &Api, proof: Value) {
    let answer = caller.post("/api/v1/auth/step-up", &proof).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn an_admin_takes_a_lost_factor_away(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "viewer").await;
    let vera = world.login("vera").await;
    world.enrol(&vera).await;
    let waiting = world.challenge(&world.stranger(), "vera").await;
    let path = format!("/api/v1/admin/users/{id}/second-factor");
    refused(&vera.delete(&path).await, 403, "denied");
    assert_eq!(world.admin.delete(&path).await.status, 204);
    refused(&vera.get("/api/v1/auth/me").await, 401, "unauthenticated");
    refused(&world.stranger().second_factor(&waiting, "code", "123456").await, 401, "challenge_ended");
    let vera = world.login("vera").await;
    assert_eq!(vera.get("/api/v1/me/second-factor").await.json()["totp"], false);
    world.audited("user_second_factor_reset", |entry| entry["resource"] == "vera" && entry["actor"] == "admin").await;
}
