//! Cedar written by hand.

use std::sync::Arc;

use mc_domain::role_form::RoleForm;
use mc_policy::{AgentAttributes, Asker, Checked, Extent, How, Snapshot, Target, built_in_cedar, check, grant};

fn role(text: &str) -> RoleForm {
    RoleForm::new("own".parse().expect("a role name")).in_cedar(text)
}

fn agent(name: &str, tags: &[&str]) -> Target {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Target::agent(AgentAttributes { id: format!("id-{name}"), name: name.to_owned(), tags, ..AgentAttributes::default() })
}

fn allowed(text: &str, action: &str, target: &Target) -> bool {
    let role = role(text);
    assert_eq!(check(&role).problems, vec![]);
    let names = [role.name.clone()];
    Snapshot::build([&role]).decide(&Asker::with_roles(&names), action, target).allowed
}

#[test]
fn text_can_say_what_the_form_cannot() {
    let text = r#"
        permit(principal, action == Action::"agent_kill", resource)
        when { resource.name like "web-*" }
        unless { resource.tags.contains("prod") && resource.tag_matches.contains("eu-*") };"#;
    assert!(allowed(text, "agent_kill", &agent("web-1", &["prod"])));
    assert!(allowed(text, "agent_kill", &agent("web-1", &["eu-1"])));
    assert!(!allowed(text, "agent_kill", &agent("web-1", &["prod", "eu-1"])));
    assert!(!allowed(text, "agent_kill", &agent("db", &[])));
    assert!(!allowed(text, "agent_kill", &Target::everything()));
}

#[test]
fn a_role_can_be_for_one_thing_alone() {
    let text = r#"permit(principal, action == Action::"agent_kill", resource == Agent::"id-web-1");"#;
    assert!(allowed(text, "agent_kill", &agent("web-1", &[])));
    assert!(!allowed(text, "agent_kill", &agent("web-2", &[])));
    let text = r#"permit(principal, action == Action::"assignment_create", resource == Role::"viewer");"#;
    assert!(allowed(text, "assignment_create", &Target::other("role", "viewer", "viewer")));
    assert!(!allowed(text, "assignment_create", &Target::other("role", "admin", "admin")));
}

#[test]
fn a_grant_is_for_one_thing() {
    let text = grant("agent_kill", "agent", "id-web-1").expect("a grant");
    assert!(allowed(&text, "agent_kill", &agent("web-1", &[])) && !allowed(&text, "agent_kill", &agent("web-2", &[])));
    assert!(!allowed(&text, "agent_show", &agent("web-1", &[])) && !allowed(&text, "agent_kill", &Target::everything()));
    assert!(allowed(&grant("audit_list", "everything", "").expect("a grant"), "audit_list", &Target::everything()));
    for (action, kind, thing) in
        [("agent_kill", "agent", ""), ("agent_kill", "everything", ""), ("no_such", "agent", "x"), ("user_update", "user", "x")]
    {
        assert_eq!(grant(action, kind, thing), None, "{action} {kind}");
    }
}

#[test]
fn how_it_is_asked_can_decide() {
    let role = role(
        r#"permit(principal, action == Action::"agent_list", resource) when { context.credential == "session" && context.address like "10.*" };"#,
    );
    assert_eq!(check(&role).problems, vec![]);
    let snapshot = Arc::new(Snapshot::build([&role]));
    let names = [role.name.clone()];
    let from = |credential, address| Asker { roles: &names, scopes: None, how: How { credential, address } };
    for (credential, address, wanted) in [("session", "10.0.0.1", true), ("session", "192.0.2.1", false), ("token", "10.0.0.1", false)] {
        for _ in 0..2 {
            assert_eq!(
                snapshot.decide(&from(credential, address), "agent_list", &agent("a", &[])).allowed,
                wanted,
                "{credential} {address}"
            );
        }
        assert_eq!(snapshot.filter(&from(credential, address), "agent_list").covers(&agent("a", &[])), wanted);
    }
}

