//! What a form becomes, and what is wrong with it.

use mc_domain::role_form::{AgentSelector, KubernetesSelector, RoleForm, Rule};
use mc_policy::check;

fn form() -> RoleForm {
    RoleForm::new("ops-eu".parse().expect("a role name"))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn problems(form: &RoleForm) -> Vec<String> {
    check(form).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_rule_reads_as_a_policy() {
    let agents = AgentSelector { names: texts(&["web-*", "db"]), tags: texts(&["prod", "team:*"]), ..AgentSelector::default() };
    let pods =
        KubernetesSelector { namespaces: texts(&["kube-*"]), resources: texts(&["secrets", "pods/exec"]), ..KubernetesSelector::default() };
    let form = form()
        .with(Rule::allow(&["agent_kill", "agent_restart"]).on_agents(agents.clone()))
        .with(Rule::deny(&["kube_request"]).on_kubernetes(pods.clone()))
        .with(Rule::allow(&["*"]).on_agents(agents).on_kubernetes(pods));
    let checked = check(&form);
    assert_eq!(checked.problems, vec![]);
    let wanted = r#"@id("ops-eu/1")
permit (
    principal,
    action in [Action::"agent_restart", Action::"agent_kill"],
    resource is Agent
)
when { resource.name like "web-*" || resource.name == "db" }
when { resource.tags.contains("prod") || resource.tag_matches.contains("team:*") };

@id("ops-eu/2")
forbid (
    principal,
    action == Action::"kube_request",
    resource is Kubernetes
)
when { resource.namespace like "kube-*" || resource.every_namespace }
when { resource.resource == "secrets" || (resource.resource == "pods" && resource.subresource == "exec") };

@id("ops-eu/3")
permit (
    principal,
    action,
    resource
)
when {
    (resource is Agent && (resource.name like "web-*" || resource.name == "db") && (resource.tags.contains("prod") || resource.tag_matches.contains("team:*"))) ||
    (resource is Kubernetes && (resource.namespace like "kube-*") && ((resource.resource == "secrets" && resource.subresource == "") || (resource.resource == "pods" && resource.subresource == "exec")))
};
"#;
    assert_eq!(checked.cedar, wanted);
}

#[test]
fn nothing_typed_into_a_form_ends_its_string() {
    let evil = r#"x" || true || resource.name like "y"#;
    let agents = AgentSelector { names: texts(&[evil]), ..AgentSelector::default() };
    let checked = check(&form().with(Rule::allow(&["agent_kill"]).on_agents(agents)));
    assert_eq!(checked.problems, vec![]);
    assert!(checked.cedar.contains(r#"resource.name == "x\" || true || resource.name like \"y""#), "{}", checked.cedar);
}

#[test]
fn every_problem_says_where_and_what_to_do() {
    let agents = |names: &[&str]| AgentSelector { names: texts(names), ..AgentSelector::default() };
    let cases = [
        (form(), "rules: a role needs at least one rule"),
        (
            RoleForm::new("admin".parse().expect("a role name")).with(Rule::allow(&["*"])),
            "name: admin is built in and cannot be changed: choose another name",
        ),
        (
            RoleForm::new("grant-x".parse().expect("a role name")).with(Rule::allow(&["*"])),
            "name: names that begin with grant- are made for access requests: choose another",
        ),
        (form().with(Rule::allow(&[])), "rule 1, actions: name at least one action, or * for all"),
        (
            form().with(Rule::allow(&["*"])).with(Rule::allow(&["agnt_*"])),
            "rule 2, actions: no action is called agnt_*: see the list of actions",
        ),
        (
            form().with(Rule::allow(&["user_*"]).on_agents(agents(&["web"]))),
            "rule 1, actions: the rule is about agents, but none of its actions is done to such things: change one or the other",
        ),
        (
            form().with(Rule::allow(&["agent_*"]).on_agents(agents(&[""]))),
            "rule 1, agents.names: \"\": a pattern cannot be empty: use * for any",
        ),
        (
            form().with(Rule::allow(&["agent_*"]).on_agents(agents(&["a\\b"]))),
            "rule 1, agents.names: \"a\\\\b\": a backslash stands only before * or another backslash",
        ),
        (
            form().with(Rule::allow(&["agent_*"]).on_agents(agents(&["x"; 65]))),
            "rule 1, agents.names: has 65 patterns, at most 64 fit: use * in them, or make two rules",
        ),
        (RoleForm { title: "x".repeat(81), ..form().with(Rule::allow(&["*"])) }, "title: has more than 80 characters"),
        (RoleForm { title: "a\u{7}".to_owned(), ..form().with(Rule::allow(&["*"])) }, "title: has invisible characters: use plain text"),
        (
            form().with(Rule::allow(&["*"])).in_cedar("permit(principal, action, resource);"),
            "cedar: a role has rules or Cedar text, not both: empty one of them",
        ),
        (RoleForm { rules: vec![Rule::allow(&["*"]); 65], ..form() }, "rules: has 65 rules, at most 64 fit: join some, or make two roles"),
    ];
    for (form, wanted) in cases {
        assert_eq!(problems(&form), vec![wanted.to_owned()]);
    }
    let pods = KubernetesSelector { resources: texts(&["pods/"]), ..KubernetesSelector::default() };
    let found = problems(&form().with(Rule::allow(&["kube_request"]).on_kubernetes(pods)));
    assert_eq!(found, ["rule 1, kubernetes.resources: \"pods/\": use RESOURCE, RESOURCE.GROUP or RESOURCE/SUBRESOURCE"]);
}
