//! Roles made here, from their making to their end: on both databases.

use serde_json::{Value, json};

use crate::support::{Engine, World, entries, eventually, on_both_engines};

on_both_engines!(
    the_life_of_a_role,
    deny_beats_allow_in_any_order,
    every_pattern_picks_its_agents,
    what_is_given_counts_at_once_and_ends_by_itself,
    a_role_that_something_gives_stays,
    roles_are_given_to_service_tokens_that_are_there,
    nobody_is_locked_out_by_roles,
    nobody_gives_more_than_they_have,
);

async fn code(answer: crate::support::Answer) -> (u16, String) {
    (answer.status, answer.code())
}

async fn status(api: &crate::support::Api, path: &str) -> u16 {
    api.get(path).await.status
}

async fn the_life_of_a_role(engine: Engine) {
    let world = World::start(engine).await;
    let form = json!({"name": "watch", "title": "Watchers", "rules": [{"effect": "allow", "actions": ["agent_list"]}]});
    let checked = world.admin.post("/api/v1/admin/roles/check", &form).await.json();
    assert_eq!(checked["problems"], json!([]));
    let made = world.admin.post("/api/v1/admin/roles", &form).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!((&made.json()["cedar"], &made.json()["version"]), (&checked["cedar"], &json!(1)));
    assert_eq!(code(world.admin.post("/api/v1/admin/roles", &form).await).await, (409, "name_taken".to_owned()));

    let watcher = world.user("watcher", "watch").await;
    assert_eq!((status(&watcher, "/api/v1/agents").await, status(&watcher, "/api/v1/commands").await), (200, 403));
    assert_eq!(status(&watcher, "/api/v1/auth/me").await, 200, "one's own account is for everybody");
    let allowed = watcher.get("/api/v1/auth/me").await.json()["allowed"].clone();
    assert!(allowed.as_array().expect("a list").contains(&json!("agent_list")) && !allowed.to_string().contains("agent_show"), "{allowed}");

    let wider = json!({"name": "watch", "version": 1, "rules": [{"effect": "allow", "actions": ["agent_list", "command_*"]}]});
    let changed = world.admin.put("/api/v1/admin/roles/watch", &wider).await;
    assert_eq!((changed.status, &changed.json()["version"]), (200, &json!(2)), "{}", changed.text());
    assert_eq!(status(&watcher, "/api/v1/commands").await, 200, "from the next request on");
    assert_eq!(code(world.admin.put("/api/v1/admin/roles/watch", &wider).await).await, (409, "changed".to_owned()));
    let other = json!({"name": "other", "rules": [{"effect": "allow", "actions": ["*"]}]});
    assert_eq!(world.admin.put("/api/v1/admin/roles/watch", &other).await.status, 400, "a role keeps its name");
    assert_eq!(world.admin.put("/api/v1/admin/roles/none", &json!({"name": "none", "rules": wider["rules"]})).await.status, 404);

    let kept = world.admin.delete("/api/v1/admin/roles/watch").await;
    assert_eq!((kept.status, kept.code().as_str()), (409, "role_in_use"));
    assert!(kept.text().contains("the own role of a user"), "it says what to do: {}", kept.text());
    let id = watcher.get("/api/v1/auth/me").await.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.admin.put(&format!("/api/v1/admin/users/{id}/roles"), &json!({"role": "viewer"})).await.status, 200);
    let given = world.role_give("watch", "watcher").await;
    assert_eq!(world.admin.delete("/api/v1/admin/roles/watch").await.code(), "role_in_use");
    let listed = world.admin.get("/api/v1/admin/role-assignments?role=watch&subject=watcher").await.json();
    assert_eq!((&listed["total"], &listed["items"][0]), (&json!(1), &given));
    let path = format!("/api/v1/admin/role-assignments/{}", given["id"].as_str().expect("an id"));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    assert_eq!(world.admin.delete(&path).await.status, 404);
    assert_eq!(world.admin.delete("/api/v1/admin/roles/watch").await.status, 204);
    assert_eq!(status(&world.admin, "/api/v1/admin/roles/watch").await, 404);
    assert_eq!(world.admin.put(&format!("/api/v1/admin/users/{id}/roles"), &json!({"role": "watch"})).await.status, 400);

    audited(&world).await;
}

