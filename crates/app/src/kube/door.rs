//! The door to API servers: a request is read, judged, written down, and passed on through an agent as the caller.
//!
//! What a request asks for is told by its method, path and query alone ([`super::target`]). A list or watch of more than the caller may see is
//! passed on all the same, and of its answer goes on what may be seen.

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use mc_domain::{
    action::KubeRequest,
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    cluster::Cluster,
    ctx::Ctx,
    recording::Recording,
};
use mc_hub::{Header, KubernetesRequest, KubernetesResponse, Tunnel, TunnelError, TunnelFailure, TunnelWriter};
use mc_kube::{
    filter::{Form, Sight, accept},
    impersonate,
    request::{Attributes, Request, ResourceRequest},
};
use mc_policy::{Asker, Filter, KubernetesAttributes, Resource, Target};

use super::{
    credential::Guest,
    standing::Standing,
    target::{self, Questions},
};
use crate::{App, error::AppError, terminals::recorder::Session};

/// Groups by which an API server's own roles know a caller's roles: `mission-control:ROLE`.
const GROUP_PREFIX: &str = "mission-control:";
/// The key under which an API server's own audit trail finds ours.
const CORRELATION: &str = "mission-control/request-id";
/// How a bearer token comes in a WebSocket's list of protocols, for browsers.
const TOKEN_PROTOCOL: &str = "base64url.bearer.authorization.k8s.io.";

/// Headers that are not passed on: who calls, what belongs to the connection, and what proxies say.
const NOT_PASSED_ON: [&str; 18] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    // What is compressed cannot be recorded.
    "sec-websocket-extensions",
    "te",
    "trailer",
    "transfer-encoding",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// A request at the door.
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path behind the cluster's name, as it came.
    pub path: String,
    /// What came behind the question mark.
    pub query: Option<String>,
    /// All headers, names in lower case.
    pub headers: Vec<Header>,
    /// The body, if there is one; an element that is `None` says that it broke off.
    pub body: Option<BoxStream<'static, Option<Bytes>>>,
    /// Whether the connection is to be taken over.
    pub upgrade: bool,
}

/// A request that was passed on.
pub struct Passed {
    /// The way to the API server and back.
    pub tunnel: Tunnel,
    /// The head of its answer.
    pub response: KubernetesResponse,
    /// Which objects of the answer may be seen, and how it is written; `None` when all of it may.
    pub partly: Option<(Form, Seen)>,
    /// What passes is recorded: whatever goes either way is to be shown to it first.
    pub session: Option<Session>,
    /// By what it was let through.
    pub standing: Standing,
}

/// Why a request was not passed on, or had no answer.
#[derive(Debug)]
pub enum Refused {
    /// By Mission Control.
    App(AppError),
    /// The answer cannot be had in a form that can be filtered.
    NotAcceptable,
    /// The cluster cannot be reached; why, in words.
    Unreachable(String),
    /// Too much at once.
    Busy(String),
}

impl<E: Into<AppError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::App(error.into())
    }
}

/// A request to a cluster, as the gate is asked about it.
pub(super) struct Question(pub(super) KubernetesAttributes);

impl Resource for Question {
    const KIND: &'static str = "kubernetes";
    fn id(&self) -> String {
        self.0.cluster.clone()
    }
    fn label(&self) -> String {
        words(&self.0)
    }
    fn target(&self) -> Target {
        Target::kubernetes(self.0.clone())
    }
}

/// `list pods in namespace app of cluster dev`.
fn words(asked: &KubernetesAttributes) -> String {
    let group = if asked.api_group.is_empty() { String::new() } else { format!(".{}", asked.api_group) };
    let part = if asked.subresource.is_empty() { String::new() } else { format!("/{}", asked.subresource) };
    let name = if asked.name.is_empty() { String::new() } else { format!(" {}", asked.name) };
    let place = if asked.namespace.is_empty() { String::new() } else { format!("namespace {} of ", asked.namespace) };
    format!("{} {}{group}{part}{name} in {place}cluster {}", asked.verb, asked.resource, asked.cluster)
}

/// The objects of an answer that a caller may see.
#[derive(Debug)]
pub struct Seen {
    cluster: String,
    asked: ResourceRequest,
    filter: Filter,
}