#[test]
fn conditions_on_the_action_alone_are_known_beforehand() {
    let role = role(
        r#"permit(principal, action, resource) when { action in [Action::"agent_list", Action::"user_list"] } unless { resource is User };"#,
    );
    assert_eq!(check(&role).problems, vec![]);
    let names = [role.name.clone()];
    let snapshot = Snapshot::build([&role]);
    let extent = |action| snapshot.extent(&Asker::with_roles(&names), action).0;
    assert_eq!((extent("agent_list"), extent("user_list"), extent("agent_kill")), (Extent::All, Extent::All, Extent::None));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let deep = format!("permit(principal, action, resource) when {{ {}true }};", "true && ".repeat(3000));
    let cases = [
        ("permit(principal, action, resource)", "line 1", "not Cedar"),
        ("permit(principal, action, resource);\npermit(principal, action == Action::\"agent_kil\", resource);", "line 2", "agent_kil"),
        ("\n\npermit(principal, action, resource) when { resource.nme == \"x\" };", "line 3", "nme"),
        ("permit(principal == Caller::\"x\", action, resource);", "policy 1", "does not name who has it"),
        ("permit(principal, action, resource == ?resource);", "cedar", "slots"),
        ("", "cedar", "no policy"),
        (
            "permit(principal, action == Action::\"agent_kill\", resource) when { resource.tag_matches.contains(resource.name) };",
            "policy 1",
            "written out",
        ),
        ("permit(principal, action == Action::\"agent_kill\", resource) when { resource.tag_matches == [] };", "policy 1", "written out"),
        ("permit(principal, action == Action::\"agent_kill\", resource is User);", "line 1", "unable to find"),
        (deep.as_str(), "cedar", "too involved"),
    ];
    for (text, at, part) in cases {
        let problems = check(&role(text)).problems;
        assert!(problems.iter().any(|problem| problem.at == at && problem.text.contains(part)), "{text:.80}: {problems:?}");
    }
    let many = "permit(principal, action, resource);".repeat(65);
    assert!(check(&role(&many)).problems.iter().any(|problem| problem.text.contains("at most 64")));
    assert!(check(&role(&" ".repeat(70_000))).problems.iter().any(|problem| problem.text.contains("bytes long")));
}

fn checked_and_asked(role: &RoleForm) -> Checked {
    let names = [role.name.clone()];
    let _ = Snapshot::build([role]).decide(&Asker::with_roles(&names), "agent_kill", &agent("a", &[]));
    check(role)
}

#[test]
fn what_nests_deeply_costs_no_stack() {
    let when = |condition: String| format!("permit(principal, action, resource) when {{ {condition} }};");
    let texts = [
        (false, when(format!("{}true{}", "(".repeat(35), ")".repeat(35)))),
        (true, when(format!("{}true{}", "(".repeat(20_000), ")".repeat(20_000)))),
        (false, when(format!("{}true", "resource is Agent && resource.name == \"x\" || ".repeat(48)))),
        (true, when(format!("{}true", "true || ".repeat(8000)))),
        (false, when(format!("{}true{}", "if true then ".repeat(90), " else false".repeat(90)))),
        (true, when(format!("{}true{}", "if true then ".repeat(2000), " else false".repeat(2000)))),
        (false, when(format!("{}1{} == 1", "[".repeat(35), "]".repeat(35)))),
        (false, when(format!("1{} == 1", " + 1".repeat(90)))),
        (true, when(format!("resource{} == 1", ".name".repeat(2000)))),
    ];
    for (refused, text) in texts {
        // On a stack as small as a server's worker has.
        let checking = std::thread::Builder::new().stack_size(2 << 20).spawn(move || checked_and_asked(&role(&text)));
        let checked = checking.expect("a thread").join().expect("no overflow");
        assert_eq!(checked.problems.iter().any(|problem| problem.text.contains("too involved")), refused, "{:.60}", checked.cedar);
    }
}

#[test]
fn a_role_that_cannot_be_read_any_more_denies_everything() {
    let broken = role("permit(principal, action == Action::\"gone\", resource);");
    let snapshot = Snapshot::build([&broken]);
    assert_eq!(snapshot.broken().len(), 1);
    let names = ["admin".parse().expect("a role name"), broken.name.clone()];
    let verdict = snapshot.decide(&Asker::with_roles(&names), "agent_list", &agent("a", &[]));
    assert_eq!((verdict.allowed, verdict.rule().as_str()), (false, "own:broken"));
    let words = snapshot.words(&verdict, &Asker::with_roles(&names), "agent_list", "agent a");
    assert_eq!(words, "the role own, which can no longer be read and must be corrected, denies agent_list on agent a");
}

#[test]
fn the_built_in_roles_are_valid_cedar() {
    for name in mc_domain::role::Role::ALL {
        assert_eq!(check(&role(&built_in_cedar(name))).problems, vec![], "{name}");
    }
}
