//! The rules of a form, decided in plain Rust: what Cedar must agree with. It shares nothing with the crate but the words.

use mc_domain::{
    action::{ActionInfo, Kind},
    role_form::{AgentSelector, Effect, KubernetesSelector, RoleForm, Rule},
};
use mc_policy::{AgentAttributes, KubernetesAttributes};

/// What is asked about.
#[derive(Debug, Clone)]
pub(crate) enum Thing {
    Agent(AgentAttributes),
    Kubernetes(KubernetesAttributes),
    Nothing,
}

/// `*` in `pattern` is any number of characters; `\` takes the next as it is. By trying every split: slow, and plainly right.
pub(crate) fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|cut| glob(rest, &text[cut..])),
        ['\\', c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
        [c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    glob(&chars(pattern), &chars(text))
}

fn one(patterns: &[String], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, text))
}

fn any(patterns: &[String], texts: &[String]) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| texts.iter().any(|text| fits(pattern, text)))
}

fn agent_fits(selector: &AgentSelector, agent: &AgentAttributes) -> bool {
    one(&selector.names, &agent.name)
        && any(&selector.tags, &agent.tags)
        && any(&selector.groups, &agent.groups)
        && one(&selector.kinds, &agent.kind)
        && one(&selector.owners, &agent.owner)
}

fn resource_fits(pattern: &str, effect: Effect, request: &KubernetesAttributes) -> bool {
    if pattern.chars().all(|c| c == '*') {
        return true;
    }
    let (object, subresource) = match pattern.split_once('/') {
        Some((object, subresource)) => (object, Some(subresource)),
        None => (pattern, None),
    };
    let (resource, group) = match object.split_once('.') {
        Some((resource, group)) => (resource, Some(group)),
        None => (object, None),
    };
    let subresource_fits = match (subresource, effect) {
        (Some(pattern), _) => fits(pattern, &request.subresource),
        (None, Effect::Allow) => request.subresource.is_empty(),
        (None, Effect::Deny) => true,
    };
    fits(resource, &request.resource) && group.is_none_or(|group| fits(group, &request.api_group)) && subresource_fits
}

fn kubernetes_fits(selector: &KubernetesSelector, effect: Effect, request: &KubernetesAttributes) -> bool {
    let deny = effect == Effect::Deny;
    one(&selector.clusters, &request.cluster)
        && (one(&selector.namespaces, &request.namespace) || (deny && request.every_namespace))
        && (selector.resources.is_empty() || selector.resources.iter().any(|pattern| resource_fits(pattern, effect, request)))
        && one(&selector.verbs, &request.verb)
        && (one(&selector.names, &request.name) || (deny && request.every_name))
}

fn rule_fits(rule: &Rule, action: &ActionInfo, thing: &Thing) -> bool {
    if !rule.actions.iter().any(|pattern| fits(pattern, action.name)) {
        return false;
    }
    match (&rule.agents, &rule.kubernetes, thing) {
        (None, None, _) => true,
        (Some(agents), _, Thing::Agent(agent)) => agent_fits(agents, agent),
        (_, Some(kubernetes), Thing::Kubernetes(request)) => kubernetes_fits(kubernetes, rule.effect, request),
        _ => false,
    }
}

/// Whether the roles allow `action` on `thing`, which is of the action's own kind.
pub(crate) fn allowed(roles: &[RoleForm], action: &ActionInfo, thing: &Thing) -> bool {
    let thing = match (action.on, thing) {
        (Kind::Agent | Kind::Command, Thing::Agent(_)) | (Kind::Kubernetes, Thing::Kubernetes(_)) => thing,
        _ => &Thing::Nothing,
    };
    let rules = || roles.iter().flat_map(|role| &role.rules);
    let fits = |effect| rules().any(|rule| rule.effect == effect && rule_fits(rule, action, thing));
    // Everybody looks after their own account, unless a role denies it.
    let own_account = action.name.starts_with("me_");
    (own_account || fits(Effect::Allow)) && !fits(Effect::Deny)
}
