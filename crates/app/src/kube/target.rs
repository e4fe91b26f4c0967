//! A request to an API server as the gate is asked about it.
//!
//! What a request asks for is `mc-kube`'s to say, in the API server's words; here those become what rules can name. One request can be
//! several questions, each of which must be answered yes.

use mc_kube::request::{Attributes, Request, ResourceRequest};
use mc_policy::KubernetesAttributes;

/// What the gate is asked about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Questions {
    /// Nothing but whether the caller may do anything at all in this cluster: it reads what the server is and which kinds of objects it
    /// has, without which no client works.
    Discovery,
    /// Each of these.
    Each(Vec<KubernetesAttributes>),
}

/// The questions about a request to `cluster`; `upgrades` when it asks for a connection of its own (`Upgrade: websocket`).
#[must_use]
pub fn questions(cluster: &str, request: &Request, upgrades: bool) -> Questions {
    match request.attributes() {
        attributes @ Attributes::Other { .. } if attributes.is_discovery() => Questions::Discovery,
        Attributes::Other { verb, path } => Questions::Each(vec![other(cluster, verb, path)]),
        Attributes::Resource(asked) => {
            let first = resource(cluster, asked);
            // A GET with an upgrade opens a shell as well as a POST does, but its verb is `get`: who may only read may not.
            let opens = asked.connects() && asked.verb == "get" && (upgrades || asked.subresource != "proxy");
            let second = opens.then(|| KubernetesAttributes { verb: "create".to_owned(), ..first.clone() });
            Questions::Each(std::iter::once(first).chain(second).collect())
        }
    }
}

/// The question whether a caller may be somebody else, one for each part that was asked for.
#[must_use]
pub fn impersonation(cluster: &str, asked: &[ResourceRequest]) -> Vec<KubernetesAttributes> {
    asked.iter().map(|asked| resource(cluster, asked)).collect()
}

/// The question about one object in the answer to a request for many.
#[must_use]
pub fn object(cluster: &str, asked: &ResourceRequest, namespace: &str, name: &str) -> KubernetesAttributes {
    KubernetesAttributes {
        namespace: namespace.to_owned(),
        every_namespace: false,
        name: name.to_owned(),
        every_name: false,
        ..resource(cluster, asked)
    }
}

fn resource(cluster: &str, asked: &ResourceRequest) -> KubernetesAttributes {
    KubernetesAttributes {
        cluster: cluster.to_owned(),
        namespace: asked.namespace.clone(),
        // Of objects that are in no namespace it is also said: only who may see all of them may ask for all of them at once.
        every_namespace: asked.is_collection() && asked.namespace.is_empty(),
        api_group: asked.api_group.clone(),
        resource: asked.resource.clone(),
        subresource: asked.subresource.clone(),
        verb: asked.verb.to_owned(),
        name: asked.name.clone(),
        every_name: asked.is_collection() && asked.name.is_empty(),
    }
}

