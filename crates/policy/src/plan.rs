//! What a set of roles says of one action, worked out once: all of it, none of it, or the rules that depend on the thing.

use std::{collections::HashSet, sync::Arc};

use cedar_policy::PolicySet;
use mc_domain::{action::ALL, pattern::Pattern, role_form::Effect};

use crate::{
    decision::{Extent, Verdict},
    role::{CompiledRole, CompiledRule},
    sieve::Requests,
    target::Body,
    tree::Reach,
};

/// What a set of roles says of one action.
#[derive(Debug)]
pub(crate) enum Plan {
    /// The same for everything.
    Known(Verdict),
    /// It depends.
    Ask(Box<Questions>),
}

/// The rules that Cedar is asked about.
#[derive(Debug)]
pub(crate) struct Questions {
    all: Asked,
    rules: Vec<Arc<CompiledRule>>,
    pub(crate) context: bool,
    /// What is said of everything at once: what depends on the thing is not allowed for all of them.
    pub(crate) everything: Verdict,
}

/// Rules that Cedar is asked about at once, with the patterns that they compare with.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) policies: PolicySet,
    pub(crate) tags: Vec<(String, Pattern)>,
    pub(crate) groups: Vec<(String, Pattern)>,
}

impl Asked {
    /// `None` when Cedar takes them for no set of policies.
    fn of(rules: &[&Arc<CompiledRule>]) -> Option<Self> {
        Some(Self {
            policies: PolicySet::from_policies(rules.iter().map(|rule| rule.policy.clone())).ok()?,
            tags: distinct(rules.iter().flat_map(|rule| &rule.tags)),
            groups: distinct(rules.iter().flat_map(|rule| &rule.groups)),
        })
    }
}

impl Questions {
    /// Calls `ask` with the rules that may hold for a thing, or says no when none may. When most may it is all of them: to gather rules costs as
    /// much as to ask about them.
    pub(crate) fn about(&self, body: &Body, ask: impl FnOnce(&Asked) -> Verdict) -> Verdict {
        let left: Vec<&Arc<CompiledRule>> = self.rules.iter().filter(|rule| rule.sieve.lets_through(body)).collect();
        if left.is_empty() {
            return Verdict::refused();
        }
        let few = if left.len() * 2 < self.rules.len() { Asked::of(&left) } else { None };
        ask(few.as_ref().unwrap_or(&self.all))
    }

    /// Whether one of these requests may be allowed: a rule that allows may hold for one, and none that denies holds for all.
    pub(crate) fn some_of(&self, requests: &Requests<'_>) -> bool {
        let denied = self.rules.iter().any(|rule| rule.effect == Effect::Deny && rule.sieve.among(requests) == Some(true));
        !denied && self.rules.iter().any(|rule| rule.effect == Effect::Allow && rule.sieve.among(requests) != Some(false))
    }
}

/// The rule by which everybody may look after their own account, with whatever roles, unless one of them denies it.
pub(crate) const OWN_ACCOUNT: &str = "default:own-account";

/// Whether the action at `index` of the table is one on one's own account.
fn own_account(index: usize) -> bool {
    ALL.get(index).is_some_and(|action| action.name.starts_with("me_"))
}

impl Plan {
    /// The plan for the action at `index` of the table.
    pub(crate) fn of(roles: &[Arc<CompiledRole>], index: usize) -> Self {
        let broken: Vec<Arc<str>> =
            roles.iter().filter(|role| role.broken.is_some()).map(|role| format!("{}:broken", role.name).into()).collect();
        if !broken.is_empty() {
            return Self::Known(Verdict::denied(&broken));
        }
        let reach = |rule: &Arc<CompiledRule>| rule.reach.get(index).copied().unwrap_or(Reach::Never);
        let rules = |effect, wanted| -> Vec<&Arc<CompiledRule>> {
            roles.iter().flat_map(|role| &role.rules).filter(|rule| rule.effect == effect && reach(rule) == wanted).collect()
        };
        let denies = rules(Effect::Deny, Reach::Always);
        if !denies.is_empty() {
            return Self::Known(Verdict::denied(&ids(&denies)));
        }
        let (allows, maybe_allows, maybe_denies) =
            (rules(Effect::Allow, Reach::Always), rules(Effect::Allow, Reach::Depends), rules(Effect::Deny, Reach::Depends));
        if allows.is_empty() && maybe_denies.is_empty() && own_account(index) {
            return Self::Known(Verdict::allowed(&[OWN_ACCOUNT.into()]));
        }
        match (allows.is_empty(), maybe_allows.is_empty(), maybe_denies.is_empty()) {
            (true, true, _) => Self::Known(Verdict::refused()),
            (false, _, true) => Self::Known(Verdict::allowed(&ids(&allows))),
            (false, _, false) => Self::ask(allows.iter().take(1).chain(&maybe_denies).copied(), Verdict::denied(&ids(&maybe_denies))),
            (true, false, _) => Self::ask(maybe_allows.iter().chain(&maybe_denies).copied(), Verdict::refused()),
        }
    }

    /// Asks Cedar about `rules`. Should it take them for no set of policies, nothing is allowed.
    fn ask<'a>(rules: impl Iterator<Item = &'a Arc<CompiledRule>>, everything: Verdict) -> Self {
        let rules: Vec<&Arc<CompiledRule>> = rules.collect();
        let Some(all) = Asked::of(&rules) else { return Self::Known(Verdict::denied(&ids(&rules))) };
        let context = rules.iter().any(|rule| rule.context);
        Self::Ask(Box::new(Questions { all, rules: rules.into_iter().map(Arc::clone).collect(), context, everything }))
    }

    pub(crate) fn extent(&self) -> Extent {
        match self {
            Self::Known(verdict) if verdict.allowed => Extent::All,
            Self::Known(_) => Extent::None,
            Self::Ask(_) => Extent::Some,
        }
    }
}

fn ids(rules: &[&Arc<CompiledRule>]) -> Vec<Arc<str>> {
    rules.iter().map(|rule| Arc::clone(&rule.id)).collect()
}

fn distinct<'a>(patterns: impl Iterator<Item = &'a (String, Pattern)>) -> Vec<(String, Pattern)> {
    let mut seen = HashSet::new();
    patterns.filter(|(text, _)| seen.insert(text.as_str())).cloned().collect()
}
