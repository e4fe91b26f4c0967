//! Second factors and logins by a real OpenID provider: whose business they are, and demands that come after the login.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::{
    sso::{Sso, elsewhere, me, people, text},
    support::{Engine, on_both_engines},
};

on_both_engines!(the_second_factor_is_the_providers_business, a_demand_holds_for_sessions_that_run);

async fn the_second_factor_is_the_providers_business(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({})).await;
    let world = &sso.world;
    let (before, _) = sso.session("ada").await;
    let olga = world.user("olga", "operator").await;
    let mut settings = world.admin.get("/api/v1/admin/settings").await.json();
    settings.as_object_mut().expect("settings").remove("seats_used");
    settings["require_second_factor"] = json!(["operator"]);
    assert_eq!(world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    let (after, _) = sso.session("ada").await;
    for ada in [&before, &after] {
        assert_eq!(text(&me(ada).await["role"]), "operator");
        assert_eq!(ada.get("/api/v1/agents").await.status, 200);
    }
    assert_eq!(olga.get("/api/v1/agents").await.code(), "second_factor_required", "who has a password here is asked here");
    let asked = world.stranger().login("olga", PASSWORD).await;
    assert_eq!((asked.status, &asked.json()["enrol"]), (202, &json!(true)));
}

async fn a_demand_holds_for_sessions_that_run(engine: Engine) {
    let sso = Sso::start(engine, 3_600, json!({"second_factor": "proved"})).await;
    let world = &sso.world;
    let mut accounts = people();
    accounts["mia"] = json!({"preferred_username": "mia", "groups": ["ops-eu"], "amr": ["pwd", "otp"]});
    sso.peer.accounts(&accounts).await.expect("one with a second factor");
    let ((ada, refresh), (mia, _), (bob, _)) = (sso.session("ada").await, sso.session("mia").await, sso.session("bob").await);
    let mut settings = world.admin.get("/api/v1/admin/settings").await.json();
    settings.as_object_mut().expect("settings").remove("seats_used");
    let mut demand = async |roles: Value| {
        settings["require_second_factor"] = roles;
        assert_eq!(world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    };
    demand(json!(["operator"])).await;
    let refused = ada.get("/api/v1/agents").await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "session_ended"), "the provider said of none at her login");
    let refused = elsewhere(world).refresh(&refresh).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "session_ended"), "nor is there a way around");
    assert_eq!(mia.get("/api/v1/agents").await.status, 200, "it said of one at hers");
    assert_eq!(bob.get("/api/v1/agents").await.status, 200, "of his role none is demanded");
    let ended = world.audit("session_end").await;
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert!(text(&ended[0]["detail"]).contains("second factor") && ended[0]["resource"] == "ada.l", "{ended:?}");
    assert_eq!(sso.login("ada").await.path(), "/login?error=second_factor_missing");

    // The demand ends: what was ended stays so, and a new login is welcome.
    demand(json!([])).await;
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 401);
    let (ada, _) = sso.session("ada").await;
    // The role was there first, and then somebody demands of the provider that it prove one.
    let provider = async |change: Value| {
        let set = world.admin.put("/api/v1/admin/providers/idp", &sso.peer.form(&change)).await;
        assert_eq!(set.status, 200, "{}", set.text());
    };
    provider(json!({})).await;
    demand(json!(["operator"])).await;
    assert_eq!(ada.get("/api/v1/agents").await.status, 200, "the provider's business");
    provider(json!({"second_factor": "proved"})).await;
    assert_eq!(ada.get("/api/v1/agents").await.code(), "session_ended");
    assert_eq!(mia.get("/api/v1/agents").await.status, 200);

    // A role that comes later, by a group, brings its demand along.
    demand(json!(["developer"])).await;
    assert_eq!(bob.get("/api/v1/agents").await.status, 200);
    let id = text(&me(&bob).await["id"]).to_owned();
    let given = json!({"role": "developer", "subject_kind": "user", "subject": id, "reason": "test"});
    let given = world.admin.post("/api/v1/admin/role-assignments", &given).await;
    assert_eq!(given.status, 201, "{}", given.text());
    assert_eq!(bob.get("/api/v1/agents").await.code(), "session_ended");
}
