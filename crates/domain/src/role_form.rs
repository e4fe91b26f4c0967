//! The form a role is written in: rules over actions and over what they are done to.
//!
//! The texts are as people typed them; `mc-policy` reads, checks and turns them into Cedar. Nothing here decides.

use serde::{Deserialize, Serialize};

use crate::role::RoleName;

/// The most rules a role has.
pub const RULES_MAX: usize = 64;
/// The most patterns in one list of a rule.
pub const PATTERNS_MAX: usize = 64;
/// The longest title, in characters.
pub const TITLE_MAX: usize = 80;
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1000;
/// The longest Cedar text of a role, in bytes.
pub const CEDAR_MAX: usize = 64 * 1024;

/// A role as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleForm {
    /// What it is called.
    pub name: RoleName,
    /// A title for people.
    #[serde(default)]
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The rules. Deny beats allow, whatever the order; what no rule allows is refused.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Cedar text in place of rules, for those who outgrow the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cedar: Option<String>,
    /// Whether its holders prove again who they are before they do what can hurt.
    #[serde(default)]
    pub step_up: bool,
}

impl RoleForm {
    /// A role without rules yet.
    #[must_use]
    pub const fn new(name: RoleName) -> Self {
        Self { name, title: String::new(), description: String::new(), rules: Vec::new(), cedar: None, step_up: false }
    }

    /// The same, with one rule more.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The same, written in Cedar.
    #[must_use]
    pub fn in_cedar(mut self, text: impl Into<String>) -> Self {
        self.cedar = Some(text.into());
        self
    }
}

/// What a rule does when it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Lets it happen, unless another rule denies it.
    Allow,
    /// Refuses it, whatever else allows it.
    Deny,
}

impl Effect {
    /// The effect as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// One rule. With `agents` or `kubernetes` it is about such things only; without either, about everything its actions are done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it does.
    pub effect: Effect,
    /// Patterns over action names: `agent_*`, `*_list`, `*`.
    pub actions: Vec<String>,
    /// Only agents like these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<AgentSelector>,
    /// Only Kubernetes requests like these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesSelector>,
}

impl Rule {
    /// Allows the actions that fit one of these patterns.
    #[must_use]
    pub fn allow(actions: &[&str]) -> Self {
        Self { effect: Effect::Allow, actions: owned(actions), agents: None, kubernetes: None }
    }

    /// Denies the actions that fit one of these patterns.
    #[must_use]
    pub fn deny(actions: &[&str]) -> Self {
        Self { effect: Effect::Deny, ..Self::allow(actions) }
    }

    /// The same, for agents like these only.
    #[must_use]
    pub fn on_agents(mut self, agents: AgentSelector) -> Self {
        self.agents = Some(agents);
        self
    }

    /// The same, for Kubernetes requests like these only.
    #[must_use]
    pub fn on_kubernetes(mut self, kubernetes: KubernetesSelector) -> Self {
        self.kubernetes = Some(kubernetes);
        self
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Which agents. A list fits when one of its patterns does; an empty list fits any; all lists must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentSelector {
    /// Patterns over the agent's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Patterns of which one fits one of the agent's tags. `*` is any tag, but not none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Patterns of which one fits one of the groups the agent is in. `*` is any group, but not none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Patterns over what the agent looks after: `systemd`, `openclaw`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Patterns over the login name of who owns the agent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
}

/// Which Kubernetes requests. A list fits when one of its patterns does; an empty list fits any; all lists must fit.
///
/// A request over all namespaces (or over all names, such as a list) is allowed only by a rule whose pattern there is `*` or absent, and is
/// denied by a deny rule for any of them: its answer would show what the rule hides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KubernetesSelector {
    /// Patterns over the cluster's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<String>,
    /// Patterns over the namespace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Patterns as Kubernetes' own roles have them: `pods`, `pods/exec`, `deployments.apps`, `*/scale`, `*`. Without a dot it is any API
    /// group, without a slash the thing itself and not its subresources; `*` alone is everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Patterns over the verb: `get`, `list`, `delete`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// Patterns over the object's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_as_people_write_it() {
        let text = r#"{"name":"ops-eu","rules":[{"effect":"allow","actions":["agent_*"],"agents":{"tags":["eu-*"]}}]}"#;
        let name = "ops-eu".parse().expect("a role name");
        let agents = AgentSelector { tags: vec!["eu-*".to_owned()], ..AgentSelector::default() };
        let form = RoleForm::new(name).with(Rule::allow(&["agent_*"]).on_agents(agents));
        assert_eq!(serde_json::from_str::<RoleForm>(text).expect("a form"), form);
        let written = serde_json::to_string(&form).expect("it writes");
        assert_eq!(serde_json::from_str::<RoleForm>(&written).expect("a form"), form);
        assert!(serde_json::from_str::<RoleForm>(&text.replace("agents", "agent")).is_err(), "a misspelt field must not widen a rule");
    }
}
