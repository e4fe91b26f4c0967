//! Questions about decisions: why, what could they do, and what would a change have refused?

use mc_domain::{action::ALL, permit::Everything, role::RoleName, role_form::Effect};

use crate::{
    decision::{Asker, Extent, Verdict},
    resource::Resource as _,
    snapshot::{Snapshot, index_of},
    target::Target,
};

/// Why a decision is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The rule that decided, in one word.
    pub rule: String,
    /// The whole of it in a sentence.
    pub text: String,
    /// What each role said.
    pub roles: Vec<RoleSays>,
}

/// What one role says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSays {
    /// Which role.
    pub role: RoleName,
    /// Whether it allows or denies; `None` when it says nothing of it.
    pub effect: Option<Effect>,
    /// By which rules, in words.
    pub because: String,
}

/// What somebody may do with one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct May {
    /// The action.
    pub action: &'static str,
    /// For which things.
    pub extent: Extent,
    /// The rule that decides for all of them, in one word.
    pub rule: String,
}

/// A past action: who did it, with which roles, and what to.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Who asked.
    pub asker: Asker<'a>,
    /// For what.
    pub action: &'a str,
    /// On what.
    pub target: &'a Target,
}

/// A past action that a change would have decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its place among the past actions.
    pub index: usize,
    /// The decision without the change.
    pub before: Verdict,
    /// The decision with it.
    pub after: Verdict,
}

/// Past actions that `after` would have decided otherwise than `before`.
pub fn differences<'a>(before: &Snapshot, after: &Snapshot, past: impl IntoIterator<Item = Past<'a>>) -> Vec<Difference> {
    let changed = |(index, past): (usize, Past<'_>)| {
        let before = before.decide(&past.asker, past.action, past.target);
        let after = after.decide(&past.asker, past.action, past.target);
        (before.allowed != after.allowed).then_some(Difference { index, before, after })
    };
    past.into_iter().enumerate().filter_map(changed).collect()
}

impl Snapshot {
    /// What `asker` may do: every action of the table.
    #[must_use]
    pub fn what(&self, asker: &Asker<'_>) -> Vec<May> {
        ALL.iter()
            .map(|action| {
                let (extent, verdict) = self.extent(asker, action.name);
                May { action: action.name, extent, rule: self.named(&verdict, asker) }
            })
            .collect()
    }

    /// The names of the actions that `asker` may do to something.
    #[must_use]
    pub fn allowed(&self, asker: &Asker<'_>) -> Vec<&'static str> {
        ALL.iter().map(|action| action.name).filter(|action| self.extent(asker, action).0 != Extent::None).collect()
    }

    /// Why `asker` may or may not do `action` to `target`, which people call `what`: `agent alpha`.
    #[must_use]
    pub fn explain(&self, asker: &Asker<'_>, action: &str, target: &Target, what: &str) -> Explanation {
        let verdict = self.decide(asker, action, target);
        let roles = self.set(asker.roles).roles.iter().map(|role| self.role_says(&role.name, asker, action, target)).collect();
        Explanation { allowed: verdict.allowed, rule: self.named(&verdict, asker), text: self.words(&verdict, asker, action, what), roles }
    }

    fn role_says(&self, role: &RoleName, asker: &Asker<'_>, action: &str, target: &Target) -> RoleSays {
        let verdict = self.decide(&Asker { roles: std::slice::from_ref(role), scopes: None, how: asker.how }, action, target);
        let (effect, because) = match (verdict.allowed, verdict.rules.is_empty()) {
            (true, _) => (Some(Effect::Allow), format!("{} allows it", rules_in_words(&verdict))),
            (false, false) => (Some(Effect::Deny), format!("{} denies it", rules_in_words(&verdict))),
            (false, true) => (None, "no rule of it allows it".to_owned()),
        };
        RoleSays { role: role.clone(), effect, because }
    }

    /// The rule of a verdict in one word. Where no rule allows, and all roles are built in, it is the strongest of them that falls short.
    pub(crate) fn named(&self, verdict: &Verdict, asker: &Asker<'_>) -> String {
        let strongest = asker.roles.iter().map(RoleName::built_in).collect::<Option<Vec<_>>>().and_then(|roles| roles.into_iter().max());
        match strongest {
            Some(role) if !verdict.allowed && verdict.rules.is_empty() => format!("role:{role}"),
            _ => verdict.rule(),
        }
    }

    /// A verdict in a sentence.
    #[must_use]
    pub fn words(&self, verdict: &Verdict, asker: &Asker<'_>, action: &str, what: &str) -> String {
        if index_of(action).is_none() {
            return format!("there is no action {action}");
        }
        match verdict.rules.first().map(AsRef::as_ref) {
            Some("token:never") => return format!("{action} is not done with a token: log in for it"),
            Some("token:scopes") => {
                let scopes = asker.scopes.unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return format!("this token is limited to {scopes}, which leaves out {action}");
            }
            _ => {}
        }
        // No single thing is nothing that a sentence could name.
        let thing = if what == Everything.label() { String::new() } else { format!(" on {what}") };
        if verdict.rules.is_empty() {
            let roles = asker.roles.iter().map(ToString::to_string).collect::<Vec<_>>();
            return match roles.as_slice() {
                [] => format!("without a role nothing is allowed, not even {action}"),
                [one] => format!("no rule of your role {one} allows {action}{thing}"),
                several => format!("no rule of your roles {} allows {action}{thing}", several.join(", ")),
            };
        }
        let verb = if verdict.allowed { "allows" } else { "denies" };
        format!("{} {verb} {action}{thing}", rules_in_words(verdict))
    }
}

/// `rule 2 of the role ops-eu`, `the role viewer`.
fn rules_in_words(verdict: &Verdict) -> String {
    let words = verdict.rules.iter().take(3).map(|rule| match rule.split_once('/') {
        // A built-in role is one thing to people, however many rules it is made of.
        Some((built_in, _)) if built_in.starts_with("role:") => format!("the role {}", built_in.trim_start_matches("role:")),
        Some((role, number)) => format!("rule {number} of the role {role}"),
        None => match rule.split_once(':') {
            Some(("role", role)) => format!("the role {role}"),
            Some((role, "broken")) => format!("the role {role}, which can no longer be read and must be corrected,"),
            _ => (**rule).to_owned(),
        },
    });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    words.join(" and ")
}
