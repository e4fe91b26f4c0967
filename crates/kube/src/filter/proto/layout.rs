//! Which protobuf messages are laid out in a way that is known here.
//!
//! Kubernetes' own types keep to one layout: an object's metadata is field 1; a list has its metadata in field 1 and its items in field 2.
//! Other groups may do otherwise (`custom.metrics.k8s.io` does), and a wrong guess would read some other text as an object's name. So a
//! group is listed here after a look at its `generated.proto`, and every other is read in JSON.

/// Groups whose objects and lists have the usual layout.
const GROUPS: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Objects of any group of which only the metadata was asked for come as this group's.
const META: &str = "meta.k8s.io";

/// Where a list has its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListLayout {
    pub(super) metadata: u32,
    pub(super) items: u32,
}

/// Whether objects of a group can be judged in protobuf.
pub(in crate::filter) fn knows_group(group: &str) -> bool {
    GROUPS.contains(&group)
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The layout of a kind of list, if it is known.
pub(super) fn list(api_version: &str, kind: &str) -> Option<ListLayout> {
    let usual = ListLayout { metadata: 1, items: 2 };
    match (api_version, kind) {
        ("meta.k8s.io/v1", "PartialObjectMetadataList") => Some(usual),
        ("meta.k8s.io/v1beta1", "PartialObjectMetadataList") => Some(ListLayout { metadata: 2, items: 1 }),
        // A list of anything: its items are envelopes.
        (_, "List") => None,
        (version, kind) => (knows_group(group(version)) && kind.ends_with("List")).then_some(usual),
    }
}

/// Whether an object of this kind has its metadata in field 1.
pub(super) fn is_object(api_version: &str, kind: &str) -> bool {
    match group(api_version) {
        META => kind == "PartialObjectMetadata",
        group => knows_group(group) && !kind.is_empty() && !kind.ends_with("List") && kind != "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_has_no_layout() {
        let usual = Some(ListLayout { metadata: 1, items: 2 });
        assert_eq!(list("v1", "PodList"), usual);
        assert_eq!(list("apps/v1", "DeploymentList"), usual);
        assert_eq!(list("meta.k8s.io/v1", "PartialObjectMetadataList"), usual);
        assert_eq!(list("meta.k8s.io/v1beta1", "PartialObjectMetadataList"), Some(ListLayout { metadata: 2, items: 1 }));
        for (version, kind) in [
            ("v1", "List"),
            ("v1", "Pod"),
            ("v1", "Status"),
            ("custom.metrics.k8s.io/v1beta1", "MetricValueList"),
            ("acme.org/v1", "XList"),
            ("meta.k8s.io/v1", "Table"),
        ] {
            assert_eq!(list(version, kind), None, "{version} {kind}");
        }
        assert!(is_object("v1", "Pod") && is_object("meta.k8s.io/v1", "PartialObjectMetadata"));
        assert!(
            !is_object("v1", "Status") && !is_object("acme.org/v1", "X") && !is_object("meta.k8s.io/v1", "Table") && !is_object("v1", "")
        );
    }
}
