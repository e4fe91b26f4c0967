//! What a [`crate::Gateway`] remembers from one look to the next: which boot it saw, since when each fact stands, the last hello.

use std::time::Duration;

use mc_domain::{
    time::Time,
    workload::{Fact, FactState},
};
use secrecy::SecretString;

use crate::{
    config::{Config, Credential},
    pace::Pace,
    process::Process,
    protocol::Hello,
    state::{HelloFact, Ready},
};

/// Which run of the gateway is looked at. A restart within the process changes the lock's boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The process.
    pub(crate) process: Process,
    /// The boot its lock names, while it holds one.
    pub(crate) boot: Option<String>,
}

/// The last hello.
#[derive(Debug, Clone)]
pub(crate) struct LastHello {
    pub(crate) at: Time,
    /// How ready the gateway was then, without its words.
    pub(crate) ready: std::mem::Discriminant<Ready>,
    pub(crate) fact: HelloFact,
    /// Whether it may well succeed at the next look.
    pub(crate) passing: bool,
}

/// Everything remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) run: Option<Run>,
    pub(crate) process: Option<Process>,
    /// The process that held its lock or served.
    pub(crate) up: Option<Process>,
    /// Whether this run served.
    pub(crate) served: bool,
    /// Since when this run does not serve.
    pub(crate) silent_since: Option<Time>,
    pub(crate) searched_at: Option<Time>,
    /// The configuration as it could last be read.
    pub(crate) config: Config,
    pub(crate) port: Option<u16>,
    pub(crate) version: Option<String>,
    pub(crate) boot_id: Option<String>,
    pub(crate) hello: Option<LastHello>,
    /// What the log said when this run became a zombie.
    pub(crate) last_error: Option<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) started_at: Option<Time>,
}

impl Memory {
    /// Notes which run is looked at. A new one starts with a clean slate: its silence, hello and boot id are its own.
    pub(crate) fn meet(&mut self, run: Option<Run>, taken_at: Option<Time>) {
        if self.run == run {
            return;
        }
        self.served = false;
        self.silent_since = None;
        self.hello = None;
        self.boot_id = None;
        self.last_error = None;
        self.started_at = run.as_ref().and_then(|run| taken_at.or_else(|| run.process.started_at()));
        if let Some(Run { process, boot: Some(_) }) = run {
            self.up = Some(process);
        }
        if let Some(run) = &run {
            self.process = Some(run.process);
        }
        self.run = run;
    }

    /// Notes how ready it is, and returns how long it has not served.
    pub(crate) fn hear(&mut self, serves: bool, now: Time) -> Duration {
        if serves {
            self.served = true;
            self.silent_since = None;
            self.up = self.run.as_ref().map(|run| run.process);
            return Duration::ZERO;
        }
        now.since(*self.silent_since.get_or_insert(now))
    }

    /// Starts the count of silence anew: something was done about it.
    pub(crate) fn forget_silence(&mut self) {
        self.silent_since = None;
        self.last_error = None;
    }

    /// Whether the process that is looked at was seen up.
    pub(crate) fn was_up(&self) -> bool {
        self.up.is_some() && self.up == self.run.as_ref().map(|run| run.process)
    }

    /// Whether it is time for a hello. It costs the gateway something, so: on a new boot, when readiness changed, when the last one
    /// failed in passing, when asked for, and otherwise seldom.
    pub(crate) fn hello_is_due(&self, ready: &Ready, asked: bool, now: Time, pace: &Pace) -> bool {
        match &self.hello {
            None => true,
            Some(last) => asked || last.passing || last.ready != std::mem::discriminant(ready) || now.since(last.at) >= pace.hello_every,
        }
    }

    /// Notes a hello that succeeded.
    pub(crate) fn greet(&mut self, hello: &Hello) {
        if hello.version.is_some() {
            self.version.clone_from(&hello.version);
        }
        self.boot_id.clone_from(&hello.boot_id);
    }

    /// The facts of this look, each with the time since which it stands so.
    pub(crate) fn age(&mut self, facts: [(&'static str, FactState, String); 5], now: Time) -> Vec<Fact> {
        let aged = facts.into_iter().map(|(name, state, detail)| {
            let before = self.facts.iter().find(|fact| fact.name == name && fact.state == state && fact.detail == detail);
            Fact { name: name.to_owned(), state, detail, since: before.map_or(now, |fact| fact.since) }
        });
        self.facts = aged.collect();
        self.facts.clone()
    }

    /// Notes the configuration, and the token the caller gave instead of the file's. A changed credential is tried at once.
    pub(crate) fn configure(&mut self, mut config: Config, token: Option<&SecretString>) {
        if let (Some(token), Credential::Elsewhere) = (token, &config.credential) {
            config.credential = Credential::Token(token.clone());
        }
        if !config.credential.same_as(&self.config.credential) {
            self.hello = None;
        }
        self.config = config;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Time {
        Time::from_micros(secs * 1_000_000)
    }

    #[test]
    fn a_fact_keeps_its_age_until_it_changes() {
        let mut memory = Memory::default();
        let facts = |port: &str| [("process", FactState::Ok, "pid 7".to_owned()), ("port", FactState::Ok, port.to_owned())];
        let look = |memory: &mut Memory, port: &str, now| {
            let [process, port] = facts(port);
            let rest = || ("ready", FactState::Ok, "ready".to_owned());
            memory.age([process, port, rest(), rest(), rest()], now)
        };
        look(&mut memory, "1 open", at(10));
        let later = look(&mut memory, "2 open", at(15));
        assert_eq!((later[0].since, later[1].since), (at(10), at(15)));
    }

    #[test]
    fn a_hello_is_rare_unless_something_changed() {
        let (mut memory, pace) = (Memory::default(), Pace::default());
        assert!(memory.hello_is_due(&Ready::Ready, false, at(0), &pace));
        let ready = std::mem::discriminant(&Ready::Ready);
        memory.hello = Some(LastHello { at: at(0), ready, fact: HelloFact::Fine { suspended: None }, passing: false });
        assert!(!memory.hello_is_due(&Ready::Ready, false, at(59), &pace));
        assert!(memory.hello_is_due(&Ready::Ready, true, at(1), &pace));
        assert!(memory.hello_is_due(&Ready::Draining, false, at(1), &pace));
        assert!(memory.hello_is_due(&Ready::Ready, false, at(60), &pace));
        memory.meet(Some(Run { process: Process { pid: 7, started: 1 }, boot: Some("b".into()) }), None);
        assert!(memory.hello_is_due(&Ready::Ready, false, at(1), &pace), "a new boot is greeted");
    }

    #[test]
    fn a_new_boot_starts_with_a_clean_slate_but_the_process_was_up() {
        let (mut memory, process) = (Memory::default(), Process { pid: 7, started: 1 });
        memory.meet(Some(Run { process, boot: Some("a".into()) }), None);
        memory.hear(true, at(0));
        memory.meet(Some(Run { process, boot: None }), None);
        assert_eq!((memory.served, memory.was_up()), (false, true));
        assert_eq!(memory.hear(false, at(5)), Duration::ZERO);
        assert_eq!(memory.hear(false, at(9)), Duration::from_secs(4));
        memory.meet(Some(Run { process: Process { pid: 8, started: 2 }, boot: None }), None);
        assert!(!memory.was_up());
    }
}
