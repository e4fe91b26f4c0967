//! The calls of agents: join, renew, connect, and the tunnels they were asked for.

use std::{sync::Arc, time::Duration};

use mc_app::{
    App,
    fleet::{
        join::{JoinWish, Proof},
        link::Ears,
    },
};
use mc_domain::workload::AgentKind;
use mc_wire::{
    convert::cut,
    v1::{self, agent_link_server::AgentLink, tunnel_frame::Frame},
};
use secrecy::ExposeSecret;
use tokio_stream::{StreamExt, adapters::Map, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

use super::{
    connection::{Doorman, Peer},
    refusal::status,
};

/// The longest certificate request taken, in bytes.
const CSR_MAX: usize = 8 * 1024;

/// The frames of one link, as tonic sends them.
type Frames = Map<ReceiverStream<mc_hub::Outgoing>, fn(mc_hub::Outgoing) -> Result<v1::ServerFrame, Status>>;

/// The frames of one tunnel, as tonic sends them.
type TunnelFrames = Map<ReceiverStream<v1::TunnelFrame>, fn(v1::TunnelFrame) -> Result<v1::TunnelFrame, Status>>;

/// How long the hello of a tunnel may take.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// The agents' service.
pub(super) struct Service {
    app: Arc<App>,
    ears: Arc<Ears>,
    doorman: Arc<Doorman>,
}

impl Service {
    pub(super) fn new(app: Arc<App>, doorman: Arc<Doorman>) -> Self {
        Self { ears: Arc::new(Ears(Arc::clone(&app))), app, doorman }
    }

    /// Which agent calls, by its certificate or its key.
    async fn caller<T>(&self, request: &Request<T>, peer: &Peer) -> Result<mc_domain::id::AgentId, Status> {
        let key = request.metadata().get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let proof = match (&peer.certificate, key) {
            (Some(Ok(certificate)), _) => Proof::Certificate(certificate.clone()),
            (Some(Err(_)), _) | (None, None) => Proof::Nothing,
            (None, Some(key)) => Proof::ApiKey(key.to_owned().into()),
        };
        let known = self.app.agent_recognise(&self.doorman.ctx(peer.address), proof).await.map_err(|refused| {
            if let Some(what) = refused.audited {
                self.doorman.audit(peer.address, &what);
            }
            status(&refused.error)
        })?;
        peer.is_known();
        Ok(known)
    }
}

fn peer<T>(request: &Request<T>) -> Result<Peer, Status> {
    request.extensions().get::<Peer>().cloned().ok_or_else(|| Status::internal("the connection has no peer"))
}

#[tonic::async_trait]
impl AgentLink for Service {
    async fn join(&self, request: Request<v1::JoinRequest>) -> Result<Response<v1::JoinResponse>, Status> {
        let peer = peer(&request)?;
        if !self.doorman.may_join(peer.address) {
            return Err(Status::resource_exhausted("too many tries to join from this address: wait a minute"));
        }
        let asked = request.into_inner();
        if asked.csr_der.len() > CSR_MAX {
            return Err(Status::invalid_argument("the certificate request is too large"));
        }
        let identity = asked.identity.unwrap_or_default();
        let wish = JoinWish {
            token: asked.token.into(),
            name: cut(&asked.name, 64),
            csr: asked.csr_der,
            tags: asked.tags,
            kind: AgentKind::from_text(&identity.kind),
            identity: (&identity).into(),
        };
        let (app, ctx) = (Arc::clone(&self.app), self.doorman.ctx(peer.address));
        // Finished also when the agent hangs up meanwhile: half of it may be stored already.
        let joined =
            tokio::spawn(async move { app.agent_join(&ctx, wish).await }).await.map_err(|_| Status::internal("the join was cut off"))?;
        let joined = joined.map_err(|error| {
            if matches!(error, mc_app::AppError::Unauthenticated { .. }) {
                self.doorman.audit(peer.address, &format!("join refused: {error}"));
            }
            status(&error)
        })?;
        Ok(Response::new(v1::JoinResponse {
            agent_id: joined.agent.to_string(),
            name: joined.name,
            certificate_pem: joined.certificate_pem.unwrap_or_default(),
            ca_pem: self.app.ca_bundle(),
            api_key: joined.api_key.map(|key| key.expose_secret().to_owned()).unwrap_or_default(),
        }))
    }

    async fn renew(&self, request: Request<v1::RenewRequest>) -> Result<Response<v1::RenewResponse>, Status> {
        let peer = peer(&request)?;
        let agent = self.caller(&request, &peer).await?;
        let csr = request.into_inner().csr_der;
        if csr.len() > CSR_MAX {
            return Err(Status::invalid_argument("the certificate request is too large"));
        }
        let (app, ctx) = (Arc::clone(&self.app), self.doorman.ctx(peer.address));
        let renewed = tokio::spawn(async move { app.agent_renew(&ctx, agent, &csr).await }).await;
        let certificate_pem = renewed.map_err(|_| Status::internal("the renewal was cut off"))?.map_err(|error| status(&error))?;
        Ok(Response::new(v1::RenewResponse { certificate_pem, ca_pem: self.app.ca_bundle() }))
    }

    type ConnectStream = Frames;

    async fn connect(&self, request: Request<Streaming<v1::AgentFrame>>) -> Result<Response<Self::ConnectStream>, Status> {
        let peer = peer(&request)?;
        let agent = self.caller(&request, &peer).await?;
        let frames = mc_hub::run(Arc::clone(self.app.hub()), Arc::clone(&self.ears), agent, peer.address.to_string(), request.into_inner());
        let unboxed: fn(mc_hub::Outgoing) -> Result<v1::ServerFrame, Status> = |frame| Ok(*frame);
        Ok(Response::new(ReceiverStream::new(frames).map(unboxed)))
    }
    type TunnelStream = TunnelFrames;

    async fn tunnel(&self, request: Request<Streaming<v1::TunnelFrame>>) -> Result<Response<Self::TunnelStream>, Status> {
        let peer = peer(&request)?;
        let agent = self.caller(&request, &peer).await?;
        let mut frames = request.into_inner();
        let first = tokio::time::timeout(HELLO_WITHIN, frames.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("a tunnel begins with its hello"))??;
        let outgoing = match first.and_then(|first| first.frame) {
            Some(Frame::Hello(id)) => self.app.hub().tunnel_arrived(agent, &id, frames),
            Some(Frame::Door(run)) => self.app.hub().door_arrived(agent, &run, frames),
            _ => return Err(Status::invalid_argument("a tunnel begins with its hello")),
        };
        let outgoing = outgoing.ok_or_else(|| Status::not_found("nobody waits for this tunnel"))?;
        let sent: fn(v1::TunnelFrame) -> Result<v1::TunnelFrame, Status> = Ok;
        Ok(Response::new(ReceiverStream::new(outgoing).map(sent)))
    }
}