/// Every change is in the trail, with what was before and what came after.
async fn audited(world: &World) {
    for (action, before, after) in [("role_create", 0, 1), ("role_update", 1, 2), ("role_delete", 2, 0)] {
        let all = world.audit(action).await;
        let entry = all.iter().find(|entry| entry["result"] == "ok").unwrap_or_else(|| panic!("{action}"));
        assert_eq!((&entry["resource_kind"], &entry["resource"]), (&json!("role"), &json!("watch")), "{entry}");
        let detail: Value = serde_json::from_str(entry["detail"].as_str().expect("text")).expect("JSON");
        let actions = |form: &Value| form["rules"][0]["actions"].as_array().map_or(0, Vec::len);
        assert_eq!((actions(&detail["before"]), actions(&detail["after"])), (before, after), "{detail}");
    }
    for action in ["assignment_create", "assignment_remove"] {
        let entry = &world.audit(action).await[0];
        assert!(entry["detail"].as_str().is_some_and(|detail| detail.contains("user watcher")), "{entry}");
    }
}

async fn deny_beats_allow_in_any_order(engine: Engine) {
    let world = World::start(engine).await;
    let (allow, deny) = (json!({"effect": "allow", "actions": ["agent_*"]}), json!({"effect": "deny", "actions": ["agent_list"]}));
    world.role_add("first", json!([deny, allow])).await;
    world.role_add("last", json!([allow, deny])).await;
    world.role_add("no", json!([deny])).await;
    for role in ["first", "last"] {
        let caller = world.user(role, role).await;
        assert_eq!(status(&caller, "/api/v1/agents").await, 403, "{role}");
        let why = caller.get("/api/v1/why?action=agent_list").await.json();
        assert_eq!((&why["allowed"], &why["roles"][0]["effect"]), (&json!(false), &json!("deny")), "{why}");
    }
    let operator = world.user("operator", "operator").await;
    assert_eq!(status(&operator, "/api/v1/agents").await, 200);
    world.role_give("no", "operator").await;
    assert_eq!(status(&operator, "/api/v1/agents").await, 403, "another role's denial beats what a role allows");
    let denied = operator.get("/api/v1/agents").await;
    assert!(denied.text().contains("no/1"), "the rule is named: {}", denied.text());
}

async fn every_pattern_picks_its_agents(engine: Engine) {
    let world = World::start(engine).await;
    let maker = world.user("maker", "operator").await;
    let token = maker.post("/api/v1/join-tokens", &json!({})).await.json()["token"].as_str().expect("a token").to_owned();
    mc_testkit::RawAgent::join(&world.server, &token, "web-1").await.expect("it joins");
    for name in ["web-2", "db-1"] {
        world.agent(name).await;
    }
    for (name, tags) in [("web-1", json!(["eu-1", "prod"])), ("web-2", json!(["us-1"])), ("db-1", json!([]))] {
        assert_eq!(world.admin.patch(&format!("/api/v1/agents/{name}"), &json!({"tags": tags})).await.status, 200);
    }
    let selectors: [(Value, &[&str]); 9] = [
        (json!({"names": ["web-*"]}), &["web-1", "web-2"]),
        (json!({"names": ["*-1"]}), &["db-1", "web-1"]),
        (json!({"names": ["web-2", "db-*"]}), &["db-1", "web-2"]),
        (json!({"tags": ["eu-*"]}), &["web-1"]),
        (json!({"tags": ["*"]}), &["web-1", "web-2"]),
        (json!({"kinds": ["comm*"]}), &["db-1", "web-1", "web-2"]),
        (json!({"kinds": ["openclaw"]}), &[]),
        (json!({"owners": ["mak*"]}), &["web-1"]),
        (json!({"groups": ["*"]}), &[]),
    ];
    for (place, (selector, expected)) in selectors.iter().enumerate() {
        let name = format!("pick-{place}");
        world.role_add(&name, json!([{"effect": "allow", "actions": ["agent_list"], "agents": selector}])).await;
        let list = world.user(&name, &name).await.get("/api/v1/agents").await.json();
        let names: Vec<&str> = entries(&list).filter_map(|agent| agent["name"].as_str()).collect();
        assert_eq!((names.as_slice(), &list["total"]), (*expected, &json!(expected.len())), "{selector}");
    }
    let hand = r#"permit (principal, action == Action::"agent_list", resource) when { resource.tags.contains("prod") };"#;
    let made = world.admin.post("/api/v1/admin/roles", &json!({"name": "hand", "cedar": hand})).await;
    assert_eq!((made.status, &made.json()["by_hand"]), (201, &json!(true)), "{}", made.text());
    let list = world.user("hand", "hand").await.get("/api/v1/agents").await.json();
    assert_eq!((&list["total"], &list["items"][0]["name"]), (&json!(1), &json!("web-1")));
    let broken =
        world.admin.post("/api/v1/admin/roles", &json!({"name": "broken", "cedar": "permit (principal, action, resource) when {"})).await;
    assert_eq!(broken.status, 400, "{}", broken.text());
}

