//! From path, method and query to the words the server's authorisers are asked about.

use super::{
    Attributes, Method, Refusal, ResourceRequest,
    path::Path,
    query::Query,
    selector::{is_label_selector, name_asked_for},
};

/// What stands behind a namespace's name and is a part of the namespace itself, not a kind of object in it.
const NAMESPACE_SUBRESOURCES: [&str; 2] = ["status", "finalize"];

pub(super) fn attributes(method: Method, path: &Path, query: &Query) -> Result<Attributes, Refusal> {
    match resource(method, &path.parts())? {
        Some(request) => Ok(Attributes::Resource(by_query(request, query)?)),
        None => Ok(Attributes::Other { verb: lower(method), path: path.decoded() }),
    }
}

const fn lower(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Head => "head",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// What the path and the method say; `None` for what is no resource.
fn resource(method: Method, parts: &[&str]) -> Result<Option<ResourceRequest>, Refusal> {
    let (api_prefix, api_group, api_version, rest) = match parts {
        ["api", version, rest @ ..] if !rest.is_empty() => ("api", "", version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => ("apis", *group, version, rest),
        _ => return Ok(None),
    };
    let (verb, rest) = match rest {
        ["watch" | "proxy"] => return Err(Refusal::NoResource),
        // The old ways to watch and to reach a proxy: the verb stands in the path, whatever the method.
        ["watch", rest @ ..] => ("watch", rest),
        ["proxy", rest @ ..] => ("proxy", rest),
        rest => (verb(method), rest),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, behind, ..] if !NAMESPACE_SUBRESOURCES.contains(behind) => {
            (*namespace, rest.get(2..).unwrap_or_default())
        }
        ["namespaces", namespace, ..] => (*namespace, rest),
        _ => ("", rest),
    };
    let text = |at: usize| rest.get(at).copied().unwrap_or_default().to_owned();
    Ok(Some(ResourceRequest {
        verb,
        api_prefix,
        api_group: api_group.to_owned(),
        api_version: (*api_version).to_owned(),
        namespace: namespace.to_owned(),
        resource: text(0),
        name: text(1),
        // Behind the old proxy prefix there is only what is handed on.
        subresource: if verb == "proxy" { String::new() } else { text(2) },
        parts: rest.iter().map(|part| (*part).to_owned()).collect(),
    }))
}

const fn verb(method: Method) -> &'static str {
    match method {
        Method::Get | Method::Head => "get",
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// Without a name, reading is a list or a watch, and deleting deletes all there are.
fn by_query(mut request: ResourceRequest, query: &Query) -> Result<ResourceRequest, Refusal> {
    if !request.name.is_empty() {
        return Ok(request);
    }
    match request.verb {
        "get" => {
            request.verb = if watches(query)? { "watch" } else { "list" };
            request.name = name(query)?.unwrap_or_default();
        }
        "delete" => request.verb = "deletecollection",
        _ => {}
    }
    Ok(request)
}

fn watches(query: &Query) -> Result<bool, Refusal> {
    let Some(value) = query.one("watch")? else { return Ok(false) };
    // Letters beyond ASCII have lower cases that not everybody agrees on.
    if !value.is_ascii() {
        return Err(Refusal::Value("watch"));
    }
    Ok(value != "0" && !value.eq_ignore_ascii_case("false"))
}

/// The name that the field selector asks for. The server forgets it when any other parameter of the list is wrong, and then refuses the
/// request; so it is refused here.
fn name(query: &Query) -> Result<Option<String>, Refusal> {
    for number in ["limit", "timeoutSeconds"] {
        if query.one(number)?.is_some_and(|value| value.parse::<i64>().is_err()) {
            return Err(Refusal::Value(number));
        }
    }
    let labels = query.one("labelSelector")?.unwrap_or_default();
    let Some(fields) = query.one("fieldSelector")? else { return Ok(None) };
    let name = name_asked_for(fields).map_err(|_| Refusal::Value("fieldSelector"))?;
    if name.is_some() && !is_label_selector(labels) {
        return Err(Refusal::Value("labelSelector"));
    }
    Ok(name)
}