impl Sight for Seen {
    fn sees(&self, namespace: &str, name: &str) -> bool {
        let namespace = if self.asked.is_about_namespaces() { name } else { namespace };
        self.filter.covers(&Target::kubernetes(target::object(&self.cluster, &self.asked, namespace, name)))
    }
}

impl App {
    /// Passes a request on to a cluster's API server.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn kube_request(self: &Arc<Self>, ctx: &Ctx, guest: Guest, cluster: &str, mut asked: Asked) -> Result<Passed, Refused> {
        let cluster = self.cluster_for(ctx, cluster)?;
        self.clusters.meters.count(&cluster.name, ctx.now);
        let request = Request::read(&asked.method, &asked.path, asked.query.as_deref());
        let request = request.map_err(|refusal| AppError::Invalid(refusal.to_string()))?;
        // Before anything is asked: what changes meanwhile is found when it is looked at again.
        let epoch = self.access_epoch(ctx.now);
        let (whom, mut questions) = self.whom(ctx, &cluster, &asked.headers)?;
        let partly = self.kube_judge(ctx, &cluster, &request, asked.upgrade, &mut questions)?;
        let footing = partly.is_some().then(|| self.access_footing(&ctx.actor));
        let standing = Standing { guest, ctx: ctx.clone(), cluster: cluster.name.to_string(), questions, footing, epoch, looked: ctx.now };
        let accept = match &partly {
            Some(seen) => Some(accept::filterable(header(&asked.headers, "accept"), &seen.asked.api_group).ok_or(Refused::NotAcceptable)?),
            None => None,
        };
        let recording = self.recording_of(ctx, &cluster, &request, asked.upgrade, &mut asked.headers)?;
        let written = self.kube_written(ctx, &cluster, &request, recording.as_ref()).await?;
        if written.is_none()
            && let Questions::Each(questions) = target::questions(cluster.name.as_str(), &request, false)
            && let Some(read) = questions.first()
        {
            self.kube_read(ctx, read);
        }
        let sent = KubernetesRequest {
            method: asked.method,
            target: request.target().to_owned(),
            headers: passed_on(asked.headers, accept.as_deref(), asked.upgrade),
            body: asked.body.is_some(),
            upgrade: asked.upgrade,
            ..whom
        };
        let answered = self.kube_answered(&cluster, sent, asked.body).await;
        if let Some(entry) = written {
            let status = answered.as_ref().ok().map(|(_, response)| response.status);
            self.kube_ended(ctx, entry, status).await?;
        }
        let session = match recording {
            Some(recording) => self.recording_answered(ctx, recording, answered.as_ref().ok().map(|(_, response)| response)).await?,
            None => None,
        };
        let (tunnel, response) = answered?;
        // What is not a list of objects, such as a refusal by the API server itself, is passed on as it is.
        let partly = match partly {
            Some(seen) if response.status == 200 => {
                let watch = seen.asked.verb == "watch";
                let kind = header(&response.headers, "content-type").unwrap_or_default();
                let form = Form::of(kind, header(&response.headers, "content-encoding"), watch);
                Some((form.map_err(|error| Refused::Unreachable(error.to_string()))?, seen))
            }
            _ => None,
        };
        Ok(Passed { tunnel, response, partly, session, standing })
    }

    /// Whether the caller may ask for it; if only for a part of the answer, for which.
    fn kube_judge(
        &self,
        ctx: &Ctx,
        cluster: &Cluster,
        request: &Request,
        upgrade: bool,
        asked_all: &mut Vec<KubernetesAttributes>,
    ) -> Result<Option<Seen>, Refused> {
        let name = cluster.name.as_str();
        let questions = match target::questions(name, request, upgrade) {
            // Whoever may do anything in the cluster may; that was looked at before.
            Questions::Discovery => {
                self.obligations::<KubeRequest>(ctx)?;
                return Ok(None);
            }
            Questions::Each(questions) => questions,
        };
        if let (Attributes::Resource(asked), [only], false) = (request.attributes(), questions.as_slice(), upgrade)
            && asked.reads_many()
        {
            let rules = self.gate.snapshot();
            let (asker, target) = (Asker::of(ctx), Target::kubernetes(only.clone()));
            let everything = rules.decide(&asker, "kube_request", &target).allowed;
            if !everything && !matches!(ctx.actor, Actor::Console | Actor::System) && rules.sees_some(&asker, only) {
                self.obligations::<KubeRequest>(ctx)?;
                let filter = rules.filter(&asker, "kube_request");
                return Ok(Some(Seen { cluster: name.to_owned(), asked: asked.clone(), filter }));
            }
        }
        for question in questions {
            self.permit::<_, KubeRequest>(ctx, Question(question.clone()))?;
            asked_all.push(question);
        }
        Ok(None)
    }

    /// Whom the API server is to take the caller for: the caller, or whom the caller may be taken for.
    fn whom(&self, ctx: &Ctx, cluster: &Cluster, headers: &[Header]) -> Result<(KubernetesRequest, Vec<KubernetesAttributes>), Refused> {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let asked = impersonate::asked(pairs).map_err(|error| AppError::Invalid(error.to_string()))?;
        let questions = target::impersonation(cluster.name.as_str(), &asked);
        for question in &questions {
            self.permit::<_, KubeRequest>(ctx, Question(question.clone()))?;
        }
        let correlation = (CORRELATION.to_owned(), vec![ctx.request_id.to_string()]);
        if asked.is_empty() {
            let groups = ctx.actor.roles().iter().map(|role| format!("{GROUP_PREFIX}{role}")).collect();
            let own = KubernetesRequest { user: caller(ctx), groups, extra: vec![correlation], ..KubernetesRequest::default() };
            return Ok((own, questions));
        }
        let mut whom = KubernetesRequest { extra: vec![correlation], ..KubernetesRequest::default() };
        for part in asked {
            match part.resource.as_str() {
                "users" => whom.user = part.name,
                "serviceaccounts" => whom.user = format!("system:serviceaccount:{}:{}", part.namespace, part.name),
                "groups" => whom.groups.push(part.name),
                "userextras" => whom.extra.push((part.subresource, vec![part.name])),
                // A uid has no place in what is sent on.
                _ => return Err(AppError::Invalid("impersonation by uid is not passed on: leave --as-uid out".to_owned()).into()),
            }
        }
        Ok((whom, questions))
    }

    async fn kube_answered(
        &self,
        cluster: &Cluster,
        request: KubernetesRequest,
        body: Option<BoxStream<'static, Option<Bytes>>>,
    ) -> Result<(Tunnel, KubernetesResponse), Refused> {
        let away = |error: TunnelError| match error {
            TunnelError::NotLinked(_) => Refused::Unreachable(format!("the agent of cluster {} is not connected", cluster.name)),
            TunnelError::Busy | TunnelError::Failed(TunnelFailure::Busy, _) => Refused::Busy(error.to_string()),
            TunnelError::Failed(TunnelFailure::NotAllowed, text) => Refused::App(AppError::conflict("not_allowed_by_agent", text)),
            other => Refused::Unreachable(format!("cluster {} cannot be reached: {other}", cluster.name)),
        };
        let mut tunnel = self.hub.open_tunnel(cluster.agent_id, request).await.map_err(away)?;
        if let Some(body) = body {
            // Beside the answer: an API server may answer before it has read all.
            tokio::spawn(send(body, tunnel.writer.clone()));
        }
        let response = tunnel.reader.response().await.map_err(away)?;
        Ok((tunnel, response))
    }

    /// Writes down what is about to be changed or opened: what cannot be written down does not happen.
    async fn kube_written(
        &self,
        ctx: &Ctx,
        cluster: &Cluster,
        request: &Request,
        recording: Option<&Recording>,
    ) -> Result<Option<AuditEntry>, Refused> {
        let attributes = request.attributes();
        let opens = attributes.resource().is_some_and(|asked| asked.connects() || asked.verb == "proxy");
        if matches!(attributes.verb(), "get" | "head" | "list" | "watch") && !opens {
            return Ok(None);
        }
        let entry = AuditEntry::new(ctx, ctx.now, "kube_request", AuditResult::Started)
            .on("cluster", &cluster.name, cluster.name.as_str())
            .detail(told(cluster, request));
        if let Some(recording) = recording {
            let entry = AuditEntry { detail: format!("{}; recording {}", entry.detail, recording.id), ..entry };
            self.recording_begin(recording, &entry).await?;
            return Ok(Some(entry));
        }
        self.recorder.record(entry.clone()).await?;
        Ok(Some(entry))
    }

    async fn kube_ended(&self, ctx: &Ctx, begun: AuditEntry, status: Option<u16>) -> Result<(), Refused> {
        let result = if status.is_some_and(|status| status < 400) { AuditResult::Ok } else { AuditResult::Failed };
        let how = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let now = self.now();
        let detail = format!("{} → {how}", begun.detail);
        let entry = AuditEntry::new(ctx, now, "kube_request", result)
            .on("cluster", begun.resource_id.clone().unwrap_or_default(), begun.resource_name.as_deref().unwrap_or_default())
            .detail(detail)
            .took(now.since(ctx.now));
        self.recorder.record(entry).await?;
        Ok(())
    }
}