async fn what_is_given_counts_at_once_and_ends_by_itself(engine: Engine) {
    let world = World::start(engine).await;
    let viewer = world.user("viewer", "viewer").await;
    assert_eq!(status(&viewer, "/api/v1/join-tokens").await, 403);
    let given = world.role_give("operator", "viewer").await;
    assert_eq!(status(&viewer, "/api/v1/join-tokens").await, 200, "from the next request on");
    let again = json!({"role": "operator", "subject_kind": "user", "subject": "viewer", "expires_in_seconds": 60});
    assert_eq!(code(world.admin.post("/api/v1/admin/role-assignments", &again).await).await, (409, "already_given".to_owned()));
    let path = format!("/api/v1/admin/role-assignments/{}", given["id"].as_str().expect("an id"));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    assert_eq!(status(&viewer, "/api/v1/join-tokens").await, 403, "and no longer");

    let short = json!({"role": "operator", "subject_kind": "user", "subject": "viewer", "expires_in_seconds": 1});
    assert_eq!(world.admin.post("/api/v1/admin/role-assignments", &short).await.status, 400, "a minute at least");
    let wrong = json!({"role": "operator", "subject_kind": "user", "subject": "nobody"});
    assert_eq!(world.admin.post("/api/v1/admin/role-assignments", &wrong).await.status, 404);
    let given = world.admin.post("/api/v1/admin/role-assignments", &again).await;
    assert_eq!(given.status, 201, "{}", given.text());
    assert_eq!(status(&viewer, "/api/v1/join-tokens").await, 200);
    let id = given.json()["id"].as_str().expect("an id").to_owned();
    // As another server on this database would: the end is moved up by 55 of its 60 seconds, so that nobody waits for all of them.
    let (dir, sooner) = (world.server.data_dir(), "UPDATE role_assignment SET expires_at = expires_at - 55000000 WHERE removed_at IS NULL");
    assert_eq!(world.db.execute(dir, sooner).await.expect("it is moved up"), 1);
    world.db.execute(dir, "UPDATE role_change SET version = version + 1").await.expect("it is counted");
    eventually("the end of what was given", async || (status(&viewer, "/api/v1/join-tokens").await == 403).then_some(())).await;
    let end: mc_domain::time::Time = given.json()["expires_at"].as_str().expect("an end").parse().expect("a time");
    let now = mc_domain::time::Clock::now(&mc_domain::time::SystemClock);
    assert!(now >= end.before(std::time::Duration::from_secs(55)), "not before its time");
    assert_eq!(world.admin.delete(&format!("/api/v1/admin/role-assignments/{id}")).await.status, 404, "it has ended");
}

