//! What became of commands: kept until central says that it knows.
//!
//! A command is noted before its work begins, so that one that was cut short by a crash of the agent is answered too.

use std::collections::BTreeMap;

use mc_domain::{
    command::{CommandState, CommandUpdate},
    id::CommandId,
};

/// The most results kept; central asks for far fewer at a time.
pub(crate) const RESULTS_MAX: usize = 256;

/// Commands under way and results not yet acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Results {
    known: BTreeMap<CommandId, CommandUpdate>,
}

impl Results {
    /// From what was kept on disk. What was running then was cut short.
    pub(crate) fn restored(kept: impl IntoIterator<Item = (String, String)>) -> Self {
        let known = kept.into_iter().filter_map(|(id, value)| {
            let (state, text) = value.split_once('\n')?;
            let id = id.parse().ok()?;
            let update = match CommandState::from_text(state)? {
                CommandState::Running => CommandUpdate {
                    id,
                    state: CommandState::Failed,
                    text: "the agent was restarted while it worked on this; check the workload".to_owned(),
                },
                state => CommandUpdate { id, state, text: text.to_owned() },
            };
            Some((id, update))
        });
        Self { known: known.collect() }
    }

    /// How an update is kept on disk.
    pub(crate) fn encoded(update: &CommandUpdate) -> String {
        format!("{}\n{}", update.state.as_str(), update.text)
    }

    /// Notes an update; `false` when there is no room for a new command.
    pub(crate) fn put(&mut self, update: CommandUpdate) -> bool {
        let room = self.known.len() < RESULTS_MAX || self.known.contains_key(&update.id);
        if room {
            self.known.insert(update.id, update);
        }
        room
    }

    /// Central knows this state: a final one is forgotten. Returns whether it was.
    pub(crate) fn acknowledge(&mut self, id: CommandId, state: CommandState) -> bool {
        let done = self.known.get(&id).is_some_and(|update| update.state == state && state.is_final());
        if done {
            self.known.remove(&id);
        }
        done
    }

    /// Every command that is under way or has an unacknowledged result.
    pub(crate) fn unfinished(&self) -> Vec<CommandUpdate> {
        self.known.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(state: CommandState) -> CommandUpdate {
        CommandUpdate { id: CommandId::new(), state, text: "x\ny".into() }
    }

    #[test]
    fn results_stay_until_their_state_is_acknowledged() {
        let mut results = Results::default();
        let done = update(CommandState::Done);
        assert!(results.put(done.clone()));
        assert!(!results.acknowledge(done.id, CommandState::Running), "an old acknowledgement changes nothing");
        assert_eq!(results.unfinished(), std::slice::from_ref(&done));
        assert!(results.acknowledge(done.id, CommandState::Done));
        assert!(results.unfinished().is_empty());
    }

    #[test]
    fn a_running_command_is_not_forgotten_by_an_acknowledgement() {
        let mut results = Results::default();
        let running = update(CommandState::Running);
        results.put(running.clone());
        assert!(!results.acknowledge(running.id, CommandState::Running));
        assert_eq!(results.unfinished().len(), 1);
    }

    #[test]
    fn what_ran_when_the_agent_died_has_failed() {
        let (running, done) = (update(CommandState::Running), update(CommandState::Done));
        let kept = [&running, &done].map(|update| (update.id.to_string(), Results::encoded(update)));
        let restored = Results::restored(kept.into_iter().chain([("nonsense".into(), "x".into())])).unfinished();
        assert_eq!(restored.len(), 2);
        assert!(restored.iter().any(|update| update.id == running.id && update.state == CommandState::Failed));
        assert!(restored.contains(&done));
    }

    #[test]
    fn there_is_a_bound() {
        let mut results = Results::default();
        let kept = (0..RESULTS_MAX + 10).filter(|_| results.put(update(CommandState::Done))).count();
        assert_eq!(kept, RESULTS_MAX);
    }
}