/// A request in words and as it is: `create namespaces in cluster dev: POST /api/v1/namespaces`.
fn told(cluster: &Cluster, request: &Request) -> String {
    let words = match target::questions(cluster.name.as_str(), request, false) {
        Questions::Each(questions) => questions.first().map(words).unwrap_or_default(),
        Questions::Discovery => String::new(),
    };
    format!("{words}: {request}").chars().take(500).collect()
}

/// Sends a request's body. Of one that breaks off that is said, so that nobody takes a part for the whole.
async fn send(mut body: BoxStream<'static, Option<Bytes>>, writer: TunnelWriter) {
    while let Some(piece) = body.next().await {
        let Some(piece) = piece else {
            // A tunnel that broke is broken already.
            let _ = writer.broken().await;
            return;
        };
        if writer.data(piece).await.is_err() {
            return;
        }
    }
    // An API server that has answered already does not need to know.
    let _ = writer.end().await;
}

/// The caller's name at the API server. Names of users have no colon, so none is taken for one of the system's.
fn caller(ctx: &Ctx) -> String {
    match &ctx.actor {
        Actor::Service { name, .. } => format!("{GROUP_PREFIX}service:{name}"),
        other => other.name().to_owned(),
    }
}

fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).and_then(|(_, value)| std::str::from_utf8(value).ok())
}