async fn a_role_that_something_gives_stays(engine: Engine) {
    let world = World::start(engine).await;
    world.role_add("night", json!([{"effect": "allow", "actions": ["agent_list"]}])).await;
    let kept = async |why: &str| {
        let kept = world.admin.delete("/api/v1/admin/roles/night").await;
        assert_eq!((kept.status, kept.code().as_str()), (409, "role_in_use"), "{why}");
        assert!(kept.text().contains(why), "{why}: {}", kept.text());
    };
    let form = |role: &str, default: Value| {
        let rules = json!([{"value": "staff", "role": role}]);
        let form = json!({"name": "idp", "label": "L", "issuer": "https://127.0.0.1:9", "client_id": "c", "role_rules": rules});
        let mut form = form.as_object().expect("a form").clone();
        form.insert("default_role".to_owned(), default);
        Value::Object(form)
    };
    let unknown = world.admin.post("/api/v1/admin/providers", &form("nosuchrole", Value::Null)).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "invalid"), "{}", unknown.text());
    assert_eq!(world.admin.post("/api/v1/admin/providers", &form("night", Value::Null)).await.status, 201, "a role made here will do");
    kept("the rules of an identity provider give it").await;
    let update = async |role: &str, default: Value| world.admin.put("/api/v1/admin/providers/idp", &form(role, default)).await.status;
    assert_eq!(update("viewer", json!("nosuchrole")).await, 400);
    assert_eq!(update("viewer", json!("night")).await, 200);
    kept("the rules of an identity provider give it").await;
    assert_eq!(update("viewer", Value::Null).await, 200);

    let invite = world.admin.post("/api/v1/admin/invites", &json!({"role": "night"})).await.json();
    kept("an open invite gives it").await;
    let id = invite["invite"]["id"].as_str().expect("an id");
    assert_eq!(world.admin.delete(&format!("/api/v1/admin/invites/{id}")).await.status, 204);

    let token = world.api_token(json!({"name": "robot", "kind": "service", "scopes": ["*"], "roles": ["night"]})).await;
    kept("a service token was made with it").await;
    let id = token["token"]["id"].as_str().expect("an id");
    assert_eq!(world.admin.delete(&format!("/api/v1/tokens/{id}")).await.status, 204);

    let mut settings = world.admin.get("/api/v1/admin/settings").await.json();
    settings.as_object_mut().expect("settings").remove("seats_used");
    for list in ["require_second_factor", "step_up"] {
        settings[list] = json!(["night"]);
        assert_eq!(world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
        kept("the settings of sign-in name it").await;
        settings[list] = json!([]);
        assert_eq!(world.admin.put("/api/v1/admin/settings", &settings).await.status, 200);
    }
    assert_eq!(world.admin.delete("/api/v1/admin/roles/night").await.status, 204);
    assert_eq!(world.admin.post("/api/v1/admin/invites", &json!({"role": "night"})).await.status, 400, "it is gone");
}

async fn roles_are_given_to_service_tokens_that_are_there(engine: Engine) {
    let world = World::start(engine).await;
    let give = async |subject: &str| {
        let wish = json!({"role": "operator", "subject_kind": "token", "subject": subject, "reason": "test"});
        world.admin.post("/api/v1/admin/role-assignments", &wish).await
    };
    assert_eq!(give("0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11").await.status, 404);
    let made = async |kind: &str| {
        let roles = if kind == "service" { json!(["viewer"]) } else { json!([]) };
        let made = world.api_token(json!({"name": kind, "kind": kind, "scopes": ["*"], "roles": roles})).await;
        (made["token"]["id"].as_str().expect("an id").to_owned(), made["secret"].as_str().expect("a secret").to_owned())
    };
    let ((robot, secret), (own, _)) = (made("service").await, made("personal").await);
    let refused = give(&own).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"), "a personal token has its owner's roles");
    let holder = world.stranger().holding(&secret);
    assert_eq!(status(&holder, "/api/v1/join-tokens").await, 403);
    let given = give(&robot).await;
    assert_eq!((given.status, &given.json()["subject"]["name"]), (201, &json!("service")), "{}", given.text());
    assert_eq!(status(&holder, "/api/v1/join-tokens").await, 200);
    assert_eq!(holder.get("/api/v1/auth/me").await.json()["roles"], json!(["viewer", "operator"]));
    assert_eq!(world.admin.delete(&format!("/api/v1/tokens/{robot}")).await.status, 204);
    assert_eq!(give(&robot).await.status, 404, "a token that has ended");
}

