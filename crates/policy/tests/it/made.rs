//! Roles, agents and requests, made at random from few words, so that rules often fit and often just do not.

use mc_domain::role_form::{AgentSelector, Effect, KubernetesSelector, RoleForm, Rule};
use mc_policy::{AgentAttributes, KubernetesAttributes};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn patterns(words: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(words).prop_map(str::to_owned), 0..3)
}

const NAMES: &[&str] = &["web-1", "web-*", "*-1", "*", "db", r"st\*r", r"back\\slash", "\"quo\\*te", "ü*"];
const TAGS: &[&str] = &["eu-*", "prod", "*", "team:*", "a*b*c", r"\*", "*-west"];
const ACTIONS: &[&str] = &["*", "agent_*", "agent_kill", "*_list", "kube_request", "user_update", "command_*", "me_show"];

pub(crate) fn action() -> impl Strategy<Value = &'static str> {
    select(&["agent_kill", "agent_show", "agent_list", "command_cancel", "kube_request", "user_update", "me_show", "user_list"][..])
}

fn agents() -> impl Strategy<Value = AgentSelector> {
    let parts =
        (patterns(NAMES), patterns(TAGS), patterns(&["ops", "o*", "*"]), patterns(&["systemd", "open*"]), patterns(&["ann", "*", "b*"]));
    parts.prop_map(|(names, tags, groups, kinds, owners)| AgentSelector { names, tags, groups, kinds, owners })
}

fn kubernetes() -> impl Strategy<Value = KubernetesSelector> {
    let parts = (
        patterns(&["dev-*", "prod", "*"]),
        patterns(&["team-*", "kube-system", "*"]),
        patterns(&["pods", "pods/exec", "pods/*", "*", "*/scale", "deployments.apps", "*.apps", "pods.", "de*s", "**"]),
        patterns(&["get", "list", "*", "de*"]),
        patterns(&["web", "db-*", "*"]),
    );
    parts.prop_map(|(clusters, namespaces, resources, verbs, names)| KubernetesSelector { clusters, namespaces, resources, verbs, names })
}

fn rule() -> impl Strategy<Value = Rule> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let parts = (effect, vec(select(ACTIONS).prop_map(str::to_owned), 1..3), option::of(agents()), option::of(kubernetes()));
    parts.prop_map(|(effect, actions, agents, kubernetes)| Rule { effect, actions, agents, kubernetes })
}

/// One to three roles `r0`, `r1`, …
pub(crate) fn roles() -> impl Strategy<Value = Vec<RoleForm>> {
    vec(vec(rule(), 1..4), 1..4).prop_map(|roles| {
        let named =
            |(index, rules): (usize, Vec<Rule>)| RoleForm { rules, ..RoleForm::new(format!("r{index}").parse().expect("a role name")) };
        roles.into_iter().enumerate().map(named).collect()
    })
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

pub(crate) fn agent() -> impl Strategy<Value = AgentAttributes> {
    let name = word(&["web-1", "web-2", "db", "st*r", "star", r"back\slash", "\"quo*te", "\"quote", "über", ""]);
    let tags = vec(word(&["eu-west", "prod", "team:a", "aXbYc", "*", "x", "eu-", "us-west"]), 0..4);
    let parts = (name, tags, vec(word(&["ops", "dev"]), 0..2), word(&["systemd", "openclaw"]), word(&["ann", "bob", ""]));
    parts.prop_map(|(name, tags, groups, kind, owner)| AgentAttributes { id: name.clone(), name, kind, tags, groups, owner })
}

pub(crate) fn request() -> impl Strategy<Value = KubernetesAttributes> {
    let parts = (
        word(&["dev-1", "prod"]),
        option::of(word(&["team-a", "kube-system", ""])),
        word(&["pods", "deployments", "secrets"]),
        word(&["", "apps"]),
        word(&["", "", "exec", "scale"]),
        word(&["get", "list", "delete"]),
        option::of(word(&["web", "db-1", ""])),
    );
    parts.prop_map(|(cluster, namespace, resource, api_group, subresource, verb, name)| KubernetesAttributes {
        cluster,
        every_namespace: namespace.is_none(),
        namespace: namespace.unwrap_or_default(),
        api_group,
        resource,
        subresource,
        verb,
        every_name: name.is_none(),
        name: name.unwrap_or_default(),
    })
}
