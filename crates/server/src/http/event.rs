//! Live events over a WebSocket. A slow page slows nobody: it reads from the bus at its own pace and gets the last word on each thing.

use std::{fmt::Write, sync::Arc, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use mc_api::{event::EventFrame, problem::Problem};
use mc_app::Change;
use mc_bus::{Batch, Event, Listener};
use mc_domain::ctx::Ctx;
use serde::Deserialize;
use tokio::time::{Instant, interval_at, sleep, timeout};
use utoipa::IntoParams;

use super::{
    Http,
    caller::{AccessToken, Caller},
    problem::Refusal,
    query::Query,
    request,
};

/// Events gathered before they are sent, so that many make one frame.
const GATHER: Duration = Duration::from_millis(20);
/// Events in one frame.
const TOGETHER: usize = 1_024;
/// How often a silent page is asked whether it lives.
const PING: Duration = Duration::from_secs(20);
/// How often the caller's session and role are looked at again.
const RECHECK: Duration = Duration::from_secs(5);
/// How long a page may take to read one frame.
const SEND_WITHIN: Duration = Duration::from_secs(30);
/// The WebSocket close code for a session that has ended.
const SESSION_ENDED: u16 = 4401;

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct EventQuery {
    /// `EPOCH:SEQ` of the last frame that arrived.
    since: Option<String>,
}

/// Follow live events (WebSocket). Frames are JSON text: first `{"type":"hello",…}`, then `{"type":"events",…}`.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventQuery),
    responses((status = 101, description = "The connection is a WebSocket now"), (status = 401, body = Problem)))]
pub(crate) async fn event_follow(
    State(http): State<Http>,
    Caller(ctx): Caller,
    AccessToken(token): AccessToken,
    Query(query): Query<EventQuery>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|_| Refusal::invalid("this path speaks WebSocket only"))?;
    let since = query.since.as_deref().and_then(|since| since.split_once(':')).and_then(|(epoch, seq)| Some((epoch, seq.parse().ok()?)));
    let listener = http.app().event_follow(&ctx, since)?;
    Ok(upgrade.max_message_size(4_096).on_upgrade(move |socket| async move {
        Follower { http, socket, token, ctx, stood: Stood::default() }.run(listener).await;
    }))
}

struct Follower {
    http: Http,
    socket: WebSocket,
    token: String,
    ctx: Ctx,
    stood: Stood,
}

/// How things stood when the caller was looked at last.
#[derive(Clone, Copy, Default)]
struct Stood {
    /// All roles and assignments.
    epoch: Option<(u64, usize, u64)>,
    /// What the caller's own say.
    footing: u64,
}

/// The page is gone, or must go.
struct Gone;

impl Follower {
    async fn run(mut self, mut listener: Listener<Change>) {
        let resumed = listener.resumed();
        if !resumed {
            listener.skip();
        }
        if self.recheck().await.is_ok() && self.hello(listener.seen(), resumed).await.is_ok() {
            while self.step(&mut listener).await.is_ok() {}
        }
    }

    async fn hello(&mut self, seq: u64, resumed: bool) -> Result<(), Gone> {
        let epoch = self.http.app().event_epoch().to_owned();
        let frame = serde_json::to_string(&EventFrame::Hello { epoch, seq, resumed }).map_err(|_| Gone)?;
        self.send(Message::text(frame)).await
    }

