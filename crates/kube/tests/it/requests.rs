//! Requests as a test writes them, and what was understood of them in one line.

use mc_kube::request::{Attributes, Refusal, Request};

/// Reads `METHOD`, and path and query as they stand in a request line.
pub(crate) fn read(method: &str, target: &str) -> Result<Request, Refusal> {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    Request::read(method, path, query)
}

/// `verb group/version namespace resource/subresource name`, with `-` for what is empty; `verb path` for what is no resource.
pub(crate) fn told(request: &Request) -> String {
    match request.attributes() {
        Attributes::Other { verb, path } => format!("{verb} {path}"),
        Attributes::Resource(asked) => {
            let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            let subresource = if asked.subresource.is_empty() { String::new() } else { format!("/{}", asked.subresource) };
            format!(
                "{} {}/{} {} {}{subresource} {}",
                asked.verb,
                or_dash(&asked.api_group),
                asked.api_version,
                or_dash(&asked.namespace),
                asked.resource,
                or_dash(&asked.name)
            )
        }
    }
}