/// What is no resource has its path in the resource's place; no resource's name begins with a slash, so only a pattern
/// that begins with a star fits it.
fn other(cluster: &str, verb: &str, path: &str) -> KubernetesAttributes {
    KubernetesAttributes {
        cluster: cluster.to_owned(),
        resource: path.to_owned(),
        verb: verb.to_owned(),
        ..KubernetesAttributes::default()
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{
        role::RoleName,
        role_form::{KubernetesSelector, RoleForm, Rule},
    };
    use mc_policy::{Asker, Snapshot, Target};

    use super::*;

    fn read(method: &str, target: &str) -> Request {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        Request::read(method, path, query).unwrap()
    }

    fn each(method: &str, target: &str, upgrades: bool) -> Vec<KubernetesAttributes> {
        match questions("dev", &read(method, target), upgrades) {
            Questions::Each(questions) => questions,
            Questions::Discovery => panic!("{target} is discovery"),
        }
    }

    #[test]
    fn what_is_asked_about_many_says_so() {
        let one = |target: &str| each("GET", target, false).pop().unwrap();
        let all = one("/api/v1/pods");
        assert!(all.every_namespace && all.every_name && all.verb == "list");
        let some = one("/api/v1/namespaces/app/pods?watch=1");
        assert!(!some.every_namespace && some.every_name && some.verb == "watch");
        let named = one("/api/v1/pods?fieldSelector=metadata.name%3Dx");
        assert!(named.every_namespace && !named.every_name && named.name == "x");
        let pod = one("/api/v1/namespaces/app/pods/x");
        assert!(!pod.every_namespace && !pod.every_name);
        let create = each("POST", "/api/v1/namespaces/app/pods", false).pop().unwrap();
        assert!(!create.every_namespace && !create.every_name && create.name.is_empty());
        let purge = each("DELETE", "/api/v1/namespaces/app/pods?fieldSelector=metadata.name%3Dx", false).pop().unwrap();
        assert!(purge.every_name && purge.verb == "deletecollection");
    }

    #[test]
    fn a_shell_by_get_is_asked_about_twice() {
        let verbs = |method: &str, target: &str, upgrades: bool| -> Vec<String> {
            each(method, target, upgrades).into_iter().map(|question| question.verb).collect()
        };
        let exec = "/api/v1/namespaces/app/pods/x/exec?command=sh";
        assert_eq!(verbs("GET", exec, true), ["get", "create"]);
        assert_eq!(verbs("GET", exec, false), ["get", "create"]);
        assert_eq!(verbs("POST", exec, true), ["create"]);
        assert_eq!(verbs("GET", "/api/v1/namespaces/app/pods/x/portforward", true), ["get", "create"]);
        assert_eq!(verbs("GET", "/api/v1/nodes/n/proxy/exec/app/x/c", true), ["get", "create"]);
        assert_eq!(verbs("GET", "/api/v1/nodes/n/proxy/metrics", false), ["get"]);
        assert_eq!(verbs("GET", "/api/v1/namespaces/app/pods/x/log?follow=true", false), ["get"]);
    }

    #[test]
    fn what_is_no_resource_needs_a_rule_for_all_of_them() {
        for path in ["/", "/metrics", "/logs/kube-apiserver.log", "/debug/pprof/profile", "/apiservices", "/versions"] {
            assert_eq!(each("GET", path, false).pop().unwrap().resource, path);
        }
        for path in
            ["/api", "/apis/", "/api/v1", "/apis/apps/v1", "/openapi/v2", "/version", "/readyz/etcd", "/.well-known/openid-configuration"]
        {
            assert_eq!(questions("dev", &read("GET", path), false), Questions::Discovery, "{path}");
        }
        assert_eq!(each("POST", "/version", false).pop().unwrap().verb, "post");
    }

    /// The whole way from a request to a decision.
    #[test]
    fn a_role_for_some_namespaces_decides_as_it_says() {
        let name: RoleName = "app-team".parse().unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let selector = KubernetesSelector {
            clusters: texts(&["dev"]),
            namespaces: texts(&["app-*"]),
            resources: texts(&["pods", "pods/log", "namespaces"]),
            verbs: texts(&["get", "list", "watch"]),
            ..KubernetesSelector::default()
        };
        let form = RoleForm::new(name.clone()).with(Rule::allow(&["kube_request"]).on_kubernetes(selector));
        let snapshot = Snapshot::build([&form]);
        let roles = [name];
        let decided = |questions: Vec<KubernetesAttributes>| {
            questions
                .into_iter()
                .all(|asked| snapshot.decide(&Asker::with_roles(&roles), "kube_request", &Target::kubernetes(asked)).allowed)
        };
        let cases = [
            ("GET", "/api/v1/namespaces/app-1/pods", true),
            ("GET", "/api/v1/namespaces/app-1/pods/x", true),
            ("GET", "/api/v1/namespaces/app-1/pods/x/log", true),
            ("GET", "/api/v1/namespaces/app-1", true),
            ("GET", "/api/v1/namespaces/app-1/pods/x/exec", false),
            ("GET", "/api/v1/namespaces/app-1/secrets", false),
            ("GET", "/api/v1/namespaces/kube-system/pods", false),
            ("GET", "/api/v1/namespaces/kube-system", false),
            ("GET", "/api/v1/pods", false),
            ("GET", "/api/v1/namespaces", false),
            ("DELETE", "/api/v1/namespaces/app-1/pods", false),
            ("POST", "/api/v1/namespaces/app-1/pods", false),
            ("GET", "/metrics", false),
        ];
        for (method, target, allowed) in cases {
            assert_eq!(decided(each(method, target, false)), allowed, "{method} {target}");
        }
        let pods = read("GET", "/api/v1/pods");
        let asked = pods.attributes().resource().unwrap();
        assert!(decided(vec![object("dev", asked, "app-1", "x")]));
        assert!(!decided(vec![object("dev", asked, "kube-system", "x")]));
        assert!(!decided(vec![object("prod", asked, "app-1", "x")]));
    }
}
