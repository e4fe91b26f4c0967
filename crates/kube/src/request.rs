//! What an HTTP request asks a Kubernetes API server for.
//!
//! The server derives a few words from each request (verb, group, resource, namespace, name, …) and asks its authorisers about those.
//! [`Request::read`] derives the same words from the same bytes. Two things make that safe to rely on: whatever could be read in two ways
//! is refused ([`Refusal`]), and what is sent on is [`Request::target`], written anew from what was understood.
//!
//! The rules, and the choices made here, are in `docs/kubernetes-request-attributes.md`. Source of the rules: `RequestInfoFactory` in
//! `k8s.io/apiserver/pkg/endpoints/request`.

mod info;
mod path;
mod query;
mod refusal;
mod selector;

use std::fmt;

pub use refusal::Refusal;

use self::{path::Path, query::Query};

/// A request's method. Others have no verb, so they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As HTTP has it. Methods are told apart by case: `get` is none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn read(text: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|method| method.as_str() == text).ok_or(Refusal::Method)
    }
}

/// What is asked of a resource, in the server's words. A part that the request has not is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ResourceRequest {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or `proxy` for the old `/proxy/` prefix.
    pub verb: &'static str,
    /// `api` or `apis`.
    pub api_prefix: &'static str,
    /// `apps`; empty for the core group.
    pub api_group: String,
    /// `v1`.
    pub api_version: String,
    /// The namespace. The object `namespaces/NAME` and its subresources are in the namespace NAME.
    pub namespace: String,
    /// `pods`.
    pub resource: String,
    /// `exec`, `log`, `status`, …
    pub subresource: String,
    /// The object's name; for `list` and `watch` also the one that a field selector asks for.
    pub name: String,
    /// The parts of the path from the resource on.
    pub parts: Vec<String>,
}

impl ResourceRequest {
    /// Whether it is about every object of its kind that the namespace and name do not rule out: `list`, `watch`, `deletecollection`.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        matches!(self.verb, "list" | "watch" | "deletecollection")
    }

    /// Whether the answer is a list or a stream of objects, of which a part may be left out.
    #[must_use]
    pub fn reads_many(&self) -> bool {
        matches!(self.verb, "list" | "watch")
    }

    /// Whether the objects are namespaces: each is in the namespace that it is.
    #[must_use]
    pub fn is_about_namespaces(&self) -> bool {
        self.api_group.is_empty() && self.resource == "namespaces"
    }

    /// Whether it opens a way into something: into a container, to a port, or to what is behind a proxy.
    #[must_use]
    pub fn connects(&self) -> bool {
        self.api_group.is_empty()
            && match self.resource.as_str() {
                "pods" => matches!(self.subresource.as_str(), "exec" | "attach" | "portforward" | "proxy"),
                "services" | "nodes" => self.subresource == "proxy",
                _ => false,
            }
    }

    /// Whether its answer may go on for as long as anybody likes.
    #[must_use]
    pub fn is_long_running(&self) -> bool {
        self.verb == "watch" || self.verb == "proxy" || self.connects() || self.subresource == "log"
    }
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Attributes {
    /// Something of a resource.
    Resource(ResourceRequest),
    /// Something else: `/version`, `/healthz`, the lists of what there is.
    Other {
        /// The method in lower case.
        verb: &'static str,
        /// The path, decoded.
        path: String,
    },
}

/// Paths by which clients find out what a server is and has; Kubernetes shows them to everybody who is somebody.
const DISCOVERY: &[&str] = &["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz", "/.well-known"];

impl Attributes {
    /// The verb.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Resource(request) => request.verb,
            Self::Other { verb, .. } => verb,
        }
    }

    /// What is asked of a resource, if it is one.
    #[must_use]
    pub const fn resource(&self) -> Option<&ResourceRequest> {
        match self {
            Self::Resource(request) => Some(request),
            Self::Other { .. } => None,
        }
    }

    /// Whether it only reads what a server is and which kinds of objects it has, never an object.
    #[must_use]
    pub fn is_discovery(&self) -> bool {
        let Self::Other { verb: "get" | "head", path } = self else { return false };
        DISCOVERY.iter().any(|known| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

/// A request as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: Method,
    attributes: Attributes,
    target: String,
    query: Query,
}

impl Request {
    /// Reads a request: its method, the path as it came (not decoded), and what came behind the question mark.
    ///
    /// # Errors
    /// When it could be read in more than one way, or an API server would not know what to make of it.
    pub fn read(method: &str, path: &str, query: Option<&str>) -> Result<Self, Refusal> {
        let method = Method::read(method)?;
        let path = Path::read(path)?;
        let query = Query::read(query.unwrap_or_default())?;
        let attributes = info::attributes(method, &path, &query)?;
        let mut target = path.canonical();
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query.canonical());
        }
        Ok(Self { method, attributes, target, query })
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// What it asks for.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Path and query to send on: ASCII, one spelling for each meaning, at most three times as long as what came.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The values of a parameter, decoded, in the order they came.
    pub fn parameter<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.values(name)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.target)
    }
}