async fn nobody_is_locked_out_by_roles(engine: Engine) {
    let world = World::start(engine).await;
    for name in ["admin", "viewer", "operator", "developer"] {
        let form = json!({"name": name, "rules": [{"effect": "deny", "actions": ["*"]}]});
        assert_eq!(world.admin.post("/api/v1/admin/roles", &form).await.status, 400, "{name} cannot be shadowed");
        assert_eq!(world.admin.put(&format!("/api/v1/admin/roles/{name}"), &form).await.code(), "built_in");
        assert_eq!(world.admin.delete(&format!("/api/v1/admin/roles/{name}")).await.code(), "built_in");
    }
    world.role_add("stop", json!([{"effect": "deny", "actions": ["*"]}])).await;
    world.role_add("soft", json!([{"effect": "allow", "actions": ["agent_list"]}])).await;
    let give = async |role: &str, kind: &str, subject: &str| {
        let wish = json!({"role": role, "subject_kind": kind, "subject": subject});
        code(world.admin.post("/api/v1/admin/role-assignments", &wish).await).await
    };
    assert_eq!(give("stop", "user", "admin").await, (409, "last_admin".to_owned()));
    assert_eq!(give("stop", "group", "everybody").await, (409, "last_admin".to_owned()), "the last admin may be in that group");
    assert_eq!(give("soft", "user", "admin").await.0, 201);
    let harder = json!({"name": "soft", "rules": [{"effect": "deny", "actions": ["role_*"]}]});
    assert_eq!(code(world.admin.put("/api/v1/admin/roles/soft", &harder).await).await, (409, "last_admin".to_owned()));
    let second_id = world.user_add("second", "admin").await;
    assert_eq!(give("stop", "user", "second").await, (201, String::new()), "another admin remains");
    let second = world.login("second").await;
    assert_eq!(status(&second, "/api/v1/agents").await, 403);
    assert_eq!(second_id.len(), 36);
}

async fn nobody_gives_more_than_they_have(engine: Engine) {
    let world = World::start(engine).await;
    world.role_add("giver", json!([{"effect": "allow", "actions": ["role_*", "assignment_*", "user_*", "token_*"]}])).await;
    world.role_add("narrow", json!([{"effect": "deny", "actions": ["agent_kill"]}])).await;
    let giver = world.user("giver", "giver").await;
    let victim = world.user_add("victim", "viewer").await;
    let give = async |caller: &crate::support::Api, role: &str| {
        let wish = json!({"role": role, "subject_kind": "user", "subject": "giver"});
        let answer = caller.post("/api/v1/admin/role-assignments", &wish).await;
        (answer.status, answer.text().contains("default:no-more-than-ones-own"))
    };
    assert_eq!(give(&giver, "admin").await, (403, true), "not even to oneself");
    assert_eq!(give(&giver, "viewer").await, (403, true));
    let form = json!({"name": "mine", "rules": [{"effect": "allow", "actions": ["*"]}]});
    assert_eq!(giver.post("/api/v1/admin/roles", &form).await.status, 403, "nor by writing a role");
    let wider = json!({"name": "giver", "rules": [{"effect": "allow", "actions": ["*"]}]});
    assert_eq!(giver.put("/api/v1/admin/roles/giver", &wider).await.status, 403);
    let made =
        giver.post("/api/v1/admin/users", &json!({"username": "puppet", "password": "a long enough password", "role": "admin"})).await;
    assert_eq!(made.status, 403, "{}", made.text());
    let raised = giver.put(&format!("/api/v1/admin/users/{victim}/roles"), &json!({"role": "admin"})).await;
    assert_eq!(raised.status, 403, "{}", raised.text());
    let own = json!({"role": "giver", "subject_kind": "user", "subject": "victim"});
    assert_eq!(giver.post("/api/v1/admin/role-assignments", &own).await.status, 201, "what one has for good may be handed on");

    // Who is an admin for a while cannot make it last, and who is denied something cannot lift that.
    let brief = json!({"role": "admin", "subject_kind": "user", "subject": "giver", "expires_in_seconds": 3600});
    assert_eq!(world.admin.post("/api/v1/admin/role-assignments", &brief).await.status, 201);
    assert_eq!(status(&giver, "/api/v1/admin/users").await, 200);
    assert_eq!(give(&giver, "admin").await, (403, true));
    world.user_add("denied", "admin").await;
    let denied = world.login("denied").await;
    let narrow = world.role_give("narrow", "denied").await;
    let path = format!("/api/v1/admin/role-assignments/{}", narrow["id"].as_str().expect("an id"));
    assert_eq!(denied.delete(&path).await.status, 403);
    assert_eq!(give(&denied, "viewer").await, (403, true));
    let token = world.api_token(json!({"name": "t", "kind": "personal", "scopes": ["assignment_*"]})).await;
    let holder = world.stranger().holding(token["secret"].as_str().expect("a secret"));
    assert_eq!(give(&holder, "operator").await, (403, true), "a narrowed token of an admin gives nothing");
    assert_eq!(world.admin.delete(&path).await.status, 204);
    assert_eq!(give(&denied, "viewer").await.0, 201);
}
