//! Roles: the form as it comes over HTTP, and Cedar text. Whatever passes the check must compile and decide.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_domain::role_form::RoleForm;
use mc_policy::{AgentAttributes, Asker, Snapshot, Target, check};

fuzz_target!(|text: &str| {
    let written = "fuzzed".parse().map(|name| RoleForm::new(name).in_cedar(text)).ok();
    for form in [serde_json::from_str::<RoleForm>(text).ok(), written].into_iter().flatten() {
        if !check(&form).problems.is_empty() {
            continue;
        }
        let snapshot = Snapshot::build([&form]);
        assert!(snapshot.broken().is_empty(), "what was checked compiles");
        let agent = AgentAttributes { name: "web-1".to_owned(), tags: vec!["prod".to_owned()], ..AgentAttributes::default() };
        let roles = [form.name.clone()];
        let asker = Asker::with_roles(&roles);
        for target in [Target::agent(agent), Target::everything()] {
            let first = snapshot.decide(&asker, "agent_kill", &target);
            assert_eq!(snapshot.decide(&asker, "agent_kill", &target), first, "asked again, the same");
        }
    }
});
