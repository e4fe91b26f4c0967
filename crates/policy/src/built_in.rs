//! The built-in roles: the actions of the table that each reaches, and what of Kubernetes.
//!
//! What of Kubernetes follows its own roles `view` and `edit`. Only what is named is allowed, so kinds that nobody has thought of, and those that
//! give rights or secrets away, are for `admin` and for roles of one's own.

use mc_domain::{
    action::{ALL, Action as _, KubeRequest},
    role::{Role, RoleName},
    role_form::{KubernetesSelector, Rule},
};

use crate::form;

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// What a viewer may read: nothing of secrets, and not who may what.
const SEEN: &[&str] = &[
    "pods",
    "pods/log",
    "pods/status",
    "services",
    "endpoints",
    "configmaps",
    "namespaces",
    "nodes",
    "events",
    "persistentvolumes",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "resourcequotas",
    "limitranges",
    "serviceaccounts",
    "*.apps/*",
    "*.batch/*",
    "*.autoscaling/*",
    "*.policy/*",
    "*.networking.k8s.io/*",
    "*.discovery.k8s.io",
    "*.metrics.k8s.io",
    "*.storage.k8s.io",
    "*.apiextensions.k8s.io",
];
/// What everybody may ask an API server about themselves.
const ONESELF: &[&str] = &[
    "selfsubjectaccessreviews.authorization.k8s.io",
    "selfsubjectrulesreviews.authorization.k8s.io",
    "selfsubjectreviews.authentication.k8s.io",
];
/// What a developer may change: what runs in namespaces, with what it needs, and shells in it.
const CHANGED: &[&str] = &[
    "pods",
    "pods/*",
    "services",
    "services/*",
    "endpoints",
    "configmaps",
    "secrets",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "replicationcontrollers/*",
    "serviceaccounts",
    "*.apps/*",
    "*.batch/*",
    "*.autoscaling/*",
    "*.policy/*",
    "*.networking.k8s.io/*",
];
/// What an operator may change beside that: what namespaces share.
const SHARED: &[&str] = &[
    "namespaces",
    "nodes",
    "nodes/status",
    "persistentvolumes",
    "resourcequotas",
    "limitranges",
    "*.storage.k8s.io/*",
    "*.apiextensions.k8s.io/*",
];

fn rule(verbs: &[&str], resources: &[&str]) -> Rule {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let selector = KubernetesSelector { verbs: owned(verbs), resources: owned(resources), ..KubernetesSelector::default() };
    Rule::allow(&[KubeRequest::NAME]).on_kubernetes(selector)
}

/// A built-in role in Cedar.
#[must_use]
pub fn built_in_cedar(role: Role) -> String {
    let actions: Vec<_> = ALL.iter().filter(|action| role >= action.weakest).collect();
    let mut kubernetes = match role {
        // All of it, as every action.
        Role::Admin => Vec::new(),
        Role::Viewer | Role::Developer | Role::Operator => vec![rule(READ, SEEN), rule(&["create"], ONESELF)],
    };
    if matches!(role, Role::Developer | Role::Operator) {
        kubernetes.push(rule(WRITE, CHANGED));
    }
    if role == Role::Operator {
        kubernetes.push(rule(WRITE, SHARED));
    }
    let name = RoleName::from(role);
    let rendered = kubernetes.iter().enumerate().map(|(index, rule)| form::render(&name, index + 2, rule, &mut Vec::new()).text);
    std::iter::once(form::built_in(role.as_str(), &actions)).chain(rendered).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Asker, KubernetesAttributes, Snapshot, Target};

    fn may(role: Role, verb: &str, resource: &str) -> bool {
        let (object, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let (object, group) = object.split_once('.').unwrap_or((object, ""));
        let target = Target::kubernetes(KubernetesAttributes {
            cluster: "dev".to_owned(),
            namespace: "app".to_owned(),
            api_group: group.to_owned(),
            resource: object.to_owned(),
            subresource: subresource.to_owned(),
            verb: verb.to_owned(),
            name: "x".to_owned(),
            ..KubernetesAttributes::default()
        });
        let roles = [RoleName::from(role)];
        Snapshot::default().decide(&Asker::with_roles(&roles), KubeRequest::NAME, &target).allowed
    }

    #[test]
    fn each_role_reaches_further_than_the_one_before() {
        use Role::{Admin, Developer, Operator, Viewer};
        let weakest = |verb, resource| Role::ALL.into_iter().find(|role| may(*role, verb, resource));
        for (verb, resource, role) in [
            ("get", "pods", Viewer),
            ("get", "pods/log", Viewer),
            ("list", "deployments.apps", Viewer),
            ("get", "deployments.apps/scale", Viewer),
            ("watch", "nodes", Viewer),
            ("create", "selfsubjectaccessreviews.authorization.k8s.io", Viewer),
            ("list", "secrets", Developer),
            ("get", "pods/exec", Developer),
            ("create", "pods/exec", Developer),
            ("create", "pods/portforward", Developer),
            ("patch", "deployments.apps/scale", Developer),
            ("delete", "configmaps", Developer),
            ("create", "namespaces", Operator),
            ("patch", "nodes", Operator),
            ("create", "customresourcedefinitions.apiextensions.k8s.io", Operator),
            ("get", "clusterroles.rbac.authorization.k8s.io", Admin),
            ("create", "rolebindings.rbac.authorization.k8s.io", Admin),
            ("create", "serviceaccounts/token", Admin),
            ("get", "nodes/proxy", Admin),
            ("impersonate", "users", Admin),
            ("get", "widgets.example.com", Admin),
        ] {
            assert_eq!(weakest(verb, resource), Some(role), "{verb} {resource}");
            for stronger in Role::ALL.into_iter().filter(|stronger| *stronger > role) {
                assert!(may(stronger, verb, resource), "{stronger} {verb} {resource}");
            }
        }
    }
}
