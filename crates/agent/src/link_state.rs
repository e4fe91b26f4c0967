//! When to dial again: a pure state machine with full jitter. It never gives up and never storms.

use std::time::Duration;

/// The first bound of the wait; it doubles from try to try.
const FIRST: Duration = Duration::from_millis(500);
/// The largest bound of the wait.
const LONGEST: Duration = Duration::from_secs(30);
/// A link that held this long makes the next loss a first one.
const STEADY: Duration = Duration::from_secs(60);
/// Between these, an agent that was removed asks again, in case it was a mistake.
const REMOVED: (Duration, Duration) = (Duration::from_secs(10 * 60), Duration::from_secs(15 * 60));
/// Between these, one whose credential is refused asks again: what is wrong is not put right in seconds.
const REFUSED: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(120));
/// Two agents with one identity must not push each other out in turns.
const CLONED: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(60));

/// How a try to link, or a link, ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Central could not be reached, or the link broke.
    Lost,
    /// Begin a new link with a new hello, at once.
    HelloAgain,
    /// Central asks to come back within this time.
    ShuttingDown(Duration),
    /// Central asks to slow down.
    Busy,
    /// The credential is refused.
    Refused,
    /// The agent was removed, or speaks no common version: nothing but a person can change that.
    Removed,
    /// This identity is linked from elsewhere.
    Cloned,
}

/// Remembers the tries since the last steady link.
#[derive(Debug, Default)]
pub(crate) struct Reconnect {
    tries: u32,
}

impl Reconnect {
    /// How long to wait after an end. `held` is how long the link was up (zero if never) and `roll` a random number of 0 to 1.
    pub(crate) fn wait(&mut self, ended: &Ended, held: Duration, roll: f64) -> Duration {
        if held >= STEADY {
            self.tries = 0;
        }
        match ended {
            Ended::Lost => self.full_jitter(roll),
            Ended::Busy => {
                self.tries = self.tries.max(4);
                self.full_jitter(roll)
            }
            // Once at once; a server that keeps asking is backed off from like one that fails.
            Ended::HelloAgain if self.tries == 0 => {
                self.tries = 1;
                Duration::ZERO
            }
            Ended::HelloAgain => self.full_jitter(roll),
            Ended::ShuttingDown(within) => {
                let asked = within.min(&LONGEST).mul_f64(roll);
                // A server that keeps shutting down, or names no time, is backed off from like one that fails.
                let backoff = if self.tries == 0 && !within.is_zero() { Duration::ZERO } else { self.full_jitter(roll) };
                self.tries = self.tries.max(1);
                asked.max(backoff)
            }
            Ended::Refused => between(REFUSED, roll),
            Ended::Removed => between(REMOVED, roll),
            Ended::Cloned => between(CLONED, roll),
        }
    }

    fn full_jitter(&mut self, roll: f64) -> Duration {
        let bound = FIRST.saturating_mul(2_u32.saturating_pow(self.tries)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        bound.mul_f64(roll)
    }
}

fn between((from, to): (Duration, Duration), roll: f64) -> Duration {
    from + (to - from).mul_f64(roll)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_end() -> impl Strategy<Value = Ended> {
        prop_oneof![
            5 => Just(Ended::Lost),
            1 => Just(Ended::HelloAgain),
            1 => (0_u64..1_000_000).prop_map(|ms| Ended::ShuttingDown(Duration::from_millis(ms))),
            1 => Just(Ended::Busy),
            1 => Just(Ended::Refused),
            1 => Just(Ended::Removed),
            1 => Just(Ended::Cloned),
        ]
    }

    #[test]
    fn bounds_double_from_half_a_second_to_half_a_minute() {
        let mut state = Reconnect::default();
        let bounds: Vec<f64> = (0..9).map(|_| state.wait(&Ended::Lost, Duration::ZERO, 1.0).as_secs_f64()).collect();
        assert_eq!(bounds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn a_removed_agent_asks_every_ten_to_fifteen_minutes() {
        let mut state = Reconnect::default();
        for (roll, minutes) in [(0.0, 10), (1.0, 15)] {
            assert_eq!(state.wait(&Ended::Removed, Duration::ZERO, roll), Duration::from_secs(minutes * 60));
        }
    }

    proptest! {
        #[test]
        fn it_never_gives_up(ends in prop::collection::vec((any_end(), 0_u64..300, 0.0_f64..=1.0), 1..300)) {
            let mut state = Reconnect::default();
            for (end, held, roll) in ends {
                prop_assert!(state.wait(&end, Duration::from_secs(held), roll) <= REMOVED.1);
            }
        }

        #[test]
        fn the_jitter_is_full(before in 0_u32..50, roll in 0.0_f64..=1.0) {
            let mut state = Reconnect { tries: before };
            let bound = Reconnect { tries: before }.wait(&Ended::Lost, Duration::ZERO, 1.0);
            let wait = state.wait(&Ended::Lost, Duration::ZERO, roll);
            // From zero to the bound in proportion to the roll: many agents that lost central at once come back evenly spread.
            prop_assert!((wait.as_secs_f64() - bound.as_secs_f64() * roll).abs() < 1e-6);
        }

        #[test]
        fn it_never_storms(ends in prop::collection::vec(any_end(), 50..200)) {
            // At an average roll, short-lived links are tried no more than some twenty times in the first minute, whatever central says.
            let mut state = Reconnect::default();
            let mut clock = Duration::ZERO;
            let mut tries = 0;
            for end in ends {
                clock += state.wait(&end, Duration::ZERO, 0.5);
                if clock > Duration::from_secs(60) {
                    break;
                }
                tries += 1;
            }
            prop_assert!(tries <= 20, "{tries} tries in a minute");
        }

        #[test]
        fn a_steady_link_resets(tries in 0_u32..100, held in 60_u64..1_000) {
            let mut state = Reconnect { tries };
            prop_assert!(state.wait(&Ended::Lost, Duration::from_secs(held), 1.0) <= FIRST);
            let mut other = Reconnect { tries: tries.max(1) };
            prop_assert!(other.wait(&Ended::Lost, Duration::from_secs(held.min(59)), 1.0) > FIRST);
        }
    }
}
