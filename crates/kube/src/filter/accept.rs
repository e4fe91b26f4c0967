//! In which forms a server may answer, when its answer is to be filtered.
//!
//! A server answers in the first form of the `Accept` header that it knows. What cannot be filtered is taken out of the header before it is
//! sent on: YAML, CBOR, and protobuf of groups whose layout is not known here.

use super::proto::layout;

/// JSON.
pub(crate) const JSON: &str = "application/json";
/// Kubernetes' protobuf.
pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// The `Accept` header to send on for a request for objects of `api_group`; `None` when nothing of it can be filtered, which is an answer
/// of 406. Without a header, or with `*/*`, it is JSON, as the server would choose.
#[must_use]
pub fn filterable(accept: Option<&str>, api_group: &str) -> Option<String> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Some(JSON.to_owned()) };
    let kept: Vec<String> = accept.split(',').filter_map(|choice| choice_kept(choice.trim(), api_group)).collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

fn choice_kept(choice: &str, api_group: &str) -> Option<String> {
    let mut parts = choice.split(';').map(str::trim);
    let media = parts.next()?.to_ascii_lowercase();
    let parameters: Vec<String> = parts.map(|parameter| parameter.split_whitespace().collect()).collect();
    let value = |name: &str| parameters.iter().find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='));
    let media = match media.as_str() {
        JSON | "*/*" | "application/*" => JSON,
        PROTOBUF if layout::knows_group(api_group) => PROTOBUF,
        _ => return None,
    };
    match value("as") {
        None | Some("PartialObjectMetadataList" | "PartialObjectMetadata") => {}
        // There are no tables in protobuf.
        Some("Table") if media == JSON => {}
        Some(_) => return None,
    }
    // Letters that could begin another choice, or another header, are not in any parameter there is.
    let plain = |text: &String| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'.' | b'-' | b'_' | b'/' | b'*'));
    if !parameters.iter().all(plain) {
        return None;
    }
    Some(std::iter::once(media.to_owned()).chain(parameters).collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_filtered_is_not_asked_for() {
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        let client = "application/vnd.kubernetes.protobuf, application/json";
        let cases = [
            (None, "", Some("application/json")),
            (Some(""), "", Some("application/json")),
            (Some("*/*"), "", Some("application/json")),
            (Some(kubectl), "apps", Some(kubectl)),
            (Some(client), "apps", Some("application/vnd.kubernetes.protobuf,application/json")),
            (Some(client), "acme.example.org", Some("application/json")),
            (
                Some("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
                "",
                Some("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
            ),
            (Some("application/json; stream=watch"), "", Some("application/json;stream=watch")),
            (Some("application/yaml"), "", None),
            (Some("application/cbor-seq,application/json;q=0.5"), "", Some("application/json;q=0.5")),
            (Some("application/vnd.kubernetes.protobuf"), "acme.example.org", None),
            (Some("application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1"), "", None),
            (Some("application/json;as=Mystery"), "", None),
            (Some("text/html,application/xhtml+xml"), "", None),
            (Some("application/json;x=\"a"), "", None),
        ];
        for (accept, group, expected) in cases {
            assert_eq!(filterable(accept, group).as_deref(), expected, "{accept:?} {group}");
        }
    }
}
