//! Commands that have no result yet, in memory: what is asked of them most, how far each has come, is answered without the database.
//!
//! Progress is told at once and stored a little later, many steps in one write: it may be lost with the process, a result never is.

use std::time::{Duration, Instant};

use dashmap::DashMap;
use mc_domain::{
    command::{Command, CommandState},
    id::{AgentId, CommandId},
    time::Time,
};
use mc_store::Store;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::AppError;

/// Progress of one command is told this often for as long as it goes on.
const PROGRESS_EVERY: Duration = Duration::from_millis(300);
/// So many steps may come at once before that: the few of an ordinary command are all seen, however quick they are.
const PROGRESS_BURST: u32 = 10;

struct Open {
    command: Command,
    /// Whether the database does not know yet how far it has come.
    unsaved: bool,
    /// Until when steps were told in advance.
    paid_until: Instant,
    /// Dropped with the command, which cancels its token for whoever waits.
    ended: DropGuard,
}

/// The open commands.
pub(crate) struct OpenCommands(DashMap<CommandId, Open>);

impl OpenCommands {
    pub(crate) async fn load(store: &Store) -> Result<Self, AppError> {
        let open = Self(DashMap::new());
        for command in store.command_open().await? {
            open.insert(command);
        }
        Ok(open)
    }

    pub(crate) fn insert(&self, command: Command) {
        self.0
            .insert(command.id, Open { command, unsaved: false, paid_until: Instant::now(), ended: CancellationToken::new().drop_guard() });
    }

    pub(crate) fn get(&self, id: CommandId) -> Option<Command> {
        self.0.get(&id).map(|open| open.command.clone())
    }

    /// Cancelled when the command has its result, which can be read then; `None` when it is not open.
    pub(crate) fn ended(&self, id: CommandId) -> Option<CancellationToken> {
        self.0.get(&id).map(|open| open.ended.token().clone())
    }

    /// Notes a step. The command as it is now, when there is room to tell of it: what comes faster than people read is left out.
    pub(crate) fn progress(&self, id: CommandId, text: &str) -> Option<Command> {
        let now = Instant::now();
        let mut open = self.0.get_mut(&id)?;
        open.command.state = CommandState::Running;
        text.clone_into(&mut open.command.progress);
        open.unsaved = true;
        let then = open.paid_until.max(now) + PROGRESS_EVERY;
        if then.duration_since(now) > PROGRESS_EVERY * PROGRESS_BURST {
            return None;
        }
        open.paid_until = then;
        Some(open.command.clone())
    }

    /// How far those have come of which the database does not know yet; from here on they count as saved.
    pub(crate) fn take_unsaved(&self) -> Vec<(CommandId, String)> {
        let take = |mut open: dashmap::mapref::multiple::RefMutMulti<'_, CommandId, Open>| {
            std::mem::take(&mut open.unsaved).then(|| (*open.key(), open.command.progress.clone()))
        };
        self.0.iter_mut().filter_map(take).collect()
    }

    /// Those could not be saved after all.
    pub(crate) fn still_unsaved(&self, ids: impl IntoIterator<Item = CommandId>) {
        for id in ids {
            if let Some(mut open) = self.0.get_mut(&id) {
                open.unsaved = true;
            }
        }
    }

    pub(crate) fn close(&self, id: CommandId) {
        self.0.remove(&id);
    }

    pub(crate) fn of(&self, agent: AgentId) -> Vec<Command> {
        self.0.iter().filter(|open| open.command.agent_id == agent).map(|open| open.command.clone()).collect()
    }

    pub(crate) fn overdue(&self, now: Time) -> Vec<Command> {
        self.0.iter().filter(|open| open.command.deadline < now).map(|open| open.command.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{command::CommandAction, id::RequestId};

    use super::*;

    fn command() -> Command {
        Command {
            id: CommandId::new(),
            agent_id: AgentId::new(),
            agent_name: "web".to_owned(),
            action: CommandAction::Restart,
            reason: String::new(),
            user_id: None,
            actor_name: "u".to_owned(),
            request_id: RequestId::new(),
            state: CommandState::Sent,
            progress: String::new(),
            result: String::new(),
            created_at: Time::from_micros(0),
            finished_at: None,
            deadline: Time::from_micros(1),
        }
    }

    #[test]
    fn a_flood_of_steps_is_thinned_and_the_last_one_is_saved() {
        let open = OpenCommands(DashMap::new());
        let command = command();
        open.insert(command.clone());
        let told = (0..1_000).filter(|n| open.progress(command.id, &format!("step {n}")).is_some()).count();
        assert!((10..100).contains(&told), "{told}");
        assert_eq!(open.take_unsaved(), [(command.id, "step 999".to_owned())]);
        assert_eq!(open.take_unsaved(), []);
        open.still_unsaved([command.id, CommandId::new()]);
        assert_eq!(open.take_unsaved().len(), 1);
        let now = open.get(command.id).expect("open");
        assert_eq!((now.state, now.progress.as_str()), (CommandState::Running, "step 999"));
        open.close(command.id);
        assert!(open.get(command.id).is_none() && open.progress(command.id, "late").is_none());
    }
}
