//! Properties that hold for any role.

use mc_domain::{
    action::{Kind, by_name},
    pattern::Pattern,
    role::RoleName,
    role_form::{AgentSelector, RoleForm, Rule},
};
use mc_policy::{AgentAttributes, Asker, Extent, Snapshot, Target, check};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    made::{action, agent, request, roles},
    reference::{self, Thing, glob},
};

fn names(roles: &[RoleForm]) -> Vec<RoleName> {
    roles.iter().map(|role| role.name.clone()).collect()
}

/// Cedar's decision is the one of plain Rust, twice, and what is said of all things at once fits it.
fn alike(roles: &[RoleForm], snapshot: &Snapshot, action: &str, target: &Target, thing: &Thing) -> Result<(), TestCaseError> {
    let action = by_name(action).expect("an action");
    let names = names(roles);
    let asker = Asker::with_roles(&names);
    let verdict = snapshot.decide(&asker, action.name, target);
    let (extent, _) = snapshot.extent(&asker, action.name);
    let matching = match action.on {
        Kind::Agent | Kind::Command => matches!(thing, Thing::Agent(_)),
        Kind::Kubernetes => matches!(thing, Thing::Kubernetes(_)),
        _ => true,
    };
    if !matching {
        prop_assert_eq!(verdict.allowed, extent == Extent::All, "not one of its kind: for all of them or not at all");
        return Ok(());
    }
    let wanted = reference::allowed(roles, action, thing);
    prop_assert_eq!(verdict.allowed, wanted, "{} on {:?} by {:?}", action.name, thing, roles);
    prop_assert_eq!(snapshot.decide(&asker, action.name, target), verdict, "asked again");
    let fits = match extent {
        Extent::All => wanted,
        Extent::None => !wanted,
        Extent::Some => true,
    };
    prop_assert!(fits, "{:?}", extent);
    Ok(())
}

/// Pieces of Cedar: put together at random they are now and then a policy.
const WORDS: &[&str] = &[
    "permit(",
    "forbid(",
    "principal",
    ", action",
    ", resource",
    ");",
    " when { ",
    " unless { ",
    " }",
    "resource.name",
    "resource.tags",
    "true",
    " && ",
    " || ",
    "!",
    "(",
    ")",
    "[",
    "]",
    " == ",
    " is Agent",
    " like \"w*\"",
    "\"x\"",
    "resource is Agent",
    "context.address",
    ".contains(\"x\")",
    "resource.tag_matches",
    ".contains(\"x*\")",
    "Action::\"agent_kill\"",
    " in ",
    "if ",
    " then ",
    " else ",
    "1",
    "// no\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn cedar_and_plain_rust_decide_alike(
        roles in roles(),
        agents in vec(agent(), 1..4),
        requests in vec(request(), 1..4),
        actions in vec(action(), 1..4),
    ) {
        let snapshot = Snapshot::build(&roles);
        prop_assert!(snapshot.broken().is_empty(), "{:?}", snapshot.broken());
        let agents = agents.into_iter().map(|agent| (Target::agent(agent.clone()), Thing::Agent(agent)));
        let requests = requests.into_iter().map(|request| (Target::kubernetes(request.clone()), Thing::Kubernetes(request)));
        for (target, thing) in agents.chain(requests) {
            for action in &actions {
                alike(&roles, &snapshot, action, &target, &thing)?;
            }
        }
    }

    #[test]
    fn what_the_form_makes_is_cedar(roles in roles()) {
        for role in &roles {
            // Random rules may be about things that none of their actions is done to; that alone is told.
            let serious: Vec<_> = check(role).problems.into_iter().filter(|problem| !problem.text.contains("none of its actions")).collect();
            prop_assert!(serious.is_empty(), "{:?} {:?}", serious, role);
        }
    }

    #[test]
    fn whatever_is_typed_is_a_pattern_or_a_problem_and_never_cedar(typed in any::<String>(), name in any::<String>()) {
        let agents = AgentSelector { names: vec![typed.clone()], tags: vec![typed.clone()], ..AgentSelector::default() };
        let form = RoleForm::new("r".parse().expect("a role name")).with(Rule::allow(&["agent_kill"]).on_agents(agents));
        let checked = check(&form);
        match typed.parse::<Pattern>() {
            Err(_) => prop_assert!(!checked.problems.is_empty()),
            Ok(_) => {
                prop_assert!(checked.problems.is_empty(), "{:?}", checked.problems);
                let chars = |text: &str| text.chars().collect::<Vec<_>>();
                let snapshot = Snapshot::build([&form]);
                for name in [name, typed.clone()] {
                    let wanted = glob(&chars(&typed), &chars(&name));
                    let target = Target::agent(AgentAttributes { name: name.clone(), tags: vec![name], ..AgentAttributes::default() });
                    let names = [form.name.clone()];
                    prop_assert_eq!(snapshot.decide(&Asker::with_roles(&names), "agent_kill", &target).allowed, wanted);
                }
            }
        }
    }

    #[test]
    fn whatever_text_passes_the_check_compiles(words in vec(select(WORDS), 0..24), plain in any::<String>()) {
        let text = words.concat();
        for text in [format!("permit(principal, action, resource) when {{ {text} }};"), text, plain] {
            let form = RoleForm::new("r".parse().expect("a role name")).in_cedar(text);
            if check(&form).problems.is_empty() {
                prop_assert!(Snapshot::build([&form]).broken().is_empty(), "{:?}", form);
            }
        }
    }

    #[test]
    fn a_denial_added_to_any_roles_wins(roles in roles(), agent in agent()) {
        let deny = RoleForm::new("no".parse().expect("a role name")).with(Rule::deny(&["agent_kill"]));
        let snapshot = Snapshot::build(roles.iter().chain([&deny]));
        let mut names = names(&roles);
        names.push(deny.name.clone());
        let target = Target::agent(agent);
        let verdict = snapshot.decide(&Asker::with_roles(&names), "agent_kill", &target);
        prop_assert!(!verdict.allowed && verdict.rules.iter().any(|rule| &**rule == "no/1"), "{:?}", verdict);
        prop_assert_eq!(snapshot.extent(&Asker::with_roles(&names), "agent_kill").0, Extent::None);
    }
}