    /// Waits for what comes next and deals with it.
    async fn step(&mut self, listener: &mut Listener<Change>) -> Result<(), Gone> {
        let mut ping = interval_at(Instant::now() + PING, PING);
        let mut recheck = interval_at(Instant::now() + RECHECK, RECHECK);
        loop {
            tokio::select! {
                () = listener.changed() => break,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                    Some(Ok(_)) => {}
                },
                _ = ping.tick() => self.send(Message::Ping(Vec::new().into())).await?,
                _ = recheck.tick() => if self.recheck().await? {
                    listener.skip();
                    return self.hello(listener.seen(), false).await;
                },
                () = self.http.0.draining.clone().cancelled_owned() => return self.close(1012, "the server is restarting").await,
            }
        }
        sleep(GATHER).await;
        let batch = listener.take(TOGETHER);
        let (app, now) = (self.http.app(), self.http.app().now());
        // Looked at after the events were taken: what they say is judged by roles at least as new as they are.
        let due = now.since(self.ctx.now) > RECHECK || self.stood.epoch != Some(app.access_epoch(now));
        if due && self.recheck().await? {
            return self.hello(listener.seen(), false).await;
        }
        match batch {
            Batch::Lost { seq } => self.hello(seq, false).await,
            Batch::Events { seq, events } => match self.frame(seq, &events) {
                Some(frame) => self.send(Message::text(frame)).await,
                None => Ok(()),
            },
        }
    }

    /// Sessions end, and roles change or end, while a page is open. True when what the page shows was judged otherwise: it is to read
    /// everything anew.
    async fn recheck(&mut self) -> Result<bool, Gone> {
        let app = self.http.app();
        // Read before the roles are, so that a change in between is found the next time.
        let epoch = app.access_epoch(app.now());
        match app.authenticate_again(&self.token, request::current_id(), self.ctx.address.clone()).await {
            Ok(ctx) => {
                let footing = app.access_footing(&ctx.actor);
                let anew = self.stood.epoch.is_some() && footing != self.stood.footing;
                (self.ctx, self.stood) = (ctx, Stood { epoch: Some(epoch), footing });
                Ok(anew)
            }
            Err(mc_app::AppError::Unauthenticated { .. }) => self.close(SESSION_ENDED, "the session has ended").await.map(|()| false),
            // A database that is away for a moment ends no session; but roles that are not known any more show nothing.
            Err(_) => Ok(self.stood.epoch != Some(epoch)),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Gone> {
        // The page may be gone already.
        let _ = self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        Err(Gone)
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(SEND_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }

    /// One frame with the events the caller may see; `None` when there are none.
    fn frame(&self, seq: u64, events: &[Event<Change>]) -> Option<String> {
        let sight = self.http.app().event_sight(&self.ctx);
        let mut out = format!("{{\"type\":\"events\",\"seq\":{seq},\"events\":[");
        let empty = out.len();
        for event in events.iter().filter(|event| sight.sees(event.kind, &event.payload)) {
            if out.len() > empty {
                out.push(',');
            }
            let data = event.rendered.get_or_init(|| render(&event.payload, self.http.app().now()));
            let kind = serde_json::to_string(&event.kind).unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(out, "{{\"seq\":{},\"kind\":{kind},\"data\":{data}}}", event.seq);
        }
        if out.len() == empty {
            return None;
        }
        out.push_str("]}");
        Some(out)
    }
}

/// A change as the API's type for that thing.
fn render(change: &Change, now: mc_domain::time::Time) -> Arc<str> {
    #[derive(serde::Serialize)]
    struct Removed {
        id: mc_domain::id::AgentId,
    }
    #[derive(serde::Serialize)]
    struct Stats {
        id: mc_domain::id::AgentId,
        cpu_percent: f64,
        memory_used_bytes: f64,
        memory_total_bytes: f64,
    }
    #[derive(serde::Serialize)]
    struct Named<'a> {
        name: &'a str,
    }
    let json = match change {
        Change::Agent(view) => serde_json::to_string(&super::agent::agent(view, now)),
        Change::AgentRemoved(agent) | Change::AgentHidden { now: agent, .. } => serde_json::to_string(&Removed { id: agent.id }),
        Change::AgentStats(id, stats) => serde_json::to_string(&Stats {
            id: *id,
            cpu_percent: stats.cpu_percent,
            memory_used_bytes: stats.memory_used_bytes,
            memory_total_bytes: stats.memory_total_bytes,
        }),
        Change::Command(command) => serde_json::to_string(&mc_api::command::Command::from((**command).clone())),
        Change::Audit(entry) => serde_json::to_string(&mc_api::audit::AuditEntry::from((**entry).clone())),
        Change::JoinToken(token) => serde_json::to_string(&mc_api::join_token::JoinToken::from((**token).clone())),
        Change::User(user) => serde_json::to_string(&super::user::shown((**user).clone())),
        Change::UserRemoved(id) => serde_json::to_string(&serde_json::json!({ "id": id })),
        Change::Role(name) => serde_json::to_string(&Named { name: name.as_str() }),
        Change::Cluster(view) => serde_json::to_string(&super::cluster::shown(view)),
        Change::ClusterRemoved(name) => serde_json::to_string(&Named { name: name.as_str() }),
        Change::AccessRequest(request) => {
            serde_json::to_string(&serde_json::json!({ "id": request.id, "state": request.state_at(now).as_str() }))
        }
    };
    json.unwrap_or_else(|_| "null".to_owned()).into()
}