/// The headers to pass on. `accept` takes the place of the caller's when the answer is to be filtered.
fn passed_on(headers: Vec<Header>, accept: Option<&str>, upgrade: bool) -> Vec<Header> {
    let dropped = |name: &str| {
        NOT_PASSED_ON.contains(&name)
            || impersonate::is_impersonation(name)
            || (!upgrade && name == "upgrade")
            || (accept.is_some() && matches!(name, "accept" | "accept-encoding"))
    };
    let mut kept: Vec<Header> = headers.into_iter().filter(|(name, _)| !dropped(name)).filter_map(without_token).collect();
    kept.extend(accept.map(|accept| ("accept".to_owned(), accept.as_bytes().to_vec())));
    kept
}

/// The list of WebSocket protocols without the caller's token.
fn without_token((name, value): Header) -> Option<Header> {
    if name != "sec-websocket-protocol" {
        return Some((name, value));
    }
    let text = String::from_utf8(value).ok()?;
    let kept: Vec<&str> = text.split(',').map(str::trim).filter(|protocol| !protocol.starts_with(TOKEN_PROTOCOL)).collect();
    (!kept.is_empty()).then(|| (name, kept.join(", ").into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_says_who_calls_is_passed_on() {
        let headers = |pairs: &[(&str, &str)]| -> Vec<Header> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
        };
        let given = headers(&[
            ("authorization", "Bearer secret"),
            ("cookie", "__Host-mc_access=secret"),
            ("impersonate-user", "admin"),
            ("impersonate-extra-scopes", "x"),
            ("accept", "application/yaml"),
            ("accept-encoding", "gzip"),
            ("content-type", "application/json"),
            ("upgrade", "websocket"),
            ("sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io"),
        ]);
        let plain = passed_on(given.clone(), Some("application/json"), false);
        let protocols = ("sec-websocket-protocol", "v5.channel.k8s.io");
        assert_eq!(plain, headers(&[("content-type", "application/json"), protocols, ("accept", "application/json")]));
        let upgraded = passed_on(given, None, true);
        let expected =
            [("accept", "application/yaml"), ("accept-encoding", "gzip"), ("content-type", "application/json"), ("upgrade", "websocket")];
        assert_eq!(upgraded, headers(&[expected.as_slice(), &[protocols]].concat()));
    }
}
