//! Why, what, and what if.

use std::sync::Arc;

use mc_domain::{
    role::RoleName,
    role_form::{AgentSelector, Effect, RoleForm, Rule},
};
use mc_policy::{AgentAttributes, Asker, Extent, Past, Snapshot, Target, differences};

fn name(text: &str) -> RoleName {
    text.parse().expect("a role name")
}

fn agent(name: &str) -> Target {
    Target::agent(AgentAttributes { id: name.to_owned(), name: name.to_owned(), ..AgentAttributes::default() })
}

fn web() -> AgentSelector {
    AgentSelector { names: vec!["web-*".to_owned()], ..AgentSelector::default() }
}

fn ops() -> RoleForm {
    RoleForm::new(name("eu-ops")).with(Rule::allow(&["agent_restart"]).on_agents(web())).with(Rule::deny(&["agent_remove"]))
}

#[test]
fn why_names_what_each_role_says() {
    let snapshot = Snapshot::build([&ops()]);
    let roles = [name("viewer"), name("eu-ops")];
    let asker = Asker::with_roles(&roles);
    let no = snapshot.explain(&asker, "agent_kill", &agent("alpha"), "agent alpha");
    assert_eq!((no.allowed, no.rule.as_str()), (false, "default:deny"));
    assert_eq!(no.text, "no rule of your roles viewer, eu-ops allows agent_kill on agent alpha");
    let yes = snapshot.explain(&asker, "agent_restart", &agent("web-1"), "agent web-1");
    assert_eq!((yes.rule.as_str(), yes.text.as_str()), ("eu-ops/1", "rule 1 of the role eu-ops allows agent_restart on agent web-1"));
    let said: Vec<_> = yes.roles.iter().map(|role| (role.role.as_str(), role.effect, role.because.as_str())).collect();
    assert_eq!(said, [("eu-ops", Some(Effect::Allow), "rule 1 of the role eu-ops allows it"), ("viewer", None, "no rule of it allows it")]);
    let denied = snapshot.explain(&asker, "agent_remove", &agent("web-1"), "agent web-1");
    assert_eq!(denied.text, "rule 2 of the role eu-ops denies agent_remove on agent web-1");
    let nothing = snapshot.explain(&asker, "user_create", &Target::everything(), "everything");
    assert_eq!(nothing.text, "no rule of your roles viewer, eu-ops allows user_create", "no single thing is named");
    let seen = snapshot.explain(&asker, "agent_show", &agent("alpha"), "agent alpha");
    assert_eq!((seen.rule.as_str(), seen.text.as_str()), ("role:viewer", "the role viewer allows agent_show on agent alpha"));
}

#[test]
fn what_somebody_may_do_is_all_some_or_none() {
    let snapshot = Snapshot::build([&ops()]);
    let roles = [name("viewer"), name("eu-ops")];
    let what = snapshot.what(&Asker::with_roles(&roles));
    let may = |action: &str| what.iter().find(|may| may.action == action).map(|may| (may.extent, may.rule.clone())).expect("every action");
    assert_eq!(may("agent_show"), (Extent::All, "role:viewer".to_owned()));
    assert_eq!(may("agent_restart").0, Extent::Some);
    assert_eq!(may("agent_remove"), (Extent::None, "eu-ops/2".to_owned()));
    assert_eq!(may("user_list"), (Extent::None, "default:deny".to_owned()));
}

#[test]
fn a_change_is_tried_on_the_past() {
    let before = Snapshot::build([&ops()]);
    let changed =
        ops().with(Rule::deny(&["agent_restart"]).on_agents(AgentSelector { names: vec!["web-1".to_owned()], ..AgentSelector::default() }));
    let after = before.with(&changed);
    let roles = [name("eu-ops")];
    let targets = [agent("web-1"), agent("web-2"), agent("db")];
    let past = |target| Past { asker: Asker::with_roles(&roles), action: "agent_restart", target };
    let found = differences(&before, &after, targets.iter().map(past));
    assert_eq!(
        found.iter().map(|found| (found.index, found.before.rule(), found.after.rule())).collect::<Vec<_>>(),
        [(0, "eu-ops/1".to_owned(), "eu-ops/3".to_owned())]
    );
    let gone = differences(&before, &before.without(&name("eu-ops")), targets.iter().map(past));
    assert_eq!(gone.iter().map(|found| found.index).collect::<Vec<_>>(), [0, 1]);
    assert!(before.without(&name("admin")).knows(&name("admin")), "built-in roles stay");
}

#[test]
fn step_up_is_asked_where_a_role_says_so_and_it_can_hurt() {
    let strict = RoleForm { step_up: true, ..RoleForm::new(name("strict")).with(Rule::allow(&["*"])) };
    let snapshot = Snapshot::build([&strict]);
    let action = |name| mc_domain::action::by_name(name).expect("an action");
    let both = [name("admin"), name("strict")];
    assert_eq!(snapshot.step_up(&both, action("agent_kill")), Some(name("strict")));
    assert_eq!(snapshot.step_up(&both, action("agent_show")), None);
    assert_eq!(snapshot.step_up(&[name("admin")], action("agent_kill")), None);
}

#[test]
fn ten_thousand_agents_are_filtered_by_asking_once_each() {
    let snapshot = Arc::new(Snapshot::build([&ops()]));
    let agents: Vec<Target> =
        (0..10_000).map(|number| agent(&format!("{}-{number}", if number % 10 == 0 { "web" } else { "db" }))).collect();
    let roles = [name("eu-ops")];
    let filter = snapshot.filter(&Asker::with_roles(&roles), "agent_restart");
    for _ in 0..2 {
        assert_eq!(agents.iter().filter(|agent| filter.covers(agent)).count(), 1000);
    }
    let all = snapshot.filter(&Asker::with_roles(&[name("viewer")]), "agent_list");
    assert_eq!(all.extent(), Extent::All);
    assert!(agents.iter().all(|agent| all.covers(agent)));
}
