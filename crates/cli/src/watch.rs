//! Waiting for commands to end: live events where they can be had, a slow look at what is left in any case.

use std::{collections::BTreeMap, time::Duration};

use mc_api::{command::Command, event::EventFrame};
use mc_client::{Client, Error, EventStream};
use mc_domain::{event::EventKind, id::CommandId};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

/// How often commands are looked at while live events arrive, and while none do.
const LOOK_WITH_EVENTS: Duration = Duration::from_secs(3);
const LOOK_WITHOUT: Duration = Duration::from_millis(700);
/// Commands looked at each time; the others have their turn next.
const LOOK_AT: usize = 50;

/// A watch over commands. Open it before they are asked for, so that nothing is missed.
pub(crate) struct Watch {
    client: Client,
    events: Option<EventStream>,
}

impl Watch {
    /// Subscribes. Without live events (a proxy in between, an old server) it still works, a little later each time.
    pub(crate) async fn open(client: &Client) -> Self {
        Self { client: client.clone(), events: client.event_follow(None).await.ok() }
    }

    /// Waits until all have ended or the deadline passes; answers the newest state of each. `seen` is told of every change.
    pub(crate) async fn until_ended(
        mut self,
        ids: &[CommandId],
        deadline: Instant,
        mut seen: impl FnMut(&BTreeMap<CommandId, Command>),
    ) -> Result<BTreeMap<CommandId, Command>, Error> {
        let mut known = BTreeMap::new();
        let mut ticks = interval(if self.events.is_some() { LOOK_WITH_EVENTS } else { LOOK_WITHOUT });
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turn = 0;
        loop {
            let open: Vec<CommandId> = ids.iter().copied().filter(|id| !known.get(id).is_some_and(ended)).collect();
            if open.is_empty() {
                return Ok(known);
            }
            let step = async {
                tokio::select! {
                    news = heard(&mut self.events) => Ok(news),
                    _ = ticks.tick() => look(&self.client, &open, turn).await.map(Some),
                }
            };
            let Ok(news) = timeout_at(deadline, Box::pin(step)).await else { return Ok(known) };
            match news {
                Ok(Some(commands)) => {
                    turn = turn.wrapping_add(1);
                    for command in commands.into_iter().filter(|command| ids.contains(&command.id)) {
                        known.insert(command.id, command);
                    }
                    seen(&known);
                }
                Ok(None) => {
                    self.events = None;
                    ticks = interval(LOOK_WITHOUT);
                }
                // The server went away for a moment: the commands live on there, so the waiting does too.
                Err(Error::Unreachable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn ended(command: &Command) -> bool {
    command.state.is_final()
}

/// The commands of the next frame; `None` when the stream is over. Without a stream it waits for ever.
async fn heard(events: &mut Option<EventStream>) -> Option<Vec<Command>> {
    let Some(stream) = events else { return std::future::pending().await };
    match stream.next().await {
        Ok(Some(EventFrame::Events { events, .. })) => {
            let commands = events.iter().filter(|event| event.kind == EventKind::CommandChanged);
            Some(commands.filter_map(|event| serde_json::from_str(event.data.get()).ok()).collect())
        }
        Ok(Some(EventFrame::Hello { .. })) => Some(Vec::new()),
        Ok(None) | Err(_) => None,
    }
}

async fn look(client: &Client, open: &[CommandId], turn: usize) -> Result<Vec<Command>, Error> {
    let first = turn.wrapping_mul(LOOK_AT) % open.len().max(1);
    let mut commands = Vec::new();
    for id in open.iter().cycle().skip(first).take(LOOK_AT.min(open.len())) {
        commands.push(client.command_show(*id).await?);
    }
    Ok(commands)
}
