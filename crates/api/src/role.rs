//! Roles, their rules, and the actions rules are about.

use mc_domain::{role::RoleName, role_form, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role with what it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// Its name: a lower-case letter, then up to 39 lower-case letters, digits and dashes.
    #[schema(value_type = String)]
    pub name: RoleName,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Whether it is part of the program; such a role never changes.
    pub built_in: bool,
    /// Its rules; empty when they were written in Cedar by hand.
    pub rules: Vec<Rule>,
    /// Its rules as Cedar text, made from `rules` unless `by_hand`.
    pub cedar: String,
    /// Whether the Cedar text was written by hand and counts instead of `rules`.
    pub by_hand: bool,
    /// Whether who has it proves anew who they are before what can hurt.
    pub step_up: bool,
    /// How many times it is given now, beside the users whose own role it is.
    pub assignments: u64,
    /// How many users have it as their own role.
    pub users: u64,
    /// Counts its changes; 0 for a built-in role.
    pub version: i64,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

/// A role as it is written. Deny beats allow, whatever the order; what no rule allows is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleForm {
    /// Its name; a role that exists keeps its own.
    #[schema(value_type = String)]
    pub name: RoleName,
    /// Its name for people, at most 80 characters.
    #[serde(default)]
    pub title: String,
    /// What it is for, at most 1000 characters.
    #[serde(default)]
    pub description: String,
    /// Its rules, at most 64.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Cedar text instead of rules, at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cedar: Option<String>,
    /// Whether who has it proves anew who they are before what can hurt.
    #[serde(default)]
    pub step_up: bool,
    /// `version` of the role this is a change of: the change is refused when somebody else was faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Lets it happen, unless another rule denies it.
    Allow,
    /// Refuses it, whatever else allows it.
    Deny,
}

/// One rule. With `agents` or `kubernetes` it is about such things only; without either, about everything its actions are done to. In every
/// pattern `*` stands for any number of characters; a list fits when one of its patterns does, an empty or absent one fits any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Allow or deny.
    pub effect: Effect,
    /// Patterns over the names of actions: `agent_*`, `*_list`, `*`.
    pub actions: Vec<String>,
    /// Only agents like these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<AgentSelector>,
    /// Only Kubernetes requests like these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesSelector>,
}

/// Which agents: all lists must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgentSelector {
    /// Patterns over the name.
    pub names: Vec<String>,
    /// Patterns of which one fits one of the tags.
    pub tags: Vec<String>,
    /// Patterns of which one fits one of the groups.
    pub groups: Vec<String>,
    /// Patterns over the kind: `host`, `command`, `systemd`, `openclaw`.
    pub kinds: Vec<String>,
    /// Patterns over the login name of the agent's owner: who made the join token it joined with.
    pub owners: Vec<String>,
}

/// Which Kubernetes requests: all lists must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KubernetesSelector {
    /// Patterns over the cluster's name.
    pub clusters: Vec<String>,
    /// Patterns over the namespace.
    pub namespaces: Vec<String>,
    /// Patterns over the resource: `pods`, `pods/exec`, `deployments.apps`, `*`.
    pub resources: Vec<String>,
    /// Patterns over the verb: `get`, `list`, `delete`.
    pub verbs: Vec<String>,
    /// Patterns over the object's name.
    pub names: Vec<String>,
}

/// What a form means, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChecked {
    /// The Cedar text; empty when the form cannot be read.
    pub cedar: String,
    /// What is wrong; empty when it can be saved.
    pub problems: Vec<RoleProblem>,
}

/// One thing that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleProblem {
    /// Where: `rules[1].agents.tags[0]`, `cedar:3:7`, `title`.
    pub at: String,
    /// What, and what would be right.
    pub text: String,
}

/// An action there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Its name: `agent_restart`.
    pub name: String,
    /// What it is, for people.
    pub text: String,
    /// What it is done to: `agent`, `command`, `everything`, …
    pub on: String,
    /// Whether it can hurt.
    pub destructive: bool,
    /// The weakest built-in role that may do it.
    #[schema(value_type = crate::schema::BuiltInRole)]
    pub weakest: mc_domain::role::Role,
}

macro_rules! same_fields {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl From<$name> for role_form::$name {
            fn from(from: $name) -> Self {
                Self { $($field: from.$field),+ }
            }
        }
        impl From<role_form::$name> for $name {
            fn from(from: role_form::$name) -> Self {
                Self { $($field: from.$field),+ }
            }
        }
    )+};
}

same_fields! {
    AgentSelector { names, tags, groups, kinds, owners }
    KubernetesSelector { clusters, namespaces, resources, verbs, names }
}

impl From<Rule> for role_form::Rule {
    fn from(rule: Rule) -> Self {
        let effect = match rule.effect {
            Effect::Allow => role_form::Effect::Allow,
            Effect::Deny => role_form::Effect::Deny,
        };
        Self { effect, actions: rule.actions, agents: rule.agents.map(Into::into), kubernetes: rule.kubernetes.map(Into::into) }
    }
}

impl From<role_form::Rule> for Rule {
    fn from(rule: role_form::Rule) -> Self {
        let effect = match rule.effect {
            role_form::Effect::Allow => Effect::Allow,
            role_form::Effect::Deny => Effect::Deny,
        };
        Self { effect, actions: rule.actions, agents: rule.agents.map(Into::into), kubernetes: rule.kubernetes.map(Into::into) }
    }
}

impl From<RoleForm> for role_form::RoleForm {
    fn from(form: RoleForm) -> Self {
        Self {
            name: form.name,
            title: form.title,
            description: form.description,
            rules: form.rules.into_iter().map(Into::into).collect(),
            cedar: form.cedar,
            step_up: form.step_up,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_the_domains() {
        let text = r#"{"name":"ops","rules":[{"effect":"deny","actions":["agent_*"],"agents":{"tags":["a"],"owners":["o"]}},
            {"effect":"allow","actions":["*"],"kubernetes":{"namespaces":["dev-*"],"verbs":["get"]}}]}"#;
        let ours: RoleForm = serde_json::from_str(text).expect("a form");
        let theirs: role_form::RoleForm = serde_json::from_str(text).expect("a form");
        assert_eq!(role_form::RoleForm::from(ours.clone()), theirs);
        let back: Vec<Rule> = theirs.rules.into_iter().map(Into::into).collect();
        assert_eq!(back, ours.rules);
        assert!(serde_json::from_str::<RoleForm>(&text.replace("tags", "tag")).is_err(), "a misspelt field must not widen a rule");
    }
}
