//! Which requests open a session that is recorded, and what must be so that it can be.

use std::sync::Arc;

use mc_domain::{
    actor::Actor,
    audit::AuditEntry,
    cluster::Cluster,
    ctx::Ctx,
    id::RecordingId,
    recording::{Recording, RecordingKind, RecordingProgress},
};
use mc_hub::{Header, KubernetesResponse};
use mc_kube::{
    request::{Request, ResourceRequest},
    session::{Protocol, Session as Wire, offered},
};

use super::door::Refused;
use crate::{App, error::AppError, terminals::recorder::Session};

/// As many words of a command are kept, each of so many characters.
const WORDS_MAX: usize = 200;
const WORD_MAX: usize = 2_000;

/// Where a session goes.
struct Place {
    namespace: String,
    pod: String,
    container: Option<String>,
}

impl App {
    /// The recording of the session that a request opens; `None` when it opens none.
    ///
    /// # Errors
    /// When it would open one that cannot be recorded.
    pub(super) fn recording_of(
        &self,
        ctx: &Ctx,
        cluster: &Cluster,
        request: &Request,
        upgrade: bool,
        headers: &mut Vec<Header>,
    ) -> Result<Option<Recording>, Refused> {
        let Some(place) = request.attributes().resource().map(place).transpose()?.flatten() else { return Ok(None) };
        if !upgrade {
            return Err(AppError::Invalid(
                "a session into a container needs a connection of its own: ask with an Upgrade header".to_owned(),
            )
            .into());
        }
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let protocols = offered(pairs).map_err(|error| AppError::Invalid(error.to_string()))?;
        headers.retain(|(name, _)| name != "sec-websocket-protocol");
        headers.extend(protocols.map(|protocols| ("sec-websocket-protocol".to_owned(), protocols.into_bytes())));
        let one = |name: &'static str| request.parameter(name).next().unwrap_or_default().to_owned();
        let words = request.parameter("command").take(WORDS_MAX).map(|word| word.chars().take(WORD_MAX).collect());
        let user_id = match &ctx.actor {
            Actor::User { id, .. } => Some(*id),
            _ => None,
        };
        Ok(Some(Recording {
            id: RecordingId::new(),
            kind: RecordingKind::KubectlExec,
            cluster: cluster.name.to_string(),
            namespace: place.namespace,
            pod: place.pod,
            container: place.container.unwrap_or_else(|| one("container")),
            command: words.collect(),
            tty: matches!(one("tty").as_str(), "1" | "true" | "t" | "T" | "TRUE" | "True"),
            user_id,
            user_name: ctx.actor.name().to_owned(),
            request_id: ctx.request_id,
            started_at: ctx.now,
            ended_at: None,
            ending: None,
            exit_code: None,
            progress: RecordingProgress { cols: 80, rows: 24, ..RecordingProgress::default() },
        }))
    }

    /// Stores the beginning of a recording with the entry of its request, which names it.
    pub(super) async fn recording_begin(&self, recording: &Recording, entry: &AuditEntry) -> Result<(), Refused> {
        self.store.recording_insert(recording, entry).await?;
        self.recorder.announce(entry.clone());
        Ok(())
    }

    /// The session that the API server's answer began; without one there is nothing to keep.
    ///
    /// # Errors
    /// When the answer begins something that cannot be recorded.
    pub(super) async fn recording_answered(
        self: &Arc<Self>,
        ctx: &Ctx,
        recording: Recording,
        response: Option<&KubernetesResponse>,
    ) -> Result<Option<Session>, Refused> {
        let Some(response) = response.filter(|response| response.status == 101) else {
            self.store.recording_forget(recording.id).await?;
            return Ok(None);
        };
        let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        match Protocol::of(headers) {
            Ok(protocol) => Ok(Some(self.record(ctx, recording, Wire::new(protocol)))),
            Err(error) => {
                self.recording_refused(ctx, recording, &error).await;
                Err(Refused::Unreachable(error.to_string()))
            }
        }
    }
}

/// The container that a request opens a session into: the pod's own `exec` and `attach`, and those of a node's kubelet behind its proxy.
fn place(asked: &ResourceRequest) -> Result<Option<Place>, AppError> {
    if !asked.api_group.is_empty() {
        return Ok(None);
    }
    let parts: Vec<&str> = asked.parts.iter().map(String::as_str).collect();
    match (asked.resource.as_str(), asked.subresource.as_str()) {
        ("pods", "exec" | "attach") => Ok(Some(Place { namespace: asked.namespace.clone(), pod: asked.name.clone(), container: None })),
        ("nodes", "proxy") => kubelet(parts.get(3..).unwrap_or_default()),
        ("nodes", _) if asked.verb == "proxy" => kubelet(parts.get(2..).unwrap_or_default()),
        _ => Ok(None),
    }
}

/// A kubelet's own paths: `/exec/NAMESPACE/POD/CONTAINER`, with the pod's UID before the container or without.
fn kubelet(path: &[&str]) -> Result<Option<Place>, AppError> {
    match path {
        ["exec" | "attach", namespace, pod, rest @ ..] => {
            let container = Some(rest.last().copied().unwrap_or_default().to_owned());
            Ok(Some(Place { namespace: (*namespace).to_owned(), pod: (*pod).to_owned(), container }))
        }
        // These run things and answer in a way that is not recorded.
        ["exec" | "attach" | "run" | "cri", ..] => {
            Err(AppError::Invalid("commands are run in containers by exec, which is recorded; not by this way of the kubelet".to_owned()))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, target: &str) -> Result<Option<String>, AppError> {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let request = Request::read(method, path, query).expect("a request");
        let place = request.attributes().resource().map(place).transpose()?.flatten();
        Ok(place.map(|place| format!("{}/{}/{}", place.namespace, place.pod, place.container.unwrap_or_default())))
    }

    #[test]
    fn sessions_are_found_whatever_the_way() {
        let one = |target: &str| found("POST", target).expect("can be recorded").unwrap_or_default();
        assert_eq!(one("/api/v1/namespaces/app/pods/web/exec?command=sh"), "app/web/");
        assert_eq!(one("/api/v1/namespaces/app/pods/web/attach"), "app/web/");
        assert_eq!(one("/api/v1/nodes/n/proxy/exec/app/web/c?command=sh"), "app/web/c");
        assert_eq!(one("/api/v1/nodes/n/proxy/attach/app/web/0-1/c"), "app/web/c");
        assert_eq!(one("/api/v1/nodes/https:n:10250/proxy/exec/app/web/c"), "app/web/c");
        assert_eq!(one("/api/v1/proxy/nodes/n/exec/app/web/c"), "app/web/c");
        for other in [
            "/api/v1/namespaces/app/pods/web/portforward",
            "/api/v1/namespaces/app/pods/web/log",
            "/api/v1/nodes/n/proxy/metrics",
            "/apis/acme.example.org/v1/namespaces/app/pods/web/exec",
        ] {
            assert_eq!(one(other), "", "{other}");
        }
        for refused in ["/api/v1/nodes/n/proxy/run/app/web/c?cmd=id", "/api/v1/nodes/n/proxy/cri/exec/x", "/api/v1/nodes/n/proxy/exec/app"]
        {
            assert!(found("POST", refused).is_err(), "{refused}");
        }
    }
}
