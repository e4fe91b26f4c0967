//! What the gate would say about requests, so that a page can grey what its user may not do. Nothing is done and nothing is audited.

use mc_domain::{
    action::{Action as _, KubeRequest},
    actor::Actor,
    ctx::Ctx,
};
use mc_policy::{Asker, KubernetesAttributes, Resource as _, Target};

use super::door::Question;
use crate::{App, error::AppError};

/// The most requests that are asked about at once.
pub const CHECKS_MAX: usize = 100;
/// The longest word of a request.
const WORD_MAX: usize = 300;

/// A request to ask about. Empty texts for what does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// The verb.
    pub verb: String,
    /// The API group.
    pub api_group: String,
    /// The kind of object, in the plural.
    pub resource: String,
    /// The part of it.
    pub subresource: String,
    /// The namespace; `*`: every one.
    pub namespace: String,
    /// The object; empty: all of them, where the verb is about many.
    pub name: String,
}

/// What the gate would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether it would be let through.
    pub allowed: bool,
    /// Whether its answer would show a part only.
    pub partly: bool,
    /// Why, in a sentence.
    pub reason: String,
}

impl App {
    /// Asks the gate about requests to a cluster.
    ///
    /// # Errors
    /// When there is no such cluster, or too much is asked.
    pub fn cluster_check(&self, ctx: &Ctx, cluster: &str, checks: Vec<Check>) -> Result<Vec<Checked>, AppError> {
        self.obligations::<KubeRequest>(ctx)?;
        let cluster = self.cluster_for(ctx, cluster)?;
        if checks.len() > CHECKS_MAX {
            return Err(AppError::Invalid(format!("at most {CHECKS_MAX} requests are checked at once")));
        }
        let rules = self.gate.snapshot();
        let asker = Asker::of(ctx);
        let server = matches!(ctx.actor, Actor::Console | Actor::System);
        checks
            .into_iter()
            .map(|check| {
                let asked = attributes(cluster.name.as_str(), check)?;
                let many = asked.every_name && matches!(asked.verb.as_str(), "list" | "watch");
                let label = Question(asked.clone()).label();
                let target = Target::kubernetes(asked.clone());
                let verdict = rules.decide(&asker, KubeRequest::NAME, &target);
                let partly = !server && !verdict.allowed && many && rules.sees_some(&asker, &asked);
                let reason = if partly {
                    "your roles let you see a part of it".to_owned()
                } else {
                    rules.words(&verdict, &asker, KubeRequest::NAME, &label)
                };
                Ok(Checked { allowed: server || verdict.allowed || partly, partly, reason })
            })
            .collect()
    }
}

fn attributes(cluster: &str, check: Check) -> Result<KubernetesAttributes, AppError> {
    let words = [&check.verb, &check.api_group, &check.resource, &check.subresource, &check.namespace, &check.name];
    if words.iter().any(|word| word.len() > WORD_MAX) || check.verb.is_empty() || check.resource.is_empty() {
        return Err(AppError::Invalid("a request has a verb and a resource, in words of at most 300 bytes".to_owned()));
    }
    let many = matches!(check.verb.as_str(), "list" | "watch" | "deletecollection");
    let every = check.namespace == "*";
    Ok(KubernetesAttributes {
        cluster: cluster.to_owned(),
        every_namespace: every || (many && check.namespace.is_empty()),
        namespace: if every { String::new() } else { check.namespace },
        every_name: many && check.name.is_empty(),
        api_group: check.api_group,
        resource: check.resource,
        subresource: check.subresource,
        verb: check.verb,
        name: check.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_about_is_what_a_request_would_be() {
        let check = |verb: &str, namespace: &str, name: &str| {
            let check = Check {
                verb: verb.to_owned(),
                resource: "pods".to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                ..Check::default()
            };
            let asked = attributes("dev", check).expect("a request");
            (asked.every_namespace, asked.every_name, asked.namespace)
        };
        assert_eq!(check("list", "*", ""), (true, true, String::new()));
        assert_eq!(check("list", "", ""), (true, true, String::new()));
        assert_eq!(check("list", "app", ""), (false, true, "app".to_owned()));
        assert_eq!(check("get", "app", "web"), (false, false, "app".to_owned()));
        assert_eq!(check("create", "app", ""), (false, false, "app".to_owned()));
        assert!(attributes("dev", Check::default()).is_err());
    }
}
